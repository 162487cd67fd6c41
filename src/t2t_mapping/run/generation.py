"""From the exports of two tenants to a result: read, match, check, decide."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from t2t_mapping import checks
from t2t_mapping import findings as fnd
from t2t_mapping.errors import InputError, Problem
from t2t_mapping.matching.ladder import match
from t2t_mapping.results.options import Options, texts
from t2t_mapping.results.reconciliation import Sides
from t2t_mapping.rules.table import Rules, RuleTable
from t2t_mapping.run.dispositions import ON_THE_RUN, accepted, accounted, disposed, placed
from t2t_mapping.run.reading import Many, read_sides, rule_table
from t2t_mapping.run.result import Result
from t2t_mapping.schema import DISPOSITIONS

__all__ = ["generate", "reconcile"]


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
    rules: Rules | Sequence[Rules] | RuleTable | None = None,
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
        rules: The rule table or several, see `read_rules`.
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
    found = accepted(fnd.collect([placed(sides), found, more]), options.accept)
    nothing = fnd.collect([swapped, more]).filter(ON_THE_RUN).height > 0
    found, dispositions = disposed(facts.frame, found, options.exclude, nothing=nothing)
    found = fnd.collect([found, swapped])
    if progress:
        progress("checks")
    accounting = accounted(facts.frame, found, dispositions)
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
        **({} if rules.decisions is None else {"decisions": rules.decisions}),
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
