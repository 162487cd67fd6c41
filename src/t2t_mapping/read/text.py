"""CSV and TSV: bytes in any common encoding and delimiter → a table of text, row numbers as Excel shows them.

The file is taken in slices cut at line ends. In each slice one regular expression proves for every line that it is a
record of its own: quoted as it should be, and as wide as the header row. Such lines go through polars unseen by Python.
Only records that span lines (a street address) are put together one by one, by counting quotes. All else is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from t2t_mapping.errors import InputError
from t2t_mapping.read.cells import clip, refuse, text_faults
from t2t_mapping.read.decode import EXPORT_AGAIN, Decoded, decode
from t2t_mapping.read.table import Choose, RawTable

__all__ = ["Decoded", "decode", "first_record", "read_text"]

SLICE = 32 << 20  # bytes; memory stays near the size of the file plus what is kept of it
MAX_COLUMNS = 1000  # the record expression grows with the width; no user table is that wide
MAX_HEADER = 1 << 20  # bytes in which the header row must begin and end
SAMPLE = 100  # rows that `choose` sees, and that decide between two possible delimiters

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
CUT_OFF = "its last row lacks cells and has no line end"
_QUOTED = re.compile(r'"[^"]*"')
_SEP = re.compile(rb'"?sep=([^\r\n])"?[,; \t]*(?:\r?\n|\Z)', re.IGNORECASE)
_TYPE = re.compile(rb"#TYPE [^\r\n]*(?:\r?\n|\Z)")
_BLANKS = " \t\n\r\xa0"
_CELL = {mark: re.compile(rf'"((?:[^"]++|"")*+)"|([^"{mark}\r\n]*+)') for mark in DELIMITERS}
_BREAKS = re.compile(r"\n\s*")  # blank lines between rows brought no delimiters


def first_record(data: bytes, label: str) -> tuple[str, ...]:
    """The cells of the first row that is not blank, for a caller who must tell a header row from data."""
    return _open(_with_line_ends(decode(data, label)), label).first


def read_text(
    data: bytes, label: str, choose: Choose, *, headers: Sequence[str] | None = None, ragged: bool = False
) -> list[RawTable]:
    """Read a CSV or TSV file.

    Args:
        data: The bytes of the file.
        label: The path as the user gave it, for provenance and messages.
        choose: Which columns to keep; it is asked once, and a table that it does not want is not returned.
        headers: Names for the columns of a file that has no header row. Not ragged, the first row tells how many of
            them there are; ragged, there are all of them.
        ragged: That a row is shorter than the header row is nothing to speak of.

    Raises:
        InputError: I101, when anything in the file could be read in more than one way.
    """
    try:
        return _read(decode(data, label), label, choose, headers, ragged)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        # Every line is proven before polars splits it: a safety net, so that no input ever ends in a traceback.
        message = f"The text could not be split into cells ({type(error).__name__})."
        raise refuse(label, message, EXPORT_AGAIN) from error


def _read(text: Decoded, label: str, choose: Choose, names: Sequence[str] | None, ragged: bool) -> list[RawTable]:
    text = _with_line_ends(text)
    opening = _open(text, label)
    if names is None:
        headers = tuple(cell.strip() for cell in opening.first)
        start, row = opening.after, opening.row
    else:
        headers = tuple(names if ragged else names[: len(opening.first)])
        start, row = opening.before, opening.row - 1
    if len(headers) > MAX_COLUMNS:
        raise refuse(label, f"The header row has {len(headers)} cells: no user table is as wide as that.", EXPORT_AGAIN)

    kept: list[int] | None = None
    frames: list[pl.DataFrame] = []
    blanks, short = opening.blanks, 0
    for part in _parts(text.body, start, row, _Layout(opening.delimiter, len(headers), label)):
        blanks += part.blanks
        short += part.short
        if not part.height:
            continue
        if kept is None:
            kept = _chosen(choose, headers, part.cells(range(len(headers)), SAMPLE).drop("row").rows())
            if kept is None:
                return []
        frames.append(part.cells(kept))
    if kept is None:  # a header row and nothing below it
        kept = _chosen(choose, headers, [])
        if kept is None:
            return []
    frame = pl.concat([pl.DataFrame(schema={"row": pl.UInt32, **{str(c): pl.String for c in kept}}), *frames])
    repairs = [*text.repairs, *opening.repairs]
    if blanks:
        repairs.append("1 blank row was skipped" if blanks == 1 else f"{blanks} blank rows were skipped")
    if short and not ragged:
        rows = (
            "1 row lacks its last cells, which count"
            if short == 1
            else f"{short:,} rows lack their last cells, which count"
        )
        repairs.append(f"{rows} as empty")
    detail = {"encoding": text.encoding, "delimiter": DELIMITERS[opening.delimiter], "rows": str(frame.height)}
    last = text.body[text.body.rfind(b"\n") + 1 :].decode()
    if last.strip(_BLANKS) and not ragged:
        cells = _QUOTED.sub("", last).count(opening.delimiter) + 1
        _check_cut_address(frame, cells - 1, label)
        if cells < len(headers):
            detail["cut_off"] = CUT_OFF
    return [RawTable(label, None, "csv", headers, frame, text_faults(frame), repairs=tuple(repairs), detail=detail)]


def _check_cut_address(frame: pl.DataFrame, column: int, label: str) -> None:
    """Refuse a file without a last line end that ends within an address: `bob@contoso.c` below `ann@contoso.com`."""
    if str(column) not in frame.columns or frame.is_empty():
        return
    texts = frame[str(column)]
    domains = texts.str.extract(r"@([^@]+)$").str.to_lowercase()
    last = domains[-1]
    if last and domains.head(-1).str.starts_with(last).any() and not (domains.head(-1) == last).any():
        message = f"The file is cut off: it ends within an address, {clip(texts[-1])}."
        raise refuse(label, message, EXPORT_AGAIN, row=int(frame["row"][-1]))


def _chosen(choose: Choose, headers: Sequence[str], sample: Sequence[Sequence[str | None]]) -> list[int] | None:
    columns = choose(headers, {}, sample)
    return None if columns is None else list(columns)


def _with_line_ends(text: Decoded) -> Decoded:
    """Lines that end in a lone carriage return, as Excel's "CSV (Macintosh)" writes them, end as all others do."""
    if b"\r" not in text.body or b"\n" in text.body:
        return text
    return replace(
        text,
        body=text.body.replace(b"\r", b"\n"),
        repairs=(*text.repairs, "read with the line ends of old Macintoshes"),
    )


