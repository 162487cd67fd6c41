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
    often = pl.col("len").cast(pl.Int64)
    pairs = there["key"].drop_nulls().to_frame().group_by("key").len().select((often * (often - 1)).sum() // 2).item()
    if pairs < _LEAST_NAMESAKES:
        return nobody
    words = there.select(
        first=pl.col("folded").str.extract(r"^(\S+)", 1).hash(), last=pl.col("folded").str.extract(r"(\S+)$", 1).hash()
    )
    expected = pl.len().over("first").cast(pl.Float64) * pl.len().over("last") / pl.len()
    bearing = words.select(pl.when(pl.col("first").is_not_null()).then(expected)).to_series()
    missing = without / everybody
    doubted = frame.lazy().filter(DOUBTED).select("user", "d").collect()
    wrong = missing * bearing.gather(doubted["d"]) * min(1.0, pairs / (bearing.sum() / 2))
    doubted = doubted.filter(wrong / (1 - missing + wrong) >= _LEAST_RISK)
    why = pl.lit(f"its name is common there, and {without:,} source users have no account yet")
    return doubted.with_columns(common=why)
