"""The tables of the page as compact JSON inside the page: column-wise, repeated values as numbers into a dictionary."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from t2t_mapping.report.story import reasons
from t2t_mapping.upn import show_text

if TYPE_CHECKING:
    from t2t_mapping.generate import Result

__all__ = ["LIMIT", "embed", "findings_table", "island", "users_table"]

LIMIT = 120_000
"""Rows of each table that the page carries; the CSVs always hold all."""
_LONGEST = 400
_ORDER = pl.Enum(["held", "excluded", "mapped"])  # what needs a person comes first


def users_table(result: Result, limit: int = LIMIT) -> pl.DataFrame:
    """The accounting as the page shows it: held users first, texts cut and with invisible characters made visible."""
    accounting = result.accounting.with_columns(reason=reasons(result), at=pl.int_range(pl.len()))
    rows = accounting.sort(pl.col("disposition").cast(pl.String).cast(_ORDER), "at").head(limit)
    several = pl.col("destination").is_null() & pl.col("candidates").is_not_null()
    return rows.select(
        _shown("source"),
        _shown("full_name"),
        pl.col("disposition").cast(pl.String),
        _shown("destination"),
        pl.when(several).then(_shown("candidates").str.replace_all(";", "; ", literal=True)).alias("candidates"),
        _shown("destination_name"),
        pl.col("matched_by").cast(pl.String),
        "reason",
        pl.col("codes").str.replace_all(";", " ", literal=True),
        pl.col("view").cast(pl.String),
        _shown("file"),
        _shown("sheet"),
        "row",
    )


def findings_table(result: Result, limit: int = LIMIT) -> pl.DataFrame:
    """The findings as the page shows them, worst first."""
    return result.findings.head(limit).select(
        pl.col("severity").cast(pl.String),
        pl.col("code").cast(pl.String),
        _shown("upn"),
        _shown("message"),
        "side",
        _shown("file"),
        _shown("sheet"),
        "row",
    )


def _shown(name: str) -> pl.Expr:
    text = pl.col(name)
    cut = pl.when(text.str.len_chars() > _LONGEST).then(text.str.head(_LONGEST) + pl.lit("…")).otherwise(text)
    return show_text(cut).alias(name)


def island(users: pl.DataFrame, findings: pl.DataFrame, titles: Mapping[str, str]) -> str:
    """Both tables, and words for the codes and rungs in them, as JSON that can stand inside a `script` element."""
    source, domain = _address("source")
    target, target_domain = _address("destination")
    split = users.with_columns(
        source_local=source, source_domain=domain, target_local=target, target_domain=target_domain
    )
    # Most destinations repeat the source's local part, and most people keep their name.
    columns = {
        "source": {"local": _text(split["source_local"]), "domain": _coded(split["source_domain"])},
        "full_name": _text(split["full_name"]),
        "disposition": _coded(split["disposition"]),
        "destination": {
            "like": "source",
            "local": _repeated(split, "target_local", "source_local"),
            "domain": _coded(split["target_domain"]),
        },
        "candidates": _coded(split["candidates"]),
        "destination_name": {"like": "full_name", "values": _repeated(split, "destination_name", "full_name")},
        **{name: _coded(split[name]) for name in ("reason", "codes", "view", "file", "sheet")},
        "row": split["row"].to_list(),
    }
    told = _findings(findings, users)
    parts = {
        "titles": dict(titles),
        "users": {"height": users.height, "columns": columns},
        "findings": {"height": findings.height, "columns": told},
    }
    return embed(json.dumps(parts, ensure_ascii=False, separators=(",", ":")))


def _findings(findings: pl.DataFrame, users: pl.DataFrame) -> dict[str, Any]:
    known = users.select("source", at=pl.int_range(pl.len())).drop_nulls().unique("source", keep="first")
    wide = findings.join(known, left_on="upn", right_on="source", how="left", maintain_order="left")
    # A message that starts with its user is stored without: then most of one code are the same text.
    starts = pl.col("message").str.starts_with(pl.col("upn")).fill_null(value=False)
    rest = pl.lit("\n") + pl.col("message").str.strip_prefix(pl.col("upn"))
    wide = wide.with_columns(
        message=pl.when(starts).then(rest).otherwise(pl.col("message")),
        other=pl.when(pl.col("at").is_null()).then(pl.col("upn")),
    )
    return {
        "severity": _coded(wide["severity"]),
        "code": _coded(wide["code"]),
        "upn": {"user": _numbers(wide["at"]), "other": _coded(wide["other"])},
        "message": {"like": "upn", **_coded_or_text(wide["message"])},
        **{name: _coded(wide[name]) for name in ("side", "file", "sheet")},
        "row": wide["row"].to_list(),
    }


def _address(name: str) -> tuple[pl.Expr, pl.Expr]:
    """Local part and domain; text that is no address is all local part."""
    text = pl.col(name)
    domain = text.str.extract("@([^@]*)$", 1)
    return pl.coalesce(text.str.strip_suffix(pl.lit("@") + domain), text), domain


def _text(values: pl.Series) -> list[str]:
    return values.fill_null("").to_list()


def _repeated(frame: pl.DataFrame, name: str, of: str) -> list[str | int]:
    """0 where a value is the same as in another column, empty text where there is none."""
    same = pl.col(name) == pl.col(of)
    values = frame.select(pl.when(same.fill_null(value=False)).then(None).otherwise(pl.col(name).fill_null("")))
    return [0 if value is None else value for value in values.to_series().to_list()]


def _coded(values: pl.Series) -> dict[str, Any]:
    words = values.drop_nulls().unique().sort()
    return {"words": words.to_list(), "at": _numbers(values.cast(pl.Enum(words)).to_physical())}


def _coded_or_text(values: pl.Series) -> dict[str, Any]:
    return _coded(values) if values.n_unique() * 2 < len(values) else {"values": _text(values)}


def _numbers(values: pl.Series) -> list[int]:
    return values.cast(pl.Int64).fill_null(-1).to_list()


def embed(text: str) -> str:
    """JSON in which nothing can end the element it stands in, or start another."""
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
