"""Dates as exports write them → ISO dates, where they can be understood without guessing."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

__all__ = ["day"]

_ISO = r"^\d{4}-\d\d-\d\d"
_DOTTED = r"^(\d{1,2})\.(\d{1,2})\.(\d{4})"
_SLASHED = r"^(\d{1,2})[/-](\d{1,2})[/-](\d{4})"
_YEAR_FIRST = r"^(\d{4})[/.](\d{1,2})[/.](\d{1,2})"
_SERIAL = r"^([345]\d{4})([.,]\d+)?$"


def day(frame: pl.DataFrame, positions: Sequence[int]) -> pl.Expr | pl.Series:
    """The days of a column, `YYYY-MM-DD`; what is not understood stays as typed.

    `3/4/2021` is a day in March or in April. Which, is told by the other cells of the column, where one of the two
    numbers is above twelve; where none is, all of them stay as typed.
    """
    if not positions:
        return pl.lit(None, dtype=pl.String)
    texts = pl.coalesce(pl.col(str(position)) for position in positions).str.strip_chars()
    cells = frame.select(texts).to_series()
    iso = cells.str.contains(_ISO)
    if iso.all():
        return cells.str.head(10)
    rest = cells.filter(~iso).unique()
    return cells.str.head(10).zip_with(iso.fill_null(value=True), cells.replace(_understood(rest)))


def _understood(texts: pl.Series) -> dict[str, str]:
    parts = texts.alias("text").to_frame()
    first, second = (pl.col("text").str.extract(_SLASHED, group).cast(pl.Int32).max() > 12 for group in (1, 2))
    slashed = {(True, False): (3, 2, 1), (False, True): (3, 1, 2)}.get(parts.select(first, second=second).row(0))
    forms = [(_DOTTED, (3, 2, 1)), (_YEAR_FIRST, (1, 2, 3)), *([(_SLASHED, slashed)] if slashed else [])]
    days = [
        pl.concat_str([pl.col("text").str.extract(form, group) for group in groups], separator="-").str.to_date(
            "%Y-%m-%d", strict=False
        )
        for form, groups in forms
    ]
    days.append(pl.date(1899, 12, 30) + pl.duration(days=pl.col("text").str.extract(_SERIAL, 1).cast(pl.Int32)))
    known = parts.select("text", day=pl.coalesce(days).dt.to_string("%Y-%m-%d")).drop_nulls()
    return dict(known.iter_rows())
