"""Raw tables → the users frame: one row per listed user, unknown kept unknown, one user per person."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping import names
from t2t_mapping import upn as upns
from t2t_mapping.duplicates import repeated
from t2t_mapping.errors import InputError, Problem, UsageError
from t2t_mapping.read import RawTable, expand, frame_table, read_bytes, read_tables
from t2t_mapping.schema import (
    FAULT_WORDS,
    KINDS,
    USERS,
    VIEWS,
    access_mode_of,
    azure_state_of,
    managed_type_of,
    truth_of,
)
from t2t_mapping.users import licences
from t2t_mapping.users.columns import Columns, UserColumns

__all__ = ["ROWS", "Batch", "Input", "Request", "Users", "load", "merge", "read_users"]

Given = str | Path | pl.DataFrame | pl.LazyFrame

ROWS: dict[str, Any] = {
    **USERS,
    "deleted": pl.String,  # what says that the account is deleted; null = nothing does
    "reason": pl.String,  # what says that this is not a person
    "fault": pl.String,  # what is wrong with the cell of the user principal name
}
"""The users frame as it is before merging: what a listing says, in full."""

_SYSTEM_NAMES = ("crmoln", "crmoln2", "bap_sa", "capam", "capaeinfra", "diofficedata", "project", "pacheckerapp")
_SYSTEM_ADDRESSES = (
    *(f"{name}@microsoft.com" for name in _SYSTEM_NAMES),
    "provisionapp@fabrikam.com",
    "enterprisesurveyappuser@contoso.com",
)
_NO_APPLICATION = "00000000-0000-0000-0000-000000000000"
_ROUND_SIZES = {
    100_000: "the limit of one export is 100,000 rows",
    5_000: "some views and queries stop at 5,000 rows",
    50: "the “Page only” export brings one page, 50 rows by default",
}
_MANY = 10_000  # paths of one option
_ENDINGS = {
    "xlsx": (".xlsx", ".xlsm"),
    "spreadsheetml": (".xls", ".xml"),
    "csv": (".csv", ".tsv", ".txt"),
    "json": (".json",),
    "parquet": (".parquet",),
}
_KIND_WORDS = {
    "xlsx": "a workbook (xlsx)",
    "spreadsheetml": "an Excel 2003 XML workbook",
    "csv": "a text table (CSV)",
    "json": "JSON",
    "parquet": "Parquet",
}
_NEXT_PAGE = "its last page has a link to a next page, which is not among the files"


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


def read_users(
    paths: Given | Iterable[Given], *, view: str | None = None, side: str = "source", sheet: str | None = None
) -> Users:
    """Read users from exports of any supported kind.

    Args:
        paths: Files, folders, globs or polars frames, one or many.
        view: `full`, `admin` (the saved view that the export came from) or `directory`; by default each file tells:
            a directory's export by its columns, a Dynamics export by the name of its sheet, otherwise `full`.
        side: `source` or `destination`; only for the messages.
        sheet: The sheet to read where a workbook has several with users.

    Returns:
        The users frame, one row per person, in the order of their keys; see `t2t_mapping.schema.USERS`.

    Raises:
        InputError: A file cannot be read or lists no users (every such file is named).
    """
    if view is not None and view not in VIEWS:
        raise UsageError(f"view must be one of {', '.join(VIEWS)}, not {view!r}.")
    given = (paths,) if isinstance(paths, (str, Path, pl.DataFrame, pl.LazyFrame)) else tuple(paths)
    batch = load([Request(given, side, view)], sheet=sheet)[0]
    return Users.of(merge(batch.rows)[0].select(list(USERS)), batch)


def load(
    requests: Sequence[Request], *, sheet: str | None = None, progress: Callable[[str], None] | None = None
) -> list[Batch]:
    """Read many requests at once, on two threads, since the parsers release the interpreter lock.

    Returns:
        One batch per request. The order of the paths within a request changes nothing.

    Raises:
        InputError: with every file that cannot be used.
    """
    jobs: list[tuple[int, Request, str, Path | pl.DataFrame]] = []
    batches: dict[int, list[Batch]] = {number: [] for number in range(len(requests))}
    problems: list[Problem] = []
    for number, request in enumerate(requests):
        files = [given for given in request.given if isinstance(given, (str, Path))]
        names = [Path(file).as_posix() for file in files]
        for name in sorted({name for name in names if names.count(name) > 1}) if len(names) < _MANY else ():
            again = fnd.one("I110", side=request.side, file=name, a=f"{name}, {names.count(name)} times")
            batches[number].append(Batch(findings=again))
        try:
            jobs += [(number, request, label, path) for label, path in expand(files)]
        except InputError as error:
            problems += [_sided(problem, request.side) for problem in error.problems]
        for position, given in enumerate(g for g in request.given if not isinstance(g, (str, Path))):
            batch = getattr(given, "batch", None)
            if isinstance(batch, Batch) and request.view is None:
                batches[number].append(batch)
            else:
                frame = given.collect() if isinstance(given, pl.LazyFrame) else given
                jobs.append((number, request, f"frame {position + 1}", frame))
    if problems:
        raise InputError(*problems)

    def work(job: tuple[int, Request, str, Path | pl.DataFrame]) -> Batch | InputError:
        _, request, label, source = job
        try:
            return _read_one(source, label, request, sheet)
        except InputError as error:
            return InputError(*(_sided(problem, request.side) for problem in error.problems))
        finally:
            if progress:
                progress(label)

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
    return [_join(batches[number]) for number in range(len(requests))]


def _sided(problem: Problem, side: str) -> Problem:
    return problem if problem.side else Problem(**{**_as_dict(problem), "side": side})


def _as_dict(problem: Problem) -> dict[str, Any]:
    return {name: getattr(problem, name) for name in Problem.__slots__}


def _join(parts: list[Batch]) -> Batch:
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
    next_page = (pl.col("code") == "I103") & (pl.col("a") == _NEXT_PAGE)
    pages = [item.file for part in kept for item in part.inputs if item.kind == "json"]
    if len(set(told.filter(next_page)["file"])) < len(set(pages)):  # the page without a link, the last one, is there
        told = told.filter(~next_page)
    return Batch(
        pl.concat([part.rows for part in kept]) if kept else pl.DataFrame(schema=ROWS),
        fnd.collect([told, *findings]),
        tuple(item for part in kept for item in part.inputs),
    )


def _read_one(source: Path | pl.DataFrame, label: str, request: Request, sheet: str | None) -> Batch:
    choose = UserColumns()
    digest = ""
    if isinstance(source, Path):
        data = read_bytes(source, label)
        digest = hashlib.sha256(data).hexdigest()
        tables = read_tables(data, label, choose, sheet=sheet)
        del data
    else:
        table = frame_table(source, label, choose)
        tables = [] if table is None else [table]
    if not tables:
        raise InputError(_refusal(choose, label))
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
    rows, findings = _rows(tables[0], choose.taken, request)
    if isinstance(source, Path) and source.suffix.lower() not in _ENDINGS.get(tables[0].kind, ("",)):
        words = f"The file is {_KIND_WORDS[tables[0].kind]}, whatever its name ends with."
        findings = fnd.collect([findings, fnd.one("I104", side=request.side, file=label, a=words)])
    view = str(rows["view"][0]) if rows.height else request.view or "full"
    return Batch(rows, findings, (Input(request.side, view, label, digest, tables[0].kind, rows.height),))


def _refusal(choose: UserColumns, label: str) -> Problem:
    """The most telling reason why no sheet of a file was taken."""
    for code in ("I101", "I108", "I102"):
        for found, message, fix in choose.refusals:
            if found == code:
                return Problem(code, message, fix, file=label)
    return Problem("I102", "The file holds no table.", file=label)


# --- one table ------------------------------------------------------------------------------------------------------


def _rows(table: RawTable, columns: Columns, request: Request) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One table as rows of `ROWS`, and what there is to say about it."""
    found: list[pl.DataFrame] = []
    frame = _without_untrusted(table, columns.fields, found, request.side)

    def text(name: str) -> pl.Expr:
        positions = columns.fields.get(name, ())
        return pl.coalesce(*(upns.trimmed(pl.col(str(p))) for p in positions)) if positions else _nothing(pl.String)

    def labels(name: str, meaning: Callable[[str], Any], dtype: Any) -> list[pl.Expr]:
        return [
            pl.col(str(p)).replace_strict(
                _meanings(frame[str(p)], meaning, table, p, found, request.side), default=None, return_dtype=dtype
            )
            for p in columns.fields.get(name, ())
        ]

    statuses = [
        answer
        for name in ("disabled", "blocked", "enabled")
        for answer in labels(name, partial(truth_of, name), pl.Boolean)
    ]
    licensed = labels("licensed", partial(truth_of, "licensed"), pl.Boolean)
    licensed += [
        pl.col(str(p)).map_batches(licences.licensed, return_dtype=pl.Boolean)
        for p in columns.fields.get("licenses", ())
    ]
    modes = labels("access_mode", access_mode_of, USERS["access_mode"])
    view = request.view or _view_of(table, columns.fields)
    if view == "full" and _is_administrative(table):
        # All exports of a folder given as one view: the sheet knows better, and administrative users are never mapped
        # by accident.
        view = "admin"
        words = f"The sheet is called {table.sheet!r}: its users are taken for administrative users."
        found.append(fnd.one("I104", side=request.side, file=table.file, sheet=table.sheet, a=words))
    whole_name = pl.coalesce(
        text("full_name"),
        upns.trimmed(pl.concat_str(text("given_name"), text("surname"), separator=" ", ignore_nulls=True)),
    )
    views = labels("view", lambda t: t if t in VIEWS else None, USERS["view"])
    raw = frame.select(
        "row",
        upn=pl.coalesce(text("upn"), text("user_name")),
        full_name=whole_name,
        view=pl.coalesce(*views, pl.lit(view)) if views else pl.lit(view),
        said_enabled=_worst(statuses),
        said_licensed=_worst(licensed),
        enabled_by=text("enabled_by"),
        licensed_by=text("licensed_by"),
        licenses=text("licenses"),
        access_mode=pl.coalesce(*modes) if modes else _nothing(USERS["access_mode"]),
        given_kind=text("kind"),
        mail=text("mail"),
        proxies=text("proxy_addresses"),
        other_mails=text("other_mails"),
        application=text("application_id"),
        object_id=text("object_id").str.to_lowercase(),
        employee_id=text("employee_id"),
        user_type=text("user_type").str.to_lowercase(),
        azure_state=_first(labels("azure_state", azure_state_of, pl.String)),
        managed=_first(labels("managed_type", managed_type_of, pl.String)),
        deleted_at=text("deleted"),
    )
    faults = _upn_faults(table, columns.fields)
    raw = (
        raw.join(faults, on="row", how="left", maintain_order="left")
        if faults.height
        else raw.with_columns(fault=_nothing(pl.String))
    )
    rows = _canonical(raw, table)
    found += _file_findings(table, rows, columns.how, request.side)
    return rows, fnd.collect(found)


