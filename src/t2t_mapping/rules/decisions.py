"""Rows of a filled-in review workbook → rule lines. What `review` writes, this reads.

A sheet with a column Decision is such a sheet: rows without a decision, or with `later`, are no rule. The hidden key says
whose row it is, whatever has been sorted or filtered since.
"""

from __future__ import annotations

import json

import polars as pl

from t2t_mapping import upn as upns
from t2t_mapping.errors import InputError, Problem

__all__ = ["DECISIONS", "decided", "key_text", "override", "with_keys"]

DECISIONS = ("map", "exclude", "later")
_MOST_PROBLEMS = 20


def key_text(upn: str | None, upn_key: str | None) -> str:
    """The hidden key of a user: the key itself, or a JSON string where the address is not valid."""
    return upn_key or json.dumps(upn or "")


def with_keys(rows: pl.DataFrame) -> pl.DataFrame:
    """Takes the source from the hidden key (column `key`) where there is one.

    Raises:
        InputError: R403 where the visible source is not the one that the key names: the columns were sorted apart from each
            other, and going on would give one person another person's records.
    """
    keyed = rows.filter(pl.col("key").is_not_null())
    if keyed.is_empty():
        return rows
    meant: dict[str, str | None] = {}
    problems = []
    for row in keyed.iter_rows(named=True):
        text = _decoded(row["key"])
        shown = row["source"]
        if text is None or (shown is not None and shown.lower() != text.lower() and shown != upns.show(text)):
            problems.append(
                _problem(
                    row,
                    f"The source {upns.show(shown or '(none)')} and the hidden column Source key do not belong together.",
                    "Undo the sorting of single columns, or start again from a fresh workbook; to decide about a further "
                    "user, use an empty row.",
                )
            )
        meant[row["key"]] = text
    if problems:
        raise InputError(*problems[:_MOST_PROBLEMS])
    return rows.with_columns(
        source=pl.coalesce(pl.col("key").replace_strict(meant, default=None, return_dtype=pl.String), pl.col("source"))
    )


def _decoded(key: str) -> str | None:
    if not key.startswith('"'):
        return key
    try:
        text = json.loads(key)
    except ValueError:
        return None
    return text if isinstance(text, str) else None


def decided(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with a decision: `map` needs a destination, `exclude` has none.

    Raises:
        InputError: R403 for every row whose decision is not understood or not finished.
    """
    choice = pl.col("decision")
    wrong = rows.filter(choice.is_not_null() & ~choice.is_in(DECISIONS))
    unfinished = rows.filter((choice == "map") & pl.col("destination").is_null())
    nobody = rows.filter(choice.is_in(["map", "exclude"]) & pl.col("source").is_null())
    bare = rows.filter(
        choice.is_in(["map", "exclude"]) & pl.col("key").is_not_null() & pl.col("circumstances").is_null()
    )
    problems = [
        *(
            _problem(
                row,
                "The hidden column Circumstances is gone or empty: whether things have changed since cannot be told.",
                "Start again from a fresh workbook, or put the pair in a rule table with a Note.",
            )
            for row in bare.head(_MOST_PROBLEMS).iter_rows(named=True)
        ),
        *(
            _problem(
                row,
                f"The decision {upns.show(row['decision'], 30)!r} is none of {', '.join(DECISIONS[:-1])} and {DECISIONS[-1]}.",
                "Choose one from the list.",
            )
            for row in wrong.head(_MOST_PROBLEMS).iter_rows(named=True)
        ),
        *(
            _problem(
                row,
                "The decision is map, but there is no destination.",
                "Choose or type a destination, or decide later.",
            )
            for row in unfinished.head(_MOST_PROBLEMS).iter_rows(named=True)
        ),
        *(
            _problem(
                row,
                "There is a decision, but the user has no address that a decision could name.",
                "Fill in the user principal name in the tenant and export again, or leave such users out with "
                "`--exclude I107`.",
            )
            for row in nobody.head(_MOST_PROBLEMS).iter_rows(named=True)
        ),
    ]
    if problems:
        raise InputError(*problems)
    return rows.filter(choice.is_in(["map", "exclude"])).with_columns(
        destination=pl.when(choice == "map").then(pl.col("destination")),
        decided=pl.col("circumstances").is_not_null(),  # a row typed in by hand is a line like any other
    )


def _problem(row: dict[str, object], message: str, fix: str) -> Problem:
    line = row["line"]
    return Problem(
        "R403",
        message,
        fix,
        side="rules",
        file=str(row["file"]),
        sheet=None if row["sheet"] is None else str(row["sheet"]),
        row=line if isinstance(line, int) else None,
        upn=None if row["source"] is None else str(row["source"]),
    )


def override(frame: pl.DataFrame, fresh: pl.DataFrame) -> pl.DataFrame:
    """All rule lines of a workbook: fresh decisions beat the exact lines that it carries along from earlier runs."""
    beaten = pl.col("exact") & pl.col("source_key").is_in(fresh["source_key"].implode())
    return pl.concat([fresh, frame.filter(~beaten.fill_null(value=False))])
