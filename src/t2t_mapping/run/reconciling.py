"""Users and rules → the accounting: match, check, decide."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import polars as pl

from t2t_mapping import checks
from t2t_mapping import findings as fnd
from t2t_mapping.errors import InputError
from t2t_mapping.matching.ladder import match
from t2t_mapping.results.options import Options
from t2t_mapping.results.reconciliation import Extra, Reconciliation, Sides
from t2t_mapping.rules.table import RuleTable
from t2t_mapping.run import reasons
from t2t_mapping.run.decided import with_decisions
from t2t_mapping.run.dispositions import ON_THE_RUN, accepted, accounted, disposed, placed
from t2t_mapping.schema import DISPOSITIONS
from t2t_mapping.threads import threads

__all__ = ["reconcile"]


def reconcile(
    sides: Sides,
    rules: RuleTable,
    options: Options,
    *,
    extra: Extra | None = None,
    progress: Callable[[str], None] | None = None,
) -> Reconciliation:
    """From users and rules to the accounting: match, check, decide.

    Args:
        extra: Further findings, as a plan has them. An error on a user holds this user, one on the run holds everybody.

    Raises:
        InputError: R403 for rule lines that exclude what is neither an address nor listed.
    """
    malformed = checks.malformed_exclusions(rules.frame, sides.source, sides.elsewhere)
    if malformed:
        raise InputError(*malformed)
    with threads(1, sides.source.height + (0 if sides.destination is None else sides.destination.height)) as pool:
        known = pool.submit(checks.names_of, sides.source, sides.destination)
        pairs = match(
            sides.source, sides.destination, rules, domains=options.destination_domain, match_on=options.match_on
        )
    facts = checks.facts(
        sides.source,
        sides.destination,
        pairs,
        rules,
        known=known.result(),
        domains=options.destination_domain,
        include_admins=options.include_admins,
        directories=sides.directories,
        clouds=sides.clouds,
        elsewhere=sides.elsewhere,
    )
    _LOG.info("matched")
    if progress:
        progress("pairs")
    swapped = checks.swapped_sides(facts, options.source_domains)
    more = extra(facts) if extra else fnd.empty()
    found, skipped = checks.run(facts)
    skipped |= _unmatchable(sides, options.match_on)
    found = accepted(fnd.collect([placed(sides), found, more]), options.accept)
    nothing = fnd.collect([swapped, more, sides.findings]).filter(ON_THE_RUN).height > 0
    found, dispositions = disposed(facts, found, options.exclude, nothing=nothing)
    found = fnd.collect([found, swapped])
    _LOG.info("checked: %d findings, %d checks could not run", found.height, len(skipped))
    if progress:
        progress("checks")
    worded = with_decisions(fnd.render(found, "user"), facts.frame, rules.frame)
    rendered = worded.drop("user")
    why = reasons.worded(facts.frame, worded, dispositions, rules.frame, options.exclude)
    accounting = accounted(facts.frame, found, dispositions, why, rules.frame)
    del worded, why
    mapping = accounting.filter(pl.col("disposition") == "mapped").select(
        "source", "destination", "matched_by", "full_name", "destination_name"
    )
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
    return Reconciliation(
        mapping, accounting, rendered, summary, skipped, options, sides, rules, facts, dispositions, extra
    )


_LOG = logging.getLogger("t2t_mapping")


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
