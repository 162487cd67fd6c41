"""What the terminal shows of plans and comparisons. Plain text, 80 columns, the worst first, what to do next."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from t2t_mapping.cli.decisions import decisions_line
from t2t_mapping.cli.terminal import findings_text
from t2t_mapping.mapping.dialects import FILE_NAME

if TYPE_CHECKING:
    from t2t_mapping.after.changes import Drift
    from t2t_mapping.after.mappings import Comparison, Diff, Verification
    from t2t_mapping.plans.planning import PlanResult

__all__ = ["diffed", "drifted", "planned", "verified"]

_WIDTH = 80
_MOST = 20


def planned(result: PlanResult, written: Mapping[str, Path]) -> str:
    """The summary of `plan`: one line per environment, the sum, the findings, what to do next."""
    decisions = decisions_line(result.summary.get("decisions"))
    lines = [*([decisions, ""] if decisions else []), *_environments(result), ""]
    licences = result.summary["licences"]
    available = "" if licences["available"] is None else f", {licences['available']:,} available"
    lines.append(f"licences   {licences['needed']:,} distinct destination users{available}")
    boxes = result.summary["mailboxes"]
    lines += _wrap(
        f"mailboxes  {boxes['reconfigure']:,} to reconfigure, {boxes['same-address'] + boxes['automatic']:,} automatic, "
        f"{boxes['unknown']:,} not known"
    )
    text = findings_text(result.findings)
    lines += ["", text] if text else []
    lines += _skipped(result.skipped)
    return "\n".join([*lines, "", *_next_of_plan(result, written)])


def _environments(result: PlanResult) -> list[str]:
    names = [*result.overview["environment"].to_list(), "total"]
    width = min(max(map(len, names)), 38)
    lines = [f"{'':{width}}  {'mapped':>9} {'held':>8} {'excluded':>8} {'total':>9}"]
    for row in result.overview.iter_rows(named=True):
        name = textwrap.shorten(row["environment"], width, placeholder="…") or row["environment"][:width]
        if row["state"] == "failed":
            lines.append(f"{name:{width}}  could not be done")
            continue
        lines.append(f"{name:{width}}  {_numbers(row)}{'  refused' if row['state'] == 'refused' else ''}")
    lines.append(f"{'total':{width}}  {_numbers(result.summary)}")
    rows, duplicates = result.summary["rows"], result.summary["duplicates"]
    lines.append(f"{'':{width}}  = {rows:,} rows in the exports - {duplicates:,} duplicates")
    return lines


def _numbers(row: Mapping[str, int]) -> str:
    return f"{row['mapped']:>9,} {row['held']:>8,} {row['excluded']:>8,} {row['users']:>9,}"


def _next_of_plan(result: PlanResult, written: Mapping[str, Path]) -> list[str]:
    folder = written["run.json"].parent if "run.json" in written else None
    mappings = sum(name.endswith(f"/{FILE_NAME}") for name in written)
    lines = []
    if folder is not None:
        lines.append(f"Written to {folder}: {mappings:,} mapping files, each in the folder of its environment.")
    failed = result.overview.filter(pl.col("state") == "failed")["environment"].to_list()
    if failed:
        lines.append(
            f"Could not be done, nothing was written for: {', '.join(failed)}. Earlier files there are not of this run."
        )
    refused = result.overview.filter(pl.col("state") == "refused")["environment"].to_list()
    if refused:
        lines.append(f"The service refuses {', '.join(refused)}, so nobody is mapped there.")
    if result.summary["draft"]:
        lines.append("At least one mapping is a DRAFT, not ready for upload.")
    if result.summary["held"]:
        lines.append(
            f"Next: decide the {result.summary['held']:,} held users in the rule table, and run the plan again."
        )
    lines.append("The report has a checklist of what no export can show.")
    return [line for text in lines for line in _wrap(text)]


def diffed(result: Diff) -> str:
    """The summary of `diff`, redirected users first."""
    counts = result.summary
    width = len(f"{max(counts['old'], counts['new']):,}")
    lines = [
        f"redirected  {counts['redirected']:>{width},}",
        f"removed     {counts['removed']:>{width},}",
        f"added       {counts['added']:>{width},}",
        f"unchanged   {counts['unchanged']:>{width},}",
        f"old         {counts['old']:>{width},}   new {counts['new']:,}",
    ]
    lines += _section(
        "redirected",
        [f"{s}: {o} -> {d}" for s, o, d in result.redirected.head(_MOST).iter_rows()],
        result.redirected.height,
    )
    lines += _section(
        "removed", [f"{s}: {d}" for s, d in result.removed.head(_MOST).iter_rows()], result.removed.height
    )
    added = [f"{s}: {d}" + (f" (was {f}'s)" if f else "") for s, d, f in result.added.head(_MOST).iter_rows()]
    lines += _section("added", added, result.added.height)
    return "\n".join(lines)


def _section(title: str, texts: Sequence[str], number: int) -> list[str]:
    if not number:
        return []
    lines = ["", f"{title} ({number:,})"]
    for text in texts:
        lines += textwrap.wrap(text, _WIDTH, initial_indent="    ", subsequent_indent="      ")
    if number > len(texts):
        lines.append(f"    … and {number - len(texts):,} more (--format json has all)")
    return lines


def drifted(result: Drift) -> str:
    """The summary of `drift`."""
    counts = result.summary
    same = "is the file that was reviewed" if counts["unaltered"] else "is NOT the file that was reviewed"
    lines = [
        *filter(None, [decisions_line(counts.get("decisions"))]),
        f"approved  {counts['approved']:,} users, {counts['approved_mapped']:,} mapped; {FILE_NAME} {same}",
        f"today     {counts['users']:,} users, {counts['mapped']:,} would be mapped",
        f"changed   {counts['changed']:,}",
    ]
    for (change,), part in result.changes.partition_by("change", maintain_order=True, as_dict=True).items():
        texts = [f"{s or '(no address)'}: {words}" for s, _, _, words in part.head(_MOST).iter_rows()]
        lines += _section(str(change), texts, part.height)
    about_files = result.findings.filter(pl.col("code").is_in(["I103"]) | pl.col("side").is_in(["run", "rules"]))
    lines += ["", findings_text(about_files)] if about_files.height else []
    lines += _skipped(result.skipped)
    bad = result.exit_status()
    lines += [
        "",
        *_wrap("Next: run `generate` again and have it reviewed." if bad else "The approved mapping still holds."),
    ]
    return "\n".join(lines)


def verified(result: Verification) -> str:
    """The summary of `verify`: the mapping adds up, and so does the environment."""
    counts = result.summary
    width = len(f"{max(counts['mapped'], counts['environment']):,}")
    lines = [
        f"arrived          {counts['arrived']:>{width},}",
        f"disabled         {counts['disabled']:>{width},}",
        f"still at source  {counts['still_at_source']:>{width},}",
        f"missing          {counts['missing']:>{width},}",
        f"mapped           {counts['mapped']:>{width},}",
        "",
        f"environment      {counts['environment']:>{width},}   = {counts['planned']:,} planned + {counts['unplanned']:,} unplanned "
        f"people",
    ]
    return "\n".join([*lines, *_told(result)])


def _told(result: Comparison) -> list[str]:
    text = findings_text(result.findings)
    return [*(["", text] if text else []), *_skipped(result.skipped)]


def _skipped(skipped: Mapping[str, str]) -> list[str]:
    return [line for code, reason in skipped.items() for line in _wrap(f"skipped   {code}: {reason}")]


def _wrap(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, subsequent_indent="  ")
