"""Who else is called so, on either side: the account with the same local part may be a namesake's.

Names are compared by their first and last word, addresses by their stem. Names are grouped before they are compared, so that ten
thousand people called Nguyen Anh cost no more than two.
"""

from __future__ import annotations

import polars as pl

from t2t_mapping.checks.verdicts import Spelt
from t2t_mapping.duplicates import repeated
from t2t_mapping.names.judge import CONTRADICTORY, judge
from t2t_mapping.names.namesakes import keys, primary_keys, stems
from t2t_mapping.names.texts import GENERATIONS

__all__ = ["MOST", "WEAK", "namesakes"]

MOST = 6
"""So many namesakes of each kind are looked at; more of them change nothing."""
_MOST_NAMES = 400  # different names under one key: too many to compare each with each
_STRONG = ["rule", "alias", "employee-id", "mail"]
WEAK = pl.col("rung").is_in(["pattern", "local-part"]) | (
    (pl.col("rung") == "alias") & pl.col("verdict").is_in(["doubtful", "unknown"])
)
"""Pairs that a namesake could have made."""

_KINDS = ("free", "claimed", "others")


def namesakes(
    frame: pl.DataFrame, source: pl.DataFrame, destination: pl.DataFrame, known: Spelt, domains: tuple[str, ...]
) -> pl.DataFrame:
    """The pairs that may be a namesake's.

    Args:
        frame: The frame of facts.
        source: All source users.
        known: Their names.
        domains: `--destination-domain`: a namesake at a domain that is less preferred than the candidate's is none.

    Returns:
        `user`, `d`, sorted by user, and who is called so too, each a list of at most `MOST`: `free` accounts that no source
        user claims and `claimed` ones, by position in the destination frame; `others`, source users whose account is not
        settled, by position in the source frame.
    """
    pairs = frame.filter(
        ~pl.col("excluded") & pl.col("d").is_not_null() & WEAK & (pl.col("verdict") != CONTRADICTORY)
    ).select("user", "d", "upn_key")
    there = known.destination
    nobody = pl.DataFrame(schema={"user": pl.UInt32, "d": pl.UInt32, **dict.fromkeys(_KINDS, pl.List(pl.UInt32))})
    if there is None or pairs.is_empty():
        return nobody
    # Excluded users claim too: an administrative user who is left out is still the person behind that account.
    claims = frame.filter(~pl.col("contradicted") & pl.col("d").is_not_null()).select("d", "rung", "verdict", "upn_key")
    settled = claims.filter(pl.col("rung").is_in(_STRONG) & (pl.col("verdict") == "compatible"))
    accounts = _accounts(destination, there, settled["d"])
    people = _people(source, known.source, frame, settled["upn_key"])
    asked = _asked(pairs, known.rows, there, accounts, people)
    stemmed = _stems(destination, pairs["d"])
    if asked.is_empty() and stemmed.is_empty():
        return nobody

    free = ~pl.col("number").is_in(claims["d"].unique().implode())
    texts = known.rows["text"]
    accounts = accounts.filter(pl.col("key").is_in(asked["key"].unique().implode()))
    accounts = accounts.with_columns(
        there["text"].gather(accounts["number"]), kind=pl.when(free).then(pl.lit("free")).otherwise(pl.lit("claimed"))
    )
    people = people.filter(pl.col("key").is_in(asked["key"].unique().implode()))
    people = people.with_columns(known.source["text"].gather(people["number"]), kind=pl.lit("others"))
    found = [_alike(asked.with_columns(texts.gather(asked["user"])), pl.concat([accounts, people]), many=True)]
    if stemmed.height:
        table = stemmed.with_columns(
            there["text"].gather(stemmed["number"]),
            kind=pl.when(free).then(pl.lit("free")).otherwise(pl.lit("claimed")),
        )
        table = table.filter(~pl.col("number").is_in(settled["d"].implode()))
        of_stem = pairs.select("user", number="d").join(stemmed, on="number").select("user", "key")
        found.append(_alike(of_stem.with_columns(texts.gather(of_stem["user"])), table, many=False))
    every = pl.concat(found).join(pairs.select("user", "d", "upn_key"), on="user")
    own = source.select(pl.col("upn_key"), number=pl.int_range(pl.len(), dtype=pl.UInt32)).filter(
        pl.col("upn_key").is_in(every["upn_key"].unique().implode())
    )
    every = every.join(own.rename({"number": "self"}), on="upn_key", how="left")
    itself = pl.when(pl.col("kind") == "others").then(pl.col("self")).otherwise(pl.col("d"))
    every = every.filter(pl.col("number").ne_missing(itself))
    every = _preferred(every, destination, domains)
    return (
        every.group_by("user", "d")
        .agg(pl.col("number").filter(pl.col("kind") == kind).unique().sort().head(MOST).alias(kind) for kind in _KINDS)
        .sort("user")
    )


