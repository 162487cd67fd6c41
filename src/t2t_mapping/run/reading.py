"""Exports of both tenants, whatever holds them → merged users, findings, and the sum of the rows."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping.errors import InputError, Problem, UsageError
from t2t_mapping.read import each, sources
from t2t_mapping.results.reconciliation import Sides
from t2t_mapping.rules.table import RuleTable, read_rules
from t2t_mapping.run import directories
from t2t_mapping.run.exports import Exports
from t2t_mapping.schema import USERS
from t2t_mapping.threads import threads
from t2t_mapping.users import hosts
from t2t_mapping.users.load import Batch, Given, Request, load, merge

__all__ = ["Rules", "read_sides", "rule_table"]

Rules = Given | RuleTable | Mapping[str, str | None] | Sequence[Any] | None
"""A rule table, read or not, several of them, a dict `{source: destination}`, or tuples `(source, destination, note)`.

In Python, None as destination excludes the user, and `"later"` decides nothing yet.
"""

_HEADERS = ("Source", "Destination", "Note")


def rule_table(rules: Rules) -> RuleTable:
    """One rule table of whatever rules were given.

    Raises:
        InputError: A table cannot be used, or two of them contradict each other (R401); all faults at once.
    """
    if rules is None:
        return RuleTable.empty()
    if isinstance(rules, RuleTable):
        return rules
    if isinstance(rules, Mapping):
        rules = list(rules.items())
    if isinstance(rules, (list, tuple)) and rules and all(_is_line(entry) for entry in rules):
        lines = [(*entry, None)[:3] for entry in rules if entry[1] != "later"]
        return read_rules(pl.DataFrame(lines, schema=dict.fromkeys(_HEADERS, pl.String), orient="row"))
    tables: list[RuleTable] = []
    problems: list[Problem] = []
    for entry in each(rules, (RuleTable,)):
        try:
            tables += [entry] if isinstance(entry, RuleTable) else [read_rules(table) for table in _tables(entry)]
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(*problems)
    return sum(tables, RuleTable.empty())


_LOG = logging.getLogger("t2t_mapping")


def _tables(entry: Any) -> list[Any]:
    """What `read_rules` takes: a path as it is; bytes with their name; a frame."""
    if isinstance(entry, (str, os.PathLike)) and str(entry).strip():  # an empty path is nobody's file
        return [Path(entry)]
    return [(s.label, s.given) if isinstance(s.given, bytes) else s.given for s in sources(entry)]


def _is_line(entry: object) -> bool:
    return (
        isinstance(entry, (list, tuple))
        and len(entry) in (2, 3)
        and all(cell is None or isinstance(cell, str) for cell in entry)
    )


def read_sides(
    exports: Exports,
    *,
    need_source: bool = True,
    progress: Callable[[str], None] | None = None,
) -> Sides:
    """Read and merge both tenants' users at once."""
    requests = [
        Request(tuple(given), side, view)
        for side in ("source", "destination")
        for view in (None, "full", "admin", "directory")
        if (given := getattr(exports, f"{side}_{view}" if view else side))
    ]
    if need_source and not any(request.side == "source" and request.view != "directory" for request in requests):
        raise UsageError(
            "At least one export of source users is needed: `source_full` or `source_admin`. A directory lists accounts, "
            "not the users of an environment."
        )
    batches = load(requests, sheet=exports.sheet, progress=progress)
    here = [batch for request, batch in zip(requests, batches, strict=True) if request.side == "source"]
    there = [batch for request, batch in zip(requests, batches, strict=True) if request.side == "destination"]
    has_source = any(request.side == "source" and request.view != "directory" for request in requests)
    with threads(1, sum(batch.rows.height for batch in batches)) as pool:  # both sides are merged at once
        theirs = pool.submit(_merged, _rows(there), "destination", any(batch.completed for batch in there))
        mine = _merged(_listing(requests, here), "source", any(batch.completed for batch in here))
        others = theirs.result()
    if need_source and not mine.users.height:
        files = ", ".join(item.file for batch in here for item in batch.inputs)
        raise InputError(Problem("I102", "The source exports list no user.", side="source", file=files or None))
    if progress:
        progress("users of both sides")
    inputs = tuple(item for batch in (*here, *there) for item in batch.inputs)
    told = [*(batch.findings for batch in (*here, *there)), *mine.findings, *others.findings, *hosts.mixed(inputs)]
    _LOG.info(
        "read %d exports: %d source users, %d destination users",
        len(inputs),
        mine.users.height,
        others.users.height,
    )
    return Sides(
        mine.users,
        others.users if there else None,
        fnd.collect(told),
        inputs,
        mine.listed + sum(batch.folded for batch in here),
        has_source,
        (mine.accounts, others.accounts),
    )


class _Side(NamedTuple):
    """One side: its users, the findings of merging, how many rows list users, and the accounts of its directories."""

    users: pl.DataFrame
    findings: tuple[pl.DataFrame, ...]
    listed: int
    accounts: pl.DataFrame | None


def _merged(rows: pl.DataFrame, side: Literal["source", "destination"], completed: bool) -> _Side:
    """One side's users. A directory completes those of the source and never adds any; at the destination it lists them."""
    mixed = bool((rows["view"] == "directory").any())
    rows = directories.settled(rows)
    foreign = fnd.empty() if completed else directories.unrelated(rows, side)
    accounts = None if completed else directories.accounts(rows)
    if side == "destination":
        users, found = merge(rows, side=side, ordered=False)
        return _Side(users, (found, foreign), rows.height, accounts)
    listed = rows.filter(pl.col("view") != "directory") if mixed else rows
    if mixed:
        known = listed.select(pl.col("upn_key").drop_nulls()).unique()
        rows = pl.concat([listed, rows.filter(pl.col("view") == "directory").join(known, on="upn_key", how="semi")])
    users, found = merge(rows, side=side)
    return _Side(users, (found, foreign), listed.height, accounts)


def _listing(requests: Sequence[Request], here: Sequence[Batch]) -> pl.DataFrame:
    """The rows of the source. Given without a view, a table of accounts completes; where nothing else lists users, it does."""
    rows = _rows(here)
    if (rows["view"] != "directory").any():
        return rows
    asked = [request.view is None for request in requests if request.side == "source"]
    parts = [
        batch.rows.with_columns(view=pl.lit("full", dtype=USERS["view"])) if lists else batch.rows
        for batch, lists in zip(here, asked, strict=True)
    ]
    return pl.concat(parts) if parts else rows


def _rows(batches: Iterable[Batch]) -> pl.DataFrame:
    frames = [batch.rows for batch in batches]
    return pl.concat(frames) if frames else pl.DataFrame(schema=USERS)
