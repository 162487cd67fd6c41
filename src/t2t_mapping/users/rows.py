"""One raw table → rows of the users frame, as listed, with everything unknown kept unknown."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping import upn as upns
from t2t_mapping.read import RawTable
from t2t_mapping.schema import (
    USERS,
    VIEWS,
    access_mode_of,
    azure_state_of,
    managed_type_of,
    truth_of,
)
from t2t_mapping.users import licences
from t2t_mapping.users.canonical import canonical, identifier, nothing
from t2t_mapping.users.columns import Columns
from t2t_mapping.users.days import day
from t2t_mapping.users.hints import file_findings
from t2t_mapping.users.labels import meanings, without_untrusted

__all__ = ["table_rows"]


def table_rows(
    table: RawTable, columns: Columns, *, side: str, given_view: str | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One table as rows of `ROWS`, and what there is to say about it."""
    found: list[pl.DataFrame] = []
    frame = without_untrusted(table, columns.fields, found, side)

    def text(name: str) -> pl.Expr:
        positions = columns.fields.get(name, ())
        return pl.coalesce(*(upns.trimmed(pl.col(str(p))) for p in positions)) if positions else nothing(pl.String)

    def labels(name: str, meaning: Callable[[str], Any], dtype: Any) -> list[pl.Expr]:
        return [
            pl.col(str(p)).replace_strict(
                meanings(frame[str(p)], meaning, table, p, found, side), default=None, return_dtype=dtype
            )
            for p in columns.fields.get(name, ())
        ]

    statuses = [
        answer
        for name in ("disabled", "blocked", "enabled")
        for answer in labels(name, partial(truth_of, name), pl.Boolean)
    ]
    licensed = labels("licensed", partial(truth_of, "licensed"), pl.Boolean)
    licensed += [
        pl.col(str(p)).map_batches(licences.licensed, return_dtype=pl.Boolean)
        for p in columns.fields.get("licenses", ())
    ]
    modes = labels("access_mode", access_mode_of, USERS["access_mode"])
    view = given_view or _view_of(table, columns.fields)
    if view == "full" and _is_administrative(table):
        # All exports of a folder given as one view: the sheet knows better, and administrative users are never mapped
        # by accident.
        view = "admin"
        words = f"The sheet is called {table.sheet!r}: its users are taken for administrative users."
        found.append(fnd.one("I104", side=side, file=table.file, sheet=table.sheet, a=words))
    whole_name = pl.coalesce(
        text("full_name"),
        upns.trimmed(pl.concat_str(text("given_name"), text("surname"), separator=" ", ignore_nulls=True)),
    )
    views = labels("view", lambda t: t if t in VIEWS else None, USERS["view"])
    raw = frame.select(
        "row",
        upn=pl.coalesce(text("upn"), text("user_name")),
        user_name=text("user_name") if columns.fields.get("upn") else nothing(pl.String),
        full_name=whole_name,
        view=pl.coalesce(*views, pl.lit(view)) if views else pl.lit(view),
        said_enabled=_worst(statuses),
        said_licensed=_worst(licensed),
        enabled_by=text("enabled_by"),
        licensed_by=text("licensed_by"),
        licenses=text("licenses"),
        access_mode=pl.coalesce(*modes) if modes else nothing(USERS["access_mode"]),
        given_kind=text("kind"),
        mail=text("mail"),
        proxies=text("proxy_addresses"),
        other_mails=text("other_mails"),
        application=text("application_id"),
        object_id=identifier(text("object_id")),
        user_id=identifier(text("user_id")),
        **{name: text(name) for name in ("given_name", "surname", "mobile", "department", "city")},
        created=day(frame, columns.fields.get("created", ())),
        unclear_status=nothing(pl.String),
        unclear_licence=nothing(pl.String),
        employee_id=text("employee_id"),
        user_type=text("user_type").str.to_lowercase(),
        azure_state=_first(labels("azure_state", azure_state_of, pl.String)),
        managed=_first(labels("managed_type", managed_type_of, pl.String)),
        deleted_at=text("deleted"),
    )
    faults = _upn_faults(table, columns.fields)
    raw = (
        raw.join(faults, on="row", how="left", maintain_order="left")
        if faults.height
        else raw.with_columns(fault=nothing(pl.String))
    )
    rows = canonical(raw, table)
    found += file_findings(table, rows, columns.how, side)
    return rows, fnd.collect(found)


def _first(answers: list[pl.Expr]) -> pl.Expr:
    return pl.coalesce(*answers) if answers else nothing(pl.String)


def _worst(answers: list[pl.Expr]) -> pl.Expr:
    """Of several answers to "is it good?" the worst one; null only if none is known."""
    return pl.min_horizontal(*answers) if answers else nothing(pl.Boolean)


def _view_of(table: RawTable, fields: dict[str, tuple[int, ...]]) -> str:
    """Which view an export came from, when nobody says: a directory has columns that no saved view has."""
    if _is_administrative(table):
        return "admin"
    if table.kind == "json" and not {"disabled", "access_mode"} & fields.keys():
        return "directory"
    return "directory" if {"blocked", "licenses", "proxy_addresses", "user_type", "enabled"} & fields.keys() else "full"


def _is_administrative(table: RawTable) -> bool:
    """A sheet is named after the saved view that was exported."""
    return "administrative access" in (table.sheet or "").casefold()


def _upn_faults(table: RawTable, fields: dict[str, tuple[int, ...]]) -> pl.DataFrame:
    keys = [p for name in ("upn", "user_name") for p in fields.get(name, ())]
    return (
        table.faults.filter(pl.col("column").is_in(keys))
        .group_by("row")
        .agg(pl.col("fault").unique().sort().first())
        .with_columns(pl.col("row").cast(pl.UInt32))
    )
