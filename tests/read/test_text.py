"""CSV and TSV: what is read, what is refused, and that the fast path equals a slow one."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Literal

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from t2t_mapping.errors import InputError
from t2t_mapping.read import records as slices
from t2t_mapping.read.table import RawTable, all_columns
from t2t_mapping.read.text import first_record, read_text

Rows = list[tuple[int, str | None, str | None]]


def read(data: bytes | str, *, headers: Sequence[str] | None = None, ragged: bool = False) -> RawTable:
    body = data.encode() if isinstance(data, str) else data
    (table,) = read_text(body, "users.csv", all_columns, headers=headers, ragged=ragged)
    return table


def refusal(data: bytes | str, **options: bool) -> tuple[int | None, str]:
    with pytest.raises(InputError) as caught:
        read(data, **options)  # type: ignore[arg-type]
    (problem,) = caught.value.problems
    assert (problem.code, problem.file, problem.side) == ("I101", "users.csv", None)
    assert problem.fix
    return problem.row, problem.message


# --- what is read -----------------------------------------------------------------------------------------------------

ANN_AND_BOB: Rows = [(2, "Ann", "a@x.com"), (3, "Bob", "b@x.com")]
SEMICOLON = "read with the delimiter semicolon"


@pytest.mark.parametrize(
    ("data", "rows", "repairs"),
    [
        ("Name,UPN\r\nAnn,a@x.com\r\nBob,b@x.com\r\n", ANN_AND_BOB, ()),
        ("Name,UPN\nAnn,a@x.com\r\nBob,b@x.com", ANN_AND_BOB, ()),
        ('"Name","UPN"\n"Ann","a@x.com"\n"Bob","b@x.com"\n', ANN_AND_BOB, ()),
        (" Name , UPN\nAnn,a@x.com\nBob,b@x.com\n", ANN_AND_BOB, ()),
        ("Name;UPN\nAnn;a@x.com\nBob;b@x.com\n", ANN_AND_BOB, (SEMICOLON,)),
        ("Name\tUPN\nAnn\ta@x.com\nBob\tb@x.com\n", ANN_AND_BOB, ("read with the delimiter tab",)),
        ('Name;"UPN, main"\nAnn;a@x.com\nBob;b@x.com\n', ANN_AND_BOB, (SEMICOLON,)),
        (
            "sep=;\r\nName;UPN\r\nAnn;a@x.com\r\nBob;b@x.com\r\n",
            ANN_AND_BOB,
            ("the first line names the delimiter (semicolon) and was skipped",),
        ),
        (
            '#TYPE Selected.User\r\n"Name","UPN"\r\n"Ann","a@x.com"\r\n',
            [(3, "Ann", "a@x.com")],
            ("the first line is PowerShell's #TYPE line and was skipped",),
        ),
        (
            "\n , \nName,UPN\n\nAnn,a@x.com\n,\n,,,\n\xa0\n\"\",\"\"\nBob,b@x.com\n\n",
            [(5, "Ann", "a@x.com"), (10, "Bob", "b@x.com")],
            ("8 blank rows were skipped",),
        ),
        ('Name,UPN\n"1 Main St\r\nFlat 4",00042\nBob,"b ""x"""\n', [(2, "1 Main St\r\nFlat 4", "00042"), (3, "Bob", 'b "x"')], ()),
        ('"First\nname",UPN\n Ann ,NULL\n,""\n"",x\n', [(2, " Ann ", "NULL"), (4, None, "x")], ("1 blank row was skipped",)),
        ("Name,UPN\n", [], ()),
        ("Name,UPN", [], ()),
    ],
)  # fmt: skip
def test_reads_what_administrators_have(data: str, rows: Rows, repairs: tuple[str, ...]) -> None:
    """Delimiters, line ends, quotes, first lines of Excel and PowerShell; row numbers are those that Excel shows."""
    table = read(data)
    assert table.frame.rows() == rows
    assert table.repairs == repairs


