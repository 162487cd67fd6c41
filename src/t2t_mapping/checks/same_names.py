"""Namesakes: whether somebody else who is called so may be meant."""

from __future__ import annotations

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping.checks.registry import NO_EXPORT, Answer, Facts, Skipped, check
from t2t_mapping.findings import find

__all__: list[str] = []

_NO_NAMES = "no destination export has the column Full Name"
_SHOWN = 5


@check("P311")
def namesake(given: Facts) -> Answer:
    if given.destination is None:
        return Skipped(NO_EXPORT)
    if given.destination["full_name"].null_count() == given.destination.height:
        return Skipped(_NO_NAMES)
    early = pl.col("early").is_not_null() & pl.col("settled").is_null()
    users = given.namesakes.filter((pl.col("free").list.len() > 0) | early)
    if users.is_empty():
        return fnd.empty()
    free = _names(users, "free", given.destination)
    why = pl.concat_str(
        pl.when(free.is_not_null()).then(pl.lit("no source user claims ") + free + pl.lit(", of the same name")),
        "early",
        separator="; ",
        ignore_nulls=True,
    )
    return _told(given, "P311", users.with_columns(why=why))


@check("P315")
def namesakes_on_both_sides(given: Facts) -> Answer:
    if given.destination is None:
        return Skipped(NO_EXPORT)
    if given.destination["full_name"].null_count() == given.destination.height:
        return Skipped(_NO_NAMES)
    several = (pl.col("claimed").list.len() > 0) | (pl.col("others").list.len() > 0)
    users = given.namesakes.filter(several | pl.col("common").is_not_null())
    if users.is_empty():
        return fnd.empty()
    claimed, others = _names(users, "claimed", given.destination), _names(users, "others", given.source)
    why = pl.concat_str(
        pl.when(others.is_not_null()).then(pl.lit("another source user of that name is ") + others),
        pl.when(claimed.is_not_null()).then(pl.lit("another account of that name is ") + claimed),
        "common",
        separator=", ",
        ignore_nulls=True,
    )
    return _told(given, "P315", users.with_columns(why=why))


def _names(users: pl.DataFrame, column: str, frame: pl.DataFrame) -> pl.Series:
    """The addresses of a list of positions as one text; null where it is empty."""
    long = users.select("user", column).explode(column, empty_as_null=False, keep_nulls=False)
    long = long.with_columns(upn=frame["upn"].gather(long[column]))
    texts = long.group_by("user").agg(pl.col("upn").sort().head(_SHOWN).str.join(", "))
    return users.select("user").join(texts, on="user", how="left", maintain_order="left")["upn"]


def _told(given: Facts, code: str, users: pl.DataFrame) -> pl.DataFrame:
    why = pl.concat_str("why", pl.col("settled").fill_null(pl.col("against")), separator="; ", ignore_nulls=True)
    severity = pl.when(pl.col("settled").is_not_null()).then(pl.lit("info")).otherwise(pl.lit("error"))
    users = users.select("user", why=why, severity=severity)
    found = given.frame.join(users, on="user", maintain_order="left")
    return find(code, found, severity=pl.col("severity"), side="source", a=pl.col("target"), b=pl.col("why"))
