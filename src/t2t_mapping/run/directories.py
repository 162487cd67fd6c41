"""What the directory of a tenant settles about its exports: which of two addresses counts, and whether it is theirs at all."""

from __future__ import annotations

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping import upn as upns

__all__ = ["accounts", "settled", "unrelated"]

_IN_DIRECTORY = pl.col("view") == "directory"
_ACCOUNT = ("upn", "upn_key", "object_id", "file", "sheet", "row")


def accounts(rows: pl.DataFrame) -> pl.DataFrame | None:
    """The accounts of a side's directories: `upn, upn_key, object_id, file, sheet, row`; None where there is no directory."""
    found = rows.filter(_IN_DIRECTORY & pl.col("upn_key").is_not_null())
    return found.select(_ACCOUNT) if found.height else None


def settled(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows in which Windows Live ID and User Name differ: the one that the directory knows counts, the other stays beside it."""
    if rows["other_upn"].null_count() == rows.height:
        return rows
    known = rows.filter(_IN_DIRECTORY)["upn_key"].drop_nulls().unique().implode()
    turned = pl.col("other_upn").is_in(known) & ~pl.col("upn_key").is_in(known).fill_null(value=False)
    odd = rows.select(turned.fill_null(value=False)).to_series()
    if not odd.any():
        return rows
    key = pl.when(odd).then(pl.col("other_upn")).otherwise(pl.col("upn_key"))
    return rows.with_columns(
        upn=pl.when(odd).then(pl.col("other_upn")).otherwise(pl.col("upn")),
        upn_key=key,
        other_upn=pl.when(odd).then(pl.col("upn_key")).otherwise(pl.col("other_upn")),
        local_part=upns.local_part(key),
        domain=upns.domain(key),
    )


def unrelated(rows: pl.DataFrame, side: str) -> pl.DataFrame:
    """I114: directories that share no account with the other exports of their side. An error on the whole run.

    Of a directory in several files, one may well hold nobody who is listed; it is told only if its domains are others', too.
    """
    if rows["view"].n_unique() < 2:
        return fnd.empty()
    listed = rows.filter(~_IN_DIRECTORY & pl.col("upn_key").is_not_null())
    directory = rows.filter(_IN_DIRECTORY & pl.col("upn_key").is_not_null())
    if listed.is_empty() or directory.is_empty():
        return fnd.empty()
    same = pl.col("upn_key").is_in(listed["upn_key"].unique().implode()) | pl.col("object_id").is_in(
        listed["object_id"].drop_nulls().unique().implode()
    )
    domains = listed["domain"].unique().sort()
    files = (
        directory.with_columns(shared=same.fill_null(value=False), near=pl.col("domain").is_in(domains.implode()))
        .group_by("file")
        .agg(pl.col("shared").any(), pl.col("near").any(), pl.col("domain").unique().sort().head(3).str.join(", "))
        .sort("file")
    )
    alone = files.filter(~pl.col("shared") & (~pl.col("near") | pl.lit(not files["shared"].any())))
    words = (
        pl.lit("The directory lists nobody of the other exports of the ")
        + pl.lit(f"{side}: its accounts are at ")
        + pl.col("domain")
        + pl.lit(f", the users of the exports at {', '.join(domains.head(3))}.")
    )
    return fnd.find("I114", alone, side="run", a=words)
