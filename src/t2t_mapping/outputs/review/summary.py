"""The summary of the review workbook: how to use it, what came of the run, and how to settle many users at once."""

from __future__ import annotations

import polars as pl

from t2t_mapping.catalogue import CATALOGUE
from t2t_mapping.outputs.review.words import ADVICE, HOW, at_once
from t2t_mapping.results.reconciliation import Reconciliation
from t2t_mapping.suggestions.conventions import Convention
from t2t_mapping.suggestions.offers import Offer

__all__ = ["WORST", "summary"]

WORST = {code: rank for rank, code in enumerate(ADVICE)}
"""Code -> how dangerous it is: the smaller, the worse."""


def summary(
    result: Reconciliation, learnt: Convention | None, offered: list[Offer], too_many: str
) -> list[tuple[str, list[tuple[str | int, ...]]]]:
    """Sections: a title, and rows of cells.

    Args:
        learnt: How the destination makes addresses.
        offered: Rule lines that find an account for most of the users without one.
        too_many: What to say where the sheet Decide does not take all held users.
    """
    counts = result.summary
    total: list[tuple[str | int, ...]] = [
        ("Mapped", counts["mapped"], "go into usermapping.csv"),
        ("Held", counts["held"], "wait for a decision or a repair: sheet Decide"),
        ("Excluded", counts["excluded"], "left out, each with a reason: sheet Excluded"),
        ("Total", counts["users"], "source users: mapped + held + excluded"),
        ("Rows", counts["rows"], f"in the source exports, {counts['duplicates']:,} of them duplicates"),
    ]
    words = f"The usual pattern is {learnt.words}." if learnt else "The accounts there follow no usual pattern."
    held = _held_by_code(result)
    lines: list[tuple[str | int, ...]] = [("Rule line", offer.users, offer.words) for offer in offered]
    codes = [
        (
            code,
            users,
            _meaning(code),
            ADVICE[code][1] if code in ADVICE else CATALOGUE[code].fix,
            at_once(code, offered[0].line if offered else ""),
        )
        for code, users in held.items()
    ]
    others = [(code, number, _meaning(code)) for code, number in counts["codes"].items() if code not in held]
    how: list[tuple[str | int, ...]] = [(word, "", text) for word, text in HOW]
    return [
        ("How to use this workbook", [*how, *([("Too many", "", too_many)] if too_many else [])]),
        ("Result", total),
        (
            "Held users: what each code means, what to do, and how to settle all its users at once",
            [("Code", "Users", "What it means", "What to do", "All at once"), *codes],
        ),
        ("Address pattern", [("Pattern", "", words), *lines]),
        ("Other codes", list(others)),
    ]


def _meaning(code: str) -> str:
    return f"{CATALOGUE[code].name.replace('-', ' ')}: {CATALOGUE[code].why}"


def _held_by_code(result: Reconciliation) -> dict[str, int]:
    """Code -> users that it holds, the most dangerous first."""
    errors = result.findings.filter(pl.col("severity") == "error")
    who = pl.coalesce("upn", pl.format("{} {} {}", pl.col("file").fill_null(""), pl.col("sheet").fill_null(""), "row"))
    counted = errors.group_by(pl.col("code").cast(pl.String)).agg(who.n_unique().alias("users"))
    found = dict(counted.iter_rows())
    return {code: found[code] for code in sorted(found, key=lambda code: (WORST.get(code, len(WORST)), code))}
