"""What callers give as rules → tables of text: files of every kind, bytes, frames."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl

from t2t_mapping.errors import InputError, Problem
from t2t_mapping.read import RawTable, all_columns, frame_table, read_bytes, read_tables
from t2t_mapping.read.guard import sniff
from t2t_mapping.read.text import decode, first_record, read_text
from t2t_mapping.rules import review_sheets
from t2t_mapping.schema import header_key

__all__ = ["SOURCE_HEADERS", "Given", "content"]

SOURCE_HEADERS = {"source": 0, "sourceupn": 0, "sourceuser": 0, "sourceuserprincipalname": 0}
_MOST_PROBLEMS = 20

Given = str | Path | bytes | tuple[str, bytes] | pl.DataFrame
"""One source of rules: a file, its bytes (with a name), or a frame."""


def content(rules: Given) -> tuple[str, bytes | None, list[RawTable]]:
    """Label, bytes (None of what is no file) and tables of one source."""
    label = "rules"
    if isinstance(rules, pl.DataFrame):
        table = frame_table(rules, label, all_columns)
        return label, None, [] if table is None else [table]
    if isinstance(rules, bytes):
        data = rules
    elif isinstance(rules, tuple):
        label, data = rules
    else:
        label = Path(rules).as_posix()
        data = read_bytes(Path(rules), label)
    return label, data, _tables(data, label)


def _tables(data: bytes, label: str) -> list[RawTable]:
    if sniff(data, label) != "text":
        return read_tables(data, label, review_sheets.whole_grid)
    review_sheets.refuse_moved_headers(data, label)
    opening = first_record(data, label)
    named = any(header_key(cell) in SOURCE_HEADERS for cell in opening)
    _refuse_short_lines(data, label)
    return read_text(
        data, label, all_columns, headers=None if named else ("Source", "Destination", "Note"), ragged=True
    )


def _refuse_short_lines(data: bytes, label: str) -> None:
    """A line without any delimiter is a line that was cut off, not an exclusion, which ends with one.

    Raises:
        InputError: R403 with the lines.
    """
    body = decode(data, label).body
    if b'"' in body:
        rows = enumerate(csv.reader(io.StringIO(body.decode(), newline=""), delimiter=_delimiter(body)), 1)
        short = [number for number, row in rows if len(row) == 1 and row[0].strip()]
    else:
        lines = pl.Series("line", [body.decode()]).str.split("\n").explode()
        cut = lines.str.contains(r"\S") & ~lines.str.contains(r"[,;\t]") & ~lines.str.contains(r"(?i)^sep=")
        short = [number + 1 for number in cut.arg_true()]
    if short:
        message = "The line has no second column; an exclusion ends with a comma and nothing behind it."
        raise InputError(
            *(Problem("R403", message, side="rules", file=label, lines=(n,)) for n in short[:_MOST_PROBLEMS])
        )


def _delimiter(body: bytes) -> str:
    first = body.lstrip().split(b"\n", 1)[0]
    return max(",;\t", key=lambda mark: first.count(mark.encode()))
