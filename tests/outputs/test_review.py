"""The review workbook: what stands in it, and that every decision comes back as it was meant."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from desk import Desk
from places import FIXTURES
from small import Row, frame, person, rule_table, told

import t2t_mapping as t2t
from t2t_mapping.outputs.review import workbook as review
from t2t_mapping.outputs.review.workbook import review_bytes
from t2t_mapping.rules import circumstances
from t2t_mapping.rules.review_sheets import HIDDEN

MERGER = FIXTURES / "merger"


def fixture_merger(rules: Path | str = MERGER / "rules.csv", **options: Any) -> t2t.Result:
    """The merger of the fixtures, with the directory."""
    return t2t.generate(
        source_full=MERGER / "source" / "Full Access Users*.xlsx",
        source_admin=MERGER / "source" / "Administrative*.xlsx",
        destination_full=MERGER / "destination" / "Full*.xlsx",
        destination_directory=MERGER / "destination" / "users.csv",
        destination_domain="fabrikam.com",
        rules=rules,
        **options,
    )


@cache
def first_run() -> t2t.Result:
    """The merger of the fixtures before anybody has decided."""
    return fixture_merger()


def merger(
    source: list[Row],
    destination: list[Row] | None = None,
    *rules: str,
    admins: list[Row] | None = None,
    rules_file: Path | None = None,
    **options: Any,
) -> t2t.Result:
    """A small merger with rule lines or with a rules file."""
    return t2t.generate(
        source_full=frame(source),
        source_admin=frame(admins) if admins else (),
        destination_full=() if destination is None else frame(destination),
        rules=rules_file or (rule_table(*rules) if rules else None),
        **options,
    )


def held(*more: Row, destination: list[Row] | None = None, rules: tuple[str, ...] = (), **options: Any) -> t2t.Result:
    """One mapped user, one held for a doubtful name, one held for nobody there."""
    source = [
        person("Ann Lee", "ann@contoso.com"),
        person("Sofia Marchetti", "sofia@contoso.com"),
        person("Ewa Nowak", "enowak@contoso.com"),
        *more,
    ]
    there = [
        person("Ann Lee", "ann@fabrikam.com"),
        person("Sofia Bianchi", "sofia@fabrikam.com"),
        person("Ewa Nowak", "ewa.nowak@fabrikam.com"),
    ]
    return merger(source, there if destination is None else destination, *rules, **options)


@cache
def first_workbook() -> bytes:
    """The workbook of the two that are held."""
    return review_bytes(held())


# --- what stands in it ------------------------------------------------------------------------------------------------


def test_held_users_come_first_in_words() -> None:
    """Each with what is wrong, what to do, the candidates and a cell for the decision."""
    desk = Desk(first_workbook())
    assert desk.book.sheetnames == ["Decide", "Mapped", "Excluded", "Summary", "Lists"]
    assert desk.book["Lists"].sheet_state == "hidden"
    rows = desk.rows()
    assert list(rows) == ["sofia@contoso.com", "enowak@contoso.com"]
    sofia, ewa = rows.values()
    assert sofia["Full name"] == "Sofia Marchetti"
    assert sofia["What is wrong"].startswith(
        "The names agree only in part: Sofia Marchetti at the source, Sofia Bianchi"
    )
    assert sofia["Codes"] == "P304"
    assert sofia["Candidates"].startswith("1. sofia@fabrikam.com (Sofia Bianchi), ")
    assert sofia["Decision"] == ""
    assert sofia["Destination"] == "sofia@fabrikam.com"
    assert ewa["Candidates"].startswith("1. ewa.nowak@fabrikam.com (Ewa Nowak), 9")
    assert ewa["Destination"] == "ewa.nowak@fabrikam.com"
    assert {sheet: desk.book[sheet].freeze_panes for sheet in ("Decide", "Mapped", "Excluded")} == dict.fromkeys(
        ("Decide", "Mapped", "Excluded"), "F2"
    )
    for sheet in ("Decide", "Mapped", "Excluded"):
        assert desk.headers(sheet)[:5] == ["Source", "Full name", "Decision", "Destination", "Note"]
    assert desk.headers()[5:8] == ["Codes", "What is wrong", "Candidates"]
    assert desk.book["Decide"].auto_filter.ref == "A1:K3"


def test_a_file_that_was_given_twice_tells_its_faults_once(tmp_path: Path) -> None:
    """As both views: a user without an address is then two users of one place, and each is told of one fault."""
    path = tmp_path / "users.csv"
    path.write_text("Full Name,Windows Live ID\nAnn Lee,ann@contoso.com\nBob Roe,\n", encoding="utf-8")
    there = frame([person("Ann Lee", "ann@fabrikam.com")])
    desk = Desk(t2t.generate(source_full=path, source_admin=path, destination_full=there, include_admins=True))
    wrong = desk.headers().index("What is wrong")
    assert [
        (cells[0].value, cells[1].value, cells[wrong].value) for cells in desk.book["Decide"].iter_rows(min_row=3)
    ] == [(None, "Bob Roe", "The row has no user principal name (name: Bob Roe).")] * 2


def test_no_destination_stands_ready_where_it_may_be_the_wrong_person() -> None:
    """Filling down `map` must not map the other David Kim."""
    rows = Desk(first_run()).rows()
    for source in ("dkim", "john.smith", "maria.silva", "omar.haddad", "lars.nilsen"):
        assert rows[f"{source}@contoso.com"]["Destination"] == "", source
    assert rows["robert.fischer@contoso.com"]["Destination"] == "robert.fischer@fabrikam.com"


def test_the_most_dangerous_come_first_and_repairs_last() -> None:
    """Where a decision settles the matter, before where a tenant has to be repaired."""
    codes = [row["Codes"].split()[0] for row in Desk(first_run()).rows().values()]
    assert codes[0] == "P303"
    assert codes.index("P311") < codes.index("P304") < codes.index("U211") < codes.index("U213") < codes.index("I107")


def test_drop_downs_find_their_list_after_sorting() -> None:
    """One rule for the whole column, through the number that moves with the row; typing is no error."""
    desk = Desk(first_workbook())
    rules = {str(rule.sqref): rule for rule in desk.book["Decide"].data_validations.dataValidation}
    assert rules["C2:C503"].formula1 == '"map,exclude,later"'
    assert "VALUE($K2)" in rules["D2:D3"].formula1
    assert not rules["D2:D3"].showErrorMessage
    lists = desk.book["Lists"]
    for row in desk.rows().values():
        first = row["Candidates"].split(". ", 1)[1].split(" ", 1)[0]
        assert lists.cell(int(row["Candidate list"]) + 1, 1).value == first


def test_keys_and_circumstances_are_hidden() -> None:
    """Three columns that nobody has to see."""
    sheet = Desk(first_workbook()).book["Decide"]
    hidden = [name for name, column in sheet.column_dimensions.items() if column.hidden]
    assert hidden
    assert [sheet[f"{letter}1"].value for letter in "IJK"] == list(HIDDEN)


def test_the_summary_adds_up_and_says_what_was_learnt() -> None:
    """The sum, the convention, the colours, the codes."""
    result = first_run()
    texts = [[cell.value or "" for cell in row] for row in Desk(result).book["Summary"].iter_rows()]
    numbers = {row[0]: row[1] for row in texts if row[0] in ("Mapped", "Held", "Excluded", "Total")}
    assert numbers["Mapped"] + numbers["Held"] + numbers["Excluded"] == numbers["Total"] == result.summary["users"]
    flat = "\n".join(str(text) for row in texts for text in row)
    for words in ("{first}.{last}, so John Smith is john.smith@…", "P303", "--rules", "Decided: map."):
        assert words in flat


def test_the_same_result_gives_the_same_bytes() -> None:
    """No date, no order of a set."""
    result = first_run()
    assert review_bytes(result) == review_bytes(fixture_merger())
    assert result.files()["review.xlsx"] == review_bytes(result)
    assert "review.xlsx" not in result.files("core")


HOSTILE = (
    "=1+1",
    "+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "https://example.com",
    "_x0041_ Smith",
    "Ann\u202eeeL",
    "An\x01n \x0bLee",
    "Ann\ufffe\uffff Lee",
    "<b>&amp;</b>",
    "'Ann",
    "00042",
    "1E5",
    "TRUE",
    "Ann " + "x" * 40_000,
)


def test_cells_are_text_only(tmp_path: Path) -> None:
    """No formula, link or macro, no character that XML forbids, nothing longer than a cell; and it can be read back."""
    source = [person(name, f"u{n}@contoso.com") for n, name in enumerate(HOSTILE)]
    source += [person("Odd", "a\x01\u200b*b@contoso.com"), person("Formula", "=1+1")]
    result = merger(source, [person(name, f"t{n}@fabrikam.com") for n, name in enumerate(HOSTILE)])
    data = review_bytes(result)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert not [name for name in archive.namelist() if "vba" in name.lower() or "external" in name.lower()]
        assert not [name for name in archive.namelist() if b"hyperlink" in archive.read(name)]
    desk = Desk(data)
    for sheet in desk.book.worksheets:
        for cells in sheet.iter_rows():
            for cell in cells:
                if sheet.title == "Summary" and cell.data_type == "n":
                    continue
                assert cell.value is None or (cell.data_type == "s" and isinstance(cell.value, str)), cell.coordinate
                assert len(cell.value or "") <= 32_767
                assert not set(cell.value or "") & {"\x01", "\x0b", "\u202e", "\u200b", "\ufffe", "\uffff"}
    names = {row["Full name"] for row in desk.rows().values()}
    assert {"=1+1", "<b>&amp;</b>", "00042", "TRUE"} <= names
    assert names & {
        "_x0041_ Smith",
        "_x005F_x0041_ Smith",
    }  # openpyxl leaves the escape in texts that stand in the cell
    for source_text in ("a<U+0001><U+200B>*b@contoso.com", "=1+1"):
        desk.fill(source_text, Decision="exclude")
    again = merger(
        source, [person(name, f"t{n}@fabrikam.com") for n, name in enumerate(HOSTILE)], rules_file=desk.save(tmp_path)
    )
    assert told(again)["a\x01\u200b*b@contoso.com"].startswith("excluded")
    assert told(again)["=1+1"].startswith("excluded")


def test_long_sheets_are_cut_with_a_plain_note(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`accounting.csv` has the rest; the note is no rule."""
    monkeypatch.setattr(review, "MOST_DECIDE", 3)
    monkeypatch.setattr(review, "MOST_MAPPED", 4)
    result = first_run()
    desk = Desk(result)
    assert len(desk.rows()) == 3
    assert len(desk.rows("Mapped")) == 4
    for sheet, words in (
        ("Decide", f"3 of {result.summary['held']} held"),
        ("Mapped", f"4 of {result.summary['mapped']} mapped"),
    ):
        notes = [
            cell.value for row in desk.book[sheet].iter_rows() for cell in row if "accounting.csv" in str(cell.value)
        ]
        assert words in notes[0]
    assert told(fixture_merger(desk.save(tmp_path))) == told(result)


