"""Rows of a filled-in review workbook → rule lines. What the review workbook writes, this reads; what was damaged is refused.

A sheet with any of the hidden columns is a review sheet and nothing else. Its header row is found wherever it stands, its
columns wherever they stand. Only a Decision decides: an empty cell never excludes anybody.
"""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from t2t_mapping import upn as upns
from t2t_mapping.errors import Problem
from t2t_mapping.lexicon.vocabulary import header_key
from t2t_mapping.read import RawTable
from t2t_mapping.rules import circumstances
from t2t_mapping.rules.review_sheets import BY_HAND, NEEDED, damaged, is_marked, placed

__all__ = [
    "DECISIONS",
    "ROWS",
    "ReviewSheet",
    "counted",
    "decided",
    "key_text",
    "review_sheet",
    "undecided",
]

DECISIONS = ("map", "exclude", "later")
ROWS: dict[str, pl.DataType | type[pl.DataType]] = {
    "line": pl.UInt32,
    "source": pl.String,
    "destination": pl.String,
    "note": pl.String,
    "decision": pl.String,
    "circumstances": pl.String,
    "decided": pl.Boolean,  # a person decided it, now or in an earlier workbook
    "carried": pl.Boolean,  # a line of the sheet Rules: decided or ruled earlier, carried along
    "file": pl.String,
    "sheet": pl.String,
}
"""The rows of a review sheet that say anything."""

_ADDRESS = re.compile(r"[^\s()<>,;:\"]+@[^\s()<>,;:\"]+")
_HARMLESS = ("control", "merged")


@dataclass(frozen=True)
class ReviewSheet:
    """What one sheet says: `rows` as `ROWS`, and every fault of every row."""

    rows: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=ROWS))
    problems: tuple[Problem, ...] = ()


def key_text(upn: str | None, upn_key: str | None) -> str:
    """The hidden key of a user: the key itself, or a JSON string where the address is not valid."""
    return upn_key or json.dumps(upn or "")


# --- what the rows come to ---------------------------------------------------------------------------------------------


