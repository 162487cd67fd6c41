"""The closed choices of the library: what may be given, for people, editors and type checkers alike."""

from __future__ import annotations

import difflib
from typing import Any, Literal, get_args

from t2t_mapping.errors import UsageError

__all__ = ["FailOn", "MatchOn", "Outputs", "Profile", "Side", "View", "one_of"]

Side = Literal["source", "destination"]
View = Literal["full", "admin", "directory"]
Profile = Literal["self-service", "support-request"]
MatchOn = Literal["mail", "employee-id"]
Outputs = Literal["all", "core"]
FailOn = Literal["error", "warning", "never"]


def one_of(value: object, choices: Any, name: str) -> None:
    """Refuse a value that is not one of the choices (a `Literal`).

    Args:
        name: The argument as the caller wrote it, for the message.

    Raises:
        UsageError: with the choices, and the nearest one if there is any.
    """
    known = get_args(choices)
    if value in known:
        return
    near = difflib.get_close_matches(str(value)[:40], known, 1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise UsageError(f"`{name}` must be {' or '.join(map(repr, known))}, not {value!r}.{hint}")
