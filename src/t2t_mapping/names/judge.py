"""One pair of texts → one verdict.

First the same words, then what rules every other agreement out (other scripts, numbers, Jr against Sr), then the lesser
agreements; whatever none of these explains is contradictory.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from t2t_mapping.names.texts import GENERATIONS
from t2t_mapping.names.words import (
    folded,
    is_cjk,
    left_over,
    nearly_same,
    one_shape,
    same,
    same_letters,
    same_middle,
    sounds_alike,
    unmarked,
)

__all__ = ["COMPATIBLE", "CONTRADICTORY", "DOUBTFUL", "UNKNOWN", "VERDICTS", "judge"]

VERDICTS: Final = ("compatible", "unknown", "doubtful", "contradictory")
"""Every verdict, from best to worst."""
COMPATIBLE, UNKNOWN, DOUBTFUL, CONTRADICTORY = VERDICTS


def _in_order(left: Sequence[str], right: Sequence[str]) -> bool:
    """Every middle word of the shorter side is matched in order."""
    shorter, longer = sorted((left, right), key=len)
    rest = iter(longer)
    return all(any(same_middle(word, other) for other in rest) for word in shorter)


_NUMBER = re.compile(r"\d+")


@dataclass(slots=True)
class _Name:
    words: list[str]
    core: list[str]
    """The words without those of `generation`."""
    generation: list[str]
    """Jr, Sr, II ... after the first word."""
    numbers: list[str]
    hyphenated: list[list[str]]

    @classmethod
    def parse(cls, text: str) -> _Name:
        words = text.replace("-", " ").split()
        generation = [word for word in words[1:] if word in GENERATIONS]
        return cls(
            words=words,
            core=[*words[:1], *(word for word in words[1:] if word not in generation)],
            generation=generation,
            numbers=sorted(_NUMBER.findall(text)),
            hyphenated=[token.split("-") for token in text.split()] if "-" in text else [],
        )

    def is_halved_in(self, other: _Name) -> bool:
        """The other has some, not all, of the parts of a hyphenated name (Anne-Marie, Anne; Min-su, Su)."""
        return any(
            0 < sum(any(same_middle(part, word) for word in other.words) for part in parts) < len(parts)
            for parts in self.hyphenated
        )

    @property
    def is_thin(self) -> bool:
        """One word, or one word and initials: hundreds of people are called so. A Chinese name may be one word."""
        whole = [word for word in self.core if len(word) > 1 and not folded(word).is_initial]
        return len(whole) < 2 and not any(len(word) > 1 and is_cjk(word) for word in whole)


def _judge(left_text: str, right_text: str, *, ordered: bool) -> str:
    """Compare two texts; the first test that applies decides."""
    left, right = map(_Name.parse, sorted((left_text, right_text)))  # sorted: left and right can never matter

    # The same words: in the same order, or not.
    left_rest, right_rest = left_over(left.words, right.words)
    if not left_rest and not right_rest:
        if left.is_thin:
            return UNKNOWN
        if all(map(same, left.words, right.words)):
            return COMPATIBLE
        return CONTRADICTORY if ordered and len(left.words) == 2 else DOUBTFUL

    # Nothing to go by.
    if all(folded(a).scripts.isdisjoint(folded(b).scripts) for a in left.core for b in right.core):
        return UNKNOWN

    # Hard signs of two persons (or rooms), whatever else agrees.
    for one, other in ((left.numbers, right.numbers), (left.generation, right.generation)):
        if one and other and one != other:
            return CONTRADICTORY
    both_agree = left.numbers == right.numbers and left.generation == right.generation
    agrees = COMPATIBLE if both_agree else DOUBTFUL
    if left.generation or right.generation:
        left_rest, right_rest = left_over(left.core, right.core)
    if same_letters(left.core, right.core):
        return agrees
    left_cjk, right_cjk = (any(map(is_cjk, rest)) for rest in (left_rest, right_rest))
    if left_cjk and right_cjk:
        return DOUBTFUL if one_shape(left.core) == one_shape(right.core) else CONTRADICTORY
    if left_cjk or right_cjk:
        agrees = DOUBTFUL

    # Equal first and last words: the middle decides.
    first, last = (left.core[0], right.core[0]), (left.core[-1], right.core[-1])
    same_first = same(*first) and not folded(first[0]).is_initial
    same_last = same(*last) and not folded(last[0]).is_initial
    middles_agree = _in_order(left.core[1:-1], right.core[1:-1])
    if same_first and same_last and middles_agree and min(len(left.core), len(right.core)) > 1:
        return DOUBTFUL if left.is_halved_in(right) or right.is_halved_in(left) else agrees

    # The words of one side contained in the other's in any other way.
    if not left_rest or not right_rest:
        return DOUBTFUL

    # One word written otherwise: a short form or an initial (wherever it stands: Smith J, John Smith).
    if len(left_rest) == len(right_rest) == 1 and nearly_same(left_rest[0], right_rest[0]):
        return DOUBTFUL

    # Different middle words or initials.
    if not middles_agree:
        return CONTRADICTORY

    # The given name agrees and the family name does not, or the other way round.
    if same_first:
        return DOUBTFUL
    if (same_last or same_letters(left.core[1:], right.core[1:])) and (nearly_same(*first) or sounds_alike(*first)):
        return DOUBTFUL
    return CONTRADICTORY


_LONGEST = 256  # No directory allows longer names; a longer text is only tested for the same words, which is linear.


def judge(left: str | None, right: str | None, *, ordered: bool = False) -> str:
    """Compare two texts, which may be missing or absurdly long.

    Args:
        ordered: Both tell given name and family name apart for certain: in the other order they are another name.
    """
    if left is None or right is None:
        return UNKNOWN
    if max(len(left), len(right)) <= _LONGEST:
        return _judge(left, right, ordered=ordered)
    one, other = (unmarked(text).replace("-", " ").split() for text in (left, right))
    return COMPATIBLE if one == other else DOUBTFUL
