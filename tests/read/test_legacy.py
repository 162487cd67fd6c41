"""Old binary workbooks and OpenDocument: read where the library reads them, and never a dead process."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from places import FIXTURES

import t2t_mapping as t2t
from t2t_mapping.errors import InputError
from t2t_mapping.read import all_columns, legacy, read_tables

LEGACY = FIXTURES / "legacy"
PLAIN = (FIXTURES / "formats" / "worksheet-resaved.xlsx").read_bytes()


@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_the_same_users_as_in_the_xlsx(kind: str) -> None:
    """Every text, every row number, and what the hidden sheet says."""
    (ours,) = read_tables((LEGACY / f"worksheet.{kind}").read_bytes(), f"u.{kind}", all_columns)
    (plain,) = read_tables(PLAIN, "u.xlsx", all_columns)
    texts = [name for name in plain.frame.columns if name != "2"]  # a date
    assert ours.frame.select(texts).equals(plain.frame.select(texts))
    assert (ours.kind, ours.sheet, ours.headers, ours.logical, ours.labels) == (
        kind,
        plain.sheet,
        plain.headers,
        plain.logical,
        plain.labels,
    )


@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_users_are_read(kind: str) -> None:
    """Through the door of the library, by content, whatever the file is called."""
    users = t2t.read_users(("users.txt", (LEGACY / f"worksheet.{kind}").read_bytes()))
    assert users.frame.height > 10
    assert "whatever its name ends with" in users.findings["message"].str.join(" ")[0]


def test_sheets_are_chosen_by_name() -> None:
    data = (LEGACY / "worksheet.xls").read_bytes()
    (table,) = read_tables(data, "u.xls", all_columns, sheet="full access users")
    assert table.sheet == "Full Access Users"
    with pytest.raises(
        InputError, match=r"no worksheet named 'July'\. Fix: Choose one of these: Full Access Users, hid"
    ):
        read_tables(data, "u.xls", all_columns, sheet="July")


def test_cells_that_the_library_would_lose_are_refused() -> None:
    """SheetJS leaves out the columns of cells in .xlsb."""
    with pytest.raises(
        InputError, match=r"would lose cells here\. Fix: Open it in Excel or LibreOffice and save it as"
    ):
        read_tables((LEGACY / "short-cells.xlsb").read_bytes(), "u.xlsb", all_columns)


def damaged(path: Path) -> dict[str, bytes]:
    """The file cut off, with a claim of two thousand million sectors, and with bytes changed here and there."""
    whole, chance = path.read_bytes(), Random(path.name)
    found = {"cut": whole[: len(whole) // 2], "claim": whole[:44] + b"\xff\xff\xff\x7f" + whole[48:]}
    for number in range(6):
        bad = bytearray(whole)
        for _ in range(5):
            bad[chance.randrange(512 if number % 2 else len(bad))] = chance.randrange(256)
        found[f"changed {number}"] = bytes(bad)
    return found


@pytest.mark.parametrize("what", ["cut", "claim", *(f"changed {number}" for number in range(6))])
@pytest.mark.parametrize("name", ["worksheet.xls", "worksheet.ods"])
def test_damaged_files_are_one_message(name: str, what: str) -> None:
    """The library ends the process on some of them; here it is another one."""
    try:
        tables = read_tables(damaged(LEGACY / name)[what], name, all_columns)
    except InputError as error:
        (problem,) = error.problems
        assert problem.code == "I101"
        assert problem.fix
    else:
        assert what.startswith("changed")
        assert tables is not None


def test_a_library_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(legacy, "_CHILD", "import time; time.sleep(60)")
    monkeypatch.setattr(legacy, "SECONDS", 0.5)
    with pytest.raises(InputError, match="no answer within"):
        read_tables((LEGACY / "worksheet.xls").read_bytes(), "u.xls", all_columns)
