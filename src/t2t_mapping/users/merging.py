"""One person, one user: listings of one address are joined, the worse status counts, contradictions are told."""

from __future__ import annotations

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping import names
from t2t_mapping.duplicates import repeated
from t2t_mapping.schema import USERS
from t2t_mapping.users.letters import damage

__all__ = ["merge"]

_MODE_BADNESS = ("read-write", "read", "administrative", "non-interactive", "delegated-admin", "support-user")
_KIND_BADNESS = ("person", "non-interactive", "guest", "system", "application")


def merge(rows: pl.DataFrame, *, side: str = "source", ordered: bool = True) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One user per person.

    Args:
        rows: Schema `USERS`. Rows of view `directory` complete the others; whether they may add users is the caller's
            business.
        ordered: Sort the users; nothing that is written depends on the order of the destination's.

    Returns:
        The users, sorted by key and text (users without a usable user principal name are users of their own, one per
        row), and the findings: I105.
    """
    rows = rows.with_columns(pl.col("file").cast(pl.String))
    keyless = rows["upn_key"].is_null()
    unusable = rows.filter(keyless)
    usable = rows.filter(~keyless) if len(unusable) else rows
    twice = repeated(usable["upn_key"])
    parts = [usable]
    found = []
    if twice.any():
        merged, contradictions = _merged(usable.filter(twice), side)
        parts = [usable.filter(~twice), merged]
        found.append(contradictions)
    # Keys are unique by now, so that one column settles the order; only users without a key need more.
    nameless = unusable.sort("upn", "full_name", "file", "sheet", "row", nulls_last=True)
    keyed = pl.concat(parts)
    users = pl.concat([keyed.sort("upn_key") if ordered else keyed, nameless])
    return users, fnd.collect(found)


def _rank(column: str, order: tuple[str, ...]) -> pl.Expr:
    return (
        pl.col(column)
        .cast(pl.String)
        .replace_strict({value: rank for rank, value in enumerate(order)}, return_dtype=pl.Int8)
    )


_AS_LISTED = ("given_name", "surname", "mobile", "department", "city", "created")
_OTHERS = {"full_name": "other_names", "object_id": "other_object_ids", "user_id": "other_user_ids"}
"""Column -> the list of what further listings say. Null columns cost nothing, lists do: they are looked at where one is."""


def _without_damage(rows: pl.DataFrame) -> pl.DataFrame:
    """A name that lost letters says nothing where another listing of the person still has them."""
    damaged = damage(rows["full_name"])
    if not damaged.any():
        return rows
    sound = rows.filter(~damaged & rows["full_name"].is_not_null())["upn_key"].unique()
    forgotten = damaged & rows["upn_key"].is_in(sound.implode())
    return rows.with_columns(full_name=rows["full_name"].zip_with(~forgotten, pl.Series([None], dtype=pl.String)))


def _merged(rows: pl.DataFrame, side: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    rows = _without_damage(rows)

    def best(column: str) -> pl.Expr:
        """The value of the best view; among equals the ordinally smallest, so that the order of rows says nothing."""
        return pl.col(column).sort_by("view_rank", column, nulls_last=True).drop_nulls().first()

    def every(column: str) -> pl.Expr:
        """All that the listings say, those that were merged before as well."""
        said, others = pl.col(column), _OTHERS[column]
        if rows[others].null_count() < rows.height:
            said = said.append(pl.col(others).explode(empty_as_null=False, keep_nulls=False))
        return said.drop_nulls().unique().sort().alias(f"all_{column}")

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
            *(every(column) for column in _OTHERS),
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
            pl.col("user_id").drop_nulls().min(),
            (pl.col("user_id").drop_nulls().n_unique() > 1).alias("differ_user"),
            pl.col("employee_id").drop_nulls().min(),
            (pl.col("employee_id").drop_nulls().n_unique() > 1).alias("differ_employee"),
            *(best(column).alias(column) for column in _AS_LISTED if rows[column].null_count() < rows.height),
            *(
                pl.col(column).drop_nulls().min()
                for column in ("other_upn", "deleted", "unclear_status", "unclear_licence")
            ),
            pl.col("fault").first(),
            place.alias("place"),
            pl.len().alias("listed"),
            (pl.col("view") != "directory").sum().alias("exported"),
        )
        .unnest("place")
        .with_columns(
            aliases=pl.when(pl.col("aliases").list.len() > 0).then(pl.col("aliases")),
            **{
                others: pl.when(pl.col(f"all_{column}").list.len() > 1).then(
                    pl.col(f"all_{column}").list.set_difference(pl.concat_list(column)).list.sort()
                )
                for column, others in _OTHERS.items()
            },
        )
    )
    absent = [pl.lit(None, dtype=dtype).alias(name) for name, dtype in USERS.items() if name not in grouped.columns]
    merged = grouped.with_columns(absent).select(pl.col(column).cast(dtype) for column, dtype in USERS.items())
    return merged, _duplicates(grouped, side)


def _duplicates(grouped: pl.DataFrame, side: str) -> pl.DataFrame:
    """I105: information where one person is listed again, a warning where the listings contradict each other."""
    grouped = grouped.with_columns(differ_names=_names_differ(grouped))
    words = {
        "differ_enabled": "enabled or disabled",
        "differ_licensed": "licensed or not",
        "differ_mode": "access mode",
        "differ_object": "object id",
        "differ_user": "systemuserid",
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