@pytest.mark.parametrize(
    ("data", "encoding", "repairs"),
    [
        ("Näme,UPN\nÄnn,a@x\n".encode(), "UTF-8", ()),
        ("Näme,UPN\nÄnn,a@x\n".encode("utf-8-sig"), "UTF-8 with a byte order mark", ("read as UTF-8 with a byte order mark",)),
        (b"\xff\xfe" + "Näme,UPN\nÄnn,a@x\n".encode("utf-16-le"), "UTF-16 LE", ("read as UTF-16 LE",)),
        (b"\xfe\xff" + "Näme,UPN\nÄnn,a@x\n".encode("utf-16-be"), "UTF-16 BE", ("read as UTF-16 BE",)),
        (
            "Näme,UPN\nÄnn,a@x\n".encode("cp1252"),
            "Windows-1252",
            ("read as Windows-1252, because it is not UTF-8: have a look at the accented letters",),
        ),
    ],
)  # fmt: skip
def test_reads_common_encodings(data: bytes, encoding: str, repairs: tuple[str, ...]) -> None:
    """Whatever Excel, Notepad and PowerShell write; anything but plain UTF-8 is said."""
    table = read(data)
    assert (table.headers, table.frame.rows()) == (("Näme", "UPN"), [(2, "Änn", "a@x")])
    assert (table.repairs, table.detail["encoding"]) == (repairs, encoding)


def test_only_wanted_columns_are_kept() -> None:
    """`choose` sees headers and a sample, and is obeyed; a table that it does not want is not returned."""
    seen = []

    def last(headers: Sequence[str], logical: dict[str, str], sample: Sequence[Sequence[str | None]]) -> list[int]:
        seen.append((list(headers), logical, list(sample)))
        return [2]

    data = b"A,,C\n1,x,3\n4,,6\n"
    (table,) = read_text(data, "users.csv", last)
    assert seen == [(["A", "", "C"], {}, [("1", "x", "3"), ("4", None, "6")])]
    assert (table.headers, table.frame.columns, table.frame.rows()) == (
        ("A", "", "C"),
        ["row", "2"],
        [(2, "3"), (3, "6")],
    )
    assert table.detail == {"encoding": "UTF-8", "delimiter": "comma", "rows": "2"}
    assert read_text(data, "users.csv", lambda *_: None) == []
    assert read_text(b"A\n", "users.csv", lambda *_: None) == []
    assert read_text(data, "users.csv", lambda *_: [])[0].frame.rows() == [(2,), (3,)]


def test_a_column_without_a_name_is_kept_where_it_is_wanted() -> None:
    """A trailing delimiter makes an empty one in every row; addresses may well stand under no name."""
    assert read("A,B,\n1,2,\n").frame.rows() == [(2, "1", "2", None)]


def test_unsafe_characters_are_faults() -> None:
    """The text stays as it is; the cell is named."""
    table = read('A,B\nx,"y\nz"\na\u202eb,c\u200b\x07d\ne,f\n')
    assert table.frame["1"].to_list() == ["y\nz", "c\u200b\x07d", "f"]
    assert table.faults.rows() == [(2, 1, "control"), (3, 0, "bidi"), (3, 1, "control"), (3, 1, "zero-width")]


def test_a_rule_table_may_have_short_rows() -> None:
    """A missing trailing cell is an empty one; a cell too many is still refused."""
    data = "Source,Destination,Note\nsvc-*@x.com,\na@x.com,b@y.com,why\nc@x.com\n"
    assert read(data, ragged=True).frame.rows() == [
        (2, "svc-*@x.com", None, None),
        (3, "a@x.com", "b@y.com", "why"),
        (4, "c@x.com", None, None),
    ]
    assert refusal(data + "1,2,3,4\n", ragged=True) == (5, "Row 5 has 4 cells where the header row has 3.")


def test_a_file_without_a_header_row() -> None:
    """The caller names the columns: as many as the first row has, or all of them where rows may be short."""
    data = "\na@x.com,b@y.com\nc@x.com,d@y.com\n"
    names = ("Source", "Destination", "Note")
    table = read(data, headers=names)
    assert (table.headers, table.frame.rows()) == (names[:2], [(2, "a@x.com", "b@y.com"), (3, "c@x.com", "d@y.com")])
    table = read(data, headers=names, ragged=True)
    assert (table.headers, table.frame.rows()[0]) == (names, (2, "a@x.com", "b@y.com", None))
    assert first_record(data.encode(), "users.csv") == ("a@x.com", "b@y.com")


