"""Names so common that their only account may be somebody else's, while some users have no account yet.

Where nobody is missing, the one account of a name is the user's. Where 3 in 100 are, the one Anna Müller may be the buyer's own: the more
people are likely to bear the name, the likelier. How many that is tell the accounts themselves: how often its first and its last
word stand there, measured by how many namesakes there really are.
"""

from __future__ import annotations

import polars as pl

from t2t_mapping.checks.namesakes import DOUBTED
from t2t_mapping.checks.verdicts import Spelt

__all__ = ["common"]

_LEAST_RISK = 0.02
"""Of all pairs like this one, so many are likely to be another person's. A person decides about the pairs from there on."""
_LEAST_NAMESAKES = 10  # pairs of accounts of one name: fewer say nothing about chance


def common(frame: pl.DataFrame, known: Spelt) -> pl.DataFrame:
    """The pairs whose name alone proves too little.

    Args:
        frame: The frame of facts.
        known: The names of both sides.

    Returns:
        `user`, `d`, and why in words, `common`.
    """
    nobody = pl.DataFrame(schema={"user": pl.UInt32, "d": pl.UInt32, "common": pl.String})
    everybody, without = frame.lazy().filter(~pl.col("excluded")).select(
        pl.len(), pl.col("target").is_null().sum()
    ).collect().row(0)  # fmt: skip
    there = known.destination
    if not without or there is None:
        return nobody
    namesakes = there.group_by("key").len().filter(pl.col("key").is_not_null()).select(pl.col("len") - 1)
    pairs = namesakes.select((pl.col("len") * (pl.col("len") + 1)).sum() // 2).item()
    if pairs < _LEAST_NAMESAKES:
        return nobody
    words = there.select(
        first=pl.col("folded").str.extract(r"^(\S+)", 1).hash(), last=pl.col("folded").str.extract(r"(\S+)$", 1).hash()
    )
    often = [words.group_by(end).agg(pl.len().alias(f"{end}_often")) for end in words.columns]
    bearing = (pl.col("first_often").cast(pl.Float64) * pl.col("last_often") / there.height).alias("bearing")
    every = words.group_by("first", "last").len().join(often[0], on="first").join(often[1], on="last")
    chance = every.select((bearing * pl.col("len")).sum() / 2).item()
    doubted = frame.lazy().filter(DOUBTED).select("user", "d").collect()
    doubted = (
        pl.concat([doubted, words[doubted["d"]]], how="horizontal").join(often[0], on="first").join(often[1], on="last")
    )
    missing = without / everybody
    wrong = missing * pl.col("bearing") * min(1.0, pairs / chance)
    doubted = doubted.with_columns(bearing).filter(wrong / (1 - missing + wrong) >= _LEAST_RISK)
    why = pl.lit(f"its name is common there, and {without:,} source users have no account yet")
    return doubted.select("user", "d", common=why).sort("user")
