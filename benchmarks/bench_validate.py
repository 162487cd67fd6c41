"""How long a million-line mapping takes to be judged, as a multiple of what polars needs to read it and find duplicates.

    python benchmarks/bench_validate.py [LINES] [ROUNDS]

Both run in this process, one after the other in every round; the medians are compared. No network, no downloads.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from t2t_mapping.run.validation import validate

LIMIT = 3.0


def made(folder: Path, lines: int) -> Path:
    """A clean mapping of so many lines, always the same."""
    number = pl.int_range(lines, eager=True).alias("n")
    local = number.to_frame().select(local=pl.format("user{}.name{}", "n", (pl.col("n") * 7919) % lines))
    path = folder / "usermapping.csv"
    local.select(Source=pl.col("local") + "@contoso.com", Destination=pl.col("local") + "@fabrikam.com").write_csv(
        path, line_terminator="\r\n", quote_style="never"
    )
    return path


def dirty(path: Path) -> Path:
    """The same with a blank before every address, so that every single line has faults."""
    target = path.parent / "dirty" / path.name
    target.parent.mkdir()
    target.write_bytes(path.read_bytes().replace(b",", b", ").replace(b" Destination", b"Destination"))
    return target


def plain(path: Path) -> None:
    """The least that anybody would do."""
    frame = pl.read_csv(path)
    assert not frame.select(pl.all().is_duplicated().any()).row(0)[0]


def timed(function: object, path: Path) -> float:
    start = time.perf_counter()
    function(path)  # type: ignore[operator]
    return time.perf_counter() - start


def main() -> int:
    """Print the ratios; exit 1 when the clean file takes longer than allowed."""
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory() as folder:
        clean = made(Path(folder), lines)
        faulty = dirty(clean)
        assert validate(clean).exit_status() == 0
        names = {
            "read and find duplicates": (plain, clean),
            "validate": (validate, clean),
            "all faulty": (validate, faulty),
        }
        times: dict[str, list[float]] = {name: [] for name in names}
        for _ in range(rounds):
            for name, (function, path) in names.items():
                times[name].append(timed(function, path))
    base = statistics.median(times["read and find duplicates"])
    for name, taken in times.items():
        print(f"{name:<26} {statistics.median(taken):6.2f} s   {statistics.median(taken) / base:5.2f}")
    return int(statistics.median(times["validate"]) > LIMIT * base)


if __name__ == "__main__":
    sys.exit(main())
