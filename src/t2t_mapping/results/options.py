"""How to reconcile: the options of a run, checked as soon as they are made."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from t2t_mapping.catalogue import ACCEPTABLE, EXCLUDABLE
from t2t_mapping.choices import MatchOn, Profile, one_of
from t2t_mapping.errors import UsageError

__all__ = ["Options", "texts"]


@dataclass(frozen=True, slots=True)
class Options:
    """How to reconcile. The fields are called as the arguments of `generate` and, with hyphens, as its options.

    A field that holds several values also takes one text: `Options(accept="P305")`.

    Attributes:
        include_admins: Map administrative users like all others. By default they are left out (P309), unless a rule names
            them.
        destination_domain: The preferred domains of the destination, best first.
        match_on: `mail`, `employee-id`: also match users whose value is equal on both sides.
        profile: The format of the mapping file: `self-service` (header and name as the upload page wants them) or
            `support-request` (no header).
        accept: Codes whose errors become warnings for this run.
        exclude: Codes; users who are held for nothing else are excluded.
        source_domains: The domains of the source tenant, to notice that source and destination were swapped.

    Raises:
        UsageError: A value that is not possible, as soon as it is given.
    """

    include_admins: bool = False
    destination_domain: tuple[str, ...] = ()
    match_on: tuple[MatchOn, ...] = ()
    profile: Profile = "self-service"
    accept: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    source_domains: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("match_on", "accept", "exclude"):
            object.__setattr__(self, name, texts(getattr(self, name)))
        for name in ("destination_domain", "source_domains"):
            object.__setattr__(self, name, tuple(_domain(text) for text in texts(getattr(self, name))))
        one_of(self.profile, Profile, "profile")
        for value in self.match_on:
            one_of(value, MatchOn, "match_on")
        for code in self.accept:
            if code not in ACCEPTABLE:
                raise UsageError(
                    f"{code} cannot be accepted; only {', '.join(ACCEPTABLE)} can. Decide user by user in review.xlsx, or "
                    "add rules."
                )
        for code in self.exclude:
            if code not in EXCLUDABLE:
                raise UsageError(f"{code} is not a code that holds a user; `codes` lists them.")
        for name in (*self.destination_domain, *self.source_domains):
            if not _DOMAIN.fullmatch(name):
                raise UsageError(f"{name!r} is not a domain name.")


_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")


def _domain(name: str) -> str:
    """Lower case for ASCII only: a Kelvin sign must not become a `k`."""
    plain = name.strip().removeprefix("@").rstrip(".")
    return plain.lower() if plain.isascii() else plain


def texts(value: str | Sequence[str]) -> tuple[str, ...]:
    """One text or many, as the library takes options that may be repeated."""
    return (value,) if isinstance(value, str) else tuple(value)
