"""Which values stand more than once. Millions of addresses are hashed and the hashes sorted, which takes a sixth of the time
of putting the texts themselves into a table; only those that share a hash are compared.
"""

from __future__ import annotations

import polars as pl

__all__ = ["all_different", "repeated"]

_FEW = 10_000  # values; below it one query is quicker than six


def all_different(values: pl.Series) -> bool:
    """Whether no value stands twice. Equal values have equal hashes, so that a yes is certain; a no is almost."""
    return _shared(values.hash()).is_empty()


def repeated(values: pl.Series) -> pl.Series:
    """For each value whether it stands more than once, without a name; nulls are equal to each other."""
    if len(values) < _FEW:
        return values.is_duplicated().alias("")
    hashes = values.hash()
    shared = _shared(hashes)
    if shared.is_empty():
        return pl.repeat(value=False, n=len(values), eager=True)
    places = hashes.is_in(shared.implode()).arg_true()
    twice = values.gather(places).is_duplicated()
    return pl.int_range(len(values), dtype=pl.UInt32, eager=True).is_in(places.filter(twice).implode()).alias("")


def _shared(hashes: pl.Series) -> pl.Series:
    """The hashes that stand more than once, as often as they do but once."""
    ordered = hashes.sort()
    return ordered.filter(ordered == ordered.shift())
