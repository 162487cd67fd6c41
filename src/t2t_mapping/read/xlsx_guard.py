"""What is looked at in a workbook before a library reads it: its sheets, and whatever the library passes over in silence.

fastexcel ends the process on cells beyond the sheet and on forged counts, ignores checksums, takes an odd index of a
shared text for 0, and says nothing of formulas, errors, merged cells and hidden rows. One pass over each part in use
proves its checksum and asks a few regular expressions; only where they find something is there a closer look.
"""

from __future__ import annotations

import codecs
import html
import itertools
import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.parsers import expat

import polars as pl

from t2t_mapping.errors import InputError
from t2t_mapping.read.archive import DAMAGED, Archive
from t2t_mapping.read.cells import clip, refuse

__all__ = ["SAVE_AGAIN", "Seen", "Sheet", "Workbook", "look", "open_workbook"]

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
MOST_CELLS = 32_000_000  # in the rectangle around all cells; the library keeps each of them, blank or not
WELL_FORMED = 8 << 20  # bytes of a sheet whose XML is checked; of larger ones, that would take as long as reading them
SHORTEST = 1 << 20  # bytes asked about at once: so many stay in the processor's cache, and every question has its costs
LONGEST = 8 << 20  # bytes without a row: from here on they are cut at any tag

_HEAD = 64 << 10  # bytes in which a sheet says what it is
SAVE_AGAIN = "Open it in Excel and save it as .xlsx, or export it again."

# Vectorised and over every byte: is there anything to look at? Each expression begins with a few fixed letters, so that
# most bytes are passed over at the speed of memory.
_QUESTIONS = {
    "odd": pl.col("text").str.contains(r"""f>|<f |:f |t=["']e|hidden=["'][1t]|mergeCell """),
    # A cell that does not begin by saying that it is in columns A to AF of the first million rows.
    "far": pl.col("text").str.contains(
        r"""[<:]c(?:/|[ \n\r\t](?:[^r]|r[^=]|r=[^"]|r="(?:[^A-Z]|A[^0-9A-F]|[B-Z][^0-9]|A[A-F][^0-9]|A[A-F]?[0-9]{7}|[B-Z][0-9]{7})))"""
    )
    | pl.col("text").str.contains("<c>", literal=True),
    "prefix": pl.col("text").str.contains(":c>", literal=True),
    "index": pl.col("text").str.contains(
        r"""t=["']s["'][^>]*>[ \n\r\t]*<(?:[A-Za-z0-9_]+:)?v[^>]*>(?:[^0-9<]|[0-9]+[^0-9<])"""
    ),
}
_BARE = "<[A-Za-z0-9_]+:c>"
# Of such a piece, whatever the order of the attributes: is there a cell without an address, or an address beyond column AF
# or the first million rows?
_TAG = r"<(?:[A-Za-z0-9_.\-]+:)?"
_UNPLACED = pl.col("text").str.count_matches(_TAG + r"c[ \n\r\t/>]") != pl.col("text").str.count_matches(
    _TAG + r"c[ \n\r\t](?:[^<>]*[ \n\r\t])?r[ \n\r\t]*="
)
_BEYOND = pl.col("text").str.contains(
    r"""[ \n\r\t]r[ \n\r\t]*=[ \n\r\t]*["'](?:[A-Za-z]{3}|A[G-Z]|[B-Z][A-Z]|[A-Z]?[a-z]|[A-Z]{0,2}[0-9]{7})"""
)
_ROW_OR_CELL = _TAG + r"(?:row|c)[ \n\r\t/>]"
# The closer look.
_NAME = rb"<(?:\w+:)?"
_ADDRESS = re.compile(rb"""\br\s*=\s*["']([A-Za-z]*)([0-9]+)""")
_FORMULA = re.compile(_NAME + rb"f(?=[\s/>])")
_ERROR = re.compile(_NAME + rb"""c\s([^>]*\bt=["']e["'](?:[^>]*[^/>])?)>(.*?)</(?:\w+:)?c>""", re.DOTALL)
_VALUE = re.compile(_NAME + rb"(?:v|t)(?:\s[^>]*)?>([^<]+)<")
_CELL_END = re.compile(rb"</(?:\w+:)?c>")
_HIDDEN = re.compile(_NAME + rb"""row\s([^>]*\bhidden=["'](?:1|true)["'][^>]*)>""")
_MERGED = re.compile(_NAME + rb"""mergeCell\s[^>]*\bref=["']([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})["']""")
_ENCODING = re.compile(rb"""<\?xml[^>]*\bencoding=["']([\w.-]+)""")
_COUNTS = re.compile(
    rb"""<(?:\w+:)?sst\b[^>]*?\b(?:uniqueC|c)ount=["']([0-9]+)["'](?:[^>]*?\b(?:uniqueC|c)ount=["']([0-9]+))?"""
)
_CODE_NAME = re.compile(rb"""\bcodeName=["']hiddenDataSheet["']""")


