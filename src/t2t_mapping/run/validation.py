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
from t2t_mapping.errors import InputError, OutputError, Problem
from t2t_mapping.mapping import faults as mapping_checks
from t2t_mapping.mapping.dialects import FILE_NAME
from t2t_mapping.mapping.lines import MappingFile, exact, parse
from t2t_mapping.mapping.repair import repair
from t2t_mapping.outputs.files import findings_json, store
from t2t_mapping.outputs.handout import HandedOn, Handout, Sheet
from t2t_mapping.read.recognise import Kind, kind_of
from t2t_mapping.results.checked_mapping import CheckedMapping
from t2t_mapping.results.options import Options
from t2t_mapping.results.reconciliation import Sides
from t2t_mapping.rules.table import RuleTable
from t2t_mapping.run import mapping_rows as mapping_users
from t2t_mapping.run.dispositions import accepted
from t2t_mapping.run.exports import Exports, Keywords, Many, shows_keywords, understood
from t2t_mapping.run.mapping_source import AnyMapping, mapping_data, mapping_path, rules_beside
from t2t_mapping.run.reading import Rules, read_sides, rule_table
from t2t_mapping.wording import counted

__all__ = ["Validation", "validate"]

_ROWS = {"line": pl.UInt32, "source": pl.String, "destination": pl.String}
_NO_EXPORTS = "it needs exports: add --source-full and --destination-full"
_SETTLED = ("P312", *mapping_users.ALONE)
"""Those of the U and P codes that the file alone settles; P312 is M514 there."""


@dataclass(frozen=True, repr=False, eq=False)
class Validation(CheckedMapping, HandedOn):
    """What `validate` found, and how to look at it; see `CheckedMapping` for the attributes."""

    def handout(self) -> Handout:
        """Whether the service would take the file, every fault, and who is not in it."""
        errors, warnings = (self.summary["severities"][name] for name in ("error", "warning"))
        alone = self.summary["rests_on"] == "file"
        looked = "Only the file was looked at, no exports." if alone else "The file and the exports were looked at."
        pairs = counted(self.rows.height, "pair")
        if errors:
            verdict = ("nothing", "Not ready", f"{counted(errors, 'error')} in {pairs}.")
            steps = ["Correct the lines below and check the file again. Do not upload it before."]
        elif self.summary["draft"]:
            verdict = ("draft", "Draft", f"{pairs}; some destination users have no licence. Not ready for upload.")
            steps = ["Assign the missing licences, export again and check again."]
        else:
            verdict = ("ready", "Ready", f"{pairs}, no error. {looked}")
            left = self.uncovered.height
            steps = (
                [f"Decide about the {left:,} source users who are not in the file: they will not be migrated."]
                if left
                else []
            )
            steps.append(f"Upload the file as {FILE_NAME}.")
        return Handout(
            "Mapping file checked",
            verdict,
            [
                ("users", "pairs", self.rows.height, "source and destination"),
                ("held", "errors", errors, "must be corrected"),
                ("excluded", "warnings", warnings, "should be looked at"),
                ("held", "not in the file", self.uncovered.height, "source users who will not be migrated"),
            ],
            self.findings,
            steps=steps,
            sheets=(
                Sheet(
                    "Findings, line by line",
                    "lines.csv",
                    self.findings.select("severity", "code", "lines", "upn", "message", "fix"),
                ),
                Sheet("Source users who are not in the file", "not-in-the-file.csv", self.uncovered),
                Sheet(
                    "What was repaired in the copy",
                    "repairs.csv",
                    pl.DataFrame({"repair": list(self.repairs)}, schema={"repair": pl.String}),
                ),
            ),
            skipped=self.skipped,
        )

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
        uncovered = json.loads(self.uncovered.write_json()) if self.uncovered.height else []
        more = {"repairs": list(self.repairs), "uncovered": uncovered}
        return findings_json(self.summary, self.findings, self.skipped, outputs, **more)


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
        data, label = mapping_data(mapping, chosen.profile)
    except InputError as error:
        problems += error.problems
    try:
        table = rule_table(rules_beside(mapping) if rules is None or (isinstance(rules, list) and not rules) else rules)
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
    path = mapping_path(mapping)
    name = (
        None if label == "mapping" else path.name if path is not None else label.replace("\\", "/").rpartition("/")[2]
    )
    file = parse(data)
    repairs: tuple[str, ...] = ()
    fixed = None
    foreign = _foreign(file, data, chosen.profile)
    if foreign is not None:
        repairs = () if target is None else (f"Nothing was written: {foreign} It is never repaired.",)
    elif target is not None:
        repaired = repair(file, chosen.profile)
        repairs = repaired.changes
        if repaired.data is not None:
            store(target.parent, {target.name: repaired.data})
            fixed, name, label, file = target, target.name, target.as_posix(), parse(repaired.data)
    if progress:
        progress("mapping")
    if foreign is not None:
        return _something_else(foreign, file, label, repairs)
    return _judged(file, name, label, sides, table, chosen, repairs, fixed)


