"""The error file of the service, in every layout it might have: which line, which user, why, what to do."""

from __future__ import annotations

import contextlib
import html
import json
from pathlib import Path

import polars as pl
import pytest
from commands import called as command
from hypothesis import given, settings
from hypothesis import strategies as st

import t2t_mapping as t2t
from t2t_mapping.lexicon.articles import service

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


@settings(max_examples=30)
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


# --- result codes -----------------------------------------------------------------------------------------------------

PAIRS = (
    b"Source,Destination\r\nann@contoso.com,ann@fabrikam.com\r\nbob@contoso.com,bob@fabrikam.com\r\n"
    b"cy@contoso.com,cy@fabrikam.com\r\n"
)
GUID = "11111111-1111-4111-8111-111111111111"
RESULTS: dict[str, str] = {
    "CSV with a header": f"SourceUserId,TargetUPN,ErrorCode\r\n{GUID},ann@fabrikam.com,TargetUPNDoesNotExistInAAD\r\n"
    ",bob@fabrikam.com,RetryableError\r\n,cy@fabrikam.com,Success\r\n",
    "CSV without": "ann@contoso.com,ann@fabrikam.com,TargetUPNDoesNotExistInAAD\r\nbob@contoso.com,bob@fabrikam.com,RetryableError",
    "the mapping with a column": "Source,Destination,Result\r\nann@contoso.com,ann@fabrikam.com,TargetUPNDoesNotExistInAAD\r\n"
    "bob@contoso.com,bob@fabrikam.com,RetryableError\r\ncy@contoso.com,cy@fabrikam.com,\r\n",
    "semicolons": "ann@contoso.com;TargetUPNDoesNotExistInAAD\r\nbob@contoso.com;RetryableError\r\n",
    "tabs": "ann@contoso.com\tTargetUPNDoesNotExistInAAD\nbob@contoso.com\tRetryableError\n",
    "line numbers": "Line,ErrorCode\n2,TargetUPNDoesNotExistInAAD\n3,RetryableError\n",
    "JSON": json.dumps(
        {
            "status": "Failed",
            "errors": [
                {"id": GUID, "targetUpn": "ann@fabrikam.com", "errorCode": "TargetUPNDoesNotExistInAAD"},
                {"user": "bob@contoso.com", "error": {"code": "RetryableError", "message": "503"}},
            ],
        }
    ),
    "JSON by code": '{"TargetUPNDoesNotExistInAAD": ["ann@fabrikam.com"], "RetryableError": ["bob@contoso.com"]}',
    "JSON by user": '{"ann@contoso.com": "TargetUPNDoesNotExistInAAD", "bob@contoso.com": "RetryableError"}',
    "JSON lines": '{"user":"ann@contoso.com","code":"TargetUPNDoesNotExistInAAD"}\n{"user":"bob@contoso.com","code":"RetryableError"}\n',
    "Format-List": f"Id        : {GUID}\nTargetUPN : ann@fabrikam.com\nErrorCode : TargetUPNDoesNotExistInAAD\n\n"
    "Id        :\nTargetUPN : bob@fabrikam.com\nErrorCode : RetryableError\n",
    "Format-List without blank lines": "User : ann@contoso.com\nCode : TargetUPNDoesNotExistInAAD\nUser : bob@contoso.com\nCode : RetryableError",
    "Format-Table": "TargetUPN         ErrorCode\n---------         ---------\nann@fabrikam.com  TargetUPNDoesNotExistInAAD\n"
    "bob@fabrikam.com  RetryableError\n",
    "cut off by the console": "ann@fabrikam.com  TargetUPNDoesNotEx…\nbob@fabrikam.com  RetryableErr...\n",
    "a list below each code": "TargetUPNDoesNotExistInAAD:\n  ann@fabrikam.com\nRetryableError:\n  bob@fabrikam.com\n",
    "sentences": "User ann@contoso.com failed with TargetUPNDoesNotExistInAAD.\nUser 'bob@contoso.com' failed with RetryableError.",
    "HTML": "<table><tr><td>ann@contoso.com</td><td>TargetUPNDoesNotExistInAAD</td></tr>\n"
    "<tr><td>bob@contoso.com</td><td>RetryableError</td></tr></table>",
    "shouted": "ANN@CONTOSO.COM,TARGETUPNDOESNOTEXISTINAAD\nBOB@CONTOSO.COM,RETRYABLEERROR\n",
}


