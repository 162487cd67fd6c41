"""Letters that an export garbled or lost: undone where that is certain, else told."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from t2t_mapping.read.cells import clip

__all__ = ["restored"]

# UTF-8 that was taken for Windows-1252: a letter that begins two to four bytes, then what the other bytes look like.
_CONTINUED = "\u0080-\u00bf\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178"
_GARBLED = f"[\u00c3-\u00f4\u00c2][{_CONTINUED}]"
# A question mark or the replacement character where a letter was: between letters, or before one at the start of a word.
_LOST = r"\p{L}\?\p{L}|(?:^|[ ,.'-])\?\p{L}|\x{fffd}"
_NO_NAME = r"[=&/:;]"  # an address on the web asks with a question mark


def restored(frame: pl.DataFrame, headers: Sequence[str]) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """A table with garbled letters put right, and a sentence for each column in which letters were garbled or lost.

    Args:
        frame: The frame of a `RawTable`.
        headers: Its headers.
    """
    said = []
    for name in frame.columns[1:]:
        texts = frame[name]
        plain = (texts.str.len_bytes() == texts.str.len_chars()).all()
        if plain and not texts.str.contains("?", literal=True).any():
            continue
        garbled = texts.filter(texts.str.contains(_GARBLED).fill_null(value=False)).unique(maintain_order=True)
        known = {text: right for text in garbled if (right := _undone(text)) is not None}
        if known:
            frame = frame.with_columns(texts.replace(known))
            said.append(_sentence("garbled letters, which were put right", headers[int(name)], known))
        lost = _lost(frame[name])
        if len(lost):
            first = lost[0]
            said.append(_sentence("lost letters", headers[int(name)], {text: "" for text in lost}, first))
    return frame, tuple(said)


def _undone(text: str) -> str | None:
    """What a garbled text was; None where it was something else."""
    try:
        raw = b"".join(
            bytes((ord(character),)) if "\x80" <= character <= "\x9f" else character.encode("cp1252")
            for character in text
        )
        return raw.decode("utf-8")
    except UnicodeError:
        return None


def _lost(texts: pl.Series) -> pl.Series:
    hits = texts.str.contains(_LOST) & ~texts.str.contains(_NO_NAME)
    return texts.filter(hits.fill_null(value=False)).unique(maintain_order=True)


def _sentence(what: str, header: str, texts: dict[str, str], shown: str = "") -> str:
    example = shown or next(iter(texts))
    right = texts[example]
    count = "one text" if len(texts) == 1 else f"{len(texts):,} different texts"
    return f"in the column {clip(header)}, {count} with {what} ({clip(example)}{f' is {clip(right)}' if right else ''})"
