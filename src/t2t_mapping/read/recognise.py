"""What a file is, whoever it was given to: an export, a directory, a rule table, a mapping, the service's error report …"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from t2t_mapping.errors import InputError, Problem
from t2t_mapping.lexicon.articles import service
from t2t_mapping.read.table import RawTable, all_columns

__all__ = [
    "KINDS",
    "Kind",
    "cells_report_errors",
    "kind_of",
    "kind_of_table",
    "kind_of_tables",
    "no_users",
    "other_table",
    "reports_errors",
]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: what it is in words, and which command takes it."""

    name: str
    words: str
    taker: str

    def __str__(self) -> str:
        return f"This is {self.words}."


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "export",
            "an export of the users of a Dynamics environment",
            "`generate --source-full` (or `--source-admin`, `--destination-full`) takes it; `inspect` looks into it.",
        ),
        Kind(
            "directory",
            "an export of a tenant's accounts",
            "`generate --destination-directory` (or `--source-directory`) takes it; `inspect` looks into it.",
        ),
        Kind("rule-table", "a rule table", "`--rules` of `generate` takes it."),
        Kind(
            "mapping",
            "a mapping file",
            "`validate` checks it, `diff` compares it with another, `verify` looks whether everybody arrived; `--rules` of "
            "`generate` takes an earlier one.",
        ),
        Kind("review-workbook", "a review workbook", "`--rules` of `generate` takes it."),
        Kind("accounting", "the accounting of a run", "It is for reading; `drift` takes the folder of the run."),
        Kind("findings", "the list of findings of a run", "It is for reading; `drift` takes the folder of the run."),
        Kind("run", "the record of a run", "`drift` takes the folder of the run."),
        Kind(
            "report",
            "a report of this program",
            "It is for reading, in a browser; `drift` takes the folder of the run.",
        ),
        Kind("plan", "a plan", "`plan` takes it."),
        Kind("error-report", "the service's error report", "`explain` reads it."),
        Kind(
            "existence-check",
            "an existence check: it says who was found, not who is enabled and licensed",
            "`generate --destination-directory` takes it; an export of the accounts themselves says more.",
        ),
        Kind(
            "usage-report",
            "a usage report",
            "`generate --destination-directory` takes it; reports lag days behind, an export of the accounts does not.",
        ),
    )
}
"""Name -> kind."""

_LOOKED_AT = 64 << 10
_MOST_ROWS = 50
_MOST_TEXT = 2 << 20
_LONGEST_CELL = 1_000
_ADDRESS = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[^\s@,;<>\"]+")
_SOURCE = {f"source{word}" for word in ("", "upn", "user", "userprincipalname", "email", "emailid", "id", "value")}
_DESTINATION = {
    f"{start}{word}"
    for start in ("destination", "target")
    for word in ("", "upn", "user", "userprincipalname", "email", "emailid", "id", "value")
}
_DYNAMICS = {"windowsliveid", "domainname", "systemuserid", "isdisabled", "internalemailaddress"}
_ACCOUNTS = {"userprincipalname", "upn", "blockcredential", "accountenabled", "assignedlicenses", "proxyaddresses"}
_EXISTS = re.compile(
    r"^(?:exists?|found)(?:in)?(?:target|destination|tenant|entra|aad)?$|^(?:target|destination)exists$"
)
_MESSAGES = (
    r"lines?\s*:?\s*[\"'’]?\d[\d ,]*[\"'’]?\s*have\s+the\s+same",
    r"invalid\s+e-?mail\s+format",
    r"target\s+on\s+lines?\s*:?\s*\S+\s*is\s+(?:the\s+)?same\s+as\s+(?:the\s+)?source",
    r"each\s+line\s+must\s+have\s+exactly\s+(?:two|2)\s+columns?",
    r"user\s+mapping\s+file\s+provided\s+for\s+tenant\s+to\s+tenant\s+migration\s+is\s+invalid",
    r"errors\s+are\s+updated\s+on\s+the\s+blob",
    r"tenant\s+to\s+tenant\s+migration\s*:\s*(?:running|succeeded|failed)",
)


