"""Outputs: whole or as they were, and harmless in a spreadsheet whatever the names are."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from places import SOURCE
from small import merger, person

import t2t_mapping as t2t
from t2t_mapping.outputs import files as outputs

OLD = {"a.csv": b"old a", "b.csv": b"old b", "usermapping.csv": b"old mapping"}
NEW = {"a.csv": b"new a", "b.csv": b"new b", "c.csv": b"new c", "usermapping.csv": b"new mapping"}


def standing(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, data in OLD.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


def test_the_mapping_comes_last(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are put in place in the order given."""
    order = []
    replace = Path.replace

    def noted(self: Path, target: Path) -> Path:
        order.append(target.name)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", noted)
    outputs.store(folder, NEW)
    assert order == ["a.csv", "b.csv", "c.csv", "usermapping.csv"]
    assert standing(folder) == NEW


@pytest.mark.parametrize("step", range(1, 13))
def test_a_full_disk_at_any_step_changes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Every write, flush and replacement may be the one that fails."""
    calls = 0

    def failing(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == step:
                raise OSError(28, "No space left on device")
            return function(*arguments, **options)

        return call

    monkeypatch.setattr(os, "fsync", failing(os.fsync))
    monkeypatch.setattr(tempfile, "mkstemp", failing(tempfile.mkstemp))
    monkeypatch.setattr(Path, "replace", failing(Path.replace))
    with pytest.raises(t2t.OutputError, match="No space left on device") as caught:
        outputs.store(folder, NEW)
    assert ".tmp" not in str(caught.value)
    monkeypatch.undo()
    assert standing(folder) == OLD


@pytest.mark.parametrize("change", [-1, 1])
def test_what_does_not_read_back_is_not_put_in_place(
    folder: Path, monkeypatch: pytest.MonkeyPatch, change: int
) -> None:
    """A medium that loses or adds bytes is noticed before anything is replaced."""
    synced = os.fsync

    def losing(handle: int) -> None:
        os.ftruncate(handle, len(NEW["b.csv"]) + change)
        synced(handle)

    monkeypatch.setattr(os, "fsync", losing)
    with pytest.raises(t2t.OutputError, match="does not read back the same"):
        outputs.store(folder, NEW)
    monkeypatch.undo()
    assert standing(folder) == OLD


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 2 << 20])
def test_reading_back_in_pieces(tmp_path: Path, size: int) -> None:
    """One byte more, less or other is seen, wherever a piece ends."""
    path, data = tmp_path / "a", b"x" * size
    path.write_bytes(data)
    assert outputs._holds(path, data)
    assert not outputs._holds(path, data + b"x")
    if size:
        assert not outputs._holds(path, data[:-1])
        assert not outputs._holds(path, data[:-1] + b"y")


def test_without_hard_links_copies_do(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A memory stick or a network drive: what stood there comes back all the same."""

    def refused(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(Path, "hardlink_to", refused)
    replaced = Path.replace

    def locked(self: Path, target: Path) -> Path:
        if Path(target).name == "b.csv" and locked_now.pop():
            raise PermissionError(13, "Permission denied", "b.csv")
        return replaced(self, target)

    locked_now = [False, True]  # it fails once, and can be put back
    monkeypatch.setattr(Path, "replace", locked)
    with pytest.raises(t2t.OutputError, match=r"Permission denied"):
        outputs.store(folder, NEW)
    assert standing(folder) == OLD


def test_a_locked_target_changes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a file is open in Excel on Windows: asked before anything is touched."""
    opened = Path.open

    def locked(self: Path, mode: str = "r", *rest: object, **options: object) -> object:
        if self.name == "b.csv" and "+" in mode:
            raise PermissionError(13, "Permission denied", str(self))
        return opened(self, mode, *rest, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", locked)
    with pytest.raises(t2t.OutputError, match=r"Permission denied \(b\.csv\)"):
        outputs.store(folder, NEW)
    monkeypatch.undo()
    assert standing(folder) == OLD


def test_a_folder_that_could_not_be_filled_is_not_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing written means nothing there."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(t2t.OutputError):
        outputs.store(tmp_path / "out", NEW)
    assert not (tmp_path / "out").exists()


def test_an_earlier_mapping_that_would_be_wrong_goes(folder: Path) -> None:
    """And comes back when the rest fails."""
    outputs.store(folder, {"a.csv": b"new a"}, remove=("usermapping.csv",))
    assert standing(folder) == {"a.csv": b"new a", "b.csv": b"old b"}


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_killed_at_any_moment_earlier_outputs_are_whole(tmp_path: Path) -> None:
    """A process that writes in a loop is killed; every file is one that was once written whole."""
    program = (
        "import sys; from pathlib import Path; from t2t_mapping.outputs import files as outputs\n"
        "folder = Path(sys.argv[1]); n = 0\n"
        "while True:\n"
        "    n += 1\n"
        "    outputs.store(folder, {name: (f'{n}-' * 50_000).encode() for name in ('a.csv', 'usermapping.csv')})\n"
        "    print(n, flush=True)\n"
    )
    for pause in (0.0, 0.01, 0.03):
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path)],
            env=os.environ | {"PYTHONPATH": str(SOURCE)},
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        for name in ("a.csv", "usermapping.csv"):
            text = (tmp_path / name).read_text(encoding="ascii")
            first = text.split("-", 1)[0]
            assert text == f"{first}-" * 50_000


HOSTILE = (
    '=HYPERLINK("http://x.example","y")',
    "+1+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "</script><script>alert(1)</script>",
    'He said "no", twice',
    "line\nbreak",
    "a\u202eb",
    "_x0041_",
    "O'Brien",
    "İlker Iğdır",
)


def test_hostile_names_are_harmless_in_every_output(tmp_path: Path) -> None:
    """Read back, every name is what it was, and nothing begins with what a spreadsheet would execute."""
    source = [person(name, f"u{n}@contoso.com") for n, name in enumerate(HOSTILE)]
    source += [person("Ann Lee", "=cmd|' /C calc'!A0"), person("Bob Roe", "bob@contoso.com")]
    destination = [person(name, f"u{n}@fabrikam.com") for n, name in enumerate(HOSTILE)]
    result = merger(source, [*destination, person("Bob Roe", "bob@fabrikam.com")])
    written = result.write(tmp_path)
    for name in ("accounting.csv", "findings.csv"):
        rows = list(csv.reader(io.StringIO(written[name].read_text(encoding="utf-8"), newline="")))
        assert not [cell for row in rows for cell in row if cell[:1] in tuple("=+-@\t\r\n")], name
    shown = {row["source"]: row["full_name"] for row in result.accounting.iter_rows(named=True)}
    assert {shown[f"u{n}@contoso.com"] for n in range(len(HOSTILE))} == {name.strip() for name in HOSTILE}
    told = json.loads(written["findings.json"].read_text(encoding="utf-8"))
    assert len(told["findings"]) == result.findings.height
    mapping = written["usermapping.csv"].read_bytes()
    assert set(mapping) <= set(b"abcdefghijklmnopqrstuvwxyz0123456789@.,\r\nSD")
    page = written["report.html"].read_text(encoding="utf-8")
    assert "<script>alert(1)" not in page
    book = openpyxl.load_workbook(written["review.xlsx"])
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            assert not [cell.coordinate for cell in row if cell.data_type == "f" or cell.hyperlink]


def test_existing_outputs_of_another_kind_stand_in_the_way(tmp_path: Path) -> None:
    """A file where the folder should be, a link where a file should be."""
    result = merger([person("Ann Lee", "ann@contoso.com")], [person("Ann Lee", "ann@fabrikam.com")])
    (tmp_path / "file").write_bytes(b"")
    for folder in ("file", "file/out", "file/deep/out"):
        with pytest.raises(t2t.OutputError, match=r"[/\\\\]file is a file, not a folder"):
            result.write(tmp_path / folder)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "run.json").symlink_to(tmp_path / "file")
    with pytest.raises(t2t.OutputError, match=r"already holds run\.json"):
        result.write(tmp_path / "out")
