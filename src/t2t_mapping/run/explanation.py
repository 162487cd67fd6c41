"""The error file that the service returns, read in whatever layout it comes, and tied to lines, users and fixes.

Only the messages are documented, not the file around them. So the messages are looked for anywhere in the text, and what
is left over is shown as not understood; nothing is dropped.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping import upn as upns
from t2t_mapping.catalogue import CATALOGUE
from t2t_mapping.choices import FailOn, Profile, one_of
from t2t_mapping.errors import InputError, Problem, printable
from t2t_mapping.mapping.encoding import decode
from t2t_mapping.mapping.lines import BLANKS
from t2t_mapping.mapping.service_messages import Said, read_messages
from t2t_mapping.outputs.files import findings_json
from t2t_mapping.outputs.notebook import tables_html, tables_text
from t2t_mapping.run.validation import AnyMapping, Validation, read_mapping_bytes, validate

__all__ = ["Explanation", "explain"]

_OF_THE_WHOLE_FILE = ("M501", "M502", "M503", "M509")
_REASONS = {
    "M504": "These lines are not one source and one destination.",
    "M505": "The address has no form that the service takes.",
    "M506": "The same address stands on several lines.",
    "M507": "Source and destination are the same address.",
}
_SHIFTED = "The service counts without the header here; these are the lines of the file."
_NOWHERE = "No line of this mapping holds it: is it the file that was uploaded?"
_OTHER_FILE = "This mapping says something else there: is it the file that was uploaded?"


@dataclass(frozen=True, eq=False, repr=False)
class Explanation:
    """What an error file says.

    Attributes:
        findings: One row per message: our code, the lines, the user, what happened, what to do; the columns of
            `findings.csv`.
        not_understood: Every other text of the file, piece by piece.
        summary: The counts: `messages, not_understood, codes`.
    """

    findings: pl.DataFrame
    not_understood: tuple[str, ...]
    summary: dict[str, Any]

    def __repr__(self) -> str:
        return tables_text(
            "Explanation", {"messages": self.findings.height, "not understood": len(self.not_understood)}
        )

    def _repr_html_(self) -> str:
        words = f"{self.findings.height:,} messages of the service."
        left = pl.DataFrame({"text": self.not_understood}, schema={"text": pl.String})
        messages = self.findings.select("code", "lines", "upn", "message", "fix")
        messages = messages.with_columns(pl.col("lines").cast(pl.List(pl.String)).list.join(", "))
        return tables_html(words, {"Messages": messages, "Not understood": left})

    def exit_status(self, fail_on: FailOn = "error") -> int:
        """1 if the file reports any error or says anything that is not understood, unless `fail_on` is `never`."""
        one_of(fail_on, FailOn, "fail_on")
        return 0 if fail_on == "never" else int(self.findings.height > 0 or bool(self.not_understood))

    def json(self) -> bytes:
        """The object of `--format json`: that of `generate`, with `not_understood`."""
        body = findings_json(self.summary, self.findings, {}, {}).rstrip().removesuffix(b"}")
        return body + f',\n"not_understood": {json.dumps(list(self.not_understood), ensure_ascii=False)}}}\n'.encode()


def explain(
    errors: str | Path | bytes, mapping: AnyMapping | None = None, *, profile: Profile = "self-service"
) -> Explanation:
    """Read an error file of the service, or a copy of what a console showed.

    Args:
        errors: Its path, or its bytes.
        mapping: The mapping that was uploaded; with it every message gets its users, and the general message its reason.

    Raises:
        InputError: A file cannot be read at all.
    """
    problems: list[Problem] = []
    data, judged = b"", None
    label = "errors" if isinstance(errors, bytes) else Path(errors).as_posix()
    try:
        data = errors if isinstance(errors, bytes) else read_mapping_bytes(Path(errors), label)
    except InputError as error:
        problems += error.problems
    try:
        judged = None if mapping is None else validate(mapping, profile=profile)
    except InputError as error:
        problems += error.problems
    if problems:
        raise InputError(*problems)
    said = read_messages(decode(data))
    messages = [message for message in said if message.code is not None]
    book = None if judged is None else _Book(judged, messages)
    rows = [_finding(message, book) for message in messages]
    found = pl.DataFrame(rows, schema=fnd.render(fnd.empty()).schema).unique(maintain_order=True)
    found = found.with_columns(upns.show_text(pl.col("upn", "message")))
    unknown = tuple(_shown(message.text) for message in said if message.code is None)
    summary = {"messages": found.height, "not_understood": len(unknown), "codes": fnd.counts(found)}
    return Explanation(found, unknown, summary)


class _Book:
    """What the mapping says where the messages point; looked up once for all of them."""

    def __init__(self, judged: Validation, messages: list[Said]) -> None:
        self.judged = judged
        cells = [pl.col(side).str.strip_chars(BLANKS) for side in ("source", "destination")]
        bare = judged.rows.select("line", *(pl.coalesce(upns.fold(cell), cell) for cell in cells))
        wanted = {_folded(message.address) for message in messages if message.address is not None}
        hits = bare.filter(pl.any_horizontal(pl.col("source", "destination").is_in(list(wanted))))
        self.where: dict[str, list[int]] = {}
        for line, *pair in hits.iter_rows():
            for address in wanted.intersection(pair):
                self.where.setdefault(address, []).append(line)
        self.same = set(bare.filter(pl.col("source") == pl.col("destination"))["line"])
        asked = {line + shift for message in messages for line in message.lines for shift in (0, 1)}
        lines = asked.union(hits["line"])
        kept = judged.rows.filter(pl.col("line").is_in(list(lines)))
        self.pairs = {line: f"{source},{destination}" for line, source, destination in kept.iter_rows()}
        self.not_pairs = {line for line in asked if line <= judged.summary["lines"] and line not in self.pairs}

    def placed(self, said: Said) -> tuple[list[int], str]:
        """The lines of the file that a message is about, and what does not fit: how the service counts is not documented."""
        named = list(said.lines)
        if said.address is not None:
            holding = self.where.get(_folded(said.address), [])
            if not holding:
                return named, _OTHER_FILE if named else _NOWHERE
            fitting = set(holding)
        else:
            fitting = self.same if said.code == "M507" else self.not_pairs
        if not named:
            return (sorted(fitting) if said.address is not None else []), ""
        if fitting.issuperset(named):
            return named, ""
        following = [line + 1 for line in named]
        return (following, _SHIFTED) if fitting.issuperset(following) else (named, _OTHER_FILE)

    def users(self, lines: list[int]) -> str:
        """`: ann@contoso.com,ann@fabrikam.com` for the first few lines, as the mapping has them."""
        pairs = [self.pairs[line] for line in lines if line in self.pairs][:5]
        return f": {'; '.join(upns.show(pair) for pair in pairs)}" if pairs else ""


def _folded(address: str) -> str:
    address = address.strip(BLANKS)
    return address.lower() if address.isascii() else address


def _shown(text: str) -> str:
    """Text that is safe to print: letters stay, what is invisible is named."""
    return "".join(character if character.isprintable() else f"<U+{ord(character):04X}>" for character in text)


def _finding(said: Said, book: _Book | None) -> dict[str, Any]:
    code = str(said.code)
    lines, note = (list(said.lines), "") if book is None else book.placed(said)
    if code in _REASONS:
        reason = _REASONS[code]
    else:
        code, reason = _of_the_whole(None if book is None else book.judged)
    users = "" if book is None else book.users(lines)
    where = f" On line {', '.join(map(str, lines[:20]))}{users}." if lines else ""
    return {
        "code": code,
        "name": CATALOGUE[code].name,
        "severity": "error",
        "side": "mapping",
        "lines": lines or None,
        "upn": said.address or None,
        "message": f"{reason}{where}{f' {note}' if note else ''} The service says: {printable(said.text)}",
        "fix": CATALOGUE[code].fix,
    }


def _of_the_whole(judged: Validation | None) -> tuple[str, str]:
    """The general message has two documented causes, and a few more in practice; the mapping tells which."""
    if judged is None:
        return (
            "M502",
            "The file has a wrong name, or its columns are not separated by commas. Give the mapping to know more.",
        )
    causes = judged.findings.filter(
        pl.col("code").cast(pl.String).is_in(_OF_THE_WHOLE_FILE) & (pl.col("severity") == "error")
    )
    if causes.is_empty():
        return (
            "M501",
            "The file's content is well-formed; it was uploaded under another name, or is not the one given here.",
        )
    code = str(causes["code"][0])
    told = " ".join(message.split(" The service says")[0] for message in causes["message"])
    return code, f"{told} ({', '.join(CATALOGUE[str(c)].name for c in causes['code'].unique(maintain_order=True))})"
