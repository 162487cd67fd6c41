"""Comparing single words: the same, an initial, a short form, the same letters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import accumulate, product

from t2t_mapping.names.folding import COMPOSED, LETTERS, MARKS, SPELT
from t2t_mapping.names.short_forms import GIVEN_NAMES, SHORT_FORMS

__all__ = [
    "folded",
    "initial_of",
    "is_cjk",
    "left_over",
    "nearly_same",
    "one_shape",
    "same",
    "same_letters",
    "same_middle",
    "sounds_alike",
    "unmarked",
]


def _marked(word: str) -> str:
    """Letters folded, marks kept (each a character of its own)."""
    word = unicodedata.normalize("NFD", word)
    for old, new in (LETTERS | COMPOSED).items():
        word = word.replace(old, new)
    return word


def unmarked(word: str) -> str:
    return unicodedata.normalize("NFC", re.sub(MARKS, "", _marked(word)))


_WITH_INITIALS = {"LATIN", "GREEK", "CYRILLIC"}
_CJK = {"CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO"}

_FULL_NAMES: dict[str, set[str]] = {}
for _full, _shorts in SHORT_FORMS.items():
    for _name in (_full, *_shorts):
        _FULL_NAMES.setdefault(_name, set()).add(_full)


@dataclass(frozen=True, slots=True)
class _Folded:
    """What a word (or several, with blanks between them) counts as."""

    base: str
    """Letters folded, marks dropped."""
    spellings: frozenset[str]
    """`base` and the ways to spell out `ä ö ü å ø`."""
    marked: str | None
    """Letters folded, marks kept; None where there are no marks."""
    scripts: frozenset[str]
    is_initial: bool
    full_names: frozenset[str]
    """The full given names that it is, or is a short form of."""


@lru_cache(maxsize=1 << 16)
def folded(word: str) -> _Folded:
    if word.isascii():  # most words
        full_names = frozenset(_FULL_NAMES.get(word, ()))
        scripts = frozenset(() if word.isdecimal() else ("LATIN",))
        return _Folded(word, frozenset((word,)), None, scripts, len(word) == 1 and bool(scripts), full_names)
    base, marked = unmarked(word), _marked(word)
    spellings = {base}
    if sum(map(word.count, SPELT)) <= 6:  # each on its own (Søgård is also Sogaard), unless absurdly many
        choices = product(*((c, SPELT[c]) if c in SPELT else (c,) for c in word))
        spellings |= {unmarked("".join(choice)) for choice in choices}
    scripts = frozenset(map(_script, filter(str.isalpha, word)))
    one_letter = len(re.sub(MARKS, "", unicodedata.normalize("NFD", word))) == 1
    return _Folded(
        base=base,
        spellings=frozenset(spellings),
        marked=marked if re.search(MARKS, marked) else None,
        scripts=scripts,
        is_initial=one_letter and bool(scripts) and scripts <= _WITH_INITIALS,
        full_names=frozenset().union(*(_FULL_NAMES.get(spelling, ()) for spelling in spellings)),
    )


@lru_cache(maxsize=1 << 12)
def _script(letter: str) -> str:
    """The first word of its Unicode name: LATIN SMALL LETTER A, KATAKANA-HIRAGANA PROLONGED SOUND MARK."""
    return re.split("[ -]", unicodedata.name(letter, "?"))[0]


def _same_base(a: str, b: str) -> bool:
    one, other = folded(a), folded(b)
    return one.base == other.base and (not (one.marked and other.marked) or one.marked == other.marked)


def same(a: str, b: str) -> bool:
    """The same word: marks count only where both carry some, `ü` is `u` or `ue`."""
    if a == b:
        return True
    one, other = folded(a), folded(b)
    if one.marked and other.marked and one.marked != other.marked:
        return False
    return not one.spellings.isdisjoint(other.spellings)


def initial_of(a: str, b: str) -> bool:
    """One of the two is the initial of the other."""
    one, other = folded(a), folded(b)
    if one.is_initial == other.is_initial:
        return False
    initial, word = (one, other) if one.is_initial else (other, one)
    return any(spelling.startswith(initial.base) for spelling in word.spellings)


def same_middle(a: str, b: str) -> bool:
    return same(a, b) or initial_of(a, b)


def nearly_same(a: str, b: str) -> bool:
    """A short form or an initial; two words that only carry different marks are neither."""
    one, other = folded(a), folded(b)
    return initial_of(a, b) or (one.base != other.base and not one.full_names.isdisjoint(other.full_names))


def is_cjk(word: str) -> bool:
    """Holds a letter of a script that writes a whole name without blanks."""
    return not folded(word).scripts.isdisjoint(_CJK)


@cache
def _variants() -> dict[int, str]:
    """Characters that are written otherwise in another country: `張` is `张` (`data/character-variants.csv`)."""
    lines = (files("t2t_mapping") / "data" / "character-variants.csv").read_text("utf-8").splitlines()[1:]
    return {ord(other): line[0] for line in lines for other in line[2:].replace(" ", "")}


def one_shape(words: Sequence[str]) -> str:
    """The words as one, every character in one shape."""
    return "".join(words).translate(_variants())


_SOUNDS = (("ph", "f"), ("ck", "k"), ("x", "ks"), ("[cq]", "k"), ("[yj]", "i"), ("[wv]", "f"), ("z", "s"), ("h", ""))


@lru_cache(maxsize=1 << 14)
def _sound(word: str) -> str:
    """How a given name sounds, roughly: vowels inside are alike, those at the end are not (Mario, Maria)."""
    for pattern, sound in _SOUNDS:
        word = re.sub(pattern, sound, word)
    word = re.sub(r"(.)\1+", r"\1", word)
    inside = word.rstrip("aeiou")
    return re.sub("[aeiou]+", "a", inside) + word[len(inside) :]


_LEAST_LETTERS = 5  # Of shorter names, one letter off is another name.


def sounds_alike(a: str, b: str) -> bool:
    """Two spellings of a given name (Sergey, Sergei), or one with a typing error: nobody is called that way."""
    one, other = folded(a).base, folded(b).base
    if one == other or min(len(one), len(other)) < 3 or not (one.isascii() and other.isascii()):
        return False
    if _sound(one) == _sound(other):
        return True
    if min(len(one), len(other)) < _LEAST_LETTERS or (one in GIVEN_NAMES and other in GIVEN_NAMES):
        return False
    from rapidfuzz.distance import OSA  # a tenth of the time to start, and hardly a run needs it

    return one[-1] == other[-1] and OSA.distance(one, other, score_cutoff=1) == 1


def left_over(left: Sequence[str], right: Sequence[str]) -> tuple[list[str], list[str]]:
    """The words of each side that have no counterpart on the other."""
    rest: list[str] = []
    others = sorted(right)
    for word in sorted(left):
        if word in others:
            others.remove(word)
        else:
            rest.append(word)
    if "".join(rest).isascii() and "".join(others).isascii():
        return rest, others
    for alike in (_same_base, same):  # the closest first, so that no word takes another's counterpart
        for word in tuple(rest):
            found = next((other for other in others if alike(word, other)), None)
            if found is not None:
                rest.remove(word)
                others.remove(found)
    return rest, others


def same_letters(left: Sequence[str], right: Sequence[str]) -> bool:
    """The same letters once blanks are removed: Mary Ann, Maryann; De La Cruz, Delacruz; O Brien, Obrien.

    The blanks of one side must be among the other's: Steven Ash is not Steve Nash. An initial may join the word after it,
    never the one before: Carl A Jones is not Carla Jones.
    """
    if (a := "".join(left)).isascii() and (b := "".join(right)).isascii() and a != b:
        return False
    one, other = folded(" ".join(left)), folded(" ".join(right))
    if one.marked and other.marked and one.marked.replace(" ", "") != other.marked.replace(" ", ""):
        return False
    return any(
        a.replace(" ", "") == b.replace(" ", "") and _agree(a, b) for a in one.spellings for b in other.spellings
    )


def _agree(a: str, b: str) -> bool:
    one, other = _blanks(a), _blanks(b)
    return (one <= other or other <= one) and _firm(a) <= other and _firm(b) <= one


def _blanks(words: str) -> set[int]:
    """Where the blanks are, counted in letters before them."""
    return set(accumulate(map(len, words.split(" "))))


def _firm(words: str) -> set[int]:
    """The blanks between a whole word and an initial after it."""
    parts = words.split(" ")
    ends = accumulate(map(len, parts))
    return {
        end
        for end, before, after in zip(ends, parts, parts[1:], strict=False)
        if len(before) > 1 and folded(after).is_initial
    }
