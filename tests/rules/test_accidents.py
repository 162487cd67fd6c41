"""What happens to review workbooks in the hands of people: each accident is harmless, or the workbook is refused."""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import cache
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from desk import Desk
from small import frame, person, rule_table, told

import t2t_mapping as t2t
from t2t_mapping.outputs.review.workbook import review_bytes
from t2t_mapping.read.table import NO_FAULTS, RawTable
from t2t_mapping.rules.decisions import review_sheet
from t2t_mapping.rules.review_sheets import is_review

SOURCE = [
    person("Ann Lee", "ann@contoso.com"),
    person("Sofia Marchetti", "sofia@contoso.com"),
    person("Ewa Nowak", "enowak@contoso.com"),
    person("Per Berg", "pberg@contoso.com"),
    person("Ida Holm", "iholm@contoso.com"),
]
THERE = [
    person("Ann Lee", "ann@fabrikam.com"),
    person("Sofia Bianchi", "sofia@fabrikam.com"),
    person("Ewa Nowak", "ewa.nowak@fabrikam.com"),
    person("Per Berg", "per.berg@fabrikam.com"),
    person("Ida Holm", "ida.holm@fabrikam.com"),
]


def run(*rules: object) -> t2t.Result:
    """The little merger: one is mapped, four are held."""
    given = [rule if not isinstance(rule, str) else Path(rule) for rule in rules]
    return t2t.generate(source_full=frame(SOURCE), destination_full=frame(THERE), rules=given or None)


@cache
def first_workbook() -> bytes:
    """The review workbook of the little merger, as it is handed out."""
    return review_bytes(run())


def decided() -> Desk:
    """Two decisions, one note, two untouched rows."""
    desk = Desk(first_workbook())
    desk.fill("sofia@contoso.com", Decision="map", Note="married")
    desk.fill("enowak@contoso.com", Decision="exclude")
    return desk.fill("pberg@contoso.com", Note="ask Per")


REFUSALS = {"R403", "I101"}
"""I101 where two headers are equal, which no table may have."""

AS_MEANT = {
    "ann@contoso.com": "mapped ann@fabrikam.com local-part -",
    "sofia@contoso.com": "mapped sofia@fabrikam.com rule P304",
    "enowak@contoso.com": "excluded - rule -",
    "pberg@contoso.com": "held - - U211",
    "iholm@contoso.com": "held - - U211",
}


def refused(path: Path) -> list[str]:
    """The problems of a workbook that is refused, as people read them."""
    with pytest.raises(t2t.InputError) as caught:
        run(path)
    assert {problem.code for problem in caught.value.problems} <= REFUSALS
    return [str(problem) for problem in caught.value.problems]


def turned(desk: Desk) -> None:
    """The columns in another order."""
    page = desk.sheet()
    for row in page.iter_rows():
        for cell, value in zip(row, [cell.value for cell in row][::-1], strict=True):
            cell.value = value


def hidden(desk: Desk) -> None:
    """Rows that a filter hides."""
    desk.sheet().row_dimensions[2].hidden = True


def remarks(desk: Desk) -> None:
    """Somebody writes below and beside the table."""
    page = desk.sheet()
    page.cell(page.max_row + 3, 1).value = "Please decide until Friday"
    page.cell(3, page.max_column + 2).value = "?"


def headers_again(desk: Desk) -> None:
    """A second copy of the headers in the middle, as pasting from another copy leaves them."""
    page = desk.sheet()
    page.insert_rows(4)
    for column, text in enumerate(desk.headers(), 1):
        page.cell(4, column).value = text


