"""Mergers of a few users, written as short tables."""

from __future__ import annotations

from typing import Any

import polars as pl

import t2t_mapping as t2t
from t2t_mapping.run.generation import generate

Row = dict[str, str | None]
DEFAULTS: Row = {"Status": "Enabled", "User Licensed": "Yes"}


def person(name: str | None, upn: str | None, **columns: str | None) -> Row:
    """One row of an export: `person("Ann Lee", "ann@contoso.com", status="Disabled", access_mode="Read")`."""
    special = {
        "upn": "Windows Live ID",
        "user_licensed": "User Licensed",
        "licences": "Licenses",
        "proxies": "Proxy addresses",
    }
    named = {special.get(key, key.replace("_", " ").title()): value for key, value in columns.items()}
    return {"Full Name": name, "Windows Live ID": upn, **DEFAULTS, **named}


def frame(rows: list[Row]) -> pl.DataFrame:
    """Rows of unequal columns as one frame of text."""
    columns = list(dict.fromkeys(key for row in rows for key in row)) or ["Full Name", "Windows Live ID"]
    return pl.DataFrame(
        {column: [row.get(column) for row in rows] for column in columns}, schema=dict.fromkeys(columns, pl.String)
    )


def rule_table(*lines: str) -> pl.DataFrame:
    """Rule lines as they stand in a CSV: `"a@contoso.com,b@fabrikam.com,why"`."""
    cells = [[cell or None for cell in (line + ",,").split(",")[:3]] for line in lines]
    names = ("Source", "Destination", "Note")
    return pl.DataFrame([dict(zip(names, row, strict=True)) for row in cells], schema=dict.fromkeys(names, pl.String))


def merger(
    source: list[Row],
    destination: list[Row] | None = None,
    *rules: str,
    admins: list[Row] | None = None,
    **options: Any,
) -> t2t.Result:
    """Reconcile a small merger of full exports (and of an administrative one at the source)."""
    views: dict[str, Any] = {"source_full": [frame(source)]}
    if admins:
        views["source_admin"] = [frame(admins)]
    if destination is not None:
        views["destination_full"] = [frame(destination)]
    return generate(**views, rules=rule_table(*rules) if rules else None, **options)


def told(result: t2t.Result) -> dict[str | None, str]:
    """`{source: "disposition destination matched_by codes"}`, with `-` for nothing."""
    return {
        row["source"] or row["full_name"]: " ".join(
            row[column] or "-" for column in ("disposition", "destination", "matched_by", "codes")
        )
        for row in result.accounting.iter_rows(named=True)
    }
