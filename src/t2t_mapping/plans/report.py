"""The combined `report.html` of a plan: one self-contained page without scripts. Every text from outside is escaped."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

import polars as pl

from t2t_mapping._version import __version__
from t2t_mapping.catalogue import CATALOGUE
from t2t_mapping.outputs.report.markup import laid_out, policy
from t2t_mapping.plans.outcome import PlanOutcome
from t2t_mapping.plans.values import shown

__all__ = ["plan_report"]

_MOST = 300
"""Rows of each table on the page; the CSVs hold all."""

_STYLE = """
:root { color-scheme: light dark; --line: #8886; --soft: #8881; --bad: #b3261e; --warn: #8a5a00; --good: #1b6e3c }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; --warn: #ffca70; --good: #7ddba0 } }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 70rem; padding: 1rem }
h2 { border-bottom: 1px solid var(--line); margin-top: 2.5rem }
.scroll { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-size: .95rem }
caption { text-align: left; font-weight: 600; padding: .4rem 0 }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid var(--line) }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums }
tfoot td, tfoot th { font-weight: 700 }
.error, .fatal, .failed, .refused { color: var(--bad); font-weight: 600 }
.warning { color: var(--warn); font-weight: 600 }
.done { color: var(--good) }
.banner { padding: .6rem 1rem; border: 2px solid; border-radius: .4rem }
ul.checklist { list-style: none; padding-left: 0 }
ul.checklist li::before { content: "\\2610\\00a0\\00a0" }
td { overflow-wrap: break-word }
footer { margin-top: 3rem; font-size: .85rem }
@media print { .scroll { overflow: visible } a { color: inherit } }
"""


def plan_report(result: PlanOutcome, names: Collection[str] = ()) -> bytes:
    """The page as a file's content. The same result gives the same bytes.

    Args:
        names: What is written beside it (`Sales/report.html`), for the links.
    """
    sections = [
        ("environments", "Environments", _environments(result, names)),
        ("findings", "Findings of the plan", _plan_findings(result)),
        ("codes", "All findings by code", _codes(result)),
        ("licences", "Licences", _licences(result)),
        ("mailboxes", "Mailboxes", _mailboxes(result)),
        ("checks", "What was not checked", _skipped(result)),
        ("checklist", "What no export can show", _checklist(result)),
    ]
    contents, body = laid_out(sections)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy(_STYLE)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Plan of {len(result.environments)} environments</title>
<link rel="icon" href="data:,">
<style>{_STYLE}</style>
</head>
<body>
<header><h1>Plan of {len(result.environments)} environments</h1>
{_banner(result)}</header>
<nav aria-label="Contents"><ol>{contents}</ol></nav>
<main>
{body}
</main>
<footer><p>Made by t2t-mapping {__version__} from {_text(result.plan.file)} (SHA-256 {result.plan.sha256}). This page asks for
nothing from the network. It holds personal data: treat it like the exports it was made from.</p></footer>
</body>
</html>
""".encode()


def _banner(result: PlanOutcome) -> str:
    states = result.overview["state"].to_list()
    if "failed" in states:
        kind, words = "failed", "Not every environment could be done."
    elif "refused" in states:
        kind, words = "refused", "The service refuses at least one environment."
    elif result.exit_status("error"):
        kind, words = "warning", "There are errors to be decided before the plan is complete."
    else:
        kind, words = "done", "Every environment has its mapping."
    return f'<p class="banner {kind}">{words}</p>'


def _text(value: Any) -> str:
    return "" if value is None else f"<bdi>{escape(shown(str(value), 400))}</bdi>"


def _options_marked(text: str) -> str:
    """The catalogue marks options with backticks."""
    pieces = escape(text).split("`")
    return "".join(f"<code>{piece}</code>" if position % 2 else piece for position, piece in enumerate(pieces))


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _table(
    caption: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    numbers: Sequence[int] = (),
    foot: Sequence[str] = (),
) -> str:
    """A plain table; cells are HTML already."""

    def line(cells: Sequence[str], tag: str = "td") -> str:
        marks = [' class="number"' if i in numbers else "" for i in range(len(cells))]
        return f"<tr>{''.join(f'<{tag}{mark}>{cell}</{tag}>' for mark, cell in zip(marks, cells, strict=True))}</tr>\n"

    end = f"<tfoot>{line(foot)}</tfoot>" if foot else ""
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(caption)}"><table><caption>{escape(caption)}'
        f"</caption><thead>{line(heads, 'th')}</thead>\n<tbody>{''.join(map(line, rows))}</tbody>{end}</table></div>\n"
    )


