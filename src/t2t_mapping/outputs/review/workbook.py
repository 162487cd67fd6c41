"""The review workbook: what a person has to decide, laid out to be worked in. `rules` reads it back.

Here is what stands in it; `review_sheet` knows how it looks. Every visible text is about one user per row; the hidden columns
say whose row it is and what the decision is based on, so that sorting and filtering change nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from t2t_mapping import upn as upns
from t2t_mapping.outputs.review.earlier import Earlier, said_earlier
from t2t_mapping.outputs.review.sheets import DECIDE, EXCLUDED, MAPPED, RULES, Book, Row
from t2t_mapping.outputs.review.summary import WORST, summary
from t2t_mapping.outputs.review.words import ADVICE, FOUND_BY, MOST_DECIDE, TOO_MANY
from t2t_mapping.results.reconciliation import Reconciliation
from t2t_mapping.rules import circumstances
from t2t_mapping.rules.decisions import key_text
from t2t_mapping.suggestions.candidates import suggest
from t2t_mapping.suggestions.conventions import convention
from t2t_mapping.suggestions.offers import offers

__all__ = ["MOST_DECIDE", "MOST_MAPPED", "review_bytes"]

MOST_MAPPED = 5_000

# The ladder's own destination stands ready in the cell only where none of these says that it may be the wrong one.
_NOT_READY = {
    *("R405", "R406", "P301", "P302", "P303", "P307", "P310", "P311", "P312", "P313", "P314", "P315"),
    *("U209", "U211", "U216", "U218"),
}
_SURE, _LEAD = 90, 10  # a guess stands ready if it is as good as this, and so much better than the next
_MOST_LISTED = 10
_NOBODY = "No similar free account was found."


def review_bytes(result: Reconciliation) -> bytes:
    """The workbook as bytes; the same result gives the same bytes.

    Sheets: Decide (held users, those that can be decided here first, the most dangerous first), Mapped, Excluded, Rules (the
    rule lines that were in force, so that the workbook alone is the next rule table), Summary.
    """
    book = Book()
    said = _said(result)
    held, cut = _held(result)
    candidates = _candidates(result, held)
    earlier = said_earlier(result)
    too_many = TOO_MANY.format(shown=len(held), there=cut) if cut > len(held) else ""
    book.rows(DECIDE, _decide_rows(result, held, said, candidates, earlier), too_many)
    mapped = result.facts.frame.filter(result.dispositions == "mapped")
    book.rows(
        MAPPED, _mapped_rows(mapped.head(MOST_MAPPED), result, earlier), _left_out("mapped", mapped.height, MOST_MAPPED)
    )
    excluded = result.facts.frame.filter(result.dispositions == "excluded")
    book.rows(
        EXCLUDED,
        _excluded_rows(excluded.head(MOST_MAPPED), result, earlier),
        _left_out("excluded", excluded.height, MOST_MAPPED),
    )
    if result.rules.frame.height:
        book.rows(RULES, _rule_rows(result.rules.frame), "")
    book.summary(summary(result, convention(result), offers(result), too_many))
    return book.bytes()


def _left_out(what: str, there: int, shown: int) -> str:
    if there <= shown:
        return ""
    return f"These are {shown:,} of {there:,} {what} users. All of them are in accounting.csv."


# --- what is known of each user ---------------------------------------------------------------------------------------


def _said(result: Reconciliation) -> dict[Any, list[tuple[str, str, str]]]:
    """User (or, without an address, the place of the row) -> (code, severity, message) of every finding on it."""
    about = result.findings.filter(
        pl.col("severity").is_in(["error", "warning", "info"])
        & ~((pl.col("code") == "I106") & (pl.col("side") == "destination"))
    )
    said: dict[Any, list[tuple[str, str, str]]] = {}
    columns = "upn file sheet row code severity message".split()
    for upn, file, sheet, row, *finding in about.select(columns).iter_rows():
        code, severity, message = finding
        key = upn if upn is not None else (file, sheet, row)
        told = said.setdefault(key, [])
        if (code, severity, message) not in told:
            told.append((code, severity, message))
    return said


def _findings_of(user: dict[str, Any], said: dict[Any, list[tuple[str, str, str]]]) -> list[tuple[str, str, str]]:
    by_name = said.get(user["upn"] or user["full_name"], [])
    return by_name or said.get((user["file"], user["sheet"], user["row"]), [])


def _held(result: Reconciliation) -> tuple[list[int], int]:
    """Positions of the held users in the order of the sheet, as many as it takes; and how many there are."""
    held = result.accounting.with_row_index("user").filter(pl.col("disposition") == "held")
    errors = result.findings.filter(pl.col("severity") == "error").select("upn", code=pl.col("code").cast(pl.String))
    ranks = pl.DataFrame(
        [(code, rank, kind == "repair") for rank, (code, (kind, _)) in enumerate(ADVICE.items())],
        schema={"code": pl.String, "worst": pl.UInt8, "outside": pl.Boolean},
        orient="row",
    )
    worst = errors.join(ranks, on="code").group_by("upn").agg(pl.col("worst").min(), pl.col("outside").any())
    order = (
        held.join(worst, left_on="source", right_on="upn", how="left", maintain_order="left")
        .with_columns(pl.col("outside").fill_null(value=True), pl.col("worst").fill_null(len(ADVICE)))
        .sort("outside", "worst", "source", "user", nulls_last=True)
    )
    return order["user"].head(MOST_DECIDE).to_list(), held.height


def _candidates(result: Reconciliation, held: list[int]) -> dict[int, list[dict[str, Any]]]:
    """User -> the candidates, best first: address, name, score and evidence, and the facts of each account."""
    users = pl.Series("user", held, dtype=pl.UInt32)
    rows = suggest(result, users=users).select("user", "destination", "score", "evidence")
    frame = result.facts.frame
    settled = frame.filter(
        pl.col("user").is_in(users.implode())
        & ~pl.col("user").is_in(rows["user"].unique().implode())
        & pl.col("target").is_not_null()
    ).select(
        "user",
        destination="target",
        score=pl.lit(None, dtype=pl.UInt8),
        evidence=pl.col("rung").cast(pl.String).replace_strict(FOUND_BY, return_dtype=pl.String),
    )
    rows = pl.concat([rows, settled]).with_columns(key=upns.key(pl.col("destination")))
    listed = result.facts.destination
    columns = ("upn_key", *circumstances.COLUMNS)
    if listed is None:
        listed = frame.clear()
    rows = rows.join(listed.select(columns), left_on="key", right_on="upn_key", how="left", maintain_order="left")
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows.iter_rows(named=True):
        found.setdefault(row["user"], []).append(row)
    return {user: several[:_MOST_LISTED] for user, several in found.items()}


# --- the rows of each sheet -------------------------------------------------------------------------------------------


def _users(frame: pl.DataFrame) -> Iterator[dict[str, Any]]:
    columns = (
        "user upn upn_key file sheet row target target_key rung rule_line d".split()
        + list(circumstances.COLUMNS)
        + [f"d_{column}" for column in circumstances.COLUMNS if f"d_{column}" in frame.columns]
    )
    return frame.select(columns).iter_rows(named=True)


def _source(user: dict[str, Any]) -> str:
    return user["upn"] if user["upn_key"] else upns.show(user["upn"] or "")


def _key(user: dict[str, Any]) -> str:
    return key_text(user["upn"], user["upn_key"]) if user["upn"] else ""


def _decide_rows(
    result: Reconciliation,
    held: list[int],
    said: dict[Any, list[tuple[str, str, str]]],
    candidates: dict[int, list[dict[str, Any]]],
    earlier: Earlier,
) -> Iterator[Row]:
    everybody = [message for code, _, message in said.get((None, None, None), []) if code == "I109"]
    for user in _users(result.facts.frame[held]):
        found = [(code, text) for code, severity, text in _findings_of(user, said) if severity == "error"]
        found.sort(key=lambda item: WORST.get(item[0], len(WORST)))
        found = [("I109", text) for text in everybody] + found
        remarks = [text for _, severity, text in _findings_of(user, said) if severity == "warning"]
        codes = [code for code, _ in found]
        mine = candidates.get(user["user"], [])
        kind = ADVICE.get(codes[0], ("repair", ""))[0] if codes else "repair"
        before = earlier.of(user)
        unknown = before.chosen and "U211" in codes
        if unknown:  # what was chosen exists nowhere, and is no candidate
            mine = [item for item in mine if item["destination"].lower() != before.chosen.lower()]
        offered = [item["key"] or item["destination"] for item in mine]
        meant = earlier.meant(before.chosen, (*before.candidates, *offered)) if unknown else ""
        old = (
            [address for address in before.candidates if address not in (*offered, meant)]
            if unknown or not mine
            else []
        )
        ready = _ready(user, codes, mine)
        yield Row(
            [
                _source(user),
                user["full_name"] or "",
                before.decision,
                before.destination or ready,
                before.note,
                " ".join(dict.fromkeys(codes)),
                "\n".join(
                    [before.words] * bool(before.words)
                    + [text for _, text in found]
                    + [f"Also: {text}" for text in remarks]
                ),
                "\n".join(
                    [f"Did you mean {meant}?"] * bool(meant)
                    + [_shown(number, candidate) for number, candidate in enumerate(mine, 1)]
                    + [f"{address}: offered in the earlier workbook" for address in old]
                )
                or (_NOBODY if "U211" in codes else ""),
                _key(user),
                circumstances.write(
                    circumstances.facts(user),
                    {item["key"] or item["destination"]: circumstances.facts(item) for item in mine if item["kind"]},
                    ready,
                ),
            ],
            kind,
            [*([meant] if meant else []), *(candidate["destination"] for candidate in mine), *old],
        )


def _shown(number: int, candidate: dict[str, Any]) -> str:
    name = f" ({candidate['full_name']})" if candidate["full_name"] else ""
    score = "" if candidate["score"] is None else f", {candidate['score']} of 100"
    return f"{number}. {candidate['destination']}{name}{score}: {candidate['evidence']}"


def _ready(user: dict[str, Any], codes: list[str], candidates: list[dict[str, Any]]) -> str:
    """The destination that stands in the cell from the start: where nothing says that it may be the wrong person."""
    if user["target"] and _NOT_READY.isdisjoint(codes):
        return str(user["target"])
    if codes != ["U211"] or not candidates or user["target"]:
        return ""
    scores = [candidate["score"] or 0 for candidate in candidates] + [0]
    good = scores[0] >= _SURE and scores[0] - scores[1] >= _LEAD
    return str(candidates[0]["destination"]) if good else ""


def _mapped_rows(frame: pl.DataFrame, result: Reconciliation, earlier: Earlier) -> Iterator[Row]:
    codes = result.accounting["codes"].gather(frame["user"]).fill_null("").to_list()
    for user, remarks in zip(_users(frame), codes, strict=True):
        there = {user["target_key"]: circumstances.facts(user, "d_")} if user["d"] is not None else {}
        before = earlier.of(user)
        yield Row(
            [
                _source(user),
                user["full_name"] or "",
                before.decision,
                before.destination,
                before.note,
                user["target"] or "",
                user.get("d_full_name") or "",
                FOUND_BY.get(user["rung"], ""),
                remarks.replace(";", " "),
                _key(user),
                circumstances.write(circumstances.facts(user), there),
            ]
        )


def _excluded_rows(frame: pl.DataFrame, result: Reconciliation, earlier: Earlier) -> Iterator[Row]:
    why = result.accounting.select("reason", "codes")[frame["user"]]
    for user, reason, codes in zip(_users(frame), why["reason"], why["codes"], strict=True):
        before = earlier.of(user)
        yield Row(
            [
                _source(user),
                user["full_name"] or "",
                before.decision,
                before.destination,
                before.note,
                reason or "",
                (codes or "").replace(";", " "),
                _key(user),
                circumstances.write(circumstances.facts(user), {}),
            ]
        )


def _rule_rows(rules: pl.DataFrame) -> Iterator[Row]:
    for line in rules.iter_rows(named=True):
        odd = line["exact"] and (upns.show(line["source"]) != line["source"] or "*" in line["source"])
        yield Row(
            [
                upns.show(line["source"]) if odd else line["source"],
                "map" if line["destination"] else "exclude",
                line["destination"] or "",
                line["note"] or "",
                "yes" if line["decided"] else "",
                key_text(line["source"], None) if odd else "",
                line["circumstances"] or "",
            ]
        )
