"""One person, one user: listings of one address are joined, the worse status counts, contradictions are told."""

from __future__ import annotations

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping import names
from t2t_mapping.duplicates import repeated
from t2t_mapping.schema import ROWS

__all__ = ["merge"]

_MODE_BADNESS = ("read-write", "read", "administrative", "non-interactive", "delegated-admin", "support-user")
_KIND_BADNESS = ("person", "non-interactive", "guest", "system", "application")


def merge(rows: pl.DataFrame, *, side: str = "source", ordered: bool = True) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One user per person.

    Args:
        rows: Schema `ROWS`. Rows of view `directory` complete the others; whether they may add users is the caller's
            business.
        ordered: Sort the users; nothing that is written depends on the order of the destination's.

    Returns:
        The users, sorted by key and text, with the columns of `ROWS` and `other_names` (List[String]: every listed name
        but `full_name`, null when there is none); and the findings: I105, and I106 and I107 for users without a usable
        user principal name, who are users of their own, one per row.
    """
    rows = rows.with_columns(pl.col("file").cast(pl.String))
    unusable = rows.filter(pl.col("upn_key").is_null())
    usable = rows.filter(pl.col("upn_key").is_not_null())
    twice = repeated(usable["upn_key"])
    no_names = pl.lit(None, dtype=pl.List(pl.String)).alias("other_names")
    parts = [usable.filter(~twice).with_columns(no_names) if twice.any() else usable.with_columns(no_names)]
    found = []
    if twice.any():
        merged, contradictions = _merged(usable.filter(twice), side)
        parts.append(merged.select(parts[0].columns))
        found.append(contradictions)
    # Keys are unique by now, so that one column settles the order; only users without a key need more.
    nameless = unusable.with_columns(no_names).sort("upn", "full_name", "file", "sheet", "row", nulls_last=True)
    keyed = pl.concat(parts)
    users = pl.concat([keyed.sort("upn_key") if ordered else keyed, nameless])
    return users, fnd.collect(found)


def _rank(column: str, order: tuple[str, ...]) -> pl.Expr:
    return (
        pl.col(column)
        .cast(pl.String)
        .replace_strict({value: rank for rank, value in enumerate(order)}, return_dtype=pl.Int8)
    )


def _merged(rows: pl.DataFrame, side: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    def best(column: str) -> pl.Expr:
        """The value of the best view; among equals the ordinally smallest, so that the order of rows says nothing."""
        return pl.col(column).sort_by("view_rank", column, nulls_last=True).drop_nulls().first()

    place = pl.struct("file", "sheet", "row").sort_by("view_rank", "file", "sheet", "row", nulls_last=True).first()
    status = []
    for name in ("enabled", "licensed"):
        said = pl.col(name).filter(pl.col(f"{name}_by") == "column")
        seen = pl.col(name).filter(pl.col(f"{name}_by") == "view")
        differ = (said.n_unique() > 1) | ((said.len() == 0) & (seen.n_unique() > 1))
        status += [
            pl.coalesce(said.min(), seen.min()).alias(name),
            pl.when(said.len() > 0)
            .then(pl.lit("column"))
            .when(seen.len() > 0)
            .then(pl.lit("view"))
            .alias(f"{name}_by"),
            differ.alias(f"differ_{name}"),
        ]
    grouped = (
        rows.with_columns(
            view_rank=pl.col("view").to_physical(),
            mode_rank=_rank("access_mode", _MODE_BADNESS),
            kind_rank=_rank("kind", _KIND_BADNESS),
        )
        .group_by("upn_key")
        .agg(
            pl.col("upn").min(),
            pl.col("local_part").first(),
            pl.col("domain").first(),
            best("full_name").alias("full_name"),
            pl.col("full_name").drop_nulls().unique().sort().alias("all_names"),
            pl.col("view").sort_by("view_rank").first(),
            *status,
            best("licenses").alias("licenses"),
            pl.col("access_mode").sort_by("mode_rank", nulls_last=True).drop_nulls().last().alias("access_mode"),
            (pl.col("access_mode").drop_nulls().n_unique() > 1).alias("differ_mode"),
            pl.col("kind").sort_by("kind_rank").last().alias("kind"),
            pl.col("reason").drop_nulls().min(),
            best("mail").alias("mail"),
            pl.col("aliases")
            .explode(empty_as_null=False, keep_nulls=False)
            .drop_nulls()
            .unique()
            .sort()
            .alias("aliases"),
            pl.col("object_id").drop_nulls().min(),
            (pl.col("object_id").drop_nulls().n_unique() > 1).alias("differ_object"),
            pl.col("employee_id").drop_nulls().min(),
            (pl.col("employee_id").drop_nulls().n_unique() > 1).alias("differ_employee"),
            pl.col("deleted").drop_nulls().min(),
            pl.col("fault").first(),
            place.alias("place"),
            pl.len().alias("listed"),
            (pl.col("view") != "directory").sum().alias("exported"),
        )
        .unnest("place")
        .with_columns(
            aliases=pl.when(pl.col("aliases").list.len() > 0).then(pl.col("aliases")),
            other_names=pl.col("all_names").list.set_difference(pl.concat_list("full_name")).list.sort(),
        )
        .with_columns(other_names=pl.when(pl.col("other_names").list.len() > 0).then(pl.col("other_names")))
    )
    merged = grouped.select([pl.col(column).cast(dtype) for column, dtype in ROWS.items()] + [pl.col("other_names")])
    return merged, _duplicates(grouped, side)


def _duplicates(grouped: pl.DataFrame, side: str) -> pl.DataFrame:
    """I105: information where one person is listed again, a warning where the listings contradict each other."""
    grouped = grouped.with_columns(differ_names=_names_differ(grouped))
    words = {
        "differ_enabled": "enabled or disabled",
        "differ_licensed": "licensed or not",
        "differ_mode": "access mode",
        "differ_object": "object id",
        "differ_employee": "employee id",
        "differ_names": "name",
    }
    differ = pl.any_horizontal(list(words))
    what = pl.concat_str(
        [pl.when(pl.col(column)).then(pl.lit(word)) for column, word in words.items()],
        separator=", ",
        ignore_nulls=True,
    )
    listed = grouped.filter((pl.col("exported") > 1) | differ)
    return fnd.find(
        "I105",
        listed,
        severity=pl.when(differ).then(pl.lit("warning")).otherwise(pl.lit("info")),
        side=side,
        a=pl.col("listed").cast(pl.String),
        b=pl.when(differ).then(pl.lit("; they contradict each other: ") + what).otherwise(pl.lit("")),
    )


def _names_differ(grouped: pl.DataFrame) -> pl.Series:
    """Whether the listed names of one user are not all compatible with the one that is shown."""
    numbered = grouped.select("full_name", "other_names").with_row_index("number")
    pairs = numbered.explode("other_names", empty_as_null=False, keep_nulls=False)
    verdicts = names.compare(
        pairs.select(
            left="full_name",
            right="other_names",
            left_local=pl.lit(None, dtype=pl.String),
            right_local=pl.lit(None, dtype=pl.String),
        )
    )
    bad = pairs.filter(verdicts.is_in(["contradictory", "doubtful"]))["number"].unique()
    return numbered["number"].is_in(bad.implode())
