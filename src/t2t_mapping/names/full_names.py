"""Full names as typed, compared: columns of them at once, or one pair."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import polars as pl

from t2t_mapping.names.at_once import judged
from t2t_mapping.names.folding import fold
from t2t_mapping.names.habits import Habits
from t2t_mapping.names.judge import COMPATIBLE, UNKNOWN, VERDICTS
from t2t_mapping.names.texts import texts
from t2t_mapping.names.words import folded
from t2t_mapping.upn import is_ascii

__all__ = ["compare", "prepare", "prepared", "template_parts", "verdict", "words"]

# At least two words as typed, brackets apart: "John Smith" is a name even where the local part is john.smith.
_TWO_WORDS: Final = r"^\s*(?:[(<\[{][^)>\]}]*[)>\]}]\s*)?[^\s(<\[{]+\s+[^\s(<\[{]"


_WHOLE: Final = r"\S\S .*\S\S|[\p{Han}\p{Hangul}\p{Hiragana}\p{Katakana}]{2}"
"""Folded: at least two words, initials apart; a Chinese name may be one. Less is called so by hundreds of people."""


def _are_local_parts(names: pl.DataFrame, habits: Habits) -> pl.Series:
    """For each name whether it is merely its account's local part, perhaps with other punctuation or a domain: j.smith, JSmith.

    Args:
        names: `name` as typed, `text`, `local`.
    """
    doubted = (
        pl.col("name").is_not_null()
        & pl.col("text").is_not_null()
        & pl.col("local").is_not_null()
        & ~_named("name", "text")
    )
    at = names.select(doubted.arg_true()).to_series()
    if at.is_empty():
        return pl.repeat(value=False, n=names.height, eager=True)
    few = names[at]
    letters = texts(few["name"].str.replace("(?s)@.*$", ""), habits).fill_null("").str.replace_all("[ -]", "")
    keys = few["local"].str.replace_all("[^A-Za-z0-9]", "").str.to_lowercase()
    merely = [bool(key) and key in folded(word).spellings for key, word in zip(keys, letters, strict=True)]
    return pl.repeat(value=False, n=names.height, eager=True).scatter(at, merely)


def _with_columns(frame: pl.DataFrame, side: str) -> pl.DataFrame:
    """Texts in the order that First name and Last name say, where these are the words of the full name; `ordered` says where."""
    given, family = f"{side}_given", f"{side}_family"
    if given not in frame.columns:
        return frame.with_columns(pl.lit(value=False).alias(f"{side}_ordered"))
    # The comma says which is which, whatever the habits of the tenant.
    told = texts(frame.select(pl.col(family) + ", " + pl.col(given)).to_series())
    pair = frame.select(text=f"{side}_text").with_columns(told=told)
    bags = (fold(pair[name]).str.split(" ").list.sort() for name in ("text", "told"))
    same_words = next(bags) == next(bags)
    ordered = same_words.fill_null(value=False)
    text = pl.select(pl.when(ordered).then(pair["told"]).otherwise(pair["text"])).to_series()
    return frame.with_columns(text.alias(f"{side}_text"), ordered.alias(f"{side}_ordered"))


# --- public -------------------------------------------------------------------------------------------------------


def verdict(
    left: str | None,
    right: str | None,
    left_local: str | None = None,
    right_local: str | None = None,
    tenant_words: Collection[str] = (),
) -> str:
    """Say whether two full names can belong to one person; left and right can be exchanged.

    Args:
        left: Full name as typed; None where there is none.
        right: The other one.
        left_local: Local part of the account that bears `left`: a name that only repeats it says nothing.
        right_local: The same for `right`.
        tenant_words: The tenants' own names (`contoso`), which may stand in brackets after a name.

    Returns:
        One of `VERDICTS`.
    """
    pair = {"left": left, "right": right, "left_local": left_local, "right_local": right_local}
    frame = pl.DataFrame({name: [text] for name, text in pair.items()}, schema=dict.fromkeys(pair, pl.String))
    return str(compare(frame, tenant_words=tenant_words).item())


def prepare(names: pl.Series, habits: Habits) -> pl.DataFrame:
    """The texts of a tenant's names.

    Returns:
        Columns `text`; `folded`, its folded words; `whole`, whether it is a name of several words: two names of one such text
        are compatible.
    """
    text = texts(names, habits).alias("text")
    folded = fold(text)
    typed = pl.DataFrame([names.alias("name"), text, folded.alias("folded")])
    return typed.select("text", "folded", whole=_named("name", "text") & pl.col("folded").str.contains(_WHOLE))


def _named(typed: str, text: str) -> pl.Expr:
    """More than a local part could be: two words, as typed and as they count."""
    return pl.col(text).str.contains(" ", literal=True) & pl.col(typed).str.contains(_TWO_WORDS)


def compare(
    pairs: pl.DataFrame,
    *,
    tenant_words: Collection[str] = (),
    habits: tuple[Habits, Habits] | None = None,
) -> pl.Series:
    """`verdict` for every row: names that agree at a glance as columns, each other distinct pair once.

    Args:
        pairs: String columns `left`, `right` (full names as typed) and `left_local`, `right_local` (local parts). Where known
            also `left_given`, `left_family`, `right_given`, `right_family`, and what `prepare` gives for each side.
        tenant_words: As for `verdict`.
        habits: Those of the left tenant and of the right one, where they have been learnt.

    Returns:
        Series `verdict`, Enum of `VERDICTS`, one value per row of `pairs`, in its order.
    """
    left_habits, right_habits = habits or (Habits(frozenset(tenant_words)),) * 2
    sides = ["left", "right"]
    told = [f"{side}_{what}" for side in sides for what in ("given", "family") if f"{side}_given" in pairs.columns]
    columns = [*sides, "left_local", "right_local", *told]
    frame = pairs.select(*columns, *(name for name in pairs.columns if name.endswith(("_text", "_folded"))))
    # Most pairs carry one name, typed alike on both sides: what is worked out for the one serves the other.
    differ = frame["left"].ne_missing(frame["right"]).arg_true()
    if left_habits != right_habits:
        differ = pl.arange(frame.height, eager=True)
    for form, of in () if "left_text" in pairs.columns else (("text", ""), ("folded", "_text")):
        one = fold(frame["left_text"]) if of else texts(frame["left"], left_habits)
        changed = frame[f"right{of}"].gather(differ)
        changed = fold(changed) if of else texts(changed, right_habits)
        other = one.clone().scatter(differ, changed) if len(differ) else one
        frame = frame.with_columns(one.alias(f"left_{form}"), other.alias(f"right_{form}"))
    frame = frame.with_columns(_named(side, f"{side}_text").alias(f"{side}_named") for side in sides)
    left, right = pl.col("left_text"), pl.col("right_text")
    # Marks on one side only cannot disagree.
    marks_agree = (left == right) | pl.any_horizontal(map(is_ascii, (left, right)))
    named = pl.all_horizontal(pl.col(f"{side}_named") | pl.col(f"{side}_local").is_null() for side in sides)
    order_agrees = pl.lit(value=True)
    if len(told) == 4:
        order_agrees = (pl.col("left_given") == pl.col("right_given")).fill_null(value=True)
    answers = frame.select(
        pl.when(left.is_null() | right.is_null())
        .then(pl.lit(UNKNOWN))
        .when(
            (pl.col("left_folded") == pl.col("right_folded"))
            & marks_agree
            & named
            & order_agrees
            & pl.col("left_folded").str.contains(_WHOLE)
        )
        .then(pl.lit(COMPATIBLE))
        .cast(pl.Enum(VERDICTS))
        .alias("verdict")
    ).to_series()
    late = answers.is_null()
    if not late.any():
        return answers

    # Local parts that cannot matter would only keep equal pairs apart.
    rest = frame.filter(late).with_columns(
        pl.when(~pl.col(f"{side}_named")).then(pl.col(f"{side}_local")).alias(f"{side}_local") for side in sides
    )
    distinct = rest.unique(columns)
    for side in sides:
        distinct = _with_columns(distinct, side)
    said = [
        _are_local_parts(distinct.select(name=side, text=f"{side}_text", local=f"{side}_local"), its)
        for side, its in zip(sides, (left_habits, right_habits), strict=True)
    ]
    ordered = distinct["left_ordered"] & distinct["right_ordered"]
    verdicts = judged(distinct["left_text"], distinct["right_text"], ordered)
    merely = pl.DataFrame([verdicts, (said[0] | said[1]).alias("merely")])
    found = merely.select(
        pl.when("merely").then(pl.lit(UNKNOWN, dtype=pl.Enum(VERDICTS))).otherwise(pl.col("verdict")).alias("verdict")
    )
    lookup = distinct.select(columns).with_columns(found["verdict"])
    joined = rest.select(columns).join(lookup, on=columns, how="left", nulls_equal=True, maintain_order="left")
    return answers.scatter(late.arg_true(), joined["verdict"])


def prepared(name: pl.Expr, tenant_words: Collection[str] = (), *, spelt_out: bool = False) -> pl.Expr:
    """The words of a full name in one form that can be compared for equality.

    Args:
        name: String, full names as typed.
        tenant_words: As for `verdict`.
        spelt_out: Write `ä ö ü å ø` as `ae oe ue aa oe` instead of `a o u a o`.

    Returns:
        String: folded words in the order given name, family name, Jr, one blank between them; null where there are no
        letters. Equal forms are compatible, unless both names carry different marks or are only local parts.
    """
    habits = Habits(frozenset(tenant_words))
    # A function of whole columns, because an expression cannot leave out the rows that need no costly step.
    return name.map_batches(
        lambda names: fold(texts(names, habits), spelt_out=spelt_out), return_dtype=pl.String, is_elementwise=True
    )


def words(name: str | None, tenant_words: Collection[str] = ()) -> tuple[str, ...]:
    """The words of `prepared`, for one name; empty where there are no letters."""
    found = fold(texts(pl.Series([name], dtype=pl.String), Habits(frozenset(tenant_words)))).item()
    return tuple(found.split()) if found else ()


def template_parts(names: pl.Series, *, tenant_words: Collection[str] = ()) -> pl.DataFrame:
    """Given and family name for rule templates such as `{first}.{last}@fabrikam.com`.

    Args:
        names: String, full names as typed.
        tenant_words: As for `verdict`.

    Returns:
        Columns `given`, `family`, List[String] in `[a-z0-9]`, one row per name. Position i of one belongs to position i
        of the other: first with marks dropped, then, where that differs, with `ä ö ü å ø` spelt out. Null where the
        name is not exactly two words, or a word cannot be written in `[a-z0-9]`.
    """
    plain = texts(names.cast(pl.String), Habits(frozenset(tenant_words)))
    (given, family), (given_spelt, family_spelt) = (
        fold(plain, spelt_out=spelt_out).str.extract_groups("^([a-z0-9]+) ([a-z0-9]+)$").struct.unnest()
        for spelt_out in (False, True)
    )
    differ = (given != given_spelt) | (family != family_spelt)
    return pl.select(
        pl.when(differ).then(pl.concat_list(plain, spelt)).when(~differ).then(pl.concat_list(plain)).alias(column)
        for column, plain, spelt in (("given", given, given_spelt), ("family", family, family_spelt))
    )
