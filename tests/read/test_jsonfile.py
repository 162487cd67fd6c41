"""JSON of Microsoft Graph and the Dataverse Web API."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from t2t_mapping.errors import InputError
from t2t_mapping.read import jsonfile
from t2t_mapping.read.jsonfile import read_json
from t2t_mapping.read.table import RawTable, all_columns


def read(data: bytes | str) -> RawTable:
    (table,) = read_json(data.encode() if isinstance(data, str) else data, "users.json", all_columns)
    return table


ROWS = [(1, "a@x"), (2, "b@x")]


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        ('[{"upn": "a@x"}, {"upn": "b@x"}]', ROWS),
        ('{"@odata.context": "…", "value": [{"upn": "a@x"}, {"upn": "b@x"}]}', ROWS),
        ('[{"value": [{"upn": "a@x"}]}, {"value": [{"upn": "b@x"}]}]', ROWS),
        ('[[{"upn": "a@x"}], [{"upn": "b@x"}]]', ROWS),
        ('{"upn": "a@x"}\n{"upn": "b@x"}\n', ROWS),
        ('{"value": [{"upn": "a@x"}]}\r\n\r\n{"value": [{"upn": "b@x"}]}', ROWS),
        ('\n {"upn": "a@x"} ', ROWS[:1]),
        ('[{"upn": "a@x", "@odata.type": "#u"}, {}, {"upn": ""}, {"upn": null}, {"upn": "b@x"}]', [(1, "a@x"), (5, "b@x")]),
        ("[]", []),
        ('{"value": []}', []),
    ],
)  # fmt: skip
def test_users_may_stand_alone_in_pages_or_in_lines(data: str, rows: list[tuple[int, str]]) -> None:
    """An array, a page, pages, JSON Lines; `row` counts the users, blank ones too."""
    assert read(data).frame.rows() == rows


def test_values_are_kept_as_written() -> None:
    """Strings and numbers as they are, lists and objects as compact JSON; columns in order of first appearance."""
    table = read("""[
        {"id": 12345678901234567890, "n": 1.50, "e": 1E3, "on": true, "off": false, "name": "  Zoë\\ud83d\\ude00 "},
        {"list": ["smtp:a@x", "ü"], "none": [], "nested": [{"skuId": "g", "n": 1.0, "x": null}], " mail ": "m"}
    ]""")
    assert table.headers == ("id", "n", "e", "on", "off", "name", "list", "none", "nested", "mail")
    assert table.frame.rows() == [
        (1, "12345678901234567890", "1.50", "1E3", "true", "false", "  Zoë😀 ", None, None, None, None),
        (2, None, None, None, None, None, None, '["smtp:a@x","ü"]', "[]", '[{"skuId":"g","n":1.0,"x":null}]', "m"),
    ]
    assert (table.faults.rows(), table.repairs) == ([], ())


def test_annotations() -> None:
    """The formatted value is what people see; the other annotations say nothing about a user."""
    formatted = "accessmode@OData.Community.Display.V1.FormattedValue"
    table = read(
        f'{{"value": [{{"@odata.etag": "W", "accessmode": 4, "{formatted}": "Non-interactive", "x@odata.type": "t",'
        ' "_b_value@Microsoft.Dynamics.CRM.lookuplogicalname": "team"}]}'
    )
    assert table.headers == ("accessmode", formatted)
    assert table.frame.rows() == [(1, "4", "Non-interactive")]


@pytest.mark.parametrize(
    ("data", "more"),
    [
        ('{"value": [], "@odata.nextLink": "https://…"}', "true"),
        ('[{"value": [], "@odata.nextLink": "https://…"}, {"value": []}]', None),
        ('[{"upn": "a"}]', None),
    ],
)
def test_pages_that_are_missing_are_told(data: str, more: str | None) -> None:
    """A link in the last page means that the service had more users than the file."""
    assert read(data).detail.get("next_link") == more


@pytest.mark.parametrize(
    ("encoding", "repair"),
    [
        ("utf-8", ""),
        ("utf-8-sig", "read as UTF-8 with a byte order mark"),
        ("utf-16", "read as UTF-16 (in PowerShell, `Out-File -Encoding utf8` writes what every program reads)"),
        ("utf-16-le", "read as UTF-16-LE (in PowerShell, `Out-File -Encoding utf8` writes what every program reads)"),
    ],
)
def test_encodings(encoding: str, repair: str) -> None:
    """Windows PowerShell writes UTF-16 unasked; it is read, and the cure is said."""
    table = read('[{"upn": "a@x", "name": "Zoë"}]'.encode(encoding))
    assert table.frame.rows() == [(1, "a@x", "Zoë")]
    assert table.repairs == ((repair,) if repair else ())


def test_choose_is_obeyed() -> None:
    """Only wanted columns; nothing for a table that is not wanted; a key without a name is a column like others."""
    data = b'[{"a": "1", "b": "2", "": "x"}]'
    assert read_json(data, "f", lambda *_: [1, 2])[0].frame.rows() == [(1, "2", "x")]
    assert read_json(data, "f", lambda *_: None) == []


def test_a_byte_order_mark_and_unsafe_characters() -> None:
    """The mark is a repair, the characters are faults of their cells."""
    table = read(b"\xef\xbb\xbf" + b'[{"upn": "a\\u200bb\\u0000"}]')
    assert table.repairs == ("read as UTF-8 with a byte order mark",)
    assert table.faults.rows() == [(1, 0, "control"), (1, 0, "zero-width")]


HALF = "The JSON holds half a character (a lone surrogate such as \\ud800)."
DEEP = "The JSON is nested more than 64 levels deep."


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("", "The JSON is damaged at line 1, column 1: Expecting value."),
        ('[{"a": 1}\n', "The JSON is damaged at line 2, column 1: Expecting ',' delimiter."),
        ('[{"a": 1}]\n  garbage', "The JSON is damaged at line 2, column 3: Expecting value."),
        ('[{"a": 1}] []', "The JSON is damaged at line 1, column 12: Extra data."),
        ('[{"a": 01}]', "The JSON is damaged at line 1, column 9: Expecting ',' delimiter."),
        ('[{"a": "\t"}]', "The JSON is damaged at line 1, column 9: Invalid control character at."),
        (b'[{"a": "\xe9"}]', "The JSON is not UTF-8 (byte 9)."),
        ('[{"a": 1, "b": 2, "a": 1}]', "The key 'a' is given twice in one JSON object."),
        ('[{"a": "\\ud800"}]', HALF),
        ('[{"a": "\\udfff"}]', HALF),
        ('[{"a": "\\uDBFFx"}]', HALF),
        ('[{"a": "\\udc00\\ud800"}]', HALF),
        ('[{"a": "\\ud800\\ud800\\udc00"}]', HALF),
        ('[{"a": "\\\\\\ud800"}]', HALF),
        ('[{"\\ud800": ""}]', HALF),
        ('[{"a": "\\ud83d\\ude00 \\ud83d"}]', HALF),
        ('[{"a": NaN}]', "The JSON holds NaN, which JSON does not allow."),
        ('[{"a": -Infinity}]', "The JSON holds -Infinity, which JSON does not allow."),
        ('[{"a":' + "[" * 70 + "]" * 70 + "}]", DEEP),
        ("[" * 100_000, DEEP),
        ('{"a":' * 100_000, DEEP),
        ('["a@x"]', "Entry 1 of the JSON is text where a user (an object) is expected."),
        ('[{"a": 1}, [[]]]', "Entry 2 of the JSON is a list where a user (an object) is expected."),
        (
            json.dumps([{f"k{n}": 1 for n in range(1001)}]),
            "The users have 1,001 different properties: no user table is as wide as that.",
        ),
        ("12", "Entry 1 of the JSON is a number where a user (an object) is expected."),
        ('{"value": null}', "Entry 1 of the JSON is true, false or null where a user (an object) is expected."),
        (
            '{"error": {"code": "InvalidAuthenticationToken", "message": "Access token has expired."}}',
            "The file holds an error of the service instead of users: "
            "'InvalidAuthenticationToken: Access token has expired.'.",
        ),
    ],
)
def test_refuses_what_is_not_json_of_users(data: bytes | str, message: str) -> None:
    """Strict where readers of JSON disagree."""
    with pytest.raises(InputError) as caught:
        read(data)
    (problem,) = caught.value.problems
    assert (problem.code, problem.message, problem.file) == ("I101", message, "users.json")
    assert problem.fix


def test_a_file_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is built from it."""
    monkeypatch.setattr(jsonfile, "MAX_VALUES", 2)
    with pytest.raises(InputError, match=r"The JSON is too large: over 2 values\."):
        read('[{"a": 1, "b": 2}]')


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(st.lists(st.fixed_dictionaries({"a": VALUES, "b": VALUES}), max_size=5), st.booleans())
def test_what_json_writes_is_read_back(users: list[dict[str, object]], ascii_only: bool) -> None:
    """No value is lost: compact JSON stands for itself."""

    def text(value: object) -> str | None:
        if value is None or value == "":
            return None
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    table = read(json.dumps(users, ensure_ascii=ascii_only))
    rows = [(n, *(text(user[key]) for key in table.headers)) for n, user in enumerate(users, start=1)]
    assert table.frame.rows() == [row for row in rows if any(row[1:])]


@given(st.binary(max_size=60) | st.text(st.sampled_from('[]{}:,"\\u08d1 \naNI-.e'), max_size=40).map(str.encode))
def test_bytes_never_raise_anything_else(data: bytes) -> None:
    """Only `InputError`, whatever the bytes."""
    with suppress(InputError):
        read(data)
