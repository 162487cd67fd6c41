"""The folder of a run that was approved: its record, its accounting, and whether its files are still those of the run."""

from __future__ import annotations

import io
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping import upn as upns
from t2t_mapping.after.mappings import diff_frames, read_mapping
from t2t_mapping.errors import InputError, Problem
from t2t_mapping.mapping.dialects import FILE_NAME
from t2t_mapping.outputs.files import sha256
from t2t_mapping.read.guard import read_bytes
from t2t_mapping.results.options import Options
from t2t_mapping.rules.table import RuleTable
from t2t_mapping.run.mapping_source import AnyMapping
from t2t_mapping.run.reading import Rules, rule_table

__all__ = ["IDS", "TEXT", "Approved", "accounting_text", "approved_run", "records", "rules_of"]

TEXT = ("source", "disposition", "destination", "codes", "full_name", "destination_name")
"""What of the accounting is compared."""

IDS = ("source_user_id", "source_object_id", "destination_object_id")
"""Who is meant, beyond names and addresses; the accounting of an earlier version has none."""


@dataclass(frozen=True)
class Approved:
    """An approved run folder: its record, and its accounting as text."""

    folder: Path
    record: dict[str, Any]
    accounting: pl.DataFrame
    found: tuple[pl.DataFrame, ...]
    unaltered: bool

    @property
    def options(self) -> Options:
        """The options of the run."""
        return Options(**self.record["options"])


def approved_run(folder: Path) -> Approved:
    """Read a run folder.

    Raises:
        InputError: It is none, or its files cannot be read.
    """
    label = folder.as_posix()
    if not folder.is_dir():
        raise InputError(
            Problem("I101", "This is not the folder of a run.", "Give the folder that was approved.", file=label)
        )
    record = _record(folder)
    found = []
    for name in (FILE_NAME, "accounting.csv"):
        words = _altered(folder, name, record["outputs"].get(name))
        if words:
            found.append(fnd.one("V905", side="run", file=(folder / name).as_posix(), upn=name, a=words))
    path = folder / "accounting.csv"
    try:
        accounting = accounting_text(read_bytes(path, path.as_posix()))
    except (InputError, pl.exceptions.PolarsError):
        reason = "cannot be read" if path.exists() else "is missing"
        raise InputError(Problem("I101", f"The run's accounting {reason}.", file=path.as_posix())) from None
    unaltered = all(one["upn"][0] != FILE_NAME for one in found)
    found += _edited(folder, accounting) if not unaltered else []
    return Approved(folder, record, accounting, tuple(found), unaltered)


def _record(folder: Path) -> dict[str, Any]:
    """run.json, as far as it is needed and no further than it can be trusted."""
    path = folder / "run.json"
    fix = "Give the folder of a run of `generate`, or one environment's folder of a plan."
    try:
        record = json.loads(read_bytes(path, path.as_posix()))
    except (InputError, ValueError, RecursionError):
        if not path.exists():
            raise InputError(Problem("I101", "The folder holds no run.json.", fix, file=folder.as_posix())) from None
        raise InputError(Problem("I101", "This run.json cannot be read.", fix, file=path.as_posix())) from None
    shapes = {"options": dict, "outputs": dict, "inputs": list}
    if not isinstance(record, dict) or not all(isinstance(record.get(key), kind) for key, kind in shapes.items()):
        raise InputError(Problem("I101", "This run.json is not that of one run.", fix, file=path.as_posix()))
    wanted = {
        "include_admins": bool,
        "destination_domain": list,
        "match_on": list,
        "profile": str,
        "accept": list,
        "exclude": list,
    }
    options = {key: record["options"].get(key) for key in wanted}
    inputs = all(isinstance(item, dict) for item in record["inputs"])
    if not inputs or not all(isinstance(options[key], kind) for key, kind in wanted.items()):
        raise InputError(
            Problem("I101", "The options or inputs in this run.json are not those of a run.", fix, file=path.as_posix())
        )
    return {**record, "options": options}


