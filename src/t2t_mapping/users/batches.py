"""What was read, and how it is asked for: a batch of listed rows, a users frame that remembers it, a request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping.schema import ROWS
from t2t_mapping.users.hints import NEXT_PAGE
from t2t_mapping.users.merging import merge

__all__ = ["Batch", "Given", "Input", "Request", "Users", "join"]

Given = str | Path | pl.DataFrame | pl.LazyFrame


@dataclass(frozen=True, slots=True)
class Input:
    """One file that was read: its name as given, its SHA-256, what it was taken for, how many users it lists."""

    side: str
    view: str
    file: str
    sha256: str
    kind: str
    rows: int


@dataclass(frozen=True)
class Batch:
    """What a set of exports says, before merging: `rows` (schema `ROWS`), findings, and the inputs."""

    rows: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=ROWS))
    findings: pl.DataFrame = field(default_factory=fnd.empty)
    inputs: tuple[Input, ...] = ()


class Users(pl.DataFrame):
    """A users frame that remembers what it was read from.

    It is an ordinary polars frame in every respect. `batch` holds the rows as listed, the findings of reading and the
    inputs; a frame derived from it is a plain one and simply no longer knows them.
    """

    batch: Batch

    @classmethod
    def of(cls, frame: pl.DataFrame, batch: Batch) -> Users:
        """Attach a batch to its merged frame."""
        users = cls(frame)
        users.batch = batch
        return users

    @property
    def findings(self) -> pl.DataFrame:
        """The findings of reading and merging, in words."""
        return fnd.render(fnd.collect([self.batch.findings, merge(self.batch.rows)[1]]))


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
        pl.concat([part.rows for part in kept]) if kept else pl.DataFrame(schema=ROWS),
        fnd.collect([told, *findings]),
        tuple(item for part in kept for item in part.inputs),
    )
