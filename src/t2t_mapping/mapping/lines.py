"""Bytes → what a mapping file says, line by line, whatever the bytes are. Judges nothing and loses nothing.

The service reads lines and splits them at commas, so that is how they are read here: a quote never joins lines. Every
line ends up in exactly one place: blank, header, row (two columns), or `others` with the reason.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import polars as pl

from t2t_mapping import upn as upns
from t2t_mapping.mapping.dialects import HEADER
from t2t_mapping.mapping.encoding import Decoded, decode

__all__ = ["BLANKS", "Header", "MappingFile", "cleaned", "exact", "parse"]

BLANKS = (
    "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f"
    "\u205f\u3000\ufeff"
)
"""Unicode's white space, and the mark U+FEFF, which is a no-break blank wherever it is not the first of a file."""

ROWS: dict[str, Any] = {
    "line": pl.UInt32,
    "source": pl.String,  # as typed: what stands between the separators
    "destination": pl.String,
    "s": pl.String,  # without outer blanks and quotes
    "t": pl.String,
    "good": pl.Boolean,  # both are valid as typed, separated by a comma: nothing of its own can be wrong with the line
    "separator": pl.String,
    "quoted": pl.Boolean,
}
"""The lines of two columns."""

OTHERS: dict[str, Any] = {
    "line": pl.UInt32,
    "text": pl.String,
    "why": pl.String,  # nul, note, header, quote, columns
    "columns": pl.UInt32,
    "separator": pl.String,
    "kept": pl.String,  # the two columns that are left when empty ones at the end are dropped; null: there are not two
}
"""The lines that are no row."""

_HINT, _TYPE = r"^(?i)sep=.?$", r"^#TYPE\s"  # what Excel reads, what PowerShell writes
_SOURCE_WORDS = (
    "source",
    *(f"source{word}" for word in ("upn", "user", "userprincipalname", "email", "emailid", "id")),
)
_DESTINATION_WORDS = tuple(
    start + word
    for start in ("destination", "target")
    for word in ("", "upn", "user", "userprincipalname", "email", "emailid", "id")
)


@dataclass(frozen=True, slots=True)
class Header:
    """The header, if any.

    Attributes:
        line: where it stands; None when the file begins with a user.
        text: as typed.
        cells: without outer blanks and quotes.
        separator: what separates its columns.
        known: it is a header of ours, perhaps misspelt, and may be written correctly without guessing.
        swapped: it names the destination first.
        before: lines of other text before it.
    """

    line: int | None = None
    text: str = ""
    cells: tuple[str, ...] = ()
    separator: str = ","
    known: bool = False
    swapped: bool = False
    before: tuple[int, ...] = ()


@dataclass(frozen=True)
class MappingFile:
    """One mapping file, taken apart. `lines` has every line: `line`, `text`, `end` (CRLF, LF, CR or empty)."""

    decoded: Decoded
    lines: pl.DataFrame
    blank: pl.DataFrame
    header: Header
    rows: pl.DataFrame
    others: pl.DataFrame


def parse(data: bytes) -> MappingFile:
    """Take a mapping file apart."""
    decoded = decode(data)
    lines = _lines(decoded.text)
    split = lines.with_columns(blank=pl.col("text").str.strip_chars(BLANKS) == "")
    written = split.filter(~pl.col("blank")).select("line", "text")
    rows, odd = _rows(written)
    header, rows, others = _header(written, rows, odd)
    return MappingFile(
        decoded, lines, split.filter("blank").select("line", last=pl.col("line") > _last(written)), header, rows, others
    )


def _last(written: pl.DataFrame) -> int:
    return int(written["line"][-1]) if written.height else 0


def _lines(text: str) -> pl.DataFrame:
    """Numbered as a text editor numbers them: CRLF, LF and a lone CR each end a line, and nothing else does."""
    cr, lf = text.count("\r"), text.count("\n")
    end = "CRLF" if cr else "LF"
    frame = _numbered(text, "\r\n" if cr else "\n").with_columns(end=pl.lit(end))
    if cr and not frame.height - 1 == cr == lf:  # not every CR and every LF is one half of a pair
        frame = _numbered(re.sub("\r(?!\n)", "\r\r\n", text), "\n")  # two CRs: it was a lone one
        typed = pl.col("text")
        kind = pl.when(typed.str.ends_with("\r")).then(pl.lit("CRLF")).otherwise(pl.lit("LF"))
        kind = pl.when(typed.str.ends_with("\r\r")).then(pl.lit("CR")).otherwise(kind)
        frame = frame.with_columns(typed.str.strip_chars_end("\r"), end=kind)
    if frame["text"][-1] == "":
        return frame.head(-1)  # what follows the last line end is no line
    last = pl.col("line") == frame.height
    return frame.with_columns(end=pl.when(last).then(pl.lit("")).otherwise(pl.col("end")))