@dataclass(frozen=True)
class Sheet:
    """A sheet as the workbook lists it. `part` is None for what is no worksheet (a chart sheet, say)."""

    name: str
    visible: bool
    part: str | None


@dataclass(frozen=True)
class Workbook:
    """The sheets of a workbook, and why only the slow reader can read it (empty: it can be read by either)."""

    sheets: tuple[Sheet, ...]
    slow: str = ""


@dataclass
class Seen:
    """What a closer look at a sheet found; rows count from 1, columns from 0.

    Attributes:
        raw: Whether it is written as Dynamics writes it: with prefixes, or with its texts in the sheet itself.
        hides_data: Whether it is the sheet that Dynamics hides in its exports, by its code name.
        slow: Why only the slow reader can read it.
        formulas: Column -> how many there are, and in which row the first one is. `unplaced` ones do not say where they are.
        blank: Row and column of the formulas beside which no value is stored.
        errors: Row, column and text of every error.
        merged: First row, last row, first and last column of every merged range.
        hidden: The rows that are not shown.
    """

    raw: bool = False
    hides_data: bool = False
    slow: str = ""
    formulas: dict[int, tuple[int, int]] = field(default_factory=dict)
    unplaced: int = 0
    blank: list[tuple[int, int]] = field(default_factory=list)
    errors: list[tuple[int, int, str]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)


def open_workbook(archive: Archive) -> Workbook:
    """Follow the relationships from the package to the workbook to its sheets, and verify what all sheets share.

    Raises:
        InputError: I101 when a part is missing, damaged or not well formed.
    """
    main = next(iter(_relations(archive, "", "officeDocument").values()), "xl/workbook.xml")
    relations = _relations(archive, main, "")
    worksheets = _relations(archive, main, "worksheet")
    sheets = []
    for tag, attributes in _elements(archive, main):
        if tag == "sheet" and "name" in attributes and "id" in attributes:
            part = worksheets.get(attributes["id"])
            sheets.append(Sheet(attributes["name"], attributes.get("state", "visible") == "visible", part))
            if attributes["id"] not in relations or (part and part not in archive):
                raise refuse(
                    archive.label, "The workbook lists a sheet that is not in the file.", DAMAGED, sheet=sheets[-1].name
                )
    if len({sheet.name.casefold() for sheet in sheets}) < len(sheets):
        raise refuse(archive.label, "The workbook lists two sheets of one name.", SAVE_AGAIN)
    slow = "" if posixpath.basename(main) == "workbook.xml" else "its main part has an unusual name"
    for name in ("sharedStrings", "styles"):
        usual = posixpath.join(posixpath.dirname(main), f"{name}.xml")  # the library looks there, whatever is related
        for part in {usual, *_relations(archive, main, name).values()}:
            if part in archive:
                slow = _verify(archive, part) or slow
    return Workbook(tuple(sheets), slow)


def _verify(archive: Archive, part: str) -> str:
    """Prove the checksum of a part that is no sheet. The answer is why the fast reader must not see it, if so."""
    slow, pieces = _opened(archive, part)
    _check_xml(archive, part)
    for number, piece in enumerate(pieces):
        if not number and (claims := _COUNTS.search(piece)):
            claimed = max(int(count[:20]) for count in claims.groups() if count)
            slow = slow or "it claims an impossible number of texts" * (claimed > archive.size(part))
    return slow


