"""What all readers share: the shape of an I101 refusal, the rules of a header row, the unsafe characters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote_plus

import polars as pl

from t2t_mapping.errors import InputError, Problem
from t2t_mapping.read.table import NO_FAULTS

__all__ = ["check_headers", "clip", "parse_hidden", "refuse", "text_faults"]

_CONTROL = r"\x00-\x1f\x7f-\x9f"
_BIDI = r"\u{061c}\u{200e}\u{200f}\u{202a}-\u{202e}\u{2066}-\u{2069}"
_ZERO_WIDTH = r"\u{200b}-\u{200d}\u{2060}\u{feff}\u{00ad}"
_UNSAFE = {"control": f"[{_CONTROL}]", "bidi": f"[{_BIDI}]", "zero-width": f"[{_ZERO_WIDTH}]"}
_ANY_UNSAFE = f"[{_CONTROL}{_BIDI}{_ZERO_WIDTH}]"

_HIDDEN = re.compile(r"(\w+):[A-Za-z0-9+/=]*:(\S+)", re.ASCII)


def refuse(label: str, message: str, fix: str, *, row: int | None = None, sheet: str | None = None) -> InputError:
    """The one way in which a reader says that a file cannot be used."""
    return InputError(Problem(code="I101", message=message, fix=fix, file=label, sheet=sheet, row=row))


def clip(text: str, limit: int = 40) -> str:
    """Quote a piece of a file for a message: at most `limit` characters, nothing in it that could upset a terminal."""
    short = text if len(text) <= limit else text[: limit - 1] + "…"
    return "'" + "".join(c if c.isprintable() else f"<U+{ord(c):04X}>" for c in short) + "'"


def check_headers(headers: Sequence[str], label: str, *, row: int | None = None, sheet: str | None = None) -> None:
    """Refuse a table in which two columns have one name (blanks and case apart); columns without a name may repeat."""
    seen: set[str] = set()
    for header in headers:
        key = header.strip().casefold()
        if key and key in seen:
            raise refuse(
                label,
                f"Two columns are called {clip(header.strip())}, so it is not clear which of them counts.",
                "Delete or rename one of the two columns.",
                row=row,
                sheet=sheet,
            )
        seen.add(key)


def text_faults(frame: pl.DataFrame) -> pl.DataFrame:
    """Find control, bidirectional and zero-width characters in every column of a table's frame."""
    found = []
    for name in frame.columns:
        if name == "row":
            continue
        # One pass over everything, the three questions only to the few cells that need them.
        suspects = frame.lazy().select("row", pl.col(name)).filter(pl.col(name).str.contains(_ANY_UNSAFE)).collect()
        for fault, pattern in _UNSAFE.items() if suspects.height else ():
            hits = suspects.filter(pl.col(name).str.contains(pattern))
            found.append(hits.select("row", column=pl.lit(int(name), pl.UInt32), fault=pl.lit(fault)))
    return pl.concat([NO_FAULTS, *found]).sort("row", "column", maintain_order=True)


def parse_hidden(a1: str) -> tuple[str, dict[str, str]] | None:
    """Read cell A1 of a Dynamics `hiddenSheet`: the table's logical name and {header: logical name}.

    None when the cell has another form, `entity:base64 hash:logical=URL-escaped header&logical=...`.
    """
    match = _HIDDEN.fullmatch(a1.strip())
    if match is None:
        return None
    pairs = (part.partition("=") for part in match[2].split("&"))
    return match[1], {unquote_plus(header).strip(): logical for logical, _, header in pairs if header}
