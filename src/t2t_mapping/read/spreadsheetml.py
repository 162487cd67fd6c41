"""Excel 2003 XML (SpreadsheetML), which old Dynamics exports are although their name ends in `.xls`.

One pass of expat gathers the cells of every worksheet.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

import polars as pl

from t2t_mapping.errors import InputError
from t2t_mapping.read.cells import Hidden, clip, named, parse_hidden, refuse
from t2t_mapping.read.grid import Range, grid_table
from t2t_mapping.read.table import NO_FAULTS, Choose, RawTable

__all__ = ["read_spreadsheetml"]

MAX_TAGS = 8_000_000  # an export of 100,000 rows and 10 columns has half as many; keeps the time below ten seconds
MAX_CELLS = 32_000_000  # in the rectangle around all cells
LAST_ROW = 1_048_576
LAST_COLUMN = 16_384

_SS = "urn:schemas-microsoft-com:office:spreadsheet "
_VISIBLE = "urn:schemas-microsoft-com:office:excel Visible"
_BOOLEANS = {"1": "true", "0": "false"}
_SAVE_AGAIN = "Open it in Excel and save it as .xlsx, or export it again."


@dataclass
class _Sheet:
    """The cells of one worksheet: {row from 1: {column from 0: text}}."""

    name: str
    visible: bool = True
    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    faults: list[tuple[int, int, str]] = field(default_factory=list)
    merged: list[Range] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    formulas: dict[int, tuple[int, int]] = field(default_factory=dict)


def read_spreadsheetml(data: bytes, label: str, choose: Choose, sheet: str | None = None) -> list[RawTable]:
    """Read the tables of an Excel 2003 XML workbook that `choose` wants; see `read_xlsx`."""
    sheets = {found.name: found for found in _Reader(label).read(data)}
    hidden = next(
        (parse_hidden(s.rows) for name, s in sheets.items() if name.casefold() == "hiddensheet" and not s.visible),
        Hidden(),
    )
    wanted = [found for found in sheets.values() if found.visible]
    if sheet is not None:
        wanted = [sheets[named(sheet, sheets, label)]]
    tables = (_table(found, label, choose, hidden, ", ".join(sheets)) for found in wanted)
    return [table for table in tables if table is not None]


def _table(sheet: _Sheet, label: str, choose: Choose, hidden: Hidden, names: str) -> RawTable | None:
    numbers = sorted(sheet.rows)
    columns = sorted({column for row in sheet.rows.values() for column in row})
    if len(numbers) * len(columns) > MAX_CELLS:
        raise refuse(label, "The cells of the sheet lie too far apart.", _SAVE_AGAIN, sheet=sheet.name)
    texts = {str(column): [sheet.rows[number].get(column) for number in numbers] for column in columns}
    return grid_table(
        pl.DataFrame({"row": numbers, **texts}, schema={"row": pl.UInt32, **dict.fromkeys(texts, pl.String)}),
        label,
        sheet.name,
        "spreadsheetml",
        choose,
        hidden=hidden,
        faults=pl.DataFrame(sheet.faults, schema=NO_FAULTS.schema, orient="row"),
        merged=sheet.merged,
        not_shown=pl.Series("row", sheet.hidden, dtype=pl.UInt32),
        formulas=sheet.formulas,
        detail={"sheets": names},
    )


class _Reader:
    """Follows the elements of the file and gathers its sheets."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._sheets: list[_Sheet] = []
        self._row = self._span = self._column = 0
        self._next_column = 0
        self._in_comment = False
        self._computed = False  # whether the open cell is a formula without a value so far
        self._text: list[str] | None = None  # None where text does not matter
        self._type = "String"

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
            raise self._fault("The XML has no worksheet.")
        return self._sheets

    def _fault(self, message: str, fix: str = _SAVE_AGAIN) -> InputError:
        sheet = self._sheets[-1].name if self._sheets else None
        return refuse(self._label, message, fix, sheet=sheet, row=self._row or None)

    def _doctype(self, *_: object) -> None:
        raise self._fault("The XML has a document type definition, which no export has.")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        kind = name.removeprefix(_SS)
        if kind == "Worksheet":
            self._sheets.append(_Sheet(attributes.get(_SS + "Name", "")))
            self._row = self._span = 0
        elif not self._sheets or self._in_comment:
            return  # the text of a comment is called Data as well
        elif kind == "Data":
            self._type = attributes.get(_SS + "Type", "String")
            self._text = []
        elif kind == "Cell":
            self._begin_cell(attributes)
        elif kind == "Row":
            self._row = self._number(attributes, "Index", LAST_ROW) or self._row + self._span + 1
            self._span = self._number(attributes, "Span", LAST_ROW)
            self._next_column = 0
            if attributes.get(_SS + "Hidden") == "1":
                self._sheets[-1].hidden.append(self._row)
        elif kind == "Comment":
            self._in_comment = True
        elif name == _VISIBLE:
            self._text = []

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self._column = (self._number(attributes, "Index", LAST_COLUMN) or self._next_column + 1) - 1
        across = self._number(attributes, "MergeAcross", LAST_COLUMN)
        down = self._number(attributes, "MergeDown", LAST_ROW)
        self._next_column = self._column + 1 + across
        self._computed = False
        if _SS + "Formula" in attributes:
            count, first = self._sheets[-1].formulas.get(self._column, (0, self._row))
            self._sheets[-1].formulas[self._column] = (count + 1, first)
            self._computed = True
        if across or down:
            self._sheets[-1].merged.append((self._row, self._row + down, self._column, self._column + across))

    def _number(self, attributes: dict[str, str], name: str, most: int) -> int:
        text = attributes.get(_SS + name, "0") if attributes else "0"
        if not (text.isascii() and text.isdecimal() and len(text) < 9 and int(text) <= most):
            raise self._fault(f"A row or cell has the impossible {name} {clip(text)}.")
        return int(text)

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _end(self, name: str) -> None:
        if name == _SS + "Comment":
            self._in_comment = False
        elif name == _SS + "Worksheet":
            self._row = 0
        elif name == _SS + "Cell" and self._computed:
            self._sheets[-1].faults.append((self._row, self._column, "formula"))
            self._computed = False
        if self._text is None or self._in_comment:
            return
        text = "".join(self._text)
        if name == _SS + "Data":
            if self._type == "Error":
                self._sheets[-1].faults.append((self._row, self._column, "error"))
            if text:
                self._computed = False
                shown = _BOOLEANS.get(text, text) if self._type == "Boolean" else text
                self._sheets[-1].rows.setdefault(self._row, {})[self._column] = shown
            self._text = None
        elif name == _VISIBLE:
            self._sheets[-1].visible = text.strip() not in ("SheetHidden", "SheetVeryHidden")
            self._text = None
