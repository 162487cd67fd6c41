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

from t2t_mapping.read.cells import clip, refuse, text_faults
from t2t_mapping.read.decode import EXPORT_AGAIN, Decoded, decode
from t2t_mapping.read.records import BLANKS, DELIMITERS, MAX_COLUMNS, QUOTED, Layout, parts, split
from t2t_mapping.read.table import Choose, RawTable

__all__ = ["Decoded", "decode", "first_record", "read_text"]

MAX_HEADER = 1 << 20  # bytes in which the header row must begin and end
SAMPLE = 100  # rows that `choose` sees, and that decide between two possible delimiters

CUT_OFF = "its last row lacks cells and has no line end"
_SEP = re.compile(rb'"?sep=([^\r\n])"?[,; \t]*(?:\r?\n|\Z)', re.IGNORECASE)
_TYPE = re.compile(rb"#TYPE [^\r\n]*(?:\r?\n|\Z)")


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
    for part in parts(text.body, start, row, Layout(opening.delimiter, len(headers), label)):
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
    if last.strip(BLANKS) and not ragged:
        cells = QUOTED.sub("", last).count(opening.delimiter) + 1
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
        if record.strip(BLANKS + ',;"'):
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
    first = tuple(split(sample[0], delimiter, label, row))
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
    bare = [QUOTED.sub("", record) for record in sample]
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
