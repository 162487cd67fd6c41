"""Mappings against mappings, approved runs against fresh exports, mappings against the moved environment."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import t2t_mapping as t2t
from t2t_mapping.cli.commands import main
from t2t_mapping.mapping.dialects import mapping_bytes
from t2t_mapping.run.exports import ExportKeywords

HEADER = "Full Name,Windows Live ID,Status,User Licensed\n"


def mapping(path: Path, *lines: str, header: bool = True) -> Path:
    """A mapping file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\r\n".join([*(["Source,Destination"] if header else []), *lines]) + "\r\n", newline="")
    return path


def export(path: Path, *people: str) -> Path:
    """An export; `Ann Lee` is `ann.lee@DOMAIN`, enabled and licensed, unless the line says all of it."""
    path.write_text(HEADER + "".join(f"{person}\n" for person in people))
    return path


def person(name: str, domain: str, status: str = "Enabled", licensed: str = "Yes") -> str:
    """One line of an export."""
    return f"{name},{name.lower().replace(' ', '.')}@{domain},{status},{licensed}"


def found(result: Any) -> list[tuple[str, str, str, str]]:
    """Code, severity, user and message of every finding."""
    return list(result.findings.select("code", "severity", "upn", "message").iter_rows())


# --- reading a mapping ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", [True, False])
def test_both_profiles_are_read(tmp_path: Path, header: bool) -> None:
    """With and without header; the same line twice is one."""
    path = mapping(tmp_path / "m.csv", "B@x.com,b@y.com", "a@x.com,A@y.com", "b@x.com, b@Y.com", header=header)
    assert t2t.read_mapping(path).select("source", "destination").rows() == [
        ("a@x.com", "A@y.com"),
        ("B@x.com", "b@y.com"),
    ]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["*@x.com,*@y.com"], "this line is a pattern"),
        (["a@x.com,"], "this line is a line without a destination"),
        (["a@x.com,a@y.com", "A@x.com,b@y.com"], "The lines 2 and 3 say different things about a@x.com."),
        (["a@x.com,nonsense"], "The destination is not a user principal name: nonsense has no @"),
        (["Full Name,Windows Live ID"], "The destination is not a user principal name: Windows Live ID"),
    ],
)
def test_what_is_no_mapping_is_refused(tmp_path: Path, lines: list[str], words: str) -> None:
    """With the line, as a fault of the mapping."""
    with pytest.raises(t2t.InputError, match=words) as caught:
        t2t.read_mapping(mapping(tmp_path / "m.csv", *lines))
    assert {problem.side for problem in caught.value.problems} == {"mapping"}


def test_folders(tmp_path: Path) -> None:
    """A run folder stands for its mapping; the folder of a plan names its environments; nobody mapped is no line."""
    mapping(tmp_path / "plan" / "Sales" / "usermapping.csv", "a@x.com,a@y.com")
    assert t2t.read_mapping(tmp_path / "plan" / "Sales").height == 1
    with pytest.raises(t2t.InputError, match="Name one environment's folder: Sales"):
        t2t.read_mapping(tmp_path / "plan")
    with pytest.raises(t2t.InputError, match="Give a mapping, or the folder of a run"):
        t2t.read_mapping(tmp_path / "plan" / "..")
    source = export(tmp_path / "s.csv", person("Ann Lee", "contoso.com"))
    destination = export(tmp_path / "d.csv", person("Bo Chen", "fabrikam.com"))
    t2t.generate(source_full=source, destination_full=destination).write(tmp_path / "run")
    assert t2t.read_mapping(tmp_path / "run").is_empty()


