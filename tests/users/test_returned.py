"""Users that come back: filtered, edited, written and read again, they hold whom they held."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small import frame, person

import t2t_mapping as t2t
from t2t_mapping.schema import USERS

SOURCE = [
    person("Ann Lee", "ann@contoso.com", azure_state="Soft deleted"),
    person("Bob Roe", "b ob@contoso.com"),
    person("Cy Fox", "cy@contoso.com"),
    person("Zed Other", "cy@contoso.com"),
    person("Di Poe", "di@contoso.com"),
    person("# App", "app@contoso.com"),
]
DESTINATION = [
    person(name, f"{local}@fabrikam.com")
    for name, local in (("Ann Lee", "ann"), ("Bob Roe", "bob"), ("Cy Fox", "cy"), ("Di Poe", "di"), ("App", "app"))
]


def by_file(users: t2t.Users, folder: Path) -> Path:
    """Written as Parquet."""
    users.frame.write_parquet(folder / "users.parquet")
    return folder / "users.parquet"


WAYS: dict[str, Callable[[t2t.Users, Path], Any]] = {
    "the object": lambda users, _: users,
    "in a list": lambda users, _: [users],
    "its frame": lambda users, _: users.frame,
    "filtered": lambda users, _: users.frame.filter(pl.lit(value=True)),
    "lazy": lambda users, _: users.frame.lazy(),
    "selected": lambda users, _: users.frame.select(list(reversed(users.frame.columns))),
    "pickled": lambda users, _: pickle.loads(pickle.dumps(users)),
    "Parquet": by_file,
}


TOLD = ["source", "disposition", "codes"]


@cache
def read_and_judged() -> pl.DataFrame:
    """The accounting of the exports themselves."""
    return t2t.generate(frame(SOURCE), frame(DESTINATION)).accounting


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("option", ["source", "source_full"])
def test_whoever_was_held_is_held_again(way: str, option: str, tmp_path: Path) -> None:
    """A deleted user, an address that is none, two names that contradict each other, an application."""
    users = t2t.read_users(frame(SOURCE), view="full")
    expected = read_and_judged().select(TOLD)
    assert expected.rows() == [
        ("ann@contoso.com", "held", "U206"),
        ("app@contoso.com", "excluded", "U203"),
        ("cy@contoso.com", "held", "I105;P303"),
        ("di@contoso.com", "mapped", None),
        ("b ob@contoso.com", "held", "I106"),
    ]
    again = t2t.generate(**{option: WAYS[way](users, tmp_path)}, destination=frame(DESTINATION))
    codes = pl.col("codes").str.strip_prefix("I105;")  # only the object remembers that a person was listed twice
    assert again.accounting.select(TOLD).with_columns(codes).equals(expected.with_columns(codes))


def test_the_object_remembers_what_was_read() -> None:
    """Findings, files, and the sum of the rows; a side is what it is given as."""
    users = t2t.read_users(frame([*DESTINATION, DESTINATION[0]]), view="full")
    assert users.findings["code"].to_list() == ["I105"]
    assert (users.rows, users.frame.height, len(users.inputs)) == (6, 5, 1)
    result = t2t.generate(users, users)
    assert (result.summary["rows"], result.summary["duplicates"]) == (6, 1)
    assert sorted(result.findings.filter(pl.col("code") == "I105")["side"]) == ["destination", "source"]
    assert repr(users) == "<Users: 5 of frame 1>"


def test_edits_count() -> None:
    """What is written into a frame is what the users are."""
    users = t2t.read_users(frame(SOURCE[4:5]), view="full").frame
    gone = users.with_columns(enabled=pl.lit(value=False), upn=pl.lit("DI.POE@contoso.com"))
    result = t2t.generate(gone, frame(DESTINATION))
    assert result.accounting.select("source", "codes").rows() == [("DI.POE@contoso.com", "U201;U211")]


def test_where_a_row_came_from_is_remembered() -> None:
    """A frame that was filtered still tells the file and the row."""
    users = t2t.read_users([frame(SOURCE[2:3]), frame(SOURCE[4:5])], view="full")
    kept = users.frame.filter(pl.col("local_part") == "di")
    result = t2t.generate(kept, frame(DESTINATION))
    assert result.accounting.select("source", "file", "row").rows() == [("di@contoso.com", "frame 2", 1)]


def test_directories_that_were_read_before_never_add() -> None:
    """The option decides the role, whatever the users were read as."""
    people = t2t.read_users(frame(SOURCE[4:5]), view="full")
    accounts = t2t.read_users(frame([*SOURCE[4:5], *SOURCE[:1]]), view="full")
    result = t2t.generate(source_full=people, source_directory=accounts, destination=frame(DESTINATION))
    assert result.accounting["source"].to_list() == ["di@contoso.com"]


def test_a_frame_of_other_types_is_refused() -> None:
    """With the column in the message."""
    users = t2t.read_users(frame(SOURCE[4:5]), view="full").frame
    with pytest.raises(t2t.InputError, match="not their types"):
        t2t.generate(users.with_columns(access_mode=pl.lit("emperor")), frame(DESTINATION))


FORMATS = Path("fixtures/formats")


@pytest.mark.parametrize(
    "name", ["worksheet-raw.xlsx", "worksheet-2003.xls", "worksheet-utf-8-comma.csv", "dataverse.json"]
)
def test_the_key_of_the_record_is_read(name: str) -> None:
    """From the hidden column A or from `systemuserid`, lower case, without braces."""
    ids = t2t.read_users(FORMATS / name).frame["user_id"]
    assert ids.str.contains("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$").all()
    assert ids.n_unique() == ids.len()


@pytest.mark.parametrize("name", ["m365.csv", "entra-new.csv", "powershell-mggraph.csv", "graph.json"])
def test_directories_tell_more_of_a_person(name: str) -> None:
    """Given name and surname at least."""
    users = t2t.read_users(FORMATS / name, view="directory").frame
    aroha = users.row(by_predicate=pl.col("local_part") == "aroha.ngata", named=True)
    assert (aroha["given_name"], aroha["surname"]) == ("Aroha", "Ngata")


@pytest.mark.parametrize(
    ("cells", "days"),
    [
        (["2021-03-15 08:12:44Z", "2021-03-16"], ["2021-03-15", "2021-03-16"]),
        (["2021-03-15T08:12:44.123Z", None], ["2021-03-15", None]),
        (["15.03.2021 08:12", "1.4.2021"], ["2021-03-15", "2021-04-01"]),
        (["3/15/2021 8:12:44 AM", "3/4/2021"], ["2021-03-15", "2021-03-04"]),
        (["15/03/2021", "3/4/2021"], ["2021-03-15", "2021-04-03"]),
        (["2/3/2021", "3/4/2021"], ["2/3/2021", "3/4/2021"]),
        (["13/3/2021", "3/14/2021"], ["13/3/2021", "3/14/2021"]),
        (["2021/3/5", "45084.55814"], ["2021-03-05", "2023-06-07"]),
        (["soon", "31.02.2021"], ["soon", "31.02.2021"]),
    ],
)
def test_days(cells: list[str | None], days: list[str | None]) -> None:
    """What is ambiguous stays as typed."""
    people = [person("A", f"u{n}@contoso.com", created_on=cell) for n, cell in enumerate(cells)]
    assert t2t.read_users(frame(people)).frame["created"].to_list() == days


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("{54B6A8F8-EDD1-4FA2-AC5D-70C8BE08297D}", "54b6a8f8-edd1-4fa2-ac5d-70c8be08297d"),
        (" 54b6a8f8-edd1-4fa2-ac5d-70c8be08297d ", "54b6a8f8-edd1-4fa2-ac5d-70c8be08297d"),
        ("00000000-0000-0000-0000-000000000000", None),
        ("1", None),
        ("N/A", None),
        (None, None),
    ],
)
@pytest.mark.parametrize("column", ["Object Id", "systemuserid"])
def test_identifiers_have_one_form(column: str, typed: str | None, known: str | None) -> None:
    """A number that some list counts its users by is nobody's identity."""
    users = t2t.read_users(frame([{**person("A", "a@contoso.com"), column: typed}])).frame
    assert users["object_id" if column == "Object Id" else "user_id"].to_list() == [known]


def test_two_listings_of_one_address_keep_both_identities() -> None:
    """In the columns that hold people; the schema is always the same."""
    one, two = "54b6a8f8-edd1-4fa2-ac5d-70c8be08297d", "64b6a8f8-edd1-4fa2-ac5d-70c8be08297d"
    rows = [{**person("Ann Lee", "a@contoso.com"), "Object Id": two, "systemuserid": one, "User Name": "b@contoso.com"},
            {**person("Ann Lee", "A@contoso.com"), "Object Id": one, "systemuserid": one, "User Name": "A@Contoso.com"}]  # fmt: skip
    users = t2t.read_users(frame(rows)).frame
    assert users.schema == pl.Schema(USERS)
    columns = ("object_id", "other_object_ids", "user_id", "other_user_ids", "other_upn")
    assert users.select(columns).rows() == [(one, [two], one, None, "b@contoso.com")]
    assert t2t.read_users([users, users]).frame.select(columns).rows() == [(one, [two], one, None, "b@contoso.com")]
