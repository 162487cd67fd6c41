"""The findings frame: what a check has seen, one row each, arguments now and words later."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from t2t_mapping import upn as upns
from t2t_mapping.catalogue import CATALOGUE, SEVERITIES
from t2t_mapping.choices import FailOn, one_of
from t2t_mapping.errors import Problem
from t2t_mapping.wording import counted

__all__ = [
    "CODE",
    "SCHEMA",
    "SEVERITY",
    "at_least",
    "collect",
    "counts",
    "empty",
    "exit_status",
    "find",
    "from_problems",
    "hidden_rows",
    "one",
    "render",
]

CODE = pl.Enum(list(CATALOGUE))
SEVERITY = pl.Enum(list(SEVERITIES))

SCHEMA: dict[str, Any] = {
    "code": CODE,
    "severity": SEVERITY,
    "side": pl.String,
    "file": pl.String,
    "sheet": pl.String,
    "row": pl.UInt32,
    "lines": pl.List(pl.UInt32),
    "user": pl.UInt32,  # position in the source users frame, for findings on a source user
    "upn": pl.String,
    "a": pl.String,
    "b": pl.String,
    "c": pl.String,
}
PUBLIC = ("code", "name", "severity", "side", "file", "sheet", "row", "lines", "upn", "message", "fix")


_NONE = pl.DataFrame(schema=SCHEMA)


def empty() -> pl.DataFrame:
    """No findings."""
    return _NONE.clone()


def find(
    code: str, frame: pl.DataFrame, *, severity: pl.Expr | str | None = None, **columns: pl.Expr | str | None
) -> pl.DataFrame:
    """One finding of `code` per row of `frame`.

    Args:
        severity: Overrides the catalogue's, for all rows or per row.
        columns: Expressions over `frame` (or literal texts) for any column of `SCHEMA`. `file`, `sheet`, `row`, `user`
            and `upn` are taken from columns of the same name where they exist.
    """
    if frame.is_empty():
        return empty()
    values: dict[str, pl.Expr] = {}
    for name, dtype in SCHEMA.items():
        given = columns.get(name)
        if name == "code":
            value = pl.lit(code)
        elif name == "severity":
            value = severity if isinstance(severity, pl.Expr) else pl.lit(severity or CATALOGUE[code].severity)
        elif isinstance(given, pl.Expr):
            value = given
        elif given is not None:
            value = pl.lit(given)
        elif name in ("file", "sheet", "row", "user", "upn") and name in frame.columns and name not in columns:
            value = pl.col(name)
        else:
            value = pl.lit(None)
        values[name] = value.cast(dtype)
    return frame.select(**values)


def one(code: str, **values: Any) -> pl.DataFrame:
    """A single finding, e.g. on a file or on the run."""
    row = {name: values.get(name) for name in SCHEMA} | {"code": code}
    row["severity"] = values.get("severity") or CATALOGUE[code].severity
    return pl.DataFrame([row], schema=SCHEMA, orient="row")


def hidden_rows(number: int, **place: Any) -> pl.DataFrame:
    """I116: rows that a workbook does not show."""
    return one("I116", a=counted(number, "row"), **place)


def collect(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """All findings in one frame."""
    parts = [frame for frame in frames if not frame.is_empty()]
    return pl.concat(parts) if parts else empty()


def from_problems(problems: Sequence[Problem]) -> pl.DataFrame:
    """The findings of a run that could not go on, already rendered (fatal errors carry their own words)."""
    return pl.DataFrame(
        [
            {
                "code": problem.code,
                "name": CATALOGUE[problem.code].name,
                "severity": "fatal",
                "side": problem.side,
                "file": problem.file,
                "sheet": problem.sheet,
                "row": problem.row,
                "lines": list(problem.lines) or None,
                "upn": problem.upn,
                "message": problem.message,
                "fix": problem.advice,
            }
            for problem in problems
        ],
        schema={name: SCHEMA.get(name, pl.String) for name in PUBLIC},
        orient="row",
    )


_LONGEST = 900  # of one value in a message; some name ten users


def render(findings: pl.DataFrame, *also: str) -> pl.DataFrame:
    """The findings in words, worst first.

    Args:
        also: Further columns of `SCHEMA` to keep.

    Returns:
        Columns `code, name, severity, side, file, sheet, row, lines, upn, message, fix`. The order depends on the
        content only, never on the order in which checks or rows came.
    """
    parts = []
    for (code,), part in findings.partition_by("code", as_dict=True).items():
        entry = CATALOGUE[str(code)]
        parts.append(
            part.select(
                "code",
                pl.lit(entry.name).alias("name"),
                *("severity side file sheet row lines upn".split()),
                _message(entry.message).alias("message"),
                pl.lit(entry.fix.replace("{a}", "…")).alias("fix"),
                *also,
            )
        )
    if not parts:
        return pl.DataFrame(schema={name: SCHEMA.get(name, pl.String) for name in (*PUBLIC, *also)})
    return pl.concat(parts).sort(
        "severity",
        "code",
        "upn",
        "file",
        "sheet",
        "row",
        "message",
        descending=[True] + [False] * 6,
        nulls_last=True,
    )


def _message(template: str) -> pl.Expr:
    """`{upn}`, `{a}`, `{b}`, `{c}` and `{lines}` filled in, with invisible characters shown as code points."""
    pieces: list[pl.Expr] = []
    rest = template
    while "{" in rest:
        before, _, rest = rest.partition("{")
        name, _, rest = rest.partition("}")
        pieces.append(pl.lit(before))
        value = pl.col(name).fill_null("(none)")
        if name == "upn":  # a look-alike letter is no letter of an address
            value = value.map_batches(_addresses_shown, return_dtype=pl.String, is_elementwise=True)
        long = value.str.len_bytes() > _LONGEST
        pieces.append(upns.show_text(pl.when(long).then(value.str.head(_LONGEST) + pl.lit("…")).otherwise(value)))
    pieces.append(pl.lit(rest))
    return pl.concat_str(pieces)


def _addresses_shown(texts: pl.Series) -> pl.Series:
    wide = texts.to_frame().select((~upns.is_ascii(pl.first())).arg_true()).to_series()
    odd = texts.gather(wide).unique() if len(wide) else ()
    return texts.replace({text: upns.show(text) for text in odd}) if len(odd) else texts


def counts(findings: pl.DataFrame) -> dict[str, int]:
    """Number of findings per code, in catalogue order; works on stored and on rendered findings."""
    found = dict(findings.group_by("code").len().iter_rows())
    return {code: found[code] for code in CATALOGUE if code in found}


def at_least(findings: pl.DataFrame, severity: str) -> pl.DataFrame:
    """The findings of that severity or worse."""
    return findings.filter(pl.col("severity") >= pl.lit(severity, dtype=SEVERITY))


def exit_status(findings: pl.DataFrame, fail_on: FailOn) -> int:
    """0 if nothing is at or above `fail_on` (`error`, `warning`, `never`), else 1.

    Raises:
        UsageError: There is no such limit.
    """
    one_of(fail_on, FailOn, "fail_on")
    return 0 if fail_on == "never" else int(at_least(findings, fail_on).height > 0)
