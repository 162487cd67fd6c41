"""What speaks against a guess caps its score: names that do not agree, and others who are as likely."""

from __future__ import annotations

import polars as pl

from t2t_mapping import names
from t2t_mapping.names.short_forms import GIVEN_NAMES
from t2t_mapping.results.reconciliation import Reconciliation

__all__ = ["alone", "capped"]

_ANOTHER = 0.6  # of the score where two known given names differ: another person more often than a typing error
_DOUBTFUL, _CONTRADICTED = 89, 79  # the highest scores where the names do not agree: never filled in beforehand


def capped(found: pl.DataFrame, result: Reconciliation, seekers: pl.DataFrame, listed: pl.DataFrame) -> pl.DataFrame:
    """What the names say against a guess comes first and caps its score."""
    here = seekers.select("user", left="full_name", left_local="local_part")
    there = listed.select("d", right="full_name", right_local="local_part")
    pairs = found.join(here, on="user", maintain_order="left").join(there, on="d", maintain_order="left")
    habits = result.facts.names.habits
    verdict = names.compare(pairs, habits=habits)
    words = [
        names.prepare(pairs[side], its)["folded"].str.split(" ")
        for side, its in zip(("left", "right"), habits, strict=True)
    ]
    given = [side.list.first() for side in words]
    known = pl.lit(given[0].is_in(list(GIVEN_NAMES)) & given[1].is_in(list(GIVEN_NAMES)) & (given[0] != given[1]))
    against = pl.col("verdict") == "contradictory"
    evidence = pl.col("evidence")
    return found.with_columns(verdict=verdict).select(
        "user",
        "d",
        score=pl.when(against)
        .then(
            pl.min_horizontal(
                (pl.col("score") * pl.when(known).then(_ANOTHER).otherwise(1.0)).round(), pl.lit(_CONTRADICTED)
            )
        )
        .when(pl.col("verdict") == "doubtful")
        .then(pl.min_horizontal("score", _DOUBTFUL))
        .otherwise("score")
        .cast(pl.UInt8),
        evidence=pl.when(against)
        .then(
            pl.lit("The names contradict each other; ")
            + evidence.str.slice(0, 1).str.to_lowercase()
            + evidence.str.slice(1)
        )
        .otherwise(evidence),
    )


_CLOSE = 5  # points between two guesses that are as likely
_NOT_ALONE = 79  # the highest score where somebody else is as likely
_NAMESAKES = "P311|P315"


def alone(found: pl.DataFrame, result: Reconciliation) -> pl.DataFrame:
    """Where two accounts are as likely, or two users for one account, no score says that it is this one; the order stays."""
    high = found.filter(pl.col("score") > _NOT_ALONE)
    first, second = pl.col("score").max(), pl.col("score").top_k(2).min()
    best = high.filter(pl.col("score") == pl.col("score").max().over("user"))
    other = high.group_by("d").agg(pl.len(), a=first, b=second)
    claimed = best.join(other, on="d").filter((pl.col("len") > 1) & (pl.col("a") - pl.col("b") < _CLOSE))
    claimed = claimed.filter(pl.col("score") > pl.col("a") - _CLOSE)
    several = high.group_by("user").agg(pl.len(), a=first, b=second)
    several = several.filter((pl.col("len") > 1) & (pl.col("a") - pl.col("b") < _CLOSE))
    namesakes = result.accounting["codes"].str.contains(_NAMESAKES).fill_null(value=False)
    held = high.filter(namesakes.gather(high["user"]))
    doubt = [
        (several, "Another account is as likely; "),
        (claimed, "Another user is as likely; "),
        (held, ""),
    ]
    words = pl.concat([who.select("user", against=pl.lit(text)) for who, text in doubt]).unique(
        "user", keep="first", maintain_order=True
    )
    top = high.group_by("user").agg(top=first)
    evidence, against = pl.col("evidence"), pl.col("against")
    told = against + evidence.str.slice(0, 1).str.to_lowercase() + evidence.str.slice(1)
    return (
        found.join(words, on="user", how="left", maintain_order="left")
        .join(top, on="user", how="left", maintain_order="left")
        .select(
            "user",
            "d",
            score=pl.when(against.is_not_null())
            .then((pl.col("score").cast(pl.UInt32) * _NOT_ALONE // pl.col("top")).cast(pl.UInt8))
            .otherwise("score"),
            evidence=pl.when((against != "") & (pl.col("score") > _NOT_ALONE)).then(told).otherwise(evidence),
        )
    )
