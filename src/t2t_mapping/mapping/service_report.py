"""The error report of the service in whatever layout it comes → records: messages, result codes, answers, other text.

Only messages and codes are documented, not the file around them. A record is what speaks of one thing: a row of a table, an
object of JSON, a block of `Key : value` lines, or else a line. Nothing is dropped but layout.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from t2t_mapping.errors import masked
from t2t_mapping.lexicon.articles import Answer, ServiceResult, service
from t2t_mapping.mapping.encoding import Decoded
from t2t_mapping.mapping.service_messages import NUMBERS, Said, plain_quotes, said_in

__all__ = ["read_report"]

_NO_ADDRESS = r"\s@,;:|=<>()\[\]{}\"“”„‘’"
_ADDRESS = re.compile(  # begins where a word does, and has an end: the time is linear in the text, whatever it is
    rf"(?<![^{_NO_ADDRESS}'])[^{_NO_ADDRESS}]{{1,320}}@[^{_NO_ADDRESS}']{{0,320}}[^{_NO_ADDRESS}'.]"
)
_GUID = re.compile(r"(?<![0-9a-f-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f-])", re.IGNORECASE)
_LINE = re.compile(r"\b(?:line|row)s?[\s_]*(?:numbers?|no\.?)?\s*[:=#]?\s*" + NUMBERS.format(n=""), re.IGNORECASE)
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\([nrt\"'/\\])")
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9]*(?:\s[^<>\n]*)?/?>")
_LAYOUT = " \t\r\n\x0b\x0c\xa0\ufeff,;:.'\"{}[]()<>|*=\\/-+_#"
_PAIR = re.compile(r"^\s*[\"']?[A-Za-z][\w .-]{0,40}?[\"']?\s*[:=]\s*(?=\S|$)")
_HEADER_WORD = re.compile(
    r"source|target|destination|user|upn|error|status|code|message|line|row|email|result|reason|detail|\bid\b|name",
    re.IGNORECASE,
)


def read_report(decoded: Decoded) -> list[Said]:
    """Everything that an error report says, in its order."""
    if not decoded.legible:
        return [Said(None, decoded.fault or "")]
    text = masked(decoded.text)
    value = _json(text)
    if value is not None:
        return [said for record in _objects(value) for said in _of_pieces([_plain(piece) for piece in record])]
    return list(_of_text(_plain(text)))


# --- JSON -------------------------------------------------------------------------------------------------------------


class _Pairs(list[tuple[str, Any]]):
    """An object as it stands, repeated keys and all."""


def _json(text: str) -> Any:
    """The value of a JSON text; None for any other text."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        value = json.loads(text, object_pairs_hook=_Pairs)
        list(_objects(value))
    except (ValueError, RecursionError):
        return None
    return value


def _objects(value: Any, key: str = "", above: tuple[str, ...] = ()) -> Iterator[list[str]]:
    """The records of a JSON value: what stands in one object; every text of a list by itself.

    Args:
        above: The users that the objects around this one name.
    """
    if isinstance(value, _Pairs):
        scalars = [(name, text) for name, text in value if text is not None and not isinstance(text, (bool, list))]
        yield from ([f"{name}: {text}"] for name, text in scalars if _users(name))  # what happened, by user
        own = [
            text if isinstance(text, str) and not _names(name) else f"{name}: {text}"
            for name, text in scalars
            if not _users(name)
        ]
        users = tuple(text for text in own if _users(text))
        if users or any(map(_codes, own)):
            inside = any(isinstance(inner, list) for _, inner in value) and not any(map(_codes, own))
            if not inside or any(map(_speaks, own)):
                yield own if users or not above else [*own, *above]
        else:
            yield from ([text] for text in own)
        for name, inner in value:
            if isinstance(inner, list):
                yield from _objects(inner, name, users or above)
    elif isinstance(value, list):
        for inner in value:
            if isinstance(inner, list):
                yield from _objects(inner, key, above)
            elif inner is not None and not isinstance(inner, bool):
                # A list under the name of a result code lists the users that it is about.
                yield [f"{key}: {inner}" if _codes(key) or (key and not isinstance(inner, str)) else str(inner)]
    elif value is not None and not isinstance(value, bool):
        yield [f"{key}: {value}" if key else str(value)]


def _names(key: str) -> bool:
    """A key that says something: a result code, or that a number of a line follows."""
    return bool(_codes(key)) or re.match(r"(?i)^(?:line|row)(?:number|no)?s?$", key) is not None


# --- text -------------------------------------------------------------------------------------------------------------


