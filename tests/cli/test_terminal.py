"""What the terminal shows, word for word: piped, on a terminal, without colours, on old consoles."""

from __future__ import annotations

import io
import os
import re
import struct
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from small import merger, person

import t2t_mapping as t2t
from t2t_mapping.cli import terminal

SRC = Path(t2t.__file__).parents[1]
WRITTEN = {name: Path("out") / name for name in ("accounting.csv", "report.html", "usermapping.csv")}


@pytest.fixture(autouse=True)
def _plain_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "CLICOLOR", "TERM", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


class Console(io.TextIOWrapper):
    """A stream with an encoding that says it is a terminal, or not."""

    def __init__(self, encoding: str = "utf-8", *, terminal: bool = False) -> None:
        super().__init__(io.BytesIO(), encoding=encoding)
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal

    def said(self) -> str:
        self.flush()
        return self.buffer.getvalue().decode(self.encoding)  # type: ignore[attr-defined,no-any-return]


def shown(monkeypatch: pytest.MonkeyPatch, result: t2t.Result, console: Console, **written: Path) -> str:
    monkeypatch.setattr(sys, "stdout", console)
    return terminal.generated(result, written or WRITTEN)


def small_merger() -> t2t.Result:
    result = merger(
        [person("Ann Lee", "ann@contoso.com"), person("Bo Ek", "bo@contoso.com"), person("Cy Fox", "cy@contoso.com")],
        [person("Ann Lee", "ann@fabrikam.com"), person("Bo Ek", "bo@fabrikam.com", user_licensed="No")],
        "cy@contoso.com,",
    )
    skipped = {code: result.skipped[code] for code in ("P308", "P310")}
    return replace(result, skipped=skipped)


EXPECTED = """\
error  U213 destination-unlicensed (1)
    bo@contoso.com: the destination account bo@fabrikam.com has no licence. [row
      2]
    Fix: Assign a licence to the destination account and export the destination
      again.
Rows and lines are those of frame 1

Not checked: P308 unexpected domain (no --destination-domain was given)
Not checked: P310 crosses clouds (no address has a default domain, and no export
  tells its cloud)

mapped    1   1 by the same name before the @
held      1   a person has to decide
excluded  1   1 by your rules
total     3   = 3 rows in the exports - 0 duplicates

NOT COMPLETE: usermapping.csv lists 1 user; 1 user still waits for a decision.

Next:
  1. Decide about the 1 held user in a rule table (accounting.csv lists who),
     and run again with --rules FILE. Or repair the accounts as the findings
     say, and export again. Anyone who is not in the file will not be migrated
     and cannot be mapped later.
  2. 2 checks could not run (P308, P310). If you can, add the export or the
     column that is missing.
  3. When nobody is held any more, upload usermapping.csv in the Power Platform
     admin center (Manage > Environments > the environment > Move environment)
     or with PowerShell: the report has the lines, --upload-script writes them.
     If the validation fails, download the error file and run `explain ERRORS
     --mapping` on it. Move within seven days of the validation.
Written to out: usermapping.csv, accounting.csv, report.html.
Open the report: out/report.html"""


def test_piped_text_is_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole summary, without a single escape sequence, at most 80 columns wide."""
    text = shown(monkeypatch, small_merger(), Console())
    assert text == EXPECTED.replace("out/report.html", str(Path("out") / "report.html"))
    assert max(map(len, text.splitlines())) <= 80


def test_colours_on_a_terminal_change_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its escape sequences the text is that of a pipe."""
    result = small_merger()
    monkeypatch.setenv("COLUMNS", "80")
    text = shown(monkeypatch, result, Console(terminal=True))
    assert "\x1b[1;31merror  U213 destination-unlicensed\x1b[0m (1)" in text
    assert "\x1b[32mmapped    1\x1b[0m   1 by the same name" in text
    assert "\x1b[33mNOT COMPLETE\x1b[0m:" in text
    assert re.sub(r"\x1b\[[\d;]*m", "", text) == shown(monkeypatch, result, Console())


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("CLICOLOR", "0"), ("TERM", "dumb")])
def test_colours_can_be_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """By any of the usual wishes."""
    monkeypatch.setenv(name, value)
    assert "\x1b" not in shown(monkeypatch, small_merger(), Console(terminal=True))


def test_an_empty_no_color_is_no_wish(monkeypatch: pytest.MonkeyPatch) -> None:
    """As no-color.org says."""
    monkeypatch.setenv("NO_COLOR", "")
    assert "\x1b" in shown(monkeypatch, small_merger(), Console(terminal=True))


