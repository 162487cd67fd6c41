"""The workbook reader: what it reads, what it says about it, and what it refuses."""

from __future__ import annotations

import io
import re
import threading
import zipfile
from collections.abc import Sequence
from datetime import date
from random import Random
from xml.sax.saxutils import escape

import fastexcel
import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from t2t_mapping.errors import InputError
from t2t_mapping.read import archive, xlsx_guard
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
        f'<Override PartName="/xl/workbook.xml" ContentType="{TYPE}.sheet.main+xml"/>'
        + f'<Override PartName="/xl/sharedStrings.xml" ContentType="{TYPE}.sharedStrings+xml"/>' * bool(strings)
        + "</Types>",
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


def assert_same(one: RawTable, other: RawTable) -> None:
    assert_frame_equal(one.frame, other.frame)
    assert_frame_equal(one.faults, other.faults)
    for name in ("file", "sheet", "kind", "headers", "logical", "entity", "labels", "repairs", "detail"):
        assert getattr(one, name) == getattr(other, name)


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


def test_strict_open_xml_is_read() -> None:
    """Excel can save in a second, equally valid set of namespaces."""
    relations = "http://purl.oclc.org/ooxml/officeDocument/relationships"
    contents = {n: str(x).replace(MAIN, STRICT).replace(RELATIONS, relations) for n, x in RESAVED.items()}
    assert rows_of(read(packed(dict(contents)))) == rows_of(read(packed(RESAVED)))


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
    assert seen[0][2] == [(f"n{n}", "u") for n in range(2, 102)]
    assert table.headers == ("Name", "UPN")
    assert table.frame.columns == ["row", "0"]
    assert table.frame.height == 198


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


@pytest.mark.parametrize("target", ["/xl/worksheets/sheet1.xml", "../xl/worksheets/sheet1.xml"])
def test_targets_are_resolved(target: str) -> None:
    """Parts are where the relationships say, absolute or relative."""
    assert rows_of(read(changed(RELS, "worksheets/sheet1.xml", target))) == rows_of(read(packed(RESAVED)))


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


# --- Cells ------------------------------------------------------------------------------------------------------------

SLOW = "read with openpyxl, which takes longer"

CELLS = [
    ('t="inlineStr"><is><t xml:space="preserve"> a</t></is></c>', " a", None),
    ('t="inlineStr"><is><t/></is></c>', None, None),
    ('t="inlineStr"><is><t></t></is></c>', None, None),
    ('t="inlineStr"/>', None, None),
    (
        't="inlineStr"><is><r><rPr><b/></rPr><t xml:space="preserve">Ann </t></r><r><t>Lee</t></r></is></c>',
        "Ann Lee",
        None,
    ),
    ('t="inlineStr"><is><t>東</t><rPh sb="0" eb="1"><t>ひがし</t></rPh></is></c>', "東", None),
    ('t="inlineStr"><is><t>&lt;&amp;&gt;&quot;&apos;&#65;&#x42;</t></is></c>', "<&>\"'AB", None),
    ('t="inlineStr"><is><t>&amp;lt;&amp;#65;</t></is></c>', "&lt;&#65;", None),
    ('t="inlineStr"><is><t>&#128512;&#x1F600;</t></is></c>', "😀😀", None),
    ('t="inlineStr"><is><t><![CDATA[a<b]]></t></is></c>', "a<b", None),
    ('t="inlineStr"><is><t>a<!-- b -->c</t></is></c>', "ac", None),
    ('t="inlineStr"><is><t>_x0041__x005F_x0042__x00e9_</t></is></c>', "A_x0042_é", None),
    ('t="inlineStr"><is><t>_x004_ _xyz_</t></is></c>', "_x004_ _xyz_", None),
    ('t="inlineStr"><is><t>a_x000A_b</t></is></c>', "a\nb", "control"),
    ('t="inlineStr"><is><t>a\nb</t></is></c>', "a\nb", "control"),
    ('t="inlineStr"><is><t>a&#9;b</t></is></c>', "a\tb", "control"),
    ('t="inlineStr"><is><t>a\x85b</t></is></c>', "a\x85b", "control"),
    ('t="inlineStr"><is><t>a\u202eb</t></is></c>', "a\u202eb", "bidi"),
    ('t="inlineStr"><is><t>a\u200bb</t></is></c>', "a\u200bb", "zero-width"),
    ('t="s"><v>0</v></c>', "shared", None),
    ("t='s'><v>0</v></c>", "shared", None),
    ('t="s"><v/></c>', None, None),
    ('t="s"/>', None, None),
    ('t="str"><v>a &amp; b</v></c>', "a & b", None),
    ('s=""><v>7</v></c>', "7", None),
    ('t="inlineStr"><v>0</v><is><t>a</t></is></c>', "a", None),
    ('t="str"><f>A1</f><v>a</v></c>', "a", None),
    ("><f>1+1</f><v>2</v></c>", "2", None),
    ('><f t="shared" si="0"/><v>2</v></c>', "2", None),
    ('s="1"><f>1+1</f></c>', None, "formula"),
    ("><f>1+1</f><v/></c>", None, "formula"),
    ('t="e"><v>#N/A</v></c>', "#N/A", "error"),
    ("t='e'><v>#N/A</v></c>", "#N/A", "error"),
    ('t="e"><f>NA()</f><v>#N/A</v></c>', "#N/A", "error"),
    ('t="e"><v>#SPILL!</v></c>', "#SPILL!", "error"),
    ('t="e"><v>a&amp;b</v></c>', "a&b", "error"),
    ('t="b"><v>1</v></c>', "true", None),
    ("><v>12.0</v></c>", "12", None),
    ("><v>-12.50</v></c>", "-12.5", None),
    ('t="n" s="1"><v>45000</v></c>', "2023-03-15 00:00:00", None),
    ('s="3"><v>7</v></c>', "7", None),
    ('cm="1" vm="2"><v>7</v></c>', "7", None),
    ('s="1"/>', None, None),
    ("><v></v></c>", None, None),
    ('><v>7</v><extLst><ext uri="x"/></extLst></c>', "7", None),
]