def _environments(result: PlanOutcome, names: Collection[str]) -> str:
    rows = []
    for row in result.overview.iter_rows(named=True):
        name = _text(row["environment"])
        pages = [f"{row['folder']}/{file}" for file in ("report.html", "accounting.csv")]
        page = next((page for page in pages if page in names), None)
        link = f'<a href="{quote(page)}">{name}</a>' if page else name
        counts = [_number(row[key]) for key in ("mapped", "held", "excluded", "users")]
        state = f'<span class="{row["state"]}">{row["state"]}</span>'
        rows.append((link, _text(row["type"]), _text(row["region"]), state, *counts))
    sums = [_number(result.summary[key]) for key in ("mapped", "held", "excluded", "users")]
    heads = ("Environment", "Type", "Region", "State", "Mapped", "Held", "Excluded", "Total")
    table = _table("Source users by environment", heads, rows, range(4, 8), ("Total", "", "", "", *sums))
    summary = result.summary
    return (
        f"{table}<p>{summary['mapped']:,} mapped + {summary['held']:,} held + {summary['excluded']:,} excluded = "
        f"{summary['users']:,} = {summary['rows']:,} rows in the exports − {summary['duplicates']:,} duplicates. A person in "
        "several environments counts once in each.</p>\n"
    )


def _plan_findings(result: PlanOutcome) -> str:
    """What the environments' own reports do not say, or not together."""
    code = pl.col("code").cast(pl.String)
    own = code.str.contains("^[EL]") | pl.col("environment").is_null() | (pl.col("severity") == "fatal")
    found = result.findings.filter(own)
    if found.is_empty():
        return "<p>The environments agree, and nothing that the plan says is refused.</p>\n"
    rows = [
        (
            f'<span class="{row["severity"]}">{row["severity"]}</span>',
            f"{row['code']} {escape(row['name'])}",
            _text(row["environment"] or "all"),
            _text(row["message"]),
            _options_marked(row["fix"]),
        )
        for row in found.head(_MOST).iter_rows(named=True)
    ]
    heads = ("Severity", "Code", "Environment", "What", "What to do")
    return _table("Findings of the plan", heads, rows) + _more(found.height, "findings.csv")


def _more(total: int, file: str) -> str:
    return f"<p>The first {_MOST:,} of {total:,} rows; {file} holds all of them.</p>\n" if total > _MOST else ""


def _codes(result: PlanOutcome) -> str:
    counted = result.findings.group_by("severity", "code", "environment", maintain_order=True).len()
    if counted.is_empty():
        return "<p>There is nothing to report.</p>\n"
    rows = [
        (
            f'<span class="{severity}">{severity}</span>',
            f"{code} {escape(CATALOGUE[code].name)}",
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
        "same-address": "are enabled by themselves: the destination account has the same address",
        "automatic": "are configured automatically: the destination account has a mailbox",
        "unknown": "are not known: no export says whether the destination account has a mailbox; if not, reconfigure them",
    }
    lines = "".join(f"<li><b>{counts[kind]:,}</b> {text}</li>" for kind, text in words.items())
    told = result.mailboxes.filter(pl.col("mailbox") == "reconfigure")
    rows = [
        tuple(_text(row[key]) for key in ("environment", "source", "address", "destination"))
        for row in told.head(_MOST).iter_rows(named=True)
    ]
    table = _table("To reconfigure", ("Environment", "Source", "Mailbox", "Destination"), rows) if rows else ""
    return f"<ul>{lines}</ul>\n{table}{_more(told.height, 'findings.csv')}"


def _skipped(result: PlanOutcome) -> str:
    if not result.skipped:
        return "<p>Every check could run.</p>\n"
    rows = [
        (f"{code} {escape(CATALOGUE[code].name)}", _text(reason), escape(CATALOGUE[code].why))
        for code, reason in result.skipped.items()
    ]
    return _table("Checks that could not run", ("Check", "Because", "What that leaves open"), rows)


def _checklist(result: PlanOutcome) -> str:
    parts = []
    for when in dict.fromkeys(reminder.when for reminder in result.checklist):
        lines = "".join(
            f"<li>{f'{_text(reminder.about)}: ' if reminder.about else ''}{_text(reminder.text)}</li>"
            for reminder in result.checklist
            if reminder.when == when
        )
        parts.append(f'<h3>{when.capitalize()} the move</h3>\n<ul class="checklist">{lines}</ul>\n')
    return "".join(parts)
