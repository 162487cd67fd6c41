"""What there is to say about one file: repairs, columns found by their values, sizes that look cut off, licences."""

from __future__ import annotations

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping.read import RawTable
from t2t_mapping.users import licences

__all__ = ["NEXT_PAGE", "file_findings"]

_ROUND_SIZES = {
    100_000: "the limit of one export is 100,000 rows",
    5_000: "some views and queries stop at 5,000 rows",
    50: "the “Page only” export brings one page, 50 rows by default",
}
NEXT_PAGE = "its last page has a link to a next page, which is not among the files"


def file_findings(table: RawTable, rows: pl.DataFrame, how: dict[int, str], side: str) -> list[pl.DataFrame]:
    place = {"side": side, "file": table.file, "sheet": table.sheet}
    found = [fnd.one("I104", a=repair, **place) for repair in table.repairs]
    by_value = [repr(table.headers[p] or f"column {p + 1}") for p, reason in sorted(how.items()) if reason == "values"]
    if by_value:
        found.append(fnd.one("I104", a=f"Found by its values, not by its header: {' and '.join(by_value)}.", **place))
    if rows.height in _ROUND_SIZES:
        found.append(
            fnd.one("I103", a=f"it has exactly {rows.height:,} rows, and {_ROUND_SIZES[rows.height]}", **place)
        )
    if table.detail.get("next_link"):
        found.append(fnd.one("I103", a=NEXT_PAGE, **place))
    texts = rows["licenses"].drop_nulls()
    if texts.len():
        tally = dict(texts.value_counts().iter_rows())
        unknown: dict[str, int] = {}
        for text, part in licences.unknown_names(pl.Series("licenses", list(tally), dtype=pl.String)):
            unknown[part] = unknown.get(part, 0) + tally[text]
        found += [fnd.one("I112", a=repr(part[:80]), b=str(n), **place) for part, n in sorted(unknown.items())[:50]]
    return found
