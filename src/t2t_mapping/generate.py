"""One pair of tenants: exports and rules in, a frozen result out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from t2t_mapping import checks
from t2t_mapping import findings as fnd
from t2t_mapping._version import __version__
from t2t_mapping.catalogue import ACCEPTABLE, CATALOGUE
from t2t_mapping.errors import InputError, Problem, UsageError
from t2t_mapping.mapping import FILE_NAME, PROFILES, mapping_bytes
from t2t_mapping.match import match
from t2t_mapping.outputs import csv_bytes, findings_json, json_bytes, refuse_existing, sha256, store
from t2t_mapping.rules import RuleTable, read_rules
from t2t_mapping.schema import DISPOSITIONS
from t2t_mapping.users import ROWS, Batch, Given, Input, Request, load, merge

__all__ = [
    "OUTPUTS",
    "Many",
    "Options",
    "Result",
    "Sides",
    "accepted",
    "generate",
    "read_sides",
    "reconcile",
    "rule_table",
    "texts",
]

CORE = ("accounting.csv", "findings.csv", "findings.json", "run.json", FILE_NAME)
OUTPUTS = ("accounting.csv", "findings.csv", "findings.json", "review.xlsx", "report.html", "run.json", FILE_NAME)
"""Every file that `generate` may write, the mapping last."""

Many = Given | Iterable[Given]

_ON_THE_RUN = (pl.col("side") == "run") & (pl.col("severity") == "error")
"""Findings that hold everybody."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to reconcile; every field is a long option of the command line.

    Attributes:
        destination_domains: in order of preference.
        match_on: `mail`, `employee-id`: values that may make a pair.
        accept: codes whose error becomes a warning for this run.
        exclude: codes for which a user who is held for nothing else is excluded.
        source_domains: known domains of the source tenant (a plan names them); only to notice exchanged sides.
    """

    include_admins: bool = False
    destination_domains: tuple[str, ...] = ()
    match_on: tuple[str, ...] = ()
    profile: str = "self-service"
    accept: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    source_domains: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.profile not in PROFILES:
            raise UsageError(f"The profile must be one of {', '.join(PROFILES)}, not {self.profile!r}.")
        for value in self.match_on:
            if value not in ("mail", "employee-id"):
                raise UsageError(f"--match-on takes mail and employee-id, not {value!r}.")
        for code in self.accept:
            if code not in ACCEPTABLE:
                raise UsageError(
                    f"{code} cannot be accepted; only {', '.join(ACCEPTABLE)} can. Decide per user, in a rule line or in "
                    "the review workbook."
                )
        for code in self.exclude:
            if code not in CATALOGUE or code[0] not in "IUPR" or CATALOGUE[code].severity != "error" or code == "I109":
                raise UsageError(f"{code} is no code that holds a user; `codes` lists them.")
        object.__setattr__(self, "destination_domains", tuple(_domain(name) for name in self.destination_domains))
        object.__setattr__(self, "source_domains", tuple(_domain(name) for name in self.source_domains))
        for name in (*self.destination_domains, *self.source_domains):
            if not _DOMAIN.fullmatch(name):
                raise UsageError(f"{name!r} is no domain name.")


_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


def _domain(name: str) -> str:
    """Lower case for ASCII only: a Kelvin sign must not become a `k`."""
    plain = name.strip().removeprefix("@").rstrip(".")
    return plain.lower() if plain.isascii() else plain


@dataclass(frozen=True)
class Sides:
    """What was read of both tenants: merged users, findings, inputs and the sum of the rows."""

    source: pl.DataFrame
    destination: pl.DataFrame | None
    findings: pl.DataFrame
    inputs: tuple[Input, ...]
    rows: int
    has_source: bool = True


@dataclass(frozen=True)
class Result:
    """What came of one run. Every frame is a polars frame.

    Attributes:
        mapping: The mapped users: `source, destination, matched_by, full_name, destination_name`, sorted by source.
        accounting: Every source user once; the columns of `accounting.csv`.
        findings: In words, worst first; the columns of `findings.csv`.
        summary: The counts: `users, mapped, held, excluded, rows, duplicates, draft, codes, severities`.
        skipped: Code -> reason, for checks that could not run.
    """

    mapping: pl.DataFrame
    accounting: pl.DataFrame
    findings: pl.DataFrame
    summary: dict[str, Any]
    skipped: dict[str, str]
    options: Options
    sides: Sides
    rules: RuleTable
    facts: checks.Facts
    dispositions: pl.Series

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Every file that was read, in a fixed order."""
        read = list(self.sides.inputs)
        if self.rules.file and self.rules.sha256:
            read.append(Input("rules", "", self.rules.file, self.rules.sha256, "rules", self.rules.frame.height))
        return tuple(sorted(read, key=lambda item: (item.side, item.view, item.file)))

    def __repr__(self) -> str:
        from t2t_mapping.notebook import result_text

        return result_text(self)

    def _repr_html_(self) -> str:
        from t2t_mapping.notebook import result_html

        return result_html(self)

    def exit_status(self, fail_on: str = "error") -> int:
        """0 if nothing is at or above `fail_on` (`error`, `warning`, `never`), else 1."""
        if fail_on == "never":
            return 0
        return int(fnd.at_least(self.findings, fail_on).height > 0 or self.mapping.is_empty())

    def files(self, outputs: str = "all") -> dict[str, bytes]:
        """The content of every output, by name, the mapping last. The same inputs and options give the same bytes."""
        found = dict(self._contents(outputs))
        return {name: found[name] for name in OUTPUTS if name in found}

    def _contents(self, outputs: str) -> Iterator[tuple[str, bytes]]:
        """Each output as soon as it is made, so that nobody need hold them all; the mapping last."""
        if outputs not in ("all", "core"):
            raise UsageError(f"outputs must be all or core, not {outputs!r}.")
        hashes: dict[str, str] = {}

        def made(name: str, data: bytes) -> tuple[str, bytes]:
            hashes[name] = sha256(data)
            return name, data

        yield made("accounting.csv", csv_bytes(self.accounting, verbatim=("destination", "candidates")))
        yield made("findings.csv", csv_bytes(self.findings))
        if outputs == "all":
            from t2t_mapping.report import report_bytes  # only who looks at it pays for it
            from t2t_mapping.review import review_bytes

            yield made("review.xlsx", review_bytes(self))
            yield made("report.html", report_bytes(self))
        missing = self._missing(outputs)
        names = {name: name for name in OUTPUTS if name not in missing}
        yield made("findings.json", findings_json(self.summary, self.findings, self.skipped, names))
        mapping = None if self.mapping.is_empty() else mapping_bytes(self.mapping, self.options.profile)
        if mapping is not None:
            made(FILE_NAME, mapping)
        yield "run.json", self._run_json(hashes)
        if mapping is not None:
            yield FILE_NAME, mapping

    def _missing(self, outputs: str) -> tuple[str, ...]:
        """The outputs that this result does not have."""
        return tuple(
            name
            for name in OUTPUTS
            if (name == FILE_NAME and self.mapping.is_empty()) or (outputs == "core" and name not in CORE)
        )

    def _run_json(self, hashes: dict[str, str]) -> bytes:
        options = {
            "include_admins": self.options.include_admins,
            "destination_domain": list(self.options.destination_domains),
            "match_on": sorted(self.options.match_on),
            "profile": self.options.profile,
            "accept": sorted(self.options.accept),
            "exclude": sorted(self.options.exclude),
        }
        return json_bytes(
            {
                "tool": "t2t-mapping",
                "version": __version__,
                "options": options,
                "ready_for_upload": not self.summary["draft"] and not self.mapping.is_empty(),
                "inputs": [
                    {
                        "side": item.side,
                        "view": item.view or None,
                        "file": item.file,
                        "kind": item.kind,
                        "rows": item.rows,
                        "sha256": item.sha256 or None,
                    }
                    for item in self.inputs
                ],
                "outputs": {name: hashes[name] for name in OUTPUTS if name in hashes},
                "counts": self.summary,
                "skipped": [{"code": code, "reason": reason} for code, reason in self.skipped.items()],
            }
        )

    def write(self, folder: str | Path, *, overwrite: bool = False, outputs: str = "all") -> dict[str, Path]:
        """Write every output into a folder, atomically, the mapping last.

        Args:
            overwrite: Replace earlier outputs. An earlier mapping is removed when nobody is mapped now.
            outputs: `all`, or `core` without the workbook and the report.

        Returns:
            Name -> path of what was written.

        Raises:
            OutputError: Something stands in the way, or the disk is full; nothing has changed.
        """
        target = Path(folder)
        refuse_existing(target, OUTPUTS, tuple(item.file for item in self.inputs if item.sha256), overwrite=overwrite)
        missing = self._missing(outputs)
        # A mapping or report of an earlier run would contradict this one. A workbook may hold somebody's decisions.
        store(target, self._contents(outputs), remove=tuple(name for name in missing if name != "review.xlsx"))
        return {name: target / name for name in OUTPUTS if name not in missing}


