"""Keys that namesakes share: first and last word in any order, however the words between and their blanks are written."""

from __future__ import annotations

from functools import partial

import polars as pl

from t2t_mapping.names.folding import fold, in_one_query, only
from t2t_mapping.upn import is_ascii

__all__ = ["has_more", "keys", "middles", "primary_keys", "stems"]

_CJK = r"[\p{Han}\p{Hangul}\p{Hiragana}\p{Katakana}]"
_ENDS = r"(?:^| )\S(?: |$)| (?:jr|sr|ii|iii|iv)(?: |$)"


def _without_generation(folded: pl.Expr) -> pl.Expr:
    return folded.str.replace_all(r" (?:jr|sr|ii|iii|iv)(?: |$)", " ").str.strip_chars(" ")


def _core(folded: pl.Series) -> pl.Series:
    """Folded words without initials and Jr, Sr, II ...; names of Chinese characters as one word."""

    def trimmed(some: pl.Expr) -> pl.Expr:
        some = _without_generation(some)
        for pattern in (r"(?: \S)+$", r"^(?:\S )+", r"(?: \S)+ "):
            some = some.str.replace_all(pattern, " ").str.strip_chars(" ")
        return some

    folded = only(folded, folded.str.contains(_ENDS), partial(in_one_query, change=trimmed))
    wide = in_one_query(folded, lambda text: ~is_ascii(text))
    return only(
        folded,
        wide,
        lambda some: only(some, some.str.contains(_CJK), lambda few: few.str.replace_all(" ", "", literal=True)),
    )


def _key(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    return one.hash(1) + other.hash(1)  # whichever comes first


def primary_keys(folded: pl.Series) -> pl.Series:
    """The hash of first and last word of every name; null where there is no name."""
    words = _core(folded).str.split(" ").alias("words").to_frame()
    first, last = pl.col("words").list.first(), pl.col("words").list.last()
    return words.select(pl.when(first.is_not_null() & (first != "")).then(_key(first, last))).to_series().alias("key")


def has_more(texts: pl.Series, folded: pl.Series) -> pl.Series:
    """Whether a name may have further keys: three words, or letters that can be spelt out."""
    several = pl.col("folded").str.count_matches(" ", literal=True) > 1
    both = pl.DataFrame([texts.alias("text"), folded.alias("folded")])
    return both.select(more=(several | ~is_ascii(pl.col("text"))).fill_null(value=True)).to_series()


def keys(numbers: pl.Series, known: pl.DataFrame) -> pl.DataFrame:
    """`number`, `key`: every key of every name, each pair once.

    Besides the primary key, a name of three words and more has those of its first or last words written as one, and a name with
    `ä ö ü å ø` those of its other spelling.

    Args:
        numbers: Positions in `known`.
        known: `text`, `folded`, `key`, `more`.
    """
    numbers = numbers.cast(pl.UInt32).alias("number")
    found = [pl.DataFrame([numbers, known["key"].gather(numbers)])]
    at = numbers.filter(known["more"].gather(numbers))
    if len(at):
        texts, folded = known["text"].gather(at), known["folded"].gather(at)
        odd = in_one_query(texts, lambda text: (~is_ascii(text)).fill_null(value=False))
        if odd.any():
            spelt = fold(texts.filter(odd), spelt_out=True)
            found.append(pl.DataFrame([at.filter(odd), primary_keys(spelt)]))
        words = pl.DataFrame([at, _core(folded).str.split(" ").alias("words")]).filter(pl.col("words").list.len() > 2)
        word, size = pl.col("words"), pl.col("words").list.len()
        if words.height:  # of no rows, polars 1.36 makes lists of nothing, which cannot be joined
            found += [
                words.select("number", key=_key(word.list.head(size - 1).list.join(""), word.list.last())),
                words.select("number", key=_key(word.list.first(), word.list.tail(size - 1).list.join(""))),
            ]
    return pl.concat(found).drop_nulls().unique() if len(found) > 1 else found[0].drop_nulls()


def middles(folded: pl.Series) -> pl.Series:
    """The words between first and last word of every name, List[String]; empty where there are none."""
    if folded.is_empty():  # of no rows, polars 1.36 makes lists of nothing
        return pl.Series("words", [], dtype=pl.List(pl.String))

    def between(name: pl.Expr) -> pl.Expr:
        words = _without_generation(name).str.split(" ")
        return words.list.slice(1, pl.max_horizontal(words.list.len().cast(pl.Int64) - 2, 0)).alias("words")

    return in_one_query(folded, between)


def stems(local_parts: pl.Expr) -> pl.Expr:
    """`john.smith2` is the second `john.smith`."""
    return local_parts.str.replace(r"([^0-9._\-])[._\-]?\d+$", "$1")
