"""The main job from the command line, on the fixtures: exact files, exit statuses and messages."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from pathlib import Path

import pytest
from commands import called, t2t

MERGER = Path("fixtures/merger").resolve()
JOB: tuple[str | Path, ...] = (
    "generate",
    "--source-full",
    MERGER / "source/Full Access Users*.xlsx",
    "--source-admin",
    MERGER / "source/Administrative*.xlsx",
    "--destination-full",
    MERGER / "destination/Full*.xlsx",
    "--rules",
    MERGER / "rules.csv",
    "--destination-domain",
    "fabrikam.com",
    "--outputs",
    "core",
)
DIRECTORY = ("--destination-directory", MERGER / "destination/users.csv")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("more", "expected"),
    [((), "expected.csv"), (DIRECTORY, "expected-with-directory.csv")],
    ids=["exports", "directory"],
)
def test_the_merger(tmp_path: Path, more: tuple[str | Path, ...], expected: str) -> None:
    """Every source user of the fixture ends where the fixture says, with the codes it says."""
    done = t2t(*JOB, *more, "--out", tmp_path / "out")
    assert done.returncode == 1, done.stderr
    key = ("source", "full_name", "disposition", "codes")
    told = sorted(tuple(row[name] for name in key) for row in rows(tmp_path / "out/accounting.csv"))
    planted = rows(MERGER / expected)
    assert told == sorted(tuple(row[name] for name in key) for row in planted)
    mapping = (tmp_path / "out/usermapping.csv").read_bytes()
    pairs = sorted((r["source"], r["destination"]) for r in planted if r["disposition"] == "mapped")
    lines = mapping.decode("ascii").split("\r\n")
    assert lines[0] == "Source,Destination"
    assert sorted(tuple(line.split(",")) for line in lines[1:-1]) == pairs
    assert lines[1:-1] == sorted(lines[1:-1], key=str.lower)
    rungs = {r["source"]: r["matched_by"] for r in planted if r["disposition"] == "mapped"}
    assert {
        r["source"]: r["matched_by"] for r in rows(tmp_path / "out/accounting.csv") if r["disposition"] == "mapped"
    } == rungs
    mapped, held = len(pairs), sum(r["disposition"] == "held" for r in planted)
    said = " ".join(done.stdout.split())
    assert f"mapped {mapped} 2 by your rules (by name), 3 by your rules (by pattern)," in said
    assert f"held {held} a person has to decide excluded 8 4 not a person (U203)," in said
    assert "total 82 = 83 rows in the exports - 1 duplicate NOT COMPLETE:" in said


def test_resaved_exports_give_the_same_mapping(tmp_path: Path) -> None:
    """Raw from the service or saved again by Excel: no difference."""
    resaved = MERGER / "resaved"
    files = sorted(path.relative_to(resaved).as_posix() for path in resaved.rglob("*.xlsx"))
    assert len(files) == 3
    arguments = [str(a).replace(str(MERGER / "source"), str(resaved / "source")) for a in JOB]
    arguments = [a.replace(str(MERGER / "destination"), str(resaved / "destination")) for a in arguments]
    assert called(*JOB, "--out", tmp_path / "raw").returncode == 1
    done = called(*arguments, "--out", tmp_path / "resaved")
    assert done.returncode == 1, done.stderr
    name = "usermapping.csv"
    assert (tmp_path / "raw" / name).read_bytes() == (tmp_path / "resaved" / name).read_bytes()


def test_directories_alone_give_the_same_mapping(tmp_path: Path) -> None:
    """Without an environment at the destination, its directory says as much; mixed input works in one call."""
    alone: list[str | Path] = [a for n, a in enumerate(JOB) if "--destination-full" not in (a, JOB[n - 1])]
    assert called(*JOB, *DIRECTORY, "--out", tmp_path / "both").returncode == 1
    assert called(*alone, *DIRECTORY, "--out", tmp_path / "alone").returncode == 1
    assert (tmp_path / "alone/usermapping.csv").read_bytes() == (tmp_path / "both/usermapping.csv").read_bytes()


def test_the_clean_merger_is_clean(tmp_path: Path) -> None:
    """Twelve users a side, everybody mapped, exit 0 even with --fail-on warning."""
    clean = MERGER.parent / "clean"
    done = t2t(
        "generate",
        "--source-full",
        clean / "source",
        "--destination-full",
        clean / "destination",
        "--destination-domain",
        "fabrikam.com",
        "--fail-on",
        "warning",
        "--out",
        tmp_path / "out",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (
        "\nmapped    12   12 by the same name before the @\nheld       0\nexcluded   0\ntotal     12   = 12 rows"
        in done.stdout
    )


def test_json_is_one_object_and_nothing_else(tmp_path: Path) -> None:
    """For programs."""
    done = t2t(*JOB, "--out", tmp_path / "out", "--format", "json")
    told = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (1, "")
    assert list(told) == ["counts", "findings", "skipped", "outputs"]
    assert {name: told["counts"][name] for name in ("users", "mapped", "held", "excluded", "rows", "duplicates")} == {
        "users": 82,
        "mapped": 53,
        "held": 21,
        "excluded": 8,
        "rows": 83,
        "duplicates": 1,
    }
    assert list(told["findings"][0]) == [
        "code",
        "name",
        "severity",
        "side",
        "file",
        "sheet",
        "row",
        "lines",
        "upn",
        "message",
        "fix",
    ]
    assert told["skipped"] == [
        {"code": "U210", "reason": "no source directory was given"},
        {"code": "U217", "reason": "no destination export names the licences"},
    ]
    assert all(Path(path).exists() for path in told["outputs"].values())
    stored = json.loads((tmp_path / "out/findings.json").read_text(encoding="utf-8"))
    assert stored["findings"] == told["findings"]


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    """Exit 2, and every byte as it was; with --overwrite it runs, and gives the same bytes."""
    out = tmp_path / "out"
    called(*JOB, "--out", out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    done = t2t(*JOB, "--out", out)
    assert done.returncode == 2
    assert done.stderr.startswith("The outputs could not be written. Nothing was written.")
    assert "--overwrite" in done.stderr
    assert called(*JOB, "--out", out, "--overwrite").returncode == 1
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_the_order_of_the_files_changes_nothing(tmp_path: Path) -> None:
    """Byte-identical outputs whatever the order of the arguments."""
    formats = MERGER.parent / "formats"
    files = [formats / "worksheet-raw.xlsx", formats / "worksheet-utf-8-comma.csv"]
    for name, order in (("one", files), ("other", files[::-1])):
        called(
            "generate",
            "--source-full",
            *order,
            "--destination-full",
            MERGER.parent / "clean/destination",
            "--out",
            tmp_path / name,
        )
    one = {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()}
    assert one == {path.name: path.read_bytes() for path in (tmp_path / "other").iterdir()}
    assert one


def test_the_support_request_profile_has_no_header(tmp_path: Path) -> None:
    """Neither profile writes a blank after the comma."""
    called(*JOB, "--out", tmp_path / "out", "--profile", "support-request")
    first = (tmp_path / "out/usermapping.csv").read_bytes().split(b"\r\n")[0]
    assert first.count(b"@") == 2
    assert b" " not in first


def test_when_nobody_is_mapped_there_is_no_mapping(tmp_path: Path) -> None:
    """Exit 1; and an earlier mapping does not stay behind to be uploaded by mistake."""
    export = tmp_path / "users.csv"
    export.write_text("Full Name,Windows Live ID\nAnn Lee,ann@contoso.com\n", encoding="utf-8")
    out = tmp_path / "out"
    out.mkdir()
    (out / "usermapping.csv").write_text("earlier", encoding="utf-8")
    done = t2t("generate", "--source-full", export, "--out", out, "--overwrite", "--outputs", "core")
    assert done.returncode == 1
    assert "Nobody is mapped, so there is no usermapping.csv." in done.stdout
    assert sorted(path.name for path in out.iterdir()) == [
        "accounting.csv",
        "findings.csv",
        "findings.json",
        "run.json",
    ]


def test_usage_errors_exit_2() -> None:
    """With a sentence on what is possible."""
    for arguments, words in (
        (("generate",), "At least one export of source users is needed"),
        (("generate", "--source-full", MERGER / "source", "--accept", "P303"), "P303 cannot be accepted"),
        (("generate", "--source-full", MERGER / "source", "--exclude", "X1"), "X1 is not a code that holds a user"),
        (("codes", "X9"), "There is no code X9"),
        (("nonsense",), "invalid choice"),
        ((), "required"),
    ):
        done = called(*arguments)
        assert done.returncode == 2, arguments
        assert words in done.stderr
        assert done.stdout == ""


def test_codes() -> None:
    """All, one, or a letter; also as JSON."""
    assert "P311  error    namesake" in t2t("codes").stdout.splitlines()
    one = called("codes", "p311").stdout
    assert one.startswith("P311 namesake\n  severity  error")
    assert [entry["code"] for entry in json.loads(called("codes", "L", "--format", "json").stdout)["codes"]] == ["L701"]


def test_no_command_lacks_help() -> None:
    """Every command explains itself, with its exit statuses where it has findings."""
    listing = t2t("--help")
    assert listing.returncode == 0
    from t2t_mapping.cli.commands import _COMMANDS

    for command in _COMMANDS:
        assert command in listing.stdout
        assert called(command, "--help").returncode == 0


def test_json_on_a_stream_of_text() -> None:
    """A host that has replaced standard output gets the same object."""
    from t2t_mapping.cli import main

    stream = io.StringIO()
    with contextlib.redirect_stdout(stream):
        assert main(["inspect", str(MERGER / "rules.csv"), "--format", "json"]) == 1
    assert json.loads(stream.getvalue())["counts"]["files"] == 1
