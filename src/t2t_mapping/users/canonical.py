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


def system_account(upn_key: pl.Expr, domain: pl.Expr | None = None) -> pl.Expr:
    """What the address alone says of an account that is no person's; null where it says nothing."""
    return (
        pl.when(upn_key.is_in(_SYSTEM_ADDRESSES))
        .then(pl.lit("a system account of the service"))
        .when((upns.domain(upn_key) if domain is None else domain) == "onmicrosoft.com")
        .then(pl.lit("accounts at the bare domain onmicrosoft.com belong to the service"))
    )


def canonical(raw: pl.DataFrame, table: RawTable, *, implies: bool) -> pl.DataFrame:
    """Normalised forms beside the text as typed, and what follows from view, columns and access mode.

    Args:
        implies: Whether being listed implies anything: only a view of Dynamics does, and only where no cell says
            something about it that is not understood.
    """
    zeros = pl.col("application") == _NO_ID
    raw = raw.with_columns(
        upn_key=pl.when(pl.col("fault").is_null()).then(upns.key(pl.col("upn"))),
        view=pl.col("view").cast(USERS["view"]),
        aliases=_addresses(raw),
    ).with_columns(
        local_part=upns.local_part(pl.col("upn_key")), domain=upns.domain(pl.col("upn_key")), other_upn=_other_upn(raw)
    )
    name = pl.col("full_name")
    raw = raw.with_columns(by_address=system_account(pl.col("upn_key"), pl.col("domain")))
    by_address = pl.col("by_address")
    reason = (
        pl.when(pl.col("application").is_not_null() & ~zeros)
        .then(pl.lit("it has an application id"))
        .when(name.str.starts_with("# "))
        .then(pl.lit("its name begins with “# ”, as those of application users do"))
        .when(by_address.is_not_null())
        .then(by_address)
        .when(pl.col("access_mode") == "support-user")
        .then(pl.lit("access mode Support User"))
        .when(pl.col("access_mode") == "delegated-admin")
        .then(pl.lit("access mode Delegated Admin"))
        .when(pl.col("managed") == "stub")
        .then(pl.lit("a stub user"))
        .when((pl.col("managed") == "agent") | pl.col("agent"))
        .then(pl.lit("an AI agent, not a person"))
        .when(pl.col("user_type").str.contains("mailbox|contact"))
        .then(pl.lit("a ") + pl.col("user_type"))
        .when(pl.col("upn").is_null() & name.is_in(["SYSTEM", "INTEGRATION"]))
        .then(pl.lit("a user of the service itself"))
    )
    raw = raw.with_columns(reason=reason)
    kind = (
        pl.when(pl.col("given_kind").is_in(KINDS))
        .then(pl.col("given_kind"))
        .when(pl.col("reason").str.contains("application|AI agent"))
        .then(pl.lit("application"))
        .when(pl.col("reason").is_not_null())
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
        .then(pl.lit("marked as deleted: ") + pl.col("deleted_at"))
        .when("absent")
        .then(pl.lit("the list says that it does not exist"))
        .when(state == "soft deleted")
        .then(pl.lit("Azure state: soft deleted"))
        .when(state == "gone")
        .then(pl.lit("Azure state: not found or hard deleted"))
    )
    unlicensed = (pl.col("managed") == "non-licensed").fill_null(value=False)
    explicit = {
        "enabled": pl.col("said_enabled"),
        "licensed": pl.when(~unlicensed).then(pl.col("said_licensed")).otherwise(pl.lit(value=False)),
    }
    values: dict[str, pl.Expr] = {}
    origins: dict[str, pl.Expr] = {}
    implied = {"enabled": pl.lit(value=True), "licensed": pl.col("view") == "full"}
    unclear = {"enabled": pl.col("unclear_status").is_not_null(), "licensed": pl.col("unclear_licence").is_not_null()}
    for fact, said in explicit.items():
        by_view = pl.when(pl.lit(implies) & ~unclear[fact]).then(implied[fact])
        values[fact] = pl.coalesce(said, by_view)
        origins[f"{fact}_by"] = (
            pl.when(said.is_not_null()).then(pl.lit("column")).when(by_view.is_not_null()).then(pl.lit("view"))
        ).cast(USERS["enabled_by"])
    return raw.with_columns(
        **values,
        **origins,
        kind=kind,
        reason=pl.when(kind.is_in(["application", "system"])).then(
            pl.coalesce("reason", pl.lit("listed as ") + pl.col("given_kind"))
        ),
        deleted=deleted,
        file=pl.lit(table.file),
        sheet=pl.lit(table.sheet, dtype=pl.String),
        **{name: nothing(USERS[name]) for name in ("other_names", "other_object_ids", "other_user_ids")},
    ).select([pl.col(column).cast(dtype) for column, dtype in USERS.items()])


