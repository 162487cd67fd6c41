"""What a decision was based on: written into the review workbook, compared when the workbook comes back.

A short JSON text in a hidden cell of every row, readable, so that a stale decision can be refused with words that say what
has changed: `{"source": {"names": ["Anna Smith"], "enabled": true, ...}, "candidates": {"asmith@fabrikam.com": {...}}}`.
What is not known is left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import polars as pl

from t2t_mapping import names

__all__ = ["COLUMNS", "changes", "facts", "read", "stale", "write"]

COLUMNS = ("full_name", "other_names", "enabled", "licensed", "kind", "deleted")
"""The columns that facts are made of; those of a destination user carry the prefix `d_` in the frame of facts."""

_WRITER = json.JSONEncoder(ensure_ascii=False)  # one for all: thousands of texts
_MOST_NAMES, _LONGEST = 5, 200
# What a state is called: yes, no, not known; before and after.
_THEN = {
    "enabled": {True: "was enabled then", False: "was disabled then", None: "was not known to be enabled then"},
    "licensed": {
        True: "had a licence then",
        False: "had no licence then",
        None: "was not known to have a licence then",
    },
}
_NOW = {
    "enabled": {True: "is enabled now", False: "is disabled now", None: "is no longer known to be enabled"},
    "licensed": {True: "has one now", False: "has none now", None: "is no longer known to have one"},
}


def facts(row: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """The facts of one user.

    Args:
        row: Has `COLUMNS`, each with the prefix.
    """
    listed = [row[f"{prefix}full_name"], *(row[f"{prefix}other_names"] or ())]
    found: dict[str, Any] = {"names": [name[:_LONGEST] for name in listed if name][:_MOST_NAMES]}
    for column in COLUMNS[2:]:
        if row[f"{prefix}{column}"] is not None:
            found[column] = row[f"{prefix}{column}"]
    return found


def write(source: Mapping[str, Any], candidates: Mapping[str, Mapping[str, Any]], ready: str = "") -> str:
    """One text for the hidden cell; characters that a cell cannot hold are escaped as JSON escapes them.

    Args:
        ready: The destination that stands in the row from the start, to tell it from one that a person typed.
    """
    value = {"source": source, "candidates": candidates} | ({"ready": ready} if ready else {})
    text = _WRITER.encode(value)
    return text if text.isprintable() else "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)


def read(text: str) -> dict[str, Any] | None:
    """What `write` wrote; None for anything else."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    parts = value.get("source"), value.get("candidates")
    if not all(isinstance(part, dict) for part in parts):
        return None
    return value if all(isinstance(item, dict) for item in value["candidates"].values()) else None


def changes(then: Mapping[str, Any], now: Mapping[str, Any], *, better_is_fine: bool) -> list[str]:
    """What is different now, in words that follow a subject; empty if a decision still stands.

    Args:
        better_is_fine: Whether a user who was enabled, licensed or restored since may be passed over in silence. A decision
            to map stands all the same (assigning the licence is what was asked for); one to exclude may not.
    """
    found = []
    new = [name for name in now.get("names", ()) if name not in then.get("names", ())]
    if new:
        old = {names.words(str(name)) for name in then.get("names", ())}
        new = [name for name in new if names.words(name) not in old]
    if new:
        before = " / ".join(map(str, then.get("names", ()))) or "nothing"
        found.append(f"was called {before} then and is called {' / '.join(new)} now")
    for column, words in _THEN.items():
        was, is_now = then.get(column), now.get(column)
        if was == is_now or (better_is_fine and is_now is True):
            continue
        found.append(f"{words.get(was, 'was something else then')} and {_NOW[column][is_now]}")
    if then.get("kind") != now.get("kind"):
        found.append(f"was a {then.get('kind')} account then and is a {now.get('kind')} account now")
    if bool(then.get("deleted")) != bool(now.get("deleted")) and not (better_is_fine and not now.get("deleted")):
        found.append("is deleted now" if now.get("deleted") else "is no longer deleted")
    return found


def stale(frame: pl.DataFrame, rules: pl.DataFrame) -> pl.DataFrame:
    """The decisions whose circumstances have changed.

    Args:
        frame: One row per source user: `user`, `upn`, `upn_key`, `rule_line`, `target_key`, `d`, and `COLUMNS` of both sides.
        rules: The rule lines, schema `RULES`; only those that a person decided carry circumstances.

    Returns:
        `user`, `line`, `decision` and `changed`, both in words, `file` and `sheet`.
    """
    schema: dict[str, Any] = {"user": pl.UInt32, "line": pl.UInt32, "decision": pl.String, "changed": pl.String}
    schema |= {"file": pl.String, "sheet": pl.String}
    decided = rules.filter(pl.col("exact") & pl.col("decided") & pl.col("circumstances").is_not_null())
    if decided.is_empty():
        return pl.DataFrame(schema=schema)
    lines = {row["source_key"]: row for row in decided.unique("source_key", keep="first").iter_rows(named=True)}
    found = []
    columns = ["user", "upn", "upn_key", "d", *COLUMNS, *(f"d_{name}" for name in COLUMNS)]
    for user in frame.filter(pl.col("rule_line").is_not_null()).select(columns).iter_rows(named=True):
        line = lines.get(user["upn_key"] or _folded(user["upn"]))
        if line is None:
            continue
        changed = _changed(line, user)
        if changed:
            decision = f"to map to {line['destination']}" if line["destination"] else "to exclude"
            place = (line["file"], line["sheet"])
            found.append((user["user"], line["line"], decision, "; ".join(changed), *place))
    return pl.DataFrame(found, schema=schema, orient="row")


def _folded(text: str | None) -> str | None:
    return text.lower() if text and text.isascii() else text


def _changed(line: Mapping[str, Any], user: Mapping[str, Any]) -> list[str]:
    then = read(line["circumstances"])
    if then is None:
        return ["what it was based on cannot be read: the hidden column Circumstances was edited"]
    to_map = line["destination"] is not None
    found = [f"the user {what}" for what in changes(then["source"], facts(user), better_is_fine=to_map)]
    before = then["candidates"].get(line["destination_key"]) if to_map else None
    if before is not None and user["d"] is not None:
        now = facts(user, "d_")
        found += [f"the destination account {what}" for what in changes(before, now, better_is_fine=True)]
    return found
