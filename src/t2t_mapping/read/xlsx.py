"""Reads `.xlsx` workbooks: strict, streaming, text only.

The usual fast reader aborts the process on hostile files, ignores checksums, and passes off formulas, errors and numbers
as text. This one verifies every byte it uses and says what each cell really was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from t2t_mapping.read.cells import Hidden, check_headers, clip, parse_hidden, refuse, text_faults
from t2t_mapping.read.table import NO_FAULTS, Choose, RawTable
from t2t_mapping.read.xlsx_archive import DAMAGED, Archive
from t2t_mapping.read.xlsx_cells import CellTexts
from t2t_mapping.read.xlsx_parts import Sheet, Workbook, open_workbook
from t2t_mapping.read.xlsx_rows import CELLS, Cells
from t2t_mapping.read.xlsx_sheet import Range, SheetReader

__all__ = ["read_xlsx"]

_SAMPLE = 100  # data rows shown to `choose`
_MOST_HIDDEN = 200_000  # cells; it holds one line per choice column

_NO_ROWS = CELLS.to_frame()["row"]
_HAS_CONTENT = (pl.col("text").str.contains(r"\S") | (pl.col("kind") == "formula")).fill_null(False)
# Texts are views into the XML they were cut from; copied, they let go of it.
_LET_GO = (pl.col("row"), pl.exclude("row") + pl.lit(""))


def read_xlsx(data: bytes, label: str, choose: Choose, sheet: str | None = None) -> list[RawTable]:
    """Reads the tables of a workbook that `choose` wants.

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
    chosen = _visible(book) if sheet is None else [_named(sheet, book, label)]
    texts = CellTexts(archive, book)
    hidden = _read_hidden_sheet(archive, book, texts)
    tables = [_read_sheet(archive, listed, texts, hidden, choose) for listed in chosen]
    return [table for table in tables if table is not None]


def _visible(book: Workbook) -> list[Sheet]:
    return [listed for listed in book.sheets if listed.visible and listed.part is not None]


def _named(name: str, book: Workbook, label: str) -> Sheet:
    worksheets = {listed.name.casefold(): listed for listed in book.sheets if listed.part is not None}
    found = worksheets.get(name.casefold())
    if found is None:
        names = ", ".join(listed.name for listed in worksheets.values())
        raise refuse(label, f"The workbook has no worksheet named {clip(name)}.", f"Choose one of these: {names}.")
    return found


def _read_hidden_sheet(archive: Archive, book: Workbook, texts: CellTexts) -> Hidden:
    """What Dynamics hides in its exports: a sheet known by its name or its code name."""
    for listed in book.sheets:
        if listed.visible or listed.part is None:
            continue
        reader = SheetReader(archive, listed.part, listed.name)
        if listed.name.casefold() == "hiddensheet" or reader.code_name == "hiddenDataSheet":
            rows: dict[int, dict[int, str]] = {}
            for run in reader.runs(slowly=True):
                cells = texts.shown(run.take(), listed.name).drop_nulls("text")
                if cells.height + sum(map(len, rows.values())) > _MOST_HIDDEN:
                    raise refuse(archive.label, "The hidden sheet is far too large.", DAMAGED, sheet=listed.name)
                for row, col, text in cells.select("row", "col", "text").iter_rows():
                    rows.setdefault(row, {})[col] = text
            return parse_hidden(rows)
        reader.drain()
    return Hidden()


def _read_sheet(archive: Archive, listed: Sheet, texts: CellTexts, hidden: Hidden, choose: Choose) -> RawTable | None:
    assert listed.part is not None
    reader = SheetReader(archive, listed.part, listed.name)
    runs = reader.runs()
    table = _Table(listed.name, texts)
    table.read_head(runs)
    if not table.ask(choose, hidden.logical):
        reader.drain()
        return None
    check_headers(table.headers, archive.label, row=table.header_row, sheet=listed.name)
    for run in runs:
        table.add(run)
    frame = table.frame()
    return RawTable(
        file=archive.label,
        sheet=listed.name,
        kind="xlsx",
        headers=table.headers,
        frame=frame,
        faults=table.faults(frame, reader.merges),
        logical=dict(hidden.logical),
        entity=hidden.entity,
        labels=hidden.labels,
        detail={
            "form": "raw" if reader.prefixed or table.inline else "re-saved",
            "rows": str(len(frame)),
            "sheets": texts.sheet_names,
        },
    )


