"""Letters that an export garbled, put right: UTF-8 that was read as Windows-1252 can be undone with certainty."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from t2t_mapping.read.cells import clip
from t2t_mapping.upn import is_ascii

__all__ = ["restored"]

# UTF-8 that was taken for Windows-1252: a letter that begins two to four bytes, then what the other bytes look like.
_CONTINUED = "\u0080-\u00bf\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178"
_GARBLED = f"[\u00c3-\u00f4\u00c2][{_CONTINUED}]"


def restored(frame: pl.DataFrame, headers: Sequence[str]) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """A table with garbled letters put right, and a sentence for each column in which there were some.

    Args:
        frame: The frame of a `RawTable`.
        headers: Its headers.
    """
    said: list[str] = []
    if frame.width < 2:
        return frame, ()
    wide = frame.select((~is_ascii(pl.col(name))).any() for name in frame.columns[1:])
    for name in (name for name, some in wide.row(0, named=True).items() if some):
        texts = frame[name]
        garbled = texts.filter(texts.str.contains(_GARBLED).fill_null(value=False)).unique(maintain_order=True)
        known = {text: right for text in garbled if (right := _undone(text)) is not None}
        if known:
            frame = frame.with_columns(texts.replace(known))
            first, right = next(iter(known.items()))
            count = "one text" if len(known) == 1 else f"{len(known):,} different texts"
            column = clip(headers[int(name)])
            said.append(
                f"in the column {column}, {count} with garbled letters put right ({clip(first)} is {clip(right)})"
            )
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
