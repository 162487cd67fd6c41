"""One raw table → rows of the users frame, as listed, with everything unknown kept unknown."""

from __future__ import annotations

from functools import partial

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping import upn as upns
from t2t_mapping.lexicon.vocabulary import (
    access_mode_of,
    azure_state_of,
    deletion_of,
    existence_of,
    managed_type_of,
    truth_of,
    user_type_of,
)
from t2t_mapping.read import RawTable
from t2t_mapping.schema import USERS
from t2t_mapping.users.canonical import canonical, identifier, nothing
from t2t_mapping.users.columns import Columns
from t2t_mapping.users.days import day
from t2t_mapping.users.hints import file_findings
from t2t_mapping.users.labels import ABOUT_ACCOUNT, Labels, without_untrusted

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

    said = Labels(frame, table, columns.fields, side)
    enabled = [
        answer
        for name in ABOUT_ACCOUNT
        for answer in said.answers(name, partial(truth_of, name), pl.Boolean, "enabled")
    ]
    licensed = said.answers("licensed", partial(truth_of, "licensed"), pl.Boolean, "licence")
    by_name, licence_text = said.licences()
    licensed += by_name
    modes = said.answers("access_mode", access_mode_of, USERS["access_mode"], "status")
    dynamics = columns.dynamics or _names_a_view(table)
    view = given_view or (("admin" if _is_administrative(table) else "full") if dynamics else "directory")
    if view == "full" and _is_administrative(table):
        # All exports of a folder given as one view: the sheet knows better, and administrative users are never mapped
        # by accident.
        view = "admin"
        words = f"The sheet is called {table.sheet!r}: its users are taken for administrative users."
        found.append(fnd.one("I104", side=side, file=table.file, sheet=table.sheet, a=words))
    if given_view in ("full", "admin") and not dynamics:
        words = "Nothing shows that this list comes from a Dynamics view, so being listed does not imply enabled or licensed."
        found.append(fnd.one("I104", side=side, file=table.file, sheet=table.sheet, a=words))
    whole_name = pl.coalesce(
        text("full_name"),
        upns.trimmed(pl.concat_str(text("given_name"), text("surname"), separator=" ", ignore_nulls=True)),
    )
    raw = frame.select(
        "row",
        upn=pl.coalesce(text("upn"), text("user_name")),
        user_name=text("user_name") if columns.fields.get("upn") else nothing(pl.String),
        full_name=whole_name,
        view=pl.lit(view),
        said_enabled=_sure(_worst(enabled), said.unclear.get("enabled")),
        said_licensed=_sure(_worst(licensed), said.unclear.get("licence")),
        licenses=licence_text,
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
        employee_id=text("employee_id"),
        user_type=_first(
            said.answers("user_type", user_type_of, pl.String, "status")
            + said.answers("recipient", user_type_of, pl.String, "status")
        ),
        azure_state=_first(said.answers("azure_state", azure_state_of, pl.String, "status")),
        managed=_first(said.answers("managed_type", managed_type_of, pl.String, "status")),
        agent=_any(
            text("agent").is_not_null() if "agent" in columns.fields else None,
            text("odata_type").str.to_lowercase().str.ends_with("agentuser")
            if "odata_type" in columns.fields
            else None,
        ),
        deleted_at=_deleted(said, text("deleted")),
        absent=_absent(said, side),
        # Last, for they tell what was not understood above.
        unclear_status=pl.coalesce(said.place("enabled"), said.place("status")),
        unclear_licence=said.place("licence"),
    )
    found += said.found
    faults = _upn_faults(table, columns.fields)
    raw = (
        raw.join(faults, on="row", how="left", maintain_order="left")
        if faults.height
        else raw.with_columns(fault=nothing(pl.String))
    )
    rows = canonical(raw, table, implies=dynamics and view != "directory")
    found += file_findings(table, rows, columns, side, dynamics=dynamics)
    return rows, fnd.collect(found)


def _first(answers: list[pl.Expr]) -> pl.Expr:
    return pl.coalesce(*answers) if answers else nothing(pl.String)


def _worst(answers: list[pl.Expr]) -> pl.Expr:
    """Of several answers to "is it good?" the worst one; null only if none is known."""
    return pl.min_horizontal(*answers) if answers else nothing(pl.Boolean)


def _sure(said: pl.Expr, unclear: list[pl.Expr] | None) -> pl.Expr:
    """Yes only if nothing else was said that is not understood; no in any case."""
    if not unclear:
        return said
    return pl.when(~said | pl.all_horizontal(cell.is_null() for cell in unclear)).then(said)


def _any(*facts: pl.Expr | None) -> pl.Expr:
    known = [fact.fill_null(value=False) for fact in facts if fact is not None]
    return pl.any_horizontal(known) if known else pl.lit(value=False)


def _deleted(said: Labels, text: pl.Expr) -> pl.Expr:
    """What says that the account is deleted, as typed."""
    answers = said.answers("deleted", deletion_of, pl.Boolean, "status")
    return pl.when(pl.any_horizontal(answers)).then(text) if answers else nothing(pl.String)


def _absent(said: Labels, side: str) -> pl.Expr:
    """Whether a column says that the account does not exist; what a list of the source says so of is not the source."""
    answers = said.answers("exists", existence_of, pl.Boolean, "status") if side == "destination" else []
    return ~pl.all_horizontal(answers) if answers else pl.lit(value=False)


def _names_a_view(table: RawTable) -> bool:
    """A sheet is named after the saved view that was exported."""
    return "access users" in (table.sheet or "").casefold()


def _is_administrative(table: RawTable) -> bool:
    return "administrative access" in (table.sheet or "").casefold()


_SEEN_IN_THE_TEXT = ("control", "bidi", "zero-width", "formula")
"""No faults of the cell: an odd character is named with its place, outer line breaks are blanks, and a formula without a
stored value is an empty cell."""


def _upn_faults(table: RawTable, fields: dict[str, tuple[int, ...]]) -> pl.DataFrame:
    """Cells of the user principal name that are not text, in the rows where they are the ones that count."""
    if table.faults.is_empty():
        return pl.DataFrame()
    keys = [p for name in ("upn", "user_name") for p in fields.get(name, ())]
    return (
        table.faults.filter(pl.col("column").is_in(keys), ~pl.col("fault").is_in(_SEEN_IN_THE_TEXT))
        .group_by("row")
        .agg(pl.col("fault").unique().sort().first())
        .with_columns(pl.col("row").cast(pl.UInt32))
    )
