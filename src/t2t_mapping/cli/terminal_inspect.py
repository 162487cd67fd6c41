"""`inspect` for people, and as JSON."""

from __future__ import annotations

import json

import polars as pl

from t2t_mapping.cli.terminal import findings_text
from t2t_mapping.outputs.files import findings_json
from t2t_mapping.run.inspection import Inspection

__all__ = ["as_json", "inspected"]

_WIDTH = 80


def inspected(result: Inspection) -> str:
    """One block per file: what it is, its columns, what is known; then the findings."""
    blocks = []
    for file in result.files.iter_rows(named=True):
        here = pl.col("file") == file["file"]
        title = f"{file['file']}\n  {file['kind'] or 'no table'}"
        if file["users"] is not None:
            title += f", sheet {file['sheet']!r}" if file["sheet"] else ""
            title += f", taken for: {file['view']}; {file['rows']:,} rows, {file['users']:,} users"
        lines = [title]
        if file["domains"]:
            lines.append(f"  domains   {file['domains']}")
        if file["detail"]:
            lines.append(f"  detail    {file['detail']}")
        for column in result.columns.filter(here).iter_rows(named=True):
            taken = f"{column['field']} (by {column['how']})" if column["field"] else "-"
            lines.append(f"  column {column['column']:>2} {(column['header'] or '(no header)')[:34]:<34} {taken}")
        for fact in result.known.filter(here).iter_rows(named=True):
            values = f"  {fact['values']}" if fact["values"] else ""
            lines.append(f"  {fact['fact']:<12} known {fact['known']:>7,}  unknown {fact['unknown']:>7,}{values}")
        blocks.append("\n".join(line[:_WIDTH] if line.startswith("  column") else line for line in lines))
    text = findings_text(result.findings)
    return "\n\n".join([*blocks, *([text] if text else [])])


def as_json(result: Inspection) -> bytes:
    """The common object, with `files`, `columns` and `known` beside the findings."""
    common = json.loads(findings_json(result.summary, result.findings, {}, {}))
    tables = {name: getattr(result, name).to_dicts() for name in ("files", "columns", "known")}
    return (json.dumps(common | tables, ensure_ascii=False, indent=2) + "\n").encode()
