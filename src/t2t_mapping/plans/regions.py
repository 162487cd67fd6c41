"""Regions and clouds of environments: their many spellings, and between which of them a move is refused."""

from __future__ import annotations

import re

__all__ = ["CLOUDS", "cloud_of_region", "region_of", "restricted"]

CLOUDS = ("public", "gcc", "gcc-high", "dod", "china")

_SPELLINGS = {
    # Regions that an environment can neither leave nor enter (the list in Microsoft's article)
    "US GCC": "gcc usgcc usgov usgovernment governmentcommunitycloud",
    "GCC High": "gcchigh usgcchigh usgovhigh",
    "DoD": "dod usdod usgovdod",
    "OCE": "oce oceania aus australia anz",
    "IND": "ind india",
    "China": "china chn cn",
    # All others
    "EMEA": "emea europe eur eu",
    "NA": "na nam northamerica us usa unitedstates namerica",
    "APAC": "apac apj asia asiapacific",
    "LATAM": "latam lam sam southamerica latinamerica",
    "CAN": "can canada",
    "JPN": "jpn japan",
    "UK": "uk gbr unitedkingdom",
    "FRA": "fra france",
    "GER": "ger deu germany",
    "CHE": "che switzerland",
    "NOR": "nor norway",
    "SWE": "swe sweden",
    "UAE": "uae are unitedarabemirates",
    "ZAF": "zaf southafrica",
    "KOR": "kor korea",
    "SGP": "sgp singapore",
    "ITA": "ita italy",
    "POL": "pol poland",
}
_KNOWN = {word: name for name, words in _SPELLINGS.items() for word in words.split()}
_RESTRICTED = ("US GCC", "GCC High", "DoD", "OCE", "IND", "China")
_CLOUDS = {"US GCC": "gcc", "GCC High": "gcc-high", "DoD": "dod", "China": "china"}


def region_of(text: str) -> str:
    """The region in its usual spelling; a region that is not known here stays as typed.

    >>> region_of("Australia"), region_of("us gcc"), region_of("Atlantis")
    ('OCE', 'US GCC', 'Atlantis')
    """
    return _KNOWN.get(re.sub(r"[\W_]+", "", text.casefold()), text.strip())


def restricted(one: str, other: str) -> bool | None:
    """Whether a move between two regions is refused; None when a region is not known, so nobody can tell."""
    if one.casefold() == other.casefold():
        return False
    if one in _RESTRICTED or other in _RESTRICTED:
        return True
    return False if one in _SPELLINGS and other in _SPELLINGS else None


def cloud_of_region(region: str | None) -> str | None:
    """The cloud that a region alone tells."""
    return _CLOUDS.get(region or "")