HARMLESS: dict[str, Callable[[Desk], object]] = {
    "nothing": lambda desk: None,
    "one title row": lambda desk: desk.title("Review of the user mapping"),
    "titles and blank rows": lambda desk: desk.title("Contoso", "", "Deadline: Friday", ""),
    "columns in another order": turned,
    "whole rows sorted": lambda desk: desk.sort(),
    "filtered rows": hidden,
    "remarks around the table": remarks,
    "headers twice": headers_again,
    "another sheet name": lambda desk: setattr(desk.sheet(), "title", "Decisions of Anna"),
    "a column that is only read is gone": lambda desk: desk.delete("What is wrong", "Candidates"),
    "a column that is only read has another name": lambda desk: desk.rename("Codes", "Kode"),
    "a further column": lambda desk: desk.sheet().insert_cols(3),
    "the sheets that nobody needs are gone": lambda desk: [desk.book.remove(desk.book[n]) for n in ("Mapped", "Lists")],
    "decisions in capitals": lambda desk: desk.fill("sofia@contoso.com", Decision=" MAP "),
    "a candidate copied with its name": lambda desk: desk.fill(
        "sofia@contoso.com", Destination="sofia@fabrikam.com (Sofia Bianchi)"
    ),
    "a candidate's whole line": lambda desk: desk.fill(
        "sofia@contoso.com", Destination=desk.rows()["sofia@contoso.com"]["Candidates"].splitlines()[0]
    ),
    "destinations deleted where nothing is decided": lambda desk: desk.fill("iholm@contoso.com", Destination=None),
    "a note sorted alone": lambda desk: desk.fill("pberg@contoso.com", Note=None).fill(
        "iholm@contoso.com", Note="ask Per"
    ),
}


@pytest.mark.parametrize("accident", HARMLESS)
def test_harmless(accident: str, tmp_path: Path) -> None:
    """The decisions are read as they were meant, and nothing else is decided."""
    desk = decided()
    HARMLESS[accident](desk)
    result = run(desk.save(tmp_path))
    assert told(result) == AS_MEANT
    assert result.summary["decisions"] == {"map": 1, "exclude": 1, "later": 0}


def lost_headers(desk: Desk) -> None:
    """The header row is deleted."""
    desk.sheet().delete_rows(1)


def rule_sheet(desk: Desk) -> None:
    """A part of the rows is copied to a sheet of its own, without the hidden columns."""
    page = desk.book.create_sheet("Mine")
    page.append(["Source", "Destination"])
    page.append(["iholm@contoso.com", None])


REFUSED: dict[str, tuple[Callable[[Desk], object], str]] = {
    "Decision renamed": (
        lambda desk: desk.rename("Decision", "Entscheidung"),
        "sheet Decide: The column Decision of the review sheet is missing or renamed.",
    ),
    "Decision deleted": (lambda desk: desk.delete("Decision"), "The column Decision of the review sheet is missing"),
    "Destination renamed": (
        lambda desk: desk.rename("Destination", "Destinatoin"),
        "The column Destination of the review sheet is missing or renamed. Fix: Rename Destinatoin to Destination.",
    ),
    "Note deleted": (lambda desk: desk.delete("Note"), "The column Note of the review sheet is missing"),
    "Source renamed": (lambda desk: desk.rename("Source", "User"), "The column Source of the review sheet is missing"),
    "the hidden columns deleted": (
        lambda desk: desk.delete("Source key", "Circumstances", "Candidate list"),
        "The columns Source key and Circumstances of the review sheet are missing",
    ),
    "the hidden columns deleted, Decision renamed": (
        lambda desk: desk.delete("Source key", "Circumstances", "Candidate list").rename("Decision", "Choice"),
        "The columns Decision, Source key and Circumstances of the review sheet are missing",
    ),
    "the header row deleted": (lost_headers, "sheet Decide"),
    "the headers emptied": (
        lambda desk: [desk.rename(header, None) for header in ("Source", "Decision", "Destination", "Note")],
        "The columns Source, Decision, Destination and Note of the review sheet are missing",
    ),
    "two columns Decision": (lambda desk: desk.rename("Codes", "Decision"), "ecision"),
    "Source sorted alone": (
        lambda desk: desk.sort("Source"),
        "do not belong together. Fix: A column was sorted without",
    ),
    "the visible columns sorted without the hidden ones": (
        lambda desk: desk.sort(*desk.headers()[:8]),
        "do not belong together",
    ),
    "Destination sorted alone": (
        lambda desk: desk.sort("Destination"),
        "the column Destination was probably sorted without the others",
    ),
    "the circumstances deleted": (
        lambda desk: desk.fill("sofia@contoso.com", Circumstances=None),
        "row 2: The hidden column Circumstances is empty here",
    ),
    "a rule table among the sheets": (
        rule_sheet,
        "sheet Mine: This sheet of a review workbook looks like a rule table",
    ),
}


