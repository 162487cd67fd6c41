"""The rungs of the ladder, each on its own: `ident` (position, or ABSENT), `number` of candidates, and those `listed`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from t2t_mapping import names
from t2t_mapping import upn as upns
from t2t_mapping.duplicates import repeated
from t2t_mapping.matching.values import telling
from t2t_mapping.rules.table import Pattern, RuleTable

__all__ = [
    "ABSENT",
    "MOST_CANDIDATES",
    "alias",
    "equal",
    "exact",
    "guest",
    "local_part",
    "no_rung",
    "patterns",
    "same_local_part_at",
]


MOST_CANDIDATES = 50
"""So many candidates are listed per user. More are still counted: the user is held all the same."""

ABSENT = -1  # the identity of a destination that a pattern names and no export lists


def no_rung(height: int) -> pl.DataFrame:
    return pl.select(
        ident=pl.repeat(None, height, dtype=pl.Int64),
        number=pl.lit(0, dtype=pl.UInt32),
        listed=pl.lit(None, dtype=pl.List(pl.UInt32)),
    )


def exact(source: pl.DataFrame, destination: pl.DataFrame | None, rules: RuleTable) -> pl.DataFrame:
    """What the exact lines say: `rule`, `rule_line`, `target`, `target_key`, `d`, `noted`."""
    if not rules.frame["exact"].any():
        return source.select(
            rule=pl.lit(None, dtype=pl.UInt32),
            rule_line=pl.lit(None, dtype=pl.UInt32),
            target=pl.lit(None, dtype=pl.String),
            target_key=pl.lit(None, dtype=pl.String),
            d=pl.lit(None, dtype=pl.UInt32),
            noted=pl.repeat(value=False, n=pl.len()),
        )
    lines = (
        rules.frame.with_row_index("rule")
        .filter(pl.col("exact"))
        .group_by("source_key")
        .agg(
            pl.col("rule", "line", "destination", "destination_key").first(),
            noted=(pl.col("note").is_not_null() | pl.col("decided")).any(),
        )
    )
    typed = source.select(key=pl.coalesce(upns.fold(pl.col("upn")), "upn"))
    found = typed.join(lines, left_on="key", right_on="source_key", how="left", maintain_order="left")
    return found.select(
        rule="rule",
        rule_line="line",
        target="destination",
        target_key="destination_key",
        d=_positions(found["destination_key"], destination),
        noted=pl.col("noted").fill_null(value=False),
    )


def _positions(keys: pl.Series, destination: pl.DataFrame | None) -> pl.Series:
    """The position of each key in the destination frame; null where it is not listed. Null keys find nobody."""
    if destination is None or keys.null_count() == keys.len():
        return pl.Series("d", [None], dtype=pl.UInt32).new_from_index(0, keys.len())
    wanted = pl.DataFrame({"key": keys})
    known = destination.select(key=pl.col("upn_key")).with_row_index("d").filter(pl.col("key").is_not_null())
    return wanted.join(known, on="key", how="left", maintain_order="left")["d"]


def patterns(source: pl.DataFrame, free: pl.Series, destination: pl.DataFrame | None, rules: RuleTable) -> pl.DataFrame:
    """The pattern rung, with `pattern`, `pattern_line`, `excluded`, `text` and `texts` of the destination, and `unfilled`."""
    if not rules.patterns:
        return no_rung(source.height).with_columns(
            text=pl.lit(None, dtype=pl.String),
            texts=pl.lit(None, dtype=pl.List(pl.String)),
            pattern=pl.lit(None, dtype=pl.UInt32),
            pattern_line=pl.lit(None, dtype=pl.UInt32),
            excluded=pl.lit(value=False),
            unfilled=pl.lit(value=False),
        )
    users = source.select("upn_key", "local_part", "full_name").with_row_index("s")
    users = users.filter(free)
    empty: dict[str, Any] = {
        "s": pl.UInt32,
        "pattern": pl.UInt32,
        "line": pl.UInt32,
        "excluded": pl.Boolean,
        "texts": pl.List(pl.String),
        "unfilled": pl.Boolean,
    }
    decided = [pl.DataFrame(schema=empty)]
    places = rules.frame["exact"].not_().arg_true()
    for place, pattern in zip(places, rules.patterns, strict=True):
        hit = pl.col("upn_key").str.contains(pattern.regex)
        chosen = users.filter(hit)
        users = users.filter(~hit)
        if chosen.is_empty():
            continue
        texts = pl.Series("texts", [None], dtype=pl.List(pl.String)).new_from_index(0, chosen.height)
        if pattern.destination is not None:
            texts = _filled(chosen, pattern)
        decided.append(
            chosen.select(
                "s",
                pattern=pl.lit(place, dtype=pl.UInt32),
                line=pl.lit(pattern.line, dtype=pl.UInt32),
                excluded=pl.lit(pattern.destination is None),
            )
            .with_columns(texts=texts)
            .with_columns(unfilled=pl.lit(pattern.destination is not None) & pl.col("texts").is_null())
        )
    made = pl.concat(decided)
    spread = made.select("s", "texts").explode("texts", empty_as_null=False, keep_nulls=False).rename({"texts": "text"})
    spread = spread.with_columns(d=_positions(spread["text"], destination))
    known = spread.filter(pl.col("d").is_not_null())
    # Of the spellings of a name, those that exist count; if none does, the first stands for all.
    rest = spread.join(known, on="s", how="anti", maintain_order="left")
    if destination is not None:
        rest = rest.unique("s", keep="first")
    settled = (
        pl.concat([known, rest])
        .group_by("s")
        .agg(
            pl.col("text", "d").first(),
            pl.len().cast(pl.UInt32).alias("number"),
            pl.col("d").drop_nulls().alias("listed"),
            pl.col("text").alias("texts"),
        )
    )
    return (
        pl.DataFrame({"s": pl.int_range(source.height, dtype=pl.UInt32, eager=True)})
        .join(made.select("s", "pattern", "line", "excluded", "unfilled"), on="s", how="left", maintain_order="left")
        .join(settled, on="s", how="left", maintain_order="left")
        .select(
            ident=pl.when(pl.col("text").is_not_null()).then(pl.col("d").cast(pl.Int64).fill_null(ABSENT)),
            number=pl.col("number").fill_null(0),
            listed="listed",
            text="text",
            texts="texts",
            pattern="pattern",
            pattern_line="line",
            excluded=pl.col("excluded").fill_null(value=False),
            unfilled=pl.col("unfilled").fill_null(value=False),
        )
    )


def _filled(users: pl.DataFrame, pattern: Pattern) -> pl.Series:
    """The destinations that a pattern makes, one per spelling of the name; null where a template finds no name."""
    frame = users.with_row_index("n")
    if pattern.needs_name:
        parts = names.template_parts(users["full_name"])
        frame = frame.with_columns(given=parts["given"], family=parts["family"]).explode(
            "given", "family", empty_as_null=True, keep_nulls=True
        )
    pieces = {
        "{first}": pl.col("given"),
        "{last}": pl.col("family"),
        "{f}": pl.col("given").str.slice(0, 1),
        "{l}": pl.col("family").str.slice(0, 1),
        "{local}": pl.col("local_part"),
    }
    made = pl.concat_str(
        [
            pieces[piece]
            if piece in pieces
            else pl.col("upn_key").str.extract(pattern.regex, int(piece[1:]))
            if piece.startswith("*")
            else pl.lit(piece)
            for piece in pattern.pieces
        ]
    )
    return (
        frame.select("n", text=upns.key(made))
        .group_by("n", maintain_order=True)
        .agg(pl.col("text").drop_nulls().unique(maintain_order=True))
        .select(pl.when(pl.col("text").list.len() > 0).then(pl.col("text")).alias("texts"))["texts"]
    )


def _folded(texts: pl.Series) -> pl.Series:
    return texts.to_frame("text").select(upns.fold(pl.col("text")))["text"]


def _candidates(pairs: pl.DataFrame) -> pl.DataFrame:
    """`key`, `d` (any number of rows per key) → one row per key: the only candidate, their number, and who they are."""
    pairs = pairs.drop_nulls("key")
    twice = repeated(pairs["key"])
    single = pairs.filter(~twice).select(
        "key", "d", number=pl.lit(1, dtype=pl.UInt32), listed=pl.lit(None, dtype=pl.List(pl.UInt32))
    )
    if not twice.any():
        return single
    several = (
        pairs.filter(twice)
        .group_by("key")
        .agg(
            pl.col("d").min().alias("first"),
            pl.col("d").n_unique().cast(pl.UInt32).alias("number"),
            pl.col("d").unique().sort().head(MOST_CANDIDATES).alias("listed"),
        )
        .select("key", d=pl.col("first"), number="number", listed="listed")
    )
    return pl.concat([single, several])


def _looked_up(keys: pl.Series, candidates: pl.DataFrame) -> pl.DataFrame:
    found = pl.DataFrame({"key": keys}).join(candidates, on="key", how="left", maintain_order="left")
    return found.select(ident=pl.col("d").cast(pl.Int64), number=pl.col("number").fill_null(0), listed="listed")


def equal(source: pl.DataFrame, destination: pl.DataFrame, column: str) -> pl.DataFrame:
    """A rung on which one value is equal on both sides, and nobody else's on either."""
    here, there = (
        telling(_folded(users[column]) if column == "mail" else users[column]) for users in (source, destination)
    )
    native = (pl.col("kind") != "guest") & pl.col("upn_key").is_not_null()
    known = destination.with_columns(key=there).with_row_index("d").filter(native)
    keys = source.select(pl.when(pl.col("upn_key").is_not_null()).then(pl.lit(here)))
    return _looked_up(keys.to_series(), _candidates(known.select("d", "key")))


