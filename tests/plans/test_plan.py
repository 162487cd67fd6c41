"""Plans: what a plan may say, what is checked over several environments, what is written."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

import make_plan
import polars as pl
import pytest
from contents import content
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from places import FIXTURES

import t2t_mapping as t2t
from t2t_mapping.cli.commands import main
from t2t_mapping.plans.file import PLAN_FILES, example, read_plan
from t2t_mapping.plans.folders import folder_name
from t2t_mapping.plans.report import plan_report

PLANS = FIXTURES / "plan"

HEADER = "Full Name,Windows Live ID,Status,User Licensed\n"
ANA = "Ana Lima,ana.lima@{},Enabled,Yes\n"
BO = "Bo Chen,bo.chen@{},Enabled,Yes\n"


def write_tenants(folder: Path, source: str = ANA + BO, destination: str = ANA + BO) -> None:
    """One export a side."""
    (folder / "source.csv").write_text(HEADER + source.format("contoso.com", "contoso.com"))
    (folder / "destination.csv").write_text(HEADER + destination.format("fabrikam.com", "fabrikam.com"))


def write_plan(folder: Path, text: str) -> Path:
    """A plan beside them."""
    path = folder / "plan.toml"
    path.write_text(text, encoding="utf-8")
    return path


MINIMAL = """
[destination]
full = ["destination.csv"]
[[environment]]
name = "Sales"
source_full = ["source.csv"]
"""


def planned(folder: Path, text: str, **options: Any) -> t2t.PlanResult:
    """Run a plan over two ordinary people a side."""
    write_tenants(folder)
    return t2t.plan(write_plan(folder, text), **options)


def codes(result: t2t.PlanResult) -> list[tuple[str, str | None, str | None]]:
    """Code, environment and user of everything above information."""
    told = result.findings.filter(pl.col("severity") > pl.lit("info", dtype=result.findings.schema["severity"]))
    return sorted(told.select("code", "environment", "upn").iter_rows(), key=str)


# --- the fixture ------------------------------------------------------------------------------------------------------


def test_committed_plan_fixtures_are_what_the_script_writes(tmp_path: Path) -> None:
    """Nobody edits a fixture by hand."""
    make_plan.main(tmp_path)
    tree = {p.relative_to(tmp_path).as_posix(): content(p) for p in tmp_path.rglob("*") if p.is_file()}
    assert tree == {p.relative_to(FIXTURES).as_posix(): content(p) for p in PLANS.rglob("*") if p.is_file()}


def test_planted_faults_give_exactly_the_expected_codes() -> None:
    """Sandbox copy, production, and a second production in another region."""
    result = t2t.plan(PLANS / "plan.toml")
    assert codes(result) == [
        ("E802", "Service Australia", None),
        ("E803", "Service Australia", None),
        ("E804", "Service Australia", None),
        ("E805", "Sales rehearsal", "jo.park@contoso.com"),
        ("E805", "Sales", "jo.park@contoso.com"),
        ("L701", None, None),
        ("U212", "Sales", "eva.lang@contoso.com"),
    ]
    assert result.summary["codes"]["B601"] == 2
    assert result.overview.select("environment", "state", "mapped", "held", "excluded", "users").rows() == [
        ("Sales rehearsal", "done", 3, 1, 1, 5),
        ("Sales", "done", 4, 2, 2, 8),
        ("Service Australia", "refused", 0, 2, 0, 2),
    ]
    assert result.summary["licences"] == {"needed": 4, "available": 3}
    assert result.exit_status() == 1
    jo = result.accounting.filter(pl.col("source") == "jo.park@contoso.com")
    assert jo.select("environment", "disposition", "codes").rows() == [
        ("Sales rehearsal", "held", "E805"),
        ("Sales", "held", "E805"),
    ]
    refused = result.accounting.filter(pl.col("environment") == "Service Australia")
    assert refused.select("disposition", "codes").unique().rows() == [("held", "E802;E803")]


def test_the_good_plan_has_nothing_to_say(tmp_path: Path) -> None:
    """Four environments, every mapping written, exit status 0 even for warnings."""
    result = t2t.plan(PLANS / "good.toml", out=tmp_path / "out")
    assert codes(result) == []
    assert result.exit_status("warning") == 0
    for folder in ("Sales rehearsal", "Sales", "Service rehearsal", "Service"):
        assert (tmp_path / "out" / folder / "usermapping.csv").is_file()
    assert {path.name for path in (tmp_path / "out").iterdir() if path.is_file()} == set(PLAN_FILES)
    assert result.mailboxes.group_by("mailbox").len().sort("mailbox").rows() == [("automatic", 11), ("reconfigure", 2)]


def test_mapping_files_do_not_hold_inconsistent_users(tmp_path: Path) -> None:
    """What E805 holds is in no file; what is refused has no file."""
    t2t.plan(PLANS / "plan.toml", out=tmp_path / "out")
    sales = (tmp_path / "out" / "Sales" / "usermapping.csv").read_text()
    assert sales.splitlines() == [
        "Source,Destination",
        "ana.lima@contoso.com,ana.lima@fabrikam.com",
        "bo.chen@contoso.com,bo.chen@fabrikam.com",
        "max.keller@contoso.onmicrosoft.com,max.keller@fabrikam.com",
        "tim.west@contoso.com,tim.west@fabrikam.com",
    ]
    assert "jo.park" not in (tmp_path / "out" / "Sales rehearsal" / "usermapping.csv").read_text()
    assert not (tmp_path / "out" / "Service Australia" / "usermapping.csv").exists()
    combined = pl.read_csv(tmp_path / "out" / "accounting.csv", infer_schema=False)
    assert combined.columns[0] == "environment"
    assert combined.height == 15


def test_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    """No time stamps, whatever the threads do."""
    for name in ("one", "two"):
        t2t.plan(PLANS / "plan.toml", out=tmp_path / name)
    one, two = (
        {p.relative_to(tmp_path / n): p.read_bytes() for p in (tmp_path / n).rglob("*.*")} for n in ("one", "two")
    )
    assert one == two


# --- checks of the plan -----------------------------------------------------------------------------------------------

ENVIRONMENT = 'name = "Sales"\nsource_full = ["source.csv"]\n'


@pytest.mark.parametrize("kind", ["default", "developer", "trial", "demo", "teams", "Teams"])
def test_refused_types(tmp_path: Path, kind: str) -> None:
    """E801: accounted for, and nobody is mapped."""
    result = planned(tmp_path, f'{MINIMAL}type = "{kind}"\n')
    assert codes(result) == [("E801", "Sales", None)]
    assert result.summary["held"] == 2
    assert result["Sales"].result is not None
    assert result["Sales"].result.mapping.is_empty()


@pytest.mark.parametrize(
    ("source", "destination", "environment", "words"),
    [
        ('region = "EMEA"', 'region = "EMEA"', "", None),
        ('region = "EMEA"', 'region = "NA"', "", None),
        ('region = "EMEA"', 'region = "europe"', "", None),
        ('region = "OCE"', 'region = "Australia"', "", None),
        ('region = "OCE"', 'region = "EMEA"', "", "the region from OCE to EMEA"),
        ('region = "EMEA"', 'region = "India"', "", "the region from EMEA to IND"),
        ('region = "EMEA"', 'region = "EMEA"', 'region = "oceania"', "the region from OCE to EMEA"),
        ('region = "EMEA"', 'region = "EMEA"', 'region = "OCE"\ndestination_region = "OCE"', None),
        ('region = "Atlantis"', 'region = "China"', "", "the cloud from public (not stated) to china"),
        ('cloud = "gcc"', 'cloud = "public"', "", "the cloud from gcc to public"),
        ('cloud = "GCC High"', "", "", "the cloud from gcc-high to public (not stated)"),
        ('cloud = "gcc"', 'cloud = "gcc"', "", None),
        (
            'region = "US GCC"',
            'region = "NA"',
            "",
            "the cloud from gcc to public (not stated) and the region from US GCC to NA",
        ),
    ],
)
def test_regions_and_clouds(tmp_path: Path, source: str, destination: str, environment: str, words: str | None) -> None:
    """E802 for what the article excludes, and for nothing else."""
    text = f'[source]\n{source}\n[destination]\n{destination}\nfull = "destination.csv"\n[[environment]]\n{ENVIRONMENT}{environment}\n'
    result = planned(tmp_path, text)
    found = result.findings.filter(pl.col("code") == "E802")
    assert [m for m in found["message"] if words is None or words not in m] == []
    assert found.height == (words is not None)


def test_what_the_plan_does_not_say_is_skipped_never_passed(tmp_path: Path) -> None:
    """Every check that lacks its facts is named with the reason."""
    result = planned(tmp_path, MINIMAL)
    assert codes(result) == []
    assert {code: result.skipped[code] for code in ("E801", "E802", "E803", "E804", "L701", "B601")} == {
        "E801": "no type is given for Sales",
        "E802": "the region of the source or of the destination is not given for Sales",
        "E803": "finance_and_operations is not given for Sales",
        "E804": "no type is given for Sales",
        "L701": "[destination] available_licences is not given",
        "B601": "no export says whether 2 destination users have a mailbox",
    }
    text = MINIMAL.replace("[destination]", '[source]\nregion = "Atlantis"\n[destination]\nregion = "EMEA"')
    assert "whether Atlantis to EMEA is allowed is not known here" in planned(tmp_path, text).skipped["E802"]


@pytest.mark.parametrize(
    ("rehearsal", "expected"),
    [
        ("", [("E804", "Sales", None)]),
        ('[[environment]]\nname = "Copy"\ntype = "sandbox"\nrehearses = "Sales"\nsource_full = "source.csv"\n', []),
        ('[[environment]]\nname = "Copy"\ntype = "sandbox"\nsource_full = "source.csv"\n', [("E804", "Sales", None)]),
    ],
)
def test_production_needs_a_rehearsal(tmp_path: Path, rehearsal: str, expected: list[Any]) -> None:
    """E804, unless a sandbox rehearses this very environment."""
    assert codes(planned(tmp_path, f'{MINIMAL}type = "production"\n{rehearsal}')) == expected


@pytest.mark.parametrize(("licences", "expected"), [(2, []), (1, [("L701", None, None)]), (0, [("L701", None, None)])])
def test_licences_are_counted_once_per_person(tmp_path: Path, licences: int, expected: list[Any]) -> None:
    """L701: two people in two environments need two licences."""
    text = MINIMAL.replace("[destination]", f"[destination]\navailable_licences = {licences}")
    assert codes(planned(tmp_path, f'{text}[[environment]]\nname = "Other"\nsource_full = "source.csv"\n')) == expected


def test_one_destination_for_two_users_of_different_environments(tmp_path: Path) -> None:
    """Perhaps one person under two addresses: a warning, nobody is held."""
    (tmp_path / "other.csv").write_text(HEADER + "Ana Lima,ana.lima@old.contoso.com,Enabled,Yes\n")
    result = planned(tmp_path, f'{MINIMAL}[[environment]]\nname = "Other"\nsource_full = "other.csv"\n')
    assert codes(result) == [("P302", None, None)]
    assert result.summary["held"] == 0


def test_whom_a_held_user_sets_free_is_checked_again(tmp_path: Path) -> None:
    """P312 holds a chain; once E805 holds its one end, the other end must not slip through unseen."""
    (tmp_path / "a.csv").write_text(
        HEADER + "Ana Lima,ana@x.com,Enabled,Yes\nBo Chen,bo@x.com,Enabled,Yes\nCy Day,cy@x.com,Enabled,Yes\n"
    )
    (tmp_path / "d.csv").write_text(
        HEADER
        + "".join(
            f"{n},{u},Enabled,Yes\n"
            for n, u in (
                ("Ana Lima", "ana@y.com"),
                ("Ana Lima", "ana2@y.com"),
                ("Bo Chen", "bo@y.com"),
                ("Bo Chen", "bo2@y.com"),
                ("Cy Day", "cy@y.com"),
                ("Cy Day", "cy2@y.com"),
            )
        )
    )
    for name, end in (("1", ""), ("2", "2")):
        lines = [f"{user}@x.com,{user}{end}@y.com,known" for user in ("ana", "bo", "cy")]
        (tmp_path / f"rules{name}.csv").write_text("Source,Destination,Note\n" + "\n".join(lines) + "\n")
    text = '[destination]\nfull = "d.csv"\n' + "".join(
        f'[[environment]]\nname = "{n}"\nsource_full = "a.csv"\nrules = "rules{n}.csv"\n' for n in "12"
    )
    result = t2t.plan(write_plan(tmp_path, text))
    assert result.summary["mapped"] == 0
    assert {code for code, _, _ in codes(result)} == {"E805"}
    assert result.exit_status() == 1


# --- rules that are shared --------------------------------------------------------------------------------------------


def test_a_shared_rule_is_idle_only_if_it_is_so_everywhere(tmp_path: Path) -> None:
    """A rule table for all environments names users who are in one of them only."""
    (tmp_path / "rules.csv").write_text(
        "Source,Destination\nbo.chen@contoso.com,bo.chen@fabrikam.com\nno@contoso.com,\n"
    )
    (tmp_path / "other.csv").write_text(HEADER + ANA.format("contoso.com"))
    shared = MINIMAL.replace("[destination]", '[options]\nrules = "rules.csv"\n[destination]')
    result = planned(tmp_path, f'{shared}[[environment]]\nname = "Other"\nsource_full = "other.csv"\n')
    assert codes(result) == [("R402", None, None), ("U205", None, "no@contoso.com")]
    assert result["Other"].result is not None
    assert result["Other"].result.summary["codes"]["U205"] == 2


# --- the plan file ----------------------------------------------------------------------------------------------------


def test_the_example_is_a_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`plan --example` prints what `plan` reads."""
    assert main(["plan", "--example"]) == 0
    assert capsys.readouterr().out == example()
    plan = read_plan(write_plan(tmp_path, example()))
    assert [(e.name, e.type, e.rehearses) for e in plan.environments] == [
        ("Sales rehearsal", "sandbox", "Sales"),
        ("Sales", "production", None),
    ]
    assert plan.environments[1].options.include_admins
    assert plan.environments[1].options.source_domains == ("contoso.com", "contoso.onmicrosoft.com")
    assert plan.environments[1].options.destination_domain == ("fabrikam.com",)
    assert plan.environments[0].exports["destination_directory"] == ("fabrikam/users.csv",)


