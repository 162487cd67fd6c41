"""What the service refuses, and what a mapping file cannot show: checks of a plan as a whole, before anything moves.

E801, E802 and E803 are about one environment and refuse it: nobody is mapped there. The others look over all of them.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping import upn as upns
from t2t_mapping.lexicon.articles import WHEN, Reminder, service
from t2t_mapping.plans.file import Environment, Plan
from t2t_mapping.plans.regions import cloud_of_region, restricted
from t2t_mapping.plans.values import REFUSED_TYPES
from t2t_mapping.run.result import Result

__all__ = [
    "MAILBOXES",
    "checklist",
    "conflicts",
    "licences_needed",
    "mailbox_findings",
    "mailboxes",
    "not_enough_licences",
    "refusals",
    "shared_destinations",
    "unrehearsed",
    "untold",
]

MAILBOXES = ("reconfigure", "none", "same-address", "automatic", "unknown")
"""What becomes of a mapped user's mailbox; `same-address` and `automatic` need nobody."""


# --- one environment --------------------------------------------------------------------------------------------------


def refusals(plan: Plan, environment: Environment) -> pl.DataFrame:
    """E801, E802, E803: findings on the run, each of which keeps everybody of this environment out of the mapping."""
    found = []
    if environment.type in REFUSED_TYPES:
        found.append(fnd.one("E801", side="run", a=environment.name, b=environment.type))
    changes = [words for words in (_cloud_change(plan, environment), _region_change(plan, environment)) if words]
    if changes:
        found.append(fnd.one("E802", side="run", a=environment.name, b=" and ".join(changes)))
    if environment.finance_and_operations:
        found.append(fnd.one("E803", side="run", a=environment.name))
    return fnd.collect(found)


def _regions(plan: Plan, environment: Environment) -> tuple[str | None, str | None]:
    return environment.region, environment.destination_region or plan.destination.region


def _clouds(plan: Plan, environment: Environment) -> tuple[str | None, str | None]:
    here, there = _regions(plan, environment)
    return plan.source.cloud or cloud_of_region(here), plan.destination.cloud or cloud_of_region(there)


def _cloud_change(plan: Plan, environment: Environment) -> str | None:
    """A cloud that only one side states is compared with `public`: refusing too much is noticed, too little is not."""
    here, there = _clouds(plan, environment)
    if (here or "public") == (there or "public"):
        return None
    return f"the cloud from {here or 'public (not stated)'} to {there or 'public (not stated)'}"


def _region_change(plan: Plan, environment: Environment) -> str | None:
    here, there = _regions(plan, environment)
    return f"the region from {here} to {there}" if here and there and restricted(here, there) else None


def untold(plan: Plan) -> dict[str, str]:
    """Code -> why a check of the plan could not run, where the plan does not say enough. Never a pass."""
    reasons: dict[str, list[str]] = {"E801": [], "E802": [], "E803": [], "E804": []}
    for environment in plan.environments:
        here, there = _regions(plan, environment)
        if environment.type is None:
            reasons["E801"].append(environment.name)
            reasons["E804"].append(environment.name)
        if _cloud_change(plan, environment) is None and (not here or not there or restricted(here, there) is None):
            known = f"{environment.name} (whether {here} to {there} is allowed is not known here)"
            reasons["E802"].append(known if here and there else environment.name)
        if environment.finance_and_operations is None:
            reasons["E803"].append(environment.name)
    words = {
        "E801": "no type is given for",
        "E802": "the region of the source or of the destination is not given for",
        "E803": "finance_and_operations is not given for",
        "E804": "no type is given for",
    }
    return {code: f"{words[code]} {', '.join(names)}" for code, names in reasons.items() if names}


# --- all environments -------------------------------------------------------------------------------------------------


def unrehearsed(plan: Plan, environment: Environment) -> pl.DataFrame:
    """E804: a production environment that no sandbox of the plan rehearses."""
    rehearsals = [e for e in plan.environments if e.type == "sandbox" and e.rehearses == environment.name]
    if environment.type != "production" or rehearsals:
        return fnd.empty()
    return fnd.one("E804", side="plan", a=environment.name)


def _mapped(results: Mapping[str, Result]) -> pl.DataFrame:
    """All mapped users of all environments: `environment, key, source, target_key, destination`."""
    parts = [
        result.mapping.select(
            environment=pl.lit(name),
            key=upns.fold(pl.col("source")),
            source="source",
            target_key=upns.fold(pl.col("destination")),
            destination="destination",
        )
        for name, result in results.items()
    ]
    schema = dict.fromkeys(("environment", "key", "source", "target_key", "destination"), pl.String)
    return pl.concat(parts) if parts else pl.DataFrame(schema=schema)


def conflicts(results: Mapping[str, Result]) -> pl.DataFrame:
    """E805: source users who would be mapped to different destinations, once per environment that is involved.

    Returns:
        `environment, key, words`; `words` says where the user goes in each of them.
    """
    mapped = _mapped(results)
    goes = pl.col("destination") + pl.lit(" in ") + pl.col("environment")
    different = (
        mapped.group_by("key")
        .agg(number=pl.col("target_key").n_unique(), words=goes.sort().str.join(", "))
        .filter(pl.col("number") > 1)
    )
    return mapped.join(different, on="key").select("environment", "key", "words").sort("environment", "key")