def alias(source: pl.DataFrame, native: pl.DataFrame) -> pl.DataFrame:
    """A native destination user carries the source's user principal name or mail address among its addresses.

    A source guest's user principal name is taken for the account that it names: `bob_fabrikam.com#EXT#@...` is `bob@fabrikam.com`.
    """
    mail = _folded(source["mail"])
    guest = source["kind"] == "guest"
    homes = source.filter(guest).select(home=pl.coalesce(upns.home_address(pl.col("upn_key")), "upn_key"))
    own = source["upn_key"].clone().scatter(guest.arg_true(), homes["home"])
    domains_of = pl.concat([source["domain"], homes.select(upns.domain(pl.col("home"))).to_series().alias("domain")])
    keys = ((own, domains_of), (mail, mail.drop_nulls().str.split("@").list.last()))
    mails = _folded(native["mail"])
    extra = native["aliases"].null_count() < native.height or mails.null_count() < native.height
    domains = set(native["domain"].unique())
    parts = []
    for column, of_domains in keys:
        # Without further addresses only the user principal names themselves can be meant: skip what cannot meet.
        if column.null_count() == column.len():
            continue
        if not extra and domains.isdisjoint(of_domains.drop_nulls().unique()):
            continue
        parts.append(column)
    if not parts:
        return no_rung(source.height)
    addresses = pl.concat(
        [
            native.select("d", key=pl.col("upn_key")),
            native.select("d").with_columns(key=mails),
            native.select("d", key=pl.col("aliases")).explode("key", empty_as_null=False, keep_nulls=False),
        ]
    )
    candidates = _candidates(addresses.unique())
    found = [_looked_up(column, candidates) for column in parts]
    if len(found) == 1:
        return found[0]
    return _both(found[0], found[1])


