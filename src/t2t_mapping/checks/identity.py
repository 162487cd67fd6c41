"""Who is who by address and by id: one row of two addresses, one address of two accounts, one account at two addresses."""

from __future__ import annotations

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping.checks.registry import AT_DESTINATION, Answer, Facts, Skipped, check
from t2t_mapping.duplicates import repeated
from t2t_mapping.findings import find

__all__: list[str] = []

_IDS = {"object_id": ("other_object_ids", "object id"), "user_id": ("other_user_ids", "systemuserid")}
_UNLESS_DECIDED = pl.when("noted").then(pl.lit("info")).otherwise(pl.lit("error"))
_TOLD = 5  # addresses; of those that share an id
_NOTHING = {"at": pl.UInt32, "words": pl.String}


@check("U209")
def two_addresses_in_one_row(given: Facts) -> Answer:
    found = []
    for side, prefix, accounts in (
        ("source", "", given.directory),
        ("destination", "d_", given.directory_there),
    ):
        upn, key, other = (f"{prefix}{column}" for column in ("upn", "upn_key", "other_upn"))
        users = given.active(pl.col(other).is_not_null())
        if accounts is None:
            right, why = pl.lit(value=False), f"no {side} directory was given"
        else:
            known = accounts["upn_key"].unique().implode()
            right = pl.col(key).is_in(known) & ~pl.col(other).is_in(known)  # the wrong one has been turned around
            why = f"the {side} directory does not tell"
        words = (
            pl.when(right)
            .then(pl.lit(f"the {side} directory lists only the former, which counts"))
            .otherwise(pl.lit(f"which of them counts is not known, {why}"))
        )
        severity = pl.when(right).then(pl.lit("info")).otherwise(_UNLESS_DECIDED)
        place = AT_DESTINATION if prefix else {"side": side}
        found.append(find("U209", users, severity=severity, **place, a=pl.col(upn), b=pl.col(other), c=words))
    return fnd.collect(found)


@check("U210")
def source_not_in_directory(given: Facts) -> Answer:
    if given.directory is None:
        return Skipped("no source directory was given")
    known = given.directory["upn_key"].unique().implode()
    if not given.source["upn_key"].is_in(known).any():  # that nobody is listed is told once, as I114
        return fnd.empty()
    listed = pl.col("file").is_not_null() & pl.col("upn_key").is_not_null()
    return find("U210", given.active(listed & ~pl.col("upn_key").is_in(known)), side="source")


@check("P314")
def identity_contradiction(given: Facts) -> Answer:
    frames = [frame for frame in (given.source, given.destination, given.directory) if frame is not None]
    if all(
        frame[column].null_count() == frame.height for frame in frames for column in _IDS if column in frame.columns
    ):
        return Skipped("no export has object ids or systemuserids")
    here = _contradictions(given.source, given.directory)
    parts = [given.source.select(upn_key="upn_key").with_row_index("at").join(here, on="at").select("upn_key", "words")]
    found = []
    if given.destination is not None:
        ours_there, crossed = _on_both_sides(given.source, given.destination)
        parts.append(ours_there)
        there = _contradictions(given.destination, None).rename({"at": "d"})
        theirs, others = (
            given.known(pl.col("d").is_in(some["d"].implode())).join(some, on="d", maintain_order="left")
            for some in (there, crossed)
        )
        others = others.filter(
            pl.any_horizontal(pl.col("upn_key").ne_missing(pl.col(end)) for end in ("first", "last"))
        )
        words = pl.lit("the destination ") + pl.col("target") + pl.lit(": ") + pl.col("words")
        found = [find("P314", users, severity=_UNLESS_DECIDED, **AT_DESTINATION, a=words) for users in (theirs, others)]
    ours = pl.concat(parts).group_by("upn_key").agg(words=pl.col("words").unique().sort().str.join("; "))
    users = given.active(pl.col("upn_key").is_in(ours["upn_key"].implode()))
    users = users.join(ours, on="upn_key", maintain_order="left")
    return fnd.collect([find("P314", users, severity=_UNLESS_DECIDED, side="source", a=pl.col("words")), *found])


def _contradictions(users: pl.DataFrame, directory: pl.DataFrame | None) -> pl.DataFrame:
    """`at`, `words` of the users of one tenant whose ids contradict their addresses."""
    columns = ["upn", "upn_key", *_IDS, *(others for others, _ in _IDS.values())]
    people = users.select(columns).with_row_index("at").drop_nulls("upn_key")
    found = [pl.DataFrame(schema=_NOTHING)]
    for column, (others, name) in _IDS.items():
        if people[column].null_count() == people.height:  # no export of this side has such ids
            continue
        several = people.filter(pl.col(others).is_not_null())
        every = pl.concat_list(column, others).list.sort().list.join(", ")
        found.append(
            several.select("at", words=pl.lit(f"this address belongs to two accounts, the {name}s are ") + every)
        )
        ids = _ids(people, column)
        if directory is not None and column in directory.columns:
            away = directory.filter(~pl.col("upn_key").is_in(people["upn_key"].implode()))
            ids = pl.concat([ids, away.select(pl.lit(None, dtype=pl.UInt32).alias("at"), "upn_key", "upn", id=column)])
        ids = ids.filter(pl.col("id").is_not_null())
        again = ids.filter(repeated(ids["id"])).unique(["id", "upn_key"], keep="first", maintain_order=True)
        # Not each with each: an id that a whole column repeats would make a million times a million pairs.
        few = again.sort("upn").group_by("id").head(_TOLD + 1).select("id", other="upn", key="upn_key")
        named = (
            again.drop_nulls("at")
            .join(few, on="id")
            .filter(pl.col("upn_key") != pl.col("key"))
            .group_by("at", "id")
            .agg(pl.col("other").sort().head(_TOLD).str.join(", "))
        )
        found.append(
            named.select(
                "at", words=pl.lit(f"its {name} ") + pl.col("id") + pl.lit(" is also that of ") + pl.col("other")
            )
        )
    return pl.concat(found)


def _ids(people: pl.DataFrame, column: str) -> pl.DataFrame:
    """`at, upn_key, upn, id`: every id of every user."""
    others = _IDS[column][0]
    further = people.filter(pl.col(others).is_not_null()).select("at", "upn_key", "upn", id=others)
    ids = people.select("at", "upn_key", "upn", id=column)
    return pl.concat([ids, further.explode("id", empty_as_null=False, keep_nulls=False)]) if further.height else ids


def _on_both_sides(source: pl.DataFrame, destination: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Users of both tenants that have one object id, which belongs to one tenant only.

    Returns:
        `upn_key`, `words` of those of the source; `d`, `first`, `last`, `words` of those of the destination, where `first`
        and `last` are the first and the last address at the source that have the id (empty: none is known).
    """
    ours, theirs = (
        _ids(
            users.select("upn", "upn_key", "object_id", "other_object_ids").with_row_index("at"), "object_id"
        ).drop_nulls("id")
        for users in (source, destination)
    )
    told = pl.lit("source and destination list the same object id ") + pl.col("id")
    words = told + pl.lit(", which belongs to one tenant only")
    key = pl.col("upn_key").fill_null("")
    here = ours.group_by("id").agg(first=key.min(), last=key.max())
    return (
        ours.join(theirs, on="id", how="semi").select("upn_key", words=words),
        theirs.join(here, on="id").select("first", "last", d="at", words=words),
    )