@pytest.mark.parametrize(("cell", "text", "fault"), CELLS)
@pytest.mark.parametrize("prefix", ["", "x:"])
def test_kinds_of_cells(cell: str, text: str | None, fault: str | None, prefix: str) -> None:
    """Every kind of cell shows what Excel shows; errors and odd characters are faults, whichever library reads them."""
    rows = f'{HEAD}<row r="2"><c r="A2" {cell}{inline("B2", "a@b.c")}</row>'.replace('"A2" >', '"A2">')
    xml, strings = sheet_xml(rows), "<si><t>shared</t></si>"
    if prefix:
        xml = prefixed(xml)
    table = read(packed(parts(xml, strings=strings)))
    assert rows_of(table) == [(2, text, "a@b.c")]
    assert faults_of(table) == ([(2, 0, fault)] if fault else [])


def prefixed(xml: str) -> str:
    """The same with a prefix before every element."""
    xml = re.sub(r"(?<!A\[a)<(/?)(?=[A-Za-z])", r"<\1x:", xml)
    return xml.replace("xmlns=", "xmlns:x=", 1)


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ("<si><t>a</t></si>", "a"),
        ('<si><t xml:space="preserve"> a </t></si>', " a "),
        ("<si><t/></si>", None),
        ("<si/>", None),
        ('<si><r><t xml:space="preserve">Ann </t></r><r><rPr><b/></rPr><t>Lee</t></r></si>', "Ann Lee"),
        ('<si><t>東</t><rPh sb="0" eb="1"><t>ひがし</t></rPh><phoneticPr fontId="1"/></si>', "東"),
        ("<si><t>&lt;&#x26;_x0041_</t></si>", "<&A"),
        ("<si><!-- a --><t><![CDATA[<si>]]></t></si>", "<si>"),
    ],
)
def test_shared_strings(item: str, text: str | None) -> None:
    """Plain, rich and phonetic shared strings; what is said about one does not touch the others."""
    rows = f'{HEAD}<row r="2"><c r="A2" t="s"><v>1</v></c><c r="B2" t="s"><v>2</v></c></row>'
    data = workbook(rows, strings=f"<si><t>first</t></si>{item}<si><t>last</t></si>")
    assert rows_of(read(data)) == [(2, text, "last")]


def test_rows_and_cells_without_addresses_count_on() -> None:
    """The standard allows them to be left out (Power BI does); blanks between elements are allowed too."""
    xml = (
        "<row>\n <c t='inlineStr'><is><t>Name</t></is></c>\n</row><row r='4'><c/><c><v>1</v></c></row>"
        "<row><c r='A5'><v>2</v></c></row>"
    )
    table = read(workbook(xml))
    assert table.headers == ("Name",)
    assert rows_of(table) == [(4, None), (5, "2")]


