"""The documented messages of the service's own validation, found in any text, whatever stands around them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from t2t_mapping.lexicon.articles import Answer, ServiceResult

__all__ = ["NUMBERS", "Said", "plain_quotes", "said_in"]


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the service, or one piece of text that is none.

    Attributes:
        code: our code; None for text that is not understood and for what is no fault.
        text: as it stands in the file.
        at: the line of the error file; None in JSON, where lines mean nothing.
        lines: the line numbers that the message names.
        address: the address that the message itself names.
        addresses: every address that stands beside it.
        ids: every GUID that stands beside it, in lower case.
        result: the result code, if it is one.
        answer: what a console answered, if it is that.
        silent: nothing but users stands there.
    """

    code: str | None
    text: str
    at: int | None = None
    lines: tuple[int, ...] = ()
    address: str | None = None
    addresses: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    result: ServiceResult | None = None
    answer: Answer | None = None
    silent: bool = False


NUMBERS = r"(?:\"\"|[\"'])?\s*(?P<lines{n}>\d{{1,9}}(?!\d)(?:\s*(?:[,;&]|and)\s*\d{{1,9}}(?!\d))*)\s*(?:\"\"|[\"'])?"
# Quoted, with the same quote at both ends and no letter behind it (o'neil), or else as far as the next blank.
_VALUE = (
    r"(?:(?P<quote{n}>\"\"|[\"'])(?P<value{n}>[^\n]{{0,400}}?)(?P=quote{n})(?=\Z|[\s,;:)\]}}<\"'|]|\.(?:\s|\Z))"
    r"|(?P<bare{n}>[^\s,;\"'<>]+))"
)
_FORMS = (
    ("M506", r"\blines?\s*:?\s*" + NUMBERS + r"\s*(?:have|has)\s+the\s+same\s+" + _VALUE),
    ("M505", r"\binvalid\s+e-?mail\s+format\b(?:\s*:?[^\S\n]*" + _VALUE + r")?"),
    (
        "M507",  # articles of 2024 and 2025 write `source emailId`
        r"\btarget\s+on\s+lines?\s*:?\s*" + NUMBERS + r"\s*(?:is|are)\s+(?:the\s+)?same\s+as\s+(?:the\s+)?source"
        r"(?:\s+e-?mail(?:\s*id)?)?\b(?:[^\S\n]*:?[^\S\n]*"
        + _VALUE.replace("|(?P<bare{n}>[^\\s,;\\\"'<>]+)", "")
        + r")?",
    ),
    ("M504", r"\beach\s+line\s+must\s+have\s+exactly\s+(?:two|2)\s+columns?\b(?:\s*:?[^\S\n]*" + NUMBERS + r")?"),
    (
        "M502",  # or M501: the service says the same of both
        r"\bthe\s+user\s+mapping\s+file\s+provided\s+for\s+tenant\s+to\s+tenant\s+migration\s+is\s+invalid\b",
    ),
)
_MESSAGE = re.compile(
    "|".join(f"(?P<form{n}>{form.format(n=n) if '{n}' in form else form})" for n, (_, form) in enumerate(_FORMS)),
    re.IGNORECASE,
)
_QUOTES = str.maketrans("‘’‚‛′`´“”„‟″", "'''''''\"\"\"\"\"")


def plain_quotes(text: str) -> str:
    """Typographic quotes as plain ones; one character each, so that what is found can be cut from the text itself."""
    return text.translate(_QUOTES)


def said_in(text: str) -> Iterator[tuple[int, int, Said]]:
    """The messages of a text, each with the place where it begins and ends."""
    for match in _MESSAGE.finditer(plain_quotes(text)):
        yield match.start(), match.end(), _said(match, text)


def _said(match: re.Match[str], text: str) -> Said:
    number = next(n for n in range(len(_FORMS)) if match[f"form{n}"] is not None)
    groups = match.re.groupindex
    named = f"lines{number}"
    lines = tuple(map(int, re.findall(r"\d+", match[named] or ""))) if named in groups else ()
    address = None
    for part in ("value", "bare"):
        name = f"{part}{number}"
        if name in groups and match[name] is not None:
            address = text[match.start(name) : match.end(name)]
            if part == "bare":
                address = address.rstrip(".:)]}")
    return Said(_FORMS[number][0], " ".join(text[match.start() : match.end()].split()), None, lines, address)
