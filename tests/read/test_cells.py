"""Cells that must not be trusted: in the column of user principal names they hold the user, elsewhere they say nothing."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
import xlsxwriter
from commands import called as command
from small import frame, person

import t2t_mapping as t2t
from t2t_mapping.run.generation import generate

DESTINATION = frame([person("Ann Lee", "ann@fabrikam.com"), person("Bob Roe", "bob@fabrikam.com")])


def workbook(path: Path, *rows: tuple[Any, ...], title: str = "Full Access Users") -> Path:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for row in [("Full Name", "Windows Live ID", "Status"), *rows]:
        sheet.append(row)
    book.save(path)
    return path


FAULTS = [
    ("ann\n@contoso.com", "character 4 is a line break"),
    ("ann\u202e@contoso.com", "character 4 is U+202E RIGHT-TO-LEFT OVERRIDE"),
    ("ann\u200b@contoso.com", "character 4 is U+200B ZERO WIDTH SPACE"),
    ("#N/A", "a spreadsheet error"),
]


@pytest.mark.parametrize(("cell", "words"), FAULTS)
def test_a_fault_in_the_upn_cell_holds_the_user(tmp_path: Path, cell: object, words: str) -> None:
    """I106 on that user, with the row as Excel shows it; the others are mapped."""
    path = workbook(tmp_path / "u.xlsx", ("Bob Roe", "bob@contoso.com", "Enabled"), ("Ann Lee", cell, "Enabled"))
    result = generate(source_full=path, destination_full=DESTINATION)
    assert dict(result.accounting.select("full_name", "disposition").rows()) == {"Bob Roe": "mapped", "Ann Lee": "held"}
    (finding,) = result.findings.rows(named=True)
    assert (finding["code"], finding["severity"], finding["row"], finding["sheet"]) == (
        "I106",
        "error",
        3,
        "Full Access Users",
    )
    assert words in finding["message"]


def test_a_merged_upn_cell_holds_the_user(tmp_path: Path) -> None:
    """Which row it belongs to is a guess."""
    path = workbook(tmp_path / "u.xlsx", ("Bob Roe", "bob@contoso.com", None), ("Ann Lee", "ann@contoso.com", None))
    book = openpyxl.load_workbook(path)
    book.worksheets[0].merge_cells("B2:B3")
    book.save(path)
    result = generate(source_full=path, destination_full=DESTINATION)
    assert result.mapping.is_empty()
    assert set(result.findings["code"]) >= {"I106"}


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (12, "I106"),
        (12.5, "I106"),
        (datetime.date(2026, 6, 7), "I106"),
        (True, "I106"),
        ('="ann"&"@contoso.com"', "I107"),
    ],
)
def test_what_is_no_text_is_no_address(tmp_path: Path, cell: object, code: str) -> None:
    """A number, a date, a truth value; and a formula beside which no value is stored is an empty cell."""
    path = workbook(tmp_path / "u.xlsx", ("Bob Roe", "bob@contoso.com", "Enabled"), ("Ann Lee", cell, "Enabled"))
    result = generate(source_full=path, destination_full=DESTINATION)
    assert dict(result.accounting.select("full_name", "disposition").rows()) == {"Bob Roe": "mapped", "Ann Lee": "held"}
    told = result.findings.filter(pl.col("severity") == "error").select("code", "row", "sheet").rows()
    assert told == [(code, 3, "Full Access Users")]


def test_a_formula_counts_with_its_value(tmp_path: Path) -> None:
    """And a finding says how many there are."""
    with xlsxwriter.Workbook(tmp_path / "u.xlsx") as book:
        sheet = book.add_worksheet("Full Access Users")
        sheet.write_row(0, 0, ["Full Name", "Windows Live ID", "Status"])
        for row, (name, login) in enumerate((("Ann Lee", "ann"), ("Bob Roe", "bob")), 1):
            sheet.write_row(row, 0, [name])
            sheet.write_formula(row, 1, f'="{login}"&"@contoso.com"', None, f"{login}@contoso.com")
            sheet.write_formula(row, 2, '=IF(TRUE,"Enabled")', None, "Disabled" if login == "bob" else "Enabled")
    result = generate(source_full=tmp_path / "u.xlsx", destination_full=DESTINATION)
    told = result.accounting.select("source", "disposition", "codes").rows()
    assert told == [("ann@contoso.com", "mapped", None), ("bob@contoso.com", "held", "U201")]
    assert result.findings.filter(pl.col("code") == "I104")["message"].to_list() == [
        f"in the column '{column}', 2 cells hold formulas (first in row 2); what counts is the value that the file "
        "stores beside it"
        for column in ("Status", "Windows Live ID")
    ]


def test_elsewhere_an_error_is_not_understood(tmp_path: Path) -> None:
    """As a status it holds the user; a name that is an error is unknown, and I111 says so."""
    path = workbook(
        tmp_path / "u.xlsx", ("Ann Lee", "ann@contoso.com", "#N/A"), ("#REF!", "bob@contoso.com", "Enabled")
    )
    result = generate(source_full=path, destination_full=DESTINATION)
    told = result.accounting.select("source", "full_name", "disposition", "codes").rows()
    assert told == [("ann@contoso.com", "Ann Lee", "held", "U208"), ("bob@contoso.com", None, "held", "P305")]
    assert sorted(result.findings["code"].to_list()) == ["I111", "I111", "P305", "U208"]


def test_two_sheets_with_users(tmp_path: Path) -> None:
    """Refused, both named; `--sheet` chooses; a sheet that is not there is listed against."""
    path = workbook(tmp_path / "u.xlsx", ("Ann Lee", "ann@contoso.com", "Enabled"), title="June")
    book = openpyxl.load_workbook(path)
    sheet = book.create_sheet("July")
    for row in (("Full Name", "Windows Live ID"), ("Bob Roe", "bob@contoso.com")):
        sheet.append(row)
    book.save(path)
    there = tmp_path / "there.csv"
    DESTINATION.write_csv(there)
    arguments = ("generate", "--source-full", path, "--destination-full", there, "--outputs", "core", "--out")
    refused = command(*arguments, tmp_path / "a")
    assert refused.returncode == 2
    assert "The sheets 'June', 'July' all list users" in refused.stderr
    chosen = command(*arguments, tmp_path / "b", "--sheet", "July")
    assert chosen.returncode == 0, chosen.stderr
    assert (
        tmp_path / "b/usermapping.csv"
    ).read_bytes() == b"Source,Destination\r\nbob@contoso.com,bob@fabrikam.com\r\n"
    absent = command(*arguments, tmp_path / "c", "--sheet", "August")
    assert absent.returncode == 2
    assert "June" in absent.stderr


def test_a_hidden_sheet_is_not_read(tmp_path: Path) -> None:
    """Visibility decides, wherever the sheet stands."""
    path = workbook(tmp_path / "u.xlsx", ("Ann Lee", "ann@contoso.com", "Enabled"), title="Old")
    book = openpyxl.load_workbook(path)
    book.worksheets[0].sheet_state = "hidden"
    sheet = book.create_sheet("Now")
    for row in ((None,), (" Windows Live ID ", "Full Name"), ("bob@contoso.com", "Bob Roe")):
        sheet.append(row)
    book.save(path)
    users = t2t.read_users(path)
    assert users.frame.select("upn", "full_name", "sheet", "row").rows() == [("bob@contoso.com", "Bob Roe", "Now", 3)]


def test_an_administrative_view_among_the_full_ones(tmp_path: Path) -> None:
    """Given as full by a glob that caught both: the sheet's name tells, and says so; nobody is mapped by accident."""
    path = workbook(tmp_path / "u.xlsx", ("Ann Lee", "ann@contoso.com", "Enabled"), title="Administrative Access Users")
    result = generate(source_full=path, destination_full=DESTINATION)
    assert result.accounting.select("disposition", "view", "codes").rows() == [("excluded", "admin", "P309")]
    assert (
        "its users are taken for administrative users" in result.findings.filter(pl.col("code") == "I104")["message"][0]
    )
