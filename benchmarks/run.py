"""Us and the peers side by side, as whole processes, in one run; ratios travel, seconds do not.

    python -m pip install --group bench
    python benchmarks/run.py                  # 10k and 100k users a side from .xlsx
    python benchmarks/run.py --full           # also 1M from twenty .xlsx, and 1M and 10M from CSV and Parquet
    python benchmarks/run.py --smoke          # 50k only, fails if we are twice as slow as we were: for CI

Data are generated from a seed in a temporary folder (or --data DIR, which is kept and used again). Every command is run in
turn, A B A B ..., and the medians are compared. Results go to benchmarks/RESULTS.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "fixtures"), str(HERE.parent / "fixtures" / "builders")]
import crowds  # noqa: E402

PACKAGES = ("polars", "fastexcel", "pandas", "openpyxl", "python-calamine", "duckdb")


@dataclass(frozen=True)
class Measure:
    """One run of one command: seconds of CPU and wall, MB at the peak."""

    cpu: float
    wall: float
    peak: float


@dataclass(frozen=True)
class Case:
    """One set of data."""

    title: str
    users: int
    kind: str
    files: int
    peers: tuple[str, ...]
    runs: int


CASES = (
    Case("10k a side, .xlsx", 10_000, "xlsx", 1, ("bare", "pandas+openpyxl", "pandas+calamine", "inflate"), 5),
    Case("100k a side, .xlsx", 100_000, "xlsx", 1, ("bare", "pandas+openpyxl", "pandas+calamine", "inflate"), 5),
    Case("1M a side, ten .xlsx a side", 1_000_000, "xlsx", 10, ("bare", "inflate"), 3),
    Case("1M a side, .csv", 1_000_000, "csv", 1, ("bare", "duckdb"), 3),
    Case("1M a side, .parquet", 1_000_000, "parquet", 1, ("bare", "duckdb"), 3),
    Case("10M a side, .csv", 10_000_000, "csv", 1, ("bare", "duckdb"), 1),
    Case("10M a side, .parquet", 10_000_000, "parquet", 1, ("bare", "duckdb"), 1),
)

LARGEST = 1_000_000
"""So many people are invented one by one; larger crowds are made of these."""
MOST_WITH_ALL = 100_000
"""Beyond, the suggestions for a tenth of the users would take most of an hour of benchmarks."""
SMOKE = Case("50k a side, .xlsx", 50_000, "xlsx", 1, ("bare",), 4)
USUAL = 2.4
"""What `core` takes of the bare script's wall time there, at the most, on two cores."""


def measure(command: list[str]) -> Measure:
    """Run a command once, with the operating system's own accounting."""
    started = time.perf_counter()
    # As where it is installed: with compiled modules.
    installed = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=installed)
    errors = process.stderr.read() if process.stderr else b""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - started
    if process.returncode:
        raise SystemExit(f"{' '.join(command[:6])} failed: {errors.decode(errors='replace')[-500:]}")
    scale = 1024 if sys.platform != "darwin" else 1024 * 1024
    return Measure(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / scale)


def ours(source: list[str], destination: list[str], out: Path, outputs: str) -> list[str]:
    """Our command, every check on."""
    return [
        sys.executable,
        "-m",
        "t2t_mapping",
        "generate",
        "--source-full",
        *source,
        "--destination-full",
        *destination,
        "--destination-domain",
        "fabrikam.com",
        "--outputs",
        outputs,
        "--out",
        str(out),
        "--overwrite",
        "--fail-on",
        "never",
    ]


def generated(case: Case, data: Path) -> tuple[list[str], list[str]]:
    """The source's and the destination's exports, made unless they are there from an earlier run."""
    folder = data / f"{case.kind}-{case.users}-{case.files}"
    done = folder / "complete"
    if not done.exists():
        if case.kind == "xlsx" or (case.kind, case.users) == ("csv", LARGEST):
            crowds.benchmark_pair(folder, case.users, seed=1, held_share=0.1, files=case.files, kind=case.kind)
        else:
            derive(replace(case, kind="csv", users=LARGEST), case, data)
        done.touch()
    source, destination = (
        [str(path) for path in sorted((folder / side).glob(f"*.{case.kind}"))] for side in ("source", "destination")
    )
    return source, destination


def derive(base: Case, case: Case, data: Path) -> None:
    """The same people in another format, or ten of each: every name, address and id with an ending of its own."""
    import polars as pl

    letters = [""] if case.users == base.users else list("abcdefghij")
    for side, paths in zip(("source", "destination"), generated(base, data), strict=True):
        people = pl.concat([pl.scan_csv(path, infer_schema=False) for path in paths])
        every = pl.concat(
            people.with_columns(
                pl.col("Full Name") + letter,
                pl.col("Windows Live ID").str.replace("@", f"{letter}@"),
                pl.col("(Do Not Modify) User").str.head(35) + f"{place:x}",
            )
            for place, letter in enumerate(letters)
        )
        target = data / f"{case.kind}-{case.users}-{case.files}" / side
        target.mkdir(parents=True, exist_ok=True)
        name = f"Full Access Users 1.{case.kind}"
        every.sink_parquet(target / name) if case.kind == "parquet" else every.sink_csv(target / name)


