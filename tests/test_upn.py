"""Addresses: which are valid, how they are taken apart, and what is said of those that are not."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import polars as pl
import pytest

from t2t_mapping import upn
from t2t_mapping.upn import problem, show


def each(function: object, texts: Sequence[str | None]) -> list[object]:
    """What an expression of the module says of each text."""
    assert callable(function)
    return (
        pl.DataFrame({"text": list(texts)}, schema={"text": pl.String})
        .select(function(pl.col("text")))
        .to_series()
        .to_list()
    )


VALID = [
    "a@b.c",
    "ann.lee@contoso.com",
    "a.b.c@x.y.z",
    "ANN@CONTOSO.COM",
    "A0'-_!#^~9@a-b.c0m",
    "aa@bb-cc--dd.ee",
    "a" * 64 + "@x.yz",
    "a@" + "b" * 44 + ".com",
    "a" * 64 + "@" + "b" * 44 + ".com",
]
INVALID = [
    "",
    "ann",
    "ann@contoso",
    "@contoso.com",
    "ann@",
    "ann@.com",
    "ann@contoso.",
    "ann@contoso..com",
    "ann@-contoso.com",
    "ann@contoso-.com",
    "ann@contoso.-com",
    "ann@contoso.com-",
    ".ann@contoso.com",
    "ann.@contoso.com",
    "ann..lee@contoso.com",
    "ann@b@contoso.com",
    " ann@contoso.com",
    "ann@contoso.com ",
    "ann lee@contoso.com",
    "ann@con toso.com",
    "ann@contoso.com\n",
    "ann+1@contoso.com",
    "ann@con_toso.com",
    "(ann@contoso.com",
    "\u0430nn@contoso.com",
    "\u212aim@contoso.com",
    "ann@contoso.c\u043em",
    "ünn@contoso.com",
    "a" * 65 + "@x.yz",
    "a@" + "b" * 45 + ".com",
]


def test_what_entra_allows() -> None:
    """Only these characters, exactly one @, labels with dots between, 64 before and 48 after."""
    assert [text for text in VALID if not each(upn.valid, [text])[0]] == []
    assert [text for text in INVALID if each(upn.valid, [text])[0]] == []
    assert each(upn.valid, [None]) == [None]


def test_keys_are_lower_case_and_only_of_valid_addresses() -> None:
    """Nothing folds into an ASCII letter: the Kelvin sign is no k."""
    assert each(upn.key, VALID) == [text.lower() for text in VALID]
    assert each(upn.key, [*INVALID, None]) == [None] * (len(INVALID) + 1)


@pytest.mark.parametrize(
    ("function", "text", "expected"),
    [
        ("fold", "Ann@Contoso.COM", "ann@contoso.com"),
        ("fold", "\u212aim", None),
        ("fold", "Ünn", None),
        ("fold", "", ""),
        ("fold", None, None),
        ("trimmed", " \u00a0ann\t\n", "ann"),
        ("trimmed", "a b", "a b"),
        ("trimmed", "x", "x"),
        ("trimmed", " \u00a0\t", None),
        ("trimmed", "", None),
        ("trimmed", None, None),
        ("local_part", "ann.lee@contoso.com", "ann.lee"),
        ("local_part", "a@b.c", "a"),
        ("local_part", None, None),
        ("domain", "ann.lee@contoso.com", "contoso.com"),
        ("domain", "a@b.c", "b.c"),
        ("domain", None, None),
        ("is_guest", "jo_contoso.com#ext#@fabrikam.com", True),
        ("is_guest", "jo#ext@fabrikam.com", False),
        ("is_guest", None, None),
        ("home_address", "jo_contoso.com#ext#@fabrikam.com", "jo@contoso.com"),
        ("home_address", "jo_ann_contoso.com#ext#@fabrikam.com", "jo_ann@contoso.com"),
        ("home_address", "jo#1_contoso.com#ext#@fabrikam.com", "jo#1@contoso.com"),
        ("home_address", "_contoso.com#ext#@fabrikam.com", None),
        ("home_address", "jo_#ext#@fabrikam.com", None),
        ("home_address", "jo#ext#@fabrikam.com", None),
        ("home_address", "jo_contoso.com@fabrikam.com", None),
        ("home_address", None, None),
        ("cloud", "contoso.onmicrosoft.com", "public"),
        ("cloud", "contoso.onmicrosoft.us", "US government"),
        ("cloud", "contoso.partner.onmschina.cn", "China"),
        ("cloud", "contoso.com", None),
        ("cloud", "onmicrosoft.com.example.org", None),
        ("cloud", "contoso.onmicrosoft.com.org", None),
        ("cloud", "contoso.onmicrosoft.us.org", None),
        ("cloud", "contoso.onmschina.cn.org", None),
        ("cloud", None, None),
        ("show_text", "Jörg\u202e", "Jörg<U+202E>"),
        ("show_text", "a\u200bb\u200bc\ufeff", "a<U+200B>b<U+200B>c<U+FEFF>"),
        ("show_text", "Jörg <b>", "Jörg <b>"),
        ("show_text", None, None),
    ],
)
def test_parts(function: str, text: str | None, expected: object) -> None:
    """One text through one function."""
    assert each(getattr(upn, function), [text, text]) == [expected, expected]


def test_invisible_characters_are_shown_and_no_others() -> None:
    """Control characters, and those that stand nowhere or turn the text around; every letter and sign stays."""
    hidden = {
        *(chr(c) for c in range(0x110000) if unicodedata.category(chr(c)) == "Cc"),
        *"\u00ad\u061c\u180e\ufeff",
        *map(chr, range(0x200B, 0x2010)),  # zero-width, left-to-right and right-to-left mark
        *map(chr, range(0x2028, 0x202F)),  # line and paragraph separator, embeddings and overrides
        *map(chr, range(0x2060, 0x206A)),  # word joiner, invisible operators, isolates
        *map(chr, range(0xFFF9, 0xFFFC)),  # interlinear annotation
        *map(chr, range(0xE0000, 0xE0080)),  # tags
    }
    around = {chr(ord(c) + step) for c in hidden for step in (-1, 1) if ord(c) + step >= 0}
    texts = sorted(hidden | around | set("aä ~Яя中"))
    shown = [f"<U+{ord(c):04X}>" if c in hidden else c for c in texts]
    assert each(upn.show_text, texts) == shown
    assert each(upn.show_text, [f"\u200b{c}" for c in texts]) == [f"<U+200B>{c}" for c in shown]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (" ann@contoso.com~", " ann@contoso.com~"),
        ("jоhn", "jоhn [character 2: U+043E CYRILLIC SMALL LETTER O]"),
        ("\u212aim", "\u212aim [character 1: U+212A KELVIN SIGN]"),
        ("a\u200bb\tc\x7f", "a<U+200B>b<U+0009>c<U+007F>"),
        ("a\u00a0b\u0301", "a<U+00A0>b<U+0301>"),
        (
            "£١€”",
            "£١€” [character 1: U+00A3 POUND SIGN, character 2: U+0661 ARABIC-INDIC DIGIT ONE, character 3: U+20AC EURO SIGN and 1 more]",
        ),
        ("\U000e0041", "<U+E0041>"),
        ("a" * 120, "a" * 120),
        ("a" * 121, "a" * 120 + "…"),
        ("", ""),
    ],
)
def test_show(text: str, shown: str) -> None:
    """What can be seen stays, and behind it stands what is no ASCII; what cannot be seen is its code point."""
    assert show(text) == shown


def test_show_shortens() -> None:
    """To the number of characters asked for."""
    assert show("abcd", limit=4) == "abcd"
    assert show("abcde", 4) == "abcd…"


TOO_LONG = "is too long: {} characters before the @ and {} after it; 64 and 48 are allowed."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("jоhn@x.com", "jоhn@x.com is not an address: character 2 is U+043E CYRILLIC SMALL LETTER O."),
        ("a b@x.com", "a b@x.com is not an address: character 2 is a blank (U+0020 SPACE)."),
        ("ann\n@x.com", "ann<U+000A>@x.com is not an address: character 4 is a line break."),
        ("ann\t@x.com", "ann<U+0009>@x.com is not an address: character 4 is a tab."),
        ("ann@x.com\u200b", "ann@x.com<U+200B> is not an address: character 10 is U+200B ZERO WIDTH SPACE."),
        ("a\x01b@x.com", "a<U+0001>b@x.com is not an address: character 2 is U+0001, a control character."),
        (
            "öédcä@ü.com",
            "öédcä@ü.com is not an address: character 1 is U+00F6 LATIN SMALL LETTER O WITH "
            "DIAERESIS, character 2 is U+00E9 LATIN SMALL LETTER E WITH ACUTE, character 5 is U+00E4 LATIN SMALL LETTER A WITH "
            "DIAERESIS (and 1 more).",
        ),
        (
            "'ann@x.com",
            "'ann@x.com is not an address: it begins with an apostrophe, as a spreadsheet's mark of text does.",
        ),
        ("mailto:ann@x.com", "mailto:ann@x.com is a link, not an address: leave out “mailto:”."),
        ("Ann Lee <ann@x.com>", "Ann Lee <ann@x.com> is a name with an address; only the address belongs here."),
        (
            "i:0#.f|membership|ann@x.com",
            "i:0#.f|membership|ann@x.com is a claim of SharePoint; the address is what follows the last “|”.",
        ),
        ("S-1-5-21-1-2-3-500", "S-1-5-21-1-2-3-500 is a security identifier (SID), not an address."),
        ("CONTOSO\\ann", "CONTOSO\\ann is an account of a Windows domain (DOMAIN\\user), not an address."),
        ("SMTP:ann@x.com", "SMTP:ann@x.com is a proxy address: leave out what stands before the “:”."),
        ("ann@x.com; bob@x.com", "ann@x.com; bob@x.com is more than one address in one cell."),
        ("ann@x.com\nbob@x.com", "ann@x.com<U+000A>bob@x.com is more than one address in one cell."),
        ("ann.x.com", "ann.x.com has no @."),
        ("a@b@x.com", "a@b@x.com has more than one @."),
        ("~", "~ has no @."),
        ("a" * 65 + "@x.com", "a" * 65 + "@x.com " + TOO_LONG.format(65, 5)),
        ("a@" + "b" * 45 + ".com", "a@" + "b" * 45 + ".com " + TOO_LONG.format(1, 49)),
        (
            "a+" + "a" * 62 + "@" + "b" * 44 + ".com",  # as long as may be
            "a+"
            + "a" * 62
            + "@"
            + "b" * 44
            + ".com is not valid: only letters, digits and ' . - _ ! # ^ ~ are allowed "
            "before the @.",
        ),
        ("ann@contoso", "ann@contoso is not valid: there is no dot in the part after the @."),
        ("a+b@x.com", "a+b@x.com is not valid: only letters, digits and ' . - _ ! # ^ ~ are allowed before the @."),
        ("a+b@x.1", "a+b@x.1 is not valid: only letters, digits and ' . - _ ! # ^ ~ are allowed before the @."),
        # a name that only stands for one's own machine is said to be wrong for its signs, not for what it stands for
        (
            "a+b@x.local",
            "a+b@x.local is not valid: only letters, digits and ' . - _ ! # ^ ~ are allowed before the @.",
        ),
    ],
)
def test_what_is_said_of_an_address_that_is_not_valid(text: str, said: str) -> None:
    """The fault in words, and the character by its name."""
    assert problem(text)[: len(said) + 60].startswith(said)
    if said.endswith("."):
        assert problem(text) == said


@pytest.mark.parametrize("text", ["ann..lee@x.com", ".ann@x.com", "ann.@x.com", "ann@x..com", "ann@-x.com", "@x.com"])
def test_faults_of_form_are_said_in_the_words_of_the_address_library(text: str) -> None:
    """It knows better why such an address is wrong."""
    from email_validator import EmailNotValidError, validate_email

    with pytest.raises(EmailNotValidError) as caught:
        validate_email(text, check_deliverability=False, globally_deliverable=False)
    assert problem(text) == f"{text} is not valid: {caught.value}"


def test_the_column_of_addresses_is_found_by_its_values() -> None:
    """Loosely: one @ with something on both sides and a dot after it, nothing that separates values."""
    texts = ["a@b.c", "аnn@contoso.com", "a+b@x.y.z", "a@b", "@b.c", "a@.", "a@b.", "a@b@c.d", "a b@c.d", "a@b.c,d@e.f"]
    texts += ["a@b.c;x", "a,a@b.c", " a@b.c", "a@b.c ", "a@b c.d", "a@b.c@d"]
    assert [text for text in texts if each(lambda c: c.str.contains(upn.LOOKS_LIKE_UPN), [text])[0]] == texts[:3]