def crowd() -> t2t.Result:
    return merger([person(f"Ann {letter}", f"ann{letter}@contoso.com") for letter in "abcdef"], [])


@pytest.mark.parametrize(("encoding", "dots"), [("utf-8", "…"), ("cp1252", "…"), ("cp437", "..."), ("ascii", "...")])
def test_old_consoles_get_characters_they_have(monkeypatch: pytest.MonkeyPatch, encoding: str, dots: str) -> None:
    """Typographic characters give way to ASCII where the console lacks them."""
    text = shown(monkeypatch, crowd(), Console(encoding))
    assert f"    {dots} and 3 more\n" in text
    text.encode(encoding)


@pytest.mark.parametrize(("columns", "widest"), [("50", 50), ("20", 40), ("100", 100), ("200", 120)])
def test_narrow_terminals(monkeypatch: pytest.MonkeyPatch, columns: str, widest: int) -> None:
    """Text is folded to what a terminal has, within what can be read."""
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("NO_COLOR", "1")
    text = shown(monkeypatch, small_merger(), Console(terminal=True))
    long = [line for line in text.splitlines() if len(line) > widest and " " in line.strip() and "U213" not in line]
    assert long == []


def test_worst_first_and_most_frequent_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors before warnings, and of two errors the one that holds more users."""
    result = merger(
        [person("Ann Lee", "ann@contoso.com"), person("Bo Ek", "bo@contoso.com"), person("Cy Fox", "cy@contoso.com")],
        [
            person("Somebody Else", "ann@fabrikam.com"),
            person("Bo Ek", "bo@fabrikam.com", user_licensed="No"),
            person("Cy Fox", "cy@fabrikam.com", user_licensed="No"),
        ],
        "nobody@contoso.com,x@fabrikam.com",
    )
    text = shown(monkeypatch, result, Console())
    heads = re.findall(r"^(\w+)  ([A-Z]\d+) [\w-]+ \((\d+)\)", text, re.MULTILINE)
    assert heads[:2] == [("error", "U213", "2"), ("error", "P303", "1")]
    assert [severity for severity, _, _ in heads] == sorted(
        (s for s, _, _ in heads), key=["error", "warning", "info"].index
    )


def test_nobody_mapped(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says that there is no mapping, and the sum still adds up."""
    text = shown(monkeypatch, crowd(), Console(), **{"accounting.csv": Path("out/accounting.csv")})
    assert "mapped    0\nheld      6   a person has to decide\nexcluded  0\ntotal     6   = 6 rows" in text
    assert "NO MAPPING: Nobody is mapped, so there is no usermapping.csv." in text


def test_a_draft_is_loud(monkeypatch: pytest.MonkeyPatch) -> None:
    """Accepted U213 users are in the file, which must not be uploaded."""
    result = merger(
        [person("Bo Ek", "bo@contoso.com")], [person("Bo Ek", "bo@fabrikam.com", user_licensed="No")], accept=["U213"]
    )
    text = shown(monkeypatch, result, Console())
    assert "DRAFT: usermapping.csv is a draft, not ready for upload" in text
    assert "run\n     without --accept U213." in text


def test_the_workbook_is_named_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a review workbook the next step says where it lies."""
    written = {**WRITTEN, "review.xlsx": Path("out") / "review.xlsx"}
    text = " ".join(shown(monkeypatch, small_merger(), Console(), **written).split())
    path = Path("out") / "review.xlsx"
    assert f"Decide about the 1 held user in {path}, and run again with --rules {path}." in text


def test_hostile_file_names_do_not_reach_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file may be called anything."""
    monkeypatch.setattr(sys, "stdout", Console())
    import polars as pl

    found = crowd().findings.with_columns(file=pl.lit("a/\x1b]0;owned\x07\x1b[2J.csv"), row=pl.lit(3, pl.UInt32))
    text = terminal.findings_text(found)
    assert "\x1b" not in text
    assert "Rows and lines are those of <U+001B>]0;owned<U+0007><U+001B>[2J.csv" in " ".join(text.split())


# --- progress ---------------------------------------------------------------------------------------------------------


