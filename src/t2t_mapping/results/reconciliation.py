"""Both tenants' users as they were read, and what came of reconciling them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from t2t_mapping import checks
from t2t_mapping.results.options import Options
from t2t_mapping.rules.table import RuleTable
from t2t_mapping.users.load import Input

__all__ = ["Reconciliation", "Sides"]


@dataclass(frozen=True)
class Sides:
    """What was read of both tenants: merged users, findings, inputs and the sum of the rows."""

    source: pl.DataFrame
    destination: pl.DataFrame | None
    findings: pl.DataFrame
    inputs: tuple[Input, ...]
    rows: int
    has_source: bool = True


@dataclass(frozen=True)
class Reconciliation:
    """What came of one run. Every frame is a polars frame.

    Attributes:
        mapping: The mapped users: `source, destination, matched_by, full_name, destination_name`, sorted by source.
        accounting: Every source user once; the columns of `accounting.csv`.
        findings: In words, worst first; the columns of `findings.csv`.
        summary: The counts: `users, mapped, held, excluded, rows, duplicates, draft, codes, severities`.
        skipped: Code -> reason, for checks that could not run.
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

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Every file that was read, in a fixed order."""
        read = list(self.sides.inputs)
        for rules in self.rules.sources:
            if rules.sha256:
                kind = "rules" if rules.decisions is None else "review"
                read.append(Input("rules", "", rules.file, rules.sha256, kind, rules.lines))
        return tuple(sorted(read, key=lambda item: (item.side, item.view, item.file)))
