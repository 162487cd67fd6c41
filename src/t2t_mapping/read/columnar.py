"""Parquet files and frames given by a caller: typed columns → a table of text.

Such a source says on purpose what is a number, a boolean or a date, so its types are no faults of its cells.
"""

from __future__ import annotations

import io
import itertools
import json
import zlib
from collections.abc import Iterator
from typing import Any

import polars as pl

from t2t_mapping.read.cells import check_headers, refuse, text_faults
from t2t_mapping.read.table import Choose, RawTable

__all__ = ["frame_table", "read_parquet"]

MAX_ROWS = 50_000_000  # a column of one value packs a thousand million rows into a few bytes
MAX_VALUES = 4 * MAX_ROWS  # in one column, lists counted by their values
MAX_FOOTER = 8 << 20
MAX_PAGE = 256 << 20
MAX_PAGES = 200_000  # ten million rows of ten columns, in pages of 20,000 values, are 5,000
MAX_RATIO = 100
MAX_COLUMNS = 1000
SAMPLE = 100

_REPEATED = 2
_ENCODINGS = range(10)
_ENCODED = ((5, 2), (8, 4), (7, 2))  # kind of page, field of its encoding
_THRIFT_DEPTH = 16
_EXACT = 2**53  # up to here every whole number is a float of its own


def read_parquet(data: bytes, label: str) -> pl.DataFrame:
    """Read a Parquet file as it is; `frame_table` makes a table of it.

    Raises:
        InputError: I101, when the file is damaged or too large.
    """
    try:
        _check_parquet(data)
        return pl.read_parquet(io.BytesIO(data))
    except (_DamagedError, pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError) as error:
        reason = str(error) if isinstance(error, _DamagedError) else f"polars says {type(error).__name__}"
        message = f"The Parquet file is damaged or too large: {reason}."
        raise refuse(label, message, "Write the file again, or export the users as CSV.") from error


class _DamagedError(Exception):
    """What the guard found."""