def test_without_destination_or_with_exchanged_sides_there_is_a_workbook() -> None:
    """Nobody can be suggested; everything is said all the same."""
    alone = Desk(merger([person("Ann Lee", "ann@contoso.com")], None, "*@contoso.com,*@fabrikam.com"))
    row = alone.rows()["ann@contoso.com"]
    assert row["Codes"] == "P306"
    assert row["Destination"] == "ann@fabrikam.com"
    both = [person("Ann Lee", "ann@contoso.com")], [person("Ann Lee", "ann@fabrikam.com")]
    swapped = Desk(merger(*both, source_domains=["fabrikam.com"], destination_domain="contoso.com"))
    assert "given the right way round" in str(
        [[cell.value for cell in row] for row in swapped.book["Summary"].iter_rows()]
    )


# --- reading it back --------------------------------------------------------------------------------------------------


def test_decisions_come_back(tmp_path: Path) -> None:
    """`map`, `exclude`, `later`, blank; a typed address; in any letter case."""
    more = [
        person("Per Berg", "per@contoso.com"),
        person("Ida Holm", "ida@contoso.com"),
        person("Jan Roos", "jan@contoso.com"),
    ]
    destination = [
        person("Sofia Bianchi", "sofia@fabrikam.com"),
        person("Ewa Nowak", "ewa.nowak@fabrikam.com"),
        person("P. B.", "pb@fabrikam.com"),
    ]
    desk = Desk(held(*more, destination=destination))
    desk.fill("sofia@contoso.com", Decision="Map ", Note="asked her")
    desk.fill("enowak@contoso.com", Decision="exclude")
    desk.fill("per@contoso.com", Decision="map", Destination=" PB@fabrikam.com ")
    desk.fill("ida@contoso.com", Decision="later", Destination="sofia@fabrikam.com")
    path = desk.save(tmp_path)
    again = held(*more, destination=destination, rules_file=path)
    assert told(again) == {
        "sofia@contoso.com": "mapped sofia@fabrikam.com rule P304",
        "enowak@contoso.com": "excluded - rule -",
        "per@contoso.com": "mapped pb@fabrikam.com rule P303",
        "ida@contoso.com": "held - - U211",
        "jan@contoso.com": "held - - U211",
        "ann@contoso.com": "held - - U211",
    }
    assert again.rules.frame["decided"].to_list() == [True, True, True]
    assert "asked her" in again.rules.frame["note"].to_list()
    assert held(*more, destination=destination, rules_file=path).files() == again.files()


