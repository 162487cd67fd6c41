"""Nobody goes to a namesake: small simulated mergers in which the truth is known. `benchmarks/right_person.py` has the large ones."""

from __future__ import annotations

import polars as pl
import pytest
from mergers import Merger, Scenario, merge
from mergers.adversaries import KINDS, crowd
from small import merger, person

import t2t_mapping as t2t

USERS = 1_500


def reconciled(given: Merger, **options: object) -> t2t.Result:
    directory = () if given.source_directory is None else (pl.DataFrame(given.source_directory),)
    return t2t.generate(
        source_full=[pl.DataFrame(given.source)],
        source_directory=directory,
        destination_directory=[pl.DataFrame(given.destination)],
        **options,  # type: ignore[arg-type]
    )


def mapped(given: Merger) -> tuple[int, list[tuple[str, str]]]:
    """How many are mapped, and who goes to somebody else's account."""
    mapping = reconciled(given).mapping.select("source", "destination")
    return mapping.height, [(here, there) for here, there in mapping.iter_rows() if given.truth[here] != there]


@pytest.mark.parametrize(
    ("scenario", "least"),
    [
        (Scenario(USERS), 0.95),
        (Scenario(USERS, numbering="anew"), 0.95),
        (Scenario(USERS, named_there="First M. Last"), 0.95),
        (Scenario(USERS, named_here="First M. Last", named_there="First Middle Last"), 0.95),
        (Scenario(USERS, named_there="Last, First (Dept)"), 0.95),
        (Scenario(USERS, named_there="First Last - Company"), 0.95),
        (Scenario(USERS, named_there="First Last / Dept / City"), 0.95),
        (Scenario(USERS, named_there="First Last, CPA"), 0.95),
        (Scenario(USERS, named_there="EXT First Last"), 0.95),
        (Scenario(USERS, named_there="Last First M", numbering="anew"), 0.95),
        (Scenario(USERS, named_here="First Last (Dept)", named_there="Last, First (Dept)"), 0.95),
        (Scenario(USERS, there="last.first", numbering="anew", named_there="Last First"), 0.0),
        (Scenario(USERS, here="flast", there="flast", numbering="anew"), 0.6),
        (Scenario(USERS, culture="german", numbering="anew"), 0.6),
        (Scenario(USERS, culture="spanish", named_there="Last, First"), 0.6),
        (Scenario(USERS, culture="korean", named_there="Joined given", numbering="anew"), 0.4),
        (Scenario(USERS, culture="vietnamese", named_there="Last First M"), 0.05),
        (Scenario(USERS, culture="chinese", named_there="Last First", numbering="anew"), 0.6),
    ],
    ids=str,
)
def test_nobody_goes_to_a_namesake(scenario: Scenario, least: float) -> None:
    """Whatever the culture, the numbering and the habits: where nobody is missing, nobody goes to another person."""
    number, wrong = mapped(merge(scenario))
    assert wrong == []
    assert number >= least * scenario.users


def common(given: Merger) -> int:
    """How many are held for nothing but a common name."""
    found = reconciled(given).findings.filter(pl.col("message").str.contains("its name is common there, and "))
    assert set(found["code"]) <= {"P315"}
    assert not found["upn"].is_duplicated().any()
    return found.filter(pl.col("severity") == "error").height


@pytest.mark.parametrize(
    ("scenario", "held"),
    [
        (Scenario(USERS, culture="german", missing=0.03), 43),
        (Scenario(USERS, culture="german", missing=0.1), 276),
        (Scenario(USERS, culture="german"), 0),  # nobody is missing: the only account of a name is the user's
        (Scenario(USERS, culture="german", missing=0.03, attributes=True), 0),  # department and city agree
        (Scenario(USERS, missing=0.03), 0),  # names are spread far wider
        (Scenario(60, culture="german", missing=0.03), 0),  # too few to say anything about chance
    ],
    ids=str,
)
def test_a_common_name_while_accounts_are_missing(scenario: Scenario, held: int) -> None:
    """The only account of that name may be another person's."""
    assert common(merge(scenario)) == held


def test_the_namesake_of_somebody_missing() -> None:
    """Without further columns one in a thousand cannot be told; the date of the account tells them."""
    assert len(mapped(merge(Scenario(USERS, culture="german", missing=0.03)))[1]) > 0
    number, wrong = mapped(merge(Scenario(USERS, culture="german", missing=0.03, attributes=True)))
    assert wrong == []
    assert number > 0.8 * USERS


