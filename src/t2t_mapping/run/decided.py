"""What a person has decided is no open question any more: the findings that it settled say so, with the note."""

from __future__ import annotations

import polars as pl

from t2t_mapping.catalogue import CATALOGUE

__all__ = ["with_decisions"]

_SETTLED = [entry.code for entry in CATALOGUE.values() if entry.code[0] in "UP" and entry.severity != "info"]


def with_decisions(worded: pl.DataFrame, frame: pl.DataFrame, rules: pl.DataFrame) -> pl.DataFrame:
    """The findings in words; those that a noted rule line or a decision made mere information end in `Decided: …`.

    Args:
        worded: The findings with the column `user`.
        frame: One row per source user: `user, rule, noted, excluded`.
        rules: The rule lines, schema `RULES`.
    """
    settled = frame.filter(pl.col("noted") & ~pl.col("excluded") & pl.col("rule").is_not_null()).select("user", "rule")
    if settled.is_empty():
        return worded
    note = pl.col("note").str.replace_all(r"\s+", " ").str.strip_chars_end(".")
    words = rules.select(
        decided=pl.when(pl.col("note").is_not_null())
        .then(pl.lit(" Decided: ") + note + pl.lit("."))
        .otherwise(pl.lit(" Decided in the review workbook."))
    )
    settled = settled.with_columns(words["decided"].gather(settled["rule"])).drop("rule")
    about = (pl.col("severity") == "info") & pl.col("code").cast(pl.String).is_in(_SETTLED)
    told = worded.join(settled, on="user", how="left", maintain_order="left")
    return told.with_columns(
        message=pl.when(about).then(pl.col("message") + pl.col("decided").fill_null("")).otherwise(pl.col("message"))
    ).drop("decided")
