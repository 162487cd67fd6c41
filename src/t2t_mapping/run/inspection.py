"""What each file is and how it was understood: the first thing to look at when something looks odd."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping.choices import FailOn
from t2t_mapping.errors import InputError, Problem
from t2t_mapping.outputs.notebook import tables_html, tables_text
from t2t_mapping.read import RawTable, all_columns, expand, read_bytes, read_tables
from t2t_mapping.read.recognise import no_users
from t2t_mapping.users.columns import recognise
from t2t_mapping.users.load import Request, load, merge

__all__ = ["Inspection", "inspect"]

COLUMNS = {
    "file": pl.String,
    "sheet": pl.String,
    "column": pl.UInt32,
    "header": pl.String,
    "field": pl.String,
    "how": pl.String,
}
FILES = {
    "file": pl.String,
    "kind": pl.String,
    "sheet": pl.String,
    "view": pl.String,
    "rows": pl.UInt32,
    "users": pl.UInt32,
    "domains": pl.String,
    "detail": pl.String,
}
KNOWN = {"file": pl.String, "fact": pl.String, "known": pl.UInt32, "unknown": pl.UInt32, "values": pl.String}
_FACTS = (
    "full_name",
    "enabled",
    "licensed",
    "licenses",
    "access_mode",
    "kind",
    "mail",
    "aliases",
    "object_id",
    "user_id",
    "employee_id",
    "unclear_status",
    "unclear_licence",
)
_MOST_VALUES = 6


@dataclass(frozen=True, eq=False, repr=False)
class Inspection:
    """What was found, as frames.

    Attributes:
        files: One row per file: what it is, the view it shows, rows, users, domains with their counts.
        columns: One row per column: which field it was taken for (null = not used) and how that was known.
        known: One row per file and fact: for how many users it is known, and the most frequent values.
        findings: In words; a file that cannot be used is one of severity fatal.
    """

    files: pl.DataFrame
    columns: pl.DataFrame
    known: pl.DataFrame
    findings: pl.DataFrame

    def __repr__(self) -> str:
        return tables_text("Inspection", {"files": self.files.height, "usable": self.summary["usable"]})

    def _repr_html_(self) -> str:
        words = f"{self.summary['usable']:,} of {self.files.height:,} files can be used."
        return tables_html(words, {"Files": self.files, "Columns": self.columns, "Known": self.known}, self.findings)

    @property
    def summary(self) -> dict[str, Any]:
        """The counts."""
        return {
            "files": self.files.height,
            "usable": self.files["users"].drop_nulls().len(),
            "rows": int(self.files["rows"].sum()),
            "codes": fnd.counts(self.findings),
        }

    def exit_status(self, fail_on: FailOn = "error") -> int:
        """1 if a file cannot be used, or shows anything at or above `fail_on`."""
        return fnd.exit_status(self.findings, fail_on)


def inspect(paths: str | Path | Iterable[str | Path], *, sheet: str | None = None) -> Inspection:
    """Look into files without using them.

    Args:
        paths: Files, folders or globs.
        sheet: The sheet to look at where a workbook has several with users.

    Raises:
        InputError: A path leads to no file.
    """
    given = (paths,) if isinstance(paths, (str, Path)) else tuple(paths)
    files: list[dict[str, Any]] = []
    columns: list[dict[str, Any]] = []
    known: list[dict[str, Any]] = []
    findings: list[pl.DataFrame] = []
    for label, path in expand(given):
        data = b""
        try:
            data = read_bytes(path, label)
            tables = read_tables(data, label, all_columns, sheet=sheet)
            columns += [row for table in tables for row in _columns(table)]
            kind = tables[0].kind if tables else None
        except InputError as error:
            files.append({"file": label, "kind": "unreadable"})
            other = no_users(data, label)
            findings.append(fnd.from_problems([other] if other else error.problems))
            continue
        try:
            batch = load([Request((path,), "", None)], sheet=sheet)[0]
        except InputError as error:
            files.append({"file": label, "kind": kind, "rows": sum(table.frame.height for table in tables)})
            findings.append(fnd.from_problems([_without_side(problem) for problem in error.problems]))
            continue
        users, merging = merge(batch.rows, side="")
        findings.append(fnd.render(fnd.collect([batch.findings, merging])))
        table = next(table for table in tables if batch.rows["sheet"][:1].to_list() in ([table.sheet], []))
        files.append(
            {
                "file": label,
                "kind": kind,
                "sheet": table.sheet,
                "view": batch.inputs[0].view,
                "rows": batch.rows.height,
                "users": users.height,
                "domains": _tally(users["domain"]),
                "detail": ", ".join(f"{name} {value}" for name, value in table.detail.items()) or None,
            }
        )
        known += [_fact(label, users, name) for name in _FACTS]
    return Inspection(
        pl.DataFrame(files, schema=FILES, orient="row"),
        pl.DataFrame(columns, schema=COLUMNS, orient="row"),
        pl.DataFrame(known, schema=KNOWN, orient="row"),
        pl.concat(findings) if findings else fnd.render(fnd.empty()),
    )


def _without_side(problem: Problem) -> Problem:
    return Problem(
        problem.code,
        problem.message,
        problem.fix,
        None,
        problem.file,
        problem.sheet,
        problem.row,
        problem.lines,
        problem.upn,
    )


def _columns(table: RawTable) -> list[dict[str, Any]]:
    sample = [
        [row.get(str(position)) for position in range(len(table.headers))]
        for row in table.frame.head(100).iter_rows(named=True)
    ]
    found = recognise(table.headers, table.logical, sample)
    fields = {position: name for name, positions in found.fields.items() for position in positions}
    return [
        {
            "file": table.file,
            "sheet": table.sheet,
            "column": position + 1,
            "header": header,
            "field": fields.get(position),
            "how": found.how.get(position) or (f"looks like {what}" if (what := found.unused.get(position)) else None),
        }
        for position, header in enumerate(table.headers)
    ]


def _tally(values: pl.Series) -> str | None:
    counted = (
        values.drop_nulls()
        .cast(pl.String)
        .value_counts(sort=False)
        .sort(["count", values.name], descending=[True, False])
    )
    texts = [f"{value} ({number:,})" for value, number in counted.head(_MOST_VALUES).iter_rows()]
    more = counted.height - len(texts)
    return ", ".join([*texts, *([f"{more:,} more"] if more else [])]) or None


def _fact(label: str, users: pl.DataFrame, name: str) -> dict[str, Any]:
    values = users[name]
    few = name in ("enabled", "licensed", "access_mode", "kind")
    return {
        "file": label,
        "fact": name,
        "known": values.len() - values.null_count(),
        "unknown": values.null_count(),
        "values": _tally(values) if few else None,
    }
