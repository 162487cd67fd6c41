"""The pair: whether source and destination may stand on one line."""

from __future__ import annotations

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping import upn as upns
from t2t_mapping.checks.registry import (
    PAIRED,
    Answer,
    Facts,
    Skipped,
    check,
)
from t2t_mapping.duplicates import repeated
from t2t_mapping.findings import find

__all__: list[str] = []


@check("P301")
def ambiguous_destination(given: Facts) -> Answer:
    users = given.active(pl.col("ambiguous"))
    return find("P301", users, side="source", a=pl.col("candidates").list.join(", "))


@check("P302")
def shared_destination(given: Facts) -> Answer:
    claims = given.frame.select("user", "target_key", claims=PAIRED & ~pl.col("contradicted")).filter("claims")
    twice = claims.filter(repeated(claims["target_key"]))
    if twice.is_empty():
        return fnd.empty()
    shared = given.frame.join(twice, on="user", how="semi", maintain_order="left")
    others = shared.group_by("target_key").agg(claimants=pl.col("upn").sort().head(10).str.join(", "))
    shared = shared.join(others, on="target_key", how="left", maintain_order="left")
    return find("P302", shared, side="source", a=pl.col("target"), b=pl.col("claimants"))


@check("P306")
def unverified_destination(given: Facts) -> Answer:
    if given.destination is not None:
        return fnd.empty()
    return find("P306", given.paired(), side="destination", a=pl.col("target"))


@check("P307")
def same_address(given: Facts) -> Answer:
    users = given.paired(pl.col("upn_key") == pl.col("target_key"))
    return find("P307", users, side="source", a=pl.col("target"))


@check("P308")
def unexpected_domain(given: Facts) -> Answer:
    if not given.domains:
        return Skipped("no --destination-domain was given")
    users = given.paired(~pl.col("d_domain").is_in(given.domains))
    return find("P308", users, side="destination", a=pl.col("target"), b=", ".join(given.domains))


@check("P309")
def admin_not_opted_in(given: Facts) -> Answer:
    users = given.frame.filter(pl.col("exclusion") == "P309").with_columns(upn=pl.coalesce("upn", "full_name"))
    return find("P309", users, side="source")


@check("P310")
def crosses_clouds(given: Facts) -> Answer:
    """A default domain tells the cloud of its tenant, and so of all users of that tenant; so does the address of an export."""
    source = _only_cloud(given.source) or given.clouds[0]
    destination = _only_cloud(given.destination) or given.clouds[1]
    here = pl.coalesce(upns.cloud(pl.col("domain")), pl.lit(source, dtype=pl.String))
    there = pl.coalesce(upns.cloud(pl.col("d_domain")), pl.lit(destination, dtype=pl.String))
    known = given.frame.select(paired=PAIRED, cloud=here.is_not_null() | there.is_not_null())
    if known["paired"].any() and not (known["paired"] & known["cloud"]).any():
        return Skipped("no address has a default domain, and no export tells its cloud")
    return find("P310", given.paired(here != there), side="source", a=pl.col("target"), b=here, c=there)


def _only_cloud(frame: pl.DataFrame | None) -> str | None:
    if frame is None:
        return None
    native = frame["domain"].filter(frame["kind"] != "system").unique().alias("name").to_frame()
    clouds = native.select(upns.cloud(pl.col("name")).drop_nulls().unique()).to_series().to_list()
    return str(clouds[0]) if len(clouds) == 1 else None
