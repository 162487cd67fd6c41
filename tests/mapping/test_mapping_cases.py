"""Every small file of `mapping_cases`, exactly; a plain second opinion; repairs that leave nothing to repair."""

from __future__ import annotations

from collections import defaultdict

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mapping_cases import CASES, SELF, SUPPORT, H, row

import t2t_mapping as t2t
from t2t_mapping.catalogue import CATALOGUE
from t2t_mapping.choices import Profile
from t2t_mapping.mapping.lines import parse
from t2t_mapping.mapping.repair import Repaired, repair, spans

BY_NAME = {name: (data, profile) for name, data, profile, _ in CASES}


def told(data: bytes, profile: Profile = SELF) -> list[str]:
    """The findings as the cases write them."""
    marks = {"error": "", "warning": "!", "info": "?"}
    found = t2t.validate(data, profile=profile).findings
    return [
        " ".join([f"{code}{marks[severity]}", *map(str, lines or ())])
        for code, severity, lines in found.select("code", "severity", "lines").iter_rows()
    ]


@pytest.mark.parametrize(("name", "data", "profile", "expected"), CASES, ids=[case[0] for case in CASES])
def test_case(name: str, data: bytes, profile: Profile, expected: list[str]) -> None:
    """Exactly these codes, severities and lines, in this order."""
    assert told(data, profile) == expected


def test_the_cases_are_many_and_cover_every_code() -> None:
    """At least 120 files; every M code that a file alone can have, but for its name."""
    assert len(BY_NAME) == len(CASES) >= 120
    codes = {line.split()[0].rstrip("!") for *_, expected in CASES for line in expected}
    assert codes - {"U216"} == {code for code in CATALOGUE if code[0] == "M"} - {"M501", "M513"}


# --- a second opinion -------------------------------------------------------------------------------------------------

ADDRESSES = ("a@x.com", "A@x.com", "b@x.com", "B@X.COM", "c@x.com", "d@x.com", "e@x.com", "")
some_rows = st.lists(st.lists(st.sampled_from(ADDRESSES), min_size=1, max_size=3), max_size=8)


def plainly(lines: list[list[str]]) -> set[str]:
    """What is wrong with lines of addresses, found the slow way; the first one is line 2."""
    found = set()
    rows: dict[int, tuple[str, str]] = {}
    for number, cells in enumerate(lines, 2):
        kept = cells if len(cells) != 2 else [cell.lower() for cell in cells]
        if cells == [""]:
            continue  # a blank line
        if len(kept) != 2:
            found.add(f"M504 {number}")
            continue
        rows[number] = (kept[0], kept[1])
        if not all(kept):
            found.add(f"M505 {number}")
        elif kept[0] == kept[1]:
            found.add(f"M507 {number}")
    groups: list[dict[str, list[int]]] = [defaultdict(list), defaultdict(list)]
    for number, pair in rows.items():
        for column in (0, 1):
            if pair[column]:
                groups[column][pair[column]].append(number)
    for column in (0, 1):
        for numbers in groups[column].values():
            others = {rows[number][1 - column] for number in numbers}
            other = next(iter(others))
            # A line that stands twice is told once: by the column that has more lines, or by the source.
            told_by_other = len(others) == 1 and other and (column == 1 or len(groups[1][other]) > len(numbers))
            if len(numbers) > 1 and not told_by_other:
                found.add(" ".join(["M506", *map(str, numbers)]))
    apart = {number: pair for number, pair in rows.items() if pair[0] != pair[1]}
    for address in {pair[0] for pair in apart.values()} & {pair[1] for pair in apart.values()} - {""}:
        numbers = [number for number, pair in apart.items() if address in pair]
        found.add(" ".join(["M514", *map(str, numbers)]))
    blank = [number for number, cells in enumerate(lines, 2) if cells == [""]]
    last = max((number for number, cells in enumerate(lines, 2) if cells != [""]), default=1)
    for mark, numbers in (("M510", [n for n in blank if n < last]), ("M510!", [n for n in blank if n > last])):
        if numbers:
            found.add(" ".join([mark, *map(str, numbers)]))
    if last == 1:
        found.add("M511")
    return found


@settings(max_examples=25)
@given(some_rows)
def test_a_slow_second_opinion(lines: list[list[str]]) -> None:
    """Plain loops over plain lists find the same."""
    data = H + "".join(",".join(cells) + "\r\n" for cells in lines).encode()
    assert set(told(data)) == plainly(lines)


# --- repairs ----------------------------------------------------------------------------------------------------------


def check_repair(data: bytes, profile: Profile) -> None:
    """Repairing the copy changes nothing, says nothing, and no fault is left that could have been repaired."""
    first = repair(parse(data), profile)
    if first.data is None:
        assert first.changes
        return
    if first.data != data:
        assert first.changes
        again = repair(parse(first.data), profile)
        assert again.data == first.data
        assert again.changes == ()
    else:
        assert first.changes == ()
    left = t2t.validate(first.data, profile=profile).findings
    assert not {"M502", "M508", "M509", "M510"} & set(left["code"].cast(pl.String))
    assert left.filter(
        pl.col("message").str.contains("quotes around|the further ones empty|among the users")
    ).is_empty()
    text = first.data.decode()
    lines = [
        line
        for line in text.replace("\r\n", "\n").split("\n")
        if line.count(",") == 1 and "@" in line and '"' not in line
    ]
    assert len(set(lines)) == len(lines)


