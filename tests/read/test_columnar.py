"""Parquet and frames: typed columns become text, and nothing is lost on the way."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from t2t_mapping.errors import InputError
from t2t_mapping.read.columnar import frame_table, read_parquet
from t2t_mapping.read.table import RawTable, all_columns


def table(frame: pl.DataFrame) -> RawTable:
    made = frame_table(frame, "source", all_columns)
    assert made is not None
    return made


def parquet(frame: pl.DataFrame) -> bytes:
    file = io.BytesIO()
    frame.write_parquet(file, statistics=False)
    return file.getvalue()


@pytest.mark.parametrize(
    ("values", "dtype", "texts"),
    [
        (["a@x", " b ", "", None], pl.String, ["a@x", " b ", None, None]),
        ([True, False, None], pl.Boolean, ["true", "false", None]),
        ([42, -1, None], pl.Int64, ["42", "-1", None]),
        ([2**64 - 1], pl.UInt64, ["18446744073709551615"]),
        ([1.0, -0.0, 1.5, 2.0**53, None], pl.Float64, ["1", "0", "1.5", "9007199254740992", None]),
        ([float("nan"), float("inf")], pl.Float64, ["NaN", "inf"]),
        ([Decimal("1.50")], pl.Decimal(10, 2), ["1.50"]),
        (["full", None], pl.Categorical, ["full", None]),
        (["full", None], pl.Enum(["full"]), ["full", None]),
        ([["smtp:a@x", 'é"'], [], [None], None], pl.List(pl.String), ['["smtp:a@x","é\\""]', "[]", "[null]", None]),
        ([[1, 2], None], pl.List(pl.Int64), ["[1,2]", None]),
        ([[1, 2]], pl.Array(pl.Int64, 2), ["[1,2]"]),
        ([{"a": dt.date(2023, 6, 7), "b": "ü"}], pl.Struct, ['{"a":"2023-06-07","b":"ü"}']),
        ([dt.date(2023, 6, 7)], pl.Date, ["2023-06-07"]),
        ([dt.datetime(2023, 6, 7, 1, 2, 3)], pl.Datetime, ["2023-06-07T01:02:03.000000"]),
        ([b"\xff", None], pl.Binary, ["/w==", None]),
        ([None], pl.Null, [None]),
        ([{1}], pl.Object, ["{1}"]),
    ],
)
def test_types_become_text(values: list[object], dtype: pl.DataType, texts: list[str | None]) -> None:
    """Every type has one text; the row counts from 1."""
    made = table(pl.DataFrame({"row": ["x"] * len(values), "a": pl.Series(values, dtype=dtype)}))
    assert made.frame.rows() == [(n, "x", text) for n, text in enumerate(texts, start=1)]
    assert made.frame.schema == {"row": pl.UInt32, "0": pl.String, "1": pl.String}
    assert made.faults.rows() == []


def test_a_frame() -> None:
    """Headers are trimmed, blank rows absent, unsafe characters are faults, only wanted columns are kept."""
    frame = pl.DataFrame({" UPN ": ["a@x", None, "b\u202e@x"], "n": [1, None, None], "": ["", "", "z"]})
    made = table(frame)
    assert (made.file, made.sheet, made.kind, made.headers) == ("source", None, "frame", ("UPN", "n", ""))
    assert made.frame.rows() == [(1, "a@x", "1", None), (3, "b\u202e@x", None, "z")]
    assert made.faults.rows() == [(3, 0, "bidi")]
    assert made.detail == {"rows": "2"}
    seen: list[object] = []
    assert frame_table(frame, "source", lambda *args: seen.append(args)) is None
    assert seen == [(("UPN", "n", ""), {}, [("a@x", "1", None), ("b\u202e@x", None, "z")])]
    one = frame_table(frame, "source", lambda *_: [1], kind="parquet")
    assert one is not None
    assert (one.kind, one.frame.rows()) == ("parquet", [(1, "1"), (3, None)])


@pytest.mark.parametrize("frame", [pl.DataFrame(), pl.DataFrame({"a": []}), pl.DataFrame({"a": [None, None]})])
def test_an_empty_frame(frame: pl.DataFrame) -> None:
    """No rows is no fault."""
    assert table(frame).frame.height == 0


def test_blank_rows_first() -> None:
    """However many: what the table holds is told by its first filled rows."""
    seen: list[object] = []
    frame = pl.DataFrame({"upn": ["", None] * 100 + ["a@x"], "n": [None] * 200 + [1]})
    assert frame_table(frame, "source", lambda *args: seen.append(args)) is None
    assert seen == [(("upn", "n"), {}, [("a@x", "1")])]
    assert table(frame).frame.rows() == [(201, "a@x", "1")]


def test_rows_that_are_blank_in_the_chosen_columns() -> None:
    """They stay where another column says something."""
    filled = pl.DataFrame({"upn": ["a@x"] * 150, "n": ["1"] * 150})
    frame = pl.concat([filled, pl.DataFrame({"upn": [None, None], "n": ["2", None]}, schema=filled.schema)])
    chosen = frame_table(read_parquet(parquet(frame), "source"), "source", lambda *_: [0], kind="parquet")
    assert chosen is not None
    assert chosen.frame.rows() == [*((number, "a@x") for number in range(1, 151)), (151, None)]
    assert chosen.headers == ("upn", "n")


def test_only_the_chosen_columns_of_parquet_are_read() -> None:
    """Below the first rows, by which they are chosen, a fault in another column matters to nobody."""
    buffer = io.BytesIO()
    pl.DataFrame({"upn": ["a@x"] * 400, "n": ["1"] * 400}).write_parquet(buffer, row_group_size=200)
    before, mark, behind = buffer.getvalue().rpartition(b"\xb5/\xfd")  # of the last group's last column
    damaged = read_parquet(before + mark[:2] + b"\xfe" + behind, "source")
    made = frame_table(damaged, "source", lambda *_: [0], kind="parquet")
    assert made is not None
    assert made.frame.rows() == [(number, "a@x") for number in range(1, 401)]
    assert refusal(lambda: frame_table(damaged, "source", lambda *_: [1])).startswith("The Parquet file is damaged")


def test_parquet_is_read_as_it_is() -> None:
    """Types and all."""
    frame = pl.DataFrame(
        {"upn": ["a@x"], "aliases": [["b@x"]], "enabled": [None]}, schema_overrides={"enabled": pl.Boolean}
    )
    assert read_parquet(parquet(frame), "users.parquet").collect().equals(frame)


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(InputError) as caught:
        call()
    (problem,) = caught.value.problems
    assert (problem.code, problem.file) == ("I101", "source")
    assert problem.fix
    return problem.message


def test_refuses_huge_tables() -> None:
    """No table of people is as wide."""
    assert refusal(lambda: table(pl.DataFrame({f"c{number}": [1] for number in range(1001)}))) == (
        "The table has 1,001 columns: no user table is as wide as that."
    )


WHOLE = parquet(pl.DataFrame({"upn": ["a@x"] * 5}))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PAR1" + WHOLE[:-4],
        WHOLE[: len(WHOLE) // 2],
        WHOLE[:-8] + (1).to_bytes(4, "little") + b"PAR1",
        WHOLE.replace(b"\xb5/\xfd", b"\xb5/\xfe"),
    ],
)
def test_refuses_damaged_parquet(data: bytes) -> None:
    """In the words of polars, which is the one who knows."""
    assert refusal(lambda: frame_table(read_parquet(data, "source"), "source", all_columns)).startswith(
        "The Parquet file is damaged: polars says '"
    )


@given(st.lists(st.none() | st.lists(st.none() | st.text(max_size=5), max_size=3), max_size=6))
def test_lists_are_json(values: list[list[str | None] | None]) -> None:
    """The fast way writes what the standard library would."""
    made = table(pl.DataFrame({"row": ["x"] * len(values), "a": pl.Series(values, dtype=pl.List(pl.String))}))
    assert [None if text is None else json.loads(text) for text in made.frame["1"]] == values
