"""How alike are two accounts, and what says so: one pair at a time, in words that a person can check.

Only ever asked for the few pairs that `suggest` has found worth a look, and never for the ladder: that is `names`, which
answers whether two names contradict each other. Here the question is how good a guess would be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from t2t_mapping.names.short_forms import SHORT_FORMS
from t2t_mapping.suggestions.conventions import Convention, local_parts

__all__ = ["BORNE", "RELATED", "Account", "alike", "related"]

# Out of a hundred points, what the names and what the addresses can give; without a name, the address can give less.
_NAME, _ADDRESS, _ADDRESS_ALONE = 75, 25, 65
_MARRIED, _MARRIED_BY_ADDRESS = 0.45, 0.93  # the name alone, and with an address that tells of the old name
_FITS = 0.85
_NEAR_ADDRESS, _BOTH_NEAR = 0.7, 79  # an address with a typing error; the highest score where the name has one too
_DISABLED = 5  # points less: the account cannot be used as it is
_NEARLY = 0.7  # of two words: one letter in four may differ
_NEARLY_WHOLE, _NEARLY_JOINED = 75, 85  # of two whole names, in per cent; the second without their blanks
_OTHER_WORD, _LIKE, _UNLIKE = 0.35, 0.65, 0.6  # below the first nothing; below the second so much of the score
_PART = 0.6  # one name is a word of the other
_TWO_NAMES = 0.75  # of the likeness of two words that are two names, not one and a typing error
_RARELY = 20  # one in so many mistypes a word
BORNE = 3
"""People who bear a word of a name: what so many bear is no typing error."""

RELATED: dict[str, set[str]] = {}
"""Given name -> itself with all its short and full forms."""
for _full, _shorts in SHORT_FORMS.items():
    for _name in (_full, *_shorts):
        RELATED.setdefault(_name, set()).update((_full, *_shorts))


@dataclass(frozen=True, slots=True)
class Account:
    """What there is to compare of one account.

    Attributes:
        names: Every listed name as Latin words, given name first; where no name is listed, the words of the address.
        named: Whether a name is listed.
        addresses: The part before the `@` of every address, the user principal name's first.
    """

    names: tuple[tuple[str, ...], ...]
    named: bool
    addresses: tuple[str, ...]
    disabled: bool = False


_SEPARATORS = str.maketrans("", "", ".-_'")


@lru_cache(maxsize=1 << 16)
def bare(local_part: str) -> str:
    """A local part without separators and trailing digits: `john.smith2` gives `johnsmith`."""
    letters = local_part.translate(_SEPARATORS)
    return letters.rstrip("0123456789") or letters


def related(given: str) -> set[str]:
    """Short forms and full forms of a given name, itself left out."""
    return RELATED.get(given, set()) - {given}


def alike(
    one: Account, other: Account, convention: Convention | None, borne: Mapping[str, int] | None = None
) -> tuple[int, str]:
    """The score of a guess, 0 to 100, and the evidence for it in words.

    Args:
        one: The source user.
        other: The destination user.
        convention: How the destination makes addresses out of names, if that is known.
        borne: Word of a name -> so many bear it. Two words that many bear are two names, not a typing error.
    """
    address, address_words = _addresses(one, other, convention)
    if not (one.named and other.named):
        missing = "no full name is known here" if not one.named else "no full name is known there"
        score, evidence = _ADDRESS_ALONE * address, [address_words, missing]
    else:
        name, name_words = max(_names(a, b, borne or {}) for a in one.names for b in other.names)
        if name == _MARRIED and address >= _FITS:  # an address made of the old name, borne by the same given name
            name = _MARRIED_BY_ADDRESS
        # An address alone proves little where the names speak against it: `dkim` is David here and Diana there.
        score = _NAME * name + _ADDRESS * address * (0.3 + 0.7 * name)
        if address == _NEAR_ADDRESS and name < 1:  # the address repeats what is odd about the name, and proves nothing
            score = min(score, _BOTH_NEAR)
        evidence = [name_words, address_words]
    if other.disabled:
        score -= _DISABLED
        evidence.append("the account is disabled")
    text = "; ".join(part for part in evidence if part)
    return max(0, round(score)), text[:1].upper() + text[1:]


# --- names ------------------------------------------------------------------------------------------------------------


def _names(one: tuple[str, ...], other: tuple[str, ...], borne: Mapping[str, int]) -> tuple[float, str]:
    """How alike two names are, 0 to 1, and why."""
    if not one or not other:
        return 0.0, ""
    if one == other:
        return (1.0, "same name") if len(one) > 1 else (0.85, "same name, of one word only")
    if sorted(one) == sorted(other):
        return 0.99, "same name, in another order"
    if "".join(one) == "".join(other):
        return 0.98, "same name, written in one or in two words"
    answers = [_part_by_part(one, other, borne)]
    if answers[0][0] < _NEARLY:
        swapped, words = _part_by_part(one, other[::-1], borne)
        answers.append((swapped - 0.05, f"{words}, in another order"))
    few, many = sorted((set(one), set(other)), key=len)
    if few <= many:
        answers.append(
            (0.95, "one name has more words") if len(few) > 1 else (_PART, "one name is only part of the other")
        )
    ratio = fuzz.ratio(" ".join(sorted(one)), " ".join(sorted(other)))
    whole = 0.0
    if len(one) != len(other) and len(one) + len(other) > 3:  # a blank too many, beside a typing error
        joined = "".join(one)
        whole = max(
            fuzz.ratio(joined, "".join(words)) for words in (other, other[1:] + other[:1], other[-1:] + other[:-1])
        )
        ratio = max(ratio, whole)
    if ratio >= _NEARLY_WHOLE:
        # A long family name alone must not do: Paola Marchetti is not Sofia Marchetti.
        worst = max(_worst(one, other, borne), _worst(one, other[::-1], borne))
        if whole >= _NEARLY_JOINED:
            answers.append((whole / 100 * 0.95, "names differ by a few letters"))
        elif worst >= _OTHER_WORD:
            answers.append((ratio / 100 * (0.95 if worst >= _LIKE else _UNLIKE), "names differ by a few letters"))
    best, words = max(answers)
    # Of two that are alike in one way, the one with more letters in common.
    return (best if best in (0, _MARRIED) else best * 0.8 + ratio / 100 * 0.2), words


def _part_by_part(one: tuple[str, ...], other: tuple[str, ...], borne: Mapping[str, int]) -> tuple[float, str]:
    """Given name against given name, family name against family name."""
    if len(one) == 1 or len(other) == 1:
        word = one[0] if len(one) == 1 else other[0]
        rest = other if len(one) == 1 else one
        best = max(_word(word, part) for part in rest)
        if len(one) == len(other):
            return 0.6 * best, f"name nearly the same ({word.title()}, {rest[0].title()})" if best else ""
        return _PART * best, "one name is only part of the other" if best else ""
    given, given_words = _given(one[0], other[0])
    family = _word(one[-1], other[-1])
    if _NEARLY <= family < 1 and _two_names(one[-1], other[-1], borne):
        family *= _TWO_NAMES
    if given_words.startswith("given name nearly") and _two_names(one[0], other[0], borne):
        given *= _TWO_NAMES
    conflict = 0.1 if _middles_differ(one[1:-1], other[1:-1]) else 0.03 if len(one) != len(other) else 0.0
    if family and given:
        words = [given_words] if given < 1 else []
        words += (
            [f"family name nearly the same ({one[-1].title()}, {other[-1].title()})"]
            if family < 1
            else ["same family name"]
        )
        if given == 1:
            words.insert(0, "same given name")
        return 0.4 * given + 0.6 * family - conflict, ", ".join(words)
    if given >= 0.85:
        return _MARRIED * given, f"{given_words}, another family name (perhaps a marriage)"
    if family == 1:
        return 0.41, "same family name, another given name"
    return 0.0, "names differ"


def _worst(one: tuple[str, ...], other: tuple[str, ...], borne: Mapping[str, int]) -> float:
    """How alike the given names or the family names are, whichever is less; two names that many bear are little alike."""
    return min(
        OSA.normalized_similarity(one[place], other[place])
        * (_TWO_NAMES if _two_names(one[place], other[place], borne) else 1.0)
        for place in (0, -1)
    )


def _two_names(one: str, other: str, borne: Mapping[str, int]) -> bool:
    """Whether many bear either word. What comes of a typing error, few bear beside those who bear the right word."""
    fewer, more = sorted((borne.get(one, 0), borne.get(other, 0)))
    return one != other and fewer >= max(BORNE, more / _RARELY)


def _given(one: str, other: str) -> tuple[float, str]:
    if one == other:
        return 1.0, "same given name"
    if len(one) == 1 or len(other) == 1:
        return (0.75, f"initial {one[0].upper()} for the given name") if one[0] == other[0] else (0.0, "")
    if other in related(one):
        return 0.74, f"{one.title()} and {other.title()} are forms of one given name"
    near = _word(one, other)
    return near, f"given name nearly the same ({one.title()}, {other.title()})" if near else ""


@lru_cache(maxsize=1 << 15)
def _word(one: str, other: str) -> float:
    """1 for the same word, less for one with a typing error or two, 0 for another word."""
    if one == other:
        return 1.0
    near = OSA.normalized_similarity(one, other)
    return near if near >= _NEARLY else 0.0


def _middles_differ(one: Sequence[str], other: Sequence[str]) -> bool:
    return bool(one and other) and not any(a[0] == b[0] for a in one for b in other)


# --- addresses --------------------------------------------------------------------------------------------------------


def _addresses(one: Account, other: Account, convention: Convention | None) -> tuple[float, str]:
    """How well the addresses speak for one person, 0 to 1, and why."""
    best: tuple[float, str] = (0.0, "")
    for here in one.addresses:
        for there in other.addresses:
            best = max(best, _same_address(here, there))
    for name in one.names if one.named else ():
        for there in other.addresses:
            best = max(best, _fits(name, there, convention))
    if best[0] >= _FITS:
        return best
    for name in other.names if other.named else ():
        for here in one.addresses:
            points, words = _fits(name, here, None)
            if points:
                best = max(best, (points - 0.1, words.replace("address there", "address here")))
    return best


def _same_address(here: str, there: str) -> tuple[float, str]:
    if here == there:
        return 1.0, f"same address before the @ ({here})"
    if bare(here) == bare(there) and len(bare(here)) > 1:
        digits = here[-1:].isdigit() != there[-1:].isdigit()
        return 0.85 if digits else 0.97, f"nearly the same address before the @ ({here}, {there})"
    if len(here) > 4 and _word(bare(here), bare(there)) >= 0.8:
        return _NEAR_ADDRESS, f"nearly the same address before the @ ({here}, {there})"
    return 0.0, ""


_WEAK = {"{first}": 0.4, "{last}": 0.4, "{f}{l}": 0.3}  # templates that many people fit


def _fits(name: tuple[str, ...], address: str, convention: Convention | None) -> tuple[float, str]:
    """Whether the address is what a convention makes of the name, the prevailing one best of all."""
    if len(name) < 2 or (name[0] not in address and name[-1] not in address and len(address) > 2):
        return 0.0, ""
    made = local_parts(name[0], name[-1])
    template = made.get(address)
    plain = template or made.get(address.rstrip("0123456789"))
    if plain is None:
        return 0.0, ""
    shown = plain.replace("{", "").replace("}", "")
    points = _WEAK.get(plain, _FITS) - (0.0 if template else 0.1)
    if convention is not None and plain == convention.template and plain not in _WEAK:
        return points + 0.1, f"the address there is what the name gives by the usual pattern {shown}"
    return points, f"the address there fits the name ({shown})"
