"""Names of rooms, desks and programs rather than of people (`data/functional-names.csv`)."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

import polars as pl

__all__ = ["functional"]


@cache
def _pattern() -> str:
    """Folded words: a phrase that nobody is called, or nothing but words for functions, numbered or not."""
    lines = (files("t2t_mapping") / "data" / "functional-names.csv").read_text("utf-8").splitlines()
    known: dict[str, list[str]] = {"phrase": [], "word": []}
    for row in csv.DictReader(lines):
        known[row["kind"]] += [row["words"]] if row["kind"] == "phrase" else row["words"].split()
    word = rf"(?:{'|'.join(known['word'])})\d*"
    return rf"(?:^| )(?:{'|'.join(known['phrase'])})(?: |\d|$)|^(?:\d+ )*{word}(?: (?:{word}|\d+))*$"


def functional(folded: pl.Series) -> pl.Series:
    """Whether each name, in folded words, is that of a function; null where there is no name."""
    return folded.str.contains(_pattern())
