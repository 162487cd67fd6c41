"""One pattern line: its text → what it matches and how it builds a destination."""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from t2t_mapping import upn as upns

__all__ = ["Pattern", "pattern_of"]

TEMPLATE_WORDS = ("first", "last", "f", "l", "local")
_PIECE = re.compile(r"\*|\{([^{}]*)\}|[^*{}]+|.")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern line: `regex` matches a key, `pieces` build the destination (None: exclude).

    A piece is a literal text, `*1`, `*2` … for what a star carried over, or `{word}` from the full name.
    """

    line: int
    source: str
    destination: str | None
    regex: str
    pieces: tuple[str, ...]

    @property
    def needs_name(self) -> bool:
        """Whether the destination is made from the full name."""
        return any(piece.startswith("{") and piece != "{local}" for piece in self.pieces)


_LONGEST_PATTERN = 2_000  # an address has 113 characters at the most


def pattern_of(line: int, source: str | None, destination: str | None) -> Pattern | str:
    """A pattern line, or what is wrong with it."""
    if not source:
        return "The line has no source."
    if len(source) > _LONGEST_PATTERN:
        return f"The source pattern is too long: it has {len(source):,} characters."
    if not re.fullmatch(r"[A-Za-z0-9'.\-_!#^~@*]+", source):
        return f"The source pattern {upns.show(source)} holds characters that an address must not have."
    if source.count("@") > 1:
        return f"The source pattern {upns.show(source)} has more than one @."
    if destination is not None and not destination.isascii():  # before folding: a Kelvin sign is no k
        return f"The destination {upns.show(destination)} holds characters that an address must not have."
    stars = source.count("*")
    regex = "^" + "(.*)".join(re.escape(part).replace("\\@", "@") for part in source.lower().split("*")) + "$"
    if destination is None:
        return Pattern(line, source, None, regex, ())
    pieces: list[str] = []
    used = 0
    for piece in _PIECE.finditer(destination.lower()):
        text = piece[0]
        if text == "*":
            used += 1
            pieces.append(f"*{used}")
        elif piece[1] is not None:
            if piece[1] not in TEMPLATE_WORDS:
                known = ", ".join(f"{{{word}}}" for word in TEMPLATE_WORDS)
                return f"The word {upns.show(text)} is not known; known are {known}."
            pieces.append(text)
        elif text in "{}":
            return f"The destination {upns.show(destination)} has a brace without its partner."
        else:
            pieces.append(text)
    if used > stars:
        return f"The destination {upns.show(destination)} has more * than the source {upns.show(source)}."
    example = "".join("x" if piece[0] in "*{" else piece for piece in pieces)
    if not pl.select(upns.valid(pl.lit(example))).item():
        return f"The destination {upns.show(destination)} cannot become a user principal name."
    return Pattern(line, source, destination, regex, tuple(pieces))
