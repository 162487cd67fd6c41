"""Are two full names compatible? `jsmith@contoso.com` is often not `jsmith@fabrikam.com`.

A name goes through three forms, each made from the one before:

- *text*: lower-case words, one blank between them, hyphens kept inside words; titles and status brackets are gone,
  "Last, First" is undone, Jr, Sr, II ... stand at the end. Marks and letters such as `ø` are still there.
- *words*: the text cut at blanks and hyphens.
- *folded* words: marks and letters folded to the plain letter. `ä ö ü å ø` have a second, spelt-out form (`ae` ...).

`_judge` first tests for the same words, then for what rules every other agreement out (other scripts, numbers, Jr
against Sr), then for the lesser agreements; whatever none of these explains is contradictory. Text is made by one table
of steps for both engines: polars for columns, `re` for single names.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import accumulate, product
from typing import Final

import polars as pl

from t2t_mapping.names.short_forms import SHORT_FORMS

__all__ = ["VERDICTS", "compare", "prepared", "template_parts", "verdict", "words"]

VERDICTS: Final = ("compatible", "unknown", "doubtful", "contradictory")
"""Every verdict, from best to worst."""
COMPATIBLE, UNKNOWN, DOUBTFUL, CONTRADICTORY = VERDICTS

# --- what the steps know ------------------------------------------------------------------------------------------

# Vanish: apostrophes in all their shapes, soft hyphen, zero-width and direction characters, tatweel, fillers. Before
# NFKC, which would turn U+00B4 into a blank and an accent.
_VANISH = (
    "['`´ʹʻ-ʿˈˊˋʼꞌ՚׳‘’‛′‵＇｀\u0384\u1fbd\u1fbf\u1fef\u1ffd\u1ffe"
    "\u00ad\u034f\u0640\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\U000e0000-\U000e0fff]"
)
# The marks that may be missing in one tenant: Latin, Greek and Cyrillic diacritics, Hebrew and Arabic points, the
# Hindi nukta. Not the vowel signs of Indic scripts and Thai, nor kana voicing, which make another word.
_MARKS = (
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u08d3-\u08e1\u08e3-\u08ff\u093c\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
    "\ufe20-\ufe2f]"
)
# One shape for each kind of punctuation that means something, and letters that only look different on two keyboards.
_UNIFIED = dict(zip("‐‑‒–—−，،、﹐[{<【〔「［｛＜]}>】〕」］｝＞ςیک", "------,,,,((((((((()))))))))σيك", strict=True))
_LETTERS = dict(zip("ıæœøðđþłß", ["i", "ae", "oe", "o", "d", "d", "th", "l", "ss"], strict=True))
_SPELT = dict(zip("äöüåø", ["ae", "oe", "ue", "aa", "oe"], strict=True))
# Letters of their own, although Unicode takes them apart.
_COMPOSED = {unicodedata.normalize("NFD", letter): letter for letter in "йўї"}

_AFTER_DR = "(?: (?:med|dent|vet|rer nat|rer pol|phil|jur|iur|h c|habil|univ|techn|oec))*"
_TITLE = (
    f"(?:(?:dr|prof|professor){_AFTER_DR}|d?dra?|drs|dr-ing|univ-prof|mrs?|ms|miss|mx|herrn?|frau|hr|ing|engr|ir|dipl"
    "|dipl-(?:ing|kfm|kff|inf|phys|chem|math|psych|vw)|m?mag|mgr|bc|sir|dame|rev|sra?|srta|señora?|señorita|mme"
    "|mlle|monsieur|madame|dott ssa|dottssa|dott|dottore|dottoressa|avv|arq|lic|mudr|judr|rndr|phdr|dhr|mevr"
    "|проф|профессор|д-р|г-н|г-жа)"
)
_DEGREE = "(?:dr|prof|ing|dipl-ing|m?mag|ph ?d|mba|msc|bsc|mphil|drsc|csc|esq)"
_GENERATIONS = ("jr", "sr", "ii", "iii", "iv")
_GENERATION = f"(?:{'|'.join(_GENERATIONS)})"
_STATUS = (
    "ext|externals?|externe?[rns]?|extern[oaáí]|estern[oa]|ekstern|zewnętrzn[ya]|внешний|contractor|contract"
    "|consultant|consulting|consultor|consulente|berater|beraterin|prestataire|freelancer?|guest|gast|invit[eé]e?|invitad[oa]|ospite"
    "|vendor|supplier|agency|temp|temporary|temporär|intern|trainee|praktikant|praktikantin|stagiaire|werkstudent"
    "|werkstudentin|apprentice|azubi|inactive|inaktiv|disabled|leaver|外部|ゲスト|来宾"
)
_LEGAL_FORM = "(?: (?:inc|ltd|limited|llc|corp|gmbh|ag|se|kg|plc|bv|nv|sa|srl|spa|ab|oy|group))?"


# --- from a name as typed to its text -----------------------------------------------------------------------------

# One table of steps for both engines: only where the first pattern is found, (pattern, replacement) in order.
_Steps = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]

_BEFORE: _Steps = (("i\u0307", (("i\u0307", "i"),)), (r"\.-", ((r"\.-", "-"),)))  # i̇pek; Dipl.-Ing.
_AFTER: _Steps = (
    (r"[,()]", ((r"([,()])", " $1 "),)),
    (f"[ -]{_MARKS}", ((f"([ -]){_MARKS}+", "$1"),)),  # marks on nothing
    ("  |-", (("--+", "-"), ("-? [- ]*", " "))),
)


@lru_cache(maxsize=32)
def _steps(tenant_words: frozenset[str]) -> _Steps:
    """The steps from tokens (words, commas, brackets) to text; a blank stands on either side of every token."""
    tenants = [f"{re.escape(text)}{_LEGAL_FORM}" for word in sorted(tenant_words) if (text := _tokens(word).strip())]
    return (
        (r"[()]", ((rf"\( (?:(?:{'|'.join([*tenants, _STATUS])})[ -])+\) ", ""), (r"[()] ", ""))),
        (f"^ {_TITLE} ", ((f"^ (?:{_TITLE} )+", " "),)),
        (f" {_DEGREE} $", ((rf"^( \S+ .*?\S)(?: {_DEGREE})+ $", "$1 "),)),
        (
            ",",
            (
                (f", ({_GENERATION}) (,|$)", "$1 $2"),  # Smith, John, Jr.
                (f", (?:(?:{_TITLE}|{_DEGREE}) )+", ", "),
                ("(?:, )+", ", "),
                ("^ , ", " "),
                ("^ ([^,]+) , ([^,]+) (,.*)?$", " $2 $1 $3"),  # Last, First
                (", ", ""),
            ),
        ),
        (
            f" (?:{_GENERATION}|junior|senior) ",
            (
                ("^( .+) junior $", "$1 jr "),
                ("^( .+) senior $", "$1 sr "),
                (f"^ (.+?) ({_GENERATION}) (.+) $", " $1 $3 $2 "),  # Smith Jr, John
            ),
        ),
    )


def _walk(text: str, steps: _Steps) -> str:
    for needle, replacements in steps:
        if re.search(needle, text):
            for pattern, replacement in replacements:
                text = re.sub(pattern, re.sub(r"\$(\d)", r"\\\1", replacement), text)
    return text


def _tokens(name: str) -> str:
    """Words, commas and round brackets, a blank on either side of each."""
    text = unicodedata.normalize("NFKC", re.sub(_VANISH, "", name)).lower()
    text = _walk(text.translate({ord(old): new for old, new in _UNIFIED.items()}), _BEFORE)
    text = "".join(c if c in ",()-" or unicodedata.category(c)[0] in "LMN" else " " for c in text)
    return _walk(f" {text} ", _AFTER)


def _text(name: str | None, tenant_words: frozenset[str]) -> str | None:
    """The text of one name; None where it has no letters."""
    text = _walk(_tokens(name or ""), _steps(tenant_words)).strip(" ")
    return text if any(unicodedata.category(c)[0] == "L" for c in text) else None


def _only(values: pl.Series, where: pl.Series, change: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """`values`, changed where `where` is true; the others cost nothing."""
    at = where.arg_true()
    return values if at.is_empty() else values.clone().scatter(at, change(values.gather(at)))


def _walk_all(texts: pl.Series, steps: _Steps) -> pl.Series:
    def replaced(some: pl.Series, replacements: tuple[tuple[str, str], ...]) -> pl.Series:
        for pattern, replacement in replacements:
            some = some.str.replace_all(pattern, replacement)
        return some

    for needle, replacements in steps:
        texts = _only(texts, texts.str.contains(needle), partial(replaced, replacements=replacements))
    return texts


def _texts(names: pl.Series, tenant_words: frozenset[str]) -> pl.Series:
    """`_text` for a column. Plain names (most of them) are only put into lower case."""

    def costly(some: pl.Series) -> pl.Series:
        some = some.str.replace_all(_VANISH, "").str.normalize("NFKC").str.to_lowercase()
        some = _walk_all(some.str.replace_many(_UNIFIED), _BEFORE).str.replace_all(r"[^\p{L}\p{M}\p{N},()\-]", " ")
        some = _walk_all(_walk_all(" " + some + " ", _AFTER), _steps(tenant_words)).str.strip_chars(" ")
        return some.set(~some.str.contains(r"\p{L}"), None)

    special = f"(?:^| )(?:{_TITLE}|{_DEGREE}|{_GENERATION}|junior|senior)(?: |$)"
    lower = names.str.to_lowercase()
    plain = names.str.contains("^[A-Za-z]+(?: [A-Za-z]+)*$") & ~lower.str.contains(special)
    at = (~plain).arg_true()
    return lower if at.is_empty() else lower.scatter(at, costly(names.gather(at)))


# --- from text to folded words ------------------------------------------------------------------------------------


def _folded(texts: pl.Series, *, spelt_out: bool = False) -> pl.Series:
    """Texts to folded words, one blank between them."""

    def costly(some: pl.Series) -> pl.Series:
        some = some.str.replace_many(_SPELT) if spelt_out else some
        some = some.str.normalize("NFD").str.replace_many(_LETTERS | _COMPOSED)
        return some.str.replace_all(_MARKS, "").str.normalize("NFC")

    folded = _only(texts, texts.str.len_bytes() != texts.str.len_chars(), costly)
    return folded.str.replace_all("-", " ", literal=True)


def _marked(word: str) -> str:
    """Letters folded, marks kept (each a character of its own)."""
    word = unicodedata.normalize("NFD", word)
    for old, new in (_LETTERS | _COMPOSED).items():
        word = word.replace(old, new)
    return word


def _unmarked(word: str) -> str:
    return unicodedata.normalize("NFC", re.sub(_MARKS, "", _marked(word)))


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
def _fold(word: str) -> _Folded:
    if word.isascii():  # most words
        full_names = frozenset(_FULL_NAMES.get(word, ()))
        scripts = frozenset(() if word.isdecimal() else ("LATIN",))
        return _Folded(word, frozenset((word,)), None, scripts, len(word) == 1 and bool(scripts), full_names)
    base, marked = _unmarked(word), _marked(word)
    spellings = {base}
    if sum(map(word.count, _SPELT)) <= 6:  # each on its own (Søgård is also Sogaard), unless absurdly many
        choices = product(*((c, _SPELT[c]) if c in _SPELT else (c,) for c in word))
        spellings |= {_unmarked("".join(choice)) for choice in choices}
    scripts = frozenset(map(_script, filter(str.isalpha, word)))
    one_letter = len(re.sub(_MARKS, "", unicodedata.normalize("NFD", word))) == 1
    return _Folded(
        base=base,
        spellings=frozenset(spellings),
        marked=marked if re.search(_MARKS, marked) else None,
        scripts=scripts,
        is_initial=one_letter and bool(scripts) and scripts <= _WITH_INITIALS,
        full_names=frozenset().union(*(_FULL_NAMES.get(spelling, ()) for spelling in spellings)),
    )


@lru_cache(maxsize=1 << 12)
def _script(letter: str) -> str:
    """The first word of its Unicode name: LATIN SMALL LETTER A, KATAKANA-HIRAGANA PROLONGED SOUND MARK."""
    return re.split("[ -]", unicodedata.name(letter, "?"))[0]


# --- comparing words ----------------------------------------------------------------------------------------------


def _same_base(a: str, b: str) -> bool:
    one, other = _fold(a), _fold(b)
    return one.base == other.base and (not (one.marked and other.marked) or one.marked == other.marked)


def _same(a: str, b: str) -> bool:
    """The same word: marks count only where both carry some, `ü` is `u` or `ue`."""
    if a == b:
        return True
    one, other = _fold(a), _fold(b)
    if one.marked and other.marked and one.marked != other.marked:
        return False
    return not one.spellings.isdisjoint(other.spellings)


def _initial_of(a: str, b: str) -> bool:
    """One of the two is the initial of the other."""
    one, other = _fold(a), _fold(b)
    if one.is_initial == other.is_initial:
        return False
    initial, word = (one, other) if one.is_initial else (other, one)
    return any(spelling.startswith(initial.base) for spelling in word.spellings)


def _same_middle(a: str, b: str) -> bool:
    return _same(a, b) or _initial_of(a, b)


def _nearly_same(a: str, b: str) -> bool:
    """A short form or an initial; two words that only carry different marks are neither."""
    one, other = _fold(a), _fold(b)
    return _initial_of(a, b) or (one.base != other.base and not one.full_names.isdisjoint(other.full_names))


def _left_over(left: Sequence[str], right: Sequence[str]) -> tuple[list[str], list[str]]:
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
    for alike in (_same_base, _same):  # the closest first, so that no word takes another's counterpart
        for word in tuple(rest):
            found = next((other for other in others if alike(word, other)), None)
            if found is not None:
                rest.remove(word)
                others.remove(found)
    return rest, others


def _same_letters(left: Sequence[str], right: Sequence[str]) -> bool:
    """The same letters once blanks are removed: Mary Ann, Maryann; De La Cruz, Delacruz; O Brien, Obrien.

    An initial may join the word after it, never the one before: Carl A Jones is not Carla Jones.
    """
    if (a := "".join(left)).isascii() and (b := "".join(right)).isascii() and a != b:
        return False
    one, other = _fold(" ".join(left)), _fold(" ".join(right))
    if one.marked and other.marked and one.marked.replace(" ", "") != other.marked.replace(" ", ""):
        return False
    return any(
        a.replace(" ", "") == b.replace(" ", "") and _firm(a) <= _blanks(b) and _firm(b) <= _blanks(a)
        for a in one.spellings
        for b in other.spellings
    )


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
        if len(before) > 1 and _fold(after).is_initial
    }


def _in_order(left: Sequence[str], right: Sequence[str]) -> bool:
    """Every middle word of the shorter side is matched in order."""
    shorter, longer = sorted((left, right), key=len)
    rest = iter(longer)
    return all(any(_same_middle(word, other) for other in rest) for word in shorter)


# --- comparing names ----------------------------------------------------------------------------------------------


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
        generation = [word for word in words[1:] if word in _GENERATIONS]
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
            0 < sum(any(_same_middle(part, word) for word in other.words) for part in parts) < len(parts)
            for parts in self.hyphenated
        )


def _judge(left_text: str, right_text: str) -> str:
    """Compare two texts; the first test that applies decides."""
    left, right = map(_Name.parse, sorted((left_text, right_text)))  # sorted: left and right can never matter

    # The same words in any order.
    left_rest, right_rest = _left_over(left.words, right.words)
    if not left_rest and not right_rest:
        return COMPATIBLE

    # Nothing to go by.
    if all(_fold(a).scripts.isdisjoint(_fold(b).scripts) for a in left.core for b in right.core):
        return UNKNOWN

    # Hard signs of two persons (or rooms), whatever else agrees.
    for one, other in ((left.numbers, right.numbers), (left.generation, right.generation)):
        if one and other and one != other:
            return CONTRADICTORY
    both_agree = left.numbers == right.numbers and left.generation == right.generation
    agrees = COMPATIBLE if both_agree else DOUBTFUL
    if left.generation or right.generation:
        left_rest, right_rest = _left_over(left.core, right.core)
    if _same_letters(left.core, right.core):
        return agrees
    left_cjk, right_cjk = (
        any(not _fold(word).scripts.isdisjoint(_CJK) for word in rest) for rest in (left_rest, right_rest)
    )
    if left_cjk and right_cjk:
        return CONTRADICTORY
    if left_cjk or right_cjk:
        agrees = DOUBTFUL

    # Equal first and last words: the middle decides.
    first, last = (left.core[0], right.core[0]), (left.core[-1], right.core[-1])
    same_first = _same(*first) and not _fold(first[0]).is_initial
    same_last = _same(*last) and not _fold(last[0]).is_initial
    middles_agree = _in_order(left.core[1:-1], right.core[1:-1])
    if same_first and same_last and middles_agree and min(len(left.core), len(right.core)) > 1:
        return DOUBTFUL if left.is_halved_in(right) or right.is_halved_in(left) else agrees

    # The words of one side contained in the other's in any other way.
    if not left_rest or not right_rest:
        return DOUBTFUL

    # One word written otherwise: a short form or an initial (wherever it stands: Smith J, John Smith).
    if len(left_rest) == len(right_rest) == 1 and _nearly_same(left_rest[0], right_rest[0]):
        return DOUBTFUL

    # Different middle words or initials.
    if not middles_agree:
        return CONTRADICTORY

    # The given name agrees and the family name does not, or the other way round.
    if same_first:
        return DOUBTFUL
    if (same_last or _same_letters(left.core[1:], right.core[1:])) and _nearly_same(*first):
        return DOUBTFUL
    return CONTRADICTORY


_LONGEST = 256  # No directory allows longer names; a longer text is only tested for the same words, which is linear.


def _verdict(left: str | None, right: str | None) -> str:
    """`_judge` for texts that may be missing or absurdly long."""
    if left is None or right is None:
        return UNKNOWN
    if max(len(left), len(right)) <= _LONGEST:
        return _judge(left, right)
    bags = [Counter(_unmarked(text).replace("-", " ").split()) for text in (left, right)]
    return COMPATIBLE if bags[0] == bags[1] else DOUBTFUL


# At least two words as typed, brackets apart: "John Smith" is a name even where the local part is john.smith.
_TWO_WORDS: Final = r"^\s*[^\s(<\[{]+\s+[^\s(<\[{]"


def _is_local_part(name: str | None, text: str | None, local: str | None, tenant_words: frozenset[str]) -> bool:
    """The name is merely the account's local part, perhaps with other punctuation or a domain: j.smith, JSmith."""
    if not (name and text and local) or (" " in text and re.search(_TWO_WORDS, name)):
        return False
    key = re.sub("[^a-z0-9]", "", local.lower())
    word = re.sub("[ -]", "", _text(name.partition("@")[0], tenant_words) or "")
    return bool(key) and key in _fold(word).spellings


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
    tenants = frozenset(tenant_words)
    left_text, right_text = _text(left, tenants), _text(right, tenants)
    if _is_local_part(left, left_text, left_local, tenants) or _is_local_part(right, right_text, right_local, tenants):
        return UNKNOWN
    return _verdict(left_text, right_text)


