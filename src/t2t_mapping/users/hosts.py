"""The host in a JSON export's `@odata.context` → which environment, region and cloud it came from."""

from __future__ import annotations

import re
from collections.abc import Iterable

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping.users.batches import Input

__all__ = ["cloud_of_exports", "environments", "mixed", "region_of_host"]

# Dataverse: organisation.crmN.dynamics.com; the number is the region of the data centre.
_REGIONS = {
    "crm": "NA",
    "crm2": "LATAM",
    "crm3": "CAN",
    "crm4": "EMEA",
    "crm5": "APAC",
    "crm6": "OCE",
    "crm7": "JPN",
    "crm8": "IND",
    "crm9": "US GCC",
    "crm11": "UK",
    "crm12": "FRA",
    "crm14": "ZAF",
    "crm15": "UAE",
    "crm16": "GER",
    "crm17": "CHE",
    "crm19": "NOR",
    "crm20": "SGP",
    "crm21": "KOR",
}
_OTHER_CLOUDS = (
    ("crm.microsoftdynamics.us", "GCC High"),
    ("crm.appsplatform.us", "DoD"),
    ("crm.dynamics.cn", "China"),
)
# As `upn.cloud` calls them; the public cloud serves GCC, too.
_CLOUDS = {
    "dynamics.com": "public",
    "graph.microsoft.com": "public",
    "graph.microsoft.us": "US government",
    "dod-graph.microsoft.us": "US government",
    "crm.microsoftdynamics.us": "US government",
    "crm.appsplatform.us": "US government",
    "microsoftgraph.chinacloudapi.cn": "China",
    "crm.dynamics.cn": "China",
}
_DATAVERSE = re.compile(r"^[^.]+\.(?:api\.)?(crm\d*)\.dynamics\.com$")


def region_of_host(host: str) -> str | None:
    """The region of an environment's address; None where it does not tell.

    >>> region_of_host("contoso.crm4.dynamics.com"), region_of_host("graph.microsoft.com")
    ('EMEA', None)
    """
    found = _DATAVERSE.match(host)
    if found:
        return _REGIONS.get(found[1])
    return next((region for end, region in _OTHER_CLOUDS if host.endswith(f".{end}")), None)


def cloud_of_exports(inputs: Iterable[Input], side: str) -> str | None:
    """The cloud that the exports of one side came from; None where none of them tells, or they disagree."""
    hosts = {item.host for item in inputs if item.side == side and item.host}
    told = {cloud for host in hosts for end, cloud in _CLOUDS.items() if host == end or host.endswith(f".{end}")}
    return told.pop() if len(told) == 1 else None


def environments(inputs: Iterable[Input], side: str) -> list[str]:
    """The addresses of the environments that the exports of one side came from, as far as they tell."""
    hosts = {item.host.replace(".api.", ".") for item in inputs if item.side == side}
    return sorted(host for host in hosts if _DATAVERSE.match(host) or region_of_host(host))


def mixed(inputs: Iterable[Input]) -> list[pl.DataFrame]:
    """A warning where the source exports come from two environments: each needs a mapping file of its own."""
    names = environments(inputs, "source")
    if len(names) < 2:
        return []
    words = f"The source exports come from {len(names)} environments: {', '.join(names[:5])}. Each needs its own mapping file."
    return [fnd.one("I104", severity="warning", side="source", a=words)]
