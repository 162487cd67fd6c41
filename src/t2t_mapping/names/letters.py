"""The letters of a name as typed: one shape for each, garbled ones restored, lost ones told."""

from __future__ import annotations

import re

import polars as pl

from t2t_mapping.names.folding import in_one_query, only
from t2t_mapping.upn import is_ascii

__all__ = ["lower", "restored"]

# Vanish: apostrophes in all their shapes, soft hyphen, zero-width and direction characters, tatweel, fillers. Before
# NFKC, which would turn U+00B4 into a blank and an accent.
_VANISH = (
    "['`´ʹʻ-ʿˈˊˋʼꞌ՚׳‘’‛′‵＇｀\u0384\u1fbd\u1fbf\u1fef\u1ffd\u1ffe"
    "\u00ad\u034f\u0640\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\U000e0000-\U000e0fff]"
)
# One shape for each kind of punctuation that means something, and letters that only look different on two keyboards.
_UNIFIED = dict(zip("‐‑‒–—−，،、﹐[{<【〔「［｛＜]}>】〕」］｝＞ςیک", "------,,,,((((((((()))))))))σيك", strict=True))

# UTF-8 that was read as Windows-1252: a letter of the first row, and a sign that no name holds behind it.
_GARBLED = r"[ÂÃÄÅÐÑ×Ø][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"
# What no encoding could write, the control characters of a wrong one, and signs that stand for the Ł, ł, ą and ż of Windows-1250.
_LOST = r"\p{L}\?|\?\p{L}|[\x{FFFD}\x{25A1}\x{80}-\x{9f}]|\p{L}[£¥¯³¹¼¾¿×]|^[£¥¯³¹¼¾¿×]\p{L}"


def lower(names: pl.Series) -> pl.Series:
    """Lower case, apostrophes gone, one shape for dashes, commas and brackets, single blanks."""

    def change(name: pl.Expr) -> pl.Expr:
        name = name.str.replace_all(_VANISH, "").str.normalize("NFKC").str.to_lowercase()
        return name.str.replace_many(_UNIFIED).str.replace_all(r"\s+", " ").str.strip_chars(" ")

    return in_one_query(names, change)


def restored(names: pl.Series) -> pl.Series:
    """`JÃ¼rgen` is Jürgen; null where letters are lost (`J?rgen`) or garbled beyond certainty."""
    suspect = in_one_query(names, lambda name: ~is_ascii(name) | name.str.contains("?", literal=True))
    return only(names, suspect, _restored)


def _restored(names: pl.Series) -> pl.Series:
    names = only(names, names.str.contains(_GARBLED), lambda some: some.map_elements(_read_again, pl.String))
    return names.set(names.str.contains(_LOST), None)


def _read_again(name: str) -> str | None:
    try:
        while re.search(_GARBLED, name):  # each time shorter
            name = name.encode("cp1252").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return None
    return name
