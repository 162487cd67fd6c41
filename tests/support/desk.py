"""A person at the review workbook: reads rows by source, fills in cells, has accidents, saves."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl

from t2t_mapping.outputs.review.workbook import review_bytes
from t2t_mapping.results.reconciliation import Reconciliation

__all__ = ["Desk"]


class Desk:
    """A person at the workbook: reads rows by source, fills in cells, saves."""

    def __init__(self, content: bytes | Path | Reconciliation) -> None:
        data = content if isinstance(content, bytes) else content.read_bytes() if isinstance(content, Path) else None
        if data is None:
            assert isinstance(content, Reconciliation)
            data = review_bytes(content)
        self.book = openpyxl.load_workbook(io.BytesIO(data))

    def sheet(self, name: str = "Decide") -> Any:
        """A sheet of the workbook."""
        return self.book[name]

    def headers(self, sheet: str = "Decide") -> list[str]:
        """The texts of the first row."""
        return [str(cell.value) for cell in self.book[sheet][1]]

    def rows(self, sheet: str = "Decide") -> dict[str, dict[str, str]]:
        """Source (or full name) -> header -> text."""
        headers = self.headers(sheet)
        rows = {}
        for cells in self.book[sheet].iter_rows(min_row=2, max_col=len(headers)):
            row = dict(zip(headers, (cell.value or "" for cell in cells), strict=True)) | {"row": str(cells[0].row)}
            if row["Source"] or row.get("Full name"):
                rows[row["Source"] or row["Full name"]] = row
        return rows

    def fill(self, source: str, sheet: str = "Decide", **cells: str | None) -> Desk:
        """`fill("ann@contoso.com", Decision="map", Destination="…")`."""
        headers, book = self.headers(sheet), self.book[sheet]
        keys = [headers.index(name) + 1 for name in ("Source", "Full name") if name in headers]
        (row,) = (
            n
            for n in range(2, book.max_row + 1)
            if next(filter(None, (book.cell(n, k).value for k in keys)), "") == source
        )
        for header, text in cells.items():
            book.cell(row, headers.index(header.replace("_", " ")) + 1).value = text
        return self

    def rename(self, header: str, to: str | None, sheet: str = "Decide") -> Desk:
        """Another text in the cell of a header."""
        self.book[sheet].cell(1, self.headers(sheet).index(header) + 1).value = to
        return self

    def delete(self, *headers: str, sheet: str = "Decide") -> Desk:
        """Whole columns away."""
        for header in headers:
            self.book[sheet].delete_cols(self.headers(sheet).index(header) + 1)
        return self

    def sort(self, *headers: str, sheet: str = "Decide", descending: bool = True) -> Desk:
        """Sort these columns by the first of them, and leave all others as they are; all columns without any."""
        page = self.book[sheet]
        named = headers or tuple(self.headers(sheet))
        columns = [self.headers(sheet).index(header) + 1 for header in named]
        rows = [[page.cell(row, column).value for column in columns] for row in range(2, page.max_row + 1)]
        rows.sort(key=lambda cells: str(cells[0] or ""), reverse=descending)
        for number, cells in enumerate(rows, 2):
            for column, value in zip(columns, cells, strict=True):
                page.cell(number, column).value = value
        return self

    def title(self, *lines: str, sheet: str = "Decide") -> Desk:
        """Rows above the headers."""
        page = self.book[sheet]
        page.insert_rows(1, len(lines))
        for number, text in enumerate(lines, 1):
            page.cell(number, 1).value = text or None
        return self

    def save(self, folder: Path, name: str = "review.xlsx") -> Path:
        """Save the workbook under a name."""
        path = folder / name
        self.book.save(path)
        return path
