"""`inspect`: what each file is, how it was recognised, what is known, and why a file cannot be used."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
from commands import t2t as command

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
    assert "The columns 'A' and 'B' both look like user principal names. [bad.csv]" in done.stdout
    told = json.loads(command("inspect", FORMATS / "m365.csv", "--format", "json").stdout)
    assert list(told) == ["counts", "findings", "skipped", "outputs", "files", "columns", "known"]
    assert told["counts"] == {"files": 1, "usable": 1, "rows": 12, "codes": {"I104": 1}}
    assert command("inspect", tmp_path / "missing.csv").returncode == 1
    assert command("inspect", tmp_path / "*.nothing").returncode == 2
