"""Which sheets are those of a review workbook, whatever happened to them; where their headers stand; what is damaged."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

import polars as pl

from t2t_mapping.errors import InputError, Problem
from t2t_mapping.lexicon.vocabulary import header_key
from t2t_mapping.read import RawTable
from t2t_mapping.read.table import MOST_COLUMNS, Sample
from t2t_mapping.read.text import decode

__all__ = [
    "BY_HAND",
    "HIDDEN",
    "NEEDED",
    "damaged",
    "is_marked",
    "is_review",
    "not_among_review_sheets",
    "placed",
    "refuse_moved_headers",
    "whole_grid",
]

HIDDEN = ("Source key", "Circumstances", "Candidate list")
"""The columns that make a sheet a review sheet, whatever else happened to it."""

_MARKS = tuple(map(header_key, HIDDEN))
NEEDED = {
    header_key(name): name for name in ("Source", "Decision", "Destination", "Note", "Source key", "Circumstances")
}
BY_HAND = ("source", "decision", "destination")  # what a table of decisions made by hand needs
_OURS = frozenset({"whatiswrong", "candidates", "codes", "mappedto", "decision", "whatisknown"})
_WIDEST = 20  # columns of our own sheets, and some to spare
_SAMPLE = 1_000  # rows of a text file that are searched for what only a review sheet holds
_LONGEST_HEADER = 40  # what is longer is a cell of a row that has become the first
_MOST_TITLES = 50  # lines above the headers


def is_review(table: RawTable) -> bool:
    """Whether the sheet is one of a review workbook, or was one before it was damaged; or a table of decisions by hand."""
    keys = {header_key(header) for header in table.headers}
    return (
        not keys.isdisjoint(_MARKS)
        or len(keys & _OURS) > 1
        or keys.issuperset(BY_HAND)
        or (table.sheet is not None and _row_of_headers(table) is not None)
        or _has_circumstances(table.frame if table.sheet is not None else table.frame.head(_SAMPLE))
    )


def whole_grid(headers: Sequence[str], logical: dict[str, str], sample: Sample) -> Sequence[int]:
    """Every column, also beyond the last cell of the first row: that row may be a title above the headers."""
    return range(min(max(len(headers), _WIDEST), MOST_COLUMNS))


def not_among_review_sheets(table: RawTable) -> Problem:
    """A further sheet of a review workbook that would be read as a rule table: its empty cells would exclude people."""
    return Problem(
        "R403",
        "This sheet of a review workbook looks like a rule table, whose empty destinations would exclude people.",
        "Save it as a file of its own and give it with a further --rules, or delete the sheet.",
        side="rules",
        file=table.file,
        sheet=table.sheet,
    )


def refuse_moved_headers(data: bytes, label: str) -> None:
    """In a text file, nothing may stand above the headers of a review sheet.

    Raises:
        InputError: R403 with the line.
    """
    lines = decode(data, label).body.split(b"\n", _MOST_TITLES)[:_MOST_TITLES]
    for number, line in enumerate(lines, 1):
        if {header_key(cell) for cell in re.split(r"[,;\t]", line.decode())}.isdisjoint(_MARKS):
            continue
        if any(other.strip() and not other.lower().startswith(b"sep=") for other in lines[: number - 1]):
            message = f"The headers of this review sheet are on line {number}, below other lines."
            fix = "Delete the lines above the headers, or save the workbook as .xlsx."
            raise InputError(Problem("R403", message, fix, side="rules", file=label, lines=(number,)))
        return


def _cells(frame: pl.DataFrame) -> list[pl.Expr]:
    return [pl.col(name) for name in frame.columns if name != "row"]


def _row_of_headers(table: RawTable) -> int | None:
    """The number of the row that holds the headers, where it is not the first."""
    cells = _cells(table.frame)
    if not cells:
        return None
    names = [name.lower() for name in HIDDEN]
    found = table.frame.filter(
        pl.any_horizontal(cell.str.strip_chars().str.to_lowercase().is_in(names) for cell in cells)
    )
    return found["row"].item(0) if found.height else None


def _has_circumstances(frame: pl.DataFrame) -> bool:
    cells = _cells(frame)
    return (
        bool(cells)
        and frame.select(pl.any_horizontal(cell.str.starts_with('{"source": {').any() for cell in cells)).item() is True
    )


def placed(table: RawTable) -> tuple[list[str], pl.DataFrame]:
    """The headers and the rows below and above them: the header row may have been moved, and rows put above it."""
    frame = table.frame
    columns = frame.columns[1:]
    headers = [table.headers[int(name)] if int(name) < len(table.headers) else "" for name in columns]
    where = None if not {header_key(header) for header in headers}.isdisjoint(_MARKS) else _row_of_headers(table)
    if where is None:
        return headers, frame
    real = frame.row(by_predicate=pl.col("row") == where)[1:]
    first = max(int(frame["row"].min()) - 1, 1)  # type: ignore[arg-type]
    above = pl.DataFrame([(first, *(header or None for header in headers))], schema=frame.schema, orient="row")
    return [cell or "" for cell in real], pl.concat([above, frame.filter(pl.col("row") != where)])


def damaged(table: RawTable, headers: Sequence[str], missing: list[str], twice: list[str]) -> Problem:
    """Why the sheet cannot be used: its header row or a column of it is not what it was."""
    if twice:
        words = f"The sheet has more than one column {' and more than one column '.join(twice)}."
        fix = "Delete the added column, or start again from the workbook of the last run."
    else:
        names = missing[0] if len(missing) == 1 else f"{', '.join(missing[:-1])} and {missing[-1]}"
        words = f"The column{'s' if len(missing) > 1 else ''} {names} of the review sheet {'are' if len(missing) > 1 else 'is'} missing or renamed."
        spare = [
            header
            for header in headers
            if header and len(header) <= _LONGEST_HEADER and header_key(header) not in NEEDED
        ]
        near = [f"{found} to {name}" for name in missing if (found := _renamed(name, spare))]
        rename = f"Rename {', '.join(near)}. " if near else ""
        fix = (
            f"{rename}Give the columns their names back (hidden columns too), or copy the sheet's decisions into the "
            "workbook of the last run. Nothing was decided from this file."
        )
    return Problem("R403", words, fix, side="rules", file=table.file, sheet=table.sheet)


def _renamed(name: str, headers: Sequence[str]) -> str:
    """Which header was probably this one."""
    longer = [header for header in headers if name.lower() in header.lower()]
    return next(iter([*difflib.get_close_matches(name, headers, 1, 0.75), *longer]), "")


def is_marked(keys: Sequence[str], frame: pl.DataFrame) -> bool:
    """Whether these headers and rows are of a sheet that we made, not of a table of decisions made by hand."""
    return not set(keys).isdisjoint(_MARKS) or len(set(keys) & _OURS) > 1 or _has_circumstances(frame)
