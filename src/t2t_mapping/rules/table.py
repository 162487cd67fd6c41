"""The user's own rule table: exact lines, patterns, templates and exclusions."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import polars as pl

from t2t_mapping import upn as upns
from t2t_mapping.errors import InputError, Problem
from t2t_mapping.lexicon.vocabulary import header_key
from t2t_mapping.read import RawTable, repeated_header
from t2t_mapping.rules import decisions, review_sheets
from t2t_mapping.rules.files import DESTINATION_HEADERS, SOURCE_HEADERS, Given, content
from t2t_mapping.rules.patterns import Pattern, pattern_of
from t2t_mapping.rules.sources import PENDING, RuleSource, combined, contradictions, tally

__all__ = ["RULES", "Pattern", "RuleTable", "read_rules"]

RULES: dict[str, Any] = {
    "line": pl.UInt32,  # as the file shows it
    "source": pl.String,
    "destination": pl.String,  # null = exclude
    "note": pl.String,
    "decided": pl.Boolean,  # a person decided this row in the review workbook
    "circumstances": pl.String,  # what the review workbook remembered of the user, to notice a stale decision
    "file": pl.String,
    "sheet": pl.String,
    "exact": pl.Boolean,
    "source_key": pl.String,  # what an exact line is compared by
    "destination_key": pl.String,
}
"""The rule table as a frame."""

LINES = {
    **RULES,
    "fresh": pl.Boolean,  # decided in this very workbook
    "carried": pl.Boolean,  # carried along on the sheet Rules of a workbook
    "part": pl.UInt32,  # position of the source
}
"""Every line of every source, before it is known which count."""

_MOST_PATTERNS = 2_000
_MOST_PROBLEMS = 20


@dataclass(frozen=True, eq=False, repr=False)
class RuleTable:
    """All rules. Two of them are added with `+`: decisions of a workbook keep their precedence, contradictions are R401.

    Attributes:
        frame: The lines that count: `line, source, destination, note, decided …`.
        patterns: The pattern lines, in order.
        sources: Every file or frame that the lines come from.
        pending: What review workbooks say of users about whom nothing is decided yet: `source_key, decision, destination,
            note`.
        lines: Every line of every source, to be combined with further ones.
    """

    frame: pl.DataFrame
    patterns: tuple[Pattern, ...] = ()
    sources: tuple[RuleSource, ...] = ()
    pending: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PENDING))
    lines: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=LINES))

    @classmethod
    def empty(cls) -> RuleTable:
        """No rules."""
        return cls(pl.DataFrame(schema=RULES))

    @property
    def inputs(self) -> tuple[tuple[str, str, int], ...]:
        """Every file that was read: name, fingerprint, number of lines."""
        return tuple((source.file, source.sha256, source.lines) for source in self.sources if source.sha256)

    @property
    def decisions(self) -> dict[str, int] | None:
        """How many rows of review workbooks decide what: `map`, `exclude`, `later`; None without any workbook."""
        return tally(self.sources)

    def __add__(self, other: RuleTable) -> RuleTable:
        """The lines of both.

        Raises:
            InputError: R401 for exact lines that contradict each other.
        """
        known = {(source.file, source.sha256) for source in self.sources if source.sha256}
        again = [number for number, each in enumerate(other.sources) if (each.file, each.sha256) in known]
        more = other.lines.filter(~pl.col("part").is_in(again))  # the same file, named twice
        start = 0 if self.lines.is_empty() else self.lines.select(pl.col("part").max() + 1).item()
        more = more.with_columns((pl.col("part") + start).cast(pl.UInt32))
        pending = pl.concat([self.pending, other.pending]).unique(maintain_order=True)
        sources = tuple(each for number, each in enumerate(other.sources) if number not in again)
        return _checked(pl.concat([self.lines, more]), (*self.sources, *sources), pending)

    def __repr__(self) -> str:
        exact = self.frame.filter("exact").height
        return f"<RuleTable: {exact:,} users by name, {len(self.patterns):,} patterns>"

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>{self.frame._repr_html_()}"


def read_rules(rules: Given) -> RuleTable:
    """Read a rule table: CSV, a workbook (also a filled-in review workbook) or a polars frame. Several are added with `+`.

    Columns `Source`, `Destination` and optionally `Note`; a file without a header row has them in this order.

    Args:
        rules: The file, its name and bytes, or a frame; a run folder stands for its review workbook.

    Raises:
        InputError: R403 for every line that is not understood, R401 for exact lines that contradict each other, I101 if
            the file cannot be read.
    """
    label, data, tables, odd = content(rules)
    digest = "" if data is None else hashlib.sha256(data).hexdigest()
    lines, pending, source = _source(tables, label, digest, odd)
    return _checked(lines, (source,), pending, odd)


def _source(
    tables: list[RawTable], label: str, digest: str, odd: list[Problem]
) -> tuple[pl.DataFrame, pl.DataFrame, RuleSource]:
    """The lines of one source with `fresh` and `carried`, what waits, and the source itself."""
    sheets, plain = [], []
    problems: list[Problem] = []
    frames = [pl.DataFrame(schema=LINES).drop("part")]
    for table in tables:
        if review_sheets.is_review(table):
            sheets.append(decisions.review_sheet(table))
            problems += sheets[-1].problems
            continue
        try:
            found = _rule_frame(table)
        except InputError as error:
            problems += error.problems
        else:
            if found is not None:
                plain.append(table)
                frames.append(found.with_columns(fresh=pl.lit(value=False), carried=pl.lit(value=False)))
    if sheets:
        problems += [review_sheets.not_among_review_sheets(table) for table in plain]
    if problems:
        raise InputError(*odd, *problems)
    if not plain and not sheets and not odd:
        raise InputError(Problem("R403", "There are no columns Source and Destination.", side="rules", file=label))
    rows = pl.concat([pl.DataFrame(schema=decisions.ROWS), *(sheet.rows for sheet in sheets)])
    frames.append(_lines(decisions.decided(rows), fresh=~pl.col("carried"), carried=pl.col("carried")))
    frame = pl.concat(frames)
    counts = decisions.counted(rows) if sheets else None
    frame = frame.with_columns(part=pl.lit(0, dtype=pl.UInt32))
    hidden = tuple((table.sheet, int(table.hidden[0]), len(table.hidden)) for table in plain if len(table.hidden))
    return frame, decisions.undecided(rows), RuleSource(label, digest, frame.height, counts, hidden)


def _rule_frame(table: RawTable) -> pl.DataFrame | None:
    """The table's rules, not yet checked; None when it has no such columns."""
    keys = [header_key(header) for header in table.headers]
    source = next((p for p, key in enumerate(keys) if key in SOURCE_HEADERS), None)
    destination = next((p for p, key in enumerate(keys) if key in DESTINATION_HEADERS), None)
    if source is None or destination is None:
        return None

    known = {*SOURCE_HEADERS, *DESTINATION_HEADERS, "note"}
    twice = repeated_header(table.headers, [p for p, key in enumerate(keys) if key in known])
    if twice is not None:
        message = f"Two columns are called {twice!r}, so it is not clear which of them counts."
        fix = "Delete or rename one of the two columns."
        raise InputError(Problem("I101", message, fix, side="rules", file=table.file, sheet=table.sheet))
    if "disposition" in keys:
        raise InputError(
            Problem(
                "R403",
                "This is the accounting of a run, not a rule table: held users would be mapped, undecided.",
                "Copy the lines that are decided into a table with the columns Source, Destination and Note.",
                side="rules",
                file=table.file,
            )
        )

    def text(header: str) -> pl.Expr:
        if header not in keys or str(keys.index(header)) not in table.frame.columns:
            return pl.lit(None, dtype=pl.String)
        return upns.trimmed(pl.col(str(keys.index(header))))

    rows = table.frame.select(
        line=pl.col("row"),
        source=upns.trimmed(pl.col(str(source))),
        destination=upns.trimmed(pl.col(str(destination))),
        note=pl.when(text("note").str.contains(r"[\p{L}\p{N}]")).then(text("note")),  # nothing visible is no reason
        decided=pl.lit(value=False),
        circumstances=pl.lit(None, dtype=pl.String),
        file=pl.lit(table.file),
        sheet=pl.lit(table.sheet, dtype=pl.String),
    )
    if table.faults.height:
        bad = table.faults.filter(
            pl.col("column").is_in([source, destination]) & ~pl.col("fault").is_in(["control", "merged"])
        )
        if bad.height:
            raise InputError(
                *(
                    Problem(
                        "R403",
                        f"The cell holds a {fault}, not a plain text.",
                        "Type the address as text.",
                        side="rules",
                        file=table.file,
                        sheet=table.sheet,
                        row=row,
                    )
                    for row, fault in bad.select("row", "fault").head(_MOST_PROBLEMS).iter_rows()
                )
            )
    return _lines(rows.filter(pl.any_horizontal(pl.col("source", "destination", "note").is_not_null())))


