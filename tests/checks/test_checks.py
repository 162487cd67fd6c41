"""The checks, one by one: whom each is about, where it points to, how bad it is and what it says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from small import Row, frame, merger, person, rule_table, told

import t2t_mapping as t2t
from t2t_mapping import findings as fnd
from t2t_mapping.catalogue import CATALOGUE
from t2t_mapping.checks import CHECKS, Answer, Facts, Skipped, facts, swapped_sides, tenant_words
from t2t_mapping.matching.ladder import match
from t2t_mapping.rules.table import RuleTable
from t2t_mapping.run.generation import generate
from t2t_mapping.schema import FAULT_WORDS

ANN, BOB = person("Ann Lee", "ann@contoso.com"), person("Bob Roe", "bob@contoso.com")
ANN_THERE, BOB_THERE = person("Ann Lee", "ann@fabrikam.com"), person("Bob Roe", "bob@fabrikam.com")
CY, CY_THERE = person("Cy Orr", "cy@contoso.com"), person("Cy Orr", "cy@fabrikam.com")
ADMIN: Row = {"Access Mode": "Administrative"}
NOBODY = " (nobody in the source exports has one: was the column of licences asked for?)"
GUID = "0f8fad5b-d9cb-469f-a165-70867728950e"


def said(found: pl.DataFrame, code: str) -> list[str]:
    """The findings of one code: severity, side, row, user and message."""
    return [
        f"{row['severity']} {row['side']} {row['row']} {row['upn'] or '-'}: {row['message']}"
        for row in found.filter(pl.col("code") == code).iter_rows(named=True)
    ]


def rendered(answer: Answer) -> pl.DataFrame:
    """What one check gave, in words."""
    assert not isinstance(answer, Skipped)
    return fnd.render(answer)


Case = tuple[str, list[Row], list[Row] | None, tuple[str, ...], dict[str, Any], list[str]]
CASES: list[Case] = [
    (
        "I106",
        [ANN, person("Kim", "\u212aim@contoso.com"), person("Bo", "bo@contoso")],
        [ANN_THERE, person("Odd", "o dd@fabrikam.com")],
        (),
        {},
        [
            "error source 3 bo@contoso: bo@contoso is not valid: there is no dot in the part after the @.",
            "error source 2 \u212aim@contoso.com: \u212aim@contoso.com is not an address: character 1 is U+212A "
            "KELVIN SIGN.",
            "warning destination 2 o dd@fabrikam.com: o dd@fabrikam.com is not an address: character 2 is a blank (U+0020 "
            "SPACE).",
        ],
    ),
    (
        "I107",
        [ANN, person("Cy Orr", None), person(None, " ", employee_id="7")],
        [ANN_THERE, person("Nobody", None)],
        (),
        {},
        [
            "error source 2 -: The row has no user principal name (name: Cy Orr).",
            "error source 3 -: The row has no user principal name (name: none).",
        ],
    ),
    (
        "U201",
        [BOB, ANN | {"Status": "Disabled"}],
        [ANN_THERE],
        (),
        {},
        ["error source 2 ann@contoso.com: ann@contoso.com is disabled at the source."],
    ),
    (
        "U202",
        [
            ANN | {"User Licensed": "No"},
            BOB | ADMIN | {"User Licensed": "No"},
            CY | {"User Licensed": "No", "Access Mode": "Non-interactive"},
        ],
        [ANN_THERE],
        (),
        {"include_admins": True},
        [
            f"error source 1 ann@contoso.com: ann@contoso.com has no licence at the source{NOBODY}.",
            f"warning source 3 cy@contoso.com: cy@contoso.com has no licence at the source{NOBODY}.",
            f"info source 2 bob@contoso.com: bob@contoso.com has no licence at the source{NOBODY}.",
        ],
    ),
    (
        "U203",
        [
            ANN,
            person("# Portal", "p@contoso.com"),
            person("# Other", None),
            person("SYSTEM", None),
            person("Bo", "b@contoso.com", access_mode="Support User"),
            person(None, None, application_id=GUID),
        ],
        [ANN_THERE],
        (),
        {},
        [
            "info source 3 # Other: # Other is not a person: its name begins with “# ”, as those of application users do.",
            "info source 6 (no name): (no name) is not a person: it has an application id.",
            "info source 4 SYSTEM: SYSTEM is not a person: a user of the service itself.",
            "info source 5 b@contoso.com: b@contoso.com is not a person: access mode Support User.",
            "info source 2 p@contoso.com: p@contoso.com is not a person: its name begins with “# ”, as those of "
            "application users do.",
        ],
    ),
    (
        "U204",
        [ANN | {"Access Mode": "Non-interactive"}, BOB | {"Access Mode": "Read"}, CY],
        [ANN_THERE],
        (),
        {},
        ["warning source 1 ann@contoso.com: ann@contoso.com is a non-interactive account."],
    ),
    (
        "U205",
        [ANN, person("Kim", "\u212aim@contoso.com"), person("Bo", "Bo@Contoso"), person("No", None)],
        [ANN_THERE],
        (
            "*@contoso.net,",
            "eve@contoso.com,ann@fabrikam.com",
            "EVE@contoso.com,ann@fabrikam.com",
            "ann@contoso.com,ann@fabrikam.com",
            "BO@contoso,",
            "\u212aim@contoso.com,",
        ),
        {},
        ["warning rules 2 eve@contoso.com: eve@contoso.com is named here, but no source export lists this user."],
    ),
    (
        "U206",
        [ANN | {"Azure State": "Soft deleted"}, BOB | {"Azure State": "Exists"}],
        [ANN_THERE],
        (),
        {},
        ["error source 1 ann@contoso.com: ann@contoso.com is deleted at the source (Azure state: soft deleted)."],
    ),
    (
        "U207",
        [
            person("Ann", f"{GUID}@contoso.com"),
            person("Ann", f"x{GUID}@contoso.com"),
            person("Ann", f"{GUID}0@contoso.com"),
            person("SYSTEM", "s@contoso.com"),
            person("INTEGRATION", "i@contoso.com"),
            person("#Bot", "b@contoso.com"),
            person("Ann #", "a@contoso.com"),
            person("System", "t@contoso.com"),
            person("#Left out", "l@contoso.com"),
        ],
        [ANN_THERE],
        ("s@contoso.com,ann@fabrikam.com", "l@contoso.com,"),
        {},
        [
            f"error source 1 {GUID}@contoso.com: {GUID}@contoso.com looks like an application or system account: the part "
            "before the @ is an identifier.",
            "error source 6 b@contoso.com: b@contoso.com looks like an application or system account: its name begins "
            "with #, as those of application users do.",
            "error source 5 i@contoso.com: i@contoso.com looks like an application or system account: users of the "
            "service itself are called so.",
            "error source 8 t@contoso.com: t@contoso.com looks like an application or system account: it is called after what it "
            "does, not after a person: System.",
            "warning source 4 s@contoso.com: s@contoso.com looks like an application or system account: users of the "
            "service itself are called so.",
        ],
    ),
    (
        "U207",  # rooms, desks and programs; not people who are called so, nor accounts that are known to be non-interactive
        [
            *(
                person(name, f"f{n}@contoso.com")
                for n, name in enumerate(
                    (
                        "Service Desk",
                        "CRM Admin",
                        "Meeting Room Berlin",
                        "Test User 1",
                        "Integration User",
                        "Info",
                        "Reception",
                    )
                )
            ),
            person("Mark Room", "mark@contoso.com"),
            person("Ann Lee Admin", "ann@contoso.com"),
            person("Scanner", "scan@contoso.com", access_mode="Non-interactive"),
        ],
        [ANN_THERE],
        (),
        {},
        [
            f"error source {n + 1} f{n}@contoso.com: f{n}@contoso.com looks like an application or system account: it is called "
            f"after what it does, not after a person: {name}."
            for n, name in enumerate(
                (
                    "Service Desk",
                    "CRM Admin",
                    "Meeting Room Berlin",
                    "Test User 1",
                    "Integration User",
                    "Info",
                    "Reception",
                )
            )
        ],
    ),
    (
        "U207",
        [
            person("Ann", f"{name}@x.com")
            for name in (
                "crmoln crmoln2 bap_sa capaeinfra diofficedata pacheckerapp provisionapp enterprisesurveyappuser bap".split()
            )
        ],
        [ANN_THERE],
        (),
        {},
        [
            f"error source {row} {name}@x.com: {name}@x.com looks like an application or system account: "
            "system accounts of the service are called so."
            for row, name in (
                (3, "bap_sa"),
                (4, "capaeinfra"),
                (2, "crmoln2"),
                (1, "crmoln"),
                (5, "diofficedata"),
                (8, "enterprisesurveyappuser"),
                (6, "pacheckerapp"),
                (7, "provisionapp"),
            )
        ],
    ),
    (
        "U211",
        [
            ANN,
            BOB,
            CY,
            person("Di Poe", "di@contoso.com"),
            person("Ed", "ed@contoso.com"),
            person(None, "fy@contoso.com"),
            person("Odd", "odd@contoso"),
            person("Gus Ito", "gus@contoso.com"),
            person("Ida Poe", "ida@contoso.com"),
        ],
        [
            ANN_THERE,
            CY_THERE | {"Azure State": "Soft deleted"},
            person("Gus Ito", "gus@fabrikam.com"),
            person("Gus Ito", "gus@fabrikam.de"),
        ],
        (
            "di@contoso.com,no@fabrikam.com",
            "ida@contoso.com,",
            "e*@contoso.com,{first}.{last}@fabrikam.com",
            "f*@contoso.com,{f}{last}@fabrikam.com",
        ),
        {},
        [
            "error source 2 bob@contoso.com: bob@contoso.com was not found in the destination: searched for "
            "the same address, alias and name before the @.",
            "error destination 2 cy@contoso.com: cy@contoso.com was not found in the destination: cy@fabrikam.com is deleted "
            "(Azure state: soft deleted).",
            "error source 4 di@contoso.com: di@contoso.com was not found in the destination: no destination export lists no@fabrikam.com.",
            "error source 5 ed@contoso.com: ed@contoso.com was not found in the destination: the rule's template needs a full name of two "
            "words, this one is Ed.",
            "error source 6 fy@contoso.com: fy@contoso.com was not found in the destination: the rule's template needs a full name of two "
            "words, this one is empty.",
        ],
    ),
    (
        "U211",
        [ANN, BOB],
        None,
        ("bob@contoso.com,b@fabrikam.com",),
        {},
        [
            "error source 1 ann@contoso.com: ann@contoso.com was not found in the destination: there is no destination export, and no "
            "rule names a destination."
        ],
    ),
    (
        "U212",
        [ANN, BOB, CY],
        [BOB_THERE, ANN_THERE | {"Status": "Disabled"}, CY_THERE | {"Status": None}],
        (),
        {},
        ["error destination 2 ann@contoso.com: ann@contoso.com: the destination account ann@fabrikam.com is disabled."],
    ),
    (
        "U213",
        [ANN, BOB],
        [BOB_THERE, ANN_THERE | {"User Licensed": "No"}],
        (),
        {},
        [
            "error destination 2 ann@contoso.com: ann@contoso.com: the destination account ann@fabrikam.com has no licence."
        ],
    ),
    (
        "U216",
        [ANN, BOB, CY],
        [
            BOB_THERE,
            person("Ann Lee", "ann_contoso.com#EXT#@fabrikam.onmicrosoft.com"),
            person("Cy Orr", "cy_contoso.com#EXT#@fabrikam.onmicrosoft.com"),
        ],
        ("cy@contoso.com,cy_contoso.com#EXT#@fabrikam.onmicrosoft.com",),
        {},
        [
            "error destination 2 ann@contoso.com: ann@contoso.com: the destination account ann_contoso.com#EXT#@fabrikam.onmicrosoft.com is a guest.",
            "warning destination 3 cy@contoso.com: cy@contoso.com: the destination account "
            "cy_contoso.com#EXT#@fabrikam.onmicrosoft.com is a guest.",
        ],
    ),
    (
        "U217",
        [ANN, BOB, CY, person("Di Poe", "di@contoso.com")],
        [
            ANN_THERE | {"Licenses": "Microsoft 365 E3"},
            BOB_THERE | {"Licenses": "Dynamics 365 For Sales Professional"},
            CY_THERE | {"Licenses": "+".join(["Microsoft 365 E3"] * 14)},
            person("Di Poe", "di@fabrikam.com", licences="Unlicensed", user_licensed="Yes"),  # U213
        ],
        (),
        {},
        [
            "warning destination 1 ann@contoso.com: ann@contoso.com: the destination account ann@fabrikam.com has no licence for "
            "Dataverse (Microsoft 365 E3).",
            "warning destination 3 cy@contoso.com: cy@contoso.com: the destination account cy@fabrikam.com has no licence for "
            f"Dataverse ({'+'.join(['Microsoft 365 E3'] * 14)[:200]}).",
        ],
    ),
    (
        "U217",  # who has no licence at all is told so by U213
        [ANN],
        [ANN_THERE | {"Licenses": "Microsoft 365 E3", "User Licensed": "No"}],
        (),
        {},
        [],
    ),
    (
        "U218",
        [ANN, BOB, CY],
        [BOB_THERE, ANN_THERE | {"Application ID": GUID}, CY_THERE | {"Access Mode": "Support User"}],
        (),
        {},
        [
            "error destination 2 ann@contoso.com: ann@contoso.com: the destination account ann@fabrikam.com is not a person: it has an application "
            "id.",
            "error destination 3 cy@contoso.com: cy@contoso.com: the destination account cy@fabrikam.com is not a person: access mode Support User.",
        ],
    ),
    (
        "P301",
        [ANN, BOB],
        [BOB_THERE, person("Ann Lee", "ann@fabrikam.de"), ANN_THERE],
        (),
        {},
        [
            "error source 1 ann@contoso.com: ann@contoso.com has several possible destinations: ann@fabrikam.com, "
            "ann@fabrikam.de."
        ],
    ),
    (
        "P302",  # at most ten are named; whoever contradicts or is left out makes no claim
        [
            *(person("Ann Lee", f"ann@c{n:02}.com") for n in range(11, -1, -1)),
            person("Dan Poe", "ann@contoso.de"),
            person("Ann Lee", "ann@contoso.net", access_mode="Administrative"),
            BOB,
        ],
        [BOB_THERE, ANN_THERE],
        (),
        {},
        [
            f"error source {12 - n} ann@c{n:02}.com: ann@fabrikam.com would be the destination of several source users: "
            f"{', '.join(f'ann@c{other:02}.com' for other in range(10))}."
            for n in range(12)
        ],
    ),
    (
        "P302",
        [ANN, person("Ann Lee", "ann@contoso.de", access_mode="Administrative"), person("Dan Poe", "ann@contoso.net")],
        [ANN_THERE],
        (),
        {},
        [],
    ),
    (
        "P302",
        [ANN, BOB, CY],
        None,
        ("ann@contoso.com,x@fabrikam.com", "bob@contoso.com,X@fabrikam.com", "cy@contoso.com,y@fabrikam.com"),
        {},
        [
            "error source 1 ann@contoso.com: x@fabrikam.com would be the destination of several source users: "
            "ann@contoso.com, bob@contoso.com.",
            "error source 2 bob@contoso.com: X@fabrikam.com would be the destination of several source users: "
            "ann@contoso.com, bob@contoso.com.",
        ],
    ),
    (
        "P303",
        [ANN, BOB, CY],
        [
            ANN_THERE | {"Full Name": "Dan Lee"},
            BOB_THERE | {"Full Name": "Eve Roe"},
            CY_THERE | {"Full Name": "Flo Orr"},
        ],
        ("bob@contoso.com,bob@fabrikam.com,meant", "cy@contoso.com,cy@fabrikam.com"),
        {},
        [
            "error source 1 ann@contoso.com: The names contradict each other: Ann Lee at the source, Dan Lee at the "
            "destination (ann@fabrikam.com).",
            "error source 3 cy@contoso.com: The names contradict each other: Cy Orr at the source, Flo Orr at the "
            "destination (cy@fabrikam.com).",
            "info source 2 bob@contoso.com: The names contradict each other: Bob Roe at the source, Eve Roe at the "
            "destination (bob@fabrikam.com). Decided: meant.",
        ],
    ),
    (
        "P303",  # every listed name of both sides counts, and five further ones are told
        [ANN, BOB, *(person(f"Ann Lee {n}", "ann@contoso.com") for n in "123456")],
        [ANN_THERE, BOB_THERE, person("Eve Poe", "bob@fabrikam.com"), person("Bob Roe", "BOB@fabrikam.com")],
        (),
        {},
        [
            "error source 2 bob@contoso.com: The names contradict each other: Bob Roe at the source, Bob Roe / Eve Poe at "
            "the destination (BOB@fabrikam.com).",
        ],
    ),
    (
        "P304",
        [ANN, BOB, person("Cy Orr", "c@contoso.com")],
        [
            ANN_THERE | {"Full Name": "Ann Roe"},
            BOB_THERE | {"Full Name": "Bob Poe"},
            person("Cy Poe", "cy@fabrikam.com", proxies="smtp:c@contoso.com"),
        ],
        ("bob@contoso.com,bob@fabrikam.com",),
        {},
        [
            "error source 1 ann@contoso.com: The names agree only in part: Ann Lee at the source, Ann Roe at the "
            "destination (ann@fabrikam.com).",
            "warning source 2 bob@contoso.com: The names agree only in part: Bob Roe at the source, Bob Poe at the "
            "destination (bob@fabrikam.com).",
            "warning source 3 c@contoso.com: The names agree only in part: Cy Orr at the source, Cy Poe at the destination "
            "(cy@fabrikam.com).",
        ],
    ),
    (
        "P304",
        [*(person(f"Ann Lee {name}", "ann@contoso.com") for name in "Ax Bx Cx Dx Ex Fx Gx".split())],
        [ANN_THERE],
        ("ann@contoso.com,ann@fabrikam.com",),
        {},
        [
            "warning source 1 ann@contoso.com: The names agree only in part: Ann Lee Ax / Ann Lee Bx / Ann Lee Cx / Ann "
            "Lee Dx / Ann Lee Ex / Ann Lee Fx at the source, Ann Lee at the destination (ann@fabrikam.com)."
        ],
    ),
    (
        "P304",  # a tenant's own name in brackets is no part of a name
        [ANN | {"Full Name": "Ann Lee (Contoso)"}, BOB | {"Full Name": "Bob Roe (Tailspin)"}],
        [ANN_THERE, BOB_THERE],
        (),
        {},
        [
            "error source 2 bob@contoso.com: The names agree only in part: Bob Roe (Tailspin) at the source, Bob Roe at the "
            "destination (bob@fabrikam.com)."
        ],
    ),
    (
        "P305",
        [
            ANN,
            BOB | {"Full Name": None},
            person("Cy Orr", "c@contoso.com", employee_id="7"),
            person("Di Poe", "di@contoso.com"),
            person("Ed Low", "ed@contoso.com"),
            person("Flo Kay", "flo@contoso.com"),
        ],
        [
            ANN_THERE | {"Full Name": None},
            BOB_THERE,
            person(None, "cy@fabrikam.com", employee_id="7"),
            person(None, "d@fabrikam.com"),
            person(None, "e@fabrikam.com", proxies="smtp:ed@contoso.com"),
            person(None, "f@fabrikam.com"),
        ],
        ("d*@contoso.com,d@fabrikam.com", "flo@contoso.com,f@fabrikam.com"),
        {"match_on": ["employee-id"]},
        [
            "error source 1 ann@contoso.com: The names cannot be compared: Ann Lee at the source, no name at the "
            "destination (ann@fabrikam.com).",
            "error source 2 bob@contoso.com: The names cannot be compared: no name at the source, Bob Roe at the "
            "destination (bob@fabrikam.com).",
            "error source 3 c@contoso.com: The names cannot be compared: Cy Orr at the source, no name at the destination "
            "(cy@fabrikam.com).",
            "error source 4 di@contoso.com: The names cannot be compared: Di Poe at the source, no name at the destination "
            "(d@fabrikam.com).",
            "error source 5 ed@contoso.com: The names cannot be compared: Ed Low at the source, no name at the destination "
            "(e@fabrikam.com).",
            "info source 6 flo@contoso.com: The names cannot be compared: Flo Kay at the source, no name at the destination "
            "(f@fabrikam.com).",
        ],
    ),
    (
        "P307",
        [ANN, BOB, CY],
        [person("Ann Lee", "ANN@contoso.com"), BOB_THERE],
        (),
        {},
        ["error source 1 ann@contoso.com: Source and destination are the same address: ANN@contoso.com."],
    ),
    (
        "P309",
        [
            ANN | ADMIN,
            BOB | ADMIN,
            person("Cy Orr", None, access_mode="Administrative"),
            person("Di", "di@x.com") | ADMIN,
        ],
        [ANN_THERE, BOB_THERE],
        ("bob@contoso.com,bob@fabrikam.com", "di@x.com,"),
        {},
        [
            "info source 3 Cy Orr: Cy Orr is an administrator and is left out.",
            "info source 1 ann@contoso.com: ann@contoso.com is an administrator and is left out.",
        ],
    ),
    (
        "P310",  # one user with a default domain tells the cloud of all
        [person("Ann Lee", "ann@contoso.onmicrosoft.us"), BOB],
        [ANN_THERE, person("Bob Roe", "bob@fabrikam.onmicrosoft.com")],
        (),
        {},
        [
            "error source 1 ann@contoso.onmicrosoft.us: ann@contoso.onmicrosoft.us is in the US government cloud, the "
            "destination ann@fabrikam.com in the public cloud.",
            "error source 2 bob@contoso.com: bob@contoso.com is in the US government cloud, the destination "
            "bob@fabrikam.onmicrosoft.com in the public cloud.",
        ],
    ),
    (
        "P310",  # unless two clouds are told of, or the account belongs to the service
        [person("Ann Lee", "ann@contoso.onmicrosoft.us"), BOB, person("Cy", "cy@contoso.onmicrosoft.com")],
        [
            ANN_THERE,
            person("Bob Roe", "bob@fabrikam.onmicrosoft.com"),
            person("Sys", "s@x.onmschina.cn", access_mode="3"),
        ],
        (),
        {},
        [
            "error source 1 ann@contoso.onmicrosoft.us: ann@contoso.onmicrosoft.us is in the US government cloud, the "
            "destination ann@fabrikam.com in the public cloud.",
        ],
    ),
    (
        "P310",  # one side alone says nothing
        [person("Ann Lee", "ann@contoso.onmicrosoft.us"), BOB],
        [ANN_THERE, BOB_THERE],
        (),
        {},
        [],
    ),
    (
        "P311",  # of people whom nobody claims; not of guests, applications and accounts without a usable address
        [ANN, BOB],
        [
            ANN_THERE,
            BOB_THERE,
            person("Lee, Ann", "ann.lee@fabrikam.com"),
            person("Ann Lee", "al@fabrikam.com", access_mode="Non-interactive"),
            person("Ann Lee", "al@fabrikam"),
            person("Ann Lee", "x_y.com#EXT#@fabrikam.com"),
            person("Ann Lee", "app@fabrikam.com", application_id=GUID),
            person(None, "no.name@fabrikam.com"),
        ],
        (),
        {},
        [
            "error source 1 ann@contoso.com: ann@fabrikam.com may be the account of another person: "
            "no source user claims al@fabrikam.com, ann.lee@fabrikam.com, of the same name."
        ],
    ),
    (
        "P311",  # on the rung of patterns, too
        [person("Ann Lee", "x1@contoso.com")],
        [ANN_THERE, person("Ann Lee", "al@fabrikam.com")],
        ("x*@contoso.com,ann@fabrikam.com",),
        {},
        [
            "error source 1 x1@contoso.com: ann@fabrikam.com may be the account of another person: "
            "no source user claims al@fabrikam.com, of the same name."
        ],
    ),
    (
        "P311",  # five of them are told
        [ANN],
        [ANN_THERE, *(person("Ann Lee", f"a{n}@fabrikam.com") for n in range(6, -1, -1))],
        (),
        {},
        [
            "error source 1 ann@contoso.com: ann@fabrikam.com may be the account of another person: "
            "no source user claims a0@fabrikam.com, a1@fabrikam.com, a2@fabrikam.com, a3@fabrikam.com, a4@fabrikam.com, of the same name."
        ],
    ),
    (
        "P311",  # the name at either side counts
        [ANN | {"Full Name": "Ann Marie Lee"}, BOB],
        [
            ANN_THERE,
            person("Bob Aa Roe", "bob@fabrikam.com"),
            person("Ann Marie Lee", "aml@fabrikam.com"),
            person("Bob Aa Roe", "br@fabrikam.com"),
        ],
        (),
        {},
        [
            "error source 1 ann@contoso.com: ann@fabrikam.com may be the account of another person: "
            "no source user claims aml@fabrikam.com, of the same name.",
            "error source 2 bob@contoso.com: bob@fabrikam.com may be the account of another person: "
            "no source user claims br@fabrikam.com, of the same name.",
        ],
    ),
    (
        "P311",  # not on the other rungs, nor where the names contradict anyway; who is left out claims all the same
        [person("Ann Lee", "a@contoso.com"), BOB, CY, person("Cy Orr", "root@contoso.com") | ADMIN],
        [
            ANN_THERE,
            person("Ann Lee", "ann.lee@fabrikam.com"),
            person("Eve Roe", "bob@fabrikam.com"),
            person("Bob Roe", "br@fabrikam.com"),
            CY_THERE,
            person("Cy Orr", "root@fabrikam.com"),
        ],
        ("a@contoso.com,ann@fabrikam.com",),
        {},
        [],
    ),
    (
        "P311",  # on the rung of aliases, where the name is doubtful
        [ANN],
        [
            person("Ann Stone", "as@fabrikam.com", proxies="smtp:ann@contoso.com"),
            person("Ann Lee", "al@fabrikam.com"),
        ],
        (),
        {},
        [
            "error source 1 ann@contoso.com: as@fabrikam.com may be the account of another person: "
            "no source user claims al@fabrikam.com, of the same name."
        ],
    ),
    (
        "P315",  # two on both sides; and another source user of that name has no account
        [ANN, person("Ann Lee", "ann2@contoso.com"), BOB, person("Bob B. Roe", "roe@contoso.com")],
        [ANN_THERE, person("Lee, Ann", "ann2@fabrikam.com"), BOB_THERE],
        (),
        {},
        [
            "error source 2 ann2@contoso.com: Whether ann2@fabrikam.com is the account of this user cannot be told "
            "by names: another source user of that name is ann@contoso.com, another account of that name is ann@fabrikam.com.",
            "error source 1 ann@contoso.com: Whether ann@fabrikam.com is the account of this user cannot be told "
            "by names: another source user of that name is ann2@contoso.com, another account of that name is ann2@fabrikam.com.",
            "error source 3 bob@contoso.com: Whether bob@fabrikam.com is the account of this user cannot be told "
            "by names: another source user of that name is roe@contoso.com.",
        ],
    ),
    (
        "P311",  # a tenant's own name in brackets is no part of the name
        [ANN],
        [ANN_THERE, person("Ann Lee (Contoso)", "al@fabrikam.com"), person("Ann Lee (Fabrikam)", "al2@fabrikam.com")],
        (),
        {},
        [
            "error source 1 ann@contoso.com: ann@fabrikam.com may be the account of another person: "
            "no source user claims al2@fabrikam.com, al@fabrikam.com, of the same name."
        ],
    ),
    (
        "P311",  # and all these are one name
        [person("Jörg Müller", "jm@contoso.com")],
        [
            person("Jörg Müller", "jm@fabrikam.com"),
            person("Joerg Mueller", "a@fabrikam.com"),
            person("Jorg Muller", "b@fabrikam.com"),
            person("Müller, Jörg", "c@fabrikam.com"),
        ],
        (),
        {},
        [
            "error source 1 jm@contoso.com: jm@fabrikam.com may be the account of another person: "
            "no source user claims a@fabrikam.com, b@fabrikam.com, c@fabrikam.com, of the same name."
        ],
    ),
    (
        "R402",
        [ANN, BOB],
        [ANN_THERE],
        ("*@contoso.net,*@fabrikam.net", "eve@contoso.com,", "a*@contoso.com,a*@fabrikam.com", "x*@contoso.com,"),
        {},
        [
            "warning rules 1 -: The rule *@contoso.net,*@fabrikam.net matches no source user.",
            "warning rules 2 -: The rule eve@contoso.com, matches no source user.",
            "warning rules 4 -: The rule x*@contoso.com, matches no source user.",
        ],
    ),
    (
        "R404",
        [ANN, person("Bob Roe", "bob@x.com")],
        [ANN_THERE],
        (
            "ann@contoso.com,ann@fabrikam.com",
            "ANN@contoso.com,ann@fabrikam.com,again",
            "*@contoso.com,*@fabrikam.com",
            "a*@contoso.com,",
            "*@contoso.net,",
            "*@contoso.net,",
        ),
        {},
        [
            f"warning rules {line} -: The rule {rule} has no effect: earlier lines, or lines that name the user, decide for everybody it matches."
            for line, rule in (
                (2, "ANN@contoso.com,ann@fabrikam.com"),
                (3, "*@contoso.com,*@fabrikam.com"),
                (4, "a*@contoso.com,"),
            )
        ],
    ),
]


@pytest.mark.parametrize(
    ("code", "source", "destination", "rules", "options", "expected"),
    CASES,
    ids=[f"{case[0]}-{number}" for number, case in enumerate(CASES)],
)
def test_a_check(
    code: str,
    source: list[Row],
    destination: list[Row] | None,
    rules: tuple[str, ...],
    options: dict[str, Any],
    expected: list[str],
) -> None:
    """Exactly these findings; the check alone gives no other code."""
    result = merger(source, destination, *rules, **options)
    assert code not in result.skipped
    assert said(result.findings, code) == expected
    assert set(rendered(CHECKS[code](result.facts))["code"].unique()) <= {code}


def test_each_check_gives_its_own_code() -> None:
    """Under which it is also reported as skipped."""
    assert set(CHECKS) == {
        *(code for code in CATALOGUE if code[0] in "UP" and code not in ("P312", "P313")),
        *("I106", "I107", "I116", "R402", "R404", "R405", "R406"),
    }


def test_the_domain_of_a_destination() -> None:
    """Listed or only named by a rule, it is checked where domains are given."""
    rule = "bob@contoso.com,b@fabrikam.de"
    domains: dict[str, Any] = {"destination_domain": ["fabrikam.com", "fabrikam.net"]}
    listed = merger([ANN, BOB], [ANN_THERE, person("Bob Roe", "b@fabrikam.de")], rule, **domains)
    named = merger([ANN, BOB], [ANN_THERE], rule, **domains)
    unverified = merger([BOB], None, rule, **domains)
    message = "bob@contoso.com: the destination account b@fabrikam.de is not in an expected domain (fabrikam.com, fabrikam.net)."
    for result in (listed, named, unverified):
        found = result.findings.filter(pl.col("code") == "P308")
        assert found.select("severity", "side", "upn", "message").rows() == [
            ("warning", "destination", "bob@contoso.com", message)
        ]


def test_no_destination_export() -> None:
    """Everybody with a destination is told of, once."""
    result = merger([ANN, BOB], None, "bob@contoso.com,b@fabrikam.com")
    found = result.findings.filter(pl.col("code") == "P306")
    assert found.select("severity", "side", "upn", "message").rows() == [
        (
            "error",
            "destination",
            "bob@contoso.com",
            "bob@contoso.com: the destination account b@fabrikam.com was not checked, because there is no export of the destination.",
        )
    ]


def test_unknown_status_and_licence() -> None:
    """A directory that does not say so leaves both unknown; each is told of where it is unknown."""
    result = generate(
        source_full=frame([ANN, BOB, CY]),
        destination_directory=frame(
            [ANN_THERE | {"Status": None}, BOB_THERE | {"User Licensed": None}, CY_THERE],
        ),
    )
    assert said(result.findings, "U214") == [
        "warning destination 2 bob@contoso.com: Whether the destination bob@fabrikam.com has a licence is not known: no export says so."
    ]
    assert said(result.findings, "U215") == [
        "warning destination 1 ann@contoso.com: Whether the destination ann@fabrikam.com is enabled is not known: no export says so."
    ]


def test_findings_about_a_destination_point_to_its_row() -> None:
    """File, sheet and row are those of the export that lists the destination."""
    result = merger([ANN], [ANN_THERE | {"Status": "Disabled", "User Licensed": "No", "Azure State": "Soft deleted"}])
    there = result.facts.frame.with_columns(
        d_file=pl.lit("there.xlsx"), d_sheet=pl.lit("Users"), d_row=pl.lit(7, dtype=pl.UInt32)
    )
    for code in ("U211", "U212", "U213"):
        found = rendered(CHECKS[code](replace(result.facts, frame=there)))
        assert found.select("code", "file", "sheet", "row").rows() == [(code, "there.xlsx", "Users", 7)]


def test_what_a_cell_holds_instead_of_an_address() -> None:
    """A fault that the reader found is told in its words, with the value or without one."""
    given = merger([ANN, BOB, CY], [ANN_THERE]).facts
    for fault, words in {**FAULT_WORDS, "other": "something that is not plain text"}.items():
        broken = given.frame.with_columns(
            fault=pl.Series([fault, fault, None], dtype=pl.String),
            upn=pl.Series(["ann@contoso.com", None, "cy@contoso.com"]),
            upn_key=pl.Series([None, None, "cy@contoso.com"], dtype=pl.String),
        )
        said_of = rendered(CHECKS["I106"](replace(given, frame=broken)))["message"].to_list()
        assert said_of == [f"The cell of the user principal name holds {words}, not a plain address."] * 2
        assert rendered(CHECKS["I107"](replace(given, frame=broken))).is_empty()


def test_a_thousand_faults_are_told_in_detail() -> None:
    """More than that have one cause, and each is told all the same."""
    result = merger([person("Ann Lee", f"ann{n:04}@contoso") for n in range(1_001)], [ANN_THERE])
    messages = result.findings.filter(pl.col("code") == "I106")["message"]
    assert messages.len() == 1_001
    assert messages.str.ends_with("is not valid: there is no dot in the part after the @.").sum() == 1_000
    assert messages.eq("This is not a user principal name.").sum() == 1


@pytest.mark.parametrize(
    ("code", "source", "destination", "reason"),
    [
        ("U204", [ANN], [ANN_THERE], "no source export has the column Access Mode"),
        ("U217", [ANN], [ANN_THERE], "no destination export names the licences"),
        ("P308", [ANN], [ANN_THERE], "no --destination-domain was given"),
        ("P310", [ANN, BOB], [ANN_THERE], "no address has a default domain, and no export tells its cloud"),
        ("P311", [ANN], [person(None, "ann@fabrikam.com")], "no destination export has the column Full Name"),
    ],
)
def test_a_check_that_could_not_run(code: str, source: list[Row], destination: list[Row], reason: str) -> None:
    """Says why; it is neither passed nor failed."""
    result = merger(source, destination)
    assert result.skipped[code] == reason
    assert result.findings.filter(pl.col("code") == code).is_empty()
    assert CHECKS[code](result.facts) == Skipped(reason)


@pytest.mark.parametrize("code", "U212 U213 U214 U215 U216 U217 U218 P303 P304 P305 P311".split())
def test_a_check_of_destinations_needs_their_export(code: str) -> None:
    """Without one it is skipped, not passed."""
    given = merger([ANN], None, "ann@contoso.com,ann@fabrikam.com").facts
    assert CHECKS[code](given) == Skipped("there is no destination export")


def test_a_check_that_had_nothing_to_look_at_has_run() -> None:
    """No pair has an unknown cloud; no destination is a reason only where there is none."""
    assert "P310" not in merger([ANN], [BOB_THERE]).skipped
    with_licences = merger([ANN], [ANN_THERE, BOB_THERE | {"Licenses": "Microsoft 365 E3"}])
    assert not {"U212", "U213", "U214", "U215", "U216", "U217", "U218", "P303", "P304", "P305", "P311"} & set(
        with_licences.skipped
    )
    assert "P306" not in merger([ANN], [ANN_THERE]).summary["codes"]


def test_a_stale_decision_points_to_its_line() -> None:
    """In the file of the rules, with what was decided and what has changed since; not if the user is left out anyway."""
    lines_of = ("bob@contoso.com,", "ann@contoso.com,ann@fabrikam.com", "app@contoso.com,")
    result = merger([ANN, BOB, person("# App", "app@contoso.com")], [ANN_THERE], *lines_of)
    remembered = (
        '{"source": {"names": ["Eve Poe"], "kind": "person", "enabled": true, "licensed": true}, "candidates": {}}'
    )
    lines = result.rules.frame.with_columns(
        decided=pl.lit(value=True), circumstances=pl.lit(remembered), file=pl.lit("review.xlsx")
    )
    sides = result.sides
    pairs = match(sides.source, sides.destination, result.rules)
    given = facts(sides.source, sides.destination, pairs, replace(result.rules, frame=lines))
    found = rendered(CHECKS["R405"](given))
    assert found.select("severity", "side", "file", "row", "upn").rows() == [
        ("error", "rules", "review.xlsx", 2, "ann@contoso.com"),
        ("error", "rules", "review.xlsx", 1, "bob@contoso.com"),
    ]
    (to_map, to_exclude) = found["message"].to_list()
    assert "to map to ann@fabrikam.com" in to_map
    assert "the user was called Eve Poe then and is called Ann Lee now" in to_map
    assert "to exclude" in to_exclude


def test_pattern_lines_of_two_sheets_are_told_apart(tmp_path: Path) -> None:
    """They may have the same number: only the one that matches nobody, or never decides, is told of."""
    sheets = (
        [("x*@contoso.com", "x*@fabrikam.com"), ("ann@contoso.com", "ann@fabrikam.com"), ("b*@contoso.com", None)],
        [("a*@contoso.com", "a*@fabrikam.com"), ("z*@contoso.com", "z*@fabrikam.com"), ("y*@contoso.com", None)],
    )
    book = openpyxl.Workbook()
    for sheet, rows in zip((book.worksheets[0], book.create_sheet("More")), sheets, strict=True):
        for row in (("Source", "Destination"), *rows):
            sheet.append(row)
    book.save(tmp_path / "rules.xlsx")
    result = generate(source_full=frame([ANN, BOB]), destination_full=frame([ANN_THERE]), rules=tmp_path / "rules.xlsx")
    assert said(result.findings, "R402") == [
        "warning rules 3 -: The rule z*@contoso.com,z*@fabrikam.com matches no source user.",
        "warning rules 4 -: The rule y*@contoso.com, matches no source user.",
        "warning rules 2 -: The rule x*@contoso.com,x*@fabrikam.com matches no source user.",
    ]
    assert said(result.findings, "R404") == [
        "warning rules 2 -: The rule a*@contoso.com,a*@fabrikam.com has no effect: earlier lines, or lines that "
        "name the user, decide for everybody it matches."
    ]


def test_lines_of_a_mapping_file() -> None:
    """Judged, an application and a user whom nobody lists are errors; a rule that names nobody stays a warning."""
    mapping = b"Source,Destination\r\np@contoso.com,ann@fabrikam.com\r\neve@contoso.com,bob@fabrikam.com\r\n"
    judged = t2t.validate(
        mapping,
        source_full=frame([person("# Portal", "p@contoso.com")]),
        destination_full=frame([ANN_THERE, BOB_THERE]),
        rules=rule_table("flo@contoso.com,flo@fabrikam.com"),
    )
    found = judged.findings.filter(pl.col("code").is_in(["U203", "U205"]))
    assert found.select("code", "severity", "side", "lines", "upn").rows() == [
        ("U203", "error", "source", [2], "p@contoso.com"),
        ("U205", "error", "mapping", [3], "eve@contoso.com"),
        ("U205", "warning", "rules", None, "flo@contoso.com"),
    ]


# --- who is excluded --------------------------------------------------------------------------------------------------


def test_the_order_of_exclusion() -> None:
    """A rule line, then no person, then an administrative user without opt-in."""
    users = [
        person("# App", "app@contoso.com") | ADMIN,
        person("# App", "ruled@contoso.com"),
        ANN | ADMIN,
        BOB | ADMIN | {"Access Mode": "Support User"},
        CY,
    ]
    result = merger(users, [CY_THERE], "ruled@contoso.com,")
    assert dict(result.facts.frame.select("upn", "exclusion").rows()) == {
        "app@contoso.com": "U203",
        "ruled@contoso.com": "rule",
        "ann@contoso.com": "P309",
        "bob@contoso.com": "U203",
        "cy@contoso.com": None,
    }
    assert told(result)["app@contoso.com"] == "excluded - - U203"


def test_administrative_users_are_left_out_unless_they_are_asked_for() -> None:
    """That is the default of the frame of facts, too."""
    sides = merger([ANN | ADMIN, BOB], [ANN_THERE]).sides
    pairs = match(sides.source, sides.destination, RuleTable.empty())
    usual = facts(sides.source, sides.destination, pairs, RuleTable.empty())
    asked_for = facts(sides.source, sides.destination, pairs, RuleTable.empty(), include_admins=True)
    assert usual.active()["upn"].to_list() == ["bob@contoso.com"]
    assert asked_for.active().height == 2
    assert not usual.judging


def test_every_listed_name_is_compared() -> None:
    """The worst verdict counts, whichever side lists several names; the other users' verdicts stay theirs."""
    doubled = person("Eve Poe", "ann@contoso.com")
    doubled_there = person("Bob Poe", "bob@fabrikam.com")
    result = merger([ANN, doubled, BOB, CY], [ANN_THERE, BOB_THERE, doubled_there, person("Cy Orr", "cy@fabrikam.com")])
    assert told(result) == {
        "ann@contoso.com": "held ann@fabrikam.com local-part I105;P303",
        "bob@contoso.com": "held bob@fabrikam.com local-part P304",
        "cy@contoso.com": "mapped cy@fabrikam.com local-part -",
    }


