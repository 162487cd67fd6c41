"""Damaged and tampered files: refused, or read exactly as an independent reader reads them. Nothing in between.

Two levels. Of a single file: whatever is accepted, the second reader sees the same cells. Of a whole merger: the run is
refused, or every user of the damaged file is accounted for as the second reader sees them, and nobody whom the change does
not concern goes to another destination.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import agreement
import mutations
import pytest
import second_reader
import writers as w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from merger import ADMIN_ONLY, CASES, FABRIKAM_ONLY, IN_BOTH_VIEWS, RULES, person
from people import Person
from places import FIXTURES

import t2t_mapping as t2t
from t2t_mapping.errors import InputError
from t2t_mapping.read import RawTable, all_columns, read_tables

FORMATS = FIXTURES / "formats"
KINDS = {kind: [path.read_bytes() for path in sorted(FORMATS.glob(f"*.{kind}"))] for kind in mutations.BY_KIND}

# Plain seeds: chance that is spread evenly finds more here than what hypothesis thinks simple.
CHANCE = st.randoms(use_true_random=True)
LIMIT = timedelta(seconds=30)  # a bad file is refused within ten; the rest is for a machine that stalls


def settled(examples: int) -> settings:
    """A short run is the same every time; a long one goes somewhere else each time."""
    short = examples < 1000
    return settings(max_examples=examples, derandomize=short, suppress_health_check=list(HealthCheck))


def damaged(data: bytes, kind: str, chance: Random) -> bytes:
    """One change most often, sometimes a few; with an odd byte among them now and then."""
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        data = mutations.BY_KIND[kind](data, chance)
    return mutations.any_byte(data, chance) if data and kind != "xlsx" and not chance.randrange(20) else data


# --- one file ---------------------------------------------------------------------------------------------------------


def a_file_is_refused_or_read_alike(kind: str, chance: Random) -> None:
    agreement.tables(damaged(chance.choice(KINDS[kind]), kind, chance))


MARKED_UP = ("xlsx", "xls")  # in which the structure is XML: whoever forges it can as well write other users into it
PLAIN = [kind for kind in KINDS if kind not in MARKED_UP]


@pytest.mark.parametrize("kind", PLAIN)
@settled(40)
@given(chance=CHANCE)
def test_a_file_is_refused_or_read_alike(kind: str, chance: Random) -> None:
    """Whatever is in it, and wherever."""
    a_file_is_refused_or_read_alike(kind, chance)


@pytest.mark.parametrize("kind", MARKED_UP)
@settled(40)
@given(chance=CHANCE)
def test_a_forged_file_never_raises_anything_else(kind: str, chance: Random) -> None:
    """A refusal is one message; and what is read is a table."""
    with suppress(InputError):
        read_tables(damaged(chance.choice(KINDS[kind]), kind, chance), "users", all_columns)


@pytest.mark.fuzz
@pytest.mark.parametrize("kind", PLAIN)
@settled(20_000)
@given(chance=CHANCE)
def test_a_file_is_refused_or_read_alike_at_length(kind: str, chance: Random) -> None:
    """The same with time."""
    a_file_is_refused_or_read_alike(kind, chance)


FOUND = {
    # what: file, part, what stands there, what was put there
    "2003: addresses without a header": ("worksheet-2003.xls", "", "Windows Live ID", ""),
    "CSV: addresses without a header": ("worksheet-utf-8-comma.csv", "", "Windows Live ID", ""),
    "JSON: addresses without a header": ("graph.json", "", "userPrincipalName", ""),
}  # fmt: skip


@pytest.mark.parametrize("what", FOUND)
def test_what_was_found(what: str, tmp_path: Path) -> None:
    """Users where nobody would look for them, two values in one cell, a column of addresses without a name."""
    name, part, old, new = FOUND[what]
    data = (FORMATS / name).read_bytes()
    parts = mutations.parts_of(data) if part else [("", data)]
    assert any(found == part and old.encode() in content for found, content in parts)
    parts = [(n, c.replace(old.encode(), new.encode()) if n == part else c) for n, c in parts]
    path = tmp_path / name
    path.write_bytes(mutations.zipped(parts) if part else parts[0][1])
    if agreement.tables(path.read_bytes()):
        with suppress(InputError):
            t2t.read_users(path)


# --- a merger ---------------------------------------------------------------------------------------------------------

COLUMNS = ("fullname", "windowsliveid", "internalemailaddress", "isdisabled", "islicensed", "accessmode")
UPN_HEADERS = ("Windows Live ID", "windowsliveid", "upn")
ROLES = ("source_full", "source_admin", "destination_full", "destination_directory")
FULL: dict[str, Any] = {"columns": (*COLUMNS, "applicationid", "azurestate")}
ADMIN: dict[str, Any] = {"columns": COLUMNS[:2], "sheet_name": "Administrative Access Users"}


def view_of(role: str) -> str:
    return role.partition("_")[2]


def sheet_writer(write: Callable[..., None], **options: Any) -> Callable[[str, list[Person], Path], None]:
    def written(role: str, people: list[Person], path: Path) -> None:
        write(people, path, **(ADMIN if view_of(role) == "admin" else FULL), **options)

    return written


Form = tuple[str, Callable[[str, list[Person], Path], None], str, Callable[..., None]]
FORMS: dict[str, Form] = {
    # form: ending and writer of the worksheets; ending and writer of the directory, which tells the licences
    "raw": ("xlsx", sheet_writer(w.static_worksheet_raw), "csv", w.m365_csv),
    "resaved": ("xlsx", sheet_writer(w.static_worksheet_resaved), "csv", w.entra_csv),
    "2003": ("xls", sheet_writer(w.spreadsheetml_2003), "csv", w.powershell_csv),
    "csv": ("csv", sheet_writer(w.csv_export, encoding="utf-8"), "csv", w.m365_csv),
    "tab": ("csv", sheet_writer(w.csv_export, encoding="utf-16", delimiter="\t"), "json", w.graph_json),
    "json": ("json", lambda _, people, path: w.dataverse_json(people, path), "json", w.graph_json),
    "parquet": (
        "parquet",
        lambda role, people, path: w.parquet_canonical(people, path, view=view_of(role)),
        "parquet",
        w.parquet_canonical,
    ),
}

PLAIN_FORMS = ("csv", "tab", "json")


@dataclass
class Merger:
    """The merger of the fixtures (half of its plain matches) in one form, and what comes of it undamaged."""

    folder: Path
    paths: dict[str, Path]
    users: dict[str, t2t.Users]  # read beforehand, so that only the damaged file is read anew
    tables: dict[str, list[RawTable]]
    rules: t2t.RuleTable
    before: dict[str, str]


def mapping_of(result: t2t.Result) -> dict[str, str]:
    """Source -> destination, whatever their case."""
    return {s.lower(): d.lower() for s, d in result.mapping.select("source", "destination").iter_rows()}


def run(merger: Merger, role: str, damaged_file: Path) -> t2t.Result:
    others = {side: [u for r, u in merger.users.items() if r.startswith(side) and r != role] for side in ("s", "d")}
    here: Any = {role: damaged_file}
    return t2t.generate(
        others["s"], others["d"], rules=merger.rules, destination_domain="fabrikam.com", include_admins=True, **here
    )


@cache
def merger_in(form: str, folder: Path) -> Merger:
    cases = [case for n, case in enumerate(CASES) if not case.planted.startswith("plain match") or n % 2]
    people = {
        "source_full": [case.source for case in cases if case.source not in ADMIN_ONLY],
        "source_admin": [*ADMIN_ONLY, *IN_BOTH_VIEWS],
        "destination_full": [there for case in cases for there in case.listed] + list(FABRIKAM_ONLY),
        "destination_directory": [there for case in cases for there in (*case.listed, *case.directory_only)],
    }
    people["destination_directory"].append(person("Ann Alias", "x@fabrikam.com", aliases=("ewa.nowak@contoso.com",)))
    ending, write, directory_ending, write_directory = FORMS[form]
    paths = {role: folder / form / f"{role}.{ending}" for role in ROLES[:3]}
    paths[ROLES[3]] = folder / form / f"{ROLES[3]}.{directory_ending}"
    for role, path in paths.items():
        if role == ROLES[3]:
            write_directory(people[role], path)
        else:
            write(role, people[role], path)
    rules = folder / "rules.csv"
    rules.write_text("\n".join(RULES), encoding="utf-8")
    merger = Merger(
        folder,
        paths,
        {r: t2t.read_users(p, view=view_of(r), side=r.partition("_")[0]) for r, p in paths.items()},  # type: ignore[arg-type]
        {r: agreement.tables(p.read_bytes()) or [] for r, p in paths.items()},
        t2t.read_rules(rules),
        {},
    )
    merger.before = mapping_of(run(merger, "source_full", paths["source_full"]))
    assert len(merger.before) > 30
    return merger


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the mergers are written, each form once."""
    return tmp_path_factory.mktemp("mergers")


