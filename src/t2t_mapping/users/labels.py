"""Cells that hold a label → what the label means. What is not understood stays unknown, and is remembered with its place.

A table has few distinct labels: each is looked up once, and the rows are joined back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping.read import RawTable
from t2t_mapping.schema import FAULT_WORDS
from t2t_mapping.users import licences
from t2t_mapping.wording import counted

__all__ = ["ABOUT_ACCOUNT", "LABELS", "Labels", "without_untrusted"]

ABOUT_ACCOUNT = ("disabled", "sign_in", "blocked", "enabled", "account_control")
"""The fields that answer whether an account is enabled."""

LABELS = (
    *ABOUT_ACCOUNT,
    "licensed",
    "licenses",
    "access_mode",
    "azure_state",
    "managed_type",
    "user_type",
    "recipient",
    "deleted",
    "exists",
)
"""The fields whose cells are labels: a cell that says something else than is known holds its user."""

_MOST_FINDINGS = 20  # of one column


class Labels:
    """The labels of one table.

    `unclear` collects, per group of fields, expressions that name the cell of a row that is not understood.
    """

    def __init__(self, frame: pl.DataFrame, table: RawTable, fields: dict[str, tuple[int, ...]], side: str) -> None:
        self.frame = frame
        self.table = table
        self.fields = fields
        self.side = side
        self.found: list[pl.DataFrame] = []
        self.unclear: dict[str, list[pl.Expr]] = {}

    def answers(self, name: str, meaning: Callable[[str], Any], dtype: Any, group: str) -> list[pl.Expr]:
        """What each column of a field says, per row; null where it says nothing, or nothing that is understood."""
        return [self._answer(position, meaning, dtype, group) for position in self.fields.get(name, ())]

    def licences(self) -> tuple[list[pl.Expr], pl.Expr]:
        """Whether the columns of licences show one, per column, and the licences as typed."""
        answers, texts = [], []
        for position in self.fields.get("licenses", ()):
            column = pl.col(str(position))
            distinct = self.frame[str(position)].unique()
            readings = licences.read_all(distinct)
            silent = [text for text, reading in readings.items() if text is not None and reading.silent]
            known = {text: reading.licensed for text, reading in readings.items() if text is not None}
            answer = column.replace_strict(known, default=None, return_dtype=pl.Boolean)
            if True in known.values():
                # A column that names licences elsewhere says "none" where it is empty.
                answer = (
                    pl.when(column.is_null() | column.is_in(silent_lists(silent)))
                    .then(pl.lit(value=False))
                    .otherwise(answer)
                )
            answers.append(answer)
            texts.append(pl.when(~column.is_in(silent)).then(column) if silent else column)
            odd = [text for text, reading in readings.items() if text is not None and reading.unclear]
            self._not_understood(position, odd, "licence", tell=False)
        text = pl.coalesce(texts).str.strip_chars() if texts else pl.lit(None, dtype=pl.String)
        return answers, pl.when(text != "").then(text)

    def _answer(self, position: int, meaning: Callable[[str], Any], dtype: Any, group: str) -> pl.Expr:
        labels = self.frame[str(position)].drop_nulls().unique()
        known = {label: meaning(label) for label in labels if label.strip()}
        _complete_pairs(known, self.table)
        self._not_understood(position, [label for label, said in known.items() if said is None], group)
        return pl.col(str(position)).replace_strict(known, default=None, return_dtype=dtype)

    def _not_understood(self, position: int, labels: list[str], group: str, *, tell: bool = True) -> None:
        if not labels:
            return
        column, header = pl.col(str(position)), self.table.headers[position] or f"column {position + 1}"
        words = pl.concat_str(pl.lit(f"“{header}” says “"), column.str.strip_chars().str.slice(0, 60), pl.lit("”"))
        self.unclear.setdefault(group, []).append(pl.when(column.is_in(labels)).then(words))
        cells = self.frame.filter(column.is_in(labels)) if tell else self.frame.clear()
        keys = self.fields.get("upn") or self.fields.get("user_name") or ()
        who = pl.col(str(keys[0])).str.strip_chars().first() if keys else pl.lit(None, dtype=pl.String)
        tally = cells.group_by(column.alias("label"), maintain_order=True).agg(pl.len(), pl.col("row").first(), upn=who)
        for label, number, row, upn in tally.sort("label").head(_MOST_FINDINGS).iter_rows():
            self.found.append(
                fnd.one(
                    "I111",
                    side=self.side,
                    file=self.table.file,
                    sheet=self.table.sheet,
                    row=row,
                    upn=upn,
                    a=f"The label {label.strip()[:60]!r} in the column",
                    b=repr(header),
                    c=counted(number, "row"),
                )
            )

    def place(self, group: str) -> pl.Expr:
        """The cells of a row that are not understood, with file and row, for the messages; null for almost all rows."""
        cells = self.unclear.get(group)
        if not cells:
            return pl.lit(None, dtype=pl.String)
        said = pl.concat_str(cells, separator=", ", ignore_nulls=True)
        sheet = f", sheet {self.table.sheet}" if self.table.sheet else ""
        where = pl.concat_str(pl.lit(f" ({self.table.file}{sheet}, row "), "row", pl.lit(")"))
        return pl.when(said != "").then(said + where)


def silent_lists(cells: list[str]) -> list[str]:
    """Of the cells that say nothing, the empty ones: blanks, and lists without an entry."""
    return [cell for cell in cells if not cell.strip("[](){} \t\r\n\xa0")]


def _complete_pairs(known: dict[str, Any], table: RawTable) -> None:
    """With the hidden sheet's labels of a two-valued column, one label that is understood explains the other."""
    for labels in table.labels:
        if len(labels) == 2:
            first, second = labels
            for one, other in ((first, second), (second, first)):
                if isinstance(known.get(one), bool) and known.get(other, 0) is None:
                    known[other] = not known[one]


def without_untrusted(
    table: RawTable, fields: dict[str, tuple[int, ...]], found: list[pl.DataFrame], side: str
) -> pl.DataFrame:
    """The table without what cannot be trusted: errors for anything but a label.

    An error under a label is a label that nobody understands, so that it holds its user. A formula counts with the value
    that the file stores beside it.
    """
    frame = table.frame
    if table.faults.is_empty():
        return frame
    keys = {p for name in ("upn", "user_name") for p in fields.get(name, ())}
    labelled = {p for name in LABELS for p in fields.get(name, ())}
    for (position,), part in table.faults.partition_by("column", as_dict=True).items():
        name = str(position)
        if position in keys or name not in frame.columns:
            continue
        bad = part.filter(pl.col("fault") == "error")
        if bad.is_empty():
            continue
        rows = bad["row"].unique()
        hit = pl.col("row").is_in(rows.implode())
        if position in labelled:
            text = pl.coalesce(pl.col(name), pl.lit(FAULT_WORDS["error"]))
            frame = frame.with_columns(pl.when(hit).then(text).otherwise(pl.col(name)).alias(name))
            continue
        frame = frame.with_columns(pl.when(~hit).then(pl.col(name)).alias(name))
        kinds = " or ".join(sorted(FAULT_WORDS[fault] for fault in bad["fault"].unique()))
        found.append(
            fnd.one(
                "I111",
                side=side,
                file=table.file,
                sheet=table.sheet,
                row=int(rows.min()),  # type: ignore[arg-type]
                a=f"A cell of the column {table.headers[int(str(position))]!r} that holds",
                b=kinds,
                c=counted(rows.len(), "row"),
            )
        )
    return frame
