"""A merger of 1,200 users with 260 held, from the first run to READY, with edits as people make them."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from crowds import benchmark_pair
from desk import Desk

import t2t_mapping as t2t
from t2t_mapping.cli import main

USERS, LEAVERS = 1_200, 19


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Both sides: 60 without an account, 60 disabled, 60 unlicensed and 60 of another name there, 19 disabled here; and one namesake."""
    folder = tmp_path_factory.mktemp("merger")
    (source,), (destination,) = benchmark_pair(folder, USERS, held_share=0.2, kind="csv")
    lines = source.read_text(encoding="utf-8-sig").splitlines()
    for number in range(2, 2 + LEAVERS):  # none of these is held for something else
        place = 1 + (number - 2) // 4 * 5 + (number - 2) % 4
        assert ",Enabled," in lines[place]
        lines[place] = lines[place].replace(",Enabled,", ",Disabled,")
    source.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    return {"source_full": source, "destination_full": destination}


def saved_elsewhere(path: Path, folder: Path) -> Path:
    """The workbook saved by LibreOffice, where it is installed."""
    if shutil.which("soffice") is None:
        return path
    profile = (folder / "profile").as_uri()
    form = "xlsx:Calc MS Excel 2007 XML"
    command = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", form, "--outdir"]
    subprocess.run([*command, str(folder / "saved"), str(path)], check=True, capture_output=True, timeout=300)
    return folder / "saved" / path.name


def test_from_the_first_run_to_ready(
    exports: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two reviewers, all the usual accidents on the way, three workbooks; in the end everybody has a reason."""

    def generate(name: str, *rules: Path, exclude: tuple[str, ...] = ()) -> tuple[int, str, Path]:
        out = tmp_path / name
        given = [word for path in rules for word in ("--rules", str(path))]
        given += [word for code in exclude for word in ("--exclude", code)]
        sides = [word for side, path in exports.items() for word in (f"--{side.replace('_', '-')}", str(path))]
        status = main(["generate", *sides, *given, "--out", str(out)])
        said = capsys.readouterr()
        return status, said.out + said.err, out

    status, said, first = generate("first")
    run = json.loads((first / "run.json").read_text("utf-8"))
    assert (status, run["counts"]["held"], run["ready_for_upload"]) == (1, 260, False)
    assert run["counts"]["codes"] == {"I104": 2, "U201": 19, "U211": 60, "U212": 60, "U213": 60, "P303": 60, "P315": 1}
    assert "decisions:" not in said

    # Anna decides about those of another name: filter, fill down. She sorts, adds a title, and a column moves.
    anna = Desk(first / "review.xlsx")
    others = [source for source, row in anna.rows().items() if row["Codes"] == "P303"]
    for source in others[:30]:
        anna.fill(source, Decision="map", Destination=source.replace("contoso", "fabrikam"), Note="known to HR")
    for source in others[30:50]:
        anna.fill(source, Decision="exclude")
    anna.fill(others[50], Decision="later", Note="asks her manager").fill(others[51], Note="call him")
    anna.sort()
    right = anna.title("Anna", "").save(tmp_path, "anna.xlsx")
    wrong = Desk(right)
    wrong.sheet().delete_rows(1, 2)
    wrong.rename("Decision", "My decision")
    status, said, _ = generate("renamed", wrong.save(tmp_path, "wrong.xlsx"))
    assert (status, (tmp_path / "renamed").exists()) == (2, False)
    assert "The column Decision of the review sheet is missing or renamed." in said
    assert "Rename My decision to Decision." in said
    wrong.rename("My decision", "Decision").sort("Source", descending=False)
    assert generate("sorted", wrong.save(tmp_path, "wrong.xlsx"))[0] == 2

    # Bert takes those without a usable account; he types a few addresses, not all of them well.
    bert = Desk(first / "review.xlsx")
    nobody = [source for source, row in bert.rows().items() if row["Codes"] == "U211"]
    for source in nobody[:40]:
        bert.fill(source, Decision="exclude")
    bert.fill(nobody[40], Decision="exlcude").fill(nobody[41], Decision="map", Destination="Ada Albaback")
    path = bert.save(tmp_path, "bert.xlsx")
    status, said, _ = generate("typed", right, path)
    assert status == 2
    assert said.count("R403") == 2
    assert "Did you mean exclude?" in said
    assert "'Ada Albaback' is not a sign-in address (it has no @)." in said
    used = others[55].replace("contoso", "fabrikam")  # the account of somebody who stays held
    bert.fill(nobody[40], Decision="exclude").fill(nobody[41], Decision="map", Destination=used.replace("@", "x@"))
    bert.fill(others[0], Decision="exclude")
    status, said, _ = generate("disagree", right, bert.save(tmp_path, "bert.xlsx"))
    assert status == 2
    assert "R401" in said
    assert "anna.xlsx" in said
    assert "bert.xlsx" in said
    bert.fill(others[0], Decision=None)
    both = (right, saved_elsewhere(bert.save(tmp_path, "bert.xlsx"), tmp_path))

    status, said, second = generate("second", *both)
    run = json.loads((second / "run.json").read_text("utf-8"))
    assert "\n93 decisions: 31 map, 61 exclude, 1 later\n" in said
    assert run["counts"]["decisions"] == {"map": 31, "exclude": 61, "later": 1}
    assert (run["counts"]["held"], run["counts"]["excluded"]) == (
        168,
        61,
    )  # the namesake of somebody who is excluded is free now
    desk = Desk(second / "review.xlsx")
    rows = desk.rows()
    assert (rows[others[50]]["Decision"], rows[others[50]]["Note"]) == ("later", "asks her manager")
    assert rows[others[51]]["Note"] == "call him"
    assert rows[nobody[41]]["Candidates"].startswith(f"Did you mean {used}?")
    assert rows[nobody[41]]["What is wrong"].startswith("You chose ")

    # The rest: one workbook, which carries both; whole codes with --exclude.
    desk.fill(nobody[41], Decision="exclude")
    for source, row in rows.items():
        if row["Codes"] in ("U211", "P303", "P315"):
            desk.fill(source, Decision="exclude")
    third = desk.save(tmp_path, "third.xlsx")
    status, said, final = generate("final", third, exclude=("U201", "U212", "U213"))
    run = json.loads((final / "run.json").read_text("utf-8"))
    assert (status, run["ready_for_upload"]) == (0, True)
    assert "READY" in said
    assert (run["counts"]["mapped"], run["counts"]["held"], run["counts"]["excluded"]) == (971, 0, 229)
    exclude = ["U201", "U212", "U213"]
    sides = t2t.Exports(source_full=exports["source_full"], destination_full=exports["destination_full"])
    result = t2t.generate(sides, rules=third, exclude=exclude)
    assert result.excluded["reason"].null_count() == 0
    assert result.findings.filter(result.findings["severity"] == "warning").is_empty()
    noted = result.findings.filter(result.findings["message"].str.contains("Decided: known to HR."))
    assert noted["severity"].unique().to_list() == ["info"]
    assert noted.height == 30
    # All workbooks together say the same: the last one knows the others.
    assert t2t.generate(sides, rules=[*both, third], exclude=exclude).mapping.equals(result.mapping)
    assert main(["validate", str(final / "usermapping.csv"), "--rules", str(third)]) == 0
    assert "decisions: " in capsys.readouterr().out
