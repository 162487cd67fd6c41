"""The mapping that a caller gives, whatever holds it: a file, a run folder, bytes, a file object or a frame → bytes and a name."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import polars as pl

from t2t_mapping.errors import InputError, Problem, UsageError
from t2t_mapping.mapping.dialects import FILE_NAME, HEADER
from t2t_mapping.read import sources
from t2t_mapping.read.guard import read_bytes

__all__ = [
    "LARGEST",
    "AnyMapping",
    "held",
    "in_folder",
    "mapping_data",
    "mapping_path",
    "read_mapping_bytes",
    "rules_beside",
]

AnyMapping = Any
"""A path or anything path-like (also the folder of a run), bytes, `(name, bytes)`, a binary file object, a polars frame
(eager or lazy), anything with the Arrow stream interface, or a list of mappings."""

LARGEST = 1 << 30
"""Bytes. Ten million rows are some 700 MB."""

_COLUMNS = ("source", "destination")


def mapping_path(mapping: AnyMapping) -> Path | None:
    """The file, if a path was given; of a run folder, its mapping.

    Raises:
        InputError: I101 when the folder of a run holds no mapping.
    """
    if not isinstance(mapping, (str, os.PathLike)):
        return None
    path = Path(os.fspath(mapping))
    return in_folder(path) if (path / "run.json").is_file() else path


def in_folder(folder: Path) -> Path:
    """The mapping in the folder of a run.

    Raises:
        InputError: I101 when it holds none; of a plan, its environments are named.
    """
    if (folder / FILE_NAME).exists():
        return folder / FILE_NAME
    inside = sorted(path.parent.name for path in folder.glob(f"*/{FILE_NAME}"))
    fix = (
        f"Name one environment's folder: {', '.join(inside[:5])}."
        if inside
        else "Give a mapping, or the folder of a run."
    )
    raise InputError(Problem("I101", f"The folder holds no {FILE_NAME}.", fix, side="mapping", file=folder.as_posix()))


def mapping_data(mapping: AnyMapping, profile: str, label: str = "mapping") -> tuple[bytes, str]:
    """The bytes of a mapping, and what to call it.

    Args:
        label: What to call one that has no name.

    Raises:
        InputError: I101 when it cannot be read.
        UsageError: It is nothing that holds a mapping.
    """
    path = mapping_path(mapping)
    if path is not None:
        return read_mapping_bytes(path, path.as_posix()), path.as_posix()
    content, name = held(mapping, label)
    return content if isinstance(content, bytes) else _written(content, profile), name


def held(mapping: AnyMapping, label: str = "mapping") -> tuple[bytes | pl.DataFrame, str]:
    """What holds a mapping that is no path, and what to call it.

    Raises:
        UsageError: It is nothing that holds a mapping, or several things.
    """
    given = sources([mapping])
    if len(given) != 1:
        raise UsageError("A mapping is one thing: give a file, its bytes or a table.")
    return given[0].content(whatever=True), given[0].label if given[0].named else label


def _written(frame: pl.DataFrame, profile: str) -> bytes:
    columns = {name.lower(): name for name in frame.columns}
    if not set(_COLUMNS) <= set(columns):
        raise UsageError("The frame needs the columns source and destination.")
    cells = [pl.col(columns[name]).cast(pl.String).fill_null("") for name in _COLUMNS]
    lines = frame.select(line=pl.concat_str(cells, separator=","))["line"]
    header = [HEADER] if profile == "self-service" else []
    return "".join(f"{line}\n" for line in (*header, *lines)).encode()


def read_mapping_bytes(path: Path, label: str) -> bytes:
    """The content of a regular file, whatever it is: a mapping is judged even if it is empty or a workbook.

    Raises:
        InputError: I101 when it is missing, no regular file, cannot be read or is too large.
    """
    if path.is_file() and path.stat().st_size > LARGEST:
        words = f"The file has {path.stat().st_size >> 20:,} MB; a mapping has at most {LARGEST >> 20:,} MB."
        raise InputError(Problem("I101", words, "Name the mapping file.", side="mapping", file=label))
    return read_bytes(path, label, whatever=True)


def rules_beside(mapping: AnyMapping) -> list[Path]:
    """The rule tables that the run of a run folder read, so that what people decided stays decided.

    Raises:
        InputError: I101 when one of them is not there any more.
    """
    if not isinstance(mapping, (str, os.PathLike)):
        return []
    folder = Path(os.fspath(mapping))
    record = folder / "run.json"
    if not record.is_file():
        return []
    try:
        inputs = json.loads(read_bytes(record, record.as_posix())).get("inputs", [])
        files = [Path(item["file"]) for item in inputs if item.get("side") == "rules"]
    except (InputError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        fix = "Give the mapping itself, and the rules with `--rules`."
        raise InputError(Problem("I101", "This run.json cannot be read.", fix, file=record.as_posix())) from None
    # A run elsewhere (another working folder, or a folder that was handed on) may have its rules beside it.
    found = [next((p for p in (file, folder / file, folder / file.name) if p.is_file()), file) for file in files]
    missing = [
        Problem(
            "I101", "The rule table of the run is not there any more.", "Name it with `--rules`.", "rules", p.as_posix()
        )
        for p in found
        if not p.is_file()
    ]
    if missing:
        raise InputError(*missing)
    return found
