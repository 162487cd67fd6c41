"""From the text of a name to folded words: marks and letters folded to the plain letter."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import partial

import polars as pl

from t2t_mapping.upn import is_ascii

__all__ = ["COMPOSED", "LETTERS", "MARKS", "SPELT", "fold", "in_one_query", "only"]

# The marks that may be missing in one tenant: Latin, Greek and Cyrillic diacritics, Hebrew and Arabic points, the
# Hindi nukta. Not the vowel signs of Indic scripts and Thai, nor kana voicing, which make another word.
MARKS = (
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u08d3-\u08e1\u08e3-\u08ff\u093c\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
    "\ufe20-\ufe2f]"
)
LETTERS = dict(zip("ıæœøðđþłß", ["i", "ae", "oe", "o", "d", "d", "th", "l", "ss"], strict=True))
SPELT = dict(zip("äöüåø", ["ae", "oe", "ue", "aa", "oe"], strict=True))
# Letters of their own, although Unicode takes them apart.
COMPOSED = {unicodedata.normalize("NFD", letter): letter for letter in "йўї"}


def in_one_query(values: pl.Series, change: Callable[[pl.Expr], pl.Expr]) -> pl.Series:
    """All steps of `change` in one query: as methods of a series, each would be a query of its own."""
    return values.to_frame().select(change(pl.first())).to_series()


def only(values: pl.Series, where: pl.Series, change: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """`values`, changed where `where` is true; the others cost nothing."""
    if not where.any():  # asked without a query, and most often so
        return values
    at = where.arg_true()
    return values.clone().scatter(at, change(values.gather(at)))


def fold(texts: pl.Series, *, spelt_out: bool = False) -> pl.Series:
    """Texts to folded words, one blank between them."""

    def costly(some: pl.Expr) -> pl.Expr:
        some = some.str.replace_many(SPELT) if spelt_out else some
        some = some.str.normalize("NFD").str.replace_many(LETTERS | COMPOSED)
        return some.str.replace_all(MARKS, "").str.normalize("NFC")

    wide = in_one_query(texts, lambda text: ~is_ascii(text))
    folded = only(texts, wide, partial(in_one_query, change=costly))
    return folded.str.replace_all("-", " ", literal=True)