def test_whatever_holds_a_mapping(tmp_path: Path) -> None:
    """Bytes, a file object, a frame of any kind, rows: all say the same to `diff` and to `verify`."""
    path = mapping(tmp_path / "m.csv", "a@x.com,a@y.com", "b@x.com,b@y.com")
    frame = pl.read_csv(path)
    after = export(tmp_path / "after.csv", person("A", "y.com"))
    for one in (
        path.read_bytes(),
        ("m.csv", path.read_bytes()),
        io.BytesIO(path.read_bytes()),
        frame,
        frame.lazy(),
        frame.to_dicts(),
    ):
        assert t2t.read_mapping(one).select("source", "destination").rows() == [
            ("a@x.com", "a@y.com"),
            ("b@x.com", "b@y.com"),
        ]
    for one in (path.read_bytes(), frame.lazy(), frame.to_dicts()):
        assert t2t.diff(path, one).summary["unchanged"] == 2
        assert t2t.verify(one, after).summary["mapped"] == 2
    with pytest.raises(t2t.UsageError, match="A mapping is one thing"):
        t2t.diff(path, [path, after])


# --- diff -------------------------------------------------------------------------------------------------------------


def test_diff(tmp_path: Path) -> None:
    """Redirected first and loudest; case is no difference; a destination that changes hands is told."""
    old = mapping(tmp_path / "old.csv", "a@x.com,a@y.com", "b@x.com,b@y.com", "c@x.com,c@y.com", "d@x.com,d@y.com")
    new = mapping(
        tmp_path / "new.csv", "A@x.com,a@Y.com", "b@x.com,b2@y.com", "e@x.com,c@y.com", "d@x.com,d@y.com", header=False
    )
    result = t2t.diff(old, new)
    assert result.summary == {"redirected": 1, "removed": 1, "added": 1, "unchanged": 2, "old": 4, "new": 4}
    assert result.redirected.rows() == [("b@x.com", "b@y.com", "b2@y.com")]
    assert result.removed.rows() == [("c@x.com", "c@y.com")]
    assert result.added.rows() == [("e@x.com", "c@y.com", "c@x.com")]
    assert result.unchanged == 2
    assert found(result) == [
        ("V905", "error", "b@x.com", "b@x.com: redirected from b@y.com to b2@y.com."),
        ("V905", "warning", "c@x.com", "c@x.com: removed; was mapped to c@y.com."),
        ("V905", "warning", "e@x.com", "e@x.com: added; is mapped to c@y.com, who was the destination of c@x.com."),
    ]
    assert "redirected" in result._repr_html_()


@pytest.mark.parametrize(
    ("new", "statuses"),
    [("a@x.com,a@y.com", (0, 0, 0)), ("a@x.com,b@y.com", (1, 1, 0)), ("a@x.com,a@y.com\r\nb@x.com,b@y.com", (0, 1, 0))],
)
def test_exit_status_of_diff(
    tmp_path: Path, new: str, statuses: tuple[int, int, int], capsys: pytest.CaptureFixture[str]
) -> None:
    """A redirected user is an error, any other difference a warning."""
    old, other = mapping(tmp_path / "old.csv", "a@x.com,a@y.com"), mapping(tmp_path / "new.csv", new)
    for limit, status in zip(("error", "warning", "never"), statuses, strict=True):
        assert main(["diff", str(old), str(other), "--fail-on", limit]) == status
    assert "redirected  " in capsys.readouterr().out


