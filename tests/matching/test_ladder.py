"""The ladder, rung by rung: small mergers with the whole answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from small import Row, merger, person, told

import t2t_mapping as t2t
from t2t_mapping.matching.ladder import MOST_CANDIDATES, PAIRS, match

ANN = person("Ann Lee", "ann.lee@contoso.com")
ANN_THERE = person("Ann Lee", "ann.lee@fabrikam.com")
BOB = person("Bob Stone", "bob@contoso.com")

Case = tuple[str, list[Row], list[Row] | None, tuple[str, ...], dict[str, Any], dict[str | None, str]]

CASES: list[Case] = [
    # 1 rule
    (
        "an exact line ends the matter",
        [ANN],
        [ANN_THERE, person("Ann Lee", "lee@fabrikam.com")],
        ("ann.lee@contoso.com,lee@fabrikam.com",),
        {},
        {"ann.lee@contoso.com": "mapped lee@fabrikam.com rule -"},
    ),
    (
        "matching ignores case, and the destination is written as its tenant writes it",
        [ANN],
        [person("Ann Lee", "Lee@fabrikam.com")],
        ("ANN.LEE@CONTOSO.COM,lee@FABRIKAM.com",),
        {},
        {"ann.lee@contoso.com": "mapped Lee@fabrikam.com rule -"},
    ),
    (
        "a rule's destination must exist",
        [ANN],
        [ANN_THERE],
        ("ann.lee@contoso.com,lee@fabrikam.com",),
        {},
        {"ann.lee@contoso.com": "held lee@fabrikam.com rule U211"},
    ),
    (
        "an exact line without a destination excludes",
        [ANN],
        [ANN_THERE],
        ("ann.lee@contoso.com,",),
        {},
        {"ann.lee@contoso.com": "excluded - rule -"},
    ),
    (
        "an exact line may exclude by the text as typed",
        [person("Jim", "\u212aim@contoso.com"), ANN],
        [ANN_THERE],
        ("\u212aim@contoso.com,",),
        {},
        {
            "\u212aim@contoso.com": "excluded - rule -",
            "ann.lee@contoso.com": "mapped ann.lee@fabrikam.com local-part -",
        },
    ),
    (
        "a contradiction of names holds a pasted line",
        [ANN],
        [person("Bill Gray", "bg@fabrikam.com")],
        ("ann.lee@contoso.com,bg@fabrikam.com",),
        {},
        {"ann.lee@contoso.com": "held bg@fabrikam.com rule P303"},
    ),
    (
        "a line with a Note was meant",
        [ANN],
        [person("Bill Gray", "bg@fabrikam.com")],
        ("ann.lee@contoso.com,bg@fabrikam.com,took over the desk",),
        {},
        {"ann.lee@contoso.com": "mapped bg@fabrikam.com rule P303"},
    ),
    (
        "doubt is a warning on rung 1",
        [BOB],
        [person("Robert Stone", "rstone@fabrikam.com")],
        ("bob@contoso.com,rstone@fabrikam.com",),
        {},
        {"bob@contoso.com": "mapped rstone@fabrikam.com rule P304"},
    ),
    (
        "unknown names are information on rung 1",
        [person(None, "bob@contoso.com")],
        [person("Robert Stone", "rstone@fabrikam.com")],
        ("bob@contoso.com,rstone@fabrikam.com",),
        {},
        {"bob@contoso.com": "mapped rstone@fabrikam.com rule P305"},
    ),
    # 2 pattern
    (
        "a star is carried over",
        [ANN],
        [ANN_THERE],
        ("*@contoso.com,*@fabrikam.com",),
        {},
        {"ann.lee@contoso.com": "mapped ann.lee@fabrikam.com pattern -"},
    ),
    (
        "several stars in order",
        [person("Ann Lee", "x-ann-lee@contoso.com")],
        [ANN_THERE],
        ("x-*-*@contoso.com,*.*@fabrikam.com",),
        {},
        {"x-ann-lee@contoso.com": "mapped ann.lee@fabrikam.com pattern -"},
    ),
    (
        "a template takes the name, titles dropped and Last, First undone",
        [person("Dr. Müller, Jörg", "u1@contoso.com")],
        [person("Joerg Mueller", "joerg.mueller@fabrikam.com")],
        ("*@contoso.com,{first}.{last}@fabrikam.com",),
        {},
        {"u1@contoso.com": "mapped joerg.mueller@fabrikam.com pattern -"},
    ),
    (
        "initials and the local part",
        [person("Ann Lee", "u1@contoso.com"), person("Bob Stone", "u2@contoso.com")],
        [person("Ann Lee", "alu1@fabrikam.com"), person("Bob Stone", "bsu2@fabrikam.com")],
        ("*@contoso.com,{f}{l}{local}@fabrikam.com",),
        {},
        {
            "u1@contoso.com": "mapped alu1@fabrikam.com pattern -",
            "u2@contoso.com": "mapped bsu2@fabrikam.com pattern -",
        },
    ),
    (
        "a name of three words does not fill a template",
        [person("Ann Marie Lee", "u1@contoso.com")],
        [ANN_THERE],
        ("*@contoso.com,{first}.{last}@fabrikam.com",),
        {},
        {"u1@contoso.com": "held - - U211"},
    ),
    (
        "a template that fits two destination users is held",
        [person("Jörg Müller", "u1@contoso.com")],
        [person("Joerg Mueller", "joerg.mueller@fabrikam.com"), person("Jorg Muller", "jorg.muller@fabrikam.com")],
        ("*@contoso.com,{first}.{last}@fabrikam.com",),
        {},
        {"u1@contoso.com": "held - - P301"},
    ),
    (
        "the first pattern that matches wins",
        [ANN],
        [ANN_THERE, person("Ann Lee", "ann.lee@fabrikam.de")],
        ("ann*@contoso.com,ann*@fabrikam.de", "*@contoso.com,*@fabrikam.com"),
        {"destination_domain": ["fabrikam.de"]},
        {"ann.lee@contoso.com": "mapped ann.lee@fabrikam.de pattern -"},
    ),
    (
        "a pattern excludes",
        [person("Backup", "svc-backup@contoso.com")],
        [ANN_THERE],
        ("svc-*@contoso.com,",),
        {},
        {"svc-backup@contoso.com": "excluded - pattern -"},
    ),
    (
        "exact lines beat patterns",
        [person("Ann Lee", "svc-ann@contoso.com")],
        [ANN_THERE],
        ("svc-*@contoso.com,", "svc-ann@contoso.com,ann.lee@fabrikam.com"),
        {},
        {"svc-ann@contoso.com": "mapped ann.lee@fabrikam.com rule -"},
    ),
    (
        "a pattern never makes up a user",
        [ANN],
        [BOB | {"Windows Live ID": "bob@fabrikam.com"}],
        ("*@contoso.com,*@fabrikam.com",),
        {},
        {"ann.lee@contoso.com": "held ann.lee@fabrikam.com pattern U211"},
    ),
    (
        "rungs that disagree hold",
        [ANN],
        [ANN_THERE, person("Ann Lee", "ann@fabrikam.com", proxies="smtp:ann.lee@contoso.com")],
        (),
        {},
        {"ann.lee@contoso.com": "held - - P301"},
    ),
    # 3 alias
    (
        "the source address among the aliases",
        [person("Ann Lee", "al@contoso.com")],
        [
            person(
                "Ann Lee",
                "ann.lee@fabrikam.com",
                proxies="SMTP:ann.lee@fabrikam.com+smtp:AL@contoso.com+SIP:x@contoso.com",
            )
        ],
        (),
        {},
        {"al@contoso.com": "mapped ann.lee@fabrikam.com alias -"},
    ),
    (
        "the source's mail among the aliases",
        [person("Ann Lee", "al@contoso.com", primary_email="ann.lee@contoso.com")],
        [person("Ann Lee", "lee@fabrikam.com", proxies="smtp:ann.lee@contoso.com")],
        (),
        {},
        {"al@contoso.com": "mapped lee@fabrikam.com alias -"},
    ),
    (
        "doubt is a warning on rung 3, contradiction holds",
        [person("Ann Lee", "al@contoso.com"), person("Cy Orr", "co@contoso.com")],
        [
            person("Ann Stone", "as@fabrikam.com", proxies="smtp:al@contoso.com"),
            person("Dan Orr", "do@fabrikam.com", proxies="smtp:co@contoso.com"),
        ],
        (),
        {},
        {"al@contoso.com": "mapped as@fabrikam.com alias P304", "co@contoso.com": "held do@fabrikam.com alias P303"},
    ),
    (
        "a guest's aliases make no pair",
        [person("Ann Lee", "al@contoso.com")],
        [person("Ann Lee", "x_y.com#EXT#@fabrikam.onmicrosoft.com", proxies="smtp:al@contoso.com")],
        (),
        {},
        {"al@contoso.com": "held - - U211"},
    ),
    # 4 employee-id, mail
    (
        "employee ids only when asked for",
        [
            person("Ann Lee", "al@contoso.com", employee_id="007"),
            person("Bob Stone", "bs@contoso.com", employee_id="7"),
        ],
        [
            person("Ann Lee", "lee@fabrikam.com", employee_id="007"),
            person("Bob Stone", "stone@fabrikam.com", employee_id="7"),
        ],
        (),
        {"match_on": ["employee-id"]},
        {
            "al@contoso.com": "mapped lee@fabrikam.com employee-id -",
            "bs@contoso.com": "mapped stone@fabrikam.com employee-id -",
        },
    ),
    (
        "not when not asked for",
        [person("Ann Lee", "al@contoso.com", employee_id="007")],
        [person("Ann Lee", "lee@fabrikam.com", employee_id="007")],
        (),
        {},
        {"al@contoso.com": "held - - U211"},
    ),
    (
        "mail",
        [person("Ann Lee", "al@contoso.com", primary_email="Ann@Group.com")],
        [person("Ann Lee", "lee@fabrikam.com", primary_email="ann@group.com")],
        (),
        {"match_on": ["mail"]},
        {"al@contoso.com": "mapped lee@fabrikam.com alias -"},
    ),
    # 5 local part
    (
        "the same local part",
        [ANN],
        [ANN_THERE],
        (),
        {},
        {"ann.lee@contoso.com": "mapped ann.lee@fabrikam.com local-part -"},
    ),
    (
        "of several, the preferred domain",
        [ANN],
        [person("Ann Lee", "ann.lee@fabrikam.de"), ANN_THERE, person("Ann Lee", "ann.lee@fabrikam.net")],
        ("x@contoso.com,",),
        {"destination_domain": ["fabrikam.org", "fabrikam.com"], "accept": []},
        {"ann.lee@contoso.com": "mapped ann.lee@fabrikam.com local-part -"},
    ),
    (
        "several and no preference",
        [ANN],
        [person("Ann Lee", "ann.lee@fabrikam.de"), ANN_THERE],
        (),
        {},
        {"ann.lee@contoso.com": "held - - P301"},
    ),
    (
        "a single candidate outside the listed domains is taken, with a warning",
        [ANN],
        [ANN_THERE],
        (),
        {"destination_domain": ["fabrikam.de"]},
        {"ann.lee@contoso.com": "mapped ann.lee@fabrikam.com local-part P308"},
    ),
    # 6 guest
    (
        "a guest is never mapped without a person",
        [ANN],
        [person("Ann Lee", "ann.lee_contoso.com#EXT#@fabrikam.onmicrosoft.com")],
        (),
        {},
        {"ann.lee@contoso.com": "held ann.lee_contoso.com#EXT#@fabrikam.onmicrosoft.com guest U216"},
    ),
    (
        "but with one it is",
        [ANN],
        [person("Ann Lee", "ann.lee_contoso.com#EXT#@fabrikam.onmicrosoft.com")],
        ("ann.lee@contoso.com,ann.lee_contoso.com#EXT#@fabrikam.onmicrosoft.com",),
        {},
        {"ann.lee@contoso.com": "mapped ann.lee_contoso.com#EXT#@fabrikam.onmicrosoft.com rule U216"},
    ),
    (
        "a native account beats the guest account, which is no namesake",
        [ANN],
        [ANN_THERE, person("Ann Lee", "ann.lee_contoso.com#EXT#@fabrikam.onmicrosoft.com")],
        (),
        {},
        {"ann.lee@contoso.com": "mapped ann.lee@fabrikam.com local-part -"},
    ),
    # without a destination
    (
        "no export: a rule line is unverified",
        [ANN],
        None,
        ("ann.lee@contoso.com,ann.lee@fabrikam.com",),
        {},
        {"ann.lee@contoso.com": "held ann.lee@fabrikam.com rule P306"},
    ),
    (
        "no export: accepted",
        [ANN, BOB],
        None,
        ("bob@contoso.com,b@fabrikam.com",),
        {"accept": ["P306"], "destination_domain": ["fabrikam.com"]},
        {
            "ann.lee@contoso.com": "mapped ann.lee@fabrikam.com local-part P306",
            "bob@contoso.com": "mapped b@fabrikam.com rule P306",
        },
    ),
    (
        "no export and no rule: nothing",
        [ANN],
        None,
        (),
        {},
        {"ann.lee@contoso.com": "held - - U211"},
    ),
    # namesakes
    (
        "the buyer's own John Smith",
        [person("John Smith", "john.smith@contoso.com")],
        [person("John Smith", "john.smith@fabrikam.com"), person("John Smith", "john.smith2@fabrikam.com")],
        (),
        {},
        {"john.smith@contoso.com": "held john.smith@fabrikam.com local-part P311"},
    ),
    (
        "where every namesake is claimed, which is whose is not known",
        [person("John Smith", "john.smith@contoso.com"), person("John Smith", "john.smith2@contoso.com")],
        [person("John Smith", "john.smith@fabrikam.com"), person("Smith, John", "john.smith2@fabrikam.com")],
        (),
        {},
        {
            "john.smith@contoso.com": "held john.smith@fabrikam.com local-part P315",
            "john.smith2@contoso.com": "held john.smith2@fabrikam.com local-part P315",
        },
    ),
    (
        "a claim held by P303 is no claim",
        [person("John Smith", "john.smith@contoso.com"), person("Jane Roe", "john.smith2@contoso.com")],
        [person("John Smith", "john.smith@fabrikam.com"), person("John Smith", "john.smith2@fabrikam.com")],
        (),
        {},
        {
            "john.smith@contoso.com": "held john.smith@fabrikam.com local-part P311",
            "john.smith2@contoso.com": "held john.smith2@fabrikam.com local-part P303",
        },
    ),
    # order of dispositions
    (
        "excluded by a rule before anything else",
        [person("# App", "app@contoso.com"), person("Ann Lee", "ann@contoso.com", status="Disabled")],
        [ANN_THERE],
        ("*@contoso.com,",),
        {},
        {"app@contoso.com": "excluded - pattern -", "ann@contoso.com": "excluded - pattern -"},
    ),
    (
        "leavers",
        [person("Ann Lee", "ann.lee@contoso.com", status="Disabled"), BOB],
        [ANN_THERE, person("Bob Stone", "bob@fabrikam.com")],
        (),
        {"exclude": ["U201"]},
        {"ann.lee@contoso.com": "excluded - - U201", "bob@contoso.com": "mapped bob@fabrikam.com local-part -"},
    ),
    (
        "who is held for something else too is not excluded",
        [person("Ann Lee", "ann.lee@contoso.com", status="Disabled", user_licensed="No")],
        [ANN_THERE],
        (),
        {"exclude": ["U201"]},
        {"ann.lee@contoso.com": "held ann.lee@fabrikam.com local-part U201;U202"},
    ),
    (
        "accepted codes are warnings",
        [person("Ann Lee", "ann.lee@contoso.com", status="Disabled", user_licensed="No")],
        [person("Ann Lee", "ann.lee@fabrikam.com", user_licensed="No")],
        (),
        {"accept": ["U201", "U202", "U213"]},
        {"ann.lee@contoso.com": "mapped ann.lee@fabrikam.com local-part U201;U202;U213"},
    ),
]


@pytest.mark.parametrize(
    ("source", "destination", "rules", "options", "expected"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_ladder(
    source: list[Row],
    destination: list[Row] | None,
    rules: tuple[str, ...],
    options: dict[str, Any],
    expected: dict[str | None, str],
) -> None:
    """What must come of every source user."""
    assert told(merger(source, destination, *rules, **options)) == expected


def test_administrative_users() -> None:
    """Left out unless opted in: by an exact line with a destination, or all at once; a pattern opts nobody in."""
    admin = person("Ann Lee", "ann.lee@contoso.com", user_licensed=None)
    both = person("Cy Orr", "cy@contoso.com")
    there = [ANN_THERE, person("Bob Stone", "bob@fabrikam.com"), person("Cy Orr", "cy@fabrikam.com")]

    def run(*rules: str, **options: Any) -> str:
        return told(merger([BOB, both], there, *rules, admins=[admin], **options))["ann.lee@contoso.com"]

    assert run() == "excluded - - P309"
    assert run("*@contoso.com,*@fabrikam.com") == "excluded - - P309"
    assert run("ann.lee@contoso.com,ann.lee@fabrikam.com") == "mapped ann.lee@fabrikam.com rule U202"
    assert run(include_admins=True) == "mapped ann.lee@fabrikam.com local-part U202"


def test_an_access_mode_beats_the_view() -> None:
    """Who is listed as administrative by the column is administrative in any view, and the reverse."""
    full = [person("Ann Lee", "ann.lee@contoso.com", access_mode="Administrative")]
    admins = [person("Bob Stone", "bob@contoso.com", access_mode="Read-Write")]
    there = [ANN_THERE, person("Bob Stone", "bob@fabrikam.com")]
    assert told(merger(full, there, admins=admins)) == {
        "ann.lee@contoso.com": "excluded - - P309",
        "bob@contoso.com": "mapped bob@fabrikam.com local-part -",
    }


def test_namesakes_are_found_in_every_spelling() -> None:
    """Müller, Mueller and Muller are one name, on whichever side and whatever the marks."""
    for spelling in ("Jörg Müller", "Joerg Mueller", "Jorg Muller", "Müller, Jörg"):
        result = merger(
            [person("Jörg Müller", "jm@contoso.com")],
            [person("Joerg Mueller", "jm@fabrikam.com"), person(spelling, "joerg.mueller@fabrikam.com")],
        )
        assert told(result) == {"jm@contoso.com": "held jm@fabrikam.com local-part P311"}, spelling


# --- what the ladder itself says ----------------------------------------------------------------------------------------


def climbed(result: t2t.Result) -> dict[str | None, str]:
    """Of every user: destination, rung, candidates, then the lines that decided and what else is remembered."""
    lines = {"rule_line": "rule", "pattern_line": "pattern", "excluded_line": "excluded by"}
    told_of = {}
    for row in result.facts.frame.iter_rows(named=True):
        said = [row["target"] or "-", row["rung"] or "-", ", ".join(row["candidates"] or "-")]
        said += [f"{words} {row[column]}" for column, words in lines.items() if row[column] is not None]
        said += [word for word in ("ambiguous", "noted", "unfilled") if row[word]]
        assert (row["target"] or "").lower() == (row["target_key"] or "")
        assert row["ambiguous"] == bool(row["candidates"])
        told_of[row["upn"]] = "; ".join(said)
    return told_of


JOERG = person("Jörg Müller", "u1@contoso.com")
BOTH_SPELLINGS = [
    person("Joerg Mueller", "joerg.mueller@fabrikam.com"),
    person("Jörg Müller", "jorg.muller@fabrikam.com"),
]
GUEST = person("Ann Lee", "ann.lee_contoso.com#EXT#@fabrikam.onmicrosoft.com")

CLIMBS: list[Case] = [
    (
        "lines that name one user several times: the first decides, and any Note counts",
        [ANN, BOB],
        [ANN_THERE, person("Bob Stone", "bob@fabrikam.com")],
        (
            "x@contoso.com,y@fabrikam.com",
            "ann.lee@contoso.com,ann.lee@fabrikam.com",
            "Ann.Lee@contoso.com,ann.lee@fabrikam.com,checked",
            "*@contoso.com,*@fabrikam.com",
        ),
        {},
        {
            "ann.lee@contoso.com": "ann.lee@fabrikam.com; rule; -; rule 2; noted",
            "bob@contoso.com": "bob@fabrikam.com; pattern; -; pattern 4",
        },
    ),
    (
        "who excludes: the exact line before the pattern, and the first pattern",
        [ANN, BOB, person("Cy", "cy@contoso.com")],
        [ANN_THERE],
        (
            "a*@contoso.com,",
            "ann.lee@contoso.com,",
            "c*@contoso.com,",
            "*@contoso.com,*@fabrikam.com",
            "cy*@contoso.com,",
        ),
        {},
        {
            "ann.lee@contoso.com": "-; -; -; rule 2; excluded by 2",
            "bob@contoso.com": "bob@fabrikam.com; pattern; -; pattern 4",
            "cy@contoso.com": "-; -; -; pattern 3; excluded by 3",
        },
    ),
    (
        "an exact line that nobody lists there is kept as it was written",
        [ANN],
        [ANN_THERE],
        ("ann.lee@contoso.com,Lee@Fabrikam.com",),
        {},
        {"ann.lee@contoso.com": "Lee@Fabrikam.com; rule; -; rule 1"},
    ),
    (
        "an exact line ends the matter even where the rungs disagree",
        [ANN],
        [ANN_THERE, person("Ann Lee", "ann.lee@fabrikam.de"), GUEST],
        ("ann.lee@contoso.com,ann.lee@fabrikam.de", "*@contoso.com,*@fabrikam.com"),
        {},
        {"ann.lee@contoso.com": "ann.lee@fabrikam.de; rule; -; rule 1"},
    ),
    (
        "of two spellings, the one that exists",
        [JOERG],
        BOTH_SPELLINGS[:1],
        ("*@contoso.com,{first}.{last}@fabrikam.com",),
        {},
        {"u1@contoso.com": "joerg.mueller@fabrikam.com; pattern; -; pattern 1"},
    ),
    (
        "the other way round",
        [JOERG],
        BOTH_SPELLINGS[1:],
        ("*@contoso.com,{first}.{last}@fabrikam.com",),
        {},
        {"u1@contoso.com": "jorg.muller@fabrikam.com; pattern; -; pattern 1"},
    ),
    (
        "both exist",
        [JOERG, ANN],
        BOTH_SPELLINGS,
        ("*@contoso.com,{first}.{last}@fabrikam.com",),
        {},
        {
            "u1@contoso.com": "-; -; joerg.mueller@fabrikam.com, jorg.muller@fabrikam.com; pattern 1; ambiguous",
            "ann.lee@contoso.com": "ann.lee@fabrikam.com; pattern; -; pattern 1",
        },
    ),
    (
        "both exist and are named as their tenant writes them",
        [JOERG],
        [person("Joerg Mueller", "Joerg.Mueller@Fabrikam.com"), BOTH_SPELLINGS[1]],
        ("*@contoso.com,{first}.{last}@fabrikam.com",),
        {},
        {"u1@contoso.com": "-; -; Joerg.Mueller@Fabrikam.com, jorg.muller@fabrikam.com; pattern 1; ambiguous"},
    ),
    (
        "neither exists: the plain one stands for both",
        [JOERG],
        [ANN_THERE],
        ("*@contoso.com,{f}{last}@fabrikam.com",),
        {},
        {"u1@contoso.com": "jmuller@fabrikam.com; pattern; -; pattern 1"},
    ),
    (
        "and stands for both beside the candidate of another rung",
        [JOERG],
        [person("Jörg Müller", "u1@fabrikam.com")],
        ("*@contoso.com,{f}{last}@fabrikam.com",),
        {},
        {"u1@contoso.com": "-; -; jmuller@fabrikam.com, u1@fabrikam.com; pattern 1; ambiguous"},
    ),
    (
        "spellings of a part that agree are one",
        [JOERG],
        [ANN_THERE],
        ("*@contoso.com,{f}.{l}@fabrikam.com",),
        {},
        {"u1@contoso.com": "j.m@fabrikam.com; pattern; -; pattern 1"},
    ),
    (
        "and one candidate where it exists",
        [JOERG],
        [person("Jörg Müller", "j.m@fabrikam.com")],
        ("*@contoso.com,{f}.{l}@fabrikam.com",),
        {},
        {"u1@contoso.com": "j.m@fabrikam.com; pattern; -; pattern 1"},
    ),
    (
        "without an export both are possible",
        [JOERG],
        None,
        ("*@contoso.com,{first}.{last}@fabrikam.com",),
        {},
        {"u1@contoso.com": "-; -; joerg.mueller@fabrikam.com, jorg.muller@fabrikam.com; pattern 1; ambiguous"},
    ),
    (
        "a template without a name, and one that makes no address",
        [
            person(None, "u1@contoso.com"),
            person("A" * 40 + " Lee", "u2@contoso.com"),
            person("Madonna", "v1@contoso.com"),
        ],
        [ANN_THERE],
        ("u1*,{first}@fabrikam.com", "u2*,{first}{first}@fabrikam.com", "v1*,x{local}@fabrikam.com"),
        {},
        {
            "u1@contoso.com": "-; -; -; pattern 1; unfilled",
            "u2@contoso.com": "-; -; -; pattern 2; unfilled",
            "v1@contoso.com": "xv1@fabrikam.com; pattern; -; pattern 3",
        },
    ),
    (
        "what two stars carried over, in order, with text around",
        [person("Ann Lee", "a1-b2@c3.contoso.com")],
        [ANN_THERE],
        ("a*-*@*.contoso.com,x*y*z@*.fabrikam.com",),
        {},
        {"a1-b2@c3.contoso.com": "x1yb2z@c3.fabrikam.com; pattern; -; pattern 1"},
    ),
    (
        "pattern and same local part disagree, and one of them exists only in the rule",
        [ANN],
        [ANN_THERE],
        ("*@contoso.com,*@fabrikam.de",),
        {},
        {"ann.lee@contoso.com": "-; -; ann.lee@fabrikam.com, ann.lee@fabrikam.de; pattern 1; ambiguous"},
    ),
    (
        "pattern and same local part without an export agree, or not",
        [ANN, BOB],
        None,
        ("ann*@contoso.com,ann*@fabrikam.com", "*@contoso.com,*@fabrikam.de"),
        {"destination_domain": ["fabrikam.com"]},
        {
            "ann.lee@contoso.com": "ann.lee@fabrikam.com; pattern; -; pattern 1",
            "bob@contoso.com": "-; -; bob@fabrikam.com, bob@fabrikam.de; pattern 2; ambiguous",
        },
    ),
    (
        "two domains without an export name nobody",
        [ANN],
        None,
        (),
        {"destination_domain": ["fabrikam.com", "fabrikam.de"]},
        {"ann.lee@contoso.com": "-; -; -"},
    ),
    (
        "who has no usable address goes nowhere without an export either",
        [ANN, person("Bo", "bo@contoso"), person("Cy", None)],
        None,
        (),
        {"destination_domain": ["fabrikam.com"]},
        {"ann.lee@contoso.com": "ann.lee@fabrikam.com; local-part; -", "bo@contoso": "-; -; -", None: "-; -; -"},
    ),
    (
        "no destination user at all",
        [ANN, BOB],
        [],
        ("ann.lee@contoso.com,a@fabrikam.com", "*@contoso.com,*@fabrikam.com"),
        {},
        {
            "ann.lee@contoso.com": "a@fabrikam.com; rule; -; rule 1",
            "bob@contoso.com": "bob@fabrikam.com; pattern; -; pattern 2",
        },
    ),
    (
        "who carries the address, and who the mail",
        [person("Ann Lee", "al@contoso.com", primary_email="Ann@group.com"), BOB],
        [
            person("Ann Lee", "a1@fabrikam.com", proxies="smtp:al@contoso.com"),
            person("Ann Lee", "a2@fabrikam.com", primary_email="ANN@GROUP.com"),
            person("Bob Stone", "b1@fabrikam.com", proxies="smtp:bob@contoso.com"),
            person("Bob Stone", "b2@fabrikam.com", proxies="smtp:x@contoso.com+smtp:bob@contoso.com"),
            person("Bob Stone", "b3@fabrikam.com", primary_email="bob@contoso.com"),
        ],
        (),
        {},
        {
            "al@contoso.com": "-; -; a1@fabrikam.com, a2@fabrikam.com; ambiguous",
            "bob@contoso.com": "-; -; b1@fabrikam.com, b2@fabrikam.com, b3@fabrikam.com; ambiguous",
        },
    ),
    (
        "several carry the mail, one of them the address",
        [person("Ann Lee", "al@contoso.com", primary_email="ann@group.com"), BOB],
        [
            person("Ann Lee", "a1@fabrikam.com", proxies="smtp:al@contoso.com+smtp:ann@group.com"),
            person("Ann Lee", "a2@fabrikam.com", proxies="smtp:ann@group.com"),
            person("Ann Lee", "a3@fabrikam.com", proxies="smtp:ann@group.com"),
        ],
        (),
        {},
        {
            "al@contoso.com": "-; -; a1@fabrikam.com, a2@fabrikam.com, a3@fabrikam.com; ambiguous",
            "bob@contoso.com": "-; -; -",
        },
    ),
    (
        "two carry the mail, and accounts without a usable address count for nothing",
        [person("Ann Lee", "al@contoso.com", primary_email="ann@group.com"), BOB],
        [
            person("Ann Lee", "a1@fabrikam.com", proxies="smtp:ann@group.com"),
            person("Ann Lee", "a2@fabrikam.com", proxies="smtp:ann@group.com"),
            person("Bob Stone", "bob@fabrikam", proxies="smtp:bob@contoso.com"),
        ],
        (),
        {},
        {"al@contoso.com": "-; -; a1@fabrikam.com, a2@fabrikam.com; ambiguous", "bob@contoso.com": "-; -; -"},
    ),
    (
        "one user found both ways is one",
        [person("Ann Lee", "al@contoso.com", primary_email="ann@group.com")],
        [person("Ann Lee", "a1@fabrikam.com", proxies="smtp:al@contoso.com", primary_email="ann@group.com")],
        (),
        {"match_on": ["mail"]},
        {"al@contoso.com": "a1@fabrikam.com; alias; -"},
    ),
    (
        "the same address in both tenants",
        [ANN, BOB, person("Cy Orr", "cy@contoso.com", primary_email="co@fabrikam.com")],
        [person("Ann Lee", "Ann.Lee@contoso.com"), person("Cy Orr", "co@fabrikam.com")],
        (),
        {},
        {
            "ann.lee@contoso.com": "Ann.Lee@contoso.com; alias; -",
            "bob@contoso.com": "-; -; -",
            "cy@contoso.com": "co@fabrikam.com; alias; -",
        },
    ),
    (
        "alias and same local part disagree: the candidates of both",
        [ANN, BOB],
        [
            ANN_THERE,
            person("Ann Lee", "lee@fabrikam.com", proxies="smtp:ann.lee@contoso.com"),
            person("Bob Stone", "bob@fabrikam.com", proxies="smtp:bob@contoso.com"),
        ],
        (),
        {},
        {
            "ann.lee@contoso.com": "-; -; ann.lee@fabrikam.com, lee@fabrikam.com; ambiguous",
            "bob@contoso.com": "bob@fabrikam.com; alias; -",
        },
    ),
    (
        "an employee id that two have",
        [
            person("Ann Lee", "al@contoso.com", employee_id="7"),
            person("Bob Stone", "bs@contoso.com", employee_id="8"),
            person("Cy Orr", "co@contoso.com", employee_id="9"),
            person("Di Poe", "dp@contoso.com"),
        ],
        [
            person("Ann Lee", "a1@fabrikam.com", employee_id="7"),
            person("Ann Lee", "a2@fabrikam.com", employee_id="7"),
            person("Bob Stone", "b1@fabrikam.com", employee_id="8"),
            person("No Id", "n1@fabrikam.com"),
            person("No Id", "n2@fabrikam.com"),
            person("Cy Orr", "c1_x.com#EXT#@fabrikam.com", employee_id="9"),
        ],
        (),
        {"match_on": ["employee-id", "mail"]},
        {
            "al@contoso.com": "-; -; -",
            "bs@contoso.com": "b1@fabrikam.com; employee-id; -",
            "co@contoso.com": "-; -; -",
            "dp@contoso.com": "-; -; -",
        },
    ),
    (
        "domains in order of preference; who is in none of them stays a candidate of several",
        [ANN, BOB, person("Cy Orr", "cy@contoso.com")],
        [
            ANN_THERE,
            person("Ann Lee", "ann.lee@a.net"),
            person("Ann Lee", "ann.lee@z.net"),
            person("Bob Stone", "bob@x.org"),
            person("Bob Stone", "bob@y.org"),
            person("Cy Orr", "cy@x.org"),
        ],
        (),
        {"destination_domain": ["z.net", "fabrikam.com", "a.net"]},
        {
            "ann.lee@contoso.com": "ann.lee@z.net; local-part; -",
            "bob@contoso.com": "-; -; bob@x.org, bob@y.org; ambiguous",
            "cy@contoso.com": "cy@x.org; local-part; -",
        },
    ),
    (
        "guests: one, two of one address, and none beside a native account",
        [ANN, BOB, person("Cy Orr", "cy@contoso.com")],
        [
            GUEST,
            person("Bob", "bob_contoso.com#EXT#@fabrikam.com"),
            person("Bob", "bob_contoso.com#EXT#@fabrikam.de"),
            person("Cy Orr", "cy_contoso.com#EXT#@fabrikam.com"),
            person("Cy Orr", "cy@fabrikam.com"),
        ],
        (),
        {},
        {
            "ann.lee@contoso.com": "ann.lee_contoso.com#EXT#@fabrikam.onmicrosoft.com; guest; -",
            "bob@contoso.com": "-; -; bob_contoso.com#EXT#@fabrikam.com, bob_contoso.com#EXT#@fabrikam.de; ambiguous",
            "cy@contoso.com": "cy@fabrikam.com; local-part; -",
        },
    ),
    (
        "a guest is no candidate where the rungs above disagree, nor for who is left out",
        [ANN, BOB],
        [
            GUEST,
            ANN_THERE,
            person("Ann Lee", "ann.lee@fabrikam.de"),
            person("Bob", "bob_contoso.com#EXT#@fabrikam.com"),
        ],
        ("b*@contoso.com,",),
        {},
        {
            "ann.lee@contoso.com": "-; -; ann.lee@fabrikam.com, ann.lee@fabrikam.de; ambiguous",
            "bob@contoso.com": "-; -; -; pattern 1; excluded by 1",
        },
    ),
    (
        "who has no usable address climbs nothing, but a line may name the text, in any case",
        [
            person("Ann Lee", "Ann.Lee@contoso", primary_email="a@group.com", employee_id="7"),
            person("Bob Stone", "Bob@contoso"),
            person("Cy Orr", "\u0421y@contoso.com"),
            person("Di Poe", None, primary_email="a@group.com", employee_id="7"),
        ],
        [
            person("Ann Lee", "ann.lee@fabrikam.com", primary_email="a@group.com", employee_id="7"),
            person("Odd", "odd@fabrikam", employee_id="7"),
        ],
        ("bOB@CONTOSO,", "\u0421y@contoso.com,", "*@*,*@fabrikam.com"),
        {"match_on": ["mail", "employee-id"]},
        {
            "Ann.Lee@contoso": "-; -; -",
            "Bob@contoso": "-; -; -; rule 1; excluded by 1",
            "\u0421y@contoso.com": "-; -; -; rule 2; excluded by 2",
            None: "-; -; -",
        },
    ),
]


@pytest.mark.parametrize(
    ("source", "destination", "rules", "options", "expected"),
    [case[1:] for case in CLIMBS],
    ids=[case[0] for case in CLIMBS],
)
def test_climbing(
    source: list[Row],
    destination: list[Row] | None,
    rules: tuple[str, ...],
    options: dict[str, Any],
    expected: dict[str | None, str],
) -> None:
    """Destination, rung and candidates, and which line decided."""
    assert climbed(merger(source, destination, *rules, **options)) == expected


def test_fifty_candidates_are_listed() -> None:
    """And more make the user no less ambiguous."""
    there = [person("Ann Lee", f"ann.lee@d{n:02}.com") for n in range(MOST_CANDIDATES + 2)]
    rows = [merger([ANN], there[:number]).facts.frame.row(0, named=True) for number in (49, 50, 51, 52)]
    assert [row["candidates"] for row in rows] == [[f"ann.lee@d{n:02}.com" for n in range(k)] for k in (49, 50, 50, 50)]
    assert all(row["ambiguous"] for row in rows)


def test_fifty_candidates_of_several_rungs_are_listed() -> None:
    """Thirty carry the address, thirty others have the local part."""
    carry = [person("Ann Lee", f"x{n:02}@fabrikam.com", proxies="smtp:ann.lee@contoso.com") for n in range(30)]
    alike = [person("Ann Lee", f"ann.lee@d{n:02}.com") for n in range(30)]
    row = merger([ANN], [*carry, *alike]).facts.frame.row(0, named=True)
    expected = [*(f"ann.lee@d{n:02}.com" for n in range(30)), *(f"x{n:02}@fabrikam.com" for n in range(20))]
    assert row["candidates"] == expected


def test_pairs_have_one_schema() -> None:
    """With and without users, rules and destinations."""
    for result in (merger([ANN], [ANN_THERE]), merger([ANN], None), merger([ANN], [], "ann.lee@contoso.com,a@x.com")):
        pairs = match(result.sides.source, result.sides.destination, result.rules)
        assert pairs.schema == pl.Schema(PAIRS)
        assert match(result.sides.source.clear(), result.sides.destination, result.rules).schema == pl.Schema(PAIRS)
        assert pairs.height == 1
        assert pairs.select(pl.col(pl.Boolean).null_count()).row(0) == (0, 0, 0)


def test_a_decision_of_the_review_workbook_counts_as_a_note() -> None:
    """It was meant, too."""
    result = merger([ANN, BOB], [ANN_THERE], "ann.lee@contoso.com,ann.lee@fabrikam.com", "bob@contoso.com,")
    for decided in (False, True):
        rules = replace(result.rules, frame=result.rules.frame.with_columns(decided=pl.lit(decided)))
        assert match(result.sides.source, result.sides.destination, rules)["noted"].to_list() == [decided, decided]
