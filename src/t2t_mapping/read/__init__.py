"""Bytes in, tables of text out: one reader per container, chosen by content."""

from __future__ import annotations

from dataclasses import replace

from t2t_mapping.read.columnar import frame_table
from t2t_mapping.read.guard import read_bytes, sniff
from t2t_mapping.read.letters import restored
from t2t_mapping.read.sources import Source, each, expand, sources
from t2t_mapping.read.table import NO_FAULTS, Choose, RawTable, all_columns, repeated_header

__all__ = [
    "NO_FAULTS",
    "Choose",
    "RawTable",
    "Source",
    "all_columns",
    "each",
    "expand",
    "frame_table",
    "read_bytes",
    "read_tables",
    "repeated_header",
    "sources",
]


def read_tables(data: bytes, label: str, choose: Choose, *, sheet: str | None = None) -> list[RawTable]:
    """Every table of one file that `choose` wants, with garbled letters put right.

    Raises:
        InputError: I101, when the content is not one of the supported kinds or is damaged.
    """
    tables = []
    for table in _tables(sniff(data, label), data, label, choose, sheet):
        frame, said = restored(table.frame, table.headers)
        tables.append(replace(table, frame=frame, repairs=(*table.repairs, *said)) if said else table)
    return tables


def _tables(kind: str, data: bytes, label: str, choose: Choose, sheet: str | None) -> list[RawTable]:
    # Each reader is imported by whoever has such a file: together they cost as much time as reading a small one.
    if kind == "xlsx":
        from t2t_mapping.read.xlsx import read_xlsx

        return read_xlsx(data, label, choose, sheet)
    if kind in ("xls", "xlsb", "ods"):
        from t2t_mapping.read.legacy import read_legacy

        return read_legacy(data, label, kind, choose, sheet)
    if kind == "spreadsheetml":
        from t2t_mapping.read.spreadsheetml import read_spreadsheetml

        return read_spreadsheetml(data, label, choose, sheet)
    if kind == "json":
        from t2t_mapping.read.jsonfile import read_json

        return read_json(data, label, choose)
    if kind == "parquet":
        from t2t_mapping.read.columnar import read_parquet

        table = frame_table(read_parquet(data, label), label, choose)
        return [] if table is None else [replace(table, kind="parquet")]
    from t2t_mapping.read.text import read_text

    return read_text(data, label, choose)
