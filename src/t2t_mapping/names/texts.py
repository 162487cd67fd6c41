"""From a name as typed to its text: lower-case words, one blank between them, hyphens kept inside words.

What is no part of the name is gone (titles, status words, a tenant's habits), "Last, First" is undone, Jr, Sr, II ... stand at the
end. Marks and letters such as `ø` are still there. A name whose letters an export lost has no text: it is unknown.
"""

from __future__ import annotations

import re
from functools import lru_cache, partial

import polars as pl

from t2t_mapping.names.folding import MARKS, only
from t2t_mapping.names.habits import LEGAL_FORM, NO_HABITS, STATUS, Habits, tenants_of, trimmed
from t2t_mapping.names.letters import lower, restored

__all__ = ["GENERATIONS", "texts"]

_AFTER_DR = "(?: (?:med|dent|vet|rer nat|rer pol|phil|jur|iur|h c|habil|univ|techn|oec))*"
_SURE_TITLE = "(?:dr|prof|professor|mrs?|ms|herrn?|frau|mme|mlle|monsieur|madame|проф|профессор|д-р|г-н|г-жа)"
_TITLE = (
    f"(?:(?:dr|prof|professor){_AFTER_DR}|d?dra?|drs|dr-ing|univ-prof|mrs?|ms|miss|mx|herrn?|frau|hr|ing|engr|ir|dipl"
    "|dipl-(?:ing|kfm|kff|inf|phys|chem|math|psych|vw)|m?mag|mgr|bc|sir|dame|rev|sra?|srta|señora?|señorita|mme"
    "|mlle|monsieur|madame|dott ssa|dottssa|dott|dottore|dottoressa|avv|arq|lic|mudr|judr|rndr|phdr|dhr|mevr"
    "|проф|профессор|д-р|г-н|г-жа)"
)
_DEGREE = "(?:(?:dr|prof|dipl)[ -]ing|dr|prof|m?mag|ph ?d|mba|msc|bsc|mphil|drsc|csc|esq)"
_BEHIND_COMMA = f"(?:{_TITLE}|{_DEGREE}|ing)"
GENERATIONS = ("jr", "sr", "ii", "iii", "iv")
_GENERATION = f"(?:{'|'.join(GENERATIONS)})"
_PREFIX = "(?:ext|externals?|externe?r?)"  # EXT John Smith

# Only where the first pattern is found, (pattern, replacement) in order.
_Steps = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]

_BEFORE: _Steps = (("i\u0307", (("i\u0307", "i"),)), (r"\.-", ((r"\.-", "-"),)))  # i̇pek; Dipl.-Ing.
_AFTER: _Steps = (
    (r"[,()]", ((r"([,()])", " $1 "),)),
    (f"[ -]{MARKS}", ((f"([ -]){MARKS}+", "$1"),)),  # marks on nothing
    ("  |-", (("--+", "-"), ("-? [- ]*", " "))),
)


@lru_cache(maxsize=32)
def _steps(tenant_words: frozenset[str]) -> _Steps:
    """The steps from tokens (words, commas, brackets) to text; a blank stands on either side of every token."""
    tenants = [f"{re.escape(word)}{LEGAL_FORM}" for word in tenants_of(tenant_words)]
    two_words = r"[^ ,]+ .*[^ ,]"  # titles and degrees never leave fewer
    return (
        (r"[()]", ((rf"\( (?:(?:{'|'.join([*tenants, STATUS])})[ -])+\) ", ""), (r"[()] ", ""))),
        (
            f"^ {_PREFIX} | {_PREFIX} $",
            ((f"^ {_PREFIX} ({two_words}) $", " $1 "), (f"^ ({two_words}) {_PREFIX} $", " $1 ")),
        ),
        (f"^ {_TITLE} ", ((f"^ (?:{_TITLE} )+({two_words}) $", " $1 "), (f"^ (?:{_SURE_TITLE} )+([^ ,]|$)", " $1"))),
        (f" {_DEGREE} $", ((rf"^( \S+ .*?\S)(?: {_DEGREE})+ $", "$1 "),)),
        (
            ",",
            (
                (f", ({_GENERATION}) (,|$)", "$1 $2"),  # Smith, John, Jr.
                (
                    f"^( [^ ,]+ .*?[^ ,])(?: ,(?: {_BEHIND_COMMA})+)+ $",
                    "$1 ",
                ),  # Smith, John, Dr.
                (f", (?:{_BEHIND_COMMA} )+([^ ,])", ", $1"),  # Smith, Dr. John
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


def _tokens(names: pl.Series) -> pl.Series:
    """Words, commas and round brackets, a blank on either side of each."""
    names = _walk(names, _BEFORE).str.replace_all(r"[^\p{L}\p{M}\p{N},()\-]", " ")
    return _walk(" " + names + " ", _AFTER)


def _walk(texts: pl.Series, steps: _Steps) -> pl.Series:
    def replaced(some: pl.Series, replacements: tuple[tuple[str, str], ...]) -> pl.Series:
        for pattern, replacement in replacements:
            some = some.str.replace_all(pattern, replacement)
        return some

    def walked(some: pl.Series) -> pl.Series:
        for needle, replacements in steps:
            some = only(some, some.str.contains(needle), partial(replaced, replacements=replacements))
        return some

    return only(texts, texts.str.contains("|".join(needle for needle, _ in steps)), walked)


_SPECIAL = f"(?:^| )(?:{_TITLE}|{_DEGREE}|{_GENERATION}|{_PREFIX}|junior|senior)(?: |$)"
_LAST_FIRST = rf"^(\S+) (.+?)((?: (?:{'|'.join(GENERATIONS)}))?)$"


def texts(names: pl.Series, habits: Habits = NO_HABITS) -> pl.Series:
    """The text of every name; null where it has no letters. Plain names (most of them) are only put into lower case."""

    def costly(some: pl.Series) -> pl.Series:
        some = trimmed(lower(restored(some)), habits)
        commas = some.str.contains(",", literal=True)
        some = _walk(_tokens(some), _steps(habits.tenants)).str.strip_chars(" ")
        some = some.set(~some.str.contains(r"\p{L}"), None)
        return only(some, ~commas, turned) if habits.last_first else some

    def turned(some: pl.Series) -> pl.Series:
        return some.str.replace(_LAST_FIRST, "$2 $1$3")

    low = names.str.to_lowercase()
    plain = names.str.contains("^[A-Za-z]+(?: [A-Za-z]+)*$") & ~low.str.contains(_SPECIAL)
    if habits.last_first:
        low = turned(low)
    at = (~plain).arg_true()
    return low if at.is_empty() else low.scatter(at, costly(names.gather(at)))