def says_the_same(one: list[RawTable], other: list[RawTable]) -> bool:
    """Nothing of a file but its tables reaches the rest of a run."""
    names = ("headers", "sheet", "logical", "entity", "labels")
    return len(one) == len(other) and all(
        a.frame.equals(b.frame)
        and a.faults.equals(b.faults)
        and all(getattr(a, name) == getattr(b, name) for name in names)
        for a, b in zip(one, other, strict=True)
    )


def rows_of(data: bytes) -> Counter[tuple[str, ...]]:
    book = second_reader.read(data)
    return Counter(tuple(row.cells) for sheet in book.sheets.values() for row in sheet.filled)


def a_run_is_refused_or_agrees(form: str, role: str, data: bytes, home: Path) -> t2t.Result | None:
    """Of one damaged file among four; None where it is refused, or says what it said before."""
    merger = merger_in(form, home)
    tables = agreement.tables(data)
    if tables is None or says_the_same(tables, merger.tables[role]):
        return None
    path = merger.folder / "damaged" / merger.paths[role].name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    try:
        result = run(merger, role, path)
    except InputError:
        return None
    result.files("core")
    if role.startswith("source"):
        assert_everybody_is_accounted_for(result, path, second_reader.read(data), tables)
    assert_others_go_where_they_went(merger.before, result, rows_of(merger.paths[role].read_bytes()), rows_of(data))
    return result