def test_diff_names_both_files_that_are_no_mapping(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 2, both at once."""
    assert main(["diff", str(tmp_path / "one.csv"), str(tmp_path / "two.csv")]) == 2
    said = capsys.readouterr().err
    assert "one.csv" in said
    assert "two.csv" in said


LINES = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("abcdefgh"), max_size=6)


@settings(max_examples=20)
@given(LINES, LINES)
def test_diff_agrees_with_a_plain_comparison(old: dict[str, str], new: dict[str, str]) -> None:
    """Against dictionaries; forwards and backwards."""

    def frame(lines: dict[str, str]) -> pl.DataFrame:
        return pl.DataFrame(
            {"source": [f"{a}@x.com" for a in lines], "destination": [f"{b}@y.com" for b in lines.values()]},
            schema={"source": pl.String, "destination": pl.String},
        )

    result = t2t.diff(frame(old), frame(new))
    assert result.summary["redirected"] == sum(old[k] != new[k] for k in old.keys() & new.keys())
    assert result.summary["removed"] == len(old.keys() - new.keys())
    assert result.summary["added"] == len(new.keys() - old.keys())
    back = t2t.diff(frame(new), frame(old))
    assert (back.summary["added"], back.summary["removed"]) == (result.summary["removed"], result.summary["added"])


# --- verify -----------------------------------------------------------------------------------------------------------


def test_verify(tmp_path: Path) -> None:
    """Arrived, missing, still at the source (also where both are listed), disabled, unplanned; applications are no people."""
    path = mapping(
        tmp_path / "m.csv",
        *(f"{n}@contoso.com,{n}@fabrikam.com" for n in ("ann.lee", "bo.chen", "cy.day", "di.fox", "ed.gray")),
    )
    after = export(
        tmp_path / "after.csv",
        person("Ann Lee", "fabrikam.com").upper(),
        person("Bo Chen", "fabrikam.com", "Disabled"),
        person("Cy Day", "contoso.com"),
        person("Di Fox", "contoso.com"),
        person("Di Fox", "fabrikam.com"),
        person("New Face", "fabrikam.com"),
        "# App,app@fabrikam.com,Enabled,Yes",
        "SYSTEM,,Enabled,No",
    )
    result = t2t.verify(path, after)
    assert result.users.select("source", "arrival").rows() == [
        ("ann.lee@contoso.com", "arrived"),
        ("bo.chen@contoso.com", "disabled"),
        ("cy.day@contoso.com", "still-at-source"),
        ("di.fox@contoso.com", "still-at-source"),
        ("ed.gray@contoso.com", "missing"),
    ]
    assert found(result) == [
        (
            "V901",
            "error",
            "ed.gray@contoso.com",
            "ed.gray@contoso.com was mapped to ed.gray@fabrikam.com, who is not in the environment.",
        ),
        (
            "V902",
            "error",
            "cy.day@contoso.com",
            "cy.day@contoso.com is still at the source address; cy.day@fabrikam.com is not there.",
        ),
        (
            "V902",
            "error",
            "di.fox@contoso.com",
            "di.fox@contoso.com is still at the source address; di.fox@fabrikam.com is there as well, as another user.",
        ),
        (
            "V903",
            "warning",
            "bo.chen@contoso.com",
            "bo.chen@contoso.com arrived as bo.chen@fabrikam.com and is disabled there.",
        ),
        (
            "V904",
            "info",
            "new.face@fabrikam.com",
            "new.face@fabrikam.com is in the environment but not in the mapping.",
        ),
    ]
    assert result.summary == {
        "mapped": 5,
        "arrived": 1,
        "disabled": 1,
        "other_record": 0,
        "still_at_source": 2,
        "missing": 1,
        "environment": 6,
        "planned": 5,
        "unplanned": 1,
        "not_people": 2,
    }
    assert result.unplanned.rows() == [("new.face@fabrikam.com", "New Face", "person")]
    assert result.skipped == {"V906": "there is no accounting.csv beside the mapping, which holds the systemuserids"}
    assert result.exit_status() == 1
    assert "bo.chen" in result._repr_html_()


def test_verify_says_when_it_cannot_see_disabled_users(tmp_path: Path) -> None:
    """The recipe's two columns tell no status: skipped, not passed."""
    path = mapping(tmp_path / "m.csv", "ann.lee@contoso.com,ann.lee@fabrikam.com")
    (tmp_path / "after.csv").write_text("Full Name,Windows Live ID\nAnn Lee,ann.lee@fabrikam.com\n")
    result = t2t.verify(path, tmp_path / "after.csv")
    assert result.skipped.pop("V906")
    assert result.skipped == {"V903": "the exports list enabled users only, so a disabled user counts as missing"}
    assert result.exit_status("warning") == 0
    (tmp_path / "after.csv").write_text("userPrincipalName,displayName,userType\nann.lee@fabrikam.com,Ann Lee,Member\n")
    assert t2t.verify(path, tmp_path / "after.csv").skipped["V903"] == "no export says who is enabled"


def test_verify_needs_both(tmp_path: Path) -> None:
    """An empty list of exports is none; nor is a table of patterns a mapping, however good the export."""
    with pytest.raises(t2t.InputError) as caught:
        t2t.verify(mapping(tmp_path / "m.csv", "a@x.com,a@y.com"), [])
    assert [(problem.code, problem.message, problem.side) for problem in caught.value.problems] == [
        ("I102", "There is no export of the environment after the move.", "destination")
    ]
    export(tmp_path / "after.csv", person("Ann Lee", "fabrikam.com"))
    with pytest.raises(t2t.InputError) as caught:
        t2t.verify(mapping(tmp_path / "m.csv", "*@x.com,*@y.com"), tmp_path / "after.csv")
    assert [(problem.code, problem.side, problem.lines) for problem in caught.value.problems] == [
        ("R403", "mapping", (2,))
    ]


def test_verify_refuses_what_it_cannot_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Mapping and exports at once."""
    assert main(["verify", str(tmp_path / "m.csv"), "--after", str(tmp_path / "a.csv")]) == 2
    said = capsys.readouterr().err
    assert "m.csv" in said
    assert "a.csv" in said
    with pytest.raises(t2t.InputError, match="no export of the environment"):
        t2t.verify(mapping(tmp_path / "m.csv", "a@x.com,a@y.com"), [])


# --- drift ------------------------------------------------------------------------------------------------------------

NAMES = ("Ann Lee", "Bo Chen", "Cy Day", "Di Fox", "Ed Gray", "Fay Hill")


@pytest.fixture
def approved(tmp_path: Path) -> Path:
    """Six people mapped, a leaver excluded, one without a destination held."""
    source = [person(name, "contoso.com") for name in NAMES]
    source += [person("Old Leaver", "contoso.com", "Disabled"), person("No Body", "contoso.com")]
    destination = [person(name, "fabrikam.com") for name in (*NAMES, "Old Leaver")]
    export(tmp_path / "s.csv", *source)
    export(tmp_path / "d.csv", *destination)
    t2t.generate(source_full=tmp_path / "s.csv", destination_full=tmp_path / "d.csv", exclude=["U201"]).write(
        tmp_path / "run"
    )
    return tmp_path / "run"


def test_nothing_has_changed(approved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The exports of then: no finding, exit status 0."""
    result = t2t.drift(approved, source_full=approved.parent / "s.csv", destination_full=approved.parent / "d.csv")
    assert found(result) == []
    assert result.unaltered
    assert result.summary == {
        "approved": 8,
        "approved_mapped": 6,
        "users": 8,
        "mapped": 6,
        "changed": 0,
        "unaltered": True,
    }
    command = ["drift", str(approved), "--source-full", str(approved.parent / "s.csv"), "--destination-full"]
    assert main([*command, str(approved.parent / "d.csv"), "--fail-on", "warning"]) == 0
    assert "The approved mapping still holds." in capsys.readouterr().out


def test_what_has_changed_since_approval(approved: Path) -> None:
    """Every kind of change, each in words."""
    folder = approved.parent
    source = export(
        folder / "s2.csv",
        person("Ann Lee", "contoso.com", "Disabled"),
        person("Bo Chen", "contoso.com", licensed="No"),
        "Cynthia Day,cy.day@contoso.com,Enabled,Yes",
        person("Ed Gray", "contoso.com"),
        person("Fay Hill", "contoso.com"),
        person("Old Leaver", "contoso.com"),
        person("New Face", "contoso.com"),
        "# App,app@contoso.com,Enabled,Yes",
    )
    destination = export(
        folder / "d2.csv",
        *(person(name, "fabrikam.com") for name in (*NAMES[:4], "Old Leaver", "New Face")),
        "Fay Hill,fay.hill@fabrikam.com,Disabled,Yes",
    )
    result = t2t.drift(approved, source_full=source, destination_full=destination)
    changes = result.changes.with_columns(pl.col("details").str.replace(r"(held: P\d+) .*", "${1}"))
    assert changes.select("source", "change", "details").rows() == [
        ("ann.lee@contoso.com", "disabled", "is now disabled at the source"),
        ("app@contoso.com", "added", "was added since (excluded)"),
        ("bo.chen@contoso.com", "unlicensed", "has no licence at the source any more"),
        (
            "cy.day@contoso.com",
            "renamed",
            "the source is now called Cynthia Day, then Cy Day; is now held: P303",
        ),
        ("di.fox@contoso.com", "deleted", "is no longer listed at the source"),
        ("ed.gray@contoso.com", "deleted", "has no destination user any more"),
        ("fay.hill@contoso.com", "disabled", "the destination is now disabled"),
        ("new.face@contoso.com", "added", "was added since (mapped, would go to new.face@fabrikam.com)"),
        ("no.body@contoso.com", "gone", "is no longer listed at the source (was held)"),
        ("old.leaver@contoso.com", "decidable", "was excluded (U201), would now go to old.leaver@fabrikam.com"),
    ]
    severities = dict(result.findings.select("upn", "severity").iter_rows())
    assert {upn for upn, severity in severities.items() if severity == "error"} == {
        f"{n}@contoso.com" for n in ("ann.lee", "bo.chen", "cy.day", "di.fox", "ed.gray", "fay.hill", "new.face")
    }
    assert severities["old.leaver@contoso.com"] == "warning"
    assert severities["app@contoso.com"] == "info"
    assert set(result.findings["code"]) == {"V905"}


def test_a_new_destination_and_a_new_address(approved: Path) -> None:
    """Moved: the same user would now go elsewhere. Renamed: another address now goes to the same destination."""
    folder = approved.parent
    others = [person(name, "contoso.com") for name in NAMES[2:]] + [
        person("Old Leaver", "contoso.com", "Disabled"),
        person("No Body", "contoso.com"),
    ]
    source = export(
        folder / "s2.csv", person("Ann Lee", "contoso.com"), "Bo Chen,bo.wu@contoso.com,Enabled,Yes", *others
    )
    rules = folder / "rules.csv"
    rules.write_text("ann.lee@contoso.com,al@fabrikam.com,HR\nbo.wu@contoso.com,bo.chen@fabrikam.com,HR\n")
    destination = export(
        folder / "d2.csv",
        *(person(n, "fabrikam.com") for n in (*NAMES, "Old Leaver")),
        "Ann Lee,al@fabrikam.com,Enabled,Yes",
    )
    result = t2t.drift(approved, source_full=source, destination_full=destination, rules=rules)
    assert result.changes.select("source", "change", "details").rows() == [
        ("ann.lee@contoso.com", "moved", "would now go to al@fabrikam.com instead of ann.lee@fabrikam.com"),
        (
            "bo.chen@contoso.com",
            "renamed",
            "is no longer listed; bo.wu@contoso.com now goes to bo.chen@fabrikam.com, perhaps renamed",
        ),
        ("bo.wu@contoso.com", "added", "was added since (mapped, would go to bo.chen@fabrikam.com)"),
    ]


def test_what_is_no_change(approved: Path) -> None:
    """Capitals of an address, another reason to be held: the approved mapping stands."""
    folder = approved.parent
    text = (
        (folder / "s.csv")
        .read_text()
        .replace("No Body,no.body@contoso.com,Enabled", "No Body,no.body@contoso.com,Disabled")
    )
    (folder / "s2.csv").write_text(text)
    (folder / "d2.csv").write_text((folder / "d.csv").read_text().replace("ann.lee@", "Ann.Lee@"))
    result = t2t.drift(approved, source_full=folder / "s2.csv", destination_full=folder / "d2.csv")
    assert result.fresh is not None
    now = dict(result.fresh.accounting.select("source", pl.coalesce("codes", "destination")).iter_rows())
    assert now["no.body@contoso.com"] == "U201;U211"
    assert now["ann.lee@contoso.com"] == "Ann.Lee@fabrikam.com"
    assert (result.changes.rows(), result.exit_status("warning")) == ([], 0)


def test_another_name_of_the_same_person(approved: Path) -> None:
    """Still mapped to the same account, and still an error: somebody has to look whether it is the same person."""
    folder = approved.parent
    (folder / "s2.csv").write_text((folder / "s.csv").read_text().replace("Ann Lee,", '"Lee, Ann",'))
    result = t2t.drift(approved, source_full=folder / "s2.csv", destination_full=folder / "d.csv")
    assert result.changes.rows() == [
        (
            "ann.lee@contoso.com",
            "ann.lee@fabrikam.com",
            "renamed",
            "the source is now called Lee, Ann, then Ann Lee",
        )
    ]
    assert result.findings.select("code", "severity", "upn", "row").rows() == [
        ("V905", "error", "ann.lee@contoso.com", 2)
    ]
    assert "renamed" in result._repr_html_()


def test_a_state_that_was_accepted_is_a_warning(tmp_path: Path) -> None:
    """The run let destinations without a licence through, and now there is such a one."""
    source = export(tmp_path / "s.csv", person("Ann Lee", "contoso.com"))
    destination = export(tmp_path / "d.csv", person("Ann Lee", "fabrikam.com"))
    t2t.generate(source_full=source, destination_full=destination, accept=["U213"]).write(tmp_path / "run")
    export(destination, person("Ann Lee", "fabrikam.com", licensed="No"))
    result = t2t.drift(tmp_path / "run", source_full=source, destination_full=destination)
    assert found(result) == [
        (
            "V905",
            "warning",
            "ann.lee@contoso.com",
            "ann.lee@contoso.com: the destination has no licence any more.",
        )
    ]
    assert (result.exit_status("error"), result.exit_status("warning")) == (0, 1)


def test_left_out_by_a_rule_since(approved: Path) -> None:
    """No code says why: the rule table does."""
    folder = approved.parent
    (folder / "rules.csv").write_text("bo.chen@contoso.com,,left the company\n")
    result = t2t.drift(
        approved, source_full=folder / "s.csv", destination_full=folder / "d.csv", rules=folder / "rules.csv"
    )
    assert result.changes.rows() == [("bo.chen@contoso.com", "bo.chen@fabrikam.com", "excluded", "is now excluded")]
    assert found(result) == [("V905", "error", "bo.chen@contoso.com", "bo.chen@contoso.com: is now excluded.")]


def test_a_mapping_that_the_run_did_not_write(tmp_path: Path) -> None:
    """Nobody could be mapped, so the folder should hold none."""
    source = export(tmp_path / "s.csv", person("Ann Lee", "contoso.com"))
    destination = export(tmp_path / "d.csv", person("Bo Chen", "fabrikam.com"))
    t2t.generate(source_full=source, destination_full=destination).write(tmp_path / "run")
    mapping(tmp_path / "run" / "usermapping.csv", "ann.lee@contoso.com,bo.chen@fabrikam.com")
    result = t2t.drift(tmp_path / "run", source_full=source, destination_full=destination)
    assert not result.unaltered
    assert found(result) == [
        (
            "V905",
            "error",
            "ann.lee@contoso.com",
            "ann.lee@contoso.com: edited by hand: added; is mapped to bo.chen@fabrikam.com.",
        ),
        (
            "V905",
            "error",
            "usermapping.csv",
            "usermapping.csv: is in the folder, but the run wrote none.",
        ),
    ]


def test_a_folder_where_the_mapping_should_be(approved: Path) -> None:
    """Refused in words, as whatever cannot be read."""
    (approved / "usermapping.csv").unlink()
    (approved / "usermapping.csv").mkdir()
    with pytest.raises(t2t.InputError) as caught:
        t2t.drift(approved, source_full=approved.parent / "s.csv", destination_full=approved.parent / "d.csv")
    (problem,) = caught.value.problems
    assert (problem.code, problem.file) == ("I101", (approved / "usermapping.csv").as_posix())
    assert problem.message == "This is a folder, not a file."


def test_an_altered_mapping_is_told_line_by_line(approved: Path) -> None:
    """The fingerprint differs, and so does this line."""
    path = approved / "usermapping.csv"
    path.write_bytes(path.read_bytes().replace(b",ann.lee@fabrikam.com", b",bo.chen2@fabrikam.com"))
    result = t2t.drift(approved, source_full=approved.parent / "s.csv", destination_full=approved.parent / "d.csv")
    assert not result.unaltered
    assert found(result) == [
        (
            "V905",
            "error",
            "ann.lee@contoso.com",
            "ann.lee@contoso.com: edited by hand: redirected from ann.lee@fabrikam.com to bo.chen2@fabrikam.com.",
        ),
        (
            "V905",
            "error",
            "usermapping.csv",
            "usermapping.csv: is not the file that the run wrote: its fingerprint differs.",
        ),
    ]
    assert result.exit_status() == 1
    path.unlink()
    again = t2t.drift(approved, source_full=approved.parent / "s.csv", destination_full=approved.parent / "d.csv")
    assert found(again) == [("V905", "error", "usermapping.csv", "usermapping.csv: is missing from the folder.")]


def test_the_rule_table_of_then(tmp_path: Path) -> None:
    """It is read again by itself; when it is gone, that is said; when it has changed, that is a warning."""
    source = export(tmp_path / "s.csv", person("Ann Lee", "contoso.com"))
    destination = export(tmp_path / "d.csv", "Ann Lee,al@fabrikam.com,Enabled,Yes")
    rules = tmp_path / "rules.csv"
    rules.write_text("ann.lee@contoso.com,al@fabrikam.com,HR\n")
    t2t.generate(source_full=source, destination_full=destination, rules=rules).write(tmp_path / "run")
    assert found(t2t.drift(tmp_path / "run", source_full=source, destination_full=destination)) == []
    rules.write_text("ann.lee@contoso.com,al@fabrikam.com,HR again\n")
    changed = t2t.drift(tmp_path / "run", source_full=source, destination_full=destination)
    assert [(code, severity) for code, severity, _, _ in found(changed)] == [("V905", "warning")]
    rules.unlink()
    with pytest.raises(t2t.InputError, match="used this rule table, and it is gone"):
        t2t.drift(tmp_path / "run", source_full=source, destination_full=destination)


def test_a_kind_of_export_that_is_missing_now(tmp_path: Path) -> None:
    """Its users would all seem to be gone, so that is refused; a missing directory is only said."""
    source = export(tmp_path / "s.csv", person("Ann Lee", "contoso.com"))
    admins = export(tmp_path / "a.csv", person("Bo Chen", "contoso.com"))
    destination = export(tmp_path / "d.csv", person("Ann Lee", "fabrikam.com"))
    everything: ExportKeywords = {
        "source_full": source,
        "source_admin": admins,
        "source_directory": source,
        "destination_full": destination,
    }
    t2t.generate(**everything).write(tmp_path / "run")
    with pytest.raises(t2t.UsageError, match=r"`source_admin`\. Give fresh ones"):
        t2t.drift(tmp_path / "run", source_full=source, destination_full=destination)
    with pytest.raises(t2t.UsageError, match="`destination_full`"):
        t2t.drift(tmp_path / "run", source_full=source, source_admin=admins)
    result = t2t.drift(tmp_path / "run", source_full=source, source_admin=admins, destination_full=destination)
    assert result.skipped == {"V905": "no fresh export of source directory: what only that told is not compared"}


def test_exchanged_sides_are_refused(approved: Path) -> None:
    """Everybody would seem to have changed, where only the files were given the wrong way round."""
    with pytest.raises(t2t.InputError, match="I109"):
        t2t.drift(approved, source_full=approved.parent / "d.csv", destination_full=approved.parent / "d.csv")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (shutil.rmtree, "This is not the folder of a run"),
        (lambda folder: (folder / "run.json").unlink(), "The folder holds no run.json"),
        (lambda folder: (folder / "run.json").write_text("[" * 100_000), "This run.json cannot be read"),
        (lambda folder: (folder / "run.json").write_text("[1]"), "This run.json is not that of one run"),
        (
            lambda folder: (folder / "run.json").write_text('{"options": {}, "outputs": {}, "inputs": []}'),
            "The options or inputs",
        ),
        (lambda folder: (folder / "accounting.csv").unlink(), "The run's accounting is missing"),
        (lambda folder: (folder / "accounting.csv").write_text("a,b\n1,2\n"), "The run's accounting cannot be read"),
        (
            lambda folder: (folder / "accounting.csv").write_bytes(b"\xff\xfe\x00"),
            "The run's accounting cannot be read",
        ),
    ],
)
def test_a_folder_that_is_no_run(approved: Path, spoil: Any, words: str) -> None:
    """Refused in words, whatever is in it."""
    spoil(approved)
    with pytest.raises(t2t.InputError, match=words):
        t2t.drift(approved, source_full=approved.parent / "s.csv", destination_full=approved.parent / "d.csv")


