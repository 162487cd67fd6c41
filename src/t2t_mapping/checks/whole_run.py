"""The run as a whole: whether the two sides were exchanged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping.checks.registry import (
    Facts,
)

__all__ = ["swapped_sides"]


def swapped_sides(given: Facts, source_domains: Sequence[str] = ()) -> pl.DataFrame:
    """I109: the source's users all have destination domains, or the reverse. An error on the whole run."""
    here, there = _domains(given.source), _domains(given.destination)
    frame = given.rules.frame.filter(pl.col("destination").is_not_null())
    after = r"@([A-Za-z0-9.-]+)$"
    ruled = frame.select(
        pl.col("source").str.extract(after, 1).str.to_lowercase().alias("source"),
        pl.col("destination").str.extract(after, 1).str.to_lowercase().alias("destination"),
    )
    to = {*given.domains, *ruled["destination"]}
    start = {*source_domains, *ruled["source"]}
    if _reversed(ruled, here, there):
        known = here & set(given.domains)
        said = (
            f"The rule table {' and '.join(frame['file'].unique(maintain_order=True))} leads from {_shown(ruled['source'])} to {_shown(ruled['destination'])}, "
            f"but the source users are at {_shown(here)}"
        )
        said += f" and the destination users at {_shown(there)}. " if there else ". "
        said += (
            "Swap the source and destination files."
            if known
            else "Swap the two columns of the rule table; only if the exports were mixed up, swap those instead."
        )
    elif here and here <= to and not here & start:
        said = f"All source users have addresses in {_shown(here)}, which are destination domains."
    elif there and there <= start and not there & to:
        said = f"All destination users have addresses in {_shown(there)}, which are source domains."
    elif here and here == there:
        said = f"Source and destination users all have addresses in {_shown(here)}: the same tenant was exported twice."
    else:
        return fnd.empty()
    return fnd.one("I109", side="run", a=said)


def _reversed(ruled: pl.DataFrame, here: set[str], there: set[str]) -> bool:
    """Whether the rule lines lead to the source's users, and none of them away from them."""
    sources, destinations = set(ruled["source"].drop_nulls()), set(ruled["destination"].drop_nulls())
    back = bool(destinations & (here - there)) or bool(sources & (there - here))
    return back and not sources & here and not destinations & there


def _shown(domains: Iterable[str]) -> str:
    names = sorted({name for name in domains if name})
    return ", ".join(names[:3])


def _domains(frame: pl.DataFrame | None) -> set[str]:
    if frame is None:
        return set()
    people = pl.col("kind").is_in(["person", "non-interactive"])
    return set(frame.select(pl.col("domain").filter(people).drop_nulls().unique()).to_series())
