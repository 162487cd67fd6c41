"""The workbook reader: what it reads, what it refuses and in which words, and that its two ways agree."""

from __future__ import annotations

import io
import struct
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from unittest import mock
from xml.sax.saxutils import escape

import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter
from polars.testing import assert_frame_equal

from t2t_mapping.errors import InputError
from t2t_mapping.read import xlsx, xlsx_archive, xlsx_expat, xlsx_rows, xlsx_shapes, xlsx_sheet, xlsx_strings
from t2t_mapping.read.table import RawTable, Sample, all_columns
from t2t_mapping.read.xlsx import read_xlsx

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"

Parts = dict[str, str | bytes]


# --- A writer of small workbooks --------------------------------------------------------------------------------------


def sheet_xml(rows: str, *, before: str = "", after: str = "") -> str:
    """A worksheet as Excel writes it, around the given rows."""
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def parts(*sheets: str, names: Sequence[str] = ("Users",), states: Sequence[str] = (), strings: str = "") -> Parts:
    """The parts of a workbook with the given worksheet parts; `strings` are the `<si>` of the shared table."""
    names = [*names, *(f"Sheet {n}" for n in range(len(names), len(sheets)))]
    states = [*states, *["visible"] * (len(sheets) - len(states))]
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" state="{state}" r:id="rId{n}"/>'
        for n, (name, state, _) in enumerate(zip(names, states, sheets, strict=False), 1)
    )
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    relations += f'<Relationship Id="s" Type="{RELATIONS}/styles" Target="/xl/styles.xml"/>'
    if strings:
        relations += f'<Relationship Id="t" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/>'
    result: Parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="a/b"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{TYPE}.sheet.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="r" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
        '<numFmt numFmtId="165" formatCode="&quot;day&quot; [Red]0.0"/></numFmts><cellXfs><xf numFmtId="0"/>'
        '<xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs></styleSheet>',
    }
    for n, xml in enumerate(sheets, 1):
        result[f"xl/worksheets/sheet{n}.xml"] = xml
    if strings:
        result["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{strings}</sst>'
    return result


def packed(contents: Parts) -> bytes:
    """The parts as a zip file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def workbook(rows: str, *, before: str = "", after: str = "", strings: str = "") -> bytes:
    """A workbook with one sheet, `Users`."""
    return packed(parts(sheet_xml(rows, before=before, after=after), strings=strings))


def inline(address: str, text: str) -> str:
    return f'<c r="{address}" t="inlineStr"><is><t>{text}</t></is></c>'


HEAD = f'<row r="1">{inline("A1", "Name")}{inline("B1", "UPN")}</row>'


def read(data: bytes, sheet: str | None = None) -> RawTable:
    """The one table of a workbook, with all columns."""
    (table,) = read_xlsx(data, "users.xlsx", all_columns, sheet)
    return table


def rows_of(table: RawTable) -> list[tuple[object, ...]]:
    return table.frame.rows()


def faults_of(table: RawTable) -> list[tuple[object, ...]]:
    return table.faults.rows()


def refusal(data: bytes, sheet: str | None = None) -> str:
    """The words in which a workbook is refused."""
    with pytest.raises(InputError) as caught:
        read_xlsx(data, "users.xlsx", all_columns, sheet)
    (problem,) = caught.value.problems
    assert problem.code == "I101"
    assert problem.file == "users.xlsx"
    assert problem.fix
    return problem.message


def cell_by_cell(function: Callable[[], RawTable]) -> RawTable:
    """The same with the way barred that proves whole rows by their likeness."""
    with mock.patch.object(xlsx_shapes.Shapes, "parse", return_value=None):
        return function()


def slowly(function: Callable[[], RawTable]) -> RawTable:
    """The same with the fast ways through sheets and shared strings barred."""
    with (
        mock.patch.object(xlsx_rows.Grammar, "fitting", return_value=None),
        mock.patch.object(xlsx_strings, "_plain_items", return_value=None),
    ):
        return function()


def in_small_chunks(function: Callable[[], RawTable], size: int) -> RawTable:
    """The same with runs of a few rows, all but the first of which are read for the kept columns only."""
    with (
        mock.patch.object(xlsx, "_SAMPLE", 0),
        mock.patch.object(xlsx_sheet, "_FIRST_CHUNK", size),
        mock.patch.object(xlsx_sheet, "CHUNK", size),
        mock.patch.object(xlsx_strings, "CHUNK", size),
        mock.patch.object(xlsx_archive, "_MOST_PER_CALL", size),
    ):
        return function()


def assert_same(one: RawTable, other: RawTable) -> None:
    assert_frame_equal(one.frame, other.frame)
    assert_frame_equal(one.faults, other.faults)
    for name in ("file", "sheet", "kind", "headers", "logical", "entity", "labels", "repairs", "detail"):
        assert getattr(one, name) == getattr(other, name)


@pytest.fixture
def only_fast() -> Iterator[None]:
    """Fails the test when a cell takes the slow way."""
    with mock.patch.object(xlsx_sheet, "_SlowCells", side_effect=AssertionError("the slow way was taken")):
        yield


# --- What it reads ----------------------------------------------------------------------------------------------------

RESAVED = parts(
    sheet_xml(
        '<row r="1" spans="1:3" x14ac:dyDescent="0.25"><c r="A1" s="1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c>'
        '</row><row r="2" spans="1:3"><c r="A2" t="s"><v>2</v></c><c r="B2" t="s"><v>3</v></c><c r="C2"/></row>'
        '<row r="3"/><row r="5"><c r="B5" s="1" t="s"><v>3</v></c></row>'
    ).replace("<worksheet", '<worksheet xmlns:x14ac="urn:x"'),
    strings='<si><t>Name</t></si><si><t xml:space="preserve"> UPN</t></si><si><t>Ann &amp; Bo</t></si><si><t>a@b.c</t></si>',
)
RAW = parts(
    f'<?xml version="1.0" encoding="utf-8"?><x:worksheet xmlns:x="{MAIN}" xmlns="{MAIN}"><x:dimension ref="A1:A1"/>'
    '<x:sheetData><x:row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c><c r="B1" t="inlineStr"><is><t> UPN</t>'
    '</is></c></x:row><x:row r="2"><c r="A2" t="inlineStr"><is><t>Ann &amp; Bo</t></is></c><c r="B2" t="inlineStr"><is>'
    '<t>a@b.c</t></is></c></x:row><x:row r="5"><c r="B5" t="inlineStr"><is><t>a@b.c</t></is></c></x:row></x:sheetData>'
    "</x:worksheet>"
)


@pytest.mark.parametrize(("contents", "form"), [(RESAVED, "re-saved"), (RAW, "raw")])
@pytest.mark.usefixtures("only_fast")
def test_both_forms_of_an_export_read_alike(contents: Parts, form: str) -> None:
    """Raw from the service (prefixed, inline) or saved again by Excel (shared strings)."""
    table = read(packed(contents))
    assert table.kind == "xlsx"
    assert (table.file, table.sheet) == ("users.xlsx", "Users")
    assert table.headers == ("Name", "UPN")
    assert table.frame.schema == {"row": pl.UInt32, "0": pl.String, "1": pl.String}
    assert rows_of(table) == [(2, "Ann & Bo", "a@b.c"), (5, None, "a@b.c")]
    assert faults_of(table) == []
    assert table.faults.schema == {"row": pl.UInt32, "column": pl.UInt32, "fault": pl.String}
    assert table.detail == {"form": form, "rows": "2", "sheets": "Users"}


@pytest.mark.parametrize(
    ("row", "cell"),
    [
        ('<x:row r="{0}">{1}</x:row>', '<x:c r="{0}" t="inlineStr"><x:is><x:t>{1}</x:t></x:is></x:c>'),
        (f'<x:row r="{{0}}" xmlns="{MAIN}">{{1}}</x:row>', inline("{0}", "{1}")),
        ('<x:row r="{0}">{1}</x:row>', f'<c r="{{0}}" t="inlineStr" xmlns="{MAIN}"><is><t>{{1}}</t></is></c>'),
        ('<x:row r="{0}">{1}</x:row>', f'<c xmlns="{MAIN}" r="{{0}}" t="inlineStr"><is><t>{{1}}</t></is></c>'),
    ],
)
@pytest.mark.usefixtures("only_fast")
def test_every_way_to_bind_the_namespace(row: str, cell: str) -> None:
    """Dynamics prefixes rows and leaves cells without one; where the latter's namespace is declared is its own affair."""
    rows = "".join(row.format(n, cell.format(f"A{n}", text)) for n, text in ((1, "Name"), (2, "Ann")))
    data = packed(parts(f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData>{rows}</x:sheetData></x:worksheet>'))
    assert rows_of(read(data)) == [(2, "Ann")]


def test_strict_open_xml_is_read() -> None:
    """Excel can save in a second, equally valid set of namespaces."""
    relations = "http://purl.oclc.org/ooxml/officeDocument/relationships"
    contents = {n: str(x).replace(MAIN, STRICT).replace(RELATIONS, relations) for n, x in RESAVED.items()}
    assert rows_of(read(packed(dict(contents)))) == rows_of(read(packed(RESAVED)))


CELLS = [
    ('t="inlineStr"><is><t> a </t></is></c>', " a ", None),
    ('t="inlineStr"><is><t xml:space="preserve"> a</t></is></c>', " a", None),
    ('t="inlineStr"><is><t/></is></c>', None, None),
    ('t="inlineStr"><is><t></t></is></c>', None, None),
    ('t="inlineStr"/>', None, None),
    ('t="inlineStr"><is><r><rPr><b/></rPr><t>Ann </t></r><r><t>Lee</t></r></is></c>', "Ann Lee", None),
    ('t="inlineStr"><is><t>東</t><rPh sb="0" eb="1"><t>ひがし</t></rPh></is></c>', "東", None),
    ('t="inlineStr"><is><t>&lt;&amp;&gt;&quot;&apos;&#65;&#x42;</t></is></c>', "<&>\"'AB", None),
    ('t="inlineStr"><is><t>&amp;lt;&amp;#65;</t></is></c>', "&lt;&#65;", None),
    ('t="inlineStr"><is><t>&#128512;&#x1F600;</t></is></c>', "😀😀", None),
    ('t="inlineStr"><is><t><![CDATA[a<b]]></t></is></c>', "a<b", None),
    ('t="inlineStr"><is><t>a<!-- b -->c</t></is></c>', "ac", None),
    ('t="inlineStr"><is><t>_x0041__x005F_x0042__x00e9_</t></is></c>', "A_x0042_é", None),
    ('t="inlineStr"><is><t>_xD83D__xDE00__xD83D_</t></is></c>', "😀\ufffd", None),
    ('t="inlineStr"><is><t>_x004_ _xyz_</t></is></c>', "_x004_ _xyz_", None),
    ('t="inlineStr"><is><t>a_x000A_b</t></is></c>', "a\nb", "control"),
    ('t="inlineStr"><is><t>a\nb</t></is></c>', "a\nb", "control"),
    ('t="inlineStr"><is><t>a\r\nb</t></is></c>', "a\nb", "control"),
    ('t="inlineStr"><is><t>a&#9;b</t></is></c>', "a\tb", "control"),
    ('t="inlineStr"><is><t>a\x85b</t></is></c>', "a\x85b", "control"),
    ('t="inlineStr"><is><t>a\u202eb</t></is></c>', "a\u202eb", "bidi"),
    ('t="inlineStr"><is><t>a\u200bb</t></is></c>', "a\u200bb", "zero-width"),
    ('t="inlineStr"><is><t>a\xadb</t></is></c>', "a\xadb", "zero-width"),
    ('t="s"><v>0</v></c>', "shared", None),
    ('t="s"><v> 0 </v></c>', "shared", None),
    ('t="s"/>', None, None),
    ('t="str"><v>a &amp; b</v></c>', "a & b", None),
    ('t="str"><f>A1</f><v>a</v></c>', "a", "formula"),
    ("><f>1+1</f><v>2</v></c>", "2", "formula"),
    ('><f t="shared" si="0"/><v>2</v></c>', "2", "formula"),
    ('s="1"><f>1+1</f></c>', None, "formula"),
    ('t="e"><v>#N/A</v></c>', "#N/A", "error"),
    ('t="e"><v>#SPILL!</v></c>', "#SPILL!", "error"),
    ('t="b"><v>1</v></c>', "TRUE", "boolean"),
    ('t="b"><v>0</v></c>', "FALSE", "boolean"),
    ('t="d"><v>2024-01-31</v></c>', "2024-01-31", "date"),
    ("><v>00042</v></c>", "00042", "number"),
    ("><v>12.0</v></c>", "12", "number"),
    ("><v>-12.50</v></c>", "-12.50", "number"),
    ("><v>12345678901234567</v></c>", "12345678901234567", "number"),
    ('s="0" t="n"><v>1E-3</v></c>', "1E-3", "number"),
    ('t="n" s="1"><v>45000</v></c>', "45000", "date"),
    ('s="1"><v>45000.5</v></c>', "45000.5", "date"),
    ('s="2"><v>45000</v></c>', "45000", "date"),
    ('s="3"><v>7</v></c>', "7", "number"),
    ('s="99"><v>7</v></c>', "7", "number"),
    ('cm="1" vm="2"><v>7</v></c>', "7", "number"),
    ('s="1"/>', None, None),
    ('s="1"></c>', None, None),
    ("><v></v></c>", None, None),
    ("><v/></c>", None, None),
    ("><v>7</v><extLst><ext/></extLst></c>", "7", "number"),
]


@pytest.mark.parametrize(("cell", "text", "fault"), CELLS)
@pytest.mark.parametrize("way", ["fast if it can", "slow"])
def test_kinds_of_cells(cell: str, text: str | None, fault: str | None, way: str) -> None:
    """Every kind of cell shows what Excel shows, and says what it is if it is no text."""
    rows = f'{HEAD}<row r="2"><c r="A2" {cell}{inline("B2", "a@b.c")}</row>'
    data = workbook(rows.replace('"A2" >', '"A2">'), strings="<si><t>shared</t></si>")
    table = read(data) if way != "slow" else slowly(lambda: read(data))
    assert rows_of(table) == [(2, text, "a@b.c")]
    assert faults_of(table) == ([(2, 0, fault)] if fault else [])


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ("<si><t>a</t></si>", "a"),
        ('<si><t xml:space="preserve"> a </t></si>', " a "),
        ("<si><t/></si>", None),
        ("<si/>", None),
        ("<si><r><t>Ann </t></r><r><rPr><b/></rPr><t>Lee</t></r></si>", "Ann Lee"),
        ('<si><t>東</t><rPh sb="0" eb="1"><t>ひがし</t></rPh><phoneticPr fontId="1"/></si>', "東"),
        ("<si><t>&lt;&#x26;_x0041_</t></si>", "<&A"),
        ("<si><!-- a --><t><![CDATA[<si>]]></t></si>", "<si>"),
    ],
)
@pytest.mark.parametrize("way", ["fast if it can", "slow"])
def test_shared_strings(item: str, text: str | None, way: str) -> None:
    """Plain, rich and phonetic shared strings; what is said about one does not touch the others."""
    rows = f'{HEAD}<row r="2"><c r="A2" t="s"><v>1</v></c><c r="B2" t="s"><v>2</v></c></row>'
    data = workbook(rows, strings=f"<si><t>first</t></si>{item}<si><t>last</t></si>")
    table = read(data) if way != "slow" else slowly(lambda: read(data))
    assert rows_of(table) == [(2, text, "last")]


def test_rows_and_cells_without_addresses_count_on() -> None:
    """The standard allows them to be left out (Power BI does); blanks between elements are allowed too."""
    xml = "<row>\n <c t='inlineStr'><is><t>Name</t></is></c>\n</row><row r='4'><c/><c><v>1</v></c></row><row><c r='A5'><v>2</v></c></row>"
    table = read(workbook(xml))
    assert table.headers == ("Name",)
    assert rows_of(table) == [(4, None), (5, "2")]


def test_header_is_the_first_row_that_is_not_blank() -> None:
    """Row numbers stay those that Excel shows; headers are trimmed, gaps in them are kept."""
    rows = f'<row r="2"><c r="A2"/>{inline("B2", " ")}</row><row r="3">{inline("B3", " UPN ")}{inline("D3", "X")}</row>'
    rows += f'<row r="7">{inline("A7", "stray")}</row><row r="9">{inline("B9", " ")}</row><row r="10">{inline("E10", "far")}</row>'
    table = read(workbook(rows))
    assert table.headers == ("", "UPN", "", "X")
    assert rows_of(table) == [(7, "stray", None, None, None), (10, None, None, None, None)]


def test_choose_sees_headers_logical_names_and_a_sample() -> None:
    """It is asked once per sheet that is not blank, and only what it picks is kept."""
    rows = HEAD + "".join(f'<row r="{n}">{inline(f"A{n}", f"n{n}")}{inline(f"B{n}", "u")}</row>' for n in range(2, 200))
    seen: list[tuple[Sequence[str], dict[str, str], Sample]] = []

    def choose(headers: Sequence[str], logical: dict[str, str], sample: Sample) -> Sequence[int] | None:
        seen.append((headers, logical, sample))
        return [0] if len(seen) == 2 else None

    (table,) = read_xlsx(packed(parts(sheet_xml(""), sheet_xml(rows), sheet_xml(rows))), "u.xlsx", choose)
    assert table.sheet == "Sheet 2"
    assert len(seen) == 2
    assert seen[0][:2] == (("Name", "UPN"), {})
    assert seen[0][2] == [[f"n{n}", "u"] for n in range(2, 102)]
    assert table.headers == ("Name", "UPN")
    assert table.frame.columns == ["row", "0"]
    assert table.frame.height == 198


def test_a_row_without_kept_cells_is_no_blank_row() -> None:
    """A user without a name and UPN is a user whom nobody may lose; a blank row is one without any content."""
    rows = HEAD.replace("</row>", inline("C1", "Phone") + "</row>")
    rows += "".join(f'<row r="{n}">{inline(f"B{n}", "u")}</row>' for n in range(2, 110))
    rows += f'<row r="110">{inline("C110", "555")}</row><row r="111">{inline("C111", " ")}</row><row r="112"><c r="C112"/></row>'
    data = workbook(rows)

    def second_column() -> RawTable:
        (table,) = read_xlsx(data, "users.xlsx", lambda *_: [1])
        return table

    table = second_column()
    assert rows_of(table)[-2:] == [(109, "u"), (110, None)]
    assert_same(in_small_chunks(second_column, 500), table)
    assert_same(slowly(lambda: in_small_chunks(second_column, 500)), table)


def test_merged_cells_are_faults() -> None:
    """Only the first cell of a merged range holds its text; no row of it can be trusted."""
    rows = HEAD + "".join(f'<row r="{n}">{inline(f"A{n}", "n")}{inline(f"B{n}", "u")}</row>' for n in (2, 3, 4, 5, 7))
    merges = '<mergeCells count="9"><mergeCell ref="B4:C3"/><mergeCell ref="A4:B4"/><mergeCell ref="B6:B7"/><mergeCell ref="A1:B1"/></mergeCells>'
    assert faults_of(read(workbook(rows, after=merges))) == [
        (3, 1, "merged"), (4, 0, "merged"), (4, 1, "merged"), (7, 1, "merged"),
    ]  # fmt: skip


def test_one_cell_may_have_several_faults() -> None:
    rows = f'{HEAD}<row r="2"><c r="A2" t="str"><f>B2</f><v>a\u200b\u202e_x0007_</v></c></row>'
    assert [fault for _, _, fault in faults_of(read(workbook(rows)))] == ["bidi", "control", "formula", "zero-width"]


HIDDEN = (
    "systemuser:abc+/=:systemuserid=%28Do%20Not%20Modify%29%20User&amp;fullname=%20Full%20Name&amp;a=Twice&amp;b=Twice"
    "&amp;windowsliveid=Windows%20Live%20ID"
)
HIDDEN_ROWS = (
    f'<row r="1">{inline("A1", HIDDEN)}</row><row r="2">{inline("A2", "Enabled")}{inline("C2", "Disabled")}</row>'
    f'<row r="4">{inline("A4", "Yes")}</row>'
)


@pytest.mark.parametrize(
    ("name", "code_name"), [("hiddenSheet", ""), ("Tabelle2", '<sheetPr codeName="hiddenDataSheet"/>')]
)
def test_hidden_sheet_gives_logical_names(name: str, code_name: str) -> None:
    """It is known by its name or its code name, and must be hidden."""
    sheets = sheet_xml(HEAD + f'<row r="2">{inline("A2", "Ann")}</row>'), sheet_xml(HIDDEN_ROWS, before=code_name)
    table = read(packed(parts(*sheets, names=["Users", name], states=["visible", "veryHidden"])))
    assert table.entity == "systemuser"
    assert table.logical == {
        "(Do Not Modify) User": "systemuserid",
        "Full Name": "fullname",
        "Windows Live ID": "windowsliveid",
    }
    assert table.labels == (("Enabled", "", "Disabled"), ("Yes",))
    assert len(read_xlsx(packed(parts(*sheets, names=["Users", name])), "u.xlsx", all_columns)) == 2


def test_sheet_chooses_and_hidden_sheets_are_passed_over() -> None:
    """Without `sheet` the visible sheets are read; with it only that one, capitals apart."""
    one, two = (sheet_xml(f'<row r="1">{inline("A1", text)}</row>') for text in ("One", "Two"))
    data = packed(parts(one, two, one, names=["A", "B", "C"], states=["visible", "hidden"]))
    assert [table.sheet for table in read_xlsx(data, "u.xlsx", all_columns)] == ["A", "C"]
    assert read(data, "b").headers == ("Two",)
    with pytest.raises(InputError, match=r"no worksheet named 'D'\. Fix: Choose one of these: A, B, C\."):
        read(data, "D")


def test_chart_sheets_are_passed_over() -> None:
    contents = parts(sheet_xml(HEAD), "<chartsheet/>", names=["Users", "Chart"])
    rels = str(contents["xl/_rels/workbook.xml.rels"])
    contents["xl/_rels/workbook.xml.rels"] = rels.replace(
        'worksheet" Target="worksheets/sheet2', 'chartsheet" Target="worksheets/sheet2'
    )
    assert read(packed(contents)).sheet == "Users"


def test_targets_are_resolved() -> None:
    """Parts lie where the relationships say, absolute or relative; capitals in part names do not count."""
    contents = parts(sheet_xml(HEAD))
    contents["data/Users.xml"] = contents.pop("xl/worksheets/sheet1.xml")
    rels = str(contents["xl/_rels/workbook.xml.rels"])
    for target in ("/data/users.xml", "../data/Users.xml", "./../data/./USERS.xml"):
        contents["xl/_rels/workbook.xml.rels"] = rels.replace("worksheets/sheet1.xml", target)
        assert read(packed(contents)).headers == ("Name", "UPN")


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "utf-8-sig"])
def test_other_encodings_take_the_slow_way(encoding: str) -> None:
    declared = "utf-8" if encoding == "utf-8-sig" else encoding
    xml = f'<?xml version="1.0" encoding="{declared}"?>' + sheet_xml(HEAD + f'<row r="2">{inline("A2", "Jörg")}</row>')
    contents = parts(sheet_xml(HEAD))
    contents["xl/worksheets/sheet1.xml"] = xml.encode(encoding)
    assert rows_of(read(packed(contents))) == [(2, "Jörg", None)]