# --- the first lines --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Opening:
    """What the first lines tell: the first record, the bytes `before` and `after` it, its row number, the delimiter."""

    first: tuple[str, ...]
    before: int
    after: int
    row: int
    blanks: int
    delimiter: str
    repairs: tuple[str, ...]


def _open(text: Decoded, label: str) -> _Opening:
    body = text.body
    position = row = 0
    declared, repairs = "", []
    if sep := _SEP.match(body):
        declared = sep[1].decode("latin-1")
        if declared not in DELIMITERS:
            message = f"The first line names the delimiter {clip(declared)}, which is not supported."
            raise refuse(label, message, "Save the file with commas.")
        repairs.append(f"the first line names the delimiter ({DELIMITERS[declared]}) and was skipped")
        position = sep.end()  # and not a row: Excel does not show this line
    elif powershell := _TYPE.match(body):
        repairs.append("the first line is PowerShell's #TYPE line and was skipped")
        position, row = powershell.end(), 1

    window = body[position : position + MAX_HEADER]
    sample: list[str] = []
    blanks = before = after = 0
    for record in _records(window.decode("utf-8", "ignore"), cut=len(window) == MAX_HEADER):
        if not sample:
            before, after = position, position + len(record.encode())
            position, row = after, row + 1
        if record.strip(_BLANKS + ',;"'):
            sample.append(record.removesuffix("\n").removesuffix("\r"))
            if len(sample) > SAMPLE:
                break
        elif not sample:
            blanks += 1
    if not sample:
        raise refuse(label, "No header row was found where the file begins.", EXPORT_AGAIN)
    delimiter = declared or _delimiter(sample, label)
    if delimiter not in (",", declared):
        repairs.append(f"read with the delimiter {DELIMITERS[delimiter]}")
    first = tuple(_split(sample[0], delimiter, label, row))
    return _Opening(first, before, after, row, blanks, delimiter, tuple(repairs))


