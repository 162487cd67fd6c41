"""Threads for columns that are long enough to be worth them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

__all__ = ["threads"]

_P = ParamSpec("_P")
_T = TypeVar("_T")

_LONG = 3_000  # rows; a step on fewer is over before another thread has begun


class _AtOnce(Executor):
    """Does each job where it is asked for."""

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        future: Future[_T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def threads(most: int | None, rows: int) -> Executor:
    """At most so many threads beside this one, one for each core at most; none for few rows.

    Args:
        rows: Of both sides together, where both are worked on.

    Polars lets go of the interpreter, so that two threads use two cores although each query works on one column.
    """
    return _AtOnce() if rows < _LONG else ThreadPoolExecutor(most)
