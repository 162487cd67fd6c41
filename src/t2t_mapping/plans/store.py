"""What a plan writes: one folder per environment and the combined files, all of it or nothing."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from t2t_mapping._version import __version__
from t2t_mapping.choices import Outputs
from t2t_mapping.errors import OutputError
from t2t_mapping.mapping.dialects import FILE_NAME
from t2t_mapping.outputs.files import csv_bytes, findings_json, json_bytes, refuse_existing, sha256, store
from t2t_mapping.outputs.run_folder import OUTPUTS
from t2t_mapping.plans.file import PLAN_FILES
from t2t_mapping.plans.outcome import PlanOutcome

__all__ = ["store_plan"]


def store_plan(result: PlanOutcome, target: Path, *, overwrite: bool, outputs: Outputs) -> dict[str, Path]:
    """Write everything, the mappings of all environments before the combined files that speak of them.

    Raises:
        OutputError: What was already written is taken back, what stood there before is there again.
    """
    read = tuple(item.file for each in result.results.values() for item in each.inputs if item.sha256)
    read = (*read, result.plan.file)
    folders = {entry.environment.name: target / entry.environment.folder for entry in result.environments}
    refuse_existing(target, PLAN_FILES, read, overwrite=overwrite)
    for name in result.results:
        refuse_existing(folders[name], OUTPUTS, read, overwrite=overwrite)
    written: dict[str, Path] = {}
    hashes: dict[str, dict[str, str]] = {}
    undo = _Undo()
    try:
        for name, each in result.results.items():
            files = each.files(outputs)
            undo.remember(folders[name], OUTPUTS)
            store(folders[name], files, remove=() if FILE_NAME in files else (FILE_NAME,))
            hashes[name] = {file: sha256(data) for file, data in files.items()}
            written |= {f"{folders[name].name}/{file}": folders[name] / file for file in files}
        combined = _files(result, outputs, hashes, written)
        undo.remember(target, PLAN_FILES)
        store(target, combined)
    except BaseException:
        undo.back()
        raise
    return written | {name: target / name for name in combined}


class _Undo:
    """What stood in each folder before, to put it back when a later folder cannot be written."""

    def __init__(self) -> None:
        self.before: list[tuple[Path, bool, dict[str, bytes | None]]] = []

    def remember(self, folder: Path, names: tuple[str, ...]) -> None:
        try:
            content = {name: (folder / name).read_bytes() if (folder / name).exists() else None for name in names}
        except OSError as error:
            raise OutputError(f"Nothing was written to {folder}: {error.strerror} ({error.filename}).") from error
        self.before.append((folder, folder.exists(), content))

    def back(self) -> None:
        for folder, existed, content in reversed(self.before):
            old = {name: data for name, data in content.items() if data is not None}
            with contextlib.suppress(OSError, OutputError):
                if folder.exists():
                    store(folder, old, remove=tuple(name for name in content if name not in old))
                if not existed:
                    folder.rmdir()


def _files(
    result: PlanOutcome, outputs: str, hashes: dict[str, dict[str, str]], written: dict[str, Path]
) -> dict[str, bytes]:
    """The combined files; run.json last, since it names all others."""
    files = {
        "accounting.csv": csv_bytes(result.accounting, verbatim=("destination", "candidates")),
        "findings.csv": csv_bytes(result.findings),
    }
    if outputs == "all":
        from t2t_mapping.plans.report import plan_report

        files["report.html"] = plan_report(result, written)
    names = [*written, *files, "findings.json", "run.json"]
    files["findings.json"] = findings_json(
        result.summary, result.findings, result.skipped, {name: name for name in names}
    )
    files["run.json"] = json_bytes(_run(result, hashes, files))
    return files


def _run(result: PlanOutcome, hashes: dict[str, dict[str, str]], files: dict[str, bytes]) -> dict[str, Any]:
    return {
        "tool": "t2t-mapping",
        "version": __version__,
        "plan": {"file": result.plan.file, "sha256": result.plan.sha256},
        "environments": [
            {
                "name": entry.environment.name,
                "folder": entry.environment.folder if entry.result else None,
                "state": state,
                "ready_for_upload": entry.result is not None and entry.result.ready,
                "outputs": hashes.get(entry.environment.name, {}),
            }
            for entry, state in zip(result.environments, result.overview["state"], strict=True)
        ],
        "outputs": {name: sha256(data) for name, data in files.items()},
        "counts": result.summary,
        "skipped": [{"code": code, "reason": reason} for code, reason in result.skipped.items()],
    }
