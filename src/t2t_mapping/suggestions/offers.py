"""The destination's convention as a rule line, with the number of held users for whom it finds an account."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from t2t_mapping import names
from t2t_mapping import upn as upns
from t2t_mapping.results.reconciliation import Reconciliation
from t2t_mapping.suggestions.conventions import convention, written
from t2t_mapping.suggestions.once import once

__all__ = ["Offer", "offers"]

_LEAST, _LEAST_SHARE = 10, 0.5  # of the users without a destination: a line for fewer is not worth it


@dataclass(frozen=True, slots=True)
class Offer:
    """A pattern line that would give many held users a destination.

    Attributes:
        line: As the rule table takes it: `*@contoso.com,{first}.{last}@fabrikam.com`.
        users: For so many of the `held` users of this domain without a destination it finds an account whose name is not another's.
    """

    line: str
    users: int
    held: int

    @property
    def words(self) -> str:
        """For people."""
        return (
            f"The rule line {self.line} finds an account for {self.users:,} of {self.held:,} held users. "
            "Each is checked like any other pair."
        )


@once
def offers(result: Reconciliation) -> list[Offer]:
    """Rule lines that pay, the one for most users first; empty where the convention is not known or finds nobody."""
    usual, destination = convention(result), result.facts.destination
    if usual is None or destination is None:
        return []
    frame = result.facts.frame
    missing = result.accounting["codes"].str.contains("U211").fill_null(value=False)
    seekers = frame.filter((result.dispositions == "held") & missing & frame["upn_key"].is_not_null())
    seekers = seekers.filter(pl.col("pattern_line").is_null()).select("user", "domain", "full_name", "local_part")
    people = destination.filter((pl.col("kind") == "person") & pl.col("upn_key").is_not_null())
    if seekers.is_empty() or people.is_empty():
        return []
    domain = people.group_by("domain").len().sort("len", "domain", descending=[True, False])["domain"][0]
    parts = names.template_parts(seekers["full_name"])
    asked = seekers.with_columns(parts).explode("given", "family", empty_as_null=True, keep_nulls=True)
    made = written(f"{usual.template}@{domain}", pl.col("given"), pl.col("family"))
    listed = people.select(key="upn_key", right="full_name", right_local="local_part")
    found = asked.with_columns(key=upns.key(made)).filter(pl.col("key").is_not_null()).join(listed, on="key")
    verdict = names.compare(
        found.with_columns(left="full_name", left_local="local_part"), habits=result.facts.names.habits
    )
    right = found.filter(verdict.is_in(["compatible", "doubtful"])).unique("user")
    tally = (
        seekers.group_by("domain")
        .agg(held=pl.len())
        .join(right.group_by("domain").agg(users=pl.len()), on="domain", how="left")
    )
    pays = tally.filter((pl.col("users") >= _LEAST) & (pl.col("users") >= _LEAST_SHARE * pl.col("held")))
    return [
        Offer(f"*@{source},{usual.template}@{domain}", users, held)
        for source, held, users in pays.sort("users", "domain", descending=[True, False]).iter_rows()
    ]
