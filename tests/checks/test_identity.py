"""Who is who by address and by id: two addresses in a row, ids that contradict addresses, directories that know better."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small import Row, frame, merger, person, told

import t2t_mapping as t2t

A, B = "aaaaaaaa-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000002"
ANN, BOB = person("Ann Lee", "ann@contoso.com"), person("Bob Roe", "bob@contoso.com")
ANN_THERE, BOB_THERE = person("Ann Lee", "ann@fabrikam.com"), person("Bob Roe", "bob@fabrikam.com")
FREE, HELD = "mapped ann@fabrikam.com", "held ann@fabrikam.com"


def with_id(row: Row, value: str | None, column: str = "Object ID") -> Row:
    return row | {column: value}


CONTRADICTIONS: list[tuple[str, list[Row], list[Row], str | None]] = [
    # what, source, destination, what is said of Ann (None: she is mapped)
    ("no contradiction", [with_id(ANN, A)], [with_id(ANN_THERE, B)], None),
    ("one id, written in three ways", [with_id(ANN, A), with_id(ANN, A.upper()), with_id(ANN, f"{{{A}}}")], [ANN_THERE], None),
    ("no id of anybody", [with_id(ANN, "0" * 8 + A[8:].replace("1", "0").replace("4", "0").replace("8", "0"))], [ANN_THERE], None),
    ("two object ids", [with_id(ANN, A), with_id(ANN, B)], [ANN_THERE], f"this address belongs to two accounts, the object ids are {A}, {B}."),
    (
        "two object ids of the destination",
        [ANN],
        [with_id(ANN_THERE, A), with_id(ANN_THERE, B)],
        f"the destination ann@fabrikam.com: this address belongs to two accounts, the object ids are {A}, {B}.",
    ),
    (
        "two systemuserids",
        [with_id(ANN, A, "systemuserid"), with_id(ANN, B, "systemuserid")],
        [ANN_THERE],
        f"this address belongs to two accounts, the systemuserids are {A}, {B}.",
    ),
    (
        "one id at two addresses",
        [with_id(ANN, A), with_id(person("Ann Stone", "stone@contoso.com"), A)],
        [ANN_THERE],
        f"its object id {A} is also that of stone@contoso.com.",
    ),
    (
        "one id at two addresses of the destination",
        [ANN],
        [with_id(ANN_THERE, A), with_id(person("Ann Stone", "stone@fabrikam.com"), A)],
        f"the destination ann@fabrikam.com: its object id {A} is also that of stone@fabrikam.com.",
    ),
    (
        "one object id on both sides",
        [with_id(ANN, A)],
        [with_id(ANN_THERE, A)],
        f"source and destination list the same object id {A}, which belongs to one tenant only.",
    ),
    (
        "one object id on both sides, of somebody else",
        [ANN, with_id(person("Zed Poe", "zed@contoso.com"), A)],
        [with_id(ANN_THERE, A)],
        f"the destination ann@fabrikam.com: source and destination list the same object id {A}, which belongs to one tenant only.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("what", "source", "there", "words"), CONTRADICTIONS, ids=[case[0] for case in CONTRADICTIONS])
def test_ids_against_addresses(what: str, source: list[Row], there: list[Row], words: str | None) -> None:
    """P314 holds; it is told to the owner of a mapping line as well, and settled by nothing but a decision."""
    result = merger(source, there)
    assert told(result)["ann@contoso.com"].startswith(HELD if words else FREE)
    said = result.findings.filter((pl.col("code") == "P314") & (pl.col("upn") == "ann@contoso.com"))
    assert said["message"].to_list() == ([f"ann@contoso.com: {words}"] if words else [])
    mapping = b"Source,Destination\r\nann@contoso.com,ann@fabrikam.com\r\n"
    judged = t2t.validate(mapping, source_full=frame(source), destination_full=frame(there)).findings
    assert judged.filter(pl.col("code") == "P314")["lines"].to_list() == ([[2]] if words else [])
    for note, severity in (("", "error"), ("asked her", "info")):
        line = f"ann@contoso.com,ann@fabrikam.com,{note}"
        found = merger(source, there, line).findings.filter(
            (pl.col("code") == "P314") & (pl.col("upn") == "ann@contoso.com")
        )
        assert found["severity"].cast(pl.String).to_list() == ([severity] if words else [])


def test_an_id_that_all_share() -> None:
    """A column that holds one id for everybody holds everybody; five others are named, and no pair is made of each two."""
    names = [f"u{number:04}" for number in range(1000)]
    here = [with_id(person(f"Ann Lee {name}", f"{name}@contoso.com"), A) for name in names]
    there = [with_id(person(f"Ann Lee {name}", f"{name}@fabrikam.com"), A) for name in names]
    result = merger(here, there)
    assert result.summary["held"] == 1000
    found = result.findings.filter(pl.col("code") == "P314")
    shared = f"source and destination list the same object id {A}, which belongs to one tenant only"
    for user, others in (("u0003", "0 1 2 4 5"), ("u0999", "0 1 2 3 4")):
        words = {
            tenant: f"its object id {A} is also that of {', '.join(f'u000{o}@{tenant}.com' for o in others.split())}"
            for tenant in ("contoso", "fabrikam")
        }
        assert sorted(found.filter(pl.col("upn") == f"{user}@contoso.com")["message"]) == sorted(
            f"{user}@contoso.com: {message}."
            for message in (
                f"{words['contoso']}; {shared}",
                f"the destination {user}@fabrikam.com: {shared}",
                f"the destination {user}@fabrikam.com: {words['fabrikam']}",
            )
        )
    assert found.height == 3000


def test_without_ids_nothing_is_compared() -> None:
    """And it is said."""
    assert merger([ANN], [ANN_THERE]).skipped["P314"] == "no export has object ids or systemuserids"


def test_ids_of_every_kind_of_export(tmp_path: Path) -> None:
    """Dataverse and Graph JSON, a directory's CSV: one spelling for all."""
    dataverse = {"value": [{"fullname": "Ann Lee", "windowsliveid": "ann@contoso.com", "systemuserid": f"{{{B}}}", "azureactivedirectoryobjectid": A.upper(), "isdisabled": False}]}  # fmt: skip
    graph = [
        {"displayName": "Ann Lee", "userPrincipalName": "ann@fabrikam.com", "id": B.upper(), "accountEnabled": True}
    ]
    (tmp_path / "here.json").write_text(json.dumps(dataverse), encoding="utf-8")
    (tmp_path / "there.json").write_text(json.dumps(graph), encoding="utf-8")
    (tmp_path / "users.csv").write_text(
        f"User principal name,Object Id,Display name\nann@contoso.com,{A},Ann Lee\n", encoding="utf-8"
    )
    result = t2t.generate(
        source_full=tmp_path / "here.json",
        source_directory=tmp_path / "users.csv",
        destination_directory=tmp_path / "there.json",
    )
    assert "P314" not in result.summary["codes"]
    row = result.accounting.row(0, named=True)
    assert [row[name] for name in ("source_user_id", "source_object_id", "destination_object_id")] == [B, A, B]


