"""The convention as a rule line: offered where it pays, with the number of users for whom it finds an account."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import openpyxl
import polars as pl
from mergers import Scenario, merge

import t2t_mapping as t2t
from t2t_mapping.outputs.report import story
from t2t_mapping.outputs.report.page import page
from t2t_mapping.outputs.review.workbook import review_bytes
from t2t_mapping.suggestions.offers import offers

SCENARIO = Scenario(400, here="firstl", numbering="anew")


def test_the_line_is_offered_and_keeps_its_promise() -> None:
    """Nobody maps by the local part; with the line that is offered, most do, and nobody to another person."""
    given = merge(SCENARIO)
    tables: dict[str, Any] = {
        "source_full": [pl.DataFrame(given.source)],
        "destination_directory": [pl.DataFrame(given.destination)],
    }
    before = t2t.generate(**tables)
    (offer,) = offers(before)
    assert offer.line == "*@contoso.com,{first}.{last}@fabrikam.com"
    assert offer.held == before.findings.filter(pl.col("code") == "U211").height
    assert 0.9 * offer.held < offer.users <= offer.held
    assert offer.words.startswith(
        f"The rule line {offer.line} finds an account for {offer.users} of {offer.held} held users."
    )
    after = t2t.generate(
        **tables, rules=pl.DataFrame([offer.line.split(",")], schema=["Source", "Destination"], orient="row")
    )
    assert after.mapping.height > 0.9 * SCENARIO.users
    assert [
        pair for pair in after.mapping.select("source", "destination").iter_rows() if given.truth[pair[0]] != pair[1]
    ] == []


def test_nothing_is_offered_where_it_finds_nobody() -> None:
    """Users who are missing are not found by any line; without a destination there is nothing to learn."""
    given = merge(replace(SCENARIO, here="first.last", missing=0.1))
    source = [pl.DataFrame(given.source)]
    assert offers(t2t.generate(source_full=source, destination_directory=[pl.DataFrame(given.destination)])) == []
    assert offers(t2t.generate(source_full=source)) == []


def test_the_line_is_shown_where_people_look() -> None:
    """First of what to do next, in the report, and on the workbook's Summary beside the code that it settles; not for a few users."""
    given = merge(SCENARIO)
    result = t2t.generate(
        source_full=[pl.DataFrame(given.source)], destination_directory=[pl.DataFrame(given.destination)]
    )
    (offer,) = offers(result)
    steps = story.next_steps(result)
    assert steps[0] == f"Add a line to a rule table: {offer.words}"
    assert [step for step in steps if step.startswith("Not one user was found")] == []
    assert offer.line in page(result)
    rows = [
        tuple(cell.value for cell in row)
        for row in openpyxl.load_workbook(io.BytesIO(review_bytes(result)))["Summary"].iter_rows()
    ]
    assert [row[1:3] for row in rows if row[0] == "Rule line"] == [(offer.users, offer.words)]
    (ways,) = (row[4] for row in rows if row[0] == "U211")
    assert offer.line in ways

    few = merge(replace(SCENARIO, users=30))
    small = t2t.generate(source_full=[pl.DataFrame(few.source)], destination_directory=[pl.DataFrame(few.destination)])
    assert small.summary["held"]
    assert offers(small)
    assert [step for step in story.next_steps(small) if "rule line" in step] == []
