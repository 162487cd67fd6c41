"""Given names: short forms that people sign with, and those that are known (`data/short-forms.csv`, `data/given-names.csv`).

Everything there is written as names are folded: lower case, no marks, sigma always as in the middle of a word. A short form may
stand under several full names (`sasha`); two words are related when they stand on one line, so Alexander and Alexandra are not.
Spellings of one name that people keep apart (Catherine, Katherine) have a line each.
"""

from __future__ import annotations

import csv
from importlib.resources import files

__all__ = ["GIVEN_NAMES", "SHORT_FORMS"]


def _rows(name: str) -> list[list[str]]:
    """Without the header. Every run reads them, so not as dictionaries, which take ten times as long."""
    return list(csv.reader((files("t2t_mapping") / "data" / name).read_text("utf-8").splitlines()))[1:]


SHORT_FORMS = {full: tuple(shorts.split()) for full, shorts in _rows("short-forms.csv")}
"""Full name -> short forms."""

GIVEN_NAMES = frozenset(name for (name,) in _rows("given-names.csv")).union(SHORT_FORMS, *SHORT_FORMS.values())
"""Given names of many countries in Latin letters without marks, short forms included."""