def _both(one: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """Two ways of looking on one rung: what either finds is a candidate of the rung."""
    joint = pl.concat([one.rename(lambda name: f"{name}_1"), other.rename(lambda name: f"{name}_2")], how="horizontal")
    either = [
        pl.coalesce(f"listed_{n}", pl.concat_list(pl.col(f"ident_{n}").cast(pl.UInt32)).list.drop_nulls())
        for n in (1, 2)
    ]
    union = pl.concat_list(either).list.unique().list.sort()
    return joint.with_columns(union=union).select(
        ident=pl.coalesce("ident_1", "ident_2"),
        number=pl.col("union").list.len(),
        listed=pl.col("union").list.head(MOST_CANDIDATES),
    )


def local_part(source: pl.DataFrame, native: pl.DataFrame, domains: Sequence[str]) -> pl.DataFrame:
    """The native destination users with the same local part; of several, the one in the most preferred domain."""
    users = native.select("d", "domain", key=pl.col("local_part"))
    if domains:
        rank = pl.col("domain").replace_strict(
            {name: position for position, name in enumerate(domains)}, default=None, return_dtype=pl.UInt32
        )
        twice = repeated(users["key"])
        several = users.filter(twice).with_columns(rank=rank)
        # One address is one user, so at most one of several is in the best domain.
        best = several.filter(pl.col("rank").is_not_null()).sort("rank").unique("key", keep="first")
        unlisted = several.join(best.select("key"), on="key", how="anti")
        columns = ["key", "d"]
        users = pl.concat([users.filter(~twice).select(columns), best.select(columns), unlisted.select(columns)])
    return _looked_up(source["local_part"], _candidates(users))


def same_local_part_at(source: pl.DataFrame, domain: str) -> pl.DataFrame:
    """Without any destination export: the same local part at the one domain given, unverified."""
    text = source.select(text=upns.key(pl.col("local_part") + f"@{domain}"))
    return text.select(
        ident=pl.when(pl.col("text").is_not_null()).then(pl.lit(ABSENT, dtype=pl.Int64)),
        number=pl.col("text").is_not_null().cast(pl.UInt32),
        listed=pl.lit(None, dtype=pl.List(pl.UInt32)),
        text="text",
    )


def guest(source: pl.DataFrame, destination: pl.DataFrame) -> pl.DataFrame:
    guests = destination.select("kind", "upn_key").with_row_index("d").filter(pl.col("kind") == "guest")
    if guests.is_empty():
        return no_rung(source.height)
    return _looked_up(source["upn_key"], _candidates(guests.select("d", key=upns.home_address(pl.col("upn_key")))))


# --- one answer -----------------------------------------------------------------------------------------------------
