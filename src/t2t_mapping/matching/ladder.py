"""Users × users × rules → one destination or several candidates per source user, with the rung that says so.

The ladder is published (see the documentation) and judges nothing: whether a pair is good enough is for `checks`.

A destination user is known by its position in the destination frame. A destination that only a rule names, and no export
lists, has no position; it is known by its text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from t2t_mapping import upn as upns
from t2t_mapping.matching.rungs import (
    ABSENT,
    MOST_CANDIDATES,
    alias,
    equal,
    exact,
    guest,
    local_part,
    no_rung,
    patterns,
    same_local_part_at,
)
from t2t_mapping.rules.table import RuleTable
from t2t_mapping.schema import RUNGS

__all__ = ["MOST_CANDIDATES", "PAIRS", "match"]


PAIRS: dict[str, Any] = {
    "d": pl.UInt32,  # position of the destination user; null = none, or not in any export
    "target": pl.String,  # the destination as it will be written
    "target_key": pl.String,
    "rung": pl.Enum(RUNGS),
    "ambiguous": pl.Boolean,
    "candidates": pl.List(pl.String),
    "rule_line": pl.UInt32,  # the exact line that names this user
    "pattern_line": pl.UInt32,  # the pattern line that decided
    "excluded_line": pl.UInt32,  # the line that excludes this user
    "rule": pl.UInt32,  # position among all rule lines of the exact or pattern line that speaks of this user
    "noted": pl.Boolean,  # the exact line carries a Note, or a person decided it in the review workbook
    "unfilled": pl.Boolean,  # a template needed a name of two words and found none
}
"""One row per source user, in the order of the source frame."""


def match(
    source: pl.DataFrame,
    destination: pl.DataFrame | None,
    rules: RuleTable,
    *,
    domains: Sequence[str] = (),
    match_on: Sequence[str] = (),
) -> pl.DataFrame:
    """Walk the ladder for every source user.

    Args:
        source: Merged source users.
        destination: Merged destination users; None for the mode without any destination export.
        rules: The user's rule table.
        domains: `--destination-domain`, in order of preference, lower case.
        match_on: `employee-id` and `mail`, where opted in.

    Returns:
        Schema `PAIRS`, one row per source user in the same order.
    """
    by_line = exact(source, destination, rules)
    # A user whose own address cannot be used climbs no ladder, nor does it claim anybody by mail or employee id.
    usable = pl.col("upn_key").is_not_null()
    everybody, source = source, source.with_columns(mail=pl.when(usable).then(pl.col("mail")))
    by_pattern = patterns(source, by_line["rule_line"].is_null(), destination, rules)
    rungs = [("pattern", by_pattern)]
    of_guest = no_rung(source.height)
    if destination is None:
        if len(domains) == 1:
            rungs.append(("local-part", same_local_part_at(source, domains[0])))
    else:
        addresses = destination.select("kind", "upn_key", "local_part", "domain", "mail", "aliases").with_row_index("d")
        native = addresses.filter((pl.col("kind") != "guest") & pl.col("upn_key").is_not_null())
        rungs.append(("alias", alias(source, native)))
        if "employee-id" in match_on:
            rungs.append(("employee-id", equal(everybody, destination, "employee_id")))
        if "mail" in match_on:
            rungs.append(("mail", equal(everybody, destination, "mail")))
        rungs.append(("local-part", local_part(source, native, domains)))
        of_guest = guest(source, destination)
    return _decide(by_line, rungs, of_guest, destination)


def _decide(
    exact: pl.DataFrame,
    rungs: Sequence[tuple[str, pl.DataFrame]],
    guest: pl.DataFrame,
    destination: pl.DataFrame | None,
) -> pl.DataFrame:
    """An exact line ends the matter; the rungs 2 to 5 must agree; a guest is what is left."""
    patterns = rungs[0][1]
    wide = pl.concat(
        [
            exact,
            patterns.select("pattern", "pattern_line", "excluded", "unfilled", "texts"),
            *(
                frame.select(
                    pl.col("ident").alias(f"ident_{n}"),
                    pl.col("number").alias(f"number_{n}"),
                    pl.col("listed").alias(f"listed_{n}"),
                    pl.col("text").alias(f"text_{n}")
                    if "text" in frame.columns
                    else pl.lit(None, dtype=pl.String).alias(f"text_{n}"),
                )
                for n, (_, frame) in enumerate([*rungs, ("guest", guest)])
            ),
        ],
        how="horizontal",
    )
    last = len(rungs)
    idents = [f"ident_{n}" for n in range(last)]
    first = pl.coalesce(idents)
    # Two absent destinations (without any export) are the same only if their texts are.
    text = pl.coalesce([f"text_{n}" for n in range(last)])
    disagree = pl.any_horizontal(
        *((pl.col(column) != first).fill_null(value=False) for column in idents),
        *((pl.col(f"text_{n}") != text).fill_null(value=False) & (first == ABSENT) for n in range(last)),
        *((pl.col(f"number_{n}") > 1) for n in range(last)),
    )
    wide = wide.with_columns(
        by_rule=pl.col("rule_line").is_not_null(),
        first=first,
        text=text,
        several=disagree,
        which=pl.coalesce(
            *(
                pl.when(pl.col(column).is_not_null()).then(pl.lit(name))
                for column, (name, _) in zip(idents, rungs, strict=True)
            )
        ),
    ).with_columns(
        free=~pl.col("by_rule") & ~pl.col("excluded"),
    )
    free = pl.col("free")
    from_guest = pl.col("first").is_null() & (pl.col(f"number_{last}") > 0)
    ambiguous = free & (
        pl.when(pl.col("first").is_not_null()).then(pl.col("several")).otherwise(pl.col(f"number_{last}") > 1)
    )
    wide = wide.with_columns(ambiguous=ambiguous, from_guest=from_guest)
    settled = free & ~pl.col("ambiguous")
    position = (
        pl.when(pl.col("by_rule"))
        .then(pl.col("d").cast(pl.Int64))
        .when(settled & pl.col("from_guest"))
        .then(pl.col(f"ident_{last}"))
        .when(settled & (pl.col("first") >= 0))
        .then(pl.col("first"))
    )
    rung = (
        pl.when(pl.col("target").is_not_null())
        .then(pl.lit("rule"))
        .when(settled & pl.col("from_guest"))
        .then(pl.lit("guest"))
        .when(settled)
        .then(pl.col("which"))
    )
    written = pl.when(pl.col("by_rule")).then(pl.col("target")).when(settled).then(pl.col("text"))
    listed = _listed(wide, last, destination)
    out = wide.select(
        d=position.cast(pl.UInt32),
        written=written,
        rung=rung.cast(PAIRS["rung"]),
        ambiguous="ambiguous",
        candidates=listed,
        rule_line="rule_line",
        pattern_line="pattern_line",
        excluded_line=pl.when(pl.col("by_rule") & pl.col("target").is_null())
        .then(pl.col("rule_line"))
        .when(pl.col("excluded"))
        .then(pl.col("pattern_line")),
        rule=pl.coalesce("rule", "pattern"),
        noted="noted",
        unfilled="unfilled",
    )
    if destination is None:
        out = out.with_columns(target="written", target_key=upns.key(pl.col("written")))
    else:
        chosen = (
            destination.select("upn", "upn_key")[out["d"]]
            if destination.height
            else destination.select("upn", "upn_key").clear(out.height)
        )
        out = out.with_columns(typed=chosen["upn"], known=chosen["upn_key"]).with_columns(
            target=pl.coalesce("typed", "written"), target_key=pl.coalesce("known", upns.key(pl.col("written")))
        )
    return out.select([pl.col(column).cast(dtype) for column, dtype in PAIRS.items()])


def _listed(wide: pl.DataFrame, last: int, destination: pl.DataFrame | None) -> pl.Series:
    """The candidates of ambiguous users by name; null for everybody else, so that the many cost nothing."""
    everybody = pl.Series("candidates", [None], dtype=pl.List(pl.String)).new_from_index(0, wide.height)
    rows = wide.with_row_index("s").filter("ambiguous")
    if rows.is_empty():
        return everybody
    numbers = range(last + 1)
    positions = pl.concat_list(
        *(
            pl.when((pl.lit(n) < last) | pl.col("from_guest"))
            .then(
                pl.coalesce(
                    f"listed_{n}", pl.concat_list(f"ident_{n}").list.eval(pl.element().filter(pl.element() >= 0))
                )
            )
            .fill_null(pl.lit([], dtype=pl.List(pl.Int64)))
            for n in numbers
        )
    )
    absent = pl.concat_list(
        pl.when(pl.col("ident_0") == ABSENT).then(pl.col("texts")).fill_null(pl.lit([], dtype=pl.List(pl.String))),
        *(
            pl.concat_list(pl.when(pl.col(f"ident_{n}") == ABSENT).then(pl.col(f"text_{n}"))).list.drop_nulls()
            for n in range(last)
        ),
    )
    rows = rows.select("s", positions=positions, absent=absent)
    texts = rows.select("s", text=pl.col("absent")).explode("text", empty_as_null=False, keep_nulls=False)
    if destination is not None and destination.height:
        known = rows.select("s", d="positions").explode("d", empty_as_null=False, keep_nulls=False)
        typed = destination["upn"].gather(known["d"].cast(pl.UInt32))
        texts = pl.concat([texts, known.select("s").with_columns(text=typed)])
    lists = texts.group_by("s").agg(pl.col("text").unique().sort().head(MOST_CANDIDATES).alias("candidates"))
    return wide.select(s=pl.int_range(wide.height, dtype=pl.UInt32)).join(
        lists, on="s", how="left", maintain_order="left"
    )["candidates"]
