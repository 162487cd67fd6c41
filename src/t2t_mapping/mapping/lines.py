"""Bytes → what a mapping file says, line by line, whatever the bytes are. Judges nothing and loses nothing.

The service reads lines and splits them at commas, so that is how they are read here: a quote never joins lines. Every
line ends up in exactly one place: blank, header, row (two columns), or `others` with the reason.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Any

import polars as pl

from t2t_mapping import upn as upns
from t2t_mapping.mapping.dialects import HEADER

__all__ = ["BLANKS", "Decoded", "Header", "MappingFile", "cleaned", "decode", "exact", "parse"]

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
_WORKBOOK, _OLE2, _PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF-"
_NOT_ASCII = r"[^\x00-\x7f]"
_CONTROLS = bytes(code for code in (*range(32), 127) if code not in b"\t\n\r\x0b\x0c")


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a file.

    Attributes:
        fault: what is wrong with the encoding, in words; None when nothing is.
        certain: whether the text is certainly what was meant, so that it may be written again.
        legible: whether it makes sense to judge lines at all.
        about: the characters that the fault is about, as a regular expression; empty if it is about the whole file.
    """

    text: str
    fault: str | None = None
    certain: bool = True
    legible: bool = True
    about: str = ""


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


def decode(data: bytes) -> Decoded:
    """The text of any bytes, and what is wrong with its encoding."""
    for mark, codec, name in (
        (codecs.BOM_UTF8, "utf-8", "UTF-8 with a byte order mark"),
        (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
        (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
        (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
        (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
    ):
        if data.startswith(mark):
            return _wide(data[len(mark) :], codec, f"The file is {name}, not plain UTF-8.")
    if data and not data.strip(b"\0"):
        return Decoded("", "The file is filled with zero bytes.", certain=False, legible=False)
    if b"\0" in data and (unmarked := _unmarked(data)):
        return _wide(data, unmarked, "The file is UTF-16 (without a byte order mark), not plain UTF-8.")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return _not_utf8(data)
    if "\0" in text:
        return Decoded(text, "The file holds NUL bytes: it is damaged, or no text.", certain=False, about=r"\x00")
    return Decoded(text)


def _wide(data: bytes, codec: str, fault: str) -> Decoded:
    try:
        text, damaged = data.decode(codec), False
    except UnicodeDecodeError:
        text, damaged = data.decode(codec, "replace"), True
    damaged = damaged or "\0" in text
    if damaged:
        fault += " Some of its characters are damaged."
    return Decoded(text.lstrip("\ufeff"), fault, certain=not damaged)


def _unmarked(data: bytes) -> str | None:
    """UTF-16 without its mark: in the addresses, every second byte is zero and hardly any other."""
    sample = data[: 64 << 10]
    even, odd, pairs = sample[::2].count(0), sample[1::2].count(0), max(len(sample) // 2, 1)
    if odd * 2 >= pairs and even * 10 <= odd:
        return "utf-16-le"
    if even * 2 >= pairs and odd * 10 <= even:
        return "utf-16-be"
    return None


def _not_utf8(data: bytes) -> Decoded:
    for magic, what in (
        (_WORKBOOK, "an Excel workbook or another zip archive"),
        (_OLE2, "an old Office document"),
        (_PDF, "a PDF document"),
    ):
        if data.startswith(magic):
            return Decoded("", f"The file is {what}, not text.", certain=False, legible=False)
    if len(data.translate(None, _CONTROLS)) != len(data):
        fault = "The file is no text: it holds control characters and is not UTF-8."
        return Decoded("", fault, certain=False, legible=False)
    # In Windows-1252, two accented letters hardly ever look like one of UTF-8.
    proper = data.decode("utf-8", "ignore")
    accented = sum(not character.isascii() for character in proper)
    if accented >= len(data) - len(proper.encode()):
        text, fault = data.decode("utf-8", "replace"), "The file is UTF-8 with damaged characters, or in two encodings."
        return Decoded(text, fault, certain=False, about=_NOT_ASCII)
    try:
        return Decoded(data.decode("cp1252"), "The file is not UTF-8 (it was read as Windows-1252).", about=_NOT_ASCII)
    except UnicodeDecodeError:
        fault = "The file is neither UTF-8 nor Windows-1252."
        return Decoded(data.decode("latin-1"), fault, certain=False, about=_NOT_ASCII)


def parse(data: bytes) -> MappingFile:
    """Take a mapping file apart."""
    decoded = decode(data)
    lines = _lines(decoded.text)
    split = lines.with_columns(blank=pl.col("text").str.strip_chars(BLANKS) == "")
    written = split.filter(~pl.col("blank")).select("line", "text")
    rows, others = _rows(written)
    header, rows, others = _header(written, rows, others)
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


def _rows(written: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The lines of two columns, and the others."""
    split = written.with_columns(pl.col("text").str.splitn(",", 3).alias("cells")).unnest("cells")
    split = split.with_columns(
        left=upns.valid(pl.col("field_0")).fill_null(value=False),
        right=upns.valid(pl.col("field_1")).fill_null(value=False),
    ).with_columns(good=pl.col("left") & pl.col("right") & pl.col("field_2").is_null())
    good = split.filter("good")
    if good.height == written.height:
        return _as_rows(good, pl.col("field_0"), pl.col("field_1")), pl.DataFrame(schema=OTHERS)
    # One comma, an address, nothing odd: all that can be wrong is in the two columns.
    rest, text = split.filter(~pl.col("good")), pl.col("text")
    simple = text.str.contains("@", literal=True) & ~text.str.contains(r'"|\x00|#TYPE')
    rest = rest.with_columns(simple=pl.col("field_1").is_not_null() & pl.col("field_2").is_null() & simple)
    odd = _taken_apart(rest.filter(~pl.col("simple")).select("line", "text"))
    others = odd.filter(pl.col("why").is_not_null()).select([pl.col(c).cast(t) for c, t in OTHERS.items()])
    parts = [
        _as_rows(good, pl.col("field_0"), pl.col("field_1")),
        _as_rows(rest.filter("simple"), *(pl.col(f"field_{n}").str.strip_chars(BLANKS) for n in (0, 1))),
        odd.filter(pl.col("why").is_null()).with_columns(good=pl.lit(value=False)).select(list(ROWS)),
    ]
    parts = [part for part in parts if part.height] or parts[:1]
    return pl.concat(parts).sort("line") if len(parts) > 1 else parts[0], others


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
    written: pl.DataFrame, rows: pl.DataFrame, others: pl.DataFrame
) -> tuple[Header, pl.DataFrame, pl.DataFrame]:
    """The header is the first line that says so before any address; failing that, a first line without any address."""
    at = written["text"].str.contains("@", literal=True)
    first = at.index_of(True)
    start = written.head(written.height if first is None else first)
    # A hint for Excel and a damaged line are no candidates; they have findings of their own.
    passed = others.filter(pl.col("why").is_in(["nul", "note"]))["line"]
    start = start.filter(~pl.col("line").is_in(passed.implode()))
    if start.is_empty():
        return Header(), rows, others
    parted = _taken_apart(start)
    known = parted.filter(pl.col("why") == "header")
    swapped = parted.filter(_says(_DESTINATION_WORDS, _SOURCE_WORDS))
    chosen = known.head(1) if known.height else swapped.head(1) if swapped.height else parted.head(1)
    found = chosen.row(0, named=True)
    before = start.filter(pl.col("line") < found["line"])["line"]
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