@pytest.mark.parametrize("accident", REFUSED)
def test_refused(accident: str, tmp_path: Path) -> None:
    """R403 names the sheet and what to do; nothing is decided."""
    desk = decided()
    happens, words = REFUSED[accident]
    happens(desk)
    assert words in "\n".join(refused(desk.save(tmp_path)))


@pytest.mark.parametrize("accident", [*HARMLESS, *REFUSED])
def test_an_untouched_workbook_excludes_nobody_whatever_happens_to_it(accident: str, tmp_path: Path) -> None:
    """An empty cell never excludes: whoever has decided nothing loses nothing."""
    desk = Desk(first_workbook())
    happens = HARMLESS.get(accident) or REFUSED[accident][0]
    happens(desk)
    if accident == "decisions in capitals":
        desk.fill("sofia@contoso.com", Decision=None)
    path = desk.save(tmp_path)
    try:
        outcome = told(run(path))
    except t2t.InputError as error:
        outcome = {}
        codes = {problem.code for problem in error.problems}
    assert outcome == undecided() if outcome else codes <= REFUSALS


@cache
def undecided() -> dict[str | None, str]:
    """What becomes of everybody without any workbook."""
    return told(run())


def test_all_faults_of_all_rows_at_once(tmp_path: Path) -> None:
    """By sheet and row, in plain words, with what is probably meant."""
    desk = Desk(first_workbook())
    desk.fill("sofia@contoso.com", Decision="mpa")
    desk.fill("enowak@contoso.com", Decision="map", Destination="Ewa Nowak")
    desk.fill("pberg@contoso.com", Decision="map", Destination="per.berg fabrikam.com")
    desk.fill("iholm@contoso.com", Decision="map", Destination=None)
    desk.fill("ann@contoso.com", "Mapped", Decision="map", Destination="ann@@fabrikam.com")
    path = desk.save(tmp_path)
    rows = {source: row["row"] for source, row in desk.rows().items()}
    found = refused(path)
    assert len(found) == 5
    words = {
        f"sheet Decide, row {rows['sofia@contoso.com']}: The decision 'mpa' is none of map, exclude and later. Fix: "
        "Choose one from the list. Did you mean map?",
        f"sheet Decide, row {rows['enowak@contoso.com']}: 'Ewa Nowak' is not a sign-in address (it has no @). Fix: Did you "
        "mean ewa.nowak@fabrikam.com?",
        f"sheet Decide, row {rows['pberg@contoso.com']}: 'per.berg fabrikam.com' is not a sign-in address (it has no @). "
        "Fix: Did you mean per.berg@fabrikam.com?",
        f"sheet Decide, row {rows['iholm@contoso.com']}: The decision is map, but there is no destination. Fix: Choose or "
        "type a destination, or decide later.",
        "sheet Mapped, row 2: 'ann@@fabrikam.com' is not a sign-in address (it has more than one @). Fix: Did you mean "
        "ann@fabrikam.com?",
    }
    assert {problem.split(", ", 1)[1] for problem in found} == words


def test_a_table_that_was_saved_as_csv(tmp_path: Path) -> None:
    """The sheet Decide saved as CSV reads the same; lines above its headers are refused."""
    desk = decided()
    path = tmp_path / "decide.csv"

    def save(*above: list[str]) -> None:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file, delimiter=";").writerows(
                [*above, *([cell.value or "" for cell in row] for row in desk.sheet().iter_rows())]
            )

    save()
    assert told(run(path)) == AS_MEANT
    save(["My review"], [""])
    assert "The headers of this review sheet are on line 3, below other lines." in refused(path)[0]
    desk.rename("Decision", "Choice")
    save()
    assert "The column Decision of the review sheet is missing or renamed." in refused(path)[0]


