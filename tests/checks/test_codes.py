"""Every code of the main job: something that triggers it, something like it that does not, and a place in the docs."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from small import frame, merger, person, rule_table, told

import t2t_mapping as t2t
from t2t_mapping.catalogue import CATALOGUE
from t2t_mapping.checks import CHECKS
from t2t_mapping.cli.options import parser
from t2t_mapping.cli.reference import codes_markdown, commands_markdown
from t2t_mapping.run.generation import generate

ANN = person("Ann Lee", "ann@contoso.com")
THERE = person("Ann Lee", "ann@fabrikam.com")
BOB = person("Bob Roe", "bob@contoso.com")
ID = "11111111-2222-4333-8444-555555555555"


def codes(result: t2t.Result) -> dict[str, str]:
    """Code -> worst severity of the run."""
    worst = result.findings.group_by("code").agg(pl.col("severity").max())
    return dict(worst.select(pl.col("code").cast(pl.String), pl.col("severity").cast(pl.String)).iter_rows())


def one(
    source: dict[str, str | None], there: dict[str, str | None] | None = None, *rules: str, **options: Any
) -> t2t.Result:
    return merger([source], [there or THERE], *rules, **options)


def many(number: int) -> list[dict[str, str | None]]:
    return [person(f"Ann Lee{n:05}", f"u{n}@contoso.com") for n in range(number)]


def workbook(*, hide: int | None) -> tuple[str, bytes]:
    """A saved view of three users, one of whose rows may be filtered away."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (("Full Name", "Windows Live ID"), *((f"Ann Lee{n}", f"u{n}@contoso.com") for n in range(3))):
        sheet.append(row)
    if hide:
        sheet.row_dimensions[hide].hidden = True
    content = io.BytesIO()
    book.save(content)
    return "users.xlsx", content.getvalue()


