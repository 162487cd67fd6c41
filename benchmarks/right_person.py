"""Does anybody go to the wrong person? Simulated mergers in which the truth is known.

    python benchmarks/right_person.py                    # every scenario with 10,000 people a side
    python benchmarks/right_person.py --users 100000     # the same with 100,000; --only us names the cultures

For each: how many are mapped, how many of these to the wrong person, how many are held although the ladder's candidate was
the right one, and for which codes. With `--check`, fails if anybody goes to a wrong person where nobody is missing.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

import t2t_mapping as t2t

sys.path.insert(0, str(Path(__file__).parent.parent / "fixtures"))
from mergers import Merger, Scenario, merge

__all__ = ["SCENARIOS", "Outcome", "outcome"]

_US = Scenario()
SCENARIOS: dict[str, Scenario] = {
    "us, carried over": _US,
    "us, numbered anew": replace(_US, numbering="anew"),
    **{f"us, there {habit}": replace(_US, named_there=habit) for habit in ("First M. Last", "First Middle Last")},
    "us, anew, there First M. Last": replace(_US, numbering="anew", named_there="First M. Last"),
    "us, M. here, Middle there": replace(_US, named_here="First M. Last", named_there="First Middle Last"),
    **{
        f"us, there {habit}": replace(_US, named_there=habit)
        for habit in (
            "Last, First",
            "Last, First (Dept)",
            "First Last (Dept)",
            "First Last - Dept",
            "First Last - Company",
            "First Last | Company",
            "First Last, Company",
            "First Last / Dept / City",
            "First Last (Company)",
            "First Last - External",
            "EXT First Last",
            "First Last (she/her)",
            "First Last (E12345)",
            "First Last, CPA",
            "Last First",
            "Last First M",
        )
    },
    "us, (Dept) on both sides": replace(_US, named_here="First Last (Dept)", named_there="Last, First (Dept)"),
    "us, last.first there": replace(_US, there="last.first", numbering="anew", named_there="Last First"),
    "us, last.first there, names plain": replace(_US, there="last.first", numbering="anew"),
    "us, flast on both sides": replace(_US, here="flast", there="flast", numbering="anew"),
    "us, firstl here, first.last there": replace(_US, here="firstl", numbering="anew"),
    **{
        f"{culture}, {numbering}": Scenario(culture=culture, numbering=numbering)
        for culture in ("german", "spanish", "indian", "chinese", "korean", "vietnamese")
        for numbering in ("carried", "anew")
    },
    "spanish, there Last, First": Scenario(culture="spanish", named_there="Last, First"),
    "korean, there Joined given": Scenario(culture="korean", named_there="Joined given"),
    "korean, there Last First": Scenario(culture="korean", numbering="anew", named_there="Last First"),
    "vietnamese, there Last First M": Scenario(culture="vietnamese", named_there="Last First M"),
    "chinese, there Last First": Scenario(culture="chinese", numbering="anew", named_there="Last First"),
    "us, attributes": replace(_US, attributes=True),
    "us, anew, attributes": replace(_US, attributes=True, numbering="anew"),
    "us, 3 % missing": replace(_US, missing=0.03),
    "us, anew, 3 % missing": replace(_US, missing=0.03, numbering="anew"),
    "us, 3 % missing, attributes": replace(_US, missing=0.03, attributes=True),
    "us, anew, 3 % missing, attributes": replace(_US, missing=0.03, attributes=True, numbering="anew"),
    "german, 3 % missing": Scenario(culture="german", missing=0.03),
    "chinese, anew, 3 % missing, attributes": Scenario(
        culture="chinese", missing=0.03, attributes=True, numbering="anew"
    ),
}


@dataclass(frozen=True)
class Outcome:
    """What came of one merger."""

    users: int
    mapped: int
    wrong: tuple[tuple[str, str], ...]
    """Source and destination address of everybody who goes to somebody else's account."""
    held_right: Counter[str]
    """Code -> users who are held although the candidate of the ladder was their own account."""


def outcome(given: Merger, accept: Sequence[str] = ()) -> Outcome:
    """Run `generate` on a merger and compare with the truth."""
    directory = () if given.source_directory is None else (pl.DataFrame(given.source_directory),)
    result = t2t.generate(
        source_full=[pl.DataFrame(given.source)],
        source_directory=directory,
        destination_directory=[pl.DataFrame(given.destination)],
        accept=accept,
    )
    wrong = []
    held: Counter[str] = Counter()
    mapped = 0
    columns = "source", "disposition", "destination", "codes"
    for source, disposition, destination, codes in result.accounting.select(columns).iter_rows():
        right = destination is not None and given.truth[source] == destination
        if disposition == "mapped":
            mapped += 1
            if not right:
                wrong.append((source, destination))
        elif right:
            held["held"] += 1
            held.update(code for code in codes.split(";") if code[0] == "P")
    return Outcome(len(given.truth), mapped, tuple(wrong), held)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--only", nargs="*", default=[], help="scenarios whose titles hold one of these texts")
    parser.add_argument(
        "--wrong", type=int, default=0, metavar="N", help="name the first N wrong pairs of each scenario"
    )
    parser.add_argument("--check", action="store_true", help="fail on any wrong person where nobody is missing")
    options = parser.parse_args()
    print("| merger | mapped | wrong persons | held although right | of these by code | s |")
    print("|---|--:|--:|--:|---|--:|")
    failed = []
    for title, scenario in SCENARIOS.items():
        if options.only and not any(text in title for text in options.only):
            continue
        given = merge(replace(scenario, users=options.users))
        began = time.perf_counter()
        found = outcome(given)
        seconds = time.perf_counter() - began
        codes = ", ".join(f"{code} {n:,}" for code, n in found.held_right.most_common() if code != "held")
        print(
            f"| {title} | {found.mapped / found.users:.1%} | {len(found.wrong):,} | {found.held_right['held']:,} | "
            f"{codes} | {seconds:.1f} |",
            flush=True,
        )
        for source, destination in found.wrong[: options.wrong]:
            print(f"  {source} -> {destination}, not {given.truth[source]}")
        if found.wrong and not scenario.missing:
            failed.append(title)
    if failed and options.check:
        raise SystemExit("Wrong persons: " + ", ".join(failed))


if __name__ == "__main__":
    main()
