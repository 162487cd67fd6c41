"""`validate` and `explain` for people."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from t2t_mapping.cli.decisions import decisions_line
from t2t_mapping.cli.terminal import findings_text
from t2t_mapping.wording import counted

if TYPE_CHECKING:
    from t2t_mapping.run.explanation import Explanation
    from t2t_mapping.run.validation import Validation

__all__ = ["explained", "validated"]

_SHOWN = 20


def validated(result: Validation) -> str:
    """What was changed, what is wrong, who is not covered, and whether the service would take the file."""
    blocks = [decisions_line(result.summary.get("decisions"))]
    if result.repairs:
        where = f"Repaired copy: {result.fixed}" if result.fixed else "Nothing was written."
        blocks.append("\n".join([where, *(_wrap(sentence, "  ") for sentence in result.repairs)]))
    elif result.fixed:
        blocks.append(f"Copy without changes: {result.fixed}")
    if text := findings_text(result.findings):
        blocks.append(text)
    if result.uncovered.height:
        users = [
            f"  {row['upn'] or row['full_name'] or '(no address)'}" for row in result.uncovered.head(_SHOWN).to_dicts()
        ]
        more = result.uncovered.height - len(users)
        one = result.uncovered.height == 1
        who = "1 source user is" if one else f"{result.uncovered.height:,} source users are"
        title = f"{who} not in the file and will not be migrated:"
        blocks.append("\n".join([title, *users, *([f"  … and {more:,} more"] if more else [])]))
    reasons: dict[str, list[str]] = {}
    for code, reason in result.skipped.items():
        reasons.setdefault(reason, []).append(code)
    told = [_skipped(codes, reason) for reason, codes in reasons.items()]
    blocks.append("\n".join(textwrap.fill(line, 80, subsequent_indent="  ") for line in told))
    blocks.append(textwrap.fill(_verdict(result), 80))
    return "\n\n".join(filter(None, blocks))


def _skipped(codes: list[str], reason: str) -> str:
    if reason.startswith("the file is "):
        return "Its lines were not judged."
    if len(codes) > 3 and reason.startswith("it needs exports"):
        return f"{len(codes)} checks need your exports: add --source-full and --destination-full."
    return f"Not checked: {', '.join(codes)} ({reason})."


def _verdict(result: Validation) -> str:
    """Whether the file is ready, and what that rests on."""
    errors = result.summary["severities"]["error"]
    rows = counted(result.rows.height, "pair")
    alone = result.summary["rests_on"] == "file"
    looked = "Only the file was looked at, no exports" if alone else "The file and the exports were looked at"
    if errors:
        return f"NOT READY: {counted(errors, 'error')} in {rows}. {looked}."
    if result.summary["draft"]:
        return f"DRAFT: {rows}; some destination accounts have no licence (accepted). Not ready for upload. {looked}."
    return f"READY: {rows}, no error. {looked}."


_WHOLE: dict[str, Any] = {"break_on_hyphens": False, "break_long_words": False}
"""Addresses and ids are copied: they stay in one piece."""


def explained(result: Explanation, *, asked: bool) -> str:
    """What each message of an error report means, the users of each result code, and what was not understood.

    Args:
        asked: Whether the lines to run again were asked for; else it is said how.
    """
    blocks = []
    shown: dict[str, int] = {}
    for row in result.findings.iter_rows(named=True):
        # A result code may be there ten thousand times, with one user each.
        head = row["message"].partition(".")[0]
        shown[head] = shown.get(head, 0) + 1
        if shown[head] > _SHOWN:
            continue
        told = textwrap.fill(row["message"], 80, initial_indent="    ", subsequent_indent="    ", **_WHOLE)
        fix = textwrap.fill(f"Fix: {row['fix']}", 80, initial_indent="    ", subsequent_indent="    ", **_WHOLE)
        blocks.append(f"{row['code']} {row['name']}\n{told}\n{fix}")
    for head, number in shown.items():
        if number > _SHOWN:
            blocks.append(_wrap(f"… and {number - _SHOWN:,} more: {head} (`--format json` has all)", ""))
    if not blocks and not result.notes:
        blocks.append("No documented message of the service was found.")
    if result.not_understood:
        blocks.append("\n".join(["Not understood:", *(_wrap(piece, "  ") for piece in result.not_understood)]))
    if result.notes:
        blocks.append("\n".join(_wrap(note, "") for note in result.notes))
    if result.summary["retry"] and not asked:
        again = f"{counted(result.summary['retry'], 'user')} may be tried again"
        blocks.append(
            _wrap(f"{again}: --mapping usermapping.csv --retry retry/usermapping.csv writes their lines.", "")
        )
    return "\n\n".join(blocks)


def _wrap(text: str, indent: str) -> str:
    return textwrap.fill(text, 80, initial_indent=indent, subsequent_indent=indent + "  ", **_WHOLE)
