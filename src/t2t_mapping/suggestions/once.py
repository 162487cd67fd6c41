"""What the terminal, the report and the workbook all ask of one result is worked out once."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from t2t_mapping.results.reconciliation import Reconciliation

__all__ = ["once"]

_T = TypeVar("_T")


def once(ask: Callable[[Reconciliation], _T]) -> Callable[[Reconciliation], _T]:
    """Remembers the answer for as long as the result is there."""
    known: WeakKeyDictionary[Reconciliation, _T] = WeakKeyDictionary()

    @wraps(ask)
    def answer(result: Reconciliation) -> _T:
        if result not in known:
            known[result] = ask(result)
        return known[result]

    return answer
