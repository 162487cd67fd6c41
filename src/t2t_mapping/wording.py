"""Numbers in sentences for people."""

from __future__ import annotations

__all__ = ["counted"]


def counted(number: int, noun: str) -> str:
    """`1 user`, `1,200 users`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
