"""What the service refuses, and what a mapping file cannot show: checks of a plan as a whole, before anything moves.

E801, E802 and E803 are about one environment and refuse it: nobody is mapped there. The others look over all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping import upn as upns
from t2t_mapping.plans.file import Environment, Plan
from t2t_mapping.plans.regions import cloud_of_region, restricted
from t2t_mapping.plans.values import REFUSED_TYPES
from t2t_mapping.run.result import Result

__all__ = [
    "MAILBOXES",
    "Reminder",
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

MAILBOXES = ("reconfigure", "same-address", "automatic", "unknown")
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
        .otherwise(pl.lit("unknown")),
        file="file",
        sheet="sheet",
        row="row",
    )


def mailbox_findings(boxes: pl.DataFrame) -> pl.DataFrame:
    """B601 for the mailboxes that somebody must reconfigure."""
    told = boxes.filter(pl.col("mailbox") == "reconfigure").rename({"source": "upn"})
    return fnd.find("B601", told, side="source", a=pl.col("address"))


# --- what no file can show --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reminder:
    """One line of the checklist. `about` is an environment, or None for the whole move."""

    when: str
    text: str
    about: str | None = None


_BEFORE, _DURING, _AFTER = "before", "during", "after"

_ALWAYS = (
    (_BEFORE, "The destination tenant has a paid subscription of Dynamics 365, Power Apps or Power Virtual Agents."),
    (_BEFORE, "The destination tenant has at least as much storage as the environments use at the source."),
    (_BEFORE, "All destination users exist, are enabled and are licensed on the day of the move, not only today."),
    (
        _BEFORE,
        "Whoever asks for the move may do so (global, Dynamics 365 or Power Platform administrator), in writing.",
    ),
    (_BEFORE, "There is room at the source for a sandbox copy of each production environment."),
    (_BEFORE, "Apps, flows, chatbots and solutions are exported; solution-aware canvas apps are then deleted."),
    (_BEFORE, "Mailboxes that keep their address are set up in the destination tenant."),
    (_BEFORE, "Portals are reset. Licences for Marketing are in the destination tenant, if it is used."),
    (_BEFORE, "Customer Voice is not moved: its projects and surveys will be built again."),
    (_BEFORE, "The cut-over lies in an evening or weekend; it takes hours, in which nobody can work."),
    (
        _BEFORE,
        "The file is validated not more than seven days before the move, or validation starts over (self-service).",
    ),
    (_DURING, "Somebody can approve the Customer Lockbox request at the start, if Lockbox is on at the source."),
    (_DURING, "Administration mode is on: background operations do not run."),
    (_AFTER, "Apps, flows, chatbots and solutions are imported; portals are provisioned again."),
    (_AFTER, "Custom connectors, connections and gateways are set up by hand; they are never moved."),
    (_AFTER, "`verify` with fresh exports shows who has arrived. Users who are in no mapping cannot be mapped later."),
    (_AFTER, "The old subscription is cancelled with the help of billing."),
)


def checklist(plan: Plan, reconfigure: int = 0) -> tuple[Reminder, ...]:
    """What Microsoft's article asks for and no export can show, with what the plan says about it."""
    lines = [Reminder(when, text) for when, text in _ALWAYS]
    for environment in plan.environments:
        here, there = _regions(plan, environment)
        if environment.security_group:
            text = f"The security group {environment.security_group} exists in the destination tenant and has the right members."
            lines.append(Reminder(_BEFORE, text, environment.name))
        else:
            text = "No security group is named; it can be assigned in the admin center after the move."
            lines.append(Reminder(_AFTER, text, environment.name))
        if here and there and here.casefold() != there.casefold():
            text = (
                f"The region changes from {here} to {there}, and so does the URL: tell everybody who has links to it."
            )
            lines.append(Reminder(_AFTER, text, environment.name))
        if environment.rehearses:
            text = f"All parties have validated this rehearsal before {environment.rehearses} moves."
            lines.append(Reminder(_BEFORE, text, environment.name))
    if reconfigure:
        lines.append(Reminder(_AFTER, f"{reconfigure:,} mailboxes at default domains are reconfigured (B601)."))
    order = (_BEFORE, _DURING, _AFTER)
    return tuple(sorted(lines, key=lambda line: order.index(line.when)))
