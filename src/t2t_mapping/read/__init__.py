"""Bytes in, tables of text out: one reader per container, chosen by content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from t2t_mapping.errors import InputError, Problem
from t2t_mapping.read.columnar import frame_table
from t2t_mapping.read.guard import read_bytes, sniff
from t2t_mapping.read.table import NO_FAULTS, Choose, RawTable, all_columns

__all__ = ["NO_FAULTS", "Choose", "RawTable", "all_columns", "expand", "frame_table", "read_bytes", "read_tables"]

_SUFFIXES = (".xlsx", ".xlsm", ".xls", ".xml", ".csv", ".tsv", ".txt", ".json", ".parquet")


def read_tables(data: bytes, label: str, choose: Choose, *, sheet: str | None = None) -> list[RawTable]:
    """Every table of one file that `choose` wants.

    Raises:
        InputError: I101, when the content is not one of the supported kinds or is damaged.
    """
    kind = sniff(data, label)
    # Each reader is imported by whoever has such a file: together they cost as much time as reading a small one.
    if kind == "xlsx":
        from t2t_mapping.read.xlsx import read_xlsx

        return read_xlsx(data, label, choose, sheet)
    if kind in ("xls", "xlsb", "ods"):
        from t2t_mapping.read.legacy import read_legacy

        return read_legacy(data, label, kind, choose, sheet)
    if kind == "spreadsheetml":
        from t2t_mapping.read.spreadsheetml import read_spreadsheetml

        return read_spreadsheetml(data, label, choose, sheet)
    if kind == "json":
        from t2t_mapping.read.jsonfile import read_json

        return read_json(data, label, choose)
    if kind == "parquet":
        from t2t_mapping.read.columnar import read_parquet

        table = frame_table(read_parquet(data, label), label, choose)
        return [] if table is None else [replace(table, kind="parquet")]
    from t2t_mapping.read.text import read_text

    return read_text(data, label, choose)


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
            reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
            problems.append(Problem("I101", f"The file cannot be read ({reason}).", "Check the path.", file=text))
            continue
        if path.is_dir():
            files = [p for p in path.iterdir() if p.suffix.lower() in _SUFFIXES and not p.name.startswith(("~$", "."))]
            missing = "The folder holds no export (xlsx, xls, xml, csv, tsv, txt, json or parquet)."
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