def _nothing(dtype: Any) -> pl.Expr:
    return pl.lit(None, dtype=dtype)


def _first(answers: list[pl.Expr]) -> pl.Expr:
    return pl.coalesce(*answers) if answers else _nothing(pl.String)


def _worst(answers: list[pl.Expr]) -> pl.Expr:
    """Of several answers to "is it good?" the worst one; null only if none is known."""
    return pl.min_horizontal(*answers) if answers else _nothing(pl.Boolean)


def _view_of(table: RawTable, fields: dict[str, tuple[int, ...]]) -> str:
    """Which view an export came from, when nobody says: a directory has columns that no saved view has."""
    if _is_administrative(table):
        return "admin"
    if table.kind == "json" and not {"disabled", "access_mode"} & fields.keys():
        return "directory"
    return "directory" if {"blocked", "licenses", "proxy_addresses", "user_type", "enabled"} & fields.keys() else "full"


def _is_administrative(table: RawTable) -> bool:
    """A sheet is named after the saved view that was exported."""
    return "administrative access" in (table.sheet or "").casefold()


def _without_untrusted(
    table: RawTable, fields: dict[str, tuple[int, ...]], found: list[pl.DataFrame], side: str
) -> pl.DataFrame:
    """Cells with a formula or an error say nothing: their text is dropped, except for the user principal name.

    Numbers, dates and truth values are dropped from names and addresses only; a status may well be `TRUE` or 4.
    """
    frame = table.frame
    if table.faults.is_empty():
        return frame
    keys = {p for name in ("upn", "user_name") for p in fields.get(name, ())}
    worded = {p for name in ("full_name", "given_name", "surname", "mail") for p in fields.get(name, ())}
    never = ("formula", "error")
    for (position,), part in table.faults.partition_by("column", as_dict=True).items():
        name = str(position)
        if position in keys or name not in frame.columns:
            continue
        bad = part.filter(
            pl.col("fault").is_in([*never, "number", "date", "boolean"] if position in worded else list(never))
        )
        if bad.is_empty():
            continue
        rows = bad["row"].unique()
        frame = frame.with_columns(pl.when(~pl.col("row").is_in(rows.implode())).then(pl.col(name)).alias(name))
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
                c=str(rows.len()),
            )
        )
    return frame


