"""The sheet that Dynamics hides in its exports; it tells which header belongs to which column of the table."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote

import polars as pl

from t2t_mapping.read.xlsx_archive import Archive
from t2t_mapping.read.xlsx_cells import CellTexts
from t2t_mapping.read.xlsx_parts import Workbook
from t2t_mapping.read.xlsx_sheet import SheetReader

__all__ = ["HiddenSheet", "read_hidden_sheet"]


@dataclass(frozen=True)
class HiddenSheet:
    """What it says; see `RawTable` for the meaning."""

    entity: str | None = None
    logical: dict[str, str] = field(default_factory=dict)
    labels: tuple[tuple[str, ...], ...] = ()


def read_hidden_sheet(archive: Archive, book: Workbook, texts: CellTexts) -> HiddenSheet:
    """Finds it by its name or its code name; empty when there is none.

    Raises:
        InputError: I101 when it is damaged.
    """
    for listed in book.sheets:
        if listed.visible or listed.part is None:
            continue
        reader = SheetReader(archive, listed.part, listed.name)
        if listed.name.casefold() == "hiddensheet" or reader.code_name == "hiddenDataSheet":
            cells = [texts.shown(run.take(), listed.name) for run in reader.runs()]
            return _parse(pl.concat(cells)) if cells else HiddenSheet()
        reader.drain()
    return HiddenSheet()


def _parse(cells: pl.DataFrame) -> HiddenSheet:
    """A1 is `entity:hash:logical=header&logical=header`, headers URL-escaped; the rows below hold choice labels."""
    rows: dict[int, dict[int, str]] = {}
    for row, col, text in cells.select("row", "col", "text").drop_nulls().iter_rows():
        rows.setdefault(row, {})[col] = text
    entity, found, rest = rows.pop(1, {}).get(0, "").partition(":")
    labels = tuple(tuple(row.get(col, "") for col in range(max(row) + 1)) for row in rows.values())
    if not found:
        return HiddenSheet(labels=labels)
    logical: dict[str, str] = {}
    repeated: set[str] = set()
    for pair in rest.partition(":")[2].split("&"):
        name, _, escaped = pair.partition("=")
        header = unquote(escaped).strip()
        if header in logical:
            repeated.add(header)  # two columns of one title: it says nothing about either
        if header:
            logical[header] = name.strip()
    return HiddenSheet(entity, {header: name for header, name in logical.items() if header not in repeated}, labels)
