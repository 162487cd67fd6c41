"""The only place where the case of an address is folded and an address is taken apart.

Source of the rules: Microsoft Entra documentation, "user principal name policies" (concept-sspr-policy): before the `@`
only `A-Z a-z 0-9 ' . - _ ! # ^ ~`, exactly one `@`, no dot right before it, at most 64 characters before and 48 after
it, which makes 113 in all. Everything here is ASCII: a Kelvin sign must not fold into a `k`, nor a Cyrillic `а` pass for an `a`.
"""

from __future__ import annotations

import re
import unicodedata

import polars as pl

__all__ = [
    "INVISIBLE",
    "LOOKS_LIKE_UPN",
    "cloud",
    "domain",
    "fold",
    "home_address",
    "is_ascii",
    "is_guest",
    "key",
    "local_part",
    "problem",
    "show",
    "show_text",
    "trimmed",
    "valid",
]

_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_FIRST = r"A-Za-z0-9\-_!#^~"  # an apostrophe there is a spreadsheet's mark of text
_SIGNS = f"{_FIRST}'"
_PATTERN = rf"^[{_FIRST}][{_SIGNS}]*(?:\.[{_SIGNS}]+)*@{_LABEL}(?:\.{_LABEL})+$"
# A dot at the start and two dots in a row are allowed characters, but no e-mail format; the service checks that format.

LOOKS_LIKE_UPN = r"^[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+$"
"""Loose form, to find the column of user principal names by its values."""

INVISIBLE = (
    r"[\x00-\x1f\x7f-\x9f\u{00ad}\u{061c}\u{180e}\u{200b}-\u{200f}\u{2028}-\u{202e}\u{2060}-\u{2069}\u{feff}"
    r"\u{fff9}-\u{fffb}\u{e0000}-\u{e007f}]"
)
"""Control, bidirectional and zero-width characters: they change what a reader sees."""

_HOME = r"^(.+)_([^_#]+)#ext#@"

_MAX_LOCAL, _MAX_DOMAIN = 64, 48


def trimmed(text: pl.Expr) -> pl.Expr:
    """Text without outer blanks (no-break blanks too); null when nothing is left."""
    stripped = text.str.strip_chars()
    return pl.when(stripped.str.len_bytes() > 0).then(stripped)


def valid(text: pl.Expr) -> pl.Expr:
    """Whether the trimmed text is a user principal name that Entra allows and a mapping file may hold."""
    return (
        text.str.contains(_PATTERN)
        & (text.str.find("@", literal=True) <= _MAX_LOCAL)
        & (text.str.len_bytes() - text.str.find("@", literal=True) - 1 <= _MAX_DOMAIN)
    )


def is_ascii(text: pl.Expr) -> pl.Expr:
    """Whether a text has no other characters than ASCII's."""
    return text.str.len_bytes() == text.str.len_chars()


def fold(text: pl.Expr) -> pl.Expr:
    """Lower case, for ASCII text only; null for any other, so that nothing folds into a Latin letter by accident."""
    return pl.when(is_ascii(text)).then(text.str.to_lowercase())


def key(text: pl.Expr) -> pl.Expr:
    """The one form that joins use; null unless the text is a valid user principal name. ASCII is checked first."""
    return pl.when(valid(text)).then(text.str.to_lowercase())


def local_part(upn_key: pl.Expr) -> pl.Expr:
    """What stands before the `@` of a key."""
    return upn_key.str.slice(0, upn_key.str.find("@", literal=True))


def domain(upn_key: pl.Expr) -> pl.Expr:
    """What stands after the `@` of a key."""
    return upn_key.str.slice(upn_key.str.find("@", literal=True) + 1)


def is_guest(upn_key: pl.Expr) -> pl.Expr:
    """Whether the key is that of an external account (`…#ext#@…`)."""
    return upn_key.str.contains("#ext#@", literal=True)


def home_address(upn_key: pl.Expr) -> pl.Expr:
    """A guest's address at home: `jo_contoso.com#ext#@fabrikam…` gives `jo@contoso.com`; null for others.

    The last `_` before `#ext#` stands for the `@`; a domain never holds one.
    """
    return pl.concat_str(upn_key.str.extract(_HOME, 1), pl.lit("@"), upn_key.str.extract(_HOME, 2))


def cloud(domain_name: pl.Expr) -> pl.Expr:
    """The Microsoft cloud that a default domain belongs to: `public`, `US government`, `China`; null if unknown."""
    return (
        pl.when(domain_name.str.ends_with(".onmicrosoft.com"))
        .then(pl.lit("public"))
        .when(domain_name.str.ends_with(".onmicrosoft.us"))
        .then(pl.lit("US government"))
        .when(domain_name.str.ends_with(".onmschina.cn"))
        .then(pl.lit("China"))
    )


