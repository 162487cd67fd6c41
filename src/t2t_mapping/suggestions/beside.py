"""What both directories tell beside names and addresses: it finds people, and makes a guess better that shares it.

Nothing of it speaks against a guess: the two firms number their staff each in its own way, and departments are renamed in a move.
"""

from __future__ import annotations

import polars as pl

from t2t_mapping.checks.evidence import told

__all__ = ["Beside"]

_NUMBERS = {"employee_id": "employee id", "mobile": "mobile number"}
_PLACES = ("department", "city")
_NUMBER_POINTS = 50
_MOST_PLACE_POINTS = 10  # for a place that one in a thousand accounts shares; a point less for twice as many
_MOST_AT_PLACE, _MOST_OF_WORD = 50, 20  # free accounts there, and those with one word in their names: more say nothing


class Beside:
    """The further columns of the seekers and of the listed accounts, as far as both sides have them."""

    def __init__(self, source: pl.DataFrame, seekers: pl.Series, destination: pl.DataFrame, free: pl.Series) -> None:
        """Seekers and free accounts are positions in the frames of source and destination."""
        here, there = told(source), told(destination)
        self._names = [
            name
            for name in (*_NUMBERS, *_PLACES)
            if all(side[name].null_count() < side.height for side in (here, there))
        ]
        self._here = here.select(self._names).with_row_index("user").filter(pl.col("user").is_in(seekers.implode()))
        self._there = there.select(self._names).with_row_index("d")
        self._free = self._there.filter(pl.col("d").is_in(free.implode()))

    def found(self, names: pl.DataFrame, listed: pl.DataFrame) -> pl.DataFrame:
        """`user`, `d`, `few`: free accounts with a number of the seeker's, or at the same place; `few`: with a word of the name too.

        Args:
            names: `user`, `name`: the seekers' names as words; `listed` with `d` those of the free accounts.
        """
        pairs = [pl.DataFrame(schema={"user": pl.UInt32, "d": pl.UInt32, "few": pl.Boolean})]

        def add(mine: pl.DataFrame, theirs: pl.DataFrame, on: list[str], most: int, *, few: bool) -> None:
            theirs = theirs.filter(pl.len().over(on) <= most)
            pairs.append(mine.join(theirs, on=on).select("user", "d", few=pl.lit(few)))

        for name in self._names:
            mine, theirs = self._here.select("user", name).drop_nulls(), self._free.select("d", name).drop_nulls()
            add(mine, theirs, [name], _MOST_AT_PLACE, few=name in _NUMBERS)
            if name in _PLACES:
                mine, theirs = (
                    side.join(_words(every), on=side.columns[0]) for side, every in ((mine, names), (theirs, listed))
                )
                add(mine, theirs, [name, "word"], _MOST_OF_WORD, few=True)
        return pl.concat(pairs).group_by("user", "d").agg(pl.col("few").any())

    def favoured(self, guesses: pl.DataFrame) -> pl.DataFrame:
        """`user`, `d`, `score`, `evidence` with the points and the words for what the two share."""
        if not self._names or guesses.is_empty():
            return guesses
        both = guesses.join(self._here, on="user", how="left", maintain_order="left")
        both = both.join(self._there, on="d", how="left", maintain_order="left", suffix="_there")
        points, words = [], []
        for name in self._names:
            same = (pl.col(name) == pl.col(f"{name}_there")).fill_null(value=False)
            worth: pl.Expr = pl.lit(_NUMBER_POINTS)
            if name in _PLACES:
                often = self._there.group_by(name).agg(pl.len().alias(f"{name}_often"))
                both = both.join(often, on=name, how="left", maintain_order="left")
                share = pl.col(f"{name}_often") / self._there.height
                worth = (-share.log(2)).floor().clip(0, _MOST_PLACE_POINTS)
            points.append(pl.when(same).then(worth).otherwise(0))
            words.append(pl.when(same & (worth > 0)).then(pl.lit(f"the {_NUMBERS.get(name, name)} is the same")))
        return both.select(
            "user",
            "d",
            score=pl.min_horizontal(pl.col("score") + pl.sum_horizontal(points), pl.lit(100)).cast(pl.UInt8),
            evidence=pl.concat_str("evidence", *words, separator="; ", ignore_nulls=True),
        )


def _words(names: pl.DataFrame) -> pl.DataFrame:
    """Each word of each name, as `word`."""
    words = names.with_columns(word=pl.col("name").str.split(" ")).drop("name")
    return words.explode("word", empty_as_null=False, keep_nulls=False).unique()