def generate(
    source: Many | None = None,
    destination: Many | None = None,
    *,
    source_full: Many = (),
    source_admin: Many = (),
    source_directory: Many = (),
    destination_full: Many = (),
    destination_admin: Many = (),
    destination_directory: Many = (),
    rules: str | Path | pl.DataFrame | RuleTable | None = None,
    include_admins: bool = False,
    destination_domain: str | Sequence[str] = (),
    match_on: str | Sequence[str] = (),
    profile: str = "self-service",
    accept: Sequence[str] = (),
    exclude: Sequence[str] = (),
    sheet: str | None = None,
    source_domains: Sequence[str] = (),
    progress: Callable[[str], None] | None = None,
) -> Result:
    """Reconcile the users of two tenants.

    Args:
        source: Exports of the source (paths, globs, folders, frames, or what `read_users` gave); each tells its view.
        destination: The same of the destination. Without any, rules alone give destinations, all held as P306.
        source_full: Exports of the view Full Access Users; and so on for the other views.
        source_directory: An export of the tenant's accounts. It completes source users and never adds any.
        rules: The rule table, see `read_rules`.
        destination_domain: Domains in order of preference.
        progress: Called with a short text whenever a step is done.

    Returns:
        The result; nothing is written before `Result.write`.

    Raises:
        InputError: Files that cannot be used, with every reason.
        UsageError: Options that make no sense.
    """
    options = Options(
        include_admins=include_admins,
        destination_domains=texts(destination_domain),
        match_on=texts(match_on),
        profile=profile,
        accept=texts(accept),
        exclude=texts(exclude),
        source_domains=tuple(source_domains),
    )
    problems: list[Problem] = []
    table = RuleTable.empty()
    try:
        table = rule_table(rules)
    except InputError as error:
        problems += error.problems
    try:
        sides = read_sides(
            source,
            destination,
            source_full=source_full,
            source_admin=source_admin,
            source_directory=source_directory,
            destination_full=destination_full,
            destination_admin=destination_admin,
            destination_directory=destination_directory,
            sheet=sheet,
            progress=progress,
        )
    except InputError as error:
        raise InputError(*error.problems, *problems) from None
    if problems:
        raise InputError(*problems)
    return reconcile(sides, table, options, progress=progress)


