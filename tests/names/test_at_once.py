"""Many pairs judged at once say what each pair says alone."""

import random

import polars as pl
import pytest

from t2t_mapping.names.at_once import judged
from t2t_mapping.names.judge import judge

# Words that are each other's short forms, spellings, initials and parts, the placeholders themselves, and generations.
WORDS = (
    "xx yy ann anne anna alee lee jo joe john jon jonathan jr sr ii iii max maximilian a b m mary maryann ste veash steve nash "
    "steven ash de la cruz delacruz sergey sergei smith smyth s william bill will robert bob müller mueller muller 2 anna-maria"
).split()


def changed(words: list[str], chance: random.Random) -> list[str]:
    """The same name, or one that differs in a word, in their number or in their order."""
    words, way = list(words), chance.random()
    at = chance.randrange(len(words))
    if way < 0.5:
        words[at] = chance.choice(WORDS)
    elif way < 0.65:
        words.insert(at, chance.choice(WORDS))
    elif way < 0.75 and len(words) > 1:
        del words[at]
    elif way < 0.85:
        chance.shuffle(words)
    return words


@pytest.mark.parametrize("seed", range(4))
def test_as_one_by_one(seed: int) -> None:
    """Whatever differs, whatever is known of the order."""
    chance = random.Random(seed)
    pairs: list[tuple[str | None, str | None, bool]] = [(None, "ann lee", False), ("ann lee", None, True)]
    for _ in range(5_000):
        name = [chance.choice(WORDS) for _ in range(chance.choice((1, 2, 2, 2, 3, 3, 3, 4)))]
        pairs.append((" ".join(name), " ".join(changed(name, chance)), chance.random() < 0.3))
    table = pl.DataFrame(pairs, schema={"left": pl.String, "right": pl.String, "ordered": pl.Boolean}, orient="row")
    together = judged(table["left"], table["right"], table["ordered"]).to_list()
    assert together == [judge(left, right, ordered=ordered) for left, right, ordered in pairs]
    assert len(set(together)) == 4


def test_nobody() -> None:
    """No pairs have no verdicts."""
    assert judged(pl.Series([], dtype=pl.String), pl.Series([], dtype=pl.String)).is_empty()
