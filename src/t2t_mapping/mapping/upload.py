"""The upload of a mapping: each step in the admin center and in PowerShell, ready to paste, with the ids that are known."""

from __future__ import annotations

from dataclasses import dataclass, replace

from t2t_mapping.lexicon.articles import Step, service
from t2t_mapping.mapping.dialects import FILE_NAME

__all__ = ["SCRIPT", "Move", "upload_script", "upload_steps"]

SCRIPT = "upload.ps1"
_MODULE = "Microsoft.PowerApps.Administration.PowerShell"


@dataclass(frozen=True, slots=True)
class Move:
    """The ids of one move, as far as they are known.

    Attributes:
        environment_id: of the environment, in the source tenant.
        target_tenant_id: of the destination tenant.
        migration_id: of the migration, as the *source* tenant sees it; the destination has another one.
    """

    environment_id: str | None = None
    target_tenant_id: str | None = None
    migration_id: str | None = None


def _quoted(text: str) -> str:
    """A PowerShell text: nothing in it is executed."""
    return "'" + text.replace("'", "''").replace("’", "’’").replace("‘", "‘‘") + "'"


def upload_steps(move: Move, file: str = FILE_NAME) -> list[Step]:
    """The steps with their commands filled in; what is not known stands in angle brackets.

    Args:
        file: The path of the mapping, or a PowerShell expression in brackets.
    """
    values = {
        "environment_id": _quoted(move.environment_id or "<EnvironmentId>"),
        "target_tenant_id": _quoted(move.target_tenant_id or "<TenantId of the destination>"),
        "migration_id": _quoted(move.migration_id or "<MigrationId in the source tenant>"),
        "destination_migration_id": _quoted("<MigrationId in the destination tenant>"),
        "file": file if file.startswith("(") else _quoted(file),
    }
    return [replace(step, command=step.command.format(**values)) for step in service().upload]


def upload_script(move: Move) -> bytes:
    """A PowerShell script for the source tenant's administrator: the steps of the destination tenant are comments.

    It is the same for every run with the same ids, and it stops after each step that has to be waited for.
    """
    steps = upload_steps(move, f"(Join-Path $PSScriptRoot {_quoted(FILE_NAME)})")
    dates = " and ".join(dict.fromkeys(date for step in steps for date in step.articles))
    lines = [
        f"# Upload of {FILE_NAME}, step by step (Microsoft's article of {dates}).",
        "# Run one step after the other; what stands in <angle brackets> you fill in.",
        f"# If the validation fails: download the error file and run  t2t-mapping explain ERRORS --mapping {FILE_NAME}",
        "",
        f"Import-Module {_MODULE}   # Install-Module {_MODULE} -Scope CurrentUser",
        "Add-PowerAppsAccount",
        "",
    ]
    for number, step in enumerate(steps, 1):
        lines.append(f"# {number}. In the {step.where} tenant: {step.text}. (Admin center: {step.center})")
        # Nothing moves by accident: the last step is for whoever has seen that the validation succeeded.
        mark = "# " if step.where == "destination" or number == len(steps) else ""
        lines += [mark + line for line in step.command.split("\n")]
        lines += [
            "Read-Host 'Enter to go on'"
            if number < len(steps)
            else "# Remove the # above once the validation has succeeded. Afterwards: t2t-mapping verify",
            "",
        ]
    return "\r\n".join(lines).encode("utf-8-sig")
