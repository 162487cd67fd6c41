"""What both sides tell beside names and addresses, and what it says about a pair that may be a namesake's."""

from __future__ import annotations

import datetime as dt

import polars as pl

from t2t_mapping.checks.common_names import common
from t2t_mapping.checks.namesakes import DOUBTED, MOST
from t2t_mapping.checks.verdicts import Spelt
from t2t_mapping.duplicates import repeated

__all__ = ["told", "weighed"]

_WINDOW = 56  # days
_MOSTLY = 0.8  # of the accounts of pairs were created within the weeks of the move
_LEAST_DATES = 20


def weighed(
    found: pl.DataFrame, frame: pl.DataFrame, source: pl.DataFrame, destination: pl.DataFrame, known: Spelt
) -> pl.DataFrame:
    """`found` with what speaks for the pairs and what against them.

    Args:
        found: What `namesakes` gives for the frame of facts.
        known: The names of both sides.

    Returns:
        Also pairs without any namesake whose account is older or younger than those of the move, or else whose name is common. In
        words or null: `early` and `common` say so, `settled` what the pair's two users alone have in common, `against` who else
        has what the source user has.
    """
    early = _outside(frame, destination, found["user"])
    found = found.join(early, on=["user", "d"], how="full", coalesce=True)
    bare = common(frame, known).join(found, on="user", how="anti")
    found = pl.concat([found, bare], how="diagonal").with_columns(
        pl.col("free", "claimed", "others").fill_null(pl.lit([], dtype=pl.List(pl.UInt32)))
    )
    found = found.sort("user")
    found = found.with_columns(upn_key=frame["upn_key"].gather(found["user"]))
    return found.join(_evidence(found, source, destination), on="user", how="left", maintain_order="left")


def _outside(frame: pl.DataFrame, destination: pl.DataFrame, unsure: pl.Series) -> pl.DataFrame:
    """`user`, `d`, `early` of the pairs whose account was not created in the weeks in which those of sure pairs were."""
    nobody = pl.DataFrame(schema={"user": pl.UInt32, "d": pl.UInt32, "early": pl.String})
    if "created" not in destination.columns or destination["created"].null_count() == destination.height:
        return nobody
    pairs = frame.lazy().filter(DOUBTED).select("user", "d").collect()
    days = destination["created"].str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    pairs = pairs.select("user", "d", day=days.gather(pairs["d"]))
    weeks = _weeks_of_the_move(pairs.filter(~pl.col("user").is_in(unsure.implode()))["day"])
    if weeks is None:
        return nobody
    first, last = weeks
    words = (
        pl.lit("it was created on ")
        + pl.col("day").dt.to_string("%Y-%m-%d")
        + pl.lit(f", nearly all accounts of the others between {first} and {last}")
    )
    return pairs.filter(~pl.col("day").is_between(first, last)).select("user", "d", early=words)


