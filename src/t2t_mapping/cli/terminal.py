"""What the terminal shows: the sum that adds up, the findings, worst first, what to do next. Plain text, 80 columns.

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
from t2t_mapping.schema import DISPOSITIONS

if TYPE_CHECKING:
    from t2t_mapping.run.result import Result

__all__ = ["Progress", "findings_text", "generated"]

_WIDTH = 80
_NARROWEST = 40
_LINES_SHOWN = 8
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
        self.last = _safe(step)  # before the count: the line is never ahead of its text
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
            text = _writable(f"{text}: {self.last}" if self.last else text, sys.stderr)
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
    """The summary of `generate`: the sum, the findings, and at the bottom, where the eye rests, what to do next."""
    blocks = [decisions_line(result.rules.decisions), _sum(result), _ways(result), findings_text(result.findings)]
    blocks.append("\n".join(_wrap(f"skipped  {code}: {reason}") for code, reason in result.skipped.items()))
    state, sentence = story.verdict(result)
    word = story.STATES[state].upper()
    colour = {"ready": "mapped", "undecided": "held"}.get(state, "error")
    blocks.append(_coloured_start(_wrap(f"{word}: {sentence}"), word, colour))
    blocks.append(_next_steps(result, written))
    return _writable("\n\n".join(filter(None, blocks)), sys.stdout)


def _sum(result: Result) -> str:
    summary = result.summary
    width = len(f"{summary['users']:,}")
    rows = f"= {summary['rows']:,} rows in the exports - {summary['duplicates']:,} duplicates"
    words = {"held": "a person has to decide", "total": rows}
    lines = []
    for name in (*DISPOSITIONS, "total"):
        number = f"{name:<9} {summary['users' if name == 'total' else name]:>{width},}"
        line = f"{number}   {words[name]}" if name in words else number
        lines.append(_coloured_start(_wrap(line, " " * (13 + width)), number, "bold" if name == "total" else name))
    return "\n".join(lines)


def _ways(result: Result) -> str:
    """By which rungs users are mapped, and for what they are excluded; the held ones are in the findings."""
    lines = []
    for name in ("mapped", "excluded"):
        ways = [outcome for outcome in story.outcomes(result) if outcome.disposition == name]
        if ways:
            each = ", ".join(f"{outcome.reason} {outcome.users:,}" for outcome in ways)
            lines.append(_wrap(f"{name} by {each}"))
    return "\n".join(lines)


def findings_text(findings: pl.DataFrame) -> str:
    """Per code, worst and most frequent first: how many, the first few messages, and the fix."""
    groups = findings.group_by("code", "severity", maintain_order=True).agg(
        number=pl.len(), part=pl.struct("message", "file", "row", "lines", "fix").head(max(_SHOWN.values()))
    )
    groups = groups.sort("severity", "number", descending=[True, True], maintain_order=True)
    lines: list[str] = []
    counted = []
    for code, severity, number, part in groups.iter_rows():
        entry = CATALOGUE[code]
        head = f"{severity}  {code} {entry.name} ({number:,})"
        if severity == "info":
            counted.append(_coloured_start(head, severity, severity))
            continue
        lines.append(_coloured_start(head, f"{severity}  {code} {entry.name}", severity))
        shown = part[: _SHOWN[severity]]
        lines += [_wrap(f"{row['message']}{_place(row)}", "      ", "    ") for row in shown]
        if number > len(shown):
            lines.append(f"    … and {number - len(shown):,} more")
        lines.append(_wrap(f"Fix: {shown[0]['fix']}", "      ", "    "))
    return _writable("\n".join(lines + counted), sys.stdout)


def _place(row: Mapping[str, Any]) -> str:
    if not row["file"]:
        return ""
    name = _safe(row["file"].replace("\\", "/").rpartition("/")[2])
    if row["row"] and not row["lines"]:
        return f" [{name}, row {row['row']}]"
    if row["lines"]:
        shown = ", ".join(map(str, row["lines"][:_LINES_SHOWN])) + (" …" if len(row["lines"]) > _LINES_SHOWN else "")
        return f" [{name}, row {row['row']}; line {shown}]" if row["row"] else f" [{name}, line {shown}]"
    return f" [{name}]"


def _next_steps(result: Result, written: Mapping[str, Path]) -> str:
    folder = next(iter(written.values())).parent
    workbook = str(written["review.xlsx"]) if "review.xlsx" in written else None
    steps = story.next_steps(result, workbook=workbook)
    lines = ["Next:"] if steps else []
    lines += [_wrap(f"{number}. {step}", "     ", "  ") for number, step in enumerate(steps, 1)]
    names = sorted(written, key=lambda name: name != FILE_NAME)
    lines.append(_wrap(f"Written to {folder}: {', '.join(names)}."))
    if "report.html" in written:
        lines.append(_wrap(f"All of it, to look at: {written['report.html']}"))
    return "\n".join(lines)


# --- the terminal itself ----------------------------------------------------------------------------------------------


def _is_terminal(stream: TextIO) -> bool:
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def _width(stream: TextIO) -> int:
    """80 columns, or what a narrower terminal has. A pipe has 80, so that logs look the same everywhere."""
    columns = shutil.get_terminal_size((_WIDTH, 24)).columns if stream.isatty() else _WIDTH
    return max(_NARROWEST, min(_WIDTH, columns))


def _wrap(text: str, indent: str = "  ", first: str = "") -> str:
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


def _safe(text: str) -> str:
    """A file may have any name: nothing in it reaches the terminal as a command."""
    return "".join(c if c.isprintable() else f"<U+{ord(c):04X}>" for c in text)


def _writable(text: str, stream: TextIO) -> str:
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
