"""A second reader of every kind of file: short, slow and trusting, without a line of the product in it.

It says what a file says, in the plainest way that the standard library (and, for Parquet, polars) offers. It need not
refuse what is ambiguous, since only files that the product accepts are compared; but it does refuse where something that
looks like users stands where nobody would read it.
"""

from __future__ import annotations

import base64
import csv
import io
import json
import posixpath
import re
import xml.etree.ElementTree as ET
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import unquote

import polars as pl

__all__ = ["Book", "Row", "Sheet", "UnreadableError", "read"]


class UnreadableError(ValueError):
    """The file makes no sense to this reader."""


class Row(NamedTuple):
    """One row.

    Attributes:
        number: as Excel shows it; users of JSON and Parquet count from 1, their header is 0.
        cells: as people see them; "" where there is nothing.
        odd: positions of the cells that are an error.
    """

    number: int
    cells: list[str]
    odd: frozenset[int] = frozenset()


@dataclass
class Sheet:
    """The rows of a visible sheet, blank ones too.

    Attributes:
        merges: first row, last row, first column, last column.
        headed: the first row is the header, whatever it holds.
    """

    rows: list[Row]
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    headed: bool = False

    @property
    def filled(self) -> list[Row]:
        """The rows that are not blank; the first of them is the header."""
        head = self.rows[: int(self.headed)]
        return head + [r for r in self.rows[len(head) :] if any(map(str.strip, r.cells))]


@dataclass
class Book:
    """Visible sheets by name (None where a file has but one table), and what a hiddenSheet says."""

    sheets: dict[str | None, Sheet]
    logical: dict[str, str] = field(default_factory=dict)
    labels: list[list[str]] = field(default_factory=list)


def read(data: bytes) -> Book:
    """What a file says, whatever kind of file it is.

    Raises:
        UnreadableError: or any other `ValueError`, `KeyError`, `csv.Error`, `zipfile.BadZipFile` or XML error.
    """
    if data.startswith(b"PK\x03\x04"):
        return _xlsx(data)
    if data.startswith(b"PAR1"):
        return Book({None: _parquet(data)})
    start = _text(data[:200], "replace").lstrip()[:1]
    with suppress(
        ET.ParseError, json.JSONDecodeError, UnicodeDecodeError
    ):  # then it is a table whose header begins with a bracket
        if start == "<":
            return _spreadsheetml(data)
        if start in ("{", "["):
            return Book({None: _json(data)})
    return Book({None: _csv(data)})


def _grid(cells: dict[int, str]) -> list[str]:
    return [cells.get(column, "") for column in range(max(cells, default=-1) + 1)]


def _hidden(rows: Iterable[Row]) -> tuple[dict[str, str], list[list[str]]]:
    """Header -> logical name, and the labels of choices. Titles that stand there twice say nothing."""
    by_number = {row.number: row.cells for row in rows if row.cells}
    first = by_number.pop(1, [""])[0]
    pairs = [pair.partition("=") for pair in first.split(":", 2)[2].split("&")] if first.count(":") > 1 else []
    titles = [(unquote(header).strip(), logical.strip()) for logical, _, header in pairs]
    count = Counter(header for header, _ in titles)
    labels = [cells for cells in by_number.values() if any(cells)]
    return {header: logical for header, logical in titles if header and count[header] == 1}, labels


# --- workbooks --------------------------------------------------------------------------------------------------------

_BUILT_IN_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}


def _number(text: str) -> str:
    """As a double holds it, without an exponent."""
    number = float(text)
    return str(int(number)) if number.is_integer() else format(Decimal(repr(number)), "f")


