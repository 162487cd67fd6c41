"""What a tenant carries around its names, and in which order it writes them: learnt from all its names, never from one.

`John Smith (Sales)`, `John Smith - Contoso`, `EXT John Smith | E12345`, `Smith John`: what several users of a tenant bear, or what is
a code, pronouns, a degree or a status word, is no part of the name. Words such as Admin, Test and 2 tell accounts apart, and stay.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import lru_cache

import polars as pl

from t2t_mapping.names.folding import only
from t2t_mapping.names.letters import lower
from t2t_mapping.names.short_forms import GIVEN_NAMES

__all__ = ["LEGAL_FORM", "NO_HABITS", "STATUS", "Habits", "learn", "plain_values", "tenants_of", "trimmed"]

STATUS = (
    "ext|externals?|externe?[rns]?|extern[oaáí]|estern[oa]|ekstern|zewnętrzn[ya]|внешний|contractor|contract"
    "|consultant|consulting|consultor|consulente|berater|beraterin|prestataire|freelancer?|guest|gast|invit[eé]e?|invitad[oa]|ospite"
    "|vendor|supplier|agency|temp|temporary|temporär|intern|trainee|praktikant|praktikantin|stagiaire|werkstudent"
    "|werkstudentin|apprentice|azubi|inactive|inaktiv|disabled|leaver|外部|ゲスト|来宾"
)
LEGAL_FORM = "(?: (?:inc|ltd|limited|llc|corp|gmbh|ag|se|kg|plc|bv|nv|sa|srl|spa|ab|oy|group))?"
_PRONOUN = (
    "(?:she|her|hers|he|him|his|they|them|theirs|ze|xe|hir|zir|any|all|er|ihm|ihn|sie|ihr|elle|il|iel|ella|él|elle)"
)
_CODE = r"(?:[a-z]{0,4} ?\d{3,}[a-z]?|[a-z]{1,4}\d{2,}[a-z0-9]*)"
_DEGREES = (
    "(?:ph ?d|mba|m ?sc|b ?sc|m ?a|b ?a|m ?eng|b ?eng|m ?phil|d ?phil|md|m d|dds|rn|esq|csc|drsc|cpa|cfa|acca|aca|fca|pmp|cissp"
    "|cipd|cisa|pe|jd|ll ?m|ll ?b|ed ?d|ccna|itil|six sigma|shrm|phr|sphr)"
)
# Never set aside, however many bear them: they tell accounts and people apart.
_STAYS = (
    r"^(?:(?:admin|adm|administrator|test|tester|demo|svc|service account|robot|bot|old|alt|neu|new|second|zweit|backup|shared"
    r"|jr|sr|junior|senior|i{1,3}|iv|v|\d{1,2}) ?)+$"
)
_SEPARATED = r"[,|/(]| - |: "  # without any of them, nothing is carried
_BRACKET = r"^(.*[^\s(]) ?\(()([^()]*)\)$"
_TAIL = r"^(.*[^\s,|/]) ?( - | ?[,|/] ?)([^,|/()]*[^\s,|/()])$"
_HEAD = r"^([^,|/()]*?[^\s,|/()])( - | ?\| ?|: )(.*\S)$"
_BEHIND_HEAD = r" - |\||: "
_ROUNDS = 3  # Anna Lee / Sales / Berlin
_SEVERAL = 2
_WHOLE = 0.5  # of all names carry something there: whatever it is, it is no part of the name
_LEAST_WHOLE = 5  # names


@dataclass(frozen=True, slots=True)
class Habits:
    """One tenant's.

    Attributes:
        tenants: The tenants' own names.
        values: What its users carry behind their names, as `plain_values` writes it; `heads` the same in front.
        everything: Separators (`(`, `-`, `|`, `/`) behind which everything is set aside.
        last_first: Names without a comma begin with the family name.
    """

    tenants: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()
    heads: frozenset[str] = frozenset()
    everything: frozenset[str] = frozenset()
    last_first: bool = False


NO_HABITS = Habits()


def plain_values(values: pl.Series) -> pl.Series:
    """Words with one blank between them: `she/her` and `She, her` are one."""
    return values.str.replace_all(r"[^\p{L}\p{M}\p{N}]+", " ").str.strip_chars(" ")


@lru_cache(maxsize=32)
def tenants_of(words: frozenset[str]) -> tuple[str, ...]:
    """The tenants' own names as they stand in a text."""
    plain = plain_values(lower(pl.Series(sorted(words), dtype=pl.String)))
    return tuple(word for word in plain if word)


@lru_cache(maxsize=32)
def _known(tenants: frozenset[str]) -> str:
    """What is no part of a name behind any separator, whoever bears it."""
    own = [f"{re.escape(word)}{LEGAL_FORM}" for word in tenants_of(tenants)]
    return f"^(?:(?:{'|'.join([*own, STATUS, _PRONOUN, _CODE, _DEGREES])}) ?)+$"


def trimmed(names: pl.Series, habits: Habits) -> pl.Series:
    """Names as `lower` gives them, without what the tenant carries around them."""
    return only(names, names.str.contains(_SEPARATED), lambda some: _trimmed(some, habits))


def _trimmed(names: pl.Series, habits: Habits) -> pl.Series:
    names = only(names, names.str.contains("(", literal=True), _without_readings)
    names = _without_known_heads(names, habits.tenants)
    for _ in range(_ROUNDS):
        names = only(names, names.str.contains(r"\)$"), lambda some: _cut(some, _BRACKET, habits))
        names = only(names, names.str.contains(r"[,|/]| - "), lambda some: _cut(some, _TAIL, habits))
    return only(names, names.str.contains(_BEHIND_HEAD), lambda some: _cut(some, _HEAD, habits))


