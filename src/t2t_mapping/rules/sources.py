"""Several rule tables and review workbooks → one: what a decision beats, and what contradicts what, with both places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from t2t_mapping import upn as upns
from t2t_mapping.errors import Problem

__all__ = ["PENDING", "RuleSource", "combined", "contradictions", "tally"]

PENDING = {"source_key": pl.String, "decision": pl.String, "destination": pl.String, "note": pl.String}
"""What review workbooks say of users about whom nothing is decided yet; it comes back in the next workbook."""

_FIRST_PROBLEMS = 1_000


@dataclass(frozen=True, slots=True)
class RuleSource:
    """One file (or frame) of rules: its name, its hash, its number of lines, and what was decided in it.

    `decisions` counts the rows of a review workbook by `map`, `exclude` and `later`; None for a plain rule table. `hidden`
    names the sheets of a plain one that hide rows: sheet, first of these rows, how many.
    """

    file: str
    sha256: str
    lines: int
    decisions: Mapping[str, int] | None = field(default=None, hash=False)
    hidden: tuple[tuple[str | None, int, int], ...] = ()


def tally(sources: Iterable[RuleSource]) -> dict[str, int] | None:
    """The decisions of all review workbooks together; None if there is none."""
    counts = [source.decisions for source in sources if source.decisions is not None]
    return {name: sum(count[name] for count in counts) for name in ("map", "exclude", "later")} if counts else None


def combined(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines that count, of all sources.

    A decision made in a workbook beats the line that this workbook carries along about the same user, wherever else that
    line is given too. Of lines that say the same, one that is only carried along is dropped.

    Args:
        lines: The schema `RULES` with `part` (number of the source), `fresh` (decided in this workbook) and `carried`.
    """
    if not lines["fresh"].any() and not lines["carried"].any():
        return lines.drop("part", "fresh", "carried")
    exact = pl.col("exact").fill_null(value=False)
    goes_to = pl.col("destination_key").fill_null(pl.col("destination")).fill_null("")
    lines = lines.with_columns(goes_to=goes_to).with_row_index("place")
    fresh = lines.filter(exact & pl.col("fresh")).select("part", "source_key", now="goes_to")
    beaten = (
        lines.filter(exact & pl.col("carried"))
        .join(fresh, on=["part", "source_key"])
        .filter(pl.col("now") != pl.col("goes_to"))
        .select("source_key", "goes_to")
        .unique()
    )
    # Reviewers who work side by side carry the same line along, and none beats the other.
    knows = lines.filter(exact & pl.col("carried")).select("part", "source_key", knows=pl.lit(value=True)).unique()
    marked = lines.join(beaten.with_columns(beaten=pl.lit(value=True)), on=["source_key", "goes_to"], how="left")
    marked = marked.join(knows, on=["part", "source_key"], how="left")
    left = marked.filter(pl.col("beaten").is_null() | (pl.col("fresh") & pl.col("knows").is_not_null()))
    # Two workbooks that beat each other's decisions contradict each other, and are left to be told.
    lost = fresh.join(left, on="source_key", how="anti")["source_key"]
    left = lines.filter(
        pl.col("place").is_in(left["place"].implode())
        | pl.col("source_key").is_in(lost.implode()).fill_null(value=False)
    )
    who = pl.coalesce("source_key", pl.col("source").str.to_lowercase())
    keyed = left.with_columns(same=pl.struct("exact", who.alias("who"), "goes_to"))
    order = keyed.sort(~pl.col("fresh"), ~pl.col("decided"), pl.col("note").is_null(), "carried", "place")
    best = order.unique("same", keep="first", maintain_order=True)["place"]
    spare = ~pl.col("place").is_in(best.implode()) & pl.col("same").is_in(
        keyed.filter("carried")["same"].unique().implode()
    )
    return keyed.filter(~spare).drop("same", "place", "goes_to", "part", "fresh", "carried")


def contradictions(frame: pl.DataFrame) -> list[Problem]:
    """R401: exact lines of one user that say different things, with all their places."""
    exact = frame.filter(pl.col("exact") & pl.col("source").is_not_null())
    repeated = exact.filter(pl.col("source_key").is_duplicated())
    different = (
        repeated.with_columns(goes_to=pl.col("destination_key").fill_null(""))
        .group_by("source_key", maintain_order=True)
        .agg(
            pl.col("source", "file", "sheet").first(),
            pl.col("line"),
            sheets="sheet",
            files="file",
            says=pl.col("destination"),
            answers=pl.col("goes_to").n_unique(),
        )
        .filter(pl.col("answers") > 1)
    )
    return [
        Problem(
            "R401",
            f"{_places(row['files'], row['sheets'], row['line'])} say different things about "
            f"{upns.show(row['source'])}: {_answers(row['says'])}.",
            side="rules",
            file=row["file"],
            sheet=row["sheet"],
            lines=tuple(row["line"]) if len(set(row["files"])) == 1 else (row["line"][0],),
            upn=row["source"],
        )
        for row in different.head(_FIRST_PROBLEMS).iter_rows(named=True)
    ]


def _answers(says: list[str | None]) -> str:
    return ", ".join(dict.fromkeys("exclude" if text is None else upns.show(text) for text in says))


def _places(files: list[str | None], sheets: list[str | None], lines: list[int]) -> str:
    """`The lines 3 and 7`; with the sheet where a workbook has several, and with the file where there are several."""
    if len(set(files)) == 1 and len(set(sheets)) == 1:
        return f"The {'lines' if sheets[0] is None else 'rows'} {' and '.join(map(str, lines))}"
    places = []
    for file, sheet, line in zip(files, sheets, lines, strict=True):
        place = f"line {line}" if sheet is None else f"row {line} of {sheet}"
        places.append(place if len(set(files)) == 1 else f"{place} {'of' if sheet is None else 'in'} {file}")
    text = " and ".join(places)
    return text[:1].upper() + text[1:]
