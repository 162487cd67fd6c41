"""`inspect`: what each file is, how it was recognised, what is known, and why a file cannot be used."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from commands import called as command

import t2t_mapping as t2t

FORMATS = Path("fixtures/formats")


def test_what_each_file_is() -> None:
    """Kind, view, rows and users of three containers, in one call."""
    result = t2t.inspect([FORMATS / name for name in ("m365.csv", "graph.json", "worksheet-2003.xls")])
    assert result.files.select("file", "kind", "view", "rows", "users", "domains").rows() == [
        (f"fixtures/formats/{name}", kind, view, 12, 12, "contoso.com (11), contoso.onmicrosoft.com (1)")
        for name, kind, view in (
            ("graph.json", "json", "directory"),
            ("m365.csv", "csv", "directory"),
            ("worksheet-2003.xls", "spreadsheetml", "full"),
        )
    ]
    assert result.exit_status() == 0


def test_how_columns_were_recognised(tmp_path: Path) -> None:
    """By the hidden sheet, by header, by values; what is not used stays listed."""
    german = t2t.inspect(FORMATS / "worksheet-de.xlsx").columns
    assert german.select("header", "field", "how").rows()[3:5] == [
        ("Vollständiger Name", "full_name", "hidden sheet"),
        ("Windows Live-ID", "upn", "hidden sheet"),
    ]
    path = tmp_path / "users.csv"
    path.write_text("Anrede,Wer,Konto\nFrau,Ann Lee,ann@contoso.com\nHerr,Bob Roe,bob@contoso.com\n", encoding="utf-8")
    result = t2t.inspect(path)
    assert result.columns.select("header", "field", "how").rows() == [
        ("Anrede", None, None),
        ("Wer", "full_name", "values"),
        ("Konto", "upn", "values"),
    ]
    assert result.findings["message"].to_list() == ["Found by its values, not by its header: 'Wer' and 'Konto'."]


def test_known_and_unknown() -> None:
    """What a Graph export says when nothing was selected."""
    known = t2t.inspect(FORMATS / "graph-not-selected.json").known
    rows = (
        known.filter(pl.col("fact").is_in(["enabled", "licensed", "kind"]))
        .select("fact", "known", "unknown", "values")
        .rows()
    )
    assert rows == [("enabled", 0, 12, None), ("licensed", 0, 12, None), ("kind", 12, 0, "person (11), guest (1)")]


def test_the_command(tmp_path: Path) -> None:
    """A file that cannot be used is named with the reason, the others are shown all the same."""
    bad = tmp_path / "bad.csv"
    bad.write_bytes(b"A,B\na@x.com,b@y.com\n")
    done = command("inspect", FORMATS / "m365.csv", bad)
    assert done.returncode == 1
    assert "csv, taken for: directory; 12 rows, 12 users" in done.stdout
    assert "The columns 'A' and 'B' both look like user principal names." in done.stdout
    assert "Rows and lines are those of bad.csv" in done.stdout
    told = json.loads(command("inspect", FORMATS / "m365.csv", "--format", "json").stdout)
    assert list(told) == ["counts", "findings", "skipped", "outputs", "files", "columns", "known"]
    assert told["counts"] == {"files": 1, "usable": 1, "rows": 12, "codes": {"I104": 1}}
    assert command("inspect", tmp_path / "missing.csv").returncode == 1
    assert command("inspect", tmp_path / "*.nothing").returncode == 2


def test_files_that_cannot_be_used_are_told_and_do_not_stop_the_others(tmp_path: Path) -> None:
    """One that is no table at all, one without users; what they are is known without knowing which side they are of."""
    (tmp_path / "a.csv").write_bytes(b"")
    (tmp_path / "b.csv").write_text("Name,City\nAnn,Oslo\nBob,Rome\n", encoding="utf-8")
    (tmp_path / "c.csv").write_text("Full Name,UPN\nAnn Lee,ann@contoso.com\n", encoding="utf-8")
    result = t2t.inspect(str(tmp_path))
    assert result.files.select("file", "kind", "view", "rows", "users").rows() == [
        ((tmp_path / "a.csv").as_posix(), "unreadable", None, None, None),
        ((tmp_path / "b.csv").as_posix(), "csv", None, 2, None),
        ((tmp_path / "c.csv").as_posix(), "csv", "directory", 1, 1),
    ]
    assert result.columns.select("header", "field").rows() == [
        ("Name", "full_name"),
        ("City", "city"),
        ("Full Name", "full_name"),
        ("UPN", "upn"),
    ]
    assert result.findings.select("code", "severity", "side", "file", "message").rows() == [
        ("I101", "fatal", None, (tmp_path / "a.csv").as_posix(), "The file is empty (0 bytes)."),
        (
            "I102",
            "fatal",
            None,
            (tmp_path / "b.csv").as_posix(),
            "There is no column of user principal names; the columns are: Name, City.",
        ),
    ]
    assert result.summary == {"files": 3, "usable": 1, "rows": 3, "codes": {"I101": 1, "I102": 1}}
    assert (result.exit_status(), result.exit_status("never")) == (1, 0)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    """There is nothing to look into."""
    with pytest.raises(t2t.InputError, match=r"The folder holds no export"):
        t2t.inspect(tmp_path)
    assert t2t.inspect([]).findings.is_empty()
