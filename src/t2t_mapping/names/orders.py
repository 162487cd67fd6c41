"""In which order two tenants write given name and family name, learnt from all names of both: never from one pair."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import polars as pl

from t2t_mapping.names.folding import fold
from t2t_mapping.names.habits import Habits, learn
from t2t_mapping.names.short_forms import GIVEN_NAMES
from t2t_mapping.names.texts import texts

__all__ = ["habits_of"]

_SAMPLE = 20_000
_LEAST = 10  # first and last words in common that stand at the other end
_OFTEN = 4  # times as many as stand at the same end


def habits_of(here: pl.Series, there: pl.Series | None, tenants: Collection[str] = ()) -> tuple[Habits, Habits]:
    """The habits of the source and of the destination.

    Args:
        here: Full names as typed of the source; `there` of the destination.
        tenants: The tenants' own names.
    """
    habits = learn(here, there, tenants)
    if there is None:
        return habits
    typed = [side.drop_nulls() for side in (here, there)]
    if 2 * min(map(len, typed)) < _LEAST:  # a name has two ends
        return habits
    typed = [side.gather_every(max(1, len(side) // _SAMPLE)) for side in typed]
    known = [side.str.contains(",", literal=True) for side in typed]  # the comma tells which is which
    plain = [fold(texts(side, its)) for side, its in zip(typed, habits, strict=True)]
    ends = [_ends(names) for names in plain]
    free = [
        _ends(names.filter(~comma)) if comma.any() else its
        for names, comma, its in zip(plain, known, ends, strict=True)
    ]
    if max(_crossed(ends[0], free[1]), _crossed(free[0], ends[1])) == 0:
        return habits
    turned = [fold(texts(side, replace(its, last_first=True))) for side, its in zip(typed, habits, strict=True)]
    if known[0].all() or not known[1].all():
        gain = [_shared(turned[0], plain[1]), _shared(plain[0], turned[1])]
        first = 0 if gain[0] > gain[1] or (gain[0] == gain[1] and _given_last(ends[0]) > _given_last(ends[1])) else 1
    else:
        first = 0
    return (replace(habits[0], last_first=first == 0), replace(habits[1], last_first=first == 1))


def _ends(names: pl.Series) -> pl.DataFrame:
    """`word`, `first`, `last`: how often each word stands first and last, initials apart."""
    words = names.drop_nulls().str.replace(r"(?: \S)+$", "").str.split(" ")
    words = words.filter(words.list.len() > 1)
    counts = [
        end.alias("word").to_frame().group_by("word").agg(pl.len().alias(name))
        for name, end in (("first", words.list.first()), ("last", words.list.last()))
    ]
    return counts[0].join(counts[1], on="word", how="full", coalesce=True).fill_null(0)


def _crossed(here: pl.DataFrame, there: pl.DataFrame) -> int:
    """How many words in common stand at the other end, where that is the habit; else 0."""
    both = here.join(there, on="word", suffix="_there")
    same, other = (
        int(both.select(pl.sum_horizontal(pl.min_horizontal(a, b) for a, b in ends).sum()).item() or 0)
        for ends in (
            (("first", "first_there"), ("last", "last_there")),
            (("first", "last_there"), ("last", "first_there")),
        )
    )
    return other if other >= _LEAST and other >= _OFTEN * same else 0


def _shared(here: pl.Series, there: pl.Series) -> int:
    return int(here.unique().is_in(there.unique().implode()).sum())


def _given_last(ends: pl.DataFrame) -> float:
    """How much more often the last word is a given name than the first."""
    known = ends.filter(pl.col("word").is_in(list(GIVEN_NAMES)))
    return float(known["last"].sum()) - float(known["first"].sum())
