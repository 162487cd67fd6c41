"""Destinations that are already taken in the source environment: by somebody who moves on, or by somebody who stays."""

from __future__ import annotations

from typing import Any

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping import upn as upns
from t2t_mapping.checks.registry import PAIRED, Facts
from t2t_mapping.findings import find

__all__ = ["collisions"]

_PLACE = ("file", "sheet", "row")
_WORDS = {"upn": "the user principal name", "other_upn": "the User Name", "home": "the address at home"}
_OWNED: dict[str, Any] = {
    **dict.fromkeys(("owner", "owner_key", "owner_object_id", "owner_user_id"), pl.String),
    "listed": pl.Boolean,
    "address": pl.String,
    "how": pl.Enum(list(_WORDS)),
}


def collisions(given: Facts, leaving: pl.Series, *, staying: str) -> pl.DataFrame:
    """P312 and P313, once it is known who would be mapped.

    Args:
        leaving: The keys of those source users who would be mapped. Of two of them, one at the other's destination, both
            are held (P312); whoever stays keeps the address, so that nobody can be mapped to it (P313).
        staying: What is said of the users who are not mapped, e.g. `is not mapped`.
    """
    sure = given.frame.lazy().filter(PAIRED & pl.col("target_key").is_not_null())
    columns = ("user", "upn", "upn_key", "target", "target_key", "d_domain", "object_id", "user_id", *_PLACE)
    paired = sure.select(columns).collect()
    taken = _taken(given, paired)
    if taken.is_empty():
        return fnd.empty()
    same = [
        pl.col("upn_key").eq_missing(pl.col("owner_key")),
        *((pl.col(name) == pl.col(f"owner_{name}")).fill_null(value=False) for name in ("object_id", "user_id")),
    ]
    pairs = paired.join(taken, left_on="target_key", right_on="address").filter(~pl.any_horizontal(same))
    moves = pl.col("owner_key").is_in(leaving.implode()).fill_null(value=False)
    chained = pairs.filter(moves & (pl.col("how") == "upn") & pl.col("upn_key").is_in(leaving.implode()))
    both = pl.concat([chained["upn_key"], chained["owner_key"]]).unique().implode()
    at = chained["target_key"].unique().implode()
    users = given.frame.filter(pl.col("upn_key").is_in(both))
    which = pl.when(pl.col("upn_key").is_in(at)).then(pl.col("upn")).otherwise(pl.col("target"))
    stays = pairs.filter(~moves | (pl.col("how") != "upn")).sort("user", "how", "owner", nulls_last=True)
    stays = stays.unique("user", keep="first", maintain_order=True)
    what = (
        pl.col("how").replace_strict(_WORDS, return_dtype=pl.String)
        + pl.lit(" of ")
        + pl.col("owner").fill_null("a user")
    )
    state = pl.when("listed").then(pl.lit(staying)).otherwise(pl.lit("is in the source directory"))
    state = pl.when(moves).then(pl.lit("is mapped itself")).otherwise(state)
    return fnd.collect(
        [
            find("P312", users, side="source", a=which),
            find("P313", stays, side="source", a=pl.col("target"), b=what, c=state),
        ]
    )


def _taken(given: Facts, wanted: pl.DataFrame) -> pl.DataFrame:
    """The addresses, of those wanted, that users of the source environment have, or accounts that only its directory lists."""
    listed = _addresses(given.source.with_columns(listed=pl.lit(value=True)), wanted)
    if given.directory is None:
        return listed
    nothing = pl.lit(None, dtype=pl.String)
    away = given.directory.filter(~pl.col("upn_key").is_in(given.source["upn_key"].drop_nulls().implode()))
    away = away.with_columns(
        domain=upns.domain(pl.col("upn_key")), user_id=nothing, other_upn=nothing, listed=pl.lit(value=False)
    )
    return pl.concat([listed, _addresses(away, wanted)])


def _addresses(people: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
    # Two tenants hardly ever share a domain: a million addresses are not looked up to find that out.
    domains = wanted["d_domain"].unique().implode()
    owners = {
        "upn": people.filter(pl.col("domain").is_in(domains)).with_columns(address="upn_key"),
        "other_upn": people.filter(pl.col("other_upn").is_not_null()).with_columns(address="other_upn"),
        "home": people.filter(upns.is_guest(pl.col("upn_key"))).with_columns(
            address=upns.home_address(pl.col("upn_key"))
        ),
    }
    addresses = pl.concat(some["address"] for some in owners.values())
    if addresses.is_empty():
        return pl.DataFrame(schema=_OWNED)
    addresses = addresses.implode()
    keys = (
        wanted["target_key"].filter(wanted["target_key"].is_in(addresses)).implode()
    )  # the fewer are put into a table
    return pl.concat(
        some.filter(pl.col("address").is_in(keys)).select(
            owner="upn",
            owner_key="upn_key",
            owner_object_id="object_id",
            owner_user_id="user_id",
            listed="listed",
            address="address",
            how=pl.lit(how, dtype=_OWNED["how"]),
        )
        for how, some in owners.items()
    )
