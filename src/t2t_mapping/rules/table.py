"""The user's own rule table: exact lines, patterns, templates and exclusions."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any

import polars as pl

from t2t_mapping import upn as upns
from t2t_mapping.errors import InputError, Problem
from t2t_mapping.read import RawTable, all_columns, frame_table, read_bytes, read_tables, repeated_header
from t2t_mapping.read.guard import sniff
from t2t_mapping.read.recognise import kind_of, kind_of_tables
from t2t_mapping.read.text import first_record, read_text
from t2t_mapping.rules import decisions
from t2t_mapping.rules.widths import without_odd_lines
from t2t_mapping.vocabulary import header_key

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

TEMPLATE_WORDS = ("first", "last", "f", "l", "local")
_ENDINGS = (
    "", "upn", "user", "userupn", "userprincipalname", "value", "email", "emailaddress", "mail", "mailaddress", "address",
    "primarysmtpaddress", "smtpaddress", "useremail", "username", "account", "login", "loginname", "identity",
)  # fmt: skip
_SOURCE_WORDS = ("source", "src", "from", "old", "current", "quell", "quelle", "origen", "origem", "origine", "bron")
_DESTINATION_WORDS = ("destination", "dest", "target", "to", "new", "ziel", "cible", "destino", "destinazione", "doel")
_SOURCE_HEADERS = frozenset(word + ending for word in _SOURCE_WORDS for ending in _ENDINGS)
_DESTINATION_HEADERS = frozenset(word + ending for word in _DESTINATION_WORDS for ending in _ENDINGS)
_PIECE = re.compile(r"\*|\{([^{}]*)\}|[^*{}]+|.")
_TAKEN = ("rule-table", "mapping", "review-workbook")
_MOST_PATTERNS = 2_000
_MOST_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern line: `regex` matches a key, `pieces` build the destination (None: exclude).

    A piece is a literal text, `*1`, `*2` … for what a star carried over, or `{word}` from the full name.
    """

    line: int
    source: str
    destination: str | None
    regex: str
    pieces: tuple[str, ...]

    @property
    def needs_name(self) -> bool:
        """Whether the destination is made from the full name."""
        return any(piece.startswith("{") and piece != "{local}" for piece in self.pieces)


@dataclass(frozen=True, eq=False, repr=False)
class RuleTable:
    """All rules. Two of them are added with `+`; they keep what a person decided, and must not contradict each other.

    Attributes:
        frame: One row per line: `line, source, destination, note, decided …`.
        patterns: The pattern lines, in order.
        file: The file that was read, if it was one.
        sha256: Its fingerprint.
        inputs: Every file that was read: name, fingerprint, number of lines.
    """

    frame: pl.DataFrame
    patterns: tuple[Pattern, ...] = ()
    file: str | None = None
    sha256: str = ""
    inputs: tuple[tuple[str, str, int], ...] = ()

    def __add__(self, other: RuleTable) -> RuleTable:
        """The lines of both.

        Raises:
            InputError: R401 for exact lines that contradict each other.
        """
        if other.frame.is_empty() or self.frame.is_empty():
            more, kept = (other, self) if other.frame.is_empty() else (self, other)
            return replace(kept, inputs=(*more.inputs, *kept.inputs))
        both = _checked(pl.concat([self.frame, other.frame]), self.file or other.file or "rules", "")
        return replace(both, inputs=(*self.inputs, *other.inputs))

    def __repr__(self) -> str:
        exact = self.frame.filter("exact").height
        return f"<RuleTable: {exact:,} users by name, {len(self.patterns):,} patterns>"

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>{self.frame._repr_html_()}"

    @classmethod
    def empty(cls) -> RuleTable:
        """No rules."""
        return cls(pl.DataFrame(schema=RULES))


