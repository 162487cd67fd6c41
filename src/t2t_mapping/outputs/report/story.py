"""What a result comes to, as plain numbers and sentences: shared by the terminal, the page and the notebook."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

import polars as pl

from t2t_mapping._version import __version__
from t2t_mapping.catalogue import CATALOGUE
from t2t_mapping.mapping.dialects import FILE_NAME
from t2t_mapping.outputs.report.parts import title_of
from t2t_mapping.outputs.review.words import MOST_DECIDE
from t2t_mapping.results.reconciliation import Reconciliation
from t2t_mapping.rules.files import REVIEW
from t2t_mapping.schema import DISPOSITIONS, RUNGS
from t2t_mapping.suggestions.offers import offers
from t2t_mapping.users import licences
from t2t_mapping.wording import counted

__all__ = [
    "STATES",
    "Licences",
    "Outcome",
    "accepted",
    "domain_pairs",
    "domains",
    "fingerprint",
    "licences_needed",
    "next_steps",
    "outcomes",
    "reasons",
    "title_of",
    "verdict",
]

_RUNG_WORDS = {
    "rule": "your rules (by name)",
    "pattern": "your rules (by pattern)",
    "alias": "an alias of the destination account",
    "employee-id": "the same employee id",
    "mail": "the same mail address",
    "local-part": "the same name before the @",
    "guest": "a guest account",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where some of the source users ended. Every user is counted in exactly one outcome."""

    disposition: str
    reason: str  # a rung, a code, or `rule`
    label: str
    users: int


def reasons(result: Reconciliation) -> pl.Series:
    """Per row of the accounting, the one reason that the user is counted under.

    A mapped user counts under the rung, an excluded one under what excluded it, a held one under the first of its error
    codes in the order of the catalogue. (The findings count every code of every user.)
    """
    accounting = result.accounting
    errors = (
        result.findings.filter((pl.col("severity") == "error") & pl.col("upn").is_not_null())
        .group_by(source="upn")
        .agg(first=pl.col("code").min().cast(pl.String))
    )
    exclude = list(result.options.exclude)
    listed = pl.col("codes").fill_null("").str.split(";")
    frame = accounting.select("source", "disposition", "matched_by", "codes").with_columns(
        exclusion=result.facts.frame["exclusion"]
    )
    on_the_run = pl.col("codes").str.extract("^(I109|I114)")
    # The mapped are the many, and need none of the costly steps.
    frame = frame.with_row_index("number")
    rest = frame.filter(pl.col("disposition") != "mapped").join(errors, on="source", how="left", maintain_order="left")
    rest = rest.select(
        "number",
        reason=pl.when(pl.col("disposition") == "held")
        # A user without a user principal name is known by its codes only, and those of a held user start with the error.
        .then(pl.coalesce(on_the_run, "first", listed.list.first()))
        .otherwise(
            pl.coalesce(
                "exclusion",
                listed.list.eval(pl.element().filter(pl.element().is_in(exclude))).list.first(),
                listed.list.first(),
            )
        ),
    )
    why = frame["matched_by"].alias("reason")
    return why if rest.is_empty() else why.scatter(rest["number"], rest["reason"])


def outcomes(result: Reconciliation, why: pl.Series | None = None) -> list[Outcome]:
    """Every outcome that occurred: the dispositions in their order; mapped by rung, the others most users first.

    Args:
        why: What `reasons` gave, if that is known already.
    """
    why = reasons(result) if why is None else why
    counted = result.accounting.select("disposition", reason=why).group_by("disposition", "reason").len()
    found = [
        Outcome(disposition, reason or "", _label(disposition, reason or ""), users)
        for disposition, reason, users in counted.iter_rows()
    ]

    def order(outcome: Outcome) -> tuple[int, int, str]:
        mapped = outcome.disposition == "mapped" and outcome.reason in RUNGS
        rank = RUNGS.index(outcome.reason) if mapped else -outcome.users
        return DISPOSITIONS.index(outcome.disposition), rank, outcome.reason

    return sorted(found, key=order)


def _label(disposition: str, reason: str) -> str:
    if disposition == "mapped":
        return _RUNG_WORDS.get(reason, reason)
    if reason == "rule":
        return "your rules"
    if reason == "P309":
        return "administrators not opted in"
    return title_of(reason) if reason in CATALOGUE else reason


# --- both tenants -----------------------------------------------------------------------------------------------------


