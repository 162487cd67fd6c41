"""What the terminal shows of plans and comparisons: the worst first, the answer last."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from t2t_mapping.cli.decisions import decisions_line
from t2t_mapping.cli.terminal import findings_text, skipped_text, wrapped
from t2t_mapping.mapping.dialects import FILE_NAME
from t2t_mapping.wording import counted

if TYPE_CHECKING:
    from t2t_mapping.after.arrival import Verification
    from t2t_mapping.after.changes import Drift
    from t2t_mapping.after.mappings import Comparison, Diff
    from t2t_mapping.plans.planning import PlanResult

__all__ = ["diffed", "drifted", "planned", "verified"]

_MOST = 20


def planned(result: PlanResult, written: Mapping[str, Path]) -> str:
    """The summary of `plan`: the findings, then one line per environment, the sum, what to do next."""
    licences = result.summary["licences"]
    available = "" if licences["available"] is None else f", {licences['available']:,} available"
    boxes = result.summary["mailboxes"]
    every = sum(boxes.values())
    if boxes["unknown"] == every and every:
        mailboxes = f"unknown for all {every:,} (no export says)"
    else:
        known = f"{boxes['reconfigure'] + boxes['none']:,} to reconfigure, {boxes['same-address'] + boxes['automatic']:,} automatic"
        mailboxes = f"{known}, {boxes['unknown']:,} unknown" if boxes["unknown"] else known
    numbers = [
        f"licences   {counted(licences['needed'], 'different destination user')}{available}",
        wrapped(f"mailboxes  {mailboxes}", " " * 11),
    ]
    blocks = [
        findings_text(result.findings),
        skipped_text(result.skipped),
        decisions_line(result.summary.get("decisions")),
        "\n".join(_environments(result)),
        "\n".join(numbers),
        "\n".join(_next_of_plan(result, written)),
    ]
    return "\n\n".join(filter(None, blocks))


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
    lines.append(f"{'':{width}}  = {counted(rows, 'row')} in the exports - {counted(duplicates, 'duplicate')}")
    return lines


def _numbers(row: Mapping[str, int]) -> str:
    return f"{row['mapped']:>9,} {row['held']:>8,} {row['excluded']:>8,} {row['users']:>9,}"


def _next_of_plan(result: PlanResult, written: Mapping[str, Path]) -> list[str]:
    folder = written["run.json"].parent if "run.json" in written else None
    mappings = sum(name.endswith(f"/{FILE_NAME}") for name in written)
    lines = []
    if folder is not None:
        each = ", in the folder" if mappings == 1 else "s, each in the folder"
        lines.append(f"Written to {folder}: {mappings:,} mapping file{each} of its environment.")
    failed = result.overview.filter(pl.col("state") == "failed")["environment"].to_list()
    if failed:
        lines.append(
            f"Could not be done: {', '.join(failed)}. Nothing was written there; files in these folders are of an earlier run."
        )
    refused = result.overview.filter(pl.col("state") == "refused")["environment"].to_list()
    if refused:
        lines.append(f"The service refuses {', '.join(refused)}, so nobody is mapped there.")
    if result.summary["draft"]:
        lines.append("At least one mapping is a DRAFT, not ready for upload.")
    if held := result.summary["held"]:
        lines.append(
            f"Next: decide about the {counted(held, 'held user')} in the review.xlsx of each environment, or in the "
            "rule table; name it as `rules` in the plan, and run the plan again."
        )
    lines.append("The report ends with a checklist of what no export can show.")
    return [wrapped(line) for line in lines]


def diffed(result: Diff) -> str:
    """The summary of `diff`: redirected users first, the numbers last."""
    counts = result.summary
    width = len(f"{max(counts['old'], counts['new']):,}")
    redirected = [f"{s}: {o} -> {d}" for s, o, d in result.redirected.head(_MOST).iter_rows()]
    removed = [f"{s}: {d}" for s, d in result.removed.head(_MOST).iter_rows()]
    added = [f"{s}: {d}" + (f" (was {f}'s)" if f else "") for s, d, f in result.added.head(_MOST).iter_rows()]
    lines = [
        *_section("redirected", redirected, result.redirected.height),
        *_section("removed", removed, result.removed.height),
        *_section("added", added, result.added.height),
        f"redirected  {counts['redirected']:>{width},}",
        f"removed     {counts['removed']:>{width},}",
        f"added       {counts['added']:>{width},}",
        f"unchanged   {counts['unchanged']:>{width},}",
        f"old         {counts['old']:>{width},}   new {counts['new']:,}",
        "",
        _verdict(result),
    ]
    return "\n".join(lines)


def _section(title: str, texts: Sequence[str], number: int) -> list[str]:
    if not number:
        return []
    lines = [f"{title} ({number:,})", *(wrapped(text, "      ", "    ") for text in texts)]
    if number > len(texts):
        lines.append(f"    … and {number - len(texts):,} more (`--out DIR` writes all)")
    return [*lines, ""]


def drifted(result: Drift) -> str:
    """The summary of `drift`: who has changed, then the numbers, then whether the mapping still holds."""
    counts = result.summary
    same = "is the file that was reviewed" if counts["unaltered"] else "is NOT the file that was reviewed"
    lines = []
    for (change,), part in result.changes.partition_by("change", maintain_order=True, as_dict=True).items():
        texts = [f"{s or '(no address)'}: {words}" for s, _, _, words in part.head(_MOST).iter_rows()]
        lines += _section(str(change), texts, part.height)
    about_files = result.findings.filter(pl.col("code").is_in(["I103"]) | pl.col("side").is_in(["run", "rules"]))
    lines += [findings_text(about_files), ""] if about_files.height else []
    lines += [skipped_text(result.skipped), ""] if result.skipped else []
    lines += [
        *filter(None, [decisions_line(counts.get("decisions"))]),
        f"approved  {counts['approved']:,} users, {counts['approved_mapped']:,} mapped; {FILE_NAME} {same}",
        f"today     {counts['users']:,} users, {counts['mapped']:,} would be mapped",
        f"changed   {counts['changed']:,}",
        "",
        _verdict(result),
    ]
    return "\n".join(lines)


def verified(result: Verification) -> str:
    """The summary of `verify`: the mapping adds up, and so does the environment."""
    counts = result.summary
    width = len(f"{max(counts['mapped'], counts['environment']):,}")
    numbers = [
        f"arrived          {counts['arrived']:>{width},}",
        f"disabled         {counts['disabled']:>{width},}",
        f"other record     {counts['other_record']:>{width},}",
        f"still at source  {counts['still_at_source']:>{width},}",
        f"missing          {counts['missing']:>{width},}",
        f"mapped           {counts['mapped']:>{width},}",
        "",
        f"environment      {counts['environment']:>{width},}   people: {counts['planned']:,} from the mapping, "
        f"{counts['unplanned']:,} others",
    ]
    blocks = [findings_text(result.findings), skipped_text(result.skipped), "\n".join(numbers), _verdict(result)]
    return "\n\n".join(filter(None, blocks))


def _verdict(result: Comparison) -> str:
    """In the same words as on the page."""
    handout = result.handout()
    _, word, sentence = handout.verdict
    lines = [wrapped(f"{word.upper()}: {sentence}")]
    lines += [wrapped(f"Next: {step}") for step in handout.steps]
    return "\n".join(lines)
