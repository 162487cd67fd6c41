"""The error file of the service, in every layout it might have: which line, which user, why, what to do."""

from __future__ import annotations

import contextlib
import html
import json
from pathlib import Path

import pytest
from commands import t2t as command
from hypothesis import given, settings
from hypothesis import strategies as st

import t2t_mapping as t2t

MAPPING = (
    b"Source,Destination\r\nann@contoso.com,ann@fabrikam.com\r\nbob@contoso,bob@fabrikam.com\r\n"
    b"ANN@contoso.com,lee@fabrikam.com\r\no'neil@contoso.com\r\ncy@contoso.com,cy@contoso.com\r\n"
)
MESSAGES = (
    "Line '2, 4' have the same 'ann@contoso.com'",
    "Invalid Email Format 'bob@contoso'",
    "Target on line '6' is same as source email ID",
    "Each line must have exactly two columns: '5'",
)
TOLD = [
    ("M506", [2, 4], "ann@contoso.com"),
    ("M505", [3], "bob@contoso"),
    ("M507", [6], "cy@contoso.com"),
    ("M504", [5], None),
]
LAYOUTS = {
    "lines": "\n".join(MESSAGES).encode(),
    "one line": " ".join(MESSAGES).encode(),
    "numbered": "\n".join(f"{n}. {message}" for n, message in enumerate(MESSAGES, 1)).encode(),
    "csv": "\r\n".join(f'{n},"{message}"' for n, message in enumerate(MESSAGES, 1)).encode(),
    "json": json.dumps({"errors": list(MESSAGES)}).encode(),
    "escaped json": json.dumps({"message": "\n".join(MESSAGES)}).replace("'", "\\u0027").encode(),
    "html": "".join(f"<li>{html.escape(message)}</li>" for message in MESSAGES).encode(),
    "typographic": "\n".join(MESSAGES).replace("'", "’").encode(),
    "shouted": "\n".join(MESSAGES).upper().encode(),
    "wrapped": "\n".join(message.replace(" ", "\n  ", 2) for message in MESSAGES).encode(),
    "utf-16": "\n".join(MESSAGES).encode("utf-16"),
    "utf-16 without mark": "\n".join(MESSAGES).encode("utf-16-le"),
    "utf-8 with mark": "\n".join(MESSAGES).encode("utf-8-sig"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout(layout: str) -> None:
    """The four messages are found, tied to lines and users, and nothing is left over."""
    result = t2t.explain(LAYOUTS[layout], MAPPING)
    told = [
        (str(code), lines, upn and upn.lower())
        for code, lines, upn in result.findings.select("code", "lines", "upn").rows()
    ]
    assert told == TOLD
    assert result.not_understood == ()


def test_users_reasons_and_fixes() -> None:
    """In words: what stands on the line, what the service said, what to do."""
    first = t2t.explain(LAYOUTS["lines"], MAPPING).findings.row(0, named=True)
    assert first["message"] == (
        "The same address is on several lines. Lines 2 and 4: ann@contoso.com,ann@fabrikam.com; "
        "ANN@contoso.com,lee@fabrikam.com. The service says: Line '2, 4' have the same 'ann@contoso.com'"
    )
    assert first["fix"] == t2t.CATALOGUE["M506"].fix


def test_without_the_mapping_the_lines_are_still_told() -> None:
    """But not who stands there."""
    result = t2t.explain(b"Target on line '6' is same as source email ID")
    assert result.findings.select("code", "lines").rows() == [("M507", [6])]
    assert "Line 6. The service says" in result.findings["message"][0]


GENERAL = b"The User mapping file provided for Tenant To Tenant migration is invalid."


def test_the_general_message_gets_its_reason_from_the_mapping(tmp_path: Path) -> None:
    """A wrong name, a wrong delimiter, or neither."""
    wrong = tmp_path / "mapping.csv"
    wrong.write_bytes(b"Source,Destination\r\na@contoso.com,b@fabrikam.com\r\n")
    assert t2t.explain(GENERAL, wrong).findings["code"].to_list() == ["M501"]
    right = tmp_path / "usermapping.csv"
    right.write_bytes(wrong.read_bytes().replace(b",", b";"))
    assert t2t.explain(GENERAL, right).findings["code"].to_list() == ["M502"]
    right.write_bytes(wrong.read_bytes())
    assert "uploaded under another name" in t2t.explain(GENERAL, right).findings["message"][0]
    assert "Add `--mapping usermapping.csv` to see which" in t2t.explain(GENERAL).findings["message"][0]


def test_an_apostrophe_in_an_address() -> None:
    """Ends no quotation."""
    result = t2t.explain(b"Invalid Email Format 'o'neil@contoso' and Invalid Email Format 'x'")
    assert result.findings["upn"].to_list() == ["o'neil@contoso", "x"]


ODD = b'Source,Destination\r\n,bob@fabrikam.com\r\n"x@y.com",b@y.com\r\na@x.com,A@x.com\r\n1,2,3\r\n'


@pytest.mark.parametrize(
    ("message", "code", "lines", "address"),
    [
        ("Invalid Email Format ''", "M505", [2], None),
        ("Invalid Email Format '\"x@y.com\"'", "M505", [3], '"x@y.com"'),
        ("Invalid Email Format 'ann lee@x.com'", "M505", None, "ann lee@x.com"),
        ('Invalid Email Format "a@x.com"', "M505", [4], "a@x.com"),
        ('"Line ""4, 4"" have the same ""A@X.com"""', "M506", [4, 4], "A@X.com"),
        ("line 4 has the same a@x.com", "M506", [4], "a@x.com"),
        ("Target on line 4 is same as source email ID.", "M507", [4], "a@x.com"),
        ("Target on line 4 is same as source emailId", "M507", [4], "a@x.com"),
        ("Target on line '4' is same as source emailId 'a@x.com'", "M507", [4], "a@x.com"),
        ("Each line must have exactly two columns: 5", "M504", [5], None),
        ("Each line must have exactly two columns", "M504", None, None),
        ("INVALID\u00a0EMAIL FORMAT `a@x.com\u00b4", "M505", [4], "a@x.com"),
    ],
)
def test_every_spelling(message: str, code: str, lines: list[int] | None, address: str | None) -> None:
    """Other quotes, doubled quotes, none; empty columns and quoted ones."""
    result = t2t.explain(message.encode(), ODD)
    assert result.findings.select("code", "lines", "upn").rows() == [(code, lines, address)]
    assert result.not_understood == ()


@pytest.mark.parametrize(
    ("message", "lines", "note"),
    [
        ("Line '1, 3' have the same 'ann@contoso.com'", [2, 4], "without the header"),
        ("Target on line '5' is same as source email ID", [6], "without the header"),
        ("Each line must have exactly two columns: '4'", [5], "without the header"),
        ("Line '2, 3' have the same 'ann@contoso.com'", [2, 3], "is it the file that was uploaded?"),
        ("Line '2, 3' have the same 'nobody@contoso.com'", [2, 3], "is it the file that was uploaded?"),
        ("Invalid Email Format 'nobody@'", None, "No line of this mapping holds it"),
        ("Target on line '99' is same as source email ID", [99], "is it the file that was uploaded?"),
    ],
)
def test_lines_that_do_not_fit(message: str, lines: list[int] | None, note: str) -> None:
    """How the service counts is not documented: the mapping tells, and what contradicts it is said."""
    result = t2t.explain(message.encode(), MAPPING)
    assert result.findings["lines"].to_list() == [lines]
    assert note in result.findings["message"][0]


def test_json_keeps_every_value() -> None:
    """Keys are layout; texts and numbers are not, not even under a repeated key."""
    text = '{"a": "Quota", "a": "Invalid Email Format \'x\'", "b": [{"c": 17}, null, true]}'
    result = t2t.explain(text.encode())
    assert result.findings["code"].to_list() == ["M505"]
    assert result.not_understood == ("Quota", "c: 17")


@pytest.mark.parametrize("text", ['{"a": Quota}', "[" * 100_000 + "Quota"], ids=["no JSON", "too deep"])
def test_what_only_looks_like_json_is_read_as_text(text: str) -> None:
    """Its messages are found all the same, with the line they stand on."""
    result = t2t.explain(f"{text}\nInvalid Email Format 'x'".encode())
    assert result.findings["code"].to_list() == ["M505"]
    assert result.not_understood == ('a": Quota' if text.startswith("{") else "Quota",)


def test_what_is_no_text_is_said() -> None:
    """A workbook is not understood, in words."""
    result = t2t.explain(b"PK\x03\x04\xff\xfe\0")
    assert result.findings.is_empty()
    assert result.not_understood == ("The file is an Excel workbook or another zip archive, not text.",)


def test_what_is_not_understood_is_shown() -> None:
    """Never dropped, and made safe to read."""
    result = t2t.explain(LAYOUTS["lines"] + b"\nQuota exceeded for tenant 17\n\x1b[31mred")
    assert result.not_understood == ("Quota exceeded for tenant 17", "<U+001B>[31mred")
    assert (
        result.exit_status(),
        t2t.explain(b"Quota exceeded").exit_status(),
        t2t.explain(b"\n 12 \n").exit_status(),
    ) == (1, 1, 0)


def test_escapes_of_json_in_other_text() -> None:
    """A log line with a piece of JSON in it: its escapes are undone, and half a character stays a mark."""
    text = rb'400 {"m": "Invalid Email Format \u0027a@x\u0027\nQuota \"full\" \ud800 C:\\x\/y\u000d\nline \u00275\u0027 has the same b@x"}'
    result = t2t.explain(text)
    assert result.findings.select("code", "lines", "upn").rows() == [("M505", None, "a@x"), ("M506", [5], "b@x")]
    assert result.not_understood == ('400 {"m', 'Quota "full" \ufffd C:\\x/y')


def test_as_json() -> None:
    """The object of every command, with what is not understood."""
    told = json.loads(t2t.explain(LAYOUTS["lines"] + b"\nodd", MAPPING).json())
    assert list(told) == ["counts", "findings", "skipped", "outputs", "not_understood", "notes"]
    assert told["counts"] == {
        "messages": 4,
        "not_understood": 1,
        "results": {},
        "retry": 0,
        "failed": False,
        "codes": {"M504": 1, "M505": 1, "M506": 1, "M507": 1},
    }
    assert [finding["code"] for finding in told["findings"]] == ["M506", "M505", "M507", "M504"]
    assert (told["skipped"], told["outputs"], told["not_understood"]) == ([], {}, ["odd"])


def test_both_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    """The error file and the mapping, at once."""
    with pytest.raises(t2t.InputError) as caught:
        t2t.explain(tmp_path / "errors.txt", tmp_path / "usermapping.csv")
    assert [(problem.code, Path(problem.file or "").name) for problem in caught.value.problems] == [
        ("I101", "errors.txt"),
        ("I101", "usermapping.csv"),
    ]


@settings(max_examples=150)
@given(st.binary(max_size=200), st.sampled_from(MESSAGES))
def test_no_bytes_make_it_crash_or_forget(noise: bytes, message: str) -> None:
    """Whatever stands around a message on other lines, the message is found."""
    with contextlib.suppress(t2t.InputError):  # nothing at all, or something else
        t2t.explain(noise)
    result = t2t.explain(noise.translate(None, b"'\x00") + b"\n" + message.encode())
    assert result.findings.height >= 1 or not noise.isascii()


def test_the_command(tmp_path: Path) -> None:
    """Text and JSON."""
    (tmp_path / "errors.txt").write_bytes(LAYOUTS["lines"] + b"\nodd")
    (tmp_path / "usermapping.csv").write_bytes(MAPPING)
    arguments = ("explain", tmp_path / "errors.txt", "--mapping", tmp_path / "usermapping.csv")
    done = command(*arguments)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("M506 duplicate-address\n    The same address is on several lines. Lines 2 and 4:")
    assert done.stdout.endswith("Not understood:\n  odd\n")
    told = json.loads(command(*arguments, "--format", "json").stdout)
    assert list(told) == ["counts", "findings", "skipped", "outputs", "not_understood", "notes"]
    assert told["counts"]["messages"] == 4
    assert command("explain", tmp_path / "missing").returncode == 2