def decide_everything(result: t2t.Result) -> Desk:
    """As a person would: map where the account is good, exclude who cannot go, one of two claimants."""
    desk = Desk(result)
    gone = set(result.mapping["destination"])
    for source, row in desk.rows().items():
        codes = set(row["Codes"].split())
        candidates = [
            line.split(". ", 1)[1].split(" ", 1)[0] for line in row["Candidates"].splitlines() if line[:1].isdigit()
        ]
        free = [candidate for candidate in candidates if candidate not in gone]
        if codes & {"U201", "U202", "U206", "U212", "U213", "I106"} or (codes and not free and "I107" not in codes):
            desk.fill(source, Decision="exclude")
        elif "I107" not in codes:
            desk.fill(source, Decision="map", Destination=free[0])
            gone.add(free[0])
    return desk


def test_round_trip_leaves_nobody_held(tmp_path: Path) -> None:
    """Generate, decide everything, generate again; the workbook carries the earlier rules. Twice gives the same bytes."""
    first = first_run()
    path = decide_everything(first).save(tmp_path)
    second = fixture_merger(path, exclude=["I107"])
    assert second.summary["held"] == 0
    assert second.summary["mapped"] + second.summary["excluded"] == first.summary["users"]
    assert second.summary["mapped"] > first.summary["mapped"]
    before = {row["source"]: row for row in first.mapping.iter_rows(named=True)}
    after = {row["source"]: row for row in second.mapping.iter_rows(named=True)}
    assert {source: after[source]["destination"] for source in before} == {
        source: row["destination"] for source, row in before.items()
    }
    assert fixture_merger(path, exclude=["I107"]).files() == second.files()


