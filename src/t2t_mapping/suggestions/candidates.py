"""Guesses for held users without a settled destination, best first, each with a score and the evidence in words.

Never on the ladder: a guess becomes a mapping only when a person accepts it, in the review workbook or in a notebook.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations
from typing import Any

import polars as pl
from rapidfuzz import fuzz, process

from t2t_mapping import names
from t2t_mapping.checks import tenant_words
from t2t_mapping.results.reconciliation import Reconciliation
from t2t_mapping.suggestions.beside import Beside
from t2t_mapping.suggestions.caps import alone, capped
from t2t_mapping.suggestions.conventions import Convention, convention
from t2t_mapping.suggestions.index import Filed, file_away, look_further, look_up
from t2t_mapping.suggestions.scores import BORNE, Account, alike
from t2t_mapping.upn import is_ascii

__all__ = ["SUGGESTIONS", "suggest"]

SUGGESTIONS: dict[str, Any] = {
    "user": pl.UInt32,  # position in the frame of facts
    "rank": pl.UInt8,  # 1 is the best
    "destination": pl.String,
    "score": pl.UInt8,  # 0 to 100
    "evidence": pl.String,
}
"""The frame of suggestions, by user and rank."""

_UNSETTLED = r"P30[1-5]|P311|P315|U211|U212|U216|U218"
_LEAST_SCORE = 30  # Less is chance,
_LEAST_BESIDE = 20  # but for those who are found by what both directories tell beside names.
_GOOD = 70  # Who finds somebody as good as this need not look further.
_LEAST_RATIO = 50  # per cent of the letters of two names in common, to compare them more closely
_MOST_COMPARED = 8  # per user, in words and letter by letter
_MOST_BY_LETTER = 50_000_000  # pairs of names that are compared letter by letter in two seconds
_LEAST_BY_LETTER = 80  # per cent
_MOST_OF_LADDER = 10  # candidates of the ladder, listed however little alike they are

# Enough to recognise a name written in the other alphabet; typing errors bridge the differences between transliterations.
_LATIN = dict(
    zip(
        "абвгґдеєжзиіїйклмнопрстуўфхцчшщыэюяјљњћџαβγδεζηθικλμνξοπρσςτυφχψω",
        (
            "a b v g g d e ye zh z i i i y k l m n o p r s t u u f kh ts ch sh shch y e yu ya j lj nj c dz "
            "a v g d e z i th i k l m n x o p r s s t y f ch ps o"
        ).split(),
        strict=True,
    )
) | {"ъ": "", "ь": ""}


def suggest(result: Reconciliation, *, most: int = 5, users: pl.Series | None = None) -> pl.DataFrame:
    """Who might be meant: the free destination users most like each held user without a settled destination.

    Free is a native account of a person that no mapped user goes to. What the ladder found and could not settle is listed
    too, before everything else where it found several. The order of the rows of either side changes nothing.

    Args:
        most: So many per user, at most; all candidates of the ladder are listed up to ten.
        users: Positions of the users that matter; by default everybody.

    Returns:
        Schema `SUGGESTIONS`, sorted by user and rank. Empty where there is no destination export.
    """
    frame, destination = result.facts.frame, result.facts.destination
    unsettled = result.accounting["codes"].str.contains(_UNSETTLED).fill_null(value=False)
    swapped = result.accounting["codes"].str.contains("I109", literal=True).any()
    seekers = frame.filter((result.dispositions == "held") & unsettled & frame["upn_key"].is_not_null())
    if users is not None:
        seekers = seekers.filter(pl.col("user").is_in(users.implode()))
    if destination is None or seekers.is_empty() or swapped:
        return pl.DataFrame(schema=SUGGESTIONS)
    claimed = frame.filter((result.dispositions == "mapped") & frame["d"].is_not_null())["d"]
    listed = destination.with_row_index("d")
    free = listed.filter(
        (pl.col("kind") == "person")
        & pl.col("upn_key").is_not_null()
        & pl.col("deleted").is_null()
        & ~pl.col("d").is_in(claimed.implode())
    )
    words = tenant_words(result.facts.source, destination)
    mails = seekers.select("user").with_columns(result.facts.source["mail"].gather(seekers["user"]))
    seekers = seekers.with_columns(mails["mail"], aliases=pl.lit(None, dtype=pl.List(pl.String)))
    my_names = _names(seekers, "user", words)
    accounts = _accounts(seekers, "user", my_names, _addresses(seekers, "user"))

    their_names, their_addresses = _names(free, "d", words), _addresses(free, "d")
    filed = file_away(their_names, their_addresses)
    borne = dict(zip(filed.vocabulary.to_list(), filed.borne.to_list(), strict=True))
    ladder = _ladder(seekers, listed)
    usual = convention(result)

    def compared(pairs: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
        """`before`, and those of `pairs` that are not in it."""
        pairs = pairs.join(before, on=["user", "d"], how="anti")
        theirs = listed.filter(pl.col("d").is_in(pairs["d"].unique().implode()))
        return pl.concat([before, _judged(pairs, accounts, theirs, words, usual, borne)])

    found = pl.DataFrame(schema=_JUDGED)
    for search in (look_up, look_further, partial(_by_letter, their_names)):
        settled = set(found.filter(pl.col("score") >= _GOOD)["user"])
        rest = {user: account for user, account in accounts.items() if user not in settled}
        if rest:
            found = compared(_promising(search(rest, filed), accounts, their_names), found)
    namesakes = _free_namesakes(result, seekers)
    beside = Beside(result.facts.source, seekers["user"], destination, free["d"])
    told = _promising(beside.found(my_names, their_names), accounts, their_names)
    others = [ladder.select("user", "d"), namesakes.select("user", "d"), told]
    found = beside.favoured(compared(pl.concat(others).unique(), found))
    found = alone(capped(found, result, seekers, listed), result)
    return _ranked(found, told, ladder, namesakes, listed, most)


def _free_namesakes(result: Reconciliation, seekers: pl.DataFrame) -> pl.DataFrame:
    """`user`, `d`, `named`: the accounts for whose sake P311 holds a user: more likely theirs than the ladder's."""
    found = result.facts.namesakes
    found = found.filter(pl.col("settled").is_null() & pl.col("user").is_in(seekers["user"].implode()))
    long = found.select("user", d="free").explode("d", empty_as_null=False, keep_nulls=False)
    return long.with_columns(named=pl.lit(value=True))


