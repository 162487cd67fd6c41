"""How good and how fast are the suggestions? A seeded merger in which the truth is known.

    python benchmarks/bench_suggest.py [LEFT_OVER CANDIDATES]

Every left-over source user has one true account in the destination, renamed, re-spelt or re-conventioned, often two of
these at once. Beside three in ten live strangers with the same family name and another given name with the same initial,
beside two in ten one whose family name is one letter off, beside one in fifty a namesake. Prints the hit rates per kind, the
time and the memory. The rates to go by are those at 100,000 candidates, ten per source user. Among a million invented names
there are so many strangers who differ by one letter or not at all that first places go down; that size shows the time.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from collections import Counter
from dataclasses import dataclass

import polars as pl

import t2t_mapping as t2t
from t2t_mapping.names.short_forms import SHORT_FORMS
from t2t_mapping.suggestions.candidates import suggest
from t2t_mapping.suggestions.conventions import convention

GIVEN = sorted(name for name in SHORT_FORMS if name.isascii())
_STARTS = "al bar ber bran cas dal den dor eck fal fer gar gro hal har hol jan kal ker kol lan lor mal mar mon nor ols pal per rad ros sal sand schu ster tan tor val ver wal wei win zim".split()
_MIDDLES = "a be de di e el en er ga ge i in ka ke la le li lo ma me ni o ra re ri ro sa se ta te ti u va ve".split()
_ENDS = "ck da ger ham ka ko ler ley lund man mann mer na nen ner nik ris rsen rt sen ska ski son ssen ster ton tti witz".split()
FAMILY = sorted({start + middle + end for start in _STARTS for middle in _MIDDLES for end in _ENDS})
_CYRILLIC = {"anna": "Анна", "ivan": "Иван", "olga": "Ольга", "boris": "Борис", "maria": "Мария", "viktor": "Виктор"}
_LETTERS = dict(zip("abdefghiklmnoprstuvz", "абдефгхиклмнопрстувз", strict=True))


@dataclass
class Corpus:
    """Frames as `generate` takes them, and the truth: source -> (destination, kind of change)."""

    source: pl.DataFrame
    destination: pl.DataFrame
    truth: dict[str, tuple[str, str]]


class _People:
    """Draws people and gives each an address of its own."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.taken: set[str] = set()
        self.weights = [1 / (200 + rank) for rank in range(len(FAMILY))]
        self.order = self.random.sample(FAMILY, len(FAMILY))

    def draw(self, number: int) -> list[tuple[str, str]]:
        given = self.random.choices(GIVEN, [1 / (20 + rank % 97) for rank in range(len(GIVEN))], k=number)
        family = self.random.choices(self.order, self.weights, k=number)
        return list(zip(given, family, strict=True))

    def address(self, local_part: str, domain: str) -> str:
        number, address = 1, f"{local_part}@{domain}"
        while address in self.taken:
            number += 1
            address = f"{local_part}{number}@{domain}"
        self.taken.add(address)
        return address


def _shown(given: str, family: str) -> str:
    return f"{given.title()} {family.title()}"


def _mistyped(word: str, chance: random.Random) -> str:
    """One letter changed, doubled, left out, or exchanged with the next."""
    at = chance.randrange(1, len(word) - 1)
    return chance.choice(
        [
            word[:at] + chance.choice("aeiourstln") + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        ]
    )


KINDS = (
    "other convention",
    "typing error",
    "two typing errors",
    "short form",
    "initial",
    "last, first",
    "middle name",
    "umlaut",
    "cyrillic",
    "married, old alias",
    "married, old address",
    "double name",
    "no name here",
)


