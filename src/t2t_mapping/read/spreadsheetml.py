"""Excel 2003 XML (SpreadsheetML), which old Dynamics exports are although their name ends in `.xls`.

One pass of expat gathers the cells of every worksheet; which of them are hidden is known only where each one ends.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.parsers import expat

import polars as pl

from t2t_mapping.errors import InputError
from t2t_mapping.read.cells import Hidden, clip, parse_hidden, refuse, text_faults
from t2t_mapping.read.table import NO_FAULTS, Choose, RawTable

__all__ = ["read_spreadsheetml"]

MAX_TAGS = 8_000_000  # an export of 100,000 rows and 10 columns has half as many; keeps the time below ten seconds
MAX_DEPTH = 64
MAX_MERGED = 1_000_000  # columns in merged ranges, in all
LAST_ROW = 1_048_576
LAST_COLUMN = 16_383
SAMPLE = 100

_SS = "urn:schemas-microsoft-com:office:spreadsheet "
_EXCEL = "urn:schemas-microsoft-com:office:excel "
# What an element is, by what its parent is: `Data` within a comment, say, is no data.
_ROLES = {
    ("", _SS + "Workbook"): "Workbook",
    ("Workbook", _SS + "Worksheet"): "Worksheet",
    ("Worksheet", _SS + "Table"): "Table",
    ("Table", _SS + "Row"): "Row",
    ("Row", _SS + "Cell"): "Cell",
    ("Cell", _SS + "Data"): "Data",
    ("Worksheet", _EXCEL + "WorksheetOptions"): "WorksheetOptions",
    ("WorksheetOptions", _EXCEL + "Visible"): "Visible",
}
_EXPECTED = {(parent, role) for (parent, _), role in _ROLES.items()}
_PLACED = {_SS + name for name in ("Workbook", "Worksheet", "Table", "Row", "Cell")}
"""Users stand in these: where none belongs, one would be lost."""
_TYPES = {"String": None, "Number": "number", "DateTime": "date", "Boolean": "boolean", "Error": "error"}
_BOOLEANS = {"1": "true", "0": "false"}
_PLACES = ("Index", "MergeAcross", "MergeDown", "Span")
_SAVE_AGAIN = "Open it in Excel and save it as .xlsx, or export it again."


@dataclass
class _Sheet:
    """The cells of one worksheet: {row from 1: {column from 0: text}}, in file order."""

    name: str
    visible: bool = True
    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    faults: list[tuple[int, int, str]] = field(default_factory=list)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)  # first row, last row, first and last column


def read_spreadsheetml(data: bytes, label: str, choose: Choose, sheet: str | None = None) -> list[RawTable]:
    """Read the tables of an Excel 2003 XML workbook that `choose` wants.

    Args:
        data: The bytes of the file.
        label: The path as the user gave it, for provenance and messages.
        choose: Asked once for every sheet that is not blank.
        sheet: Read only the sheet of this name, visible or not. None means every visible sheet.

    Raises:
        InputError: I101, when the file is not such a workbook, is damaged, or has no such sheet.
    """
    sheets = _Reader(label).read(data)
    hidden = next(
        (parse_hidden(s.rows) for s in sheets if s.name.casefold() == "hiddensheet" and not s.visible), Hidden()
    )
    names = ", ".join(found.name for found in sheets)
    wanted = [found for found in sheets if found.visible]
    if sheet is not None:
        wanted = [found for found in sheets if found.name.casefold() == sheet.casefold()]
        if not wanted:
            raise refuse(label, f"The workbook has no worksheet named {clip(sheet)}.", f"Choose one of these: {names}.")
    tables = (_table(found, label, choose, hidden, names) for found in wanted)
    return [table for table in tables if table is not None]


def _table(sheet: _Sheet, label: str, choose: Choose, hidden: Hidden, names: str) -> RawTable | None:
    formulas = {row for row, _, fault in sheet.faults if fault == "formula"}
    rows = [(n, row) for n, row in sheet.rows.items() if n in formulas or any(map(str.strip, row.values()))]
    if not rows:
        return None
    (header_row, first), *rows = rows
    width = 1 + max((column for column, text in first.items() if text.strip()), default=-1)
    headers = tuple(first.get(column, "").strip() for column in range(width))
    chosen = choose(headers, hidden.logical, [[row.get(c) for c in range(width)] for _, row in rows[:SAMPLE]])
    if chosen is None:
        return None
    kept = list(chosen)
    numbers = [number for number, _ in rows]
    frame = pl.DataFrame(
        {"row": numbers, **{str(column): [row.get(column) for _, row in rows] for column in kept}},
        schema={"row": pl.UInt32, **{str(column): pl.String for column in kept}},
    )
    faults = pl.DataFrame(
        [fault for fault in sheet.faults if fault[0] > header_row and fault[1] in set(kept)]
        + _merged(sheet, numbers, kept),
        schema=NO_FAULTS.schema,
        orient="row",
    )
    return RawTable(
        label,
        sheet.name,
        "spreadsheetml",
        headers,
        frame,
        pl.concat([faults, text_faults(frame)]).unique().sort("row", "column", "fault"),
        logical=dict(hidden.logical),
        entity=hidden.entity,
        labels=hidden.labels,
        detail={"rows": str(frame.height), "sheets": names},
    )


def _merged(sheet: _Sheet, rows: Sequence[int], kept: Sequence[int]) -> list[tuple[int, int, str]]:
    """Every kept cell that lies in a merged range; ranges do not overlap."""
    return [
        (row, column, "merged")
        for top, bottom, left, right in sheet.merges
        for column in kept
        if left <= column <= right
        for row in rows[bisect_left(rows, top) : bisect_right(rows, bottom)]
    ]


class _Reader:
    """Follows the elements of the file and gathers its sheets."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._sheets: list[_Sheet] = []
        self._path = [""]
        self._row = self._next_row = self._column = self._next_column = 0
        self._cell: dict[str, str] = {}
        self._type: str | None = None  # of the data of the open cell, None before them
        self._text: list[str] | None = None  # None where text does not matter
        self._covered: dict[int, int] = {}  # column → last row of the merged range in it
        self._merged = 0

    def read(self, data: bytes) -> list[_Sheet]:
        if data.count(b"<") > MAX_TAGS:
            message = f"The file is too large: over {MAX_TAGS:,} tags."
            raise self._fault(message, "Export fewer rows or columns per file.")
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._doctype
        try:
            parser.Parse(data, True)
        except expat.ExpatError as error:
            where = f"line {error.lineno}, column {error.offset + 1}"
            raise self._fault(f"The XML is not well formed at {where}: {expat.ErrorString(error.code)}.") from error
        except (LookupError, ValueError) as error:  # Python knows the declared encoding as little as expat does
            raise self._fault("The XML declares an encoding that cannot be read.") from error
        if not self._sheets:
            raise self._fault("The XML is no workbook: it has no worksheet.")
        return self._sheets

    def _fault(self, message: str, fix: str = _SAVE_AGAIN) -> InputError:
        sheet = self._sheets[-1].name if self._sheets else None
        return refuse(self._label, message, fix, sheet=sheet, row=self._row or None)

    def _doctype(self, *_: object) -> None:
        raise self._fault("The XML has a document type definition, which no export has.")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        parent = self._path[-1]
        role = _ROLES.get((parent, name), "other")
        self._path.append(role)
        if role == "Cell":
            self._begin_cell(attributes)
        elif role == "Data":
            if self._type is not None:
                raise self._fault(f"A cell of row {self._row} is given twice.")
            self._type = attributes.get(_SS + "Type", "String")
            self._text = []
        elif role == "Row":
            self._begin_row(attributes)
        elif role == "Worksheet":
            self._begin_sheet(attributes.get(_SS + "Name", ""))
        elif role == "Visible":
            self._text = []
        elif role == "Table" and self._next_row:
            raise self._fault("A worksheet has two tables of cells.")
        elif role == "Table":
            self._next_row = 1
        elif role == "other" and len(self._path) > MAX_DEPTH:
            raise self._fault(f"The XML is nested more than {MAX_DEPTH} levels deep.")
        elif role == "other" and name in _PLACED:
            raise self._fault(f"The element {clip(name.rpartition(' ')[2])} stands where none belongs.")
        elif role == "other" and (parent, name.rpartition(" ")[2]) in _EXPECTED:
            raise self._fault(f"The element {clip(name.rpartition(' ')[2])} is not in the namespace of Excel 2003.")

    def _begin_sheet(self, name: str) -> None:
        if any(sheet.name.casefold() == name.casefold() for sheet in self._sheets):
            raise self._fault(f"Two worksheets are called {clip(name)}.")
        self._sheets.append(_Sheet(name))
        self._row = self._next_row = 0
        self._covered = {}

    def _begin_row(self, attributes: dict[str, str]) -> None:
        self._row = self._place(attributes, self._next_row, LAST_ROW)
        self._next_row = self._row + 1 + self._number(attributes, "Span", LAST_ROW)
        self._next_column = 0

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self._column = self._place(attributes, self._next_column + 1, LAST_COLUMN + 1) - 1
        self._cell, self._type = attributes, None
        across = self._number(attributes, "MergeAcross", LAST_COLUMN - self._column)
        self._next_column = self._column + 1 + across
        down = self._number(attributes, "MergeDown", LAST_ROW - self._row)
        columns = range(self._column, self._next_column)
        if self._covered and any(self._covered.get(column, 0) >= self._row for column in columns):
            raise self._fault(f"A cell of row {self._row} lies within a merged range.")
        if across or down:
            self._merged += len(columns)
            if self._merged > MAX_MERGED:
                raise self._fault("The sheet has too many merged cells.")
            self._covered.update(dict.fromkeys(columns, self._row + down))
            self._sheets[-1].merges.append((self._row, self._row + down, self._column, columns[-1]))

    def _place(self, attributes: dict[str, str], following: int, last: int) -> int:
        """Where a row or cell is: at its index, which must not lie behind the one before, or just after that one."""
        index = self._number(attributes, "Index", last) or following
        if not following <= index <= last:
            raise self._fault(
                f"A row or cell near row {self._row or index} is given twice, out of order, or beyond the sheet."
            )
        return index

    def _number(self, attributes: dict[str, str], name: str, most: int) -> int:
        if not attributes:
            return 0
        if any(place in attributes for place in _PLACES):
            raise self._fault("A row or cell has its place in an attribute of no namespace.")
        text = attributes.get(_SS + name, "0")
        if not (text.isascii() and text.isdecimal() and len(text) < 9 and int(text) <= most):
            raise self._fault(f"A row or cell has the impossible {name} {clip(text)}.")
        return int(text)

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _end(self, _: str) -> None:
        role = self._path.pop()
        if role == "Data":
            self._end_data()
        elif role == "Cell" and _SS + "Formula" in self._cell:
            self._keep_fault("formula")
        elif role == "Visible":
            self._sheets[-1].visible = "".join(self._text or ()).strip() not in ("SheetHidden", "SheetVeryHidden")
            self._text = None
        elif role == "Worksheet":
            self._row = 0

    def _end_data(self) -> None:
        text = "".join(self._text or ())
        self._text = None
        if self._type not in _TYPES:
            raise self._fault(f"A cell of row {self._row} has the unknown type {clip(self._type or '')}.")
        fault = _TYPES[self._type]
        if fault == "boolean":
            text = _BOOLEANS.get(text, text)  # as Excel shows it, and as the other readers say it
        if text:
            self._sheets[-1].rows.setdefault(self._row, {})[self._column] = text
            if fault is not None:
                self._keep_fault(fault)

    def _keep_fault(self, fault: str) -> None:
        self._sheets[-1].rows.setdefault(self._row, {})
        self._sheets[-1].faults.append((self._row, self._column, fault))
