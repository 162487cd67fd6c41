"""The rule lines: which match nobody, which never decide, which decided under other circumstances."""

from __future__ import annotations

import polars as pl

from t2t_mapping import upn as upns
from t2t_mapping.checks.registry import (
    ACTIVE,
    Answer,
    Facts,
    check,
)
from t2t_mapping.findings import find
from t2t_mapping.rules import circumstances

__all__ = ["unlisted"]


def unlisted(lines: pl.DataFrame, source: pl.DataFrame) -> pl.DataFrame:
    """Rule lines whose source no export lists; an invalid text may be listed as typed."""
    if lines.is_empty():
        return lines
    known = source.select(source_key=pl.coalesce(upns.fold(pl.col("upn")), "upn"))
    return lines.join(known, on="source_key", how="anti", maintain_order="left")


@check("R402")
def rule_matches_nobody(given: Facts) -> Answer:
    exact = unlisted(given.rules.frame.filter("exact"), given.source)
    idle = _patterns(given, [not _matched(given, pattern.regex).any() for pattern in given.rules.patterns])
    return _about_rules("R402", pl.concat([exact.select(idle.columns), idle]))


@check("R404")
def rule_shadowed(given: Facts) -> Answer:
    deciding = set(given.frame["pattern_line"].unique())
    again = given.rules.frame.filter("exact").filter(~pl.col("source_key").is_first_distinct())
    shadowed = _patterns(
        given,
        [pattern.line not in deciding and _matched(given, pattern.regex).any() for pattern in given.rules.patterns],
    )
    return _about_rules("R404", pl.concat([again, shadowed]))


@check("R405")
def stale_decision(given: Facts) -> Answer:
    stale = circumstances.stale(given.frame, given.rules.frame)
    users = given.frame.select("user", "upn", "excluded").filter(ACTIVE).join(stale, on="user", maintain_order="left")
    return find(
        "R405",
        users,
        side="rules",
        row=pl.col("line"),
        a=pl.col("decision"),
        b=pl.col("changed"),
    )


def _patterns(given: Facts, chosen: list[bool]) -> pl.DataFrame:
    """Of the pattern lines, in their order, those chosen; their numbers do not do, two sheets may both have a line 3."""
    return given.rules.frame.filter(~pl.col("exact")).filter(pl.Series(chosen, dtype=pl.Boolean))


def _matched(given: Facts, regex: str) -> pl.Series:
    return given.source["upn_key"].str.contains(regex)


def _about_rules(code: str, lines: pl.DataFrame) -> pl.DataFrame:
    text = pl.col("source") + pl.lit(",") + pl.col("destination").fill_null("")
    return find(
        code,
        lines,
        side="rules",
        a=text,
        row=pl.col("line"),
        lines=pl.concat_list("line"),
        upn=pl.lit(None, dtype=pl.String),
    )
