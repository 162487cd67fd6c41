"""`validate` and `explain` for people."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from t2t_mapping.cli.terminal import findings_text

if TYPE_CHECKING:
    from t2t_mapping.run.explanation import Explanation
    from t2t_mapping.run.validation import Validation

__all__ = ["explained", "validated"]

_SHOWN = 20


def validated(result: Validation) -> str:
    """What was changed, what is wrong, who is not covered, and whether the service would take the file."""
    blocks = []
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
        who = "1 source user stands" if one else f"{result.uncovered.height:,} source users stand"
        title = f"{who} on no line and will not be migrated:"
        blocks.append("\n".join([title, *users, *([f"  … and {more:,} more"] if more else [])]))
    reasons: dict[str, list[str]] = {}
    for code, reason in result.skipped.items():
        reasons.setdefault(reason, []).append(code)
    told = [f"skipped  {', '.join(codes)}: {reason}" for reason, codes in reasons.items()]
    blocks.append("\n".join(textwrap.fill(line, 80, subsequent_indent="  ") for line in told))
    errors = result.summary["severities"]["error"]
    rows = f"{result.rows.height:,} pair{'' if result.rows.height == 1 else 's'}"
    verdict = (
        f"NOT READY: {errors:,} error{'' if errors == 1 else 's'} in {rows}." if errors else f"READY: {rows}, no error."
    )
    if not errors and result.summary["draft"]:
        verdict = f"DRAFT: {rows}; destinations without a licence were let through. Not ready for upload."
    blocks.append(verdict)
    return "\n\n".join(filter(None, blocks))


def explained(result: Explanation) -> str:
    """What each message of an error file means, every one of them, and what was not understood."""
    blocks = []
    for row in result.findings.iter_rows(named=True):
        told = textwrap.fill(row["message"], 80, initial_indent="    ", subsequent_indent="    ")
        fix = textwrap.fill(f"Fix: {row['fix']}", 80, initial_indent="    ", subsequent_indent="    ")
        blocks.append(f"{row['code']} {row['name']}\n{told}\n{fix}")
    if not blocks:
        blocks.append("No documented message of the service was found.")
    if result.not_understood:
        blocks.append("\n".join(["Not understood:", *(_wrap(piece, "  ") for piece in result.not_understood)]))
    return "\n\n".join(blocks)


def _wrap(text: str, indent: str) -> str:
    return textwrap.fill(text, 80, initial_indent=indent, subsequent_indent=indent + "  ", break_long_words=False)