Make = Callable[[], t2t.Result]
CASES: dict[str, tuple[str, Make, Make]] = {
    # code: severity, what triggers it, what stays quiet
    "I103": ("warning", lambda: merger(many(50), [THERE]), lambda: merger(many(51), [THERE])),
    "I104": (
        "info",
        lambda: generate(source_full="fixtures/formats/worksheet-utf-16-tab.csv", destination_full=frame([THERE])),
        lambda: generate(source_full="fixtures/formats/worksheet-utf-8-comma.csv", destination_full=frame([THERE])),
    ),
    "I105": (
        "info",
        lambda: merger([ANN, ANN], [THERE]),
        lambda: merger([ANN, person("Bob Roe", "bob@contoso.com")], [THERE]),
    ),
    "I106": ("error", lambda: one(person("Ann Lee", "аnn@contoso.com")), lambda: one(ANN)),
    "I107": ("error", lambda: one(person("Ann Lee", None)), lambda: one(person("SYSTEM", None))),
    "I109": (
        "error",
        lambda: merger([THERE], [ANN], destination_domain="fabrikam.com"),
        lambda: merger([ANN], [THERE], destination_domain="fabrikam.com"),
    ),
    "I110": (
        "info",
        lambda: generate(
            source_full=["fixtures/formats/worksheet-raw.xlsx", "fixtures/formats/../formats/worksheet-raw.xlsx"],
            destination_full=frame([THERE]),
        ),
        lambda: generate(source_full="fixtures/formats/worksheet-raw.xlsx", destination_full=frame([THERE])),
    ),
    "I111": ("warning", lambda: one(ANN | {"Status": "Perhaps"}), lambda: one(ANN | {"Status": "Aktiviert"})),
    "I112": (
        "info",
        lambda: one(ANN, THERE | {"Licenses": "Contoso Time Machine"}),
        lambda: one(ANN, THERE | {"Licenses": "Enterprise Mobility + Security E3"}),
    ),
    "I113": ("warning", lambda: one(ANN | {"Is suspended": "No"}), lambda: one(ANN | {"Is VIP": "No"})),
    "I115": ("warning", lambda: one(ANN | {"Full Name": "J?rgen Lee"}), lambda: one(ANN | {"Full Name": "Jürgen Lee"})),
    "I114": (
        "error",
        lambda: t2t.generate(
            source_full=frame([ANN]), destination_full=frame([THERE]), source_directory=frame([THERE])
        ),
        lambda: t2t.generate(source_full=frame([ANN]), destination_full=frame([THERE]), source_directory=frame([ANN])),
    ),
    "I116": (
        "info",  # in a rule table a warning
        lambda: generate(source_full=workbook(hide=3), destination_full=frame([THERE])),
        lambda: generate(source_full=workbook(hide=None), destination_full=frame([THERE])),
    ),
    "U201": ("error", lambda: one(ANN | {"Status": "Disabled"}), lambda: one(ANN | {"Status": None})),
    "U202": ("error", lambda: one(ANN | {"User Licensed": "No"}), lambda: one(ANN | {"User Licensed": None})),
    "U203": (
        "info",
        lambda: one(person("# Portal", "p@contoso.com")),
        lambda: one(person("Ann #1", "ann@contoso.com")),
    ),
    "U204": (
        "warning",
        lambda: one(ANN | {"Access Mode": "Non-interactive"}),
        lambda: one(ANN | {"Access Mode": "Read-Write"}),
    ),
    "U205": (
        "warning",
        lambda: one(ANN, THERE, "cy@contoso.com,ann@fabrikam.com"),
        lambda: one(ANN, THERE, "ANN@contoso.com,ann@fabrikam.com"),
    ),
    "U206": ("error", lambda: one(ANN | {"Azure State": "Soft deleted"}), lambda: one(ANN | {"Azure State": "Exists"})),
    "U207": (
        "error",
        lambda: one(person("Ann Lee", "0f8fad5b-d9cb-469f-a165-70867728950e@contoso.com")),
        lambda: one(person("Ann Lee", "0f8fad5b@contoso.com")),
    ),
    "U208": ("error", lambda: one(ANN | {"Status": "Foo"}), lambda: one(ANN | {"Status": " "})),
    "U209": (
        "error",
        lambda: one(ANN | {"User Name": "lee@contoso.com"}),
        lambda: one(ANN | {"User Name": "Ann@contoso.com"}),
    ),
    "U210": (
        "warning",
        lambda: t2t.generate(
            source_full=frame([ANN, BOB]), destination_full=frame([THERE]), source_directory=frame([BOB])
        ),
        lambda: t2t.generate(
            source_full=frame([ANN, BOB]), destination_full=frame([THERE]), source_directory=frame([ANN, BOB])
        ),
    ),
    "U211": ("error", lambda: one(person("Ann Lee", "lee@contoso.com")), lambda: one(ANN)),
    "U212": ("error", lambda: one(ANN, THERE | {"Status": "Disabled"}), lambda: one(ANN, THERE | {"Status": None})),
    "U213": (
        "error",
        lambda: one(ANN, THERE | {"User Licensed": "No"}),
        lambda: one(ANN, THERE | {"User Licensed": None}),
    ),
    "U214": (
        "warning",
        lambda: generate(source_full=frame([ANN]), destination_directory=frame([THERE | {"User Licensed": None}])),
        lambda: generate(source_full=frame([ANN]), destination_directory=frame([THERE])),
    ),
    "U215": (
        "warning",
        lambda: generate(source_full=frame([ANN]), destination_directory=frame([THERE | {"Status": None}])),
        lambda: generate(source_full=frame([ANN]), destination_directory=frame([THERE])),
    ),
    "U216": (
        "error",
        lambda: one(ANN, person("Ann Lee", "ann_contoso.com#EXT#@fabrikam.onmicrosoft.com")),
        lambda: one(ANN),
    ),
    "U217": (
        "warning",
        lambda: one(ANN, THERE | {"Licenses": "Microsoft 365 E3"}),
        lambda: one(ANN, THERE | {"Licenses": "Microsoft 365 E3+Dynamics 365 For Sales Professional"}),
    ),
    "U218": (
        "error",
        lambda: one(ANN, THERE | {"Application ID": "0f8fad5b-d9cb-469f-a165-70867728950e"}),
        lambda: one(ANN, THERE | {"Application ID": "00000000-0000-0000-0000-000000000000"}),
    ),
    "P301": (
        "error",
        lambda: merger([ANN], [THERE, person("Ann Lee", "ann@fabrikam.de")]),
        lambda: merger([ANN], [THERE, person("Ann Moe", "anna@fabrikam.de")]),
    ),
    "P302": (
        "error",
        lambda: merger([ANN, person("Ann Lee", "ann@contoso.de")], [THERE]),
        lambda: merger([ANN, person("Dan Poe", "ann@contoso.de")], [THERE]),
    ),
    "P303": (
        "error",
        lambda: one(ANN, THERE | {"Full Name": "Dan Lee"}),
        lambda: one(ANN, THERE | {"Full Name": "Lee, Ann"}),
    ),
    "P304": ("error", lambda: one(ANN, THERE | {"Full Name": "Ann Roe"}), lambda: one(ANN)),
    "P305": ("error", lambda: one(ANN, THERE | {"Full Name": None}), lambda: one(ANN)),
    "P306": ("error", lambda: merger([ANN], None, "ann@contoso.com,a@fabrikam.com"), lambda: one(ANN)),
    "P307": (
        "error",
        lambda: merger([ANN, person("Bob Roe", "bob@contoso.com")], [ANN, person("Bob Roe", "bob@fabrikam.com")]),
        lambda: one(ANN),
    ),
    "P308": (
        "warning",
        lambda: one(ANN, destination_domain="fabrikam.de"),
        lambda: one(ANN, destination_domain="@Fabrikam.com"),
    ),
    "P309": (
        "info",
        lambda: one(ANN | {"Access Mode": "Administrative"}),
        lambda: one(ANN | {"Access Mode": "Administrative"}, include_admins=True),
    ),
    "P310": (
        "error",
        lambda: one(person("Ann Lee", "ann@contoso.onmicrosoft.us"), person("Ann Lee", "ann@fabrikam.onmicrosoft.com")),
        lambda: one(
            person("Ann Lee", "ann@contoso.onmicrosoft.com"), person("Ann Lee", "ann@fabrikam.onmicrosoft.com")
        ),
    ),
    "P311": (
        "error",
        lambda: merger([ANN], [THERE, person("Lee, Ann", "ann.lee@fabrikam.com")]),
        lambda: merger([ANN], [THERE, person("Ann Roe", "ann.roe@fabrikam.com")]),
    ),
    "P312": (
        "error",
        lambda: merger(
            [ANN, person("Bob Roe", "bob@fabrikam.com")],
            [person("Ann Lee", "bob@fabrikam.com"), person("Bob Roe", "b@fabrikam.com")],
            "ann@contoso.com,bob@fabrikam.com",
            "bob@fabrikam.com,b@fabrikam.com",
        ),
        lambda: one(ANN),
    ),
    "P313": (
        "error",
        lambda: merger([ANN, person("Ann Lee", "ann@fabrikam.com", status="Disabled")], [THERE]),
        lambda: merger([ANN, person("Ann Lee", "lee@fabrikam.com", status="Disabled")], [THERE]),
    ),
    "P314": (
        "error",
        lambda: one(ANN | {"Object ID": ID}, THERE | {"Object ID": ID}),
        lambda: one(ANN | {"Object ID": ID}, THERE | {"Object ID": ID.replace("1", "2")}),
    ),
    "P315": (
        "error",
        lambda: merger([ANN, person("Ann Lee", "ann2@contoso.com")], [THERE, person("Ann Lee", "ann2@fabrikam.com")]),
        lambda: merger([ANN, person("Ann Roe", "ann2@contoso.com")], [THERE, person("Ann Roe", "ann2@fabrikam.com")]),
    ),
    "R402": (
        "warning",
        lambda: one(ANN, THERE, "*@contoso.net,*@fabrikam.com"),
        lambda: one(ANN, THERE, "*@contoso.com,*@fabrikam.com"),
    ),
    "R406": (
        "error",
        lambda: one(ANN, THERE, "anne@contoso.com,"),
        lambda: one(ANN, THERE, "anne@adatum.com,"),
    ),
    "R404": (
        "warning",
        lambda: one(ANN, THERE, "*@contoso.com,*@fabrikam.com", "ann*@contoso.com,ann*@fabrikam.com"),
        lambda: one(ANN, THERE, "ann*@contoso.com,ann*@fabrikam.com"),
    ),
}
ELSEWHERE = {
    "I101": "tests/read/test_refusals.py",
    "I102": "tests/read/test_refusals.py",
    "I108": "tests/read/test_refusals.py",
    "R401": "tests/rules/test_rules.py",
    "R403": "tests/rules/test_rules.py",
    "R405": "tests/outputs/test_review.py",
}