def test_a_row_without_kept_cells_is_no_blank_row() -> None:
    """A user without a name and UPN is a user whom nobody may lose; a blank row is one without any content."""
    rows = HEAD.replace("</row>", inline("C1", "Phone") + "</row>") + f'<row r="2">{inline("B2", "u")}</row>'
    rows += (
        f'<row r="10">{inline("C10", "555")}</row><row r="11">{inline("C11", " ")}</row><row r="12"><c r="C12"/></row>'
    )
    (table,) = read_xlsx(workbook(rows), "users.xlsx", lambda *_: [1])
    assert rows_of(table) == [(2, "u"), (10, None)]


def test_merged_cells_are_faults() -> None:
    """Only the first cell of a merged range holds its text; no row of it can be trusted."""
    rows = HEAD + "".join(f'<row r="{n}">{inline(f"A{n}", "n")}{inline(f"B{n}", "u")}</row>' for n in (2, 3, 4, 5, 7))
    merges = '<mergeCells count="9"><mergeCell ref="B4:C3"/><mergeCell ref="A4:B4"/><mergeCell ref="B6:B7"/><mergeCell ref="A1:B1"/></mergeCells>'
    for xml in (sheet_xml(rows, after=merges), prefixed(sheet_xml(rows, after=merges))):
        assert faults_of(read(packed(parts(xml)))) == [(4, 0, "merged"), (4, 1, "merged"), (7, 1, "merged")]


def test_one_cell_may_have_several_faults() -> None:
    cell = inline("A2", "a\u200b\u202e_x0007_")
    rows = f'{HEAD}<row r="2">{cell}</row>'
    assert [fault for _, _, fault in faults_of(read(workbook(rows)))] == ["bidi", "control", "zero-width"]


VALUE = "what counts is the value that the file stores beside it"


def test_formulas_count_with_their_values() -> None:
    """And a sentence for each column in use says how many there are, and where the first one is."""
    rows = HEAD + "".join(
        f'<row r="{n}"><c r="A{n}" t="str"><f t="shared" si="0">{"B1" * (n == 2)}</f><v>n{n}</v></c>{inline(f"B{n}", "u")}'
        f'<c r="C{n}"><f>1</f></c></row>'
        for n in range(2, 1502)
    )
    (table,) = read_xlsx(workbook(rows), "users.xlsx", lambda *_: [0, 1])
    assert table.frame.row(-1) == (1501, "n1501", "u")
    assert table.repairs == (f"in the column 'Name', 1,500 cells hold formulas (first in row 2); {VALUE}",)
    one = f'{HEAD}<row r="2">{inline("A2", "a")}</row><row r="3"><c r="B3" t="str"><f>A1</f><v>b@b.c</v></c></row>'
    assert read(workbook(one)).repairs == (f"in the column 'UPN', one cell (row 3) holds a formula; {VALUE}",)
    unplaced = '<row><c t="str"><v>UPN</v></c></row><row><c t="str"><f>A1</f><v>b@b.c</v></c></row>'
    assert read(workbook(unplaced)).repairs == ("1 cells hold formulas; " + VALUE.replace("it", "each"),)


def test_hidden_rows_are_read_and_counted() -> None:
    """Rows that are filtered away are users all the same; only those that are no blank rows are counted."""
    rows = HEAD + "".join(
        f'<row r="{n}" {hidden}>{inline(f"A{n}", "n")}</row>'
        for n, hidden in ((2, ""), (3, 'hidden="1"'), (4, 'hidden="true"'), (5, 'hidden="0"'), (6, 'hidden="false"'))
    )
    rows += '<row r="9" hidden="1"/>'
    table = read(workbook(rows, before='<cols><col min="1" max="3" hidden="1"/></cols>'))
    assert table.frame["row"].to_list() == [2, 3, 4, 5, 6]
    assert table.hidden.to_list() == [3, 4]


