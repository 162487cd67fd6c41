"""Files and frames of users → batches, two at a time, and the users frame of `read_users`."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping.choices import Side, View, one_of
from t2t_mapping.errors import InputError, Problem
from t2t_mapping.read import RawTable, Source, each, frame_table, read_tables, sources
from t2t_mapping.read.columnar import collected, read_parquet
from t2t_mapping.read.guard import sniff
from t2t_mapping.read.recognise import no_users, other_table
from t2t_mapping.users.batches import Batch, Given, Input, Request, Users, join
from t2t_mapping.users.columns import UserColumns
from t2t_mapping.users.merging import merge
from t2t_mapping.users.returned import is_users_frame, returned
from t2t_mapping.users.rows import table_rows

__all__ = ["Batch", "Given", "Input", "Request", "Users", "load", "merge", "read_users"]

_ENDINGS = {
    "xlsx": (".xlsx", ".xlsm"),
    "xls": (".xls",),
    "xlsb": (".xlsb",),
    "ods": (".ods",),
    "spreadsheetml": (".xls", ".xml"),
    "csv": (".csv", ".tsv", ".txt"),
    "json": (".json",),
    "parquet": (".parquet",),
}
_KIND_WORDS = {
    "xlsx": "a workbook (xlsx)",
    "xls": "an old binary workbook (xls)",
    "xlsb": "a binary workbook (xlsb)",
    "ods": "an OpenDocument spreadsheet (ods)",
    "spreadsheetml": "an Excel 2003 XML workbook",
    "csv": "a text table (CSV)",
    "json": "JSON",
    "parquet": "Parquet",
}


def read_users(paths: Given, *, view: View | None = None, side: Side = "source", sheet: str | None = None) -> Users:
    """Read users from exports of any supported kind.

    Args:
        paths: One or many of: files, folders and globs; bytes, also with a name, `("users.csv", data)`; binary file
            objects; frames of polars, pandas, pyarrow or duckdb; lists of mappings.
        view: `full`, `admin` (the saved view that the export came from) or `directory`; by default each file tells:
            a directory's export by its columns, a Dynamics export by the name of its sheet, otherwise `full`.
        side: `source` or `destination`: for the messages, and for columns such as ExistsInTarget.
        sheet: The sheet to read where a workbook has several with users.

    Returns:
        The users frame, one row per person, in the order of their keys; see `t2t_mapping.schema.USERS`.

    Raises:
        InputError: A file cannot be read or lists no users (every such file is named).
        UsageError: No such view or side.
    """
    if view is not None:
        one_of(view, View, "view")
    one_of(side, Side, "side")
    batch = load([Request((paths,), side, view)], sheet=sheet)[0]
    users, found = merge(batch.rows, side=side)
    listed = batch.rows.filter(pl.col("view") != "directory").height + batch.folded
    return Users(users, batch.inputs, listed, fnd.collect([batch.findings, found]))


def load(
    requests: Sequence[Request], *, sheet: str | None = None, progress: Callable[[str], None] | None = None
) -> list[Batch]:
    """Read many requests at once, on two threads, since the parsers release the interpreter lock.

    Returns:
        One batch per request. The order of the paths within a request changes nothing.

    Raises:
        InputError: with every file that cannot be used.
    """
    jobs: list[tuple[int, Request, Source]] = []
    batches: dict[int, list[Batch]] = {number: [] for number in range(len(requests))}
    problems: list[Problem] = []
    for number, request in enumerate(requests):
        given = list(each(request.given, (Users, Batch)))
        paths = Counter(Path(item).as_posix() for item in given if isinstance(item, (str, os.PathLike)))
        for name in sorted(name for name, times in paths.items() if times > 1):
            again = fnd.one("I110", side=request.side, file=name, a=f"{name}, {paths[name]} times")
            batches[number].append(Batch(findings=again))
        batches[number] += [item for item in given if isinstance(item, Batch)]
        batches[number] += [_again(item, request) for item in given if isinstance(item, Users)]
        try:
            others = sources(item for item in given if not isinstance(item, (Users, Batch)))
            jobs += [(number, request, source) for source in others]
        except InputError as error:
            problems += [_sided(problem, request.side) for problem in error.problems]
    if problems:
        raise InputError(*problems)

    def work(job: tuple[int, Request, Source]) -> Batch | InputError:
        _, request, source = job
        try:
            return _read_one(source, request, sheet)
        except InputError as error:
            return InputError(*(_sided(problem, request.side) for problem in error.problems))
        finally:
            if progress:
                progress(source.label)

    workers = max(1, min(2, os.cpu_count() or 1, len(jobs)))
    with ThreadPoolExecutor(workers) as pool:
        results = list(pool.map(work, jobs))
    for job, result in zip(jobs, results, strict=True):
        if isinstance(result, InputError):
            problems += result.problems
        else:
            batches[job[0]].append(result)
    if problems:
        raise InputError(*problems)
    return [join(batches[number]) for number in range(len(requests))]


def _again(users: Users, request: Request) -> Batch:
    """Users that were read before, in the role that they are given now."""
    rows = returned(users.frame, "users", request.view, keep_place=True)
    return Batch(
        rows,
        users.notes.with_columns(side=pl.lit(request.side)),
        tuple(replace(item, side=request.side, view=request.view or item.view) for item in users.inputs),
        max(users.rows - rows.filter(pl.col("view") != "directory").height, 0) if users.rows else 0,
    )


def _sided(problem: Problem, side: str) -> Problem:
    return problem if problem.side else replace(problem, side=side)


def _read_one(source: Source, request: Request, sheet: str | None) -> Batch:
    choose = UserColumns()
    label, digest, kind = source.label, "", "frame"
    frame: pl.DataFrame | pl.LazyFrame | None = None
    tables: list[RawTable] = []
    content = source.content()
    if isinstance(content, pl.DataFrame):
        frame = content
    else:
        digest = hashlib.sha256(content).hexdigest()
        if sniff(content, label) == "parquet":
            kind, frame = "parquet", read_parquet(content, label)
        else:
            try:
                tables = read_tables(content, label, choose, sheet=sheet)
            except InputError as error:
                raise (InputError(other) if (other := no_users(content, label)) else error) from None
            if not tables and (other := no_users(content, label)):
                raise InputError(other)
    del content
    if frame is not None:
        if is_users_frame(frame):
            rows = returned(collected(frame.lazy(), label), label, request.view, keep_place=kind == "frame")
            view = request.view or (str(rows["view"][0]) if rows.height else "full")
            return Batch(rows, inputs=(Input(request.side, view, label, digest, kind, rows.height),))
        table = frame_table(frame, label, choose, kind=kind)
        tables = [] if table is None else [table]
    if not tables:
        raise InputError(_refusal(choose, label))
    if other := other_table(tables[0]):
        raise InputError(other)
    if len(tables) > 1:
        sheets = ", ".join(repr(table.sheet) for table in tables)
        raise InputError(
            Problem(
                "I101",
                f"The sheets {sheets} all list users; which one is meant cannot be guessed.",
                "Name the right one with `--sheet`, or delete the others.",
                file=label,
            )
        )
    rows, findings = table_rows(tables[0], choose.taken, side=request.side, given_view=request.view)
    ending = Path(label).suffix.lower()
    if (ending or isinstance(source.given, Path)) and ending not in _ENDINGS.get(tables[0].kind, (ending,)):
        words = f"The file is {_KIND_WORDS[tables[0].kind]}, whatever its name ends with."
        findings = fnd.collect([findings, fnd.one("I104", side=request.side, file=label, a=words)])
    view = str(rows["view"][0]) if rows.height else request.view or "full"
    return Batch(rows, findings, (_input(request.side, view, label, digest, tables[0], rows.height),))


def _input(side: str, view: str, label: str, digest: str, table: RawTable, rows: int) -> Input:
    return Input(side, view, label, digest, table.kind, rows, table.detail.get("from", ""))


def _refusal(choose: UserColumns, label: str) -> Problem:
    """The most telling reason why no sheet of a file was taken."""
    for code in ("I101", "I108", "I102"):
        for found, message, fix in choose.refusals:
            if found == code:
                return Problem(code, message, fix, file=label)
    return Problem("I102", "The file holds no table.", file=label)