@pytest.mark.parametrize("code", CASES)
def test_a_code_is_emitted_when_it_should_be(code: str) -> None:
    """With the severity of the catalogue, and not by what is merely like it."""
    severity, trigger, quiet = CASES[code]
    assert codes(trigger()).get(code) == severity
    assert code not in codes(quiet())


def test_every_code_has_a_case() -> None:
    """No code of the main job without a fixture that triggers it and one that stays quiet."""
    assert set(CASES) | set(ELSEWHERE) == {code for code in CATALOGUE if code[0] in "IUPR"}
    assert all(code in Path(place).read_text(encoding="utf-8") for code, place in ELSEWHERE.items())


def test_every_check_is_in_the_catalogue() -> None:
    """A check can emit nothing that nobody can look up."""
    assert set(CHECKS) <= set(CATALOGUE)


def test_severities_that_depend() -> None:
    """The notes of the catalogue, one by one."""
    contradicting = merger([ANN, ANN | {"Status": "Disabled"}], [THERE])
    assert codes(contradicting)["I105"] == "warning"
    assert told(contradicting) == {"ann@contoso.com": "held ann@fabrikam.com local-part I105;U201"}
    robot = one(ANN | {"Access Mode": "Non-interactive", "User Licensed": "No"})
    assert codes(robot)["U202"] == "warning"
    alias = one(person("Ann Lee", "lee@contoso.com"), person(None, "x@fabrikam.com", proxies="smtp:lee@contoso.com"))
    assert codes(alias)["P305"] == "error"
    pasted = one(ANN | {"Full Name": "SYSTEM"}, THERE, "ann@contoso.com,ann@fabrikam.com,yes")
    assert codes(pasted)["U207"] == "info"
    pasted = one(ANN | {"Full Name": "SYSTEM"}, THERE, "ann@contoso.com,ann@fabrikam.com")
    assert codes(pasted)["U207"] == "warning"