def test_openpyxl_writes_what_we_read() -> None:
    """A workbook by another library, with its dates, numbers, booleans, formulas and errors."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Name", "UPN", "X"])
    sheet.append(["Jörg", "j@b.c", date(2024, 1, 31)])
    sheet.append(["'quoted", "=1+1", 3])
    sheet.append([True, "#N/A", 4.5])
    buffer = io.BytesIO()
    book.save(buffer)
    table = read(buffer.getvalue())
    assert rows_of(table) == [(2, "Jörg", "j@b.c", "45322"), (3, "'quoted", None, "3"), (4, "TRUE", "#N/A", "4.5")]
    assert faults_of(table) == [
        (2, 2, "date"), (3, 1, "formula"), (3, 2, "number"), (4, 0, "boolean"), (4, 1, "error"), (4, 2, "number"),
    ]  # fmt: skip


def test_two_threads_read_at_once() -> None:
    data, results = packed(RESAVED), []
    threads = [threading.Thread(target=lambda: results.append(read(data))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    for table in results:
        assert_same(table, results[0])


# --- What it refuses: the sheet ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (HEAD + HEAD, "Row 1 comes twice or out of order (after row 1)."),
        (HEAD + '<row r="3"/><row r="2"/>', "Row 2 comes twice or out of order (after row 3)."),
        ('<row r="0"/>', "The sheet has a row numbered '0'; rows go from 1 to 1,048,576."),
        ('<row r="1048577"/>', "The sheet has a row numbered '1048577'; rows go from 1 to 1,048,576."),
        ('<row r="x"/>', "The sheet has a row numbered 'x'; rows go from 1 to 1,048,576."),
        (f'<row r="1">{inline("A1", "a")}{inline("A1", "b")}</row>', "Cell A1 comes twice or out of order."),
        (f'<row r="1">{inline("AA1", "a")}{inline("Z1", "b")}</row>', "Cell Z1 comes twice or out of order."),
        (f'<row r="1">{inline("A2", "a")}</row>', "Row 1 has a cell that calls itself 'A2'."),
        (f'<row r="1">{inline("XFE1", "a")}</row>', "Row 1 has a cell that calls itself 'XFE1'."),
        (f'<row r="1">{inline("ZZZZ1", "a")}</row>', "Row 1 has a cell that calls itself 'ZZZZ1'."),
        (f'<row r="1">{inline("XFD1", "a")}<c/></row>', "Row 1 has more cells than a sheet has columns."),
        (
            '<row r="1"><c r="A1" t="x"><v>1</v></c></row>',
            "The cell in column 1 of row 1 is of an unknown type or style.",
        ),
        (
            '<row r="1"><c r="A1" s="-1"><v>1</v></c></row>',
            "The cell in column 1 of row 1 is of an unknown type or style.",
        ),
        ('<row r="1"><c r="A1"><v>1</v><v>2</v></c></row>', "The cell in column 1 of row 1 has two values."),
        (
            '<row r="1"><c r="A1" t="inlineStr"><v>1</v></c></row>',
            "The cell in column 1 of row 1 contradicts its own type.",
        ),
        ('<row r="1"><c r="A1"><is><t>1</t></is></c></row>', "The cell in column 1 of row 1 contradicts its own type."),
        ('<row r="1"><c r="A1" t="s"><v>-1</v></c></row>', "The cell in column 1 of row 1 points to no text."),
        ('<row r="1"><c r="A1" t="s"><v>0.7</v></c></row>', "The cell in column 1 of row 1 points to no text."),
        ('<row r="1"><c r="A1" t="s"><v></v></c></row>', "The cell in column 1 of row 1 points to no text."),
        (
            '<row r="1"><c r="A1" t="s"><v>1</v></c></row>',
            "A cell points to a shared text that the file does not have.",
        ),
        ('<row r="1"><x/></row>', f"The part xl/worksheets/sheet1.xml has '{MAIN} x' inside 'row'."),
        ('<row r="1">a</row>', "The part xl/worksheets/sheet1.xml has text where none belongs (inside 'row')."),
        ('<row r="1">', "is no valid XML (mismatched tag, line 1,"),
        ('<row r="1" r="1"/>', "is no valid XML (duplicate attribute, line 1,"),
        ('<row r="1" a:b="1"/>', "is no valid XML (unbound prefix, line 1,"),
        (f'<row r="1">{inline("A1", "&b;")}</row>', "is no valid XML (undefined entity, line 1,"),
        (f'<row r="1">{inline("A1", "&#0;")}</row>', "is no valid XML (reference to invalid character number, line 1,"),
        (f'<row r="1">{inline("A1", "]]>")}</row>', "is no valid XML (not well-formed (invalid token), line 1,"),
        (f'<row r="1">{inline("A1", chr(1))}</row>', "is no valid XML (not well-formed (invalid token), line 1,"),
        (f'<row r="1">{inline("A1", chr(0xFFFE))}</row>', "is no valid XML (not well-formed (invalid token), line 1,"),
        ("</sheetData><sheetData>", "The sheet has two tables of cells."),
    ],
)
def test_sheets_it_refuses(rows: str, message: str) -> None:
    """Always in the words of the slow way."""
    assert message in refusal(workbook(rows, strings="<si><t>only one</t></si>"))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (f'<row r="1">{inline("A1", "b")}</row>', "Row 1 comes twice or out of order (after row 1)."),
        (f'<row r="2">{inline("A3", "b")}</row>', "Row 2 has a cell that calls itself 'A3'."),
        (f'<row r="2">{inline("B2", "a")}{inline("A2", "b")}</row>', "Cell A2 comes twice or out of order."),
        (f'<row r="2">{inline("B2", "a")}{inline("B2", "b")}</row>', "Cell B2 comes twice or out of order."),
        (f'<row r="2">{inline("XFE2", "a")}</row>', "Row 2 has a cell that calls itself 'XFE2'."),
        (f'<row r="1048577">{inline("A1048577", "a")}</row>', "has a row numbered '1048577'"),
        (f'<row r="2" r="2">{inline("A2", "a")}</row>', "is no valid XML (duplicate attribute,"),
        (f'<row r="2" s="1" s="1">{inline("A2", "a")}</row>', "is no valid XML (duplicate attribute,"),
        (f'<row r="2" x:s="1">{inline("A2", "a")}</row>', "is no valid XML (unbound prefix,"),
        (f'<row r="2" xmlns="urn:x">{inline("A2", "a")}</row>', "has 'urn:x row' inside 'sheetData'."),
        (
            '<row r="2"><c r="A2" t="s"><v>1</v></c></row>',
            "A cell points to a shared text that the file does not have.",
        ),
    ],
)
def test_faults_behind_good_rows_are_refused(row: str, message: str) -> None:
    """What is done with cannot hide what follows, whether or not it is in the same run of rows."""
    good = f'<row r="1">{inline("A1", "a")}</row>'
    data = workbook(good + row, strings="<si><t>only one</t></si>")
    assert message in refusal(data)
    with mock.patch.object(xlsx_sheet, "_FIRST_CHUNK", len(sheet_xml(good)) - 10):
        assert message in refusal(data)


def test_utf8_is_checked() -> None:
    contents = parts(sheet_xml(HEAD))
    contents["xl/worksheets/sheet1.xml"] = sheet_xml(f'<row r="1">{inline("A1", "é")}</row>').encode("latin-1")
    assert "is no valid XML (not well-formed (invalid token)" in refusal(packed(contents))


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        ("<worksheet/>", "The part xl/worksheets/sheet1.xml is of an unknown kind ('worksheet')."),
        ('<worksheet xmlns="urn:x"/>', "The part xl/worksheets/sheet1.xml is of an unknown kind ('urn:x worksheet')."),
        (f'<sheet xmlns="{MAIN}"/>', f"The part xl/worksheets/sheet1.xml is of an unknown kind ('{MAIN} sheet')."),
        ("", "The part xl/worksheets/sheet1.xml is no valid XML (no element found, line 1, character 1)."),
        (sheet_xml(HEAD)[:-5], "The part xl/worksheets/sheet1.xml is no valid XML (unclosed token,"),
        (sheet_xml(HEAD) + "<a/>", "is no valid XML (junk after document element,"),
        (
            "<!DOCTYPE worksheet>" + sheet_xml(HEAD),
            "The part xl/worksheets/sheet1.xml has a document type definition, which no genuine workbook has.",
        ),
        ('<?xml version="1.0" encoding="klingon"?>' + sheet_xml(HEAD), "is in an unknown encoding."),
        (sheet_xml(HEAD, after='<mergeCells><mergeCell ref="A:B"/></mergeCells>'), "The sheet has a merged range 'A:B' that is none."),
    ],
)  # fmt: skip
def test_sheet_parts_it_refuses(xml: str, message: str) -> None:
    assert message in refusal(packed(parts(xml)))


@pytest.mark.parametrize(
    ("strings", "message"),
    [
        ("<si><x/></si>", f"The part xl/sharedStrings.xml has '{MAIN} x' inside 'si'."),
        ("<si><t>a</t>", "The part xl/sharedStrings.xml is no valid XML (mismatched tag,"),
        ("<si><t>a</t></si>b", "The part xl/sharedStrings.xml has text where none belongs (inside 'sst')."),
        ("<!-- <si><t>a</t></si> -->", "A cell points to a shared text that the file does not have."),
    ],
)
def test_shared_strings_it_refuses(strings: str, message: str) -> None:
    row = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
    assert message in refusal(workbook(row, strings=strings))


def test_shared_strings_must_be_utf8() -> None:
    contents = {
        **RESAVED,
        "xl/sharedStrings.xml": str(RESAVED["xl/sharedStrings.xml"]).replace("Ann", "Ané").encode("latin-1"),
    }
    assert "The part xl/sharedStrings.xml is no valid XML (not well-formed (invalid token)" in refusal(packed(contents))


def test_repeated_headers_are_refused() -> None:
    rows = f'<row r="3">{inline("A3", "UPN")}{inline("B3", " upn")}</row>'
    with pytest.raises(InputError, match=r"I101 users.xlsx, sheet Users, row 3: Two columns are called 'upn'"):
        read(workbook(rows))
    assert read_xlsx(workbook(rows), "users.xlsx", lambda *_: None) == []


@pytest.mark.parametrize(
    "decoy",
    [
        '<sheetData ><!-- <sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData> --></sheetData>',
        "<!-- <sheetData> --><sheetData/>",
        "<cols><![CDATA[<sheetData>]]></cols><sheetData/>",
    ],
)
def test_rows_in_comments_are_not_read(decoy: str) -> None:
    """The fast way looks for tags in the raw text; it must not be led astray."""
    xml = f'<worksheet xmlns="{MAIN}">{decoy}</worksheet>'
    assert read_xlsx(packed(parts(xml)), "users.xlsx", all_columns) == []


@pytest.mark.parametrize("tag", ['<row r="2" t="s">', '<row r="2" x="1" t="s">'])
def test_row_attributes_are_not_taken_for_those_of_cells(tag: str) -> None:
    """Texts could otherwise be looked up that the cell never named."""
    rows = '<row r="1"><c r="A1"><v>0</v></c></row>' + tag + '<c r="A2" t="s"><v>0</v></c></row>'
    table = read(workbook(rows, strings="<si><t>shared</t></si>"))
    assert table.headers == ("0",)
    assert rows_of(table) == [(2, "shared")]
    assert_same(slowly(lambda: read(workbook(rows, strings="<si><t>shared</t></si>"))), table)


def test_the_widest_sheet() -> None:
    """All 16,384 columns, the last of them kept."""
    names = [get_column_letter(number) for number in range(1, 16_385)]
    rows = "".join(f'<row r="{n}">' + "".join(inline(f"{x}{n}", f"{x} {n}") for x in names) + "</row>" for n in (1, 2))
    data = workbook(rows)
    with mock.patch.object(xlsx_sheet, "_FIRST_CHUNK", 100):
        (table,) = read_xlsx(data, "users.xlsx", lambda headers, *_: range(len(headers) - 30, len(headers)))
    assert table.headers[-1] == "XFD 1"
    assert rows_of(table)[0][-1] == "XFD 2"


def test_rows_that_look_like_nothing_known() -> None:
    """Prefixes that are bound in between, or to something else, are left to the XML parser."""
    rows = f'<row r="1"><y:c xmlns:y="{MAIN}" r="A1"><y:v>1</y:v></y:c><c xmlns="{MAIN}" r="B1"><v>2</v></c></row>'
    assert read(workbook(rows)).headers == ("1", "2")


def test_hidden_sheets_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "_MOST_HIDDEN", 2)
    sheets = sheet_xml(HEAD), sheet_xml(HIDDEN_ROWS)
    data = packed(parts(*sheets, names=["Users", "hiddenSheet"], states=["visible", "hidden"]))
    assert refusal(data) == "The hidden sheet is far too large."


def test_wide_headers_and_strange_namespaces() -> None:
    """Tags that are longer than the first look, and attributes that carry quotation marks in a namespace."""
    columns = "<cols>" + f'<col min="1" max="1" width="{"9" * 300}"/>' * 1000 + "</cols>"
    xml = sheet_xml(HEAD, before=columns).replace("<worksheet", "<worksheet xmlns:y='a\"'")
    assert read(packed(parts(xml))).headers == ("Name", "UPN")
    assert "unbound prefix" in refusal(packed(parts(xml.replace('<row r="1"', '<row r="1" z:a="1"'))))


def test_limits_of_the_slow_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is bounded in size and in the length of one tag."""
    rows = HEAD + "<!-- -->" + "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(2, 999))
    monkeypatch.setattr(xlsx_expat, "BUDGET", 20_000)
    assert "written in an unusual way and too large" in refusal(workbook(rows))
    monkeypatch.setattr(xlsx_expat, "BUDGET", 1_000_000)
    monkeypatch.setattr(xlsx_expat, "MOST_ELEMENTS", 900)
    assert "written in an unusual way and too large" in refusal(workbook(rows))
    monkeypatch.undo()
    monkeypatch.setattr(xlsx_expat, "LONGEST_TEXT", 10)
    assert "holds a text of more than a million characters" in refusal(
        workbook(HEAD + "<row><c><v>12345678901</v></c></row>")
    )
    monkeypatch.setattr(xlsx_sheet, "_MOST_MERGES", 1)
    merge = '<mergeCell ref="A1:B1"/>'
    assert (
        refusal(workbook(HEAD, after=f"<mergeCells>{merge}{merge}</mergeCells>"))
        == "The sheet has more than 1 merged ranges."
    )
    monkeypatch.setattr(xlsx_expat, "LONGEST_TOKEN", 2_000)
    monkeypatch.setattr(xlsx_sheet, "CHUNK", 1_000)
    monkeypatch.setattr(xlsx_sheet, "_FIRST_CHUNK", 1_000)
    monkeypatch.setattr(xlsx_archive, "_MOST_PER_CALL", 500)
    assert "holds a tag that never ends" in refusal(workbook(HEAD + f'<row r="2" a="{"x" * 20_000}"/>'))
    monkeypatch.setattr(xlsx_strings, "_MOST_STRINGS", 1)
    two = "<si><t>a</t></si>" * 2
    assert (
        refusal(workbook('<row r="1"><c r="A1" t="s"><v>0</v></c></row>', strings=two))
        == "The workbook has too many texts."
    )