def test_progress_is_silent_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but results in logs."""
    console = Console()
    monkeypatch.setattr(sys, "stderr", console)
    with terminal.Progress(after=0, every=0.01) as progress:
        progress("a.xlsx")
        time.sleep(0.05)
    assert console.said() == ""


def test_progress_shows_and_clears_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what was done last, keeps to its line, and leaves nothing behind, also when a run fails."""
    console = Console(terminal=True)
    monkeypatch.setattr(sys, "stderr", console)

    def fail() -> None:
        with terminal.Progress(after=0, every=0.01) as progress:
            progress("a\x1b.xlsx")
            while "1 step done" not in console.said():  # its thread may get its turn late on a busy machine
                time.sleep(0.01)
            raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        fail()
    said = console.said()
    assert "1 step done: a<U+001B>.xlsx" in said
    assert "\n" not in said
    assert said.endswith(f"\r{' ' * 79}\r")


def test_progress_waits_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Quick runs show none, JSON never."""
    console = Console(terminal=True)
    monkeypatch.setattr(sys, "stderr", console)
    with terminal.Progress(after=30) as progress:
        progress("a.xlsx")
    with terminal.Progress("json", after=0, every=0.01):
        time.sleep(0.05)
    assert console.said() == ""


# --- the real thing ---------------------------------------------------------------------------------------------------

COMMAND = "from t2t_mapping.cli.commands import program; import sys; sys.exit(program())"


def run_in_terminal(arguments: list[str], columns: int = 80, **environment: str) -> str:
    """What a command writes to a pseudo-terminal of that width."""
    pty = pytest.importorskip("pty", reason="there are no pseudo-terminals on Windows")
    import fcntl
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    inherited = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "CLICOLOR", "COLUMNS")}
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env={**inherited, "TERM": "xterm", "PYTHONPATH": str(SRC), "PYTHONUTF8": "1", **environment},
    )
    os.close(theirs)
    parts: list[bytes] = []
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # Linux says so when the other end is closed
            part = b""
        if not part:
            break
        parts.append(part)
    os.close(ours)
    process.wait()
    return b"".join(parts).decode().replace("\r\n", "\n")


def settled(text: str) -> list[str]:
    """The lines as they stay: progress may have come and gone on a slow machine, each time with a carriage return."""
    return [line.rpartition("\r")[2] for line in text.split("\n")]


def exports(folder: Path) -> list[str]:
    rows: dict[str, Any] = {"a.csv": "contoso.com", "b.csv": "fabrikam.com"}
    for name, domain in rows.items():
        text = f"Full Name,Windows Live ID,Status,User Licensed\nAnn Lee,ann@{domain},Enabled,Yes\n"
        (folder / name).write_text(text + (f"Bo Ek,bo@{domain},Enabled,Yes\n" if name == "a.csv" else ""))
    out = str(folder / "out")
    return [
        "generate",
        "--source-full",
        str(folder / "a.csv"),
        "--destination-full",
        str(folder / "b.csv"),
        "--out",
        out,
    ]


def test_in_a_real_terminal(tmp_path: Path) -> None:
    """Colours in a terminal, none with NO_COLOR, lines as wide as the terminal."""
    arguments = [*exports(tmp_path), "--overwrite", "--outputs", "core"]
    coloured = run_in_terminal(arguments)
    assert "\x1b[1;31merror  U211 destination-missing\x1b[0m (1)" in coloured
    plain = run_in_terminal(arguments, NO_COLOR="1")
    lines = settled(plain)
    assert not any("\x1b" in line for line in lines)
    assert [re.sub(r"\x1b\[[\d;]*m", "", line) for line in settled(coloured)] == lines
    narrow = settled(run_in_terminal(arguments, columns=60, NO_COLOR="1"))
    assert max(len(line) for line in narrow if str(tmp_path) not in line) <= 60


def test_on_an_old_windows_console(tmp_path: Path) -> None:
    """In code page 437 a run ends well, whatever the names."""
    arguments = [*exports(tmp_path), "--outputs", "core"]
    text = (tmp_path / "a.csv").read_text()
    extra = "".join(f"Zoë Łuk {n},zoe{n}@contoso.com,Enabled,Yes\n" for n in range(5))
    (tmp_path / "a.csv").write_text(text + extra + "Злата,зла@contoso.com,Enabled,Yes\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(SRC), "PYTHONUTF8": "0", "PYTHONIOENCODING": "cp437"},
    )
    assert done.returncode == 1
    assert done.stderr == b""
    said = done.stdout.decode("cp437")
    assert "    ... and 3 more" in said
    assert "\\u0437\\u043b\\u0430@contoso.com is not an address: character 1 is U+0437" in " ".join(said.split())
