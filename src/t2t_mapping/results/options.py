"""How to reconcile: the options of a run, checked as soon as they are made."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from t2t_mapping.catalogue import ACCEPTABLE, CATALOGUE
from t2t_mapping.errors import UsageError
from t2t_mapping.mapping.dialects import PROFILES

__all__ = ["Options", "texts"]


@dataclass(frozen=True, slots=True)
class Options:
    """How to reconcile; every field is a long option of the command line.

    Attributes:
        destination_domains: in order of preference.
        match_on: `mail`, `employee-id`: values that may make a pair.
        accept: codes whose error becomes a warning for this run.
        exclude: codes for which a user who is held for nothing else is excluded.
        source_domains: known domains of the source tenant (a plan names them); only to notice exchanged sides.
    """

    include_admins: bool = False
    destination_domains: tuple[str, ...] = ()
    match_on: tuple[str, ...] = ()
    profile: str = "self-service"
    accept: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    source_domains: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.profile not in PROFILES:
            raise UsageError(f"The profile must be one of {', '.join(PROFILES)}, not {self.profile!r}.")
        for value in self.match_on:
            if value not in ("mail", "employee-id"):
                raise UsageError(f"--match-on takes mail and employee-id, not {value!r}.")
        for code in self.accept:
            if code not in ACCEPTABLE:
                raise UsageError(
                    f"{code} cannot be accepted; only {', '.join(ACCEPTABLE)} can. Decide per user, in a rule line or in "
                    "the review workbook."
                )
        for code in self.exclude:
            if code not in CATALOGUE or code[0] not in "IUPR" or CATALOGUE[code].severity != "error" or code == "I109":
                raise UsageError(f"{code} is no code that holds a user; `codes` lists them.")
        object.__setattr__(self, "destination_domains", tuple(_domain(name) for name in self.destination_domains))
        object.__setattr__(self, "source_domains", tuple(_domain(name) for name in self.source_domains))
        for name in (*self.destination_domains, *self.source_domains):
            if not _DOMAIN.fullmatch(name):
                raise UsageError(f"{name!r} is no domain name.")


_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


def _domain(name: str) -> str:
    """Lower case for ASCII only: a Kelvin sign must not become a `k`."""
    plain = name.strip().removeprefix("@").rstrip(".")
    return plain.lower() if plain.isascii() else plain


def texts(value: str | Sequence[str]) -> tuple[str, ...]:
    """One text or many, as the library takes options that may be repeated."""
    return (value,) if isinstance(value, str) else tuple(value)