def corpus(left_over: int, candidates: int, *, seed: int = 8) -> Corpus:
    """A merger with so many left-over source users and so many free destination accounts."""
    people = _People(seed)
    chance = people.random
    there: list[tuple[str, str, str]] = []  # address, name, further addresses
    here: list[tuple[str, str]] = []
    truth: dict[str, tuple[str, str]] = {}

    def account(given: str, family: str, name: str | None = None, alias: str = "") -> str:
        pattern = chance.choices(("first.last", "flast", "first_last", "last"), (85, 8, 5, 2))[0]
        local = {"first.last": f"{given}.{family}", "flast": given[0] + family, "first_last": f"{given}_{family}"}
        address = people.address(local.get(pattern, f"{family}.{given}"), "fabrikam.com")
        there.append((address, name or _shown(given, family), alias))
        return address

    for given, family in people.draw(max(50, left_over // 5)):  # pairs that are sure
        local = people.address(f"{given}.{family}", "contoso.com").partition("@")[0]
        here.append((f"{local}@contoso.com", _shown(given, family)))
        people.taken.add(f"{local}@fabrikam.com")
        there.append((f"{local}@fabrikam.com", _shown(given, family), ""))
    for number, (given, family) in enumerate(people.draw(left_over)):
        kind = KINDS[number % len(KINDS)]
        old, name, name_there, alias = (given, family), None, None, ""
        new = old
        if kind == "typing error":
            new = chance.choice(((given, _mistyped(family, chance)), (_mistyped(given, chance), family)))
        elif kind == "two typing errors":
            new = (_mistyped(given, chance), _mistyped(family, chance))
        elif kind == "short form":
            new = (chance.choice([w for w in SHORT_FORMS[given] if w.isascii()] or [given]), family)
        elif kind == "initial":
            name = f"{given[0].upper()}. {family.title()}"
        elif kind == "last, first":
            name = f"{family.title()}, {given.title()}"
        elif kind == "middle name":
            name_there = f"{given.title()} {chance.choice(GIVEN).title()} {family.title()}"
        elif kind == "umlaut":
            old, new = (given, "mü" + family), (given, "mue" + family)
        elif kind == "cyrillic":
            latin = chance.choice(sorted(_CYRILLIC))
            plain = "".join(c if c in _LETTERS else "n" for c in family)
            old = new = (latin, plain)
            name = f"{_CYRILLIC[latin]} {''.join(map(_LETTERS.get, plain)).title()}"  # type: ignore[arg-type]
        elif kind.startswith("married"):
            bride = people.draw(1)[0][1]
            if kind == "married, old alias":
                new, alias = (given, bride), f"smtp:{given}.{family}@fabrikam.com"
            else:
                name_there = _shown(given, bride)
        elif kind == "double name":
            new = (given, f"{family}-{people.draw(1)[0][1]}")
        elif kind == "no name here":
            name = ""
        folded = old[1].replace("ü", "u")
        user = people.address(f"{old[0][0]}{folded}", "contoso.com")
        if kind == "no name here":
            user = people.address(f"{given}_{family}", "contoso.com")
        here.append((user, _shown(*old) if name is None else name))
        truth[user] = (account(*new, name_there, alias), kind)
        for stranger, share in (
            ((chance.choice([g for g in GIVEN if g[0] == given[0] and g != given] or GIVEN), family), 0.3),
            ((given, _mistyped(family, chance)), 0.2),
            ((given, family), 0.02),
        ):
            if chance.random() < share:
                account(*stranger)
    for given, family in people.draw(max(0, candidates - len(there))):
        account(given, family)
    chance.shuffle(there)
    source = pl.DataFrame(here, schema=["Windows Live ID", "Full Name"], orient="row")
    destination = pl.DataFrame(there, schema=["User principal name", "Display name", "Proxy addresses"], orient="row")
    return Corpus(source, destination.with_columns(pl.lit("False").alias("Block credential")), truth)


def measure(given: Corpus) -> tuple[dict[str, tuple[int, int, int]], tuple[float, float], str]:
    """Kind -> (users, first place, among five), the seconds that suggesting took (wall, CPU), the convention in words."""
    result = t2t.generate(source_full=given.source, destination_directory=given.destination)
    learnt = convention(result)
    began = time.perf_counter(), time.process_time()
    found = suggest(result)
    seconds = time.perf_counter() - began[0], time.process_time() - began[1]
    named = found.with_columns(source=result.facts.frame["upn"].gather(found["user"]))
    ranks = {
        (source, destination): rank
        for source, destination, rank in named.select("source", "destination", "rank").iter_rows()
    }
    held = set(result.accounting.filter(pl.col("disposition") == "held")["source"])
    users: Counter[str] = Counter()
    first: Counter[str] = Counter()
    five: Counter[str] = Counter()
    for source, (destination, kind) in given.truth.items():
        if source in held:
            rank = ranks.get((source, destination), 99)
            users[kind] += 1
            first[kind] += rank == 1
            five[kind] += rank <= 5
    return {kind: (users[kind], first[kind], five[kind]) for kind in KINDS}, seconds, learnt.words if learnt else "none"


def main() -> None:
    """Print the tables."""
    sizes = [tuple(map(int, sys.argv[1:3]))] if len(sys.argv) > 2 else [(10_000, 100_000), (10_000, 1_000_000)]
    for left_over, candidates in sizes:
        given = corpus(left_over, candidates)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        rates, seconds, learnt = measure(given)
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{left_over:,} left-over users, {given.destination.height:,} candidates; convention: {learnt}")
        total, first, five = (sum(row[n] for row in rates.values()) for n in range(3))
        for kind, row in {**rates, "all": (total, first, five)}.items():
            shares = f"first {row[1] / max(1, row[0]):6.1%}   among five {row[2] / max(1, row[0]):6.1%}"
            print(f"  {kind:22} {row[0]:6,} users   {shares}")
        print(
            f"suggest: {seconds[0]:.1f} s, CPU {seconds[1]:.1f} s; peak memory {after:,.0f} MB, {before:,.0f} MB before it"
        )


if __name__ == "__main__":
    main()