def read_rules(rules: str | Path | tuple[str, bytes] | pl.DataFrame) -> RuleTable:
    """Read a rule table: CSV, a workbook (also a filled-in review workbook) or a polars frame.

    Columns `Source`, `Destination` and optionally `Note`; a file without a header row has them in this order.

    Args:
        rules: The file, its name and bytes, or a frame.

    Raises:
        InputError: R403 for every line that is not understood, R401 for exact lines that contradict each other, I101 if
            the file cannot be read.
    """
    digest = ""
    odd: list[Problem] = []
    if isinstance(rules, pl.DataFrame):
        table = frame_table(rules, "rules", all_columns)
        tables = [] if table is None else [table]
        label = "rules"
    else:
        label = rules[0] if isinstance(rules, tuple) else Path(rules).as_posix()
        data = rules[1] if isinstance(rules, tuple) else read_bytes(Path(rules), label)
        digest = hashlib.sha256(data).hexdigest()
        text = sniff(data, label) == "text"
        other = kind_of(data) if text else None
        tables, odd = ([], []) if other is not None and other.name not in _TAKEN else _tables(data, label)
        other = other if text else kind_of_tables(tables)
        if other is not None and other.name not in _TAKEN:
            raise InputError(Problem("R403", str(other), other.taker, side="rules", file=label))
    frames = [(_is_review(table), frame) for table in tables if (frame := _rule_frame(table)) is not None]
    if not frames and not odd:
        raise InputError(Problem("R403", "There are no columns Source and Destination.", side="rules", file=label))
    nothing = pl.DataFrame(schema=RULES)
    fresh = pl.concat([nothing, *(frame for review, frame in frames if review)])
    carried = pl.concat([nothing, *(frame for review, frame in frames if not review)])
    return _checked(decisions.override(carried, fresh), label, digest, odd)


def _is_review(table: RawTable) -> bool:
    return "decision" in map(header_key, table.headers)


def _tables(data: bytes, label: str) -> tuple[list[RawTable], list[Problem]]:
    """The tables of a file, and its lines that belong to none."""
    if sniff(data, label) != "text":
        return read_tables(data, label, all_columns), []
    opening = first_record(data, label)
    named = any(header_key(cell) in _SOURCE_HEADERS for cell in opening)
    data, odd = without_odd_lines(data, label, max(len(opening), 2) if named else 3)
    if not data.strip():
        return [], odd
    headers = None if named else ("Source", "Destination", "Note")
    return read_text(data, label, all_columns, headers=headers, ragged=True), odd


def _rule_frame(table: RawTable) -> pl.DataFrame | None:
    """The table's rules, not yet checked; None when it has no such columns."""
    keys = [header_key(header) for header in table.headers]
    source = next((p for p, key in enumerate(keys) if key in _SOURCE_HEADERS), None)
    destination = next((p for p, key in enumerate(keys) if key in _DESTINATION_HEADERS), None)
    if source is None or destination is None:
        return None

    known = {*_SOURCE_HEADERS, *_DESTINATION_HEADERS, "note", "decision", "circumstances", "decided", "sourcekey"}
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
        decision=text("decision").str.to_lowercase(),
        circumstances=text("circumstances"),
        decided_already=text("decided").str.to_lowercase(),
        key=text("sourcekey"),
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
    rows = decisions.with_keys(rows)
    if _is_review(table):
        rows = decisions.decided(rows)
    else:
        rows = rows.with_columns(decided=pl.col("decided_already").is_in(["yes", "true"]).fill_null(value=False))
    rows = rows.filter(pl.any_horizontal(pl.col("source", "destination", "note").is_not_null()))
    plain = pl.col("source").str.len_bytes() == pl.col("source").str.len_chars()
    return rows.with_columns(
        exact=pl.col("decided")  # what a person decided is about one user, whatever the text looks like
        | ~pl.col("source").str.contains("*", literal=True)
        & ~pl.col("destination").str.contains("{", literal=True).fill_null(value=False),
        source_key=pl.when(plain).then(pl.col("source").str.to_lowercase()).otherwise(pl.col("source")),
        destination_key=upns.key(pl.col("destination")),
    ).select([pl.col(name).cast(dtype) for name, dtype in RULES.items()])