class _Workbook:
    """A zip file whose parts are XML; zipfile checks the checksum of each part it reads."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.names = {name.casefold(): name for name in archive.namelist()}
        self.strings: list[str] = []

    def tree(self, part: str) -> ET.Element:
        return ET.fromstring(self.archive.read(self.names[part.casefold()]))

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Relationship id -> (last word of its type, part)."""
        folder, name = posixpath.split(part)
        found = {}
        for relation in self.tree(posixpath.join(folder, "_rels", f"{name}.rels")):
            target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target", "")))
            found[relation.get("Id", "")] = (relation.get("Type", "").rpartition("/")[2], target.lstrip("/"))
        return found

    def cell(self, cell: ET.Element, ns: str) -> str:
        kind, value = cell.get("t", "n"), cell.findtext(f"{ns}v") or ""
        if kind == "s":
            return self.strings[int(value)] if value.strip() else ""
        text = _rich(cell.find(f"{ns}is"), ns) if kind == "inlineStr" else _unescaped(value)
        if kind == "n" and text:
            return _number(text)
        return {"1": "true", "0": "false"}.get(text, text) if kind == "b" else text

    def sheet(self, part: str) -> tuple[Sheet, str]:
        """A sheet and its code name."""
        root = self.tree(part)
        ns = root.tag.rpartition("}")[0] + "}"
        rows, read_cells, number = [], 0, 0
        for element in root.iterfind(f"{ns}sheetData/{ns}row"):
            number = int(element.get("r", number + 1))
            column = -1
            cells, odd = dict[int, str](), set[int]()
            for cell in element.iterfind(f"{ns}c"):
                column = _column(cell.get("r")) if cell.get("r") else column + 1
                text = self.cell(cell, ns)
                read_cells += 1
                if text:
                    cells[column] = text
                if text and cell.get("t") == "e":
                    odd.add(column)
            rows.append(Row(number, _grid(cells), frozenset(odd)))
        table = root.find(f"{ns}sheetData")
        inside = Counter(element.tag for element in table.iter()) if table is not None else Counter[str]()
        strays = [*root.findall(f"{ns}row"), *root.findall(f"{ns}c")]
        misplaced = len(root.findall(f"*/{ns}row")) != len(rows) or inside[f"{ns}row"] != len(rows)
        if strays or misplaced or inside[f"{ns}c"] != read_cells:
            raise UnreadableError("there are rows or cells where none belong")
        properties = root.find(f"{ns}sheetPr")
        merges = [_range(m.get("ref", "")) for m in root.iterfind(f"{ns}mergeCells/{ns}mergeCell")]
        return Sheet(rows, merges), "" if properties is None else properties.get("codeName", "")


def _xlsx(data: bytes) -> Book:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        book = _Workbook(archive)
        (main,) = [part for kind, part in book.relations("").values() if kind == "officeDocument"]
        relations = book.relations(main)
        for kind, part in relations.values():
            if kind == "sharedStrings" and part.casefold() in book.names:
                table = book.tree(part)
                ns = table.tag.rpartition("}")[0] + "}"
                book.strings = [_rich(item, ns) for item in table.iterfind(f"{ns}si")]
        result = Book({})
        hidden = None
        for listed in book.tree(main).iterfind("{*}sheets/{*}sheet"):
            (key,) = [value for name, value in listed.attrib.items() if name.endswith("relationships}id")]
            kind, part = relations[key]
            if kind != "worksheet":
                continue
            name = listed.get("name", "")
            if listed.get("state", "visible") == "visible":
                result.sheets[name] = book.sheet(part)[0]
            elif hidden is None:
                sheet, code_name = book.sheet(part)
                if name.casefold() == "hiddensheet" or code_name == "hiddenDataSheet":
                    hidden = sheet
                    result.logical, result.labels = _hidden(sheet.rows)
        return result


def _rich(element: ET.Element | None, ns: str) -> str:
    """The text of a string item: `t`, or `t` in runs `r`, without the reading aids."""
    if element is None:
        return ""
    pieces = []
    for child in element:
        text = child if child.tag == f"{ns}t" else child.find(f"{ns}t") if child.tag == f"{ns}r" else None
        pieces.append("" if text is None else text.text or "")
    return _unescaped("".join(pieces))


def _unescaped(text: str) -> str:
    """`_x000D_` is how Excel writes what XML cannot; characters beyond U+FFFF take two of them."""
    plain = re.sub("_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), text)
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _column(reference: str | None) -> int:
    letters = re.fullmatch("([A-Z]+)[0-9]+", reference or "")
    if letters is None:
        raise UnreadableError(f"no cell is called {reference}")
    number = 0
    for letter in letters[1]:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _range(reference: str) -> tuple[int, int, int, int]:
    corners = reference.split(":")
    rows = sorted(int(corner.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) for corner in corners)
    columns = sorted(map(_column, corners))
    return rows[0], rows[-1], columns[0], columns[-1]


# --- Excel 2003 XML ---------------------------------------------------------------------------------------------------

_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_X = "{urn:schemas-microsoft-com:office:excel}"


def _spreadsheetml(data: bytes) -> Book:
    root = ET.fromstring(data)
    book = Book({})
    hidden = None
    found = Counter[str]()
    for worksheet in root.iterfind(f"{_SS}Worksheet"):
        visible = worksheet.findtext(f"{_X}WorksheetOptions/{_X}Visible", "").strip()
        name = worksheet.get(f"{_SS}Name", "")
        sheet = Sheet([])
        number = 0
        for element in worksheet.iterfind(f"{_SS}Table/{_SS}Row"):
            found["Row"] += 1
            number = int(element.get(f"{_SS}Index", number + 1))
            _spreadsheetml_row(element, number, sheet, found)
            number += int(element.get(f"{_SS}Span", 0))
        if visible not in ("SheetHidden", "SheetVeryHidden"):
            book.sheets[name] = sheet
        elif hidden is None and name.casefold() == "hiddensheet":
            hidden = sheet
            book.logical, book.labels = _hidden(sheet.rows)
    if any(len(list(root.iter(f"{_SS}{tag}"))) != found[tag] for tag in ("Row", "Cell")):
        raise UnreadableError("there are rows or cells where none belong")
    return book


def _spreadsheetml_row(element: ET.Element, number: int, sheet: Sheet, found: Counter[str]) -> None:
    column = -1
    cells, odd = dict[int, str](), set[int]()
    for cell in element.iterfind(f"{_SS}Cell"):
        found["Cell"] += 1
        column = int(cell.get(f"{_SS}Index", column + 2)) - 1
        content = cell.find(f"{_SS}Data")
        text = "" if content is None else "".join(content.itertext())
        kind = "String" if content is None else content.get(f"{_SS}Type", "String")
        if kind == "Boolean":
            text = {"1": "true", "0": "false"}.get(text, text)
        if text:
            cells[column] = text
        if text and kind == "Error":
            odd.add(column)
        across, down = (int(cell.get(f"{_SS}{name}", 0)) for name in ("MergeAcross", "MergeDown"))
        if across or down:
            sheet.merges.append((number, number + down, column, column + across))
        column += across
    sheet.rows.append(Row(number, _grid(cells), frozenset(odd)))


# --- text -------------------------------------------------------------------------------------------------------------


def _text(data: bytes, errors: str = "strict") -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors)