def _meanings(
    cells: pl.Series,
    meaning: Callable[[str], Any],
    table: RawTable,
    position: int,
    found: list[pl.DataFrame],
    side: str,
) -> dict[str, Any]:
    """Label -> meaning for the distinct labels of one column; what is not understood becomes a finding."""
    tally = cells.drop_nulls().value_counts()
    known: dict[str, Any] = {}
    unknown: list[tuple[str, int]] = []
    for label, number in tally.iter_rows():
        if label.strip():
            known[label] = meaning(label)
            if known[label] is None:
                unknown.append((label, number))
    _complete_pairs(known, table)
    unknown = [(label, number) for label, number in unknown if known[label] is None]
    for label, number in sorted(unknown)[:20]:
        found.append(
            fnd.one(
                "I111",
                side=side,
                file=table.file,
                sheet=table.sheet,
                a=f"The label {label.strip()[:60]!r} in the column",
                b=repr(table.headers[position]),
                c=str(number),
            )
        )
    return known


def _complete_pairs(known: dict[str, Any], table: RawTable) -> None:
    """With the hidden sheet's labels of a two-valued column, one label that is understood explains the other."""
    for labels in table.labels:
        if len(labels) == 2:
            first, second = labels
            for one, other in ((first, second), (second, first)):
                if isinstance(known.get(one), bool) and known.get(other, 0) is None:
                    known[other] = not known[one]