def _of_text(text: str) -> Iterator[Said]:
    """The messages first, which may be wrapped; then what is left, record by record."""
    found: list[tuple[int, Said]] = []
    on_line: dict[int, list[int]] = {}  # line -> its messages
    rest, end, line, counted = [], 0, 1, 0
    for start, stop, said in said_in(text):
        line, counted = line + text.count("\n", counted, start), start
        on_line.setdefault(line, []).append(len(found))
        found.append((line, replace(said, at=line)))
        rest += [text[end:start], re.sub(r"[^\n]", "\0", text[start:stop])]
        end = stop
    rest.append(text[end:])
    others: list[tuple[int, Said]] = []
    for record in _records([_TAG.sub(" ", line) for line in "".join(rest).split("\n")]):
        number = record[0][0]
        pieces = [piece for _, line in record for piece in line.split("\0") if piece.strip(_LAYOUT)]
        here = [at for line in dict.fromkeys(line for line, _ in record) for at in on_line.get(line, ())]
        if here and not _codes(" ".join(pieces)):
            if len(here) == 1:
                line, said = found[here[0]]
                found[here[0]] = line, _beside(said, " ".join(pieces))
            pieces = [piece for piece in pieces if _speaks(piece)]
        others += [(number, replace(said, at=number)) for said in _of_pieces(pieces)]
    yield from (said for _, said in sorted([*found, *others], key=lambda pair: pair[0]))


_Record = list[tuple[int, str]]
"""The lines of one record with their numbers."""


def _records(lines: list[str]) -> Iterator[_Record]:
    header = _header(lines)
    block: _Record = []
    for number, line in enumerate(lines, 1):
        if header is not None and number == header[0]:
            continue
        if line.strip():
            if line.strip(_LAYOUT):
                block.append((number, _labelled(line, header)))
        else:
            yield from _block(block)
            block = []
    yield from _block(block)


def _block(block: _Record) -> Iterator[_Record]:
    """The records between two blank lines."""
    if len(block) > 1 and all(_PAIR.match(line) for _, line in block) and any(_users(line) for _, line in block):
        # Key : value, one entry after the other: a key that comes again begins the next one.
        entry: dict[str, tuple[int, str]] = {}
        for number, line in block:
            key = re.split(r"[:=]", line, maxsplit=1)[0].strip().casefold()
            if key in entry:
                yield list(entry.values())
                entry = {}
            entry[key] = (number, line)
        yield list(entry.values())
        return
    heading: tuple[int, str] | None = None  # a result code alone on its line: its users follow
    used = False
    for number, line in block:
        if heading is not None and _users(line) and not _speaks(line):
            used = True
            yield [(number, heading[1]), (number, line)]
            continue
        if heading is not None and not used:
            yield [heading]
        heading, used = None, False
        if _codes(line) and not _users(line):
            heading = (number, line)
        else:
            yield [(number, line)]
    if heading is not None and not used:
        yield [heading]


def _header(lines: Sequence[str]) -> tuple[int, str, list[str]] | None:
    """The line of a table's header, its delimiter and its labels."""
    written = [(number, line) for number, line in enumerate(lines, 1) if line.strip()][:2]
    if len(written) < 2 or _users(written[0][1]) or _codes(written[0][1]) or "\0" in written[0][1]:
        return None
    number, line = written[0]
    for delimiter in (",", ";", "\t", "|", "  "):
        cells = [cell.strip(" \"'") for cell in line.split(delimiter) if cell.strip() or delimiter != "  "]
        known = sum(bool(_HEADER_WORD.search(cell)) for cell in cells)
        if len(cells) > 1 and known * 2 >= len(cells) and all(len(cell) <= 40 for cell in cells):
            dashes = not written[1][1].strip(" -|=\t")
            if delimiter in written[1][1] or dashes:
                return number, delimiter, cells
    return None


def _labelled(line: str, header: tuple[int, str, list[str]] | None) -> str:
    """A row with the number of a line in a column of its own says so like a sentence."""
    if header is None or header[1] == "  ":
        return line
    cells = line.split(header[1])
    for n, label in enumerate(header[2][: len(cells)]):
        if re.match(r"(?i)^(?:line|row)(?:[\s_]*(?:number|no\.?))?$", label) and cells[n].strip(" \"'").isdigit():
            return f"{label} {cells[n].strip(' ' + chr(34) + chr(39))}: {header[1].join(cells[:n] + cells[n + 1 :])}"
    return line


# --- one record -------------------------------------------------------------------------------------------------------