def test_openpyxl_writes_what_we_read() -> None:
    """A workbook by another library, with its dates, numbers, booleans, formulas and errors."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Name", "UPN", "X"])
    sheet.append(["Jörg", "j@b.c", date(2024, 1, 31)])
    sheet.append(["'quoted", "=1+1", 3])
    sheet.append([True, "#N/A", 4.5])
    buffer = io.BytesIO()
    book.save(buffer)
    table = read(buffer.getvalue())
    assert rows_of(table) == [
        (2, "Jörg", "j@b.c", "2024-01-31 00:00:00"),
        (3, "'quoted", None, "3"),
        (4, "true", "#N/A", "4.5"),
    ]
    assert faults_of(table) == [(3, 1, "formula"), (4, 1, "error")]


def test_the_second_library_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts, numbers, dates, truth values, errors, blank rows and row numbers."""
    rows = f'{HEAD}<row r="3"><c r="A3" t="s"><v>0</v></c><c r="B3"><v>12.0</v></c><c r="D3" s="1"><v>45000.5</v></c></row>'
    rows += '<row r="7"><c r="B7" t="b"><v>0</v></c><c r="C7" t="e"><v>#N/A</v></c><c r="D7"><v>1.25</v></c></row>'
    data = workbook(
        rows.replace(HEAD, HEAD.replace("</row>", inline("C1", "X") + inline("D1", "Y") + "</row>")),
        strings="<si><t>é</t></si>",
    )
    fast = read(data)
    monkeypatch.setattr(fastexcel, "read_excel", lambda _: 1 / 0)
    slow = read(data)
    assert slow.repairs == (f"{SLOW} (fastexcel says: 'division by zero')",)
    assert_frame_equal(fast.frame, slow.frame)
    assert_frame_equal(fast.faults, slow.faults)
    assert rows_of(fast) == [(3, "é", "12", None, "2023-03-15 12:00:00"), (7, None, "false", "#N/A", "1.25")]


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "utf-8-sig"])
def test_other_encodings(encoding: str) -> None:
    """No program writes them, but the standard allows it."""
    declared = "utf-8" if encoding == "utf-8-sig" else encoding
    xml = f'<?xml version="1.0" encoding="{declared}"?>' + sheet_xml(HEAD + f'<row r="2">{inline("A2", "Jörg")}</row>')
    contents = parts(sheet_xml(HEAD))
    contents["xl/worksheets/sheet1.xml"] = xml.encode(encoding)
    assert rows_of(read(packed(contents))) == [(2, "Jörg", None)]


def test_far_cells_are_read_by_the_second_library() -> None:
    """The first one holds the rectangle around all cells; a note far away must not cost a gigabyte."""
    rows = f'{HEAD}<row r="2">{inline("A2", "a")}</row><row r="900000">{inline("XFD900000", "note")}</row>'
    table = read(workbook(rows))
    assert rows_of(table) == [(2, "a", None), (900_000, None, None)]
    assert table.repairs == (f"{SLOW} (its cells lie far apart)",)
    wide = HEAD.replace("</row>", inline("ABC1", "X") + "</row>")
    assert len(read(workbook(wide + f'<row r="2">{inline("ABC2", "x")}</row>')).headers) == 731


