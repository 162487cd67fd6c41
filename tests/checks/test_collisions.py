"""A destination that is already an address in the source environment: the service fails, or skips the user."""

from __future__ import annotations

from typing import Any

import pytest
from small import Row, frame, merger, person, told

import t2t_mapping as t2t

ANN, ANN_THERE = person("Ann Lee", "ann@contoso.com"), person("Ann Lee", "ann@fabrikam.com")
ID = "11111111-2222-4333-8444-55555555555{}"


def at_destination(**columns: str | None) -> Row:
    """Another user of the source whose address is Ann's destination."""
    return person("Ann Lee", "ann@fabrikam.com", **columns)


STAYS: list[tuple[str, Row, tuple[str, ...], dict[str, Any], str]] = [
    # who, its row, rules, options, what is said
    ("administrative", at_destination(access_mode="Administrative"), (), {}, "the user principal name of ann@fabrikam.com"),
    ("a stub", at_destination(system_managed_user_type="2"), (), {}, "the user principal name of ann@fabrikam.com"),
    ("an application", at_destination(application_id=ID.format(1)), (), {}, "the user principal name of ann@fabrikam.com"),
    ("disabled", at_destination(status="Disabled"), (), {}, "the user principal name of ann@fabrikam.com"),
    ("disabled, left out", at_destination(status="Disabled"), (), {"exclude": ["U201", "P307"]}, "ann@fabrikam.com"),
    ("excluded by a rule", at_destination(), ("ann@fabrikam.com,",), {}, "the user principal name of ann@fabrikam.com"),
    ("held", at_destination(), ("ann@fabrikam.com,no@fabrikam.com",), {}, "the user principal name of ann@fabrikam.com"),
    ("in capitals", at_destination() | {"Windows Live ID": "ANN@FABRIKAM.COM"}, ("ann@fabrikam.com,",), {}, "of ANN@FABRIKAM.COM"),
    (
        "a guest",
        person("Ann Lee", "ann_fabrikam.com#EXT#@contoso.onmicrosoft.com"),
        ("ann_*,",),
        {},
        "the address at home of ann_fabrikam.com#EXT#@contoso.onmicrosoft.com",
    ),
    ("by the User Name", person("Zed Poe", "z@contoso.com", user_name="ann@fabrikam.com"), ("z@*,",), {}, "the User Name of z@contoso.com"),
    ("other ids", at_destination(object_id=ID.format(2)), ("ann@fabrikam.com,",), {}, "of ann@fabrikam.com"),
]  # fmt: skip


@pytest.mark.parametrize(("who", "other", "rules", "options", "words"), STAYS, ids=[case[0] for case in STAYS])
def test_whoever_stays_keeps_the_address(
    who: str, other: Row, rules: tuple[str, ...], options: dict[str, Any], words: str
) -> None:
    """P313 on the user who would be mapped there."""
    result = merger([ANN | {"Object Id": ID.format(1)}, other], [ANN_THERE], *rules, **options)
    codes = told(result)["ann@contoso.com"].split()
    assert codes[0] == "held"
    assert "P313" in codes[3].split(";")
    (message,) = result.findings.filter(result.findings["code"] == "P313")["message"]
    assert message.startswith("The destination ann@fabrikam.com already is ")
    assert words in message


@pytest.mark.parametrize(("who", "other", "rules", "options", "words"), STAYS, ids=[case[0] for case in STAYS])
def test_a_mapping_is_told_the_same(
    who: str, other: Row, rules: tuple[str, ...], options: dict[str, Any], words: str
) -> None:
    """With a source export, `validate` finds it on the line."""
    mapping = b"Source,Destination\r\nann@contoso.com,ann@fabrikam.com\r\n"
    judged = t2t.validate(mapping, source_full=frame([ANN, other]), destination_full=frame([ANN_THERE]))
    (row,) = judged.findings.filter(judged.findings["code"] == "P313").rows(named=True)
    assert row["lines"] == [2]
    assert row["message"].endswith("who is not in the mapping.")


