"""Who else is called so, on either side: the account with the same local part may be a namesake's.

Names are compared by their first and last word, addresses by their stem. Names are grouped before they are compared, so that ten
thousand people called Nguyen Anh cost no more than two.
"""

from __future__ import annotations

import polars as pl

from t2t_mapping.checks.verdicts import Spelt
from t2t_mapping.duplicates import repeated
from t2t_mapping.names.at_once import judged
from t2t_mapping.names.folding import fold
from t2t_mapping.names.judge import CONTRADICTORY
from t2t_mapping.names.namesakes import keys, middles, stems

__all__ = ["DOUBTED", "MOST", "WEAK", "namesakes"]

MOST = 6
"""So many namesakes of each kind are looked at; more of them change nothing."""
_MOST_NAMES = 40  # different names at one stem of addresses: it is no name, and says nothing
_STRONG = ["rule", "alias", "employee-id", "mail"]
WEAK = pl.col("rung").is_in(["pattern", "local-part"]) | (
    (pl.col("rung") == "alias") & pl.col("verdict").is_in(["doubtful", "unknown"])
)
"""Pairs that a namesake could have made."""
DOUBTED = ~pl.col("excluded") & pl.col("d").is_not_null() & WEAK & (pl.col("verdict") != CONTRADICTORY)
"""Those of them that would be mapped if nothing else were known."""

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
    # Lazily: of a frame this wide only what is asked for may be copied.
    pairs = frame.lazy().filter(DOUBTED).select("user", "d", "upn_key").collect()
    nobody = pl.DataFrame(schema={"user": pl.UInt32, "d": pl.UInt32, **dict.fromkeys(_KINDS, pl.List(pl.UInt32))})
    if pairs.is_empty():
        return nobody
    here, there = known.rows, known.destination
    if there is None:
        return nobody
    # Excluded users claim too: an administrative user who is left out is still the person behind that account.
    claiming = frame.lazy().filter(~pl.col("contradicted") & pl.col("d").is_not_null())
    claims = claiming.select("d", "rung", "verdict", "upn_key").collect()
    settled = claims.filter(pl.col("rung").is_in(_STRONG) & (pl.col("verdict") == "compatible"))
    accounts = _accounts(destination, there, settled["d"])
    people = _people(source, known.source, frame, settled["upn_key"])
    asked = _asked(pairs, here, there, accounts, people)
    if asked.height:
        asked = _with_others(asked, pairs, accounts, people, source)
    stemmed = _stems(destination, pairs["d"])
    if asked.is_empty() and stemmed.is_empty():
        return nobody

    free = ~pl.col("number").is_in(claims["d"].unique().implode())
    texts = known.rows["text"]
    accounts = accounts.filter(pl.col("key").is_in(asked["key"].unique().implode()))
    accounts = accounts.with_columns(
        there["text"].gather(accounts["number"]),
        destination["upn"].gather(accounts["number"]),
        kind=pl.when(free).then(pl.lit("free")).otherwise(pl.lit("claimed")),
    )
    people = people.filter(pl.col("key").is_in(asked["key"].unique().implode()))
    people = people.with_columns(
        known.source["text"].gather(people["number"]), source["upn"].gather(people["number"]), kind=pl.lit("others")
    )
    found = [_alike(asked.with_columns(texts.gather(asked["user"])), pl.concat([accounts, people]), by_name=True)]
    if stemmed.height:
        table = stemmed.with_columns(
            there["text"].gather(stemmed["number"]),
            destination["upn"].gather(stemmed["number"]),
            kind=pl.when(free).then(pl.lit("free")).otherwise(pl.lit("claimed")),
        )
        table = table.filter(~pl.col("number").is_in(settled["d"].implode())).drop("stem")
        of_stem = pairs.select("user", number="d").join(stemmed, on="number").select("user", "key", "stem")
        found.append(_alike(of_stem.with_columns(texts.gather(of_stem["user"])), table, by_name=False))
    every = pl.concat(found).join(pairs.select("user", "d", "upn_key"), on="user")
    own = source.select(pl.col("upn_key"), number=pl.int_range(pl.len(), dtype=pl.UInt32)).filter(
        pl.col("upn_key").is_in(every["upn_key"].unique().implode())
    )
    every = every.join(own.rename({"number": "self"}), on="upn_key", how="left")
    itself = pl.when(pl.col("kind") == "others").then(pl.col("self")).otherwise(pl.col("d"))
    every = every.filter(pl.col("number").ne_missing(itself))
    every = _preferred(every, destination, domains)

    def listed(kind: str) -> pl.Expr:
        these = pl.col("kind") == kind
        ordered = pl.col("number").filter(these).sort_by(pl.col("upn").filter(these))
        return ordered.unique(maintain_order=True).head(MOST).alias(kind)

    return every.group_by("user", "d").agg(map(listed, _KINDS)).sort("user")


