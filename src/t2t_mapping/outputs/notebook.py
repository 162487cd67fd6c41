"""How results show themselves in a notebook: small pieces of HTML, every text escaped, at home on light and dark pages.

A notebook may strip styles and scripts, so the pieces make sense without either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import polars as pl

from t2t_mapping.catalogue import CATALOGUE
from t2t_mapping.mapping.dialects import FILE_NAME
from t2t_mapping.outputs.report import picture, story
from t2t_mapping.results.checked_mapping import CheckedMapping
from t2t_mapping.results.reconciliation import Reconciliation
from t2t_mapping.upn import show_text
from t2t_mapping.wording import counted

__all__ = [
    "findings_html",
    "result_html",
    "result_text",
    "tables_html",
    "tables_text",
    "validation_html",
    "validation_text",
]

_ROWS = 10
_CODES = 30
_COLOURS = {
    # Readable on white and on near-black alike (4.5:1 is out of reach for one colour on both, so all words are bold).
    "fatal": "#d6493f",
    "error": "#d6493f",
    "warning": "#b87410",
    "info": "#4d86c4",
    "mapped": "#2f9e6e",
    "held": "#b87410",
    "excluded": "#7f8894",
}
_CELL = "text-align:left;vertical-align:top;padding:.2em .7em .2em 0"


def result_html(result: Reconciliation) -> str:
    """A result: its state, the sum, where everybody ended, the findings by code, the first users to look at."""
    state, sentence = story.verdict(result)
    sentence = sentence.replace(f"{FILE_NAME} lists", "The mapping has")  # nothing need be written yet
    summary = result.summary
    outcomes = story.outcomes(result)
    terms = " + ".join(f"<b>{summary[name]:,}</b> {_coloured(name)}" for name in ("mapped", "held", "excluded"))
    duplicates = summary["duplicates"]
    rows = f"{counted(summary['rows'], 'row')} in the exports − {counted(duplicates, 'duplicate')}"
    parts = [
        f"<p><b>{story.STATES[state]}.</b> {escape(sentence)}</p>",
        f"<p>{terms} = <b>{summary['users']:,}</b> source users = {rows}</p>",
        picture.bars(outcomes, leaves_each=6),
        findings_html(result.findings),
        _first_users(result),
        _skipped(result.skipped),
    ]
    return f'<div style="max-width:75em">{"".join(parts)}</div>'


def result_text(result: Reconciliation) -> str:
    """One line, for `repr` and plain consoles."""
    summary = result.summary
    counts = ", ".join(f"{summary[name]:,} {name}" for name in ("mapped", "held", "excluded"))
    return f"<Result: {counts}; {summary['users']:,} source users, {result.findings.height:,} findings>"


def validation_html(validation: CheckedMapping) -> str:
    """The answer of `validate`: whether the service would take the file, what was repaired, the findings by code."""
    parts = [
        _verdict(validation),
        findings_html(validation.findings),
        _repairs(validation),
        _skipped(validation.skipped),
    ]
    return f'<div style="max-width:75em">{"".join(parts)}</div>'


def validation_text(validation: CheckedMapping) -> str:
    """One line, for `repr` and plain consoles."""
    counts = _severities(validation.findings)
    told = ", ".join(f"{number:,} {name}" for name, number in counts.items()) or "no findings"
    return f"<Validation: {validation.rows.height:,} pairs, {told}>"


def tables_html(
    words: str,
    tables: Mapping[str, pl.DataFrame],
    findings: pl.DataFrame | None = None,
    skipped: Mapping[str, str] = {},
) -> str:
    """Any other answer: one sentence, its tables (only those with rows), the findings by code, what was not checked."""
    parts = [f"<p><b>{escape(words)}</b></p>"]
    parts += [_frame(caption, frame) for caption, frame in tables.items() if frame.height]
    parts += [] if findings is None else [findings_html(findings)]
    return f'<div style="max-width:75em">{"".join(parts)}{_skipped(skipped)}</div>'


def tables_text(name: str, counts: Mapping[str, int]) -> str:
    """One line, for `repr` and plain consoles."""
    return f"<{name}: {', '.join(f'{number:,} {word}' for word, number in counts.items())}>"


def _frame(caption: str, frame: pl.DataFrame) -> str:
    shown = frame.head(_ROWS).select(show_text(pl.all().cast(pl.String)))
    rows = [[_cut(cell) for cell in row] for row in shown.iter_rows()]
    more = f" (the first {_ROWS} of {frame.height:,})" if frame.height > _ROWS else ""
    return _table(f"{caption}{more}", [name.replace("_", " ").capitalize() for name in frame.columns], rows)


def _verdict(validation: CheckedMapping) -> str:
    counts = _severities(validation.findings)
    bad = counts.get("fatal", 0) + counts.get("error", 0)
    pairs = counted(validation.rows.height, "pair")
    if bad:
        said = f"<b>Not ready for upload.</b> {pairs}, {counted(bad, 'error')} to repair."
    elif validation.summary.get("draft"):
        said = f"<b>Draft, not ready for upload.</b> {pairs}, destination users without a licence among them."
    else:
        said = f"<b>Nothing that the service would refuse was found.</b> {pairs}."
    left_out = validation.uncovered.height
    if left_out:
        said += f" {left_out:,} source user{' is' if left_out == 1 else 's are'} in no line and cannot be mapped afterwards."
    return f"<p>{said}</p>"


def _repairs(validation: CheckedMapping) -> str:
    if not validation.repairs:
        return ""
    lines = "".join(f"<li>{_cut(sentence)}</li>" for sentence in validation.repairs[:_ROWS])
    more = len(validation.repairs) - _ROWS
    return f"<p>Repaired in the copy:</p><ul>{lines}{f'<li>… and {more:,} more</li>' if more > 0 else ''}</ul>"


def _severities(findings: pl.DataFrame) -> dict[str, int]:
    found = dict(findings.group_by("severity").len().iter_rows())
    return {name: found[name] for name in ("fatal", "error", "warning", "info") if name in found}


def findings_html(findings: pl.DataFrame) -> str:
    """Findings in words (such as `result.findings`) by code, worst first: how many, an example, what to do."""
    if findings.is_empty():
        return "<p>No findings.</p>"
    groups = (
        findings.group_by("code", "severity", maintain_order=True)
        .agg(number=pl.len(), message=pl.col("message").first(), fix=pl.col("fix").first())
        .sort("severity", "number", descending=[True, True], maintain_order=True)
    )
    rows = [
        (
            _coloured(severity),
            f"<b>{code}</b> {escape(CATALOGUE[code].name)}",
            f"{number:,}",
            _cut(message),
            escape(fix),
        )
        for code, severity, number, message, fix in groups.head(_CODES).iter_rows()
    ]
    return _table("Findings by code", ("Severity", "Code", "Findings", "For example", "What to do"), rows)


def _first_users(result: Reconciliation) -> str:
    """Held users if there are any: they are the ones to look at."""
    kind = "held" if result.summary["held"] else "mapped"
    users = result.accounting.filter(pl.col("disposition") == kind)
    if users.is_empty():
        return ""
    shown = users.head(_ROWS).select(
        show_text(pl.col(name)) for name in ("source", "full_name", "destination", "destination_name")
    )
    reasons = users.head(_ROWS).select(pl.coalesce("codes", "matched_by").str.replace_all(";", " "))
    rows = [
        (*(_cut(cell) for cell in row), escape(reason or ""))
        for row, reason in zip(shown.iter_rows(), reasons.to_series(), strict=True)
    ]
    caption = (
        f"The first {len(rows)} of {users.height:,} {kind} users" if users.height > len(rows) else f"The {kind} users"
    )
    return _table(caption, ("Source", "Name", "Destination", "Destination name", "Why"), rows)


def _skipped(skipped: Mapping[str, str]) -> str:
    if not skipped:
        return ""
    lines = "".join(
        f"<li><b>{code}</b> {escape(CATALOGUE[code].name)}: {escape(reason)}</li>" for code, reason in skipped.items()
    )
    return f"<p>Checks that could not run, which is not the same as having passed:</p><ul>{lines}</ul>"


def _cut(text: str | None, most: int = 160) -> str:
    return escape(text if len(text) <= most else f"{text[:most]}…") if text else ""


def _coloured(word: str) -> str:
    return f'<b style="color:{_COLOURS[word]}">{word}</b>'


def _table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col" style="{_CELL}">{heading}</th>' for heading in heads)
    cells = ["".join(f'<td style="{_CELL}">{cell}</td>' for cell in row) for row in rows]
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    title = f'<caption style="text-align:left;padding-top:1em"><b>{escape(caption)}</b></caption>'
    return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