CLEARED = [
    # the export, the source's directory (full, first and last name), the destination's names, what becomes of the user
    (("Sofia Marchetti",), ("Sofia Bianchi",), ("Sofia Bianchi",), "mapped sofia@fabrikam.com local-part I105"),
    (("Sofia Marchetti",), (None, "Sofia", "Bianchi"), ("Sofia Bianchi",), "mapped sofia@fabrikam.com local-part I105"),
    (("Bob Fischer",), ("Robert Fischer",), ("Fischer, Robert",), "mapped sofia@fabrikam.com local-part I105"),
    (("Sofia Marchetti",), ("Sofia Rossi",), ("Sofia Bianchi",), "held sofia@fabrikam.com local-part I105;P304"),
    (("Sofia Marchetti",), ("Eva Bianchi",), ("Sofia Bianchi",), "held sofia@fabrikam.com local-part I105;P303"),
    (("Eva Marchetti",), ("Sofia Bianchi",), ("Sofia Bianchi",), "held sofia@fabrikam.com local-part I105;P303"),
    (("Sofia Marchetti",), ("sofia",), ("Sofia Bianchi",), "held sofia@fabrikam.com local-part I105;P304"),
    (("Sofia Marchetti",), ("Sofia Bianchi",), ("Sofia Bianchi", "Sofia Rossi"), "held sofia@fabrikam.com local-part I105;P304"),
]  # fmt: skip