def test_an_environment_overrides_what_is_shared(tmp_path: Path) -> None:
    """Also with hyphens, as the command line writes them, and with an empty list for "none of it"."""
    text = """
[destination]
domains = ["Fabrikam.com"]
directory = "users.csv"
[options]
rules = "rules.csv"
match-on = ["mail"]
[[environment]]
name = "A"
source-full = "a.csv"
[[environment]]
name = "B"
source_full = ["b.csv"]
rules = "other.csv"
match_on = []
destination_directory = []
destination-full = ["full.csv"]
destination_domain = "retail.fabrikam.com"
"""
    one, other = read_plan(write_plan(tmp_path, text)).environments
    assert (one.rules, one.options.match_on, one.options.destination_domain) == (
        ("rules.csv",),
        ("mail",),
        ("fabrikam.com",),
    )
    assert one.exports == {"source_full": ("a.csv",), "destination_directory": ("users.csv",)}
    assert (other.rules, other.options.match_on) == (("other.csv",), ())
    assert other.options.destination_domain == ("retail.fabrikam.com",)
    assert other.exports == {"source_full": ("b.csv",), "destination_full": ("full.csv",)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[sauce]\n" + MINIMAL, 'There is no table [sauce]. Did you mean "source"?'),
        ("enviroment = 1\n" + MINIMAL, 'There is no table [enviroment]. Did you mean "environment"?'),
        ("source = 1\n" + MINIMAL, "source must be a table: [source]."),
        (MINIMAL + 'tipe = "sandbox"\n', '[[environment]] "Sales": tipe is not a key here. Did you mean "type"?'),
        (
            MINIMAL + 'type = "sandbx"\n',
            '[[environment]] "Sales": type is \'sandbx\', which is not known (did you mean "sandbox").',
        ),
        (
            MINIMAL + 'finance_and_operations = "no"\n',
            '[[environment]] "Sales": finance_and_operations must be true or false (without quotes), not a text.',
        ),
        (
            MINIMAL + "available_licences = 3\n",
            '[[environment]] "Sales": available_licences is not a key here. It belongs into [destination].',
        ),
        (
            MINIMAL + "overwrite = true\n",
            '[[environment]] "Sales": overwrite is not a key here. It belongs on the command line, not into a plan.',
        ),
        (
            MINIMAL + 'security_group = "my group"\n',
            "[[environment]] \"Sales\": security_group must be an object id (a GUID), not 'my group'.",
        ),
        (
            MINIMAL + 'rehearses = "Sails"\n',
            '[[environment]] "Sales": rehearses names "Sails", which is no other environment of the plan. ',
        ),
        (
            MINIMAL + 'rehearses = "Sales"\n',
            '[[environment]] "Sales": rehearses names "Sales", which is no other environment of the plan. ',
        ),
        (
            MINIMAL + 'accept = ["U211"]\n',
            '[[environment]] "Sales": accept: U211 cannot be accepted; only U201,',
        ),
        (
            MINIMAL + 'match_on = ["phone"]\n',
            "[[environment]] \"Sales\": match_on: `match_on` must be 'mail' or 'employee-id', not 'phone'.",
        ),
        (
            MINIMAL + 'rules = ""\n',
            '[[environment]] "Sales": rules must be a list of texts; one of them must not be empty; leave the key out instead.',
        ),
        (
            MINIMAL + 'rules = "a\\u0000b"\n',
            '[[environment]] "Sales": rules must be a list of texts; one of them holds control characters: a<U+0000>b.',
        ),
        (
            MINIMAL + "source_admin = [1]\n",
            '[[environment]] "Sales": source_admin must be a list of texts; one of them must be a text, not a number.',
        ),
        (
            MINIMAL + "source-full = 'x.csv'\n",
            '[[environment]] "Sales": source_full is given twice, with a hyphen and with an underscore.',
        ),
        (
            MINIMAL + 'destination_domain = "fabrikam"\n',
            "[[environment]] \"Sales\": destination_domain holds 'fabrikam', which is not a domain such as fabrikam.com.",
        ),
        (
            MINIMAL + 'destination_domain = ["fabrikam.com", 1]\n',
            '[[environment]] "Sales": destination_domain must be a list of texts; one of them must be a text, not a number.',
        ),
        (
            MINIMAL.replace("[destination]", "[destination]\navailable_licences = true"),
            "[destination]: available_licences must be a whole number without quotes, not a truth value.",
        ),
        (
            MINIMAL.replace("[destination]", "[destination]\navailable_licences = -1"),
            "[destination]: available_licences must be a number of licences, zero or more.",
        ),
        (
            MINIMAL.replace("[destination]", "[destination]\nregion = 2026-01-01"),
            "[destination]: region must be a text, not a date.",
        ),
        (MINIMAL.replace('name = "Sales"', ""), "[[environment]] number 1: it has no name."),
        (
            MINIMAL.replace('source_full = ["source.csv"]', ""),
            '[[environment]] "Sales": it has no export of source users.',
        ),
        (
            MINIMAL.replace("[[environment]]", "[environment]"),
            "environment must be a list of tables: write [[environment]] with two brackets before each.",
        ),
        ("", "The plan has no environment."),
        (
            MINIMAL
            + MINIMAL.replace("[destination]", "")
            .replace('full = ["destination.csv"]', "", 1)
            .replace("Sales", "SALES"),
            '[[environment]] "SALES": another is called "Sales", and both would share one folder.',
        ),
        (
            "[source\n",
            "The plan is not valid TOML: Expected ']' at the end of a table declaration (at line 1, column 8).",
        ),
        ("x = " + "[" * 3000, "The plan is nested too deeply."),
        ("x = " + "9" * 5000, "The plan is not valid TOML: Exceeds the limit"),
    ],
)
def test_faults_of_a_plan(tmp_path: Path, text: str, message: str) -> None:
    """Each names the table, the key and what is right."""
    with pytest.raises(t2t.InputError) as caught:
        read_plan(write_plan(tmp_path, text))
    assert [problem.message for problem in caught.value.problems if problem.message.startswith(message)], caught.value
    assert all(problem.code == "I101" and problem.file for problem in caught.value.problems)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """Nobody repairs a plan one fault at a time."""
    text = '[sauce]\n[destination]\nregoin = "EMEA"\n[options]\naccept = ["X1", "U211"]\n[[environment]]\ntype = "sandpit"\n[[environment]]\nname = 3\n'
    with pytest.raises(t2t.InputError) as caught:
        read_plan(write_plan(tmp_path, text))
    assert len(caught.value.problems) == 7, caught.value


