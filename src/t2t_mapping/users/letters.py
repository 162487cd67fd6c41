"""Names whose letters an export lost or garbled."""

from __future__ import annotations

import polars as pl

from t2t_mapping.upn import is_ascii

__all__ = ["damage"]

_DAMAGED = (
    r"\p{L}\?|\?\p{L}|[\x{FFFD}\x{25A1}\x{80}-\x{9f}]"  # a letter that an encoding did not have
    r"|[ÂÃÄÅÐÑ×Ø][\x{80}-\x{bf}€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"  # UTF-8 read as Windows-1252
    r"|\p{L}[¡-©«-±²³¶¸¹»¼½¾¿×]|^[¡-©«-±²³¶¸¹»¼½¾¿×]\p{L}"  # Windows-1250 read as 1252: Wa³êsa
    r"|^[À-ÿ]{4,}(?:\s+[À-ÿ]{2,})*$"  # Windows-1251 read as 1252: Èâàí
)


def damage(names: pl.Series) -> pl.Series:
    """Whether a name lost letters on the way; False for names that are not known."""
    name = pl.first()
    suspect = ~is_ascii(name) | name.str.contains("?", literal=True)
    places = names.to_frame().select(suspect.arg_true()).to_series()
    damaged = pl.repeat(value=False, n=len(names), eager=True)
    if places.is_empty():  # the pattern takes its time even then
        return damaged
    return damaged.scatter(places.filter(names.gather(places).str.contains(_DAMAGED)), True)
