"""What of a mapping file can be repaired without guessing: a copy, and a sentence for everything that was changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from t2t_mapping.mapping.dialects import HEADER
from t2t_mapping.mapping.lines import BLANKS, MappingFile

__all__ = ["Repaired", "repair", "spans"]


@dataclass(frozen=True, slots=True)
class Repaired:
    """The copy and what was changed, with the line numbers of the original.

    Attributes:
        data: None when there is nothing that could be written without guessing.
    """

    data: bytes | None
    changes: tuple[str, ...]


def repair(file: MappingFile, profile: str) -> Repaired:
    """Repair encoding, separators, header, blanks, quotes, line ends, blank and repeated lines; leave all else alone.

    Repairing the copy again changes nothing.
    """
    if not file.decoded.certain:
        return Repaired(None, (f"Nothing was written: {file.decoded.fault} It cannot be repaired without guessing.",))
    lines, told = _rows(file)
    if not lines.select((pl.col("row") & pl.col("text").str.contains("@", literal=True)).any()).item():
        return Repaired(None, ("Nothing was written: no line has two columns and an address.",))
    header, more = _header(file, profile)
    told += more
    lines, more = _distinct(lines)
    told += more
    end, more = _line_end(file.lines)
    told += more
    if file.decoded.fault:
        told.append((0, file.decoded.fault.replace(".", ": written as plain UTF-8.")))
    last = end if file.lines["end"][-1] != "" else ""
    text = end.join(pl.concat([header, lines]).sort("line")["text"]).lstrip("\ufeff") + last
    return Repaired(text.encode(), tuple(words for _, words in sorted(told)))


def spans(numbers: Iterable[int]) -> str:
    """`Line 3`, `Lines 2 to 5, 9`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    parts = [str(a) if a == b else f"{a} to {b}" if b > a + 1 else f"{a}, {b}" for a, b in runs]
    one = len(runs) == 1 and runs[0][0] == runs[0][1]
    return f"Line{'' if one else 's'} {', '.join(parts)}"


Told = list[tuple[int, str]]
"""Sentences, each with the first line it is about."""


def _tell(lines: pl.DataFrame, words: str) -> Told:
    return [(int(lines["line"][0]), f"{spans(lines['line'])}: {words}.")] if lines.height else []


def _line_end(lines: pl.DataFrame) -> tuple[str, Told]:
    """The line end to write: CRLF, or LF where most lines have that."""
    ends = lines.filter(pl.col("end") != "")
    tally = dict(ends.group_by("end").len().iter_rows())
    chosen = "LF" if tally.get("LF", 0) > tally.get("CRLF", 0) else "CRLF"
    told = _tell(ends.filter(pl.col("end") != chosen), f"the line end was made {chosen}")
    return "\n" if chosen == "LF" else "\r\n", told


def _rows(file: MappingFile) -> tuple[pl.DataFrame, Told]:
    """All lines of users as they are to be written: `line`, `text`, `row` (it has two columns)."""
    rows, others = file.rows, file.others
    odd = rows.filter(~pl.col("good"))
    untidy = pl.any_horizontal(pl.col(c) != pl.col(c).str.strip_chars(BLANKS) for c in ("source", "destination"))
    inside = pl.any_horizontal(
        pl.col(c).str.replace_all('"', "", literal=True) != pl.col(b)
        for c, b in (("source", "s"), ("destination", "t"))
    )
    changes = [
        *_tell(file.blank, "blank, removed"),
        *_tell(odd.filter(pl.col("separator") == ";"), "the semicolon was made a comma"),
        *_tell(odd.filter(pl.col("separator") == "\t"), "the tab was made a comma"),
        *_tell(odd.filter("quoted"), "the quotes were removed"),
        *_tell(odd.filter(untidy | (pl.col("quoted") & inside)), "the spaces around the addresses were removed"),
        *_tell(
            others.filter(pl.col("kept").is_not_null() & (pl.col("why") == "columns")),
            "the empty columns at the end were removed",
        ),
    ]
    left = others.filter(~pl.col("why").is_in(["note", "header"]))
    repairable = (pl.col("why") == "columns") & pl.col("kept").is_not_null()
    lines = pl.concat(
        [
            rows.select("line", text=pl.col("s") + pl.lit(",") + pl.col("t"), row=pl.lit(value=True)),
            left.select(
                "line", text=pl.when(repairable).then(pl.col("kept")).otherwise(pl.col("text")), row=repairable
            ),
        ]
    )
    return lines, changes


def _header(file: MappingFile, profile: str) -> tuple[pl.DataFrame, Told]:
    """The lines at the top, and before the users."""
    header, others = file.header, file.others
    note, again = (others.filter(pl.col("why") == why) for why in ("note", "header"))
    changes = _tell(note, "a note for another program, removed") + _tell(again, "the header once more, removed")
    text: dict[int, str] = dict(
        file.lines.filter(pl.col("line").is_in(header.before)).select("line", "text").iter_rows()
    )
    if header.line is not None:
        text[header.line] = header.text
        if header.known and profile == "support-request":
            if header.before:  # whoever looks at the text above it will see it, too
                return _at_the_top(text), changes
            del text[header.line]
            changes.append((header.line, f"Line {header.line}: the header was removed."))
        elif header.known and header.text != HEADER:
            text[header.line] = HEADER
            changes.append((header.line, f"Line {header.line}: the header was made {HEADER}."))
    elif profile == "self-service":
        text[0] = HEADER
        changes.append((0, f"The header {HEADER} was put at the beginning."))
    return _at_the_top(text), changes


def _at_the_top(text: dict[int, str]) -> pl.DataFrame:
    schema = {"line": pl.UInt32, "text": pl.String}
    return pl.DataFrame({"line": list(text), "text": list(text.values())}, schema=schema)


def _distinct(lines: pl.DataFrame) -> tuple[pl.DataFrame, Told]:
    """Of lines that are the same to the letter, the first stays."""
    lines = lines.sort("line")
    again = lines["row"] & ~lines["text"].is_first_distinct()
    repeated = lines.filter(again)
    if repeated.is_empty():
        return lines.drop("row"), []
    first = lines.filter("row").unique("text", keep="first").select("text", first="line")
    told = repeated.join(first, on="text", how="left", maintain_order="left")
    changes = [
        (line, f"Line {line}: the same as line {as_line}, removed.")
        for line, as_line in told.select("line", "first").iter_rows()
    ]
    return lines.filter(~again).drop("row"), changes
