"""What came of judging a mapping file, as frames and counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

__all__ = ["CheckedMapping"]


@dataclass(frozen=True, eq=False)
class CheckedMapping:
    """What `validate` found. Every frame is a polars frame.

    Attributes:
        findings: In words, worst first, then by line; the columns of `findings.csv`. With `fix`, what is left in the
            repaired copy.
        rows: The lines of two columns: `line, source, destination`, as typed.
        summary: The counts: `lines, rows, repairs, not_covered, draft, rests_on, codes, severities`; `not_covered` is None
            without source exports; `rests_on` says what was looked at: `file`, or `file and exports`.
        skipped: Code -> reason, for checks that could not run.
        repairs: A sentence for everything that was changed in the repaired copy, with the line numbers of the original.
        fixed: Where the repaired copy was written; None when it was not.
        uncovered: Source users that no line covers, less those that `generate` would exclude: `upn, full_name, file,
            sheet, row`.
    """

    findings: pl.DataFrame
    rows: pl.DataFrame
    summary: dict[str, Any]
    skipped: dict[str, str]
    repairs: tuple[str, ...] = ()
    fixed: Path | None = None
    uncovered: pl.DataFrame = field(default_factory=pl.DataFrame)
