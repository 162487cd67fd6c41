"""What a licence cell says: does any licence in it let its holder use Dataverse?

Cells come in many dialects: product names joined with `+` (which names themselves contain), part numbers such as
`contoso:DYN365_ENTERPRISE_SALES`, SKU ids, Graph's JSON. They are matched against Microsoft's list, which is package
data (`data/license-skus.csv`): known names only, longest first. What the list does not know is reported, never guessed.

To update the list, replace the file: its first line names the date, its second the columns.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

import polars as pl

__all__ = ["STRENGTHS", "Strength", "classify_sku", "licensed", "list_date", "strength", "unknown_names"]

Strength = Literal["strong", "weak", "none", "unknown"]

STRENGTHS = pl.Enum(["strong", "weak", "none", "unknown"])
"""`strong`: at least one licence grants Dataverse or Dynamics 365 use. `weak`: licensed, but for other things.
`none`: known to have no licence. `unknown`: not understood, or understood in part and nothing strong in it."""

# A SKU is strong when one of its service plans (or its own part number: the list has typing errors among the plans) is
# a user's right to run apps on Dataverse. Plans, not SKU names, decide: `DYN365_*` also names capacity, environments,
# Business Central and Finance, none of which opens a Dataverse environment to its holder.
_STRONG_PLANS = (
    r"CRMSTANDARD|CRMPLAN2",
    r"DYN365_ENTERPRISE_(SALES|CUSTOMER_SERVICE|FIELD_SERVICE|CASE_MANAGEMENT|P1|TEAM_MEMBERS|RELATIONSHIP_SALES)",
    r"DYN365_(SALES_PRO|CUSTOMER_SERVICE_PRO|TEAM_MEMBERS|MARKETING_USER)",
    r"D365_(SALES_ENT|SALES_PRO|CUSTOMER_SERVICE_ENT|CUSTOMER_SERVICE_PRO|FIELD_SERVICE)(_ATTACH)?",
    r"POWERAPPS_(PER_USER|PER_APP|PER_APP_NEW|P1|P2)(_GCC|_GOV)?",
    r"FLOW_(PER_USER|P2)(_GCC|_GOV)?",
    r"GUIDES|MICROSOFT_REMOTE_ASSIST",
)
_STRONG = re.compile("|".join(_STRONG_PLANS), re.IGNORECASE)

# What ends by itself or costs nothing is no licence to build a migration on, whatever plans it brings. `IW` is
# Microsoft's mark of a trial that an information worker started alone.
_PASSING = re.compile(r"(?<![^\W_])(trial|viral|free|dev|developer|iw|iwtrial)(?![^\W_])", re.IGNORECASE)


def classify_sku(part_number: str, product_name: str, service_plans: Sequence[str]) -> Literal["strong", "weak"]:
    """Say whether a SKU grants its holder the use of Dataverse or Dynamics 365 apps.

    Capacity, environments, portals, add-ons, Business Central, Finance and Supply Chain are `weak`, as are trials, and
    Microsoft 365 plans whose only Dataverse plan is of the kind `DYN365_CDS_O365_*`.
    """
    if _PASSING.search(part_number) or _PASSING.search(product_name):
        return "weak"
    plans = (part_number.replace(" ", ""), *service_plans)
    return "strong" if any(_STRONG.fullmatch(plan) for plan in plans) else "weak"


def strength(texts: pl.Series) -> pl.Series:
    """Rate licence cells as typed.

    Disabled service plans are not weighed: Graph names them by ids that the list does not have, and most
    administrators disable a plan or two of a licence that still does its work.

    Returns:
        A series of `STRENGTHS`, as long as `texts`. Null and cells that say nothing are `unknown`.
    """
    readings = _read_all(texts)
    return pl.Series(texts.name, [readings[text].strength for text in texts], dtype=STRENGTHS)


def licensed(texts: pl.Series) -> pl.Series:
    """Say whether licence cells as typed show a licence at all: a Boolean series, null where they do not tell.

    `Unlicensed` is False. An empty list is null: Graph also answers `[]` when licences were not asked for. A cell with
    nothing but unknown words is null too, since it may mean "none" in a language that we do not know.
    """
    readings = _read_all(texts)
    return pl.Series(texts.name, [readings[text].licensed for text in texts], dtype=pl.Boolean)


def unknown_names(texts: pl.Series) -> list[tuple[str, str]]:
    """List (cell as typed, part of it that is not in Microsoft's list), each once, in order of appearance (I112)."""
    readings = _read_all(texts)
    return [(text, part) for text, reading in readings.items() if text for part in reading.unknown]


def list_date() -> str:
    """The date of Microsoft's list, `YYYY-MM-DD`, for messages about unknown names."""
    return _catalogue().date


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one cell says. `certain`: its form alone proves a licence (a SKU id, a tenant's part number)."""

    known: frozenset[Literal["strong", "weak"]] = frozenset()
    unknown: tuple[str, ...] = ()
    certain: bool = False
    unlicensed: bool = False

    @property
    def strength(self) -> Strength:
        if self.unlicensed:
            return "none"
        if "strong" in self.known:
            return "strong"
        return "weak" if self.known and not self.unknown else "unknown"

    @property
    def licensed(self) -> bool | None:
        if self.unlicensed:
            return False
        return True if self.known or self.certain else None


_TYPE_NAME = re.compile(r"(System|Microsoft)\.[\w.`]+(\[.*\])?", re.DOTALL)  # what Export-Csv makes of a collection
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ACCOUNT_SKU = re.compile(r"[A-Za-z0-9.-]{1,64}:(?=\w)")  # MSOnline puts the tenant before the part number


def _read_all(texts: pl.Series) -> dict[str | None, _Reading]:
    # A tenant has few combinations of licences, so each distinct cell is read once, in plain Python.
    return {text: _read(text) for text in texts.unique(maintain_order=True)}


def _read(text: str | None) -> _Reading:
    text = (text or "").strip()
    if not text or _TYPE_NAME.fullmatch(text):
        return _Reading()
    if text.casefold() == "unlicensed":
        return _Reading(unlicensed=True)
    names = _names_in_json(text)
    return _rate(_split(text) if names is None else names)


def _rate(names: Iterable[str]) -> _Reading:
    known: set[Literal["strong", "weak"]] = set()
    unknown: list[str] = []
    proof = False
    for name in names:
        verdict = _look_up(name)
        if verdict is None:
            unknown.append(name)
            proof |= _is_code(name)
        else:
            known.add(verdict)
    return _Reading(frozenset(known), tuple(dict.fromkeys(unknown)), proof)


def _is_code(name: str) -> bool:
    """Whether a name is a SKU id or a tenant's part number, and so proves a licence even if nobody knows it."""
    return bool(_GUID.fullmatch(name) or _ACCOUNT_SKU.match(name))


def _names_in_json(text: str) -> list[str] | None:
    """The names in Graph's `assignedLicenses` (or a list of plain names); None when the text is not JSON."""
    if text[0] not in "[{":
        return None
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None
    names = []
    for item in value if isinstance(value, list) else [value]:
        fields = {key.casefold(): entry for key, entry in item.items()} if isinstance(item, dict) else {"": item}
        name = next((fields[key] for key in ("skuid", "skupartnumber", "accountskuid", "") if fields.get(key)), None)
        names.append(name if isinstance(name, str) else json.dumps(item))
    return names


_SEPARATOR = re.compile(r"[+;,|\n]")
# A `+` or a comma with a blank behind it may belong to a name that we do not know; these may not.
_HARD = re.compile(r"(?<! )\+|\+(?! )|,(?! )|[;|\n]")


def _split(text: str) -> Iterator[str]:
    """Cut a cell into names: known ones, longest first, and what stands between them."""
    joints = _catalogue().joints
    ends = [*(match.start() for match in _SEPARATOR.finditer(text)), len(text)]
    hard = {match.start() for match in _HARD.finditer(text)} | {len(text)}

    def known_at(start: int, index: int) -> int | None:
        """The index (in `ends`) of the end of the longest known name that begins at `start`."""
        candidates = range(min(index + joints, len(ends) - 1), index - 1, -1)
        return next((at for at in candidates if _look_up(text[start : ends[at]]) is not None), None)

    start = index = 0
    while index < len(ends):
        found = known_at(start, index)
        if found is None:
            found = index
            while ends[found] not in hard and known_at(ends[found] + 1, found + 1) is None:
                found += 1
        yield from _words(text[start : ends[found]].strip())
        start, index = ends[found] + 1, found + 1


def _words(name: str) -> list[str]:
    """Cut part numbers and ids that PowerShell joined with blanks; leave every other name whole."""
    words = name.split()
    if len(words) > 1 and _look_up(name) is None and all(_is_code(word) or _look_up(word) for word in words):
        return words
    return [name] if name else []


class _Catalogue(NamedTuple):
    date: str
    verdicts: dict[str, Literal["strong", "weak"]]  # by normalised part number, SKU id and product name
    joints: int  # the most separators that stand inside any one name


def _normal(name: str) -> str:
    return " ".join(name.casefold().split())


def _look_up(name: str) -> Literal["strong", "weak"] | None:
    verdicts = _catalogue().verdicts
    name = _normal(name)
    return verdicts.get(name) or verdicts.get(_ACCOUNT_SKU.sub("", name, count=1))


@cache
def _catalogue() -> _Catalogue:
    first, *lines = (files("t2t_mapping") / "data" / "license-skus.csv").read_text("utf-8").splitlines()
    date = re.search(r"\d{4}-\d\d-\d\d", first)
    verdicts: dict[str, Literal["strong", "weak"]] = {}
    for sku in csv.DictReader(lines):
        part, product = sku["sku_part_number"], sku["product_name"]
        verdict = classify_sku(part, product, sku["service_plans"].split())
        for name in (part, part.replace(" ", ""), sku["sku_id"], product):
            # Where two SKUs share a product name, the weaker one counts: a warning too many is the smaller fault.
            key = _normal(name)
            verdicts[key] = "weak" if verdicts.get(key) == "weak" else verdict
    joints = max(len(_SEPARATOR.findall(name)) for name in verdicts)
    return _Catalogue(date.group() if date else "an unknown date", verdicts, joints)
