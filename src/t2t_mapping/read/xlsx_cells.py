"""What a cell means: the text people see, and what kind of thing it is if it is no plain text."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from t2t_mapping.read.cells import refuse
from t2t_mapping.read.xlsx_archive import DAMAGED, Archive
from t2t_mapping.read.xlsx_parts import Workbook, date_styles
from t2t_mapping.read.xlsx_rows import Cells
from t2t_mapping.read.xlsx_strings import SharedStrings, decode_escapes

__all__ = ["CellTexts"]

_KINDS = {"e": "error", "n": "number", "b": "boolean", "d": "date"}

_AS_EXCEL_SHOWS = (
    pl.when(pl.col("type") == "n")
    .then(pl.col("text").str.replace(r"^(-?[0-9]+)\.0+$", "$1"))
    .when(pl.col("type") == "b")
    .then(pl.col("text").replace({"1": "TRUE", "0": "FALSE", "true": "TRUE", "false": "FALSE"}))
    .otherwise("text")
    .alias("text")
)


class CellTexts:
    """Turns cells as the file says them (schema `CELLS`) into cells as people see them."""

    def __init__(self, archive: Archive, book: Workbook) -> None:
        self._archive, self._book = archive, book
        self._shared = SharedStrings(archive, book.strings_part)
        self._dates: list[int] | None = None
        self.sheet_names = ", ".join(listed.name for listed in book.sheets)

    def shown(self, cells: pl.DataFrame, sheet: str) -> pl.DataFrame:
        """Columns `row`, `col`, `text` (null = empty) and `kind` (a fault name, or null for text)."""
        types = cells["type"]
        sorts = set(types.unique())
        shared = types == "s"
        if sorts == {"s"}:
            text = self._looked_up(cells["text"], cells["row"], sheet)
        else:
            text = decode_escapes(cells["text"])
            if "s" in sorts:
                found = self._looked_up(text.set(~shared, None), cells["row"], sheet)
                text = pl.select(pl.when(shared).then(found).otherwise(text)).to_series()
        cells = cells.with_columns(text.alias("text"))
        kind = pl.lit(None, pl.String)
        if not sorts <= {"s", "inlineStr", "str"} and (text.is_not_null() & types.is_in(list(_KINDS))).any():
            cells = cells.with_columns(_AS_EXCEL_SHOWS)
            dated = (pl.col("type") == "n") & pl.col("style").fill_null(0).is_in(self._date_styles())
            kind = pl.when(dated).then(pl.lit("date")).otherwise(pl.col("type").replace_strict(_KINDS, default=None))
        return cells.with_columns(pl.when(pl.col("text") != "").then("text")).select(
            "row",
            "col",
            "text",
            pl.when("formula").then(pl.lit("formula")).when(pl.col("text").is_not_null()).then(kind).alias("kind"),
        )

    def table(self, run: Cells, columns: Collection[int], sheet: str) -> pl.DataFrame | None:
        """Columns `row` and one of texts for each of these, if they hold nothing but text; None if `shown` must tell."""
        plain = run.plain(columns) if columns else None
        if plain is None:
            return None
        frame, shared = plain
        escaped = frame.select(pl.exclude("row").str.contains("_x", literal=True).any()).row(0)
        texts = [
            self._looked_up(frame[str(col)], frame["row"], sheet) if col in shared else decode_escapes(frame[str(col)])
            for col, touched in zip(columns, escaped, strict=True)
            if touched or col in shared
        ]
        return frame.with_columns(texts).with_columns(pl.when(pl.exclude("row") != "").then(pl.exclude("row")))

    def _looked_up(self, indices: pl.Series, rows: pl.Series, sheet: str) -> pl.Series:
        """The shared strings at these indices, which are digits or null."""
        numbers = indices.cast(pl.UInt32)
        beyond = (numbers >= len(self._shared.texts)).arg_true()
        if len(beyond):
            message = "A cell points to a shared text that the file does not have."
            raise refuse(self._archive.label, message, DAMAGED, sheet=sheet, row=int(rows[int(beyond[0])]))
        return self._shared.texts.gather(numbers).alias(indices.name)

    def _date_styles(self) -> list[int]:
        if self._dates is None:
            self._dates = sorted(date_styles(self._archive, self._book.styles_part))
        return self._dates
