"""Letters that were garbled on their way."""

from __future__ import annotations

import polars as pl
import pytest

from t2t_mapping.read.letters import restored

NAMES = ["Jürgen Müller", "Łukasz Żak", "Ünal Çağlar", "Иван Петров", "佐藤 太郎", "José Núñez", "Ágnes Őry", "Zoë"]


def run(*texts: str | None) -> tuple[list[str | None], tuple[str, ...]]:
    frame, said = restored(
        pl.DataFrame({"row": range(len(texts)), "1": texts}, {"row": pl.UInt32, "1": pl.String}), ("", "Name")
    )
    return frame["1"].to_list(), said


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("bad", ["cp1252", "latin-1"])
def test_utf8_that_was_read_as_something_else_is_undone(name: str, bad: str) -> None:
    """Every letter comes back; what is in order stays as it is."""
    raw = name.encode()
    if bad == "cp1252":  # whose five holes programs fill with the control characters of Latin-1
        garbled = "".join(bytes((b,)).decode("cp1252" if b not in b"\x81\x8d\x8f\x90\x9d" else "latin-1") for b in raw)
    else:
        garbled = raw.decode("latin-1")
    texts, said = run(garbled, "Ann Lee", None)
    assert texts == [name, "Ann Lee", None]
    (sentence,) = said
    assert sentence.startswith("in the column 'Name', one text with garbled letters put right ('")


@pytest.mark.parametrize(
    "name", [*NAMES, "Ann Lee", "Ã la carte", "A?", "What? No", "https://x/?a=b?c", "3rd floor?", "ÂB", "Ö"]
)
def test_what_is_in_order_stays(name: str) -> None:
    """Letters of any language, and question marks that ask something."""
    assert run(name) == ([name], ())