def _upn_faults(table: RawTable, fields: dict[str, tuple[int, ...]]) -> pl.DataFrame:
    keys = [p for name in ("upn", "user_name") for p in fields.get(name, ())]
    return (
        table.faults.filter(pl.col("column").is_in(keys))
        .group_by("row")
        .agg(pl.col("fault").unique().sort().first())
        .with_columns(pl.col("row").cast(pl.UInt32))
    )


def _canonical(raw: pl.DataFrame, table: RawTable) -> pl.DataFrame:
    """Normalised forms beside the text as typed, and what follows from view, columns and access mode."""
    zeros = pl.col("application") == _NO_APPLICATION
    by_view = pl.col("view") != "directory"
    said_by_view = {side: pl.col(f"{side}_by").fill_null("") == "view" for side in ("enabled", "licensed")}
    raw = raw.with_columns(
        upn_key=pl.when(pl.col("fault").is_null()).then(upns.key(pl.col("upn"))),
        view=pl.col("view").cast(USERS["view"]),
        aliases=_addresses(raw),
    ).with_columns(local_part=upns.local_part(pl.col("upn_key")), domain=upns.domain(pl.col("upn_key")))
    name = pl.col("full_name")
    reason = (
        pl.when(pl.col("application").is_not_null() & ~zeros)
        .then(pl.lit("it has an application id"))
        .when(name.str.starts_with("# "))
        .then(pl.lit("its name begins with “# ”, as those of application users do"))
        .when(pl.col("upn_key").is_in(_SYSTEM_ADDRESSES))
        .then(pl.lit("a system account of the service"))
        .when(pl.col("domain") == "onmicrosoft.com")
        .then(pl.lit("accounts at the bare domain onmicrosoft.com belong to the service"))
        .when(pl.col("access_mode") == "support-user")
        .then(pl.lit("access mode Support User"))
        .when(pl.col("access_mode") == "delegated-admin")
        .then(pl.lit("access mode Delegated Admin"))
        .when(pl.col("managed") == "stub")
        .then(pl.lit("a stub user"))
        .when(pl.col("upn").is_null() & name.is_in(["SYSTEM", "INTEGRATION"]))
        .then(pl.lit("a user of the service itself"))
    )
    kind = (
        pl.when(pl.col("given_kind").is_in(KINDS))
        .then(pl.col("given_kind"))
        .when(reason.str.contains("application", literal=True))
        .then(pl.lit("application"))
        .when(reason.is_not_null())
        .then(pl.lit("system"))
        .when(upns.is_guest(pl.col("upn_key")) | (pl.col("user_type") == "guest"))
        .then(pl.lit("guest"))
        .when(pl.col("access_mode") == "non-interactive")
        .then(pl.lit("non-interactive"))
        .otherwise(pl.lit("person"))
        .cast(USERS["kind"])
    )
    state = pl.col("azure_state")
    deleted = (
        pl.when(pl.col("deleted_at").is_not_null())
        .then(pl.lit("soft deletion time stamp ") + pl.col("deleted_at"))
        .when(state == "soft deleted")
        .then(pl.lit("Azure state: soft deleted"))
        .when(state == "gone")
        .then(pl.lit("Azure state: not found or hard deleted"))
    )
    explicit = {side: pl.col(f"said_{side}").is_not_null() & ~said_by_view[side] for side in ("enabled", "licensed")}
    implied = {"enabled": pl.lit(value=True), "licensed": pl.col("view") == "full"}
    values = {
        side: pl.when(pl.col(f"said_{side}").is_not_null())
        .then(pl.col(f"said_{side}"))
        .when(by_view)
        .then(implied[side])
        for side in implied
    }
    origins = {
        f"{side}_by": pl.when(explicit[side])
        .then(pl.lit("column"))
        .when(values[side].is_not_null())
        .then(pl.lit("view"))
        .cast(USERS["enabled_by"])
        for side in implied
    }
    return raw.with_columns(
        **values,
        **origins,
        kind=kind,
        reason=pl.when(kind.is_in(["application", "system"])).then(
            pl.coalesce(reason, pl.lit("listed as ") + pl.col("given_kind"))
        ),
        deleted=deleted,
        file=pl.lit(table.file),
        sheet=pl.lit(table.sheet, dtype=pl.String),
    ).select([pl.col(column).cast(dtype) for column, dtype in ROWS.items()])