def _foreign(file: MappingFile, data: bytes, profile: str) -> Kind | None:
    """What the file is, if it is certainly something else than a mapping. A good mapping costs nothing here."""
    header = file.header.line is not None and exact(file.header)
    if file.decoded.legible and file.others.is_empty() and header == (profile == "self-service"):
        return None
    kind = kind_of(data)
    return None if kind is None or kind.name in ("mapping", "rule-table") else kind


def _something_else(kind: Kind, file: MappingFile, label: str, repairs: tuple[str, ...]) -> Validation:
    """One finding that says what it is and which command takes it; its lines are not judged."""
    code = "M503" if file.decoded.legible else "M509"
    found = fnd.one(code, side="mapping", file=label, a=f"{kind} It is not a mapping.")
    rendered = fnd.render(found).with_columns(fix=pl.lit(kind.taker))
    reason = f"the file is {kind.words}"
    summary = {
        "lines": file.lines.height,
        "rows": 0,
        "repairs": len(repairs),
        "not_covered": None,
        "draft": False,
        "rests_on": "file",
        "codes": fnd.counts(rendered),
        "severities": {"error": 1, "warning": 0, "info": 0},
    }
    skipped = {c: reason for c in CATALOGUE if c[0] in "MUP" and c != code}
    return Validation(rendered, pl.DataFrame(schema=_ROWS), summary, skipped, repairs)


def _expected(sides: Sides | None, options: Options) -> dict[str, set[str]]:
    """The domains that the options and the exports name, for M515."""
    named = {"source": set(options.source_domains), "destination": set(options.destination_domain)}
    if sides is not None:
        named["source"] |= set(sides.source["domain"].drop_nulls().unique())
        if sides.destination is not None:
            named["destination"] |= set(sides.destination["domain"].drop_nulls().unique())
    return named


def _free(target: Path, mapping: AnyMapping) -> Path:
    """The copy replaces nothing, and least of all the original.

    Raises:
        OutputError: Something stands there.
    """
    path = mapping_path(mapping)
    if path is not None and target.resolve() == path.resolve():
        raise OutputError(f"{target} is the mapping itself, which is never changed. Choose another name for `fix`.")
    if target.exists() or target.is_symlink():
        raise OutputError(f"{target} exists already. Choose another name for `fix`.")
    return target


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
    found = [mapping_checks.run(mapping_checks.Given(file, rows, name, options.profile, _expected(sides, options)))]
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
        words = "Source and destination are swapped, on " + mapping_checks.listing(crossed["line"].to_list()) + "."
        found.append(fnd.one("M513", side="mapping", lines=crossed["line"].to_list(), a=words))
    not_covered = pl.DataFrame()
    usable = rows.filter(upns.valid(pl.col("s")) & upns.valid(pl.col("t")))
    usable = usable.filter(~pl.col("line").is_in(crossed["line"].implode()))
    if sides is None:
        skipped |= {code: _NO_EXPORTS for code in CATALOGUE if code[0] in "UP" and code not in _SETTLED}
        judged = mapping_users.judge_alone(usable, rules, options)
        found.append(judged.findings)
        skipped |= judged.skipped
    else:
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
        **({} if rules.decisions is None else {"decisions": rules.decisions}),
        "rests_on": "file" if sides is None else "file and exports",
        "codes": fnd.counts(rendered),
        "severities": {name: severities.get(name, 0) for name in ("error", "warning", "info")},
    }
    as_typed = rows.select(pl.col(column).cast(dtype) for column, dtype in _ROWS.items())
    return Validation(rendered, as_typed, summary, dict(sorted(skipped.items())), repairs, fixed, not_covered)
