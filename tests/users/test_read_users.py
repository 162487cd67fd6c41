"""`read_users`: which table of a workbook is meant, which view it shows, and what its labels say."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

import t2t_mapping as t2t
from t2t_mapping.choices import View

Rows = Sequence[Sequence[str]]

HEADERS = ("Full Name", "Windows Live ID", "Status")
ANN = ("Ann Lee", "ann@contoso.com", "Enabled")
BOB = ("Bob Roe", "bob@contoso.com", "Disabled")


def workbook(path: Path, hidden: Rows | None = None, **sheets: Rows) -> Path:
    """A workbook of these sheets; `hidden` are the rows of Dataverse's hiddenSheet."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in {**sheets, **({"hiddenSheet": hidden} if hidden else {})}.items():
        sheet = book.create_sheet(name.replace("_", " "))
        sheet.sheet_state = "veryHidden" if name == "hiddenSheet" else "visible"
        for row in rows:
            sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    path.write_bytes(content.getvalue())
    return path


def refused(path: Path, **options: Any) -> list[tuple[str, str, str]]:
    """Code, message and fix of why there are no users."""
    with pytest.raises(t2t.InputError) as caught:
        t2t.read_users(path, **options)
    return [(problem.code, problem.message, problem.fix) for problem in caught.value.problems]


def test_only_views_that_exist(tmp_path: Path) -> None:
    """The error names them."""
    for wrong, message in (
        ({"view": "everybody"}, "`view` must be 'full' or 'admin' or 'directory', not 'everybody'"),
        ({"side": "target"}, "`side` must be 'source' or 'destination', not 'target'"),
    ):
        with pytest.raises(t2t.UsageError, match=message):
            t2t.read_users(tmp_path / "users.csv", **wrong)  # type: ignore[arg-type]


def test_two_sheets_of_users(tmp_path: Path) -> None:
    """Which one is meant cannot be guessed; `sheet` tells."""
    path = workbook(tmp_path / "users.xlsx", Now=[HEADERS, ANN], Then=[HEADERS, BOB])
    assert refused(path) == [
        (
            "I101",
            "The sheets 'Now', 'Then' all list users; which one is meant cannot be guessed.",
            "Name the right one with `--sheet`, or delete the others.",
        )
    ]
    assert t2t.read_users(path, sheet="Then").frame["upn"].to_list() == ["bob@contoso.com"]


def test_of_several_reasons_the_most_telling(tmp_path: Path) -> None:
    """Two columns of addresses before another table, another table before no users at all."""
    nothing = [("Name", "City"), ("Ann", "Oslo")]
    accounts = [("(x) Account", "(x) Checksum", "(x) Modified On"), ("1", "2", "3")]
    both = [("A", "B"), ("a@x.com", "b@x.com")]
    no_users = ("I102", "There is no column of user principal names; the columns are: Name, City.", "")
    another = ("I108", "This is an export of the table Account, not of users.", "")
    two = (
        "I101",
        "The columns 'A' and 'B' both look like user principal names.",
        "Delete one of the two, or call the right one User principal name.",
    )
    assert refused(workbook(tmp_path / "1.xlsx", Notes=nothing)) == [no_users]
    assert refused(workbook(tmp_path / "2.xlsx", Notes=nothing, Accounts=accounts)) == [another]
    assert refused(workbook(tmp_path / "3.xlsx", Notes=nothing, Accounts=accounts, Both=both)) == [two]


def test_a_workbook_of_empty_sheets(tmp_path: Path) -> None:
    """There is nothing to be looked at."""
    assert refused(workbook(tmp_path / "users.xlsx", Empty=[], Too=[])) == [("I102", "The file holds no table.", "")]


@pytest.mark.parametrize(
    ("sheet", "view", "seen"),
    [
        ("Administrative Access Users", None, "admin"),
        ("Administrative Access Users", "full", "admin"),
        ("Administrative Access Users", "directory", "directory"),
        ("Full Access Users", None, "full"),
        ("Full Access Users", "admin", "admin"),
    ],
)
def test_the_name_of_the_sheet_tells_the_view(tmp_path: Path, sheet: str, view: View | None, seen: str) -> None:
    """Administrative users are not taken for others, whatever the folder was given as."""
    path = workbook(tmp_path / "users.xlsx", **{sheet: [HEADERS, ANN]})
    users = t2t.read_users(path, view=view)
    assert users.frame["view"].to_list() == [seen]
    told = [f"The sheet is called {sheet!r}: its users are taken for administrative users."]
    assert users.findings["message"].to_list() == (told if (view, seen) == ("full", "admin") else [])


def test_one_label_of_two_explains_the_other(tmp_path: Path) -> None:
    """The hidden sheet lists both labels of a column; a cell with blanks only says nothing."""
    rows = [HEADERS, (*ANN[:2], "Berechtigt"), (*BOB[:2], "Disabled"), ("Cy Fox", "cy@contoso.com", " ")]
    names = "systemuser:x:systemuserid=ID&windowsliveid=Windows%20Live%20ID&fullname=Full%20Name&isdisabled=Status"
    plain = t2t.read_users(workbook(tmp_path / "1.xlsx", Users=rows))
    paired = t2t.read_users(workbook(tmp_path / "2.xlsx", [(names,), ("Berechtigt", "Disabled")], Users=rows))
    longer = t2t.read_users(workbook(tmp_path / "3.xlsx", [(names,), ("Berechtigt", "Disabled", "?")], Users=rows))
    columns = ("upn", "enabled", "enabled_by")
    assert paired.frame.select(columns).rows() == [
        ("ann@contoso.com", True, "column"),
        ("bob@contoso.com", False, "column"),
        ("cy@contoso.com", True, "view"),
    ]
    for users in (plain, longer):
        assert users.frame.filter(pl.col("upn") == "ann@contoso.com").select(columns).rows() == [
            ("ann@contoso.com", None, None)
        ]
        assert users.findings["message"].to_list() == [
            "The label 'Berechtigt' in the column 'Status' is not understood and counts as not known (1 row)."
        ]
    assert paired.findings.is_empty()
