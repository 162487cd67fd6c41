"""The tables of the page as compact JSON inside the page: column-wise, repeated values as numbers into a dictionary."""

from __future__ import annotations

import json
from collections.abc import Mapping

import polars as pl

from t2t_mapping.results.reconciliation import Reconciliation
from t2t_mapping.upn import show, show_text

__all__ = ["LIMIT", "embed", "findings_table", "island", "users_table"]

LIMIT = 120_000
"""Rows of each table that the page carries; the CSVs always hold all."""
_LONGEST = 400
_SAME = "\t"  # stands in no text, since invisible characters are shown as code points
_ORDER = pl.Enum(["held", "excluded", "mapped"])  # what needs a person comes first


def users_table(result: Reconciliation, why: pl.Series, limit: int = LIMIT) -> pl.DataFrame:
    """The accounting as the page shows it: held users first, texts cut and with invisible characters made visible.

    Args:
        why: Per row of the accounting, the reason it counts under (`story.reasons`).
    """
    accounting = result.accounting.with_columns(reason=why, at=pl.int_range(pl.len()))
    rows = accounting.sort(pl.col("disposition").cast(pl.String).cast(_ORDER), "at").head(limit)
    rows = rows.with_columns(_look_alikes_marked(rows["source"]))
    several = pl.col("destination").is_null() & pl.col("candidates").is_not_null()
    return rows.select(
        _shown("source"),
        _shown("full_name"),
        pl.col("disposition").cast(pl.String),
        _shown("destination"),
        pl.when(several).then(_shown("candidates").str.replace_all(";", "; ", literal=True)).alias("candidates"),
        _shown("destination_name"),
        pl.col("matched_by").cast(pl.String),
        pl.format("{}:{}", pl.col("disposition").cast(pl.String), pl.col("reason").fill_null("")).alias("reason"),
        pl.col("codes").str.replace_all(";", " ", literal=True),
        pl.col("view").cast(pl.String),
        _shown("file"),
        _shown("sheet"),
        "row",
    )


def findings_table(result: Reconciliation, limit: int = LIMIT) -> pl.DataFrame:
    """The findings as the page shows them, worst first."""
    rows = result.findings.head(limit)
    return rows.with_columns(_look_alikes_marked(rows["upn"])).select(
        pl.col("severity").cast(pl.String),
        pl.col("code").cast(pl.String),
        _shown("upn"),
        _shown("message"),
        "side",
        _shown("file"),
        _shown("sheet"),
        "row",
    )


def _look_alikes_marked(addresses: pl.Series) -> pl.Series:
    """An address is ASCII; where one is not, the code points show which letters are not what they seem."""
    odd = addresses.filter(addresses.str.contains(r"[^\x20-\x7e]")).unique().to_list()
    return addresses.replace({text: show(text, _LONGEST) for text in odd}) if odd else addresses


def _shown(name: str) -> pl.Expr:
    text = pl.col(name)
    cut = pl.when(text.str.len_chars() > _LONGEST).then(text.str.head(_LONGEST) + pl.lit("…")).otherwise(text)
    return show_text(cut).alias(name)


def island(users: pl.DataFrame, findings: pl.DataFrame, titles: Mapping[str, str]) -> str:
    """Both tables, and words for the codes and rungs in them, as JSON that can stand inside a `script` element.

    Texts of a column are one string with line ends between them (no text has one: they are shown as code points);
    repeated ones are numbers into `words`, -1 for none, and a single number where all rows have the same.
    """
    source, domain = _address("source")
    target, target_domain = _address("destination")
    split = users.with_columns(
        source_local=source, source_domain=domain, target_local=target, target_domain=target_domain
    )
    # Most destinations repeat the source's local part, and most people keep their name.
    columns = {
        "source": _object(local=_lines(split["source_local"]), domain=_coded(split["source_domain"])),
        "full_name": _lines(split["full_name"]),
        "disposition": _coded(split["disposition"]),
        "destination": _object(
            local=_lines(_repeated(split, "target_local", "source_local")), domain=_coded(split["target_domain"])
        ),
        "candidates": _coded(split["candidates"]),
        "destination_name": _lines(_repeated(split, "destination_name", "full_name")),
        **{name: _coded(split[name]) for name in ("reason", "codes", "view", "file", "sheet")},
        "row": _numbers(split["row"]),
    }
    return embed(
        _object(
            titles=json.dumps(dict(titles), ensure_ascii=False),
            users=_object(height=str(users.height), columns=_object(**columns)),
            findings=_object(height=str(findings.height), columns=_findings(findings, users)),
        )
    )


def _findings(findings: pl.DataFrame, users: pl.DataFrame) -> str:
    known = users.select("source", at=pl.int_range(pl.len())).drop_nulls().unique("source", keep="first")
    wide = findings.join(known, left_on="upn", right_on="source", how="left", maintain_order="left")
    # A message that starts with its user is stored without: then most of one code are the same text.
    starts = pl.col("message").str.starts_with(pl.col("upn")).fill_null(value=False)
    rest = pl.lit(_SAME) + pl.col("message").str.strip_prefix(pl.col("upn"))
    wide = wide.with_columns(
        message=pl.when(starts).then(rest).otherwise(pl.col("message")),
        other=pl.when(pl.col("at").is_null()).then(pl.col("upn")),
    )
    message = wide["message"]
    return _object(
        severity=_coded(wide["severity"]),
        code=_coded(wide["code"]),
        upn=_object(user=_numbers(wide["at"]), other=_coded(wide["other"])),
        message=_coded(message) if message.n_unique() * 2 < len(message) else _lines(message),
        **{name: _coded(wide[name]) for name in ("side", "file", "sheet")},
        row=_numbers(wide["row"]),
    )


def _address(name: str) -> tuple[pl.Expr, pl.Expr]:
    """Local part and domain; text that is no address is all local part."""
    text = pl.col(name)
    domain = text.str.extract("@([^@]*)$", 1)
    return pl.coalesce(text.str.strip_suffix(pl.lit("@") + domain), text), domain


def _repeated(frame: pl.DataFrame, name: str, of: str) -> pl.Series:
    """A mark where a value is the same as in another column."""
    same = (pl.col(name) == pl.col(of)).fill_null(value=False)
    return frame.select(pl.when(same).then(pl.lit(_SAME)).otherwise(pl.col(name))).to_series()


def _lines(values: pl.Series) -> str:
    return json.dumps(_joined(values.fill_null(""), "\n"), ensure_ascii=False)


def _coded(values: pl.Series) -> str:
    words = values.drop_nulls().unique().sort()
    at = values.cast(pl.Enum(words)).to_physical()
    if len(words) + min(at.null_count(), 1) == 1:  # one word in every row, or none in any
        return _object(words=json.dumps(words.to_list(), ensure_ascii=False), at=str(len(words) - 1))
    return _object(words=json.dumps(words.to_list(), ensure_ascii=False), at=_numbers(at))


def _numbers(values: pl.Series) -> str:
    return f"[{_joined(values.cast(pl.Int64).fill_null(-1).cast(pl.String), ',')}]"


def _joined(texts: pl.Series, between: str) -> str:
    return str(texts.str.join(between).item()) if len(texts) else ""


def _object(**members: str) -> str:
    return "{" + ",".join(f'"{name}":{value}' for name, value in members.items()) + "}"


def embed(text: str) -> str:
    """JSON in which nothing can end the element it stands in, or start another."""
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
