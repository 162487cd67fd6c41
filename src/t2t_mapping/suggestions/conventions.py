"""How a tenant makes addresses out of names, written as the rule table's templates write it.

`{first}.{last}` gives `john.smith`, `{f}{last}` gives `jsmith`. Which one a tenant uses is learnt from all its accounts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from t2t_mapping import names

__all__ = ["CONVENTIONS", "Convention", "learn", "local_parts"]

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
    def pieces(self) -> list[str]:
        """The template cut at its words: `{first}`, `.`, `{last}`."""
        return [piece for piece in re.split(r"(\{\w+\})", self.template) if piece]

    @property
    def words(self) -> str:
        """For people: the template, an example, and how sure it is."""
        example = self.template.format(**_pieces("john", "smith"))
        return f"{self.template}, so John Smith is {example}@…: {self.fitting:,} of {self.compared:,} accounts there follow it"


def _pieces(given: str, family: str) -> dict[str, str]:
    return {"first": given, "last": family, "f": given[:1], "l": family[:1]}


@lru_cache(maxsize=1 << 14)
def local_parts(given: str, family: str) -> dict[str, str]:
    """What each convention makes of a name: local part -> template, the first template where several agree."""
    pieces = _pieces(given, family)
    made: dict[str, str] = {}
    for template in CONVENTIONS:
        made.setdefault(template.format(**pieces), template)
    return made


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
    pieces = {
        "{first}": pl.col("given"),
        "{last}": pl.col("family"),
        "{f}": pl.col("given").str.slice(0, 1),
        "{l}": pl.col("family").str.slice(0, 1),
    }
    fits = [
        (
            pl.concat_str([pieces.get(piece, pl.lit(piece)) for piece in re.split(r"(\{\w+\})", template)])
            == pl.col("bare")
        ).alias(template)
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