def raw(*rows: list[str | None]) -> RawTable:
    """A sheet as the readers give it."""
    headers = tuple(text or "" for text in rows[0])
    columns = {str(n): pl.Series([row[n] for row in rows[1:]], dtype=pl.String) for n in range(len(headers))}
    numbers = pl.Series("row", range(2, len(rows) + 1), dtype=pl.UInt32)
    return RawTable(
        "review.xlsx", "Decide", "xlsx", headers, pl.DataFrame([numbers]).with_columns(**columns), NO_FAULTS
    )


HEADERS = ["Source", "Decision", "Destination", "Note", "Source key", "Circumstances"]
ANN = ["ann@contoso.com", "map", "ann@fabrikam.com", None, "ann@contoso.com", '{"source": {}, "candidates": {}}']
BOB = ["bob@contoso.com", "exclude", None, None, "bob@contoso.com", '{"source": {}, "candidates": {}}']
TITLE = ["Review", None, None, None, None, None]


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        ([HEADERS, ANN, BOB], {2: "map", 3: "exclude"}),
        ([ANN, BOB, HEADERS], {1: "map", 2: "exclude"}),
        ([ANN, HEADERS, BOB], {1: "map", 3: "exclude"}),
        ([TITLE, HEADERS, BOB], {3: "exclude"}),
        ([TITLE, TITLE, HEADERS, HEADERS, BOB], {5: "exclude"}),
        ([HEADERS, ANN, HEADERS, BOB], {2: "map", 4: "exclude"}),
    ],
)
def test_the_headers_are_found_wherever_they_stand(rows: list[list[str | None]], lines: dict[int, str]) -> None:
    """Also where they were sorted among the rows; the rows keep their numbers."""
    sheet = review_sheet(raw(*rows))
    assert sheet.problems == ()
    assert dict(sheet.rows.select("line", "decision").iter_rows()) == lines


def test_without_any_header_nothing_is_read() -> None:
    """What only a review sheet holds tells what it was."""
    table = raw(ANN, BOB)
    assert is_review(table)
    (problem,) = review_sheet(table).problems
    assert problem.message == (
        "The columns Source, Decision, Destination, Note, Source key and Circumstances of the review sheet are missing or "
        "renamed."
    )


# --- several reviewers ------------------------------------------------------------------------------------------------


def test_reviewers_side_by_side(tmp_path: Path) -> None:
    """Each fills in a copy; all decisions count, and are counted."""
    one = Desk(first_workbook()).fill("sofia@contoso.com", Decision="map").save(tmp_path, "anna.xlsx")
    other = (
        Desk(first_workbook()).fill("enowak@contoso.com", Decision="map").fill("pberg@contoso.com", Decision="exclude")
    )
    result = run(one, other.save(tmp_path, "bert.xlsx"))
    assert result.summary["decisions"] == {"map": 2, "exclude": 1, "later": 0}
    assert told(result)["enowak@contoso.com"] == "mapped ewa.nowak@fabrikam.com rule -"
    assert [(item.file.rsplit("/", 1)[1], item.kind) for item in result.inputs if item.side == "rules"] == [
        ("anna.xlsx", "review"),
        ("bert.xlsx", "review"),
    ]
    assert run(one, one).summary["decisions"] == {"map": 1, "exclude": 0, "later": 0}


def test_reviewers_who_disagree(tmp_path: Path) -> None:
    """R401 names both files and rows, and what each says."""
    one = Desk(first_workbook()).fill("sofia@contoso.com", Decision="map").save(tmp_path, "anna.xlsx")
    other = Desk(first_workbook()).fill("sofia@contoso.com", Decision="exclude").save(tmp_path, "bert.xlsx")
    with pytest.raises(t2t.InputError) as caught:
        run(one, other)
    (problem,) = caught.value.problems
    assert problem.code == "R401"
    assert problem.message == (
        f"Row 2 of Decide in {one.as_posix()} and row 2 of Decide in {other.as_posix()} say different things about "
        "sofia@contoso.com: sofia@fabrikam.com, exclude."
    )