def test_the_same_fault_is_told_once(tmp_path: Path) -> None:
    """A code that stands there twice is one fault."""
    with pytest.raises(t2t.InputError) as caught:
        read_plan(write_plan(tmp_path, MINIMAL + 'accept = ["U211", "U211", "U212"]\n'))
    assert [problem.message.partition(" can")[0] for problem in caught.value.problems] == [
        '[[environment]] "Sales": accept: U211',
        '[[environment]] "Sales": accept: U212',
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xef\xbb\xbf" + MINIMAL.replace("\n", "\r\n").encode(), None),
        (MINIMAL.encode("utf-16"), "The plan is not UTF-8 (line 1)."),
        (b"a = 'x'\nb = '\xe9'\n", "The plan is not UTF-8 (line 2)."),
        (b"#" * 1_000_001, "The plan is longer than a megabyte."),
    ],
)
def test_bytes_of_a_plan(tmp_path: Path, data: bytes, message: str | None) -> None:
    """Notepad's mark and line ends are fine; other encodings are named."""
    (tmp_path / "plan.toml").write_bytes(data)
    if message is None:
        assert read_plan(tmp_path / "plan.toml").environments[0].name == "Sales"
    else:
        with pytest.raises(t2t.InputError, match=re.escape(message)):
            read_plan(tmp_path / "plan.toml")