@pytest.mark.parametrize(
    ("data", "delimiter"),
    [
        ("UPN\na@x;1\nb\n", "comma"),  # one column: a semicolon in one cell is text
        ("a,b;c\n1 2;3\n", "semicolon"),
        ("a;b,c\n1,2\n", "comma"),
        ("a,b,c;d\n1,2,3;4\n", "comma"),
    ],
)
def test_delimiter(data: str, delimiter: str) -> None:
    """The header row decides, then the width of the rows."""
    assert read(data).detail["delimiter"] == delimiter


PAGES = [
    # code page, names that are nowhere else the same
    ("cp1252", "Jürgen Müller, Jörg Weiß, Käthe Groß"),
    ("cp1252", "François Lefèvre, Hélène Côté, Anaïs Dupré"),
    ("cp1252", "José Muñoz, Iñigo Peña, María Núñez"),
    ("cp1252", "Åsa Öberg, Björn Åkesson, Pär Lindström"),
    ("cp1252", "Søren Kjærgaard, Åse Nørgaard, Jørgen Ærø"),
    ("cp1252", "Niccolò Pagè, Giosuè Calabrò, Nicolò Rovigù"),
    ("cp1252", "João Gonçalves, Conceição Simões, Inês Araújo"),
    ("cp1252", "Þórður Guðmundsson, Sigríður Jónsdóttir, Ásgeir Ægisson"),
    ("cp1252", "Jürgen Müller, Hélène Côté, José Muñoz, Åsa Öberg, François Lefèvre, Søren Ager"),
    ("cp1252", "Jürgen Nowak, Anna Lee, Bob Roe"),
    ("cp1252", "Anna é"),
    ("cp1250", "Łukasz Nowak, Anna Lee, Bob Roe"),
    ("cp1250", "Łukasz Wiśniewski, Małgorzata Wójcik, Paweł Dąbrowski, Jürgen Müller"),
    ("cp1250", "Jiří Dvořák, Lukáš Černý, Kateřina Procházková, Václav Krejčí"),
    ("cp1250", "Ľuboš Hudák, Ján Kováč, Zuzana Šťastná"),
    ("cp1250", "Kovács Győző, Szűcs Ödön, Tóth Árpád, Kőszegi Ferenc"),
    ("cp1250", "Ştefan Ionescu, Răzvan Ţurcanu, Mălina Vâlcea"),
    ("cp1250", "Željko Marić, Šime Đurić, Ivan Kovačević"),
    ("cp1254", "Şükrü Öztürk, İbrahim Yıldız, Ayşe Çağlar"),
    ("cp1257", "Jūratė Žukauskienė, Šarūnas Čepas, Rūta Kėdainytė"),
    ("cp1251", "Иван Петров, Анна Смирнова, Сергей Кузнецов"),
    ("cp1251", "Олексій Шевченко, Їжак Єва, Anna Lee"),
    ("cp1253", "Γιώργος Παπαδόπουλος, Μαρία Νικολάου"),
    ("cp932", "佐藤 太郎, 鈴木 花子, 高橋 一郎, 田中 美咲"),
    ("cp932", "サトウ タロウ, スズキ ハナコ, Anna Lee"),
    ("gb18030", "王伟, 李娜, 张强, 刘洋"),
    ("big5", "陳大文, 王小明, 林美玲"),
    ("cp949", "김민수, 이영희, 박지훈"),
    ("cp1255", "דוד כהן, שרה לוי, יוסף מזרחי, Anna Lee"),
    ("cp1256", "محمد علي, فاطمة حسن, أحمد خالد"),
    # What the bytes of Hebrew could be as well: capitals alone, no capitals at all.
    ("koi8_r", "ИВАН ПЕТРОВ, АННА КУЗНЕЦОВА, ПЕТР СИДОРОВ"),
    ("cp1251", "иван петров, анна смирнова, сергей кузнецов"),
]


