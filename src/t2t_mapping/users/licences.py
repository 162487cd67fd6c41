"""What a licence cell says: does any licence in it let its holder use Dataverse?

Cells come in many dialects: product names joined with `+` (which names themselves contain), part numbers such as
`contoso:DYN365_ENTERPRISE_SALES`, SKU ids, Graph's JSON. They are matched against Microsoft's list, which is package
data (`data/license-skus.csv`): known names only, longest first. What the list does not know is reported, never guessed.

`python docs/update_licences.py MICROSOFTS.csv YYYY-MM-DD` brings the list up to date. Names that it no longer has stay in
`data/license-skus-former.csv`, since an export may be older than the list.
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

from t2t_mapping.lexicon.vocabulary import licence_word

__all__ = [
    "STRENGTHS",
    "Reading",
    "Strength",
    "classify_sku",
    "licensed",
    "list_date",
    "read_all",
    "strength",
    "unknown_names",
]

Strength = Literal["strong", "weak", "none", "unknown"]

STRENGTHS = pl.Enum(["strong", "weak", "none", "unknown"])
"""`strong`: at least one licence grants Dataverse or Dynamics 365 use. `weak`: licensed, but for other things.
`none`: known to have no licence. `unknown`: not understood, or understood in part and nothing strong in it."""

# A SKU is strong when one of its service plans (or its own part number: the list has typing errors among the plans) is
# a user's right to run apps on Dataverse. Plans, not SKU names, decide: `DYN365_*` also names capacity, environments,
# Business Central and Finance, none of which opens a Dataverse environment to its holder.
_STRONG_PLANS = (
    r"CRMSTANDARD|CRMPLAN2",
    r"DYN365_ENTERPRISE_(SALES|CUSTOMER_SERVICE|FIELD_SERVICE|CASE_MANAGEMENT|P1|TEAM_MEMBERS|RELATIONSHIP_SALES"
    r"|PROJECT_SERVICE_AUTOMATION)",
    r"DYN365_(SALES_PRO|CUSTOMER_SERVICE_PRO|TEAM_MEMBERS|MARKETING_USER)",
    r"D365_(SALES_ENT|SALES_PRO|CUSTOMER_SERVICE_ENT|CUSTOMER_SERVICE_PRO|FIELD_SERVICE)(_ATTACH)?",
    r"DYN365_CDS_(FINANCE|SUPPLYCHAINMANAGEMENT|RETAIL)|D365_ProjectOperations(CDS)?(_?Attach)?",
    r"POWERAPPS_(PER_USER|PER_APP|P1|P2|DYN_APPS|DYN_P2|SALES_PRO)",
    r"(CDS_ ?)?POWERAPPS_PER_(USER|APP)_CUSTOM",
    r"GUIDES|MICROSOFT_REMOTE_ASSIST",
)
_STRONG = re.compile(f"(?:{'|'.join(_STRONG_PLANS)})(_NEW)?(_GCC|_GOV)?(_NEW)?", re.IGNORECASE)
_ELSEWHERE = re.compile(r"DYN365_(BUSCENTRAL|FINANCIALS)_\w+")
"""Business Central has apps of its own, and no Dataverse environment."""

# What ends by itself, costs nothing or is for tests is no licence to build a migration on, whatever plans it brings. `IW`
# is Microsoft's mark of a trial that an information worker started alone.
_PASSING = re.compile(r"(?<![^\W_])(v?trial|viral|free|dev|developer|iw|iwtrial|test|preview)(?![^\W_])", re.IGNORECASE)


def classify_sku(part_number: str, product_name: str, service_plans: Sequence[str]) -> Literal["strong", "weak"]:
    """Say whether a SKU grants its holder the interactive use of Dataverse or Dynamics 365 apps.

    Flows alone (Power Automate), capacity, environments, portals, add-ons of a tenant and Business Central are `weak`, as
    are trials, and plans whose only Dataverse plan serves one product of its own (`DYN365_CDS_O365_*`, Project, Copilot
    Studio).
    """
    if _PASSING.search(part_number) or _PASSING.search(product_name):
        return "weak"
    plans = (part_number.replace(" ", ""), *service_plans)
    if any(_ELSEWHERE.fullmatch(plan) for plan in plans):
        return "weak"
    return "strong" if any(_STRONG.fullmatch(plan) for plan in plans) else "weak"


def strength(texts: pl.Series) -> pl.Series:
    """Rate licence cells as typed.

    Disabled service plans are not weighed: Graph names them by ids that the list does not have, and most
    administrators disable a plan or two of a licence that still does its work.

    Returns:
        A series of `STRENGTHS`, as long as `texts`. Null and cells that say nothing are `unknown`.
    """
    readings = read_all(texts)
    return _mapped(texts, {text: reading.strength for text, reading in readings.items()}, STRENGTHS)


def licensed(texts: pl.Series) -> pl.Series:
    """Say whether licence cells as typed show a licence at all: a Boolean series, null where they do not tell.

    `Unlicensed` is False. An empty list is null: Graph also answers `[]` when licences were not asked for. A cell with
    nothing but unknown words is null too, since it may mean "none" in a language that we do not know.
    """
    readings = read_all(texts)
    return _mapped(texts, {text: reading.licensed for text, reading in readings.items()}, pl.Boolean)


def _mapped(texts: pl.Series, answers: dict[str | None, Any], dtype: Any) -> pl.Series:
    return texts.cast(pl.String).replace_strict(answers, default=None, return_dtype=dtype)


def unknown_names(texts: pl.Series) -> list[tuple[str, str]]:
    """List (cell as typed, part of it that is not in Microsoft's list), each once, in order of appearance (I112)."""
    readings = read_all(texts)
    return [(text, part) for text, reading in readings.items() if text for part in reading.unknown]


def list_date() -> str:
    """The date of Microsoft's list, `YYYY-MM-DD`, for messages about unknown names."""
    return _catalogue().date


@dataclass(frozen=True, slots=True)
class Reading:
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

    @property
    def silent(self) -> bool:
        """Whether the cell says nothing at all: blank, an empty list, the name of a type."""
        return not (self.unlicensed or self.certain or self.known or self.unknown)

    @property
    def unclear(self) -> bool:
        """Whether the cell says something of which nothing is understood; it may mean "none" in some language."""
        return self.licensed is None and bool(self.unknown)


# What Export-Csv and JavaScript make of a collection: `System.String[]`, `[object Object],[object Object]`.
_TYPE_NAME = re.compile(r"((System|Microsoft)\.[\w.`]+(\[.*\])?|(\[object \w+\][\s,;+|]*)+)", re.DOTALL)
_NAMED_IN_OBJECT = re.compile(r"(?:SkuId|SkuPartNumber|AccountSkuId)=([^;}\s]+)", re.IGNORECASE)  # `@{SkuId=…; …}`
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ACCOUNT_SKU = re.compile(r"[A-Za-z0-9.-]{1,64}:(?=\w)")  # MSOnline puts the tenant before the part number


def read_all(texts: pl.Series) -> dict[str | None, Reading]:
    """Read each distinct cell once."""
    # A tenant has few combinations of licences, so each distinct cell is read once, in plain Python.
    return {text: _read(text) for text in texts.unique(maintain_order=True)}


def _read(text: str | None) -> Reading:
    text = (text or "").strip()
    if not text or _TYPE_NAME.fullmatch(text):
        return Reading()
    if licence_word(text) is False:
        return Reading(unlicensed=True)
    if licence_word(text):
        return Reading(certain=True)
    if text.startswith("@{"):
        return _rate(_NAMED_IN_OBJECT.findall(text))
    names = _names_in_json(text)
    return _rate(_split(text) if names is None else names)


def _rate(names: Iterable[str]) -> Reading:
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
    return Reading(frozenset(known), tuple(dict.fromkeys(unknown)), proof)


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
        if not isinstance(name, str):
            names.append(json.dumps(item))
        elif name.startswith("@{"):  # what PowerShell makes of an object below the depth of its JSON
            names += _NAMED_IN_OBJECT.findall(name)
        elif not _TYPE_NAME.fullmatch(name):
            names.append(name)
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


def _shorter(name: str) -> set[str]:
    """A product name as it is also written: without “for”, “Edition”, or “Microsoft” in front."""
    bare = name.removeprefix("microsoft ")
    without = {text.replace(" for ", " ", 1) for text in (name, bare)} | {name, bare}
    return without | {text.removesuffix(" edition") for text in without}


def _lines(name: str) -> list[str]:
    return (files("t2t_mapping") / "data" / name).read_text("utf-8").splitlines()


@cache
def _catalogue() -> _Catalogue:
    first, *lines = _lines("license-skus.csv")
    date = re.search(r"\d{4}-\d\d-\d\d", first)
    verdicts: dict[str, Literal["strong", "weak"]] = {}
    for sku in csv.DictReader(lines):
        part, product = sku["sku_part_number"], sku["product_name"]
        verdict = classify_sku(part, product, sku["service_plans"].split())
        for name in (part, part.replace(" ", ""), sku["sku_id"], product):
            # Where two SKUs share a product name, the weaker one counts: a warning too many is the smaller fault.
            key = _normal(name)
            verdicts[key] = "weak" if verdicts.get(key) == "weak" else verdict
    for name, verdict in list(verdicts.items()):  # the admin center says “Dynamics 365 Sales Enterprise”
        for shorter in _shorter(name):
            verdicts.setdefault(shorter, verdict)
    for sku in csv.DictReader(_lines("license-skus-former.csv")[1:]):  # an export may be older than the list
        verdict = classify_sku(sku["sku_part_number"], sku["product_name"], sku["service_plans"].split())
        for name in (sku["sku_part_number"], sku["sku_id"], sku["product_name"]):
            verdicts.setdefault(_normal(name), verdict)
    joints = max(len(_SEPARATOR.findall(name)) for name in verdicts)
    return _Catalogue(date.group() if date else "an unknown date", verdicts, joints)
