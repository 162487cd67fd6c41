"""What a file is, for every command the same, and which command takes it."""

from __future__ import annotations

import io
import json
from pathlib import Path

import polars as pl
import pytest
from commands import called as command

from t2t_mapping.read.recognise import KINDS, kind_of

WORKBOOK = pl.DataFrame({"Source": ["a@x.com"], "Full name": ["A"], "Decision": ["map"], "Destination": ["b@y.com"]})


def workbook(frame: pl.DataFrame) -> bytes:
    """A small .xlsx of a frame."""
    buffer = io.BytesIO()
    frame.write_excel(buffer)
    return buffer.getvalue()


FILES: list[tuple[str, bytes, str | None]] = [
    ("a mapping", b"Source,Destination\r\na@x.com,b@y.com\r\n", "mapping"),
    ("another tool's map", b"SourceUpn,TargetUpn\r\na@x.com,b@y.com\r\n", "mapping"),
    ("a mapping without header", b"a@x.com,b@y.com\r\nc@x.com,d@y.com\r\n", "mapping"),
    ("semicolons and a mark", b"\xef\xbb\xbfSource;Destination\r\na@x.com;b@y.com\r\n", "mapping"),
    ("UTF-16", "Source,Destination\r\na@x.com,b@y.com\r\n".encode("utf-16"), "mapping"),
    ("rules with notes", b"Source,Destination,Note\na@x.com,b@y.com,hr\n", "rule-table"),
    ("a pattern", b"Source,Destination\n*@x.com,*@y.com\n", "rule-table"),
    ("an exclusion", b"Source,Destination\na@x.com,\nb@x.com,b@y.com\n", "rule-table"),
    ("a review workbook", workbook(WORKBOOK), "review-workbook"),
    ("a mapping as a workbook", workbook(pl.DataFrame({"Source": ["a@x.com"], "Destination": ["b@y.com"]})), "mapping"),
    (
        "a review workbook without its Decision",
        workbook(pl.DataFrame({"Source": ["a@x.com"], "Destination": [""], "Source key": [""], "Circumstances": [""]})),
        "review-workbook",
    ),
    (
        "rules whose notes quote the service",
        b"Source,Destination,Note\na@x.com,b@y.com,was RetryableError\n",
        "rule-table",
    ),
    ("our report", b'<!doctype html>\n<meta name="generator" content="t2t-mapping 1">\nRetryableError', "report"),
    (
        "results as a workbook",
        workbook(pl.DataFrame({"User": ["a@x.com"], "Result": ["RetryableError"]})),
        "error-report",
    ),
    ("an accounting", b"source,disposition,destination,matched_by\na@x.com,held,,\n", "accounting"),
    (
        "findings that quote the service",
        b"code,name,severity,message,fix\nM505,x,error,Invalid Email Format 'a',y\n",
        "findings",
    ),
    ("a run's record", json.dumps({"tool": "t2t-mapping", "version": "1"}).encode(), "run"),
    ("a plan", b'[source]\ndomains = ["x.com"]\n[[environment]]\nname = "Sales"\n', "plan"),
    ("messages", b"Line '2, 3' have the same 'a@x.com'", "error-report"),
    ("a mapping with results", b"Source,Destination,Error\na@x.com,b@y.com,RetryableError\n", "error-report"),
    ("results as JSON", b'[{"id": 1, "code": "SkippedMapping"}]', "error-report"),
    ("a console", b"Code : 202\nValidate Tenant To Tenant Migration: Running\n", "error-report"),
    ("a Dynamics export", b"Full Name,Windows Live ID\nA B,a@x.com\n", "export"),
    ("Dataverse", b'{"@odata.context": "https://x.crm4.dynamics.com/$metadata#systemusers", "value": []}', "export"),
    ("accounts", b"User principal name,Display name,Block credential\na@x.com,A,False\n", "directory"),
    ("Graph", b'{"value": [{"userPrincipalName": "a@x.com", "accountEnabled": true}]}', "directory"),
    ("who exists", b"UserPrincipalName,ExistsInTarget\na@x.com,True\n", "existence-check"),
    (
        "a usage report",
        b"Report Refresh Date,User Principal Name,Is Deleted\n2026-01-01,a@x.com,False\n",
        "usage-report",
    ),
    ("a shopping list", b"bread\nbutter\n", None),
    ("nothing", b"", None),
    ("broken JSON", b'{"a": ', None),
]


