"""The vectorised matcher against the slow one, on thousands of small mergers in which everything collides."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import polars as pl
import pytest
import strategies as given_
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import UPN, Person, Rule, account
from strategies import reconciled

import t2t_mapping as t2t
from t2t_mapping.checks import tenant_words


def told(result: t2t.Result) -> dict[tuple[str | None, str | None], dict[str, Any]]:
    """The accounting in the form of the reference."""
    errors = (
        result.findings.filter((pl.col("severity") == "error") & ~pl.col("code").is_in(["I109", "I114"]))
        .select(pl.col("code").cast(pl.String), "upn", "row", "file")
        .rows()
    )
    out: dict[tuple[str | None, str | None], dict[str, Any]] = {}
    for row in result.accounting.iter_rows(named=True):
        if not UPN.fullmatch(row["source"] or ""):
            there = out.setdefault((row["source"], row["full_name"]), defaultdict(int))
            there[row["disposition"]] += 1
            continue
        held = row["disposition"] == "held"
        codes = set((row["codes"] or "").split(";")) - {""}
        worst = {code for code, upn, _, _ in errors if code in codes and upn == row["source"]}
        out[(row["source"], row["full_name"])] = {
            "disposition": row["disposition"],
            "target": row["destination"].lower() if row["destination"] else None,
            "rung": row["matched_by"] if row["disposition"] != "excluded" else None,
            "errors": worst if held else set(),
            "candidates": tuple(sorted(c.lower() for c in row["candidates"].split(";")))
            if row["candidates"] and not row["destination"]
            else (),
        }
    return out


MERGERS = {
    "source": given_.source_people,
    "destination": st.one_of(given_.destination_people, given_.destination_people, st.none()),
    "rules": given_.rule_lists,
    "domains": st.sampled_from(((), ("fabrikam.com",), ("fabrikam.de", "fabrikam.com"))),
    "match_on": st.sampled_from(((), ("mail",))),
    "include_admins": st.booleans(),
    "accept": st.sampled_from(((), ("P306",), ("U213", "P305"))),
    "exclude": st.sampled_from(((), ("U201",), ("U201", "U202"))),
}


def agree(
    source: list[Person],
    destination: list[Person] | None,
    rules: list[Rule],
    domains: tuple[str, ...],
    match_on: tuple[str, ...],
    include_admins: bool,
    accept: tuple[str, ...],
    exclude: tuple[str, ...],
) -> None:
    """Disposition, destination, rung, candidates and every code that holds, for every user."""
    options: dict[str, Any] = {
        "match_on": match_on,
        "include_admins": include_admins,
        "accept": accept,
        "exclude": exclude,
    }
    result = reconciled(source, destination, rules, destination_domain=domains, **options)
    words = tenant_words(result.sides.source, result.sides.destination)
    expected = account(source, destination, rules, domains=domains, tenant_words=words, **options)
    actual = told(result)
    if {"I109", "I114"} & set(result.summary["codes"]):  # the whole run is refused: all that would be mapped is held
        for row in (*expected.values(), *actual.values()):
            if "errors" in row:
                row["disposition"] = "held" if row["disposition"] == "mapped" else row["disposition"]
    assert actual == expected


@settings(max_examples=18)
@given(**MERGERS)
def test_the_vectorised_matcher_agrees_with_the_reference(**merger: Any) -> None:
    """Disposition, destination, rung, candidates and every code that holds, for every user."""
    agree(**merger)


IDENTIFIED = {
    **MERGERS,
    "source": given_.identified_source,
    "destination": given_.identified_destination,
    "match_on": st.sampled_from(((), ("mail", "employee-id"))),
    "accept": st.sampled_from(((), ("U209",))),
    "exclude": st.sampled_from(((), ("P313", "U201"), ("P312", "P305"))),
}


@settings(max_examples=12)
@given(**IDENTIFIED)
def test_the_reference_agrees_about_identity(**merger: Any) -> None:
    """With ids, second addresses, directories of the source, and addresses taken in the environment."""
    agree(**merger)


@pytest.mark.fuzz
@pytest.mark.parametrize("mergers", [MERGERS, IDENTIFIED], ids=["matching", "identity"])
@settings(max_examples=20_000)
@given(data=st.data())
def test_the_vectorised_matcher_agrees_with_the_reference_for_long(mergers: dict[str, Any], data: Any) -> None:
    """The same, many times over."""
    agree(**data.draw(st.fixed_dictionaries(mergers)))
