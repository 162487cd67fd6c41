"""What there is to say about one file: repairs, columns found by their values, sizes that look cut off, licences."""

from __future__ import annotations

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping.read import RawTable
from t2t_mapping.users import licences
from t2t_mapping.users.columns import Columns
from t2t_mapping.users.letters import damage
from t2t_mapping.wording import counted

__all__ = ["NEXT_PAGE", "file_findings"]

_PAGE = "a page of a view; export the Static Worksheet of all pages, not “Page only”"
_PAGES = "Graph and the Dataverse Web API answer page by page; follow `@odata.nextLink`, or use `-All` in PowerShell"
_SHELL = "`Get-MsolUser` stops there; use `-All`"
_EXCHANGE = "Exchange's commands stop there; use `-ResultSize Unlimited`"
_SIZES: dict[int, tuple[str | None, str | None]] = {
    # rows: what stops there in Dynamics, and elsewhere
    50: (f"50 rows are {_PAGE}", _PAGES),
    100: (f"100 rows are {_PAGE}", f"{_PAGES} (`Get-MgUser` and `Get-AzureADUser` bring 100 without it)"),
    250: (f"250 rows are {_PAGE}", f"250 rows are {_PAGE}"),
    500: (f"500 rows are {_PAGE}", _SHELL),
    999: (_PAGES, f"999 is the largest page of Graph; {_PAGES}"),
    1_000: (_PAGES, _EXCHANGE),
    5_000: ("some views and queries stop at 5,000 rows; export in parts, for example by business unit", _PAGES),
    10_000: ("older exports stop at 10,000 rows; export in parts, for example by business unit",) * 2,
    65_535: ("an .xls sheet ends there; save as .xlsx or CSV and export again",) * 2,
    100_000: (
        "the limit of one Dynamics export is 100,000 rows; export in parts, for example by business unit",
        "some downloads stop at 100,000 rows; export in parts",
    ),
    1_048_575: ("a sheet of Excel ends there; export in parts, or as CSV, and do not open it in Excel",) * 2,
}
"""Sizes that an export rarely has by chance, why it may have them, and what to do."""

NEXT_PAGE = "its last page has a link to a next page, which is not among the files"


def file_findings(
    table: RawTable, rows: pl.DataFrame, columns: Columns, side: str, *, dynamics: bool
) -> list[pl.DataFrame]:
    """What there is to say about the file as a whole."""
    place = {"side": side, "file": table.file, "sheet": table.sheet}
    found = [fnd.one("I104", a=repair, **place) for repair in table.repairs]
    by_value = [p for p, reason in sorted(columns.how.items()) if reason == "values"]
    if by_value:
        names = " and ".join(repr(table.headers[p] or f"column {p + 1}") for p in by_value)
        found.append(fnd.one("I104", a=f"Found by its values, not by its header: {names}.", **place))
    why = _SIZES.get(rows.height, (None, None))[0 if dynamics else 1]
    if why:
        found.append(fnd.one("I103", a=f"it has exactly {rows.height:,} rows: {why}", **place))
    if table.detail.get("cut_off"):
        found.append(fnd.one("I103", a=table.detail["cut_off"], row=rows["row"].max(), **place))
    if table.detail.get("next_link"):
        found.append(fnd.one("I103", a=NEXT_PAGE, **place))
    about_the_other_side = columns.fields.get("exists", ()) if side == "source" else ()
    unused = columns.unused | dict.fromkeys(about_the_other_side, "an existence")
    for position, what in sorted(unused.items()):
        found.append(fnd.one("I113", a=repr(table.headers[position] or f"column {position + 1}"), b=what, **place))
    if len(table.hidden):
        found.append(fnd.hidden_rows(len(table.hidden), row=int(table.hidden[0]), **place))
    return [*found, *_lost_letters(rows, place), *_unknown_licences(rows, place)]


def _lost_letters(rows: pl.DataFrame, place: dict[str, str | None]) -> list[pl.DataFrame]:
    """I115: names that an export lost letters of, or garbled."""
    which = damage(rows["full_name"])
    if not which.any():
        return []
    damaged = rows.select("row", "full_name").filter(which)
    examples = ", ".join(damaged["full_name"].head(3).str.slice(0, 40).to_list())
    number = counted(damaged.height, "name")
    return [fnd.one("I115", row=int(damaged["row"][0]), a=number, b=examples, **place)]


def _unknown_licences(rows: pl.DataFrame, place: dict[str, str | None]) -> list[pl.DataFrame]:
    texts = rows["licenses"].drop_nulls()
    if not texts.len():
        return []
    tally = dict(texts.value_counts().iter_rows())
    unknown: dict[str, int] = {}
    for text, part in licences.unknown_names(pl.Series("licenses", list(tally), dtype=pl.String)):
        unknown[part] = unknown.get(part, 0) + tally[text]
    return [fnd.one("I112", a=repr(part[:80]), b=str(n), **place) for part, n in sorted(unknown.items())[:50]]