def _accounts(destination: pl.DataFrame, there: pl.DataFrame, settled: pl.Series) -> pl.DataFrame:
    """`number`, `key` of every account of a person that nobody is known to have."""
    person = destination.select(
        (
            pl.col("kind").is_in(["person", "non-interactive"])
            & pl.col("upn_key").is_not_null()  # nobody can be sent to an account without a usable address
            & ~pl.int_range(pl.len(), dtype=pl.UInt32).is_in(settled.implode())
        ).arg_true()
    ).to_series()
    return _keys(there, person)


def _people(source: pl.DataFrame, here: pl.DataFrame, frame: pl.DataFrame, settled: pl.Series) -> pl.DataFrame:
    """`number`, `key` of every source user whose account is not known; leavers and excluded users wait for none."""
    excluded = frame.filter(pl.col("excluded"))["upn_key"]
    waiting = source.select(
        (
            ~pl.col("kind").is_in(["application", "system"])
            & pl.col("enabled").fill_null(value=True)
            & pl.col("deleted").is_null()
            & pl.col("upn_key").is_not_null()
            & ~pl.col("upn_key").is_in(pl.concat([excluded, settled]).unique().implode())
        ).arg_true()
    ).to_series()
    return _keys(here, waiting)


def _keys(known: pl.DataFrame, at: pl.Series) -> pl.DataFrame:
    at = at.cast(pl.UInt32)
    folded = known["folded"].gather(at)
    return keys(at, known["text"].gather(at), folded, primary_keys(folded))


def _asked(
    pairs: pl.DataFrame, here: pl.DataFrame, there: pl.DataFrame, accounts: pl.DataFrame, people: pl.DataFrame
) -> pl.DataFrame:
    """`user`, `key` of the pairs under whose keys anybody else can be found: those of the user's name and of the account's."""
    mine = _keys(here, pairs["user"]).rename({"number": "user"})
    theirs = _keys(there, pairs["d"].unique()).join(pairs.select("user", number="d"), on="number").select("user", "key")
    both = pl.concat([mine, theirs]).unique()
    # Under a key of both names that nobody else has, there is nobody else.
    others = pl.concat([column.filter(repeated(column)) for column in (accounts["key"], people["key"])]).unique()
    one = pl.concat([mine, theirs]).is_duplicated() if mine.height + theirs.height > both.height else None
    sole = pl.concat([mine, theirs]).filter(one).unique() if one is not None else both.clear()
    shared = both.filter(pl.col("key").is_in(others.implode()))
    rest = both.join(sole, on=["user", "key"], how="anti")
    return pl.concat([shared, rest]).unique()


def _stems(destination: pl.DataFrame, candidates: pl.Series) -> pl.DataFrame:
    """`number`, `key` of the accounts whose local parts differ by a number only: `john.smith`, `john.smith2`."""
    local = destination.select("local_part", "kind", number=pl.int_range(pl.len(), dtype=pl.UInt32))
    local = local.filter(pl.col("kind").is_in(["person", "non-interactive"]) & pl.col("local_part").is_not_null())
    numbered = local.filter(pl.col("local_part").str.contains(r"\d$")).with_columns(stem=stems(pl.col("local_part")))
    if numbered.is_empty():
        return pl.DataFrame(schema={"number": pl.UInt32, "key": pl.UInt64})
    plain = local.filter(
        pl.col("local_part").is_in(numbered["stem"].unique().implode())
        & ~pl.col("number").is_in(numbered["number"].implode())
    ).with_columns(stem="local_part")
    both = pl.concat([numbered, plain]).select("number", key=pl.col("stem").hash(1))
    wanted = both.filter(pl.col("number").is_in(candidates.implode()))["key"].unique()
    return both.filter(pl.col("key").is_in(wanted.implode()))


