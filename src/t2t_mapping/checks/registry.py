"""The registry of checks, one small function per code, and the frame of facts that all of them look at."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping.catalogue import CATALOGUE
from t2t_mapping.checks.evidence import weighed
from t2t_mapping.checks.namesakes import namesakes
from t2t_mapping.checks.verdicts import Spelt
from t2t_mapping.rules.table import RuleTable
from t2t_mapping.threads import threads

__all__ = [
    "ACTIVE",
    "AT_DESTINATION",
    "CHECKS",
    "KNOWN",
    "NO_EXPORT",
    "PAIRED",
    "Answer",
    "Facts",
    "Skipped",
    "check",
    "run",
    "shared_mailbox",
    "warn_by_rule",
]


NO_EXPORT = "there is no destination export"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A check that could not run, and why. Never a pass."""

    reason: str


@dataclass(frozen=True)
class Facts:
    """All that a check may look at.

    `frame` has one row per source user, at the position `user`. `directory` holds the accounts of the source's
    directories (`directory_there` the destination's), whether or not an export lists them, `elsewhere` the
    source users of other environments, as typed, `clouds` what the exports of both sides say of theirs. `judging` is true when a given
    mapping file is judged, rather than one being made. `names` are those of both sides, as the tenants'
    habits leave them.
    """

    frame: pl.DataFrame
    source: pl.DataFrame
    destination: pl.DataFrame | None
    rules: RuleTable
    names: Spelt
    domains: tuple[str, ...] = ()
    judging: bool = False
    directory: pl.DataFrame | None = None
    directory_there: pl.DataFrame | None = None
    elsewhere: pl.Series | None = None
    clouds: tuple[str | None, str | None] = (None, None)

    @cached_property
    def namesakes(self) -> pl.DataFrame:
        """The pairs that may be a namesake's, and what else both sides tell about them; see `evidence.weighed`."""
        if self.destination is None:
            return pl.DataFrame()
        found = namesakes(self.frame, self.source, self.destination, self.names, self.domains)
        return weighed(found, self.frame, self.source, self.destination, self.names)

    # Never the frame of all active users: of a million, a copy of it takes a quarter of a gigabyte.

    def active(self, *where: pl.Expr) -> pl.DataFrame:
        """Those users that no rule, no proof and no missing opt-in excludes."""
        return self.frame.filter(ACTIVE, *where)

    def paired(self, *where: pl.Expr) -> pl.DataFrame:
        """Those active users with one destination, listed in an export or not."""
        return self.frame.filter(PAIRED, *where)

    def known(self, *where: pl.Expr) -> pl.DataFrame:
        """Those active users whose destination is listed in a destination export."""
        return self.frame.filter(KNOWN, *where)


ACTIVE = ~pl.col("excluded")
PAIRED = ACTIVE & pl.col("target").is_not_null()
KNOWN = ACTIVE & pl.col("d").is_not_null()


Answer = pl.DataFrame | Skipped
CHECKS: dict[str, Callable[[Facts], Answer]] = {}
"""Code -> check. A helper for tests: `CHECKS["U201"](facts)` runs one alone."""


def check(
    code: str, *, needs_destination: bool = False
) -> Callable[[Callable[[Facts], Answer]], Callable[[Facts], Answer]]:
    """Registers the one function that can emit a code; one that needs a destination export is skipped without."""

    def register(function: Callable[[Facts], Answer]) -> Callable[[Facts], Answer]:
        def answer(given: Facts) -> Answer:
            return Skipped(NO_EXPORT) if needs_destination and given.destination is None else function(given)

        CHECKS[code] = answer
        return function

    return register


def run(given: Facts) -> tuple[pl.DataFrame, dict[str, str]]:
    """Every check, once.

    Returns:
        The findings, and code -> reason for the checks that could not run.
    """
    found, skipped = [], {}
    codes = [code for code in CATALOGUE if code in CHECKS]
    _ = given.namesakes  # two checks ask for them, and no lock keeps threads from making them twice
    rows = given.frame.height + (0 if given.destination is None else given.destination.height)
    with threads(os.cpu_count(), rows) as pool:  # most are one column on one core
        answers = list(pool.map(lambda code: CHECKS[code](given), codes))
    for code, answer in zip(codes, answers, strict=True):
        if isinstance(answer, Skipped):
            skipped[code] = answer.reason
        else:
            found.append(answer)
    return fnd.collect(found), skipped


def shared_mailbox() -> pl.Expr:
    """Accounts of shared mailboxes, rooms and contacts: often a leaver's, so that a person decides what becomes of them."""
    return pl.col("reason").str.contains("mailbox|contact")


def warn_by_rule(otherwise: str = "error") -> pl.Expr:
    """A rule line that names the pair warns; with a Note, or as a decision, it settles the question."""
    return (
        pl.when(pl.col("by_rule") & pl.col("noted"))
        .then(pl.lit("info"))
        .when("by_rule")
        .then(pl.lit("warning"))
        .otherwise(pl.lit(otherwise))
    )


AT_DESTINATION: dict[str, pl.Expr | str] = {
    "side": "destination",
    "file": pl.col("d_file"),
    "sheet": pl.col("d_sheet"),
    "row": pl.col("d_row"),
}
"""Findings about the destination point to its own row where an export lists it."""
