"""What was read, and how it is asked for: a batch of listed rows, a users frame that remembers it, a request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping.schema import USERS
from t2t_mapping.users.hints import NEXT_PAGE

__all__ = ["Batch", "Given", "Input", "Request", "Users", "join"]


@dataclass(frozen=True, slots=True)
class Input:
    """One file that was read: its name as given, its SHA-256, what it was taken for, how many users it lists.

    `host` is the address that a JSON export names as its origin; empty where it names none.
    """

    side: str
    view: str
    file: str
    sha256: str
    kind: str
    rows: int
    host: str = ""


@dataclass(frozen=True)
class Batch:
    """What a set of exports says, before merging: `rows` (schema `USERS`), findings, and the inputs."""

    rows: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=USERS))
    findings: pl.DataFrame = field(default_factory=fnd.empty)
    inputs: tuple[Input, ...] = ()
    folded: int = 0  # rows that were merged into others before
    completed: bool = False  # a directory has completed these rows before: those of its own that are left are nobody's


@dataclass(frozen=True, eq=False, slots=True)
class Users:
    """Users as they were read, one per person.

    Attributes:
        frame: The users frame, see `t2t_mapping.schema.USERS`, sorted by key. Every fact that holds a person is a column:
            whatever is filtered, edited or written and read again may be given where users are taken.
        inputs: The files that were read.
        rows: How many rows list these users, the rows of directories apart.
        notes: What there was to say about files and rows, before it is put into words.
    """

    frame: pl.DataFrame
    inputs: tuple[Input, ...] = ()
    rows: int = 0
    notes: pl.DataFrame = field(default_factory=fnd.empty, repr=False)

    @property
    def findings(self) -> pl.DataFrame:
        """The findings of reading and merging, in words, worst first."""
        return fnd.render(self.notes)

    def __repr__(self) -> str:
        files = ", ".join(item.file for item in self.inputs[:3]) + (", …" if len(self.inputs) > 3 else "")
        return f"<Users: {self.frame.height:,} of {files or 'a frame'}>"


Given = Any
"""What may be read as users; a batch is for callers who read once and reconcile often."""


@dataclass(frozen=True, slots=True)
class Request:
    """Read these as users of one side, seen through one view (None: each file tells)."""

    given: tuple[Given, ...]
    side: str
    view: str | None


def join(parts: Sequence[Batch]) -> Batch:
    """One batch of many; content that was given twice is read once."""
    seen: dict[tuple[str, str, str], list[Batch]] = {}
    plain = []
    for part in parts:
        if len(part.inputs) == 1 and part.inputs[0].sha256:
            item = part.inputs[0]
            seen.setdefault((item.side, item.view, item.sha256), []).append(part)
        else:
            plain.append(part)
    kept: list[Batch] = list(plain)
    findings: list[pl.DataFrame] = []
    for same in seen.values():
        kept.append(same[0])
        if len(same) > 1:
            files = [part.inputs[0].file for part in same]
            item = same[0].inputs[0]
            findings.append(fnd.one("I110", side=item.side, file=files[0], a=" and ".join(files)))
    told = fnd.collect(part.findings for part in kept)
    next_page = (pl.col("code") == "I103") & (pl.col("a") == NEXT_PAGE)
    pages = [item.file for part in kept for item in part.inputs if item.kind == "json"]
    if len(set(told.filter(next_page)["file"])) < len(set(pages)):  # the page without a link, the last one, is there
        told = told.filter(~next_page)
    return Batch(
        pl.concat([part.rows for part in kept]) if kept else pl.DataFrame(schema=USERS),
        fnd.collect([told, *findings]),
        tuple(item for part in kept for item in part.inputs),
        sum(part.folded for part in kept),
        any(part.completed or _mixed(part.rows) for part in kept),
    )


def _mixed(rows: pl.DataFrame) -> bool:
    """Whether one part holds a directory's users beside others, as only users do who were merged before."""
    directory = rows["view"] == "directory"
    return bool(directory.any()) and not bool(directory.all())
