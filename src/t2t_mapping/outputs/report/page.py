"""The sections of the page, from a result. Every text from outside goes through `escape` or into the island."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import polars as pl

from t2t_mapping._version import __version__
from t2t_mapping.catalogue import CATALOGUE
from t2t_mapping.mapping.dialects import FILE_NAME, mapping_bytes
from t2t_mapping.outputs.report import last_mile, markup, parts, picture, story
from t2t_mapping.outputs.report.island import findings_table, island, users_table
from t2t_mapping.results.reconciliation import Reconciliation
from t2t_mapping.wording import counted

__all__ = ["page"]

FIRST_ROWS = 200
"""Rows that are plain HTML, for readers without JavaScript."""


def page(result: Reconciliation) -> str:
    """The whole report."""
    why = story.reasons(result)
    users, findings = users_table(result, why), findings_table(result)
    outcomes = story.outcomes(result, why)
    titles = {f"{outcome.disposition}:{outcome.reason}": _named(outcome) for outcome in outcomes}
    titles |= {code: story.title_of(code) for code in result.summary["codes"]}
    sections = [
        ("sum", "The sum", _sum(result)),
        ("next", "What to do next", parts.steps(story.next_steps(result))),
        ("picture", "Where every source user ended", _picture(outcomes)),
        ("codes", "Findings by code", parts.cards(result.findings, linked=True)),
        ("users", "Every source user", _users(users, result, titles)),
        ("findings", "Every finding", _findings(findings, result)),
        ("domains", "Domains", _domains(result)),
        ("licences", "Licences", _licences(result)),
        ("checks", "Checks that were skipped or accepted", _checks(result)),
        ("upload", "The upload", last_mile.upload(result)),
        ("checklist", "Checklist: what no export can show", last_mile.checklist(result.checklist)),
        ("fingerprint", "Fingerprint of this run", _fingerprint(result)),
    ]
    source, destination = _main_domains(result)
    title = f"User mapping {source} → {destination}" if source and destination else "User mapping"
    state, sentence = story.verdict(result)
    banner = f'<p class="banner {state}"><strong>{story.STATES[state]}.</strong> {escape(sentence)}</p>'
    return markup.document(title, banner, sections, island(users, findings, titles))


def _named(outcome: story.Outcome) -> str:
    code = f" ({outcome.reason})" if outcome.reason in CATALOGUE else ""
    return f"{outcome.disposition}: {outcome.label}{code}"


def _main_domains(result: Reconciliation) -> tuple[str, str]:
    pairs = story.domain_pairs(result)
    if pairs.height:
        return str(pairs["source"][0]), str(pairs["destination"][0])
    named = [side["domain"].drop_nulls() for side in story.domains(result)]
    return str(named[0].first() or ""), str(named[1].first() or "")


# --- sections ---------------------------------------------------------------------------------------------------------


def _sum(result: Reconciliation) -> str:
    summary = result.summary
    tiles = parts.tiles(
        [
            ("mapped", "mapped", summary["mapped"], f"in {FILE_NAME}"),
            (
                "held",
                "held",
                summary["held"],
                "wait for a decision" if summary["held"] else "nobody waits for a decision",
            ),
            ("excluded", "excluded", summary["excluded"], "left out, each for a reason"),
            ("users", "total", summary["users"], "source users"),
        ]
    )
    duplicates = summary["duplicates"]
    more = f"{summary['mapped']:,} mapped + {summary['held']:,} held + {summary['excluded']:,} excluded = "
    rows = f"{counted(summary['rows'], 'row')} in the exports − {counted(duplicates, 'duplicate')}"
    return f'{tiles}<p class="equation">{more}<b>{summary["users"]:,}</b> = {rows}</p>\n'


def _picture(outcomes: Sequence[story.Outcome]) -> str:
    rows = [
        (
            outcome.disposition,
            f'<a href="#code-{escape(outcome.reason)}">{escape(outcome.reason)}</a>'
            if outcome.reason in CATALOGUE
            else "",
            f'<a href="#users" data-table="users" data-disposition="{outcome.disposition}" '
            f'data-reason="{outcome.disposition}:{escape(outcome.reason)}">{escape(outcome.label)}</a>',
            f"{outcome.users:,}",
        )
        for outcome in outcomes
    ]
    table = markup.table(
        "Source users by outcome and reason", ("Outcome", "Code", "Reason", "Users"), rows, numbers=[3]
    )
    return (
        f"<figure>{picture.flow(outcomes)}{picture.bars(outcomes)}<figcaption>Every user is counted once: a mapped user under "
        "the step that found the destination, a held one under the first of its errors, an excluded one under what left it "
        f"out.</figcaption></figure>\n<details><summary>The same as a table</summary>{table}</details>\n"
    )


def _why(row: dict[str, Any], titles: Mapping[str, str]) -> str:
    """The step that found the destination, then the codes, in words."""
    by_step = row["disposition"] == "mapped" or row["reason"].endswith(":rule")
    step = titles.get(row["reason"], "").partition(": ")[2] if by_step else ""
    codes = [f"{code} {story.title_of(code)}" for code in (row["codes"] or "").split()]
    return ", ".join(filter(None, (step, *codes)))


def _users(users: pl.DataFrame, result: Reconciliation, titles: Mapping[str, str]) -> str:
    heads = ("Source", "Name", "Outcome", "Destination", "Destination name", "Why", "Found in file")
    rows = (
        (
            markup.text(row["source"]),
            markup.text(row["full_name"]),
            f'<span class="badge {row["disposition"]}">{row["disposition"]}</span>',
            markup.text(row["destination"] or (f"one of: {row['candidates']}" if row["candidates"] else None)),
            markup.text(row["destination_name"]),
            markup.text(_why(row, titles)),
            _place(row),
        )
        for row in users.head(FIRST_ROWS).iter_rows(named=True)
    )
    return _big_table("users", "Source users", heads, rows, users.height, result.accounting.height, "accounting.csv")


def _findings(findings: pl.DataFrame, result: Reconciliation) -> str:
    heads = ("Severity", "Code", "User", "Message", "Found in file")
    rows = (
        (
            f'<span class="badge {row["severity"]}">{row["severity"]}</span>',
            f'<a href="#code-{row["code"]}">{row["code"]} {escape(story.title_of(row["code"]))}</a>',
            markup.text(row["upn"]),
            markup.text(row["message"]),
            _place(row),
        )
        for row in findings.head(FIRST_ROWS).iter_rows(named=True)
    )
    return _big_table("findings", "Findings", heads, rows, findings.height, result.findings.height, "findings.csv")


def _place(row: dict[str, Any]) -> str:
    name = (row["file"] or "").replace("\\", "/").rpartition("/")[2]
    return (f"row {row['row']:,} " if row["row"] else "") + f'<span class="file">{markup.text(name)}</span>'


def _big_table(
    name: str, caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]], carried: int, total: int, file: str
) -> str:
    notes = []
    if carried < total:
        notes.append(f"<p>This page has the first {carried:,} of {total:,} rows; all are in {file}.</p>")
    if total > FIRST_ROWS:
        notes.append(
            f"<noscript><p>Without JavaScript only the first {FIRST_ROWS} of {total:,} rows are shown; all are in {file}."
            "</p></noscript>"
        )
    if total > 50:
        notes.append(f'<p class="print">Only the first 50 of {total:,} rows are printed; all are in {file}.</p>')
    table = markup.table(caption, heads, rows, name=name)
    return f'{"".join(notes)}\n<div class="controls" id="{name}-controls"></div>\n{table}<div class="pager" id="{name}-pager"></div>\n'


def _domains(result: Reconciliation) -> str:
    source, destination = story.domains(result)
    pairs = story.domain_pairs(result)
    none = "<i>no usable address</i>"

    def named(domain: str | None) -> str:
        return markup.text(domain) if domain else none

    tables = [
        markup.table(
            "How the domains map (mapped users)",
            ("Source domain", "Destination domain", "Users"),
            [(named(a), named(b), f"{users:,}") for a, b, users in pairs.head(200).iter_rows()],
            numbers=[2],
        ),
        markup.table(
            "Source domains",
            ("Domain", "Users", "Mapped", "Held", "Excluded"),
            [(named(row[0]), *(f"{number:,}" for number in row[1:])) for row in source.head(200).iter_rows()],
            numbers=[1, 2, 3, 4],
        ),
        markup.table(
            "Destination domains",
            ("Domain", "Users listed", "Mapped to"),
            [
                (named(domain), "not known" if users is None else f"{users:,}", f"{taken:,}")
                for domain, users, taken in destination.head(200).iter_rows()
            ],
            numbers=[1, 2],
        ),
    ]
    return f'<div class="side">{"".join(tables)}</div>\n'


def _licences(result: Reconciliation) -> str:
    needed = story.licences_needed(result)
    more = f" Up to {needed.more:,} more if all held users are mapped." if needed.more else ""
    rows = [(words, f"{number:,}") for words, number in needed.kinds]
    table = (
        markup.table("Destination users that are mapped, by licence", ("Licence", "Users"), rows, numbers=[1])
        if rows
        else ""
    )
    return (
        f"<p><b>{needed.needed:,}</b> destination users need a licence that grants the use of Dataverse, each before the "
        f'move.{more}</p>\n<div class="side">{table}</div>\n'
    )


def _checks(result: Reconciliation) -> str:
    found = [parts.skipped_checks(result.skipped)]
    occurred = set(story.accepted(result))
    for word, codes in (("accept", result.options.accept), ("exclude", result.options.exclude)):
        for code in sorted(codes):
            did = "accepted as warnings" if word == "accept" else "users held for nothing else were excluded"
            idle = " It did not occur." if word == "accept" and code not in occurred else ""
            found.append(f"<p><code>--{word} {code}</code>: {escape(story.title_of(code))}, {did}.{idle}</p>")
    if not result.options.accept and not result.options.exclude:
        found.append(
            "<p>Nothing was accepted (<code>--accept</code>) or excluded by code (<code>--exclude</code>).</p>"
        )
    return "\n".join(found) + "\n"


def _fingerprint(result: Reconciliation) -> str:
    rows = [
        (
            f"{item.side} {item.view if item.view != item.side else ''}".strip(),
            markup.text(item.file),
            f"{item.rows:,}",
            f'<code class="hash">{item.sha256}</code>' if item.sha256 else "a frame, not a file",
        )
        for item in result.inputs
    ]
    inputs = markup.table("Inputs", ("Side", "File", "Rows", "SHA-256"), rows, numbers=[2])
    options = result.options
    said = [
        ("version", __version__),
        ("profile", options.profile),
        ("include admins", "yes" if options.include_admins else "no"),
        ("destination domains", ", ".join(options.destination_domain) or "none given"),
        ("extra matching", ", ".join(sorted(options.match_on)) or "none"),
        ("accept", ", ".join(sorted(options.accept)) or "nothing"),
        ("exclude", ", ".join(sorted(options.exclude)) or "nothing"),
        ("run", story.fingerprint(result)),
    ]
    if result.summary["mapped"]:
        digest = hashlib.sha256(mapping_bytes(result.mapping, options.profile)).hexdigest()
        said.append((FILE_NAME, digest))
    terms = "".join(f"<div><dt>{escape(name)}</dt><dd><code>{escape(value)}</code></dd></div>" for name, value in said)
    return (
        "<p>The same inputs and options give the same run number, and the same files byte for byte. Compare the SHA-256 of "
        f'{FILE_NAME} before the upload.</p>\n<dl class="facts">{terms}</dl>\n{inputs}'
    )
