"""The names of both sides as their tenants' habits leave them, and the verdict on each pair of them."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from t2t_mapping import names
from t2t_mapping.names import Habits

__all__ = ["Spelt", "spelt", "verdicts"]


@dataclass(frozen=True)
class Spelt:
    """Names as `names.prepare` gives them: of the frame of facts, of all source users, and of the destination's."""

    habits: tuple[Habits, Habits]
    rows: pl.DataFrame
    source: pl.DataFrame
    destination: pl.DataFrame | None


def spelt(
    everybody: pl.DataFrame, destination: pl.DataFrame | None, rows: pl.DataFrame, words: frozenset[str]
) -> Spelt:
    """Learn the habits of both tenants from all their names, and leave them away.

    Args:
        everybody: All source users.
        rows: The source users in the order of the frame of facts, `everybody` again where no mapping file is judged.
        words: The tenants' own names.
    """
    there = None if destination is None else destination["full_name"]
    habits = names.habits_of(everybody["full_name"], there, words)
    source = names.prepare(everybody["full_name"], habits[0])
    return Spelt(
        habits,
        source if rows is everybody else names.prepare(rows["full_name"], habits[0]),
        source,
        None if there is None else names.prepare(there, habits[1]),
    )


def verdicts(wide: pl.DataFrame, source: pl.DataFrame, destination: pl.DataFrame | None, known: Spelt) -> pl.Series:
    """The worst verdict over all listed names of both sides; null where there is no destination user to compare with.

    Args:
        wide: The frame of facts; `source` has a row for each of it.
    """
    nothing = pl.Series("verdict", [None], dtype=pl.Enum(names.VERDICTS)).new_from_index(0, wide.height)
    pairs = wide.select("user", "d", "other_names", "d_other_names").filter(pl.col("d").is_not_null())
    if pairs.is_empty() or destination is None or known.destination is None:
        return nothing
    user, d = pairs["user"], pairs["d"]
    compared = pl.DataFrame(
        [
            *(column.alias(f"left_{column.name}") for column in known.rows[user]),
            *(column.alias(f"right_{column.name}") for column in known.destination[d]),
            *_columns("left", source, user),
            *_columns("right", destination, d),
        ]
    )
    verdict = names.compare(compared, habits=known.habits)
    judged = pairs.select("user").with_columns(verdict=verdict)
    # What a directory tells as first and last name may clear a doubt: the full name may be older, or a short form.
    doubtful = (judged["verdict"] == "doubtful").arg_true()
    if len(doubtful):
        judged = judged.with_columns(verdict=verdict.scatter(doubtful, _cleared(compared[doubtful], known)))
    several = pairs.filter(pl.col("other_names").is_not_null() | pl.col("d_other_names").is_not_null())
    if several.height:
        judged = (
            pl.concat([judged, _others(several, compared, pairs, known)]).group_by("user").agg(pl.col("verdict").max())
        )
    return wide.select("user").join(judged, on="user", how="left", maintain_order="left")["verdict"]


def _columns(side: str, frame: pl.DataFrame, at: pl.Series) -> list[pl.Series]:
    columns = {"full_name": side, "local_part": f"{side}_local"}
    if "given_name" in frame.columns and frame["given_name"].null_count() < frame.height:
        columns |= {"given_name": f"{side}_given", "surname": f"{side}_family"}
    return [frame[name].gather(at).alias(alias) for name, alias in columns.items()]


def _cleared(pairs: pl.DataFrame, known: Spelt) -> pl.Series:
    """`compatible` where first and last name of one side or both are compatible with the other, else `doubtful`."""
    typed = ["left", "right", "left_local", "right_local"]
    answers = []
    for sides in (("left",), ("right",), ("left", "right")):
        if all(f"{side}_given" in pairs.columns for side in sides):
            told = [
                pl.concat_str(pl.col(f"{side}_family"), pl.lit(", "), pl.col(f"{side}_given")).alias(side)
                for side in sides
            ]
            verdict = names.compare(pairs.with_columns(told).select(typed), habits=known.habits)
            answers.append(verdict == "compatible")
    clear = pl.select(pl.any_horizontal(answers) if answers else pl.lit(value=False)).to_series()
    enum = pl.Enum(names.VERDICTS)
    return pl.select(
        pl.when(clear).then(pl.lit("compatible", dtype=enum)).otherwise(pl.lit("doubtful", dtype=enum))
    ).to_series()


def _others(several: pl.DataFrame, compared: pl.DataFrame, pairs: pl.DataFrame, known: Spelt) -> pl.DataFrame:
    """The verdicts on the further names of users who are listed under several."""
    typed = compared.select("left", "right", "left_local", "right_local").with_columns(pairs["user"])
    spread = several.join(typed, on="user", maintain_order="left")
    for side, others in (("left", "other_names"), ("right", "d_other_names")):
        every = pl.concat_list(side, pl.col(others).fill_null(pl.lit([], dtype=pl.List(pl.String))))
        spread = spread.with_columns(every.alias(side)).explode(side, empty_as_null=True, keep_nulls=True)
    return spread.select("user").with_columns(verdict=names.compare(spread, habits=known.habits))
