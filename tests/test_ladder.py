"""The ladder, rung by rung: small mergers with the whole answer."""

from __future__ import annotations

from typing import Any

import pytest
from small import Row, merger, person, told

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
        {"ann.lee@contoso.com": "held ann.lee@fabrikam.de pattern P311"},
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
        {"ann.lee@contoso.com": "held ann.lee@fabrikam.com local-part P311"},
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
        "where every namesake is claimed, nothing is held",
        [person("John Smith", "john.smith@contoso.com"), person("John Smith", "john.smith2@contoso.com")],
        [person("John Smith", "john.smith@fabrikam.com"), person("Smith, John", "john.smith2@fabrikam.com")],
        (),
        {},
        {
            "john.smith@contoso.com": "mapped john.smith@fabrikam.com local-part -",
            "john.smith2@contoso.com": "mapped john.smith2@fabrikam.com local-part -",
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