# --- What it refuses: the parts around it -----------------------------------------------------------------------------


def changed(part: str, old: str, new: str) -> bytes:
    contents = dict(RESAVED)
    assert old in str(contents[part])
    contents[part] = str(contents[part]).replace(old, new)
    return packed(contents)


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ("[Content_Types].xml", "The archive is damaged: the part [Content_Types].xml is missing."),
        ("_rels/.rels", "The archive is damaged: the part _rels/.rels is missing."),
        ("xl/workbook.xml", "The archive is damaged: the part xl/workbook.xml is missing."),
        ("xl/_rels/workbook.xml.rels", "The archive is damaged: the part xl/_rels/workbook.xml.rels is missing."),
        ("xl/worksheets/sheet1.xml", "The part xl/worksheets/sheet1.xml is missing."),
        ("xl/sharedStrings.xml", "The archive is damaged: the part xl/sharedStrings.xml is missing."),
    ],
)
def test_missing_parts(part: str, message: str) -> None:
    assert refusal(packed({name: xml for name, xml in RESAVED.items() if name != part})) == message


def test_missing_styles_matter_only_where_they_are_asked_for() -> None:
    contents = {name: xml for name, xml in RESAVED.items() if name != "xl/styles.xml"}
    assert rows_of(read(packed(contents))) == rows_of(read(packed(RESAVED)))
    contents["xl/worksheets/sheet1.xml"] = sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row>')
    assert refusal(packed(contents)) == "The archive is damaged: the part xl/styles.xml is missing."
    rels = str(contents["xl/_rels/workbook.xml.rels"])
    contents["xl/_rels/workbook.xml.rels"] = rels.replace("/styles", "/other")
    contents["xl/worksheets/sheet1.xml"] = sheet_xml(HEAD + '<row r="2"><c r="A2" s="1"><v>1</v></c></row>')
    assert faults_of(read(packed(contents))) == [(2, 0, "number")]


