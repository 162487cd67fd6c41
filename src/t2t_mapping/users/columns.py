"""Which column of an export is what: by the hidden sheet, by exact header, and only then by the values."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from t2t_mapping.errors import printable
from t2t_mapping.lexicon.vocabulary import (
    field_of,
    header_key,
    hidden_prefix,
    hidden_prefix_of,
    looks_like,
    rank_of,
    truth_of,
)
from t2t_mapping.read.recognise import KINDS, cells_report_errors
from t2t_mapping.read.table import Sample
from t2t_mapping.upn import LOOKS_LIKE_UPN

__all__ = ["Columns", "UserColumns", "recognise"]

_UPN_CELL = re.compile(LOOKS_LIKE_UPN)
_NAME_CELL = re.compile(r"^[^\W\d_][^\d@:/\\]*[\s,][^\d@:/\\]*[^\W\d_.][^\d@:/\\]*$")
_USER_WORDS = frozenset("user benutzer utilisateur usuario usuário bruger utente gebruiker 用户 användare".split())
_BESIDE = ("signinname", "loginname")  # stand beside the user principal name in exports of directories
_MOSTLY = 0.8
_HIGHEST_TITLE = 20  # rows
_FEW = 20  # labels of one column
_LONGEST_CELL = 400  # longer ones are neither a name nor an address, and patterns would take for ever
_TWO = "Delete one of the two, or call the right one User principal name."


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns of one table were taken for.

    Attributes:
        fields: field -> positions, best first.
        how: position -> `hidden sheet`, `hidden column`, `header` or `values`.
        missing: why this is no user table: finding code, message, fix; None when it is one.
        unused: position -> what a column that is not used looks like: `a status`, `a licence` …
        dynamics: whether a Dynamics environment wrote this: only then does a view imply anything.
    """

    fields: dict[str, tuple[int, ...]]
    how: dict[int, str]
    missing: tuple[str, str, str] | None = None
    unused: dict[int, str] = field(default_factory=dict, compare=False)
    dynamics: bool = field(default=False, compare=False)


def recognise(headers: Sequence[str], logical: dict[str, str], sample: Sample) -> Columns:
    """Find the user columns of a table.

    Args:
        headers: As typed.
        logical: header -> logical name from a hiddenSheet, or empty.
        sample: The first data rows, to find the column of user principal names by its values where headers fail.
    """
    dynamics = _of_dynamics(headers, logical)
    if not dynamics and cells_report_errors(sample[:_REPORTED]):
        kind = KINDS["error-report"]
        return Columns({}, {}, ("I108", f"{kind} It lists no users of a tenant.", kind.taker))
    columns = _recognised(headers, logical, sample)
    if columns.missing:
        return columns
    unused = {}
    for position, header in enumerate(headers):
        if position not in columns.how and "." not in logical.get(header, ""):
            what = looks_like(logical.get(header) or header, _labels_of(sample, position))
            if what:
                unused[position] = what
    return replace(columns, unused=unused, dynamics=dynamics)


_REPORTED = 20
"""Rows: each row of an error report says what is wrong with a user."""
_DYNAMICS = ("windowsliveid", "windowslive", "domainname", "systemuserid")


def _of_dynamics(headers: Sequence[str], logical: dict[str, str]) -> bool:
    """What only a Dynamics environment writes: a hidden sheet about users, hidden columns, its own names of columns."""
    return (
        "systemuserid" in logical.values()
        or hidden_prefix(tuple(headers)) is not None
        or any(header_key(header) in _DYNAMICS for header in headers)
    )


def _labels_of(sample: Sample, position: int) -> list[str]:
    """The distinct cells of a column; none where they are too long or too many to be labels."""
    cells = {text.strip() for row in sample if (text := row[position]) and text.strip()}
    return sorted(cells) if len(cells) <= _FEW and all(len(cell) <= _LONGEST_CELL for cell in cells) else []


def _field(header: str, logical: str | None, sample: Sample, position: int) -> str | None:
    """The field of a column; `State` is a status only if one of its labels is."""
    name = field_of(header, logical)
    if name == "-":
        return None
    if name and name.endswith("?"):
        name = name.removesuffix("?")
        return name if any(truth_of(name, label) is not None for label in _labels_of(sample, position)) else None
    return name


def _recognised(headers: Sequence[str], logical: dict[str, str], sample: Sample) -> Columns:
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    how: dict[int, str] = {}
    prefix = hidden_prefix(tuple(headers))
    for position, header in enumerate(headers):
        name = _field(header, logical.get(header), sample, position)
        if name is None:
            continue
        how[position] = "hidden sheet" if header in logical else "header"
        found[name].append((rank_of(logical.get(header) or header), position))
    if prefix and "user_id" not in found and prefix[1].casefold() in _USER_WORDS:
        # The first of the three hidden columns, in any language, holds the key of the record.
        position = next(p for p, header in enumerate(headers) if hidden_prefix_of(header) == prefix[0])
        found["user_id"].append((0, position))
        how.setdefault(position, "hidden column")
    fields = {name: tuple(position for _, position in sorted(ranked)) for name, ranked in found.items()}

    table = _other_table(logical, prefix)
    if table and (logical or "upn" not in fields):
        return Columns(fields, how, _wrong_table(table, by_sheet=bool(logical)))
    if _stands_below(sample, len(fields)):
        return Columns(fields, how, _titled(headers))
    twice = _repeated(headers, fields)
    if twice:
        return Columns(fields, how, twice)
    rivals = [p for p in fields.get("upn", ()) if header_key(headers[p]) not in _BESIDE]
    if len({headers[p].strip().casefold() for p in rivals}) > 1:
        names = " and ".join(repr(printable(headers[p], 80)) for p in rivals)
        return Columns(fields, how, ("I101", f"The columns {names} both hold the user principal name.", _TWO))
    if "upn" in fields or "user_name" in fields:
        return Columns(_with_name(fields, how, headers, sample, prefix), how)

    candidates = [p for p in _free(headers, how, prefix) if _share(sample, p, _UPN_CELL) >= _MOSTLY]
    if len(candidates) == 1:
        fields["upn"] = (candidates[0],)
        how[candidates[0]] = "values"
        return Columns(_with_name(fields, how, headers, sample, prefix), how)
    if candidates:
        names = " and ".join(repr(printable(headers[p], 80) or f"column {p + 1}") for p in candidates)
        return Columns(fields, how, ("I101", f"The columns {names} both look like user principal names.", _TWO))
    if any(cell and field_of(cell.strip()) for row in sample[:_HIGHEST_TITLE] for cell in row):
        return Columns(fields, how, _titled(headers))
    shown = printable(", ".join(header for header in headers if header), 200) or "no headers at all"
    return Columns(fields, how, ("I102", f"There is no column of user principal names; the columns are: {shown}.", ""))


