"""The names of both sides as their tenants' habits leave them, and the verdict on each pair of them."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from t2t_mapping import names
from t2t_mapping.names import Habits
from t2t_mapping.names.namesakes import has_more, primary_keys
from t2t_mapping.threads import threads

__all__ = ["Spelt", "spelt", "verdicts"]


@dataclass(frozen=True)
class Spelt:
    """Names as `names.prepare` gives them, with what namesakes are found by (`key`, and whether there are `more` keys): of the frame of
    facts, of all source users, and of the destination's.
    """

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
    with threads(
        1, everybody.height + (0 if there is None else len(there))
    ) as pool:  # each is one column after the other on one core
        theirs = None if there is None else pool.submit(_prepared, there, habits[1])
        source = _prepared(everybody["full_name"], habits[0])
    return Spelt(
        habits,
        source if rows is everybody else _prepared(rows["full_name"], habits[0]),
        source,
        None if theirs is None else theirs.result(),
    )


def _prepared(typed: pl.Series, habits: Habits) -> pl.DataFrame:
    frame = names.prepare(typed, habits)
    return frame.with_columns(primary_keys(frame["folded"]), has_more(frame["text"], frame["folded"]))


def verdicts(wide: pl.DataFrame, source: pl.DataFrame, destination: pl.DataFrame | None, known: Spelt) -> pl.Series:
    """The verdict over all listed names of both sides; null where there is no destination user to compare with.

    Args:
        wide: The frame of facts; `source` has a row for each of it.
    """
    nothing = pl.Series("verdict", [None], dtype=pl.Enum(names.VERDICTS)).new_from_index(0, wide.height)
    pairs = wide.select("user", "d", "other_names", "d_other_names").filter(pl.col("d").is_not_null())
    if pairs.is_empty() or destination is None or known.destination is None:
        return nothing
    late = (~_at_a_glance(pairs, source, destination, known)).arg_true()
    rest = pairs[late]
    compared = _compared(rest, source, destination, known)
    verdict = names.compare(compared, habits=known.habits)
    compatible = pl.repeat("compatible", pairs.height, dtype=pl.Enum(names.VERDICTS), eager=True)
    judged = pairs.select("user").with_columns(verdict=compatible.scatter(late, verdict))
    # What a directory tells as first and last name may clear a doubt: the full name may be older, or a short form.
    doubtful = (verdict == "doubtful").arg_true()
    if len(doubtful):
        cleared = _cleared(compared[doubtful], known)
        judged = judged.with_columns(verdict=judged["verdict"].scatter(late.gather(doubtful), cleared))
    several = pairs.filter(pl.col("other_names").is_not_null() | pl.col("d_other_names").is_not_null())
    if several.height:
        compared = _compared(several, source, destination, known)
        first = several.select("user").with_columns(compared["right"]).join(judged, on="user", maintain_order="left")
        worst = _worst(pl.concat([first, _others(several, compared, known)]))
        judged = pl.concat([judged.filter(~pl.col("user").is_in(several["user"].implode())), worst])
    return wide.select("user").join(judged, on="user", how="left", maintain_order="left")["verdict"]


def _at_a_glance(pairs: pl.DataFrame, source: pl.DataFrame, destination: pl.DataFrame, known: Spelt) -> pl.Series:
    """For each pair whether both sides bear the same whole name; most do, and nothing more need be looked up for them."""
    assert known.destination is not None
    user, d = pairs["user"], pairs["d"]
    same = known.rows["text"].gather(user) == known.destination["text"].gather(d)
    same &= known.rows["whole"].gather(user) & known.destination["whole"].gather(d)
    given = [frame["given_name"] for frame in (source, destination) if "given_name" in frame.columns]
    if len(given) == 2 and all(column.null_count() < len(column) for column in given):
        same &= (given[0].gather(user) == given[1].gather(d)).fill_null(value=True)
    return same.fill_null(value=False)


def _compared(pairs: pl.DataFrame, source: pl.DataFrame, destination: pl.DataFrame, known: Spelt) -> pl.DataFrame:
    """What `names.compare` asks for."""
    assert known.destination is not None
    user, d = pairs["user"], pairs["d"]
    return pl.DataFrame(
        [
            *(known.rows[name].gather(user).alias(f"left_{name}") for name in ("text", "folded")),
            *(known.destination[name].gather(d).alias(f"right_{name}") for name in ("text", "folded")),
            *_columns("left", source, user),
            *_columns("right", destination, d),
        ]
    )


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


def _worst(every: pl.DataFrame) -> pl.DataFrame:
    """`user`, `verdict` over all names of both sides: `user`, `right`, `verdict`.

    A doubt is cleared by another listing of the source user, under the destination's very name: the doubtful one is older, or a
    short form. What else the destination is called must agree as well.
    """
    verdict = pl.col("verdict")
    cleared = (verdict.max() == "doubtful") & (verdict == "compatible").any()
    by_name = every.group_by("user", "right").agg(verdict=pl.when(cleared).then(verdict.min()).otherwise(verdict.max()))
    return by_name.group_by("user").agg(verdict.max())


def _others(several: pl.DataFrame, compared: pl.DataFrame, known: Spelt) -> pl.DataFrame:
    """`user`, `right`, `verdict` of every pair of names of users who are listed under several."""
    spread = several.hstack(compared.select("left", "right", "left_local", "right_local"))
    for side, others in (("left", "other_names"), ("right", "d_other_names")):
        every = pl.concat_list(side, pl.col(others).fill_null(pl.lit([], dtype=pl.List(pl.String))))
        spread = spread.with_columns(every.alias(side)).explode(side, empty_as_null=True, keep_nulls=True)
    return spread.select("user", "right").with_columns(verdict=names.compare(spread, habits=known.habits))