def domains(result: Reconciliation) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both sides' domains with their numbers of users, most users first.

    Returns:
        `domain, users, mapped, held, excluded` of the source, and `domain, users, mapped_to` of the destination.
    """
    frame = result.facts.frame.select("domain", "target_key", d=pl.col("d_domain")).with_columns(
        disposition=result.dispositions
    )
    source = (
        frame.group_by("domain")
        .agg(users=pl.len(), **{name: (pl.col("disposition") == name).sum() for name in DISPOSITIONS})
        .sort("users", "domain", descending=[True, False], nulls_last=True)
    )
    mapped = frame.filter(pl.col("disposition") == "mapped")
    taken = mapped.group_by(domain="d").agg(mapped_to=pl.len())
    other = result.sides.destination
    listed = (
        taken.select("domain").with_columns(users=pl.lit(None, dtype=pl.UInt32))
        if other is None
        else other.filter(pl.col("domain").is_not_null()).group_by("domain").agg(users=pl.len())
    )
    destination = (
        listed.join(taken, on="domain", how="left")
        .with_columns(pl.col("mapped_to").fill_null(0))
        .sort("mapped_to", "users", "domain", descending=[True, True, False], nulls_last=True)
    )
    return source, destination


def domain_pairs(result: Reconciliation) -> pl.DataFrame:
    """How the domains map: `source, destination, users`, most users first; mapped users only."""
    frame = result.facts.frame.filter(result.dispositions == "mapped")
    return (
        frame.group_by(source="domain", destination="d_domain")
        .agg(users=pl.len())
        .sort("users", "source", "destination", descending=[True, False, False])
    )


@dataclass(frozen=True, slots=True)
class Licences:
    """The licences that the move needs at the destination.

    Attributes:
        needed: Distinct destination users that are mapped.
        more: Further ones, if every held user is decided for the destination that was found.
        kinds: What is known about the licences of the `needed` users: (words, users), adding up to `needed`.
    """

    needed: int
    more: int
    kinds: tuple[tuple[str, int], ...]


_LICENCE_WORDS = {
    "strong": "licensed for Dynamics 365 or Power Apps",
    "weak": "licensed, but not for Dataverse",
    "unnamed": "licensed, type unknown",
    "none": "not licensed",
    "unknown": "not known",
}


def licences_needed(result: Reconciliation) -> Licences:
    """Count the licences that the mapped users need, and what is known about them."""
    frame = result.facts.frame.select("target_key", "d_licensed", "d_licenses").with_columns(
        disposition=result.dispositions
    )
    mapped = frame.filter(pl.col("disposition") == "mapped").unique("target_key")
    proposed = frame.filter((pl.col("disposition") == "held") & pl.col("target_key").is_not_null())
    more = proposed.join(mapped.select("target_key"), on="target_key", how="anti")["target_key"].n_unique()
    texts = mapped["d_licenses"].drop_nulls().unique()
    rating = pl.DataFrame({"d_licenses": texts, "strength": licences.strength(texts).cast(pl.String)})
    rated = mapped.join(rating, on="d_licenses", how="left").select(
        kind=pl.when(pl.col("d_licensed").is_null())
        .then(pl.lit("unknown"))
        .when(~pl.col("d_licensed"))
        .then(pl.lit("none"))
        .otherwise(pl.col("strength").replace({"unknown": "unnamed", "none": "unnamed"}).fill_null("unnamed"))
    )
    tally = dict(rated.group_by("kind").len().iter_rows())
    kinds = tuple((words, tally[kind]) for kind, words in _LICENCE_WORDS.items() if kind in tally)
    return Licences(mapped.height, more, kinds)


# --- the run ----------------------------------------------------------------------------------------------------------


def accepted(result: Reconciliation) -> list[str]:
    """The codes that `--accept` let through and that really occurred as warnings."""
    warned = set(result.findings.filter(pl.col("severity") == "warning")["code"].cast(pl.String).unique())
    return [code for code in sorted(result.options.accept) if code in warned]


_MANY = 50  # held users: more than somebody wants to decide one by one
_MOST_OFFERED = 3  # rule lines, one per source domain; the workbook has them all

STATES = {"ready": "Ready", "undecided": "Not complete", "draft": "Draft", "nothing": "No mapping"}


def verdict(result: Reconciliation) -> tuple[str, str]:
    """The state of the mapping: `ready`, `undecided`, `draft` or `nothing`, and one sentence about it."""
    summary = result.summary
    mapped, held = counted(summary["mapped"], "user"), counted(summary["held"], "user")
    if not summary["mapped"]:
        return "nothing", f"Nobody is mapped, so there is no {FILE_NAME}."
    if summary["draft"]:
        return "draft", f"{FILE_NAME} is a draft, not ready for upload: destination users without a licence are in it."
    if summary["held"]:
        wait = "waits" if summary["held"] == 1 else "wait"
        return "undecided", f"{FILE_NAME} lists {mapped}; {held} still {wait} for a decision."
    return "ready", f"{FILE_NAME} lists {mapped} and is ready for upload. Nobody waits for a decision."


def next_steps(result: Reconciliation, *, workbook: str | None = REVIEW) -> list[str]:
    """What to do now, most urgent first.

    Args:
        workbook: The review workbook as people find it; None if there is none.
    """
    summary = result.summary
    steps: list[str] = []
    offered: list[str] = []
    refused = result.findings.filter(pl.col("code").is_in(["I109", "I114"]))
    if refused.height:
        steps += [f"{message} Nobody is mapped before that is put right." for message in refused["message"]]
    elif summary["held"]:
        held = counted(summary["held"], "held user")
        where = f"in {workbook}" if workbook else "in a rule table (accounting.csv lists who)"
        steps.append(
            f"Decide about the {held} {where}, and run again with --rules {workbook or 'FILE'}. Or repair the accounts as the "
            "findings say, and export again. Anyone who is not in the file will not be migrated and cannot be mapped later."
        )
        if summary["held"] > _MANY:
            offered = [f"Add a line to a rule table: {offer.words}" for offer in offers(result)[:_MOST_OFFERED]]
            steps = offered + steps  # a line that settles most of them comes before deciding one by one
            ways = "run with --exclude CODE to leave out everybody with this code, or add a pattern to a rule table"
            steps.append(
                f"Settle many at once: {ways}"
                + (
                    "; or filter and fill down in the workbook. Its sheet Summary says what suits each code."
                    if workbook
                    else "."
                )
                + (f" The workbook shows {MOST_DECIDE:,} of them at a time." if summary["held"] > MOST_DECIDE else "")
            )
    nobody = result.sides.destination is not None and result.facts.frame["target"].null_count() == summary["users"]
    if nobody and not offered:
        steps.append(
            "Not one user was found in the destination exports: check that they are of the right tenant. If addresses are made "
            "otherwise there, add a pattern, such as `*@contoso.com,{first}.{last}@fabrikam.com`, to a rule table."
        )
    if summary["draft"]:
        steps.append("Assign the missing destination licences (U213), export again, and run without --accept U213.")
    let_through = [code for code in accepted(result) if code != "U213"]
    if let_through:
        steps.append(
            f"Check these users yourself, because --accept turned their errors into warnings: {', '.join(let_through)}."
        )
    if "P306" in let_through:
        steps.append(
            "Check every destination: without an export of the destination, nobody knows whether these accounts exist."
        )
    warned = _mapped_with_warnings(result)
    if warned:
        are = "1 mapped user has" if warned == 1 else f"{warned:,} mapped users have"
        steps.append(f"Look through the warnings: {are} one. They are in the file; warnings do not stop anybody.")
    if result.skipped:
        checks = "1 check" if len(result.skipped) == 1 else f"{len(result.skipped):,} checks"
        steps.append(
            f"{checks} could not run ({', '.join(result.skipped)}). If you can, add the export or the column that is missing."
        )
    if summary["mapped"] and not summary["draft"]:
        when = "When nobody is held any more, upload" if summary["held"] else "Upload"
        steps.append(f"{when} {FILE_NAME}{_upload_words(result)}")
    return steps


def _upload_words(result: Reconciliation) -> str:
    if result.options.profile == "support-request":
        return " with your support request; Microsoft answers with an error report if something is wrong: `explain` reads it."
    center = " > ".join(("Manage", "Environments", "the environment", "Move environment"))
    return (
        f" in the Power Platform admin center ({center}) or with PowerShell: the report has the lines, --upload-script writes "
        "them. If the validation fails, download the error file and run `explain ERRORS --mapping` on it. Move within seven "
        "days of the validation."
    )


def _mapped_with_warnings(result: Reconciliation) -> int:
    """Mapped users about whom there is a warning; those of held users are settled with them."""
    warned = result.findings.filter((pl.col("severity") == "warning") & pl.col("upn").is_not_null())["upn"].unique()
    return int(result.mapping["source"].is_in(warned.implode()).sum()) if warned.len() else 0


def fingerprint(result: Reconciliation) -> str:
    """One SHA-256 over what decides the outcome: the version, the options and the content of every input file."""
    options = result.options
    decides = {
        "version": __version__,
        "options": [
            options.include_admins,
            options.destination_domain,
            sorted(options.match_on),
            options.profile,
            sorted(options.accept),
            sorted(options.exclude),
        ],
        "inputs": sorted((item.side, item.view, item.sha256) for item in result.inputs),
    }
    return hashlib.sha256(json.dumps(decides).encode()).hexdigest()
