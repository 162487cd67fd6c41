"""What the terminal shows: the findings, worst first, then the sum that adds up, the verdict, what to do next.

Colours only on a terminal that takes them, characters only as far as the console has them.
"""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

import polars as pl

from t2t_mapping.catalogue import CATALOGUE
from t2t_mapping.cli.decisions import decisions_line
from t2t_mapping.mapping.dialects import FILE_NAME
from t2t_mapping.outputs.report import story
from t2t_mapping.rules.files import REVIEW
from t2t_mapping.schema import DISPOSITIONS
from t2t_mapping.wording import counted

if TYPE_CHECKING:
    from t2t_mapping.run.result import Result

__all__ = ["Progress", "findings_text", "generated", "safe", "skipped_text", "wrapped", "writable"]

_WIDTH = 80
_NARROWEST = 40
_WIDEST = 120
_LINES_SHOWN = 8
_CODES_NAMED = 3
_SHOWN = {"fatal": 3, "error": 3, "warning": 1}  # messages per code

_PLAIN = {"…": "...", "–": "-", "—": "-", "−": "-", "→": "->", "×": "x", "“": '"', "”": '"', "’": "'"}
_COLOURS = {
    "fatal": "1;31",
    "error": "1;31",
    "warning": "33",
    "info": "36",
    "mapped": "32",
    "held": "33",
    "excluded": "2",
    "bold": "1",
}