def shared_destinations(results: Mapping[str, Result]) -> pl.DataFrame:
    """P302 over all environments, as a warning: one destination for different source users in different environments.

    One person under an old and a new address is the harmless case, so nobody is held.
    """
    shared = (
        _mapped(results)
        .group_by("target_key")
        .agg(
            pl.col("destination").min(),
            number=pl.col("key").n_unique(),
            words=(pl.col("source") + pl.lit(" in ") + pl.col("environment")).sort().str.join(", "),
        )
        .filter(pl.col("number") > 1)
    )
    return fnd.find("P302", shared, severity="warning", side="plan", a=pl.col("destination"), b=pl.col("words"))


def licences_needed(results: Mapping[str, Result]) -> int:
    """Distinct destination users over all environments: a user of three environments needs one licence."""
    return _mapped(results)["target_key"].n_unique()


def not_enough_licences(plan: Plan, results: Mapping[str, Result]) -> pl.DataFrame:
    """L701."""
    needed = licences_needed(results)
    if plan.available_licences is None or needed <= plan.available_licences:
        return fnd.empty()
    return fnd.one("L701", side="plan", a=f"{needed:,}", b=f"{plan.available_licences:,}")


# --- mailboxes --------------------------------------------------------------------------------------------------------


def mailboxes(result: Result) -> pl.DataFrame:
    """What becomes of the mailbox of every mapped user: `source, destination, address, mailbox, file, sheet, row`.

    `reconfigure`: at a default domain of the source, so the address changes; `same-address`: the destination account
    has the address already, which is enabled by itself; `automatic`: the destination account has a mailbox of its own;
    `none`: the account's export has mail addresses, and this account has none, so there is nothing to configure by itself;
    `unknown`: no export says whether it has one.
    """
    sides = result.sides
    users = result.facts.frame.with_columns(disposition=result.dispositions).filter(pl.col("disposition") == "mapped")
    there = sides.destination if sides.destination is not None else sides.source.clear()
    mail = upns.fold(pl.col("mail"))
    users = users.with_columns(
        address=pl.coalesce(sides.source.select(mail)["mail"].gather(users["user"]), pl.col("upn_key")),
        d_mail=there.select(mail)["mail"].gather(users["d"]) if there.height else pl.lit(None, dtype=pl.String),
        d_aliases=there["aliases"].gather(users["d"]) if there.height else pl.lit(None, dtype=pl.List(pl.String)),
    )
    # An export with mail addresses has the column, so an empty cell means that there is no mailbox.
    telling = there.filter(pl.col("mail").is_not_null() | pl.col("aliases").is_not_null())["file"].drop_nulls().unique()
    address = pl.col("address")
    same = (
        (address == pl.col("target_key")) | (address == pl.col("d_mail")) | pl.col("d_aliases").list.contains(address)
    )
    return users.select(
        source="upn",
        destination="target",
        address="address",
        mailbox=pl.when(upns.cloud(upns.domain(address)).is_not_null())
        .then(pl.lit("reconfigure"))
        .when(same.fill_null(value=False))
        .then(pl.lit("same-address"))
        .when(pl.col("d_mail").is_not_null() | pl.col("d_aliases").is_not_null())
        .then(pl.lit("automatic"))
        .when(pl.col("d_file").is_in(telling.implode()))
        .then(pl.lit("none"))
        .otherwise(pl.lit("unknown")),
        file="file",
        sheet="sheet",
        row="row",
    )


def mailbox_findings(boxes: pl.DataFrame) -> pl.DataFrame:
    """B601 for the mailboxes that somebody must reconfigure."""
    told = boxes.filter(pl.col("mailbox").is_in(["reconfigure", "none"])).rename({"source": "upn"})
    without = pl.lit("the destination account has no mailbox")
    words = pl.when(pl.col("mailbox") == "none").then(without).otherwise(pl.col("address"))
    return fnd.find("B601", told, side="source", a=words)


# --- what no file can show --------------------------------------------------------------------------------------------


def checklist(plan: Plan, reconfigure: int = 0) -> tuple[Reminder, ...]:
    """What the articles ask for and no export can show, with what the plan says about it, each for the way that it moves."""
    profiles = {environment.options.profile for environment in plan.environments}
    lines = list(dict.fromkeys(line for profile in sorted(profiles) for line in service().checklist(profile)))
    for environment in plan.environments:
        here, there = _regions(plan, environment)
        support = environment.options.profile == "support-request"
        if environment.security_group:
            text = f"Security group {environment.security_group} exists in the destination tenant, has the right members, and "
            text += "is named in the support request." if support else "is assigned to the environment again."
            articles, when = (("2023-06-07",), "before") if support else (("2026-02-25",), "after")
            lines.append(Reminder(when, text, environment.name, articles))
        if here and there and here.casefold() != there.casefold():
            if support:
                text = f"The region changes from {here} to {there}, and so does the URL: tell everybody who has links to it."
                lines.append(Reminder("after", text, environment.name, ("2023-06-07",), "support-request"))
            else:
                text = (
                    f"The environment stays in {here}: the move changes neither region nor URL. A move to {there} is a "
                )
                text += "separate request."
                lines.append(Reminder("after", text, environment.name, ("2026-02-25",), "self-service"))
        if environment.rehearses:
            text = f"All parties have validated this rehearsal before {environment.rehearses} moves."
            lines.append(Reminder("before", text, environment.name, ("2023-06-07",)))
    if reconfigure:
        text = f"{reconfigure:,} mailboxes are to be reconfigured (B601); the findings name the users."
        lines.append(Reminder("after", text))
    return tuple(sorted(lines, key=lambda line: WHEN.index(line.when)))
