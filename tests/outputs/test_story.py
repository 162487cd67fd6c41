"""One move from beginning to end, as the guide tells it: plan, rehearse, approve, look again, upload, explain, try again, move, verify.

Contoso's Sales environment goes to Fabrikam, with a Service environment beside it. The exports are in `fixtures/plan`,
written by `fixtures/make_plan.py`, which says what happens to whom.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest
from places import FIXTURES

import t2t_mapping as t2t
from t2t_mapping.cli.commands import main

PLAN = FIXTURES / "plan"


def told(findings: pl.DataFrame) -> list[tuple[str, str, str]]:
    """Code, user and severity of everything above information."""
    seen = findings.filter(pl.col("severity").cast(pl.String) != "info")
    return list(seen.select("code", "upn", "severity").iter_rows())


def test_from_the_first_export_to_the_moved_environment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Eight steps, each with its exact result and exit status."""
    folder = tmp_path / "move"
    shutil.copytree(PLAN, folder)

    # 1. The first plan. The rehearsal uses another rule table, so Jo Park would become two people; there are too few
    #    licences; and the Australian environment cannot be moved at all. Exit status 1: there is something to decide.
    assert main(["plan", str(folder / "plan.toml"), "--out", str(tmp_path / "first"), "--outputs", "core"]) == 1
    said = capsys.readouterr().out
    assert "error  E805 inconsistent-across-environments (2)" in said
    assert "The service refuses Service Australia, so nobody is mapped there." in said

    # 2. One rule table for all, a rehearsal for each production environment, more licences: the plan is good.
    assert main(["plan", str(folder / "good.toml"), "--out", str(tmp_path / "approved"), "--outputs", "core"]) == 0
    capsys.readouterr()
    sales = tmp_path / "approved" / "Sales"
    assert (sales / "usermapping.csv").read_text().splitlines() == [
        "Source,Destination",
        "ana.lima@contoso.com,ana.lima@fabrikam.com",
        "bo.chen@contoso.com,bo.chen@fabrikam.com",
        "jo.park@contoso.com,jo.park2@fabrikam.com",
        "max.keller@contoso.onmicrosoft.com,max.keller@fabrikam.com",
        "tim.west@contoso.com,tim.west@fabrikam.com",
    ]

    # 3. The rehearsal is moved with its own mapping. Production differs from it by one user who joined since.
    rehearsed = t2t.diff(tmp_path / "approved" / "Sales rehearsal", sales)
    assert rehearsed.summary == {"redirected": 0, "removed": 0, "added": 1, "unchanged": 4, "old": 4, "new": 5}
    assert rehearsed.added["source"].to_list() == ["tim.west@contoso.com"]

    # 4. Weeks later, right before production moves: fresh exports against what was approved.
    later = folder / "weeks-later"
    drift = t2t.drift(
        sales,
        source_full=later / "sales" / "Full*.xlsx",
        source_admin=later / "sales" / "Administrative*.xlsx",
        destination_directory=later / "fabrikam" / "users.csv",
    )
    assert drift.unaltered
    words = pl.col("details").str.replace(r"(held: P\d+) .*", "${1}")  # the catalogue's own words follow upon the code
    assert drift.changes.select("source", "change", words).rows() == [
        ("ana.lima@contoso.com", "disabled", "the destination is now disabled"),
        ("bo.chen@contoso.com", "disabled", "is now disabled at the source"),
        ("max.keller@contoso.onmicrosoft.com", "deleted", "is no longer listed at the source"),
        (
            "tim.west@contoso.com",
            "renamed",
            "the source is now called Tim West-Hall, then Tim West; is now held: P304",
        ),
        ("zoe.hall@contoso.com", "added", "was added since (mapped, would go to zoe.hall@fabrikam.com)"),
    ]
    assert drift.exit_status() == 1

    # 5. So the plan is run again on the fresh exports, with a rule for Tim, and compared with what was approved.
    shutil.copytree(later, folder / "before", dirs_exist_ok=True)
    (folder / "before" / "sales" / "Full Access Users 2026-6-7 10-15-22 AM.xlsx").unlink()
    (folder / "before" / "sales" / "Administrative Access Users 2026-6-7 10-18-3 AM.xlsx").unlink()
    with (folder / "rules.csv").open("a", newline="") as rules:
        rules.write("tim.west@contoso.com,tim.west@fabrikam.com,married in July\r\n")
    final = t2t.plan(folder / "good.toml", out=tmp_path / "final", outputs="core")
    assert final["Sales"].result is not None
    assert final["Sales"].result.summary["mapped"] == 3
    changed = t2t.diff(sales, tmp_path / "final" / "Sales")
    assert changed.redirected.is_empty()
    assert changed.removed["source"].to_list() == [
        "ana.lima@contoso.com",
        "bo.chen@contoso.com",
        "max.keller@contoso.onmicrosoft.com",
    ]
    assert changed.added["source"].to_list() == ["zoe.hall@contoso.com"]

    # 6. Somebody uploads the approved mapping all the same, with the lines that were written beside it: the ids of the
    #    plan are in them.
    script = (sales / "upload.ps1").read_text("utf-8-sig")
    assert (
        "TenantToTenant-UploadUserMappingFile -EnvironmentName '5a1e5000-0000-4000-8000-000000000002' "
        "-UserMappingFilePath (Join-Path $PSScriptRoot 'usermapping.csv')\n"
    ) in script
    assert (
        "-TargetTenantId 'fab00000-0000-4000-8000-000000000001' -ReadOnlyUserMappingFileContainerUri $container"
        in script
    )
    assert "'5a1e5000-0000-4000-8000-000000000001'" in (
        tmp_path / "approved" / "Sales rehearsal" / "upload.ps1"
    ).read_text("utf-8-sig")

    # 7. The console says that the validation failed, and where the error file is; the error file names two users.
    console, errors = folder / "upload" / "console.txt", folder / "upload" / "errors.csv"
    failed = t2t.explain(console)
    assert (failed.exit_status(), failed.findings.height, failed.not_understood) == (1, 0, ())
    assert "give it to `explain`" in failed.notes[-1]
    again = tmp_path / "again" / "usermapping.csv"
    assert main(["validate", str(errors)]) == 1  # by mistake: it is called like the mapping
    assert "This is the service's error report." in capsys.readouterr().out
    explained = t2t.explain(errors, sales, source_full=folder / "upload" / "users.csv", retry=again)
    assert explained.findings.select("code", "lines", "upn").rows() == [
        ("U205", [3], "bo.chen@contoso.com"),
        ("V901", [6], "tim.west@contoso.com"),
    ]
    assert (explained.exit_status(), explained.not_understood) == (1, ())
    assert again.read_bytes() == b"Source,Destination\r\ntim.west@contoso.com,tim.west@fabrikam.com\r\n"
    assert t2t.validate(again, destination_domain="fabrikam.com").exit_status() == 0

    # 8. After the move, the mapping is held against the environment.
    verification = t2t.verify(sales, folder / "after" / "sales.csv")
    assert verification.users.select("source", "arrival").rows() == [
        ("ana.lima@contoso.com", "arrived"),
        ("bo.chen@contoso.com", "still-at-source"),
        ("jo.park@contoso.com", "arrived"),
        ("max.keller@contoso.onmicrosoft.com", "disabled"),
        ("tim.west@contoso.com", "missing"),
    ]
    assert told(verification.findings) == [
        ("V901", "tim.west@contoso.com", "error"),
        ("V902", "bo.chen@contoso.com", "error"),
        ("V903", "max.keller@contoso.onmicrosoft.com", "warning"),
    ]
    assert verification.unplanned["upn"].to_list() == ["own.person@fabrikam.com"]
    assert main(["verify", str(sales), "--after", str(folder / "after" / "sales.csv")]) == 1
    said = capsys.readouterr().out
    assert said[said.index("\narrived  ") + 1 :].splitlines()[:6] == [
        "arrived          2",
        "disabled         1",
        "other record     0",
        "still at source  1",
        "missing          1",
        "mapped           5",
    ]
    assert "NOT COMPLETE: 3 of 5 mapped users have not arrived, or are disabled." in said.splitlines()