@pytest.mark.parametrize(("here", "listed", "there", "outcome"), CLEARED)
def test_what_the_directory_of_the_source_clears(
    here: tuple[str], listed: tuple[str | None, ...], there: tuple[str, ...], outcome: str
) -> None:
    """A doubt, where it lists the user under the destination's name; never a contradiction."""
    cells = zip(("Display name", "First name", "Last name"), listed, strict=False)
    result = merger(
        [person(here[0], "sofia@contoso.com")],
        [person(name, "sofia@fabrikam.com") for name in there],
        source_directory=frame([{"User principal name": "sofia@contoso.com", **dict(cells)}]),
    )
    assert told(result) == {"sofia@contoso.com": outcome}


def test_the_words_of_a_tenant() -> None:
    """The labels of its domains, but for what many have in common."""
    domains = (
        "contoso.com mail.adatum.org contoso.onmicrosoft.com x.partner.onmschina.cn ab.net abc.edu www.gov.info.uk "
        "wingtip.com.au wingtip.net.nz wingtip.org.uk wingtip.edu.in"
    )
    one = pl.DataFrame({"domain": [*domains.split(), None]})
    other = pl.DataFrame({"domain": ["fabrikam.de"]})
    assert tenant_words(one, None, other) == {"contoso", "adatum", "abc", "www", "wingtip", "fabrikam"}
    assert tenant_words(None) == frozenset()