def _lines(rows: pl.DataFrame, **more: pl.Expr | str) -> pl.DataFrame:
    """Rows as rule lines, with what they are compared by."""
    plain = upns.is_ascii(pl.col("source"))
    return rows.with_columns(
        exact=pl.col("decided")  # what a person decided is about one user, whatever the text looks like
        | ~pl.col("source").str.contains("*", literal=True)
        & ~pl.col("destination").str.contains("{", literal=True).fill_null(value=False),
        source_key=pl.when(plain).then(pl.col("source").str.to_lowercase()).otherwise(pl.col("source")),
        destination_key=upns.key(pl.col("destination")),
    ).select(*(pl.col(name).cast(dtype) for name, dtype in RULES.items()), **more)


def _checked(
    lines: pl.DataFrame, sources: tuple[RuleSource, ...], pending: pl.DataFrame, odd: Sequence[Problem] = ()
) -> RuleTable:
    """Refuses every malformed and every contradictory line, all of them at once."""
    frame = combined(lines)
    problems = [*odd, *_malformed_exact(frame), *contradictions(frame)]
    patterns: list[Pattern] = []
    pattern_lines = frame.filter(~pl.col("exact"))
    if pattern_lines.height > _MOST_PATTERNS:
        problems.append(
            Problem(
                "R403",
                f"There are {pattern_lines.height:,} pattern lines; {_MOST_PATTERNS:,} are allowed.",
                file=sources[0].file,
            )
        )
    else:
        for row in pattern_lines.iter_rows(named=True):
            made = pattern_of(row["line"], row["source"], row["destination"])
            if isinstance(made, Pattern):
                patterns.append(made)
            else:
                problems.append(
                    Problem("R403", made, side="rules", file=row["file"], sheet=row["sheet"], lines=(row["line"],))
                )
    if problems:
        problems += _doubtful_exclusions(frame)
        raise InputError(*sorted(problems, key=lambda problem: problem.lines)[:_MOST_PROBLEMS])
    return RuleTable(frame, tuple(patterns), sources, pending, lines)


