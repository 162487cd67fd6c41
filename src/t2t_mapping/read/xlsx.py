"""`.xlsx` workbooks: read by fastexcel behind our guard, and by openpyxl where fastexcel gives up."""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import fastexcel
import polars as pl

from t2t_mapping.read.archive import Archive
from t2t_mapping.read.cells import Hidden, clip, hidden_from, named, refuse
from t2t_mapping.read.grid import grid_table
from t2t_mapping.read.table import NO_FAULTS, NO_ROWS, Choose, RawTable
from t2t_mapping.read.xlsx_guard import SAVE_AGAIN, Seen, Sheet, look, open_workbook

__all__ = ["read_xlsx"]


def read_xlsx(data: bytes, label: str, choose: Choose, sheet: str | None = None) -> list[RawTable]:
    """Read the tables of a workbook that `choose` wants.

    Args:
        data: The whole file.
        label: The path as the user gave it, for messages and provenance.
        choose: Asked once for every sheet that is not blank.
        sheet: Read only the sheet of this name, visible or not. None means every visible sheet.

    Raises:
        InputError: I101 when the file is not a sound workbook, or has no such sheet.
    """
    archive = Archive(data, label)
    book = open_workbook(archive)
    sheets = {listed.name: listed for listed in book.sheets if listed.part}
    wanted = [listed for listed in sheets.values() if listed.visible]
    if sheet is not None:
        wanted = [sheets[named(sheet, sheets, label)]]
    # Everything is looked at before a library sees any of it.
    looks = {listed.name: look(archive, listed) for listed in wanted}
    hiding = _hidden_sheet(archive, sheets.values(), looks)
    engines = _Engines(data, label, book.slow)
    hidden = hidden_from(engines.grid(hiding, looks[hiding.name])[0]) if hiding else Hidden()
    names = ", ".join(sheets)
    tables = (_table(label, listed, looks[listed.name], engines, hidden, choose, names) for listed in wanted)
    return [table for table in tables if table is not None]


def _hidden_sheet(archive: Archive, sheets: Iterable[Sheet], looks: dict[str, Seen]) -> Sheet | None:
    """The sheet that Dynamics hides in its exports, known by its name or its code name."""
    for listed in sheets:
        if not listed.visible:
            if listed.name not in looks:
                looks[listed.name] = look(archive, listed)
            if looks[listed.name].hides_data or listed.name.casefold() == "hiddensheet":
                return listed
    return None


def _table(
    label: str, sheet: Sheet, seen: Seen, engines: _Engines, hidden: Hidden, choose: Choose, names: str
) -> RawTable | None:
    grid, repairs = engines.grid(sheet, seen)
    faults = [(row, column, "formula") for row, column in seen.blank]
    if seen.errors:
        errors = pl.DataFrame(
            seen.errors, schema={"row": pl.UInt32, "column": pl.UInt32, "text": pl.String}, orient="row"
        )
        grid = _with_errors(grid, errors.unique(["row", "column"], keep="last"))
        faults += [(row, column, "error") for row, column, _ in seen.errors]
    if seen.unplaced:
        repairs = (
            *repairs,
            f"{seen.unplaced:,} cells hold formulas; what counts is the value that the file stores beside each",
        )
    return grid_table(
        grid,
        label,
        sheet.name,
        "xlsx",
        choose,
        hidden=hidden,
        faults=pl.DataFrame(faults, schema=NO_FAULTS.schema, orient="row"),
        merged=seen.merged,
        not_shown=pl.Series("row", seen.hidden, dtype=pl.UInt32) if seen.hidden else NO_ROWS,
        formulas=seen.formulas,
        repairs=repairs,
        detail={"form": "raw" if seen.raw else "re-saved", "sheets": names},
    )


def _with_errors(grid: pl.DataFrame, errors: pl.DataFrame) -> pl.DataFrame:
    """The grid with the texts of its errors, which the library leaves out."""
    for (column,), part in errors.partition_by("column", as_dict=True).items():
        name = str(column)
        if name in grid.columns:
            texts = grid.select("row").join(part, on="row", how="left", maintain_order="left")["text"]
            grid = grid.with_columns(pl.coalesce(texts, pl.col(name)).alias(name))
    return grid


# --- the two libraries ------------------------------------------------------------------------------------------------


_ONE_AT_A_TIME = threading.Lock()


class _Engines:
    """One workbook in both libraries, each opened when it is needed."""

    def __init__(self, data: bytes, label: str, slow: str) -> None:
        self._data, self._label, self._slow = data, label, slow
        self._fast: fastexcel.ExcelReader | None = None

    def grid(self, sheet: Sheet, seen: Seen) -> tuple[pl.DataFrame, tuple[str, ...]]:
        """All cells of a sheet (see `grid_table`), and a sentence when the slow library had to read them."""
        reason = self._slow or seen.slow
        if not reason:
            try:
                self._fast = self._fast or fastexcel.read_excel(self._data)
                return _fast_grid(self._fast, sheet.name), ()
            except BaseException as error:
                reason = f"fastexcel says: {_said(error)}"
        try:
            # What openpyxl warns of (a style, an extension) is no affair of a reader. Filters are global, hence the lock.
            with _ONE_AT_A_TIME, warnings.catch_warnings():
                warnings.simplefilter("ignore")
                grid = _slow_grid(self._data, sheet.name, seen)
        except Exception as error:  # openpyxl answers what it cannot read with any kind of exception
            message = f"The workbook cannot be read ({reason}; openpyxl says: {_said(error)})."
            raise refuse(self._label, message, SAVE_AGAIN, sheet=sheet.name) from error
        return grid, (f"read with openpyxl, which takes longer ({reason})",)


def _said(error: BaseException) -> str:
    """The first line of what a library says; what is no fault of the file goes on up."""
    # A panic of a library in Rust is no `Exception`, and its class has no name to import.
    if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
        raise error
    lines = str(error).splitlines() or [type(error).__name__]
    return clip(lines[0].removeprefix("calamine error: ").removeprefix("Xlsx error: "), 120)


def _fast_grid(reader: fastexcel.ExcelReader, sheet: str | int) -> pl.DataFrame:
    """A sheet as fastexcel reads it: every cell as text, from the first row of the sheet on."""
    loaded = reader.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string")
    frame = loaded.to_polars()
    frame.columns = [str(column.absolute_index) for column in loaded.available_columns()]
    return frame.with_row_index("row", offset=1)


def _slow_grid(data: bytes, sheet: str, seen: Seen) -> pl.DataFrame:
    """The same as openpyxl reads it. Which cells are errors goes to `seen`."""
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    lines = book[sheet]
    lines.reset_dimensions()  # a claim of the file, and as often wrong as right
    seen.errors.clear()
    cells: list[tuple[int, int, str]] = []
    for number, line in enumerate(lines.iter_rows(), start=1):
        for column, cell in enumerate(line):
            if cell.value is not None:
                cells.append((number, column, _shown(cell.value)))
                if cell.data_type == "e":
                    seen.errors.append(cells[-1])
    width = 1 + max((column for _, column, _ in cells), default=-1)
    rows: dict[int, list[str | None]] = {}
    for number, column, text in cells:
        rows.setdefault(number, [None] * width)[column] = text
    schema = {"row": pl.UInt32, **{str(column): pl.String for column in range(width)}}
    return pl.DataFrame([(number, *texts) for number, texts in rows.items()], schema=schema, orient="row")


def _shown(value: Any) -> str:
    """A value as fastexcel would write it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat(" ") if isinstance(value, datetime) else str(value)
