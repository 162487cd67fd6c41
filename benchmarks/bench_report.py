"""How long the page takes to make, how big it is, and how quickly Chromium opens, searches and sorts it.

    python benchmarks/bench_report.py [USERS]

A tenth of the users has nobody at the destination, another tenth is unlicensed there, a third tenth is somebody else.
The browser's part is left out where Chromium is missing. No network, no downloads.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import polars as pl

import t2t_mapping as t2t
from t2t_mapping.outputs.report import report_bytes

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "support"))

import browser

SEARCH = """new Promise(done => {
  const start = performance.now(), status = document.querySelector('#users-controls .status'), before = status.textContent;
  const input = document.querySelector('#users-controls input');
  new MutationObserver(() => { if (status.textContent !== before) done(performance.now() - start) })
    .observe(status, { childList: true, characterData: true, subtree: true });
  input.value = 'family99 given'; input.dispatchEvent(new Event('input'));
})"""
SORT = """(() => { const start = performance.now(); document.querySelector('#users-table th button').click();
  document.body.offsetHeight; return performance.now() - start })()"""


def crowd(users: int) -> t2t.Result:
    """Always the same merger."""
    number = pl.int_range(users, eager=True)
    source = pl.DataFrame({"n": number}).select(
        pl.format("Given{} Family{}", pl.col("n") % 9973, "n").alias("Full Name"),
        pl.format("given{}.family{}@contoso.com", pl.col("n") % 9973, "n").alias("Windows Live ID"),
        pl.lit("Enabled").alias("Status"),
        pl.lit("Yes").alias("User Licensed"),
    )
    destination = source.with_columns(
        pl.col("Windows Live ID").str.replace("contoso", "fabrikam"),
        pl.when(number % 10 == 1).then(pl.lit("Somebody Else")).otherwise("Full Name").alias("Full Name"),
        pl.when(number % 10 == 2).then(pl.lit("No")).otherwise(pl.lit("Yes")).alias("User Licensed"),
    ).filter(number % 10 != 3)
    return t2t.generate(source_full=source, destination_full=destination)


def main() -> int:
    """Print the times."""
    users = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    result = crowd(users)
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        page = report_bytes(result)
        seconds.append(time.perf_counter() - start)
    print(f"{users:,} users: made in {min(seconds):.2f} s, {len(page) / 1e6:.1f} MB")
    if browser.CHROMIUM is None:
        print("Chromium is not installed")
        return 0
    with tempfile.TemporaryDirectory() as folder, browser.browser(Path(folder) / "profile") as chromium:
        path = Path(folder) / "report.html"
        path.write_bytes(page)
        chromium.open(path)  # once to warm up
        start = time.perf_counter()
        chromium.open(path)
        print(f"opened in {time.perf_counter() - start:.2f} s")
        first, sort = chromium.run(SEARCH) / 1000, chromium.run(SORT) / 1000
        print(
            f"searched in {first:.2f} s the first time (0.12 s of it waiting for more letters), sorted in {sort:.2f} s"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