def test_what_settles_a_namesake() -> None:
    """Each of these alone releases both; two who share it release nobody."""
    names = ["Ann Lee", "Ann Lee"]
    here = {"Full Name": names, "Windows Live ID": ["ann@contoso.com", "ann2@contoso.com"]}
    there = {
        "Display name": names,
        "User principal name": ["ann@fabrikam.com", "ann2@fabrikam.com"],
        "Block credential": ["False"] * 2,
    }
    for columns, mapping in (
        ({"Employee ID": ["7", "8"]}, 2),
        ({"Mobile Phone": ["+1 555 0100 200", "+1 555 0100 300"]}, 2),
        ({"Department": ["Sales", "Legal"], "City": ["Rome", "Rome"]}, 2),
        ({"Department": ["Sales", "Sales"], "City": ["Rome", "Rome"]}, 0),
        ({"Employee ID": ["0", "N/A"]}, 0),
        ({"City": ["Rome", "Oslo"]}, 0),
    ):
        result = t2t.generate(
            source_full=[pl.DataFrame(here | columns)], destination_directory=[pl.DataFrame(there | columns)]
        )
        assert result.mapping.height == mapping, columns
        told = result.findings.filter(pl.col("code") == "P315")["severity"].to_list()
        assert told == ["info" if mapping else "error"] * 2, columns


CONTRADICTING = [
    # employee id, mobile, department, city of the user, of the account, of the namesake's account; whether that settles it
    ("the place", "- - Sales Rome", "- - Sales Rome", "- - Legal Oslo", True),
    ("the place, one phone", "- 0100200 Sales Rome", "- - Sales Rome", "- - Legal Oslo", True),
    ("the place, another phone", "- 0100200 Sales Rome", "- 0100300 Sales Rome", "- - Legal Oslo", False),
    ("the place, the namesake's phone", "- 0100200 Sales Rome", "- - Sales Rome", "- 0100200 Legal Oslo", False),
    ("the place, the namesake's number", "7 - Sales Rome", "- - Sales Rome", "7 - Legal Oslo", False),
    ("the phone, another place", "- 0100200 Sales Rome", "- 0100200 Legal Rome", "- - Legal Oslo", True),
    ("the phone, the namesake's place", "- 0100200 Sales Rome", "- 0100200 Legal Oslo", "- - Sales Rome", True),
    ("the phone, the namesake's number", "7 0100200 Sales Rome", "- 0100200 Sales Rome", "7 - Legal Oslo", False),
    ("the number, another phone", "7 0100200 Sales Rome", "7 0100300 Sales Rome", "8 - Legal Oslo", True),
    ("the number, the namesake's phone", "7 0100200 Sales Rome", "7 - Sales Rome", "8 0100200 Legal Oslo", False),
]


@pytest.mark.parametrize(
    ("user", "account", "namesake", "settled"), [pytest.param(*row[1:], id=row[0]) for row in CONTRADICTING]
)
def test_what_is_somebody_elses_beats_what_two_have_in_common(
    user: str, account: str, namesake: str, *, settled: bool
) -> None:
    """A colleague's department and city settle nothing against a telephone or a number."""
    columns = ("Employee ID", "Mobile Phone", "Department", "City")

    def told(*people: str) -> dict[str, list[str]]:
        rows = [["" if word == "-" else word for word in text.split()] for text in people]
        return dict(zip(columns, map(list, zip(*rows, strict=True)), strict=True))

    result = t2t.generate(
        source_full=[pl.DataFrame({"Full Name": ["Ann Lee"], "Windows Live ID": ["ann@contoso.com"]} | told(user))],
        destination_directory=[
            pl.DataFrame(
                {
                    "Display name": ["Ann Lee", "Ann Lee"],
                    "User principal name": ["ann@fabrikam.com", "ann2@fabrikam.com"],
                    "Block credential": ["False", "False"],
                }
                | told(account, namesake)
            )
        ],
    )
    assert result.mapping["destination"].to_list() == ["ann@fabrikam.com"] * settled


