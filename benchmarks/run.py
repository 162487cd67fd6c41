"""Us and the peers side by side, as whole processes, in one run; ratios travel, seconds do not.

    python -m pip install '.[bench]'
    python benchmarks/run.py                  # 10k and 100k users a side from .xlsx
    python benchmarks/run.py --full           # also 1M from twenty .xlsx, and 1M and 10M from CSV and Parquet
    python benchmarks/run.py --smoke          # 10k only, fails if we are far slower than we were: for CI

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
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "fixtures"))
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


def measure(command: list[str]) -> Measure:
    """Run a command once, with the operating system's own accounting."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
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


def run_case(case: Case, data: Path, scratch: Path) -> dict[str, list[Measure]]:
    """All commands of a case in turn."""
    folder = data / f"{case.kind}-{case.users}-{case.files}"
    source, destination = (
        [str(path) for path in side]
        for side in crowds.benchmark_pair(folder, case.users, seed=1, held_share=0.1, files=case.files, kind=case.kind)
    )
    commands = {
        "t2t core": ours(source, destination, scratch / "core", "core"),
        "t2t all": ours(source, destination, scratch / "all", "all"),
    }
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


def versions() -> str:
    found = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            found.append(f"{name} -")
    return ", ".join(found)


def main() -> None:
    """Generate, run, write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--full", action="store_true", help="all sizes; takes about half an hour")
    parser.add_argument("--smoke", action="store_true", help="10k only, with a loose limit; nothing is written")
    parser.add_argument("--data", type=Path, help="keep the generated data here")
    options = parser.parse_args()
    cases = CASES[:1] if options.smoke else CASES if options.full else CASES[:2]
    with tempfile.TemporaryDirectory() as scratch:
        data = options.data or Path(scratch) / "data"
        parts, walls = [], {}
        for case in cases:
            peers = tuple(p for p in case.peers if not options.smoke or p in ("bare", "inflate"))
            case = Case(case.title, case.users, case.kind, case.files, peers, case.runs)  # noqa: PLW2901
            taken = run_case(case, data, Path(scratch))
            walls[case.title] = {name: median(measures, "wall") for name, measures in taken.items()}
            parts.append(table(case, taken))
            print(parts[-1], flush=True)
    if options.smoke:
        ratio = walls[cases[0].title]["t2t core"] / walls[cases[0].title]["bare"]
        if ratio > 4:
            raise SystemExit(f"far slower than it was: {ratio:.1f} times the bare script at 10k users a side")
        return
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
    (HERE / "RESULTS.md").write_text("\n".join(head) + "\n" + "\n\n".join(parts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