def texts(value: str | Sequence[str]) -> tuple[str, ...]:
    """One text or many, as the library takes options that may be repeated."""
    return (value,) if isinstance(value, str) else tuple(value)


def rule_table(rules: str | Path | pl.DataFrame | RuleTable | None) -> RuleTable:
    """The rule table, read if need be."""
    if rules is None:
        return RuleTable.empty()
    return rules if isinstance(rules, RuleTable) else read_rules(rules)


def _given(value: Many | None) -> tuple[Given, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, (str, Path, pl.DataFrame, pl.LazyFrame)) else tuple(value)


def read_sides(
    source: Many | None = None,
    destination: Many | None = None,
    *,
    source_full: Many = (),
    source_admin: Many = (),
    source_directory: Many = (),
    destination_full: Many = (),
    destination_admin: Many = (),
    destination_directory: Many = (),
    sheet: str | None = None,
    need_source: bool = True,
    progress: Callable[[str], None] | None = None,
) -> Sides:
    """Read and merge both tenants' users at once; see `generate` for the arguments."""
    requests = [
        Request(given, side, view)
        for given, side, view in (
            (_given(source), "source", None),
            (_given(source_full), "source", "full"),
            (_given(source_admin), "source", "admin"),
            (_given(source_directory), "source", "directory"),
            (_given(destination), "destination", None),
            (_given(destination_full), "destination", "full"),
            (_given(destination_admin), "destination", "admin"),
            (_given(destination_directory), "destination", "directory"),
        )
        if given
    ]
    if need_source and not any(request.side == "source" and request.view != "directory" for request in requests):
        raise UsageError("At least one export of source users is needed (--source-full or --source-admin).")
    batches = load(requests, sheet=sheet, progress=progress)
    here = [batch for request, batch in zip(requests, batches, strict=True) if request.side == "source"]
    there = [batch for request, batch in zip(requests, batches, strict=True) if request.side == "destination"]
    source_rows = _rows(here)
    listed = source_rows.filter(pl.col("view") != "directory")
    completing = source_rows.filter(pl.col("view") == "directory").join(
        listed.select(pl.col("upn_key").drop_nulls()).unique(), on="upn_key", how="semi"
    )
    users, found = merge(pl.concat([listed, completing]) if completing.height else listed, side="source")
    has_source = any(request.side == "source" and request.view != "directory" for request in requests)
    if need_source and not users.height:
        files = ", ".join(item.file for batch in here for item in batch.inputs)
        raise InputError(Problem("I102", "The source exports list no user.", side="source", file=files or None))
    others, found_there = merge(_rows(there), side="destination", ordered=False) if there else (None, fnd.empty())
    if progress:
        progress("users of both sides")
    every = fnd.collect([*(batch.findings for batch in (*here, *there)), found, found_there])
    inputs = tuple(item for batch in (*here, *there) for item in batch.inputs)
    return Sides(users, others, every, inputs, listed.height, has_source)


