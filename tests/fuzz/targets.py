"""What is fuzzed: one target per reader, each with seeds from the fixtures and a check that any bytes must pass.

Of every accepted file the check says more than that nothing broke: an independent reader sees the same in it.
"""

from __future__ import annotations

import atexit
import csv
import os
import shutil
import tempfile
import tomllib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

import agreement
import mutations
import second_reader

import t2t_mapping as t2t
from t2t_mapping.choices import Profile
from t2t_mapping.errors import InputError
from t2t_mapping.mapping.lines import MappingFile, parse
from t2t_mapping.mapping.repair import repair
from t2t_mapping.plans.file import example, read_plan

__all__ = ["TARGETS", "Target"]

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
SCRATCH = Path(tempfile.mkdtemp(prefix="t2t-fuzz-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
atexit.register(shutil.rmtree, SCRATCH, ignore_errors=True)

PROFILES: tuple[Profile, ...] = ("self-service", "support-request")


@dataclass(frozen=True)
class Target:
    """Seeds; the check; and a way to damage a file that knows how it is built."""

    seeds: Callable[[], list[bytes]]
    check: Callable[[bytes], None]
    mutate: Callable[[bytes, Random], bytes]


def fixtures(*patterns: str) -> Callable[[], list[bytes]]:
    return lambda: [path.read_bytes() for pattern in patterns for path in sorted(FIXTURES.glob(pattern))]


def saved(data: bytes, name: str) -> Path:
    """The bytes as a file, for what reads paths only."""
    path = SCRATCH / f"{os.getpid()}-{name}"
    path.write_bytes(data)
    return path


def check_export(data: bytes) -> None:
    """Both readers see the same cells; and the users in them are recognised or refused, whatever the cells hold."""
    if agreement.tables(data):
        with suppress(InputError):
            t2t.read_users(saved(data, "users"))


def pairs(file: MappingFile) -> set[tuple[str, ...]]:
    return set(file.rows.select("s", "t").iter_rows())


def check_mapping(data: bytes) -> None:
    """Any bytes are judged, never refused; a mapping free of errors says what `csv` reads; a repair invents nothing."""
    profile = PROFILES[sum(data) % 2]
    report = t2t.validate(data, profile=profile)
    if not report.exit_status():
        header = profile == "self-service"
        told = [row for row in csv.reader(data.decode().splitlines(), skipinitialspace=True) if row][header:]
        assert told == [[s.strip(), d.strip()] for s, d in report.rows.select("source", "destination").iter_rows()]
    file = parse(data)
    copy = repair(file, profile).data
    if copy is not None:
        repaired = parse(copy)
        written = pairs(file) | {tuple(kept.split(",")) for kept in file.others["kept"].drop_nulls()}
        assert pairs(repaired) <= written, f"pairs that nobody wrote: {pairs(repaired) - written}"
        assert repair(repaired, profile).data == copy, "a second repair changes something"


def check_rules(data: bytes) -> None:
    """What is taken for a rule stands in the file as two cells of one row."""
    path = saved(data, "rules")
    try:
        table = t2t.read_rules(path)
    except InputError:
        return
    try:
        book = second_reader.read(data)
    except (second_reader.UnreadableError, csv.Error):
        return
    rows = [{cell.strip() for cell in row.cells} for sheet in book.sheets.values() for row in sheet.rows]
    if max(map(len, rows), default=0) < 2:
        return  # rules may stand in rows of unequal width, in which the second reader sees no table
    for source, destination in table.frame.select("source", "destination").iter_rows():
        wanted = {cell.strip() for cell in (source, destination or "") if cell}
        assert any(wanted <= row for row in rows), f"a rule that nobody wrote: {wanted}"


def check_plan(data: bytes) -> None:
    """A plan that is accepted has the environments that TOML says, in their order."""
    path = saved(data, "plan.toml")
    try:
        plan = read_plan(path)
    except InputError:
        return
    listed = tomllib.loads(data.decode("utf-8-sig").replace("\r\n", "\n"))["environment"]
    assert [environment.name for environment in plan.environments] == [entry["name"].strip() for entry in listed]


def lines_and_json(data: bytes, chance: Random) -> bytes:
    """TOML is as much lines as it is brackets and quotes."""
    return (mutations.text_marks if chance.randrange(2) else mutations.json_tokens)(data, chance)


def any_kind(data: bytes, chance: Random) -> bytes:
    """A rule table is text, and sometimes a workbook."""
    return (mutations.workbook if data.startswith(b"PK") else mutations.text_marks)(data, chance)


def rule_seeds() -> list[bytes]:
    rows = ['<row r="1"><c r="A1" t="inlineStr"><is><t>Source</t></is></c><c r="B1" t="inlineStr"><is><t>Destination</t></is></c></row>',
            '<row r="2"><c r="A2" t="inlineStr"><is><t>a@x.com</t></is></c><c r="B2" t="inlineStr"><is><t>b@y.com</t></is></c></row>']  # fmt: skip
    parts = mutations.parts_of((FIXTURES / "formats" / "worksheet-de-no-hidden-sheet.xlsx").read_bytes())
    sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{"".join(rows)}</sheetData></worksheet>'
    workbook = [(name, sheet.encode() if "sheet1.xml" in name else content) for name, content in parts]
    return [
        *fixtures("merger/rules.csv", "plan/*.csv")(),
        b"Source;Destination;Note\r\n*@contoso.com;{first}.{last}@fabrikam.com;x\r\na@contoso.com;;\r\n",
        b"a@contoso.com,b@fabrikam.com\n",
        mutations.zipped(workbook),
    ]


def mapping_seeds() -> list[bytes]:
    plain = b"Source,Destination\r\na@contoso.com,a@fabrikam.com\r\nb@contoso.com,b@fabrikam.com\r\n"
    odd = b'\xef\xbb\xbfsep=;\r\n"source";"destination"\r\n"a@contoso.com";" a@fabrikam.com"\r\n\r\na@contoso.com;a@fabrikam.com;;\n'
    support = b"a@contoso.com, a@fabrikam.com\nb@contoso.com, b@fabrikam.com\n"
    return [plain, odd, support, plain.decode().encode("utf-16"), "é@contoso.com,é@fabrikam.com\n".encode("cp1252")]


TARGETS = {
    "xlsx": Target(fixtures("formats/*.xlsx"), check_export, mutations.workbook),
    "text": Target(fixtures("formats/*.csv"), check_export, mutations.text_marks),
    "json": Target(fixtures("formats/*.json"), check_export, mutations.json_tokens),
    "spreadsheetml": Target(fixtures("formats/*.xls"), check_export, mutations.xml),
    "columnar": Target(fixtures("formats/*.parquet"), check_export, mutations.any_byte),
    "mapping": Target(mapping_seeds, check_mapping, mutations.text_marks),
    "rules": Target(rule_seeds, check_rules, any_kind),
    "plan": Target(lambda: [example().encode(), *fixtures("plan/*.toml")()], check_plan, lines_and_json),
}