def _addresses(raw: pl.DataFrame) -> pl.Series:
    """All further addresses of a user as keys, from proxy addresses (`smtp:` only) and other mails.

    The cells hold addresses joined with `+`, blanks or line breaks, or a JSON list; an address has no `+`-joint form of
    its own here, since `+` is no character of a proxy address's local part in Entra.
    """
    texts = raw.select(
        pl.concat_str(pl.col("proxies"), pl.col("other_mails"), separator="+", ignore_nulls=True).alias("aliases")
    ).with_row_index("at")
    # Most exports know none, or have an empty list in every row, and lists are costly.
    some = texts.filter(pl.col("aliases").str.contains("@", literal=True))
    parts = pl.col("aliases").str.replace_all(r'[\[\]",;{}\s]+', "+").str.to_lowercase().str.split("+")
    address = pl.element().str.strip_prefix("smtp:")
    addresses = (
        parts.list.eval(address.filter(address.str.contains(r"^[\x21-\x39\x3b-\x7e]+@[\x21-\x39\x3b-\x7e]+$")))
        .list.unique()
        .list.sort()
    )
    found = some.select("at", addresses).filter(pl.col("aliases").list.len() > 0)
    if found.is_empty():
        return pl.repeat(None, raw.height, dtype=pl.List(pl.String), eager=True).alias("aliases")
    return texts.select("at").join(found, on="at", how="left", maintain_order="left")["aliases"]


