"""The combined `report.html` of a plan: one self-contained page without scripts. Every text from outside is escaped."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

import polars as pl

from t2t_mapping.catalogue import CATALOGUE
from t2t_mapping.outputs.report import last_mile, parts
from t2t_mapping.outputs.report.markup import document, options_marked, table, text
from t2t_mapping.plans.outcome import PlanOutcome
from t2t_mapping.wording import counted

__all__ = ["plan_report"]

_MOST = 300
"""Rows of each table on the page; the CSVs hold all."""


def plan_report(result: PlanOutcome, names: Collection[str] = ()) -> bytes:
    """The page as a file's content. The same result gives the same bytes.

    Args:
        names: What is written beside it (`Sales/report.html`), for the links.
    """
    summary = result.summary
    tiles = [
        ("mapped", "mapped", summary["mapped"], "source users, in all environments"),
        ("held", "held", summary["held"], "wait for a decision" if summary["held"] else "nobody waits for a decision"),
        ("excluded", "excluded", summary["excluded"], "left out, each for a reason"),
        ("users", "licences", summary["licences"]["needed"], "needed at the destination"),
    ]
    sections = [
        ("sum", "The sum", parts.tiles(tiles)),
        ("next", "What to do next", parts.steps(_steps(result))),
        ("environments", "Environments", _environments(result, names)),
        ("findings", "Findings of the plan", _plan_findings(result)),
        ("codes", "All findings by code", _codes(result)),
        ("licences", "Licences", _licences(result)),
        ("mailboxes", "Mailboxes", _mailboxes(result)),
        ("checks", "Checks that were skipped", parts.skipped_checks(result.skipped)),
        ("checklist", "Checklist: what no export can show", last_mile.checklist(result.checklist)),
    ]
    title = f"Plan of {len(result.environments)} environments"
    about = f" from {_text(result.plan.file)} (SHA-256 {result.plan.sha256})"
    return document(title, _banner(result), sections, about=about).encode()


def _banner(result: PlanOutcome) -> str:
    """Whether everything can be uploaded, and if not, what is in the way."""
    states = result.overview["state"].to_list()
    held, short = result.summary["held"], _too_few_licences(result)
    ways = [
        f"{states.count('failed'):,} of {len(states):,} environments could not be done" if "failed" in states else "",
        f"{states.count('refused'):,} of {len(states):,} environments are refused by the service"
        if "refused" in states
        else "",
        f"{held:,} user{' is' if held == 1 else 's are'} still held" if held else "",
        f"{short:,} licence{' is' if short == 1 else 's are'} missing" if short else "",
    ]
    sentence = "; ".join(filter(None, ways))
    if sentence:
        bad = "failed" in states or "refused" in states
        return parts.banner("nothing" if bad else "undecided", "Not ready for upload", f"{sentence}.")
    if result.exit_status("error"):
        return parts.banner("undecided", "Not ready for upload", "There are errors; see the findings of the plan.")
    return parts.banner("ready", "Ready for upload", "Every environment has its mapping, and nobody is held.")


def _steps(result: PlanOutcome) -> list[str]:
    """What to do now, most urgent first."""
    states = dict(result.overview.select("environment", "state").iter_rows())
    failed = [name for name, state in states.items() if state == "failed"]
    refused = [name for name, state in states.items() if state == "refused"]
    held = [name for name, number in result.overview.select("environment", "held").iter_rows() if number]
    held = [name for name in held if name not in refused]
    short = _too_few_licences(result)
    steps = [
        f"Repair the exports of {', '.join(failed)}: these environments could not be done." if failed else "",
        f"Talk to Microsoft about {', '.join(refused)}: the service refuses to move these environments."
        if refused
        else "",
        f"Decide about the held users of {', '.join(held)}, each in the review.xlsx of its folder or in the rule table, and run "
        "the plan again with them as rules."
        if held
        else "",
        f"Buy or free {counted(short, 'licence')}." if short else "",
        "Upload the usermapping.csv of each environment that is ready, and go through the checklist at the end of this page.",
    ]
    return list(filter(None, steps))


def _too_few_licences(result: PlanOutcome) -> int:
    licences = result.summary["licences"]
    return 0 if licences["available"] is None else max(0, licences["needed"] - licences["available"])


def _text(value: Any) -> str:
    return text(value)


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _table(
    caption: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    numbers: Sequence[int] = (),
    foot: Sequence[str] = (),
) -> str:
    return table(caption, heads, rows, numbers=numbers, foot=foot)


def _environments(result: PlanOutcome, names: Collection[str]) -> str:
    rows = []
    for row in result.overview.iter_rows(named=True):
        name = _text(row["environment"])
        pages = [f"{row['folder']}/{file}" for file in ("report.html", "accounting.csv")]
        page = next((page for page in pages if page in names), None)
        link = f'<a href="{quote(page)}">{name}</a>' if page else name
        counts = [_number(row[key]) for key in ("mapped", "held", "excluded", "users")]
        state = f'<span class="badge {_colour(row)}">{_state(row)}</span>'
        rows.append((link, _text(row["type"]), _text(row["region"]), state, *counts))
    sums = [_number(result.summary[key]) for key in ("mapped", "held", "excluded", "users")]
    heads = ("Environment", "Type", "Region", "State", "Mapped", "Held", "Excluded", "Total")
    overview = _table("Source users by environment", heads, rows, range(4, 8), ("Total", "", "", "", *sums))
    summary = result.summary
    return (
        f"{overview}<p>{summary['mapped']:,} mapped + {summary['held']:,} held + {summary['excluded']:,} excluded = "
        f"{summary['users']:,} = {counted(summary['rows'], 'row')} in the exports − {counted(summary['duplicates'], 'duplicate')}. A person in "
        "several environments counts once in each.</p>\n"
    )


def _colour(row: dict[str, Any]) -> str:
    return "error" if row["state"] != "done" else "held" if row["held"] else "mapped"


def _state(row: dict[str, Any]) -> str:
    """`done` would look as if nothing were left to do."""
    if row["state"] != "done":
        return {"failed": "could not be done", "refused": "refused by the service"}[row["state"]]
    return f"{row['held']:,} held" if row["held"] else "nobody held"


def _plan_findings(result: PlanOutcome) -> str:
    """What the environments' own reports do not say, or not together."""
    code = pl.col("code").cast(pl.String)
    own = code.str.contains("^[EL]") | pl.col("environment").is_null() | (pl.col("severity") == "fatal")
    found = result.findings.filter(own)
    if found.is_empty():
        return "<p>The environments agree, and nothing that the plan says is refused.</p>\n"
    rows = [
        (
            f'<span class="badge {row["severity"]}">{row["severity"]}</span>',
            f"{row['code']} {escape(parts.title_of(row['code']))}",
            _text(row["environment"] or "all"),
            _text(row["message"]),
            options_marked(row["fix"]),
        )
        for row in found.head(_MOST).iter_rows(named=True)
    ]
    heads = ("Severity", "Code", "Environment", "What", "What to do")
    return _table("Findings of the plan", heads, rows) + _more(found.height, "findings.csv")