def _csv(data: bytes) -> Sheet:
    text = _text(data)
    first = 1
    if declared := re.match('"?sep=([,;\t])"?[,; \t]*\r?(\n|$)', text, re.IGNORECASE):
        return Sheet(_records(text[declared.end() :], declared[1], first))
    if type_line := re.match("#TYPE [^\n]*(\n|$)", text):
        text, first = text[type_line.end() :], 2
    while above := re.match('(?:[ ,;\t\xa0\r]|"[ ,;\t\xa0\r\n]*")*\n', text):  # a row of separators is no header
        text, first = text[above.end() :], first + 1
    # The separator that makes no row wider than the header; of several, the one that gives the widest table.
    tables = []
    for mark in ",;\t":
        try:
            rows = _records(text, mark, first)
        except csv.Error:
            continue
        widths = [len(row.cells) for row in rows if any(cell.strip() for cell in row.cells)]
        if widths and max(widths) == widths[0]:
            tables.append((widths[0], rows))
    if not tables:
        raise UnreadableError("no separator gives a table")
    return Sheet(max(tables, key=lambda table: table[0])[1], headed=True)


def _records(text: str, mark: str, first: int) -> list[Row]:
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    return [Row(number, cells) for number, cells in enumerate(lines, first)]


# --- JSON and Parquet -------------------------------------------------------------------------------------------------


class _Number(str):
    """A number as it is written."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise UnreadableError("a key is given twice")
    return dict(pairs)


def _documents(text: str) -> Iterator[Any]:
    """One document, or one after the other, as JSON Lines are."""
    decoder = json.JSONDecoder(object_pairs_hook=_unique, parse_int=_Number, parse_float=_Number)
    rest = text.strip(" \t\r\n")
    while rest:
        document, end = decoder.raw_decode(rest)
        yield document
        rest = rest[end:].lstrip(" \t\r\n")


def _json(data: bytes) -> Sheet:
    documents = list(_documents(data.decode("utf-8-sig")))
    if len(documents) == 1 and isinstance(documents[0], list):
        documents = documents[0]
    users: list[dict[str, str]] = []
    for element in documents:
        page = element.get("value", [element]) if isinstance(element, dict) else element
        for user in page if isinstance(page, list) else [page]:
            if not isinstance(user, dict):
                raise UnreadableError("there is something else than users")
            users.append({key: _shown(value) for key, value in user.items()})
    keys = {key: None for user in users if any(user.values()) for key in user}
    header = [key for key in keys if "@odata." not in key and "@Microsoft.Dynamics.CRM." not in key]
    rows = [Row(number, [user.get(key, "") for key in header]) for number, user in enumerate(users, 1)]
    return Sheet([Row(0, header), *rows], headed=True)


def _shown(value: Any) -> str:
    """A value of JSON or of a frame as the text of a cell."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return _compact(value)


def _compact(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{_compact(key)}:{_compact(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_compact, value)) + "]"
    if isinstance(value, _Number):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) <= 2**53:
        return str(int(value))
    return json.dumps(value, ensure_ascii=False)


def _parquet(data: bytes) -> Sheet:
    frame = pl.read_parquet(io.BytesIO(data))
    rows = [Row(number, list(map(_shown, values))) for number, values in enumerate(frame.iter_rows(), 1)]
    return Sheet([Row(0, list(frame.columns)), *rows], headed=True)
