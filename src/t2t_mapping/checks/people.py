"""The pair's two names: whether they are one person's, and whether a namesake may be meant."""

from __future__ import annotations

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping import names
from t2t_mapping.checks.facts import tenant_words
from t2t_mapping.checks.registry import (
    KNOWN,
    NO_EXPORT,
    Answer,
    Facts,
    Skipped,
    check,
)
from t2t_mapping.findings import find

__all__ = []


@check("P303")
def names_contradict(given: Facts) -> Answer:
    if given.destination is None:
        return Skipped(NO_EXPORT)
    severity = pl.when("contradicted").then(pl.lit("error")).otherwise(pl.lit("info"))  # a person decided it
    return _about_names("P303", given.known(pl.col("verdict") == "contradictory"), severity)


@check("P304")
def names_doubtful(given: Facts) -> Answer:
    if given.destination is None:
        return Skipped(NO_EXPORT)
    mild = pl.col("rung").is_in(["rule", "alias"])
    severity = pl.when("noted").then(pl.lit("info")).when(mild).then(pl.lit("warning")).otherwise(pl.lit("error"))
    return _about_names("P304", given.known(pl.col("verdict") == "doubtful"), severity)


@check("P305")
def names_unknown(given: Facts) -> Answer:
    if given.destination is None:
        return Skipped(NO_EXPORT)
    severity = pl.when("by_rule").then(pl.lit("info")).otherwise(pl.lit("error"))
    return _about_names("P305", given.known(pl.col("verdict") == "unknown"), severity)


def _about_names(code: str, users: pl.DataFrame, severity: pl.Expr) -> pl.DataFrame:
    def listed(prefix: str) -> pl.Expr:
        others = pl.col(f"{prefix}other_names").list.head(5).list.join(" / ")
        return pl.concat_str(
            pl.col(f"{prefix}full_name").fill_null("no name"), others, separator=" / ", ignore_nulls=True
        )

    return find(code, users, severity=severity, side="source", a=pl.col("target"), b=listed(""), c=listed("d_"))


@check("P311")
def namesake(given: Facts) -> Answer:
    if given.destination is None:
        return Skipped(NO_EXPORT)
    if given.destination["full_name"].null_count() == given.destination.height:
        return Skipped("no destination export has the column Full Name")
    weak = pl.col("rung").is_in(["pattern", "local-part"]) & (pl.col("verdict") != "contradictory")
    pairs = given.frame.select("user", "full_name", "d_full_name", weak=KNOWN & weak).filter("weak")
    # Excluded users claim too: an administrative user who is left out is still the person behind that account.
    claimed = given.frame.filter(~pl.col("contradicted"))["d"].drop_nulls()
    free = given.destination.with_row_index("d").filter(
        ~pl.col("d").is_in(claimed.implode())
        & pl.col("kind").is_in(["person", "non-interactive"])
        & pl.col("upn_key").is_not_null()  # nobody can be sent to an account without a usable address
    )
    if free.is_empty():
        return fnd.empty()
    words = tenant_words(given.source, given.destination)

    def prepared(people: pl.DataFrame, key: str) -> pl.DataFrame:
        """Every way to write each name: with marks dropped, and with ä ö ü å ø spelt out."""
        plain = people.select(key, name=names.prepared(pl.col("name"), words))
        marked = people.filter(pl.col("name").str.len_bytes() != pl.col("name").str.len_chars())
        spelt = marked.select(key, name=names.prepared(pl.col("name"), words, spelt_out=True))
        return pl.concat([plain, spelt]).drop_nulls()

    unclaimed = (
        prepared(free.select("upn", name="full_name"), "upn")
        .group_by("name")
        .agg(namesakes=pl.col("upn").unique().sort().head(5).str.join(", "))
    )
    there = pairs.filter(pl.col("full_name").ne_missing(pl.col("d_full_name")))
    people = pl.concat([pairs.select("user", name="full_name"), there.select("user", name="d_full_name")])
    meant = prepared(people, "user").join(unclaimed, on="name")
    found = given.frame.join(meant.group_by("user").agg(pl.col("namesakes").min()), on="user", maintain_order="left")
    return find("P311", found, side="source", a=pl.col("target"), b=pl.col("namesakes"))