@pytest.mark.parametrize("name", ["absent.toml", "."])
def test_no_plan(tmp_path: Path, name: str) -> None:
    """A missing file and a folder."""
    with pytest.raises(t2t.InputError, match="There is no such plan file"):
        read_plan(tmp_path / name)


def test_a_plan_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when somebody else has it open on Windows: in the system's words."""
    path = write_plan(tmp_path, MINIMAL)

    def locked(*_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", locked)
    with pytest.raises(t2t.InputError) as caught:
        read_plan(path)
    assert [(problem.code, problem.message, problem.file) for problem in caught.value.problems] == [
        ("I101", "The plan cannot be read: Permission denied.", path.as_posix())
    ]


PIECES = st.one_of(
    st.sampled_from("\n\0\"'[]{}=,.#é"),
    st.sampled_from(
        '[[environment]] [environment] [source] [options] name rules type "production" true 1 1e9 2026-01-01 nan source_full '
        'sheet **x accept U213 available_licences -1 """ 0x1 ../.. CON a.b.c .. \\u0000 \\uD800'.split()
    ),
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 40), PIECES), min_size=1, max_size=4), st.booleans())
def test_no_bad_plan_gives_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], edits: list[tuple[int, int, str]], whole: bool
) -> None:
    """Cuts and insertions anywhere in a plan: it runs, or it is refused in words."""
    write_tenants(tmp_path)
    text = example() if whole else MINIMAL + 'type = "sandbox"\nrules = "rules.csv"\nregion = "OCE"\n'
    for start, length, piece in edits:
        at = start % len(text) if text else 0
        text = text[:at] + piece + text[at + length :]
    path = tmp_path / "plan.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    shutil.rmtree(tmp_path / "out", ignore_errors=True)
    status = main(["plan", str(path), "--out", str(tmp_path / "out"), "--outputs", "core"])
    shown = capsys.readouterr()
    assert status in (0, 1, 2), shown.err
    assert "Traceback" not in shown.err + shown.out


