"""The records of a text table: whether every line is one, and those that span lines put together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from t2t_mapping.errors import InputError
from t2t_mapping.read.cells import refuse
from t2t_mapping.read.decode import EXPORT_AGAIN

__all__ = ["BLANKS", "DELIMITERS", "MAX_COLUMNS", "QUOTED", "Layout", "parts", "split"]

QUOTED = re.compile(r'"[^"]*"')
_BREAKS = re.compile(r"\n\s*")  # blank lines between rows brought no delimiters
BLANKS = " \t\n\r\xa0"
MAX_COLUMNS = 1000  # the record expression grows with the width; no user table is that wide
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
_CELL = {mark: re.compile(rf'"((?:[^"]++|"")*+)"|([^"{mark}\r\n]*+)') for mark in DELIMITERS}
SLICE = 32 << 20  # bytes; memory stays near the size of the file plus what is kept of it


@dataclass(frozen=True)
class Layout:
    """What every record of the file must look like."""

    delimiter: str
    width: int
    label: str

    def record(self, fewest: int, most: int) -> str:
        """A line that is a whole record: quoted as it should be, of so many cells, without a carriage return."""
        cell = f'(?:[^"{self.delimiter}\\r]*|"(?:[^"\\r]|"")*")'
        return f"^{cell}(?:{self.delimiter}{cell}){{{fewest - 1},{most - 1}}}$"

    @property
    def blank(self) -> str:
        """A line of delimiters and blanks only, empty quotes included, whatever its width."""
        blanks = BLANKS.replace("\r", "")  # a lone carriage return is a fault, not a blank
        cell = f'(?:[{blanks}]*|"[{blanks}]*")'
        return f"^{cell}(?:{self.delimiter}{cell})*$"


@dataclass(frozen=True)
class _Part:
    """The records of one slice: those that are one line each, and those taken apart in Python (`odd`)."""

    layout: Layout
    rows: pl.Series
    lines: bytes
    odd: Sequence[tuple[int, Sequence[str]]] = ()
    blanks: int = 0
    short: int = 0

    @property
    def height(self) -> int:
        return len(self.rows) + len(self.odd)

    def cells(self, columns: Sequence[int], limit: int | None = None) -> pl.DataFrame:
        """Column `row` and the wanted columns, in the order of the file; an empty cell is null."""
        names = [str(column) for column in columns]
        schema = dict.fromkeys(map(str, range(self.layout.width)), pl.String)
        # The header line also keeps polars from taking the first bytes for a byte order mark or a compressed file.
        plain = pl.read_csv(
            b"".join((self.layout.delimiter.join(schema).encode(), b"\n", self.lines)),
            separator=self.layout.delimiter,
            quote_char='"' if b'"' in self.lines else None,
            schema=schema,
            columns=names or ["0"],
            n_rows=limit,
        )
        frame = plain.select(self.rows.head(plain.height), *names)
        if limit is None and plain.height != len(self.rows):
            raise pl.exceptions.ShapeError("rows were lost")
        if self.odd:
            data = {name: [row[int(name)] if int(name) < len(row) else None for _, row in self.odd] for name in names}
            odd = pl.DataFrame({"row": [row for row, _ in self.odd], **data}, schema=frame.schema)
            frame = pl.concat([frame, odd]).sort("row").head(limit or self.height)
        return frame.with_columns(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in names)


def parts(body: bytes, start: int, row: int, layout: Layout) -> Iterator[_Part]:
    """Go through the records from byte `start` on; `row` is the number of the last row before it."""
    while start < len(body):
        end = _slice_end(body, start)
        chunk = body[start:end]
        lines = pl.read_csv(b"line\n" + chunk, separator="\0", quote_char=None, schema={"line": pl.String})["line"]
        blank = lines.str.contains(layout.blank).fill_null(value=True)
        plain = lines.str.contains(layout.record(layout.width, layout.width)) & ~blank
        if plain.all():
            yield _Part(layout, _numbers(row + 1, len(lines)), chunk)
            row += len(lines)
        else:
            part, row = _mixed(chunk, lines, plain=plain, blank=blank, row=row, layout=layout)
            yield part
        start = end


def _numbers(first: int, count: int) -> pl.Series:
    return pl.int_range(first, first + count, dtype=pl.UInt32, eager=True).alias("row")


def _slice_end(body: bytes, start: int) -> int:
    """The end of a line, some `SLICE` bytes on, where no quoted cell is open: no record is cut in two."""
    end = body.find(b"\n", start + SLICE) + 1 or len(body)
    if end == len(body) or body.count(b'"', start, end) % 2 == 0:
        return end
    at, quotes = end, 0
    while quotes % 2 == 0 and at > start:  # back to the line on which the open record begins
        line = max(body.rfind(b"\n", start, at - 1) + 1, start)
        quotes += body.count(b'"', line, at)
        at = line
    return at if at > start else end  # no record is as long as a slice: its quote is never closed


def _mixed(
    chunk: bytes, lines: pl.Series, *, plain: pl.Series, blank: pl.Series, row: int, layout: Layout
) -> tuple[_Part, int]:
    """A slice in which some lines are blank, or are not a record of their own; also the number of its last row."""
    quotes = lines.str.count_matches('"', literal=True).fill_null(0)
    inside = (quotes.cum_sum() - quotes) % 2 == 1  # the line begins within a quoted cell
    numbers = (~inside).cum_sum().cast(pl.UInt32) + row
    alone = ~inside & ~inside.shift(-1, fill_value=False)
    plain, blank = plain & alone, blank & alone
    short = 0
    if layout.width > 1 and not (plain | blank | ~alone).all():
        lacking = lines.str.contains(layout.record(1, layout.width - 1)) & alone & ~blank
        plain, short = plain | lacking, int(lacking.sum())
    rows = numbers.filter(plain).alias("row")
    text = "\n".join(lines.filter(plain)).encode()

    pieces = chunk.split(b"\n")
    begins = (~inside).arg_true()
    ends = begins.shift(-1, fill_value=len(lines))
    wanted = ~(plain | blank).filter(~inside)
    odd: list[tuple[int, Sequence[str]]] = []
    blanks = int(blank.sum())
    wrong: list[tuple[int, int]] = []
    places = (numbers.gather(begins), begins, ends)
    for number, begin, end in zip(*(place.filter(wanted).to_list() for place in places), strict=True):
        record = b"\n".join(pieces[begin:end]).decode().removesuffix("\r")
        cells = split(record, layout.delimiter, layout.label, number)
        if not any(cell.strip(BLANKS) for cell in cells):
            blanks += 1
        elif len(cells) > layout.width:
            wrong.append((number, len(cells)))
            if len(wrong) == 3:
                break
        else:
            _check_swallowed(cells, number, layout)
            short += len(cells) < layout.width
            odd.append((number, cells))
    if wrong:
        raise _wrong_width(wrong, layout)
    return _Part(layout, rows, text, odd, blanks, short), row + len(begins)


def _wrong_width(wrong: Sequence[tuple[int, int]], layout: Layout) -> InputError:
    (row, cells), *others = wrong
    also = f" (also row {' and row '.join(str(number) for number, _ in others)})" if others else ""
    return refuse(
        layout.label,
        f"Row {row}{also} has {cells} cell{'s' * (cells != 1)} where the header row has {layout.width}.",
        f"Delete whatever stands above the header row. {EXPORT_AGAIN}",
        row=row,
    )


def _check_swallowed(cells: Sequence[str], row: int, layout: Layout) -> None:
    """Refuse a quoted cell that swallowed rows: one quote too many at its beginning and one at its end.

    A row that was swallowed brought its delimiters along. A street address has line ends too, but not that many.
    """
    spanning = [cell for cell in cells if "\n" in cell]
    if not spanning:
        return
    text = "\n".join(spanning)
    breaks = len(_BREAKS.findall(text)) - len(spanning) + 1
    brought = text.count(layout.delimiter)
    if (layout.width > 1 or "@" in text) and brought >= max(breaks, 1) * (layout.width - 1):
        raise refuse(
            layout.label,
            f"A quoted cell of row {row} spans several lines and looks like several rows swallowed by a stray quote.",
            "Remove the stray quote, or, if the cell is meant to be so, its line breaks.",
            row=row,
        )


def split(record: str, delimiter: str, label: str, row: int) -> list[str]:
    """Split one record in Python: the header row, records that span lines, and those that polars must not see."""
    pattern = _CELL[delimiter]
    cells: list[str] = []
    at = 0
    while True:
        match = pattern.match(record, at)
        assert match is not None  # the pattern also matches nothing at all
        cells.append(match[2] if match[1] is None else match[1].replace('""', '"'))
        end = match.end()
        if end == len(record):
            return cells
        if record[end] != delimiter:
            break
        at = end + 1
    if match[1] is not None:
        reason = "There is text after a closing quote"
    elif record[end] != '"':
        reason = "There is a lone carriage return outside quotes"
    elif end == at:
        reason = "A quote is opened and never closed"
    else:
        reason = "There is a quote in the middle of a cell that is not quoted"
    raise refuse(label, f"{reason}, in cell {len(cells)} of row {row}.", EXPORT_AGAIN, row=row)