def test_sheets_beyond_the_size_of_a_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is looked for is found wherever the bytes are cut."""
    rows = HEAD + "".join(
        f'<row r="{n}" hidden="{int(n % 7 == 0)}">{inline(f"A{n}", f"n{n}")}'
        + ('<c r="B%d" t="e"><v>#N/A</v></c>' if n % 5 == 0 else '<c r="B%d" t="str"><f>1</f><v>u</v></c>') % n
        + "</row>"
        for n in range(2, 200)
    )
    data = workbook(rows, after='<mergeCells><mergeCell ref="A3:B4"/></mergeCells>')
    whole = read(data)
    assert whole.hidden.len() == 28
    assert whole.faults.height == 39 + 4
    for size in (700, 1_000, 3_001):
        monkeypatch.setattr(archive, "_MOST_PER_CALL", size)
        monkeypatch.setattr(xlsx_guard, "SHORTEST", 0)
        table = read(data)
        assert_frame_equal(table.frame, whole.frame)
        assert_frame_equal(table.faults, whole.faults)
        assert (table.hidden.to_list(), table.repairs) == (whole.hidden.to_list(), whole.repairs)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ('<row r="1"><c r="A1"/><c r="AG1"><v>1</v></c></row>', (1, 33)),
        ('<row r="1"><c t="n" r="A1"/><c\n r = "b7"></c></row>', (7, 2)),
        ("<row><c/><c><v>1</v></c></row><row/><row><c></c></row>", (3, 2)),
        ('<row r="5"><c r="C5"/><c t="n"/></row>', (5, 5)),  # the second one may stand behind the first
        ('<row r="99999999999999999999"><c r="A1"/></row>', (1_048_577, 1)),
        ("", (0, 0)),
    ],
)
@pytest.mark.parametrize("prefix", ["", "x:", "x-1.a:"])
def test_the_extent_of_a_sheet(rows: str, expected: tuple[int, int], prefix: str) -> None:
    """Whatever says where a cell is; closing tags are no cells."""
    xml = re.sub("<(/?)", rf"<\g<1>{prefix}", rows)
    assert xlsx_guard._extent([xml.encode()]) == expected


# --- What it refuses --------------------------------------------------------------------------------------------------

BEYOND = "A cell lies beyond the last row or column of a sheet."
NO_INDEX = "A cell points to no shared text: its index is not a whole number."


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ('<row r="1"><c r="A1048577"><v>1</v></c></row>', BEYOND),
        ('<row r="1"><c r="XFE1"><v>1</v></c></row>', BEYOND),
        ('<row r="1"><c r="ZZZZ1"><v>1</v></c></row>', BEYOND),
        ('<row r="1"><c r="xfe1"><v>1</v></c></row>', BEYOND),
        ("<row r='1'><c r='XFE1'><v>1</v></c></row>", BEYOND),
        ('<row r="1"><c t="n" r = "XFE1"><v>1</v></c></row>', BEYOND),
        ('<row r="1"><c r="A4294967295"><v>1</v></c></row>', BEYOND),
        ('<row r="4294967295"><c><v>1</v></c></row>', BEYOND),
        (f'<row r="1">{inline("XFD1", "a")}<c/></row>', BEYOND),
        ('<row r="1">' + "<c><v>1</v></c>" * 16_385 + "</row>", BEYOND),
        ('<row r="1"><c r="A1" t="s"><v>-1</v></c></row>', NO_INDEX),
        ('<row r="1"><c r="A1" t="s"><v>0.7</v></c></row>', NO_INDEX),
        ('<row r="1"><c r="A1" t="s"><v>1e0</v></c></row>', NO_INDEX),
        ("<row r='1'><c t='s' r='A1'>\n<v> 1</v></c></row>", NO_INDEX),
        ('<row r="1"><c r="A1" t="s"><v>7</v></c></row>', "The workbook cannot be read (fastexcel says:"),
        ('<row r="1">', "is not valid XML (mismatched tag"),
        ('<row r="1" r="1"/>', "is not valid XML (duplicate attribute"),
        (f'<row r="1">{inline("A1", "&b;")}</row>', "is not valid XML (undefined entity"),
        (f'<row r="1">{inline("A1", chr(1))}</row>', "is not valid XML (not well-formed (invalid token)"),
    ],
)
@pytest.mark.parametrize("prefix", ["", "x:"])
def test_sheets_it_refuses(rows: str, message: str, prefix: str) -> None:
    """Cells that no sheet has, texts that are not there, XML that ends too early."""
    xml = sheet_xml(rows)
    assert message in refusal(packed(parts(prefixed(xml) if prefix else xml, strings="<si><t>a</t></si>")))


def changed(part: str, old: str, new: str) -> bytes:
    """The sound workbook with one thing changed in one part."""
    contents = dict(RESAVED)
    assert old in str(contents[part])
    contents[part] = str(contents[part]).replace(old, new, 1)
    return packed(contents)


BOOK, RELS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"


@pytest.mark.parametrize(
    ("part", "old", "new", "message"),
    [
        *(
            (part, "<", '<!DOCTYPE a [<!ENTITY b "c">]><', "document type definition")
            for part in (BOOK, RELS, SHEET, STRINGS)
        ),
        (BOOK, "</sheets>", "", "The part xl/workbook.xml is not valid XML (mismatched tag"),
        (BOOK, "</sheets>", '<sheet name="USERS" sheetId="2" r:id="rId1"/></sheets>', "two sheets of one name"),
        (BOOK, 'r:id="rId1"', 'r:id="rId7"', "lists a sheet that is not in the file"),
        (RELS, "worksheets/sheet1", "worksheets/sheet9", "lists a sheet that is not in the file"),
        (SHEET, "<worksheet", '<?xml version="1.0" encoding="klingon"?><worksheet', "the unknown encoding 'klingon'"),
        (STRINGS, "<si>", "<si></sst>", "is not valid XML (mismatched tag"),
    ],
)
def test_parts_it_refuses(part: str, old: str, new: str, message: str) -> None:
    """Where a part is missing, not well formed, or has a document type."""
    assert message in refusal(changed(part, old, new))


def test_what_is_no_utf8_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """No letter is guessed, nor in a sheet that is too large for its XML to be checked."""
    contents = dict(RESAVED)
    contents[SHEET] = str(RESAVED[SHEET]).replace('r="2"', 'r="2" x="é"').encode("latin-1")
    assert "is not valid XML" in refusal(packed(contents))
    monkeypatch.setattr(xlsx_guard, "WELL_FORMED", 0)
    assert "is not valid UTF-8" in refusal(packed(contents))


def test_a_claim_of_four_thousand_million_texts_costs_nothing() -> None:
    """The library would reserve the memory."""
    for claim in ('uniqueCount="4000000000"', 'count="99999999999999999999" uniqueCount="4"', "count='4000000000'"):
        table = read(changed(STRINGS, "<sst", f"<sst {claim}"))
        assert table.frame.height == 2
        assert table.repairs == (f"{SLOW} (it claims an impossible number of texts)",)


def test_a_missing_part_is_told() -> None:
    contents = dict(RESAVED)
    del contents[BOOK]
    assert "the part xl/workbook.xml is missing" in refusal(packed(contents))


@pytest.mark.parametrize("twin", ["xl/worksheets/sheet1.xml", "XL/Worksheets/Sheet1.xml", "xl\\worksheets\\sheet1.xml"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_parts_of_one_name_are_refused(twin: str) -> None:
    """Which of them a reader takes is a matter of taste."""
    buffer = io.BytesIO(packed(RESAVED))
    with zipfile.ZipFile(buffer, "a") as file:
        file.writestr(twin, RAW[SHEET])
    assert "two parts named" in refusal(buffer.getvalue())


def test_bombs_are_refused_before_they_are_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """By what they claim, and by what they do not claim."""
    blanks = changed(SHEET, "<sheetData>", "<sheetData>" + " " * (11 << 20))
    assert "unpacks to more than 100 times its size" in refusal(blanks)
    monkeypatch.setattr(archive, "LARGEST_PART", 500)
    assert "unpacks to more than 0 MB" in refusal(packed(RESAVED))


def test_encrypted_parts_are_told() -> None:
    data = bytearray(packed(RESAVED))
    at = data.index(b"PK\x01\x02")
    while at >= 0:
        data[at + 8] |= 1
        at = data.find(b"PK\x01\x02", at + 4)
    assert refusal(bytes(data)) == "The archive is protected by a password."


BIG = packed(
    parts(
        sheet_xml(
            HEAD
            + "".join(
                f'<row r="{n}">{inline(f"A{n}", f"n{n}")}{inline(f"B{n}", f"u{n}@b.c")}</row>' for n in range(2, 40)
            )
        )
    )
)


@given(st.integers(0, len(BIG) - 1), st.integers(0, 7))
@settings(max_examples=50)
def test_one_flipped_bit_never_changes_a_cell(at: int, bit: int) -> None:
    """It is refused, or nothing of it is used."""
    data = BIG[:at] + bytes([BIG[at] ^ 1 << bit]) + BIG[at + 1 :]
    try:
        table = read(data)
    except InputError:
        return
    assert_frame_equal(table.frame, read(BIG).frame)


@pytest.mark.parametrize("cut", [0, 10, 30, 500, len(BIG) // 2, len(BIG) - 30, len(BIG) - 1])
def test_a_file_that_is_cut_off_is_refused(cut: int) -> None:
    assert refusal(BIG[:cut]) == "The file is a damaged or incomplete zip archive."


@given(st.integers(0, 2**32))
@settings(max_examples=30)
def test_mutated_parts_raise_nothing_but_input_errors(seed: int) -> None:
    """Whatever is in the XML, with checksums that fit."""
    chance = Random(seed)
    contents = {name: str(text) for name, text in (RESAVED if seed % 2 else RAW).items()}
    for _ in range(chance.randint(1, 4)):
        name = chance.choice(list(contents))
        text = contents[name]
        if not text:
            continue
        at, width = chance.randrange(len(text)), chance.choice((0, 1, 1, 5, 40))
        piece = chance.choice(
            ("", "<", ">", "</row>", '"', "0", "-1", "9" * chance.randint(1, 20), "é", "\0", "<c>", ' r="ZZZ9"')
        )
        contents[name] = text[:at] + piece + text[at + width :]
    try:
        tables = read_xlsx(packed(dict(contents)), "users.xlsx", all_columns)
    except InputError as error:
        assert all(problem.code == "I101" and problem.fix for problem in error.problems)  # noqa: PT017
    else:
        assert all(isinstance(table, RawTable) for table in tables)