@pytest.mark.parametrize(("page", "names"), PAGES)
def test_code_pages(page: str, names: str) -> None:
    """Names in the code page of their country, in a table as a spreadsheet saves it; most of a table is plain ASCII."""
    rows = [f"{name},user{n}@contoso.com,Enabled,Yes" for n, name in enumerate(names.split(", "))]
    data = "".join(f"{row}\r\n" for row in ["Name,UPN,Status,Licensed", *rows]).encode(page)
    table = read(data)
    assert table.frame["0"].to_list() == names.split(", ")
    (repair,) = table.repairs
    assert repair.startswith("read as ")
    assert repair.endswith("because it is not UTF-8: have a look at the accented letters")


def test_rows_that_lack_their_last_cells() -> None:
    """Excel writes such files; the cells are empty, and it is said."""
    table = read('A,B,C\n1\n2,x\n"3",y,z\n\n"4\n4",w\n')
    assert table.frame.rows() == [(2, "1", None, None), (3, "2", "x", None), (4, "3", "y", "z"), (6, "4\n4", "w", None)]
    assert table.repairs == ("1 blank row was skipped", "3 rows lack their last cells, which count as empty")
    assert read("A,B\n1\n").repairs == ("1 row lacks its last cells, which count as empty",)


@pytest.mark.parametrize(
    ("rows", "outcome"),
    [
        # all rows, and what the end of the file says
        ("Bob,bob@x.com,Enabled\nAnn,ann@x.c", "it ends within an address, 'ann@x.c'"),
        ("Bob,bob@X.com.au,Enabled\nAnn,ann@x.com", "it ends within an address, 'ann@x.com'"),
        ("Bob,bob@x.com,Enabled\nAnn,ann@x.com", "its last row lacks cells and has no line end"),
        ("Bob,bob@x.com,Enabled\nAnn", "its last row lacks cells and has no line end"),
        ("Bob,bob@x.com,Enabled\nAnn,ann@x.com\n", None),
        ("Bob,bob@x.com,Enabled\nAnn,ann@x.com,Enabled", None),
        ("Eve,eve@x.co\nBob,bob@x.com\nAnn,ann@x.co\n", None),
        ("Ann,ann@x.c\nBob,bob@x.com,Enabled", None),
    ],
)
def test_files_that_end_too_soon(rows: str, outcome: str | None) -> None:
    """Within an address: refused, for another person may have what is left of it. Else it is told (I103)."""
    text = f"Name,UPN,Status\n{rows}"
    if outcome and "address" in outcome:
        with pytest.raises(InputError, match=re.escape(outcome)):
            read(text)
    else:
        assert read(text).detail.get("cut_off") == outcome


@pytest.mark.parametrize("cell", ["a@x.com\nb@x.com", "a@x.com; b@x.com\n", "1 High Street,\nOxford,\nUK", "\r\na@x"])
def test_a_line_break_is_the_cell_s_own_affair(cell: str) -> None:
    """Whatever it means for the column: rows are not lost by it."""
    table = read(f'A,B,C\n1,"{cell}",2\n3,4,5\n')
    assert table.frame.rows() == [(2, "1", cell, "2"), (3, "3", "4", "5")]


@pytest.mark.parametrize("data", ["A,B\r1,2\r3,4\r", "A,B\r1,2\r3,4"])
def test_line_ends_of_old_macintoshes(data: str) -> None:
    """As Excel's "CSV (Macintosh)" has them."""
    table = read(data)
    assert table.frame.rows() == [(2, "1", "2"), (3, "3", "4")]
    assert table.repairs == ("read with the line ends of old Macintoshes",)


def test_headers_may_repeat() -> None:
    """Whether that matters is not for a reader to say."""
    assert read("A,b,B \n1,2,3\n").headers == ("A", "b", "B")


# --- what is refused --------------------------------------------------------------------------------------------------

NUL = "The file holds NUL bytes: it is UTF-16 without its mark, or no text at all."
SWALLOWED = "A quoted cell of row 2 spans several lines and looks like several rows swallowed by a stray quote."


