"""The documented messages of the service's own validation, found in any text, whatever stands around them."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from t2t_mapping.mapping.encoding import Decoded

__all__ = ["Said", "read_messages"]


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the service, or one piece of text that is none.

    Attributes:
        code: our code; None for text that is not understood.
        text: as it stands in the file.
        at: the line of the error file; None in JSON, where lines mean nothing.
        lines: the line numbers that the message names.
        address: the address that it names.
    """

    code: str | None
    text: str
    at: int | None = None
    lines: tuple[int, ...] = ()
    address: str | None = None


_NUMBERS = r"(?:\"\"|[\"'])?\s*(?P<lines{n}>\d{{1,9}}(?!\d)(?:\s*(?:[,;&]|and)\s*\d{{1,9}}(?!\d))*)\s*(?:\"\"|[\"'])?"
# Quoted, with the same quote at both ends and no letter behind it (o'neil), or else as far as the next blank.
_VALUE = (
    r"(?:(?P<quote{n}>\"\"|[\"'])(?P<value{n}>[^\n]{{0,400}}?)(?P=quote{n})(?=\Z|[\s,;:)\]}}<\"'|]|\.(?:\s|\Z))"
    r"|(?P<bare{n}>[^\s,;\"'<>]+))"
)
_FORMS = (
    ("M506", r"\blines?\s*:?\s*" + _NUMBERS + r"\s*(?:have|has)\s+the\s+same\s+" + _VALUE),
    ("M505", r"\binvalid\s+e-?mail\s+format\b(?:\s*:?[^\S\n]*" + _VALUE + r")?"),
    (
        "M507",
        r"\btarget\s+on\s+lines?\s*:?\s*" + _NUMBERS + r"\s*(?:is|are)\s+(?:the\s+)?same\s+as\s+(?:the\s+)?source"
        r"(?:\s+e-?mail(?:\s+id)?)?\b",
    ),
    ("M504", r"\beach\s+line\s+must\s+have\s+exactly\s+(?:two|2)\s+columns?\b(?:\s*:?[^\S\n]*" + _NUMBERS + r")?"),
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
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\([nrt\"'/\\])")
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9]*(?:\s[^<>\n]*)?/?>")
_LAYOUT = " \t\r\n\x0b\x0c\xa0\ufeff,;:.'\"{}[]()<>|*=\\/-+_#"


def read_messages(decoded: Decoded) -> list[Said]:
    """Everything that an error file says, in its order; nothing is dropped but layout."""
    if not decoded.legible:
        return [Said(None, decoded.fault or "")]
    values = _json_values(decoded.text)
    if values is not None:
        return [said for value in values for said in _found(value, numbered=False)]
    return list(_found(decoded.text, numbered=True))


def _json_values(text: str) -> list[str] | None:
    """The texts and numbers of a JSON value, without its keys; None for any other text."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        value = json.loads(text, object_pairs_hook=_Pairs)
        return list(_scalars(value))
    except (ValueError, RecursionError):
        return None


class _Pairs(list[tuple[str, Any]]):
    """An object as it stands, repeated keys and all."""


def _scalars(value: Any, key: str = "") -> Iterator[str]:
    if isinstance(value, _Pairs):
        for name, inner in value:
            yield from _scalars(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _scalars(inner, key)
    elif isinstance(value, str):
        yield value
    elif value is not None and not isinstance(value, bool):
        yield f"{key}: {value}" if key else str(value)


def _found(text: str, *, numbered: bool) -> Iterator[Said]:
    text = _plain(text)
    # Typographic quotes count as plain ones; one character each, so that what is found can be cut from the text itself.
    shadow = text.translate(_QUOTES)
    end, line = 0, 1
    for match in _MESSAGE.finditer(shadow):
        yield from _not_understood(text[end : match.start()], line if numbered else None)
        line += text.count("\n", end, match.start())
        yield _said(match, text, line if numbered else None)
        line += text.count("\n", match.start(), match.end())
        end = match.end()
    yield from _not_understood(text[end:], line if numbered else None)


def _plain(text: str) -> str:
    """Without the escapes of HTML and, in a piece of JSON, of JSON. A line end stays a line end, and none is added."""
    if "&" in text:
        text = html.unescape(text)
    if re.search(r"\\u[0-9a-fA-F]{4}|\\\"", text):
        text = _ESCAPE.sub(_unescaped, text)
    return text


def _unescaped(match: re.Match[str]) -> str:
    if match[1]:
        character = chr(int(match[1], 16))
        return "\x0b" if character in "\r\n" else "\ufffd" if "\ud800" <= character <= "\udfff" else character
    return {"n": "\x0b", "r": "\x0b", "t": " "}.get(match[2], match[2])


def _said(match: re.Match[str], text: str, at: int | None) -> Said:
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
    return Said(_FORMS[number][0], " ".join(text[match.start() : match.end()].split()), at, lines, address)


def _not_understood(text: str, line: int | None) -> Iterator[Said]:
    """What stands between the messages, line by line; punctuation, numbering and the tags of HTML are layout."""
    for offset, piece in enumerate(text.split("\n")):
        stripped = _TAG.sub(" ", piece).strip(_LAYOUT)
        if stripped.strip("0123456789" + _LAYOUT):
            yield Said(None, stripped, None if line is None else line + offset)