def _rows(batches: list[Batch]) -> pl.DataFrame:
    return pl.concat([batch.rows for batch in batches]) if batches else pl.DataFrame(schema=ROWS)


def reconcile(
    sides: Sides,
    rules: RuleTable,
    options: Options,
    *,
    extra: Callable[[checks.Facts], pl.DataFrame] | None = None,
    progress: Callable[[str], None] | None = None,
) -> Result:
    """From users and rules to the accounting: match, check, decide.

    Args:
        extra: Further findings, as a plan has them. An error on a user holds this user, one on the run holds everybody.
    """
    pairs = match(
        sides.source, sides.destination, rules, domains=options.destination_domains, match_on=options.match_on
    )
    facts = checks.facts(
        sides.source,
        sides.destination,
        pairs,
        rules,
        domains=options.destination_domains,
        include_admins=options.include_admins,
    )
    if progress:
        progress("pairs")
    swapped = checks.swapped_sides(facts, options.source_domains)
    more = extra(facts) if extra else fnd.empty()
    found, skipped = checks.run(facts)
    skipped |= _unmatchable(sides, options.match_on)
    found = accepted(fnd.collect([_placed(sides), found, more]), options.accept)
    nothing = fnd.collect([swapped, more]).filter(_ON_THE_RUN).height > 0
    found, dispositions = _disposed(facts.frame, found, options.exclude, nothing=nothing)
    found = fnd.collect([found, swapped])
    if progress:
        progress("checks")
    accounting = _accounting(facts.frame, found, dispositions)
    mapping = accounting.filter(pl.col("disposition") == "mapped").select(
        "source", "destination", "matched_by", "full_name", "destination_name"
    )
    rendered = fnd.render(found)
    tally = dict(dispositions.value_counts().iter_rows())
    severities = dict(rendered.group_by("severity").len().iter_rows())
    draft = rendered.filter((pl.col("code") == "U213") & (pl.col("severity") == "warning")).height > 0
    summary = {
        "users": facts.frame.height,
        **{name: tally.get(name, 0) for name in DISPOSITIONS},
        "rows": sides.rows,
        "duplicates": sides.rows - facts.frame.height,
        "draft": "U213" in options.accept and draft,
        "codes": fnd.counts(rendered),
        "severities": {name: severities.get(name, 0) for name in ("error", "warning", "info")},
    }
    return Result(mapping, accounting, rendered, summary, skipped, options, sides, rules, facts, dispositions)


def _unmatchable(sides: Sides, match_on: Sequence[str]) -> dict[str, str]:
    """`--match-on` without the column on both sides finds nobody, and must not look as if it had been tried."""
    columns = {"employee-id": "employee_id", "mail": "mail"}
    known = {
        value: [
            side
            for side, users in (("source", sides.source), ("destination", sides.destination))
            if users is None or users[columns[value]].null_count() == users.height
        ]
        for value in match_on
    }
    return {
        f"match-on {value}": f"no {' and no '.join(sides)} export has such a value"
        for value, sides in known.items()
        if sides
    }


def _placed(sides: Sides) -> pl.DataFrame:
    """The findings of reading, with the user they are about where they are about one."""
    found = sides.findings
    about = (pl.col("code") == "I105") & (pl.col("side") == "source")
    if found.filter(about).is_empty():
        return found
    users = sides.source.select(user=pl.int_range(pl.len(), dtype=pl.UInt32), upn="upn").filter(
        sides.source["upn_key"].is_not_null()
    )
    placed = found.filter(about).drop("user").join(users, on="upn", how="left", maintain_order="left")
    return fnd.collect([found.filter(~about), placed.select(list(fnd.SCHEMA))])


