"""A sheet as a grid of text → a table: its header row, the columns worth keeping, the rows that are not blank."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from t2t_mapping.read.cells import Hidden, clip, text_faults
from t2t_mapping.read.table import NO_FAULTS, NO_ROWS, Choose, RawTable

__all__ = ["SAMPLE", "Range", "grid_table"]

SAMPLE = 100  # data rows that `choose` sees

NO_FORMULAS: Mapping[int, tuple[int, int]] = {}

Range = tuple[int, int, int, int]
"""First row, last row, first column, last column; rows count from 1, columns from 0."""


def grid_table(
    grid: pl.DataFrame,
    label: str,
    sheet: str,
    kind: str,
    choose: Choose,
    *,
    hidden: Hidden,
    faults: pl.DataFrame = NO_FAULTS,
    merged: Sequence[Range] = (),
    not_shown: pl.Series = NO_ROWS,
    formulas: Mapping[int, tuple[int, int]] = NO_FORMULAS,
    repairs: Sequence[str] = (),
    detail: dict[str, str] | None = None,
) -> RawTable | None:
    """The table in a grid; None when the grid is blank, or `choose` does not want it.

    Args:
        grid: Column `row` (UInt32, ascending) and String columns called by their positions, ascending.
        label: What to call the file.
        sheet: What the sheet is called.
        kind: The container; see `RawTable`.
        choose: Which columns to keep.
        hidden: What the hidden sheet says.
        faults: Schema `NO_FAULTS`; those of other rows and columns are dropped.
        merged: Ranges in which only the first cell has a text: no row of them can be trusted.
        not_shown: The rows that are hidden.
        formulas: Column -> how many formulas there are in it, and in which row the first one is.
        repairs: What had to be done to read it.
        detail: Facts for `inspect`.
    """
    grid = grid.filter(_filled(grid))
    if grid.is_empty():
        return None
    first = grid.row(0, named=True)
    header_row = first.pop("row")
    width = 1 + max(int(name) for name, text in first.items() if text and text.strip())
    headers = tuple((first.get(str(column)) or "").strip() for column in range(width))
    below = grid.slice(1)
    sample = below.head(SAMPLE).select(_text(str(column), grid.columns).alias(str(column)) for column in range(width))
    chosen = choose(headers, hidden.logical, sample.rows())
    if chosen is None:
        return None
    kept = list(chosen)
    frame = below.select("row", *(_text(str(column), grid.columns).alias(str(column)) for column in kept))
    rows = frame["row"]
    found = [
        faults.filter((pl.col("row") > header_row) & pl.col("column").is_in(kept)),
        *(_merged(rows, merged, column) for column in kept),
        text_faults(frame),
    ]
    return RawTable(
        file=label,
        sheet=sheet,
        kind=kind,
        headers=headers,
        frame=frame,
        faults=pl.concat(found).unique().sort("row", "column", "fault"),
        logical=dict(hidden.logical),
        entity=hidden.entity,
        labels=hidden.labels,
        repairs=(*repairs, *_said_of_formulas(headers, kept, formulas)),
        hidden=rows.filter(rows.is_in(not_shown.implode())),
        detail={**(detail or {}), "rows": str(frame.height)},
    )


def _text(column: str, columns: Sequence[str]) -> pl.Expr:
    """The texts of a column; an empty cell is null."""
    return pl.when(pl.col(column) != "").then(pl.col(column)) if column in columns else pl.lit(None, pl.String)


def _filled(grid: pl.DataFrame) -> pl.Series:
    """Which rows are not blank."""
    columns = [column for column in grid.get_columns() if column.name != "row" and column.null_count() < grid.height]
    filled = pl.repeat(value=False, n=grid.height, dtype=pl.Boolean, eager=True)
    for column in sorted(columns, key=pl.Series.null_count):  # most often the first one answers for all rows
        if filled.all():
            break
        filled |= column.str.contains(r"\S").fill_null(value=False)
    return filled


def _merged(rows: pl.Series, merged: Sequence[Range], column: int) -> pl.DataFrame:
    """A `merged` fault for every row in which the column lies inside a merged range."""
    spans: list[tuple[int, int]] = []
    for first, last in sorted((top, bottom) for top, bottom, left, right in merged if left <= column <= right):
        if spans and first <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(last, spans[-1][1]))
        else:
            spans.append((first, last))
    if not spans:
        return NO_FAULTS
    within = pl.DataFrame(spans, schema={"first": pl.UInt32, "last": pl.UInt32}, orient="row").set_sorted("first")
    found = rows.to_frame().set_sorted("row").join_asof(within, left_on="row", right_on="first")
    return found.filter(pl.col("row") <= pl.col("last")).select(
        "row", pl.lit(column, pl.UInt32).alias("column"), pl.lit("merged").alias("fault")
    )


def _said_of_formulas(
    headers: Sequence[str], kept: Sequence[int], formulas: Mapping[int, tuple[int, int]]
) -> Iterator[str]:
    for column in kept:
        if column in formulas:
            count, row = formulas[column]
            cells = (
                f"one cell (row {row}) holds a formula"
                if count == 1
                else f"{count:,} cells hold formulas (first in row {row})"
            )
            name = clip(headers[column]) if column < len(headers) else str(column + 1)
            yield f"in the column {name}, {cells}; what counts is the value that the file stores beside it"
