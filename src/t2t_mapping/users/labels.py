"""Cells that hold a label → what the label means; what is not understood is said and stays unknown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping.read import RawTable
from t2t_mapping.schema import FAULT_WORDS

__all__ = ["meanings", "without_untrusted"]


def without_untrusted(
    table: RawTable, fields: dict[str, tuple[int, ...]], found: list[pl.DataFrame], side: str
) -> pl.DataFrame:
    """Cells with an error say nothing: their text is dropped, except for the user principal name."""
    frame = table.frame
    if table.faults.is_empty():
        return frame
    keys = {p for name in ("upn", "user_name") for p in fields.get(name, ())}
    for (position,), part in table.faults.partition_by("column", as_dict=True).items():
        name = str(position)
        if position in keys or name not in frame.columns:
            continue
        bad = part.filter(pl.col("fault") == "error")
        if bad.is_empty():
            continue
        rows = bad["row"].unique()
        frame = frame.with_columns(pl.when(~pl.col("row").is_in(rows.implode())).then(pl.col(name)).alias(name))
        kinds = " or ".join(sorted(FAULT_WORDS[fault] for fault in bad["fault"].unique()))
        found.append(
            fnd.one(
                "I111",
                side=side,
                file=table.file,
                sheet=table.sheet,
                row=int(rows.min()),  # type: ignore[arg-type]
                a=f"A cell of the column {table.headers[int(str(position))]!r} that holds",
                b=kinds,
                c=str(rows.len()),
            )
        )
    return frame


def meanings(
    cells: pl.Series,
    meaning: Callable[[str], Any],
    table: RawTable,
    position: int,
    found: list[pl.DataFrame],
    side: str,
) -> dict[str, Any]:
    """Label -> meaning for the distinct labels of one column; what is not understood becomes a finding."""
    tally = cells.drop_nulls().value_counts()
    known: dict[str, Any] = {}
    unknown: list[tuple[str, int]] = []
    for label, number in tally.iter_rows():
        if label.strip():
            known[label] = meaning(label)
            if known[label] is None:
                unknown.append((label, number))
    _complete_pairs(known, table)
    unknown = [(label, number) for label, number in unknown if known[label] is None]
    for label, number in sorted(unknown)[:20]:
        found.append(
            fnd.one(
                "I111",
                side=side,
                file=table.file,
                sheet=table.sheet,
                a=f"The label {label.strip()[:60]!r} in the column",
                b=repr(table.headers[position]),
                c=str(number),
            )
        )
    return known


def _complete_pairs(known: dict[str, Any], table: RawTable) -> None:
    """With the hidden sheet's labels of a two-valued column, one label that is understood explains the other."""
    for labels in table.labels:
        if len(labels) == 2:
            first, second = labels
            for one, other in ((first, second), (second, first)):
                if isinstance(known.get(one), bool) and known.get(other, 0) is None:
                    known[other] = not known[one]
