"""What a comparison or a check leaves behind to hand on: a page of the same family as the report, and its tables as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import polars as pl

from t2t_mapping.outputs.files import csv_bytes, refuse_existing, store
from t2t_mapping.outputs.report import markup, parts

__all__ = ["HandedOn", "Handout", "Sheet", "handout_files"]

_MOST = 300
"""Rows of each table on the page; the CSVs hold all."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """One table: its heading, its file, its rows. An empty one is not shown."""

    heading: str
    file: str
    frame: pl.DataFrame


@dataclass(frozen=True, eq=False)
class Handout:
    """What the page says, from top to bottom.

    Attributes:
        title: What was done.
        verdict: State (`ready`, `undecided` or `nothing`: the colour), a word, a sentence.
        tiles: The numbers that count: (kind, word, number, note).
        steps: What to do now.
        sheets: The tables.
        findings: The columns of `findings.csv`.
        skipped: Code -> reason.
        files: What was read, for the line at the end.
    """

    title: str
    verdict: tuple[str, str, str]
    tiles: Sequence[tuple[str, str, int, str]]
    findings: pl.DataFrame
    steps: Sequence[str] = ()
    sheets: Sequence[Sheet] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)
    files: Iterable[str] = ()


def handout_files(handout: Handout) -> dict[str, bytes]:
    """Name -> content of every file, the page last."""
    files = {sheet.file: csv_bytes(sheet.frame) for sheet in handout.sheets if sheet.frame.height}
    files["findings.csv"] = csv_bytes(handout.findings)
    return {**files, "report.html": _page(handout).encode()}


class HandedOn:
    """An answer that can be written down for others."""

    def handout(self) -> Handout:
        """The answer as a page and tables."""
        raise NotImplementedError

    def write(self, folder: str | Path, *, overwrite: bool = False) -> dict[str, Path]:
        """Write the answer into a folder: a report, the findings and the tables as CSV; all of it or nothing.

        Args:
            folder: Where to; it is created.
            overwrite: Replace earlier outputs.

        Returns:
            Name -> path of what was written.

        Raises:
            OutputError: Something stands in the way, or the disk is full; nothing has changed.
        """
        return _write(self.handout(), folder, overwrite=overwrite)


def _write(handout: Handout, folder: str | Path, *, overwrite: bool) -> dict[str, Path]:
    target = Path(folder)
    every = (*(sheet.file for sheet in handout.sheets), "findings.csv", "report.html")
    refuse_existing(target, every, tuple(handout.files), overwrite=overwrite)
    files = handout_files(handout)
    store(target, files, remove=tuple(name for name in every if name not in files))
    return {name: target / name for name in files}


def _page(handout: Handout) -> str:
    sections = [("sum", "The sum", parts.tiles(handout.tiles))]
    if handout.steps:
        sections.append(("next", "What to do next", parts.steps(handout.steps)))
    sections += [
        (sheet.file.removesuffix(".csv"), sheet.heading, _table(sheet))
        for sheet in handout.sheets
        if sheet.frame.height
    ]
    sections.append(("codes", "Findings by code", parts.cards(handout.findings)))
    if handout.skipped:
        sections.append(("checks", "Checks that were skipped", parts.skipped_checks(handout.skipped)))
    about = "".join(
        f" {'from' if number == 0 else 'and'} {markup.text(_file_name(file))}"
        for number, file in enumerate(handout.files)
    )
    return markup.document(handout.title, parts.banner(*handout.verdict), sections, about=about)


def _table(sheet: Sheet) -> str:
    shown = sheet.frame.head(_MOST)
    numbers = [at for at, dtype in enumerate(shown.dtypes) if dtype.is_numeric()]
    rows = [[_cell(name, cell) for name, cell in row.items()] for row in shown.iter_rows(named=True)]
    heads = [escape(_HEADS.get(name) or name.replace("_", " ").capitalize()) for name in shown.columns]
    more = (
        f"<p>Only the first {_MOST:,} of {sheet.frame.height:,} rows are shown; all are in {escape(sheet.file)}.</p>"
        if sheet.frame.height > _MOST
        else ""
    )
    return more + markup.table(sheet.heading, heads, rows, numbers=numbers)


_HEADS = {"upn": "UPN", "fix": "What to do"}
# What the words of the CSV files say to people.
_SAID = {
    "still-at-source": "still at the source",
    "other-record": "another record",
    "moved": "goes elsewhere now",
    "decidable": "can be mapped now",
    "gone": "no longer listed",
    "replaced": "another person",
}


def _cell(column: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, (list, pl.Series)):
        return ", ".join(map(str, value))
    if column == "fix":
        return markup.options_marked(str(value))
    if column in ("arrival", "change"):
        value = _SAID.get(str(value), value)
    return markup.text(_file_name(str(value)) if column == "file" else value)


def _file_name(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]