def _records(text: str, *, cut: bool) -> Iterator[str]:
    """Join lines until their quotes are even. A record keeps its line end; of a `cut` text the last one is left out."""
    lines: list[str] = []
    quotes = 0
    for match in re.finditer(r"[^\n]*\n|[^\n]+", text):
        lines.append(match[0])
        quotes += match[0].count('"')
        if quotes % 2 == 0 and (match.end() < len(text) or not cut):
            yield "".join(lines)
            lines.clear()
    if lines and not cut:
        yield "".join(lines)


def _delimiter(sample: Sequence[str], label: str) -> str:
    """Decide by the header row; between several by the width of the rows below it."""
    bare = [_QUOTED.sub("", record) for record in sample]
    widths = {delimiter: [record.count(delimiter) for record in bare] for delimiter in DELIMITERS}
    found = [delimiter for delimiter in DELIMITERS if widths[delimiter][0]]
    if len(found) == 1:
        return found[0]
    if not found:  # one column; or a title above the table, which then has another width and is refused
        common = max(DELIMITERS, key=lambda delimiter: sum(map(bool, widths[delimiter])))
        return common if sum(map(bool, widths[common])) * 2 > len(sample) else ","
    steady = [delimiter for delimiter in found if len(set(widths[delimiter])) == 1]
    ranked = sorted(steady or found, key=lambda delimiter: widths[delimiter][0], reverse=True)
    if len(ranked) > 1 and widths[ranked[0]][0] == widths[ranked[1]][0]:
        names = " or ".join(DELIMITERS[delimiter] for delimiter in ranked[:2])
        raise refuse(
            label,
            f"It is not clear whether the delimiter is {names}.",
            "Put a first line into the file that names it, such as sep=; for the semicolon.",
        )
    return ranked[0]


# --- records ----------------------------------------------------------------------------------------------------------


def _split(record: str, delimiter: str, label: str, row: int) -> list[str]:
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


@dataclass(frozen=True)
class _Layout:
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
        blanks = _BLANKS.replace("\r", "")  # a lone carriage return is a fault, not a blank
        cell = f'(?:[{blanks}]*|"[{blanks}]*")'
        return f"^{cell}(?:{self.delimiter}{cell})*$"


@dataclass(frozen=True)
class _Part:
    """The records of one slice: those that are one line each, and those taken apart in Python (`odd`)."""

    layout: _Layout
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


def _parts(body: bytes, start: int, row: int, layout: _Layout) -> Iterator[_Part]:
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
    chunk: bytes, lines: pl.Series, *, plain: pl.Series, blank: pl.Series, row: int, layout: _Layout
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
        cells = _split(record, layout.delimiter, layout.label, number)
        if not any(cell.strip(_BLANKS) for cell in cells):
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


def _wrong_width(wrong: Sequence[tuple[int, int]], layout: _Layout) -> InputError:
    (row, cells), *others = wrong
    also = f" (also row {' and row '.join(str(number) for number, _ in others)})" if others else ""
    return refuse(
        layout.label,
        f"Row {row}{also} has {cells} cell{'s' * (cells != 1)} where the header row has {layout.width}.",
        f"Delete whatever stands above the header row. {EXPORT_AGAIN}",
        row=row,
    )


def _check_swallowed(cells: Sequence[str], row: int, layout: _Layout) -> None:
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