def _more(total: int, file: str) -> str:
    return f"<p>Only the first {_MOST:,} of {total:,} rows are shown; all are in {file}.</p>\n" if total > _MOST else ""


def _codes(result: PlanOutcome) -> str:
    counted = result.findings.group_by("severity", "code", "environment", maintain_order=True).len()
    if counted.is_empty():
        return "<p>There is nothing to report.</p>\n"
    rows = [
        (
            f'<span class="badge {severity}">{severity}</span>',
            f"{code} {escape(parts.title_of(code))}",
            _text(environment or "all"),
            _number(number),
            escape(CATALOGUE[code].why),
        )
        for severity, code, environment, number in counted.iter_rows()
    ]
    return _table(
        "Findings by code and environment", ("Severity", "Code", "Environment", "Findings", "Why it matters"), rows, [3]
    )


def _licences(result: PlanOutcome) -> str:
    licences = result.summary["licences"]
    needed, available = licences["needed"], licences["available"]
    words = f"<b>{needed:,}</b> distinct destination users are mapped, each of whom needs a licence before the move"
    if available is None:
        return f"<p>{words}. The plan does not say how many licences are available.</p>\n"
    enough = "enough" if available >= needed else f'<span class="error">{needed - available:,} too few</span>'
    return f"<p>{words}; <b>{available:,}</b> are available: {enough}.</p>\n"


def _mailboxes(result: PlanOutcome) -> str:
    counts = result.summary["mailboxes"]
    words = {
        "reconfigure": "must be reconfigured after the move: the address is at a default domain, which changes (B601)",
        "none": "must be set up after the move: the destination account has no mailbox (B601)",
        "same-address": "are enabled by themselves: the destination account has the same address",
        "automatic": "are configured automatically: the destination account has a mailbox",
        "unknown": "are not known: no export says whether the destination account has a mailbox; if not, reconfigure them",
    }
    lines = "".join(f"<li><b>{counts[kind]:,}</b> {text}</li>" for kind, text in words.items())
    told = result.mailboxes.filter(pl.col("mailbox").is_in(["reconfigure", "none"]))
    rows = [
        tuple(_text(row[key]) for key in ("environment", "source", "address", "destination"))
        for row in told.head(_MOST).iter_rows(named=True)
    ]
    table = _table("To reconfigure", ("Environment", "Source", "Mailbox", "Destination"), rows) if rows else ""
    return f"<ul>{lines}</ul>\n{table}{_more(told.height, 'findings.csv')}"
