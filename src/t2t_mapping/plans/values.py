"""What the values of a plan may be: one small function per kind, from a TOML value to ours or to what is wrong with it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from t2t_mapping.mapping.dialects import PROFILES
from t2t_mapping.plans.regions import CLOUDS
from t2t_mapping.upn import show

__all__ = ["REFUSED_TYPES", "TYPES", "VALUES", "Bad", "shown"]

TYPES = ("production", "sandbox")
REFUSED_TYPES = ("default", "developer", "trial", "demo", "teams")

_DOMAIN = re.compile(r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$")
_GUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Bad:
    """A value that cannot be used; `reason` follows upon the key: "must be …"."""

    reason: str


def shown(text: str, limit: int = 80) -> str:
    """A text of the plan in a message: letters of any script stay, what cannot be seen becomes its code point."""
    visible = "".join(c if c.isprintable() else f"<U+{ord(c):04X}>" for c in text[:limit])
    return visible + ("…" if len(text) > limit else "")


def _text(value: Any) -> str | Bad:
    if not isinstance(value, str):
        return Bad(f"must be a text, not {_kind(value)}")
    if not value.strip():
        return Bad("must not be empty; leave the key out instead")
    if _CONTROL.search(value):
        return Bad(f"holds control characters: {shown(value)}")
    return value.strip()


def _texts(value: Any) -> tuple[str, ...] | Bad:
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list):
        return Bad(f'must be a list of texts, as in ["one", "two"], not {_kind(value)}')
    answers = [_text(entry) for entry in value]
    for answer in answers:
        if isinstance(answer, Bad):
            return Bad(f"must be a list of texts; one of them {answer.reason}")
    return tuple(answer for answer in answers if isinstance(answer, str))


def _domains(value: Any) -> tuple[str, ...] | Bad:
    texts = _texts(value)
    if isinstance(texts, Bad):
        return texts
    # ASCII is checked before folding: a Kelvin sign is no k.
    names = tuple((text.lower() if text.isascii() else text).removeprefix("@").rstrip(".") for text in texts)
    wrong = [name for name in names if not _DOMAIN.match(name)]
    return Bad(f"holds {show(wrong[0], 80)!r}, which is not a domain such as fabrikam.com") if wrong else names


def _truth(value: Any) -> bool | Bad:
    return value if isinstance(value, bool) else Bad(f"must be true or false (without quotes), not {_kind(value)}")


def _count(value: Any) -> int | Bad:
    if isinstance(value, bool) or not isinstance(value, int):
        return Bad(f"must be a whole number without quotes, not {_kind(value)}")
    return value if 0 <= value < 2**31 else Bad("must be a number of licences, zero or more")


def _guid(value: Any) -> str | Bad:
    text = _text(value)
    if isinstance(text, Bad):
        return text
    return text.lower() if _GUID.match(text.lower()) else Bad(f"must be an object id (a GUID), not {shown(text)!r}")


def _one_of(choices: Sequence[str]) -> Callable[[Any], str | Bad]:
    def choose(value: Any) -> str | Bad:
        text = _text(value)
        if isinstance(text, Bad):
            return text
        word = re.sub(r"[\s_]+", "-", text.casefold())
        if word in choices:
            return word
        near = difflib.get_close_matches(word[:80], choices, 1, 0.6)
        hint = f'did you mean "{near[0]}"' if near else f"possible are {', '.join(choices)}"
        return Bad(f"is {shown(text)!r}, which is not known ({hint})")

    return choose


def _kind(value: Any) -> str:
    kinds = ((bool, "a truth value"), (str, "a text"), ((int, float), "a number"), (list, "a list"), (dict, "a table"))
    return next((words for kind, words in kinds if isinstance(value, kind)), "a date")


VALUES: dict[str, Callable[[Any], Any]] = {
    "text": _text,
    "texts": _texts,
    "domains": _domains,
    "truth": _truth,
    "count": _count,
    "guid": _guid,
    "cloud": _one_of(CLOUDS),
    "type": _one_of((*TYPES, *REFUSED_TYPES)),
    "profile": _one_of(PROFILES),
    "outputs": _one_of(("all", "core")),
    "fail_on": _one_of(("error", "warning", "never")),
}
"""Kind -> its reader."""
