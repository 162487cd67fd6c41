"""The destination user: whether it is there, enabled, licensed, and a person."""

from __future__ import annotations

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping.checks.registry import (
    AT_DESTINATION,
    NO_EXPORT,
    Answer,
    Facts,
    Skipped,
    check,
)
from t2t_mapping.findings import find
from t2t_mapping.users import licences

__all__ = []


@check("U211")
def destination_missing(given: Facts) -> Answer:
    none = given.active(
        pl.col("upn_key").is_not_null()
        & ~pl.col("ambiguous")
        & pl.col("target").is_null()
        & ~pl.col("by_rule")
        & pl.col("excluded_line").is_null()
    )
    why = (
        pl.when(pl.col("unfilled"))
        .then(
            pl.lit("the rule's template needs a full name of two words, this one is ")
            + pl.col("full_name").fill_null("empty")
        )
        .otherwise(
            pl.lit("searched for the same address, alias and name before the @")
            if given.destination is not None
            else pl.lit("there is no destination export, and no rule names a destination")
        )
    )
    found = [find("U211", none, side="source", a=why)]
    if given.destination is not None:
        unlisted = given.paired(pl.col("d").is_null())
        words = pl.lit("no destination export lists ") + pl.col("target")
        found.append(find("U211", unlisted, side="source", a=words))
        deleted = given.known(pl.col("d_deleted").is_not_null())
        words = pl.col("target") + pl.lit(" is deleted (") + pl.col("d_deleted") + pl.lit(")")
        found.append(find("U211", deleted, **AT_DESTINATION, a=words))
    return fnd.collect(found)


@check("U212", needs_destination=True)
def destination_disabled(given: Facts) -> Answer:
    users = given.known(~pl.col("d_enabled"))
    return find("U212", users, **AT_DESTINATION, a=pl.col("target"))


@check("U213")
def destination_unlicensed(given: Facts) -> Answer:
    if given.destination is None:
        return Skipped(NO_EXPORT)
    users = given.known(~pl.col("d_licensed"))
    asked = given.destination["licensed"].any()
    doubt = "" if asked else " (nobody in the destination exports has one: was the column of licences asked for?)"
    return find("U213", users, **AT_DESTINATION, a=pl.col("target"), b=doubt)


def _not_known(code: str, users: pl.DataFrame, unclear: pl.Expr) -> pl.DataFrame:
    """What no column says is a warning; what a cell says and nobody understands holds the user."""
    severity = pl.when(unclear.is_not_null()).then(pl.lit("error")).otherwise(pl.lit("warning"))
    words = unclear + pl.lit(" is not understood")
    why = pl.coalesce(words, pl.lit("no export says so"))
    return find(code, users, severity=severity, **AT_DESTINATION, a=pl.col("target"), b=why)


@check("U214", needs_destination=True)
def destination_licence_unknown(given: Facts) -> Answer:
    unclear = pl.col("d_unclear_licence")
    return _not_known("U214", given.known(pl.col("d_licensed").is_null() | unclear.is_not_null()), unclear)


@check("U215", needs_destination=True)
def destination_status_unknown(given: Facts) -> Answer:
    unclear = pl.col("d_unclear_status")
    return _not_known("U215", given.known(pl.col("d_enabled").is_null() | unclear.is_not_null()), unclear)


@check("U216", needs_destination=True)
def destination_guest(given: Facts) -> Answer:
    users = given.known(pl.col("d_kind") == "guest")
    named = (  # in a mapping file, only a line of the rule table means a guest
        pl.when("noted")
        .then(pl.lit("info"))
        .when(pl.col("rule_line").is_not_null())
        .then(pl.lit("warning"))
        .otherwise(pl.lit("error"))
    )
    return find("U216", users, severity=named, **AT_DESTINATION, a=pl.col("target"))


@check("U217")
def destination_weak_licence(given: Facts) -> Answer:
    if given.destination is None:
        return Skipped(NO_EXPORT)
    if given.destination["licenses"].null_count() == given.destination.height:
        return Skipped("no destination export names the licences")
    users = given.known(pl.col("d_licensed") & pl.col("d_licenses").is_not_null())
    texts = users["d_licenses"].unique()
    strengths = licences.strength(texts).cast(pl.String)
    weak = texts.filter(strengths == "weak")
    users = users.filter(pl.col("d_licenses").is_in(weak.implode()))
    return find("U217", users, **AT_DESTINATION, a=pl.col("target"), b=pl.col("d_licenses").str.slice(0, 200))


@check("U218", needs_destination=True)
def destination_not_a_person(given: Facts) -> Answer:
    users = given.known(pl.col("d_kind").is_in(["application", "system"]))
    return find("U218", users, **AT_DESTINATION, a=pl.col("target"), b=pl.col("d_reason"))