# --- the two sides ----------------------------------------------------------------------------------------------------


def _names(frame: pl.DataFrame, number: str, words: frozenset[str]) -> pl.DataFrame:
    """`number`, `name`: every listed name in Latin letters, once for each way to spell `ä ö ü å ø`."""
    listed = frame.select(number, name="full_name")
    if frame["other_names"].null_count() < frame.height:
        others = frame.select(number, name="other_names").explode("name", empty_as_null=False, keep_nulls=False)
        listed = pl.concat([listed, others])
    listed = listed.filter(~pl.col("name").str.contains(_NO_NAME))
    odd = listed.filter(~is_ascii(pl.col("name")))
    return (
        pl.concat(
            [
                listed.with_columns(names.prepared(pl.col("name"), words)),
                odd.with_columns(names.prepared(pl.col("name"), words, spelt_out=True)),
            ]
        )
        .filter(pl.col("name").is_not_null())
        .with_columns(
            pl.when(~is_ascii(pl.col("name"))).then(pl.col("name").str.replace_many(_LATIN)).otherwise(pl.col("name"))
        )
        .unique()
    )


def _addresses(frame: pl.DataFrame, number: str) -> pl.DataFrame:
    """`number`, `address`: what stands before the `@` of every address, the user principal name's first."""
    parts = [frame.select(number, address="local_part")]
    if frame["mail"].null_count() < frame.height:
        parts.append(frame.select(number, address=pl.col("mail").str.to_lowercase()))
    if frame["aliases"].null_count() < frame.height:
        parts.append(frame.select(number, address="aliases").explode("address", empty_as_null=False, keep_nulls=False))
    return (
        pl.concat(parts)
        .filter(pl.col("address").is_not_null())
        .with_columns(pl.col("address").str.replace("@.*$", "").str.head(64))
        .unique(maintain_order=True)
    )