def _accounts(destination: pl.DataFrame, there: pl.DataFrame, settled: pl.Series) -> pl.DataFrame:
    """`number`, `key` of every account of a person that nobody is known to have."""
    person = destination.select(
        (
            pl.col("kind").is_in(["person", "non-interactive"])
            & pl.col("upn_key").is_not_null()  # nobody can be sent to an account without a usable address
            & ~pl.int_range(pl.len(), dtype=pl.UInt32).is_in(settled.implode())
        ).arg_true()
    ).to_series()
    return keys(person, there)


def _people(source: pl.DataFrame, here: pl.DataFrame, frame: pl.DataFrame, settled: pl.Series) -> pl.DataFrame:
    """`number`, `key` of every source user whose account is not known; leavers and excluded users wait for none."""
    excluded = frame["upn_key"].filter(frame["excluded"])
    waiting = source.select(
        (
            ~pl.col("kind").is_in(["application", "system"])
            & pl.col("enabled").fill_null(value=True)
            & pl.col("deleted").is_null()
            & pl.col("upn_key").is_not_null()
            & ~pl.col("upn_key").is_in(pl.concat([excluded, settled]).unique().implode())
        ).arg_true()
    ).to_series()
    return keys(waiting, here)


def _asked(
    pairs: pl.DataFrame, here: pl.DataFrame, there: pl.DataFrame, accounts: pl.DataFrame, people: pl.DataFrame
) -> pl.DataFrame:
    """`user`, `key` of the pairs under whose keys anybody else can be found: those of the user's name and of the account's."""
    # Under a key of both names that nobody else has, there is nobody else.
    shared = pl.concat([column.filter(repeated(column)) for column in (accounts["key"], people["key"])]).unique()
    mine, theirs = (known["key"].gather(pairs[at]) for known, at in ((here, "user"), (there, "d")))
    same = (mine == theirs).fill_null(value=False)
    first = pl.DataFrame([pairs["user"], mine.alias("key")]).filter(same & mine.is_in(shared.implode()))
    # Most names have one key; only those that have more, or another than the account's, are looked at again.
    more = here["more"].gather(pairs["user"]) | there["more"].gather(pairs["d"]) | ~same
    many = pairs.select("user", "d", key=mine, same=same).filter(more)
    if many.is_empty():
        return first
    own = keys(many["user"], here).rename({"number": "user"})
    other = keys(many["d"].unique(), there).join(many.select("user", number="d"), on="number").select("user", "key")
    both = pl.concat([own, other]).unique()
    settled = many.filter("same").select("user", "key")
    return pl.concat([first, both.join(settled, on=["user", "key"], how="anti")]).unique()


def _with_others(
    asked: pl.DataFrame, pairs: pl.DataFrame, accounts: pl.DataFrame, people: pl.DataFrame, source: pl.DataFrame
) -> pl.DataFrame:
    """Those questions that anybody can answer but the pair itself: most names are nobody else's."""
    filed = pl.concat([accounts["key"], people["key"]])
    filed = filed.filter(filed.is_in(asked["key"].unique().implode()))
    numbers = filed.to_frame().lazy().group_by("key").agg(filed=pl.len())
    wide = asked.lazy().join(pairs.lazy(), on="user", maintain_order="left")
    wide = wide.join(numbers, on="key", maintain_order="left")
    mine = wide.join(accounts.lazy(), left_on=["key", "d"], right_on=["key", "number"], how="semi")
    own = people.with_columns(source["upn_key"].gather(people["number"])).lazy()
    mine = pl.concat([mine, wide.join(own, on=["key", "upn_key"], how="semi")])
    selves = mine.group_by("user", "key").agg(own=pl.len())
    wide = wide.join(selves, on=["user", "key"], how="left", maintain_order="left")
    return wide.filter(pl.col("filed") > pl.col("own").fill_null(0)).select("user", "key").collect()


def _stems(destination: pl.DataFrame, candidates: pl.Series) -> pl.DataFrame:
    """`number`, `stem`, `key` of the accounts whose local parts differ by a number only: `john.smith`, `john.smith2`."""
    local = destination.select("local_part", "kind", number=pl.int_range(pl.len(), dtype=pl.UInt32))
    local = local.filter(pl.col("kind").is_in(["person", "non-interactive"]) & pl.col("local_part").is_not_null())
    numbered = local.filter(pl.col("local_part").str.contains(r"\d$")).with_columns(stem=stems(pl.col("local_part")))
    if numbered.is_empty():
        return pl.DataFrame(schema={"number": pl.UInt32, "stem": pl.String, "key": pl.UInt64})
    plain = local.filter(
        pl.col("local_part").is_in(numbered["stem"].unique().implode())
        & ~pl.col("number").is_in(numbered["number"].implode())
    ).with_columns(stem="local_part")
    both = pl.concat([numbered, plain]).select("number", "stem", key=pl.col("stem").hash(1))
    wanted = both.filter(pl.col("number").is_in(candidates.implode()))["key"].unique()
    return both.filter(pl.col("key").is_in(wanted.implode()))


