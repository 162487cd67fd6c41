"""The result that callers hold: what came of a run, and how to look at it and store it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping.choices import FailOn, Outputs
from t2t_mapping.outputs.run_folder import run_files, write_run
from t2t_mapping.results.reconciliation import Reconciliation
from t2t_mapping.run.reading import Rules, rule_table
from t2t_mapping.run.reconciling import reconcile

__all__ = ["Result"]


@dataclass(frozen=True, repr=False, eq=False)
class Result(Reconciliation):
    """What came of one run. Every table is a polars frame.

    Attributes:
        mapping: The mapped users: `source, destination, matched_by, full_name, destination_name`, sorted by source.
        accounting: Every source user once; the columns of `accounting.csv`.
        findings: In words, worst first; the columns of `findings.csv`.
        summary: The counts: `users, mapped, held, excluded, rows, duplicates, draft, codes, severities`.
        skipped: Code -> reason, for checks that could not run.
        options: How it was made.
        rules: The rules that were used.
    """

    @classmethod
    def of(cls, outcome: Reconciliation) -> Result:
        """An outcome, with the ways to look at it and to store it."""
        return cls(**{field.name: getattr(outcome, field.name) for field in fields(outcome)})

    def with_rules(self, more: Rules, **options: Any) -> Result:
        """Run again with more rules, without reading anything again.

        Args:
            more: Rules as `generate` takes them. They are added to those of this result.
            options: Options that change, called as the arguments of `generate`: `accept="P305"`.

        Raises:
            InputError: The rules cannot be used, or contradict each other.
        """
        return Result.of(
            reconcile(self.sides, self.rules + rule_table(more), replace(self.options, **options), extra=self.extra)
        )

    @cached_property
    def suggestions(self) -> pl.DataFrame:
        """Guesses for held users, as the review workbook lists them: for each at most five accounts, the best first.

        Columns `source, full_name, rank, destination, destination_name, score, evidence`, by source and rank; `score` is out
        of 100. Nobody is mapped by a guess: pass those that you accept to `with_rules`. Made when it is first asked for.
        """
        from t2t_mapping.suggestions.candidates import suggest  # only who looks at them pays for them

        found, people = suggest(self), self.facts.frame
        listed = people["upn", "full_name"][found["user"]]
        accounts = people.clear() if self.facts.destination is None else self.facts.destination
        names = accounts.filter(pl.col("upn").is_in(found["destination"].unique().implode())).unique(
            "upn", keep="first"
        )
        named = found.with_columns(listed["upn"].alias("source"), listed["full_name"]).join(
            names.select(destination="upn", destination_name="full_name"), on="destination", how="left"
        )
        return named.select("source", "full_name", "rank", "destination", "destination_name", "score", "evidence").sort(
            "source", "rank"
        )

    def __repr__(self) -> str:
        from t2t_mapping.outputs.notebook import result_text  # only who looks at it pays for it

        return result_text(self)

    def _repr_html_(self) -> str:
        from t2t_mapping.outputs.notebook import result_html

        return result_html(self)

    def exit_status(self, fail_on: FailOn = "error") -> int:
        """0 if nothing is at or above `fail_on` (`error`, `warning`, `never`), else 1."""
        status = fnd.exit_status(self.findings, fail_on)
        return status if fail_on == "never" else int(status or self.mapping.is_empty())

    def files(self, outputs: Outputs = "all", *, upload_script: bool = False) -> dict[str, bytes]:
        """The content of every output, by name, the mapping last. The same inputs and options give the same bytes."""
        return run_files(self, outputs, script=upload_script)

    def write(
        self, folder: str | Path, *, overwrite: bool = False, outputs: Outputs = "all", upload_script: bool = False
    ) -> dict[str, Path]:
        """Write every output into a folder, atomically, the mapping last.

        Args:
            overwrite: Replace earlier outputs. An earlier mapping is removed when nobody is mapped now.
            outputs: `all`, or `core` without the workbook and the report.
            upload_script: Write `upload.ps1`, too: the PowerShell lines of the upload.

        Returns:
            Name -> path of what was written.

        Raises:
            OutputError: Something stands in the way, or the disk is full; nothing has changed.
        """
        return write_run(self, folder, overwrite=overwrite, outputs=outputs, script=upload_script)
