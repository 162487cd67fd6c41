"""The frame of facts: one row per source user (or per line of a mapping file), with its pair and its destination beside it."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from t2t_mapping import upn as upns
from t2t_mapping.checks.registry import Facts, shared_mailbox
from t2t_mapping.checks.verdicts import Spelt, spelt, verdicts
from t2t_mapping.rules import circumstances
from t2t_mapping.rules.table import RuleTable

__all__ = ["facts", "names_of", "tenant_words"]


_KEPT = (
    "upn",
    "upn_key",
    "local_part",
    "domain",
    "full_name",
    "other_names",
    "view",
    "enabled",
    "licensed",
    "licensed_by",
    "access_mode",
    "kind",
    "object_id",
    "user_id",
    "other_upn",
    "reason",
    "deleted",
    "fault",
    "unclear_status",
    "unclear_licence",
    "file",
    "sheet",
    "row",
)
_OF_DESTINATION = (
    "upn",
    "upn_key",
    "other_upn",
    "local_part",
    "domain",
    "full_name",
    "other_names",
    "enabled",
    "licensed",
    "licenses",
    "kind",
    "object_id",
    "reason",
    "deleted",
    "unclear_status",
    "unclear_licence",
    "file",
    "sheet",
    "row",
)


def tenant_words(*frames: pl.DataFrame | None) -> frozenset[str]:
    """The tenants' own names, as their domains spell them: they may stand in brackets behind a name."""
    common = {"com", "net", "org", "edu", "gov", "info", "onmicrosoft", "onmschina", "partner", "mail"}
    labels: set[str] = set()
    for frame in frames:
        if frame is not None:
            for name in frame["domain"].unique().drop_nulls():
                labels |= {label for label in name.split(".")[:-1] if len(label) > 2}
    return frozenset(labels - common)


def names_of(source: pl.DataFrame, destination: pl.DataFrame | None) -> Spelt:
    """The names of both sides, which need no pairs: they can be prepared while these are sought."""
    return spelt(source, destination, source, tenant_words(source, destination))


def facts(
    source: pl.DataFrame,
    destination: pl.DataFrame | None,
    pairs: pl.DataFrame,
    rules: RuleTable,
    *,
    known: Spelt | None = None,
    domains: Sequence[str] = (),
    include_admins: bool = False,
    judging: pl.DataFrame | None = None,
    directories: tuple[pl.DataFrame | None, pl.DataFrame | None] = (None, None),
    elsewhere: pl.Series | None = None,
    clouds: tuple[str | None, str | None] = (None, None),
) -> Facts:
    """Put everything about each user side by side, and decide who is excluded.

    Args:
        known: What `names_of` said of both, where it has been asked for.
        judging: Where a given mapping file is judged, `source` has one row per line of it, and this is the frame of all
            source users.
        directories: The accounts that the directories of source and destination list.
        elsewhere: The source users of other environments, as typed; rule lines may name them.
        clouds: The clouds that the exports of source and destination came from, where they tell.

    The order of exclusion: by a rule line; because it is not a person (U203); an administrative user who was not opted
    in (P309).
    """
    wide = source.select(_KEPT).with_row_index("user")
    wide = pl.concat([wide, pairs], how="horizontal")
    listed = destination if destination is not None else source.clear()
    if listed.height:
        gathered = listed.select(pl.col(column).alias(f"d_{column}") for column in _OF_DESTINATION)[pairs["d"]]
    else:
        gathered = listed.select(pl.col(column).alias(f"d_{column}") for column in _OF_DESTINATION).clear(wide.height)
    wide = pl.concat([wide, gathered], how="horizontal")
    admin = (
        pl.when(pl.col("access_mode").is_not_null())
        .then(pl.col("access_mode") == "administrative")
        .otherwise(pl.col("view") == "admin")
    )
    stale = pl.col("user").is_in(circumstances.stale(wide, rules.frame)["user"].implode())
    by_rule = pl.col("rung").eq_missing(pl.lit("rule", dtype=pairs.schema["rung"]))
    wide = wide.with_columns(
        admin=admin,
        by_rule=by_rule,
        d_domain=upns.domain(pl.col("target_key")),
        exclusion=pl.when(pl.col("excluded_line").is_not_null() & ~stale)  # a stale decision decides nothing
        .then(pl.lit("rule"))
        .when(pl.col("kind").is_in(["application", "system"]) & ~shared_mailbox().fill_null(value=False))
        .then(pl.lit("U203"))
        .when(admin & ~by_rule & ~pl.lit(include_admins))
        .then(pl.lit("P309")),
    ).with_columns(excluded=pl.col("exclusion").is_not_null())
    everybody = source if judging is None else judging
    known = known or spelt(everybody, destination, source, tenant_words(everybody, destination))
    wide = wide.with_columns(verdict=verdicts(wide, source, destination, known))
    held = (pl.col("verdict") == "contradictory") & ~pl.col("noted")
    wide = wide.with_columns(contradicted=held.fill_null(value=False))
    return Facts(
        wide, everybody, destination, rules, known, tuple(domains), judging is not None, *directories, elsewhere, clouds
    )
