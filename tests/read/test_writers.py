"""The same users from the workbooks of every program: equal texts, equal row numbers."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyexcelerate
import pytest
import writers as w
import xlsxwriter
from people import Person
from workbooks import FORMS, workbook

from t2t_mapping.read.table import RawTable, all_columns
from t2t_mapping.read.xlsx import read_xlsx

HEADERS = ("Full Name", "Windows Live ID", "Status", "Note")
ROWS: list[list[str | None]] = [
    list(HEADERS),
    ["Ann Lee", "ann@contoso.com", "Enabled", "R&D <x>"],
    ["Zoë Müller", "zoe@contoso.com", "Enabled", None],
    [],
    ["佐藤 太郎", "taro@contoso.com", None, "00042"],
]
EXPECTED = [
    (2, "Ann Lee", "ann@contoso.com", "Enabled", "R&D <x>"),
    (3, "Zoë Müller", "zoe@contoso.com", "Enabled", None),
    (5, "佐藤 太郎", "taro@contoso.com", None, "00042"),
]


def read(data: bytes) -> RawTable:
    (table,) = read_xlsx(data, "users.xlsx", all_columns)
    return table


def check(data: bytes) -> RawTable:
    """The table, if it is the expected one."""
    table = read(data)
    assert table.headers == HEADERS
    assert table.frame.rows() == EXPECTED
    assert table.faults.is_empty()
    assert table.sheet == "Full Access Users"
    return table


@pytest.mark.parametrize("program", FORMS)
def test_forms(program: str) -> None:
    """Each as the program lays it out: prefixes, indentation, order, shared and inline texts, missing addresses."""
    table = check(workbook(FORMS[program], ROWS))
    slow = program == "extensions in the cells"  # which only the second library reads
    assert [repair.startswith("read with openpyxl") for repair in table.repairs] == [True] * slow


def with_openpyxl(*, write_only: bool) -> bytes:
    book = openpyxl.Workbook(write_only=write_only)
    sheet = book.create_sheet("Full Access Users", 0)
    for row in ROWS:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def with_xlsxwriter(*, inline: bool) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"constant_memory": inline, "in_memory": True}) as book:
        sheet = book.add_worksheet("Full Access Users")
        for number, row in enumerate(ROWS):
            for column, text in enumerate(row):
                if text is not None:
                    sheet.write_string(number, column, text)
    return file.getvalue()


def with_pyexcelerate() -> bytes:
    book = pyexcelerate.Workbook()
    sheet = book.new_sheet("Full Access Users")
    for number, row in enumerate(ROWS, 1):
        for column, text in enumerate(row, 1):
            if text is not None:
                sheet.set_cell_value(number, column, text)
    file = io.BytesIO()
    book._save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    "write",
    [
        lambda: with_openpyxl(write_only=False),
        lambda: with_openpyxl(write_only=True),
        lambda: with_xlsxwriter(inline=False),
        lambda: with_xlsxwriter(inline=True),
        with_pyexcelerate,
    ],
    ids=["openpyxl", "openpyxl write-only", "xlsxwriter", "xlsxwriter inline", "pyexcelerate"],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_libraries(write: Callable[[], bytes]) -> None:
    """Written here and now by the libraries that Python programs use."""
    assert check(write()).repairs == ()


@pytest.mark.parametrize(
    ("tool", "command"),
    [
        ("ssconvert", ["ssconvert", "in.xlsx", "out/in.xlsx"]),
        ("soffice", ["soffice", "--headless", "--convert-to", "xlsx", "--outdir", "out", "in.xlsx"]),
    ],
    ids=["Gnumeric", "LibreOffice"],
)
def test_programs(tool: str, command: list[str], tmp_path: Path) -> None:
    """Saved again by the programs themselves, where they are installed."""
    if not shutil.which(tool):
        pytest.skip(f"{tool} is not installed")
    (tmp_path / "in.xlsx").write_bytes(with_xlsxwriter(inline=False))
    (tmp_path / "out").mkdir()
    env = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    subprocess.run(command, cwd=tmp_path, env=env, check=True, capture_output=True)
    check((tmp_path / "out" / "in.xlsx").read_bytes())


PEOPLE = [
    Person(upn=f"user{n}@contoso.com", full_name=f"Zoë {chr(65 + n)}ee", enabled=bool(n % 2), licensed=True)
    for n in range(20)
]
COLUMNS = ("fullname", "windowsliveid", "isdisabled", "islicensed")


@pytest.mark.parametrize("hidden_sheet", [True, False])
def test_dynamics(hidden_sheet: bool, tmp_path: Path) -> None:
    """Raw in its three forms, and saved again by Excel: the same rows, the same meaning of the columns."""
    tables = []
    for write, options in (
        (w.static_worksheet_raw, {"namespace": "root"}),
        (w.static_worksheet_raw, {"namespace": "cell"}),
        (w.static_worksheet_resaved, {}),
    ):
        path = tmp_path / "users.xlsx"
        write(PEOPLE, path, columns=COLUMNS, hidden_sheet=hidden_sheet, **options)
        (table,) = read_xlsx(path.read_bytes(), "users.xlsx", lambda *_: range(3, 7))
        tables.append(table)
    assert tables[0].frame.height == 20
    assert tables[0].frame["row"].to_list() == [*range(2, 22)]
    for table in tables:
        assert table.frame.equals(tables[0].frame)
        assert (table.headers, table.logical, table.labels) == (tables[0].headers, tables[0].logical, tables[0].labels)
        assert table.logical.get("Windows Live ID") == ("windowsliveid" if hidden_sheet else None)
    assert [table.detail["form"] for table in tables] == ["raw", "raw", "re-saved"]


def test_dynamics_with_two_prefixes_in_one_sheet_of_many_rows() -> None:
    """However large it is."""
    rows: list[list[str | None]] = [["Name", "UPN"]]
    rows += [[f"N {n}", f"u{n}@contoso.com"] for n in range(30_000)]
    table = read(workbook(FORMS["Dynamics, two prefixes"], rows))
    assert table.frame.rows()[-1] == (30_001, "N 29999", "u29999@contoso.com")
    assert table.frame.height == 30_000
