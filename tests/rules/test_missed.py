"""Rule lines that miss: misspelt, malformed, with cells too many, or the wrong way round."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from small import frame, merger, person, rule_table, told

import t2t_mapping as t2t

ANN, BOB = person("Ann Lee", "ann.lee@contoso.com"), person("Bob Stone", "bob@contoso.com")
ANN_THERE, BOB_THERE = person("Ann Lee", "ann.lee@fabrikam.com"), person("Bob Stone", "bob@fabrikam.com")
FREE = "mapped ann.lee@fabrikam.com local-part -"
HELD = "held ann.lee@fabrikam.com local-part R406"

NEARLY = [
    # rule lines, what becomes of Ann, who would be mapped without them
    (("ann.lee@contoso.co,",), HELD),
    (("ann.lee@contoso.cmo,ann.lee@fabrikam.com",), HELD),
    (("ann.lee@contoso.onmicrosoft.com,",), HELD),
    (("ann.lee@mail.contoso.com,",), HELD),
    (("anne.lee@contoso.com,",), HELD),
    (("annlee@contoso.com,",), HELD),
    (("ann.lea@contoso.com,",), HELD),
    (("ann.ele@contoso.com,",), HELD),
    (("ANN.LE@CONTOSO.COM,bob@fabrikam.com",), HELD),
    (("ann.lee2@contoso.com,",), HELD),
    # the wrong way round, beside a line that is right
    (("ann.lee@fabrikam.com,ann.lee@contoso.com", "bob@contoso.com,bob@fabrikam.com"), HELD),
    # no slip of the hand
    (("ann.lee@adatum.com,",), FREE),
    (("anne.lea@contoso.com,",), FREE),
    (("lee.ann@contoso.com,",), FREE),
    # a line of her own settles it
    (("ann.lee@contoso.co,", "ann.lee@contoso.com,ann.lee@fabrikam.com"), "mapped ann.lee@fabrikam.com rule -"),
    (("ann.lee@contoso.co,", "ann.lee@contoso.com,"), "excluded - rule -"),
]


@pytest.mark.parametrize(("lines", "outcome"), NEARLY)
def test_whom_a_line_nearly_names_is_held(lines: tuple[str, ...], outcome: str) -> None:
    """R406, beside the warning about the line."""
    result = merger([ANN, BOB], [ANN_THERE, BOB_THERE], *lines)
    assert told(result)["ann.lee@contoso.com"] == outcome
    assert result.summary["codes"].get("R402") == 1
    if outcome == HELD:
        (row,) = result.findings.filter(result.findings["code"] == "R406").rows(named=True)
        assert (row["side"], row["upn"], row["lines"]) == ("rules", "ann.lee@contoso.com", [1])
        assert row["message"] == f"The rule {lines[0]} names no source user, and nearly names ann.lee@contoso.com."


def test_a_number_is_another_user() -> None:
    """Numbered accounts are all one digit apart; short names one letter."""
    listed = [person("Ann Lee", "alee12@contoso.com"), person("Bo Li", "bo@contoso.com")]
    there = [person("Ann Lee", "alee12@fabrikam.com"), person("Bo Li", "bo@fabrikam.com")]
    result = merger(listed, there, "alee13@contoso.com,", "jo@contoso.com,")
    assert result.summary["mapped"] == 2


def test_a_mapping_is_judged_alike() -> None:
    """`validate` tells it too, on the line."""
    mapping = b"Source,Destination\r\nann.lee@contoso.com,ann.lee@fabrikam.com\r\n"
    judged = t2t.validate(
        mapping,
        source_full=frame([ANN]),
        destination_full=frame([ANN_THERE]),
        rules=rule_table("ann.lee@contoso.co,"),
    )
    assert judged.findings.filter(judged.findings["code"] == "R406")["lines"].to_list() == [[2]]


MALFORMED = [
    # an exclusion, what is said of it
    ("ann.lee@contoso.com),", "Did you mean ann.lee@contoso.com?"),
    ("Ann Lee <ann.lee@contoso.com>,", "Did you mean ann.lee@contoso.com?"),
    ("mailto:ann.lee@contoso.com,", "Did you mean ann.lee@contoso.com?"),
    ("(ann.lee@contoso.com,", "Did you mean ann.lee@contoso.com?"),
    ("ann.lee,", "ann.lee has no @."),
    ("ann.lee@@contoso.com,", "has more than one @"),
    ("\u0430nn.lee@contoso.com,", "U+0430"),
    ("\u212aim@contoso.com,", "U+212A"),
]


@pytest.mark.parametrize(("line", "words"), MALFORMED)
def test_a_malformed_exclusion_is_refused(line: str, words: str) -> None:
    """R403 with or without a destination; `validate` refuses the rules as well."""
    mapping = b"Source,Destination\r\nann.lee@contoso.com,ann.lee@fabrikam.com\r\n"
    for run in (
        lambda: merger([ANN], [ANN_THERE], line),
        lambda: t2t.validate(mapping, source_full=frame([ANN]), rules=rule_table(line)),
    ):
        with pytest.raises(t2t.InputError) as caught:
            run()
        (problem,) = caught.value.problems
        assert (problem.code, problem.lines) == ("R403", (1,))
        assert words in problem.message


@pytest.mark.parametrize(
    "text", ["ann.lee@@contoso.com", "CONTOSO\\ann", "ann lee@contoso.com", "\u0430nn@contoso.com", "Ann"]
)
def test_a_user_is_excluded_by_the_text_as_typed(text: str) -> None:
    """Also where this text is no address: whoever is listed so, is meant."""
    result = merger([ANN, person("Odd One", text)], [ANN_THERE], f"{text},,no account")
    assert told(result)[text] == "excluded - rule -"


def test_patterns_hold_nothing_that_no_address_holds() -> None:
    """They could never match."""
    for source in ("*@contoso.com)", "svc *@contoso.com", "*@*@contoso.com", "*@cont\u043eso.com"):
        with pytest.raises(t2t.InputError) as caught:
            t2t.read_rules(rule_table(f"{source},"))
        assert [problem.code for problem in caught.value.problems] == ["R403"]


@pytest.mark.parametrize("quote", ["", '"'])
def test_all_faults_of_all_lines_at_once(tmp_path: Path, quote: str) -> None:
    """One line of five cells hides no other fault, whatever its kind."""
    lines = [
        "Source,Destination,Note",
        f"{quote}a@contoso.com{quote},b@@fabrikam.com,",
        "b@contoso.com,b@fabrikam.com,yes,no,perhaps",
        "c@contoso.com",
        "d@contoso.com,d@fabrikam.com,fine,,",
        "e@contoso.com),",
        "*@contoso.com,{nick}@fabrikam.com",
        "f@contoso.com,f@fabrikam.com",
        "F@contoso.com,",
    ]
    (tmp_path / "rules.csv").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(t2t.InputError) as caught:
        t2t.read_rules(tmp_path / "rules.csv")
    assert [(problem.code, problem.lines) for problem in caught.value.problems] == [
        ("R403", (2,)),
        ("R403", (3,)),
        ("R403", (4,)),
        ("R403", (6,)),
        ("R403", (7,)),
        ("R401", (8, 9)),
    ]
    assert caught.value.problems[1].message == "The line has 5 cells; a rule has 3."


HEADERS = [
    "Source,Destination",
    "SourceUpn,TargetUpn",
    "SourceUser,TargetUser",
    "SourceValue,DestinationValue",
    "Source Email;Target Email",
    "source_user_principal_name,target_user_principal_name",
    "OldUPN,NewUPN",
    "From,To",
    "Quelle;Ziel",
]


@pytest.mark.parametrize("header", HEADERS)
def test_other_tools_tables_are_known_by_their_headers(tmp_path: Path, header: str) -> None:
    """The header row is never a rule, and the columns may stand in any order."""
    mark = ";" if ";" in header else ","
    one, other = header.split(mark)
    (tmp_path / "rules.csv").write_text(f"{one}{mark}{other}\na@contoso.com{mark}b@fabrikam.com\n", encoding="utf-8")
    (tmp_path / "turned.csv").write_text(f"{other}{mark}{one}\nb@fabrikam.com{mark}a@contoso.com\n", encoding="utf-8")
    for name in ("rules.csv", "turned.csv"):
        lines = t2t.read_rules(tmp_path / name).frame.select("source", "destination").rows()
        assert lines == [("a@contoso.com", "b@fabrikam.com")]


REVERSED = [
    ("ann.lee@fabrikam.com,ann.lee@contoso.com",),
    ("ann.lee@fabrikam.com,ann.lee@contoso.com", "bob@fabrikam.com,bob@contoso.com"),
    ("*@fabrikam.com,*@contoso.com",),
    ("*@fabrikam.com,{f}{last}@contoso.com",),
    ("gone@fabrikam.com,gone@contoso.com",),
]


@pytest.mark.parametrize("lines", REVERSED)
@pytest.mark.parametrize("there", [[ANN_THERE, BOB_THERE], None])
def test_a_reversed_rule_table_is_called_so(lines: tuple[str, ...], there: list[dict[str, str | None]] | None) -> None:
    """Whoever swapped the exports instead would get a reversed mapping."""
    result = merger([ANN, BOB], there, *lines)
    assert result.summary["mapped"] == 0
    (said,) = result.findings.filter(result.findings["code"] == "I109")["message"]
    assert said.startswith(
        "The rule table rules leads from fabrikam.com to contoso.com, but the source users are at contoso.com"
    )
    assert "Swap the two columns of the rule table" in said


def test_exchanged_exports_are_still_called_so() -> None:
    """A destination domain that was named settles what is the wrong way round."""
    result = merger([ANN_THERE], [ANN], "ann.lee@contoso.com,ann.lee@fabrikam.com", destination_domain="fabrikam.com")
    (said,) = result.findings.filter(result.findings["code"] == "I109")["message"]
    assert said.endswith("Swap the source and destination files.")


def test_hidden_rows_of_a_rule_workbook() -> None:
    """They count, and a warning says where they are."""
    book = openpyxl.Workbook()
    for row in (("Source", "Destination"), ("ann.lee@contoso.com", "ann.lee@fabrikam.com"), ("bob@contoso.com", None)):
        book.active.append(row)
    book.active.row_dimensions[3].hidden = True
    stream = io.BytesIO()
    book.save(stream)
    result = t2t.generate(
        source_full=frame([ANN, BOB]),
        destination_full=frame([ANN_THERE, BOB_THERE]),
        rules=("rules.xlsx", stream.getvalue()),
    )
    assert result.excluded["source"].to_list() == ["bob@contoso.com"]
    hidden = result.findings.filter(pl.col("code") == "I116").select("severity", "side", "file", "row", "message")
    message = "The sheet hides 1 row, most often by a filter; hidden rows count like all others."
    assert hidden.rows() == [("warning", "rules", "rules.xlsx", 3, message)]