@pytest.mark.parametrize(
    ("data", "row", "message"),
    [
        (b"", None, "No header row was found where the file begins."),
        (b"\n,\n\n", None, "No header row was found where the file begins."),
        ("A,B\n1,2\n".encode("utf-16-le"), None, NUL),
        (b"A,B\n1,\x00\n", None, NUL),
        ("A,B\n\x00".encode("utf-16"), None, NUL),
        (b"\xff\xfeA\x00,", None, "The text is not the UTF-16 that it says it is (byte 3)."),
        (b"\xef\xbb\xbfA,\xe9\n", None, "The file says that it is UTF-8, and is not."),
        (b"A,B\n\xe9,\x07\n", None, "The file is not text: it holds control characters and is not UTF-8."),
        (b"A,B\n\xc3\xa9,\xe9\n", None, "The text is UTF-8 with damaged characters, or in two encodings."),
        ("A,B\n1\r2,3\n", 2, "There is a lone carriage return outside quotes, in cell 1 of row 2."),
        ("A,B\r\r\n1,2\r\r\n", 1, "There is a lone carriage return outside quotes, in cell 2 of row 1."),
        ('A,"B\n1,2\n', 1, "A quote is opened and never closed, in cell 2 of row 1."),
        ('A,B\n1,2\n3,"4\n5,6\n', 3, "A quote is opened and never closed, in cell 2 of row 3."),
        ('A,B\n1,"2"x\n', 2, "There is text after a closing quote, in cell 2 of row 2."),
        ('A,B\n1, "2"\n', 2, "There is a quote in the middle of a cell that is not quoted, in cell 2 of row 2."),
        ('A,B\n5",6"\n', 2, "There is a quote in the middle of a cell that is not quoted, in cell 1 of row 2."),
        ('A,B\n"Ann,1\nBob",2\n', 2, SWALLOWED),
        ('A,B,C\n"Ann,1,2\n\nBob,3,4\nCid",5,6\n', 2, SWALLOWED),
        ('A\n"a@x\nb@x"\n', 2, SWALLOWED),
        ("Report of users\nA,B\n1,2\n", 2, "Row 2 (also row 3) has 2 cells where the header row has 1."),
        ("Report of users\nA;B\n1;2\n", 2, "Row 2 (also row 3) has 2 cells where the header row has 1."),
        ("sep=|\nA|B\n", None, "The first line names the delimiter '|', which is not supported."),
        ("a,b;c\n1,2;3\n", None, "It is not clear whether the delimiter is comma or semicolon."),
        ("," * 1000 + "A\n", None, "The header row has 1001 cells: no user table is as wide as that."),
    ],
)
def test_refuses_what_could_be_read_in_two_ways(data: bytes | str, row: int | None, message: str) -> None:
    """One message, with the row as Excel shows it."""
    assert refusal(data) == (row, message)


