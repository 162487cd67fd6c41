"""Parquet files and frames given by a caller: typed columns → a table of text.

Such a source says on purpose what is a number, a boolean or a date, so its types are no faults of its cells.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import polars as pl

from t2t_mapping.read.cells import clip, refuse, text_faults
from t2t_mapping.read.table import Choose, RawTable

__all__ = ["collected", "frame_table", "read_parquet", "shown"]

MAX_COLUMNS = 1000
SAMPLE = 100

_EXACT = 2**53  # up to here every whole number is a float of its own


def read_parquet(data: bytes, label: str) -> pl.LazyFrame:
    """What a Parquet file holds, not yet read; `frame_table` reads the columns that are chosen, `collected` all.

    Raises:
        InputError: I101, when the file is damaged or too large.
    """
    with _damage_told(label):
        frame = pl.scan_parquet(io.BytesIO(data))
        frame.collect_schema()
    return frame


def collected(frame: pl.LazyFrame, label: str) -> pl.DataFrame:
    """What is asked of a frame, or of a Parquet file.

    Raises:
        InputError: I101, when the file is damaged.
    """
    with _damage_told(label):
        return frame.collect()


@contextmanager
def _damage_told(label: str) -> Iterator[None]:
    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError) as error:
        message = f"The Parquet file is damaged: polars says {clip(str(error).partition(chr(10))[0], 120)}."
        raise refuse(label, message, "Write the file again, or export the users as CSV.") from error


def frame_table(
    frame: pl.DataFrame | pl.LazyFrame, label: str, choose: Choose, *, kind: str = "frame"
) -> RawTable | None:
    """Turn a frame into a table of text.

    Text stays as it is, booleans become `true` and `false`, whole numbers digits without `.0`, dates ISO 8601, lists and
    structs compact JSON. `row` counts the rows of the frame from 1, blank ones too; those are absent.

    Args:
        frame: Any frame, or what `read_parquet` gave: of that, only the chosen columns are read.
        label: What to call it in messages and provenance.
        choose: Which columns to keep.
        kind: `frame`, or `parquet` where it came from a file.

    Returns:
        The table, or None when `choose` does not want it.

    Raises:
        InputError: I101, when the frame is far too wide, or a Parquet file is damaged.
    """
    schema = frame.collect_schema()
    headers = tuple(name.strip() for name in schema)
    if len(headers) > MAX_COLUMNS:
        message = f"The table has {len(headers):,} columns: no user table is as wide as that."
        raise refuse(label, message, "Select the columns that describe users.")
    lazy = frame.lazy()
    filled = [
        pl.nth(at).is_not_null() & (pl.nth(at) != "" if schema[name] == pl.String else True)
        for at, name in enumerate(schema)
    ]
    any_filled = pl.any_horizontal(filled) if filled else pl.lit(value=True)
    sample = collected(lazy.head(SAMPLE).filter(any_filled), label)
    if sample.is_empty():
        sample = collected(lazy.filter(any_filled).head(SAMPLE), label)
    chosen = choose(headers, {}, pl.DataFrame([_text(column) for column in sample]).rows())
    if chosen is None:
        return None
    columns = [_text(column) for column in collected(lazy.select(pl.nth(*chosen)), label)]
    table = pl.DataFrame([column.alias(str(number)) for number, column in zip(chosen, columns, strict=True)])
    table = table.with_row_index("row", offset=1)
    blank = table.select(pl.all_horizontal(pl.exclude("row").is_null())).to_series()
    if blank.any():  # perhaps there is something in the columns that nobody asked for
        table = table.filter(~blank | collected(lazy.select(any_filled), label).to_series())
    return RawTable(label, None, kind, headers, table, text_faults(table), detail={"rows": str(table.height)})


def _text(column: pl.Series) -> pl.Series:
    """A column as text; an empty cell is null."""
    kind = column.dtype
    if kind == pl.String:
        return column.set(column == "", None)
    if isinstance(kind, (pl.Datetime, pl.Date, pl.Time, pl.Duration)):
        return column.dt.to_string("iso:strict")
    if kind.is_float():
        whole = column.is_between(-_EXACT, _EXACT) & (column == column.floor())
        return column.cast(pl.String).zip_with(
            ~whole.fill_null(value=False), column.cast(pl.Int64, strict=False).cast(pl.String)
        )
    if kind == pl.List(pl.String):
        wrapped = column.alias("").to_frame().select(pl.struct("").struct.json_encode()).to_series()
        texts = wrapped.str.strip_prefix('{"":').str.strip_suffix("}")
        return texts.set(column.is_null(), None).alias(column.name)
    if kind == pl.Binary:
        return column.bin.encode("base64")
    if kind.is_nested() or kind == pl.Object:
        return pl.Series(column.name, [shown(value) for value in column.to_list()], dtype=pl.String)
    return column.cast(pl.String)


def shown(value: object) -> str | None:
    """Any value as the text of a cell: text as it is, nothing as nothing, lists and numbers as JSON writes them."""
    if value is None or value == "":
        return None
    if isinstance(value, (bool, int, float, Mapping, list, tuple)):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return str(value)