def assert_everybody_is_accounted_for(
    result: t2t.Result, path: Path, book: second_reader.Book, tables: list[RawTable]
) -> None:
    """Nobody is made up; and nobody is lost whose address stands below a header that is known."""
    listed = {cell.strip().lower() for s in book.sheets.values() for row in s.filled for cell in row.cells}
    accounting = result.accounting.select("file", "source").drop_nulls()
    users = {source.strip().lower() for file, source in accounting.iter_rows() if file == path.as_posix()}
    assert users <= listed, f"users that the file does not list: {users - listed}"
    if any(table.logical and table.logical.get("Windows Live ID") != "windowsliveid" for table in tables):
        return  # the hidden sheet was tampered with, and says that something else is the address
    for sheet in book.sheets.values():
        header, *rows = sheet.filled or [second_reader.Row(0, [])]
        places = [n for n, cell in enumerate(header.cells) if cell.strip() in UPN_HEADERS]
        if len(places) == 1:
            found = {row.cells[places[0]].strip().lower() for row in rows if len(row.cells) > places[0]} - {""}
            lost = found - {source.strip().lower() for source in accounting["source"]}
            assert not lost, f"users who are not accounted for: {lost}"


def assert_others_go_where_they_went(
    before: dict[str, str], result: t2t.Result, original: Counter[tuple[str, ...]], now: Counter[tuple[str, ...]]
) -> None:
    """Whoever stands in no row that has changed is mapped as before, or not at all."""
    concerned = {cell.strip().lower() for row in (original - now) + (now - original) for cell in row}
    after = mapping_of(result)
    for source, destination in before.items():
        if source in after and not {source, destination} & concerned:
            assert after[source] == destination, f"{source} went to {destination} and now goes to {after[source]}"


