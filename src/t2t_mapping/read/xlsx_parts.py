"""The small parts of a workbook: which sheets there are, where their parts lie, which number formats are dates."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import NoReturn
from xml.parsers import expat

from t2t_mapping.errors import InputError
from t2t_mapping.read.cells import clip, refuse
from t2t_mapping.read.xlsx_archive import DAMAGED, Archive

__all__ = ["MAIN_NAMESPACES", "Sheet", "Workbook", "date_styles", "new_parser", "not_xml", "open_workbook"]

MAIN_NAMESPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",  # "Strict Open XML Spreadsheet"
)
_RELATION_NAMESPACES = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/"
_WORKBOOK_TYPES = re.compile(
    r"application/vnd\.(openxmlformats-officedocument\.spreadsheetml\.(sheet|template)"
    r"|ms-excel\.(sheet|template)\.macroEnabled)\.main\+xml",
    re.IGNORECASE,
)
_DEEPEST = 3  # where the wanted elements stand; joining longer paths would cost quadratic time
_MOST_SHEETS = 250
_SHEET_KINDS = ("worksheet", "chartsheet", "dialogsheet")
_SAVE_AGAIN = "Open it in Excel and save it as .xlsx, or export it again."

Attributes = dict[str, str]


@dataclass(frozen=True)
class Sheet:
    """A sheet as the workbook lists it. `part` is None for what is no worksheet (a chart sheet, say)."""

    name: str
    visible: bool
    part: str | None


@dataclass(frozen=True)
class Workbook:
    """What `xl/workbook.xml` and its relationships say."""

    sheets: tuple[Sheet, ...]
    strings_part: str | None
    styles_part: str | None


def open_workbook(archive: Archive) -> Workbook:
    """Follows the relationships from the package to the workbook to its sheets.

    Raises:
        InputError: I101 when a part is missing, is not well-formed, or has another namespace.
    """
    label = archive.label
    roots = _relations(archive, "", "officeDocument")
    if len(roots) != 1:
        raise refuse(label, "The file names no workbook, or several.", _SAVE_AGAIN)
    (main,) = roots.values()
    if main is None or not _WORKBOOK_TYPES.fullmatch(_content_type(archive, main)):
        raise refuse(label, "The file holds an Office document that is no .xlsx workbook.", _SAVE_AGAIN)
    listed = _elements(archive, main, MAIN_NAMESPACES, "workbook", {"workbook/sheets/sheet"})
    if len(listed) > _MOST_SHEETS:
        message = f"The workbook has {len(listed):,} sheets; {_MOST_SHEETS} are the most that are looked through."
        raise refuse(label, message, "Delete the sheets that list no users.")
    worksheets = _relations(archive, main, "worksheet")
    others = _relations(archive, main, "")
    known = {key for kind in _SHEET_KINDS for key in _relations(archive, main, kind)}
    sheets: list[Sheet] = []
    for _, attributes in listed:
        name = attributes.get("name", "")
        targets = [attributes[key] for ns in _RELATION_NAMESPACES if (key := f"{ns} id") in attributes]
        if len(targets) != 1 or targets[0] not in others:
            raise refuse(label, "The workbook lists a sheet that has no part.", DAMAGED, sheet=name)
        if targets[0] not in known:
            raise refuse(label, "The workbook lists a sheet of an unknown kind.", DAMAGED, sheet=name)
        part = worksheets.get(targets[0])
        if part is None and targets[0] in worksheets:
            raise refuse(label, "The sheet lies outside the file.", _SAVE_AGAIN, sheet=name)
        if part is not None and part not in archive:
            raise refuse(label, f"The part {part} is missing.", DAMAGED, sheet=name)
        sheets.append(Sheet(name, attributes.get("state", "visible") == "visible", part))
    for values in ([s.name.casefold() for s in sheets], [s.part for s in sheets if s.part]):
        if len(set(values)) != len(values):
            raise refuse(label, "The workbook lists the same sheet twice.", _SAVE_AGAIN)
    strings = [*_relations(archive, main, "sharedStrings").values()]
    styles = [*_relations(archive, main, "styles").values()]
    if len(strings) > 1 or len(styles) > 1:
        raise refuse(label, "The workbook names two tables of texts or of styles.", _SAVE_AGAIN)
    return Workbook(tuple(sheets), strings[0] if strings else None, styles[0] if styles else None)


def date_styles(archive: Archive, part: str | None) -> frozenset[int]:
    """The style numbers (attribute `s` of a cell) that show a number as a date or time."""
    if part is None:
        return frozenset()
    wanted = {"styleSheet/numFmts/numFmt", "styleSheet/cellXfs/xf"}
    dates = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
    formats: list[str] = []
    for path, attributes in _elements(archive, part, MAIN_NAMESPACES, "styleSheet", wanted):
        number = attributes.get("numFmtId", "0")
        if path.endswith("/xf"):
            formats.append(number)
        elif number.isdecimal() and len(number) < 10:
            # A format code given in the file beats the built-in meaning of its number.
            (dates.add if _shows_date(attributes.get("formatCode", "")) else dates.discard)(int(number))
    return frozenset(
        style
        for style, number in enumerate(formats)
        if number.isdecimal() and len(number) < 10 and int(number) in dates
    )


def _shows_date(code: str) -> bool:
    """True when d, m, y or h stands outside quotes, brackets and escapes."""
    return re.search("[dmyh]", re.sub(r'"[^"]*"?|\[[^\]]*\]?|[\\_*].', "", code), re.IGNORECASE) is not None


def not_xml(label: str, part: str, error: expat.ExpatError, sheet: str | None = None) -> InputError:
    """The I101 error for what is no well-formed XML."""
    where = f"line {error.lineno}, character {error.offset + 1}" if hasattr(error, "lineno") else "somewhere"
    reason = expat.errors.messages.get(error.code, "not well-formed") if hasattr(error, "code") else "not well-formed"
    return refuse(label, f"The part {part} is no valid XML ({reason}, {where}).", DAMAGED, sheet=sheet)


def new_parser(label: str, part: str) -> expat.XMLParserType:
    """An expat parser with namespaces as `uri name`, that refuses document type definitions."""

    def no_doctype(*_: object) -> NoReturn:
        raise refuse(
            label, f"The part {part} has a document type definition, which no genuine workbook has.", _SAVE_AGAIN
        )

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = no_doctype
    return parser


def _elements(
    archive: Archive, part: str, namespaces: tuple[str, ...], root: str, wanted: Collection[str]
) -> list[tuple[str, Attributes]]:
    """The paths and attributes of the wanted elements of a small part, in file order."""
    data = archive.small(part)
    parser = new_parser(archive.label, part)
    found: list[tuple[str, Attributes]] = []
    path: list[str] = []

    def start(name: str, attributes: Attributes) -> None:
        namespace, _, local = name.rpartition(" ")
        if not path and (namespace not in namespaces or local != root):
            raise refuse(archive.label, f"The part {part} is of an unknown kind ({clip(name, 80)}).", _SAVE_AGAIN)
        path.append(local if namespace in namespaces else name)
        if len(path) <= _DEEPEST and (here := "/".join(path)) in wanted:
            found.append((here, attributes))

    def end(_: str) -> None:
        path.pop()

    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise not_xml(archive.label, part, error) from error
    except (LookupError, ValueError) as error:  # an encoding that Python does not know, or cannot hand to expat
        raise refuse(archive.label, f"The part {part} is in an unknown encoding.", _SAVE_AGAIN) from error
    return found


def _relations(archive: Archive, source: str, kind: str) -> dict[str, str | None]:
    """Relationship id -> part name (None when it lies outside the file) of one kind; of every kind for ""."""
    folder, name = posixpath.split(source)
    part = posixpath.join(folder, "_rels", f"{name}.rels")
    namespaces = (f"{_PACKAGE}relationships",)
    listed = _elements(archive, part, namespaces, "Relationships", {"Relationships/Relationship"})
    result: dict[str, str | None] = {}
    for _, attributes in listed:
        known = {f"{base}/{kind}" for base in _RELATION_NAMESPACES}
        if kind and attributes.get("Type") not in known:
            continue
        key, target = attributes.get("Id", ""), attributes.get("Target", "")
        if key in result:
            raise refuse(archive.label, f"The part {part} gives the id {clip(key)} twice.", DAMAGED)
        outside = attributes.get("TargetMode") == "External"
        result[key] = None if outside else posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
    return result


def _content_type(archive: Archive, part: str) -> str:
    wanted = {"Types/Override", "Types/Default"}
    result = ""
    for path, attributes in _elements(archive, "[Content_Types].xml", (f"{_PACKAGE}content-types",), "Types", wanted):
        if path == "Types/Override" and attributes.get("PartName", "").casefold() == f"/{part}".casefold():
            return attributes.get("ContentType", "")
        if path == "Types/Default" and attributes.get("Extension", "").casefold() == posixpath.splitext(part)[1][1:]:
            result = attributes.get("ContentType", "")
    return result
