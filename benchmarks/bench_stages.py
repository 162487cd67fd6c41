"""Each stage alone, so that a change shows where it tells.

    python -m pip install -e '.[test,bench]'
    python -m pytest benchmarks/bench_stages.py                       # 20,000 users a side
    T2T_BENCH_USERS=100000 python -m pytest benchmarks/bench_stages.py --benchmark-autosave --benchmark-compare

Data are generated from a seed. A tenth of the users are held. Nothing here fails for being slow.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import crowds
import polars as pl
import pytest

from t2t_mapping import names, read
from t2t_mapping import upn as upns
from t2t_mapping.checks import facts, run
from t2t_mapping.mapping.dialects import mapping_bytes
from t2t_mapping.matching.ladder import match
from t2t_mapping.outputs.files import csv_bytes, findings_json, store
from t2t_mapping.outputs.report import report_bytes
from t2t_mapping.outputs.review.workbook import review_bytes
from t2t_mapping.results.options import Options
from t2t_mapping.results.reconciliation import Sides
from t2t_mapping.rules.table import RuleTable
from t2t_mapping.run.exports import Exports
from t2t_mapping.run.reading import read_sides
from t2t_mapping.run.reconciling import reconcile
from t2t_mapping.run.result import Result
from t2t_mapping.run.validation import validate
from t2t_mapping.suggestions import candidates as suggest
from t2t_mapping.users.load import Request, load, merge

USERS = int(os.environ.get("T2T_BENCH_USERS", "20000"))
DOMAINS = ("fabrikam.com",)
KINDS = ("xlsx", "resaved", "csv", "parquet")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stages")


@pytest.fixture(scope="module")
def files(folder: Path) -> dict[str, tuple[Path, Path]]:
    """Kind -> the source's and the destination's export."""
    found = {}
    for kind in KINDS:
        (source,), (destination,) = crowds.benchmark_pair(folder / kind, USERS, held_share=0.1, kind=kind)
        found[kind] = (source, destination)
    return found


@pytest.fixture(scope="module")
def sides(files: dict[str, tuple[Path, Path]]) -> Sides:
    source, destination = files["parquet"]
    return read_sides(Exports(source_full=source, destination_full=destination))


@pytest.fixture(scope="module")
def result(sides: Sides) -> Result:
    return reconcile(sides, RuleTable.empty(), Options(destination_domain=DOMAINS))


@pytest.mark.parametrize("kind", KINDS)
def test_read(benchmark: Any, files: dict[str, tuple[Path, Path]], kind: str) -> None:
    """Bytes to a table of text, checksums and every cell proven."""
    path = files[kind][0]
    data = read.read_bytes(path, str(path))
    (table,) = benchmark(read.read_tables, data, str(path), read.all_columns)
    assert table.frame.height == USERS


def test_json(benchmark: Any, sides: Sides) -> None:
    """The same for an export of the directory."""
    rows = sides.source.select(displayName="full_name", userPrincipalName="upn", accountEnabled=True).to_dicts()
    data = json.dumps({"value": rows}).encode()
    (table,) = benchmark(read.read_tables, data, "users.json", read.all_columns)
    assert table.frame.height == USERS


def test_normalise(benchmark: Any, files: dict[str, tuple[Path, Path]]) -> None:
    """A table of text to users: labels, addresses, keys, kinds; Parquet, so that reading hardly counts."""
    request = Request((files["parquet"][0],), "source", "full")
    (batch,) = benchmark(load, [request])
    assert batch.rows.height == USERS


def test_merge(benchmark: Any, files: dict[str, tuple[Path, Path]]) -> None:
    """Listings of the same person become one user."""
    (batch,) = load([Request((files["parquet"][0],), "source", "full")])
    users, _ = benchmark(merge, batch.rows, side="source")
    assert users.height == USERS


def test_keys(benchmark: Any, sides: Sides) -> None:
    """User principal names: syntax and folded key."""
    keys = benchmark(lambda: sides.source.select(upns.key(pl.col("upn")))["upn"])
    assert keys.null_count() == 0


def test_names(benchmark: Any, sides: Sides) -> None:
    """Full names in the form in which they are compared."""
    prepared = benchmark(lambda: sides.source.select(names.prepared(pl.col("full_name"))).to_series())
    assert prepared.null_count() == 0


def test_match(benchmark: Any, sides: Sides) -> None:
    """The ladder."""
    pairs = benchmark(match, sides.source, sides.destination, RuleTable.empty(), domains=DOMAINS)
    assert pairs.height == USERS


def test_facts(benchmark: Any, sides: Sides) -> None:
    """Everything about each pair side by side, names compared."""
    pairs = match(sides.source, sides.destination, RuleTable.empty(), domains=DOMAINS)
    given = benchmark(facts, sides.source, sides.destination, pairs, RuleTable.empty(), domains=DOMAINS)
    assert given.frame.height == USERS


def test_check(benchmark: Any, result: Result) -> None:
    """All checks."""
    found, _ = benchmark(run, result.facts)
    assert found.height > 0


def test_suggest(benchmark: Any, result: Result) -> None:
    """Who might be meant, for the held ones."""
    found = benchmark.pedantic(suggest.suggest, (result,), rounds=3)
    assert found.height > 0


def test_write_accounting(benchmark: Any, result: Result) -> None:
    benchmark(csv_bytes, result.accounting, verbatim=("destination", "candidates"))


def test_write_findings(benchmark: Any, result: Result) -> None:
    benchmark(findings_json, result.summary, result.findings, result.skipped, {})


def test_write_mapping(benchmark: Any, result: Result) -> None:
    benchmark(mapping_bytes, result.mapping, "self-service")


def test_write_review(benchmark: Any, result: Result) -> None:
    """The workbook, suggestions included."""
    benchmark.pedantic(review_bytes, (result,), rounds=3)


def test_write_report(benchmark: Any, result: Result) -> None:
    benchmark(report_bytes, result)


def test_store(benchmark: Any, result: Result, folder: Path) -> None:
    """To disk: written beside, flushed, read back, put in place."""
    benchmark(store, folder / "out", result.files("core"))


def test_validate(benchmark: Any, result: Result, folder: Path) -> None:
    """A mapping file alone, as the service would judge it."""
    path = folder / "usermapping.csv"
    path.write_bytes(mapping_bytes(result.mapping, "self-service"))
    assert benchmark(validate, path).exit_status() == 0
