"""Findings → exactly one disposition per source user, and the accounting of all of them."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from t2t_mapping import checks
from t2t_mapping import findings as fnd
from t2t_mapping.results.reconciliation import Sides
from t2t_mapping.schema import DISPOSITIONS

__all__ = ["ON_THE_RUN", "accepted", "accounted", "disposed", "placed"]

ON_THE_RUN = (pl.col("side") == "run") & (pl.col("severity") == "error")
"""Findings that hold everybody."""


def placed(sides: Sides) -> pl.DataFrame:
    """The findings of reading, with the user they are about where they are about one."""
    found = sides.findings
    about = (pl.col("code") == "I105") & (pl.col("side") == "source")
    if found.filter(about).is_empty():
        return found
    users = sides.source.select(user=pl.int_range(pl.len(), dtype=pl.UInt32), upn="upn").filter(
        sides.source["upn_key"].is_not_null()
    )
    known = found.filter(about).drop("user").join(users, on="upn", how="left", maintain_order="left")
    return fnd.collect([found.filter(~about), known.select(list(fnd.SCHEMA))])


def accepted(found: pl.DataFrame, codes: Sequence[str]) -> pl.DataFrame:
    """`--accept`: the errors of these codes are warnings in this run."""
    through = pl.col("code").cast(pl.String).is_in(list(codes)) & (pl.col("severity") == "error")
    severity = pl.when(through).then(pl.lit("warning", dtype=fnd.SEVERITY)).otherwise(pl.col("severity"))
    return found.with_columns(severity=severity) if codes else found


def disposed(
    given: checks.Facts, found: pl.DataFrame, exclude: Sequence[str], *, nothing: bool
) -> tuple[pl.DataFrame, pl.Series]:
    """Exactly one disposition per user: excluded, held for any error, mapped.

    `exclude`: users who are held for nothing but these codes are excluded, and their errors become information.
    `nothing`: an error on the whole run holds everybody.
    """
    users = given.frame.select("user", "upn_key", "excluded")
    only = _only(users, found, exclude)
    ready = users.filter(~pl.col("excluded") & only.is_null())["upn_key"]
    collisions = checks.collisions(given, ready, staying="is not mapped")
    if collisions.height:
        found = fnd.collect([found, collisions])
        only = _only(users, found, exclude)
    disposition = (
        pl.when(pl.col("excluded") | only.fill_null(value=False))
        .then(pl.lit("excluded"))
        .when(only.is_not_null() | pl.lit(nothing))
        .then(pl.lit("held"))
        .otherwise(pl.lit("mapped"))
    )
    if exclude:
        left_out = users.filter(only.fill_null(value=False))["user"]
        told = (pl.col("severity") == "error") & pl.col("user").is_in(left_out.implode()).fill_null(value=False)
        severity = pl.when(told).then(pl.lit("info", dtype=fnd.SEVERITY)).otherwise(pl.col("severity"))
        found = found.with_columns(severity=severity)
    return found, users.select(disposition.cast(pl.Enum(DISPOSITIONS)).alias("disposition")).to_series()


def _only(users: pl.DataFrame, found: pl.DataFrame, exclude: Sequence[str]) -> pl.Series:
    """For whom there is an error: whether all errors are of codes to exclude for. Null for all others."""
    errors = found.filter((pl.col("severity") == "error") & pl.col("user").is_not_null()).select("user", "code")
    held = errors.group_by("user").agg(
        only=pl.col("code").cast(pl.String).is_in(list(exclude)).all() if exclude else pl.lit(value=False)
    )
    return users.select("user").join(held, on="user", how="left", maintain_order="left")["only"]


def accounted(
    frame: pl.DataFrame, found: pl.DataFrame, dispositions: pl.Series, reasons: pl.DataFrame, rules: pl.DataFrame
) -> pl.DataFrame:
    """Every source user once, with everything a person needs to see why.

    Args:
        reasons: What `reasons.worded` gave.
        rules: The rule lines, schema `RULES`.
    """
    codes = (
        found.filter(pl.col("user").is_not_null())
        .group_by("user")
        .agg(codes=pl.col("code").cast(pl.String).unique().sort().str.join(";"))
    )
    everybody = found.filter(ON_THE_RUN)["code"].cast(pl.String).unique().sort().to_list()
    wide = frame.with_columns(disposition=dispositions).join(codes, on="user", how="left", maintain_order="left")
    if everybody:
        wide = wide.with_columns(
            codes=pl.when(pl.col("disposition") == "held")
            .then(pl.concat_str(pl.lit(";".join(everybody)), "codes", separator=";", ignore_nulls=True))
            .otherwise(pl.col("codes"))
        )
    wide = wide.join(reasons, on="user", how="left", maintain_order="left")
    proposed = pl.col("disposition") != "excluded"
    return wide.select(
        source="upn",
        disposition="disposition",
        destination=pl.when(proposed).then(pl.col("target")),
        matched_by=pl.when(pl.col("excluded_line").is_null())
        .then(pl.when(proposed).then(pl.col("rung").cast(pl.String)))
        .when(pl.col("rule_line").is_not_null())
        .then(pl.lit("rule"))
        .otherwise(pl.lit("pattern")),
        codes=pl.col("codes"),
        candidates=pl.when(proposed).then(
            pl.when("ambiguous").then(pl.col("candidates").list.join(";")).otherwise(pl.col("target"))
        ),
        full_name="full_name",
        destination_name=pl.when(proposed).then(pl.col("d_full_name")),
        view="view",
        file="file",
        sheet="sheet",
        row="row",
        reason="why",
        note=rules["note"].gather(wide["rule"]),
        source_user_id="user_id",
        source_object_id="object_id",
        destination_object_id=pl.when(proposed).then(pl.col("d_object_id")),
    )
