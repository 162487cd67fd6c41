"""Excel 2003 XML: what is read, what is refused."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from t2t_mapping.errors import InputError
from t2t_mapping.read import spreadsheetml
from t2t_mapping.read.spreadsheetml import read_spreadsheetml
from t2t_mapping.read.table import RawTable, all_columns

OPEN = (
    '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>\n'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:x="urn:schemas-microsoft-com:office:excel"\n'
    ' xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" xmlns:html="http://www.w3.org/TR/REC-html40">'
)


def cell(text: str, kind: str = "String", attributes: str = "") -> str:
    return f'<Cell {attributes}><Data ss:Type="{kind}">{text}</Data></Cell>'


def row(*cells: str, attributes: str = "") -> str:
    return f"<Row {attributes}>{''.join(c if c.startswith('<') else cell(c) for c in cells)}</Row>"


def sheet(*rows: str, name: str = "Users", visible: str = "") -> str:
    options = f"<x:WorksheetOptions><x:Visible>{visible}</x:Visible></x:WorksheetOptions>" if visible else ""
    return f'<Worksheet ss:Name="{name}"><Table>{"".join(rows)}</Table>{options}</Worksheet>'


def book(*sheets: str) -> str:
    return OPEN + "".join(sheets) + "</Workbook>"


def tables(data: str | bytes, chosen: str | None = None) -> list[RawTable]:
    return read_spreadsheetml(data.encode() if isinstance(data, str) else data, "users.xls", all_columns, chosen)


def read(*rows: str) -> RawTable:
    (table,) = tables(book(sheet(*rows)))
    return table


def test_a_plain_sheet() -> None:
    """Header row first, blank rows absent, text as it is."""
    table = read(row("", " "), row(" Name ", "UPN"), row(" Ann &amp; Bob ", "a@x"), row("", " "), row("Zoë", "z@x"))
    assert (table.file, table.sheet, table.kind) == ("users.xls", "Users", "spreadsheetml")
    assert table.headers == ("Name", "UPN")
    assert table.frame.rows() == [(3, " Ann & Bob ", "a@x"), (5, "Zoë", "z@x")]
    assert (table.faults.rows(), table.detail) == ([], {"rows": "2", "sheets": "Users"})


def test_indexes_skip_rows_and_cells() -> None:
    """`ss:Index` and `ss:Span` move on; the row numbers are those that Excel shows."""
    table = read(
        row("A", cell("C", attributes='ss:Index="3"'), attributes='ss:Index="4"'),
        row("1", "2", "3", attributes='ss:Span="2"'),
        row(cell("x", attributes='ss:Index="3"')),
    )
    assert table.headers == ("A", "", "C")
    assert table.frame.rows() == [(5, "1", "2", "3"), (8, None, None, "x")]


def test_what_is_not_text_is_a_fault() -> None:
    """The text is there all the same, as Excel shows it."""
    table = read(
        row("A", "B", "C", "D", "E", "F"),
        row(
            cell("1.5", "Number"),
            cell("2023-06-07T00:00:00.000", "DateTime"),
            cell("1", "Boolean"),
            cell("#N/A", "Error", 'ss:Formula="=NA()"'),
            cell("a@x", attributes='ss:Formula="=RC[-1]"'),
            "a\u200b",
        ),
    )
    assert table.frame.rows() == [
        (2, "1.5", "2023-06-07T00:00:00.000", "true", "#N/A", "a@x", "a\u200b"),
    ]
    assert table.faults.rows() == [(2, 3, "error"), (2, 5, "zero-width")]
    assert table.repairs == (
        "in the column 'D', one cell (row 2) holds a formula; what counts is the value that the file stores beside it",
        "in the column 'E', one cell (row 2) holds a formula; what counts is the value that the file stores beside it",
    )


def test_hidden_rows_are_read_and_counted() -> None:
    """Filtered away, they are users all the same."""
    table = read(row("A", "B"), row("1", "2", attributes='ss:Hidden="1"'), row("3", "4"))
    assert table.frame.rows() == [(2, "1", "2"), (3, "3", "4")]
    assert table.hidden.to_list() == [2]


def test_merged_cells_are_faults() -> None:
    """Every kept cell in the range, the next implicit cell comes after it."""
    table = read(
        row("A", "B", "C"),
        row(cell("1", attributes='ss:MergeAcross="1" ss:MergeDown="1"'), "3"),
        row(cell("x", attributes='ss:Index="3"')),
        row("1", "2", "3"),
    )
    assert table.frame.rows() == [(2, "1", None, "3"), (3, None, None, "x"), (4, "1", "2", "3")]
    assert table.faults.rows() == [(2, 0, "merged"), (2, 1, "merged"), (3, 0, "merged"), (3, 1, "merged")]


def test_only_data_is_text() -> None:
    """Rich text is put together; comments have data of their own, which do not count."""
    note = '<Cell><Data ss:Type="String">a<html:B>b</html:B>c</Data><Comment><ss:Data>no</ss:Data></Comment></Cell>'
    assert read(row("A", "B"), row(note, "<Cell/>")).frame.rows() == [(2, "abc", None)]


HIDDEN = (
    "systemuser:aGFzaA==:systemuserid=%28Do%20Not%20Modify%29%20User&amp;fullname=Full%20Name&amp;a=Twice&amp;b=Twice"
)


def test_the_hidden_sheet_names_the_columns() -> None:
    """Entity, logical names, and the choice labels below; a title that two columns have says nothing."""
    users = sheet(row("Full Name", "UPN"), row("Ann", "a@x"))
    labels = row(cell("Enabled", attributes='ss:Index="2"'))
    hidden = sheet(row(HIDDEN), labels, name="hiddenSheet", visible="SheetVeryHidden")
    (table,) = tables(book(users, hidden))
    assert table.logical == {"(Do Not Modify) User": "systemuserid", "Full Name": "fullname"}
    assert (table.entity, table.labels) == ("systemuser", (("", "Enabled"),))
    (table,) = tables(book(users, sheet(row("nothing"), name="hiddenSheet", visible="SheetHidden")))
    assert (table.logical, table.entity, table.labels) == ({}, None, ())


def test_hidden_sheets_are_read_only_by_name() -> None:
    """A hidden sheet is not what the user sees."""
    data = book(
        sheet(row("A"), row("1"), name="One"), sheet(row("A"), row("2"), name="Two", visible="SheetHidden"), sheet(name="Blank")
    )  # fmt: skip
    assert [(table.sheet, table.frame.rows()) for table in tables(data)] == [("One", [(2, "1")])]
    assert [(table.sheet, table.frame.rows()) for table in tables(data, "two")] == [("Two", [(2, "2")])]
    assert read_spreadsheetml(data.encode(), "f", lambda *_: None) == []
    with pytest.raises(InputError) as caught:
        tables(data, "Three")
    (problem,) = caught.value.problems
    assert (problem.message, problem.fix) == (
        "The workbook has no worksheet named 'Three'.",
        "Choose one of these: One, Two, Blank.",
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252", "iso-8859-2"])
def test_encodings(encoding: str) -> None:
    """Those that the file declares, or that its first bytes show."""
    declared = "" if encoding.startswith("utf") else f' encoding="{encoding}"'
    data = book(sheet(row("Näme"), row("Ä"))).replace('version="1.0"', f'version="1.0"{declared}').encode(encoding)
    assert [(t.headers, t.frame.rows()) for t in tables(data)] == [(("Näme",), [(2, "Ä")])]


A = row("A", "B")
OTHER_ENCODING = "The XML declares an encoding that cannot be read."


@pytest.mark.parametrize(
    ("data", "at", "message"),
    [
        ("", None, "The XML is not well formed at line 1, column 1: no element found."),
        (book(sheet(A))[:-4], None, "The XML is not well formed at line 3, column 259: unclosed token."),
        (OPEN + "<Worksheet></Workbook>", None, "The XML is not well formed at line 3, column 116: mismatched tag."),
        (OPEN.replace("<?mso", "<!DOCTYPE a><?mso"), None, "The XML has a document type definition, which no export has."),
        (OPEN.replace('"1.0"?', '"1.0" encoding="nonsense"?').encode(), None, OTHER_ENCODING),
        (OPEN.replace('"1.0"?', '"1.0" encoding="shift_jis"?').encode(), None, OTHER_ENCODING),
        (book(sheet(row(attributes='ss:Index="1048577"'))), None, "A row or cell has the impossible Index '1048577'."),
        (book(sheet(row(cell("", attributes='ss:Index="16385"')))), 1, "A row or cell has the impossible Index '16385'."),
        (book(sheet(row(cell("", attributes='ss:Index="-1"')))), 1, "A row or cell has the impossible Index '-1'."),
        ("<html/>", None, "The XML has no worksheet."),
    ],
)  # fmt: skip
def test_refuses_what_is_damaged_or_ambiguous(data: str | bytes, at: int | None, message: str) -> None:
    """One message, with the row where there is one."""
    with pytest.raises(InputError) as caught:
        tables(data)
    (problem,) = caught.value.problems
    assert (problem.code, problem.file, problem.row, problem.message) == ("I101", "users.xls", at, message)
    assert problem.fix


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Size and far cells: refused before they cost anything."""
    far = row(cell("A", attributes='ss:Index="16384"'))
    monkeypatch.setattr(spreadsheetml, "MAX_CELLS", 5)
    with pytest.raises(InputError, match="too far apart"):
        read(row("A", "B"), far, far)
    monkeypatch.setattr(spreadsheetml, "MAX_TAGS", book(sheet(A)).count("<"))
    assert tables(book(sheet(A)))  # exactly as many
    with pytest.raises(InputError, match="The file is too large: over 18 tags"):
        tables(book(sheet(A), "<!---->"))


@given(
    st.binary(max_size=60)
    | st.builds(lambda at, by: book(sheet(A)).encode()[:at] + by, st.integers(0, 600), st.binary(max_size=9))
)
def test_bytes_never_raise_anything_else(data: bytes) -> None:
    """Only `InputError`, whatever the bytes."""
    with suppress(InputError):
        tables(data)
