"""The pair's two names: whether they are one person's."""

from __future__ import annotations

import polars as pl

from t2t_mapping.checks.registry import (
    Answer,
    Facts,
    check,
)
from t2t_mapping.findings import find

__all__ = []


@check("P303", needs_destination=True)
def names_contradict(given: Facts) -> Answer:
    severity = pl.when("contradicted").then(pl.lit("error")).otherwise(pl.lit("info"))  # a person decided it
    return _about_names("P303", given.known(pl.col("verdict") == "contradictory"), severity)


@check("P304", needs_destination=True)
def names_doubtful(given: Facts) -> Answer:
    mild = pl.col("rung").is_in(["rule", "alias"])
    severity = pl.when("noted").then(pl.lit("info")).when(mild).then(pl.lit("warning")).otherwise(pl.lit("error"))
    return _about_names("P304", given.known(pl.col("verdict") == "doubtful"), severity)


@check("P305", needs_destination=True)
def names_unknown(given: Facts) -> Answer:
    severity = pl.when("by_rule").then(pl.lit("info")).otherwise(pl.lit("error"))
    return _about_names("P305", given.known(pl.col("verdict") == "unknown"), severity)


def _about_names(code: str, users: pl.DataFrame, severity: pl.Expr) -> pl.DataFrame:
    def listed(prefix: str) -> pl.Expr:
        others = pl.col(f"{prefix}other_names").list.head(5).list.join(" / ")
        return pl.concat_str(
            pl.col(f"{prefix}full_name").fill_null("no name"), others, separator=" / ", ignore_nulls=True
        )

    return find(code, users, severity=severity, side="source", a=pl.col("target"), b=listed(""), c=listed("d_"))