def _accounts(frame: pl.DataFrame, number: str, listed: pl.DataFrame, addresses: pl.DataFrame) -> dict[int, Account]:
    """Number -> what there is to compare. Without a name, the words of the address stand in for it."""
    own = listed.group_by(number).agg(pl.col("name").sort())
    parts = addresses.group_by(number, maintain_order=True).agg("address")
    wide = frame.select(number, "enabled").join(own, on=number, how="left").join(parts, on=number, how="left")
    accounts = {}
    for key, enabled, every_name, every_address in wide.select(number, "enabled", "name", "address").iter_rows():
        local_parts = tuple(every_address or ())
        texts = every_name or [part.translate(_SEPARATORS) for part in local_parts[:1]]
        split = tuple(tuple(text.split()[:8]) for text in texts if text.split())
        accounts[key] = Account(split, bool(every_name), local_parts, enabled is False)
    return accounts


_NO_NAME = r"^\S+[._@]\S*$"  # only the address once more
_SEPARATORS = str.maketrans(".-_0123456789", " " * 13, "'")


def _ladder(seekers: pl.DataFrame, listed: pl.DataFrame) -> pl.DataFrame:
    """`user`, `d`, `several`: what the ladder found and could not settle."""
    one = seekers.filter(pl.col("d").is_not_null()).select("user", "d", several=pl.lit(value=False))
    many = (
        seekers.filter("ambiguous")
        .select("user", upn="candidates")
        .explode("upn", empty_as_null=False, keep_nulls=False)
        .join(listed.select("upn", "d"), on="upn")
        .select("user", "d", several=pl.lit(value=True))
    )
    return pl.concat([one, many])


# --- the pairs --------------------------------------------------------------------------------------------------------


def _promising(pairs: pl.DataFrame, accounts: dict[int, Account], listed: pl.DataFrame) -> pl.DataFrame:
    """Per user, the pairs whose names have most letters in common, and those with a rare address or without a name."""
    theirs = listed.filter(pl.col("d").is_in(pairs["d"].unique().implode()))
    theirs = theirs.group_by("d").agg(_in_order(pl.col("name").min()))
    mine = pl.DataFrame(
        [(user, " ".join(sorted(account.names[0]))) for user, account in accounts.items() if account.names],
        schema={"user": pl.UInt32, "mine": pl.String},
        orient="row",
    )
    both = pairs.join(theirs, on="d", how="left").join(mine, on="user", how="left")
    ratios = map(fuzz.ratio, both["mine"].fill_null("").to_list(), both["name"].fill_null("").to_list())
    return (
        both.with_columns(
            ratio=pl.Series(list(ratios), dtype=pl.Float64),
            sure=pl.col("few") | pl.col("mine").is_null() | pl.col("name").is_null(),
        )
        .filter((pl.col("ratio") >= _LEAST_RATIO) | pl.col("sure"))
        .sort("user", "sure", "ratio", "name", "d", descending=[False, True, True, False, False])
        .group_by("user", maintain_order=True)
        .head(_MOST_COMPARED)
        .select("user", "d")
    )


