"""From the exports of two tenants to a result: the main verb."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Unpack

from t2t_mapping.errors import InputError, Problem
from t2t_mapping.results.options import Options
from t2t_mapping.rules.table import RuleTable
from t2t_mapping.run.exports import Exports, Keywords, Many, shows_keywords, understood
from t2t_mapping.run.reading import Rules, read_sides, rule_table
from t2t_mapping.run.reconciling import reconcile
from t2t_mapping.run.result import Result

__all__ = ["generate"]


@shows_keywords(Keywords)
def generate(
    source: Exports | Many | None = None,
    destination: Many | None = None,
    *,
    rules: Rules = None,
    options: Options | None = None,
    progress: Callable[[str], None] | None = None,
    **keywords: Unpack[Keywords],
) -> Result:
    """Reconcile the users of two tenants: who is mapped to whom, who is held for a decision, who is excluded, and why.

    An export may be given as a file, a folder, a glob, a polars frame, or as what `read_users` returned; one or many.

    Args:
        source: Exports of the source whose view each file tells; or all exports of both tenants as one `Exports`.
        destination: The same of the destination. Without any export of the destination, only rules give destinations, and
            each is held as P306.
        rules: Your own decisions: a rule table or a filled-in review.xlsx (see `read_rules`), several of them, a dict
            `{source: destination}`, or tuples `(source, destination, note)`. An empty destination excludes the user.
        options: All options as one value. The keywords below go on top of it.
        progress: Called with a short text whenever a step is done, possibly from another thread.
        source_full: Exports of the source view Full Access Users.
        source_admin: Exports of the source view Administrative Access Users.
        source_directory: Accounts of the source tenant (Microsoft 365, Entra, Graph). They fill in details of users that
            are in the other source exports, and never add users.
        destination_full: Exports of the destination view Full Access Users.
        destination_admin: Exports of the destination view Administrative Access Users.
        destination_directory: Accounts of the destination tenant.
        sheet: The sheet to read where a workbook has several that list users.
        include_admins: Map administrative users like all others. By default they are left out (P309), unless a rule names
            them.
        destination_domain: The preferred domains of the destination, best first.
        match_on: `mail`, `employee-id`: also match users whose value is equal on both sides.
        profile: The format of the mapping file: `self-service` (the default) or `support-request` (no header).
        accept: Codes whose errors become warnings for this run.
        exclude: Codes; users who are held for nothing else are excluded.
        source_domains: The domains of the source tenant, to notice that source and destination were swapped.

    Returns:
        The result. Nothing is written before `Result.write`.

    Raises:
        InputError: Files that cannot be used, with every reason.
        UsageError: Arguments that are not possible.
    """
    exports, chosen = understood(source, destination, options, keywords)
    problems: list[Problem] = []
    table = RuleTable.empty()
    try:
        table = rule_table(rules)
    except InputError as error:
        problems += error.problems
    try:
        sides = read_sides(exports, progress=progress)
    except InputError as error:
        raise InputError(*error.problems, *problems) from None
    if problems:
        raise InputError(*problems)
    result = Result.of(reconcile(sides, table, chosen, progress=progress))
    _LOG.info("%(users)d source users: %(mapped)d mapped, %(held)d held, %(excluded)d excluded", result.summary)
    return result


_LOG = logging.getLogger("t2t_mapping")
