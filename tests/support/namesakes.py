"""P311 and P315 in plain Python, one user at a time: the slow half of the reference matcher that knows namesakes."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

from t2t_mapping import names

__all__ = ["namesake_errors", "verdict"]

_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_GENERATIONS = ("jr", "sr", "ii", "iii", "iv")
_STRONG = ("rule", "alias", "employee-id", "mail")


@cache
def verdict(
    left: str | None, right: str | None, left_local: str | None, right_local: str | None, words: frozenset[str]
) -> str:
    """`names.verdict`, asked once."""
    return names.verdict(left, right, left_local, right_local, words)


@cache
def _keys(shown: str | None, words: frozenset[str]) -> frozenset[tuple[str, ...]]:
    """First and last word in any order, also with its first or last words written as one, and with `ä ö ü å ø` spelt out."""
    shown = shown or ""
    found = set()
    for spelt, text in enumerate((shown, unicodedata.normalize("NFC", shown).lower().translate(_SPELT_OUT))):
        core = [word for word in names.words(text, words) if word not in _GENERATIONS]
        core = [word for word in core if len(word) > 1] or core
        if core:
            found.add(tuple(sorted((core[0], core[-1]))))
        if len(core) > 2 and not spelt:
            found.add(tuple(sorted(("".join(core[:-1]), core[-1]))))
            found.add(tuple(sorted((core[0], "".join(core[1:])))))
    return frozenset(found)


def _stem(local: str) -> str:
    return re.sub(r"([^0-9._\-])[._\-]?\d+$", r"\1", local)


def _of_one_stem(user: Any, candidate: Any, other: Any, words: frozenset[str]) -> bool:
    stem = _stem(candidate.local or "")
    numbered = any((person.local or "")[-1:].isdigit() for person in (candidate, other))
    if not numbered or stem != _stem(other.local or ""):
        return False
    last = [(names.words(person.shown, words) or ("",))[-1] for person in (user, other)]
    if not all(last):
        return True
    return last[0] == last[1] or (len(last[0]) > 2 and any(word in stem for word in last))


def namesake_errors(
    at: int,
    users: list[Any],
    answers: list[Any],
    verdicts: list[str | None],
    excluded: list[str | None],
    contradicted: list[bool],
    by_key: dict[str | None, Any],
    domains: list[str],
    words: frozenset[str],
) -> set[str]:
    """Of one user who is not excluded: P311 where a namesake of the candidate is claimed by nobody, P315 where both sides have several."""
    user, answer = users[at], answers[at]
    candidate = by_key.get(answer.target)
    weak = answer.rung in ("pattern", "local-part") or (
        answer.rung == "alias" and verdicts[at] in ("doubtful", "unknown")
    )
    if not candidate or not weak or verdicts[at] == "contradictory":
        return set()
    claims = {
        other.target for other, bad in zip(answers, contradicted, strict=True) if other.target in by_key and not bad
    }
    settled = [
        other.rung in _STRONG and found == "compatible" and other.target in by_key
        for other, found in zip(answers, verdicts, strict=True)
    ]
    taken = {other.target for other, sure in zip(answers, settled, strict=True) if sure}
    wanted = _keys(user.shown, words) | _keys(candidate.shown, words)

    def alike(other: Any) -> bool:
        return verdict(user.shown, other.shown, None, None, words) != "contradictory"

    def rank(account: Any) -> int:
        domain = account.key.rpartition("@")[2]
        return domains.index(domain) if domain in domains else len(domains)

    accounts = [
        key
        for key, other in by_key.items()
        if other is not candidate
        and other.kind in ("person", "non-interactive")
        and key not in taken
        and (wanted & _keys(other.shown, words) or _of_one_stem(user, candidate, other, words))
        and alike(other)
        and rank(candidate) >= rank(other)
    ]
    people = [
        other
        for n, other in enumerate(users)
        if n != at
        and excluded[n] is None
        and not settled[n]
        and other.key
        and other.enabled is not False
        and wanted & _keys(other.shown, words)
        and alike(other)
    ]
    errors = {"P311"} if any(key not in claims for key in accounts) else set()
    return errors | ({"P315"} if people or any(key in claims for key in accounts) else set())