def _numbered(text: str, end: str) -> pl.DataFrame:
    lines = pl.Series("text", [text], dtype=pl.String).str.split(end).explode().to_frame()
    return lines.with_row_index("line", offset=1).with_columns(pl.col("line").cast(pl.UInt32))


def _rows(written: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    """The lines of two columns; and the odd ones among all lines as `_taken_apart` gives them, None where there are none."""
    split = written.with_columns(pl.col("text").str.splitn(",", 3).alias("cells")).unnest("cells")
    split = split.with_columns(
        left=upns.valid(pl.col("field_0")).fill_null(value=False),
        right=upns.valid(pl.col("field_1")).fill_null(value=False),
    ).with_columns(good=pl.col("left") & pl.col("right") & pl.col("field_2").is_null())
    good = split.filter("good")
    if good.height == written.height:
        return _as_rows(good, pl.col("field_0"), pl.col("field_1")), None
    # One comma, an address, nothing odd: all that can be wrong is in the two columns.
    rest, text = split.filter(~pl.col("good")), pl.col("text")
    simple = text.str.contains("@", literal=True) & ~text.str.contains(r'"|\x00|#TYPE')
    rest = rest.with_columns(simple=pl.col("field_1").is_not_null() & pl.col("field_2").is_null() & simple)
    odd = _taken_apart(rest.filter(~pl.col("simple")).select("line", "text"))
    parts = [
        _as_rows(good, pl.col("field_0"), pl.col("field_1")),
        _as_rows(rest.filter("simple"), *(pl.col(f"field_{n}").str.strip_chars(BLANKS) for n in (0, 1))),
        odd.filter(pl.col("why").is_null()).with_columns(good=pl.lit(value=False)).select(list(ROWS)),
    ]
    parts = [part for part in parts if part.height] or parts[:1]
    return pl.concat(parts).sort("line") if len(parts) > 1 else parts[0], odd


def _as_rows(split: pl.DataFrame, s: pl.Expr, t: pl.Expr) -> pl.DataFrame:
    return split.select(
        "line",
        source="field_0",
        destination="field_1",
        s=s,
        t=t,
        good="good",
        separator=pl.lit(","),
        quoted=pl.lit(value=False),
    )


def _taken_apart(odd: pl.DataFrame) -> pl.DataFrame:
    """Lines that are not plainly good: which separator, how many columns, which quotes."""
    text = pl.col("text")
    separator = pl.lit(",")
    for mark in ("\t", ";"):  # where there is no comma, a semicolon goes before a tab
        here = ~text.str.contains(",", literal=True) & text.str.contains(mark, literal=True)
        separator = pl.when(here).then(pl.lit(mark)).otherwise(separator)
    odd = odd.with_columns(separator=separator).with_columns(
        commas=pl.when(pl.col("separator") == ";")
        .then(text.str.replace_all(";", ",", literal=True))
        .when(pl.col("separator") == "\t")
        .then(text.str.replace_all("\t", ",", literal=True))
        .otherwise(text)
    )
    # Spreadsheets leave empty columns at the end of a line.
    core = pl.col("commas").str.replace(rf"^([^,]*,[^,]*)(?:,[{BLANKS}]*)+$", "$1")
    odd = odd.with_columns(columns=pl.col("commas").str.count_matches(",", literal=True) + 1, core=core)
    odd = odd.with_columns(pl.col("core").str.splitn(",", 3).alias("cells")).unnest("cells")
    two = pl.col("field_1").is_not_null() & pl.col("field_2").is_null()
    odd = odd.with_columns(
        bare_s=cleaned(pl.col("field_0")), bare_t=cleaned(pl.col("field_1")), two=two, quoted=text.str.contains('"')
    ).with_columns(
        # Quotes around a column, or around the line as a whole; any other quote is part of the address.
        quoted=pl.col("quoted") & ~(pl.col("bare_s") + pl.col("bare_t")).str.contains('"').fill_null(value=True)
    )
    odd = odd.with_columns(
        source=pl.col("field_0"),
        destination=pl.col("field_1"),
        s=pl.when("quoted").then("bare_s").otherwise(pl.col("field_0").str.strip_chars(BLANKS)),
        t=pl.when("quoted").then("bare_t").otherwise(pl.col("field_1").str.strip_chars(BLANKS)),
    )
    why = (
        pl.when(text.str.contains("\0", literal=True))
        .then(pl.lit("nul"))
        .when(pl.col("bare_s").str.contains(_HINT) & (pl.col("bare_t").fill_null("") == ""))
        .then(pl.lit("note"))
        .when(pl.col("bare_s").str.contains(_TYPE))
        .then(pl.lit("note"))
        .when(_says(_SOURCE_WORDS, _DESTINATION_WORDS))
        .then(pl.lit("header"))
        .when(text.str.count_matches('"', literal=True) % 2 == 1)
        .then(pl.lit("quote"))
        .when(~pl.col("two") | (pl.col("columns") != 2))
        .then(pl.lit("columns"))
    )
    kept = pl.when(pl.col("two") & (pl.col("columns") > 2)).then(pl.col("s") + pl.lit(",") + pl.col("t"))
    return odd.with_columns(why=why, kept=kept)


def cleaned(cell: pl.Expr) -> pl.Expr:
    """A column without the blanks and quotes around it."""
    return cell.str.strip_chars(BLANKS).str.strip_chars('"').str.strip_chars(BLANKS)


def _says(left: tuple[str, ...], right: tuple[str, ...]) -> pl.Expr:
    """Whether the line is a header of two columns: one word is known, the other at least not its opposite."""
    first = pl.col("bare_s").str.to_lowercase().str.replace_all("[^a-z0-9]", "")
    second = pl.col("bare_t").str.to_lowercase().str.replace_all("[^a-z0-9]", "")
    no_address = ~(pl.col("bare_s") + pl.col("bare_t")).str.contains("@", literal=True)
    known = (first.is_in(left) & ~second.is_in(left)) | (second.is_in(right) & ~first.is_in(right))
    return (known & no_address & pl.col("two")).fill_null(value=False)


def _header(
    written: pl.DataFrame, rows: pl.DataFrame, odd: pl.DataFrame | None
) -> tuple[Header, pl.DataFrame, pl.DataFrame]:
    """The header is the first line that says so before any address; failing that, a first line without any address."""
    if odd is None:
        return Header(), rows, pl.DataFrame(schema=OTHERS)
    others = odd.filter(pl.col("why").is_not_null()).select([pl.col(c).cast(t) for c, t in OTHERS.items()])
    first = written["text"].str.contains("@", literal=True).index_of(True)
    start = written["line"].head(written.height if first is None else first)
    # A line without an address is odd. A hint for Excel and a damaged line are no candidates; they have findings of their own.
    parted = odd.filter(
        pl.col("line").is_in(start.implode()) & ~pl.col("why").is_in(["nul", "note"]).fill_null(value=False)
    )
    if parted.is_empty():
        return Header(), rows, others
    known = parted.filter(pl.col("why") == "header")
    swapped = parted.filter(_says(_DESTINATION_WORDS, _SOURCE_WORDS))
    chosen = known.head(1) if known.height else swapped.head(1) if swapped.height else parted.head(1)
    found = chosen.row(0, named=True)
    before = parted["line"].filter(parted["line"] < found["line"])
    cells = (found["bare_s"], found["bare_t"]) if found["two"] else tuple(found["commas"].split(","))
    header = Header(
        found["line"],
        found["text"],
        cells,
        found["separator"],
        known=known.height > 0,
        swapped=not known.height and swapped.height > 0,
        before=tuple(before),
    )
    # Every line up to the header is used up; most files have no row among them.
    if rows.height and rows["line"][0] <= found["line"]:
        rows = rows.filter(pl.col("line") > found["line"])
    return header, rows, others.filter(~pl.col("line").is_in([*before, found["line"]]))


def exact(header: Header) -> bool:
    """Whether the header's words are right, whatever separates them."""
    return header.text == HEADER.replace(",", header.separator)
