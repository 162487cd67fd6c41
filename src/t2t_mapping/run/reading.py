"""Exports of both tenants, whatever holds them → merged users, findings, and the sum of the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping.errors import InputError, Problem, UsageError
from t2t_mapping.results.reconciliation import Sides
from t2t_mapping.rules.table import Rules, RuleTable, read_rules
from t2t_mapping.users.load import ROWS, Batch, Given, Request, load, merge

__all__ = ["Many", "read_sides", "rule_table"]

Many = Given | Iterable[Given]


def rule_table(rules: Rules | Sequence[Rules] | RuleTable | None) -> RuleTable:
    """The rule table, read if need be."""
    if rules is None:
        return RuleTable.empty()
    return rules if isinstance(rules, RuleTable) else read_rules(rules)


def _given(value: Many | None) -> tuple[Given, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, (str, Path, pl.DataFrame, pl.LazyFrame)) else tuple(value)


def read_sides(
    source: Many | None = None,
    destination: Many | None = None,
    *,
    source_full: Many = (),
    source_admin: Many = (),
    source_directory: Many = (),
    destination_full: Many = (),
    destination_admin: Many = (),
    destination_directory: Many = (),
    sheet: str | None = None,
    need_source: bool = True,
    progress: Callable[[str], None] | None = None,
) -> Sides:
    """Read and merge both tenants' users at once; see `generate` for the arguments."""
    requests = [
        Request(given, side, view)
        for given, side, view in (
            (_given(source), "source", None),
            (_given(source_full), "source", "full"),
            (_given(source_admin), "source", "admin"),
            (_given(source_directory), "source", "directory"),
            (_given(destination), "destination", None),
            (_given(destination_full), "destination", "full"),
            (_given(destination_admin), "destination", "admin"),
            (_given(destination_directory), "destination", "directory"),
        )
        if given
    ]
    if need_source and not any(request.side == "source" and request.view != "directory" for request in requests):
        raise UsageError("At least one export of source users is needed (--source-full or --source-admin).")
    batches = load(requests, sheet=sheet, progress=progress)
    here = [batch for request, batch in zip(requests, batches, strict=True) if request.side == "source"]
    there = [batch for request, batch in zip(requests, batches, strict=True) if request.side == "destination"]
    source_rows = _rows(here)
    listed = source_rows.filter(pl.col("view") != "directory")
    completing = source_rows.filter(pl.col("view") == "directory").join(
        listed.select(pl.col("upn_key").drop_nulls()).unique(), on="upn_key", how="semi"
    )
    users, found = merge(pl.concat([listed, completing]) if completing.height else listed, side="source")
    has_source = any(request.side == "source" and request.view != "directory" for request in requests)
    if need_source and not users.height:
        files = ", ".join(item.file for batch in here for item in batch.inputs)
        raise InputError(Problem("I102", "The source exports list no user.", side="source", file=files or None))
    others, found_there = merge(_rows(there), side="destination", ordered=False) if there else (None, fnd.empty())
    if progress:
        progress("users of both sides")
    every = fnd.collect([*(batch.findings for batch in (*here, *there)), found, found_there])
    inputs = tuple(item for batch in (*here, *there) for item in batch.inputs)
    return Sides(users, others, every, inputs, listed.height, has_source)


def _rows(batches: list[Batch]) -> pl.DataFrame:
    return pl.concat([batch.rows for batch in batches]) if batches else pl.DataFrame(schema=ROWS)
