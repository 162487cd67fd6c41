"""What all readers share: the shape of an I101 refusal, the hidden sheet of Dynamics, the unsafe characters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

import polars as pl

from t2t_mapping.errors import InputError, Problem, printable
from t2t_mapping.read.table import NO_FAULTS

__all__ = ["Hidden", "clip", "hidden_from", "named", "parse_hidden", "refuse", "text_faults"]

_CONTROL = r"\x00-\x1f\x7f-\x9f"
_BIDI = r"\u{061c}\u{200e}\u{200f}\u{202a}-\u{202e}\u{2066}-\u{2069}"
_ZERO_WIDTH = r"\u{200b}-\u{200d}\u{2060}\u{feff}\u{00ad}"
_UNSAFE = {"control": f"[{_CONTROL}]", "bidi": f"[{_BIDI}]", "zero-width": f"[{_ZERO_WIDTH}]"}
_ANY_UNSAFE = f"[{_CONTROL}{_BIDI}{_ZERO_WIDTH}]"


def refuse(label: str, message: str, fix: str, *, row: int | None = None, sheet: str | None = None) -> InputError:
    """The one way in which a reader says that a file cannot be used."""
    return InputError(Problem(code="I101", message=message, fix=fix, file=label, sheet=sheet, row=row))


def clip(text: str, limit: int = 40) -> str:
    """Quote a piece of a file for a message: at most `limit` characters, nothing in it that could upset a terminal."""
    return f"'{printable(text, limit)}'"


def text_faults(frame: pl.DataFrame) -> pl.DataFrame:
    """Find control, bidirectional and zero-width characters in every column of a table's frame."""
    found = []
    names = [name for name in frame.columns if name != "row"]
    # One pass over everything, the three questions only to the few cells that need them.
    odd = [frame.lazy().select("row", name).filter(pl.col(name).str.contains(_ANY_UNSAFE)) for name in names]
    for name, suspects in zip(names, pl.collect_all(odd), strict=True):
        for fault, pattern in _UNSAFE.items() if suspects.height else ():
            hits = suspects.filter(pl.col(name).str.contains(pattern))
            found.append(hits.select("row", column=pl.lit(int(name), pl.UInt32), fault=pl.lit(fault)))
    return pl.concat([NO_FAULTS, *found]).sort("row", "column", maintain_order=True)


@dataclass(frozen=True)
class Hidden:
    """What the sheet says that Dynamics hides in its exports; see `RawTable` for the meaning."""

    entity: str | None = None
    logical: dict[str, str] = field(default_factory=dict)
    labels: tuple[tuple[str, ...], ...] = ()


def parse_hidden(rows: Mapping[int, Mapping[int, str]]) -> Hidden:
    """Read the hidden sheet from its cells, {row from 1: {column from 0: text}}.

    A1 is `entity:hash:logical=header&logical=header`, headers URL-escaped; the rows below hold choice labels.
    """
    labels = tuple(
        tuple(row.get(column, "") for column in range(max(row) + 1))
        for number, row in rows.items()
        if number > 1 and row
    )
    entity, found, rest = rows.get(1, {}).get(0, "").partition(":")
    if not found:
        return Hidden(labels=labels)
    pairs = [pair.partition("=") for pair in rest.partition(":")[2].split("&")]
    titles = [(unquote(header).strip(), logical.strip()) for logical, _, header in pairs]
    count = Counter(title for title, _ in titles)  # of two columns of one title it says nothing
    return Hidden(entity, {title: logical for title, logical in titles if title and count[title] == 1}, labels)


def named(sheet: str, names: Iterable[str], label: str) -> str:
    """The sheet that was asked for, as it is called in the file."""
    known = {name.casefold(): name for name in names}
    if sheet.casefold() not in known:
        fix = f"Choose one of these: {', '.join(known.values())}."
        raise refuse(label, f"The workbook has no worksheet named {clip(sheet)}.", fix)
    return known[sheet.casefold()]


def hidden_from(grid: pl.DataFrame) -> Hidden:
    """What the hidden sheet says."""
    rows = ((row, enumerate(texts)) for row, *texts in grid.iter_rows())
    return parse_hidden({row: {column: text for column, text in texts if text is not None} for row, texts in rows})
