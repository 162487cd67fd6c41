"""The error report that the service returns, in whatever layout it comes, tied to lines, users, records and fixes.

Only the messages and result codes are documented, not the file around them. So they are looked for anywhere in the text,
and what is left over is shown as not understood, with the users that it names; nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping import upn as upns
from t2t_mapping.catalogue import CATALOGUE
from t2t_mapping.choices import FailOn, Profile, one_of
from t2t_mapping.errors import InputError, OutputError, Problem, UsageError, printable
from t2t_mapping.mapping.dialects import FILE_NAME, mapping_bytes
from t2t_mapping.mapping.encoding import decode
from t2t_mapping.mapping.registry import listing
from t2t_mapping.mapping.service_messages import Said
from t2t_mapping.mapping.service_report import read_report
from t2t_mapping.outputs.files import findings_json, store
from t2t_mapping.outputs.handout import HandedOn, Handout, Sheet
from t2t_mapping.outputs.notebook import tables_html, tables_text
from t2t_mapping.read.recognise import KINDS, kind_of
from t2t_mapping.run.exports import ExportKeywords, Exports, Many, shows_keywords
from t2t_mapping.run.mapping_source import AnyMapping, mapping_data
from t2t_mapping.run.reading import read_sides
from t2t_mapping.run.uploaded import Place, Uploaded
from t2t_mapping.run.validation import Validation, validate
from t2t_mapping.wording import counted

__all__ = ["Explanation", "explain"]

_OF_THE_WHOLE_FILE = ("M501", "M502", "M503", "M509")
_REASONS = {
    "M504": "These lines are not one source and one destination.",
    "M505": "The address is not in a format that the service accepts.",
    "M506": "The same address is on several lines.",
    "M507": "Source and destination are the same address.",
}
_RETRYABLE = "RetryableError"


@dataclass(frozen=True, eq=False, repr=False)
class Explanation(HandedOn):
    """What an error report says.

    Attributes:
        findings: One row per message: our code, the lines, the user, what happened, what to do; the columns of
            `findings.csv`.
        not_understood: Every other text of the file, piece by piece, with the users that it names.
        notes: What else was understood: the answers of a console, users without a message, what `retry` did.
        summary: The counts: `messages, not_understood, results, retry, codes`; `failed`: the service said that it failed.
        retry: Where the lines of the users with `RetryableError` were written; None when they were not.
    """

    findings: pl.DataFrame
    not_understood: tuple[str, ...]
    summary: dict[str, Any]
    notes: tuple[str, ...] = ()
    retry: Path | None = None

    def handout(self) -> Handout:
        """What each message means, and which texts were not understood."""
        number, left = self.findings.height, len(self.not_understood)
        if number or left or self.summary["failed"]:
            verdict = (
                "nothing",
                "The service refused the file",
                f"{number:,} message{'s' * (number != 1)}, {left:,} text{'s' * (left != 1)} not understood.",
            )
        else:
            verdict = ("ready", "No error", "The file reports nothing that is known as an error.")
        return Handout(
            "What the service answered",
            verdict,
            [
                ("held", "messages", number, "of the service"),
                ("excluded", "not understood", left, "texts to read yourself"),
            ],
            self.findings,
            sheets=(
                Sheet("Messages", "messages.csv", self.findings.select("code", "lines", "upn", "message", "fix")),
                Sheet("Not understood", "not-understood.csv", self._left()),
                Sheet("Also said", "notes.csv", pl.DataFrame({"text": self.notes}, schema={"text": pl.String})),
            ),
        )

    def _left(self) -> pl.DataFrame:
        return pl.DataFrame({"text": self.not_understood}, schema={"text": pl.String})

    def __repr__(self) -> str:
        return tables_text(
            "Explanation", {"messages": self.findings.height, "not understood": len(self.not_understood)}
        )

    def _repr_html_(self) -> str:
        words = f"{self.findings.height:,} messages of the service."
        messages = self.findings.select("code", "lines", "upn", "message", "fix")
        messages = messages.with_columns(pl.col("lines").cast(pl.List(pl.String)).list.join(", "))
        return tables_html(words, {"Messages": messages, "Not understood": self._left()})

    def exit_status(self, fail_on: FailOn = "error") -> int:
        """1 if the service reports anything at or above `fail_on`, a failure, or what is not understood; else 0."""
        one_of(fail_on, FailOn, "fail_on")
        if fail_on == "never":
            return 0
        bad = fnd.at_least(self.findings, fail_on).height > 0
        return int(bad or bool(self.not_understood) or bool(self.summary["failed"]))

    def json(self) -> bytes:
        """The object of `--format json`: that of `generate`, with `not_understood` and `notes`."""
        outputs = {} if self.retry is None else {self.retry.name: self.retry.as_posix()}
        more = {"not_understood": list(self.not_understood), "notes": list(self.notes)}
        return findings_json(self.summary, self.findings, {}, outputs, **more)


@shows_keywords(ExportKeywords)
def explain(
    errors: AnyMapping,
    mapping: AnyMapping | None = None,
    source: Exports | Many | None = None,
    destination: Many | None = None,
    *,
    profile: Profile = "self-service",
    retry: str | Path | None = None,
    progress: Callable[[str], None] | None = None,
    **keywords: Unpack[ExportKeywords],
) -> Explanation:
    """Read an error report of the service, or a copy of what a console showed.

    Args:
        errors: The report: a path, bytes, or a file object.
        mapping: The mapping that was uploaded (or its run folder); with it every message gets its users, and the general
            message its reason.
        source: Exports of the source, as `generate` takes them, or all exports as one `Exports`. They tell whose
            systemuserid or object id stands in the report, and the users' names.
        destination: Exports of the destination.
        profile: The format of the mapping.
        retry: Where to write the lines of the users with `RetryableError`. It needs the mapping.
        progress: Called with a short text whenever a step is done, possibly from another thread.
        source_full: Exports of the source view Full Access Users.
        source_admin: Exports of the source view Administrative Access Users.
        source_directory: Accounts of the source tenant.
        destination_full: Exports of the destination view Full Access Users.
        destination_admin: Exports of the destination view Administrative Access Users.
        destination_directory: Accounts of the destination tenant.
        sheet: The sheet to read where a workbook has several that list users.

    Raises:
        InputError: A file cannot be read at all, or is something else than an error report (its command is named).
        OutputError: The file for the retry exists already, or cannot be written.
        UsageError: `retry` without a mapping.
    """
    one_of(profile, Profile, "profile")
    given = Exports.of(source, destination, keywords)
    if retry is not None and mapping is None:
        raise UsageError("The lines to run again come from the mapping: give it, too (`--mapping usermapping.csv`).")
    target = None if retry is None else _free(Path(retry))
    problems: list[Problem] = []
    data, judged, sides = b"", None, None
    try:
        data = _report(errors, mapping, profile)
    except InputError as error:
        problems += error.problems
    try:
        judged = None if mapping is None else validate(mapping, profile=profile)
    except InputError as error:
        problems += error.problems
    try:
        sides = read_sides(given, need_source=False, progress=progress) if given else None
    except InputError as error:
        problems += error.problems
    if problems:
        raise InputError(*problems)
    said = read_report(decode(data))
    rows, height = (None, 0) if judged is None else (judged.rows, judged.summary["lines"])
    uploaded = Uploaded(rows, height, sides, said)
    placed = [(one, uploaded.place(one)) for one in said if one.code is not None]
    found = pl.DataFrame(
        [_finding(one, place, judged) for one, place in placed], schema=fnd.render(fnd.empty()).schema
    ).unique(maintain_order=True)
    found = found.with_columns(upns.show_text(pl.col("upn", "message")))
    unknown = tuple(_not_understood(one, uploaded.place(one)) for one in said if one.code is None and _is_unknown(one))
    again = [place for one, place in placed if one.result is not None and one.result.name == _RETRYABLE]
    notes = _notes(said)
    fixed = None
    if target is not None and judged is not None:
        fixed, words = _write_again(again, judged, profile, target)
        notes.append(words)
    summary = {
        "messages": found.height,
        "not_understood": len(unknown),
        "results": _tally(said),
        "retry": len(again),
        "failed": any(one.answer is not None and one.answer.failed for one in said),
        "codes": fnd.counts(found),
    }
    return Explanation(found, unknown, summary, tuple(notes), fixed)


def _report(errors: AnyMapping, mapping: AnyMapping | None, profile: str) -> bytes:
    """The bytes of the report.

    Raises:
        InputError: It is empty, or something else; what is said then names the command that takes it.
    """
    data, label = mapping_data(errors, profile, "errors")
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        fix = "If the download is complete, the service has reported nothing. Ask for the state of the move."
        raise InputError(Problem("I101", "The error report is empty.", fix, side="errors", file=label))
    kind = kind_of(data)
    if kind is None or kind == KINDS["error-report"]:
        return data
    words, fix = f"{kind} It is not the service's error report.", kind.taker
    if mapping is not None and _is_report(mapping, profile):
        words = f"{kind} The file given as the mapping is the service's error report: the two are swapped."
        fix = "Give the error report first and the mapping with `--mapping`."
    raise InputError(Problem("I101", words, fix, side="errors", file=label))


def _is_report(mapping: AnyMapping, profile: str) -> bool:
    try:
        return kind_of(mapping_data(mapping, profile)[0]) == KINDS["error-report"]
    except InputError:
        return False


def _free(target: Path) -> Path:
    if target.exists() or target.is_symlink():
        raise OutputError(f"{target} exists already. Choose another name for `retry`.")
    return target


def _is_unknown(said: Said) -> bool:
    return said.answer is None and not said.silent


def _notes(said: Sequence[Said]) -> list[str]:
    """What is no fault, each once."""
    notes = []
    for one in said:
        if one.answer is not None:
            dates = f" (article of {' and '.join(one.answer.articles)})" if one.answer.articles else ""
            notes.append(f"{printable(one.text)}: {one.answer.means}{dates}")
    silent = sum(one.silent for one in said)
    if silent:
        notes.append(f"{counted(silent, 'line')} with users, but without a message.")
    return list(dict.fromkeys(notes))


def _tally(said: Sequence[Said]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for one in said:
        if one.result is not None:
            counted[one.result.name] = counted.get(one.result.name, 0) + 1
    return counted


def _write_again(again: Sequence[Place], judged: Validation, profile: str, target: Path) -> tuple[Path | None, str]:
    """The lines of the users who may be tried once more, as a mapping of their own."""
    lines = sorted({line for place in again for line in place.lines})
    rows = judged.rows.filter(pl.col("line").is_in(lines)).unique(["source", "destination"], maintain_order=True)
    if rows.is_empty():
        reason = "none of them is on a line of this mapping" if again else "no user has RetryableError"
        return None, f"Nothing was written to {target}: {reason}."
    plain = rows.with_columns(pl.col("source", "destination").str.strip_chars(' \t"'))
    store(target.parent, {target.name: mapping_bytes(plain, profile)})
    missing = sum(not place.lines for place in again)
    lost = f" {missing:,} of the users are on no line of this mapping." if missing else ""
    name = "" if target.name == FILE_NAME or profile != "self-service" else f" Upload it under the name {FILE_NAME}."
    return target, f"{counted(rows.height, 'line')} to run again: {target}.{lost}{name}"


def _not_understood(said: Said, place: Place) -> str:
    """The text, and after it the users that it names."""
    text = "".join(c if c.isprintable() else f"<U+{ord(c):04X}>" for c in said.text)
    where = _where(place)
    return f"{text} ({where})" if where and ((place.words and place.words not in text) or place.lines) else text


def _where(place: Place) -> str:
    lines = listing(list(place.lines)) if place.lines else ""
    return ": ".join(filter(None, (lines, place.words)))


def _finding(said: Said, place: Place, judged: Validation | None) -> dict[str, Any]:
    code, severity, fix = str(said.code), "error", ""
    if said.result is not None:
        result = said.result
        dates = " and ".join(result.articles)
        reason, severity = f"{result.name}: {result.means}.", result.severity
        fix = f"{result.article} (article of {dates}) {result.ours}"
    elif code in _REASONS:
        reason = _REASONS[code]
    else:
        code, reason = _of_the_whole(judged)
    where = _where(place)
    where = where[0].upper() + where[1:] if place.lines else where  # an address stays as it is written
    return {
        "code": code,
        "name": CATALOGUE[code].name,
        "severity": severity,
        "side": "mapping",
        "lines": list(place.lines) or None,
        "upn": place.upn or None,
        "message": f"{reason}{f' {where}.' if where else ''}{f' {place.note}' if place.note else ''} "
        f"The service says: {printable(said.text)}",
        "fix": fix or CATALOGUE[code].fix,
    }


def _of_the_whole(judged: Validation | None) -> tuple[str, str]:
    """The general message has two documented causes, and a few more in practice; the mapping tells which."""
    if judged is None:
        return (
            "M502",
            "The file has a wrong name, or its columns are not separated by commas. Add `--mapping usermapping.csv` to see "
            "which.",
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
    told = " ".join(message.split(" The service would say")[0] for message in causes["message"])
    return code, f"{told} ({', '.join(CATALOGUE[str(c)].name for c in causes['code'].unique(maintain_order=True))})"
