"""How many decisions of review workbooks a command has read, in one line."""

from __future__ import annotations

from collections.abc import Mapping

from t2t_mapping.wording import counted

__all__ = ["decisions_line"]


def decisions_line(counts: Mapping[str, int] | None) -> str:
    """`48 decisions: 24 map, 20 exclude, 4 later`; nothing where no review workbook was given."""
    if counts is None:
        return ""
    number = sum(counts.values())
    each = ", ".join(f"{users:,} {decision}" for decision, users in counts.items())
    return f"{counted(number, 'decision')}: {each}"
