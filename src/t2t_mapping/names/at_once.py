"""Many pairs of texts judged at once: what agrees on both sides is left away, so that few different pairs remain to judge.

Most pairs are names of two or three plain words of which one differs. What is said of them does not depend on the words that are
the same: Ann Smith and Anne Smith are judged as Ann yy and Anne yy, once for all families.
"""

from __future__ import annotations

import polars as pl

from t2t_mapping.names.judge import COMPATIBLE, CONTRADICTORY, DOUBTFUL, VERDICTS, judge
from t2t_mapping.names.texts import GENERATIONS

__all__ = ["judged"]

_PLAIN = r"^([a-z]{2,}) (?:([a-z]+) )?([a-z]{2,})$"


def judged(left: pl.Series, right: pl.Series, ordered: pl.Series | None = None) -> pl.Series:
    """`judge` for every pair of texts.

    Args:
        ordered: As for `judge`, one for each pair; none is where it is missing.

    Returns:
        Series `verdict`, Enum of `VERDICTS`.
    """
    words = [side.str.extract_groups(_PLAIN).struct.unnest() for side in (left, right)]
    pairs = pl.DataFrame(
        [
            left.alias("left"),
            right.alias("right"),
            *(part[n].alias(f"{what}_{side}") for side, part in enumerate(words) for n, what in _PARTS.items()),
        ]
    ).with_columns(ordered=pl.lit(value=False) if ordered is None else ordered.fill_null(value=False))

    def same(what: str, other: str | None = None) -> pl.Expr:
        return (pl.col(f"{what}_0") == pl.col(f"{other or what}_1")).fill_null(value=False)

    ends = [pl.col(f"{what}_{side}") for side in (0, 1) for what in ("first", "last")]
    plain = pl.all_horizontal(end.is_not_null() & ~end.is_in(GENERATIONS) for end in ends)
    # The same word at another place could be its counterpart: such names are judged whole.
    crossed = same("first", "last") | same("last", "first")
    middles = [pl.col("middle_0").is_not_null(), pl.col("middle_1").is_not_null()]
    both_ends = same("first") & same("last")
    repeated = pl.any_horizontal(
        (pl.col(f"middle_{side}") == end).fill_null(value=False) | pl.col(f"middle_{side}").is_in(GENERATIONS)
        for side in (0, 1)
        for end in ends
    ).fill_null(value=False)
    two_words = ~middles[0] & ~middles[1]
    whole = ~plain | crossed | repeated
    kind = (
        pl.when(whole)
        .then(pl.lit("whole"))
        .when(both_ends)
        .then(pl.when(two_words).then(pl.lit(COMPATIBLE)).otherwise(pl.lit("middle")))
        .when(~two_words)
        .then(pl.lit("whole"))
        .when(same("first"))
        .then(pl.lit(DOUBTFUL))  # another family name, perhaps by marriage
        .when(same("last"))
        .then(pl.lit("given"))
        .otherwise(pl.lit(CONTRADICTORY))
    )
    pairs = pairs.with_columns(kind=kind)

    def reduced(side: int) -> pl.Expr:
        middle = pl.concat_str(pl.lit("xx"), pl.col(f"middle_{side}"), pl.lit("yy"), separator=" ", ignore_nulls=True)
        return (
            pl.when(pl.col("kind") == "given")
            .then(pl.col(f"first_{side}") + pl.lit(" yy"))
            .when(pl.col("kind") == "middle")
            .then(middle)
            .otherwise(pl.col("left" if side == 0 else "right"))
        )

    known = pairs["kind"].is_in(VERDICTS)
    answers = pairs.select(
        pl.when(known).then(pl.col("kind")).cast(pl.Enum(VERDICTS)).alias("verdict"),
    ).to_series()
    if known.all():
        return answers
    asked = pairs.filter(~known).select("ordered", left=reduced(0), right=reduced(1))
    distinct = asked.unique()
    found = [judge(one, other, ordered=in_order) for in_order, one, other in distinct.iter_rows()]
    distinct = distinct.with_columns(verdict=pl.Series(found, dtype=pl.Enum(VERDICTS)))
    rest = asked.join(distinct, on=["ordered", "left", "right"], how="left", nulls_equal=True, maintain_order="left")
    return answers.scatter((~known).arg_true(), rest["verdict"])


_PARTS = {"1": "first", "2": "middle", "3": "last"}