class _Thrift:
    """Just enough of Thrift's compact protocol to know that no size in it goes beyond the bytes there are.

    polars believes such sizes: a few flipped bits make it ask for 2 EB of memory, which ends the process.
    """

    def __init__(self, data: bytes, at: int) -> None:
        self._data = data
        self._end = len(data) - 8
        self.at = at

    def struct(self, depth: int = 0) -> dict[int, Any]:
        """The fields of a struct by their number."""
        fields: dict[int, Any] = {}
        number = 0
        while head := self._take(1)[0]:
            number = number + (head >> 4) if head >> 4 else self._integer()
            if number in fields:
                raise _DamagedError("a field is given twice")
            fields[number] = head & 15 == 1 if head & 15 in (1, 2) else self._value(head & 15, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        if depth > _THRIFT_DEPTH:
            raise _DamagedError("it is nested too deep")
        if kind in (1, 2, 3):
            return self._take(1)[0]
        if kind in (4, 5, 6):
            return self._integer()
        if kind == 7:
            return self._take(8)
        if kind == 8:
            return self._take(self._varint())
        if kind in (9, 10):
            head = self._take(1)[0]
            size = head >> 4 if head >> 4 < 15 else self._varint()
            self._room(size)
            return [
                self.struct(depth + 1) if head & 15 == 12 else self._value(head & 15, depth + 1) for _ in range(size)
            ]
        if kind == 12:
            return self.struct(depth + 1)
        raise _DamagedError("a field has an unknown type")

    def _room(self, size: int) -> None:
        if size > self._end - self.at:
            raise _DamagedError("a size goes beyond the file")

    def _take(self, size: int) -> bytes:
        self._room(size)
        self.at += size
        return self._data[self.at - size : self.at]

    def _varint(self) -> int:
        number = 0
        for shift in range(0, 70, 7):
            byte = self._take(1)[0]
            number |= (byte & 127) << shift
            if byte < 128:
                return number
        raise _DamagedError("a number has too many digits")

    def _integer(self) -> int:
        number = self._varint()
        return (number >> 1) ^ -(number & 1)


def _check_parquet(data: bytes) -> None:
    """Refuse what polars would not survive, before it sees it: sizes in the footer and in front of every page."""
    size = int.from_bytes(data[-8:-4], "little")
    if data[:4] != b"PAR1" or data[-4:] != b"PAR1" or not 0 < size <= min(len(data) - 12, MAX_FOOTER):
        raise _DamagedError("it does not begin and end as such a file does")
    try:
        footer = _Thrift(data, len(data) - 8 - size).struct()
        rows, groups, schema = footer[3], footer[4], footer[2]
        if not 0 <= rows <= MAX_ROWS or rows != sum(group[3] for group in groups):
            raise _DamagedError(f"it claims {rows:,} rows")
        if sum(element.get(5, 0) for element in schema) != len(schema) - 1 or any(e.get(2, 0) > 1024 for e in schema):
            raise _DamagedError("its schema is not whole")
        # What stands in no list has one value, or none, in each row.
        flat = {element[4] for element in schema if 1 in element and element.get(3) != _REPEATED and not element.get(5)}
        no_lists = len(schema) == len(flat) + 1
        pages = itertools.count(1)
        unpacked = sum(_check_chunk(data, chunk[3], pages) for group in groups for chunk in group[1])
        if no_lists and any(chunk[3][5] != group[3] for group in groups for chunk in group[1]):
            raise _DamagedError("its columns are not of one length")
    except (LookupError, TypeError, AttributeError) as error:
        raise _DamagedError("its footer is not whole") from error
    if unpacked > max(len(data) * MAX_RATIO, 10 << 20):
        raise _DamagedError(f"it unpacks to more than {MAX_RATIO} times its size")


def _check_chunk(data: bytes, chunk: dict[int, Any], pages: Iterator[int]) -> int:
    """Go from page to page of one column of one row group; the answer is how many bytes they unpack to.

    `pages` counts them over the whole file.
    """
    start = min(chunk[9], chunk.get(11) or chunk[9])
    end = start + chunk[7]
    if not 4 <= start <= end <= len(data) - 8 or not 0 <= chunk[5] <= MAX_VALUES:
        raise _DamagedError("a column lies outside the file")
    at, values, unpacked = start, 0, 0
    while at < end:
        if next(pages) > MAX_PAGES:
            raise _DamagedError(f"it has more than {MAX_PAGES:,} pages")
        thrift = _Thrift(data, at)
        page = thrift.struct()
        at = thrift.at + page[3]
        if page[3] < 0 or at > end or not 0 <= page[2] <= MAX_PAGE:
            raise _DamagedError("a page has an impossible size")
        if 4 in page and zlib.crc32(data[thrift.at : at]) != page[4] & 0xFFFFFFFF:
            raise _DamagedError("the checksum of a page is wrong")
        values += sum(page[kind][1] for kind in (5, 8) if kind in page)
        if any(page[kind].get(field, 0) not in _ENCODINGS for kind, field in _ENCODED if kind in page):
            raise _DamagedError("a page is written in an unknown way")
        unpacked += page[2]
        if 7 in page and not 0 <= page[7][1] <= page[2] + 1:
            raise _DamagedError("a dictionary has an impossible size")
    if values != chunk[5]:
        raise _DamagedError("pages are missing")
    return unpacked


def frame_table(frame: pl.DataFrame, label: str, choose: Choose, *, kind: str = "frame") -> RawTable | None:
    """Turn a frame into a table of text.

    Text stays as it is, booleans become `true` and `false`, whole numbers digits without `.0`, dates ISO 8601, lists and
    structs compact JSON. `row` counts the rows of the frame from 1, blank ones too; those are absent.

    Args:
        frame: Any frame. (A lazy one is the caller's to collect.)
        label: What to call it in messages and provenance.
        choose: Which columns to keep.
        kind: `frame`, or `parquet` where it came from a file.

    Returns:
        The table, or None when `choose` does not want it.

    Raises:
        InputError: I101, when two columns differ in case only, or a column cannot be written as text.
    """
    headers = tuple(name.strip() for name in frame.columns)
    if len(headers) > MAX_COLUMNS:
        message = f"The table has {len(headers):,} columns: no user table is as wide as that."
        raise refuse(label, message, "Select the columns that describe users.")
    check_headers(headers, label)
    columns = [column.alias(str(number)) for number, column in enumerate(frame.get_columns())]
    rows = pl.int_range(1, frame.height + 1, dtype=pl.UInt32, eager=True).alias("row")
    filled = [column.is_not_null() & (column != "" if column.dtype == pl.String else True) for column in columns]
    if columns and not (any_filled := pl.select(pl.any_horizontal(filled)).to_series()).all():
        rows, *columns = (column.filter(any_filled) for column in (rows, *columns))

    chosen = choose(headers, {}, pl.DataFrame([_text(column.head(SAMPLE)) for column in columns]).rows())
    if chosen is None:
        return None
    table = pl.DataFrame([rows, *(_text(columns[number]) for number in chosen)])
    return RawTable(label, None, kind, headers, table, text_faults(table), detail={"rows": str(table.height)})


def _text(column: pl.Series) -> pl.Series:
    """A column as text; an empty cell is null."""
    kind = column.dtype
    if kind == pl.String:
        return column.set(column == "", None)
    if isinstance(kind, (pl.Datetime, pl.Date, pl.Time, pl.Duration)):
        return column.dt.to_string("iso:strict")
    if kind.is_float():
        whole = column.is_between(-_EXACT, _EXACT) & (column == column.floor())
        return column.cast(pl.String).zip_with(
            ~whole.fill_null(value=False), column.cast(pl.Int64, strict=False).cast(pl.String)
        )
    if kind == pl.List(pl.String):
        wrapped = column.alias("").to_frame().select(pl.struct("").struct.json_encode()).to_series()
        texts = wrapped.str.strip_prefix('{"":').str.strip_suffix("}")
        return texts.set(column.is_null(), None).alias(column.name)
    if kind == pl.Binary:
        return column.bin.encode("base64")
    if kind.is_nested() or kind == pl.Object:
        return pl.Series(column.name, [_json(value) for value in column.to_list()], dtype=pl.String)
    return column.cast(pl.String)


def _json(value: object) -> str | None:
    """Compact JSON; what JSON does not know (dates in a struct) as Python writes it."""
    if value is None:
        return None
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