@pytest.mark.parametrize(("name", "data", "profile", "expected"), CASES, ids=[case[0] for case in CASES])
def test_every_case_repaired(name: str, data: bytes, profile: Profile, expected: list[str]) -> None:
    """A file without faults stays as it is."""
    check_repair(data, profile)
    if not expected:
        assert repair(parse(data), profile) == Repaired(data, ())


@pytest.mark.parametrize(
    ("name", "copy", "changes"),
    [
        (
            "a file as PowerShell exports it",
            b"Source,Destination\r\na@x.com,b@y.com\r\n",
            (
                "The file is UTF-16, not plain UTF-8: written as plain UTF-8.",
                "Line 1: a note for another program, removed.",
                "Line 2: the header was made Source,Destination.",
                "Line 3: the quotes were removed.",
            ),
        ),
        ("a line three times", None, ("Line 4: the same as line 2, removed.", "Line 5: the same as line 2, removed.")),
        ("a line twice in other case", None, ()),
        ("exchanged words", None, ()),
        ("words of another table", None, ()),
        ("header missing", None, ("The header Source,Destination was put at the beginning.",)),
        ("header in support", None, ("Line 1: the header was removed.",)),
        ("many empty columns", None, ("Line 2: the empty columns at the end were removed.",)),
        ("blank lines inside and at the end", None, ("Lines 2, 4: blank, removed.",)),
        ("one of each", None, ("Line 2: the semicolon was made a comma.", "Line 3: the tab was made a comma.")),
        ("mixed line ends", None, ("Line 3: the line end was made CRLF.",)),
        ("mixed line ends, most of them LF", None, ("Line 3: the line end was made LF.",)),
        ("a quote that swallows rows", None, ()),
        ("a header only", None, ("Nothing was written: no line has two columns and an address.",)),
        (
            "a NUL",
            None,
            (
                "Nothing was written: The file holds NUL bytes: it is damaged, or no text. It cannot be repaired without "
                "guessing.",
            ),
        ),
    ],
)
def test_what_was_changed_is_told(name: str, copy: bytes | None, changes: tuple[str, ...]) -> None:
    """Line by line, with the numbers of the original."""
    repaired = repair(parse(BY_NAME[name][0]), BY_NAME[name][1])
    assert repaired.changes == changes
    if copy is not None:
        assert repaired.data == copy


def test_line_numbers_in_words() -> None:
    """Runs are drawn together."""
    assert spans([3]) == "Line 3"
    assert spans([2, 3]) == "Lines 2, 3"
    assert spans([2, 3, 4, 9]) == "Lines 2 to 4, 9"


# --- anything at all --------------------------------------------------------------------------------------------------

_KEYS = [
    *(bytes([code]) for code in b',;\t "\r\n\0@.'),
    *(text.encode() for text in ("\ufeff", "\u00a0", "\u200b", "\u0430", "ü")),
    b"\xff", b"\r\n", b",,", b'""', b"Source,Destination\r\n", b"sep=;\n", b"a@x.com,b@y.com\r\n",
]  # fmt: skip
_good = st.lists(st.sampled_from([case[1] for case in CASES]), min_size=1, max_size=2).map(b"".join)
_edits = st.lists(
    st.tuples(st.integers(0, 400), st.sampled_from(("insert", "delete", "replace")), st.sampled_from(_KEYS)), max_size=4
)
profiles = st.sampled_from((SELF, SUPPORT))


def mutated(data: bytes, edits: list[tuple[int, str, bytes]]) -> bytes:
    """A file with a few bytes put in, taken out or replaced."""
    for place, kind, key in edits:
        at = place % (len(data) + 1)
        data = data[:at] + (b"" if kind == "delete" else key) + data[at + (0 if kind == "insert" else len(key)) :]
    return data


def check_anything(data: bytes, profile: Profile) -> None:
    """There is always an answer, in words, on lines that exist."""
    result = t2t.validate(data, profile=profile)
    assert result.findings["message"].null_count() == 0
    numbers = result.findings["lines"].explode().drop_nulls()
    assert numbers.is_empty() or 1 <= numbers.min() <= numbers.max() <= result.summary["lines"]  # type: ignore[operator]
    assert result.rows["line"].is_sorted()
    assert result.json()
    check_repair(data, profile)


@settings(max_examples=30)
@given(st.binary(max_size=120), profiles)
def test_random_bytes(data: bytes, profile: Profile) -> None:
    """No byte sequence makes it crash."""
    check_anything(data, profile)


@settings(max_examples=25)
@given(_good, _edits, profiles)
def test_mutated_files(data: bytes, edits: list[tuple[int, str, bytes]], profile: Profile) -> None:
    """Nor does a good file with a few bytes changed."""
    check_anything(mutated(data, edits), profile)


@pytest.mark.fuzz
@settings(max_examples=50_000)
@given(st.one_of(st.binary(max_size=400), st.builds(mutated, _good, _edits)), profiles)
def test_anything_for_long(data: bytes, profile: Profile) -> None:
    """The same, many times over."""
    check_anything(data, profile)


def test_a_long_line_is_told_in_short() -> None:
    """A megabyte on one line gives a message that people can read."""
    found = t2t.validate(H + row("a" * 1_000_000)).findings
    assert [len(message) < 1_000 for message in found["message"]] == [True]