def compare(pairs: pl.DataFrame, *, tenant_words: Collection[str] = ()) -> pl.Series:
    """`verdict` for every row: names that agree at a glance as columns, each other distinct pair once.

    Args:
        pairs: String columns `left`, `right` (full names as typed) and `left_local`, `right_local` (local parts).
        tenant_words: As for `verdict`.

    Returns:
        Series `verdict`, Enum of `VERDICTS`, one value per row of `pairs`, in its order.
    """
    tenants = frozenset(tenant_words)
    sides, locals_ = ["left", "right"], ["left_local", "right_local"]
    columns = [*sides, *locals_]
    frame = pairs.select(columns)
    # Most pairs carry one name, typed alike on both sides: what is worked out for the one serves the other.
    differ = frame["left"].ne_missing(frame["right"]).arg_true()
    for form, of, function in (("text", "", partial(_texts, tenant_words=tenants)), ("folded", "_text", _folded)):
        one = function(frame[f"left{of}"])
        other = one.clone().scatter(differ, function(frame[f"right{of}"].gather(differ))) if len(differ) else one
        frame = frame.with_columns(one.alias(f"left_{form}"), other.alias(f"right_{form}"))
    frame = frame.with_columns(
        (pl.col(f"{side}_text").str.contains(" ", literal=True) & pl.col(side).str.contains(_TWO_WORDS)).alias(
            f"{side}_named"
        )
        for side in sides
    )
    left, right = pl.col("left_text"), pl.col("right_text")
    # Marks on one side only cannot disagree.
    marks_agree = (left == right) | pl.any_horizontal(
        text.str.len_bytes() == text.str.len_chars() for text in (left, right)
    )
    named = pl.all_horizontal(pl.col(f"{side}_named") | pl.col(f"{side}_local").is_null() for side in sides)
    answers = frame.select(
        pl.when(left.is_null() | right.is_null())
        .then(pl.lit(UNKNOWN))
        .when((pl.col("left_folded") == pl.col("right_folded")) & marks_agree & named)
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
    left_bag, right_bag = (pl.col(f"{side}_folded").str.split(" ").list.sort() for side in sides)
    quick = distinct.select((left_bag == right_bag) & marks_agree & pl.all_horizontal(pl.col(locals_).is_null()))
    found = [
        COMPATIBLE
        if is_quick
        else UNKNOWN
        if _is_local_part(a, a_text, a_local, tenants) or _is_local_part(b, b_text, b_local, tenants)
        else _verdict(a_text, b_text)
        for is_quick, (a, b, a_local, b_local, a_text, b_text) in zip(
            quick.to_series(), distinct.select(*columns, left, right).iter_rows(), strict=True
        )
    ]
    lookup = distinct.select(columns).with_columns(verdict=pl.Series(found, dtype=pl.Enum(VERDICTS)))
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
    tenants = frozenset(tenant_words)
    # A function of whole columns, because an expression cannot leave out the rows that need no costly step.
    return name.map_batches(
        lambda names: _folded(_texts(names, tenants), spelt_out=spelt_out), return_dtype=pl.String, is_elementwise=True
    )


def words(name: str | None, tenant_words: Collection[str] = ()) -> tuple[str, ...]:
    """The words of `prepared`, for one name; empty where there are no letters."""
    text = _text(name, frozenset(tenant_words))
    return tuple(_unmarked(text).replace("-", " ").split()) if text else ()


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
    texts = _texts(names.cast(pl.String), frozenset(tenant_words))
    (given, family), (given_spelt, family_spelt) = (
        _folded(texts, spelt_out=spelt_out).str.extract_groups("^([a-z0-9]+) ([a-z0-9]+)$").struct.unnest()
        for spelt_out in (False, True)
    )
    differ = (given != given_spelt) | (family != family_spelt)
    return pl.select(
        pl.when(differ).then(pl.concat_list(plain, spelt)).when(~differ).then(pl.concat_list(plain)).alias(column)
        for column, plain, spelt in (("given", given, given_spelt), ("family", family, family_spelt))
    )