def accepted(found: pl.DataFrame, codes: Sequence[str]) -> pl.DataFrame:
    """`--accept`: the errors of these codes are warnings in this run."""
    through = pl.col("code").cast(pl.String).is_in(list(codes)) & (pl.col("severity") == "error")
    severity = pl.when(through).then(pl.lit("warning", dtype=fnd.SEVERITY)).otherwise(pl.col("severity"))
    return found.with_columns(severity=severity) if codes else found


def _disposed(
    frame: pl.DataFrame, found: pl.DataFrame, exclude: Sequence[str], *, nothing: bool
) -> tuple[pl.DataFrame, pl.Series]:
    """Exactly one disposition per user: excluded, held for any error, mapped.

    `exclude`: users who are held for nothing but these codes are excluded, and their errors become information.
    `nothing`: an error on the whole run holds everybody.
    """
    errors = found.filter((pl.col("severity") == "error") & pl.col("user").is_not_null()).select("user", "code")
    held = errors.group_by("user").agg(
        only=pl.col("code").cast(pl.String).is_in(list(exclude)).all() if exclude else pl.lit(value=False)
    )
    frame = frame.select("user", "upn", "upn_key", "target", "target_key", "excluded", "file", "sheet", "row").join(
        held, on="user", how="left", maintain_order="left"
    )
    excluded = pl.col("excluded") | pl.col("only").fill_null(value=False)
    frame = frame.with_columns(
        disposition=pl.when(excluded)
        .then(pl.lit("excluded"))
        .when(pl.col("only").is_not_null() | pl.lit(nothing))
        .then(pl.lit("held"))
        .otherwise(pl.lit("mapped"))
    )
    chains = checks.hold_chains(frame.filter(pl.col("disposition") == "mapped"))
    if chains.height:
        chained = pl.col("user").is_in(chains["user"].implode())
        frame = frame.with_columns(disposition=pl.when(chained).then(pl.lit("held")).otherwise(pl.col("disposition")))
        found = fnd.collect([found, chains])
    if exclude:
        left_out = frame.filter(pl.col("only").fill_null(value=False))["user"]
        told = (pl.col("severity") == "error") & pl.col("user").is_in(left_out.implode()).fill_null(value=False)
        severity = pl.when(told).then(pl.lit("info", dtype=fnd.SEVERITY)).otherwise(pl.col("severity"))
        found = found.with_columns(severity=severity)
    return found, frame["disposition"].cast(pl.Enum(DISPOSITIONS))


def _accounting(frame: pl.DataFrame, found: pl.DataFrame, dispositions: pl.Series) -> pl.DataFrame:
    """Every source user once, with everything a person needs to see why."""
    codes = (
        found.filter(pl.col("user").is_not_null())
        .group_by("user")
        .agg(codes=pl.col("code").cast(pl.String).unique().sort().str.join(";"))
    )
    everybody = found.filter(_ON_THE_RUN)["code"].cast(pl.String).unique().sort().to_list()
    wide = frame.with_columns(disposition=dispositions).join(codes, on="user", how="left", maintain_order="left")
    if everybody:
        wide = wide.with_columns(
            codes=pl.when(pl.col("disposition") == "held")
            .then(pl.concat_str(pl.lit(";".join(everybody)), "codes", separator=";", ignore_nulls=True))
            .otherwise(pl.col("codes"))
        )
    proposed = pl.col("disposition") != "excluded"
    return wide.select(
        source="upn",
        disposition="disposition",
        destination=pl.when(proposed).then(pl.col("target")),
        matched_by=pl.when(pl.col("excluded_line").is_null())
        .then(pl.when(proposed).then(pl.col("rung").cast(pl.String)))
        .when(pl.col("rule_line").is_not_null())
        .then(pl.lit("rule"))
        .otherwise(pl.lit("pattern")),
        codes=pl.col("codes"),
        candidates=pl.when(proposed).then(
            pl.when("ambiguous").then(pl.col("candidates").list.join(";")).otherwise(pl.col("target"))
        ),
        full_name="full_name",
        destination_name=pl.when(proposed).then(pl.col("d_full_name")),
        view="view",
        file="file",
        sheet="sheet",
        row="row",
    )
