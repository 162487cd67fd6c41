"""The rule table: its grammar, its containers, and every way to get it wrong."""

from __future__ import annotations

import io
import json
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from small import merger, person, rule_table

import t2t_mapping as t2t

MALFORMED = [
    # line, what is said of it
    (",b@fabrikam.com", "The line has no source."),
    ("a@contoso,b@fabrikam.com", "The source is not a user principal name: a@contoso is not valid"),
    (
        "a@contoso.com,b@@fabrikam.com",
        "The destination is not a user principal name: b@@fabrikam.com has more than one @.",
    ),
    ("a@contoso.com,b", "The destination is not a user principal name: b has no @."),
    (
        "\u0430@contoso.com,b@fabrikam.com",
        "The source is not a user principal name: \u0430@contoso.com is not an address: character 1 is U+0430",
    ),
    ("*@contoso.com,*.*@fabrikam.com", "The destination *.*@fabrikam.com has more * than the source *@contoso.com."),
    (
        "*@contoso.com,{nick}@fabrikam.com",
        "The word {nick} is not known; known are {first}, {last}, {f}, {l}, {local}.",
    ),
    ("*@contoso.com,{first@fabrikam.com", "The destination {first@fabrikam.com has a brace without its partner."),
    ("*@contoso.com,{first} {last}@fabrikam.com", "The destination {first} {last}@fabrikam.com cannot become"),
    ("* @contoso.com,*@fabrikam.com", "The source pattern * @contoso.com holds characters"),
    ("*@contoso.com,*", "The destination * cannot become a user principal name."),
]


@pytest.mark.parametrize(("line", "message"), MALFORMED)
def test_malformed_lines_are_r403(line: str, message: str) -> None:
    """Each with its line number; a rule that is not understood is never skipped."""
    with pytest.raises(t2t.InputError) as caught:
        t2t.read_rules(rule_table("x@contoso.com,y@fabrikam.com", line))
    (problem,) = caught.value.problems
    assert (problem.code, problem.lines) == ("R403", (2,))
    assert problem.message.startswith(message)


def test_contradictory_exact_lines_name_both_lines() -> None:
    """R401, whatever the case; an exclusion contradicts a destination too."""
    with pytest.raises(t2t.InputError) as caught:
        t2t.read_rules(
            rule_table(
                "a@contoso.com,x@fabrikam.com",
                "b@contoso.com,y@fabrikam.com",
                "A@CONTOSO.com,z@fabrikam.com",
                "b@contoso.com,",
                "c@contoso.com,C@fabrikam.com",
                "c@contoso.com,c@FABRIKAM.com",
            )
        )
    assert [(problem.code, problem.lines) for problem in caught.value.problems] == [("R401", (1, 3)), ("R401", (2, 4))]


