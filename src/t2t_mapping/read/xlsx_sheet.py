"""One worksheet, as a stream of runs of cells.

Three ways lead through a sheet. Runs of rows that are alike are compared with one that is proven (`xlsx_shapes`); others
are proven cell by cell with regular expressions (`xlsx_rows`); both take values out only where they are wanted. From the
first run of rows that they cannot prove (comments, rich text, cells without an address ...) to the end of the sheet, the
slow way reads on: an XML parser, the same that has read what stands before the rows and will read what follows them. The
slow way also finds the words for every fault.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

import polars as pl

from t2t_mapping.errors import InputError
from t2t_mapping.read.cells import clip
from t2t_mapping.read.xlsx_archive import Archive
from t2t_mapping.read.xlsx_expat import RICH_TEXT, Children, StrictParser
from t2t_mapping.read.xlsx_parts import MAIN_NAMESPACES, Attributes
from t2t_mapping.read.xlsx_rows import CELLS, LAST_COLUMN, LAST_ROW, TYPES, Cells, Grammar, column_number
from t2t_mapping.read.xlsx_shapes import Shapes
from t2t_mapping.read.xlsx_strings import CHUNK

__all__ = ["SheetReader"]

_FIRST_CHUNK = 256 << 10  # holds the header and a sample: all columns are taken out of it

_MOST_MERGES = 100_000

_DIGITS = re.compile("[0-9]{1,9}")
_ADDRESS = re.compile("([A-Z]{1,3})([0-9]{1,7})")
_RANGE = re.compile(f"{_ADDRESS.pattern}(?::{_ADDRESS.pattern})?")

Range = tuple[int, int, int, int]
"""First row, first column, last row, last column."""


class SheetReader:
    """Reads a worksheet part once, from front to back.

    Attributes:
        code_name: The sheet's code name; known from the start.
        prefixed: A prefix is bound to the spreadsheet namespace, as Dynamics does and Excel does not.
        merges: The merged ranges; known after the last run.
    """

    def __init__(self, archive: Archive, part: str, sheet: str) -> None:
        self._stream = archive.stream(part)
        self._buffer = b""
        self._at_end = False
        self._parser = _SheetParser(archive.label, part, sheet)
        self._grammar = self._read_head()
        self.code_name = self._parser.code_name
        self.prefixed = any(key and uri in MAIN_NAMESPACES for key, uri in self._parser.root_bindings.items())

    @property
    def merges(self) -> list[Range]:
        return self._parser.merges

    def drain(self) -> None:
        """Verifies the checksum of a sheet that nobody reads to its end."""
        for _ in self._stream:
            pass

    def runs(self, *, slowly: bool = False) -> Iterator[Cells]:
        """The rows, some thousand at a time. Whoever has taken the last run has had the whole part verified.

        Args:
            slowly: Go the slow way at once, which is the faster one for a few rows.
        """
        size = _FIRST_CHUNK
        shapes = Shapes(self._grammar) if self._grammar and not slowly else None
        while self._grammar and shapes:
            self._fill(size)
            size = CHUNK
            # Inside a row there is no other row, so the last one is where a row begins; the end can only follow it.
            cut = self._buffer.rfind(self._grammar.begin)
            end = self._buffer.find(self._grammar.end, max(cut, 0))
            cut = max(cut, end) if end >= 0 else cut
            rows = self._buffer[: max(cut, 0)]
            cells = rows and (shapes.parse(rows, self._parser.row) or self._grammar.parse(rows, self._parser.row))
            if not cells:
                break
            self._buffer = self._buffer[cut:]
            self._parser.row = cells.last_row
            yield cells
            if end >= 0:
                break
        while True:
            self._parser.feed(self._buffer)
            self._buffer = b""
            if (run := self._parser.take()) is not None:
                yield run
            if self._at_end:
                break
            self._fill(CHUNK)
        self._parser.feed(b"", final=True)
        if not self._parser.seen_data:
            raise self._parser.fault("The sheet has no table of cells.")

    def _fill(self, size: int) -> None:
        pieces, length = [self._buffer], len(self._buffer)
        while length < size and not self._at_end:
            piece = next(self._stream, None)
            self._at_end = piece is None
            if piece is not None:
                pieces.append(piece)
                length += len(piece)
        self._buffer = b"".join(pieces)

    def _read_head(self) -> Grammar | None:
        """Gives all up to and including `<sheetData>` to the parser; a grammar if the fast way may follow."""
        for size in (_FIRST_CHUNK, CHUNK):
            self._fill(size)
            tag = re.search(rb"<(?:[A-Za-z]\w{0,20}:)?sheetData(?: [^<>]*)?>", self._buffer)
            if tag is not None:
                break
        head = self._buffer[: tag.end()] if tag else self._buffer
        self._buffer = self._buffer[len(head) :]
        self._parser.feed(head)
        # It may have stood in a comment: only what the parser, too, has seen there is a tag.
        opened = self._parser.utf8 and self._parser.path == ["worksheet", "sheetData"]
        if tag is None or not opened or self._parser.starts["sheetData"] != tag.start():
            return None
        return Grammar.fitting(tag[0], self._buffer, self._parser.bindings, self._parser.main)


class _SlowCells(Cells):
    """A run of rows from the XML parser."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame
        self.rows = frame["row"].unique(maintain_order=True)
        self.last_row = int(self.rows[-1])

    def take(self, columns: Collection[int] | None = None, rows: pl.Series | None = None) -> pl.DataFrame:
        frame = self._frame
        if columns is not None:
            frame = frame.filter(pl.col("col").is_in(list(columns)))
        return frame if rows is None else frame.filter(pl.col("row").is_in(rows.implode()))


