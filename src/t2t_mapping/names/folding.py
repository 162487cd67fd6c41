"""From the text of a name to folded words: marks and letters folded to the plain letter."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import polars as pl

__all__ = ["COMPOSED", "LETTERS", "MARKS", "SPELT", "fold", "only"]

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


def only(values: pl.Series, where: pl.Series, change: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """`values`, changed where `where` is true; the others cost nothing."""
    at = where.arg_true()
    return values if at.is_empty() else values.clone().scatter(at, change(values.gather(at)))


def fold(texts: pl.Series, *, spelt_out: bool = False) -> pl.Series:
    """Texts to folded words, one blank between them."""

    def costly(some: pl.Series) -> pl.Series:
        some = some.str.replace_many(SPELT) if spelt_out else some
        some = some.str.normalize("NFD").str.replace_many(LETTERS | COMPOSED)
        return some.str.replace_all(MARKS, "").str.normalize("NFC")

    folded = only(texts, texts.str.len_bytes() != texts.str.len_chars(), costly)
    return folded.str.replace_all("-", " ", literal=True)