def _altered(folder: Path, name: str, recorded: str | None) -> str | None:
    """How a file of the folder differs from what the run wrote; None if it does not."""
    path = folder / name
    if not path.exists():
        return "is missing from the folder" if recorded else None
    data = read_bytes(path, path.as_posix(), whatever=True)
    if recorded is None:
        return "is in the folder, but the run wrote none"
    return None if sha256(data) == recorded else "is not the file that the run wrote: its fingerprint differs"


def _edited(folder: Path, accounting: pl.DataFrame) -> list[pl.DataFrame]:
    """Which lines of an altered mapping say something else than the accounting."""
    try:
        lines = read_mapping(folder / FILE_NAME)
    except InputError:
        return []  # that the file differs has been said, and that it is none `validate` says
    wanted = accounting.filter(pl.col("disposition") == "mapped").select("source", "destination")
    wanted = wanted.with_columns(
        source_key=upns.fold(pl.col("source")), destination_key=upns.fold(pl.col("destination"))
    )
    found = diff_frames(wanted.filter(pl.col("source_key").is_not_null()), lines).findings
    edits = found.select("upn", a=pl.lit("edited by hand: ") + pl.col("message").str.extract(r": (.*)\.$", 1))
    return [fnd.find("V905", edits, side="run", file=(folder / FILE_NAME).as_posix(), a=pl.col("a"))]


def accounting_text(data: bytes) -> pl.DataFrame:
    """An accounting as the text that its file holds, so that then and now are compared alike."""
    frame = pl.read_csv(io.BytesIO(data), infer_schema=False)
    missing = [name for name in TEXT if name not in frame.columns]
    if missing:
        raise pl.exceptions.ColumnNotFoundError(", ".join(missing))
    ids = [pl.col(name) if name in frame.columns else pl.lit(None, dtype=pl.String).alias(name) for name in IDS]
    return frame.select(*TEXT, *ids).with_columns(key=pl.coalesce(upns.fold(pl.col("source")), pl.col("source")))


def records(mapping: AnyMapping) -> pl.DataFrame | str:
    """`source_key, user_id`: the record of each source user, as the run that made the mapping listed it; or why not."""
    if not isinstance(mapping, (str, os.PathLike)):
        return "the mapping was given without the folder of its run, whose accounting holds the systemuserids"
    path = Path(mapping)
    accounting = (path if path.is_dir() else path.parent) / "accounting.csv"
    if not accounting.is_file():
        return "there is no accounting.csv beside the mapping, which holds the systemuserids"
    try:
        listed = accounting_text(read_bytes(accounting, accounting.as_posix()))
    except (InputError, pl.exceptions.PolarsError):
        return "the accounting.csv beside the mapping cannot be read"
    known = listed.filter(pl.col("source_user_id").is_not_null() & pl.col("key").is_not_null())
    if known.is_empty():
        return "the source exports of the run had no systemuserids"
    return known.select(source_key="key", user_id="source_user_id").unique("source_key", keep="first")


def rules_of(approved: Approved, given: Rules) -> tuple[RuleTable, list[pl.DataFrame]]:
    """The rules to run with, and what there is to say if they are not those of then."""
    recorded = [item for item in approved.record["inputs"] if item.get("side") == "rules"]
    if given is None:
        files = [str(item.get("file")) for item in recorded]
        gone = [
            Problem("I101", "The run used this rule table, and it is gone.", "Give the rules again.", "rules", file)
            for file in files
            if not Path(file).is_file()
        ]
        if gone:
            raise InputError(*gone)
        given = files
    table = rule_table(given)
    then = {str(item.get("sha256")) for item in recorded}
    words = "the rule table is not the one of the run: its fingerprint differs"
    others = {file: digest for file, digest, _ in table.inputs if recorded and digest not in then}
    return table, [fnd.one("V905", severity="warning", side="rules", file=file, upn=file, a=words) for file in others]