class _Table:
    """Gathers the runs of one sheet into one frame of the kept columns.

    Attributes:
        headers: The texts of the first row that is not blank.
        header_row: Its number; 0 when all rows are blank.
        inline: Whether they are written into the sheet itself, as Dynamics does and Excel does not.
    """

    def __init__(self, sheet: str, texts: CellTexts) -> None:
        self.headers: tuple[str, ...] = ()
        self.inline = False
        self._sheet, self._texts = sheet, texts
        self._kept: Sequence[int] = ()
        self.header_row = 0
        # Rows and all their cells, until it is known what to keep.
        self._head: list[tuple[pl.Series, pl.DataFrame]] = []
        self._frames: list[pl.DataFrame] = []
        self._faults: list[pl.DataFrame] = [NO_FAULTS]

    def read_head(self, runs: Iterator[Cells]) -> None:
        """Takes runs until the header row and a full sample are there, or the sheet ends."""
        count = 0
        while count <= _SAMPLE and (run := next(runs, None)) is not None:
            raw = run.take()
            cells = self._texts.shown(raw, self._sheet)
            rows = _rows_of(cells.filter(_HAS_CONTENT))
            if not count and len(rows):
                self.header_row = int(rows[0])
                header = raw.filter(pl.col("row") == self.header_row)
                self.inline = (header["type"] == "inlineStr").any()
            count += len(rows)
            self._head.append((rows, cells))

    def ask(self, choose: Choose, logical: dict[str, str]) -> bool:
        """Shows header and sample to `choose`; False when there is nothing to show, or nothing is wanted."""
        if not self.header_row:
            return False
        rows = pl.concat([rows for rows, _ in self._head]).head(1 + _SAMPLE)
        wanted = pl.col("row").is_in(rows.implode()) & pl.col("text").is_not_null()
        shown = pl.concat([cells for _, cells in self._head]).filter(wanted)
        by_row: dict[int, dict[int, str]] = {row: {} for row in rows}
        for row, col, text in shown.select("row", "col", "text").iter_rows():
            by_row[row][col] = text
        header, *sample = by_row.values()
        width = 1 + max((col for col, text in header.items() if text.strip()), default=-1)
        self.headers = tuple(header.get(col, "").strip() for col in range(width))
        kept = choose(self.headers, logical, [[row.get(col) for col in range(width)] for row in sample])
        if kept is None:
            return False
        self._kept = tuple(kept)
        head, self._head = self._head, []
        for rows, cells in head:
            columns = [cells.filter(pl.col("col") == col) for col in self._kept]
            self._keep(rows.filter(rows > self.header_row), columns)
        return True

    def add(self, run: Cells) -> None:
        """Takes one more run, of the kept columns only."""
        table = self._texts.table(run, self._kept, self._sheet)
        if table is not None and any(table.select(_filled(str(col)).all()).item() for col in self._kept):
            self._frames.append(table.select(_LET_GO))
            return
        columns = [self._texts.shown(run.take([col]), self._sheet) for col in self._kept]
        rows = run.rows
        # Most often some kept column has something in every row, and that is the end of it.
        if not any(len(column) == len(rows) and column.select(_HAS_CONTENT.all()).item() for column in columns):
            rows = pl.concat([_NO_ROWS, *(column.filter(_HAS_CONTENT)["row"] for column in columns)]).unique().sort()
            if len(rows) < len(run.rows):
                # A row is not blank because its kept cells are: a user without a name is still a row.
                others = run.rows.filter(~run.rows.is_in(rows.implode()))
                more = self._texts.shown(run.take(rows=others), self._sheet).filter(_HAS_CONTENT)
                rows = pl.concat([rows, _rows_of(more)]).sort()
        self._keep(rows, columns)

    def _keep(self, rows: pl.Series, columns: list[pl.DataFrame]) -> None:
        texts = [rows]
        for col, column in zip(self._kept, columns, strict=True):
            cells = column
            if len(cells) != len(rows) or not (cells["row"] == rows).all():
                cells = rows.to_frame().join(column, on="row", how="left", maintain_order="left")
            texts.append(cells["text"].alias(str(col)))
            if cells["kind"].null_count() < len(cells):
                self._faults.append(cells.drop_nulls("kind").select("row", column="col", fault="kind"))
        self._frames.append(pl.DataFrame(texts).select(_LET_GO))

    def frame(self) -> pl.DataFrame:
        """All data rows; see `RawTable.frame`."""
        return pl.concat(self._frames, rechunk=True)

    def faults(self, frame: pl.DataFrame, merges: Sequence[Range]) -> pl.DataFrame:
        """All faults, sorted; see `RawTable.faults`."""
        merged = [_merged(frame["row"], merges, col) for col in self._kept]
        return pl.concat([*self._faults, text_faults(frame), *merged]).sort("row", "column", "fault")


def _filled(column: str) -> pl.Expr:
    return pl.col(column).str.contains(r"\S").fill_null(False)


def _rows_of(cells: pl.DataFrame) -> pl.Series:
    """The rows these cells are in, each once."""
    return cells.filter(pl.col("row").ne_missing(pl.col("row").shift(1)))["row"]


def _merged(rows: pl.Series, merges: Sequence[Range], col: int) -> pl.DataFrame:
    """A `merged` fault for every row in which the column lies inside a merged range."""
    spans: list[tuple[int, int]] = []
    for first, last in sorted((top, bottom) for top, left, bottom, right in merges if left <= col <= right):
        if spans and first <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(last, spans[-1][1]))
        else:
            spans.append((first, last))
    if not spans:
        return NO_FAULTS
    within = pl.DataFrame(spans, schema={"first": pl.UInt32, "last": pl.UInt32}, orient="row").set_sorted("first")
    found = rows.to_frame().set_sorted("row").join_asof(within, left_on="row", right_on="first")
    return found.filter(pl.col("row") <= pl.col("last")).select(
        "row", pl.lit(col, pl.UInt32).alias("column"), pl.lit("merged").alias("fault")
    )
