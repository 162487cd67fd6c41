"""Many environments in one go: each reconciled on its own, then all of them looked at together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import polars as pl

from t2t_mapping import checks
from t2t_mapping import findings as fnd
from t2t_mapping.catalogue import CATALOGUE
from t2t_mapping.choices import Outputs, one_of
from t2t_mapping.errors import InputError, Problem, T2TError
from t2t_mapping.outputs.files import refuse_existing
from t2t_mapping.outputs.notebook import tables_html, tables_text
from t2t_mapping.outputs.run_folder import OUTPUTS
from t2t_mapping.plans import preflight
from t2t_mapping.plans.file import PLAN_FILES, Environment, Plan, read_plan
from t2t_mapping.plans.inputs import Inputs
from t2t_mapping.plans.outcome import EnvironmentResult, PlanOutcome
from t2t_mapping.plans.store import store_plan
from t2t_mapping.results.reconciliation import Sides
from t2t_mapping.rules.sources import tally
from t2t_mapping.rules.table import RuleTable
from t2t_mapping.run.exports import Exports
from t2t_mapping.run.reading import read_sides
from t2t_mapping.run.reconciling import reconcile
from t2t_mapping.run.result import Result
from t2t_mapping.schema import DISPOSITIONS
from t2t_mapping.users.hosts import environments, region_of_host

__all__ = ["PlanResult", "plan"]


@dataclass(frozen=True, eq=False, repr=False)
class PlanResult(PlanOutcome):
    """What came of a plan, and how to store it; see `PlanOutcome` for the attributes."""

    def write(self, folder: str | Path, *, overwrite: bool = False, outputs: Outputs | None = None) -> dict[str, Path]:
        """Write one folder per environment and the combined files beside them; all of it or nothing.

        Returns:
            Name (`Sales/usermapping.csv`) -> path of what was written.

        Raises:
            OutputError: Something stands in the way, or the disk is full; nothing has changed.
        """
        return store_plan(self, Path(folder), overwrite=overwrite, outputs=outputs or self.plan.outputs or "all")

    def __repr__(self) -> str:
        counts = {name: self.summary[name] for name in ("mapped", "held", "excluded")}
        return tables_text("PlanResult", {"environments": self.overview.height, **counts})

    def _repr_html_(self) -> str:
        summary = self.summary
        words = f"{summary['mapped']:,} mapped, {summary['held']:,} held, {summary['excluded']:,} excluded."
        return tables_html(words, {"Environments": self.overview}, self.findings, self.skipped)


def plan(
    path: str | Path,
    *,
    out: str | Path | None = None,
    overwrite: bool = False,
    outputs: Outputs | None = None,
    progress: Callable[[str], None] | None = None,
) -> PlanResult:
    """Run every environment of a plan, two at a time, and check them together.

    An environment that cannot be read does not stop the others: its problems are findings, it gets no folder. An
    environment that the service refuses (E801, E802, E803) is accounted for with everybody held, so there is no mapping
    file. A user who would go to different destinations (E805) is held in every environment that is involved.

    Args:
        path: The plan, see `plan_file.example`. Its relative paths start at its own folder.
        out: Folder for the outputs; by default nothing is written (see `PlanResult.write`).
        overwrite: Replace earlier outputs.
        outputs: `all` or `core`; by default what the plan says, or `all`.
        progress: Called with a short text whenever a step is done.

    Raises:
        InputError: The plan has faults (all of them are listed), or not one environment could be done.
        OutputError: The outputs cannot be written; nothing has changed.
    """
    if outputs is not None:
        one_of(outputs, Outputs, "outputs")
    given = read_plan(path)
    if out is not None:  # before minutes of work, not after
        refuse_existing(Path(out), PLAN_FILES, (), overwrite=overwrite)
        for environment in given.environments:
            refuse_existing(Path(out) / environment.folder, OUTPUTS, (), overwrite=overwrite)
    entries = _run(given, progress)
    given = replace(given, environments=tuple(entry.environment for entry in entries))
    if all(entry.result is None for entry in entries):
        raise InputError(*dict.fromkeys(problem for entry in entries for problem in entry.problems))
    result = _combined(given, entries)
    return result if out is None else replace(result, written=result.write(out, overwrite=overwrite, outputs=outputs))


@dataclass(frozen=True, eq=False, repr=False)
class _Work:
    """An environment that could be read."""

    environment: Environment
    sides: Sides
    rules: RuleTable


def _run(given: Plan, progress: Callable[[str], None] | None) -> tuple[EnvironmentResult, ...]:
    inputs = Inputs(Path(given.file).parent, progress)
    inputs.read_all(given.environments)

    everybody = inputs.everybody()

    def first(environment: Environment) -> tuple[_Work | None, EnvironmentResult]:
        try:
            source, destination, rules = inputs.of(environment)
            sides = replace(read_sides(Exports(source, destination or ())), elsewhere=everybody)
            work = _Work(_told_by_exports(given, environment, sides), sides, rules)
            result = _reconciled(given, work)
        except InputError as error:
            return None, EnvironmentResult(environment, None, error.problems)
        except T2TError as error:
            return None, EnvironmentResult(environment, None, (Problem("I101", str(error), file=given.file),))
        finally:
            if progress:
                progress(environment.name)
        return work, EnvironmentResult(work.environment, result)

    with ThreadPoolExecutor(2) as pool:
        pairs = list(pool.map(first, given.environments))
    works = {work.environment.name: work for work, _ in pairs if work is not None}
    results = {entry.environment.name: entry.result for _, entry in pairs if entry.result is not None}
    _hold_conflicts(given, works, results)
    return tuple(replace(entry, result=results.get(entry.environment.name)) for _, entry in pairs)


def _told_by_exports(given: Plan, environment: Environment, sides: Sides) -> Environment:
    """The environment with the regions that its exports tell, where the plan does not."""
    here, there = (
        next((region for host in environments(sides.inputs, side) if (region := region_of_host(host))), None)
        for side in ("source", "destination")
    )
    target = environment.destination_region or (None if given.destination.region else there)
    return replace(environment, region=environment.region or here, destination_region=target)


def _reconciled(given: Plan, work: _Work, inconsistent: pl.DataFrame | None = None) -> Result:
    """One environment, with what the plan knows about it. `inconsistent`: `key, words` of users to hold (E805)."""
    refused = preflight.refusals(given, work.environment)

    extra = partial(_known_to_the_plan, refused, inconsistent)
    result = Result.of(reconcile(work.sides, work.rules, work.environment.options, extra=extra))
    return replace(result, move=work.environment.move)


def _known_to_the_plan(refused: pl.DataFrame, inconsistent: pl.DataFrame | None, facts: checks.Facts) -> pl.DataFrame:
    if inconsistent is None:
        return refused
    users = facts.frame.join(inconsistent, left_on="upn_key", right_on="key", maintain_order="left")
    return fnd.collect([refused, fnd.find("E805", users, side="source", a=pl.col("words"))])


def _hold_conflicts(given: Plan, works: Mapping[str, _Work], results: dict[str, Result]) -> None:
    """E805, until nobody is left: whom one held user sets free (P312) may be inconsistent in turn."""
    known = preflight.conflicts(results)
    fresh = known
    while fresh.height:
        for name in fresh["environment"].unique().sort():
            results[name] = _reconciled(given, works[name], known.filter(pl.col("environment") == name))
        fresh = preflight.conflicts(results)
        known = pl.concat([known, fresh]).unique(["environment", "key"], keep="first", maintain_order=True)


# --- all environments together ----------------------------------------------------------------------------------------


def _combined(given: Plan, entries: tuple[EnvironmentResult, ...]) -> PlanResult:
    results = {entry.environment.name: entry.result for entry in entries if entry.result is not None}
    boxes = {name: preflight.mailboxes(result) for name, result in results.items()}
    mailboxes = pl.concat([_of(name, frame) for name, frame in boxes.items()])
    findings = _findings(given, entries, results, boxes)
    accounting = pl.concat([_of(name, result.accounting) for name, result in results.items()])
    overview = _overview(entries)
    failed = [entry.environment.name for entry in entries if entry.result is None]
    kinds = dict(mailboxes["mailbox"].value_counts().iter_rows())
    severities = dict(findings.group_by("severity").len().iter_rows())
    sums = {
        name: sum(r.summary[name] for r in results.values()) for name in ("users", *DISPOSITIONS, "rows", "duplicates")
    }
    decided = tally({source: None for result in results.values() for source in result.rules.sources})
    summary = {
        "environments": len(entries),
        "failed": len(failed),
        **sums,
        "draft": any(result.summary["draft"] for result in results.values()),
        **({} if decided is None else {"decisions": decided}),
        "licences": {"needed": preflight.licences_needed(results), "available": given.available_licences},
        "mailboxes": {kind: kinds.get(kind, 0) for kind in preflight.MAILBOXES},
        "codes": fnd.counts(findings),
        "severities": {name: severities.get(name, 0) for name in ("fatal", "error", "warning", "info")},
        "by_environment": {name: result.summary for name, result in results.items()},
    }
    skipped = _skipped(given, results, failed, kinds)
    reminders = preflight.checklist(given, kinds.get("reconfigure", 0) + kinds.get("none", 0))
    return PlanResult(given, entries, overview, accounting, findings, mailboxes, summary, skipped, reminders)


def _of(name: str | None, frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(pl.lit(name, dtype=pl.String).alias("environment"), pl.all())


def _findings(
    given: Plan,
    entries: tuple[EnvironmentResult, ...],
    results: Mapping[str, Result],
    boxes: Mapping[str, pl.DataFrame],
) -> pl.DataFrame:
    parts = [_without_idle_rules(results)]
    parts += [_of(name, fnd.render(preflight.mailbox_findings(frame))) for name, frame in boxes.items()]
    for entry in entries:
        parts.append(_of(entry.environment.name, fnd.render(preflight.unrehearsed(given, entry.environment))))
        if entry.result is None:
            refused = fnd.render(preflight.refusals(given, entry.environment))
            parts += [_of(entry.environment.name, part) for part in (fnd.from_problems(entry.problems), refused)]
    whole = [
        preflight.shared_destinations(results),
        preflight.not_enough_licences(given, results),
    ]
    parts.append(_of(None, fnd.render(fnd.collect(whole))))
    order = ("severity", "code", "environment", "upn", "file", "sheet", "row", "message")
    return pl.concat(parts).sort(order, descending=[True] + [False] * 7, nulls_last=True)


def _without_idle_rules(results: Mapping[str, Result]) -> pl.DataFrame:
    """The environments' findings; a line of a shared rule table is idle only if it is so wherever the table is used.

    Such a line is told once, for the plan as a whole; each environment's own folder still tells what is idle there.
    """
    every = pl.concat([_of(name, result.findings) for name, result in results.items()])
    about_rules = (pl.col("side") == "rules") & (pl.col("severity") != "error")  # an error holds somebody here
    using: dict[str, int] = {}
    for result in results.values():
        for source in result.rules.sources:
            using[source.file] = using.get(source.file, 0) + 1
    shared = [file for file, number in using.items() if number > 1]
    told = every.filter(about_rules & pl.col("file").is_in(shared))
    same = ["code", "file", "sheet", "row", "message"]
    everywhere = told.filter(
        pl.struct(same).len().over(same) == pl.col("file").replace_strict(using, return_dtype=pl.UInt32, default=0)
    ).unique(same, keep="first", maintain_order=True)
    return pl.concat(
        [
            every.filter(~(about_rules & pl.col("file").is_in(shared)).fill_null(value=False)),
            everywhere.with_columns(environment=pl.lit(None, dtype=pl.String)),
        ]
    )


def _overview(entries: tuple[EnvironmentResult, ...]) -> pl.DataFrame:
    rows = []
    for entry in entries:
        environment, result = entry.environment, entry.result
        counts = result.summary if result else {}
        refused = (
            result is not None and result.findings.filter(pl.col("code").is_in(["E801", "E802", "E803"])).height > 0
        )
        rows.append(
            {
                "environment": environment.name,
                "type": environment.type,
                "region": environment.region,
                "state": "failed" if result is None else "refused" if refused else "done",
                **{name: counts.get(name) for name in ("users", *DISPOSITIONS)},
                "folder": environment.folder if result else None,
            }
        )
    text = dict.fromkeys(("environment", "type", "region", "state"), pl.String)
    number = dict.fromkeys(("users", *DISPOSITIONS), pl.Int64)
    return pl.DataFrame(rows, schema={**text, **number, "folder": pl.String})


def _skipped(given: Plan, results: Mapping[str, Result], failed: list[str], kinds: Mapping[str, int]) -> dict[str, str]:
    """Code -> reason. Where the environments differ, the reason says which ones it is about."""
    by_code: dict[str, dict[str, list[str]]] = {}
    for name, result in results.items():
        for code, reason in result.skipped.items():
            by_code.setdefault(code, {}).setdefault(reason, []).append(name)
    reasons = {
        code: "; ".join(
            reason if len(names) == len(results) else f"{reason} ({', '.join(names)})" for reason, names in said.items()
        )
        for code, said in by_code.items()
    }
    reasons |= preflight.untold(given)
    if given.available_licences is None:
        reasons["L701"] = "[destination] available_licences is not given"
    elif failed:
        reasons["L701"] = f"the users of {', '.join(failed)} are not known, so the sum is incomplete"
    if kinds.get("unknown"):
        reasons["B601"] = f"no export says whether {kinds['unknown']:,} destination users have a mailbox"
    return {code: reasons[code] for code in CATALOGUE if code in reasons}