def test_deciding_in_two_rounds_needs_only_the_last_workbook(tmp_path: Path) -> None:
    """The second workbook carries the first decisions, the first one the rules of the file."""
    rules = ("x@contoso.com,y@fabrikam.com,gone", "svc-*@contoso.com,")
    extra = [person("Service", "svc-1@contoso.com")]
    first = Desk(held(*extra, rules=rules)).fill("sofia@contoso.com", Decision="map").save(tmp_path, "one.xlsx")
    one = held(*extra, rules_file=first)
    second = Desk(one).fill("enowak@contoso.com", Decision="map").save(tmp_path, "two.xlsx")
    two = held(*extra, rules_file=second)
    assert told(two)["svc-1@contoso.com"].startswith("excluded")
    assert (one.summary["held"], two.summary["held"]) == (1, 0)
    assert "gone" in two.rules.frame["note"].to_list()
    assert Desk(two).rows("Rules")["sofia@contoso.com"]["Decided"] == "yes"
    third = Desk(two).save(tmp_path, "three.xlsx")
    assert told(held(*extra, rules_file=third)) == told(two)


def test_a_fresh_decision_beats_the_rule_that_is_carried_along(tmp_path: Path) -> None:
    """Also on the sheets Mapped and Excluded, where nothing has to be decided."""
    desk = Desk(held(rules=("enowak@contoso.com,nobody@fabrikam.com",), admins=[person("Adm In", "adm@contoso.com")]))
    desk.fill("enowak@contoso.com", Decision="map", Destination="ewa.nowak@fabrikam.com")
    desk.fill("ann@contoso.com", "Mapped", Decision="exclude")
    desk.fill("adm@contoso.com", "Excluded", Decision="map", Destination="ann@fabrikam.com")
    again = told(held(rules_file=desk.save(tmp_path), admins=[person("Adm In", "adm@contoso.com")]))
    assert again["enowak@contoso.com"].startswith("mapped ewa.nowak@fabrikam.com")
    assert again["ann@contoso.com"].startswith("excluded")
    assert again["adm@contoso.com"].startswith("mapped ann@fabrikam.com")


