"""Does the second reader see in a file what the product saw?"""

from __future__ import annotations

import datetime as dt
import math
import re

import second_reader
from second_reader import Book, Sheet

from t2t_mapping.errors import InputError
from t2t_mapping.read import RawTable, all_columns, read_tables

__all__ = ["assert_same", "table_of", "tables"]

_INVISIBLE = {"control", "bidi", "zero-width", "formula"}  # of a formula without a value both see an empty cell
"""Faults of the characters of a text; what kind of cell it stands in is another question."""


def tables(data: bytes) -> list[RawTable] | None:
    """Every table that the product reads from a file, and the second reader has confirmed; None where it is refused.

    Raises:
        AssertionError: The two do not agree.
        Exception: Anything else than a refusal is a fault, of one or the other.
    """
    try:
        found = read_tables(data, "users", all_columns)
    except InputError:
        return None
    # Without a table, or without a single header, the caller says that there are no users, whatever the file holds.
    if found and all(any(table.headers) for table in found):
        assert_same(found, second_reader.read(data))
    return found


def assert_same(found: list[RawTable], book: Book) -> None:
    """Raises AssertionError with the first difference."""
    filled = [name for name, sheet in book.sheets.items() if sheet.filled]
    assert [table.sheet for table in found] == filled, "other sheets"
    for table in found:
        assert table.logical == book.logical, "another hidden sheet"
        assert [list(labels) for labels in table.labels] == book.labels, "other labels"
        _assert_same_rows(table, book.sheets[table.sheet])


def _assert_same_rows(table: RawTable, sheet: Sheet) -> None:
    header, *rows = sheet.filled
    names = [cell.strip() for cell in header.cells]
    while names and not names[-1]:
        names.pop()
    assert names == list(table.headers)[: len(names)], "another header"
    assert not any(table.headers[len(names) :]), "more headers"
    kept = [int(name) for name in table.frame.columns if name != "row"]
    ours = {row: [text or "" for text in texts] for row, *texts in table.frame.iter_rows()}
    theirs = {row.number: [row.cells[c] if c < len(row.cells) else "" for c in kept] for row in rows}
    for number in ours.keys() - theirs.keys():  # blank to one and not to the other, for want of anything visible
        assert not "".join(ours[number]).strip(), f"row {number} exists for one reader only"
    for number, cells in theirs.items():
        seen = ours.get(number, [])
        same = len(seen) == len(cells) and all(map(_same, seen, cells))
        assert same, f"row {number}: {seen} against {cells}"
    odd = {(row.number, c) for row in rows for c in row.odd if c in kept} | {
        (row.number, c)
        for first, last, left, right in sheet.merges
        for row in rows
        for c in kept
        if first <= row.number <= last and left <= c <= right
    }
    said = {(row, c) for row, c, fault in table.faults.iter_rows() if fault not in _INVISIBLE and row in theirs}
    assert said == odd, f"cells that are no text: {sorted(said ^ odd)}"


def _restored(text: str) -> str | None:
    """A text that was UTF-8 and read as Windows-1252; the product puts those right."""
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return None


_NUMBER = r"-?[0-9]+(\.[0-9]+)?"


def _same(ours: str, theirs: str) -> bool:
    """Whether two cells are one; a date is a serial number to the second reader."""
    if ours == theirs or ours == _restored(theirs):
        return True
    if re.fullmatch(_NUMBER, ours) and re.fullmatch(_NUMBER, theirs):  # the fifteen digits that Excel keeps
        return math.isclose(float(ours), float(theirs), rel_tol=1e-14)
    if not re.match(r"\d{4}-\d\d-\d\d \d\d:", ours) or not re.fullmatch(r"[0-9.]+", theirs):
        return False
    day = dt.datetime(1899, 12, 30) + dt.timedelta(days=float(theirs))
    return abs(dt.datetime.fromisoformat(ours) - day) < dt.timedelta(seconds=1)


def table_of(data: bytes) -> Sheet:
    """The one sheet of a file as the second reader sees it."""
    (sheet,) = (sheet for sheet in second_reader.read(data).sheets.values() if sheet.filled)
    return sheet