class Progress:
    """What a run that takes longer than a second is doing, on one line of standard error, if that is a terminal.

    Call it with each step that is done; steps may come from any thread. Use it in a `with` statement, or call `done`.
    """

    def __init__(self, form: str = "text", *, after: float = 1.0, every: float = 0.2) -> None:
        self.started = time.monotonic()
        self.steps = 0
        self.last = ""
        self.shown = False
        self._after, self._every = after, every
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        if form == "text" and _is_terminal(sys.stderr):
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()

    def __call__(self, step: str) -> None:
        """A step is done."""
        self.last = safe(step)  # before the count: the line is never ahead of its text
        self.steps += 1

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.done()

    def _run(self) -> None:
        if self._over.wait(self._after):
            return
        while True:
            self.shown = True
            width = _width(sys.stderr) - 1  # a full line would make some consoles scroll
            steps = f"{self.steps} step{'' if self.steps == 1 else 's'} done"
            text = f"{time.monotonic() - self.started:5.1f} s  {steps if self.steps else 'reading'}"
            text = writable(f"{text}: {self.last}" if self.last else text, sys.stderr)
            print(f"\r{text[:width]:<{width}}\r", end="", file=sys.stderr, flush=True)
            if self._over.wait(self._every):
                return

    def done(self) -> None:
        """Clear the line."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
            if self.shown:
                print(f"\r{'':<{_width(sys.stderr) - 1}}\r", end="", file=sys.stderr, flush=True)


# --- what is shown ----------------------------------------------------------------------------------------------------


def generated(result: Result, written: Mapping[str, Path]) -> str:
    """The summary of `generate`: the findings, and at the bottom, where the eye rests, the sum, the verdict, what to do."""
    state, sentence = story.verdict(result)
    word = story.STATES[state].upper()
    colour = {"ready": "mapped", "undecided": "held"}.get(state, "error")
    blocks = [
        findings_text(result.findings),
        skipped_text(result.skipped),
        decisions_line(result.rules.decisions),
        _sum(result),
        _coloured_start(wrapped(f"{word}: {sentence}"), word, colour),
        _next_steps(result, written),
    ]
    return writable("\n\n".join(filter(None, blocks)), sys.stdout)


def _sum(result: Result) -> str:
    """The three kinds of users and how they came there, adding up to the rows of the exports."""
    summary = result.summary
    width = len(f"{summary['users']:,}")
    outcomes = story.outcomes(result)
    remarks = {
        name: ", ".join(f"{outcome.users:,} {_way(outcome)}" for outcome in outcomes if outcome.disposition == name)
        for name in ("mapped", "excluded")
    }
    remarks["held"] = "a person has to decide" if summary["held"] else ""
    duplicates = counted(summary["duplicates"], "duplicate")
    remarks["total"] = f"= {counted(summary['rows'], 'row')} in the exports - {duplicates}"
    lines = []
    for name in (*DISPOSITIONS, "total"):
        number = f"{name:<9} {summary['users' if name == 'total' else name]:>{width},}"
        line = f"{number}   {remarks[name]}" if remarks[name] else number
        lines.append(_coloured_start(wrapped(line, " " * (13 + width)), number, "bold" if name == "total" else name))
    return "\n".join(lines)


def _way(outcome: story.Outcome) -> str:
    """`by the same name before the @`; `administrators not opted in (P309)`."""
    if outcome.reason in CATALOGUE:
        return f"{outcome.label} ({outcome.reason})"
    return f"by {outcome.label}"


def skipped_text(skipped: Mapping[str, str]) -> str:
    """What was not checked, and because of what; a check that could not run has not passed."""
    reasons: dict[str, list[str]] = {}
    for code, reason in skipped.items():
        reasons.setdefault(reason, []).append(code)
    lines = []
    for reason, codes in reasons.items():
        names = ", ".join(
            f"{code} {story.title_of(code)}" if code in CATALOGUE else code for code in codes[:_CODES_NAMED]
        )
        more = f" and {len(codes) - _CODES_NAMED:,} more" if len(codes) > _CODES_NAMED else ""
        lines.append(wrapped(f"Not checked: {names}{more} ({reason})"))
    return "\n".join(lines)


def findings_text(findings: pl.DataFrame) -> str:
    """Per code, worst and most frequent first: how many, the first few messages, what to do. File names stand once."""
    same = findings.unique(["code", "severity", "message"], keep="first", maintain_order=True)
    groups = findings.group_by("code", "severity", maintain_order=True).agg(number=pl.len())
    parts = same.group_by("code", "severity", maintain_order=True).agg(
        different=pl.len(), part=pl.struct("message", "file", "row", "lines", "fix").head(max(_SHOWN.values()))
    )
    groups = groups.join(parts, on=["code", "severity"], maintain_order="left")
    groups = groups.sort("severity", "number", descending=[True, True], maintain_order=True)
    files: dict[str, int] = {}
    for _, severity, _, _, part in groups.iter_rows():
        for row in part[: _SHOWN.get(severity, 0)]:
            if row["file"]:
                files.setdefault(_name(row["file"]), len(files) + 1)
    lines: list[str] = []
    counted = []
    for code, severity, number, different, part in groups.iter_rows():
        entry = CATALOGUE[code]
        head = f"{severity}  {code} {entry.name} ({number:,})"
        if severity == "info":
            counted.append(_coloured_start(head, severity, severity))
            continue
        lines.append(_coloured_start(head, f"{severity}  {code} {entry.name}", severity))
        shown = part[: _SHOWN[severity]]
        lines += [wrapped(f"{row['message']}{_place(row, files)}", "      ", "    ") for row in shown]
        if different > len(shown):
            lines.append(f"    … and {different - len(shown):,} more")
        lines.append(wrapped(f"Fix: {shown[0]['fix']}", "      ", "    "))
    legend = [f"file {number}: {name}" for name, number in files.items()] if len(files) > 1 else []
    legend = [f"Rows and lines are those of {name}" for name in files] if len(files) == 1 else legend
    return writable("\n".join(lines + counted + legend), sys.stdout)


def _name(file: str) -> str:
    return safe(file.replace("\\", "/").rpartition("/")[2])


def _place(row: Mapping[str, Any], files: Mapping[str, int]) -> str:
    """` [file 2, row 24]`; with one file only, ` [row 24]`."""
    parts = [f"file {files[_name(row['file'])]}"] if row["file"] and len(files) > 1 else []
    if row["row"]:
        parts.append(f"row {row['row']}")
    if row["lines"]:
        shown = ", ".join(map(str, row["lines"][:_LINES_SHOWN])) + (" …" if len(row["lines"]) > _LINES_SHOWN else "")
        parts.append(f"line{'' if len(row['lines']) == 1 else 's'} {shown}")
    return f" [{', '.join(parts)}]" if parts else ""


def _next_steps(result: Result, written: Mapping[str, Path]) -> str:
    folder = next(iter(written.values())).parent
    workbook = str(written[REVIEW]) if REVIEW in written else None
    steps = story.next_steps(result, workbook=workbook)
    lines = ["Next:"] if steps else []
    lines += [wrapped(f"{number}. {step}", "     ", "  ") for number, step in enumerate(steps, 1)]
    names = sorted(written, key=lambda name: name != FILE_NAME)
    lines.append(wrapped(f"Written to {folder}: {', '.join(names)}."))
    if "report.html" in written:
        lines.append(wrapped(f"Open the report: {written['report.html']}"))
    return "\n".join(lines)


# --- the terminal itself ----------------------------------------------------------------------------------------------


def _is_terminal(stream: TextIO) -> bool:
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def _width(stream: TextIO) -> int:
    """What the terminal has, within reason. A pipe has 80, so that logs look the same everywhere."""
    columns = shutil.get_terminal_size((_WIDTH, 24)).columns if stream.isatty() else _WIDTH
    return max(_NARROWEST, min(_WIDEST, columns))


def wrapped(text: str, indent: str = "  ", first: str = "") -> str:
    return textwrap.fill(
        text,
        _width(sys.stdout),
        initial_indent=first,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,
    )


def _coloured_start(text: str, start: str, colour: str) -> str:
    """The text with its start coloured, where colours are wanted. Colours come last: they have no width."""
    if not text.startswith(start) or not _colours():
        return text
    return f"\x1b[{_COLOURS[colour]}m{start}\x1b[0m{text[len(start) :]}"


def _colours() -> bool:
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("CLICOLOR") != "0"
    return wanted and _is_terminal(sys.stdout) and _takes_sequences()


def _takes_sequences() -> bool:
    if sys.platform == "win32":  # consoles of Windows take them only when asked to
        import ctypes

        kernel = ctypes.windll.kernel32
        console, mode = kernel.GetStdHandle(-11), ctypes.c_ulong()
        return bool(
            kernel.GetConsoleMode(console, ctypes.byref(mode)) and kernel.SetConsoleMode(console, mode.value | 4)
        )
    return True


def safe(text: str) -> str:
    """A file may have any name: nothing in it reaches the terminal as a command."""
    return "".join(c if c.isprintable() else f"<U+{ord(c):04X}>" for c in text)


def writable(text: str, stream: TextIO) -> str:
    """Typographic characters that a console (cp437, cp1252) lacks, in ASCII. Letters of names stay as they are."""
    for character, plain in _PLAIN.items():
        if character in text and not _has(stream, character):
            text = text.replace(character, plain)
    return text


def _has(stream: TextIO, character: str) -> bool:
    try:
        character.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
