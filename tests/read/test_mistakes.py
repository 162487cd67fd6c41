"""Mistakes that people make at night: none of them may map, exclude or overwrite anything in silence."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from commands import called as command
from small import merger, person, rule_table, told

import t2t_mapping as t2t

ANN = person("Ann Lee", "ann@contoso.com")
THERE = person("Ann Lee", "kann@fabrikam.com")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "s.csv").write_text("Full Name,Windows Live ID\nAnn Lee,ann@contoso.com\n", encoding="utf-8")
    (tmp_path / "d.csv").write_text("Full Name,Windows Live ID\nAnn Lee,ann@fabrikam.com\n", encoding="utf-8")
    (tmp_path / "r.csv").write_text("Source,Destination\nann@contoso.com,\n", encoding="utf-8")
    return tmp_path


def run(files: Path, *more: str, out: str = "out") -> tuple[int, str]:
    done = command(
        "generate",
        "--source-full",
        "s.csv",
        "--destination-full",
        "d.csv",
        "--outputs",
        "core",
        "--out",
        out,
        *more,
        cwd=files,
    )
    return done.returncode, done.stderr + done.stdout


def test_options_that_may_be_given_once(files: Path) -> None:
    """A second folder must not silently replace the first; an empty name is nobody's file."""
    for more in (
        ("--profile", "self-service", "--sheet", "a", "--sheet", "b"),
        ("--out", "a", "--out", "b"),
        ("--rules", ""),
    ):
        status, words = run(files, *more)
        assert status == 2, more
        assert "twice" in words or "An empty path was given." in words
    assert sorted(path.name for path in files.iterdir()) == ["d.csv", "r.csv", "s.csv"]


def test_an_empty_path_is_not_the_current_folder(files: Path) -> None:
    """An unset variable of a shell."""
    done = command("generate", "--source-full", "", "--destination-full", "d.csv", cwd=files)
    assert done.returncode == 2
    assert "An empty path was given." in done.stderr


def test_an_accounting_is_no_rule_table(files: Path) -> None:
    """Its held users would be mapped, its others excluded."""
    assert run(files)[0] == 0
    status, words = run(files, "--rules", "out/accounting.csv", out="next")
    assert status == 2
    assert "This is the accounting of a run." in words


@pytest.mark.parametrize(
    "text",
    [
        "Source,Destination\nann@contoso.com\n",
        "ann@contoso.com\n",
        'Source,Destination\n"b@x.com",""\nann@contoso.com\n',
    ],
)
def test_a_line_that_was_cut_off_excludes_nobody(files: Path, text: str) -> None:
    """An exclusion ends with a comma."""
    (files / "r.csv").write_text(text, encoding="utf-8")
    status, words = run(files, "--rules", "r.csv")
    assert status == 2
    assert "The line has no second column" in words


@pytest.mark.parametrize("line", ["*@contoso.com,\u212a*@fabrikam.com", "*@contoso.com,\u212a{local}@fabrikam.com"])
def test_a_kelvin_sign_does_not_fold_in_a_pattern(line: str) -> None:
    """ASCII is checked before anything is folded."""
    with pytest.raises(t2t.InputError, match="holds characters that an address must not have"):
        merger([ANN], [THERE], line)


@pytest.mark.parametrize("domain", ["", "not a domain", "fabri\u212aam.com"])
def test_domains_that_are_none(domain: str) -> None:
    """Refused, not folded."""
    with pytest.raises(t2t.UsageError, match="is not a domain name"):
        merger([ANN], [THERE], destination_domain=domain)


def test_a_note_must_say_something() -> None:
    """A zero-width blank is no reason to let a contradiction through."""
    pair = "ann@contoso.com,dan@fabrikam.com"
    there = [person("Dan Poe", "dan@fabrikam.com")]
    assert told(merger([ANN], there, f"{pair},\u200b")) == {"ann@contoso.com": "held dan@fabrikam.com rule P303"}
    assert told(merger([ANN], there, f"{pair},ok")) == {"ann@contoso.com": "mapped dan@fabrikam.com rule P303"}


@pytest.mark.parametrize(
    ("state", "codes"),
    [
        ("Exists", ()),
        ("0", ()),
        ("Soft deleted", ("U206",)),
        ("2", ("U206",)),
        ("Foo", ("U208", "I111")),
        ("Supprimé", ("U208", "I111")),
    ],
)
def test_a_state_that_is_not_understood_is_said(state: str, codes: tuple[str, ...]) -> None:
    """Unknown is never taken for yes or no."""
    there = person("Ann Lee", "ann@fabrikam.com")
    result = merger([ANN | {"Azure State": state}], [there])
    assert tuple(result.findings["code"].cast(pl.String)) == codes


def test_match_on_without_the_column_is_said() -> None:
    """It must not look as if it had been tried."""
    skipped = merger([ANN], [THERE], match_on=["employee-id"]).skipped
    assert skipped["match-on employee-id"] == "no source and no destination export has such a value"


def test_exclude_takes_only_codes_that_hold() -> None:
    """U217 and P309 hold nobody."""
    for code in ("U217", "P309", "I109", "X1"):
        with pytest.raises(t2t.UsageError):
            merger([ANN], [THERE], exclude=[code])


def test_an_earlier_report_does_not_stay_beside_a_new_mapping(files: Path) -> None:
    """It would show other numbers; a workbook stays, it may hold decisions."""
    command("generate", "--source-full", "s.csv", "--destination-full", "d.csv", "--out", "out", cwd=files)
    assert {"report.html", "review.xlsx"} <= {path.name for path in (files / "out").iterdir()}
    run(files, "--overwrite")
    assert "report.html" not in {path.name for path in (files / "out").iterdir()}
    assert "review.xlsx" in {path.name for path in (files / "out").iterdir()}


def test_a_wrong_extension_and_a_file_given_twice_are_mentioned(files: Path) -> None:
    """No faults, but said."""
    (files / "s.json").write_bytes((files / "s.csv").read_bytes())
    users = t2t.read_users([files / "s.json"])
    assert users.findings["message"].to_list() == ["The file is a text table (CSV), whatever its name ends with."]
    twice = t2t.read_users([files / "s.csv", files / "s.csv"])
    assert twice.findings["code"].to_list() == ["I110"]


def test_validate_takes_the_options_of_generate(files: Path) -> None:
    """Also those that change nothing there."""
    assert run(files, "--exclude", "U201")[0] == 0
    done = command(
        "validate",
        "out/usermapping.csv",
        "--source-full",
        "s.csv",
        "--destination-full",
        "d.csv",
        "--exclude",
        "U201",
        cwd=files,
    )
    assert done.returncode == 0, done.stderr


def test_rule_frames_are_checked_like_files() -> None:
    """A frame cannot have cut lines; an empty destination excludes."""
    assert t2t.read_rules(rule_table("ann@contoso.com,")).frame["destination"].to_list() == [None]
