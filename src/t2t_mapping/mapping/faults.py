"""What is wrong with a mapping file by itself: every M check, run once."""

from __future__ import annotations

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping.mapping import addresses, layout  # noqa: F401  (they register their checks)
from t2t_mapping.mapping.registry import CHECKS, Given, keyed, listing

__all__ = ["CHECKS", "Given", "keyed", "listing", "run"]


def run(given: Given) -> pl.DataFrame:
    """Every fault of the file, as findings."""
    if not given.file.decoded.legible:
        return fnd.collect([CHECKS[code](given) for code in ("M501", "M509")])
    return fnd.collect(function(given) for function in CHECKS.values())
