"""The front door: every public name, and nothing that is imported before it is used."""

from __future__ import annotations

import pytest

import t2t_mapping as t2t


def test_every_public_name_is_there() -> None:
    """`dir` shows exactly what `__all__` promises, and each of it can be had."""
    assert dir(t2t) == sorted(t2t.__all__)
    assert [name for name in t2t.__all__ if getattr(t2t, name, None) is None] == []


def test_a_name_that_does_not_exist() -> None:
    """Python's own words."""
    with pytest.raises(AttributeError, match="module 't2t_mapping' has no attribute 'guess'"):
        getattr(t2t, "guess")  # noqa: B009
