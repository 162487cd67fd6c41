"""What the terminal shows: the sum that adds up, the worst findings first, what to do next. Plain text, 80 columns."""

from __future__ import annotations

import os
import sys
import textwrap
import time
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from t2t_mapping.catalogue import CATALOGUE
from t2t_mapping.generate import Result
from t2t_mapping.mapping import FILE_NAME

__all__ = ["Progress", "findings_text", "generated"]

_WIDTH = 80
_SHOWN = 3


class Progress:
    """Steps of a run that takes longer than a second, on standard error of a terminal only."""

    def __init__(self, form: str = "text") -> None:
        self.started = time.monotonic()
        self.wanted = form == "text" and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self.shown = False

    def __call__(self, step: str) -> None:
        """A step is done."""
        if self.wanted and time.monotonic() - self.started > 1:
            self.shown = True
            text = f"{time.monotonic() - self.started:5.1f} s  {step}"[: _WIDTH - 1]
            print(f"\r{text:<{_WIDTH - 1}}", end="", file=sys.stderr, flush=True)  # noqa: T201

    def done(self) -> None:
        """Clear the line."""
        if self.shown:
            print(f"\r{'':<{_WIDTH - 1}}\r", end="", file=sys.stderr, flush=True)  # noqa: T201


def generated(result: Result, written: Mapping[str, Path]) -> str:
    """The summary of `generate`."""
    summary = result.summary
    width = len(f"{summary['users']:,}")
    rows = f"{summary['rows']:,} rows in the exports - {summary['duplicates']:,} duplicates"
    lines = [
        f"mapped    {summary['mapped']:>{width},}",
        f"held      {summary['held']:>{width},}   a person has to decide",
        f"excluded  {summary['excluded']:>{width},}",
        f"total     {summary['users']:>{width},}   = {rows}",
    ]
    text = findings_text(result.findings)
    if text:
        lines += ["", text]
    lines += [f"skipped   {code}: {reason}" for code, reason in result.skipped.items()]
    lines += ["", *_next_steps(result, written)]
    return "\n".join(lines)


def findings_text(findings: pl.DataFrame) -> str:
    """Per code, worst first: how many, the first few messages, and the fix."""
    lines: list[str] = []
    told = findings.filter(pl.col("severity") != "info")
    for (code, severity), part in told.partition_by("code", "severity", maintain_order=True, as_dict=True).items():
        entry = CATALOGUE[str(code)]
        lines.append(f"{severity}  {code} {entry.name} ({part.height:,})")
        for message, place in zip(part["message"].head(_SHOWN), _places(part.head(_SHOWN)), strict=True):
            lines.append(textwrap.fill(f"{message}{place}", _WIDTH, initial_indent="    ", subsequent_indent="      "))
        if part.height > _SHOWN:
            lines.append(f"    … and {part.height - _SHOWN:,} more in findings.csv")
        lines.append(textwrap.fill(f"Fix: {part['fix'][0]}", _WIDTH, initial_indent="    ", subsequent_indent="      "))
    counted = findings.filter(pl.col("severity") == "info").group_by("code", maintain_order=True).len()
    lines += [f"info  {code} {CATALOGUE[code].name} ({number:,})" for code, number in counted.iter_rows()]
    return "\n".join(lines)


def _places(part: pl.DataFrame) -> list[str]:
    return [
        f" [{Path(row['file']).name}, row {row['row']}]" if row["file"] and row["row"] else ""
        for row in part.select("file", "row").iter_rows(named=True)
    ]


def _next_steps(result: Result, written: Mapping[str, Path]) -> list[str]:
    folder = next(iter(written.values())).parent
    if FILE_NAME in written:
        ready = "a DRAFT, not ready for upload" if result.summary["draft"] else "ready for upload"
        lines = [f"Written to {folder}: {FILE_NAME} ({result.summary['mapped']:,} users, {ready})."]
    else:
        lines = [f"Nobody is mapped, so there is no {FILE_NAME}. The reasons are in {folder}."]
    if result.summary["held"]:
        lines.append(
            f"Next: decide the {result.summary['held']:,} held users in a rule table (see {folder / 'accounting.csv'}) and run "
            "again with --rules."
        )
    accepted = [code for code in result.options.accept if code in result.summary["codes"]]
    if accepted:
        lines.append(f"Let through by --accept: {', '.join(accepted)}. Check these users by hand.")
    if "P306" in accepted:
        lines.append("No destination was verified: nobody knows whether these accounts exist.")
    return [line for text in lines for line in textwrap.wrap(text, _WIDTH, subsequent_indent="  ")]