def _file_findings(table: RawTable, rows: pl.DataFrame, how: dict[int, str], side: str) -> list[pl.DataFrame]:
    place = {"side": side, "file": table.file, "sheet": table.sheet}
    found = [fnd.one("I104", a=repair, **place) for repair in table.repairs]
    by_value = [repr(table.headers[p] or f"column {p + 1}") for p, reason in sorted(how.items()) if reason == "values"]
    if by_value:
        found.append(fnd.one("I104", a=f"Found by its values, not by its header: {' and '.join(by_value)}.", **place))
    if rows.height in _ROUND_SIZES:
        found.append(
            fnd.one("I103", a=f"it has exactly {rows.height:,} rows, and {_ROUND_SIZES[rows.height]}", **place)
        )
    if table.detail.get("next_link"):
        found.append(fnd.one("I103", a=_NEXT_PAGE, **place))
    texts = rows["licenses"].drop_nulls()
    if texts.len():
        tally = dict(texts.value_counts().iter_rows())
        unknown: dict[str, int] = {}
        for text, part in licences.unknown_names(pl.Series("licenses", list(tally), dtype=pl.String)):
            unknown[part] = unknown.get(part, 0) + tally[text]
        found += [fnd.one("I112", a=repr(part[:80]), b=str(n), **place) for part, n in sorted(unknown.items())[:50]]
    return found


# --- one person, one user -------------------------------------------------------------------------------------------

_MODE_BADNESS = ("read-write", "read", "administrative", "non-interactive", "delegated-admin", "support-user")
_KIND_BADNESS = ("person", "non-interactive", "guest", "system", "application")


