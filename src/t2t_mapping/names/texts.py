"""From a name as typed to its text: lower-case words, one blank between them, hyphens kept inside words.

Titles and status brackets are gone, "Last, First" is undone, Jr, Sr, II ... stand at the end. Marks and letters such as `ø` are
still there.
"""

from __future__ import annotations

import re
from functools import lru_cache, partial

import polars as pl

from t2t_mapping.names.folding import MARKS, only

__all__ = ["GENERATIONS", "texts"]

# --- what the steps know ------------------------------------------------------------------------------------------

# Vanish: apostrophes in all their shapes, soft hyphen, zero-width and direction characters, tatweel, fillers. Before
# NFKC, which would turn U+00B4 into a blank and an accent.
_VANISH = (
    "['`´ʹʻ-ʿˈˊˋʼꞌ՚׳‘’‛′‵＇｀\u0384\u1fbd\u1fbf\u1fef\u1ffd\u1ffe"
    "\u00ad\u034f\u0640\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\U000e0000-\U000e0fff]"
)
# One shape for each kind of punctuation that means something, and letters that only look different on two keyboards.
_UNIFIED = dict(zip("‐‑‒–—−，،、﹐[{<【〔「［｛＜]}>】〕」］｝＞ςیک", "------,,,,((((((((()))))))))σيك", strict=True))
_AFTER_DR = "(?: (?:med|dent|vet|rer nat|rer pol|phil|jur|iur|h c|habil|univ|techn|oec))*"
_TITLE = (
    f"(?:(?:dr|prof|professor){_AFTER_DR}|d?dra?|drs|dr-ing|univ-prof|mrs?|ms|miss|mx|herrn?|frau|hr|ing|engr|ir|dipl"
    "|dipl-(?:ing|kfm|kff|inf|phys|chem|math|psych|vw)|m?mag|mgr|bc|sir|dame|rev|sra?|srta|señora?|señorita|mme"
    "|mlle|monsieur|madame|dott ssa|dottssa|dott|dottore|dottoressa|avv|arq|lic|mudr|judr|rndr|phdr|dhr|mevr"
    "|проф|профессор|д-р|г-н|г-жа)"
)
_DEGREE = "(?:dr|prof|ing|dipl-ing|m?mag|ph ?d|mba|msc|bsc|mphil|drsc|csc|esq)"
GENERATIONS = ("jr", "sr", "ii", "iii", "iv")
_GENERATION = f"(?:{'|'.join(GENERATIONS)})"
_STATUS = (
    "ext|externals?|externe?[rns]?|extern[oaáí]|estern[oa]|ekstern|zewnętrzn[ya]|внешний|contractor|contract"
    "|consultant|consulting|consultor|consulente|berater|beraterin|prestataire|freelancer?|guest|gast|invit[eé]e?|invitad[oa]|ospite"
    "|vendor|supplier|agency|temp|temporary|temporär|intern|trainee|praktikant|praktikantin|stagiaire|werkstudent"
    "|werkstudentin|apprentice|azubi|inactive|inaktiv|disabled|leaver|外部|ゲスト|来宾"
)
_LEGAL_FORM = "(?: (?:inc|ltd|limited|llc|corp|gmbh|ag|se|kg|plc|bv|nv|sa|srl|spa|ab|oy|group))?"


# --- from a name as typed to its text -----------------------------------------------------------------------------

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
    tenants = [
        f"{re.escape(text)}{_LEGAL_FORM}"
        for word in sorted(tenant_words)
        if (text := _tokens(pl.Series([word])).item().strip())
    ]
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


def _tokens(names: pl.Series) -> pl.Series:
    """Words, commas and round brackets, a blank on either side of each."""
    names = names.str.replace_all(_VANISH, "").str.normalize("NFKC").str.to_lowercase()
    names = _walk(names.str.replace_many(_UNIFIED), _BEFORE).str.replace_all(r"[^\p{L}\p{M}\p{N},()\-]", " ")
    return _walk(" " + names + " ", _AFTER)


def _walk(texts: pl.Series, steps: _Steps) -> pl.Series:
    def replaced(some: pl.Series, replacements: tuple[tuple[str, str], ...]) -> pl.Series:
        for pattern, replacement in replacements:
            some = some.str.replace_all(pattern, replacement)
        return some

    for needle, replacements in steps:
        texts = only(texts, texts.str.contains(needle), partial(replaced, replacements=replacements))
    return texts


def texts(names: pl.Series, tenant_words: frozenset[str]) -> pl.Series:
    """The text of every name; null where it has no letters. Plain names (most of them) are only put into lower case."""

    def costly(some: pl.Series) -> pl.Series:
        some = _walk(_tokens(some), _steps(tenant_words)).str.strip_chars(" ")
        return some.set(~some.str.contains(r"\p{L}"), None)

    special = f"(?:^| )(?:{_TITLE}|{_DEGREE}|{_GENERATION}|junior|senior)(?: |$)"
    lower = names.str.to_lowercase()
    plain = names.str.contains("^[A-Za-z]+(?: [A-Za-z]+)*$") & ~lower.str.contains(special)
    at = (~plain).arg_true()
    return lower if at.is_empty() else lower.scatter(at, costly(names.gather(at)))
