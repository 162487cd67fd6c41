"""What people wrote in earlier workbooks and rule tables about users who are still held: nothing of it is lost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from rapidfuzz import fuzz, process

from t2t_mapping.results.reconciliation import Reconciliation
from t2t_mapping.rules import circumstances

__all__ = ["Earlier", "Said", "said_earlier"]

_NEAR = 88  # of a hundred: a letter or two are different
_MOST_SEARCHED = 200  # mistyped addresses that are looked for among all accounts


@dataclass(frozen=True, slots=True)
class Said:
    """What was written about one user.

    Attributes:
        decision: `later`, or nothing.
        destination: Typed, but not decided.
        note: All notes, each once.
        chosen: The destination that a rule or a decision named.
        words: `You chose … (review.xlsx, sheet Decide, row 5).`
        candidates: The accounts that were offered then.
    """

    decision: str = ""
    destination: str = ""
    note: str = ""
    chosen: str = ""
    words: str = ""
    candidates: tuple[str, ...] = ()


NOTHING = Said()


class Earlier:
    """What was written about whom, and which accounts a mistyped address may mean."""

    def __init__(self, said: dict[str, Said], accounts: Sequence[str]) -> None:
        self._said, self._accounts = said, accounts
        self._searched = 0

    def of(self, user: dict[str, Any]) -> Said:
        """What was written about a user of the frame of facts."""
        return self._said.get(user["upn_key"] or _folded(user["upn"]) or "", NOTHING)

    def meant(self, typed: str, offered: Iterable[str]) -> str:
        """The account whose address is nearly the typed one: of those offered, else of all; empty if there is none."""
        near = process.extractOne(typed.lower(), list(offered), scorer=fuzz.ratio, score_cutoff=_NEAR)
        if near is None and self._searched < _MOST_SEARCHED:
            self._searched += 1
            near = process.extractOne(typed.lower(), self._accounts, scorer=fuzz.ratio, score_cutoff=_NEAR)
        return "" if near is None else str(near[0])


def said_earlier(result: Reconciliation) -> Earlier:
    """Everything that the rules and workbooks of this run say about single users."""
    said: dict[str, Said] = {}
    exact = result.rules.frame.filter("exact").unique("source_key", keep="first", maintain_order=True)
    held = result.accounting.filter(pl.col("disposition") == "held")["source"]
    of_held = pl.col("source_key").is_in(pl.concat([held, held.str.to_lowercase()]).implode())
    about = exact.filter(of_held | pl.col("note").is_not_null())
    for line in about.iter_rows(named=True):
        remembered = circumstances.read(line["circumstances"] or "") or {}
        what = f"You chose {line['destination']}" if line["destination"] else "You chose to exclude this user"
        row = f"line {line['line']}" if line["sheet"] is None else f"sheet {line['sheet']}, row {line['line']}"
        said[line["source_key"]] = Said(
            note=line["note"] or "",
            chosen=line["destination"] or "",
            words=f"{what} ({line['file']}, {row}).",
            candidates=tuple(remembered.get("candidates", ())),
        )
    for key, decision, destination, note in result.rules.pending.iter_rows():
        known = said.get(key, NOTHING)
        notes = dict.fromkeys(text for text in (*known.note.split("\n"), note) if text)
        said[key] = Said(
            decision or known.decision,
            destination or known.destination,
            "\n".join(notes),
            known.chosen,
            known.words,
            known.candidates,
        )
    listed = result.facts.destination
    return Earlier(said, () if listed is None or not said else listed["upn_key"].drop_nulls().to_list())


def _folded(text: str | None) -> str | None:
    return text.lower() if text and text.isascii() else text