def test_who_is_nobody_else() -> None:
    """The user's own other address, and another row of the same record."""
    one_id: Row = {"Object Id": ID.format(1)}
    for users, rules in (
        ([ANN | {"User Name": "ann@fabrikam.com"}], ()),
        ([ANN | one_id, at_destination() | one_id], ("ann@fabrikam.com,",)),
        ([person("Ann Lee", "ann_fabrikam.com#EXT#@contoso.onmicrosoft.com")], ()),
    ):
        assert "P313" not in merger(users, [ANN_THERE], *rules).summary["codes"]


def test_accounts_of_the_source_directory_count() -> None:
    """A guest of the acquirer whom no export of the environment lists."""
    for upn, words in (
        ("ann@fabrikam.com", "the user principal name of ann@fabrikam.com, who is in the source directory"),
        ("ann_fabrikam.com#EXT#@contoso.onmicrosoft.com", "the address at home of ann_fabrikam.com#EXT#@contoso"),
    ):
        result = t2t.generate(
            source_full=frame([ANN]),
            source_directory=frame([ANN, person("Ann L", upn)]),
            destination_full=frame([ANN_THERE]),
        )
        assert told(result) == {"ann@contoso.com": "held ann@fabrikam.com local-part P313"}
        assert words in result.findings["message"][0]


CHAINS: list[tuple[str, tuple[str, ...], dict[str, str]]] = [
    (
        "who leaves an address and who takes it",
        ("a@x.com,B@x.com", "b@x.com,b@y.com", "c@x.com,c@y.com"),
        {"a@x.com": "held P312", "b@x.com": "held P312", "c@x.com": "mapped -"},
    ),
    (
        "a chain of three",
        ("a@x.com,b@x.com", "b@x.com,c@x.com", "c@x.com,c@y.com"),
        {"a@x.com": "held P312", "b@x.com": "held P312", "c@x.com": "held P312"},
    ),
    (
        "a circle",
        ("a@x.com,b@x.com", "b@x.com,a@x.com", "c@x.com,c@y.com"),
        {"a@x.com": "held P312", "b@x.com": "held P312", "c@x.com": "mapped -"},
    ),
    (
        "the last one stays, and the one before cannot go there",
        ("a@x.com,b@x.com", "b@x.com,c@x.com", "c@x.com,"),
        {"a@x.com": "held P312", "b@x.com": "held P312;P313", "c@x.com": "excluded -"},
    ),
    (
        "who is held anyway is told as well",
        ("a@x.com,d@x.com", "b@x.com,b@y.com", "c@x.com,c@y.com"),
        {"a@x.com": "held P302;P313;U213", "b@x.com": "mapped -", "c@x.com": "mapped -"},
    ),
]


@pytest.mark.parametrize(("what", "rules", "expected"), CHAINS, ids=[case[0] for case in CHAINS])
def test_chains(what: str, rules: tuple[str, ...], expected: dict[str, str]) -> None:
    """P312 on both ends where both would be mapped, P313 where one stays."""
    people = [person(None, f"{name}@x.com") for name in "abc"] + [person(None, "d@x.com", status="Disabled")]
    there = [person(None, upn) for upn in ("a@x.com", "b@x.com", "c@x.com", "a@y.com", "b@y.com", "c@y.com")]
    result = merger(people, [*there, person(None, "d@x.com", user_licensed="No")], *rules)
    outcome = {user: line.split() for user, line in told(result).items()}
    codes = {user: f"{line[0]} {line[3]}" for user, line in outcome.items() if user != "d@x.com"}
    assert {
        user: line.replace("P305;", "").replace(";P305", "").replace("P305", "-") for user, line in codes.items()
    } == expected


def test_leaving_out_for_a_chain() -> None:
    """`--exclude` takes these codes like all others."""
    lines = ("a@x.com,b@x.com", "b@x.com,b@y.com")
    people, there = [person("A", "a@x.com"), person("B", "b@x.com")], [person("A", "b@x.com"), person("B", "b@y.com")]
    assert merger(people, there, *lines, exclude=["P312"]).summary["excluded"] == 2
    assert merger(people, there, lines[0], "b@x.com,", exclude=["P313"]).summary["excluded"] == 2
