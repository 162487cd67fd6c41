"""Why a user is not mapped, in words, with the rule line or the decision that says so."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

__all__ = ["worded"]


def worded(
    frame: pl.DataFrame, findings: pl.DataFrame, dispositions: pl.Series, rules: pl.DataFrame, exclude: Sequence[str]
) -> pl.DataFrame:
    """`user, why` of everybody who is held or excluded.

    Args:
        frame: One row per source user: `user`, `exclusion`, and `rule`, the position of a line in `rules`.
        findings: In words, with the column `user`; those with an error on the run hold everybody.
        exclude: The codes of `--exclude`.
    """
    left = frame.select("user", "exclusion", "rule", disposition=dispositions).filter(pl.col("disposition") != "mapped")
    code = pl.col("code").cast(pl.String)
    known = findings.filter(pl.col("user").is_not_null()).select(
        "user", "severity", "message", code=code, rank=pl.col("code").to_physical()
    )
    known = known.join(left.select("user", "exclusion", "disposition"), on="user", maintain_order="left")
    held = pl.col("disposition") == "held"
    by_option = pl.col("exclusion").is_null() & pl.col("code").is_in(list(exclude))
    meant = (held & (pl.col("severity") == "error")) | (~held & ((pl.col("code") == pl.col("exclusion")) | by_option))
    # By code and text, never by row: rows in another order change nothing but row numbers.
    messages = (
        known.filter(meant)
        .sort("rank", "message")
        .group_by("user", maintain_order=True)
        .agg(pl.col("message").str.join(" "), pl.col("code").unique().sort())
    )
    on_the_run = findings.filter((pl.col("side") == "run") & (pl.col("severity") == "error"))["message"]
    left = left.join(messages, on="user", how="left", maintain_order="left")
    line = _lines(rules)["words"].gather(left["rule"])
    return left.with_columns(line=line, run=pl.lit(" ".join(on_the_run) or None, dtype=pl.String)).select(
        "user",
        why=pl.when(held)
        .then(
            pl.concat_str(
                "run", "message", pl.lit("The pair comes from ") + pl.col("line"), separator=" ", ignore_nulls=True
            )
        )
        .when(pl.col("exclusion") == "rule")
        .then(pl.lit("Excluded by ") + pl.col("line"))
        .when(pl.col("exclusion").is_null())
        .then(pl.lit("Excluded with --exclude ") + pl.col("code").list.join(", ") + pl.lit(": ") + pl.col("message"))
        .otherwise(pl.col("message")),
    )


def _lines(rules: pl.DataFrame) -> pl.DataFrame:
    """Every rule line as people find it: `a rule line (rules.csv, line 7).`"""
    number = pl.col("line").cast(pl.String)
    place = (
        pl.when(pl.col("sheet").is_null())
        .then(pl.lit(", line ") + number)
        .otherwise(pl.lit(", sheet ") + pl.col("sheet") + pl.lit(", row ") + number)
    )
    kind = (
        pl.when("decided")
        .then(pl.lit("a decision"))
        .when("exact")
        .then(pl.lit("a rule line"))
        .otherwise(pl.lit("the pattern ") + pl.col("source"))
    )
    return rules.select(words=kind + pl.lit(" (") + pl.col("file") + place + pl.lit(")."))