def _relations(archive: Archive, source: str, kind: str) -> dict[str, str]:
    """Relationship id -> part name of one kind; of every kind for ""."""
    folder, name = posixpath.split(source)
    found = {}
    for _, attributes in _elements(archive, posixpath.join(folder, "_rels", f"{name}.rels")):
        if attributes.get("Type", "").endswith(f"/{kind}" if kind else ""):
            target = attributes.get("Target", "").replace("\\", "/")
            outside = attributes.get("TargetMode") == "External"
            whole = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            found[attributes.get("Id", "")] = "" if outside else whole
    return found


def _elements(archive: Archive, part: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The names and attributes of all elements of a small part, without their namespaces."""
    data = archive.small(part)
    _refuse_doctype(archive, part, data)
    try:
        root = ElementTree.fromstring(data)
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        raise refuse(archive.label, f"The part {part} is not valid XML ({error}).", DAMAGED) from error
    for element in root.iter():
        yield _local(element.tag), {_local(name): value for name, value in element.attrib.items()}


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _refuse_doctype(archive: Archive, part: str, head: bytes) -> None:
    if b"<!DOCTYPE" in head.replace(b"\0", b""):
        message = f"The part {part} has a document type definition, which no genuine workbook has."
        raise refuse(archive.label, message, SAVE_AGAIN)


def _opened(archive: Archive, part: str) -> tuple[str, Iterator[bytes]]:
    """The pieces of a part as UTF-8, and why only the slow reader can read it (empty: it is UTF-8)."""
    pieces = archive.stream(part)
    head = next(pieces, b"")
    _refuse_doctype(archive, part, head)
    declared = _ENCODING.match(head.removeprefix(codecs.BOM_UTF8))
    name = "utf-16" if b"\0" in head[:4] else declared[1].decode() if declared else "utf-8"
    try:
        codec = codecs.lookup(name)
        decoder = codec.incrementaldecoder("replace")
    except (LookupError, TypeError) as error:
        raise refuse(archive.label, f"The part {part} is in the unknown encoding {clip(name)}.", SAVE_AGAIN) from error
    pieces = itertools.chain((head,), pieces)
    if codec.name in ("utf-8", "ascii"):
        return "", pieces
    return f"its XML is written in {codec.name}", (decoder.decode(piece).encode() for piece in pieces)


# --- one sheet --------------------------------------------------------------------------------------------------------


def look(archive: Archive, sheet: Sheet) -> Seen:
    """Verify a sheet and say what the libraries would not.

    Raises:
        InputError: I101 when the part is damaged or holds cells that no sheet has.
    """
    assert sheet.part is not None

    def fault(message: str, fix: str = SAVE_AGAIN) -> InputError:
        return refuse(archive.label, message, fix, sheet=sheet.name)

    far = False
    slow, pieces = _opened(archive, sheet.part)
    _check_xml(archive, sheet.part)
    seen = Seen(slow=slow)
    for number, piece in enumerate(_whole_rows(pieces)):
        try:
            text = pl.Series("text", [piece], dtype=pl.Binary).cast(pl.String)
        except pl.exceptions.ComputeError as error:
            raise fault(f"The part {sheet.part} is not valid UTF-8.", DAMAGED) from error
        answers = text.to_frame().select(**_QUESTIONS).row(0, named=True)
        if answers["index"]:
            raise fault("A cell points to no shared text: its index is not a whole number.", DAMAGED)
        if not far and (answers["far"] or (answers["prefix"] and text.str.contains(_BARE).any())):
            far = text.to_frame().select(_UNPLACED | _BEYOND).item()
        if answers["odd"]:
            _look_closer(piece, seen)
        if not number:
            seen.raw = re.search(rb"<\w+:row\b|inlineStr", piece[:_HEAD]) is not None
            seen.hides_data = _CODE_NAME.search(piece[:_HEAD]) is not None
    if far:
        rows, columns = _extent(_whole_rows(_opened(archive, sheet.part)[1]))
        if rows > LAST_ROW or columns > LAST_COLUMN:
            raise fault("A cell lies beyond the last row or column of a sheet.")
        if rows * columns > MOST_CELLS:
            seen.slow = "its cells lie far apart"
    return seen


def _check_xml(archive: Archive, part: str) -> None:
    """Refuse XML that is not well formed, which the library would read for as much as it understands."""
    if archive.size(part) > WELL_FORMED:
        return
    parser = expat.ParserCreate(namespace_separator=" ")
    fault: Exception | None = None
    pieces = itertools.chain(((piece, False) for piece in archive.stream(part)), [(b"", True)])
    for piece, last in pieces:  # to the end, whatever it finds: a wrong checksum says more
        if fault is None:
            try:
                parser.Parse(piece, last)
            except (expat.ExpatError, LookupError, ValueError) as error:
                fault = error
    if fault:
        raise refuse(archive.label, f"The part {part} is not valid XML ({fault}).", DAMAGED) from fault


def _whole_rows(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes, cut where a row begins, so that no cell is cut in two."""
    held: list[bytes] = []
    length = 0
    for piece in pieces:
        near = max(len(piece) - _HEAD, 0)
        row = max(piece.rfind(b"<row", near), piece.rfind(b":row", near))
        if row < 0:
            row = max(piece.rfind(b"<row"), piece.rfind(b":row"))
        cut = piece.rfind(b"<", 0, row + 1)
        if cut < 0 and length > LONGEST:
            cut = piece.rfind(b"<")
        if cut < 0 or length < SHORTEST:
            held.append(piece)
            length += len(piece)
        else:
            yield b"".join((*held, piece[:cut]))
            held = [piece[cut:]]
            length = len(held[0])
    yield b"".join(held)


def _look_closer(piece: bytes, seen: Seen) -> None:
    """Find the formulas, errors, hidden rows and merged ranges of some rows."""
    for formula in _FORMULA.finditer(piece) if b"f>" in piece or b"f " in piece else ():
        place = _place(piece[piece.rfind(b"<", 0, formula.start()) : formula.start()])
        if place is None:
            seen.unplaced += 1
        else:
            row, column = place
            count, first = seen.formulas.get(column, (0, row))
            seen.formulas[column] = (count + 1, first)
            if not _VALUE.search(piece, formula.start(), _end_of_cell(piece, formula.start())):
                seen.blank.append(place)
    for error in _ERROR.finditer(piece) if b"t=" in piece else ():
        value = _VALUE.search(error[2])
        place = _place(error[1])
        if place is None:
            seen.slow = "its cells do not say where they are"
        else:
            seen.errors.append((*place, html.unescape(value[1].decode()) if value else ""))
    for tag in _HIDDEN.finditer(piece) if b"hidden=" in piece else ():
        found = _ADDRESS.search(tag[1])
        seen.hidden += [int(found[2])] if found else []
    for area in _MERGED.finditer(piece) if b"mergeCell" in piece else ():
        left, top, right, bottom = area.groups()
        seen.merged.append((int(top), int(bottom), _column(left), _column(right)))


def _end_of_cell(piece: bytes, at: int) -> int:
    """Where the next cell begins, or this one ends."""
    found = _CELL_END.search(piece, at)
    return found.start() if found else len(piece)


def _place(tag: bytes) -> tuple[int, int] | None:
    """Row and column of a cell, if it says so."""
    found = _ADDRESS.search(tag)
    return (int(found[2]), _column(found[1])) if found and found[1] else None


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number - 1


def _extent(pieces: Iterable[bytes]) -> tuple[int, int]:
    """How many rows and columns the library would hold: at least as many as there are."""
    rows = last_row = last_column = widest = 0
    for piece in pieces:
        text = pl.Series("text", [piece], dtype=pl.Binary).cast(pl.String)
        is_row = text.str.extract_all(_ROW_OR_CELL).explode().drop_nulls().str.contains("(?s)row.$")
        rows += int(is_row.sum())
        if text.to_frame().select(_UNPLACED).item():
            cells = (~is_row).to_frame("cells").group_by(is_row.cum_sum().alias("row")).agg(pl.col("cells").sum())
            widest = max(widest, 0, *cells["cells"])
        places = text.str.extract_all(_ADDRESS.pattern.decode()).explode().drop_nulls()
        numbers = places.str.extract("([0-9]+)$", 1).unique().cast(pl.Int64, strict=False)
        last_row = max(last_row, 0, *numbers.fill_null(LAST_ROW + 1))  # null: more digits than a number has
        letters = places.str.extract("""["']([A-Za-z]*)""", 1).unique()
        last_column = max(last_column, 0, *(_column(some[:9].encode()) + 1 for some in letters))
    return max(rows, last_row), last_column + widest