def _malformed_exact(frame: pl.DataFrame) -> list[Problem]:
    exact = frame.filter(pl.col("exact").fill_null(value=True))
    bad = exact.filter(
        pl.col("source").is_null()
        | (
            pl.col("destination").is_not_null()
            & (pl.col("destination_key").is_null() | upns.key(pl.col("source")).is_null())
        )
    ).head(_MOST_PROBLEMS)
    problems = []
    for row in bad.iter_rows(named=True):
        if row["source"] is None:
            message = "The line has no source."
        elif row["destination_key"] is None:
            message = f"The destination is not a user principal name: {upns.problem(row['destination'])}"
        else:
            message = f"The source is not a user principal name: {upns.problem(row['source'])}"
        problems.append(
            Problem(
                "R403",
                message,
                side="rules",
                file=row["file"],
                sheet=row["sheet"],
                lines=(row["line"],),
                upn=row["source"],
            )
        )
    return problems


def _doubtful_exclusions(frame: pl.DataFrame) -> list[Problem]:
    """Exclusions of a text that is no address: right only if an export lists this very text, which is not known yet."""
    odd = frame.filter(
        pl.col("exact") & ~pl.col("decided") & pl.col("destination").is_null() & ~upns.valid(pl.col("source"))
    )
    return [
        Problem(
            "R403",
            f"The source is not a user principal name: {upns.problem(row['source'])}",
            "Correct it, unless an export lists the user under this very text.",
            side="rules",
            file=row["file"],
            sheet=row["sheet"],
            lines=(row["line"],),
            upn=row["source"],
        )
        for row in odd.head(_MOST_PROBLEMS).iter_rows(named=True)
    ]
