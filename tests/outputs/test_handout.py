"""What comparisons and checks leave behind to hand on: whole files, all or none, safe and of the report's family."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from commands import called
from commands import t2t as process
from small import frame, merger, person

import t2t_mapping as t2t
from t2t_mapping.outputs.handout import Handout, Sheet, handout_files

ANN, BOB = person("Ann Lee", "ann@contoso.com"), person("<b>Bob</b> Roe", "bob@contoso.com")
ANN_THERE = person("Ann Lee", "ann@fabrikam.com")


def handout(**changes: object) -> Handout:
    values = {
        "title": "A <title>",
        "verdict": ("nothing", "Not ready", "1 error."),
        "tiles": [("held", "errors", 1_234, "must be corrected")],
        "findings": merger([BOB], [ANN_THERE]).findings,
        "steps": ["Run `generate` again."],
        "sheets": (
            Sheet("People", "people.csv", pl.DataFrame({"upn": ["=cmd|x"], "file": ["/secret/place/a.csv"]})),
            Sheet("Nobody", "nobody.csv", pl.DataFrame({"upn": []}, schema={"upn": pl.String})),
        ),
        "files": ["/secret/place/b.csv"],
    }
    return Handout(**{**values, **changes})  # type: ignore[arg-type]


def test_the_files() -> None:
    """A table without rows has no file; CSVs open in Excel with accents and run nothing; names of files, no paths."""
    files = handout_files(handout())
    assert list(files) == ["people.csv", "findings.csv", "report.html"]
    assert files["people.csv"].startswith(b"\xef\xbb\xbfupn,file\r\n'=cmd|x,")
    page = files["report.html"].decode()
    assert "<script" not in page
    assert "A &lt;title&gt;" in page
    assert "<strong>Not ready.</strong> 1 error." in page
    assert "<b>1,234</b>" in page
    assert "Run <code>generate</code> again." in page
    assert "Nobody" not in page
    assert "/secret" not in page
    order = [page.index(f'id="{name}"') for name in ("sum", "next", "people", "codes")]
    assert order == sorted(order)


def test_a_long_table_is_cut_with_a_note() -> None:
    """The file has every row."""
    many = pl.DataFrame({"upn": [f"u{n}@contoso.com" for n in range(400)]})
    files = handout_files(handout(sheets=(Sheet("Many", "many.csv", many),)))
    assert "Only the first 300 of 400 rows are shown; all are in many.csv." in files["report.html"].decode()
    assert files["many.csv"].count(b"\r\n") == 401


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    """And with leave, what is no longer true goes."""
    both = t2t.Exports(source_full=frame([ANN, BOB]), destination_full=frame([ANN_THERE]))
    t2t.generate(both).write(tmp_path / "run", outputs="core")
    first = t2t.validate(tmp_path / "run/usermapping.csv", both)
    assert "not-in-the-file.csv" in first.write(tmp_path / "out")
    with pytest.raises(t2t.OutputError, match="already holds"):
        first.write(tmp_path / "out")
    alone = t2t.validate(tmp_path / "run/usermapping.csv")
    written = alone.write(tmp_path / "out", overwrite=True)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(written)
    assert "not-in-the-file.csv" not in written


def test_every_command_hands_on(tmp_path: Path) -> None:
    """`--out` of diff, verify, drift, validate and explain; the answer on the terminal stays."""
    source, destination = tmp_path / "s.csv", tmp_path / "d.csv"
    frame([ANN, BOB]).write_csv(source)
    frame([ANN_THERE]).write_csv(destination)
    run = tmp_path / "run"
    both = ("--source-full", source, "--destination-full", destination)
    called("generate", *both, "--out", run, "--outputs", "core")
    (tmp_path / "errors.txt").write_text("Line '2' is not a valid pair", encoding="utf-8")
    calls: dict[str, tuple[str | Path, ...]] = {
        "diff": ("diff", run, run / "usermapping.csv"),
        "verify": ("verify", run, "--after", destination),
        "drift": ("drift", run, *both),
        "validate": ("validate", run / "usermapping.csv", *both),
        "explain": ("explain", tmp_path / "errors.txt", "--mapping", run / "usermapping.csv"),
    }
    for name, arguments in calls.items():
        done = process(*arguments, "--out", tmp_path / name)
        assert (done.returncode in (0, 1), done.stderr) == (True, ""), name
        assert f"Written to {tmp_path / name}: " in done.stdout
        assert {"findings.csv", "report.html"} <= {path.name for path in (tmp_path / name).iterdir()}
        assert called(*arguments, "--out", tmp_path / name).returncode == 2
