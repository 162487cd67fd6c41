"""What a plan writes: one folder per environment and the combined files, all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from t2t_mapping._version import __version__
from t2t_mapping.choices import Outputs
from t2t_mapping.outputs.files import csv_bytes, findings_json, json_bytes, refuse_existing, sha256, store
from t2t_mapping.outputs.run_folder import OUTPUTS, missing_outputs
from t2t_mapping.plans.file import PLAN_FILES
from t2t_mapping.plans.outcome import PlanOutcome
from t2t_mapping.rules.files import REVIEW

__all__ = ["store_plan"]


def store_plan(result: PlanOutcome, target: Path, *, overwrite: bool, outputs: Outputs) -> dict[str, Path]:
    """Write everything, the mappings of all environments before the combined files that speak of them.

    Raises:
        OutputError: Nothing has changed.
    """
    read = tuple(item.file for each in result.results.values() for item in each.inputs if item.sha256)
    read = (*read, result.plan.file)
    folders = {entry.environment.name: target / entry.environment.folder for entry in result.environments}
    refuse_existing(target, PLAN_FILES, read, overwrite=overwrite)
    for name in result.results:
        refuse_existing(folders[name], OUTPUTS, read, overwrite=overwrite)
    written: dict[str, Path] = {}
    stale = [
        f"{folders[name].name}/{file}"
        for name, each in result.results.items()
        for file in missing_outputs(each, outputs, script=result.plan.upload_script)
        if file != REVIEW  # it may hold somebody's decisions
    ]
    stale = [name for name in stale if (target / name).exists()]
    store(target, _contents(result, outputs, target, folders, written), remove=tuple(stale))
    return written


def _contents(
    result: PlanOutcome, outputs: Outputs, target: Path, folders: Mapping[str, Path], written: dict[str, Path]
) -> Iterator[tuple[str, bytes]]:
    """Every file as soon as it is made, so that only one environment's are held; `written` notes them."""
    hashes: dict[str, dict[str, str]] = {}
    for name, each in result.results.items():
        files = each.files(outputs, upload_script=result.plan.upload_script)
        hashes[name] = {file: sha256(data) for file, data in files.items()}
        for file, data in files.items():
            written[f"{folders[name].name}/{file}"] = folders[name] / file
            yield f"{folders[name].name}/{file}", data
    combined = _files(result, outputs, hashes, dict(written))
    for file, data in combined.items():
        written[file] = target / file
        yield file, data


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