def test_rule_files_that_contradict_each_other(tmp_path: Path) -> None:
    """The same for plain tables; lines that say the same are no contradiction."""
    paths = []
    for name, line in (("a.csv", "sofia@contoso.com,sofia@fabrikam.com"), ("b.csv", "sofia@contoso.com,")):
        paths.append(tmp_path / name)
        paths[-1].write_text(f"Source,Destination\n{line}\n", encoding="utf-8")
    with pytest.raises(t2t.InputError) as caught:
        run(*paths)
    assert f"Line 2 of {paths[0].as_posix()} and line 2 of {paths[1].as_posix()} say different" in str(caught.value)
    assert told(run(paths[1], paths[1]))["sofia@contoso.com"].startswith("excluded")


def test_a_decision_beats_the_rule_that_its_workbook_carries(tmp_path: Path) -> None:
    """Also where the rule file is given again beside it; a rule that the workbook does not know contradicts it."""
    rules = tmp_path / "rules.csv"
    rules.write_text(
        "Source,Destination\nenowak@contoso.com,nobody@fabrikam.com\nsvc-*@contoso.com,\n", encoding="utf-8"
    )
    desk = Desk(run(rules)).fill("enowak@contoso.com", Decision="map", Destination="ewa.nowak@fabrikam.com")
    path = desk.save(tmp_path)
    for given in ((path,), (rules, path), (path, rules)):
        result = run(*given)
        assert told(result)["enowak@contoso.com"] == "mapped ewa.nowak@fabrikam.com rule -"
        assert "R404" not in result.summary["codes"]
        assert len(result.rules.patterns) == 1
    rules.write_text("Source,Destination\nenowak@contoso.com,ann@fabrikam.com\n", encoding="utf-8")
    with pytest.raises(t2t.InputError, match="R401"):
        run(rules, path)


def test_a_later_workbook_beats_the_decision_that_it_carries(tmp_path: Path) -> None:
    """Both rounds may be given: the second one knows the first. Two who decide at the same time do not."""
    first = Desk(first_workbook()).fill("enowak@contoso.com", Decision="map", Destination="nobody@fabrikam.com")
    one = first.save(tmp_path, "one.xlsx")
    second = Desk(run(one)).fill("enowak@contoso.com", Decision="map", Destination="ewa.nowak@fabrikam.com")
    two = second.save(tmp_path, "two.xlsx")
    assert told(run(one, two))["enowak@contoso.com"] == "mapped ewa.nowak@fabrikam.com rule -"
    third = Desk(run(one)).fill("enowak@contoso.com", Decision="exclude").save(tmp_path, "three.xlsx")
    with pytest.raises(t2t.InputError, match="R401"):
        run(two, third)


def test_a_carried_rule_goes_with_its_decision(tmp_path: Path) -> None:
    """On the sheet Rules too, only a Decision decides: an emptied destination excludes nobody."""
    table = rule_table("enowak@contoso.com,ewa.nowak@fabrikam.com,known")
    desk = Desk(run(table)).fill("enowak@contoso.com", "Rules", Destination=None)
    assert "sheet Rules, row 2: The decision is map, but there is no destination." in refused(desk.save(tmp_path))[0]
    desk.fill("enowak@contoso.com", "Rules", Decision=None)
    assert told(run(desk.save(tmp_path)))["enowak@contoso.com"] == "held - - U211"


# --- nothing is lost --------------------------------------------------------------------------------------------------


def test_what_is_not_decided_comes_back(tmp_path: Path) -> None:
    """Notes, `later`, and typed destinations stand in the next workbook, of all reviewers; and in the one after it."""
    one = Desk(first_workbook()).fill("pberg@contoso.com", Decision="later", Note="on leave")
    one.fill("iholm@contoso.com", Destination="ann@fabrikam.com")
    other = (
        Desk(first_workbook())
        .fill("pberg@contoso.com", Note="back in May")
        .fill("ann@contoso.com", "Mapped", Note="sure")
    )
    paths = (one.save(tmp_path, "one.xlsx"), other.save(tmp_path, "two.xlsx"))
    result = run(*paths)
    assert told(result) == told(run())
    assert result.summary["decisions"] == {"map": 0, "exclude": 0, "later": 1}
    desk = Desk(result)
    for _ in range(2):
        rows = desk.rows()
        assert (rows["pberg@contoso.com"]["Decision"], rows["pberg@contoso.com"]["Note"]) == (
            "later",
            "on leave\nback in May",
        )
        assert rows["iholm@contoso.com"]["Destination"] == "ann@fabrikam.com"
        assert rows["iholm@contoso.com"]["Decision"] == ""
        assert desk.rows("Mapped")["ann@contoso.com"]["Note"] == "sure"
        assert rows["sofia@contoso.com"]["Note"] == ""
        desk = Desk(run(desk.save(tmp_path)))