def test_a_department_does_not_make_an_old_account_new() -> None:
    """Colleagues share a department; an account that is older than the move is somebody else's all the same, a phone tells."""
    names = [f"{chr(65 + n // 5)}nna Lee{'abcdefghijklmnopqrstuvwxyz'[n]}" for n in range(25)]
    parts = [f"user{n}" for n in range(25)]
    for told, mapped_too in (({"Department": "Sales", "City": "Rome"}, False), ({"Mobile Phone": "0100200"}, True)):
        here = {
            "Full Name": [*names, "Ann Moe"],
            "Windows Live ID": [f"{part}@contoso.com" for part in [*parts, "moe"]],
        }
        there = {
            "Display name": [*names, "Ann Moe"],
            "User principal name": [f"{part}@fabrikam.com" for part in [*parts, "moe"]],
            "Block credential": ["False"] * 26,
            "When created": ["2024-07-01"] * 25 + ["2019-01-01"],
        }
        more = {column: [""] * 25 + [value] for column, value in told.items()}
        found = t2t.generate(
            source_full=[pl.DataFrame(here | more)], destination_directory=[pl.DataFrame(there | more)]
        )
        assert ("moe@contoso.com" in found.mapping["source"].to_list()) is mapped_too, told
        assert found.mapping.height == 25 + mapped_too


def test_who_has_the_number_instead() -> None:
    """The finding names the account that has the source user's own number."""
    here = {"Full Name": ["Ann Lee"], "Windows Live ID": ["ann@contoso.com"], "Mobile Phone": ["+1 555 0100 200"]}
    there = {
        "Display name": ["Ann Lee", "Lee, Ann"],
        "User principal name": ["ann@fabrikam.com", "ann2@fabrikam.com"],
        "Mobile Phone": ["+44 20 7946 0000", "001 555 0100200"],
    }
    found = t2t.generate(source_full=[pl.DataFrame(here)], destination_directory=[pl.DataFrame(there)]).findings
    assert found.filter(pl.col("code") == "P311")["message"].to_list() == [
        "ann@fabrikam.com may be the account of another person: no source user claims ann2@fabrikam.com, of the same name; "
        "ann2@fabrikam.com has the mobile number of the source user."
    ]


def test_accepted_where_local_parts_were_carried_over() -> None:
    """`--accept P315` lets those through whom only the names cannot tell apart."""
    given = merge(Scenario(USERS))
    strict, accepted = (reconciled(given, accept=accept).mapping.height for accept in ((), ("P315",)))
    assert strict < accepted


@pytest.mark.parametrize(
    "habit",
    [
        "{} (Sales)", "{} - Sales", "{} | Contoso", "{}, Contoso", "{} - External", "EXT {}", "EXT - {}", "[EXT] {}", "EXT: {}",
        "{} [EXT]", "{} (she/her)", "{}, M.Sc.", "{} / Sales",
    ],
)  # fmt: skip
def test_the_habit_of_a_whole_tenant_holds_nobody(habit: str) -> None:
    """Whatever everybody carries around the name, in front or behind."""
    given = "Anna Boris Carla David Emma Frank".split()
    family = "Archer Baker Cooper Dyer Fisher Gardner".split()
    names = [f"{first} {last}" for first, last in zip(given, family, strict=True)]
    here = [person(name, f"{name.lower().replace(' ', '.')}@contoso.com") for name in names]
    there = [person(habit.format(name), f"{name.lower().replace(' ', '.')}@fabrikam.com") for name in names]
    assert merger(here, there).mapped["source"].len() == len(names)


def test_nobody_goes_to_somebody_else_at_the_same_address() -> None:
    """Of every kind of pair that once deceived somebody nobody is mapped, beside people who are."""
    given = crowd(20 * len(KINDS))
    honest = [f"Bettina Dorn{letter}" for letter in "abcdefghij"]
    for table, columns in (
        (given.source, ("Full Name", "Windows Live ID")),
        (given.destination, ("Display name", "User principal name")),
    ):
        domain = "contoso" if table is given.source else "fabrikam"
        table[columns[0]].extend(honest)
        table[columns[1]].extend(f"{name.lower().replace(' ', '.')}@{domain}.com" for name in honest)
    given.destination["Block credential"].extend(["False"] * len(honest))
    result = t2t.generate(
        source_full=[pl.DataFrame(given.source)], destination_directory=[pl.DataFrame(given.destination)]
    )
    assert sorted(result.mapping["full_name"]) == honest
    held = result.held.select("source").to_series()
    assert {given.kinds[source] for source in held} == set(KINDS)