# --- the run ----------------------------------------------------------------------------------------------------------

SAME = "Source and destination users all have addresses in contoso.com: the same tenant was exported twice."
HERE = "All source users have addresses in {}, which are destination domains."
BACK = (
    "The rule table rules leads from contoso.com to fabrikam.com, but the source users are at {} and the destination users at "
    "{}. Swap the two columns of the rule table; only if the exports were mixed up, swap those instead."
)
THERE = "All destination users have addresses in {}, which are source domains."


@pytest.mark.parametrize(
    ("source", "destination", "rules", "domains", "source_domains", "expected"),
    [
        ("contoso.com", "fabrikam.com", (), (), (), None),
        ("fabrikam.com", "contoso.com", (), ("fabrikam.com",), (), HERE.format("fabrikam.com")),
        ("fabrikam.com x.com", "contoso.com", (), ("fabrikam.com",), (), None),
        ("fabrikam.com", None, (), ("fabrikam.com",), (), HERE.format("fabrikam.com")),
        (
            "d.com c.com b.com a.com",
            None,
            (),
            ("a.com", "b.com", "c.com", "d.com"),
            (),
            HERE.format("a.com, b.com, c.com"),
        ),
        ("fabrikam.com", "contoso.com", (), ("fabrikam.com",), ("fabrikam.com",), None),
        ("fabrikam.com", "contoso.com", (), (), ("contoso.com",), THERE.format("contoso.com")),
        ("fabrikam.com", "contoso.com x.com", (), (), ("contoso.com",), None),
        (
            "x.com",
            "d.com c.com b.com a.com",
            (),
            (),
            ("a.com", "b.com", "c.com", "d.com"),
            THERE.format("a.com, b.com, c.com"),
        ),
        ("fabrikam.com", "contoso.com", (), ("contoso.com",), ("contoso.com",), None),
        ("contoso.com", "contoso.com", (), (), (), SAME),
        ("contoso.com", "contoso.com fabrikam.com", (), (), (), None),
        ("", "", (), (), (), None),
        (
            "fabrikam.com",
            "contoso.com",
            ("*@CONTOSO.com,*@Fabrikam.com",),
            (),
            (),
            BACK.format("fabrikam.com", "contoso.com"),
        ),
        ("x.com", "contoso.com", ("*@CONTOSO.com,*@Fabrikam.com",), (), (), BACK.format("x.com", "contoso.com")),
        ("x.com", "contoso.com", ("*@contoso.com*,*@fabrikam.com",), (), (), None),
        ("fabrikam.com", "contoso.com", ("*@contoso.com,",), (), (), None),
        ("contoso.com", "fabrikam.com", ("*@contoso.com,*@fabrikam.com",), (), (), None),
    ],
)
def test_swapped_sides(
    source: str,
    destination: str | None,
    rules: tuple[str, ...],
    domains: tuple[str, ...],
    source_domains: tuple[str, ...],
    expected: str | None,
) -> None:
    """By the domains of the options and of the rules; one user elsewhere, and nothing is said."""

    def people(of_domains: str) -> list[Row]:
        listed = [person("Ann Lee", f"ann@{domain}") for domain in of_domains.split()]
        return [*listed, person("# App", "app@elsewhere.com"), person("No", None)]

    others = None if destination is None else people(destination)
    result = merger(people(source), others, *rules, destination_domain=domains, source_domains=source_domains)
    found = result.findings.filter(pl.col("code") == "I109")
    assert found["message"].to_list() == ([] if expected is None else [expected])
    assert fnd.render(swapped_sides(result.facts, source_domains))["message"].to_list() == found["message"].to_list()
    if expected:
        assert found.select("severity", "side").rows() == [("error", "run")]
        assert result.mapping.is_empty()


