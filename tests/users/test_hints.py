"""What is said about a file as a whole: sizes that look cut off, names that lost letters, rows that were shifted."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from small import Row, frame, merger, person, told

import t2t_mapping as t2t

THERE = [person("Ann Lee", "ann@fabrikam.com")]


def accounts(number: int) -> pl.DataFrame:
    """A table of accounts, as a directory exports it."""
    return pl.DataFrame({"UserPrincipalName": [f"u{n}@contoso.com" for n in range(number)]})


def people(number: int) -> pl.DataFrame:
    """A view of Dynamics."""
    return pl.DataFrame({"Windows Live ID": [f"u{n}@contoso.com" for n in range(number)]})


SIZES = [
    # rows, what Dynamics is told, what a directory is told
    (50, "Page only", "-All"),
    (100, "Page only", "-All"),
    (250, "Page only", "Page only"),
    (500, "Page only", "Get-MsolUser"),
    (999, "nextLink", "nextLink"),
    (1_000, "nextLink", "-ResultSize Unlimited"),
    (5_000, "in parts", "-All"),
    (10_000, "in parts", "in parts"),
    (65_535, ".xls sheet", ".xls sheet"),
    (100_000, "one Dynamics export", "in parts"),
    (1_048_575, "sheet of Excel", "sheet of Excel"),
]


@pytest.mark.parametrize(("rows", "dynamics", "directory"), SIZES)
def test_sizes_that_look_cut_off(rows: int, dynamics: str, directory: str) -> None:
    """With the reason and the remedy that fit the kind of file; one row more is no such size."""
    for table, words in ((people(rows), dynamics), (accounts(rows), directory)):
        (message,) = t2t.read_users(table).findings["message"]
        assert message.startswith(f"The export may be cut off: it has exactly {rows:,} rows: ")
        assert words in message
    if rows < 50_000 and rows != 999:
        assert t2t.read_users(people(rows + 1)).findings.is_empty()


DAMAGED = [
    "J?rgen M?ller",
    "J\ufffdrgen",
    "JÃ¼rgen MÃ¼ller",
    "Wa³êsa",
    "¯aneta Nowak",
    "Èâàí Ïåòðîâ",
    "Åsa â€“ Lee".replace("Åsa", "Ã…sa"),
    "M?ller",
    "J□rgen M□ller",
]
SOUND = [
    "Jürgen Müller",
    "Ægir Þór",
    "Łukasz Żak",
    "Иван Петров",
    "José María",
    "Ñáñez",
    "Åsa Öberg",
    "Conan O´Brien",
    "Mª José Nuñez",
    "李小龙",
    "Who?",
    "Ann Lee",
]


@pytest.mark.parametrize("name", DAMAGED)
def test_names_that_lost_letters(name: str) -> None:
    """One finding on the file, with the cure."""
    found = t2t.read_users(frame([person(name, "a@contoso.com"), person(name, "b@contoso.com")])).findings
    assert found.select("code", "row").rows() == [("I115", 1)]
    assert found["message"][0].startswith("2 names lost letters on the way or are garbled, for example: ")
    assert "-Encoding utf8" in found["fix"][0]


@pytest.mark.parametrize("name", SOUND[:-2] + SOUND[-1:])
def test_names_that_did_not(name: str) -> None:
    """Accents are no damage."""
    assert t2t.read_users(frame([person(name, "a@contoso.com")])).findings.is_empty()


def test_an_undamaged_name_counts_before_a_damaged_one() -> None:
    """Where the directory of the same tenant still knows the letters, the export's damage is forgotten."""
    export = frame([person("J?rgen M?ller", "jm@contoso.com")])
    accounts = frame([{"User principal name": "jm@contoso.com", "Display name": "Jürgen Müller"}])
    there = frame([person("Jürgen Müller", "jm@fabrikam.com")])
    result = t2t.generate(source_full=export, source_directory=accounts, destination_full=there)
    assert result.accounting.select("full_name", "disposition").rows() == [("Jürgen Müller", "mapped")]


SHIFTED: list[Row] = [
    {"Block credential": "Germany", "Licenses": "False"},
    {"Block credential": "False", "Licenses": "True"},
    {"Block credential": "Sales", "Licenses": "Microsoft 365 E3"},
    {"Block credential": "2021-03-15 08:12:44Z", "Licenses": "Microsoft 365 E3"},
    {"Block credential": "ann@fabrikam.com", "Licenses": "Unlicensed"},
]


