"""Users × users × rules → one destination or several candidates per source user, with the rung that says so.

The ladder is published (see the documentation) and judges nothing: whether a pair is good enough is for `checks`.

A destination user is known by its position in the destination frame. A destination that only a rule names, and no export
lists, has no position; it is known by its text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from t2t_mapping import names
from t2t_mapping import upn as upns
from t2t_mapping.duplicates import repeated
from t2t_mapping.matching.values import telling
from t2t_mapping.rules.table import Pattern, RuleTable
from t2t_mapping.schema import RUNGS

__all__ = ["MOST_CANDIDATES", "PAIRS", "match"]

MOST_CANDIDATES = 50
"""So many candidates are listed per user. More are still counted: the user is held all the same."""

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

_ABSENT = -1  # the identity of a destination that a pattern names and no export lists


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
    exact = _exact(source, destination, rules)
    # A user whose own address cannot be used climbs no ladder, nor does it claim anybody by mail or employee id.
    usable = pl.col("upn_key").is_not_null()
    everybody, source = source, source.with_columns(mail=pl.when(usable).then(pl.col("mail")))
    patterns = _patterns(source, exact["rule_line"].is_null(), destination, rules)
    rungs = [("pattern", patterns)]
    guest = _no_rung(source.height)
    if destination is None:
        if len(domains) == 1:
            rungs.append(("local-part", _same_local_part_at(source, domains[0])))
    else:
        native = destination.with_row_index("d").filter((pl.col("kind") != "guest") & pl.col("upn_key").is_not_null())
        rungs.append(("alias", _alias(source, native)))
        if "employee-id" in match_on:
            rungs.append(("employee-id", _equal(everybody, destination, "employee_id")))
        if "mail" in match_on:
            rungs.append(("mail", _equal(everybody, destination, "mail")))
        rungs.append(("local-part", _local_part(source, native, domains)))
        guest = _guest(source, destination)
    return _decide(exact, rungs, guest, destination)


# --- rung by rung: each answers `ident` (Int64: position, or _ABSENT), `number` of candidates and their `listed` ones ---


def _no_rung(height: int) -> pl.DataFrame:
    return pl.DataFrame(
        {"ident": pl.repeat(None, height, dtype=pl.Int64, eager=True)},
    ).with_columns(number=pl.lit(0, dtype=pl.UInt32), listed=pl.lit(None, dtype=pl.List(pl.UInt32)))


def _exact(source: pl.DataFrame, destination: pl.DataFrame | None, rules: RuleTable) -> pl.DataFrame:
    """What the exact lines say: `rule`, `rule_line`, `target`, `target_key`, `d`, `noted`."""
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


def _patterns(
    source: pl.DataFrame, free: pl.Series, destination: pl.DataFrame | None, rules: RuleTable
) -> pl.DataFrame:
    """The pattern rung, with `pattern`, `pattern_line`, `excluded`, `text` and `texts` of the destination, and `unfilled`."""
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
            ident=pl.when(pl.col("text").is_not_null()).then(pl.col("d").cast(pl.Int64).fill_null(_ABSENT)),
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
    pairs = pairs.filter(pl.col("key").is_not_null())
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


def _equal(source: pl.DataFrame, destination: pl.DataFrame, column: str) -> pl.DataFrame:
    """A rung on which one value is equal on both sides, and nobody else's on either."""
    here, there = (
        telling(_folded(users[column]) if column == "mail" else users[column]) for users in (source, destination)
    )
    native = (pl.col("kind") != "guest") & pl.col("upn_key").is_not_null()
    known = destination.with_columns(key=there).with_row_index("d").filter(native)
    keys = source.select(pl.when(pl.col("upn_key").is_not_null()).then(pl.lit(here)))
    return _looked_up(keys.to_series(), _candidates(known.select("d", "key")))


def _alias(source: pl.DataFrame, native: pl.DataFrame) -> pl.DataFrame:
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
        return _no_rung(source.height)
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


def _local_part(source: pl.DataFrame, native: pl.DataFrame, domains: Sequence[str]) -> pl.DataFrame:
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


def _same_local_part_at(source: pl.DataFrame, domain: str) -> pl.DataFrame:
    """Without any destination export: the same local part at the one domain given, unverified."""
    text = source.select(text=upns.key(pl.col("local_part") + f"@{domain}"))
    return text.select(
        ident=pl.when(pl.col("text").is_not_null()).then(pl.lit(_ABSENT, dtype=pl.Int64)),
        number=pl.col("text").is_not_null().cast(pl.UInt32),
        listed=pl.lit(None, dtype=pl.List(pl.UInt32)),
        text="text",
    )


def _guest(source: pl.DataFrame, destination: pl.DataFrame) -> pl.DataFrame:
    guests = destination.with_row_index("d").filter(pl.col("kind") == "guest")
    return _looked_up(source["upn_key"], _candidates(guests.select("d", key=upns.home_address(pl.col("upn_key")))))


# --- one answer -----------------------------------------------------------------------------------------------------


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
        *((pl.col(f"text_{n}") != text).fill_null(value=False) & (first == _ABSENT) for n in range(last)),
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
        pl.when(pl.col("ident_0") == _ABSENT).then(pl.col("texts")).fill_null(pl.lit([], dtype=pl.List(pl.String))),
        *(
            pl.concat_list(pl.when(pl.col(f"ident_{n}") == _ABSENT).then(pl.col(f"text_{n}"))).list.drop_nulls()
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