def test_accounts_of_programs_count_as_users_of_their_tenant() -> None:
    """One non-interactive account elsewhere, and the sides are not exchanged."""
    robot = person("Robot", "robot@contoso.com", access_mode="Non-interactive")
    here = person("Ann Lee", "ann@fabrikam.com")
    for users, number in (([here], 1), ([here, robot], 0)):
        result = merger(users, [ANN], destination_domain="fabrikam.com")
        assert result.findings.filter(pl.col("code") == "I109").height == number


def test_a_frozen_set_of_facts() -> None:
    """Who is active, who has a destination, and whose destination an export lists; only then names are compared."""
    users = [ANN, BOB, CY, person("# App", "app@contoso.com"), person("Di Poe", "di@contoso.com") | ADMIN]
    result = merger(users, [ANN_THERE, person("Di Poe", "di@fabrikam.com")], "bob@contoso.com,no@fabrikam.com")
    given: Facts = result.facts
    assert given.frame["verdict"].to_list() == ["compatible", None, None, None, "compatible"]
    assert sorted(given.active()["upn"]) == ["ann@contoso.com", "bob@contoso.com", "cy@contoso.com"]
    assert sorted(given.paired()["upn"]) == ["ann@contoso.com", "bob@contoso.com"]
    assert sorted(given.known()["upn"]) == ["ann@contoso.com"]
    assert given.frame.schema == merger([ANN], []).facts.frame.schema