def merge(rows: pl.DataFrame, *, side: str = "source", ordered: bool = True) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One user per person.

    Args:
        rows: Schema `ROWS`. Rows of view `directory` complete the others; whether they may add users is the caller's
            business.
        ordered: Sort the users; nothing that is written depends on the order of the destination's.

    Returns:
        The users, sorted by key and text, with the columns of `ROWS` and `other_names` (List[String]: every listed name
        but `full_name`, null when there is none); and the findings: I105, and I106 and I107 for users without a usable
        user principal name, who are users of their own, one per row.
    """
    rows = rows.with_columns(pl.col("file").cast(pl.String))
    unusable = rows.filter(pl.col("upn_key").is_null())
    usable = rows.filter(pl.col("upn_key").is_not_null())
    twice = repeated(usable["upn_key"])
    no_names = _nothing(pl.List(pl.String)).alias("other_names")
    parts = [usable.filter(~twice).with_columns(no_names) if twice.any() else usable.with_columns(no_names)]
    found = []
    if twice.any():
        merged, contradictions = _merged(usable.filter(twice), side)
        parts.append(merged.select(parts[0].columns))
        found.append(contradictions)
    # Keys are unique by now, so that one column settles the order; only users without a key need more.
    nameless = unusable.with_columns(no_names).sort("upn", "full_name", "file", "sheet", "row", nulls_last=True)
    keyed = pl.concat(parts)
    users = pl.concat([keyed.sort("upn_key") if ordered else keyed, nameless])
    return users, fnd.collect(found)


def _rank(column: str, order: tuple[str, ...]) -> pl.Expr:
    return (
        pl.col(column)
        .cast(pl.String)
        .replace_strict({value: rank for rank, value in enumerate(order)}, return_dtype=pl.Int8)
    )


def _merged(rows: pl.DataFrame, side: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    def best(column: str) -> pl.Expr:
        """The value of the best view; among equals the ordinally smallest, so that the order of rows says nothing."""
        return pl.col(column).sort_by("view_rank", column, nulls_last=True).drop_nulls().first()

    place = pl.struct("file", "sheet", "row").sort_by("view_rank", "file", "sheet", "row", nulls_last=True).first()
    status = []
    for name in ("enabled", "licensed"):
        said = pl.col(name).filter(pl.col(f"{name}_by") == "column")
        seen = pl.col(name).filter(pl.col(f"{name}_by") == "view")
        differ = (said.n_unique() > 1) | ((said.len() == 0) & (seen.n_unique() > 1))
        status += [
            pl.coalesce(said.min(), seen.min()).alias(name),
            pl.when(said.len() > 0)
            .then(pl.lit("column"))
            .when(seen.len() > 0)
            .then(pl.lit("view"))
            .alias(f"{name}_by"),
            differ.alias(f"differ_{name}"),
        ]
    grouped = (
        rows.with_columns(
            view_rank=pl.col("view").to_physical(),
            mode_rank=_rank("access_mode", _MODE_BADNESS),
            kind_rank=_rank("kind", _KIND_BADNESS),
        )
        .group_by("upn_key")
        .agg(
            pl.col("upn").min(),
            pl.col("local_part").first(),
            pl.col("domain").first(),
            best("full_name").alias("full_name"),
            pl.col("full_name").drop_nulls().unique().sort().alias("all_names"),
            pl.col("view").sort_by("view_rank").first(),
            *status,
            best("licenses").alias("licenses"),
            pl.col("access_mode").sort_by("mode_rank", nulls_last=True).drop_nulls().last().alias("access_mode"),
            (pl.col("access_mode").drop_nulls().n_unique() > 1).alias("differ_mode"),
            pl.col("kind").sort_by("kind_rank").last().alias("kind"),
            pl.col("reason").drop_nulls().min(),
            best("mail").alias("mail"),
            pl.col("aliases")
            .explode(empty_as_null=False, keep_nulls=False)
            .drop_nulls()
            .unique()
            .sort()
            .alias("aliases"),
            pl.col("object_id").drop_nulls().min(),
            (pl.col("object_id").drop_nulls().n_unique() > 1).alias("differ_object"),
            pl.col("employee_id").drop_nulls().min(),
            (pl.col("employee_id").drop_nulls().n_unique() > 1).alias("differ_employee"),
            pl.col("deleted").drop_nulls().min(),
            pl.col("fault").first(),
            place.alias("place"),
            pl.len().alias("listed"),
            (pl.col("view") != "directory").sum().alias("exported"),
        )
        .unnest("place")
        .with_columns(
            aliases=pl.when(pl.col("aliases").list.len() > 0).then(pl.col("aliases")),
            other_names=pl.col("all_names").list.set_difference(pl.concat_list("full_name")).list.sort(),
        )
        .with_columns(other_names=pl.when(pl.col("other_names").list.len() > 0).then(pl.col("other_names")))
    )
    merged = grouped.select([pl.col(column).cast(dtype) for column, dtype in ROWS.items()] + [pl.col("other_names")])
    return merged, _duplicates(grouped, side)


def _duplicates(grouped: pl.DataFrame, side: str) -> pl.DataFrame:
    """I105: information where one person is listed again, a warning where the listings contradict each other."""
    grouped = grouped.with_columns(differ_names=_names_differ(grouped))
    words = {
        "differ_enabled": "enabled or disabled",
        "differ_licensed": "licensed or not",
        "differ_mode": "access mode",
        "differ_object": "object id",
        "differ_employee": "employee id",
        "differ_names": "name",
    }
    differ = pl.any_horizontal(list(words))
    what = pl.concat_str(
        [pl.when(pl.col(column)).then(pl.lit(word)) for column, word in words.items()],
        separator=", ",
        ignore_nulls=True,
    )
    listed = grouped.filter((pl.col("exported") > 1) | differ)
    return fnd.find(
        "I105",
        listed,
        severity=pl.when(differ).then(pl.lit("warning")).otherwise(pl.lit("info")),
        side=side,
        a=pl.col("listed").cast(pl.String),
        b=pl.when(differ).then(pl.lit("; they contradict each other: ") + what).otherwise(pl.lit("")),
    )


def _names_differ(grouped: pl.DataFrame) -> pl.Series:
    """Whether the listed names of one user are not all compatible with the one that is shown."""
    numbered = grouped.select("full_name", "other_names").with_row_index("number")
    pairs = numbered.explode("other_names", empty_as_null=False, keep_nulls=False)
    verdicts = names.compare(
        pairs.select(
            left="full_name", right="other_names", left_local=_nothing(pl.String), right_local=_nothing(pl.String)
        )
    )
    bad = pairs.filter(verdicts.is_in(["contradictory", "doubtful"]))["number"].unique()
    return numbered["number"].is_in(bad.implode())