@pytest.mark.parametrize(
    ("part", "old", "new", "message"),
    [
        ("xl/workbook.xml", MAIN, "urn:x", "The part xl/workbook.xml is of an unknown kind ('urn:x workbook')."),
        ("xl/workbook.xml", "<workbook", "<!DOCTYPE a [<!ENTITY b 'c'>]><workbook", "The part xl/workbook.xml has a document type definition, which no genuine workbook has."),
        ("xl/workbook.xml", "</sheets>", "", "The part xl/workbook.xml is no valid XML (mismatched tag, line 1, character 226)."),
        ("xl/workbook.xml", "<workbook", '<?xml version="1.0" encoding="klingon"?><workbook', "The part xl/workbook.xml is in an unknown encoding."),
        ("xl/workbook.xml", 'r:id="rId1"', 'r:id="rId7"', "The workbook lists a sheet that has no part."),
        ("xl/workbook.xml", "</sheets>", '<sheet name="USERS" r:id="rId1"/></sheets>', "The workbook lists the same sheet twice."),
        ("xl/workbook.xml", "</sheets>", '<sheet name="B" r:id="rId1"/></sheets>', "The workbook lists the same sheet twice."),
        ("xl/_rels/workbook.xml.rels", "/>", ' TargetMode="External"/>', "The sheet lies outside the file."),
        ("xl/_rels/workbook.xml.rels", 'Id="s"', 'Id="t"', "The part xl/_rels/workbook.xml.rels gives the id 't' twice."),
        ("xl/_rels/workbook.xml.rels", "/styles", "/sharedStrings", "The workbook names two tables of texts or of styles."),
        ("_rels/.rels", "/officeDocument\"", "/other\"", "The file names no workbook, or several."),
        ("_rels/.rels", "xl/workbook.xml", "xl/styles.xml", "The file holds an Office document that is no .xlsx workbook."),
        ("[Content_Types].xml", "sheet.main", "document.main", "The file holds an Office document that is no .xlsx workbook."),
    ],
)  # fmt: skip
def test_parts_it_refuses(part: str, old: str, new: str, message: str) -> None:
    assert refusal(changed(part, old, new)) == message