_PASSED_OVER = (
    "dimension sheetViews sheetFormatPr cols sheetCalcPr sheetProtection protectedRanges scenarios autoFilter sortState "
    "dataConsolidate customSheetViews phoneticPr conditionalFormatting dataValidations hyperlinks printOptions pageMargins "
    "pageSetup headerFooter rowBreaks colBreaks customProperties cellWatches ignoredErrors smartTags drawing legacyDrawing "
    "legacyDrawingHF drawingHF picture oleObjects controls webPublishItems tableParts extLst"
).split()
_CHILDREN: Children = {
    "worksheet": {"sheetPr": True, "sheetData": True, "mergeCells": True, **dict.fromkeys(_PASSED_OVER, False)},
    "sheetPr": dict.fromkeys(("tabColor", "outlinePr", "pageSetUpPr"), False),
    "sheetData": {"row": True},
    "row": {"c": True, "extLst": False},
    "c": {"f": True, "v": True, "is": True, "extLst": False},
    "is": RICH_TEXT,
    "mergeCells": {"mergeCell": True},
}

_Cell = tuple[int, int, str | None, str, int | None, bool]


class _SheetParser(StrictParser):
    """The slow way, and the only one through what stands before and after the rows."""

    def __init__(self, label: str, part: str, sheet: str) -> None:
        super().__init__(label, part, "worksheet", _CHILDREN, sheet)
        self.code_name = ""
        self.root_bindings: dict[str, str] = {}
        self.merges: list[Range] = []
        self.row = 0
        """The last row begun."""
        self._col = -1
        self._cells: list[_Cell] = []
        self._complete = 0  # that many of them belong to rows that have ended
        self.seen_data = False
        self._type, self._style = "n", None  # type: tuple[str, int | None]
        self._value: list[str] | None = None
        self._had: set[str] = set()

    def take(self) -> _SlowCells | None:
        """The cells of the rows completed since the last call."""
        done, self._cells = self._cells[: self._complete], self._cells[self._complete :]
        self._complete = 0
        return _SlowCells(pl.DataFrame(done, schema=CELLS, orient="row")) if done else None

    def started(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._start_cell(attributes)
        elif name == "row":
            self._start_row(attributes)
        elif name in ("v", "is", "f"):
            if name in self._had or (name != "f" and self._had & {"v", "is"}):
                raise self._cell_fault("has two values")
            self._had.add(name)
            if name != "f":
                self._value = []
        elif name == "worksheet":
            self.root_bindings = dict(self.bindings)
        elif name == "sheetPr":
            self.code_name = attributes.get("codeName", "")
        elif name == "sheetData":
            if self.seen_data:
                raise self.fault("The sheet has two tables of cells.")
            self.seen_data = True
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def ended(self, name: str, text: str) -> None:
        if name in ("t", "v"):
            assert self._value is not None
            self._value.append(text)
        elif name == "c":
            self._end_cell()
        elif name == "row":
            self._complete = len(self._cells)

    def _start_row(self, attributes: Attributes) -> None:
        given = attributes.get("r")
        number = self.row + 1 if given is None else _positive(given)
        if number is None or number > LAST_ROW:
            raise self.fault(f"The sheet has a row numbered {clip(given or '')}; rows go from 1 to {LAST_ROW:,}.")
        if number <= self.row:
            raise self.fault(f"Row {number} comes twice or out of order (after row {self.row}).", row=number)
        self.row, self._col = number, -1

    def _start_cell(self, attributes: Attributes) -> None:
        given = attributes.get("r")
        if given is None:
            self._col += 1
        else:
            match = _ADDRESS.fullmatch(given)
            column = column_number(match[1]) if match else LAST_COLUMN + 1
            if match is None or column > LAST_COLUMN or int(match[2]) != self.row:
                raise self.fault(f"Row {self.row} has a cell that calls itself {clip(given, 20)}.", row=self.row)
            if column <= self._col:
                raise self.fault(f"Cell {given} comes twice or out of order.", row=self.row)
            self._col = column
        if self._col > LAST_COLUMN:
            raise self.fault(f"Row {self.row} has more cells than a sheet has columns.", row=self.row)
        self._type = attributes.get("t", "n")
        style = attributes.get("s")
        self._style = None if style is None else _positive(style, 0)
        self._value, self._had = None, set()
        if self._type not in TYPES or (style is not None and self._style is None):
            raise self._cell_fault("is of an unknown type or style")

    def _end_cell(self) -> None:
        # An inline string in a cell of another type, or the reverse: readers would disagree about its value.
        if ("is" in self._had) is not (self._type == "inlineStr") and self._had & {"is", "v"}:
            raise self._cell_fault("contradicts its own type")
        text = None if self._value is None else "".join(self._value)
        if self._type == "s" and text is not None and _positive(text.strip(" \t\r\n"), 0) is None:
            raise self._cell_fault("points to no text")
        if self._type == "s" and text is not None:
            text = text.strip(" \t\r\n")
        self._cells.append((self.row, self._col, text, self._type, self._style, "f" in self._had))

    def _cell_fault(self, what: str) -> InputError:
        return self.fault(f"The cell in column {self._col + 1} of row {self.row} {what}.", row=self.row)

    def _merge(self, ref: str) -> None:
        match = _RANGE.fullmatch(ref)
        if match is None:
            raise self.fault(f"The sheet has a merged range {clip(ref)} that is none.")
        rows = sorted((int(match[2]), int(match[4] or match[2])))
        columns = sorted((column_number(match[1]), column_number(match[3] or match[1])))
        if len(self.merges) == _MOST_MERGES:
            raise self.fault(f"The sheet has more than {_MOST_MERGES:,} merged ranges.")
        self.merges.append((rows[0], columns[0], rows[1], columns[1]))


def _positive(text: str, least: int = 1) -> int | None:
    return int(text) if _DIGITS.fullmatch(text) and int(text) >= least else None
