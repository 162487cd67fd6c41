"""Bad input from the command line: exit 2, one clear message that names the file, nothing written, no traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import called as t2t

USERS = "Full Name,Windows Live ID\nAnn Lee,ann@contoso.com\n"
HIDDEN = "(Do Not Modify) Account,(Do Not Modify) Row Checksum,(Do Not Modify) Modified On,Account Name,Email\n,,,A,a@x.com\n"

FILES: list[tuple[str, bytes | None, str, str]] = [
    # file, content (None: absent), code, part of the message
    ("missing.xlsx", None, "I101", "no such file"),
    ("empty.csv", b"", "I101", "empty"),
    (
        "columns.csv",
        b"Name,City\nAnn,Oslo\n",
        "I102",
        "There is no column of user principal names; the columns are: Name, City.",
    ),
    ("accounts.csv", HIDDEN.encode(), "I108", "This is an export of the table Account, not of users."),
    ("both.csv", b"A,B\na@x.com,b@y.com\n", "I101", "The columns 'A' and 'B' both look like user principal names."),
    ("twice.csv", b"UPN,upn\na@x.com,b@y.com\n", "I101", "called"),
    ("wide.csv", (USERS + "Bob,bob@x.com,x,y,z\n").encode(), "I101", "row 3"),
    ("nul.csv", USERS.encode().replace(b"Lee", b"L\0e"), "I101", "NUL"),
    ("utf16.csv", USERS.encode("utf-16-le"), "I101", "UTF-16"),
    ("damaged.xlsx", b"PK\x03\x04" + bytes(60), "I101", ""),
    ("page.xls", b"<html><body>Sign in</body></html>", "I101", "HTML"),
    ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "I101", ""),
    ("paper.pdf", b"%PDF-1.7\n", "I101", "PDF"),
    ("users.csv.gz", b"\x1f\x8b\x08\x00" + bytes(30), "I101", "gzip"),
    (
        "users.json",
        b'{"value": [{"userPrincipalName": "a@x.com", "userPrincipalName": "b@x.com"}]}',
        "I101",
        "userPrincipalName",
    ),
]


@pytest.mark.parametrize(("name", "content", "code", "words"), FILES, ids=[file[0] for file in FILES])
def test_one_bad_file(tmp_path: Path, name: str, content: bytes | None, code: str, words: str) -> None:
    """One message, with code, side, file and what to do."""
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    done = t2t("generate", "--source-full", path, "--out", tmp_path / "out", "--format", "json")
    assert done.returncode == 2
    (finding,) = json.loads(done.stdout)["findings"]
    assert (finding["code"], finding["severity"], finding["side"]) == (code, "fatal", "source")
    assert finding["file"] == path.as_posix()
    assert words.lower() in finding["message"].lower()
    assert finding["fix"]
    assert "Traceback" not in done.stderr
    assert f"Fix: {finding['fix']}" in done.stderr
    assert done.stderr.startswith("Stopped. Nothing was written.\n" + code)
    assert not (tmp_path / "out").exists()


def test_every_bad_file_is_named_at_once(tmp_path: Path) -> None:
    """Three faults, three messages, whichever side."""
    (tmp_path / "a.csv").write_bytes(b"Name\nAnn\n")
    (tmp_path / "b.csv").write_bytes(b"")
    (tmp_path / "rules.csv").write_text("a@contoso.com,x@y.com\na@contoso.com,z@y.com\n", encoding="utf-8")
    done = t2t(
        "generate",
        "--source-full",
        tmp_path / "a.csv",
        "--destination-full",
        tmp_path / "b.csv",
        "--rules",
        tmp_path / "rules.csv",
        "--out",
        tmp_path / "out",
        "--format",
        "json",
    )
    assert done.returncode == 2
    told = json.loads(done.stdout)["findings"]
    assert [(f["code"], f["side"], f["lines"]) for f in told] == [
        ("I102", "source", None),
        ("I101", "destination", None),
        ("R401", "rules", [1, 2]),
    ]
    assert not (tmp_path / "out").exists()


def test_folders_and_globs_without_exports(tmp_path: Path) -> None:
    """Say so, and nothing else."""
    (tmp_path / "folder").mkdir()
    for given, words in ((tmp_path / "folder", "The folder holds no export"), (tmp_path / "*.xlsx", "No file matches")):
        done = t2t("generate", "--source-full", given, "--out", tmp_path / "out")
        assert done.returncode == 2
        assert words in done.stderr


def test_a_literal_name_beats_a_glob(tmp_path: Path) -> None:
    """`[Contoso] users.csv` is a file name."""
    (tmp_path / "[Contoso] users*.csv").write_text(USERS, encoding="utf-8")
    done = t2t(
        "generate", "--source-full", tmp_path / "[Contoso] users*.csv", "--out", tmp_path / "out", "--outputs", "core"
    )
    assert done.returncode == 1
    assert "total     1" in done.stdout


def test_an_input_is_never_overwritten(tmp_path: Path) -> None:
    """Not even with --overwrite: an earlier mapping used as a rule table stays."""
    (tmp_path / "usermapping.csv").write_text("Source,Destination\nann@contoso.com,a@fabrikam.com\n", encoding="utf-8")
    (tmp_path / "users.csv").write_text(USERS, encoding="utf-8")
    done = t2t(
        "generate",
        "--source-full",
        tmp_path / "users.csv",
        "--rules",
        tmp_path / "usermapping.csv",
        "--out",
        tmp_path,
        "--overwrite",
    )
    assert done.returncode == 2
    assert "is an input of this run" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["usermapping.csv", "users.csv"]


def test_internal_errors_are_short(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 70, where it happened and how to report it, and no personal data."""
    from t2t_mapping.cli import commands as cli

    def broken(arguments: object) -> int:
        raise ZeroDivisionError("ann@contoso.com")

    monkeypatch.setitem(cli._COMMANDS, "codes", broken)
    assert cli.main(["codes"]) == 70
    told = capsys.readouterr().err
    assert "Internal error (not caused by your files): ZeroDivisionError at test_refusals.py:" in told
    assert "ann@contoso.com" not in told