def _by_letter(listed: pl.DataFrame, seekers: dict[int, Account], filed: Filed) -> pl.DataFrame:
    """`user`, `d`, `few` of the names nearest to each seeker's, however many letters of both words are wrong.

    Only names with a word that next to nobody bears are compared: what several bear is no typing error.
    """
    rare = filed.vocabulary.filter(filed.borne < BORNE)
    words = listed.with_columns(word=pl.col("name").str.split(" ")).explode(
        "word", empty_as_null=False, keep_nulls=False
    )
    odd = words.filter(pl.col("word").is_in(rare.implode()))["d"].unique()
    theirs = listed.filter(pl.col("d").is_in(odd.implode())).select("d", text=_in_order(pl.col("name")))
    # Under its initials: the first letter of a word is seldom wrong.
    begun: dict[str, list[str]] = {}
    for text in theirs["text"].unique().sort():
        for letters in _initials(text.split()):
            begun.setdefault(letters, []).append(text)
    asked = [
        (user, " ".join(sorted(account.names[0])), begun.get(letters, []))
        for user, account in seekers.items()
        if account.named and account.names
        for letters in sorted(_initials(account.names[0]))
    ]
    if sum(len(texts) for _, _, texts in asked) > _MOST_BY_LETTER:
        asked = []
    found = [
        (user, text, True)
        for user, mine, texts in asked
        for text, _, _ in process.extract(mine, texts, scorer=fuzz.ratio, limit=3, score_cutoff=_LEAST_BY_LETTER)
    ]
    nearest = pl.DataFrame(found, schema={"user": pl.UInt32, "text": pl.String, "few": pl.Boolean}, orient="row")
    return nearest.join(theirs, on="text").select("user", "d", "few").unique(["user", "d"])


def _initials(words: Sequence[str]) -> set[str]:
    """The first letters of any two words of a name, by the alphabet; of its only word."""
    letters = sorted(word[0] for word in words)
    return {one + other for one, other in combinations(letters, 2)} or set(letters)


def _in_order(name: pl.Expr) -> pl.Expr:
    """The words of a name by the alphabet, so that their order does not count."""
    return name.str.split(" ").list.sort().list.join(" ")


_JUDGED = {"user": pl.UInt32, "d": pl.UInt32, "score": pl.UInt8, "evidence": pl.String}


def _judged(
    pairs: pl.DataFrame,
    accounts: dict[int, Account],
    candidates: pl.DataFrame,
    words: frozenset[str],
    usual: Convention | None,
    borne: Mapping[str, int],
) -> pl.DataFrame:
    """`user`, `d`, `score`, `evidence` of every pair."""
    theirs = _accounts(candidates, "d", _names(candidates, "d", words), _addresses(candidates, "d"))

    def rows() -> Iterator[tuple[int, int, int, str]]:
        for user, d in pairs.select("user", "d").iter_rows():
            yield user, d, *alike(accounts[user], theirs[d], usual, borne)

    return pl.DataFrame(list(rows()), schema=_JUDGED, orient="row")


def _ranked(
    found: pl.DataFrame,
    told: pl.DataFrame,
    ladder: pl.DataFrame,
    namesakes: pl.DataFrame,
    listed: pl.DataFrame,
    most: int,
) -> pl.DataFrame:
    """The best first; where the ladder found several, these before everything else, and free namesakes before its only one."""
    typed = listed.select("d", destination="upn", key="upn_key")
    ranked = (
        found.join(ladder.select("user", "d", "several"), on=["user", "d"], how="left")
        .join(namesakes, on=["user", "d"], how="left")
        .join(told.select("user", "d", told=pl.lit(value=True)), on=["user", "d"], how="left")
        .join(typed, on="d")
        .with_columns(
            of_ladder=pl.col("several").is_not_null(),
            first=pl.col("several").fill_null(value=False) | pl.col("named").fill_null(value=False),
        )
        .filter((pl.col("score") >= pl.when("told").then(_LEAST_BESIDE).otherwise(_LEAST_SCORE)) | pl.col("of_ladder"))
        .sort("user", "first", "score", "of_ladder", "key", descending=[False, True, True, True, False])
        .with_columns(rank=pl.int_range(pl.len()).over("user") + 1)
    )
    kept = (pl.col("rank") <= most) | (pl.col("of_ladder") & (pl.col("rank") <= max(most, _MOST_OF_LADDER)))
    known = pl.when("of_ladder").then(pl.col("evidence") + pl.lit("; found by the automatic match"))
    ranked = ranked.filter(kept).with_columns(
        evidence=known.otherwise(pl.col("evidence")), rank=pl.int_range(pl.len()).over("user") + 1
    )
    return ranked.select([pl.col(name).cast(dtype) for name, dtype in SUGGESTIONS.items()])
