"""An approved run against fresh exports (`drift`): who has changed since, and is the mapping still the reviewed one?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Unpack

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping import upn as upns
from t2t_mapping.after.approved import IDS, TEXT, Approved, accounting_text, approved_run, rules_of
from t2t_mapping.after.mappings import Comparison
from t2t_mapping.catalogue import CATALOGUE
from t2t_mapping.errors import InputError, Problem, UsageError
from t2t_mapping.mapping.dialects import FILE_NAME
from t2t_mapping.outputs.handout import Handout, Sheet
from t2t_mapping.outputs.notebook import tables_html, tables_text
from t2t_mapping.run.exports import ExportKeywords, Exports, Many, shows_keywords
from t2t_mapping.run.generation import generate
from t2t_mapping.run.reading import Rules
from t2t_mapping.run.result import Result

__all__ = ["CHANGES", "Drift", "drift"]

CHANGES = (
    "disabled",
    "unlicensed",
    "renamed",
    "deleted",
    "added",
    "moved",
    "held",
    "excluded",
    "decidable",
    "gone",
    "replaced",
)
"""What a change is called: `moved` now goes elsewhere, `decidable` could be mapped now, `gone` was not mapped anyway."""

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


@dataclass(frozen=True, eq=False, repr=False)
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

    def handout(self) -> Handout:
        """Who has changed since the approval, and whether the mapping is still the approved one."""
        summary, same = self.summary, self.unaltered
        if self.exit_status():
            changed = self.changes.height
            number = (
                f"{changed:,} user{' has' if changed == 1 else 's have'} changed" if changed else "Nobody has changed"
            )
            kept = "" if same else f", and {FILE_NAME} is not the file that was reviewed"
            verdict = ("nothing", "Review again", f"{number} since the approval{kept}.")
            steps = ["Run `generate` again with the fresh exports, and have the new mapping reviewed."]
        else:
            verdict = ("ready", "Still valid", "The approved mapping still holds.")
            steps = [f"Upload the approved {FILE_NAME}."]
        return Handout(
            "The approved run against fresh exports",
            verdict,
            [
                ("users", "approved", summary["approved"], "source users then"),
                ("users", "today", summary["users"], "source users now"),
                ("mapped", "mapped today", summary["mapped"], f"then {summary['approved_mapped']:,}"),
                ("held", "changed", self.changes.height, "users"),
            ],
            self.findings,
            steps=steps,
            sheets=(Sheet("Who has changed", "changes.csv", self.changes),),
            skipped=self.skipped,
            files=[] if self.fresh is None else [item.file for item in self.fresh.inputs if item.sha256],
        )

    def __repr__(self) -> str:
        return tables_text("Drift", {"users changed": self.changes.height})

    def _repr_html_(self) -> str:
        kept = f"{FILE_NAME} {'is' if self.unaltered else 'is NOT'} the file that was reviewed."
        words = f"{self.summary['changed']:,} of {self.summary['approved']:,} users have changed. {kept}"
        return tables_html(words, {"Changes": self.changes}, self.findings, self.skipped)


@shows_keywords(ExportKeywords)
def drift(
    run: str | Path,
    source: Exports | Many | None = None,
    destination: Many | None = None,
    *,
    rules: Rules = None,
    progress: Callable[[str], None] | None = None,
    **exports: Unpack[ExportKeywords],
) -> Drift:
    """Run again what was approved, with its own options, on fresh exports, and say for each user what has changed.

    Args:
        run: The folder of the approved run (also one environment's folder of a plan).
        source: Fresh exports, as `generate` takes them; or all of them as one `Exports`.
        destination: Fresh exports of the destination.
        rules: The rules; by default those that the run read.
        progress: Called with a short text whenever a step is done, possibly from another thread.
        source_full: Fresh exports of the source view Full Access Users.
        source_admin: Fresh exports of the source view Administrative Access Users.
        source_directory: Fresh accounts of the source tenant.
        destination_full: Fresh exports of the destination view Full Access Users.
        destination_admin: Fresh exports of the destination view Administrative Access Users.
        destination_directory: Fresh accounts of the destination tenant.
        sheet: The sheet to read where a workbook has several that list users.

    Returns:
        Who has changed and how, and whether the mapping is still the one that was reviewed. Nothing is written.

    Raises:
        InputError: The folder is no run, its rule table is gone, or an export cannot be read.
        UsageError: A kind of export that the run had is missing, so that its users would seem to be gone.
    """
    approved = approved_run(Path(run))
    table, told = rules_of(approved, rules)
    fresh = generate(Exports.of(source, destination, exports), rules=table, options=approved.options, progress=progress)
    swapped = fresh.findings.filter((pl.col("side") == "run") & (pl.col("severity") == "error"))
    if swapped.height:
        raise InputError(
            Problem(str(swapped["code"][0]), str(swapped["message"][0]), str(swapped["fix"][0]), side="run")
        )
    skipped = _same_kinds(approved, fresh)
    changes = _changes(approved.accounting, accounting_text(fresh.files("core")["accounting.csv"]), fresh)
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
        **({} if table.decisions is None else {"decisions": table.decisions}),
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


def _same_kinds(approved: Approved, fresh: Result) -> dict[str, str]:
    """Every kind of export that lists users must be there again, or its users would all seem to be gone."""
    then = {(str(item.get("side")), str(item.get("view"))) for item in approved.record["inputs"]} - {("rules", "None")}
    now = {(item.side, item.view) for item in fresh.inputs}
    missing = sorted(then - now)
    lists = [f"`{side}_{view}`" for side, view in missing if side == "source" and view != "directory"]
    if any(side == "destination" for side, _ in then) and not any(side == "destination" for side, _ in now):
        lists += [f"`{side}_{view}`" for side, view in missing if side == "destination"]
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
    differ = pl.any_horizontal(
        *(pl.col(name).ne_missing(pl.col(f"{name}_now")) for name in TEXT[1:]),
        *(
            (pl.col(name) != pl.col(f"{name}_now")).fill_null(value=False) for name in IDS
        ),  # what is not known is no change
    )
    appeared = pairs.filter(pl.col("source").is_null())
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
    return (
        reasons[0][0],
        "error" if now != "mapped" or _moved(row) or _renamed(row) or _replaced(row) else "warning",
        details,
    )


def _moved(row: dict[str, Any]) -> bool:
    return bool((row["destination"] or "").lower() != (row["destination_now"] or "").lower())


def _replaced(row: dict[str, Any]) -> list[str]:
    """Which ids are others now, in words: other people may be behind the same addresses."""
    words = {
        "source_user_id": "the source user is another record now: its systemuserid was {}, now it is {}",
        "source_object_id": "the source user is another account now: its object id was {}, now it is {}",
        "destination_object_id": "the destination is another account now: its object id was {}, now it is {}",
    }
    found = {name: (row[name], row[f"{name}_now"]) for name in IDS if row[name] and row[f"{name}_now"]}
    if _moved(row):
        found.pop("destination_object_id", None)
    return [words[name].format(before, after) for name, (before, after) in found.items() if before != after]


def _renamed(row: dict[str, Any]) -> bool:
    return any(row[name] != row[f"{name}_now"] for name in ("full_name", "destination_name") if row[f"{name}_now"])


def _reasons(row: dict[str, Any], messages: dict[tuple[str, str], str]) -> list[tuple[str, str]]:
    """What changed about a user who was mapped, the status first."""
    fresh_codes = _fresh_codes(row)
    reasons = [_REASONS[code] for code in _STATUS if code in fresh_codes]
    if row["disposition_now"] == "mapped" and _moved(row):
        reasons.append(("moved", f"would now go to {row['destination_now']} instead of {row['destination']}"))
    reasons += [("replaced", words) for words in _replaced(row)]
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
