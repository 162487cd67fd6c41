"""The folder of one run: what stands in it, written whole or not at all, the mapping last."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

from t2t_mapping._version import __version__
from t2t_mapping.choices import Outputs, one_of
from t2t_mapping.mapping.dialects import FILE_NAME, mapping_bytes
from t2t_mapping.mapping.upload import SCRIPT, upload_script
from t2t_mapping.outputs.files import csv_bytes, findings_json, json_bytes, refuse_existing, sha256, store
from t2t_mapping.results.reconciliation import Reconciliation
from t2t_mapping.rules.files import REVIEW
from t2t_mapping.threads import threads

__all__ = ["OUTPUTS", "missing_outputs", "run_files", "write_run"]

CORE = ("accounting.csv", "findings.csv", "findings.json", "run.json", FILE_NAME)
OUTPUTS = (
    "accounting.csv",
    "findings.csv",
    "findings.json",
    REVIEW,
    "report.html",
    SCRIPT,
    "run.json",
    FILE_NAME,
)
"""Every file that `generate` may write, the mapping last; the script only on request."""


def run_files(result: Reconciliation, outputs: Outputs = "all", *, script: bool = False) -> dict[str, bytes]:
    """The content of every output, by name, the mapping last. The same inputs and options give the same bytes."""
    found = dict(_contents(result, outputs, script=script))
    return {name: found[name] for name in OUTPUTS if name in found}


def _contents(result: Reconciliation, outputs: Outputs, *, script: bool) -> Iterator[tuple[str, bytes]]:
    """Each output as soon as it is made, so that nobody need hold them all; the mapping last."""
    one_of(outputs, Outputs, "outputs")
    hashes: dict[str, str] = {}

    missing = missing_outputs(result, outputs, script=script)
    names = {name: name for name in OUTPUTS if name not in missing}
    makers: dict[str, Callable[[], bytes]] = {
        REVIEW: lambda: _review(result),  # takes longest, so it is begun first and taken last
        "accounting.csv": lambda: csv_bytes(result.accounting, verbatim=("destination", "candidates")),
        "findings.csv": lambda: csv_bytes(result.findings),
        "report.html": lambda: _report(result),
        "findings.json": lambda: findings_json(result.summary, result.findings, result.skipped, names),
        SCRIPT: lambda: upload_script(result.move),
        FILE_NAME: lambda: mapping_bytes(result.mapping, result.options.profile),
    }
    mapping = b""
    with threads(2, result.facts.frame.height) as pool:  # no more at a time: each takes its size in memory
        begun = {name: pool.submit(make) for name, make in makers.items() if name in names}
        for name in sorted(begun, key=lambda name: name == REVIEW):
            data = begun.pop(name).result()
            if name == FILE_NAME:
                mapping = data
            else:
                yield name, data  # whoever takes it begins to write it; it is hashed meanwhile
            hashes[name] = sha256(data)
            del data
    yield "run.json", _run_json(result, hashes)
    if mapping:
        yield FILE_NAME, mapping


def _review(result: Reconciliation) -> bytes:
    from t2t_mapping.outputs.review.workbook import review_bytes  # only who looks at it pays for it

    return review_bytes(result)


def _report(result: Reconciliation) -> bytes:
    from t2t_mapping.outputs.report import report_bytes

    return report_bytes(result)


def missing_outputs(result: Reconciliation, outputs: Outputs, *, script: bool) -> tuple[str, ...]:
    """The outputs that this result does not have."""
    return tuple(
        name
        for name in OUTPUTS
        if (name in (FILE_NAME, SCRIPT) and result.mapping.is_empty())
        or (name == SCRIPT and not script)
        or (outputs == "core" and name not in (*CORE, SCRIPT))
    )


def _run_json(result: Reconciliation, hashes: dict[str, str]) -> bytes:
    options = {
        "include_admins": result.options.include_admins,
        "destination_domain": list(result.options.destination_domain),
        "match_on": sorted(result.options.match_on),
        "profile": result.options.profile,
        "accept": sorted(result.options.accept),
        "exclude": sorted(result.options.exclude),
    }
    return json_bytes(
        {
            "tool": "t2t-mapping",
            "version": __version__,
            "options": options,
            "ready_for_upload": result.ready,
            "inputs": [
                {
                    "side": item.side,
                    "view": item.view or None,
                    "file": item.file,
                    "kind": item.kind,
                    "rows": item.rows,
                    "sha256": item.sha256 or None,
                }
                for item in result.inputs
            ],
            "outputs": {name: hashes[name] for name in OUTPUTS if name in hashes},
            "counts": result.summary,
            "skipped": [{"code": code, "reason": reason} for code, reason in result.skipped.items()],
        }
    )


def write_run(
    result: Reconciliation, folder: str | Path, *, overwrite: bool, outputs: Outputs, script: bool = False
) -> dict[str, Path]:
    """Write every output into a folder; see `Result.write`."""
    target = Path(folder)
    refuse_existing(target, OUTPUTS, tuple(item.file for item in result.inputs if item.sha256), overwrite=overwrite)
    missing = missing_outputs(result, outputs, script=script)
    # A mapping or report of an earlier run would contradict this one. A workbook may hold somebody's decisions.
    store(
        target,
        _contents(result, outputs, script=script),
        remove=tuple(name for name in missing if name != REVIEW),
    )
    logging.getLogger("t2t_mapping").info("wrote %d files", len(OUTPUTS) - len(missing))
    return {name: target / name for name in OUTPUTS if name not in missing}