def test_an_untouched_workbook_decides_nothing(tmp_path: Path) -> None:
    """The sheet of the mapped users is not mistaken for decisions."""
    result = first_run()
    assert told(fixture_merger(Desk(result).save(tmp_path))) == told(result)
    assert t2t.read_rules(Desk(first_workbook()).save(tmp_path)).frame.is_empty()


def test_sorted_and_filtered_rows_read_the_same(tmp_path: Path) -> None:
    """The keys move with their rows; hidden rows count."""
    first = first_run()
    desk = decide_everything(first)
    plain = desk.save(tmp_path, "plain.xlsx")
    sheet = desk.book["Decide"]
    values = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    for number, row in enumerate(reversed(values), 2):
        for column, value in enumerate(row, 1):
            sheet.cell(number, column).value = value
        sheet.row_dimensions[number].hidden = number % 2 == 0
    turned = desk.save(tmp_path, "turned.xlsx")
    assert told(fixture_merger(turned)) == told(fixture_merger(plain))


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")
def test_a_workbook_saved_by_libreoffice_reads_the_same(tmp_path: Path) -> None:
    """Decisions, keys, circumstances and carried rules survive."""
    plain = decide_everything(first_run()).save(tmp_path)
    (tmp_path / "saved").mkdir()
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            "--headless",
            "--convert-to",
            "xlsx:Calc MS Excel 2007 XML",
            "--outdir",
            str(tmp_path / "saved"),
            str(plain),
        ],
        check=True,
        capture_output=True,
        timeout=180,
    )
    saved = tmp_path / "saved" / "review.xlsx"
    columns = ["line", "source", "destination", "note", "decided", "circumstances", "sheet", "exact"]
    assert t2t.read_rules(saved).frame.select(columns).equals(t2t.read_rules(plain).frame.select(columns))
    assert told(fixture_merger(saved, exclude=["I107"])) == told(fixture_merger(plain, exclude=["I107"]))


def refused(path: Path) -> list[tuple[str, str]]:
    """Code and words of why a workbook is refused."""
    with pytest.raises(t2t.InputError) as caught:
        t2t.read_rules(path)
    return [(problem.code, str(problem)) for problem in caught.value.problems]


def test_contradictions_name_their_rows(tmp_path: Path) -> None:
    """One user twice in a sheet, and on two sheets."""
    desk = (
        Desk(first_workbook())
        .fill("sofia@contoso.com", Decision="map")
        .fill("ann@contoso.com", "Mapped", Decision="exclude")
    )
    sheet = desk.book["Decide"]
    for column, text in ((1, "sofia@contoso.com"), (3, "exclude")):
        sheet.cell(9, column).value = text
    for column, text in ((1, "ann@contoso.com"), (3, "map"), (4, "ann@fabrikam.com")):
        sheet.cell(10, column).value = text
    found = refused(desk.save(tmp_path))
    assert [code for code, _ in found] == ["R401", "R401"]
    words = " ".join(text for _, text in found)
    assert "The rows 2 and 9 say different things about sofia@contoso.com" in words
    assert "ow 10 of Decide and row 2 of Mapped say different things about ann@contoso.com" in words


