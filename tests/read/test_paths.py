"""Files, folders and globs: which files are meant, and what is said where there are none."""

from __future__ import annotations

from pathlib import Path

import pytest

import t2t_mapping as t2t
from t2t_mapping.read import expand


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Exports among other things; it is the current folder, too."""
    for name in ("b.csv", "A.XLSX", "c.json", "notes.md", ".hidden.csv", "~$A.xlsx", "[x] users.csv"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "folder.csv" / "d.csv").write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("given", "files"),
    [
        (["b.csv"], ["b.csv"]),
        (["notes.md"], ["notes.md"]),  # named by a person: the reader says what it is
        (["c.json", "b.csv", "./b.csv"], ["b.csv", "c.json"]),
        (["*.csv"], [".hidden.csv", "[x] users.csv", "b.csv"]),
        (["[x] users.csv"], ["[x] users.csv"]),
        (["[ab].*"], ["b.csv"]),
        (["folder.csv"], ["folder.csv/d.csv"]),
        (["*/d.csv"], ["folder.csv/d.csv"]),
        (["absent.csv"], ["absent.csv"]),  # the reader says that it is not there
    ],
)
def test_what_is_meant(folder: Path, given: list[str], files: list[str]) -> None:
    """Sorted, each once; a file of that very name before a pattern; no folders, no lock files of Office."""
    assert expand(given) == [(file, Path(file)) for file in files]
    absolute = [folder / name for name in given]
    assert expand(absolute) == [((folder / file).as_posix(), folder / file) for file in files]


def test_of_a_folder_the_exports(folder: Path) -> None:
    """By their endings, whatever their case; hidden files and lock files are not meant."""
    (folder / "folder.csv" / "d.csv").unlink()
    (folder / "folder.csv").rmdir()
    assert [label for label, _ in expand(["."])] == ["A.XLSX", "[x] users.csv", "b.csv", "c.json"]


def test_every_path_that_leads_nowhere_is_named(folder: Path) -> None:
    """All at once, each with its reason."""
    (folder / "empty").mkdir()
    with pytest.raises(t2t.InputError) as caught:
        expand(["b.csv", "", " ", "empty", "*.parquet", folder / "~$*"])
    assert [(problem.code, problem.message, problem.fix, problem.file) for problem in caught.value.problems] == [
        ("I101", "An empty path was given.", "Name the file.", "(empty)"),
        ("I101", "An empty path was given.", "Name the file.", "(empty)"),
        (
            "I101",
            "The folder holds no export (xlsx, xlsb, xls, ods, xml, csv, tsv, txt, json or parquet).",
            "Check the path.",
            "empty",
        ),
        ("I101", "No file matches this pattern.", "Check the path.", "*.parquet"),
        ("I101", "No file matches this pattern.", "Check the path.", str(folder / "~$*")),
    ]
