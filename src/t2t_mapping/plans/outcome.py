"""What came of a plan, as frames and counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping.choices import FailOn
from t2t_mapping.errors import Problem
from t2t_mapping.lexicon.articles import Reminder
from t2t_mapping.plans.file import Environment, Plan
from t2t_mapping.run.result import Result

__all__ = ["EnvironmentResult", "PlanOutcome"]


@dataclass(frozen=True, eq=False)
class EnvironmentResult:
    """What came of one environment: a result, or the problems why there is none."""

    environment: Environment
    result: Result | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, eq=False, repr=False)
class PlanOutcome:
    """What came of a plan. Every frame is a polars frame; `environment` is its first column.

    Attributes:
        environments: One entry per environment, in the order of the plan; `result["Sales"]` gives one by its name.
        overview: One row per environment: `environment, type, region, state, users, mapped, held, excluded, folder`.
        accounting: Every source user of every environment, as in `accounting.csv`.
        findings: Of all environments, and of the plan as a whole (there `environment` is null), worst first.
        mailboxes: What becomes of the mailbox of every mapped user, see `preflight.mailboxes`.
        summary: The counts, over all environments and by environment.
        skipped: Code -> reason, for checks that could not run.
        checklist: What no export can show.
        written: Name -> path of what was written, if an output folder was given.
    """

    plan: Plan
    environments: tuple[EnvironmentResult, ...]
    overview: pl.DataFrame
    accounting: pl.DataFrame
    findings: pl.DataFrame
    mailboxes: pl.DataFrame
    summary: dict[str, Any]
    skipped: dict[str, str]
    checklist: tuple[Reminder, ...]
    written: dict[str, Path] = field(default_factory=dict)

    def __getitem__(self, name: str) -> EnvironmentResult:
        """One environment by its name."""
        for entry in self.environments:
            if entry.environment.name == name:
                return entry
        raise KeyError(name)

    @property
    def results(self) -> dict[str, Result]:
        """Name -> result of the environments that could be done."""
        return {entry.environment.name: entry.result for entry in self.environments if entry.result is not None}

    def exit_status(self, fail_on: FailOn | None = None) -> int:
        """2 if an environment could not be done; else 1 for findings at or above `fail_on`; else 0.

        Args:
            fail_on: `error`, `warning` or `never`; by default what the plan says, or `error`.
        """
        limit = fail_on or self.plan.fail_on or "error"
        if self.summary["failed"]:
            return 2
        if limit == "never":
            return 0
        nobody = any(result.mapping.is_empty() for result in self.results.values())
        return int(nobody or fnd.at_least(self.findings, limit).height > 0)