def run_case(case: Case, data: Path, scratch: Path) -> dict[str, list[Measure]]:
    """All commands of a case in turn."""
    source, destination = generated(case, data)
    commands = {
        "t2t core": ours(source, destination, scratch / "core", "core"),
    }
    if case is not SMOKE and case.users <= MOST_WITH_ALL:
        commands["t2t all"] = ours(source, destination, scratch / "all", "all")
    for peer in case.peers:
        out = str(scratch / f"{peer}.csv")
        commands[peer] = [sys.executable, str(HERE / "peers.py"), peer, out, *source, "--", *destination]
    taken: dict[str, list[Measure]] = {name: [] for name in commands}
    for turn in range(case.runs + 1):
        for name, command in commands.items():
            slow = name == "pandas+openpyxl" and turn > 1
            if not slow:
                result = measure(command)
                if turn or case.runs == 1:  # the first round warms the caches
                    taken[name].append(result)
        if case.runs == 1:
            break
    return taken


def median(measures: list[Measure], what: str) -> float:
    return statistics.median(getattr(one, what) for one in measures)


def table(case: Case, taken: dict[str, list[Measure]]) -> str:
    """A Markdown table; ratios are against the bare script."""
    bare = taken["bare"]
    lines = [
        f"### {case.title}",
        "",
        "| command | wall s | CPU s | peak MB | wall / bare | CPU / bare |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for name, measures in taken.items():
        wall, cpu, peak = (median(measures, what) for what in ("wall", "cpu", "peak"))
        lines.append(
            f"| {name} | {wall:.2f} | {cpu:.2f} | {peak:.0f} | {wall / median(bare, 'wall'):.2f} | "
            f"{cpu / median(bare, 'cpu'):.2f} |"
        )
    return "\n".join(lines)


def growth(every: dict[Case, dict[str, list[Measure]]]) -> str:
    """What ten times the users cost."""
    lines = [
        "### Ten times the users",
        "",
        "| from, to | command | times the wall | times the memory |",
        "|---|---|--:|--:|",
    ]
    for case, taken in every.items():
        for larger, measures in every.items():
            if larger.kind == case.kind and larger.users == 10 * case.users:
                for name in taken.keys() & measures.keys():
                    small, large = taken[name], measures[name]
                    wall, peak = (median(large, what) / median(small, what) for what in ("wall", "peak"))
                    lines.append(f"| {case.title}, {larger.title} | {name} | {wall:.1f} | {peak:.1f} |")
    return "\n".join([*lines[:4], *sorted(lines[4:])])


def versions() -> str:
    found = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            found.append(f"{name} -")
    return ", ".join(found)


def results(every: dict[Case, dict[str, list[Measure]]]) -> str:
    """The whole file."""
    head = [
        "# Results",
        "",
        "Made by `python benchmarks/run.py` (`--full` for all sizes); medians of whole processes run in turn, imports included. A tenth of the "
        "users are held. *bare* reads with one thread, joins, writes, and checks nothing. Ratios travel, seconds do not.",
        "",
        f"Python {platform.python_version()}, {versions()}; {os.cpu_count()} cores, {platform.machine()}, "
        f"{resource.getpagesize() * os.sysconf('SC_PHYS_PAGES') >> 30} GB.",
        "",
    ]
    parts = [*(table(case, taken) for case, taken in every.items()), growth(every)]
    return "\n".join(head) + "\n" + "\n\n".join(parts) + "\n"


def main() -> None:
    """Generate, run, write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--full", action="store_true", help="all sizes; takes about half an hour")
    parser.add_argument("--smoke", action="store_true", help="10k only, with a loose limit; nothing is written")
    parser.add_argument("--data", type=Path, help="keep the generated data here")
    options = parser.parse_args()
    cases = (SMOKE,) if options.smoke else CASES if options.full else CASES[:2]
    with tempfile.TemporaryDirectory() as scratch:
        data = options.data or Path(scratch) / "data"
        every: dict[Case, dict[str, list[Measure]]] = {}
        for case in cases:
            every[case] = run_case(case, data, Path(scratch))
            print(table(case, every[case]), flush=True)
            if not options.smoke:  # after each case: whoever stops it has what was measured
                (HERE / "RESULTS.md").write_text(results(every), encoding="utf-8")
    if options.smoke:
        best = {name: min(one.wall for one in measures) for name, measures in every[SMOKE].items()}
        ratio = best["t2t core"] / best["bare"]
        if ratio > 2 * USUAL:
            raise SystemExit(f"Far slower than it was: {ratio:.1f} times the bare script, usually below {USUAL}.")


if __name__ == "__main__":
    main()
