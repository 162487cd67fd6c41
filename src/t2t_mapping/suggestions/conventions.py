"""How a tenant makes addresses out of names, written as the rule table's templates write it.

`{first}.{last}` gives `john.smith`, `{f}{last}` gives `jsmith`. Which one a tenant uses is learnt from all its accounts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from t2t_mapping import names
from t2t_mapping.results.reconciliation import Reconciliation
from t2t_mapping.suggestions.once import once

__all__ = ["CONVENTIONS", "Convention", "convention", "learn", "local_parts", "written"]

CONVENTIONS = (
    "{first}.{last}",
    "{f}{last}",
    "{f}.{last}",
    "{first}{l}",
    "{first}.{l}",
    "{last}.{first}",
    "{last}{f}",
    "{last}.{f}",
    "{first}_{last}",
    "{first}-{last}",
    "{first}{last}",
    "{last}_{first}",
    "{last}{first}",
    "{f}_{last}",
    "{last}",
    "{first}",
    "{f}{l}",
)
"""Templates for the part before the `@`; where a name fits several equally well, the first counts."""

_ENOUGH = 5_000  # More pairs teach nothing new.
_LEAST_PAIRS, _LEAST_SHARE = 5, 0.4


@dataclass(frozen=True, slots=True)
class Convention:
    """The prevailing convention of a tenant: `fitting` of the `compared` accounts follow `template`."""

    template: str
    fitting: int
    compared: int

    @property
    def words(self) -> str:
        """For people: the template, an example, and how sure it is."""
        example = self.template.format(first="john", last="smith", f="j", l="s")
        return f"{self.template}, so John Smith is {example}@…: {self.fitting:,} of {self.compared:,} accounts there follow it"


def written(template: str, given: pl.Expr, family: pl.Expr) -> pl.Expr:
    """What a convention makes of columns of names."""
    pieces = {"{first}": given, "{last}": family, "{f}": given.str.slice(0, 1), "{l}": family.str.slice(0, 1)}
    return pl.concat_str(pieces.get(piece, pl.lit(piece)) for piece in re.split(r"(\{\w+\})", template) if piece)


_WRITERS = [(template, template.format(first="{0}", last="{1}", f="{2}", l="{3}").format) for template in CONVENTIONS]


@lru_cache(maxsize=1 << 14)
def local_parts(given: str, family: str) -> dict[str, str]:
    """What each convention makes of a name: local part -> template, the first template where several agree."""
    made: dict[str, str] = {}
    for template, write in _WRITERS:
        made.setdefault(write(given, family, given[:1], family[:1]), template)
    return made


@once
def convention(result: Reconciliation) -> Convention | None:
    """How the destination makes addresses out of names, learnt from all its accounts."""
    destination = result.facts.destination
    if destination is None:
        return None
    people = destination.filter(pl.col("kind") == "person")
    return learn(people.select("local_part", "full_name", "domain"))


def learn(pairs: pl.DataFrame) -> Convention | None:
    """The convention that most sure pairs follow.

    Args:
        pairs: Columns `local_part` and `full_name` of the destination users of sure pairs.

    Returns:
        None where there are fewer than five usable pairs, or no convention fits two in five of them.
    """
    pairs = pairs.filter(pl.col("local_part").is_not_null() & pl.col("full_name").is_not_null())
    pairs = pairs.sort("local_part", "full_name").gather_every(max(1, pairs.height // _ENOUGH))
    parts = names.template_parts(pairs["full_name"])
    frame = pairs.select("local_part").with_row_index("pair").with_columns(parts).filter(pl.col("given").is_not_null())
    spread = frame.explode("given", "family", empty_as_null=True, keep_nulls=True).with_columns(
        bare=pl.col("local_part").str.replace(r"(.)\d+$", "$1")  # john.smith2 is the second john.smith
    )
    fits = [
        (written(template, pl.col("given"), pl.col("family")) == pl.col("bare")).alias(template)
        for template in CONVENTIONS
    ]
    tally = (
        spread.select("pair", *fits).group_by("pair").agg(pl.col(CONVENTIONS).any()).select(pl.col(CONVENTIONS).sum())
    )
    if frame.height < _LEAST_PAIRS:
        return None
    fitting = tally.row(0, named=True)
    best = max(CONVENTIONS, key=lambda template: fitting[template])
    if fitting[best] < _LEAST_SHARE * frame.height:
        return None
    return Convention(best, fitting[best], frame.height)
