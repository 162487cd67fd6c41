"""What every reader hands on: a table of text with its provenance, nothing inferred, nothing lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import polars as pl

__all__ = ["NO_FAULTS", "NO_ROWS", "Choose", "RawTable", "Sample", "all_columns", "repeated_header"]

MOST_COLUMNS = 200

Sample = Sequence[Sequence[str | None]]
"""Up to 100 data rows, each a sequence of cell texts (None = empty), as wide as the header row."""

Choose = Callable[[Sequence[str], dict[str, str], Sample], Sequence[int] | None]
"""`choose(headers, logical, sample)` answers the positions of the columns worth keeping; None for "no user table".

Readers call it once per sheet, as soon as the header row and a sample are known, so that columns nobody needs (row
checksums, phone numbers) are not kept. A sheet that is not chosen is not returned. Headers may repeat: whether that
matters depends on what the column is used for, which no reader knows.
"""


def all_columns(headers: Sequence[str], logical: dict[str, str], sample: Sample) -> Sequence[int]:
    """The `Choose` that keeps everything: the first `MOST_COLUMNS` columns, which no table of people or rules exceeds."""
    return range(min(len(headers), MOST_COLUMNS))


def repeated_header(headers: Sequence[str], used: Iterable[int]) -> str | None:
    """The header of a column in use that another column has as well (blanks and case apart)."""
    keys = [header.strip().casefold() for header in headers]
    return next((headers[p].strip() for p in sorted(used) if keys[p] and keys.count(keys[p]) > 1), None)


NO_FAULTS = pl.DataFrame(schema={"row": pl.UInt32, "column": pl.UInt32, "fault": pl.String})
NO_ROWS = pl.Series("row", [], dtype=pl.UInt32)


@dataclass(frozen=True, eq=False)
class RawTable:
    """One table as it was in one file.

    Attributes:
        file: The path as the user gave it (forward slashes).
        sheet: Sheet name; None where the container has none.
        kind: The container: `xlsx`, `xls`, `xlsb`, `ods`, `spreadsheetml`, `csv`, `json`, `parquet`, `frame`.
        headers: Every header as typed, blanks trimmed, in file order (not only the kept ones); they may repeat.
        frame: Column `row` (UInt32, as Excel shows it; 1-based record number for JSON and Parquet) and one String
            column per kept header, named by its position: `"0"`, `"4"` ... An empty cell is null. Blank rows are absent.
            Text is as typed, outer blanks included.
        faults: Cells that cannot be taken at their word: `row` (UInt32), `column` (UInt32 position), `fault` (String:
            `error`, `merged`, `control`, `bidi`, `zero-width`, and `formula`, which is a formula without a stored value).
            Only for kept columns. Their text is in `frame` all the same, as the file shows it. Where a value is stored
            beside a formula, that value counts, and `repairs` says how many there are.
        logical: header as typed -> logical name, from a Dynamics hiddenSheet; empty where there is none.
        entity: the table's logical name from the hiddenSheet (`systemuser`), or None.
        labels: choice labels of the hiddenSheet's rows 2 and on, in file order, one tuple per row.
        hidden: The rows of `frame` that the workbook does not show, most often because they are filtered away.
        repairs: plain sentences on what had to be done to read the file (I104), e.g. `read as UTF-16`.
        detail: facts for `inspect`: encoding, delimiter, `raw`/`re-saved`, row counts.
    """

    file: str
    sheet: str | None
    kind: str
    headers: tuple[str, ...]
    frame: pl.DataFrame
    faults: pl.DataFrame
    logical: dict[str, str] = field(default_factory=dict)
    entity: str | None = None
    labels: tuple[tuple[str, ...], ...] = ()
    hidden: pl.Series = field(default_factory=lambda: NO_ROWS)
    repairs: tuple[str, ...] = ()
    detail: dict[str, str] = field(default_factory=dict)