def in_directory(*rows: Row) -> dict[str, Any]:
    return {"source_directory": frame(list(rows))}


LEE_AND_STONE = person("Ann Lee", "ann@contoso.com", user_name="stone@contoso.com")
TWO_ADDRESSES: list[tuple[str, Row, list[Row], str, str, str | None]] = [
    # what, the row, the directory, who is listed then, severity, words
    ("no directory", LEE_AND_STONE, [], "ann@contoso.com", "error", "which of them counts is not known, no source directory was given"),
    ("the directory knows the first", LEE_AND_STONE, [ANN], "ann@contoso.com", "info", "the source directory lists only the former, which counts"),
    ("the directory knows the second", LEE_AND_STONE, [person("Ann Lee", "Stone@contoso.com")], "stone@contoso.com", "info", "lists only the former"),
    ("the directory knows both", LEE_AND_STONE, [ANN, person("Eve Poe", "stone@contoso.com")], "ann@contoso.com", "error", "the source directory does not tell"),
    ("the directory knows neither", LEE_AND_STONE, [BOB], "ann@contoso.com", "error", "the source directory does not tell"),
    ("in capitals", LEE_AND_STONE | {"User Name": "ANN@contoso.com"}, [], "ann@contoso.com", "", None),
    ("an old log-on name", LEE_AND_STONE | {"User Name": "CONTOSO\\ann"}, [], "ann@contoso.com", "", None),
    ("no User Name", LEE_AND_STONE | {"User Name": None}, [], "ann@contoso.com", "", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "row", "directory", "upn", "severity", "words"), TWO_ADDRESSES, ids=[c[0] for c in TWO_ADDRESSES]
)
@pytest.mark.parametrize("side", ["source", "destination"])
def test_two_addresses_in_one_row(
    side: str, what: str, row: Row, directory: list[Row], upn: str, severity: str, words: str | None
) -> None:
    """U209, on either side; the address that the directory knows counts."""

    def here(rows: list[Row]) -> pl.DataFrame:
        return frame(rows).with_columns(
            pl.col(pl.String).str.replace("contoso", "adatum" if side == "source" else "fabrikam")
        )

    exports: dict[str, Any] = {f"{side}_full": here([row, BOB])}
    if directory:
        exports[f"{side}_directory"] = here(directory)
    other = "destination" if side == "source" else "source"
    exports[f"{other}_full"] = frame([person("Ann Lee", f"{upn.split('@', maxsplit=1)[0]}@tailspin.com")])
    result = t2t.generate(**exports)
    found = result.findings.filter(pl.col("code") == "U209")
    assert found["severity"].cast(pl.String).to_list() == ([severity] if words else [])
    if words:
        assert (found["side"][0], words.replace("source", side) in found["message"][0]) == (side, True)
    target = f"{upn.split('@', maxsplit=1)[0]}@tailspin.com"
    row_of = result.accounting.filter(pl.col("full_name") == "Ann Lee").row(0, named=True)
    assert row_of["disposition"] == ("held" if severity == "error" else "mapped")
    assert target in (row_of["source"], row_of["destination"])


