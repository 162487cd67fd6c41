"""The fixtures are what their script writes, and the writers write what other programs can open."""

from __future__ import annotations

import csv
import json
import xml.etree.ElementTree as ET
import zipfile
from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import Any

import crowds
import make_fixtures
import openpyxl
import polars as pl
import pytest
import writers as w
from contents import content
from places import FIXTURES

SETS = ("merger", "clean", "formats")
WORKBOOKS = sorted(path for name in SETS for path in (FIXTURES / name).rglob("*.xlsx"))

PEOPLE = [
    w.Person(upn="ana@contoso.com", full_name="Ana <&> Lima", enabled=True, licensed=True, access_mode=0),
    None,
    w.Person(upn="bo@contoso.com", full_name=" Bo ", enabled=False, licensed=None, access_mode=4),
    w.Person(full_name="SYSTEM"),
]
COLUMNS = ("fullname", "windowsliveid", "isdisabled", "islicensed", "accessmode")
CELLS: list[list[str | None]] = [
    ["Full Name", "Windows Live ID", "Status", "User Licensed", "Access Mode"],
    ["Ana <&> Lima", "ana@contoso.com", "Enabled", "Yes", "Read-Write"],
    [None, None, None, None, None],
    [" Bo ", "bo@contoso.com", "Disabled", None, "Non-interactive"],
    ["SYSTEM", None, None, None, None],
]


def tree(folder: Path) -> dict[str, Any]:
    """Relative path -> content of every file of the three sets."""
    found = (path for name in SETS for path in (folder / name).rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): content(path) for path in found}


def test_committed_fixtures_are_what_the_script_writes(tmp_path: Path) -> None:
    """Nobody edits a fixture by hand, and two runs give the same."""
    make_fixtures.main(tmp_path)
    assert tree(tmp_path) == tree(FIXTURES)


def test_readme_table_is_what_the_script_writes(tmp_path: Path) -> None:
    """The documented outcomes are the planted ones."""
    copy = tmp_path / "README.md"
    copy.write_text((FIXTURES / "README.md").read_text("utf-8"), "utf-8")
    make_fixtures.write_readme_table(copy)
    assert copy.read_text("utf-8") == (FIXTURES / "README.md").read_text("utf-8")


@pytest.mark.parametrize("path", WORKBOOKS, ids=lambda path: path.relative_to(FIXTURES).as_posix())
def test_workbooks_open_in_openpyxl(path: Path) -> None:
    """A second, independent reader sees one header row and all users."""
    book = openpyxl.load_workbook(path)
    sheets = [sheet for sheet in book if sheet.sheet_state == "visible" and sheet.title != "Notes"]
    assert len(sheets) == 1
    assert sheets[0].max_row >= 5
    assert all(isinstance(cell, str) for cell in next(sheets[0].iter_rows(values_only=True)))


@pytest.mark.parametrize("name", ["expected.csv", "expected-with-directory.csv"])
def test_every_source_user_of_the_merger_has_an_expected_outcome(name: str) -> None:
    """The expected results and the exports list the same people."""
    with (FIXTURES / "merger" / name).open(encoding="utf-8", newline="") as lines:
        expected = list(csv.DictReader(lines))
    listed: set[tuple[str, str]] = set()
    for path in (FIXTURES / "merger" / "source").glob("*.xlsx"):
        header, *rows = next(iter(openpyxl.load_workbook(path))).iter_rows(values_only=True)
        upn, full_name = header.index("Windows Live ID"), header.index("Full Name")
        listed |= {(str(row[upn] or ""), str(row[full_name] or "")) for row in rows}
    assert sorted(listed) == [(row["source"], row["full_name"]) for row in expected]
    assert Counter(row["disposition"] for row in expected).keys() == {"mapped", "held", "excluded"}
    assert all(bool(row["destination"]) == (row["disposition"] == "mapped") for row in expected)


def table(path: Path, sheet: str = "Full Access Users") -> list[list[Any]]:
    """The visible columns of a worksheet, as openpyxl sees them."""
    return [list(row) for row in openpyxl.load_workbook(path)[sheet].iter_rows(min_col=4, values_only=True)]


@pytest.mark.parametrize("write", [w.static_worksheet_raw, w.static_worksheet_resaved])
def test_static_worksheets(write: Any, tmp_path: Path) -> None:
    """Both physical forms hold the same cells, with columns A to C hidden and a very hidden mapping."""
    path = tmp_path / "users.xlsx"
    write(PEOPLE, path, columns=COLUMNS)
    assert table(path) == CELLS
    book = openpyxl.load_workbook(path)
    hidden = book["hiddenSheet"]
    assert book.sheetnames == ["Full Access Users", "hiddenSheet"]
    assert (hidden.sheet_state, hidden.sheet_properties.codeName) == ("veryHidden", "hiddenDataSheet")
    mapping = hidden["A1"].value
    assert mapping.startswith("systemuser:")
    assert mapping.partition("==:")[2] == (
        "systemuserid=%28Do%20Not%20Modify%29%20User&checksumLogicalName=%28Do%20Not%20Modify%29%20Row%20Checksum"
        "&modifiedon=%28Do%20Not%20Modify%29%20Modified%20On&fullname=Full%20Name&windowsliveid=Windows%20Live%20ID"
        "&isdisabled=Status&islicensed=User%20Licensed&accessmode=Access%20Mode"
    )
    assert [cell.value for cell in hidden[2]][:3] == ["Enabled", "Disabled", None]
    assert book["Full Access Users"].column_dimensions["A"].hidden


