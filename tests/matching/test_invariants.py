"""What must not change: by the order of rows and files, by case, by somebody else's row."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import polars as pl
import strategies as made
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import Person, Rule
from strategies import reconciled

import t2t_mapping as t2t

mergers = st.tuples(made.source_people, made.destination_people, made.rule_lists)
identified = st.tuples(made.identified_source, made.identified_destination, made.rule_lists)
few = settings(max_examples=6)


def rows(result: t2t.Result) -> list[dict[str, Any]]:
    return result.accounting.drop("row", "file").rows(named=True)


@settings(max_examples=8)
@given(merger=st.one_of(mergers, identified), seed=st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(merger: tuple[list[Person], list[Person], list[Rule]], seed: Any) -> None:
    """The mapping is identical to the byte, and the rest but for row numbers, also what is said of ids and directories."""
    source, destination, rules = merger
    one = reconciled(source, destination, rules)
    seed.shuffle(source)
    seed.shuffle(destination)
    other = reconciled(source, destination, rules)
    assert one.files("core").get("usermapping.csv") == other.files("core").get("usermapping.csv")
    key = [name for name in one.accounting.columns if name not in ("row", "file")]
    assert sorted(map(str, rows(one))) == sorted(map(str, rows(other)))
    assert one.accounting.filter(pl.col("source").is_not_null()).select(key).equals(
        other.accounting.filter(pl.col("source").is_not_null()).select(key)
    ) or len({row["source"] for row in rows(one)}) < len(rows(one))
    said = [name for name in one.findings.columns if name not in ("row", "lines", "file")]
    assert sorted(map(str, one.findings.select(said).rows())) == sorted(map(str, other.findings.select(said).rows()))


@few
@given(merger=mergers)
def test_the_same_inputs_give_the_same_bytes(merger: tuple[list[Person], list[Person], list[Rule]]) -> None:
    """No timestamps, no chance."""
    assert reconciled(*merger).files("core") == reconciled(*merger).files("core")


@few
@given(merger=mergers)
def test_case_changes_nothing(merger: tuple[list[Person], list[Person], list[Rule]]) -> None:
    """Who writes an address in capitals means the same user."""
    source, destination, rules = merger

    def louder(people: list[Person]) -> list[Person]:
        return [
            Person(
                **{
                    **vars(p),
                    "upn": p.upn.upper() if p.upn and p.upn.isascii() else p.upn,
                    "mail": p.mail and p.mail.upper(),
                }
            )
            for p in people
        ]

    def quiet(result: t2t.Result) -> list[tuple[Any, ...]]:
        frame = result.accounting.select(
            pl.col("source", "destination").str.to_lowercase(), "disposition", "matched_by", "codes"
        )
        return sorted(frame.rows(), key=str)

    loud = reconciled(louder(source), louder(destination), [(s.upper(), t and t.upper(), n) for s, t, n in rules])
    assert quiet(loud) == quiet(reconciled(source, destination, rules))


@few
@given(merger=mergers)
def test_every_user_in_exactly_one_disposition_and_the_sum_adds_up(
    merger: tuple[list[Person], list[Person], list[Rule]],
) -> None:
    """mapped + held + excluded = distinct users = rows less duplicates; no destination twice; no address on both sides."""
    result = reconciled(*merger)
    summary = result.summary
    assert summary["mapped"] + summary["held"] + summary["excluded"] == summary["users"] == result.accounting.height
    assert summary["users"] == summary["rows"] - summary["duplicates"]
    assert summary["rows"] == len(merger[0])
    mapping = list(csv.reader(io.StringIO(result.files("core").get("usermapping.csv", b"x,y\r\n").decode())))[1:]
    sources, targets = [a.lower() for a, _ in mapping], [b.lower() for _, b in mapping]
    assert len(set(sources)) == len(sources)
    assert len(set(targets)) == len(targets)
    assert not set(sources) & set(targets)
    held = result.accounting.filter(pl.col("disposition") == "held")
    assert held["codes"].null_count() == 0


@few
@given(merger=identified)
def test_nobody_is_sent_where_somebody_stays(merger: tuple[list[Person], list[Person], list[Rule]]) -> None:
    """No destination is an address of another user of the source environment, whoever that is and whatever becomes of it."""
    source, _, _ = merger
    result = reconciled(*merger)
    taken = {text.lower() for p in source for text in (p.upn, p.user_name) if text and text.isascii()}
    record = {p.key: {p.object_id, p.user_id} - {None} for p in source}
    for upn, target in result.mapping.select("source", "destination").iter_rows():
        mine = {(p.upn or "").lower() for p in source if p.other == upn.lower() or p.key == upn.lower()}
        mine |= {(p.user_name or "").lower() for p in source if p.key == upn.lower() or p.other == upn.lower()}
        mine |= {key for key, ids in record.items() if key and ids & record.get(upn.lower(), set())}
        assert target.lower() not in taken - mine


@few
@given(merger=mergers)
def test_a_stranger_changes_nobody_elses_row(merger: tuple[list[Person], list[Person], list[Rule]]) -> None:
    """An unrelated user on both sides adds one row and touches no other."""
    source, destination, rules = merger
    here, there = Person("Zed Quux", "zed.quux@contoso.com"), Person("Zed Quux", "zed.quux@fabrikam.com")
    before, after = reconciled(source, destination, rules), reconciled([*source, here], [*destination, there], rules)
    codes = {*before.summary["codes"], *after.summary["codes"]}
    if codes & {"I109", "I114"} or any("*@contoso.com" in rule[0] for rule in rules):
        return  # a refusal of the whole run, or a pattern, does concern the stranger
    rest = after.accounting.filter(pl.col("source").ne_missing("zed.quux@contoso.com"))
    told = ("row", "reason")  # a reason may tell what holds for everybody, such as that nobody has a licence
    assert rest.drop(told).rows() == before.accounting.drop(told).rows()


@few
@given(merger=mergers)
def test_what_is_written_is_read_back(
    merger: tuple[list[Person], list[Person], list[Rule]], tmp_path_factory: Any
) -> None:
    """Files on disk say what the frames say, and the fingerprints are theirs."""
    result = reconciled(*merger)
    folder: Path = tmp_path_factory.mktemp("out")
    written = result.write(folder, outputs="core")
    accounting = pl.read_csv(written["accounting.csv"], infer_schema=False)
    assert accounting["disposition"].to_list() == result.accounting["disposition"].cast(pl.String).to_list()
    assert accounting.columns == result.accounting.columns
    run = json.loads(written["run.json"].read_text(encoding="utf-8"))
    assert set(run["outputs"]) == set(written) - {"run.json"}
    found = json.loads(written["findings.json"].read_text(encoding="utf-8"))
    assert [row["code"] for row in found["findings"]] == result.findings["code"].cast(pl.String).to_list()
    assert ("usermapping.csv" in written) == (result.summary["mapped"] > 0)
