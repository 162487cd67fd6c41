"""Lines of a rule table in a text file that are no rule because of their width: cut off, or with cells too many."""

from __future__ import annotations

import csv
import io
import re

import polars as pl

from t2t_mapping.errors import Problem
from t2t_mapping.read.text import decode

__all__ = ["without_odd_lines"]

_SEP = re.compile(r'"?sep=(.)"?[,;\t ]*\r?\n', re.IGNORECASE)


def without_odd_lines(data: bytes, label: str, width: int) -> tuple[bytes, list[Problem]]:
    """The file without its odd lines (blank lines are left in their place), and what is wrong with each of them.

    Args:
        width: The number of columns. Empty cells behind them are none, as Excel writes them.
    """
    text = decode(data, label).body.decode()
    declared = _SEP.match(text)
    body = text[declared.end() :] if declared else text
    delimiter = declared[1] if declared else _delimiter(body)
    if '"' not in body:
        lines = pl.Series("line", [body]).str.split("\n").explode().str.strip_chars_end("\r")
        cells = lines.str.strip_chars_end(f"{delimiter} ").str.count_matches(delimiter, literal=True) + 1
        filled = lines.str.contains(r"\S") & ~lines.str.starts_with("#TYPE")
        if not (filled & ((cells > width) | ~lines.str.contains(delimiter, literal=True))).any():
            return data, []
    records = list(csv.reader(io.StringIO(body, newline=""), delimiter=delimiter))
    problems = []
    first = 2 if declared else 1
    for number, row in enumerate(records, first):
        while len(row) > width and not row[-1].strip():
            row.pop()
        if not any(cell.strip() for cell in row) or (number == first and row[0].startswith("#TYPE")):
            row.clear()
        elif len(row) == 1 or len(row) > width:
            problems.append(_problem(row, number, label, width))
            row.clear()
    if not any(records):
        return b"", problems
    out = io.StringIO(newline="")
    out.write(declared[0] if declared else "")
    # With every quote: a semicolon inside a note must not look like a delimiter afterwards.
    csv.writer(out, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(records)
    return out.getvalue().encode(), problems


def _problem(cells: list[str], number: int, label: str, width: int) -> Problem:
    if len(cells) == 1:
        words = "The line has no second column; an exclusion ends with a comma and nothing behind it."
        return Problem("R403", words, side="rules", file=label, lines=(number,))
    words = f"The line has {len(cells)} cells; a rule has {width}."
    fix = "Put quotes around a note that holds a comma, and write one rule a line."
    return Problem("R403", words, fix, side="rules", file=label, lines=(number,))


def _delimiter(body: str) -> str:
    first = re.sub(r'"[^"]*"', "", body.lstrip()).split("\n", 1)[0]
    return max(",;\t", key=first.count)
