"""What a caller may give in the place of a file: paths, bytes, open files, frames of any library, lists of users."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

import polars as pl

from t2t_mapping.errors import InputError, Problem, UsageError
from t2t_mapping.read.columnar import shown
from t2t_mapping.read.guard import read_bytes, unreadable

__all__ = ["Source", "each", "expand", "sources"]

_ENDINGS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".xml", ".csv", ".tsv", ".txt", ".json", ".parquet")
_WHOLE = (str, bytes, bytearray, memoryview, os.PathLike, Mapping, pl.DataFrame, pl.LazyFrame)


@dataclass(frozen=True, eq=False)
class Source:
    """One thing to read: what to call it in messages, and where it is or what is in it.

    Attributes:
        named: Whether that is a name of its own, and not a number.
    """

    label: str
    given: Path | bytes | pl.DataFrame
    named: bool = True

    def content(self, *, whatever: bool = False) -> bytes | pl.DataFrame:
        """Its bytes, read now if it is a file (see `read_bytes`), or the frame."""
        return read_bytes(self.given, self.label, whatever=whatever) if isinstance(self.given, Path) else self.given


def sources(given: object) -> list[Source]:
    """Everything that a caller gave, one by one.

    Args:
        given: One of these, or any iterable of them, nested as it may be: a path, folder or glob (text or path-like);
            bytes; a pair of a name and bytes; a binary file object; a frame of polars, eager or lazy, or of any library
            that has the Arrow stream interface (pandas, pyarrow, duckdb); a list of mappings, one for each row.

    Returns:
        Paths first, sorted and without repetition, then the others in their order. What has no name of its own is
        called by its number.

    Raises:
        InputError: I101 for each path that leads to no file.
        UsageError: for what is none of these.
    """
    paths: list[str] = []
    others: list[Source] = []
    for item in each(given):
        if isinstance(item, (str, os.PathLike)):
            paths.append(os.fsdecode(item))
        else:
            others.append(_source(item, len(others) + 1))
    return [*(Source(label, path) for label, path in expand(paths)), *others]


def each(given: object, whole: tuple[type, ...] = ()) -> Iterator[object]:
    """The things themselves: lists of them are taken apart, lists of rows and whatever is `whole` are not."""
    rows = _rows(given)
    if rows is not None:
        yield rows
    elif (
        isinstance(given, whole + _WHOLE)
        or _named_bytes(given)
        or hasattr(given, "read")
        or hasattr(given, "__arrow_c_stream__")
        or not isinstance(given, Iterable)
    ):
        yield given
    else:
        for item in given:
            yield from each(item, whole)


def _named_bytes(given: object) -> TypeGuard[tuple[str, bytes]]:
    return (
        isinstance(given, tuple)
        and len(given) == 2
        and isinstance(given[0], (str, os.PathLike))
        and isinstance(given[1], (bytes, bytearray, memoryview))
    )


def _rows(given: object) -> pl.DataFrame | None:
    """A list of mappings as a frame of text; None if it is none."""
    if not isinstance(given, Sequence) or not given or not all(isinstance(row, Mapping) for row in given):
        return None
    names = list(dict.fromkeys(str(key) for row in given for key in row))
    texts = [{str(key): shown(value) for key, value in row.items()} for row in given]
    return pl.DataFrame({name: [row.get(name) for row in texts] for name in names}, dict.fromkeys(names, pl.String))


def _source(given: Any, number: int) -> Source:
    if isinstance(given, pl.LazyFrame):
        return Source(f"frame {number}", given.collect(), named=False)
    if isinstance(given, pl.DataFrame):
        return Source(f"frame {number}", given, named=False)
    if isinstance(given, Mapping):
        rows = _rows([given])
        assert rows is not None
        return Source(f"frame {number}", rows, named=False)
    if _named_bytes(given):
        return Source(Path(given[0]).as_posix(), bytes(given[1]))
    if isinstance(given, (bytes, bytearray, memoryview)):
        return Source(f"bytes {number}", bytes(given), named=False)
    if hasattr(given, "read"):
        # An upload of a web framework reads asynchronously, but has the file itself.
        stream = given.file if hasattr(getattr(given, "file", None), "read") else given
        data = stream.read()
        name = _name_of(given)
        return Source(
            name or f"file {number}", data.encode() if isinstance(data, str) else bytes(data), name is not None
        )
    if hasattr(given, "__arrow_c_stream__"):
        return Source(f"frame {number}", pl.DataFrame(given), named=False)
    raise UsageError(
        f"{type(given).__name__} is nothing that can be read: give a path, bytes, a file object, a frame, or a list of these."
    )


def _name_of(file: object) -> str | None:
    """What a file object calls itself; of a temporary file only the last part, since the folder means nothing."""
    for name in (getattr(file, "filename", None), getattr(file, "name", None)):
        if isinstance(name, str) and name:
            path = Path(name)
            return path.name if Path(tempfile.gettempdir()) in path.parents else path.as_posix()
    return None


def expand(paths: Sequence[str | Path]) -> list[tuple[str, Path]]:
    """Files, folders and globs as a list of (label, file), sorted and without repetition.

    A path that exists is taken literally before it is taken as a glob: `[Contoso] users.csv` is a file name. Of a
    folder, the files with a known ending are taken; Office's lock files (`~$…`) and hidden files are not.

    Raises:
        InputError: I101 for each path that leads to no file.
    """
    found: dict[str, Path] = {}
    problems = []
    for given in paths:
        path = Path(given)
        text = str(given)
        if not text.strip():  # an unset variable of a shell; it must not mean the current folder
            problems.append(Problem("I101", "An empty path was given.", "Name the file.", file="(empty)"))
            continue
        try:
            path.stat()
        except (FileNotFoundError, NotADirectoryError):
            pass
        except (OSError, ValueError) as error:  # a name that is too long, or holds a NUL
            problems.append(Problem("I101", unreadable(error), "Check the path.", file=text))
            continue
        if path.is_dir():
            files = [p for p in path.iterdir() if p.suffix.lower() in _ENDINGS and not p.name.startswith(("~$", "."))]
            missing = "The folder holds no export (xlsx, xlsb, xls, ods, xml, csv, tsv, txt, json or parquet)."
        elif path.exists() or path.is_symlink() or not any(c in text for c in "*?["):
            files = [path]
            missing = ""
        else:
            base = Path(path.anchor) if path.anchor else Path()
            pattern = str(path.relative_to(path.anchor)) if path.anchor else text
            files = [p for p in base.glob(pattern) if not p.name.startswith("~$") and not p.is_dir()]
            missing = "No file matches this pattern."
        if not files:
            problems.append(Problem("I101", missing, "Check the path.", file=text))
        for file in files:
            found[file.as_posix()] = file
    if problems:
        raise InputError(*problems)
    return sorted(found.items())