EXPECTED = [
    ("ann@contoso.com", "lee@fabrikam.com", "yes, really", True),
    ("*@contoso.com", "*@fabrikam.com", None, False),
    ("svc-*@contoso.com", None, None, False),
]
LINES = 'ann@contoso.com,lee@fabrikam.com,"yes, really"', "*@contoso.com,*@fabrikam.com", "svc-*@contoso.com,"
FILES = [
    # name, content, the line number of the first rule
    ("plain.csv", "Source,Destination,Note\n" + "\n".join(LINES) + "\n", 2),
    ("headless.csv", "\n".join(LINES), 1),
    ("crlf.csv", "source,DESTINATION,note\r\n" + "\r\n".join(LINES) + "\r\n", 2),
    ("other.csv", "SourceUpn,TargetUpn,Note\n" + "\n".join(LINES) + "\n", 2),
    (
        "semicolons.csv",
        "Source;Destination;Note\nann@contoso.com;lee@fabrikam.com;yes, really\n*@contoso.com;*@fabrikam.com\nsvc-*@contoso.com;\n",
        2,
    ),
    (
        "blanks.csv",
        'Source,Destination,Note\n\n ann@contoso.com , lee@fabrikam.com ,"yes, really"\n*@contoso.com, *@fabrikam.com\nsvc-*@contoso.com,\n\n',
        3,
    ),
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(("name", "content", "first"), FILES, ids=[file[0] for file in FILES])
def test_text_tables(tmp_path: Path, name: str, content: str, first: int, encoding: str) -> None:
    """Any delimiter and encoding, with or without a header row, short lines and blanks."""
    path = tmp_path / name
    path.write_bytes(content.encode(encoding))
    table = t2t.read_rules(path)
    assert table.frame.select("source", "destination", "note", "exact").rows() == EXPECTED
    assert table.frame["line"].to_list() == [first, first + 1, first + 2]


def test_a_workbook(tmp_path: Path) -> None:
    """Line numbers are rows as Excel shows them."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in [("Source", "Destination", "Note"), *(row[:3] for row in EXPECTED)]:
        sheet.append(row)
    book.save(tmp_path / "rules.xlsx")
    table = t2t.read_rules(tmp_path / "rules.xlsx")
    assert table.frame.select("line", "source", "destination", "note", "exact").rows() == [
        (number, *row) for number, row in enumerate(EXPECTED, 2)
    ]


def test_an_earlier_mapping_is_a_rule_table(tmp_path: Path) -> None:
    """In both profiles."""
    for header in (b"Source,Destination\r\n", b""):
        (tmp_path / "usermapping.csv").write_bytes(header + b"a@contoso.com,b@fabrikam.com\r\n")
        table = t2t.read_rules(tmp_path / "usermapping.csv")
        assert table.frame.select("source", "destination").rows() == [("a@contoso.com", "b@fabrikam.com")]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Source,Destination\na@x.com\nb@x.com,\n\nc@x.com\n", [2, 5]),
        ("a@x.com;b@y.com\nc@x.com\n", [2]),
        ("sep=;\nSource;Destination\nc@x.com\n", [3]),
        ('Source,Destination\n"a@x.com","b@y.com"\nc@x.com\n', [3]),
        ('Source\tDestination\n"a@x.com"\t"b@y.com"\n"c@x.com"\n \n', [3]),
    ],
)
def test_a_line_that_was_cut_off_excludes_nobody(tmp_path: Path, text: str, lines: list[int]) -> None:
    """An exclusion ends with a comma; a line without any was cut off, and empty lines are none."""
    (tmp_path / "rules.csv").write_text(text, encoding="utf-8")
    with pytest.raises(t2t.InputError) as caught:
        t2t.read_rules(tmp_path / "rules.csv")
    assert [(problem.code, problem.message, problem.lines) for problem in caught.value.problems] == [
        ("R403", "The line has no second column; an exclusion ends with a comma and nothing behind it.", (line,))
        for line in lines
    ]


def test_a_pattern_without_a_source() -> None:
    """It would be a rule for everybody."""
    with pytest.raises(t2t.InputError) as caught:
        t2t.read_rules(rule_table(",{first}.{last}@fabrikam.com", "*@contoso.com,*@fabrikam.com"))
    assert [(problem.code, problem.message, problem.lines) for problem in caught.value.problems] == [
        ("R403", "The line has no source.", (1,))
    ]


def test_too_many_patterns() -> None:
    """Each is tried on every user."""
    lines = [f"*@x{n}.com,*@fabrikam.com" for n in range(2_001)]
    assert len(t2t.read_rules(rule_table(*lines[:2_000])).patterns) == 2_000
    with pytest.raises(t2t.InputError, match=r"There are 2,001 pattern lines; 2,000 are allowed\."):
        t2t.read_rules(rule_table(*lines))


def test_an_accounting_is_no_rule_table() -> None:
    """Its held users would be mapped, its excluded ones too."""
    accounting = rule_table("a@contoso.com,b@fabrikam.com").with_columns(Disposition=pl.lit("held"))
    with pytest.raises(t2t.InputError) as caught:
        t2t.read_rules(accounting)
    assert [(problem.code, problem.message, problem.fix) for problem in caught.value.problems] == [
        (
            "R403",
            "This is the accounting of a run, not a rule table: held users would be mapped, undecided.",
            "Copy the lines that are decided into a table with the columns Source, Destination and Note.",
        )
    ]


def test_a_cell_that_is_no_text(tmp_path: Path) -> None:
    """A number is no address. A formula without a stored value is no exclusion, although the cell is empty."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in [
        ("Source", "Destination", "Note"),
        ("a@contoso.com", "=B1", None),
        (17, "b@fabrikam.com", None),
        ("c@contoso.com", "c@fabrikam.com", 17),
        (True, "d@fabrikam.com", "=A1"),
    ]:
        sheet.append(row)
    book.save(tmp_path / "rules.xlsx")
    with pytest.raises(t2t.InputError) as caught:
        t2t.read_rules(tmp_path / "rules.xlsx")
    assert [(problem.code, problem.message, problem.sheet, problem.row) for problem in caught.value.problems] == [
        ("R403", "The cell holds a formula, not a plain text.", "Sheet", 2),
    ]
    sheet.delete_rows(2)
    book.save(tmp_path / "rules.xlsx")
    with pytest.raises(t2t.InputError) as caught:
        t2t.read_rules(tmp_path / "rules.xlsx")
    assert [problem.code for problem in caught.value.problems] == ["R403", "R403"]
    for number in (4, 2):
        sheet.delete_rows(number)
    book.save(tmp_path / "rules.xlsx")
    assert t2t.read_rules(tmp_path / "rules.xlsx").frame.select("source", "note").rows() == [("c@contoso.com", "17")]


def test_other_columns_are_no_rule_table() -> None:
    """A frame without the two columns is refused."""
    with pytest.raises(t2t.InputError, match="There are no columns Source and Destination"):
        t2t.read_rules(pl.DataFrame({"Name": ["a"], "Mail": ["b"]}))


def test_rules_of_every_form() -> None:
    """A table of rules is one, whatever it is written in."""
    rows = [{"Source": "a@x.com", "Destination": "a@y.com"}, {"Source": "b@x.com", "Destination": ""}]
    parquet = io.BytesIO()
    pl.DataFrame(rows).write_parquet(parquet)
    for data in (json.dumps(rows).encode(), parquet.getvalue(), b"Source\tDestination\na@x.com\ta@y.com\nb@x.com\t\n"):
        assert t2t.read_rules(data).frame.select("source_key", "destination_key").rows() == [
            ("a@x.com", "a@y.com"),
            ("b@x.com", None),
        ]


def test_a_run_folder_stands_for_its_review_workbook(tmp_path: Path) -> None:
    """What was decided there; a folder without one is refused as such."""
    held = merger([person("Ann Lee", "ann@contoso.com")], [person("Bob Roe", "bob@fabrikam.com")])
    folder = tmp_path / "first"
    book = held.write(folder)["review.xlsx"]
    sheet = (edited := openpyxl.load_workbook(book))["Decide"]
    headers = {cell.value: cell.column for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)}
    row = next(cell.row for cells in sheet.iter_rows() for cell in cells if cell.value == "ann@contoso.com")
    sheet.cell(row, headers["Decision"], "exclude")
    edited.save(book)
    for given in (folder, book, str(folder)):
        rules = t2t.read_rules(given)
        assert rules.frame.select("source", "destination", "file").rows() == [
            ("ann@contoso.com", None, book.as_posix())
        ]
    (tmp_path / "empty").mkdir()
    with pytest.raises(t2t.InputError, match="folder"):
        t2t.read_rules(tmp_path / "empty")