@cache
def _reported() -> re.Pattern[str]:
    return re.compile("|".join([*_MESSAGES, *(rf"\b{name}\b" for name in service().results)]), re.IGNORECASE)


def reports_errors(text: str) -> bool:
    """Whether the service's documented messages or result codes stand in a text, near its beginning or its end."""
    if len(text) > 2 * _MOST_TEXT:
        text = text[:_MOST_TEXT] + "\n" + text[-_MOST_TEXT:]
    return _reported().search(text) is not None


def cells_report_errors(rows: Iterable[Iterable[Any]]) -> bool:
    """The same of the first rows of a table."""
    return reports_errors("\n".join(str(cell)[:_LONGEST_CELL] for row in rows for cell in row if cell))


def kind_of(data: bytes) -> Kind | None:
    """What a file is, by its content; None for what is nothing that any command knows."""
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1")) or b"office:spreadsheet" in data[:2_000]:
        return _of_tables(data)
    text = _text(data)
    start = text[:_LOOKED_AT].lstrip("\ufeff \t\r\n")
    if '<meta name="generator" content="t2t-mapping' in start:
        return KINDS["report"]
    if re.search(r"(?m)^\s*\[\[\s*environment\s*\]\]", start):
        return KINDS["plan"]
    kind = _of_json(text) if start.startswith(("{", "[")) else _of_lines(start)
    if _may_quote(kind, re.split(r"[,;\t]", start.partition("\n")[0])):
        return kind
    return KINDS["error-report"] if reports_errors(text) else kind


_OURS = ("findings", "accounting", "run", "review-workbook")

_LISTS_USERS = ("export", "directory", "existence-check", "usage-report")


def no_users(data: bytes, label: str) -> Problem | None:
    """The problem of a file that was given as users and is for another command; None if it is no such file."""
    return _elsewhere(kind_of(data), label)


def other_table(table: RawTable) -> Problem | None:
    """The same of a table that can be read: an accounting has a column of addresses, too."""
    return _elsewhere(kind_of_table(table.headers), table.file)


def _elsewhere(kind: Kind | None, label: str) -> Problem | None:
    if kind is None or kind.name in _LISTS_USERS:
        return None
    return Problem("I108", f"{kind} It lists no users of a tenant.", kind.taker, file=label)


def _may_quote(kind: Kind | None, headers: Sequence[str]) -> bool:
    """Whether the service's words in a file do not make it an error report: what we wrote quotes them, and so do notes."""
    noted = any(header.strip(" \"'\r").casefold() in ("note", "notes") for header in headers)
    return kind is not None and (kind.name in _OURS or (kind.name == "rule-table" and noted))


def kind_of_table(headers: Sequence[str], rows: Sequence[Sequence[Any]] = ()) -> Kind | None:
    """What a table is, by its headers; the first rows tell a rule table from a mapping."""
    keys = [re.sub(r"[^a-z0-9]", "", header.casefold()) for header in headers]
    known = set(keys)
    if {"sourcekey", "circumstances"} <= known:  # whatever happened to its other headers
        return KINDS["review-workbook"]
    if {"source", "disposition"} <= known or {"source", "matchedby"} <= known:
        return KINDS["accounting"]
    if {"code", "severity", "message", "fix"} <= known:
        return KINDS["findings"]
    if "decision" in known and known & _SOURCE:
        return KINDS["review-workbook"]
    if known & _SOURCE and known & _DESTINATION:
        return _pairs(keys, rows)
    if "reportrefreshdate" in known or "reportperiod" in known:
        return KINDS["usage-report"]
    if known & _DYNAMICS or any("(do not modify)" in header.casefold() for header in headers):
        return KINDS["export"]
    if any(_EXISTS.match(key) for key in keys) and len(keys) <= 8:
        return KINDS["existence-check"]
    if known & _ACCOUNTS or "benutzerprinzipalname" in known:
        return KINDS["directory"]
    # No header at all: two columns of addresses are a mapping as a support request has it.
    lines = [tuple(headers), *rows]
    if len(headers) >= 2 and all(len(row) >= 2 and _is_pair(row) for row in lines):
        return _pairs(["source", "destination", *([""] * (len(headers) - 2))], lines)
    return None


