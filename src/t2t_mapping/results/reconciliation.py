"""Both tenants' users as they were read, and what came of reconciling them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from t2t_mapping import checks
from t2t_mapping.lexicon.articles import Reminder, service
from t2t_mapping.mapping.upload import Move
from t2t_mapping.results.options import Options
from t2t_mapping.rules.table import RuleTable
from t2t_mapping.users.hosts import cloud_of_exports
from t2t_mapping.users.load import Input

__all__ = ["Extra", "Reconciliation", "Sides"]

Extra = Callable[[checks.Facts], pl.DataFrame]
"""Further findings, as a plan has them. An error on a user holds this user, one on the run holds everybody."""


_NON_INTERACTIVE = 7
"""So many of them an environment has room for."""


@dataclass(frozen=True, eq=False)
class Sides:
    """What was read of both tenants: merged users, findings, inputs, the sum of the rows, the accounts of the directories."""

    source: pl.DataFrame
    destination: pl.DataFrame | None
    findings: pl.DataFrame
    inputs: tuple[Input, ...]
    rows: int
    has_source: bool = True
    directories: tuple[pl.DataFrame | None, pl.DataFrame | None] = (None, None)
    elsewhere: pl.Series | None = None  # source users of other environments of a plan, as typed: rules may name them

    @property
    def clouds(self) -> tuple[str | None, str | None]:
        """The clouds that the exports of source and destination came from, where they tell."""
        return cloud_of_exports(self.inputs, "source"), cloud_of_exports(self.inputs, "destination")


@dataclass(frozen=True, eq=False)
class Reconciliation:
    """What came of one run. Every frame is a polars frame.

    Attributes:
        mapping: The mapped users: `source, destination, matched_by, full_name, destination_name`, sorted by source.
        accounting: Every source user once; the columns of `accounting.csv`.
        findings: In words, worst first; the columns of `findings.csv`.
        summary: The counts: `users, mapped, held, excluded, rows, duplicates, draft, codes, severities`.
        skipped: Code -> reason, for checks that could not run.
        options: How it was made.
        sides: Both tenants' users as they were read.
        rules: The rules that were used.
        facts: What is known about every source user and the destination that was found.
        dispositions: `mapped`, `held` or `excluded`, per row of `facts.frame`.
        extra: Findings of the plan that this run belongs to.
        move: The ids of the move, as far as a plan names them.
    """

    mapping: pl.DataFrame
    accounting: pl.DataFrame
    findings: pl.DataFrame
    summary: dict[str, Any]
    skipped: dict[str, str]
    options: Options
    sides: Sides
    rules: RuleTable
    facts: checks.Facts
    dispositions: pl.Series
    extra: Extra | None = None
    move: Move = field(default_factory=Move)

    @property
    def mapped(self) -> pl.DataFrame:
        """The mapped users: these rows of the accounting."""
        return self._disposed("mapped")

    @property
    def held(self) -> pl.DataFrame:
        """The users who wait for a decision: these rows of the accounting."""
        return self._disposed("held")

    @property
    def excluded(self) -> pl.DataFrame:
        """The users who are left out: these rows of the accounting."""
        return self._disposed("excluded")

    def _disposed(self, disposition: str) -> pl.DataFrame:
        return self.accounting.filter(pl.col("disposition") == disposition)

    @property
    def ready(self) -> bool:
        """Whether the mapping can be uploaded: somebody is mapped, nobody waits for a decision, and it is no draft."""
        summary = self.summary
        return bool(summary["mapped"] and not summary["held"] and not summary["draft"])

    @property
    def checklist(self) -> tuple[Reminder, ...]:
        """What no export can show, in the order of the move, each line with the articles that say so."""
        lines = list(service().checklist(self.options.profile))
        many = self.facts.frame.filter(pl.col("kind") == "non-interactive").height
        if many > _NON_INTERACTIVE:
            at = next(n for n, line in enumerate(lines) if "non-interactive" in line.text)
            words = (
                f"{many:,} non-interactive users are listed; the environment has room for {_NON_INTERACTIVE}. See U204."
            )
            lines[at] = replace(lines[at], text=words)
        return tuple(lines)

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Every file that was read, in a fixed order."""
        read = list(self.sides.inputs)
        for source in self.rules.sources:
            if source.sha256:
                kind = "rules" if source.decisions is None else "review"
                read.append(Input("rules", "", source.file, source.sha256, kind, source.lines))
        return tuple(sorted(read, key=lambda item: (item.side, item.view, item.file)))
