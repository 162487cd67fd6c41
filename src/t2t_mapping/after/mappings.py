"""One mapping against another (`diff`)."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping.choices import FailOn
from t2t_mapping.errors import InputError, Problem
from t2t_mapping.mapping.dialects import FILE_NAME
from t2t_mapping.outputs.handout import HandedOn, Handout, Sheet
from t2t_mapping.outputs.notebook import tables_html, tables_text
from t2t_mapping.read.guard import read_bytes
from t2t_mapping.rules.table import read_rules
from t2t_mapping.run.mapping_source import AnyMapping, held, in_folder

__all__ = ["EMPTY", "Comparison", "Diff", "diff", "diff_frames", "read_mapping"]

EMPTY = dict.fromkeys(("source", "destination", "source_key", "destination_key"), pl.String)


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(HandedOn):
    """What every comparison has.

    Attributes:
        findings: In words, worst first; the columns of `findings.csv`.
        summary: The counts.
        skipped: Code -> reason, for checks that could not run.
    """

    findings: pl.DataFrame
    summary: dict[str, Any]
    skipped: dict[str, str] = field(default_factory=dict)

    def exit_status(self, fail_on: FailOn = "error") -> int:
        """0 if nothing is at or above `fail_on` (`error`, `warning`, `never`), else 1."""
        return fnd.exit_status(self.findings, fail_on)


def read_mapping(mapping: AnyMapping) -> pl.DataFrame:
    """Read a mapping of either profile as `source, destination, source_key, destination_key`.

    Lines that say the same twice count once. The folder of a run in which nobody was mapped gives no rows.

    Args:
        mapping: A mapping file, the folder of a run, bytes, a file object, or a frame with `source` and `destination`.

    Raises:
        InputError: It is no mapping: a line is malformed, contradicts another, is a pattern or has no destination.
    """
    if isinstance(mapping, (str, os.PathLike)):
        path = Path(mapping)
        if path.is_dir():
            if not (path / FILE_NAME).exists() and _nobody_mapped(path):
                return pl.DataFrame(schema=EMPTY)
            path = in_folder(path)
        given: Path | bytes | pl.DataFrame = path
        label = path.as_posix()
    else:
        given, label = held(mapping)
    try:
        table = read_rules((label, given) if isinstance(given, bytes) else given)
    except InputError as error:
        raise InputError(*(replace(problem, side="mapping") for problem in error.problems)) from None
    bad = table.frame.filter(~pl.col("exact") | pl.col("destination").is_null()).head(20)
    if bad.height:
        raise InputError(
            *(
                Problem(
                    "R403",
                    "A mapping has one source and one destination per line; this line is a "
                    + ("pattern." if line["destination"] else "line without a destination."),
                    "Give a usermapping.csv, not a rule table.",
                    side="mapping",
                    file=label,
                    lines=(line["line"],),
                )
                for line in bad.iter_rows(named=True)
            )
        )
    return table.frame.select(list(EMPTY)).unique("source_key", keep="first", maintain_order=True).sort("source_key")


def _nobody_mapped(folder: Path) -> bool:
    try:
        run = json.loads(read_bytes(folder / "run.json", "run.json"))
        return bool(FILE_NAME not in run["outputs"] and run["counts"]["mapped"] == 0)
    except (InputError, ValueError, KeyError, TypeError, RecursionError):
        return False


# --- two mappings -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class Diff(Comparison):
    """What differs between two mappings; addresses are compared without case.

    Attributes:
        redirected: `source, old_destination, destination`: the loud case.
        removed: `source, destination`: no longer mapped.
        added: `source, destination, formerly`: newly mapped; `formerly` had that destination in the old mapping.
        unchanged: How many lines say the same.
    """

    redirected: pl.DataFrame = field(default_factory=pl.DataFrame)
    removed: pl.DataFrame = field(default_factory=pl.DataFrame)
    added: pl.DataFrame = field(default_factory=pl.DataFrame)
    unchanged: int = 0

    def handout(self) -> Handout:
        """What has changed, redirected users first."""
        number = self.redirected.height
        if number:
            verdict = (
                "nothing",
                "Look here first",
                f"{number:,} user{' now goes' if number == 1 else 's now go'} to somebody else.",
            )
        elif self.removed.height or self.added.height:
            verdict = ("undecided", "Changed", "Nobody goes to somebody else, but users were added or removed.")
        else:
            verdict = ("ready", "The same", "Both mappings say the same about every user.")
        return Handout(
            "Two mappings compared",
            verdict,
            [
                ("held", "redirected", number, "go to somebody else now"),
                ("excluded", "removed", self.removed.height, "are not mapped any more"),
                ("mapped", "added", self.added.height, "are newly mapped"),
                ("users", "unchanged", self.unchanged, "go where they went"),
            ],
            self.findings,
            sheets=(
                Sheet("Redirected users", "redirected.csv", self.redirected),
                Sheet("Removed users", "removed.csv", self.removed),
                Sheet("Added users", "added.csv", self.added),
            ),
        )

    def __repr__(self) -> str:
        return tables_text("Diff", self._counts)

    def _repr_html_(self) -> str:
        words = ", ".join(f"{number:,} {kind}" for kind, number in self._counts.items())
        tables = {"Redirected": self.redirected, "Removed": self.removed, "Added": self.added}
        return tables_html(f"{words}.", tables)

    @property
    def _counts(self) -> dict[str, int]:
        return {kind: self.summary[kind] for kind in ("redirected", "removed", "added", "unchanged")}


def diff(old: AnyMapping, new: AnyMapping) -> Diff:
    """Compare two mappings (files of either profile, run folders, bytes, or frames with `source` and `destination`).

    A redirected user is an error finding (V905), a removed or an added one a warning.

    Args:
        old: The earlier mapping.
        new: The later one.

    Raises:
        InputError: One of them is no mapping; both are named if both are not.
    """
    frames: list[pl.DataFrame] = []
    problems: list[Problem] = []
    for given in (old, new):
        try:
            frames.append(read_mapping(given))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(*problems)
    return diff_frames(*frames)


def diff_frames(old: pl.DataFrame, new: pl.DataFrame) -> Diff:
    """The same for two frames as `read_mapping` gives them."""
    both = new.join(old, on="source_key", how="inner", suffix="_old", maintain_order="left")
    moved = pl.col("destination_key") != pl.col("destination_key_old")
    redirected = both.filter(moved).select("source", old_destination="destination_old", destination="destination")
    removed = old.join(new, on="source_key", how="anti", maintain_order="left").select("source", "destination")
    added = new.join(old, on="source_key", how="anti", maintain_order="left")
    before = old.select("destination_key", formerly="source").unique(
        "destination_key", keep="first", maintain_order=True
    )
    added = added.join(before, on="destination_key", how="left", maintain_order="left")
    added = added.select("source", "destination", "formerly")
    to = pl.col("destination")
    also = pl.when(pl.col("formerly").is_not_null()).then(pl.lit(", who was the destination of ") + pl.col("formerly"))
    found = [
        _changed(redirected, pl.lit("redirected from ") + pl.col("old_destination") + pl.lit(" to ") + to, "error"),
        _changed(removed, pl.lit("removed; was mapped to ") + to, "warning"),
        _changed(added, pl.lit("added; is mapped to ") + to + also.otherwise(pl.lit("")), "warning"),
    ]
    counts = {
        "redirected": redirected.height,
        "removed": removed.height,
        "added": added.height,
        "unchanged": both.height - redirected.height,
        "old": old.height,
        "new": new.height,
    }
    findings = fnd.render(fnd.collect(found))
    return Diff(findings, counts, {}, redirected, removed, added, counts["unchanged"])


def _changed(lines: pl.DataFrame, words: pl.Expr, severity: str) -> pl.DataFrame:
    return fnd.find("V905", lines, severity=severity, side="mapping", upn=pl.col("source"), a=words)
