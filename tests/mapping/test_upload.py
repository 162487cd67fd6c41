"""The upload and the checklist: exact lines, ids in their places, nothing that a hostile text could execute."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from places import DOCS
from small import frame, merger, person

import t2t_mapping as t2t
from t2t_mapping.catalogue import CATALOGUE
from t2t_mapping.lexicon.articles import service
from t2t_mapping.mapping.upload import Move, upload_script, upload_steps

ENVIRONMENT, TENANT, MIGRATION = "0fc02431-15fb-4563-a5ab-8211beb2a86f", "26fc7803-4578-4760-8523-f0afb76b84cc", "m-1"


def test_the_lines() -> None:
    """In the order of the article, with the ids of the move."""
    move = Move(ENVIRONMENT, TENANT, MIGRATION)
    assert [step.command for step in upload_steps(move, "C:\\o'neil\\usermapping.csv")] == [
        f"TenantToTenant-SubmitMigrationRequest -EnvironmentName '{ENVIRONMENT}' -TargetTenantID '{TENANT}'",
        "TenantToTenant-ViewApprovalRequest\n"
        "TenantToTenant-ManageMigrationRequest -MigrationId '<MigrationId in the destination tenant>'",
        f"$upload = TenantToTenant-UploadUserMappingFile -EnvironmentName '{ENVIRONMENT}' -UserMappingFilePath "
        "'C:\\o''neil\\usermapping.csv'\n$upload\n$container = Read-Host 'Paste the SAS URI that was printed'",
        f"TenantToTenant-PrepareMigration -MigrationId '{MIGRATION}' -TargetTenantId '{TENANT}' "
        "-ReadOnlyUserMappingFileContainerUri $container",
        f"TenantToTenant-GetMigrationStatus -MigrationId '{MIGRATION}'",
        f"TenantToTenant-MigratePowerAppEnvironment -MigrationId '{MIGRATION}' -TargetTenantId '{TENANT}'",
    ]


def test_the_script_moves_nothing_by_accident() -> None:
    """The destination's steps and the move itself are comments; it is the same every time."""
    text = upload_script(Move()).decode("utf-8-sig")
    active = [line for line in text.split("\r\n") if line and not line.startswith("#")]
    assert not any("MigratePowerAppEnvironment" in line or "ManageMigrationRequest" in line for line in active)
    assert any("-EnvironmentName '<EnvironmentId>'" in line for line in active)
    assert upload_script(Move()) == upload_script(Move())


def test_the_script_is_written_on_request_only(tmp_path: Path) -> None:
    """And taken away again by a run that does not ask for it."""
    result = merger([person("Ann Lee", "ann@contoso.com")], [person("Ann Lee", "ann@fabrikam.com")])
    assert "upload.ps1" not in result.write(tmp_path / "a", outputs="core")
    written = result.write(tmp_path / "a", outputs="core", overwrite=True, upload_script=True)
    assert written["upload.ps1"].read_bytes() == upload_script(Move())
    assert list(written)[-1] == "usermapping.csv"
    result.write(tmp_path / "a", outputs="core", overwrite=True)
    assert not (tmp_path / "a" / "upload.ps1").exists()


def test_each_profile_has_its_checklist() -> None:
    """What holds for one way only is not told to the other."""
    ann, there = person("Ann Lee", "ann@contoso.com"), person("Ann Lee", "ann@fabrikam.com")
    own = {line.text for line in merger([ann], [there]).checklist}
    support = {line.text for line in merger([ann], [there], profile="support-request").checklist}
    assert any("expires" in text for text in own - support)
    assert any("seven days of the validation" in text for text in own - support)
    assert any("reset each portal" in text for text in support - own)


@pytest.mark.parametrize(("number", "told"), [(7, False), (8, True)])
def test_more_than_seven_non_interactive_users(number: int, told: bool) -> None:
    """The environment has room for seven."""
    users = [person(f"Robot {n}", f"r{n}@contoso.com") | {"Access Mode": "Non-interactive"} for n in range(number)]
    result = t2t.generate(source_full=frame(users), destination_full=frame([person("Ann Lee", "ann@fabrikam.com")]))
    assert any(line.text.startswith(f"{number} non-interactive users") for line in result.checklist) is told


def test_every_sentence_has_an_article() -> None:
    """Codes, results, answers, reminders and steps name articles that are listed, and codes that exist."""
    facts = service()
    told: list[Any] = [*facts.codes.values(), *facts.results.values(), *facts.answers, *facts.reminders, *facts.upload]
    assert all(fact.articles and set(fact.articles) <= set(facts.articles) for fact in told)
    assert set(facts.codes) <= set(CATALOGUE)
    assert {result.code for result in facts.results.values()} <= set(CATALOGUE)
    assert {code for code, entry in CATALOGUE.items() if entry.service} <= set(facts.codes)
    limited: list[Any] = [*facts.codes.values(), *facts.reminders]
    assert {fact.only for fact in limited} == {"", "self-service", "support-request"}


def test_the_page_shows_both() -> None:
    """Each line of the checklist with its article, each command as it is pasted."""
    result = merger([person("Ann Lee", "ann@contoso.com")], [person("Ann Lee", "ann@fabrikam.com")])
    page = result.files()["report.html"].decode()
    assert "TenantToTenant-PrepareMigration -MigrationId &#x27;&lt;MigrationId in the source tenant&gt;&#x27;" in page
    assert "Power Pages: delete each site in the source environment. <small>(article of 2026-02-25)</small>" in page


def test_the_guide_has_the_lines() -> None:
    """What is printed there is what the report and the script say."""
    guide = (DOCS / "guide.md").read_text("utf-8")
    block = guide[guide.index("Add-PowerAppsAccount\n") :].partition("```")[0]
    printed = [line for line in block.splitlines()[1:] if line and not line.startswith("#")]
    steps = upload_steps(Move(), "C:\\out\\usermapping.csv")
    assert printed == [line for step in steps for line in step.command.split("\n")]
