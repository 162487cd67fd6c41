"""Which users a line nearly names: the same address but for one slip of the hand, or at a neighbouring domain."""

from __future__ import annotations

import polars as pl
from rapidfuzz.distance import OSA

__all__ = ["nearly"]

_LEAST = 4  # of shorter names, most are one letter away from some other name
_COMMON = frozenset(("com", "net", "org", "edu", "gov", "info", "onmicrosoft", "onmschina", "partner", "mail"))
_DOMAIN_SLIPS = 2


def nearly(lines: pl.Series, users: pl.Series) -> pl.DataFrame:
    """Pairs of positions `line`, `user`, sorted.

    Args:
        lines: Keys that nobody has. There may be few or many; the time grows with the users.
        users: Keys of users, each once.
    """
    wanted, listed = _parts(lines, "line"), _parts(users, "user")
    pairs = pl.concat([_elsewhere(wanted, listed), _slips(wanted, listed)])
    return pairs.unique().sort("line", "user")


def _parts(keys: pl.Series, name: str) -> pl.DataFrame:
    parts = keys.to_frame("key").with_row_index(name).filter(pl.col("key").str.count_matches("@", literal=True) == 1)
    at = pl.col("key").str.splitn("@", 2).struct
    return parts.select(name, local=at.field("field_0"), domain=at.field("field_1"))


def _elsewhere(lines: pl.DataFrame, users: pl.DataFrame) -> pl.DataFrame:
    """The same part before the @ at a domain that is spelt nearly alike or belongs to the same name."""
    pairs = lines.join(users, on="local", suffix="_user").filter(pl.col("domain") != pl.col("domain_user"))
    domains = pairs.select("domain", "domain_user").unique()
    near = domains.filter(pl.Series([_related(one, other) for one, other in domains.iter_rows()], dtype=pl.Boolean))
    return pairs.join(near, on=["domain", "domain_user"], how="semi").select("line", "user")


def _related(one: str, other: str) -> bool:
    labels = [{label for label in domain.split(".") if len(label) > 2} - _COMMON for domain in (one, other)]
    return bool(labels[0] & labels[1]) or OSA.distance(one, other, score_cutoff=_DOMAIN_SLIPS) <= _DOMAIN_SLIPS


def _slips(lines: pl.DataFrame, users: pl.DataFrame) -> pl.DataFrame:
    """At the same domain: one letter more, less, another, or two exchanged. Another digit is another user.

    Two such texts, or what is left of them when one letter is struck out, are equal somewhere.
    """
    shortest, longest = _lengths(lines)
    users = users.join(lines.select("domain"), on="domain", how="semi").filter(
        pl.col("local").str.len_chars().is_between(shortest - 1, longest + 1)
    )
    left = _struck(lines, "line").unique()
    keys = left["left"].unique().implode()
    right = pl.concat(part.filter(pl.col("left").is_in(keys)) for part in _each_struck(users, "user"))
    pairs = left.join(right.unique(), on=["left", "domain"], suffix="_user").unique(["line", "user"])
    meant = [_slip(one, other) for one, other in pairs.select("local", "local_user").iter_rows()]
    return pairs.filter(pl.Series(meant, dtype=pl.Boolean)).select("line", "user")


def _each_struck(people: pl.DataFrame, name: str) -> list[pl.DataFrame]:
    whole = people.select(name, "domain", "local", left="local")
    return [
        whole,
        *(
            whole.filter(pl.col("local").str.len_chars() > at).with_columns(
                left=pl.col("local").str.head(at) + pl.col("local").str.slice(at + 1)
            )
            for at in range(_lengths(people)[1])
        ),
    ]


def _lengths(people: pl.DataFrame) -> tuple[int, int]:
    length = pl.col("local").str.len_chars()
    shortest, longest = people.select(length.min().fill_null(0), longest=length.max().fill_null(0)).row(0)
    return int(shortest), int(longest)


def _struck(people: pl.DataFrame, name: str) -> pl.DataFrame:
    return pl.concat(_each_struck(people, name))


def _slip(one: str, other: str) -> bool:
    if one == other or max(len(one), len(other)) < _LEAST or OSA.distance(one, other, score_cutoff=1) > 1:
        return False
    changed = [(a, b) for a, b in zip(one, other, strict=False) if a != b]
    return len(one) != len(other) or len(changed) != 1 or not all(letter.isdigit() for letter in changed[0])
