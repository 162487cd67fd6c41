"""Who is behind an address, before and after: other ids since the approval, other records after the move."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small import Row, frame, person

import t2t_mapping as t2t

NUMBERS = "{:08d}-0000-4000-8000-000000000000"
ANN, BOB, CY, DI = (NUMBERS.format(n) for n in (1, 2, 3, 4))
OTHER = NUMBERS.format(9)


def listed(name: str, upn: str, record: str | None = None, account: str | None = None, **columns: str | None) -> Row:
    return person(name, upn, systemuserid=record, object_id=account, **columns)


HERE = [
    listed("Ann Lee", "ann@contoso.com", ANN, NUMBERS.format(11)),
    listed("Bob Roe", "bob@contoso.com", BOB, NUMBERS.format(12)),
]
THERE = [
    listed("Ann Lee", "ann@fabrikam.com", None, NUMBERS.format(21)),
    listed("Bob Roe", "bob@fabrikam.com", None, NUMBERS.format(22)),
]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """An approved run with both ids of Ann and Bob."""
    folder = tmp_path / "run"
    t2t.generate(source_full=frame(HERE), destination_full=frame(THERE)).write(folder, outputs="core")
    return folder


def changed(row: Row, **columns: str | None) -> Row:
    return row | {name.replace("_", " ").title(): value for name, value in columns.items()}


DRIFTS: list[tuple[str, list[Row], list[Row], list[str]]] = [
    # what, the source now, the destination now, what is said of Ann
    ("nothing", HERE, THERE, []),
    ("written otherwise", [changed(HERE[0], systemuserid="{" + ANN.upper() + "}"), HERE[1]], THERE, []),
    ("not known any more", [changed(HERE[0], systemuserid=None, object_id=None), HERE[1]], THERE, []),
    (
        "another account at the destination",
        HERE,
        [changed(THERE[0], object_id=OTHER), THERE[1]],
        [f"the destination is another account now: its object id was {NUMBERS.format(21)}, now it is {OTHER}"],
    ),
    (
        "another account at the source",
        [changed(HERE[0], object_id=OTHER), HERE[1]],
        THERE,
        [f"the source user is another account now: its object id was {NUMBERS.format(11)}, now it is {OTHER}"],
    ),
    (
        "another record",
        [changed(HERE[0], systemuserid=OTHER), HERE[1]],
        THERE,
        [f"the source user is another record now: its systemuserid was {ANN}, now it is {OTHER}"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("what", "source", "there", "details"), DRIFTS, ids=[case[0] for case in DRIFTS])
def test_another_account_under_an_approved_address(
    run: Path, what: str, source: list[Row], there: list[Row], details: list[str]
) -> None:
    """V905, an error: the name and the address may well be the same."""
    result = t2t.drift(run, source_full=frame(source), destination_full=frame(there))
    assert result.changes.select("source", "change", "details").rows() == [
        ("ann@contoso.com", "replaced", text) for text in details
    ]
    assert result.exit_status() == len(details)
    assert result.findings["code"].cast(pl.String).to_list() == ["V905"] * len(details)


def test_an_accounting_without_ids(run: Path) -> None:
    """Of an earlier version: nothing is compared, and nothing is made up."""
    accounting = run / "accounting.csv"
    columns = pl.read_csv(accounting, infer_schema=False).drop(
        "source_user_id", "source_object_id", "destination_object_id"
    )
    columns.write_csv(accounting)
    result = t2t.drift(
        run, source_full=frame(HERE), destination_full=frame([changed(THERE[0], object_id=OTHER), THERE[1]])
    )
    assert result.changes.is_empty()
    assert t2t.verify(run, [frame(THERE)]).skipped["V906"] == "the source exports of the run had no systemuserids"


AFTER: list[tuple[str, list[Row], dict[str, str], list[str]]] = [
    # what, the environment after the move, what became of the users, what V906 says
    (
        "all is well",
        [listed("Ann Lee", "ann@fabrikam.com", ANN), listed("Bob Roe", "BOB@fabrikam.com", f"{{{BOB.upper()}}}")],
        {"ann@contoso.com": "arrived", "bob@contoso.com": "arrived"},
        [],
    ),
    (
        "exchanged",
        [listed("Ann Lee", "ann@fabrikam.com", BOB), listed("Bob Roe", "bob@fabrikam.com", ANN)],
        {"ann@contoso.com": "other-record", "bob@contoso.com": "other-record"},
        [
            f"ann@contoso.com: the record of the user, {ANN}, is at bob@fabrikam.com now, not at ann@fabrikam.com.",
            f"bob@contoso.com: the record of the user, {BOB}, is at ann@fabrikam.com now, not at bob@fabrikam.com.",
        ],
    ),
    (
        "somebody unplanned has the record",
        [listed("Eve Poe", "eve@fabrikam.com", ANN), listed("Bob Roe", "bob@fabrikam.com", BOB)],
        {"ann@contoso.com": "other-record", "bob@contoso.com": "arrived"},
        [f"ann@contoso.com: the record of the user, {ANN}, is at eve@fabrikam.com now, not at ann@fabrikam.com."],
    ),
    (
        "a new record at the right address",
        [listed("Ann Lee", "ann@fabrikam.com", OTHER), listed("Bob Roe", "bob@fabrikam.com", BOB)],
        {"ann@contoso.com": "other-record", "bob@contoso.com": "arrived"},
        [
            "ann@contoso.com: another record has the address ann@fabrikam.com now; the record of the user, "
            f"{ANN}, is not in the exports."
        ],
    ),
    (
        "still at the source address",
        [listed("Ann Lee", "ann@contoso.com", ANN), listed("Bob Roe", "bob@fabrikam.com", BOB)],
        {"ann@contoso.com": "still-at-source", "bob@contoso.com": "arrived"},
        [],
    ),
    (
        "missing, and without an id of its own",
        [listed("Bob Roe", "bob@fabrikam.com", BOB)],
        {"ann@contoso.com": "missing", "bob@contoso.com": "arrived"},
        [],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("what", "after", "arrivals", "said"), AFTER, ids=[case[0] for case in AFTER])
@pytest.mark.parametrize("given", ["", "usermapping.csv"])
def test_the_record_survives_the_move(
    run: Path, given: str, what: str, after: list[Row], arrivals: dict[str, str], said: list[str]
) -> None:
    """V906, from the run folder or from the mapping in it; everybody is counted once."""
    result = t2t.verify(run / given, [frame(after)])
    assert dict(result.users.select("source", pl.col("arrival").cast(pl.String)).iter_rows()) == arrivals
    assert result.findings.filter(pl.col("code") == "V906")["message"].to_list() == said
    counts: Any = result.summary
    kinds = ("arrived", "disabled", "other_record", "still_at_source", "missing")
    assert sum(counts[kind] for kind in kinds) == counts["mapped"] == 2
    assert "V906" not in result.skipped


def test_records_that_cannot_be_compared(run: Path, tmp_path: Path) -> None:
    """It is said why."""
    after = [frame([listed("Ann Lee", "ann@fabrikam.com", ANN)])]
    mapping = tmp_path / "usermapping.csv"
    mapping.write_bytes((run / "usermapping.csv").read_bytes())
    said = {
        "there is no accounting.csv beside the mapping, which holds the systemuserids": t2t.verify(mapping, after),
        "the mapping was given without the folder of its run, whose accounting holds the systemuserids": t2t.verify(
            pl.DataFrame({"source": ["ann@contoso.com"], "destination": ["ann@fabrikam.com"]}), after
        ),
        "the exports after the move have no systemuserids": t2t.verify(run, [frame(THERE)]),
    }
    assert {words: result.skipped["V906"] for words, result in said.items()} == {words: words for words in said}
