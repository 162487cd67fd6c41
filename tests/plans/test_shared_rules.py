"""A rule table that several environments share names users of all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

import t2t_mapping as t2t

PLAN = """
[destination]
full = ["d.csv"]
[options]
rules = "r.csv"
[[environment]]
name = "A"
type = "sandbox"
source_full = ["a.csv"]
[[environment]]
name = "B"
type = "sandbox"
source_full = ["b.csv"]
"""
HEADER = "Full Name,Windows Live ID,Status\n"


@pytest.mark.parametrize(
    ("rules", "held"),
    [
        ("ann.lee@contoso.com,ann.lee@fabrikam.com\nodd one,\n", 0),  # each names a user of A, and nearly one of B
        ("anna.lee@contoso.com,ann.lee@fabrikam.com\n", 1),  # nobody has it, and Ann in A is near it
    ],
)
def test_a_line_about_a_user_of_another_environment(tmp_path: Path, rules: str, held: int) -> None:
    """Is no slip of the hand, and no malformed exclusion."""
    result = t2t.plan(written(tmp_path, rules))
    assert result.summary["codes"].get("R406", 0) == held
    assert not any(entry.problems for entry in result.environments)


def test_a_line_about_nobody(tmp_path: Path) -> None:
    """A text that no environment lists is malformed in all of them."""
    with pytest.raises(t2t.InputError) as caught:
        t2t.plan(written(tmp_path, "odd two,\n"))
    assert {problem.code for problem in caught.value.problems} == {"R403"}


def written(tmp_path: Path, rules: str) -> Path:
    files = {
        "a.csv": HEADER + "Ann Lee,ann.lee@contoso.com,Enabled\nOdd,odd one,Enabled\n",
        "b.csv": HEADER + "Anne Lea,ann.lea@contoso.com,Enabled\n",
        "d.csv": HEADER + "Ann Lee,ann.lee@fabrikam.com,Enabled\nAnne Lea,ann.lea@fabrikam.com,Enabled\n",
        "r.csv": "Source,Destination\n" + rules,
        "plan.toml": PLAN,
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / "plan.toml"