def test_a_swapped_run_maps_nobody() -> None:
    """One finding on the run; everybody who would be mapped is held for it."""
    result = merger([THERE], [ANN], destination_domain="fabrikam.com")
    assert told(result) == {"ann@fabrikam.com": "held ann@contoso.com local-part I109;P308".replace(";P308", ";P308")}
    assert result.mapping.is_empty()
    assert result.findings.filter(pl.col("code") == "I109")["side"].to_list() == ["run"]


def test_only_some_codes_can_be_accepted() -> None:
    """Everything else is decided per user."""
    assert t2t.CATALOGUE["U201"].acceptable
    accepted = [code for code, entry in CATALOGUE.items() if entry.acceptable]
    assert accepted == ["U201", "U202", "U208", "U209", "U213", "U214", "U215", "P305", "P306", "P315"]
    for code in set(CATALOGUE) - set(accepted):
        with pytest.raises(t2t.UsageError):
            merger([ANN], [THERE], accept=[code])


def test_skipped_checks_say_why() -> None:
    """What could not run is never reported as passed."""
    assert merger([ANN], None, "ann@contoso.com,a@fabrikam.com").skipped == {
        "U204": "no source export has the column Access Mode",
        "U210": "no source directory was given",
        "P314": "no export has object ids or systemuserids",
        **dict.fromkeys(
            ("U212", "U213", "U214", "U215", "U216", "U217", "U218", "P303", "P304", "P305", "P311", "P315"),
            "there is no destination export",
        ),
        "P308": "no --destination-domain was given",
        "P310": "no address has a default domain, and no export tells its cloud",
    }


def test_the_code_reference_is_the_catalogue() -> None:
    """`docs/codes.md` is made from the catalogue and cannot drift."""
    assert Path("docs/codes.md").read_text(encoding="utf-8") == codes_markdown()


def test_the_command_reference_is_the_command_line() -> None:
    """`docs/commands.md` is made from the parser; no option lacks an explanation."""
    page = commands_markdown(parser())
    assert Path("docs/commands.md").read_text(encoding="utf-8") == page
    assert "|  |" not in page


def test_rule_tables_from_frames_keep_their_notes() -> None:
    """`read_rules` takes a frame with columns in any case."""
    table = t2t.read_rules(rule_table("a@contoso.com,b@fabrikam.com,why").rename(str.lower))
    assert table.frame.select("line", "source", "destination", "note", "exact").rows() == [
        (1, "a@contoso.com", "b@fabrikam.com", "why", True)
    ]