def identifier(text: pl.Expr) -> pl.Expr:
    """A GUID in its one form, lower case without braces; null for anything else (`1` is nobody's identity)."""
    return text.map_batches(_identifiers, return_dtype=pl.String, is_elementwise=True)


def _identifiers(texts: pl.Series) -> pl.Series:
    if texts.null_count() == len(texts):
        return texts
    if texts.str.contains("[A-Z{}]").any():  # hardly any export has other than the one form
        texts = texts.str.strip_chars("{}").str.to_lowercase()
    wrong = (texts.str.len_bytes() != len(_NO_ID)) | (texts == _NO_ID)
    return texts.set(wrong, None) if wrong.any() else texts


def _other_upn(raw: pl.DataFrame) -> pl.Series:
    """The key of the User Name where the row has another Windows Live ID; hardly any row does."""
    nobody = pl.repeat(None, raw.height, dtype=pl.String, eager=True).alias("other_upn")
    if raw["user_name"].null_count() == raw.height:
        return nobody
    differ = raw["user_name"].ne(raw["upn"]).fill_null(value=False)
    if not differ.any():
        return nobody
    some = raw.filter(differ).select(mine=upns.key(pl.col("upn")), other=upns.key(pl.col("user_name")))
    keys = some.select(pl.when(pl.col("other").ne_missing(pl.col("mine"))).then(pl.col("other"))).to_series()
    return nobody.scatter(differ.arg_true(), keys)


_JOINT = r"[+;,|\s]+(smtp|x500|x400|sip|spo|eum|notes|x121|fax|mailto):"
"""What joins two proxy addresses: a separator counts only before a prefix, for `+` is a character of addresses too."""


def _addresses(raw: pl.DataFrame) -> pl.Series:
    """All further addresses of a user as keys, from proxy addresses (`smtp:` only) and other mails.

    The cells hold addresses joined with `+` or other separators, each with its prefix, or a JSON list, or plain addresses
    between blanks, commas or semicolons.
    """
    nothing = pl.repeat(None, raw.height, dtype=pl.List(pl.String), eager=True).alias("aliases")
    if all(raw[name].null_count() == raw.height for name in ("proxies", "other_mails")):
        return nothing
    texts = raw.select(
        pl.concat_str(pl.col("proxies"), pl.col("other_mails"), separator="\n", ignore_nulls=True).alias("aliases")
    ).with_row_index("at")
    # Most exports know none, or have an empty list in every row, and lists are costly.
    some = texts.filter(pl.col("aliases").str.contains("@", literal=True))
    parts = (
        pl.col("aliases")
        .str.to_lowercase()
        .str.replace_all(_JOINT, "\n${1}:")
        .str.replace_all(r'[\[\]",;{}\s]+', "\n")
        .str.split("\n")
    )
    address = pl.element().str.strip_prefix("smtp:")
    addresses = (
        parts.list.eval(address.filter(address.str.contains(r"^[\x21-\x39\x3b-\x7e]+@[\x21-\x39\x3b-\x7e]+$")))
        .list.unique()
        .list.sort()
    )
    found = some.select("at", addresses).filter(pl.col("aliases").list.len() > 0)
    if found.is_empty():
        return nothing
    return texts.select("at").join(found, on="at", how="left", maintain_order="left")["aliases"]