TOML_VALUES = st.recursive(
    st.one_of(
        st.booleans(),
        st.integers(-5, 5),
        st.floats(),
        st.dates(),
        st.text(max_size=8),
        st.sampled_from(
            ["source.csv", "*.csv", "**x", "EMEA", "gcc", "production", "all", "U213", "fabrikam.com", "NUL", "/"]
        ),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=2)),
    max_leaves=4,
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(
            "name type region rehearses security_group sheet rules accept exclude profile source_full source_admin "
            "destination_full match_on finance_and_operations out tipe".split()
        ),
        TOML_VALUES,
        max_size=5,
    )
)
def test_any_value_under_any_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: dict[str, Any]) -> None:
    """Whatever TOML can hold, a plan runs or is refused."""
    write_tenants(tmp_path)
    path = write_plan(tmp_path, "x = 1")
    content: dict[str, Any] = {
        "destination": {"full": "destination.csv"},
        "environment": [{"name": "A", "source_full": "source.csv"} | entry],
    }
    monkeypatch.setattr(tomllib, "loads", lambda _: content)
    try:
        result = t2t.plan(path)
    except t2t.InputError as error:
        assert error.problems  # noqa: PT017
    else:
        assert result.summary["environments"] == 1


# --- folders ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("Sales rehearsal", "Sales rehearsal"),
        ("Vertrieb Köln", "Vertrieb Köln"),
        ("販売", "販売"),
        ("v1.2", "v1.2"),
        ("a/b", "a-b-"),
        ("a\\b", "a-b-"),
        ("..", "environment-"),
        ("../../etc", "-..-etc-"),
        ("Sales.", "Sales-"),
        (" Sales ", "Sales-"),
        ("CON", "CON-"),
        ("nul.txt", "nul-txt-"),
        ("COM¹", "COM¹-"),
        ("Sales\u202etxt", "Sales-txt-"),
        ("run.json", "run-json-"),
        ("Findings.CSV", "Findings-CSV-"),
        ("x" * 200, "x" * 60 + "-"),
    ],
)
def test_folder_names(name: str, folder: str) -> None:
    """Safe names stay, others get a fingerprint of the name."""
    made = folder_name(name, PLAN_FILES)
    assert made == folder if folder == name else re.fullmatch(re.escape(folder) + "[0-9a-f]{6}", made)