def _wrong_table(table: str, *, by_sheet: bool) -> tuple[str, str, str]:
    shown = printable(table, 80)
    if not by_sheet:
        return "I108", f"This is an export of the table {shown}, not of users.", ""
    return (
        "I108",
        f"The hidden sheet of this workbook says that it is an export of the table {shown}, not of users.",
        "Use Advanced Find with Look for: Users, and export that. If the visible sheet lists users after all (pasted over "
        "another export), copy it into a new workbook and pass that.",
    )


def _repeated(headers: Sequence[str], fields: dict[str, tuple[int, ...]]) -> tuple[str, str, str] | None:
    """Two columns of one name: which of them counts cannot be known, unless nobody uses them."""
    for positions in fields.values():
        seen: set[str] = set()
        for position in positions:
            key = headers[position].strip().casefold()
            if key and key in seen:
                name = repr(printable(headers[position].strip(), 80))
                message = f"Two columns are called {name}, so it is not clear which of them counts."
                return "I101", message, "Delete or rename one of the two columns."
            seen.add(key)
    return None


def _stands_below(sample: Sample, known: int) -> bool:
    """Whether a row below the header row is one: it names the address, and more columns than that does."""
    for row in sample[:_HIGHEST_TITLE]:
        fields = {name for cell in row if cell and (name := field_of(cell.strip()))}
        if fields & {"upn", "user_name"} and len(fields) > max(known, 1):
            return True
    return False


def _titled(headers: Sequence[str]) -> tuple[str, str, str]:
    title = printable(", ".join(header for header in headers if header), 200) or "blank cells"
    return "I101", f"There is something above the header row: {title}.", "Delete whatever stands above the header row."


def _other_table(logical: dict[str, str], prefix: tuple[str, str] | None) -> str | None:
    """The table this is an export of, when it is certainly not the table of users."""
    if logical:
        names = list(logical.values())
        if "systemuserid" in names:
            return None
        identifier = next((name for name in names if name.endswith("id") and "." not in name), names[0])
        return identifier.removesuffix("id")
    if prefix and prefix[1].casefold() not in _USER_WORDS:
        return prefix[1]
    return None


def _free(headers: Sequence[str], how: dict[int, str], prefix: tuple[str, str] | None) -> list[int]:
    """Columns that nothing is known about; the hidden ones are never candidates."""
    hidden = prefix[0] if prefix else None
    return [
        p for p, header in enumerate(headers) if p not in how and not (hidden and header.lstrip().startswith(hidden))
    ]


def _share(sample: Sample, position: int, pattern: re.Pattern[str]) -> float:
    """Which part of the filled cells has that form; 0 when no cell is filled."""
    cells = [text.strip() for row in sample if (text := row[position]) and text.strip()]
    return (
        sum(len(cell) <= _LONGEST_CELL and bool(pattern.match(cell)) for cell in cells) / len(cells) if cells else 0.0
    )


def _with_name(
    fields: dict[str, tuple[int, ...]],
    how: dict[int, str],
    headers: Sequence[str],
    sample: Sample,
    prefix: tuple[str, str] | None,
) -> dict[str, tuple[int, ...]]:
    """Finds the names by their form where no header tells: only in a localised export, and only if there is just one."""
    if "full_name" in fields or "given_name" in fields or "upn" not in fields or how[fields["upn"][0]] == "header":
        return fields
    candidates = [p for p in _free(headers, how, prefix) if _share(sample, p, _NAME_CELL) >= _MOSTLY]
    distinct = [p for p in candidates if len({row[p] for row in sample}) > len(sample) / 2]
    if len(distinct) == 1:
        fields["full_name"] = (distinct[0],)
        how[distinct[0]] = "values"
    return fields


@dataclass
class UserColumns:
    """The `Choose` for user tables; remembers what it took the columns for, and why it refused a table.

    Attributes:
        taken: The columns of the last table that was not refused.
        refusals: Finding code, message and fix of every table that was.
    """

    taken: Columns = field(default_factory=lambda: Columns({}, {}))
    refusals: list[tuple[str, str, str]] = field(default_factory=list)

    def __call__(self, headers: Sequence[str], logical: dict[str, str], sample: Sample) -> Sequence[int] | None:
        columns = recognise(headers, logical, sample)
        if columns.missing:
            self.refusals.append(columns.missing)
            return None
        self.taken = columns
        return sorted({position for positions in columns.fields.values() for position in positions})