@pytest.mark.parametrize("size", range(30, 90))
def test_slices_never_cut_a_record(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever a slice would end, it ends where no quoted cell is open."""
    data = 'A,B\n1,2\n"3\n3","4"\n\n"5\r\n\n5",""\n7,8\n"9\n9\n9",0\n'
    whole = read(data)
    assert [row[0] for row in whole.frame.rows()] == [2, 3, 5, 6, 7]
    monkeypatch.setattr(slices, "SLICE", size)
    assert read(data).frame.equals(whole.frame)


def test_many_rows() -> None:
    """`choose` sees a hundred of them, multi-line ones in their place."""
    samples: list[int] = []

    def count(headers: Sequence[str], logical: dict[str, str], sample: Sequence[Sequence[str | None]]) -> list[int]:
        samples.append(len(sample))
        assert sample[50] == ("x\ny", "50")
        return [1]

    data = "A,B\n" + "".join(f"x,{n}\n" if n % 50 else f'"x\ny",{n}\n' for n in range(250))
    (table,) = read_text(data.encode(), "users.csv", count)
    assert samples == [100]
    assert table.frame.rows() == [(n + 2, str(n)) for n in range(250)]


def test_a_lost_row_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Should polars ever see fewer rows than were proven."""
    whole = pl.read_csv
    monkeypatch.setattr(
        pl, "read_csv", lambda *args, **kw: whole(*args, **kw).head(9 if kw["separator"] == "\0" else 1)
    )
    assert refusal("A\n1\n2\n") == (None, "The text could not be split into cells (ShapeError).")


def test_a_failure_of_the_engine_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """No traceback, even if polars one day disagrees with the proof."""

    def fail(*_: object, **__: object) -> None:
        raise pl.exceptions.ComputeError("?")

    monkeypatch.setattr(pl, "read_csv", fail)
    assert refusal("A\n1\n") == (None, "The text could not be split into cells (ComputeError).")


# --- properties -------------------------------------------------------------------------------------------------------

CELL = st.text(st.sampled_from('ab \t,;"\n\ré€😀=x\u2028\x85\x0b'), max_size=6)
BLANKS = " \t\n\r\xa0"


def expected(rows: Sequence[Sequence[str]]) -> list[tuple[object, ...]]:
    numbered = enumerate(rows, start=2)
    whole = ((n, [*row, *[""] * (3 - len(row))]) for n, row in numbered)
    return [(n, *(cell or None for cell in row)) for n, row in whole if any(c.strip(BLANKS) for c in row)]


@given(
    st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=40),
    st.sampled_from(",;\t"),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from((csv.QUOTE_ALL, csv.QUOTE_MINIMAL)),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from([256, 32 << 20]),
)
def test_what_csv_writes_is_read_back(
    rows: list[list[str]], delimiter: str, end: str, quoting: Literal[0, 1], encoding: str, size: int
) -> None:
    """Every dialect and encoding, in slices of any size. Cells that look as if they had swallowed a row are left out."""
    rows = [[cell.replace("\n", "") if delimiter in cell else cell for cell in row] for row in rows]
    if quoting == csv.QUOTE_MINIMAL:  # Python's writer leaves a carriage return without quotes
        rows = [[cell.replace("\r", "") for cell in row] for row in rows]
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerows([["One", "Two", "Three"], *rows])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slices, "SLICE", size)
        assert read(file.getvalue().encode(encoding)).frame.rows() == expected(rows)


def slow_records(body: str) -> list[list[str]] | None:
    """A plain state machine, character by character; None where anything is not as it should be."""
    records: list[list[str]] = []
    cell, state = "", "start"
    row: list[str] = []
    whole = body + "\n" if body and not body.endswith("\n") else body
    for at, char in enumerate(whole):
        crlf = char == "\r" and whole[at + 1 : at + 2] == "\n"
        if state == "quoted":
            state = "closed" if char == '"' else state
            cell += "" if char == '"' else char
        elif char == '"' and state == "closed":
            cell, state = cell + char, "quoted"
        elif char == '"' and state == "start":
            state = "quoted"
        elif crlf:
            pass
        elif char in ",\n":
            row.append(cell)
            cell, state = "", "start"
            if char == "\n":
                records.append(row)
                row = []
        elif char in '"\r' or state == "closed":
            return None
        else:
            cell, state = cell + char, "plain"
    return None if state == "quoted" else records


@given(st.text(st.sampled_from('a,,""\n\n\r@ é'), max_size=120), st.sampled_from([20, 32 << 20]))
@example("a,a,a\r\na,a,a\r", 20)
@example('a,a,a\na,"a\n",a\n"",a,\n' * 3, 20)
def test_equals_a_slow_reader(body: str, size: int) -> None:
    """What the slow reader takes apart is read to the same rows or refused for its width; what it refuses is refused."""
    records = slow_records(body)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slices, "SLICE", size)
        try:
            rows = read("One,Two,Three\n" + body).frame.rows()
        except InputError as error:
            message = error.problems[0].message
            wide = [r for r in records or () if any(c.strip(BLANKS) for c in r) and len(r) > 3]
            long = size == 20 and "never closed" in message  # a record must fit into a slice
            assert records is None or "swallowed" in message or (" cell" in message and wide) or long
        else:
            assert records is not None
            assert rows == expected(records)


@given(
    st.binary(max_size=200) | st.text(st.sampled_from('A,;\t"\r\n\x00@='), max_size=60).map(str.encode), st.booleans()
)
def test_bytes_never_raise_anything_else(data: bytes, ragged: bool) -> None:
    """Only `InputError`, whatever the bytes."""
    with suppress(InputError):
        read(data, ragged=ragged)
    with suppress(InputError):
        read(data, headers=("A", "B"))