def _evidence(found: pl.DataFrame, source: pl.DataFrame, destination: pl.DataFrame) -> pl.DataFrame:
    """What speaks for the pair, and what speaks for somebody else's account.

    Args:
        found: What `namesakes` gives, with `early` and `upn_key`.

    Returns:
        `user`, and in words or null: `settled`, what the pair's two users alone have in common; `against`, which other account
        has what the source user has.
    """
    nothing = found.select("user", settled=pl.lit(None, dtype=pl.String), against=pl.lit(None, dtype=pl.String))
    if found.is_empty():
        return nothing
    here, there = (told(side).select(*_WORDS) for side in (source, destination))
    if all(here[name].null_count() == here.height or there[name].null_count() == there.height for name in _WORDS):
        return nothing
    wanted = found["upn_key"].implode()
    mine = here.with_columns(source["upn_key"]).filter(pl.col("upn_key").is_in(wanted))
    mine = found.select("user", "upn_key").join(mine, on="upn_key", how="left")
    there = there.with_row_index("number")
    wide = found.select("user", "d").join(mine, on="user", maintain_order="left")
    wide = wide.join(there, left_on="d", right_on="number", how="left", suffix="_there", maintain_order="left")
    accounts = found.select("user", number=pl.concat_list("free", "claimed")).explode(
        "number", empty_as_null=False, keep_nulls=False
    )
    accounts = accounts.join(there, on="number").join(mine, on="user", suffix="_mine")
    names = destination.select("upn", number=pl.int_range(pl.len(), dtype=pl.UInt32))
    accounts = accounts.join(names, on="number")
    people = found.select("user", number="others").explode("number", empty_as_null=False, keep_nulls=False)
    people = people.join(here.with_row_index("number"), on="number").join(mine, on="user", suffix="_mine")
    wide = wide.with_columns(
        crowded=found["free"].list.len().eq(MOST)
        | found["claimed"].list.len().eq(MOST)
        | found["others"].list.len().eq(MOST)
    )
    said, against = [], []
    for column, words in _WORDS.items():
        same = pl.col(column) == pl.col(f"{column}_mine")
        taken = accounts.filter(same).group_by("user").agg(pl.col("upn").sort().first().alias(f"{column}_taken"))
        wide = wide.join(taken, on="user", how="left", maintain_order="left")
        alone = (pl.col(column) == pl.col(f"{column}_there")) & pl.col(f"{column}_taken").is_null()
        if (
            column == "place"
        ):  # many people share one: it says something only where all the others are known to be elsewhere
            unsure = pl.concat(
                [others.filter(same.fill_null(value=True)).select("user") for others in (accounts, people)]
            ).unique()
            alone &= ~pl.col("user").is_in(unsure["user"].implode()) & ~pl.col("crowded")
            # Colleagues share it: it settles nothing beside another phone, or an account that is older than the move.
            other_phone = (pl.col("mobile") != pl.col("mobile_there")).fill_null(value=False)
            alone &= ~other_phone & found["early"].is_null()
        said.append(pl.when(alone).then(pl.lit(f"the {words} is the same on both sides")))
        if column != "place":
            other = (pl.col(column) != pl.col(f"{column}_there")).fill_null(value=True)
            against.append(
                pl.when(pl.col(f"{column}_taken").is_not_null() & other).then(
                    pl.col(f"{column}_taken") + pl.lit(f" has the {words} of the source user")
                )
            )
    wide = wide.select("user", settled=pl.coalesce(said), against=pl.coalesce(against))
    # What is somebody else's beats whatever the two have in common.
    return wide.with_columns(settled=pl.when(pl.col("against").is_null()).then("settled"))


_WORDS = {"employee_id": "employee id", "mobile": "mobile number", "place": "department and city"}


def told(frame: pl.DataFrame) -> pl.DataFrame:
    """`employee_id`, `mobile`, `place` (department and city), `department`, `city` in one form each; null where they say nothing."""

    def column(name: str) -> pl.Expr:
        known = name in frame.columns and frame[name].null_count() < frame.height
        return pl.col(name) if known else pl.lit(None, dtype=pl.String)

    number = column("employee_id").str.strip_chars().str.to_lowercase()
    digits = column("mobile").str.replace_all(r"\D", "").str.tail(9)
    department, city = (column(name).str.strip_chars().str.to_lowercase() for name in ("department", "city"))
    department, city = (pl.when(text != "").then(text) for text in (department, city))
    table = frame.with_columns(
        employee_id=pl.when(number.str.contains("[1-9]")).then(number),
        mobile=pl.when(digits.str.len_chars() >= 7).then(digits),
        place=department + pl.lit(" / ") + city,
        department=department,
        city=city,
    ).select(*_WORDS, "department", "city")
    # What several have is nobody's.
    return table.with_columns(
        table[name].set(repeated(table[name]), None)
        for name in ("employee_id", "mobile")
        if table[name].null_count() < table.height
    )


def _weeks_of_the_move(created: pl.Series) -> tuple[dt.date, dt.date] | None:
    """The first and the last day of the weeks in which nearly all accounts of pairs were created; None where there are none."""
    days = created.drop_nulls().sort()
    if len(days) < _LEAST_DATES:
        return None
    numbers = days.to_physical()
    inside = numbers.search_sorted(numbers + _WINDOW, side="right").cast(pl.Int64) - pl.arange(len(days), eager=True)
    start = inside.arg_max() or 0
    most = int(inside[start])
    return (days[start], days[start + most - 1]) if most >= _MOSTLY * len(days) else None