@pytest.mark.parametrize("cells", SHIFTED)
def test_a_row_that_is_shifted_by_a_cell_holds_its_user(cells: Row) -> None:
    """On both sides: what stands under a header and belongs elsewhere is not understood."""
    there: Row = {"Display name": "Ann Lee", "User principal name": "ann@fabrikam.com", **cells}
    result = t2t.generate(frame([person("Ann Lee", "ann@contoso.com")]), destination_directory=frame([there]))
    assert result.accounting["disposition"].to_list() == ["held"]
    assert {"U214", "U215"} & set(result.accounting["codes"][0].split(";"))
    here = merger([person("Ann Lee", "ann@contoso.com") | cells], THERE)
    assert told(here)["ann@contoso.com"].startswith("held ann@fabrikam.com local-part U2")


def test_a_row_with_a_cell_too_many_is_refused(tmp_path: Path) -> None:
    """An unquoted comma: I101 with the row."""
    path = tmp_path / "users.csv"
    path.write_text(
        "Full Name,Windows Live ID,Status\nAnn Lee,ann@contoso.com,Enabled\nRoe, Bob,bob@contoso.com,Enabled\n",
        encoding="utf-8",
    )
    with pytest.raises(t2t.InputError) as caught:
        t2t.read_users(path)
    assert [(problem.code, problem.row) for problem in caught.value.problems] == [("I101", 3)]


ADDRESSES = [
    ("smtp:ann+crm@contoso.com", ["ann+crm@contoso.com"]),
    ("SMTP:ann@contoso.com+smtp:ann.lee@contoso.com", ["ann.lee@contoso.com", "ann@contoso.com"]),
    ("SMTP:ann@contoso.com+smtp:ann+crm@contoso.com", ["ann+crm@contoso.com", "ann@contoso.com"]),
    ("smtp:a@contoso.com+x500:/o=Contoso/cn=ann+sip:ann@contoso.com", ["a@contoso.com"]),
    ('["smtp:ann+crm@contoso.com","SMTP:b@contoso.com"]', ["ann+crm@contoso.com", "b@contoso.com"]),
    ("{smtp:ann+crm@contoso.com, SMTP:b@contoso.com}", ["ann+crm@contoso.com", "b@contoso.com"]),
    ("smtp:a@contoso.com;smtp:b+c@contoso.com", ["a@contoso.com", "b+c@contoso.com"]),
    ("smtp:a@contoso.com SMTP:b@contoso.com", ["a@contoso.com", "b@contoso.com"]),
    ("SPO:SPO_1@SPO_2+SMTP:b@contoso.com", ["b@contoso.com"]),
    ("ann@contoso.com", ["ann@contoso.com"]),
]


@pytest.mark.parametrize(("cell", "addresses"), ADDRESSES)
def test_proxy_addresses(cell: str, addresses: list[str]) -> None:
    """A `+` joins two addresses only before a prefix; within an address it is a character."""
    users = t2t.read_users(frame([person("Ann", "x@contoso.com", proxies=cell)])).frame
    assert users["aliases"].to_list() == [addresses]


@pytest.mark.parametrize(
    "typed",
    [
        "ann@contoso.com\n",
        "\tann@contoso.com",
        "\r\nann@contoso.com\r\n",
        " ann@contoso.com\u00a0",
        "\u3000ann@contoso.com",
    ],
)
def test_outer_blanks_of_an_address(typed: str, tmp_path: Path) -> None:
    """Line breaks and tabs at the ends are blanks."""
    path = tmp_path / "users.json"
    path.write_text(json.dumps([person("Ann Lee", typed)]), encoding="utf-8")
    for given in (frame([person("Ann Lee", typed)]), path):
        users = t2t.read_users(given).frame
        assert users.select("upn", "upn_key", "fault").rows() == [("ann@contoso.com", "ann@contoso.com", None)]


OTHER_THINGS = [
    ("mailto:ann@contoso.com", "a link"),
    ("Ann Lee <ann@contoso.com>", "a name with an address"),
    ("i:0#.f|membership|ann@contoso.com", "a claim"),
    ("S-1-5-21-1004336348-1177238915-682003330-512", "a security identifier"),
    ("CONTOSO\\ann", "an account of a Windows domain"),
    ("ann@contoso.com;bob@contoso.com", "more than one address"),
    ("ann@contoso.com\nbob@contoso.com", "more than one address"),
    ("'ann@contoso.com", "begins with an apostrophe"),
    ("ann\u200b@contoso.com", "character 4 is U+200B ZERO WIDTH SPACE"),
    ("аnn@contoso.com", "character 1 is U+0430 CYRILLIC SMALL LETTER A"),
]


@pytest.mark.parametrize(("typed", "words"), OTHER_THINGS)
def test_what_stands_where_an_address_should(typed: str, words: str) -> None:
    """That user is held, the others are not, and the message says what it is."""
    result = merger([person("Ann Lee", "ann@contoso.com"), person("Odd", typed)], THERE)
    assert dict(result.accounting.select("full_name", "disposition").rows()) == {"Ann Lee": "mapped", "Odd": "held"}
    (message,) = result.findings.filter(pl.col("code") == "I106")["message"]
    assert words in message
