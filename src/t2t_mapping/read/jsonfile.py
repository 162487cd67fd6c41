"""JSON of Microsoft Graph and the Dataverse Web API: an array of users, a page of them, or several pages.

Strict where readers of JSON disagree: a key given twice, half a surrogate pair, NaN, and bytes that are not UTF-8.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from json.encoder import encode_basestring
from typing import Any

import polars as pl

from t2t_mapping.errors import InputError
from t2t_mapping.read.cells import clip, refuse, text_faults
from t2t_mapping.read.table import Choose, RawTable

__all__ = ["read_json"]

MAX_VALUES = 6_000_000  # every value is an object of its own: with the largest size let in, that is near 1 GB
MAX_DEPTH = 64
MAX_COLUMNS = 1000
SAMPLE = 100

_EXPORT_AGAIN = "Export the file again, and do not edit it."
_NEXT_LINK = "@odata.nextLink"
_DROPPED = ("@odata.", "@Microsoft.Dynamics.CRM.")  # annotations that say nothing about a user
_TOO_DEEP = f"The JSON is nested more than {MAX_DEPTH} levels deep."
_NOT_BLANK = re.compile(r"[^ \t\r\n]")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_CURE = " (in PowerShell, `Out-File -Encoding utf8` writes what every program reads)"


_ORIGIN = re.compile(rb'"@odata\.context"\s*:\s*"https?:(?:\\?/){2}([^/"\\]+)')


class _Number(str):
    """A number as it is written: 17 digits stay 17 digits."""

    __slots__ = ()


class _FaultError(ValueError):
    """What the standard library would let pass."""


def read_json(data: bytes, label: str, choose: Choose) -> list[RawTable]:
    """Read users from JSON.

    The columns are the keys of all users, in the order in which they first appear. Strings and numbers stay as they
    are written, booleans become `true` and `false`, lists and objects compact JSON. `row` counts the users of the file
    from 1. JSON says on purpose what is a number and what is not, so these are no faults.

    Raises:
        InputError: I101, when the file is not JSON of users, or can be read in more than one way.
    """
    encoding = json.detect_encoding(data)  # by its mark, or by where the zero bytes are
    elements = _elements(_parse(data, encoding, label), label)
    users = enumerate(_users(elements, label), start=1)
    numbered = [(row, user) for row, user in users if any(map(_text, user.values()))]
    keys = list(dict.fromkeys(key for _, user in numbered for key in user if not any(mark in key for mark in _DROPPED)))
    headers = tuple(key.strip() for key in keys)
    if len(headers) > MAX_COLUMNS:
        message = f"The users have {len(headers):,} different properties: no user table is as wide as that."
        raise refuse(label, message, "Export only the properties of users.")

    chosen = choose(headers, {}, [[_text(user.get(key)) for key in keys] for _, user in numbered[:SAMPLE]])
    if chosen is None:
        return []
    columns = [pl.Series("row", [row for row, _ in numbered], dtype=pl.UInt32)]
    for column in chosen:
        texts = [_text(user.get(keys[column])) for _, user in numbered]
        columns.append(pl.Series(str(column), texts, dtype=pl.String))
    frame = pl.DataFrame(columns)
    name = "UTF-8 with a byte order mark" if encoding == "utf-8-sig" else encoding.upper()
    repairs = () if encoding == "utf-8" else (f"read as {name}{_CURE * ('16' in name)}",)
    detail = {"encoding": name, "rows": str(frame.height)}
    if elements and isinstance(elements[-1], dict) and _NEXT_LINK in elements[-1]:
        detail["next_link"] = "true"
    if origin := _ORIGIN.search(data):
        detail["from"] = origin[1].decode("ascii", "replace").lower()
    return [RawTable(label, None, "json", headers, frame, text_faults(frame), repairs=repairs, detail=detail)]


def _parse(data: bytes, encoding: str, label: str) -> list[Any]:
    """Every document of the file: one, or one a line (JSON Lines)."""
    if data.count(b",") + data.count(b"[") + data.count(b"{") > MAX_VALUES:
        message = f"The JSON is too large: over {MAX_VALUES:,} values."
        raise refuse(label, message, "Export fewer users or properties per file, or CSV.")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise refuse(
            label, f"The JSON is not {encoding.upper()} (byte {error.start + 1}).", "Save it as UTF-8."
        ) from error
    try:
        documents = list(_documents(text))
        _check_depth(documents)
    except json.JSONDecodeError as error:
        message = f"The JSON is damaged at line {error.lineno}, column {error.colno}: {error.msg}."
        raise refuse(label, message, _EXPORT_AGAIN) from error
    except _FaultError as error:
        raise refuse(label, str(error), _EXPORT_AGAIN) from error
    except RecursionError as error:
        raise refuse(label, _TOO_DEEP, _EXPORT_AGAIN) from error
    if _SURROGATE.search(text) and any(
        "\ud800" <= character <= "\udfff" for character in json.dumps(documents, ensure_ascii=False)
    ):
        message = "The JSON holds half a character (a lone surrogate such as \\ud800)."
        raise refuse(label, message, _EXPORT_AGAIN)
    return documents


def _documents(text: str) -> Iterator[Any]:
    decoder = json.JSONDecoder(
        object_pairs_hook=_unique, parse_int=_Number, parse_float=_Number, parse_constant=_no_constant
    )
    at = _next(text, 0)
    while True:
        document, end = decoder.raw_decode(text, at)
        yield document
        at = _next(text, end)
        if at == len(text):
            return
        if "\n" not in text[end:at]:
            raise json.JSONDecodeError("Extra data", text, at)


def _next(text: str, at: int) -> int:
    """The position of the next character that is not blank."""
    found = _NOT_BLANK.search(text, at)
    return found.start() if found else len(text)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    unique: dict[str, Any] = dict(pairs)
    if len(unique) != len(pairs):
        count = Counter(key for key, _ in pairs)
        twice = next(key for key in count if count[key] > 1)
        raise _FaultError(f"The key {clip(twice)} is given twice in one JSON object.")
    return unique


def _no_constant(name: str) -> None:
    raise _FaultError(f"The JSON holds {name}, which JSON does not allow.")


def _check_depth(documents: list[Any]) -> None:
    level: list[Any] = [documents]
    for _ in range(MAX_DEPTH + 1):
        inner = (item.values() if isinstance(item, dict) else item for item in level)
        level = [value for values in inner for value in values if isinstance(value, (dict, list))]
    if level:
        raise _FaultError(_TOO_DEEP)


def _elements(documents: list[Any], label: str) -> list[Any]:
    """Users or pages of users, in the order of the file."""
    elements = documents[0] if len(documents) == 1 and isinstance(documents[0], list) else documents
    for element in elements:
        if isinstance(element, dict) and "value" not in element and isinstance(element.get("error"), dict):
            raise _service_error(element["error"], label)
    return elements


def _service_error(error: dict[str, Any], label: str) -> InputError:
    said = clip(": ".join(text for key in ("code", "message") if (text := _text(error.get(key)))), 80)
    message = f"The file holds an error of the service instead of users: {said}."
    return refuse(label, message, "Sign in with the rights to read users, and export again.")


def _users(elements: list[Any], label: str) -> Iterator[dict[str, Any]]:
    number = 0
    for element in elements:
        page = element.get("value", [element]) if isinstance(element, dict) else element
        for user in page if isinstance(page, list) else [page]:
            number += 1
            if not isinstance(user, dict):
                message = f"Entry {number} of the JSON is {_kind(user)} where a user (an object) is expected."
                raise refuse(label, message, "Export users as JSON objects.", row=number)
            yield user


def _kind(value: object) -> str:
    if isinstance(value, list):
        return "a list"
    if isinstance(value, _Number):
        return "a number"
    return "text" if isinstance(value, str) else "true, false or null"


def _text(value: object) -> str | None:
    """A value as the text of a cell; nothing and empty text are an empty cell."""
    if value is None or value == "":
        return None
    return str(value) if isinstance(value, str) else _compact(value)


def _compact(value: object) -> str:
    """JSON without blanks, numbers as they were written."""
    if isinstance(value, str):
        return str(value) if isinstance(value, _Number) else encode_basestring(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{_compact(key)}:{_compact(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_compact, value)) + "]"
    return "null" if value is None else "true" if value else "false"
