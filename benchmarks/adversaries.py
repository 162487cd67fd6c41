"""A million people at whose part before the @ the destination has somebody else: how many are sent there?

    python benchmarks/adversaries.py [USERS]     # a million unless said otherwise

Every kind of pair that once deceived somebody (`fixtures/mergers/adversaries.py`). Nobody may be mapped; fails if anybody is.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

import polars as pl

import t2t_mapping as t2t

sys.path.insert(0, str(Path(__file__).parent.parent / "fixtures"))
from mergers.adversaries import KINDS, crowd


def main() -> None:
    """Print who is mapped, by kind, with the first pair of each."""
    users = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    given = crowd(users)
    began = time.perf_counter()
    result = t2t.generate(
        source_full=[pl.DataFrame(given.source)], destination_directory=[pl.DataFrame(given.destination)]
    )
    seconds = time.perf_counter() - began
    mapped = result.mapping.select("source", "full_name", "destination_name").rows()
    counts = Counter(given.kinds[source] for source, _, _ in mapped)
    print(f"{users:,} users of {len(KINDS)} kinds, {seconds:.0f} s: {len(mapped):,} mapped to somebody else")
    for kind, number in counts.most_common():
        example = next((here, there) for source, here, there in mapped if given.kinds[source] == kind)
        print(f"  {kind}: {number:,}, such as {example[0]!r} to {example[1]!r}")
    if mapped:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
