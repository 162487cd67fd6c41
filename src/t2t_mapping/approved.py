"""The folder of a run that was approved, against fresh exports (`drift`): is it still the run that was reviewed?"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping import upn as upns
from t2t_mapping.catalogue import CATALOGUE
from t2t_mapping.compare import Comparison, _diff, read_mapping
from t2t_mapping.errors import InputError, Problem, UsageError
from t2t_mapping.generate import Many, Result, generate
from t2t_mapping.mapping import FILE_NAME
from t2t_mapping.outputs import sha256
from t2t_mapping.rules import RuleTable, read_rules

__all__ = ["CHANGES", "Drift", "drift"]

CHANGES = ("disabled", "unlicensed", "renamed", "deleted", "added", "moved", "held", "excluded", "decidable", "gone")
"""What a change is called: `moved` now goes elsewhere, `decidable` could be mapped now, `gone` was not mapped anyway."""

_TEXT = ("source", "disposition", "destination", "codes", "full_name", "destination_name")
_REASONS = {
    "U201": ("disabled", "is now disabled at the source"),
    "U202": ("unlicensed", "has no licence at the source any more"),
    "U203": ("excluded", "is now listed as something that is not a person"),
    "U206": ("deleted", "is now deleted at the source"),
    "U211": ("deleted", "has no destination user any more"),
    "U212": ("disabled", "the destination is now disabled"),
    "U213": ("unlicensed", "the destination has no licence any more"),
    "U216": ("held", "the destination is now a guest"),
    "U218": ("held", "the destination is now listed as something that is not a person"),
    "P309": ("excluded", "is now an administrative user"),
}
"""Code that a user has now and had not then -> the change, in one word and in words."""

_STATUS = tuple(_REASONS)
_UNRELATED = ("E801", "E802", "E803", "E805", "I109")
"""Codes of a plan or of the run: they hold users whatever the exports say about them."""


@dataclass(frozen=True)
class Drift(Comparison):
    """What has changed since a run was approved.

    Attributes:
        changes: `source, destination, change, details`, one row per user who changed; see `CHANGES`.
        unaltered: Whether the folder's mapping is the file that the run wrote.
        fresh: What the run would give today.
    """

    changes: pl.DataFrame = field(default_factory=pl.DataFrame)
    unaltered: bool = True
    fresh: Result | None = None

    def _repr_html_(self) -> str:
        return self.changes._repr_html_()


@dataclass(frozen=True)
class _Run:
    """An approved run folder: its record, and its accounting as text."""

    folder: Path
    record: dict[str, Any]
    accounting: pl.DataFrame
    found: tuple[pl.DataFrame, ...]
    unaltered: bool


def drift(
    run: str | Path,
    source: Many | None = None,
    destination: Many | None = None,
    *,
    source_full: Many = (),
    source_admin: Many = (),
    source_directory: Many = (),
    destination_full: Many = (),
    destination_admin: Many = (),
    destination_directory: Many = (),
    rules: str | Path | pl.DataFrame | RuleTable | None = None,
    sheet: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> Drift:
    """Run again what was approved, with its own options, on fresh exports, and say for each user what has changed.

    Args:
        run: The folder of the approved run (also one environment's folder of a plan).
        source: Fresh exports, as `generate` takes them; and so on.
        rules: The rule table; by default the file that the run read.

    Raises:
        InputError: The folder is no run, its rule table is gone, or an export cannot be read.
        UsageError: A kind of export that the run had is missing, so that its users would seem to be gone.
    """
    approved = _approved(Path(run))
    table, told = _rules(approved, rules)
    options = approved.record["options"]
    fresh = generate(
        source,
        destination,
        source_full=source_full,
        source_admin=source_admin,
        source_directory=source_directory,
        destination_full=destination_full,
        destination_admin=destination_admin,
        destination_directory=destination_directory,
        rules=table,
        **options,
        sheet=sheet,
        progress=progress,
    )
    swapped = fresh.findings.filter((pl.col("side") == "run") & (pl.col("severity") == "error"))
    if swapped.height:
        raise InputError(
            Problem(str(swapped["code"][0]), str(swapped["message"][0]), str(swapped["fix"][0]), side="run")
        )
    skipped = _same_kinds(approved, fresh)
    changes = _changes(approved.accounting, _table(fresh.files("core")["accounting.csv"]), fresh)
    places = fresh.facts.frame.select(upn="upn", file="file", sheet="sheet", row="row").unique("upn", keep="first")
    listed = changes.join(places, left_on="source", right_on="upn", how="left", maintain_order="left", nulls_equal=True)
    about_users = fnd.find(
        "V905", listed, severity=pl.col("severity"), side="source", upn=pl.col("source"), a=pl.col("details")
    )
    cut_off = fresh.sides.findings.filter(pl.col("code") == "I103")  # or half the users would merely seem to be gone
    findings = fnd.render(fnd.collect([*approved.found, *told, cut_off, about_users]))
    tally = dict(changes["change"].cast(pl.String).value_counts().iter_rows())
    then = approved.accounting["disposition"]
    summary = {
        "approved": approved.accounting.height,
        "approved_mapped": int((then == "mapped").sum()),
        "users": fresh.summary["users"],
        "mapped": fresh.summary["mapped"],
        "changed": changes.height,
        **{change: tally[change] for change in CHANGES if change in tally},
        "unaltered": approved.unaltered,
    }
    return Drift(
        findings,
        summary,
        skipped,
        changes.select("source", "destination", "change", "details"),
        approved.unaltered,
        fresh,
    )


# --- the folder -------------------------------------------------------------------------------------------------------


def _approved(folder: Path) -> _Run:
    label = folder.as_posix()
    if not folder.is_dir():
        raise InputError(
            Problem("I101", "This is no folder of a run.", "Give the folder that was approved.", file=label)
        )
    record = _record(folder)
    found = []
    for name in (FILE_NAME, "accounting.csv"):
        words = _altered(folder, name, record["outputs"].get(name))
        if words:
            found.append(fnd.one("V905", side="run", file=(folder / name).as_posix(), upn=name, a=words))
    path = folder / "accounting.csv"
    try:
        accounting = _table(path.read_bytes())
    except (OSError, pl.exceptions.PolarsError) as error:
        reason = "is missing" if isinstance(error, FileNotFoundError) else "cannot be read"
        raise InputError(Problem("I101", f"The run's accounting {reason}.", file=path.as_posix())) from None
    unaltered = all(one["upn"][0] != FILE_NAME for one in found)
    found += _edited(folder, accounting) if not unaltered else []
    return _Run(folder, record, accounting, tuple(found), unaltered)


def _record(folder: Path) -> dict[str, Any]:
    """run.json, as far as it is needed and no further than it can be trusted."""
    path = folder / "run.json"
    fix = "Give the folder of a run of `generate`, or one environment's folder of a plan."
    try:
        record = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise InputError(Problem("I101", "The folder holds no run.json.", fix, file=folder.as_posix())) from None
    except (OSError, ValueError, RecursionError):
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
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return "is missing from the folder" if recorded else None
    except OSError as error:
        raise InputError(Problem("I101", f"The file cannot be read: {error.strerror}.", file=path.as_posix())) from None
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
    wanted = wanted.with_columns(source_key=upns.fold(_SOURCE), destination_key=upns.fold(pl.col("destination")))
    found = _diff(wanted.filter(pl.col("source_key").is_not_null()), lines).findings
    edits = found.select("upn", a=pl.lit("edited by hand: ") + pl.col("message").str.extract(r": (.*)\.$", 1))
    return [fnd.find("V905", edits, side="run", file=(folder / FILE_NAME).as_posix(), a=pl.col("a"))]


_SOURCE = pl.col("source")


def _table(data: bytes) -> pl.DataFrame:
    """An accounting as the text that its file holds, so that then and now are compared alike."""
    frame = pl.read_csv(io.BytesIO(data), infer_schema=False)
    missing = [name for name in _TEXT if name not in frame.columns]
    if missing:
        raise pl.exceptions.ColumnNotFoundError(", ".join(missing))
    return frame.select(_TEXT).with_columns(key=pl.coalesce(upns.fold(_SOURCE), _SOURCE))


def _rules(approved: _Run, given: str | Path | pl.DataFrame | RuleTable | None) -> tuple[RuleTable, list[pl.DataFrame]]:
    """The rule table to run with, and what there is to say if it is not the one of then."""
    recorded = next((item for item in approved.record["inputs"] if item.get("side") == "rules"), None)
    if given is None:
        if recorded is None:
            return RuleTable.empty(), []
        given = str(recorded.get("file"))
        if not Path(given).is_file():
            raise InputError(
                Problem(
                    "I101",
                    "The rule table of the run is not there any more.",
                    "Name it with --rules.",
                    side="rules",
                    file=given,
                )
            )
    table = given if isinstance(given, RuleTable) else read_rules(given)
    if recorded is None or not table.sha256 or table.sha256 == recorded.get("sha256"):
        return table, []
    words = "the rule table is not the one of the run: its fingerprint differs"
    return table, [fnd.one("V905", severity="warning", side="rules", file=table.file, upn=table.file, a=words)]


def _same_kinds(approved: _Run, fresh: Result) -> dict[str, str]:
    """Every kind of export that lists users must be there again, or its users would all seem to be gone."""
    then = {(str(item.get("side")), str(item.get("view"))) for item in approved.record["inputs"]} - {("rules", "None")}
    now = {(item.side, item.view) for item in fresh.inputs}
    missing = sorted(then - now)
    lists = [f"--{side}-{view}" for side, view in missing if side == "source" and view != "directory"]
    if any(side == "destination" for side, _ in then) and not any(side == "destination" for side, _ in now):
        lists += [f"--{side}-{view}" for side, view in missing if side == "destination"]
    if lists:
        raise UsageError(
            f"The approved run had exports that are missing now: {', '.join(lists)}. Give fresh ones of them too."
        )
    others = [f"{side} {view}" for side, view in missing]
    return {"V905": f"no fresh export of {', '.join(others)}: what only that told is not compared"} if others else {}


# --- user by user -----------------------------------------------------------------------------------------------------


def _changes(then: pl.DataFrame, now: pl.DataFrame, fresh: Result) -> pl.DataFrame:
    """One row per user who changed: `source, destination, change, severity, details`."""
    known = pl.col("key").is_not_null()
    pairs = (
        then.filter(known)
        .unique("key", keep="first", maintain_order=True)
        .join(now.filter(known).unique("key", keep="first"), on="key", how="full", suffix="_now", coalesce=True)
        .sort("key")
    )
    differ = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_now")) for name in _TEXT[1:])
    appeared = pairs.filter(_SOURCE.is_null())
    heirs = dict(
        appeared.filter(pl.col("destination_now").is_not_null())
        .select(upns.fold(pl.col("destination_now")), "source_now")
        .iter_rows()
    )
    messages = _held_words(fresh)
    rows = []
    for row in pairs.filter(differ).iter_rows(named=True):  # only those who changed
        change = _change(row, heirs, messages)
        if change:
            name, severity, details = change
            rows.append(
                {
                    "source": row["source"] or row["source_now"],
                    "destination": row["destination"] or row["destination_now"],
                    "change": name,
                    "severity": severity,
                    "details": details,
                }
            )
    text = dict.fromkeys(("source", "destination"), pl.String)
    return pl.DataFrame(rows, schema={**text, "change": pl.Enum(CHANGES), "severity": pl.String, "details": pl.String})


def _held_words(fresh: Result) -> dict[tuple[str, str], str]:
    errors = fresh.findings.filter((pl.col("severity") == "error") & pl.col("upn").is_not_null())
    return {(upn.lower(), code): message for upn, code, message in errors.select("upn", "code", "message").iter_rows()}


def _change(
    row: dict[str, Any], heirs: dict[str, str], messages: dict[tuple[str, str], str]
) -> tuple[str, str, str] | None:
    then, now = row["disposition"], row["disposition_now"]
    if then is None:
        to = f", would go to {row['destination_now']}" if now == "mapped" else ""
        return "added", "info" if now == "excluded" else "error", f"was added since ({now}{to})"
    if now is None:
        if then != "mapped":
            return "gone", "info", f"is no longer listed at the source (was {then})"
        heir = heirs.get((row["destination"] or "").lower())
        if heir:
            return "renamed", "error", f"is no longer listed; {heir} now goes to {row['destination']}, perhaps renamed"
        return "deleted", "error", "is no longer listed at the source"
    if then != "mapped":
        before = set((row["codes"] or "").split(";"))
        if now == "mapped" and not before & set(_UNRELATED):
            return (
                "decidable",
                "warning",
                f"was {then} ({row['codes'] or 'by a rule'}), would now go to {row['destination_now']}",
            )
        return None
    reasons = _reasons(row, messages)
    if not reasons:
        return None
    details = "; ".join(words for _, words in reasons)
    return reasons[0][0], "error" if now != "mapped" or _moved(row) or _renamed(row) else "warning", details


def _moved(row: dict[str, Any]) -> bool:
    return bool((row["destination"] or "").lower() != (row["destination_now"] or "").lower())


def _renamed(row: dict[str, Any]) -> bool:
    return any(row[name] != row[f"{name}_now"] for name in ("full_name", "destination_name") if row[f"{name}_now"])


def _reasons(row: dict[str, Any], messages: dict[tuple[str, str], str]) -> list[tuple[str, str]]:
    """What changed about a user who was mapped, the status first."""
    fresh_codes = _fresh_codes(row)
    reasons = [_REASONS[code] for code in _STATUS if code in fresh_codes]
    if row["disposition_now"] == "mapped" and _moved(row):
        reasons.append(("moved", f"would now go to {row['destination_now']} instead of {row['destination']}"))
    for name, whose in (("full_name", "the source"), ("destination_name", "the destination")):
        before, after = row[name], row[f"{name}_now"]
        if after and before != after:
            reasons.append(("renamed", f"{whose} is now called {after}, then {before or 'without a name'}"))
    if row["disposition_now"] != "mapped":
        others = [code for code in fresh_codes if code not in _STATUS and code in CATALOGUE]
        told = [(messages.get((row["source"].lower(), code)) or CATALOGUE[code].name).rstrip(".") for code in others]
        reasons += [
            (row["disposition_now"], f"is now {row['disposition_now']}: {code} {words}")
            for code, words in zip(others, told, strict=True)
        ]
        if not reasons:
            reasons.append((row["disposition_now"], f"is now {row['disposition_now']}"))
    return reasons


def _fresh_codes(row: dict[str, Any]) -> Sequence[str]:
    before = (row["codes"] or "").split(";")
    return [code for code in (row["codes_now"] or "").split(";") if code and code not in before]