def test_unfinished_and_unknown_decisions_are_refused_with_their_row(tmp_path: Path) -> None:
    """All at once, each with what to do."""
    desk = Desk(held(person(None, None), person("Per Berg", "per@contoso.com")))
    desk.fill("sofia@contoso.com", Decision="maybe").fill("per@contoso.com", Decision="map", Destination=None)
    row = next(cells[0].row for cells in desk.book["Decide"].iter_rows(min_row=2) if not cells[0].value)
    desk.book["Decide"].cell(row, 3).value = "exclude"
    found = refused(desk.save(tmp_path))
    assert [code for code, _ in found] == ["R403"] * 3
    assert "sheet Decide, row 2: The decision 'maybe' is none of map, exclude and later." in found[0][1]
    assert "The decision is map, but there is no destination." in found[1][1]
    assert "--exclude I107" in found[2][1]


def test_columns_sorted_apart_are_refused(tmp_path: Path) -> None:
    """Otherwise one person would be given another person's records."""
    desk = Desk(first_workbook())
    sheet = desk.book["Decide"]
    sheet["A2"].value, sheet["A3"].value = sheet["A3"].value, sheet["A2"].value
    desk.book["Decide"]["C2"].value = "map"
    found = refused(desk.save(tmp_path))
    assert [code for code, _ in found] == ["R403", "R403"]
    assert "do not belong together" in found[0][1]
    for damaged in ('"sofia', '["x"]'):
        sheet["I2"].value = damaged
        assert "do not belong together" in refused(desk.save(tmp_path))[0][1]


def test_unknown_destinations_are_findings(tmp_path: Path) -> None:
    """A typed address that no export lists holds the user; one that is no address is refused."""
    desk = Desk(first_workbook()).fill("sofia@contoso.com", Decision="map", Destination="nobody@fabrikam.com")
    assert told(held(rules_file=desk.save(tmp_path)))["sofia@contoso.com"] == "held nobody@fabrikam.com rule U211"
    desk.fill("sofia@contoso.com", Destination="{first}@fabrikam.com")
    assert refused(desk.save(tmp_path))[0][0] == "R403"


# --- stale decisions --------------------------------------------------------------------------------------------------

SOFIA = {"name": "Sofia Marchetti", "status": "Enabled", "user_licensed": "Yes"}
THERE = {"name": "Sofia Bianchi", "status": "Enabled", "user_licensed": "Yes"}

STALE = [
    # decision, the source before and after, the account before and after, what is said (None: the decision stands)
    ("map", {}, {"name": "Sofia Rossi"}, {}, {}, "user was called Sofia Marchetti then and is called Sofia Rossi now"),
    ("map", {}, {"name": "MARCHETTI, Sofia"}, {}, {}, None),
    ("map", {}, {"status": "Disabled"}, {}, {}, "user was enabled then and is disabled now"),
    ("map", {"user_licensed": "No"}, {}, {}, {}, None),
    (
        "map",
        {},
        {"access_mode": "Non-interactive"},
        {},
        {},
        "user was a person account then and is a non-interactive account now",
    ),
    ("map", {}, {"azure_state": "1"}, {}, {}, "user is deleted now"),
    ("map", {"azure_state": "1"}, {}, {}, {}, None),
    (
        "map",
        {},
        {},
        {},
        {"name": "Sofia Bruno"},
        "destination account was called Sofia Bianchi then and is called Sofia Bruno now",
    ),
    ("map", {}, {}, {}, {"user_licensed": "No"}, "destination account had a licence then and has none now"),
    ("map", {}, {}, {"user_licensed": "No"}, {}, None),
    ("map", {}, {}, {"status": "Disabled"}, {"status": "Enabled"}, None),
    (
        "exclude",
        {"user_licensed": "No"},
        {"user_licensed": "Yes"},
        {},
        {},
        "user had no licence then and has one now",
    ),
    ("exclude", {"status": "Disabled"}, {}, {}, {}, "user was disabled then and is enabled now"),
    ("exclude", {"azure_state": "1"}, {}, {}, {}, "user is no longer deleted"),
    ("exclude", {}, {}, {}, {"name": "Sofia Bruno"}, None),
]