def test_a_mistyped_address_comes_back_with_the_one_that_is_meant(tmp_path: Path) -> None:
    """The choice in words, its note, the account that is nearly called so, and the candidates of before."""
    desk = Desk(first_workbook()).fill(
        "enowak@contoso.com", Decision="map", Destination="ewa.novak@fabrikam.com", Note="she says so"
    )
    path = desk.save(tmp_path)
    row = int(desk.rows()["enowak@contoso.com"]["row"])
    result = run(path)
    assert told(result)["enowak@contoso.com"] == "held ewa.novak@fabrikam.com rule U211"
    again = Desk(result)
    ewa = again.rows()["enowak@contoso.com"]
    assert ewa["What is wrong"].startswith(
        f"You chose ewa.novak@fabrikam.com ({path.as_posix()}, sheet Decide, row {row})."
    )
    assert ewa["Candidates"].startswith("Did you mean ewa.nowak@fabrikam.com?")
    assert (ewa["Note"], ewa["Decision"], ewa["Destination"]) == ("she says so", "", "")
    assert again.sheet("Lists").cell(int(ewa["Candidate list"]) + 1, 1).value == "ewa.nowak@fabrikam.com"
    again.fill("enowak@contoso.com", Decision="map", Destination="ewa.nowak@fabrikam.com")
    assert told(run(again.save(tmp_path)))["enowak@contoso.com"].startswith("mapped ewa.nowak@fabrikam.com")


def test_what_was_decided_is_said_with_its_note(tmp_path: Path) -> None:
    """Information, no warning; and the accounting says where an exclusion was decided."""
    path = decided().save(tmp_path)
    result = run(path)
    (finding,) = result.findings.filter(result.findings["code"] == "P304").to_dicts()
    assert finding["severity"] == "info"
    assert finding["message"].endswith(" Decided: married.")
    reasons = dict(result.accounting.select("source", "reason").iter_rows())
    assert reasons["enowak@contoso.com"] == f"Excluded by a decision ({path.as_posix()}, sheet Decide, row 3)."
    why = Desk(result).rows("Excluded")["enowak@contoso.com"]["Why"]
    assert why == reasons["enowak@contoso.com"]


def test_decisions_in_python() -> None:
    """A dictionary decides as a rule table does; `later` decides nothing."""
    result = run().with_rules(
        {"enowak@contoso.com": "ewa.nowak@fabrikam.com", "pberg@contoso.com": None, "iholm@contoso.com": "later"}
    )
    assert {source: text.split()[0] for source, text in told(result).items()} == {
        "ann@contoso.com": "mapped",
        "sofia@contoso.com": "held",
        "enowak@contoso.com": "mapped",
        "pberg@contoso.com": "excluded",
        "iholm@contoso.com": "held",
    }


def test_a_workbook_of_decisions_made_by_hand(tmp_path: Path) -> None:
    """Three columns are enough; a line of it is a line like any other, but only its Decision decides."""
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    for row in (
        ("Source", "Decision", "Destination"),
        ("enowak@contoso.com", "map", "ewa.nowak@fabrikam.com"),
        ("pberg@contoso.com", None, None),
        ("iholm@contoso.com", "exclude", None),
    ):
        page.append(row)
    book.save(tmp_path / "hand.xlsx")
    result = told(run(tmp_path / "hand.xlsx"))
    assert result["enowak@contoso.com"].startswith("mapped")
    assert result["pberg@contoso.com"].startswith("held")
    assert result["iholm@contoso.com"].startswith("excluded")
