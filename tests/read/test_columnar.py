"""Parquet and frames: typed columns become text, and nothing is lost on the way."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import json
import os
import subprocess
import sys
import zlib
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from t2t_mapping.errors import InputError
from t2t_mapping.read import columnar
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
        ([{1}], pl.Object, ['"{1}"']),
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


def test_parquet_is_read_as_it_is() -> None:
    """Types and all."""
    frame = pl.DataFrame(
        {"upn": ["a@x"], "aliases": [["b@x"]], "enabled": [None]}, schema_overrides={"enabled": pl.Boolean}
    )
    assert read_parquet(parquet(frame), "users.parquet").equals(frame)


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(InputError) as caught:
        call()
    (problem,) = caught.value.problems
    assert (problem.code, problem.file) == ("I101", "source")
    assert problem.fix
    return problem.message


def test_refuses_ambiguous_and_huge_tables() -> None:
    """Headers as in every other container."""
    assert refusal(lambda: table(pl.DataFrame({"A": [1], "a ": [2]}))) == (
        "Two columns are called 'a', so it is not clear which of them counts."
    )
    assert refusal(lambda: table(pl.DataFrame({f"c{number}": [1] for number in range(1001)}))) == (
        "The table has 1,001 columns: no user table is as wide as that."
    )


WHOLE = parquet(pl.DataFrame({"upn": ["a@x"] * 5}))


@pytest.mark.parametrize(
    ("data", "limits", "reason"),
    [
        (b"", {}, "it does not begin and end as such a file does"),
        (b"PAR1" + WHOLE[:-4], {}, "it does not begin and end as such a file does"),
        (WHOLE, {"MAX_FOOTER": 10}, "it does not begin and end as such a file does"),
        (WHOLE[:-8] + (1).to_bytes(4, "little") + b"PAR1", {}, "its footer is not whole"),
        (WHOLE, {"MAX_ROWS": 4}, "it claims 5 rows"),
        (WHOLE.replace(b"\x04root\x15\x02", b"\x04root\x15\x04"), {}, "its schema is not whole"),
        (WHOLE, {"MAX_VALUES": 4}, "a column lies outside the file"),
        (WHOLE, {"MAX_PAGES": 1}, "it has more than 1 pages"),
        (WHOLE, {"MAX_PAGE": 4}, "a page has an impossible size"),
        (WHOLE.replace(b"\xb5/\xfd", b"\xb5/\xfe"), {}, "polars says ComputeError"),
        (parquet(pl.DataFrame({"a": ["x" * 30_000_000]})), {}, "it unpacks to more than 100 times its size"),
    ],
)  # fmt: skip
def test_refuses_damaged_parquet(
    data: bytes, limits: dict[str, int], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before polars sees it, where polars would take the process with it."""
    for name, value in limits.items():
        monkeypatch.setattr(columnar, name, value)
    assert refusal(lambda: read_parquet(data, "source")) == f"The Parquet file is damaged or too large: {reason}."


PAGE = {2: 10, 3: 4, 5: {1: 5}}
CHUNK = {5: 5, 7: 9, 9: 4}


def integer(value: int) -> bytes:
    number, out = value * 2 if value >= 0 else -value * 2 - 1, b""
    while number > 127:
        number, out = number >> 7, out + bytes([number & 127 | 128])
    return out + bytes([number])


def thrift(fields: dict[int, Any]) -> bytes:
    """The compact protocol, for small numbers and structs."""
    out, last = b"", 0
    for number, value in fields.items():
        kind = 12 if isinstance(value, dict) else 5
        out += bytes([(number - last) << 4 | kind]) + (thrift(value) if kind == 12 else integer(value))
        last = number
    return out + b"\0"


