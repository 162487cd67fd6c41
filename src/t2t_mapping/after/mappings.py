"""One mapping against another (`diff`), and against the environment after the move (`verify`)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping.choices import FailOn
from t2t_mapping.errors import InputError, Problem
from t2t_mapping.mapping.dialects import FILE_NAME
from t2t_mapping.outputs.notebook import tables_html, tables_text
from t2t_mapping.read.guard import read_bytes
from t2t_mapping.rules.table import read_rules
from t2t_mapping.run.exports import Exports, Many
from t2t_mapping.run.reading import read_sides
from t2t_mapping.users.load import Input

__all__ = ["ARRIVALS", "Comparison", "Diff", "Verification", "diff", "diff_frames", "read_mapping", "verify"]

ARRIVALS = ("arrived", "disabled", "still-at-source", "missing")
"""What became of a mapped user; the four add up to the mapping."""

_EMPTY = dict.fromkeys(("source", "destination", "source_key", "destination_key"), pl.String)


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
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


def read_mapping(mapping: str | Path | pl.DataFrame) -> pl.DataFrame:
    """Read a mapping of either profile as `source, destination, source_key, destination_key`.

    Lines that say the same twice count once. The folder of a run in which nobody was mapped gives no rows.

    Args:
        mapping: A mapping file, the folder of a run, or a frame with `source` and `destination`.

    Raises:
        InputError: It is no mapping: a line is malformed, contradicts another, is a pattern or has no destination.
    """
    if isinstance(mapping, pl.DataFrame):
        path: Path | pl.DataFrame = mapping
        label = "mapping"
    else:
        path = Path(mapping)
        label = path.as_posix()
        if path.is_dir():
            if not (path / FILE_NAME).exists() and _nobody_mapped(path):
                return pl.DataFrame(schema=_EMPTY)
            path = _in_folder(path)
            label = path.as_posix()
    try:
        table = read_rules(path)
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
    return table.frame.select(list(_EMPTY)).unique("source_key", keep="first", maintain_order=True).sort("source_key")


def _nobody_mapped(folder: Path) -> bool:
    try:
        run = json.loads(read_bytes(folder / "run.json", "run.json"))
        return bool(FILE_NAME not in run["outputs"] and run["counts"]["mapped"] == 0)
    except (InputError, ValueError, KeyError, TypeError, RecursionError):
        return False


def _in_folder(folder: Path) -> Path:
    if (folder / FILE_NAME).exists():
        return folder / FILE_NAME
    inside = sorted(path.parent.name for path in folder.glob(f"*/{FILE_NAME}"))
    fix = (
        f"Name one environment's folder: {', '.join(inside[:5])}."
        if inside
        else "Give a mapping, or the folder of a run."
    )
    raise InputError(Problem("I101", f"The folder holds no {FILE_NAME}.", fix, side="mapping", file=folder.as_posix()))


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

    def __repr__(self) -> str:
        return tables_text("Diff", self._counts)

    def _repr_html_(self) -> str:
        words = ", ".join(f"{number:,} {kind}" for kind, number in self._counts.items())
        tables = {"Redirected": self.redirected, "Removed": self.removed, "Added": self.added}
        return tables_html(f"{words}.", tables)

    @property
    def _counts(self) -> dict[str, int]:
        return {kind: self.summary[kind] for kind in ("redirected", "removed", "added", "unchanged")}


def diff(old: str | Path | pl.DataFrame, new: str | Path | pl.DataFrame) -> Diff:
    """Compare two mappings (files of either profile, run folders, or frames with `source` and `destination`).

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


# --- after the move ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class Verification(Comparison):
    """What became of a mapping.

    Attributes:
        users: `source, destination, arrival` of every mapped user, see `ARRIVALS`.
        unplanned: `upn, full_name, kind` of people in the environment whom no line of the mapping names.
        inputs: What was read.
    """

    users: pl.DataFrame = field(default_factory=pl.DataFrame)
    unplanned: pl.DataFrame = field(default_factory=pl.DataFrame)
    inputs: tuple[Input, ...] = ()

    def __repr__(self) -> str:
        return tables_text("Verification", self._counts)

    def _repr_html_(self) -> str:
        words = ", ".join(f"{number:,} {kind}" for kind, number in self._counts.items())
        absent = self.users.filter(pl.col("arrival") != "arrived")
        tables = {"Mapped users who have not arrived": absent, "People whom the mapping does not name": self.unplanned}
        return tables_html(f"{words}.", tables, self.findings, self.skipped)

    @property
    def _counts(self) -> dict[str, int]:
        return {kind.replace("-", " "): self.summary[kind.replace("-", "_")] for kind in ARRIVALS}


