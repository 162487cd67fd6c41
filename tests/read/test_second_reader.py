"""A second, independent reader sees in every file what the product sees; for damaged files see `test_mutations`."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import agreement
import openpyxl
import polars as pl
import pytest
import second_reader
import writers as w
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from places import FIXTURES

from t2t_mapping.read import all_columns, read_tables

ENDINGS = (".xlsx", ".xls", ".csv", ".json", ".parquet")
EXPORTS = sorted(
    path for path in FIXTURES.rglob("*") if path.suffix in ENDINGS and path.parent.name != "legacy"
)  # old formats are LibreOffice's to compare
LAYOUT: dict[str, Any] = {"columns": ("fullname", "windowsliveid", "isdisabled", "islicensed", "accessmode")}


@pytest.mark.parametrize("path", EXPORTS, ids=lambda path: path.relative_to(FIXTURES).as_posix())
def test_every_fixture(path: Path) -> None:
    """Each file is accepted, and both readers see the same cells in it."""
    assert agreement.tables(path.read_bytes())


def test_a_difference_is_noticed() -> None:
    """A cell, a kind of cell or a row that only one of the two sees fails the comparison."""
    data = (FIXTURES / "formats" / "worksheet-resaved.xlsx").read_bytes()
    for change in ("cell", "odd", "row", "header", "hidden"):
        book = second_reader.read(data)
        ((name, sheet),) = book.sheets.items()
        row = sheet.rows[3]
        if change == "cell":
            row.cells[4] = "somebody.else@contoso.com"
        elif change == "odd":
            sheet.rows[3] = row._replace(odd=row.odd | {4})
        elif change == "row":
            book.sheets[name] = second_reader.Sheet([r for r in sheet.rows if r is not row])
        elif change == "header":
            sheet.rows[0].cells[4] = "Name"
        else:
            book.logical.clear()
        with pytest.raises(AssertionError):
            agreement.assert_same(read_tables(data, "users", all_columns), book)


@pytest.mark.parametrize(
    ("data", "cells"),
    [
        (b'sep=;\r\nA;B\r\n1;"2\n3"\r\n', [["A", "B"], ["1", "2\n3"]]),
        ("#TYPE x\nA\tB\né\t2\n".encode("utf-16"), [["A", "B"], ["é", "2"]]),
        ("A;B\né;2,5\n".encode("cp1252"), [["A", "B"], ["é", "2,5"]]),
        (b'[{"A": 1.50, "B": [1.50, "x"]}, {"B": null}]', [["A", "B"], ["1.50", '[1.50,"x"]'], ["", ""]]),
        (b'{"value": [{"A": true}]}\n{"value": [{"A": "x"}]}', [["A"], ["true"], ["x"]]),
    ],
)
def test_what_the_second_reader_says(data: bytes, cells: list[list[str]]) -> None:
    """It is trusted in all that follows, so here is what it makes of the odd forms."""
    assert [row.cells for row in second_reader.read(data).sheets[None].rows] == cells


# --- generated files --------------------------------------------------------------------------------------------------

# Everything that XML can hold, thick with what has a meaning of its own in some format.
TEXT = st.text(
    st.sampled_from(",;\t\"'=&<>@_x0041 .\xa0é€東😀\u200b\u202e\x85\u2028")
    | st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"),
    min_size=1,
    max_size=12,
)
VALUE = st.one_of(
    st.none(),
    TEXT,
    TEXT,
    st.integers(-(10**12), 10**12),
    st.floats(-1e9, 1e9).map(lambda number: round(number, 3)),
    st.booleans(),
    st.dates(dt.date(1950, 1, 1), dt.date(2050, 1, 1)),
    st.sampled_from(["=A1", "=1/0", "_x0041_", "00042", " x "]),
)
TABLES = st.lists(st.lists(VALUE, min_size=3, max_size=3), min_size=1, max_size=8)
HEADER = ["Name", "UPN", "Status"]


def by_openpyxl(rows: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    for row in [HEADER, *rows]:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def by_xlsxwriter(rows: list[list[Any]], *, in_memory: bool) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"constant_memory": in_memory, "default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("Users")
        for number, row in enumerate([HEADER, *rows]):
            sheet.write_row(number, 0, row)
    return buffer.getvalue()


@settings(max_examples=20)
@given(TABLES)
def test_workbooks_of_two_writers(rows: list[list[Any]]) -> None:
    """Shared and inline strings, numbers, dates, truth values, formulas: every cell, and what kind of cell it is."""
    writers: list[Callable[[], bytes]] = [
        lambda: by_xlsxwriter(rows, in_memory=False),
        lambda: by_xlsxwriter(rows, in_memory=True),
    ]
    if not any(isinstance(cell, str) and "\x85" in cell for row in rows for cell in row):  # openpyxl refuses these
        writers.append(lambda: by_openpyxl(rows))
    for write in writers:
        assert agreement.tables(write())


PEOPLE = st.lists(
    st.builds(
        lambda name, login, enabled, licensed: w.Person(
            upn=f"{login}@contoso.com", full_name=name.strip() or None, enabled=enabled, licensed=licensed, licences=()
        ),
        TEXT,
        st.text(st.sampled_from("ab.'-\"<&,;"), min_size=1, max_size=6),
        st.sampled_from((None, True, False)),
        st.sampled_from((None, True, False)),
    ),
    min_size=1,
    max_size=8,
)
FORMS: dict[str, Any] = {
    "raw.xlsx": lambda people, path: w.static_worksheet_raw(people, path, **LAYOUT),
    "cell.xlsx": lambda people, path: w.static_worksheet_raw(people, path, namespace="cell", **LAYOUT),
    "resaved.xlsx": lambda people, path: w.static_worksheet_resaved(people, path, **LAYOUT),
    "2003.xls": lambda people, path: w.spreadsheetml_2003(people, path, **LAYOUT),
    "comma.csv": lambda people, path: w.csv_export(people, path, **LAYOUT),
    "semicolon.csv": lambda people, path: w.csv_export(people, path, encoding="utf-8", delimiter=";", **LAYOUT),
    "tab.csv": lambda people, path: w.csv_export(people, path, encoding="utf-16", delimiter="\t", **LAYOUT),
    "m365.csv": w.m365_csv,
    "powershell.csv": w.powershell_csv,
    "graph.json": lambda people, path: w.graph_json(people, path, pages=2, layout="array"),
    "dataverse.json": w.dataverse_json,
    "users.parquet": w.parquet_canonical,
}


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=10)
@given(people=PEOPLE)
def test_exports_of_generated_people(form: str, people: list[w.Person], tmp_path_factory: Any) -> None:
    """Hostile names in every form that an administrator may hold."""
    path = tmp_path_factory.mktemp("export") / form
    FORMS[form](people, path)
    assert agreement.tables(path.read_bytes())


@settings(max_examples=20)
@given(TABLES)
def test_parquet_of_generated_tables(rows: list[list[Any]]) -> None:
    """Typed columns, each as text."""
    columns = {
        "UPN": [row[0] if isinstance(row[0], str) else None for row in rows],
        "Number": [row[1] if isinstance(row[1], int) and not isinstance(row[1], bool) else None for row in rows],
        "Flag": [row[2] if isinstance(row[2], bool) else None for row in rows],
        "List": [[cell for cell in row if isinstance(cell, str)] for row in rows],
    }
    buffer = io.BytesIO()
    types: dict[str, Any] = {"UPN": pl.String, "Number": pl.Int64, "Flag": pl.Boolean, "List": pl.List(pl.String)}
    pl.DataFrame(columns, schema=types).write_parquet(buffer)
    assert agreement.tables(buffer.getvalue())
