"""A users frame that comes back: filtered, edited, written and read again, it still holds whom it held."""

from __future__ import annotations

from typing import Any

import polars as pl

from t2t_mapping import upn as upns
from t2t_mapping.errors import InputError, Problem
from t2t_mapping.schema import USERS

__all__ = ["is_users_frame", "returned"]

_SIGNATURE = {"upn", "view", "kind", "enabled_by", "licensed_by"}


def is_users_frame(frame: pl.DataFrame | pl.LazyFrame) -> bool:
    """Whether a frame has the shape of a users frame, and not that of an export."""
    return set(frame.collect_schema()) >= _SIGNATURE


def returned(frame: pl.DataFrame, label: str, view: str | None, *, keep_place: bool) -> pl.DataFrame:
    """The rows of a users frame in the schema `USERS`; edits count, and nothing is implied once more.

    Args:
        label: What to call it where a row does not say where it came from.
        view: The role that these users are given; None: as they are.
        keep_place: Whether the rows still say truly where they came from; else `label` and their number count.

    Raises:
        InputError: A column is not of its type.
    """
    try:
        rows = frame.select(
            pl.col(name).cast(dtype) if name in frame.columns else pl.lit(None, dtype=dtype).alias(name)
            for name, dtype in USERS.items()
        )
    except (pl.exceptions.PolarsError, TypeError) as error:
        words = str(error).splitlines()[0]
        message = f"It has the columns of a users frame, but not their types: {words}"
        raise InputError(
            Problem("I101", message, "Select the columns as `read_users` gives them.", file=label)
        ) from None
    numbers = pl.int_range(1, pl.len() + 1, dtype=pl.UInt32)
    placed = pl.col("file").is_not_null() & pl.lit(keep_place)
    place: dict[str, Any] = {
        "file": pl.when(placed).then(pl.col("file")).otherwise(pl.lit(label)),
        "sheet": pl.when(placed).then(pl.col("sheet")),
        "row": pl.when(placed).then(pl.col("row")).otherwise(numbers),
    }
    return (
        rows.with_columns(
            **place,
            view=_role(view).cast(USERS["view"]),
            upn_key=pl.when(pl.col("fault").is_null()).then(upns.key(upns.trimmed(pl.col("upn")))),
            kind=pl.col("kind").fill_null("person"),
            **{
                f"{name}_by": pl.when(pl.col(name).is_not_null()).then(pl.col(f"{name}_by").fill_null("column"))
                for name in ("enabled", "licensed")
            },
        )
        .with_columns(
            local_part=upns.local_part(pl.col("upn_key")),
            domain=upns.domain(pl.col("upn_key")),
            reason=pl.when(pl.col("kind").is_in(["application", "system"])).then(
                pl.coalesce("reason", pl.lit("listed as ") + pl.col("kind").cast(pl.String))
            ),
        )
        .select(list(USERS))
    )


def _role(view: str | None) -> pl.Expr:
    """The role that the option gives counts, but whoever was listed as administrative stays so among full users."""
    if view is None:
        return pl.col("view").fill_null("full")
    role = pl.lit(view, dtype=USERS["view"])
    return pl.when(pl.col("view") == "admin").then(pl.col("view")).otherwise(role) if view == "full" else role