@pytest.mark.parametrize(
    ("page", "chunk", "reason"),
    [
        (PAGE, {}, None),
        (PAGE | {4: zlib.crc32(b"data")}, {}, None),
        (PAGE | {4: zlib.crc32(b"date")}, {}, "the checksum of a page is wrong"),
        (PAGE | {3: -1}, {}, "a page has an impossible size"),
        (PAGE | {2: -1}, {}, "a page has an impossible size"),
        (PAGE | {2: 1 << 30}, {}, "a page has an impossible size"),
        (PAGE | {3: 5}, {}, "a page has an impossible size"),
        (PAGE | {5: {1: 4}}, {}, "pages are missing"),
        (PAGE | {7: {1: 12}}, {}, "a dictionary has an impossible size"),
        (PAGE, {9: 3}, "a column lies outside the file"),
        (PAGE, {7: 99}, "a column lies outside the file"),
        (PAGE, {5: -1}, "a column lies outside the file"),
    ],
)
def test_pages_are_checked(page: dict[int, Any], chunk: dict[int, int], reason: str | None) -> None:
    """One page of four bytes, `data`, which unpack to ten."""
    head = thrift(dict(sorted(page.items())))
    data = b"PAR1" + head + b"data" + b"footer_."
    chunk = CHUNK | {7: len(head) + 4} | chunk
    if reason is None:
        assert columnar._check_chunk(data, chunk, itertools.count(1)) == 10
        return
    with pytest.raises(columnar._DamagedError, match=reason):
        columnar._check_chunk(data, chunk, itertools.count(1))


@pytest.mark.parametrize(
    ("data", "fields", "reason"),
    [
        (b"\x11\x12\x13\x07\x00", {1: True, 2: False, 3: 7}, ""),
        (b"\x15\x03\x06\x08\xff\x01\x00", {1: -2, 4: -128}, ""),
        (b"\x1712345678\x18\x03abc\x00", {1: b"12345678", 2: b"abc"}, ""),
        (b"\x19\x25\x02\x04\x19\xf1\x01\x01\x1c\x15\x02\x00\x00", {1: [1, 2], 2: [1], 3: {1: 1}}, ""),
        (b"\x15", {}, "a size goes beyond the file"),
        (b"\x18\xff\xff\x03abc", {}, "a size goes beyond the file"),
        (b"\x19\xf5\xff\xff\xff\xff\x0f", {}, "a size goes beyond the file"),
        (b"\x15" + b"\xff" * 11, {}, "a number has too many digits"),
        (b"\x15\x02\x05\x02\x02", {}, "a field is given twice"),
        (b"\x1d\x00", {}, "a field has an unknown type"),
        (b"\x1c" * 40, {}, "it is nested too deep"),
    ],
)
def test_the_footer_is_checked(data: bytes, fields: dict[int, object], reason: str) -> None:
    """Thrift's compact protocol, with every size held against the bytes there are."""
    reader = columnar._Thrift(data + b"PAR1PAR1", 0)
    if not reason:
        assert reader.struct() == fields
        assert reader.at == len(data)
        return
    with pytest.raises(columnar._DamagedError, match=reason):
        reader.struct()


@given(st.lists(st.none() | st.lists(st.none() | st.text(max_size=5), max_size=3), max_size=6))
def test_lists_are_json(values: list[list[str | None] | None]) -> None:
    """The fast way writes what the standard library would."""
    made = table(pl.DataFrame({"row": ["x"] * len(values), "a": pl.Series(values, dtype=pl.List(pl.String))}))
    assert [None if text is None else json.loads(text) for text in made.frame["1"]] == values


FUZZ = """
import io, random, polars as pl
from t2t_mapping.errors import InputError
from t2t_mapping.read.columnar import read_parquet
file = io.BytesIO()
pl.DataFrame({"upn": [f"u{n}@x" for n in range(50)], "n": range(50), "l": [["a"]] * 50}).write_parquet(file)
whole, random = file.getvalue(), random.Random(1)
for _ in range(400):
    bad = bytearray(whole)
    for _ in range(random.randint(1, 4)):
        bad[random.randrange(len(bad))] = random.randrange(256)
    for data in (bytes(bad), whole[: random.randrange(len(whole))]):
        try:
            read_parquet(data, "f")
        except InputError:
            pass
print("done")
"""


def test_flipped_bytes_never_raise_anything_else() -> None:
    """Run apart: a reader in Rust may take the whole process with it, and its panics go to the terminal."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", FUZZ], capture_output=True, text=True, check=False, env=env)
    assert done.stdout == "done\n", done.stderr[-2000:]