@pytest.mark.parametrize("form", PLAIN_FORMS)
@settled(4)
@given(chance=CHANCE)
def test_a_run_is_refused_or_agrees(form: str, chance: Random, home: Path) -> None:
    """Structure changed in one file of four."""
    damage_a_run(form, chance, home)


@pytest.mark.fuzz
@pytest.mark.parametrize("form", PLAIN_FORMS)
@settled(2_000)
@given(chance=CHANCE)
def test_a_run_is_refused_or_agrees_at_length(form: str, chance: Random, home: Path) -> None:
    """The same with time."""
    damage_a_run(form, chance, home)


def damage_a_run(form: str, chance: Random, home: Path) -> None:
    role = chance.choice((*ROLES, "source_full", "destination_full"))  # the long lists more often than the short one
    path = merger_in(form, home).paths[role]
    a_run_is_refused_or_agrees(form, role, damaged(path.read_bytes(), path.suffix[1:], chance), home)


# --- one byte ---------------------------------------------------------------------------------------------------------


def flip(form: str, chance: Random, home: Path) -> None:
    merger = merger_in(form, home)
    role = chance.choice(ROLES)
    path = merger.paths[role]
    data = mutations.any_byte(path.read_bytes(), chance)
    if path.suffix == ".xlsx":
        assert_a_workbook_says_the_same(data, merger.tables[role])
    else:
        a_run_is_refused_or_agrees(form, role, data, home)


def assert_a_workbook_says_the_same(data: bytes, original: list[RawTable]) -> None:
    """One changed byte never changes a destination silently: nothing that reaches the run has changed at all."""
    tables = agreement.tables(data)
    assert tables is None or says_the_same(tables, original)


@pytest.mark.parametrize("form", FORMS)
@settled(4)
@given(chance=CHANCE)
def test_one_changed_byte(form: str, chance: Random, home: Path) -> None:
    """Anywhere in a file. In a text, a changed letter is another user; that of a workbook is always noticed."""
    flip(form, chance, home)


@pytest.mark.fuzz
@pytest.mark.parametrize("form", FORMS)
@settled(3_000)
@given(chance=CHANCE)
def test_one_changed_byte_at_length(form: str, chance: Random, home: Path) -> None:
    """The same with time."""
    flip(form, chance, home)


def test_the_mapping_after_a_changed_byte(home: Path) -> None:
    """The whole run, where a changed byte passes (in a date, in a part that nobody reads): the mapping is as it was."""
    merger = merger_in("raw", home)
    whole = merger.paths["source_full"].read_bytes()
    path = home / "flipped.xlsx"
    passed = 0
    for at in range(len(whole) - 1, 0, -23):  # from the end, where the archive's directory has its dates and attributes
        data = whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]
        if passed < 6 and agreement.tables(data) is not None:
            path.write_bytes(data)
            assert mapping_of(run(merger, "source_full", path)) == merger.before
            passed += 1
    assert passed == 6


@pytest.mark.fuzz
@pytest.mark.parametrize("form", ["raw", "resaved"])
@pytest.mark.parametrize("role", ["source_full", "destination_full"])
def test_every_byte_of_a_workbook(form: str, role: str, home: Path) -> None:
    """Each byte, changed in each of its bits and in all of them."""
    merger = merger_in(form, home)
    whole = merger.paths[role].read_bytes()
    for at in range(len(whole)):
        for change in (1, 2, 4, 8, 16, 32, 64, 128, 255):
            data = whole[:at] + bytes([whole[at] ^ change]) + whole[at + 1 :]
            assert_a_workbook_says_the_same(data, merger.tables[role])