def test_two_addresses_are_accepted_or_decided() -> None:
    """For one run, or for one user."""
    assert merger([LEE_AND_STONE], [ANN_THERE], accept=["U209"]).summary["mapped"] == 1
    assert merger([LEE_AND_STONE], [ANN_THERE], "ann@contoso.com,ann@fabrikam.com,asked").summary["mapped"] == 1
    assert merger([LEE_AND_STONE], [ANN_THERE], "ann@contoso.com,ann@fabrikam.com").summary["held"] == 1


def test_who_is_in_no_directory() -> None:
    """U210, a warning; not about who is left out, and not where nothing is known."""
    users = [ANN, BOB, person("# App", "app@contoso.com"), person("Cy Orr", "cy@contoso.com")]
    there = [ANN_THERE, BOB_THERE]
    result = t2t.generate(
        source_full=frame(users), destination_full=frame(there), rules=[("cy@contoso.com", None)],
        **in_directory(ANN | {"Windows Live ID": "ANN@contoso.com"}),
    )  # fmt: skip
    found = result.findings.filter(pl.col("code") == "U210")
    assert found.select("severity", "upn", "message").rows() == [
        ("warning", "bob@contoso.com", "bob@contoso.com is not in the directory of the source.")
    ]
    assert merger([ANN], [ANN_THERE]).skipped["U210"] == "no source directory was given"
    judged = t2t.validate(
        b"Source,Destination\r\nann@contoso.com,ann@fabrikam.com\r\nbob@contoso.com,bob@fabrikam.com\r\n",
        source_full=frame(users), destination_full=frame(there), **in_directory(ANN),
    ).findings.filter(pl.col("code") == "U210")  # fmt: skip
    assert judged["lines"].to_list() == [[3]]


def test_a_renamed_account_is_known_by_its_id() -> None:
    """The directory lists the id under another address."""
    result = t2t.generate(
        source_full=frame([with_id(ANN, A), BOB]), destination_full=frame([ANN_THERE, BOB_THERE]),
        **in_directory(with_id(person("Ann Stone", "stone@contoso.com"), A), BOB),
    )  # fmt: skip
    assert told(result)["ann@contoso.com"] == "held ann@fabrikam.com local-part P314;U210"


FOREIGN: list[tuple[str, dict[str, list[Row]], list[str]]] = [
    # what, the exports, the sides of which something is said
    ("of the other tenant", {"source_directory": [ANN_THERE]}, ["source"]),
    ("of a third tenant, at the destination", {"destination_directory": [person("Ann Lee", "ann@adatum.com")]}, ["destination"]),
    ("both", {"source_directory": [ANN_THERE], "destination_directory": [ANN]}, ["destination", "source"]),
    ("of the same domain, but of other people", {"source_directory": [person("Zed Poe", "zed@contoso.com")]}, ["source"]),
    ("one of them is enough", {"source_directory": [BOB, person("Zed Poe", "zed@contoso.com")]}, []),
    ("known by the id", {"source_directory": [with_id(person("Ann Stone", "stone@contoso.com"), A)]}, []),
]  # fmt: skip


@pytest.mark.parametrize(("what", "directories", "sides"), FOREIGN, ids=[case[0] for case in FOREIGN])
def test_directories_of_another_tenant(what: str, directories: dict[str, list[Row]], sides: list[str]) -> None:
    """I114, an error on the run: nobody is mapped, in `validate` it is an error too."""
    exports: dict[str, Any] = {
        "source_full": frame([with_id(ANN, A), BOB]),
        "destination_full": frame([ANN_THERE, BOB_THERE]),
        **{name: frame(rows) for name, rows in directories.items()},
    }
    result = t2t.generate(**exports)
    found = result.findings.filter(pl.col("code") == "I114")
    words = [f"The directory lists nobody of the other exports of the {side}: " for side in sides]
    assert [message[: len(start)] for message, start in zip(sorted(found["message"]), words, strict=True)] == words
    assert (result.summary["mapped"] == 0) == bool(sides)
    assert all("I114" in codes for codes in result.held["codes"] if sides)
    judged = t2t.validate(b"Source,Destination\r\nbob@contoso.com,bob@fabrikam.com\r\n", **exports)
    assert judged.exit_status() == int(bool(sides))


def test_one_file_of_several_may_hold_nobody_who_is_listed() -> None:
    """A directory in parts is one; a file of another tenant among them is not part of it."""
    exports: dict[str, Any] = {"source_full": frame([ANN]), "destination_full": frame([ANN_THERE])}
    for second, number in ((person("Zed Poe", "zed@contoso.com"), 0), (person("Zed Poe", "zed@adatum.com"), 1)):
        result = t2t.generate(source_directory=[frame([ANN]), frame([second])], **exports)
        assert result.findings.filter(pl.col("code") == "I114").height == number