def _alike(asked: pl.DataFrame, filed: pl.DataFrame, *, by_name: bool) -> pl.DataFrame:
    """`user`, `kind`, `number` of everybody under the same key whose name does not contradict.

    Args:
        asked: `user`, `key`, `text`.
        filed: `number`, `upn`, `key`, `text`, `kind`.
        by_name: Whether the key is that of a name, rather than of an address.
    """
    # In the order of their addresses, so that the order of rows changes nothing.
    filed = filed.with_columns(place=pl.col("upn").rank("dense").cast(pl.UInt32))
    groups = filed.group_by("key", "text").agg(
        pl.col("place").filter(pl.col("kind") == kind).unique().sort().head(MOST + 1).alias(kind) for kind in _KINDS
    )
    mine = asked.select("key", "text").unique()
    if by_name:
        pairs = _by_middles(mine, groups.select("key", other="text"))
    else:
        groups = groups.filter(pl.len().over("key") <= _MOST_NAMES)
        pairs = mine.join(groups.select("key", other="text"), on="key")
        # ann@ and ann2@ are Ann Lee and Ann Roe; ann.lee@ and ann.lee2@, now called Ann Roe, may well be two Ann Lees.
        last = [pl.col(name).str.extract(r"(\S+)$", 1) for name in ("text", "other")]
        told = pl.col("stem").str.contains(last[0], literal=True) | pl.col("stem").str.contains(last[1], literal=True)
        stems_of = asked.select("key", "stem").unique("key")
        pairs = pairs.join(stems_of, on="key").filter(
            ((last[0] == last[1]) | (told & (last[0].str.len_chars() > 2))).fill_null(value=True)
        )
    pairs = pairs.filter(judged(pairs["text"], pairs["other"]) != CONTRADICTORY)
    lists = pairs.join(groups, left_on=["key", "other"], right_on=["key", "text"], nulls_equal=True)
    found = []
    for kind in _KINDS:
        long = lists.select("key", "text", place=kind).explode("place", empty_as_null=False, keep_nulls=False)
        few = long.group_by("key", "text").agg(pl.col("place").unique().sort().head(MOST + 1))
        found.append(
            asked.join(few, on=["key", "text"], nulls_equal=True)
            .select("user", "place", kind=pl.lit(kind))
            .explode("place", empty_as_null=False, keep_nulls=False)
        )
    places = filed.select("place", "kind", "number", "upn").unique(["place", "kind", "number"])
    return pl.concat(found).unique().join(places, on=["place", "kind"]).drop("place")


def _by_middles(mine: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """`key`, `text`, `other` of the names under one key that may agree between first and last word.

    One of two has nothing there, or an initial or the first letters of a word agree: a thousand José ... García are not compared with
    each other.
    """

    def labelled(frame: pl.DataFrame, name: str, *, asking: bool) -> pl.DataFrame:
        words = middles(fold(frame[name].fill_null("")))
        frame = frame.select("key", at=pl.int_range(pl.len(), dtype=pl.UInt32)).with_columns(words=words)
        bare = frame.filter(pl.col("words").list.len() == 0).drop("words")
        long = frame.explode("words", empty_as_null=False, keep_nulls=False)
        letter, initial = pl.col("words").str.slice(0, 1), pl.col("words").str.len_chars() == 1
        start = pl.when(~initial).then(pl.lit("t") + pl.col("words").str.slice(0, 3))
        labels = [
            pl.when(initial).then(pl.lit("i") + letter).otherwise(start),
            # Initials meet whole words under the letter alone.
            pl.when(initial).then(pl.lit("f") + letter).otherwise(pl.lit("i") + letter)
            if asking
            else pl.when(~initial).then(pl.lit("f") + letter),
        ]
        parts = [long.select("key", "at", label=label) for label in labels]
        if asking:
            parts += [
                bare.with_columns(label=pl.lit("*")),
                frame.filter(pl.col("words").list.len() > 0).select("key", "at", label=pl.lit("b")),
            ]
        else:
            parts += [bare.with_columns(label=pl.lit("b")), frame.select("key", "at", label=pl.lit("*"))]
        # A name of thousands of like words has each label once: they would meet each other word by word.
        return pl.concat(parts).filter(pl.col("label").is_not_null()).unique()

    asked, filed = labelled(mine, "text", asking=True), labelled(others, "other", asking=False)
    met = asked.join(filed, on=["key", "label"]).select("at", other="at_right").unique()
    rows = mine.select("key", "text")[met["at"]]
    return rows.with_columns(others["other"].gather(met["other"]))


def _preferred(every: pl.DataFrame, destination: pl.DataFrame, domains: tuple[str, ...]) -> pl.DataFrame:
    """Without the accounts at a domain that is less preferred than the candidate's."""
    if not domains:
        return every
    ranks = {name: rank for rank, name in enumerate(domains)}
    rank = destination["domain"].replace_strict(ranks, default=len(domains), return_dtype=pl.UInt32)
    worse = rank.gather(every["d"]) < rank.gather(every["number"].clip(upper_bound=destination.height - 1))
    return every.filter((pl.col("kind") == "others") | ~worse)
