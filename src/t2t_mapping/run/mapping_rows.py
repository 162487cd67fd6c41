"""The rows of a mapping file against the users of both tenants: the same checks that `generate` runs.

A row counts like an exact rule line: it opts an administrative user in, and its doubts are warnings. What an exact line
of the rule table adds (a Note, a decision, a guest meant as such) counts only where that line names the same pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from t2t_mapping import checks
from t2t_mapping import findings as fnd
from t2t_mapping import upn as upns
from t2t_mapping.findings import find
from t2t_mapping.matching.ladder import PAIRS, match
from t2t_mapping.results.options import Options
from t2t_mapping.results.reconciliation import Sides
from t2t_mapping.rules.table import RuleTable
from t2t_mapping.users.canonical import system_account

__all__ = ["ALONE", "Judged", "judge", "judge_alone", "swapped", "uncovered"]

_NO_SOURCE = "there is no source export"
_OF_SOURCE = ("U201", "U202", "U203", "U204", "U205", "U206", "U208", "P303", "P304", "P305", "P313", "R402")
ALONE = ("P308", "P310", "U203", "U216", "U218")
"""What the addresses of the file tell without any export."""

_NOT_FOR_FILES = {
    "P301": "does not apply to a finished mapping file",
    "P309": "does not apply to a finished mapping file",
    "P311": "does not apply to a finished mapping file",
    "P315": "does not apply to a finished mapping file",
    "R404": "does not apply to a finished mapping file",
}
_NOT_COVERED: dict[str, Any] = {
    "upn": pl.String,
    "full_name": pl.String,
    "file": pl.String,
    "sheet": pl.String,
    "row": pl.UInt32,
}


@dataclass(frozen=True)
class Judged:
    """Findings on the rows, and the checks that could not run."""

    findings: pl.DataFrame
    skipped: dict[str, str]


def judge_alone(rows: pl.DataFrame, rules: RuleTable, options: Options) -> Judged:
    """The checks that the addresses of a mapping settle by themselves, without any export: guests, system accounts, clouds,
    unexpected domains.

    Args:
        rows: As for `judge`.
    """
    nothing = pl.lit(None, dtype=pl.String)
    lines = rows.join(_said(rules), left_on=["s_key", "t_key"], right_on=["source_key", "destination_key"], how="left",
        maintain_order="left",
    ).select(
        user=pl.int_range(pl.len(), dtype=pl.UInt32), number=pl.concat_list("line"), upn="s", upn_key="s_key",
        domain=upns.domain(pl.col("s_key")), full_name=nothing, reason=system_account(pl.col("s_key")), file=nothing,
        sheet=nothing, row=pl.lit(None, dtype=pl.UInt32), target="t", target_key="t_key",
        d=pl.int_range(pl.len(), dtype=pl.UInt32), d_domain=upns.domain(pl.col("t_key")),
        d_reason=system_account(pl.col("t_key")), d_file=nothing, d_sheet=nothing, d_row=pl.lit(None, dtype=pl.UInt32),
        rule_line="rule_line", noted=pl.col("noted").fill_null(value=False),
    ).with_columns(
        exclusion=pl.when(pl.col("reason").is_not_null()).then(pl.lit("U203")),
        excluded=pl.col("reason").is_not_null(),
        d_kind=pl.when(pl.col("d_reason").is_not_null()).then(pl.lit("system"))
        .when(upns.is_guest(pl.col("target_key"))).then(pl.lit("guest")).otherwise(pl.lit("person")),
    )  # fmt: skip
    source = lines.select("domain", kind=pl.when("excluded").then(pl.lit("system")).otherwise(pl.lit("person")))
    there = lines.select(domain="d_domain", kind="d_kind")
    unnamed = checks.spelt(lines, None, lines, frozenset())  # the file has no names
    given = checks.Facts(lines, source, there, rules, unnamed, options.destination_domain, judging=True)
    answers = {code: checks.CHECKS[code](given) for code in ALONE}
    skipped = {code: answer.reason for code, answer in answers.items() if isinstance(answer, checks.Skipped)}
    found = fnd.collect(answer for answer in answers.values() if isinstance(answer, pl.DataFrame))
    found = found.join(lines.select("user", "number"), on="user", how="left", maintain_order="left")
    found = found.with_columns(lines="number").select(list(fnd.SCHEMA))
    return Judged(fnd.collect([found, _contradicted(rows, rules)]), skipped)


def judge(rows: pl.DataFrame, sides: Sides, rules: RuleTable, options: Options) -> Judged:
    """Run every U and P check on every row.

    Args:
        rows: `line, s, t, s_key, t_key`, where both keys are valid user principal names.
    """
    lines = _lines(rows, sides)
    pairs = _pairs(rows, sides, rules)
    given = checks.facts(
        lines,
        sides.destination,
        pairs,
        rules,
        domains=options.destination_domain,
        judging=sides.source,
        directories=sides.directories,
        clouds=sides.clouds,
    )
    found, skipped = checks.run(given)
    # Whom two lines chain is M514; what is left are those who stay, and keep the address.
    stays = checks.collisions(given, rows["s_key"], staying="is not in the mapping")
    found = fnd.collect([found, stays.filter(pl.col("code") == "P313")])
    skipped |= _NOT_FOR_FILES
    if not sides.has_source:
        skipped |= dict.fromkeys(_OF_SOURCE, _NO_SOURCE)
    found = found.filter(~pl.col("code").cast(pl.String).is_in(list(skipped)))
    numbers = rows.select(user=pl.int_range(pl.len(), dtype=pl.UInt32), number=pl.concat_list("line"))
    found = found.join(numbers, on="user", how="left", maintain_order="left")
    found = found.with_columns(lines=pl.coalesce("number", "lines")).select(list(fnd.SCHEMA))
    swapped_sides = checks.swapped_sides(given) if sides.has_source else fnd.empty()
    return Judged(fnd.collect([found, _contradicted(rows, rules), swapped_sides]), skipped)


def _lines(rows: pl.DataFrame, sides: Sides) -> pl.DataFrame:
    """The source user of every row; for one that no export lists, only the address is known."""
    users = sides.source.filter(pl.col("upn_key").is_not_null())
    found = rows.select(upn_key="s_key", typed="s").join(users, on="upn_key", how="left", maintain_order="left")
    return found.with_columns(
        upn=pl.coalesce("upn", "typed"),
        local_part=upns.local_part(pl.col("upn_key")),
        domain=upns.domain(pl.col("upn_key")),
    ).select(sides.source.columns)


def _pairs(rows: pl.DataFrame, sides: Sides, rules: RuleTable) -> pl.DataFrame:
    """The rows in the schema of `match.PAIRS`, every one on the rung of exact rule lines."""
    pairs = rows.select(s_key="s_key", target="t", target_key="t_key").join(
        _said(rules), left_on=["s_key", "target_key"], right_on=["source_key", "destination_key"], how="left",
        maintain_order="left",
    )  # fmt: skip
    if sides.destination is None:
        pairs = pairs.with_columns(d=pl.lit(None, dtype=pl.UInt32))
    else:
        there = sides.destination.select(target_key="upn_key").with_row_index("d")
        there = there.filter(pl.col("target_key").is_not_null())
        pairs = pairs.join(there, on="target_key", how="left", maintain_order="left")
    made = pairs.with_columns(
        rung=pl.lit("rule"),
        ambiguous=pl.lit(value=False),
        candidates=pl.lit(None),
        pattern_line=pl.lit(None),
        excluded_line=pl.lit(None),
        rule=pl.lit(None),
        noted=pl.col("noted").fill_null(value=False),
        unfilled=pl.lit(value=False),
    )
    return made.select(pl.col(column).cast(dtype) for column, dtype in PAIRS.items())


def _said(rules: RuleTable) -> pl.DataFrame:
    """What the exact lines say: one row per source, as `match` reads them."""
    exact = rules.frame.filter("exact")
    return exact.group_by("source_key", maintain_order=True).agg(
        pl.col("destination_key").first(),
        pl.col("line").first().alias("rule_line"),
        (pl.col("note").is_not_null() | pl.col("decided")).any().alias("noted"),
    )


def _contradicted(rows: pl.DataFrame, rules: RuleTable) -> pl.DataFrame:
    """R401: an exact rule line says something else about the user of a row."""
    said = rows.join(_said(rules), left_on="s_key", right_on="source_key", how="inner", maintain_order="left")
    other = said.filter(pl.col("t_key").ne_missing(pl.col("destination_key")))
    words = (
        pl.lit("Line ")
        + pl.col("line").cast(pl.String)
        + pl.lit(" of the mapping and line ")
        + pl.col("rule_line").cast(pl.String)
        + pl.lit(" of the rule table say different things about ")
        + pl.col("s")
        + pl.lit(": ")
        + pl.col("t")
        + pl.lit(" and ")
        + pl.col("destination_key").fill_null("to exclude the user")
        + pl.lit(".")
    )
    return find("R401", other, severity="error", side="mapping", lines=pl.concat_list("line"), upn=pl.col("s"), a=words)


def swapped(rows: pl.DataFrame, sides: Sides | None, rules: RuleTable, domains: tuple[str, ...]) -> pl.DataFrame | str:
    """The rows whose columns are exchanged, or why that could not be checked.

    The exports decide where they list either address; else the domains that the options and the rule table name.
    """
    source = sides.source if sides is not None and sides.has_source else None
    destination = None if sides is None else sides.destination
    to, start = _domains(rules, domains)
    if source is None and destination is None and not to:
        return "there are neither exports nor domains to tell source and destination apart"

    def listed(key: str, users: pl.DataFrame | None) -> pl.Series:
        if users is None:
            return pl.repeat(value=False, n=rows.height, dtype=pl.Boolean, eager=True)
        return rows[key].is_in(users["upn_key"].drop_nulls().implode()).fill_null(value=False)

    here, there = listed("s_key", source), listed("t_key", destination)
    crossed = (listed("s_key", destination) & ~there & ~here) | (listed("t_key", source) & ~here & ~there)
    of = rows.select(left=_domain("s_key"), right=_domain("t_key"))
    left_to, right_to = (of[name].is_in(list(to)).fill_null(value=False) for name in ("left", "right"))
    left_start, right_start = (of[name].is_in(list(start)).fill_null(value=False) for name in ("left", "right"))
    by_domain = ((left_to & ~left_start) | (right_start & ~right_to)) & ~right_to & ~left_start & ~here & ~there
    return rows.filter(crossed | by_domain)


def _domain(key: str) -> pl.Expr:
    return pl.col(key).str.split("@").list.last()


def _domains(rules: RuleTable, domains: tuple[str, ...]) -> tuple[set[str], set[str]]:
    """The domains that are known to be destinations, and those known to be sources."""
    mapped = rules.frame.filter(pl.col("destination").is_not_null()).select(
        left=pl.col("source").str.to_lowercase().str.extract(r"@([a-z0-9.-]+)$", 1),
        right=pl.col("destination").str.to_lowercase().str.extract(r"@([a-z0-9.-]+)$", 1),
    )
    return {*domains, *mapped["right"].drop_nulls()}, set(mapped["left"].drop_nulls())


def uncovered(rows: pl.DataFrame, sides: Sides, rules: RuleTable, options: Options) -> pl.DataFrame:
    """Source users that no row covers and that `generate` would not exclude: `upn, full_name, file, sheet, row`."""
    keys = rows["s_key"].drop_nulls().implode()
    left = sides.source.filter(~pl.col("upn_key").is_in(keys).fill_null(value=False))
    if left.is_empty():
        return pl.DataFrame(schema=_NOT_COVERED)
    given = checks.facts(left, None, match(left, None, rules), rules, include_admins=options.include_admins)
    return given.active().select(pl.col(column).cast(dtype) for column, dtype in _NOT_COVERED.items())