@pytest.mark.parametrize("layout", RESULTS)
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_result_codes_in_every_layout(layout: str, codec: str) -> None:
    """Each is tied to the line and the source user, and nothing is left over."""
    result = t2t.explain(RESULTS[layout].encode(codec), PAIRS)
    told = [
        (str(code), lines, upn.lower(), message.partition(":")[0])
        for code, lines, upn, message in result.findings.select("code", "lines", "upn", "message").rows()
    ]
    assert told == [
        ("U211", [2], "ann@contoso.com", "TargetUPNDoesNotExistInAAD"),
        ("V901", [3], "bob@contoso.com", "RetryableError"),
    ]
    assert result.not_understood == ()
    assert (result.summary["results"], result.exit_status()) == (
        {"TargetUPNDoesNotExistInAAD": 1, "RetryableError": 1},
        1,
    )


@pytest.mark.parametrize("name", service().results)
def test_every_result_code(name: str) -> None:
    """What it means, the article's action with its date, and ours."""
    code = service().results[name]
    result = t2t.explain(f"bob@contoso.com,{name}".encode(), PAIRS)
    row = result.findings.row(0, named=True)
    assert (row["code"], row["severity"], row["lines"]) == (code.code, code.severity, [3])
    assert row["message"] == (
        f"{name}: {code.means}. Line 3: bob@contoso.com,bob@fabrikam.com. The service says: bob@contoso.com,{name}"
    )
    assert row["fix"] == f"{code.article} (article of {code.articles[0]}) {code.ours}"
    assert result.exit_status() == (1 if code.severity == "error" else 0)


def test_the_users_of_a_retry_are_written(tmp_path: Path) -> None:
    """As a mapping of their own, which validates; nothing is replaced."""
    target = tmp_path / "retry" / "usermapping.csv"
    result = t2t.explain(RESULTS["CSV without"].encode(), PAIRS, retry=target)
    assert target.read_bytes() == b"Source,Destination\r\nbob@contoso.com,bob@fabrikam.com\r\n"
    assert (result.retry, result.notes[-1]) == (target, f"1 line to run again: {target}.")
    assert t2t.validate(target).exit_status() == 0
    with pytest.raises(t2t.OutputError):
        t2t.explain(RESULTS["CSV without"].encode(), PAIRS, retry=target)
    with pytest.raises(t2t.UsageError):
        t2t.explain(RESULTS["CSV without"].encode(), retry=tmp_path / "x.csv")
    none = t2t.explain(b"bob@contoso.com,SkippedMapping", PAIRS, retry=tmp_path / "x.csv")
    assert (none.retry, (tmp_path / "x.csv").exists()) == (None, False)
    assert none.notes == (f"Nothing was written to {tmp_path / 'x.csv'}: no user has RetryableError.",)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "Quota exceeded for bob@fabrikam.com",
            "Quota exceeded for bob@fabrikam.com (line 3: bob@contoso.com,bob@fabrikam.com)",
        ),
        (
            "Timeout on lines 3, 4",
            "Timeout on lines 3, 4 (lines 3 and 4: bob@contoso.com,bob@fabrikam.com; cy@contoso.com,cy@fabrikam.com)",
        ),
        (
            '{"user": "cy@contoso.com", "detail": "Quota"}',
            "cy@contoso.com; Quota (line 4: cy@contoso.com,cy@fabrikam.com)",
        ),
        ("Nothing about anybody", "Nothing about anybody"),
    ],
)
def test_users_in_messages_that_are_not_known(text: str, told: str) -> None:
    """Addresses and line numbers are tied to their users all the same."""
    result = t2t.explain(text.encode(), PAIRS)
    assert (result.not_understood, result.exit_status()) == ((told,), 1)