def decided(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows that decide: `map` with its destination, `exclude` without one."""
    return rows.filter(pl.col("decision").is_in(["map", "exclude"])).with_columns(
        destination=pl.when(pl.col("decision") == "map").then(pl.col("destination"))
    )


def undecided(rows: pl.DataFrame) -> pl.DataFrame:
    """What people wrote about users without deciding: schema `sources.PENDING`."""
    left = rows.filter(pl.col("decision").is_null() | (pl.col("decision") == "later"), ~pl.col("carried"))
    ready = [(circumstances.read(text or "") or {}).get("ready") for text in left["circumstances"]]
    typed = pl.col("destination").ne_missing(pl.Series(ready, dtype=pl.String))
    plain = upns.is_ascii(pl.col("source"))
    left = left.select(
        source_key=pl.when(plain).then(pl.col("source").str.to_lowercase()).otherwise(pl.col("source")),
        decision="decision",
        destination=pl.when(typed).then(pl.col("destination")),
        note="note",
    )
    return left.filter(
        pl.col("source_key").is_not_null(), pl.any_horizontal(pl.col("decision", "destination", "note").is_not_null())
    )


def counted(rows: pl.DataFrame) -> dict[str, int]:
    """How many rows decide what; those that are only carried along were decided earlier."""
    said = rows.filter(~pl.col("carried"))["decision"].drop_nulls()
    return {name: int((said == name).sum()) for name in DECISIONS}


# --- one sheet --------------------------------------------------------------------------------------------------------


def review_sheet(table: RawTable) -> ReviewSheet:
    """Read one sheet; nothing of it counts if it has problems."""
    headers, frame = placed(table)
    keys = [header_key(header) for header in headers]
    marked = is_marked(keys, frame)
    needed = {key: name for key, name in NEEDED.items() if marked or key in BY_HAND}
    missing = [name for key, name in needed.items() if key not in keys]
    twice = [name for key, name in needed.items() if keys.count(key) > 1]
    if missing or twice:
        return ReviewSheet(problems=(damaged(table, headers, missing, twice),))
    column = {key: frame.columns[1:][keys.index(key)] for key in (*NEEDED, "decided") if key in keys}

    def text(key: str) -> pl.Expr:
        return upns.trimmed(pl.col(column[key])) if key in column else pl.lit(None, dtype=pl.String)

    rows = frame.select(
        line="row",
        source=text("source"),
        destination=text("destination"),
        note=pl.when(text("note").str.contains(r"[\p{L}\p{N}]")).then(text("note")),  # nothing visible is no reason
        typed=text("decision"),
        decision=text("decision").str.to_lowercase().str.strip_chars(".!"),
        circumstances=text("circumstances"),
        earlier=text("decided").str.to_lowercase().is_in(["yes", "true"]).fill_null(value=False),
        key=text("sourcekey"),
        file=pl.lit(table.file),
        sheet=pl.lit(table.sheet, dtype=pl.String),
        carried=pl.lit("decided" in keys),
    )
    rows = rows.filter(
        pl.any_horizontal(pl.col("source", "destination", "note", "typed", "key", "circumstances").is_not_null())
    )
    if marked:  # titles and remarks that somebody wrote around the table
        rows = rows.filter(
            pl.any_horizontal(pl.col("typed", "key", "circumstances").is_not_null())
            | (pl.col("source").is_not_null() & pl.col("destination").is_not_null())
        )
    rows = rows.filter(
        ~(
            pl.col("decision").eq_missing(pl.lit("decision")) & (pl.col("key").str.to_lowercase() == "source key")
        ).fill_null(value=False)
    )
    rows, faults = _judged(rows)
    problems = [*_no_text(table, rows, {int(column[key]): needed[key] for key in BY_HAND}), *faults]
    if not problems:
        problems += _sorted_apart(table, rows)
    # A row typed in by hand is a line like any other; so is a rule line that is only carried along.
    decided = pl.when("carried").then("earlier").otherwise(pl.col("circumstances").is_not_null())
    rows = rows.with_columns(decided=decided)
    return ReviewSheet(rows.select([pl.col(name).cast(dtype) for name, dtype in ROWS.items()]), tuple(problems))


def _no_text(table: RawTable, rows: pl.DataFrame, columns: dict[int, str]) -> list[Problem]:
    """Cells that a decision rests on and that are no plain text."""
    bad = table.faults.filter(
        pl.col("column").is_in(list(columns))
        & ~pl.col("fault").is_in(_HARMLESS)
        & pl.col("row").is_in(rows["line"].implode())
    )
    return [
        Problem(
            "R403",
            f"The cell in the column {columns[column]} holds a {fault}, not a plain text.",
            "Type the text.",
            side="rules",
            file=table.file,
            sheet=table.sheet,
            row=row,
        )
        for row, column, fault in bad.select("row", "column", "fault").iter_rows()
    ]


def _judged(rows: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    """The rows with their true sources and plain addresses, and what is wrong with them: one fault per row at most."""
    odd = pl.col("decision").is_not_null() & pl.col("destination").str.contains(r"[\s(<]")
    several = rows.filter(odd)["destination"].unique()
    rows = rows.with_columns(
        destination=pl.when(odd)
        .then(pl.col("destination").replace(dict(zip(several, map(_address, several), strict=True))))
        .otherwise(pl.col("destination")),
        plain=pl.col("key").is_null() | pl.col("source").str.to_lowercase().eq_missing(pl.col("key")),
    ).with_columns(valid=upns.valid(pl.col("destination")))
    source: list[str | None] = []
    faults = []
    for row in rows.iter_rows(named=True):
        meant = row["source"] if row["plain"] else _decoded(row["key"])
        if not row["plain"] and not _same(meant, row["source"]):
            shown = upns.show(row["source"] or "(none)")
            faults.append(
                _problem(
                    row,
                    f"The source {shown} and the hidden column Source key do not belong together.",
                    "A column was sorted without the others. Undo the sorting, or start again from a fresh workbook; to "
                    "decide about a further user, use an empty row.",
                )
            )
        elif row["decision"] is not None:
            wrong = _fault(row, meant)
            if wrong is not None:
                faults.append(_problem(row, *wrong))
        source.append(meant)
    return rows.with_columns(source=pl.Series(source, dtype=pl.String)), faults


def _fault(row: dict[str, Any], source: str | None) -> tuple[str, str] | None:
    """What is wrong with a decision, and what to do about it."""
    decision = str(row["decision"])
    if decision not in DECISIONS:
        near = difflib.get_close_matches(decision, DECISIONS, 1, 0.5)
        hint = f" Did you mean {near[0]}?" if near else ""
        return (
            f"The decision {upns.show(str(row['typed']), 30)!r} is none of {', '.join(DECISIONS[:-1])} and {DECISIONS[-1]}.",
            f"Choose one from the list.{hint}",
        )
    if decision == "later":
        return None
    if source is None:
        return (
            "There is a decision, but the user has no address that a decision could name.",
            "Fill in the user principal name in the tenant and export again, or leave such users out with `--exclude I107`.",
        )
    if row["key"] is not None and row["circumstances"] is None and not row["carried"]:
        return (
            "The hidden column Circumstances is empty here: whether things have changed since cannot be told.",
            "Start again from a fresh workbook, or put the pair in a rule table with a Note.",
        )
    if decision == "map" and row["destination"] is None:
        return "The decision is map, but there is no destination.", "Choose or type a destination, or decide later."
    if decision == "map" and not row["carried"] and not row["valid"]:
        return _no_address(str(row["destination"]), row["circumstances"])
    return None


def _no_address(text: str, remembered: str | None) -> tuple[str, str]:
    """A destination that is no address; a candidate of that name is probably meant."""
    shown = upns.show(text, 60)
    reason = upns.problem(text).removeprefix(upns.show(text)).strip()
    if "@" not in text:
        reason = "it has no @"
    elif re.search(r"\s", text):
        reason = "it contains a space"
    else:
        reason = re.sub("^(has|is|holds)", r"it \1", reason).removesuffix(".")
    found = (circumstances.read(remembered or "") or {}).get("candidates", {})
    named = [key for key, facts in found.items() if text.casefold() in map(str.casefold, facts.get("names", ()))]
    best = named or difflib.get_close_matches(text.lower(), list(found), 1, 0.8)
    example = f"Did you mean {best[0]}?" if best else "Type the address, e.g. shane.byrd@fabrikam.com."
    return f"'{shown}' is not a sign-in address ({reason}).", example


def _address(text: str) -> str:
    """The one address in a cell: also of `ann@x.com (Ann Lee)` or a whole line copied from the candidates."""
    found = _ADDRESS.findall(text)
    return found[0] if len(found) == 1 and re.search(r"[(<:]", text) else text


def _decoded(key: str) -> str | None:
    if not key.startswith('"'):
        return key
    try:
        text = json.loads(key)
    except ValueError:
        return None
    return text if isinstance(text, str) else None


def _same(meant: str | None, shown: str | None) -> bool:
    if meant is None or (shown is None and meant):
        return meant is not None
    return shown is None or shown.lower() == meant.lower() or shown == upns.show(meant)


def _sorted_apart(table: RawTable, rows: pl.DataFrame) -> list[Problem]:
    """A column Destination that was sorted without the others: many rows then hold somebody else's candidates."""
    remembered = {text: circumstances.read(text) or {} for text in rows["circumstances"].drop_nulls().unique()}
    own: list[tuple[dict[str, Any], str, set[str]]] = []
    for row in rows.filter(pl.col("destination").is_not_null() & pl.col("circumstances").is_not_null()).iter_rows(
        named=True
    ):
        found = remembered[row["circumstances"]]
        if found:
            own.append((row, row["destination"].lower(), {*found["candidates"], str(found.get("ready", "")).lower()}))
    everybody: dict[str, int] = {}
    for _, _, candidates in own:
        for candidate in candidates:
            everybody[candidate] = everybody.get(candidate, 0) + 1
    moved = [row for row, goes_to, candidates in own if goes_to not in candidates and goes_to in everybody]
    if len(moved) < 2 or len(moved) * 4 < len(own) or (len(moved) < 4 and len(moved) * 2 < len(own)):
        return []
    rows_named = ", ".join(str(row["line"]) for row in moved[:5])
    return [
        Problem(
            "R403",
            f"The destinations of {len(moved)} rows are candidates of other rows (rows {rows_named}"
            f"{' …' if len(moved) > 5 else ''}): the column Destination was probably sorted without the others.",
            "Undo the sorting, or start again from a fresh workbook. If the pairs are meant, put them in a rule table with a "
            "Note.",
            side="rules",
            file=table.file,
            sheet=table.sheet,
        )
    ]


def _problem(row: dict[str, Any], message: str, fix: str) -> Problem:
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
