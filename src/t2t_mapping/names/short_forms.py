"""Common short forms of given names: full name -> the short forms people sign with (`data/short-forms.csv`).

Everything there is written as names are folded: lower case, no marks, sigma always as in the middle of a word. A short form may
stand under several full names (`sasha`); two words are related when they stand on one line, so Alexander and Alexandra are not.
Spellings of one name that people keep apart (Catherine, Katherine) have a line each.
"""

from __future__ import annotations

import csv
from importlib.resources import files

__all__ = ["SHORT_FORMS"]


def _read() -> dict[str, tuple[str, ...]]:
    lines = (files("t2t_mapping") / "data" / "short-forms.csv").read_text("utf-8").splitlines()
    return {row["full"]: tuple(row["short"].split()) for row in csv.DictReader(lines)}


SHORT_FORMS = _read()
