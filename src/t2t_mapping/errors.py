"""The few errors that mean "cannot go on"; everything else is a finding.

Every fault that stops a run is a `Problem`; an `InputError` carries all of them, so that a user with three bad files
hears of three bad files at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from t2t_mapping.catalogue import CATALOGUE

__all__ = ["InputError", "OutputError", "Problem", "T2TError", "UsageError", "masked", "printable"]

_LONGEST = 1_500


# The signature of a SAS address is a password. A console may have broken it: its end stands on the next line then.
_SECRET = re.compile(
    r"(?<![a-z])(sig(?:\"[ \t]*+:[ \t]*+\"|[ \t]*+(?:=|%3d|\\u003d)[ \t]*+))(?!\(hidden\))[^&\s\"'<>\\;,]*(?:(?<!%3d)(?<!=)\r?\n[ \t]*[a-z0-9%+/]{1,60}(?:%3d|=))?",
    re.IGNORECASE,
)


def masked(text: str) -> str:
    """The text without the signatures of SAS addresses, which give access to whoever reads them.

    >>> masked("https://x.blob.core.windows.net/c?sp=r&sig=abc%3D&se=1")
    'https://x.blob.core.windows.net/c?sp=r&sig=(hidden)&se=1'
    """
    return _SECRET.sub(r"\1(hidden)", text) if "sig" in text.lower() else text


def printable(text: str, limit: int = _LONGEST) -> str:
    """Text that is safe to show: at most so many characters, no secret, and nothing that could upset a terminal."""
    text = masked(text)
    short = text if len(text) <= limit else text[: limit - 1] + "…"
    return "".join(c if c.isprintable() else f"<U+{ord(c):04X}>" for c in short)


@dataclass(frozen=True, slots=True)
class Problem:
    """One fatal fault: what, where, and what to do.

    `lines` are line numbers of a text file (rule tables); `row` is the row as Excel shows it.
    """

    code: str
    message: str
    fix: str = ""
    side: str | None = None
    file: str | None = None
    sheet: str | None = None
    row: int | None = None
    lines: tuple[int, ...] = ()
    upn: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", printable(self.message))  # it may quote a file

    @property
    def advice(self) -> str:
        """What to do: about this very fault, or what the catalogue says of the code."""
        return self.fix or CATALOGUE[self.code].fix

    def __str__(self) -> str:
        where = ", ".join(
            part
            for part in (
                self.file or "",
                f"sheet {self.sheet}" if self.sheet else "",
                f"row {self.row}" if self.row else "",
                f"lines {', '.join(map(str, self.lines))}" if self.lines else "",
            )
            if part
        )
        text = f"{self.code} {printable(where)}: {self.message}" if where else f"{self.code} {self.message}"
        return f"{text} Fix: {self.advice}"


class T2TError(Exception):
    """Base of every error this library raises on purpose. The command line answers with exit status 2."""


class InputError(T2TError):
    """An input cannot be used. `problems` lists every fault found before giving up, worst file first."""

    def __init__(self, *problems: Problem) -> None:
        self.problems: tuple[Problem, ...] = problems
        super().__init__("\n".join(map(str, problems)))


class UsageError(T2TError):
    """The call itself makes no sense: an unknown code, an option that contradicts another."""


class OutputError(T2TError):
    """An output cannot be written: it exists already, is locked, or the disk is full. Nothing was changed."""