@pytest.mark.parametrize(("decision", "before", "after", "there_before", "there_after", "words"), STALE)
def test_stale_decisions_are_refused(
    decision: str,
    before: dict[str, str],
    after: dict[str, str],
    there_before: dict[str, str],
    there_after: dict[str, str],
    words: str | None,
    tmp_path: Path,
) -> None:
    """R405 holds the user and says what has changed; what was only repaired leaves a decision to map standing."""

    def run(here: dict[str, str], there: dict[str, str], **options: Any) -> t2t.Result:
        one, other = SOFIA | here, THERE | there
        return merger(
            [person(one.pop("name"), "sofia@contoso.com", **one)],
            [person(other.pop("name"), "sofia@fabrikam.com", **other)],
            **options,
        )

    desk = Desk(run(before, there_before))
    desk.fill("sofia@contoso.com", Decision=decision, Destination="sofia@fabrikam.com")
    path = desk.save(tmp_path)
    result = run(after, there_after, rules_file=path)
    stale = result.findings.filter(result.findings["code"] == "R405").to_dicts()
    if words is None:
        assert stale == []
        assert result.summary["excluded" if decision == "exclude" else "mapped"] == 1
        return
    assert result.summary["held"] == 1
    assert len(stale) == 1
    assert stale[0]["message"].endswith(f"is out of date: the {words}.")
    assert (stale[0]["severity"], stale[0]["sheet"], stale[0]["row"]) == ("error", "Decide", 2)
    assert stale[0]["file"] == path.as_posix()
    assert stale[0]["upn"] == "sofia@contoso.com"
    fresh = Desk(result)
    row = fresh.rows()["sofia@contoso.com"]
    assert "R405" in row["Codes"]
    assert (row["Decision"], row["Destination"]) == ("", "")
    fresh.fill("sofia@contoso.com", Decision=decision, Destination="sofia@fabrikam.com")
    decided = run(after, there_after, rules_file=fresh.save(tmp_path))
    assert "R405" not in decided.summary["codes"]


def test_a_typed_destination_that_was_no_candidate_is_not_stale(tmp_path: Path) -> None:
    """Nothing was remembered of it; every other check looks at it."""
    there = [person("Somebody", "else@fabrikam.com")]
    desk = Desk(merger([person("Ann Lee", "ann@contoso.com")], there))
    path = desk.fill("ann@contoso.com", Decision="map", Destination="else@fabrikam.com").save(tmp_path)
    changed = [person("Somebody New", "else@fabrikam.com")]
    result = merger([person("Ann Lee", "ann@contoso.com")], changed, rules_file=path)
    assert told(result)["ann@contoso.com"] == "mapped else@fabrikam.com rule P303"


@pytest.mark.parametrize("text", ["x", "[]", '{"source": {}}', '{"source": {}, "candidates": {"a": 1}}'])
def test_edited_circumstances_are_stale(text: str, tmp_path: Path) -> None:
    """What cannot be read cannot be compared."""
    desk = Desk(first_workbook()).fill("sofia@contoso.com", Decision="map", Circumstances=text)
    result = held(rules_file=desk.save(tmp_path))
    assert told(result)["sofia@contoso.com"] == "held sofia@fabrikam.com rule P304;R405"


def test_circumstances_are_readable_and_exact() -> None:
    """JSON, without characters that a cell cannot hold, and back."""
    row = {
        "full_name": "An\x01\u202en",
        "other_names": ["Müller"],
        "enabled": None,
        "licensed": True,
        "kind": "person",
        "deleted": None,
    }
    facts = circumstances.facts(row)
    assert facts == {"names": ["An\x01\u202en", "Müller"], "licensed": True, "kind": "person"}
    text = circumstances.write(facts, {"a@b.c": facts})
    assert text.isprintable()
    assert "Müller" in text
    assert circumstances.read(text) == {"source": facts, "candidates": {"a@b.c": facts}}
