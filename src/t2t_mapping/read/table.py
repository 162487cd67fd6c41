"""What every reader hands on: a table of text with its provenance, nothing inferred, nothing lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import polars as pl

__all__ = ["NO_FAULTS", "Choose", "RawTable", "Sample", "all_columns"]

MOST_COLUMNS = 200

Sample = Sequence[Sequence[str | None]]
"""Up to 100 data rows, each a sequence of cell texts (None = empty), as wide as the header row."""

Choose = Callable[[Sequence[str], dict[str, str], Sample], Sequence[int] | None]
"""`choose(headers, logical, sample)` answers the positions of the columns worth keeping; None for "no user table".

Readers call it once per sheet, as soon as the header row and a sample are known, so that columns nobody needs (row
checksums, phone numbers) are verified but never materialised. A sheet that is not chosen is not returned.
"""


def all_columns(headers: Sequence[str], logical: dict[str, str], sample: Sample) -> Sequence[int]:
    """The `Choose` that keeps everything: the first `MOST_COLUMNS` columns, which no table of people or rules exceeds."""
    return range(min(len(headers), MOST_COLUMNS))


@dataclass(frozen=True)
class RawTable:
    """One table as it stood in one file.

    Attributes:
        file: The path as the user gave it (forward slashes).
        sheet: Sheet name; None where the container has none.
        kind: The container: `xlsx`, `spreadsheetml`, `csv`, `json`, `parquet`, `frame`.
        headers: Every header as typed, blanks trimmed, in file order (not only the kept ones).
        frame: Column `row` (UInt32, as Excel shows it; 1-based record number for JSON and Parquet) and one String
            column per kept header, named by its position: `"0"`, `"4"` ... An empty cell is null. Blank rows are absent.
            Text is as typed, outer blanks included.
        faults: Cells that are not plain text: `row` (UInt32), `column` (UInt32 position), `fault` (String: `formula`,
            `error`, `number`, `date`, `boolean`, `control`, `bidi`, `zero-width`, `merged`). Only for kept columns.
            Their text is in `frame` all the same, as the file shows it.
        logical: header as typed -> logical name, from a Dynamics hiddenSheet; empty where there is none.
        entity: the table's logical name from the hiddenSheet (`systemuser`), or None.
        labels: choice labels of the hiddenSheet's rows 2 and on, in file order, one tuple per row.
        repairs: plain sentences on what had to be repaired to read the file (I104), e.g. `read as UTF-16`.
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
    repairs: tuple[str, ...] = ()
    detail: dict[str, str] = field(default_factory=dict)


NO_FAULTS = pl.DataFrame(schema={"row": pl.UInt32, "column": pl.UInt32, "fault": pl.String})