def _checked(frame: pl.DataFrame, label: str, digest: str, odd: Sequence[Problem] = ()) -> RuleTable:
    """Refuses every malformed and every contradictory line, all of them at once."""
    problems = [*odd, *_malformed_exact(frame), *_contradictions(frame)]
    patterns: list[Pattern] = []
    pattern_lines = frame.filter(~pl.col("exact"))
    if pattern_lines.height > _MOST_PATTERNS:
        problems.append(
            Problem(
                "R403", f"There are {pattern_lines.height:,} pattern lines; {_MOST_PATTERNS:,} are allowed.", file=label
            )
        )
    else:
        for row in pattern_lines.iter_rows(named=True):
            made = _pattern(row["line"], row["source"], row["destination"])
            if isinstance(made, Pattern):
                patterns.append(made)
            else:
                problems.append(
                    Problem("R403", made, side="rules", file=row["file"], sheet=row["sheet"], lines=(row["line"],))
                )
    if problems:
        problems += _doubtful_exclusions(frame)
        raise InputError(*sorted(problems, key=lambda problem: problem.lines)[:_MOST_PROBLEMS])
    inputs = ((label, digest, frame.height),) if digest else ()
    return RuleTable(frame, tuple(patterns), label, digest, inputs)


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


def _contradictions(frame: pl.DataFrame) -> list[Problem]:
    """R401: exact lines of one user that say different things, with all their lines."""
    exact = frame.filter(pl.col("exact") & pl.col("source").is_not_null())
    repeated = exact.filter(pl.col("source_key").is_duplicated())
    different = (
        repeated.with_columns(goes_to=pl.col("destination_key").fill_null(""))
        .group_by("source_key", maintain_order=True)
        .agg(
            pl.col("source", "file", "sheet").first(),
            pl.col("line"),
            sheets="sheet",
            answers=pl.col("goes_to").n_unique(),
        )
        .filter(pl.col("answers") > 1)
    )
    return [
        Problem(
            "R401",
            f"{_places(row['sheets'], row['line'])} say different things about {upns.show(row['source'])}.",
            side="rules",
            file=row["file"],
            sheet=row["sheet"],
            lines=tuple(row["line"]),
            upn=row["source"],
        )
        for row in different.head(_MOST_PROBLEMS).iter_rows(named=True)
    ]


def _places(sheets: list[str | None], lines: list[int]) -> str:
    """`The lines 3 and 7`, or `Row 3 of Decide and row 5 of Mapped` where a workbook has several sheets."""
    if len(set(sheets)) == 1:
        return f"The {'lines' if sheets[0] is None else 'rows'} {' and '.join(map(str, lines))}"
    places = " and ".join(f"row {line} of {sheet}" for sheet, line in zip(sheets, lines, strict=True))
    return places[:1].upper() + places[1:]


_LONGEST_PATTERN = 2_000  # an address has 113 characters at the most


def _pattern(line: int, source: str | None, destination: str | None) -> Pattern | str:
    """A pattern line, or what is wrong with it."""
    if not source:
        return "The line has no source."
    if len(source) > _LONGEST_PATTERN:
        return f"The source pattern is too long: it has {len(source):,} characters."
    if not re.fullmatch(r"[A-Za-z0-9'.\-_!#^~@*]+", source):
        return f"The source pattern {upns.show(source)} holds characters that an address must not have."
    if source.count("@") > 1:
        return f"The source pattern {upns.show(source)} has more than one @."
    if destination is not None and not destination.isascii():  # before folding: a Kelvin sign is no k
        return f"The destination {upns.show(destination)} holds characters that an address must not have."
    stars = source.count("*")
    regex = "^" + "(.*)".join(re.escape(part).replace("\\@", "@") for part in source.lower().split("*")) + "$"
    if destination is None:
        return Pattern(line, source, None, regex, ())
    pieces: list[str] = []
    used = 0
    for piece in _PIECE.finditer(destination.lower()):
        text = piece[0]
        if text == "*":
            used += 1
            pieces.append(f"*{used}")
        elif piece[1] is not None:
            if piece[1] not in TEMPLATE_WORDS:
                known = ", ".join(f"{{{word}}}" for word in TEMPLATE_WORDS)
                return f"The word {upns.show(text)} is not known; known are {known}."
            pieces.append(text)
        elif text in "{}":
            return f"The destination {upns.show(destination)} has a brace without its partner."
        else:
            pieces.append(text)
    if used > stars:
        return f"The destination {upns.show(destination)} has more * than the source {upns.show(source)}."
    example = "".join("x" if piece[0] in "*{" else piece for piece in pieces)
    if not pl.select(upns.valid(pl.lit(example))).item():
        return f"The destination {upns.show(destination)} cannot become a user principal name."
    return Pattern(line, source, destination, regex, tuple(pieces))