# --- the command line -------------------------------------------------------------------------------------------------


def test_json_and_text_of_every_comparison(approved: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """One JSON object of the usual shape and nothing else; text of at most 80 columns."""
    folder = approved.parent
    mapping(
        folder / "new.csv",
        "ann.lee@contoso.com,bo.chen@fabrikam.com",
        "zed.long.name.with.many.parts@contoso.com,z@fabrikam.com",
    )
    exports = ["--source-full", str(folder / "s.csv"), "--destination-full", str(folder / "d.csv")]
    shutil.copy(folder / "s.csv", folder / "after.csv")
    for command in (
        ["diff", str(approved), str(folder / "new.csv")],
        ["drift", str(approved), *exports],
        ["verify", str(approved), "--after", str(folder / "after.csv")],
    ):
        status = main([*command, "--format", "json"])
        said = json.loads(capfdbinary.readouterr().out)
        assert list(said) == ["counts", "findings", "skipped", "outputs"]
        assert status == any(finding["severity"] == "error" for finding in said["findings"])
        assert main([*command, "--fail-on", "never"]) == 0
        text = capfdbinary.readouterr().out.decode()
        assert max(map(len, text.splitlines())) <= 80


@settings(max_examples=20)
@given(st.lists(st.sampled_from("abcd"), unique=True), st.lists(st.sampled_from("abcdefgh"), unique=True))
def test_verify_adds_up(mapped: list[str], listed: list[str]) -> None:
    """Every mapped user is in exactly one state; the environment is planned plus unplanned."""
    lines = pl.DataFrame(
        {"source": [f"{n}@x.com" for n in mapped], "destination": [f"{n}@y.com" for n in mapped]},
        schema={"source": pl.String, "destination": pl.String},
    )
    after = pl.DataFrame(
        {
            "Full Name": [*listed, "Sam"],
            "Windows Live ID": [*(f"{n}@{'x' if n in 'ab' else 'y'}.com" for n in listed), "sam@y.com"],
        }
    )
    counts = t2t.verify(lines, after).summary
    assert counts["mapped"] == counts["arrived"] + counts["disabled"] + counts["still_at_source"] + counts["missing"]
    assert counts["environment"] == counts["planned"] + counts["unplanned"] == len(listed) + 1
    assert mapping_bytes(lines, "self-service").startswith(b"Source,Destination\r\n")
