"""Which destination accounts are worth a look for which source user? Keys that both share, so nearly linear in users.

The candidates are many (a million), so each is filed under few keys; the seekers are few, so they ask in many ways:

- `name`: all letters of the name; for longer names also any two of its words. Asked for in both orders, with short forms
  of the given name, and with every word replaced by those words of the candidates' own vocabulary that differ from it by
  one letter. Typing errors are thus looked up among the distinct words, which are far fewer than the people.
- `initial`: the initial and the family name, for initials and for addresses such as `jsmith`.
- `word`: any single word, as long as few people bear it.
- `address`: any part before an `@`, as it is and without separators and trailing digits. Asked for with whatever the conventions make
  of the name: this finds the bride's old address, and people who are listed without a name.

A key under which too many candidates are filed says nothing and is left out. Seekers who find nobody ask once more, with
words that share rare groups of letters with theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from itertools import combinations, permutations

import polars as pl
from rapidfuzz.distance import OSA

from t2t_mapping.suggestions.conventions import CONVENTIONS, written
from t2t_mapping.suggestions.scores import RELATED, Account, related

__all__ = ["Filed", "file_away", "look_up"]

_MOST = {"name": 40, "initial": 30, "word": 15, "address": 20}
"""So many candidates per key are looked at."""
_AT_A_TIME = 2_000  # seekers
_FEW = 3  # addresses under one key: a find that is worth comparing whatever the names
_MOST_WORDS = 30  # words of the vocabulary that one word may stand for
_MOST_BOTH = 8  # and where both words of a name are replaced
_MOST_GRAM = 300  # words of the vocabulary that share a group of letters
_MOST_GRAMS = 4  # groups of letters of one word, the rarest
_ROOM = 1 << 32  # for the position of a word
_FURTHEST = 3  # letters between two words that are one word, written badly
_SHORTEST_MISTYPED = 4  # letters: shorter words have too many neighbours
_SHORTEST_BOTH = 5  # letters of both words, to look for a typing error in each


class Filed:
    """Candidates under their keys: frames of `key` (UInt64) and `d`; every distinct word of their names, and how many bear it."""

    def __init__(self, keys: Mapping[str, pl.DataFrame], words: pl.DataFrame) -> None:
        self.keys = keys
        self.vocabulary = words["word"]
        self.borne = words["number"]


def file_away(names: pl.DataFrame, addresses: pl.DataFrame) -> Filed:
    """File all candidates.

    Args:
        names: `d`, `name`: one row per listed name, words in Latin letters with one blank between them.
        addresses: `d`, `address`: one row per address, the part before the `@`.
    """
    letters = pl.col("name").str.replace_all(" ", "", literal=True)
    words = names.select("d", word=pl.col("name").str.split(" "))
    count = words["word"].list.len()
    some = words.filter(count > 1)
    several = words.filter(count > 2)
    first, last = pl.col("word").list.first(), pl.col("word").list.last()
    pairs = [
        several.filter(pl.col("word").list.len() > j).select(
            "d", key=pl.concat_str(pl.col("word").list.get(i), pl.col("word").list.get(j)).hash()
        )
        for i, j in combinations(range(min(5, _largest(count))), 2)
    ]
    single = words.explode("word", empty_as_null=False, keep_nulls=False)
    keys = {
        "name": pl.concat([names.select("d", key=letters.hash()), *pairs]),
        "initial": some.select("d", key=pl.concat_str(first.str.slice(0, 1), last).hash()),
        "word": single.select("d", key=pl.col("word").hash()),
        "address": pl.concat(
            [addresses.select("d", key=text.hash()) for text in (pl.col("address"), _bare(pl.col("address")))]
        ),
    }
    return Filed(keys, single.group_by("word").agg(number=pl.len()).sort("word"))


def _largest(numbers: pl.Series) -> int:
    largest = numbers.max()
    return largest if isinstance(largest, int) else 0


def _bare(local_part: pl.Expr) -> pl.Expr:
    """`alike.bare` for a column."""
    return local_part.str.replace_all(r"[.\-_']", "").str.replace(r"(.)\d+$", "$1")


def look_up(seekers: Mapping[int, Account], filed: Filed) -> pl.DataFrame:
    """`user`, `d`: the accounts that are worth a look, each pair once; `few`: found by a rare address."""
    near = _one_letter_off(_words(seekers), filed.vocabulary)
    return _found(seekers, filed, lambda names, addresses: [*_plain(names, addresses), *_mistyped(names, near)])


def look_further(seekers: Mapping[int, Account], filed: Filed) -> pl.DataFrame:
    """`look_up` for those who found nobody: both words mistyped, and words that share rare letters with theirs."""
    words = _words(seekers)
    near = pl.concat([_one_letter_off(words, filed.vocabulary), _rare_letters(words, filed.vocabulary)])
    near = near.unique(maintain_order=True).group_by("word", maintain_order=True).head(_MOST_WORDS)
    return _found(seekers, filed, lambda names, _: [*_mistyped(names, near), *_twice_mistyped(names, near)])


def _words(seekers: Mapping[int, Account]) -> set[str]:
    return {word for account in seekers.values() for name in account.names for word in name}


_Asked = Iterable[tuple[str, pl.DataFrame]]
"""Questions: where to look, and `user`, `key` (String)."""


def _found(
    seekers: Mapping[int, Account], filed: Filed, questions: Callable[[pl.DataFrame, pl.DataFrame], _Asked]
) -> pl.DataFrame:
    """Every answer to every question, asked by so many seekers at a time that the questions take little memory."""
    everybody = list(seekers.items())
    found = [pl.DataFrame(schema={"user": pl.UInt32, "d": pl.UInt32, "few": pl.Boolean})]
    for start in range(0, len(everybody), _AT_A_TIME):
        some = everybody[start : start + _AT_A_TIME]
        words = [(user, " ".join(name)) for user, account in some for name in account.names]
        names = _frame(words, "text").select("user", words=pl.col("text").str.split(" "))
        names = names.with_columns(given=pl.col("words").list.first(), family=pl.col("words").list.last())
        addresses = _frame([(user, local) for user, account in some for local in account.addresses], "address")
        asked: dict[str, list[pl.DataFrame]] = {tag: [] for tag in filed.keys}
        for tag, keys in questions(names, addresses):
            asked[tag].append(keys.select("user", pl.col("key").hash()))
        answers = []
        for tag, keys in filed.keys.items():
            if not asked[tag]:
                continue
            mine = pl.concat(asked[tag]).unique()
            held = keys.filter(pl.col("key").is_in(mine["key"].unique().implode())).unique()
            held = held.with_columns(number=pl.len().over("key")).filter(pl.col("number") <= _MOST[tag])
            few = (pl.col("number") <= _FEW) & pl.lit(tag == "address")
            answers.append(mine.join(held, on="key").select("user", "d", few=few))
        found.append(pl.concat(answers).group_by("user", "d").agg(pl.col("few").any()))
    return pl.concat(found)


def _frame(rows: list[tuple[int, str]], name: str) -> pl.DataFrame:
    users, texts = zip(*rows, strict=True) if rows else ((), ())
    return pl.DataFrame({"user": users, name: texts}, schema={"user": pl.UInt32, name: pl.String})


_GIVEN, _FAMILY = pl.col("given"), pl.col("family")


def _initial(word: pl.Expr) -> pl.Expr:
    return word.str.slice(0, 1)


def _plain(names: pl.DataFrame, addresses: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """What is asked with the seekers' own words: `user`, `words`, `given`, `family` and `user`, `address`."""
    size = pl.col("words").list.len()
    single = names.select("user", key="words").explode("key", empty_as_null=False, keep_nulls=False)
    yield "name", names.select("user", key=pl.col("words").list.join(""))
    yield "word", single
    yield "name", single  # whoever is listed under this word alone
    for i, j in permutations(range(_largest(names["words"].list.len())), 2):
        one, other = pl.col("words").list.get(i), pl.col("words").list.get(j)
        yield "name", names.filter(size > max(i, j)).select("user", key=one + other)
    several = names.filter(size > 1)
    for one, other in ((_GIVEN, _FAMILY), (_FAMILY, _GIVEN)):
        yield "initial", several.select("user", key=_initial(one) + other)
    yield (
        "name",
        several.join(_short_forms(), left_on="given", right_on="word").select("user", key=pl.col("other") + _FAMILY),
    )
    for template in CONVENTIONS:
        local = several.select("user", key=written(template, _GIVEN, _FAMILY))
        yield "address", local
        yield "address", local.with_columns(_bare(pl.col("key")))
    letters = addresses.select("user", key=_bare(pl.col("address")))
    yield "address", addresses.rename({"address": "key"})
    yield "address", letters
    yield "name", letters
    long = letters.filter(pl.col("key").str.len_chars() > 2)
    yield "initial", long
    yield "initial", long.with_columns(pl.col("key").str.slice(-1) + pl.col("key").str.head(-1))


