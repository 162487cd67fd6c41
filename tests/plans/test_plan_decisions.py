"""The review workbooks of a plan: each environment has one, and all of them flow back."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from desk import Desk

import t2t_mapping as t2t

PLAN = """
[destination]
full = ["there.csv"]
[options]
rules = [{rules}]
[[environment]]
name = "Sales"
source_full = ["sales.csv"]
[[environment]]
name = "Service"
source_full = ["service.csv"]
"""
THERE = [
    ("Sofia Bianchi", "sofia@fabrikam.com"),
    ("Ewa Nowak", "ewa.nowak@fabrikam.com"),
    ("Ann Lee", "ann@fabrikam.com"),
]
SALES = [("Sofia Marchetti", "sofia@contoso.com"), ("Ann Lee", "ann@contoso.com")]
SERVICE = [("Ewa Nowak", "enowak@contoso.com"), ("Sofia Marchetti", "sofia@contoso.com")]


def planned(folder: Path, *rules: Path) -> t2t.PlanResult:
    """Run the plan with these rules."""
    for name, rows in (("there", THERE), ("sales", SALES), ("service", SERVICE)):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(
                [
                    ("Full Name", "Windows Live ID", "Status", "User Licensed"),
                    *((*row, "Enabled", "Yes") for row in rows),
                ]
            )
    text = PLAN.format(rules=", ".join(f'"{path.as_posix()}"' for path in rules))
    path = folder / "plan.toml"
    path.write_text(text if rules else text.replace("rules = []", ""), encoding="utf-8")
    return t2t.plan(path)


def test_the_workbooks_of_all_environments_flow_back(tmp_path: Path) -> None:
    """Whoever is in two environments needs one decision; the count is of the workbooks, not of the environments."""
    first = planned(tmp_path)
    assert first.summary["held"] == 3
    sales = Desk(first.results["Sales"]).fill("sofia@contoso.com", Decision="map").save(tmp_path, "sales.xlsx")
    service = Desk(first.results["Service"]).fill("enowak@contoso.com", Decision="map").save(tmp_path, "service.xlsx")
    second = planned(tmp_path, sales, service)
    assert second.summary["held"] == 0
    assert second.summary["decisions"] == {"map": 2, "exclude": 0, "later": 0}
    assert "R402" not in second.summary["codes"]


def test_environments_that_were_decided_differently(tmp_path: Path) -> None:
    """R401 with both workbooks: one person cannot go to two destinations."""
    first = planned(tmp_path)
    sales = Desk(first.results["Sales"]).fill("sofia@contoso.com", Decision="map").save(tmp_path, "sales.xlsx")
    service = Desk(first.results["Service"]).fill("sofia@contoso.com", Decision="exclude")
    with pytest.raises(t2t.InputError) as caught:
        planned(tmp_path, sales, service.save(tmp_path, "service.xlsx"))
    (problem,) = set(map(str, caught.value.problems))
    assert problem.startswith("R401")
    assert "sales.xlsx" in problem
    assert "service.xlsx" in problem
