"""A mapping file, whoever made it, judged before the upload: alone, and against the exports of both tenants."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Unpack

import polars as pl

from t2t_mapping import checks
from t2t_mapping import findings as fnd
from t2t_mapping import upn as upns
from t2t_mapping.catalogue import CATALOGUE
from t2t_mapping.choices import FailOn
from t2t_mapping.errors import InputError, OutputError, Problem, UsageError
from t2t_mapping.mapping import faults as mapping_checks
from t2t_mapping.mapping.dialects import HEADER
from t2t_mapping.mapping.lines import MappingFile, parse
from t2t_mapping.mapping.repair import repair
from t2t_mapping.outputs.files import findings_json, store
from t2t_mapping.read.guard import read_bytes
from t2t_mapping.results.checked_mapping import CheckedMapping
from t2t_mapping.results.options import Options
from t2t_mapping.results.reconciliation import Sides
from t2t_mapping.rules.table import RuleTable
from t2t_mapping.run import mapping_rows as mapping_users
from t2t_mapping.run.dispositions import accepted
from t2t_mapping.run.exports import Exports, Keywords, Many, shows_keywords, understood
from t2t_mapping.run.reading import Rules, read_sides, rule_table

__all__ = ["LARGEST", "AnyMapping", "Validation", "read_mapping_bytes", "validate"]

AnyMapping = str | Path | bytes | pl.DataFrame
LARGEST = 1 << 30
"""Bytes. Ten million rows are some 700 MB."""

_ROWS = {"line": pl.UInt32, "source": pl.String, "destination": pl.String}
_NO_EXPORTS = "no exports were given"


@dataclass(frozen=True, repr=False, eq=False)
class Validation(CheckedMapping):
    """What `validate` found, and how to look at it; see `CheckedMapping` for the attributes."""

    def __repr__(self) -> str:
        from t2t_mapping.outputs.notebook import validation_text

        return validation_text(self)

    def _repr_html_(self) -> str:
        from t2t_mapping.outputs.notebook import validation_html

        return validation_html(self)

    def exit_status(self, fail_on: FailOn = "error") -> int:
        """0 if nothing is at or above `fail_on` (`error`, `warning`, `never`), else 1."""
        return fnd.exit_status(self.findings, fail_on)

    def json(self) -> bytes:
        """The object of `--format json`: that of `generate`, with `repairs` and `uncovered`."""
        outputs = {} if self.fixed is None else {self.fixed.name: self.fixed.as_posix()}
        body = findings_json(self.summary, self.findings, self.skipped, outputs).rstrip().removesuffix(b"}")
        repairs = json.dumps(list(self.repairs), ensure_ascii=False)
        rows = self.uncovered.write_json() if self.uncovered.height else "[]"
        return body + f',\n"repairs": {repairs},\n"uncovered": {rows}}}\n'.encode()


@shows_keywords(Keywords)
def validate(
    mapping: AnyMapping,
    source: Exports | Many | None = None,
    destination: Many | None = None,
    *,
    rules: Rules = None,
    options: Options | None = None,
    fix: str | Path | None = None,
    progress: Callable[[str], None] | None = None,
    **keywords: Unpack[Keywords],
) -> Validation:
    """Judge a mapping file.

    Args:
        mapping: Its path; or its bytes, or a frame with the columns `source` and `destination` (which have no file name).
        source: Exports of the source, as `generate` takes them, or all exports of both tenants as one `Exports`. With any
            exports, every row is also checked against the users.
        destination: Exports of the destination.
        rules: The rules that the mapping was made with: they tell who is left out on purpose and which odd pairs are
            meant.
        options: All options as one value. The keywords below go on top of it.
        fix: Where to write a repaired copy. The findings are then those that are left in the copy.
        progress: Called with a short text whenever a step is done, possibly from another thread.
        source_full: Exports of the source view Full Access Users.
        source_admin: Exports of the source view Administrative Access Users.
        source_directory: Accounts of the source tenant.
        destination_full: Exports of the destination view Full Access Users.
        destination_admin: Exports of the destination view Administrative Access Users.
        destination_directory: Accounts of the destination tenant.
        sheet: The sheet to read where a workbook has several that list users.
        include_admins: Administrative users are expected in the mapping.
        destination_domain: The domains that destinations should have (P308).
        match_on: Changes nothing here: a mapping is judged as it is.
        profile: The format that the mapping should have: `self-service` (the default) or `support-request`.
        accept: Codes whose errors become warnings.
        exclude: Changes nothing here.
        source_domains: The domains of the source tenant.

    Returns:
        The findings and the rows. Nothing is written unless `fix` is given.

    Raises:
        InputError: The mapping or an export cannot be read at all, with every reason.
        OutputError: The copy would replace a file, or cannot be written.
        UsageError: Options that make no sense.
    """
    given, chosen = understood(source, destination, options, keywords)
    target = None if fix is None else _free(Path(fix), mapping)
    data, label = b"", "mapping"
    table, sides = RuleTable.empty(), None
    problems: list[Problem] = []
    try:
        data, label = _data(mapping, chosen.profile)
    except InputError as error:
        problems += error.problems
    try:
        table = rule_table(rules)
    except InputError as error:
        problems += error.problems
    try:
        if given:
            sides = read_sides(given, need_source=False, progress=progress)
    except InputError as error:
        problems += error.problems
    if sides is not None and sides.has_source:
        problems += checks.malformed_exclusions(table.frame, sides.source)
    if problems:
        raise InputError(*problems)
    name = Path(mapping).name if isinstance(mapping, (str, Path)) else None
    file = parse(data)
    repairs: tuple[str, ...] = ()
    fixed = None
    if target is not None:
        repaired = repair(file, chosen.profile)
        repairs = repaired.changes
        if repaired.data is not None:
            store(target.parent, {target.name: repaired.data})
            fixed, name, label, file = target, target.name, target.as_posix(), parse(repaired.data)
    if progress:
        progress("mapping")
    return _judged(file, name, label, sides, table, chosen, repairs, fixed)


def _free(target: Path, mapping: AnyMapping) -> Path:
    """The copy replaces nothing, and least of all the original.

    Raises:
        OutputError: Something stands there.
    """
    if isinstance(mapping, (str, Path)) and target.resolve() == Path(mapping).resolve():
        raise OutputError(f"{target} is the mapping itself, which is never changed. Choose another name for `fix`.")
    if target.exists() or target.is_symlink():
        raise OutputError(f"{target} exists already. Choose another name for `fix`.")
    return target


def _data(mapping: AnyMapping, profile: str) -> tuple[bytes, str]:
    """The bytes of the mapping, and what to call it."""
    if isinstance(mapping, (str, Path)):
        path = Path(mapping)
        return read_mapping_bytes(path, path.as_posix()), path.as_posix()
    if isinstance(mapping, bytes):
        return mapping, "mapping"
    columns = {name.lower(): name for name in mapping.columns}
    if not {"source", "destination"} <= set(columns):
        raise UsageError("The frame needs the columns source and destination.")
    cells = [pl.col(columns[name]).cast(pl.String).fill_null("") for name in ("source", "destination")]
    lines = mapping.select(line=pl.concat_str(cells, separator=","))["line"]
    header = [HEADER] if profile == "self-service" else []
    return "".join(f"{line}\n" for line in (*header, *lines)).encode(), "mapping"


def read_mapping_bytes(path: Path, label: str) -> bytes:
    """The content of a regular file, whatever it is: a mapping is judged even if it is empty or a workbook.

    Raises:
        InputError: I101 when it is missing, no regular file, cannot be read or is too large.
    """
    if path.is_file() and path.stat().st_size > LARGEST:
        words = f"The file has {path.stat().st_size >> 20:,} MB; a mapping has at most {LARGEST >> 20:,} MB."
        raise InputError(Problem("I101", words, "Name the mapping file.", side="mapping", file=label))
    return read_bytes(path, label, whatever=True)


def _judged(
    file: MappingFile,
    name: str | None,
    label: str,
    sides: Sides | None,
    rules: RuleTable,
    options: Options,
    repairs: tuple[str, ...],
    fixed: Path | None,
) -> Validation:
    rows = mapping_checks.keyed(file.rows)
    found = [mapping_checks.run(mapping_checks.Given(file, rows, name, options.profile))]
    skipped: dict[str, str] = {}
    if name is None:
        skipped["M501"] = "the mapping was not given as a file"
    elif options.profile != "self-service":
        skipped["M501"] = "the profile asks for no special name"
    crossed = mapping_users.swapped(rows, sides, rules, options.destination_domain)
    if isinstance(crossed, str):
        skipped["M513"] = crossed
        crossed = rows.clear()
    elif crossed.height:
        words = "Source and destination are exchanged, on " + mapping_checks.listing(crossed["line"].to_list()) + "."
        found.append(fnd.one("M513", side="mapping", lines=crossed["line"].to_list(), a=words))
    not_covered = pl.DataFrame()
    if sides is None:
        skipped |= {code: _NO_EXPORTS for code in CATALOGUE if code[0] in "UP" and code != "P312"}
    else:
        usable = rows.filter(upns.valid(pl.col("s")) & upns.valid(pl.col("t")))
        usable = usable.filter(~pl.col("line").is_in(crossed["line"].implode()))
        judged = mapping_users.judge(usable, sides, rules, options)
        found += [sides.findings, judged.findings]
        skipped |= judged.skipped
        if sides.has_source:
            not_covered = mapping_users.uncovered(rows, sides, rules, options)
    every = accepted(fnd.collect(found), options.accept)
    about = pl.col("side").is_in(["mapping"]) & pl.col("file").is_null()
    every = every.with_columns(file=pl.when(about).then(pl.lit(label)).otherwise(pl.col("file")))
    rendered = fnd.render(every).sort(
        "severity", "code", pl.col("lines").list.first(), descending=[True, False, False], nulls_last=True,
        maintain_order=True,
    )  # fmt: skip
    draft = rendered.filter((pl.col("code") == "U213") & (pl.col("severity") == "warning")).height > 0
    severities = dict(rendered.group_by("severity").len().iter_rows())
    summary = {
        "lines": file.lines.height,
        "rows": rows.height,
        "repairs": len(repairs),
        "not_covered": not_covered.height if sides is not None and sides.has_source else None,
        "draft": draft,
        "codes": fnd.counts(rendered),
        "severities": {name: severities.get(name, 0) for name in ("error", "warning", "info")},
    }
    as_typed = rows.select(pl.col(column).cast(dtype) for column, dtype in _ROWS.items())
    return Validation(rendered, as_typed, summary, dict(sorted(skipped.items())), repairs, fixed, not_covered)
