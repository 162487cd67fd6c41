"""The parts that the pages of all commands share: tiles, next steps, findings by code, checks that could not run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import polars as pl

from t2t_mapping.catalogue import CATALOGUE
from t2t_mapping.outputs.report import markup

__all__ = ["banner", "cards", "skipped_checks", "steps", "tiles", "title_of"]

_EXAMPLES = 3
_WORST_FIRST = ("fatal", "error", "warning", "info")


def title_of(code: str) -> str:
    """The name of a code as words: `destination missing`."""
    return CATALOGUE[code].name.replace("-", " ").replace("upn", "UPN")


def banner(state: str, word: str, sentence: str) -> str:
    """The verdict under the title. `state` gives the colour: `ready`, `undecided`, `draft` or `nothing`."""
    return f'<p class="banner {state}"><strong>{escape(word)}.</strong> {escape(sentence)}</p>'


def tiles(terms: Sequence[tuple[str, str, int, str]]) -> str:
    """The numbers that count: (kind, word, number, note). `kind` gives the colour, as a disposition has it."""
    each = "".join(
        f'<div class="tile {kind}"><dt>{escape(word)}</dt><dd><b>{number:,}</b><span>{escape(note)}</span></dd></div>'
        for kind, word, number, note in terms
    )
    return f'<dl class="tiles">{each}</dl>\n'


def steps(sentences: Sequence[str]) -> str:
    """What to do now, in this order."""
    return f'<ol class="steps">{"".join(f"<li>{markup.options_marked(step)}</li>" for step in sentences)}</ol>\n'


def cards(findings: pl.DataFrame, *, linked: bool = False) -> str:
    """One card per code and severity, worst first: why it matters, what to do, examples.

    Args:
        linked: The page has a table of all findings, which a link on each card shows.
    """
    counted = findings.group_by("code", "severity", maintain_order=True).agg(
        users=pl.len(), messages=pl.col("message").head(_EXAMPLES), fix=pl.col("fix").first()
    )
    if counted.is_empty():
        return "<p>There is nothing to report.</p>\n"
    seen: set[str] = set()
    found = []
    ranked = sorted(counted.iter_rows(), key=lambda row: (_WORST_FIRST.index(row[1]), -row[2], row[0]))
    for code, severity, number, messages, fix in ranked:
        mark = "" if code in seen else f' id="code-{code}"'
        seen.add(code)
        more = f"<li>… and {number - len(messages):,} more</li>" if number > len(messages) else ""
        examples = "".join(f"<li>{markup.text(message)}</li>" for message in messages)
        link = (
            f'<p class="show"><a href="#findings" data-table="findings" data-code="{code}" data-severity="{severity}">'
            f"Show {'it' if number == 1 else f'all {number:,}'} in the table"
            f'<span class="unseen"> ({code}, {severity})</span></a></p>'
        )
        found.append(
            f'<article class="card {severity}"{mark}><h3><span class="badge {severity}">{severity}</span> '
            f'<span class="code">{code}</span> {escape(title_of(code))} <span class="count">{number:,}</span></h3>'
            f'<p>{escape(CATALOGUE[code].why)}</p><p class="fix"><b>What to do:</b> {markup.options_marked(fix)}</p>'
            f'<ul class="examples">{examples}{more}</ul>{link if linked else ""}</article>'
        )
    return f'<div class="cards">{"".join(found)}</div>\n'


def skipped_checks(skipped: Mapping[str, str]) -> str:
    """What could not be checked, because of what, and what that leaves open."""
    if not skipped:
        return "<p>Every check could run.</p>\n"
    rows = []
    for code, reason in skipped.items():
        known = CATALOGUE.get(code)
        name = f"{code} {title_of(code)}" if known else code
        rows.append((escape(name), markup.text(reason), escape(known.why) if known else ""))
    return markup.table("Checks that could not run", ("Check", "Because", "What that leaves open"), rows)