def _is_pair(row: Sequence[Any]) -> bool:
    first, second = str(row[0] or "").strip(), str(row[1] or "").strip()
    return bool(_ADDRESS.fullmatch(first) or "*" in first) and (not second or "@" in second)


def _pairs(keys: Sequence[str], rows: Sequence[Sequence[Any]]) -> Kind:
    """A table of two columns: a rule table has notes, patterns or exclusions; a mapping has none of them."""
    source = next((n for n, key in enumerate(keys) if key in _SOURCE), 0)
    there = next((n for n, key in enumerate(keys) if key in _DESTINATION), 1)
    cells = [[str(cell or "").strip() for cell in row] for row in rows]
    rule = "note" in keys or any(
        len(row) > max(source, there) and ("*" in row[source] or "{" in row[there] or not row[there])
        for row in cells
        if any(row)
    )
    return KINDS["rule-table" if rule else "mapping"]


def _text(data: bytes) -> str:
    for mark, codec in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            return data[len(mark) :].decode(codec, "replace")
    if b"\0" in data[:200]:
        return data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-16-be", "replace")
    return data.decode("utf-8", "replace")


def _of_lines(text: str) -> Kind | None:
    lines = [line for line in text.splitlines() if line.strip() and not line.lower().startswith(("sep=", "#type"))]
    lines = lines[: _MOST_ROWS + 1]
    if not lines:
        return None
    delimiter = max(",;\t", key=lines[0].count)
    try:
        rows = list(csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        return None
    return kind_of_table(rows[0], rows[1:]) if rows else None


def _of_json(text: str) -> Kind | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, dict):
        if value.get("tool") == "t2t-mapping":
            return KINDS["run"]
        if {"counts", "findings", "skipped"} <= set(value):
            return KINDS["findings"]
        if "systemusers" in str(value.get("@odata.context", "")):
            return KINDS["export"]
        value = value.get("value", value)
    while isinstance(value, list) and value and isinstance(value[0], list):
        value = value[0]
    first = value[0] if isinstance(value, list) and value else value
    if not isinstance(first, dict):
        return None
    if isinstance(first.get("value"), list):  # pages
        if "systemusers" in str(first.get("@odata.context", "")):
            return KINDS["export"]
        first = next((row for row in first["value"] if isinstance(row, dict)), first)
    headers = [str(key) for key in first]
    rows = [list(row.values()) for row in (value if isinstance(value, list) else [value]) if isinstance(row, dict)]
    return kind_of_table(headers, rows[:_MOST_ROWS])


def _of_tables(data: bytes) -> Kind | None:
    from t2t_mapping.read import read_tables

    try:
        tables = read_tables(data, "workbook", all_columns)
    except InputError:
        return None
    return kind_of_tables(tables)


def kind_of_tables(tables: Sequence[RawTable]) -> Kind | None:
    """What a file of several tables is: what the first of them is that is anything."""
    found = map(_kind_of_whole, tables)
    return next((kind for kind in found if kind is not None), None)


def _kind_of_whole(table: RawTable) -> Kind | None:
    rows = [[row.get(str(n)) for n in range(len(table.headers))] for row in table.frame.head(_MOST_ROWS).to_dicts()]
    kind = kind_of_table([*table.headers, *table.logical.values()], rows)
    if _may_quote(kind, table.headers):
        return kind
    return KINDS["error-report"] if cells_report_errors([table.headers, *rows]) else kind