@pytest.mark.parametrize(("name", "data", "kind"), FILES, ids=[name for name, *_ in FILES])
def test_kinds(name: str, data: bytes, kind: str | None) -> None:
    """By content, whatever the form."""
    found = kind_of(data)
    assert (found and found.name) == kind


def test_every_kind_has_a_file_and_a_taker() -> None:
    """No kind without a case, none without a command or a way out."""
    assert {kind for _, _, kind in FILES} - {None} == set(KINDS)
    assert all("`" in kind.taker for kind in KINDS.values())


GIVEN = {name: data for name, data, _ in FILES}
USERS = b"Full Name,Windows Live ID\nA B,a@x.com\n"


@pytest.mark.parametrize(
    ("arguments", "given", "words"),
    [
        (
            ("generate", "--source-full"),
            "a mapping",
            "I108 {}: This is a mapping file. It lists no users of a tenant. Fix: `validate` checks",
        ),
        (("generate", "--source-full"), "an accounting", "I108 {}: This is the accounting of a run."),
        (("generate", "--source-full"), "a review workbook", "Fix: `--rules` of `generate` takes it."),
        (("generate", "--source-full"), "a mapping with results", "I108 {}: This is the service's error report."),
        (("generate", "--source-full"), "results as a workbook", "I108 {}: This is the service's error report."),
        (("explain",), "our report", "I101 {}: This is a report of this program."),
        (("generate", "--source-full"), "messages", "Fix: `explain` reads it."),
        (
            ("generate", "--source-full", "users.csv", "--rules"),
            "an accounting",
            "R403 {}: This is the accounting of a run.",
        ),
        (
            ("generate", "--source-full", "users.csv", "--rules"),
            "a run's record",
            "R403 {}: This is the record of a run.",
        ),
        (("generate", "--source-full", "users.csv", "--rules"), "results as JSON", "Fix: `explain` reads it."),
        (("generate", "--source-full", "users.csv", "--rules"), "a mapping with results", "Fix: `explain` reads it."),
        (("generate", "--source-full", "users.csv", "--rules"), "accounts", "`generate --destination-directory`"),
        (
            ("explain",),
            "a mapping",
            "I101 {}: This is a mapping file. It is not the service's error report. Fix: `validate` checks",
        ),
        (("explain",), "accounts", "I101 {}: This is an export of a tenant's accounts."),
        (("explain",), "nothing", "I101 {}: The error report is empty."),
        (("plan",), "a mapping", "I101 {}: This is a mapping file. It is not a plan."),
        (("verify", "users.csv", "--after"), "messages", "Fix: `explain` reads it."),
    ],
)
def test_each_refusal_names_the_command(tmp_path: Path, arguments: tuple[str, ...], given: str, words: str) -> None:
    """Exit status 2, and which command takes the file."""
    (tmp_path / "users.csv").write_bytes(USERS if "generate" in arguments else GIVEN["a mapping"])
    path = tmp_path / "given.dat"
    path.write_bytes(GIVEN[given])
    done = command(*(str(tmp_path / a) if a == "users.csv" else a for a in arguments), path, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert words.format(path.as_posix()) in done.stderr


@pytest.mark.parametrize(
    ("given", "code", "taker"),
    [
        ("an accounting", "M503", "drift"),
        ("a mapping with results", "M503", "explain"),
        ("a review workbook", "M509", "--rules"),
        ("accounts", "M503", "--destination-directory"),
    ],
)
def test_validate_gives_one_finding_and_repairs_nothing(tmp_path: Path, given: str, code: str, taker: str) -> None:
    """Exit status 1, as for any readable file."""
    path = tmp_path / "usermapping.csv"
    path.write_bytes(GIVEN[given])
    done = command("validate", path, "--fix", tmp_path / "fixed.csv", "--format", "json")
    told = json.loads(done.stdout)
    assert (done.returncode, [finding["code"] for finding in told["findings"]]) == (1, [code])
    assert taker in told["findings"][0]["fix"]
    assert not (tmp_path / "fixed.csv").exists()