def _alike(asked: pl.DataFrame, filed: pl.DataFrame, *, many: bool) -> pl.DataFrame:
    """`user`, `kind`, `number` of everybody under the same key whose name does not contradict.

    Args:
        asked: `user`, `key`, `text`.
        filed: `number`, `key`, `text`, `kind`.
        many: Whether all under a key count if they have too many names to compare.
    """
    groups = filed.group_by("key", "text").agg(
        pl.col("number").filter(pl.col("kind") == kind).sort().head(MOST + 1).alias(kind) for kind in _KINDS
    )
    groups = groups.with_columns(crowded=pl.len().over("key") > _MOST_NAMES)
    if not many:
        groups = groups.filter(~pl.col("crowded"))
    pairs = asked.select("key", "text").unique().join(groups.select("key", "crowded", other="text"), on="key")
    pairs = pairs.filter(pl.col("crowded") | ~_contradict(pairs))
    lists = pairs.join(groups, left_on=["key", "other"], right_on=["key", "text"], nulls_equal=True)
    found = []
    for kind in _KINDS:
        long = lists.select("key", "text", number=kind).explode("number", empty_as_null=False, keep_nulls=False)
        few = long.group_by("key", "text").agg(pl.col("number").unique().sort().head(MOST + 1))
        found.append(
            asked.join(few, on=["key", "text"], nulls_equal=True)
            .select("user", "number", kind=pl.lit(kind))
            .explode("number", empty_as_null=False, keep_nulls=False)
        )
    return pl.concat(found).unique()


def _contradict(pairs: pl.DataFrame) -> pl.Series:
    """For every pair of texts whether the two contradict. Where only one word between first and last name differs, every pair of
    such words is judged once.
    """
    plain = r"^([a-z]+) ([a-z]+) ([a-z]+)$"
    one, other = (pairs[name].str.extract_groups(plain).struct.unnest() for name in ("text", "other"))
    alike = (one["1"] == other["1"]) & (one["3"] == other["3"])
    generation = other["3"].is_in(GENERATIONS)
    asked = pl.DataFrame([pairs["text"], pairs["other"], one["2"], other["2"].alias("second")]).with_columns(
        short=(alike & ~generation).fill_null(value=False), crowded=pairs["crowded"]
    )
    text = pl.when("short").then(pl.lit("xx ") + pl.col("2") + pl.lit(" yy")).otherwise("text")
    second = pl.when("short").then(pl.lit("xx ") + pl.col("second") + pl.lit(" yy")).otherwise("other")
    asked = asked.select("crowded", text=text, other=second)
    distinct = (
        asked.filter(~pl.col("crowded") & pl.col("text").ne_missing(pl.col("other"))).select("text", "other").unique()
    )
    verdicts = pl.Series(list(map(judge, distinct["text"], distinct["other"])), dtype=pl.String)
    refused = distinct.filter(verdicts == CONTRADICTORY).with_columns(refused=True)
    return asked.join(refused, on=["text", "other"], how="left", nulls_equal=True, maintain_order="left")[
        "refused"
    ].fill_null(value=False)


def _preferred(every: pl.DataFrame, destination: pl.DataFrame, domains: tuple[str, ...]) -> pl.DataFrame:
    """Without the accounts at a domain that is less preferred than the candidate's."""
    if not domains:
        return every
    ranks = {name: rank for rank, name in enumerate(domains)}
    rank = destination["domain"].replace_strict(ranks, default=len(domains), return_dtype=pl.UInt32)
    worse = rank.gather(every["d"]) < rank.gather(every["number"].clip(upper_bound=destination.height - 1))
    return every.filter((pl.col("kind") == "others") | ~worse)
