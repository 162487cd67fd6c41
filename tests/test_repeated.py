"""Which values stand more than once: the same as asking polars, whatever the values and even if all hashes were one."""

from __future__ import annotations

from unittest import mock

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from t2t_mapping import duplicates as module
from t2t_mapping.duplicates import all_different, repeated

VALUES = st.lists(st.none() | st.text(alphabet="ab", max_size=2), max_size=12)


@given(VALUES)
def test_repeated(values: list[str | None]) -> None:
    keys = pl.Series("keys", values, dtype=pl.String)
    assert repeated(keys).to_list() == [values.count(value) > 1 for value in values]
    assert repeated(keys).dtype == pl.Boolean
    assert all_different(keys) == (len(set(values)) == len(values))


@given(VALUES)
def test_other_values_under_one_hash(values: list[str | None]) -> None:
    """A hash in common alone repeats nothing."""
    keys = pl.Series("keys", values, dtype=pl.String)
    one = pl.Series([7] * len(values), dtype=pl.UInt64)
    with mock.patch.object(pl.Series, "hash", return_value=one):
        assert repeated(keys).to_list() == [values.count(value) > 1 for value in values]
        assert all_different(keys) == (len(values) < 2)
    assert module.__all__ == ["all_different", "repeated"]
