"""Cells as typed → the users frame: normal forms beside them, and what follows from view, columns and access mode."""

from __future__ import annotations

from typing import Any

import polars as pl

from t2t_mapping import upn as upns
from t2t_mapping.read import RawTable
from t2t_mapping.schema import KINDS, USERS

__all__ = ["canonical", "identifier", "nothing"]

_SYSTEM_NAMES = ("crmoln", "crmoln2", "bap_sa", "capam", "capaeinfra", "diofficedata", "project", "pacheckerapp")
_SYSTEM_ADDRESSES = (
    *(f"{name}@microsoft.com" for name in _SYSTEM_NAMES),
    "provisionapp@fabrikam.com",
    "enterprisesurveyappuser@contoso.com",
)
_NO_ID = "00000000-0000-0000-0000-000000000000"


def nothing(dtype: Any) -> pl.Expr:
    return pl.lit(None, dtype=dtype)


def canonical(raw: pl.DataFrame, table: RawTable) -> pl.DataFrame:
    """Normalised forms beside the text as typed, and what follows from view, columns and access mode."""
    zeros = pl.col("application") == _NO_ID
    by_view = pl.col("view") != "directory"
    said_by_view = {side: pl.col(f"{side}_by").fill_null("") == "view" for side in ("enabled", "licensed")}
    raw = raw.with_columns(
        upn_key=pl.when(pl.col("fault").is_null()).then(upns.key(pl.col("upn"))),
        view=pl.col("view").cast(USERS["view"]),
        aliases=_addresses(raw),
    ).with_columns(
        local_part=upns.local_part(pl.col("upn_key")), domain=upns.domain(pl.col("upn_key")), other_upn=_other_upn(raw)
    )
    name = pl.col("full_name")
    reason = (
        pl.when(pl.col("application").is_not_null() & ~zeros)
        .then(pl.lit("it has an application id"))
        .when(name.str.starts_with("# "))
        .then(pl.lit("its name begins with “# ”, as those of application users do"))
        .when(pl.col("upn_key").is_in(_SYSTEM_ADDRESSES))
        .then(pl.lit("a system account of the service"))
        .when(pl.col("domain") == "onmicrosoft.com")
        .then(pl.lit("accounts at the bare domain onmicrosoft.com belong to the service"))
        .when(pl.col("access_mode") == "support-user")
        .then(pl.lit("access mode Support User"))
        .when(pl.col("access_mode") == "delegated-admin")
        .then(pl.lit("access mode Delegated Admin"))
        .when(pl.col("managed") == "stub")
        .then(pl.lit("a stub user"))
        .when(pl.col("upn").is_null() & name.is_in(["SYSTEM", "INTEGRATION"]))
        .then(pl.lit("a user of the service itself"))
    )
    kind = (
        pl.when(pl.col("given_kind").is_in(KINDS))
        .then(pl.col("given_kind"))
        .when(reason.str.contains("application", literal=True))
        .then(pl.lit("application"))
        .when(reason.is_not_null())
        .then(pl.lit("system"))
        .when(upns.is_guest(pl.col("upn_key")) | (pl.col("user_type") == "guest"))
        .then(pl.lit("guest"))
        .when(pl.col("access_mode") == "non-interactive")
        .then(pl.lit("non-interactive"))
        .otherwise(pl.lit("person"))
        .cast(USERS["kind"])
    )
    state = pl.col("azure_state")
    deleted = (
        pl.when(pl.col("deleted_at").is_not_null())
        .then(pl.lit("soft deletion time stamp ") + pl.col("deleted_at"))
        .when(state == "soft deleted")
        .then(pl.lit("Azure state: soft deleted"))
        .when(state == "gone")
        .then(pl.lit("Azure state: not found or hard deleted"))
    )
    explicit = {side: pl.col(f"said_{side}").is_not_null() & ~said_by_view[side] for side in ("enabled", "licensed")}
    implied = {"enabled": pl.lit(value=True), "licensed": pl.col("view") == "full"}
    values = {
        side: pl.when(pl.col(f"said_{side}").is_not_null())
        .then(pl.col(f"said_{side}"))
        .when(by_view)
        .then(implied[side])
        for side in implied
    }
    origins = {
        f"{side}_by": pl.when(explicit[side])
        .then(pl.lit("column"))
        .when(values[side].is_not_null())
        .then(pl.lit("view"))
        .cast(USERS["enabled_by"])
        for side in implied
    }
    return raw.with_columns(
        **values,
        **origins,
        kind=kind,
        reason=pl.when(kind.is_in(["application", "system"])).then(
            pl.coalesce(reason, pl.lit("listed as ") + pl.col("given_kind"))
        ),
        deleted=deleted,
        file=pl.lit(table.file),
        sheet=pl.lit(table.sheet, dtype=pl.String),
        **{name: nothing(USERS[name]) for name in ("other_names", "other_object_ids", "other_user_ids")},
    ).select([pl.col(column).cast(dtype) for column, dtype in USERS.items()])


def identifier(text: pl.Expr) -> pl.Expr:
    """A GUID in its one form, lower case without braces; null for anything else (`1` is nobody's identity)."""
    plain = text.str.strip_chars("{}").str.to_lowercase()
    return pl.when((plain.str.len_bytes() == len(_NO_ID)) & (plain != _NO_ID)).then(plain)


def _other_upn(raw: pl.DataFrame) -> pl.Series:
    """The key of the User Name where the row has another Windows Live ID; hardly any row does."""
    nobody = pl.repeat(None, raw.height, dtype=pl.String, eager=True).alias("other_upn")
    differ = raw["user_name"].ne(raw["upn"]).fill_null(value=False)
    if not differ.any():
        return nobody
    some = raw.filter(differ).select(mine=upns.key(pl.col("upn")), other=upns.key(pl.col("user_name")))
    keys = some.select(pl.when(pl.col("other").ne_missing(pl.col("mine"))).then(pl.col("other"))).to_series()
    return nobody.scatter(differ.arg_true(), keys)


def _addresses(raw: pl.DataFrame) -> pl.Series:
    """All further addresses of a user as keys, from proxy addresses (`smtp:` only) and other mails.

    The cells hold addresses joined with `+`, blanks or line breaks, or a JSON list; an address has no `+`-joint form of
    its own here, since `+` is no character of a proxy address's local part in Entra.
    """
    texts = raw.select(
        pl.concat_str(pl.col("proxies"), pl.col("other_mails"), separator="+", ignore_nulls=True).alias("aliases")
    ).with_row_index("at")
    # Most exports know none, or have an empty list in every row, and lists are costly.
    some = texts.filter(pl.col("aliases").str.contains("@", literal=True))
    parts = pl.col("aliases").str.replace_all(r'[\[\]",;{}\s]+', "+").str.to_lowercase().str.split("+")
    address = pl.element().str.strip_prefix("smtp:")
    addresses = (
        parts.list.eval(address.filter(address.str.contains(r"^[\x21-\x39\x3b-\x7e]+@[\x21-\x39\x3b-\x7e]+$")))
        .list.unique()
        .list.sort()
    )
    found = some.select("at", addresses).filter(pl.col("aliases").list.len() > 0)
    if found.is_empty():
        return pl.repeat(None, raw.height, dtype=pl.List(pl.String), eager=True).alias("aliases")
    return texts.select("at").join(found, on="at", how="left", maintain_order="left")["aliases"]
