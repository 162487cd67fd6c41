"""The rule lines: which match nobody or nearly somebody, which never decide, which decided under other circumstances."""

from __future__ import annotations

import re

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping import upn as upns
from t2t_mapping.checks.registry import (
    ACTIVE,
    Answer,
    Facts,
    check,
)
from t2t_mapping.errors import Problem
from t2t_mapping.findings import find
from t2t_mapping.rules import circumstances

__all__ = ["malformed_exclusions", "unlisted"]


def unlisted(lines: pl.DataFrame, source: pl.DataFrame, elsewhere: pl.Series | None = None) -> pl.DataFrame:
    """Rule lines whose source no export lists, nor one of another environment; an invalid text may be listed as typed."""
    if lines.is_empty():
        return lines
    known = source.select(source_key=_AS_TYPED)
    if elsewhere is not None:
        known = pl.concat([known, elsewhere.to_frame("upn").select(source_key=_AS_TYPED)])
    return lines.join(known, on="source_key", how="anti", maintain_order="left")


_AS_TYPED = pl.coalesce(upns.fold(pl.col("upn")), "upn")
_ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:]+@[^\s<>()\[\]\"',;:]+")


def malformed_exclusions(
    rules: pl.DataFrame, source: pl.DataFrame, elsewhere: pl.Series | None = None
) -> list[Problem]:
    """R403: exact lines that exclude a text which is no address, and which no export lists as typed."""
    odd = rules.filter(
        pl.col("exact") & ~pl.col("decided") & pl.col("destination").is_null() & ~upns.valid(pl.col("source"))
    )
    problems = []
    for row in unlisted(odd, source, elsewhere).iter_rows(named=True):
        inside = {text.lower().rstrip(".") for text in _ADDRESS.findall(row["source"])}
        meant = source.filter(pl.col("upn_key").is_in(list(inside)))["upn"]
        problems.append(
            Problem(
                "R403",
                f"The source is not a user principal name, and no source user is listed under this text: "
                f"{upns.problem(row['source'])}" + (f" Did you mean {meant[0]}?" if len(meant) else ""),
                side="rules",
                file=row["file"],
                sheet=row["sheet"],
                lines=(row["line"],),
                upn=row["source"],
            )
        )
    return problems


@check("I116")
def hidden_rule_rows(given: Facts) -> Answer:
    """Rows that a rule workbook does not show; those of review sheets are filtered on purpose, and decided one by one."""
    return fnd.collect(
        fnd.hidden_rows(number, severity="warning", side="rules", file=source.file, sheet=sheet, row=row)
        for source in given.rules.sources
        for sheet, row, number in source.hidden
    )


@check("R402")
def rule_matches_nobody(given: Facts) -> Answer:
    if given.rules.frame.is_empty():
        return fnd.empty()
    exact = unlisted(given.rules.frame.filter("exact"), given.source)
    idle = _patterns(given, [not _matched(given, pattern.regex).any() for pattern in given.rules.patterns])
    return _about_rules("R402", pl.concat([exact.select(idle.columns), idle]))


@check("R404")
def rule_shadowed(given: Facts) -> Answer:
    if given.rules.frame.is_empty():
        return fnd.empty()
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
    if stale.is_empty():
        return fnd.empty()
    users = given.frame.select("user", "upn", "excluded").filter(ACTIVE).join(stale, on="user", maintain_order="left")
    return find(
        "R405",
        users,
        side="rules",
        row=pl.col("line"),
        a=pl.col("decision"),
        b=pl.col("changed"),
    )


@check("R406")
def rule_nearly_names(given: Facts) -> Answer:
    """Users whom no line names, and whom a line without effect would name but for a slip."""
    lines = unlisted(given.rules.frame.filter("exact"), given.source, given.elsewhere)
    if lines.is_empty():
        return fnd.empty()
    users = given.active(pl.col("rule_line").is_null() & pl.col("upn_key").is_not_null()).select(
        "user", "upn", "upn_key"
    )
    from t2t_mapping.rules.nearly import nearly  # rapidfuzz with it, which every other run can do without

    slips = nearly(lines["source_key"], users["upn_key"])
    lines, users = lines.with_row_index("at"), users.with_row_index("who")
    # A line the wrong way round names its user in the wrong column.
    crossed = lines.join(users, left_on="destination_key", right_on="upn_key").select(line="at", user="who")
    pairs = pl.concat([slips, crossed]).sort("user", "line").unique("user", keep="first", maintain_order=True)
    meant = (
        pairs.join(users, left_on="user", right_on="who", suffix="_of")
        .join(lines, left_on="line", right_on="at", suffix="_of")
        .sort("user_of")
    )
    return find(
        "R406",
        meant,
        side="rules",
        user=pl.col("user_of"),
        row=pl.col("line_of"),
        lines=pl.concat_list("line_of"),
        a=_text(),
    )


def _patterns(given: Facts, chosen: list[bool]) -> pl.DataFrame:
    """Of the pattern lines, in their order, those chosen; their numbers do not do, two sheets may both have a line 3."""
    return given.rules.frame.filter(~pl.col("exact")).filter(pl.Series(chosen, dtype=pl.Boolean))


def _matched(given: Facts, regex: str) -> pl.Series:
    return given.source["upn_key"].str.contains(regex)


def _about_rules(code: str, lines: pl.DataFrame) -> pl.DataFrame:
    return find(
        code,
        lines,
        side="rules",
        a=_text(),
        row=pl.col("line"),
        lines=pl.concat_list("line"),
        upn=pl.lit(None, dtype=pl.String),
    )


def _text() -> pl.Expr:
    """A line as it stands in its file."""
    return pl.col("source") + pl.lit(",") + pl.col("destination").fill_null("")