def _without_known_heads(names: pl.Series, tenants: frozenset[str]) -> pl.Series:
    """EXT - Anna Lee: before anything behind a dash is looked at, or the name would be set aside."""
    return only(names, names.str.contains(_BEHIND_HEAD), lambda some: _cut(some, _HEAD, Habits(tenants)))


def _without_readings(names: pl.Series) -> pl.Series:
    """佐藤 太郎 (サトウ タロウ): the brackets tell how the name is read."""
    return names.str.replace(r"^(.*\p{Han}.*?) ?\([\p{Hiragana}\p{Katakana}ー・ ]+\)$", "$1")


def _parts(names: pl.Series, pattern: str) -> pl.DataFrame:
    """`core`, `kind`, `value`, `plain` of every name; null where the pattern finds nothing."""
    found = names.str.extract_groups(pattern).struct.unnest()
    head = pattern is _HEAD
    return pl.select(
        core=found["3" if head else "1"],
        kind=found["2"].str.strip_chars(" "),
        value=plain_values(found["1" if head else "3"]),
    ).with_columns(kind=pl.when(pl.col("kind") == "").then(pl.lit("(")).otherwise(pl.col("kind")))


def _cut(names: pl.Series, pattern: str, habits: Habits) -> pl.Series:
    own = habits.heads if pattern is _HEAD else habits.values
    value, kind, core = pl.col("value"), pl.col("kind"), pl.col("core")
    known = value.str.contains(_known(habits.tenants)) | value.is_in(list(own))
    if pattern is not _HEAD:
        known |= kind.is_in(list(habits.everything))
    # Behind a comma stands the given name, unless a whole name stands before it.
    whole = ~(kind == ",") | core.str.contains(r"\S[ ,]+\S")
    cut = _parts(names, pattern).select(pl.when(known & whole & ~value.str.contains(_STAYS)).then(core)).to_series()
    return cut.fill_null(names) if cut.null_count() else cut


# --- learning ---------------------------------------------------------------------------------------------------------


def learn(here: pl.Series, there: pl.Series | None, tenants: Collection[str] = ()) -> tuple[Habits, Habits]:
    """The habits of the source and of the destination, each from all its names.

    Args:
        here: Full names as typed of the source; `there` of the destination.
        tenants: The tenants' own names.
    """
    plain = Habits(tenants=frozenset(tenants))
    sides = [here, pl.Series([], dtype=pl.String) if there is None else there]
    decorated = [
        lower(side.filter(side.str.contains(r"[,|/(\[{<]|\s[-–—]\s|: ").fill_null(value=False))) for side in sides
    ]
    if any(len(side) for side in decorated):
        words = _name_words(sides)
        learnt = [
            _surroundings(names, len(side) - side.null_count(), words, plain)
            for names, side in zip(decorated, sides, strict=True)
        ]
    else:
        learnt = [plain, plain]
    return learnt[0], learnt[1]


def _name_words(sides: list[pl.Series]) -> frozenset[str]:
    """Words that are names: first and last of names without any separator, and the given names that we know."""
    bare = pl.concat(
        side.filter(~side.str.contains(r"[,|/(\[{<]|\s[-–—]\s|: ").fill_null(value=True)) for side in sides
    )
    words = bare.str.to_lowercase().str.split(" ")
    found = pl.concat([words.list.first(), words.list.last()]).drop_nulls().unique()
    return frozenset(found) | GIVEN_NAMES


def _surroundings(names: pl.Series, users: int, words: frozenset[str], plain: Habits) -> Habits:
    """What is borne by several users of a tenant, behind and in front of their names."""
    found = []
    rest = _without_known_heads(names, plain.tenants)
    for _ in range(_ROUNDS):
        bracket, tail = _parts(rest, _BRACKET), _parts(rest, _TAIL)
        part = pl.select(pl.coalesce(bracket[name], tail[name]).alias(name) for name in bracket.columns)
        part = part.filter(pl.col("core").is_not_null())
        if part.is_empty():
            break
        found.append(part)
        rest = part["core"]
    heads = _parts(names, _HEAD).filter(pl.col("core").is_not_null())
    tails = pl.concat(found) if found else heads.clear()
    first = found[0] if found else tails
    kinds = first.filter(pl.col("kind") != ",").group_by("kind").len()
    most = max(_LEAST_WHOLE, _WHOLE * users)
    return replace(
        plain,
        values=_shared(tails, words),
        heads=_shared(heads, words),
        everything=frozenset(kinds.filter(pl.col("len") >= most)["kind"]),
    )


def _shared(parts: pl.DataFrame, words: frozenset[str]) -> frozenset[str]:
    """Values that several bear and that are not names themselves."""
    whole = pl.col("core").str.contains(r"\S[ ,]+\S")
    several = (
        parts.filter(pl.col("value") != "")
        .group_by("kind", "value")
        .agg(pl.len(), whole=whole.mean())
        .filter((pl.col("len") >= _SEVERAL) & ((pl.col("kind") != ",") | (pl.col("whole") >= 0.9)))
    )
    names = [
        value
        for kind, value in several.select("kind", "value").iter_rows()
        if kind == "(" or not all(word in words for word in value.split())
    ]
    return frozenset(names)