def show(text: str, limit: int = 120) -> str:
    """Text made safe to read: letters stay, what cannot be seen is its code point, and behind it stands which letters are no ASCII.

    >>> show("j\\u043ehn@contoso.com")
    'jоhn@contoso.com [character 2: U+043E CYRILLIC SMALL LETTER O]'
    """
    told = [f"character {at}: {_point(c)}" for at, c in enumerate(text[:limit], 1) if not c.isascii() and _is_seen(c)]
    more = f" and {len(told) - _MOST_TOLD} more" if len(told) > _MOST_TOLD else ""
    return _seen(text, limit) + (f" [{', '.join(told[:_MOST_TOLD])}{more}]" if told else "")


_MOST_TOLD = 3


def _seen(text: str, limit: int = 120) -> str:
    """Text with the code points of what cannot be seen."""
    shown = "".join(c if _is_seen(c) else f"<U+{ord(c):04X}>" for c in text[:limit])
    return shown + ("…" if len(text) > limit else "")


def _is_seen(character: str) -> bool:
    return " " <= character <= "~" or (not character.isascii() and unicodedata.category(character)[0] in "LNPS")


def _point(character: str) -> str:
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".strip()


_CODE_POINTS = (
    *range(0x20),
    *range(0x7F, 0xA0),
    0xAD,
    0x61C,
    0x180E,
    *range(0x200B, 0x2010),
    *range(0x2028, 0x202F),
    *range(0x2060, 0x206A),
    0xFEFF,
    *range(0xFFF9, 0xFFFC),
    *range(0xE0000, 0xE0080),
)
_INVISIBLE_NAMES = {chr(point): f"<U+{point:04X}>" for point in _CODE_POINTS}


def show_text(text: pl.Expr) -> pl.Expr:
    """Free text for messages: invisible characters are replaced by their code points, letters stay."""
    return (
        pl.when(text.str.contains(INVISIBLE))
        .then(text.str.replace_many(list(_INVISIBLE_NAMES), list(_INVISIBLE_NAMES.values())))
        .otherwise(text)
    )


_OTHER_THINGS = (
    # what it is, and a pattern; the first that fits is named
    ("a link, not an address: leave out “mailto:”", r"(?i)^mailto:"),
    ("a name with an address; only the address belongs here", r"^[^<>@]*<[^<>]*@[^<>]*>\s*$"),
    ("a claim of SharePoint; the address is what follows the last “|”", r"(?i)^[a-z]:0.*\|"),
    ("a security identifier (SID), not an address", r"(?i)^S-1-\d+(-\d+)+$"),
    ("an account of a Windows domain (DOMAIN\\user), not an address", r"^[^@\\\s]+\\[^@\\\s]+$"),
    ("a proxy address: leave out what stands before the “:”", r"(?i)^(smtp|sip|x500):"),
    ("an identifier (GUID), not an address", r"(?i)^\{?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?$"),
    ("more than one address in one cell", r"^\S+@\S+\.\S+?[\s;,|/]+\S+@\S+$"),
)


def _named(text: str) -> str:
    """The first characters that an address must not have, each with its place."""
    odd = [(at, c) for at, c in enumerate(text, 1) if not " " < c <= "~"]
    words = []
    for at, c in odd[:3]:
        name = unicodedata.name(c, "")
        what = f"U+{ord(c):04X} {name}" if name else f"U+{ord(c):04X}, a control character"
        words.append(f"character {at} is {_CONTROLS.get(c, what)}")
    more = f" (and {len(odd) - 3} more)" if len(odd) > 3 else ""
    return ", ".join(words) + more


_CONTROLS = {"\n": "a line break", "\r": "a line break", "\t": "a tab", " ": "a blank (U+0020 SPACE)"}


def problem(text: str) -> str:
    """What is wrong with one address, in words that name the character and its place; `text` is known not to be valid."""
    for what, pattern in _OTHER_THINGS:
        if re.search(pattern, text, re.DOTALL):
            return f"{_seen(text)} is {what}."
    if any(not " " < c <= "~" for c in text):
        return f"{_seen(text)} is not an address: {_named(text)}."
    if text.count("@") != 1:
        return f"{_seen(text)} has {'no' if '@' not in text else 'more than one'} @."
    local, _, after = text.partition("@")
    if len(local) > _MAX_LOCAL or len(after) > _MAX_DOMAIN:
        return (
            f"{show(text)} is too long: {len(local)} characters before the @ and {len(after)} after it; "
            f"{_MAX_LOCAL} and {_MAX_DOMAIN} are allowed."
        )
    if "." not in after:
        return f"{show(text)} is not valid: there is no dot in the part after the @."
    if local.startswith("'"):
        return f"{_seen(text)} is not an address: it begins with an apostrophe, as a spreadsheet's mark of text does."
    why = "only letters, digits and ' . - _ ! # ^ ~ are allowed before the @."
    if not re.search(f"[^.{_SIGNS}]", local):
        # Imported here: only files with such addresses pay for it.
        from email_validator import EmailNotValidError, validate_email

        try:
            validate_email(text, check_deliverability=False, globally_deliverable=False)
        except EmailNotValidError as error:
            why = str(error)
    return f"{show(text)} is not valid: {why}"