CONSOLE = "Validation Failed, Errors are updated on the blob here: https://x.blob.core.windows.net/c/usermapping.csv?sp=r&sig="


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Code : 202\nDescription : Accepted", 0),
        ("Validate Tenant To Tenant Migration: Running", 0),
        ("Validate Tenant To Tenant Migration: Succeeded\nMigrate Environment: Running", 0),
        (CONSOLE + "aB3%2Fd%3D", 1),
        (CONSOLE + "aB3\r\n  %2Fd%3D\r\n", 1),
        ('{"state": "Failed"}', 1),
        (
            '{"Url": "https://x.blob.core.windows.net/c?sp=r\\u0026sig=aB3%2Fd%3D\\u0026se=1 is the blob", "status": "Failed"}',
            1,
        ),
    ],
)
def test_the_answers_of_a_console(text: str, status: int) -> None:
    """Each says what it means; a failure is no success; the secret is never repeated."""
    result = t2t.explain(text.encode(), PAIRS)
    assert result.exit_status() == status
    assert result.notes
    assert b"aB3" not in result.json()
    assert b"2Fd" not in result.json()


def test_secrets_are_masked_in_errors_too() -> None:
    """Whatever is printed goes through one place."""
    for text in ("https://x?sv=1&sig=hush%3D is no file", "sig = hush", 'a "sig" : "hush" b', "sig= hush\t"):
        shown = str(t2t.Problem("I101", text))
        assert "hush" not in shown
        assert str(t2t.Problem("I101", shown)).count("(hidden)") == 1


def test_only_what_is_no_error_is_no_error() -> None:
    """Users without a message are counted."""
    result = t2t.explain(
        b"User,State\nann@contoso.com,Succeeded\nbob@contoso.com,Succeeded\ncy@contoso.com,RetryableError\n", PAIRS
    )
    assert result.findings["upn"].to_list() == ["cy@contoso.com"]
    assert (result.not_understood, result.notes) == ((), ("2 lines with users, but without a message.",))


def test_records_are_tied_by_their_id() -> None:
    """The service keys users by systemuserid: an export of the environment says who that is."""
    source = pl.DataFrame({"systemuserid": [GUID], "Full Name": ["Bob Roe"], "Windows Live ID": ["bob@contoso.com"]})
    result = t2t.explain(f"{GUID},RetryableError\n{GUID[:-1]}2,SkippedMapping".encode(), PAIRS, source_full=source)
    assert result.findings.select("code", "lines", "upn").rows() == [
        ("V901", [3], "bob@contoso.com"),
        ("P313", None, None),
    ]
    assert "Line 3: bob@contoso.com,bob@fabrikam.com (Bob Roe)." in result.findings["message"][0]
    alone = t2t.explain(f"Quota of {GUID}".encode(), source_full=source)
    assert alone.not_understood == (f"Quota of {GUID} (bob@contoso.com (Bob Roe))",)


def test_an_address_stays_as_it_is_written() -> None:
    """No capital letter is put on it, whatever begins with it."""
    (message,) = t2t.explain(b"bo@y.com,SourceUserDoesNotExistInOrgDB").findings["message"]
    assert " address. bo@y.com. The service says" in message


LARGE = {
    "a word without an end": b"Invalid Email Format '" + b"a" * 300_000,
    "hyphens": b"x-" * 150_000,
    "as many messages as lines": b"".join(b"Invalid Email Format 'u%d@x'\n" % n for n in range(30_000)),
}


@pytest.mark.parametrize(("name", "messages"), list(zip(LARGE, (1, 0, 30_000), strict=True)))
def test_what_is_large_takes_no_longer_than_it_is(name: str, messages: int) -> None:
    """Steps that grow with the square of the text would take minutes here."""
    assert t2t.explain(LARGE[name]).findings.height == messages


def test_the_way_to_run_again_is_told_once(tmp_path: Path) -> None:
    """Whoever has asked for the lines is told what came of it, and not to ask; ids stay in one piece."""
    (tmp_path / "e.csv").write_text(
        "Id,Result\nb0c4e000-0000-4000-8000-000000000001,RetryableError\n", encoding="utf-8"
    )
    (tmp_path / "usermapping.csv").write_bytes(MAPPING)
    arguments = ("explain", tmp_path / "e.csv", "--mapping", tmp_path / "usermapping.csv")
    told = command(*arguments).stdout
    assert "may be tried again" in told
    assert "b0c4e000-0000-4000-8000-000000000001" in told
    told = command(*arguments, "--retry", tmp_path / "again.csv").stdout
    told = " ".join(told.split())
    assert "none of them is on a line of this mapping" in told
    assert "may be tried again" not in told