def verify(
    mapping: str | Path | pl.DataFrame,
    after: Many,
    *,
    sheet: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> Verification:
    """Look for every mapped user in fresh exports of the moved environment.

    Args:
        mapping: The mapping that was uploaded (a file, its run folder, or a frame).
        after: Exports of the environment's users after the move; also of disabled users, if those are to be found.
        sheet: The sheet to read where a workbook has several that list users.
        progress: Called with a short text whenever a step is done, possibly from another thread.

    Raises:
        InputError: The mapping is none, or an export cannot be read.
    """
    problems: list[Problem] = []
    lines = pl.DataFrame(schema=_EMPTY)
    try:
        lines = read_mapping(mapping)
    except InputError as error:
        problems += error.problems
    try:
        sides = read_sides(Exports(destination=after, sheet=sheet), need_source=False, progress=progress)
    except InputError as error:
        raise InputError(*problems, *error.problems) from None
    if problems:
        raise InputError(*problems)
    if sides.destination is None:
        raise InputError(Problem("I102", "There is no export of the environment after the move.", side="destination"))
    return _verified(lines, sides.destination, sides.findings, sides.inputs)


def _verified(lines: pl.DataFrame, listed: pl.DataFrame, read: pl.DataFrame, inputs: tuple[Input, ...]) -> Verification:
    good = ~pl.col("enabled").fill_null(value=True) | pl.col("deleted").is_not_null()
    known = listed.filter(pl.col("upn_key").is_not_null())
    there = known.select(
        destination_key="upn_key", there=pl.lit(value=True), off=good, file="file", sheet="sheet", row="row"
    )
    here = known.select(source_key="upn_key", here=pl.lit(value=True))
    users = lines.join(there, on="destination_key", how="left", maintain_order="left")
    users = users.join(here, on="source_key", how="left", maintain_order="left")
    # A source address that is still listed is bad even where the destination is listed too: the records stay behind.
    users = users.with_columns(
        arrival=pl.when("here")
        .then(pl.lit("still-at-source"))
        .when(pl.col("there").is_null())
        .then(pl.lit("missing"))
        .when("off")
        .then(pl.lit("disabled"))
        .otherwise(pl.lit("arrived"))
        .cast(pl.Enum(ARRIVALS))
    )
    unplanned = _unplanned(lines, listed)
    arrival = pl.col("arrival")
    apart = pl.col("destination") + pl.when("there").then(pl.lit(" is there as well, as another user")).otherwise(
        pl.lit(" is not there")
    )
    found = [
        read,
        fnd.find("V901", users.filter(arrival == "missing"), side="destination", upn=_SOURCE, a=pl.col("destination")),
        fnd.find("V902", users.filter(arrival == "still-at-source"), side="destination", upn=_SOURCE, a=apart),
        fnd.find("V903", users.filter(arrival == "disabled"), side="destination", upn=_SOURCE, a=pl.col("destination")),
        fnd.find("V904", unplanned, side="destination", upn=pl.coalesce("upn", "full_name")),
    ]
    tally = dict(users["arrival"].cast(pl.String).value_counts().iter_rows())
    people = listed.filter(_PEOPLE).height
    counts = {
        "mapped": lines.height,
        **{kind.replace("-", "_"): tally.get(kind, 0) for kind in ARRIVALS},
        "environment": people,
        "planned": people - unplanned.height,
        "unplanned": unplanned.height,
        "not_people": listed.height - people,
    }
    findings = fnd.render(fnd.collect(found))
    return Verification(
        findings,
        counts,
        _unseen(listed),
        users.select("source", "destination", "arrival"),
        unplanned.select("upn", "full_name", "kind"),
        inputs,
    )


_SOURCE = pl.col("source")
_PEOPLE = ~pl.col("kind").is_in(["application", "system"])


def _unplanned(lines: pl.DataFrame, listed: pl.DataFrame) -> pl.DataFrame:
    planned = pl.concat([lines["source_key"], lines["destination_key"]]).unique()
    known = pl.col("upn_key").is_in(planned.implode()).fill_null(value=False)
    return listed.filter(_PEOPLE & ~known)


def _unseen(listed: pl.DataFrame) -> dict[str, str]:
    if listed["enabled"].null_count() == listed.height:
        return {"V903": "no export says who is enabled"}
    if (listed["enabled_by"].drop_nulls() == "view").all():
        return {"V903": "the exports list enabled users only, so a disabled user counts as missing"}
    return {}