# --- What it refuses: the archive -------------------------------------------------------------------------------------


def test_part_names() -> None:
    """Names that lead out of the folder or differ only in capitals are made to deceive some reader."""
    for name in ("../a", "/a", "a/../b", "xl\\a", "a\0b", "c:/a"):
        contents = {**RESAVED, "placeholder": "x"}
        data = packed(contents).replace(b"placeholder", name.encode().ljust(11, b"x"))
        assert "forbidden name" in refusal(data), name
    assert "two parts named 'XL/Workbook.xml'" in refusal(packed({**RESAVED, "XL/Workbook.xml": "x"}))
    buffer = io.BytesIO(packed(RESAVED))
    with zipfile.ZipFile(buffer, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("xl/workbook.xml", "x")
    assert "two parts named 'xl/workbook.xml'" in refusal(buffer.getvalue())


def patched(
    data: bytes, part: str, *, local: dict[int, bytes] | None = None, central: dict[int, bytes] | None = None
) -> bytes:
    """The archive with bytes changed at offsets of one part's local header or directory entry."""
    result = bytearray(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        at = archive.getinfo(part).header_offset
        entry = data.index(part.encode(), archive.start_dir) - 46
    for start, changes in ((at, local or {}), (entry, central or {})):
        for offset, new in changes.items():
            result[start + offset : start + offset + len(new)] = new
    return bytes(result)


@pytest.mark.parametrize(
    ("local", "central", "message"),
    [
        ({6: b"\1\0"}, {8: b"\1\0"}, "The archive is protected by a password."),
        ({8: b"\x0e\0"}, {10: b"\x0e\0"}, "The archive is damaged: the part xl/styles.xml is packed in an unknown way."),
        ({8: b"\0\0"}, {}, "The archive is damaged: its directory and the part xl/styles.xml contradict each other."),
        ({14: b"\0\0"}, {}, "The archive is damaged: its directory and the part xl/styles.xml contradict each other."),
        ({30: b"XL"}, {}, "The archive is damaged: its directory and the part xl/styles.xml contradict each other."),
        ({0: b"PK\1\2"}, {}, "The archive is damaged: its directory and the part xl/styles.xml contradict each other."),
        ({}, {42: b"\0\0\0\0"}, "The archive is damaged: the part xl/styles.xml overlaps another."),
        ({}, {24: b"\0\0\0\x30"}, "The part xl/styles.xml unpacks to more than 512 MB."),
        ({}, {24: b"\0\0\0\x10"}, "The part xl/styles.xml unpacks to more than 100 times its size, as archive bombs do."),
        ({}, {20: b"\xff\xff\xff\0"}, "The archive is damaged: its directory and the part xl/styles.xml contradict each other."),
    ],
)  # fmt: skip
def test_archives_it_refuses(local: dict[int, bytes], central: dict[int, bytes], message: str) -> None:
    """A directory that lies about a part, even one that nobody needs."""
    assert refusal(patched(packed(RESAVED), "xl/styles.xml", local=local, central=central)) == message


def test_checksums_and_sizes_are_verified() -> None:
    """Both headers agree on a wrong checksum or size: then the content is what is wrong."""
    for offset, where in ((14, 16), (22, 24)):
        lie = b"\x01\x02\0\0"
        data = patched(packed(RESAVED), "xl/workbook.xml", local={offset: lie}, central={where: lie})
        assert refusal(data) == "The archive is damaged: the part xl/workbook.xml does not fit its checksum."


def test_a_sheet_that_nobody_wants_is_verified() -> None:
    """A damaged header row must not make a sheet of users pass for something else."""
    data = patched(packed(RESAVED), "xl/worksheets/sheet1.xml", local={14: b"1234"}, central={16: b"1234"})
    with pytest.raises(InputError, match="does not fit its checksum"):
        read_xlsx(data, "users.xlsx", lambda *_: None)


def test_damaged_archives() -> None:
    data = packed(RESAVED)
    for bad in (data[:-30], data[: len(data) // 2], b"PK\3\4", b"", b"junk" * 99):
        assert refusal(bad) == "The file is a damaged or incomplete zip archive."
    assert refusal(b"junk" + data) == "The archive is damaged: there is something before its first part."
    assert (
        refusal(packed({**RESAVED, **{f"p{n}": "" for n in range(10_001)}}))
        == "The archive has more than 10,000 parts."
    )


def test_stored_parts_and_trailing_data() -> None:
    """Uncompressed parts are read; bytes behind the end of a compressed part are not tolerated."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in RESAVED.items():
            archive.writestr(name, content)
    assert rows_of(read(buffer.getvalue())) == rows_of(read(packed(RESAVED)))
    deflater = zlib.compressobj(wbits=-15)
    body = deflater.compress(b"abc") + deflater.flush() + b"more"
    assert b"".join(xlsx_archive._inflate(memoryview(body[:-4]))) == b"abc"
    for bad in (body, body[:-6]):
        with pytest.raises(zlib.error):
            list(xlsx_archive._inflate(memoryview(bad)))


def test_bombs_are_refused_before_they_are_unpacked() -> None:
    bomb = parts(sheet_xml(HEAD, after=" " * (12 << 20)))
    assert refusal(packed(bomb)).endswith("unpacks to more than 100 times its size, as archive bombs do.")
    big = {**RESAVED, "xl/styles.xml": "x" * (17 << 20)}
    big["xl/worksheets/sheet1.xml"] = sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row>')
    with mock.patch.object(xlsx_archive, "MOST_DENSE", 10_000):
        assert refusal(packed(big)) == "The part xl/styles.xml is larger than 16 MB."
        with mock.patch.object(xlsx_archive, "LARGEST_TOTAL", 1_000):
            assert refusal(packed(RESAVED)) == "The workbook unpacks to more than 1 GB."


# --- Nothing changes silently -----------------------------------------------------------------------------------------


def outcome(data: bytes) -> RawTable | None:
    """The table, or None when the file is refused; anything else fails the test."""
    try:
        tables = read_xlsx(data, "users.xlsx", all_columns)
    except InputError:
        return None
    return tables[0] if len(tables) == 1 else None


@pytest.mark.parametrize("contents", [RESAVED, RAW])
def test_one_flipped_bit_never_changes_a_cell(contents: Parts) -> None:
    """Each flipped byte is either noticed or without effect."""
    data = packed(contents)
    whole = read(data)
    noticed = 0
    for at in range(len(data)):
        damaged = bytearray(data)
        damaged[at] ^= 1 << at % 8
        table = outcome(bytes(damaged))
        noticed += table is None
        if table is not None:
            assert_same(table, whole)
    assert noticed > len(data) // 2


@settings(max_examples=300)
@given(st.data())
def test_mutated_archives_raise_nothing_but_input_errors(data: st.DataObject) -> None:
    """Whatever the bytes, there is a table or a refusal."""
    base = packed(RAW)
    at = data.draw(st.integers(0, len(base)))
    cut = data.draw(st.integers(0, 20))
    junk = data.draw(st.binary(max_size=20))
    outcome(base[:at] + junk + base[at + cut :])


_SHEET = str(RESAVED["xl/worksheets/sheet1.xml"]).encode()
_FRAGMENTS = st.sampled_from(
    [b"<", b">", b"/", b'"', b"&", b"&lt;", b"\0", b"\r", b" ", b"]]>", b"<!-- ", b" -->", b"<c", b"</row>", b"<row/>", b"x:",
     b'<row r="9"/>', b"<v>1</v>", b"<f/>", b' t="s"', b' s="1"', b' xmlns=""', b"\xff", b"</sheetData>", b"<sheetData>", b"A", b"9",
     b"<![CDATA[", b"<is><t>a</t></is>"]
)  # fmt: skip


@settings(max_examples=600)
@given(st.lists(st.tuples(st.integers(0, len(_SHEET)), st.integers(0, 9), _FRAGMENTS), min_size=1, max_size=3))
def test_fast_way_accepts_only_what_the_slow_way_reads_alike(changes: list[tuple[int, int, bytes]]) -> None:
    """The strict grammar is sound: mangled XML never slips through it."""
    xml = _SHEET
    for at, cut, fragment in changes:
        xml = xml[:at] + fragment + xml[at + cut :]
    data = packed({**RESAVED, "xl/worksheets/sheet1.xml": xml})
    try:
        fast: list[RawTable] | str = read_xlsx(data, "users.xlsx", all_columns)
    except InputError as error:
        fast = str(error)
    with mock.patch.object(xlsx_rows.Grammar, "fitting", return_value=None):
        try:
            slow: list[RawTable] | str = read_xlsx(data, "users.xlsx", all_columns)
        except InputError as error:
            slow = str(error)
    assert isinstance(fast, str) == isinstance(slow, str), (fast, slow)
    if not isinstance(fast, str) and not isinstance(slow, str):
        assert len(fast) == len(slow)
        for one, other in zip(fast, slow, strict=True):
            assert_same(one, other)


def alike(number: int, name: str = "Ann", *, shared: bool = False) -> str:
    """A row as every other, but for its number and its texts."""
    second = f'<c r="C{number}" t="s"><v>1</v></c>' if shared else inline(f"C{number}", "Enabled")
    return (
        f'<row r="{number}" spans="1:4">{inline(f"A{number}", name)}{inline(f"B{number}", f"{name.lower()}@contoso.com")}'
        f'{second}<c r="D{number}" s="1"><v>45084.5</v></c></row>'
    )


def ways(data: bytes) -> tuple[str, ...]:
    """By which way each run of rows was read."""
    taken: list[str] = []

    def note(name: str, parse: Callable[..., object]) -> Callable[..., object]:
        def noted(self: object, rows: bytes, before: int) -> object:
            cells = parse(self, rows, before)
            if cells is not None and not (name == "cell by cell" and rows.count(b"<row r=") == 1):
                taken.append(name)
            return cells

        return noted

    with (
        mock.patch.object(xlsx_shapes.Shapes, "parse", note("by likeness", xlsx_shapes.Shapes.parse)),
        mock.patch.object(xlsx_rows.Grammar, "parse", note("cell by cell", xlsx_rows.Grammar.parse)),
    ):
        read_xlsx(data, "users.xlsx", all_columns)
    return tuple(taken) or ("slowly",)


@pytest.mark.parametrize(
    ("rows", "way"),
    [
        ("".join(alike(n) for n in range(2, 30)), "by likeness"),
        ("".join(alike(n, "Zoë &amp; Bö") for n in (2, 3, 9, 10, 100)), "by likeness"),
        ("".join(alike(n, shared=n % 2 == 0) for n in range(2, 12)), "by likeness"),
        ("".join(alike(n) if n % 3 else f'<row r="{n}"></row>' for n in range(2, 12)), "by likeness"),
        ("".join(alike(n, "a>b") for n in range(2, 5)), "slowly"),  # the first of a shape is proven cell by cell
        (alike(2) + alike(3, "a>b") + alike(4), "by likeness"),
        (alike(2) + alike(3, "a&#x10FFFF;b"), "slowly"),
        (alike(2) + alike(3, "a&#38;b"), "by likeness"),
        (alike(2) + alike(3, "a]]&gt;b"), "by likeness"),
        (alike(2) + alike(3, "a<!-- x -->b"), "slowly"),
        (alike(2) + alike(3, "a\rb"), "slowly"),
        (alike(2) + alike(3).replace('t="inlineStr"><is><t>E', 't="str"><f>E</f><v>E', 1).replace("d</t></is>", "d</v>"), "cell by cell"),
        (alike(2) + "".join(f'<row r="{n}" ht="{n}">{inline(f"A{n}", "x")}</row>' for n in range(3, 40)), "cell by cell"),
    ],
)  # fmt: skip
def test_which_way_leads_through_which_rows(rows: str, way: str) -> None:
    """Plain rows go the fast way, and all ways read the same."""
    data = workbook(HEAD + rows, strings="<si><t>No</t></si><si><t>Yes</t></si>")
    assert ways(data) == (way,)
    whole = read(data)
    assert len(rows_of(whole)) == rows.count("<row ") - rows.count('"></row>')
    assert_same(cell_by_cell(lambda: read(data)), whole)
    assert_same(slowly(lambda: read(data)), whole)


def test_too_many_shapes_are_tried_three_times() -> None:
    """A sheet whose rows are all different costs no more than its cells."""
    rows = "".join(f'<row r="{n}" ht="{n}">{inline(f"A{n}", "x")}</row>' for n in range(2, 400))
    data = workbook(HEAD + rows)
    tried: list[bool] = []
    parse = xlsx_shapes.Shapes._parse

    def counted(self: xlsx_shapes.Shapes, run: bytes, before: int) -> object:
        cells = parse(self, run, before)
        tried.append(cells is not None)
        return cells

    with mock.patch.object(xlsx_shapes.Shapes, "_parse", counted):
        table = in_small_chunks(lambda: read(data), 2000)
    assert len(table.frame) == 398
    assert tried[-3:] == [False] * 3
    assert len(tried) < 10


@pytest.mark.parametrize(
    ("third", "message"),
    [
        (alike(2), "Row 2 comes twice or out of order (after row 3)."),
        (alike(4).replace('"B4"', '"B5"'), "Row 4 has a cell that calls itself 'B5'."),
        (alike(4).replace('"B4"', '"A4"'), "Cell A4 comes twice or out of order."),
        (alike(4).replace("</t></is></c></row>", "</t></is></row>"), None),
        (alike(4, "a\0b"), None),
        (alike(4, "a\x1bb"), None),
        (alike(4, "a]]>b"), None),
        (alike(4, "a\uffffb"), None),
        (alike(4, "a&b"), None),
        (alike(4, "a&lt b"), None),
        (alike(4, "a</t>b"), None),
        (alike(4, "a<b"), None),
        (alike(4, shared=True).replace("<v>1", "<v>-1"), "The cell in column 3 of row 4 points to no text."),
        (alike(4, shared=True).replace("<v>1", "<v>2"), "A cell points to a shared text that the file does not have."),
        (alike(1_048_577), "The sheet has a row numbered '1048577'; rows go from 1 to 1,048,576."),
        (alike(4).replace('r="4" ', 'r="04" '), None),
    ],
)  # fmt: skip
def test_likeness_excuses_nothing(third: str, message: str | None) -> None:
    """A row that is like the others but for one fault is refused, or read as the slow way reads it."""
    strings = "<si><t>No</t></si><si><t>Yes</t></si>"
    data = workbook(HEAD + alike(2, shared=True) + alike(3) + third + alike(1_048_576), strings=strings)

    def outcome_of(function: Callable[[], RawTable]) -> object:
        try:
            return rows_of(function())
        except InputError as error:
            return str(error)

    fast, slow = outcome_of(lambda: read(data)), outcome_of(lambda: slowly(lambda: read(data)))
    assert fast == slow
    if message is not None:
        assert refusal(data) == message


def row_of(number: int, name: str, upn: str) -> str:
    return f'<row r="{number}">{name.format(f"A{number}")}{upn.format(f"B{number}")}</row>'


_INLINE = '<c r="{{}}" t="inlineStr"><is><t>{}</t></is></c>'.format


@pytest.mark.parametrize(
    ("name", "upn", "seen"),
    [
        (_INLINE("Ann &amp; Bob"), _INLINE("ann@x.com"), ("Ann & Bob", "ann@x.com")),
        (_INLINE("&#65;nn"), _INLINE("&#x61;nn@x.com"), ("Ann", "ann@x.com")),
        (_INLINE("_x0041_nn"), _INLINE("ann@x.com"), ("Ann", "ann@x.com")),
        ('<c r="{}" t="str"><v>M&#252;ller</v></c>', _INLINE("a&amp;b@x.com"), ("Müller", "a&b@x.com")),
        ('<c r="{}" t="s"><v>1</v></c>', _INLINE("ann&apos;s@x.com"), ("Jo & Co", "ann's@x.com")),
        ('<c r="{}" t="s"><v>0</v></c>', '<c r="{}" t="s"><v>2</v></c>', ("Zoe", "zoe@x.com")),
        (_INLINE(""), _INLINE("ann@x.com"), (None, "ann@x.com")),
        ('<c r="{}"/>', _INLINE("ann@x.com"), (None, "ann@x.com")),
        ("", _INLINE("ann@x.com"), (None, "ann@x.com")),
        (_INLINE(" "), _INLINE(" "), None),
        ("", "", None),
        (_INLINE("Ann"), '<c r="{}"><v>7.0</v></c>', ("Ann", "7")),
        (_INLINE("Ann"), '<c r="{}" t="b"><v>1</v></c>', ("Ann", "TRUE")),
    ],
)
def test_texts_far_below_the_header(name: str, upn: str, seen: tuple[str | None, str | None] | None) -> None:
    """Rows of a later run, of which only the kept columns are taken: every kind of text, alone and among others."""
    odd = [row_of(number, name, upn) for number in range(40, 60)]
    plain = row_of(2, _INLINE("Eve"), _INLINE("eve@x.com"))
    for among in (range(0), range(45, 60, 3)):
        rows = {
            number: plain.replace('"2"', f'"{number}"').replace("A2", f"A{number}").replace("B2", f"B{number}")
            for number in range(2, 60)
        }
        rows |= {number: row for number, row in enumerate(odd, 40) if number not in among}
        strings = "<si><t>Zoe</t></si><si><t>Jo &amp; Co</t></si><si><t>zoe@x.com</t></si>"
        data = workbook(HEAD + "".join(rows.values()), strings=strings)
        found = in_small_chunks(lambda data=data: read(data), 900)  # type: ignore[misc]
        answers = {number: ("Eve", "eve@x.com") if number < 40 or number in among else seen for number in rows}
        assert rows_of(found) == [(number, *texts) for number, texts in answers.items() if texts is not None]
        assert_same(found, cell_by_cell(lambda data=data: in_small_chunks(lambda: read(data), 900)))  # type: ignore[misc]
        assert_same(found, slowly(lambda data=data: read(data)))  # type: ignore[misc]


_ALIKE = sheet_xml(HEAD + "".join(alike(n, shared=n % 3 == 0) for n in range(2, 12))).encode()


@settings(max_examples=400)
@given(
    st.lists(
        st.tuples(st.integers(len(_ALIKE) // 4, len(_ALIKE)), st.integers(0, 9), _FRAGMENTS), min_size=1, max_size=2
    )
)
def test_a_mangled_row_is_never_taken_for_one_like_the_others(changes: list[tuple[int, int, bytes]]) -> None:
    """Whatever is done to rows of one shape, the fast ways read what the slow one reads, or leave it to that."""
    xml = _ALIKE
    for at, cut, fragment in changes:
        xml = xml[:at] + fragment + xml[at + cut :]
    contents = parts("", strings="<si><t>No</t></si><si><t>Yes</t></si>")
    data = packed({**contents, "xl/worksheets/sheet1.xml": xml})
    found: list[object] = []
    for way in (lambda once: once(), cell_by_cell, slowly):
        try:
            found.append(way(lambda: read(data)))
        except InputError as error:
            found.append(str(error))
        except ValueError:  # no table at all
            found.append("none")
    for other in found[1:]:
        assert type(other) is type(found[0]), found
        if isinstance(other, RawTable) and isinstance(found[0], RawTable):
            assert_same(other, found[0])


_TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r\ufffe\uffff"), min_size=1, max_size=12
).map(lambda text: "".join(c for c in text if c >= " " or c in "\t\n") or "x")
_CELLS = st.one_of(
    st.none(),
    _TEXTS.map(lambda text: f' t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'),
    _TEXTS.map(lambda text: f' t="inlineStr"><is><t>{"".join(f"&#{ord(c)};" for c in text)}</t></is></c>'),
    _TEXTS.map(lambda text: f' s="1" t="str"><v>{escape(text)}</v></c>'),
    _TEXTS.map(lambda text: f' t="str"><f>{escape(text)}</f><v>{escape(text)}</v></c>'),
    st.integers(0, 3).map(lambda n: f' t="s"><v>{n}</v></c>'),
    st.sampled_from([f"{cell}" if cell.startswith(">") else f" {cell}" for cell, _, _ in CELLS]),
)


@settings(max_examples=200)
@given(
    st.lists(st.tuples(st.integers(1, 3), st.lists(_CELLS, max_size=4)), max_size=8),
    st.integers(100, 2000),
    st.lists(_TEXTS, min_size=4, max_size=4),
    st.sampled_from([(), (0,), (1, 0), (0, 1)]),
)
def test_all_ways_agree(
    table: list[tuple[int, list[str | None]]], size: int, strings: list[str], kept: Sequence[int]
) -> None:
    """Row by row, cell by cell, slow, and cut into small pieces: the same table."""

    def once() -> RawTable:
        (found,) = read_xlsx(data, "users.xlsx", lambda *_: kept)
        return found

    rows, number = HEAD, 1
    for skip, cells in table:
        number += skip
        written = "".join(f'<c r="{"ABCD"[n]}{number}"{cell}' for n, cell in enumerate(cells) if cell is not None)
        rows += f'<row r="{number}" spans="1:4">{written}</row>'
    data = workbook(rows, strings="".join(f"<si><t>{escape(text)}</t></si>" for text in strings))
    whole = once()
    assert_same(cell_by_cell(once), whole)
    assert_same(slowly(once), whole)
    assert_same(in_small_chunks(once, size), whole)
    assert_same(slowly(lambda: in_small_chunks(once, size)), whole)


@settings(max_examples=100)
@given(st.lists(st.lists(st.one_of(st.none(), _TEXTS), min_size=2, max_size=2), min_size=1, max_size=5))
@pytest.mark.filterwarnings("ignore:Workbook contains no default style")
def test_agrees_with_openpyxl(table: list[list[str | None]]) -> None:
    """A second, independent reader sees the same texts (it does not undo `_x0041_`, so those are left out)."""
    rows = HEAD
    for number, cells in enumerate(table, 2):
        written = "".join(
            f'<c r="{letter}{number}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'
            for letter, text in zip("AB", cells, strict=True)
            if text is not None and "_x" not in text
        )
        rows += f'<row r="{number}">{written}</row>'
    data = workbook(rows)
    ours = {row[0]: row[1:] for row in rows_of(read(data))}
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    for number in range(2, len(table) + 2):
        theirs = tuple(sheet.cell(number, column).value or None for column in (1, 2))
        if any(isinstance(text, str) and text.strip() for text in theirs):
            assert ours[number] == theirs
        else:
            assert number not in ours


def test_local_headers_may_leave_sizes_to_follow() -> None:
    """Writers that stream put sizes and checksum behind the part; the directory has them all the same."""

    class Stream(io.RawIOBase):
        def __init__(self) -> None:
            self.data = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            self.data += memoryview(data)  # type: ignore[arg-type]
            return len(memoryview(data))  # type: ignore[arg-type]

    stream = Stream()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in RESAVED.items():
            archive.writestr(name, content)
    assert struct.unpack_from("<H", stream.data, 6)[0] & 8
    assert rows_of(read(bytes(stream.data))) == rows_of(read(packed(RESAVED)))


FORMATS = (
    # numFmtId, formatCode, whether numbers in it are dates
    ("14", None, True),  # built in
    ("14", "0.00", False),  # a code given in the file beats the built-in meaning
    ("9", None, False),
    ("9", "[h]:mm", True),
    ("164", "yyyy-mm-dd", True),
    ("164", '"day" [Red]0.0', False),
    ("164", None, False),  # no code is given
    ("fourteen", "yyyy", False),  # neither of these is a number of a format
    ("9999999999", "yyyy", False),
)


@pytest.mark.parametrize(("number", "code", "is_date"), FORMATS)
def test_which_numbers_are_dates(number: str, code: str | None, is_date: bool) -> None:
    """By the style of the cell, and by what the file says of that style."""
    contents = parts(sheet_xml(HEAD + '<row r="2"><c r="A2" s="0"><v>46000</v></c></row>'))
    given = "" if code is None else f"<numFmts><numFmt numFmtId='{number}' formatCode='{code}'/></numFmts>"
    contents["xl/styles.xml"] = (
        f'<styleSheet xmlns="{MAIN}">{given}<cellXfs><xf numFmtId="{number}"/></cellXfs></styleSheet>'
    )
    assert faults_of(read(packed(contents))) == [(2, 0, "date" if is_date else "number")]


def test_a_part_that_is_cut_off() -> None:
    """The directory and the part itself agree on a size that the file does not have."""
    data = packed(parts(sheet_xml(HEAD)))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        last = max(archive.infolist(), key=lambda info: info.header_offset)
    size = (last.compress_size + 1).to_bytes(4, "little")
    assert refusal(patched(data, last.filename, local={18: size}, central={20: size})) == (
        f"The archive is damaged: the part {last.filename} is cut off."
    )