def _of_pieces(pieces: Sequence[str]) -> Iterator[Said]:
    """What the pieces of one record say together."""
    left: list[str] = []
    messages: list[Said] = []
    for piece in pieces:
        end = 0
        for start, stop, said in said_in(piece):
            messages.append(said)
            left.append(piece[end:start])
            end = stop
        left.append(piece[end:])
    rest = [part for part in (_TAG.sub(" ", bit) for text in left for bit in text.split("\n")) if part.strip(_LAYOUT)]
    whole = " ".join(rest)
    codes = _codes(whole)
    if messages and not codes:
        if len(messages) == 1:
            messages[0] = _beside(messages[0], whole)
        yield from messages
        rest = [part for part in rest if _speaks(part)]
    else:
        yield from messages
    if codes:
        told = " ".join(part.strip(_LAYOUT.replace("(", "").replace(")", "")) for part in rest)
        for code in codes:
            yield _tied(Said(code.code, " ".join(told.split()), result=code), whole)
        return
    if len(pieces) > 1 and any(map(_users, rest)) and any(map(_speaks, rest)):
        rest = ["; ".join(part.strip() for part in rest)]
    for part in rest:
        stripped = part.strip(_LAYOUT)
        answer = _answer(part)
        if answer is not None:
            yield Said(None, " ".join(part.split()), answer=answer)
        elif stripped.strip("0123456789" + _LAYOUT):
            yield _tied(Said(None, stripped, silent=not _speaks(part)), part)


def _beside(said: Said, text: str) -> Said:
    """A message with the users that stand beside it."""
    tied = _tied(said, text)
    return replace(tied, lines=said.lines or tied.lines)


def _tied(said: Said, text: str) -> Said:
    lines = [int(n) for match in _LINE.finditer(plain_quotes(text)) for n in re.findall(r"\d+", match["lines"])]
    return replace(
        said,
        lines=said.lines or tuple(dict.fromkeys(lines)),
        addresses=tuple(dict.fromkeys(address.strip("'") for address in _ADDRESS.findall(text))),
        ids=tuple(dict.fromkeys(guid.lower() for guid in _GUID.findall(text))),
    )


def _users(text: str) -> bool:
    return bool(_ADDRESS.search(text) or _GUID.search(text))


_GOOD = re.compile(r"\b(?:success|succeeded|successful|ok|mapped|migrated|valid|completed|none|null)\b", re.IGNORECASE)
_STATE = re.compile(
    r"^\W*(?:(?:\w*status|state|provisioning\s?state|result)\W+)?"
    r"(?:(?P<bad>failed|failure|error)|succeeded|success|ok|completed|running)\W*$",
    re.IGNORECASE,
)


def _speaks(text: str) -> bool:
    """Whether anything but addresses, ids, numbers, words of success and layout is left."""
    return bool(_GOOD.sub(" ", _GUID.sub(" ", _ADDRESS.sub(" ", text))).strip("0123456789\0" + _LAYOUT))


@cache
def _result_names() -> re.Pattern[str]:
    # A console may have cut them off: `TargetUPNDoesNotEx…`.
    names = "|".join(service().results)
    return re.compile(
        rf"(?<![A-Za-z0-9])(?:(?P<name>{names})(?![A-Za-z0-9])|(?P<cut>[A-Za-z]{{8,}})(?:…|\.\.\.))", re.IGNORECASE
    )


def _codes(text: str) -> list[ServiceResult]:
    """The result codes in a text, each once."""
    found: dict[str, ServiceResult] = {}
    for match in _result_names().finditer(text):
        start = (match["name"] or match["cut"]).casefold()
        meant = [code for name, code in service().results.items() if name.casefold().startswith(start)]
        exact = [code for code in meant if code.name.casefold() == start]
        if exact or len(meant) == 1:
            code = (exact or meant)[0]
            found[code.name] = code
    return list(found.values())


@cache
def _answers() -> tuple[tuple[re.Pattern[str], Answer], ...]:
    def pattern(text: str) -> re.Pattern[str]:
        return re.compile(r"\s*".join(re.escape(part) for part in re.findall(r"\w+|[^\w\s]", text)), re.IGNORECASE)

    return tuple((pattern(answer.text), answer) for answer in service().answers)


def _answer(text: str) -> Answer | None:
    found = next((answer for pattern, answer in _answers() if pattern.search(text)), None)
    if found is None and (state := _STATE.match(text)):
        bad = state["bad"] is not None
        return Answer(text.strip(), f"The service {'failed' if bad else 'did it, or is at it'}.", (), failed=bad)
    return found


# --- escapes ----------------------------------------------------------------------------------------------------------


def _plain(text: str) -> str:
    """Without the escapes of HTML and, in a piece of JSON, of JSON. A line end stays a line end, and none is added."""
    if "&" in text:
        text = html.unescape(text)
    if re.search(r"\\u[0-9a-fA-F]{4}|\\\"", text):
        text = _ESCAPE.sub(_unescaped, text)
    return masked(text)


def _unescaped(match: re.Match[str]) -> str:
    if match[1]:
        character = chr(int(match[1], 16))
        return "\x0b" if character in "\r\n" else "\ufffd" if "\ud800" <= character <= "\udfff" else character
    return {"n": "\x0b", "r": "\x0b", "t": " "}.get(match[2], match[2])