def _mistyped(names: pl.DataFrame, near: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """What is asked with one word replaced by another that is near."""
    size = pl.col("words").list.len()
    yield "word", names.filter(size == 1).join(near, left_on="given", right_on="word").select("user", key="other")
    several, other = names.filter(size > 1), pl.col("other")
    first = several.join(near, left_on="given", right_on="word")
    last = several.join(near, left_on="family", right_on="word")
    for replaced, one, two in ((first, other, _FAMILY), (last, _GIVEN, other)):
        yield "name", replaced.select("user", key=one + two)
        yield "name", replaced.select("user", key=two + one)
        yield "initial", replaced.select("user", key=_initial(one) + two)
    short = last.join(_short_forms().rename({"other": "short"}), left_on="given", right_on="word")
    yield "name", short.select("user", key=pl.col("short") + other)


def _twice_mistyped(names: pl.DataFrame, near: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """What is asked with both words replaced, where they are long enough to be recognised nevertheless."""
    long = (pl.col("words").list.len() > 1) & (
        pl.min_horizontal(_GIVEN.str.len_chars(), _FAMILY.str.len_chars()) >= _SHORTEST_BOTH
    )
    nearest = near.group_by("word", maintain_order=True).head(_MOST_BOTH)
    both = names.filter(long).join(nearest, left_on="given", right_on="word")
    both = both.join(nearest.rename({"other": "last"}), left_on="family", right_on="word")
    yield "name", both.select("user", key=pl.col("other") + pl.col("last"))
    yield "name", both.select("user", key=pl.col("last") + pl.col("other"))


@cache
def _short_forms() -> pl.DataFrame:
    """`word`, `other`: given names and their short and full forms; made when somebody asks."""
    return pl.DataFrame(
        [(word, other) for word in RELATED for other in sorted(related(word))],
        schema={"word": pl.String, "other": pl.String},
        orient="row",
    )


# --- words of the vocabulary that stand for a mistyped one ------------------------------------------------------------


def _without_one(words: pl.DataFrame) -> pl.DataFrame:
    """Every word with none and with any one of its letters left out, as `key`."""
    longest = _largest(words["word"].str.len_chars())
    parts = [words.select("word", key=pl.col("word").hash())]
    for at in range(min(longest, 40)):
        word = pl.col("word")
        parts.append(
            words.filter(word.str.len_chars() > at).select(
                "word", key=pl.concat_str(word.str.slice(0, at), word.str.slice(at + 1)).hash()
            )
        )
    return pl.concat(parts)


def _one_letter_off(words: Iterable[str], vocabulary: pl.Series) -> pl.DataFrame:
    """`word`, `other`: words of the vocabulary that differ from it by one letter (put in, left out, changed, or two exchanged)."""
    mine = pl.DataFrame({"word": sorted(words)}, schema={"word": pl.String})
    mine = _without_one(mine.filter(pl.col("word").str.len_chars() >= _SHORTEST_MISTYPED))
    theirs = vocabulary.alias("word").to_frame().filter(pl.col("word").str.len_chars() >= _SHORTEST_MISTYPED - 1)
    theirs = _without_one(theirs).filter(pl.col("key").is_in(mine["key"].unique().implode()))
    return _closest(mine.join(theirs, on="key").select("word", other="word_right"), 1)


def _rare_letters(words: Iterable[str], vocabulary: pl.Series) -> pl.DataFrame:
    """`word`, `other`: words of the vocabulary that differ by a few letters, found through groups of three letters.

    Only those that share most groups are compared letter by letter: a common group is shared by hundreds.
    """

    def grams(words: pl.Series) -> pl.DataFrame:
        fenced = words.alias("text").to_frame().with_row_index("at").with_columns("^" + pl.col("text") + "$")
        return pl.concat(
            [
                fenced.filter(pl.col("text").str.len_chars() >= at + 3).select(
                    "at", gram=pl.col("text").str.slice(at, 3)
                )
                for at in range(max(1, min(_largest(fenced["text"].str.len_chars()), 40) - 2))
            ]
        ).unique()

    mine = pl.Series("word", sorted(words), dtype=pl.String)
    asked, held = grams(mine), grams(vocabulary)
    held = held.filter(pl.col("gram").is_in(asked["gram"].unique().implode()))
    held = held.with_columns(number=pl.len().over("gram")).filter(pl.col("number") <= _MOST_GRAM)
    rare = asked.join(held.select("gram", "number").unique(), on="gram").sort("at", "number", "gram")
    asked = rare.group_by("at", maintain_order=True).head(_MOST_GRAMS).select("at", "gram")
    held = held.drop("number")
    sizes = [words.str.len_chars().cast(pl.Int32) for words in (mine, vocabulary)]
    found = [pl.DataFrame(schema={"at": pl.UInt32, "other": pl.UInt32})]
    for start in range(0, len(mine), _AT_A_TIME):
        some = asked.filter(pl.col("at").is_between(start, start + _AT_A_TIME - 1))
        # All numbers in one, those that share most groups first: one column is grouped and sorted far faster than three.
        both = pl.col("at").cast(pl.UInt64) * _ROOM + pl.col("at_right")
        shared = some.join(held, on="gram").group_by(both.alias("both")).len()
        shared = shared.select(
            at=pl.col("both") // _ROOM, other=pl.col("both") % _ROOM, left=_MOST_GRAMS - pl.col("len")
        )
        gap = sizes[0].gather(shared["at"]) - sizes[1].gather(shared["other"])
        order = (pl.col("at") * (_MOST_GRAMS + 1) + pl.col("left")) * _ROOM + pl.col("other")
        best = shared.filter(gap.abs() <= _FURTHEST).select(order.sort().alias("order"))
        best = best.select(at=pl.col("order") // _ROOM // (_MOST_GRAMS + 1), other=pl.col("order") % _ROOM)
        found.append(best.group_by("at", maintain_order=True).head(_MOST_WORDS).cast(pl.UInt32))
    pairs = pl.concat(found)
    return _closest(
        pl.DataFrame({"word": mine.gather(pairs["at"]), "other": vocabulary.gather(pairs["other"])}), _FURTHEST
    )


def _closest(pairs: pl.DataFrame, most: int) -> pl.DataFrame:
    """Of pairs of words, those at most so many letters apart, the closest first and not too many per word."""
    pairs = pairs.filter(pl.col("word") != pl.col("other")).unique()
    distance = map(OSA.distance, pairs["word"].to_list(), pairs["other"].to_list())
    pairs = pairs.with_columns(distance=pl.Series("distance", list(distance), dtype=pl.UInt16))
    # Three letters apart is another word unless the word is long.
    allowed = pl.min_horizontal(pl.lit(most), pl.col("word").str.len_chars() // 3 + (1 if most == 1 else 0))
    best = pairs.filter(pl.col("distance") <= allowed).sort("distance", "other").group_by("word", maintain_order=True)
    return best.head(_MOST_WORDS).select("word", "other")
