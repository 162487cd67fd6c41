"""What a caller may give in the place of a file."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas
import polars as pl
import pytest

from t2t_mapping.errors import InputError, UsageError
from t2t_mapping.read import sources

BYTES = b"Full Name,UPN\nAnn Lee,ann@contoso.com\n"
ROWS = [{"Full Name": "Ann Lee", "UPN": "ann@contoso.com"}, {"UPN": "bob@contoso.com", "n": 1, "on": True, "l": ["a"]}]
FRAME = pl.DataFrame({"UPN": ["ann@contoso.com"]})


class Home:
    """Anything that knows its path."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __fspath__(self) -> str:
        return str(self.path)


def named(name: str) -> io.BytesIO:
    stream = io.BytesIO(BYTES)
    stream.name = name
    return stream


def upload() -> object:
    """As web frameworks have them: `read` is asynchronous, `file` is the file."""

    async def read() -> bytes:
        return BYTES

    return SimpleNamespace(filename="users.csv", read=read, file=io.BytesIO(BYTES))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a few files, in which we are."""
    for name in ("b.csv", "a.xlsx", "[Contoso] users.csv", "c.doc", "~$a.xlsx"):
        (tmp_path / name).write_bytes(BYTES)
    monkeypatch.chdir(tmp_path)
    return tmp_path


GIVEN: list[tuple[Callable[[Path], Any], list[str]]] = [
    (lambda _: "b.csv", ["b.csv"]),
    (lambda _: Path("b.csv"), ["b.csv"]),
    (lambda _: Home(Path("b.csv")), ["b.csv"]),
    (lambda _: ["b.csv", Path("a.xlsx"), "b.csv"], ["a.xlsx", "b.csv"]),
    (lambda _: "*.csv", ["[Contoso] users.csv", "b.csv"]),
    (lambda _: "[Contoso] users.csv", ["[Contoso] users.csv"]),
    (lambda _: ".", ["[Contoso] users.csv", "a.xlsx", "b.csv"]),
    (lambda _: BYTES, ["bytes 1"]),
    (lambda _: bytearray(BYTES), ["bytes 1"]),
    (lambda _: memoryview(BYTES), ["bytes 1"]),
    (lambda _: ("users.csv", BYTES), ["users.csv"]),
    (lambda _: (Path("in/users.csv"), BYTES), ["in/users.csv"]),
    (lambda _: [("users.csv", BYTES), BYTES], ["users.csv", "bytes 2"]),
    (lambda _: io.BytesIO(BYTES), ["file 1"]),
    (lambda _: named("exports/users.csv"), ["exports/users.csv"]),
    (lambda _: named(os.path.join(tempfile.gettempdir(), "x", "users.csv")), ["users.csv"]),  # noqa: PTH118
    (lambda _: io.StringIO(BYTES.decode()), ["file 1"]),
    (lambda _: Path("b.csv").open("rb"), ["b.csv"]),  # noqa: SIM115
    (lambda _: upload(), ["users.csv"]),
    (lambda _: FRAME, ["frame 1"]),
    (lambda _: FRAME.lazy(), ["frame 1"]),
    (lambda _: FRAME.to_pandas(), ["frame 1"]),
    (lambda _: FRAME.to_arrow(), ["frame 1"]),
    (lambda _: ROWS, ["frame 1"]),
    (lambda _: ROWS[0], ["frame 1"]),
    (lambda _: [ROWS, "b.csv", [BYTES, FRAME]], ["b.csv", "frame 1", "bytes 2", "frame 3"]),
    (lambda _: (file for file in ["b.csv", "a.xlsx"]), ["a.xlsx", "b.csv"]),
    (lambda _: [], []),
]


@pytest.mark.parametrize("number", range(len(GIVEN)))
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_whatever_is_given_has_a_name_and_a_content(number: int, home: Path) -> None:
    """Paths first, in order; what has no name of its own is numbered."""
    make, labels = GIVEN[number]
    found = sources(make(home))
    assert [source.label for source in found] == labels
    for source in found:
        content = source.content()
        assert content == BYTES if isinstance(content, bytes) else "ann@contoso.com" in content["UPN"].to_list()


def test_rows_become_text() -> None:
    """As JSON would write them; nothing is inferred from the first rows."""
    (source,) = sources([*ROWS, {"UPN": None, "n": "00042"}])
    assert isinstance(source.given, pl.DataFrame)
    assert source.given.rows() == [
        ("Ann Lee", "ann@contoso.com", None, None, None),
        (None, "bob@contoso.com", "1", "true", '["a"]'),
        (None, None, "00042", None, None),
    ]


@pytest.mark.parametrize(("given", "what"), [(7, "int"), (None, "NoneType"), (["b.csv", 7.5], "float")])
@pytest.mark.usefixtures("home")
def test_what_nothing_can_be_read_from(given: object, what: str) -> None:
    """A mistake of the caller, and said as one."""
    with pytest.raises(UsageError, match=f"^{what} is nothing that can be read"):
        sources(given)


def test_all_paths_that_lead_nowhere_are_told_at_once(home: Path) -> None:
    """And nothing is read."""
    with pytest.raises(InputError) as caught:
        sources(["*.parquet", " ", home / "b.csv"])
    assert [problem.file for problem in caught.value.problems] == ["*.parquet", "(empty)"]


def test_pandas_keeps_its_texts() -> None:
    """Through the Arrow stream, whatever the kind of its columns."""
    (source,) = sources(pandas.DataFrame({"UPN": ["ann@contoso.com", None], "id": ["00042", "1"]}))
    assert isinstance(source.given, pl.DataFrame)
    assert source.given.rows() == [("ann@contoso.com", "00042"), (None, "1")]