def test_raw_and_resaved_differ_as_they_do_in_practice(tmp_path: Path) -> None:
    """Prefixed elements with unprefixed inline strings against shared strings; the same bytes in every run."""
    for write, name in ((w.static_worksheet_raw, "raw"), (w.static_worksheet_resaved, "saved")):
        write(PEOPLE, tmp_path / f"{name}.xlsx")
        write(PEOPLE, tmp_path / f"{name}-again.xlsx")
        assert (tmp_path / f"{name}.xlsx").read_bytes() == (tmp_path / f"{name}-again.xlsx").read_bytes()
    with zipfile.ZipFile(tmp_path / "raw.xlsx") as raw, zipfile.ZipFile(tmp_path / "saved.xlsx") as saved:
        assert b'<x:row r="2"><c r="A2" t="inlineStr"><is><t>' in raw.read("xl/worksheets/sheet1.xml")
        assert "xl/sharedStrings.xml" not in raw.namelist()
        assert b'<c r="A2" t="s"><v>' in saved.read("xl/worksheets/sheet1.xml")
        assert {part.date_time for part in raw.infolist() + saved.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("write", [w.static_worksheet_raw, w.static_worksheet_resaved])
@pytest.mark.parametrize("namespace", ["root", "cell"])
def test_what_people_do_to_worksheets(write: Any, namespace: str, tmp_path: Path) -> None:
    """Deleted columns and sheets, a note before the data, blanks in headers, another language."""
    path = tmp_path / "users.xlsx"
    write(
        PEOPLE,
        path,
        columns=COLUMNS,
        language="de",
        headers={"fullname": " Vollständiger Name "},
        hidden_columns=False,
        hidden_sheet=False,
        other_sheets=("Notes & more",),
        data_first=False,
        sheet_name="Benutzer",
        namespace=namespace,
    )
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Notes & more", "Benutzer"]
    rows = list(book["Benutzer"].iter_rows(values_only=True))
    assert rows[0] == (" Vollständiger Name ", "Windows Live-ID", "Status", "Benutzer lizenziert", "Zugriffsmodus")
    assert rows[1][2:] == ("Aktiviert", "Ja", "Lesen/Schreiben")


def test_other_tables_lookups_and_wide_sheets(tmp_path: Path) -> None:
    """An export of accounts; a related column; more than 26 columns."""
    path = tmp_path / "accounts.xlsx"
    extra = {f"field{n}": f"Field {n}" for n in range(30)} | {"guid.name": "Name (Parent) (Unit)"}
    person = w.Person(full_name="Ana", extra=(("guid.name", "Lisbon"),))
    w.static_worksheet_raw([person], path, columns=("fullname", *extra), headers=extra, entity="account")
    book = openpyxl.load_workbook(path)
    assert book["hiddenSheet"]["A1"].value.startswith("account:")
    assert book["Full Access Users"]["A1"].value == "(Do Not Modify) Account"
    assert book["Full Access Users"]["AI1"].value == "Name (Parent) (Unit)"
    assert book["Full Access Users"]["AI2"].value == "Lisbon"


def test_spreadsheetml_2003(tmp_path: Path) -> None:
    """Well-formed, in its own namespace; a blank row shows as a jump of the index."""
    path = tmp_path / "users.xls"
    w.spreadsheetml_2003(PEOPLE, path, columns=COLUMNS)
    ss = "{urn:schemas-microsoft-com:office:spreadsheet}"
    rows = list(ET.parse(path).getroot().iter(f"{ss}Row"))
    assert [row.get(f"{ss}Index") for row in rows] == [None, None, "4", None]
    assert [data.text for data in rows[1].iter(f"{ss}Data")][3:] == CELLS[1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_exports(encoding: str, delimiter: str, tmp_path: Path) -> None:
    """Every encoding and delimiter gives the same table."""
    path = tmp_path / "users.csv"
    w.csv_export(PEOPLE, path, encoding=encoding, delimiter=delimiter, columns=COLUMNS)
    with path.open(encoding=encoding, newline="") as lines:
        rows = list(csv.reader(lines, delimiter=delimiter))
    assert [row[3:] for row in rows if row] == [[cell or "" for cell in row] for row in CELLS if any(row)]


def test_directories_say_unknown_as_the_services_do(tmp_path: Path) -> None:
    """No status, no licences: an empty cell in CSV, null and `[]` in Graph, nothing made up."""
    nobody = w.Person(upn="ana@contoso.com", full_name="Ana")
    w.m365_csv([nobody], tmp_path / "m365.csv")
    with (tmp_path / "m365.csv").open(encoding="utf-8-sig", newline="") as lines:
        row = next(csv.DictReader(lines))
    assert (row["Block credential"], row["Licenses"], row["Proxy addresses"]) == ("", "", "")
    w.graph_json([nobody], tmp_path / "graph.json")
    user = json.loads((tmp_path / "graph.json").read_text("utf-8"))["value"][0]
    assert (user["accountEnabled"], user["assignedLicenses"]) == (None, [])


def test_directories_join_values_as_the_services_do(tmp_path: Path) -> None:
    """Product names, addresses and guests in Microsoft 365's export."""
    guest = w.Person(
        upn=w.guest_upn("ana.lima@contoso.com", "fabrikam"),
        mail="ana.lima@contoso.com",
        aliases=("ana@fabrikam.com",),
        enabled=False,
        licences=("EMS", "DYN365_ENTERPRISE_SALES"),
    )
    w.m365_csv([guest], tmp_path / "m365.csv")
    with (tmp_path / "m365.csv").open(encoding="utf-8-sig", newline="") as lines:
        row = next(csv.DictReader(lines))
    assert row["User principal name"] == "ana.lima_contoso.com#EXT#@fabrikam.onmicrosoft.com"
    assert row["Licenses"] == "Enterprise Mobility + Security E3+Dynamics 365 for Sales Enterprise Edition"
    assert row["Proxy addresses"] == "SMTP:ana.lima@contoso.com+smtp:ana@fabrikam.com"
    assert row["Block credential"] == "True"


@pytest.mark.parametrize("module", ["mggraph", "azuread", "msol"])
def test_powershell(module: str, tmp_path: Path) -> None:
    """A type line, UTF-16, everything quoted, type names in collection cells."""
    path = tmp_path / "users.csv"
    w.powershell_csv([w.Person(upn="ana@contoso.com", full_name="Ana")], path, module=module)
    first, header, row = path.read_text("utf-16").splitlines()
    assert first.startswith("#TYPE Microsoft.")
    assert header.startswith('"')
    assert header.count('"') == row.count('"')
    assert "System." in row


@pytest.mark.parametrize(("layout", "names"), [("files", ["u-1.json", "u-2.json"]), ("array", ["u.json"])])
def test_pages_lose_nobody(layout: str, names: list[str], tmp_path: Path) -> None:
    """Several files and arrays of pages hold all users, and all pages but the last one link to the next."""
    people = [w.Person(upn=f"user{n}@contoso.com") for n in range(3)]
    for write in (w.graph_json, w.dataverse_json):
        write(people, tmp_path / "u.json", pages=2, layout=layout)
        bodies: list[Any] = [json.loads((tmp_path / name).read_text("utf-8")) for name in names]
        pages = bodies[0] if layout == "array" else bodies
        assert sum(len(page["value"]) for page in pages) == 3
        assert ["@odata.nextLink" in page for page in pages] == [True, False]


def test_licences_of_the_cast_are_microsofts() -> None:
    """Part numbers, ids and product names agree with the list that the package ships."""
    text = (files("t2t_mapping") / "data" / "license-skus.csv").read_text("utf-8")
    known = {
        row["sku_part_number"]: (row["sku_id"], row["product_name"]) for row in csv.DictReader(text.splitlines()[1:])
    }
    assert {part: known[part] for part in w.SKUS} == w.SKUS


@pytest.mark.parametrize("kind", ["xlsx", "resaved", "csv", "parquet"])
def test_benchmark_pair(kind: str, tmp_path: Path) -> None:
    """Addresses are distinct, the share of held users is as asked for, the order differs, a seed gives the same."""
    users = 2_000
    sides = crowds.benchmark_pair(tmp_path, users, seed=3, held_share=0.1, files=2, kind=kind)
    again = crowds.benchmark_pair(tmp_path / "again", users, seed=3, held_share=0.1, files=2, kind=kind)
    for one, other in zip(sides[0] + sides[1], again[0] + again[1], strict=True):
        assert content(one) == content(other)
    logins = []
    for paths in sides:
        upns: list[str] = []
        for path in paths:
            if kind == "csv":
                upns += pl.read_csv(path)["Windows Live ID"].to_list()
            elif kind == "parquet":
                upns += pl.read_parquet(path)["upn"].to_list()
            else:
                upns += [row[1] for row in table(path)[1:]]
        assert len(upns) == len(set(upns))
        logins.append([upn.partition("@")[0] for upn in upns])
    source, destination = logins
    assert (len(source), len(destination)) == (users, users - users // 10 // 4)
    assert set(destination) < set(source)
    assert destination != [login for login in source if login in set(destination)]