@given(st.text(max_size=90), st.text(max_size=90))
def test_different_names_never_share_a_folder(one: str, other: str) -> None:
    """Not even where they look alike once they are safe; and a folder is one plain path component."""
    first, second = folder_name(one, PLAN_FILES), folder_name(other, PLAN_FILES)
    assert Path(first).name == first
    assert not re.search(r'[<>:"/\\|?*\x00-\x1f]|^\.|[. ]$', first)
    if first == second:
        import unicodedata

        assert unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)


# --- what is written --------------------------------------------------------------------------------------------------


BROKEN = f'{MINIMAL}[[environment]]\nname = "Broken"\nsource_full = ["absent.csv"]\nrules = "absent-rules.csv"\n'


def test_an_environment_that_fails_does_not_stop_the_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 2, its problems are findings, the others are written."""
    write_tenants(tmp_path)
    path = write_plan(tmp_path, BROKEN)
    assert main(["plan", str(path), "--out", str(tmp_path / "out"), "--outputs", "core", "--fail-on", "never"]) == 2
    shown = capsys.readouterr()
    assert "could not be done" in shown.out
    assert max(map(len, shown.out.splitlines())) <= 80
    assert (tmp_path / "out" / "Sales" / "usermapping.csv").is_file()
    assert not (tmp_path / "out" / "Broken").exists()
    found = json.loads((tmp_path / "out" / "findings.json").read_bytes())
    fatal = [(f["environment"], f["code"], Path(f["file"]).name) for f in found["findings"] if f["severity"] == "fatal"]
    assert fatal == [("Broken", "I101", "absent-rules.csv"), ("Broken", "I101", "absent.csv")]
    run = json.loads((tmp_path / "out" / "run.json").read_bytes())
    assert [(e["name"], e["state"]) for e in run["environments"]] == [("Sales", "done"), ("Broken", "failed")]


def test_what_a_failed_environment_leaves_open(tmp_path: Path) -> None:
    """Its users are not known, so licences cannot be summed up; it is there by its name, and no other is."""
    text = BROKEN.replace("[destination]", "[destination]\navailable_licences = 5")
    result = planned(tmp_path, text)
    assert result.skipped["L701"] == "the users of Broken are not known, so the sum is incomplete"
    assert result.summary["failed"] == 1
    assert [problem.code for problem in result["Broken"].problems] == ["I101", "I101"]
    with pytest.raises(KeyError, match="Absent"):
        result["Absent"]
    assert "1 of 2 environments could not be done." in plan_report(result).decode()


def test_when_every_environment_fails_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Then it is an ordinary refusal."""
    path = write_plan(tmp_path, MINIMAL)
    assert main(["plan", str(path), "--out", str(tmp_path / "out")]) == 2
    assert "source.csv" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_json_is_one_object_of_the_usual_shape(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Counts, findings, skipped, outputs; every output named exists."""
    write_tenants(tmp_path)
    path = write_plan(tmp_path, MINIMAL)
    assert main(["plan", str(path), "--out", str(tmp_path / "out"), "--format", "json"]) == 0
    said = json.loads(capfdbinary.readouterr().out)
    assert list(said) == ["counts", "findings", "skipped", "outputs"]
    assert said["counts"]["by_environment"]["Sales"]["mapped"] == 2
    assert all(Path(file).is_file() for file in said["outputs"].values())
    assert "Sales/usermapping.csv" in said["outputs"]
    written = {p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*") if p.is_file()}
    assert set(said["outputs"]) == written


def test_nothing_is_overwritten_without_leave(tmp_path: Path) -> None:
    """The refusal comes before the work; with leave, the same bytes are there again."""
    planned(tmp_path, MINIMAL, out=tmp_path / "out")
    before = {p: p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file()}
    with pytest.raises(t2t.OutputError, match="already holds"):
        planned(tmp_path, MINIMAL, out=tmp_path / "out")
    planned(tmp_path, MINIMAL, out=tmp_path / "out", overwrite=True)
    assert {p: p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file()} == before


def test_a_disk_that_fills_up_leaves_everything_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second of two folders fails: the first is taken back, earlier outputs are there again."""
    two = f'{MINIMAL}[[environment]]\nname = "Other"\nsource_full = "source.csv"\n'
    planned(tmp_path, MINIMAL, out=tmp_path / "out")
    before = {p: p.read_bytes() for p in tmp_path.rglob("*.*") if p.is_file()}
    (tmp_path / "source.csv").write_text(HEADER + ANA.format("contoso.com"))

    replaced = Path.replace

    def full(self: Path, target: Path) -> Path:
        if Path(target).parent.name == "Other" and self.name.startswith(".usermapping"):
            raise OSError(28, "full")
        return replaced(self, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(t2t.OutputError, match="full"):
        planned(tmp_path, two, out=tmp_path / "out", overwrite=True)
    (tmp_path / "plan.toml").write_text(MINIMAL, encoding="utf-8")
    assert {p: p.read_bytes() for p in tmp_path.rglob("*.*") if p.is_file()} == before
    assert not (tmp_path / "out" / "Other").exists()


def test_what_cannot_be_kept_is_not_replaced(tmp_path: Path) -> None:
    """A folder where an output was: it could not be put back, so nothing is begun, and what was done is undone."""
    two = f'{MINIMAL}[[environment]]\nname = "Other"\nsource_full = "source.csv"\n'
    odd = tmp_path / "out" / "Other" / "report.html"
    odd.mkdir(parents=True)
    with pytest.raises(t2t.OutputError) as caught:
        planned(tmp_path, two, out=tmp_path / "out", overwrite=True)
    assert str(caught.value).startswith(f"Nothing was written to {tmp_path / 'out'}: ")
    assert "(report.html)" in str(caught.value)
    assert [path.relative_to(tmp_path).as_posix() for path in (tmp_path / "out").rglob("*")] == [
        "out/Other",
        "out/Other/report.html",
    ]


def test_paths_are_relative_to_the_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the command is started, and also where the folder's own name looks like a pattern."""
    folder = tmp_path / "[move] *1"
    folder.mkdir()
    write_tenants(folder)
    (folder / "rules.csv").write_text("ana.lima@contoso.com,bo.chen@fabrikam.com,said so\nbo.chen@contoso.com,\n")
    text = MINIMAL.replace("source.csv", "sour*.csv") + 'rules = "rules.csv"\n'
    path = write_plan(folder, text)
    monkeypatch.chdir(tmp_path)
    result = t2t.plan(path)
    assert result.accounting.select("disposition", "destination").rows() == [
        ("mapped", "bo.chen@fabrikam.com"),
        ("excluded", None),
    ]


def test_a_pattern_that_is_none(tmp_path: Path) -> None:
    """A fault of the environment that has it, like any file that cannot be read."""
    result = planned(tmp_path, f'{MINIMAL}[[environment]]\nname = "Other"\nsource_full = "a**b/*.csv"\n')
    assert result["Other"].result is None
    assert result["Other"].problems[0].file is not None
    assert result["Other"].problems[0].file.endswith("a**b/*.csv")
    assert result.exit_status("never") == 2


def test_options_of_the_plan(tmp_path: Path) -> None:
    """`outputs` and `fail_on` may stand in the plan; the call decides against it."""
    text = MINIMAL.replace(
        "[destination]", '[options]\noutputs = "core"\nfail_on = "warning"\n[destination]\ndomains = "x.com"'
    )
    result = planned(tmp_path, text, out=tmp_path / "out")
    assert codes(result) == [("P308", "Sales", "ana.lima@contoso.com"), ("P308", "Sales", "bo.chen@contoso.com")]
    assert (result.exit_status(), result.exit_status("error"), result.exit_status("never")) == (1, 0, 0)
    assert not (tmp_path / "out" / "report.html").exists()


# --- the report -------------------------------------------------------------------------------------------------------


def test_the_report_is_safe_and_complete(tmp_path: Path) -> None:
    """Hostile names are text; no script, no address but links to the folders; the policy allows its own style only."""
    write_tenants(tmp_path)
    hostile = "<script>alert(1)</script>"
    (tmp_path / "source.csv").write_text(
        HEADER + ANA.format("contoso.com") + f'"{hostile}",ceo@contoso.onmicrosoft.com,Enabled,Yes\n'
    )
    (tmp_path / "destination.csv").write_text(
        HEADER + ANA.format("fabrikam.com") + f'"{hostile}",ceo@fabrikam.com,Enabled,Yes\n'
    )
    text = (
        MINIMAL.replace("Sales", hostile) + 'region = "<b>"\nsecurity_group = "5f0c1c7e-4b1a-4a53-9d6f-0d6f7c2b9a11"\n'
    )
    result = t2t.plan(write_plan(tmp_path, text), out=tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "<script" not in page
    assert "<b>&lt;" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "ceo<wbr>@contoso.onmicrosoft.com" in page
    assert not re.search(r"https?:", page)
    assert "5f0c1c7e-4b1a-4a53-9d6f-0d6f7c2b9a11" in page
    for word in (
        "storage",
        "Lockbox",
        "seven days",
        "solution",
        "Customer Voice",
        "Copilot Studio",
        "Power Pages",
        "Managed Environments",
        "article of 2026-02-25",
    ):
        assert word in page
    assert plan_report(result, result.written).decode() == page


COMPLETE = """
[source]
region = "EMEA"
[destination]
region = "EMEA"
domains = ["fabrikam.onmicrosoft.com"]
directory = "destination.csv"
available_licences = 5
[[environment]]
name = "Sales"
type = "sandbox"
finance_and_operations = false
source_full = "source.csv"
"""


@pytest.mark.parametrize(
    ("text", "status", "words"),
    [
        (COMPLETE, "Enabled", "Every environment has its mapping, and nobody is held."),
        (COMPLETE, "Disabled", "1 user is still held."),
        (COMPLETE.replace("sandbox", "trial"), "Enabled", "1 of 1 environments are refused by the service"),
    ],
)
def test_the_report_says_how_it_stands(tmp_path: Path, text: str, status: str, words: str) -> None:
    """In one sentence at the top; where the plan and the exports tell everything, no check is left out."""
    (tmp_path / "source.csv").write_text(
        "Full Name,Windows Live ID,Status,User Licensed,Access Mode\n"
        f"Ana Lima,ana.lima@contoso.onmicrosoft.com,{status},Yes,Read-Write\n"
    )
    (tmp_path / "destination.csv").write_text(
        "Display name,User principal name,Block credential,Licenses,Proxy addresses\n"
        "Ana Lima,ana.lima@fabrikam.onmicrosoft.com,False,DYN365_ENTERPRISE_SALES,SMTP:ana.lima@fabrikam.onmicrosoft.com\n"
    )
    result = t2t.plan(write_plan(tmp_path, text))
    page = plan_report(result).decode()
    assert words in page
    assert result.skipped.keys() == {"U210", "P314"}, "without a source directory and without ids"


def test_a_plan_shows_itself_in_a_notebook(tmp_path: Path) -> None:
    """The overview as a table."""
    assert "Sales" in planned(tmp_path, MINIMAL)._repr_html_()
