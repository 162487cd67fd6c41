"""The hostile corpus through the command line: every file has exactly its outcome, within ten seconds and a gigabyte."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import hostile_worker
import pytest
from hostile import FAMILIES, HUGE, SEED, Case, companions, corpus, family, stand
from places import SOURCE

import t2t_mapping as t2t
from t2t_mapping.errors import InputError

SECONDS = 10.0
MEGABYTES = 1024

PATIENCE = 120.0
"""Seconds by the clock after which a case that does nothing is given up."""


@dataclass(frozen=True)
class Outcome:
    """What came of one command line; `status` is a text when the process did not survive it."""

    status: int | str
    out: str = ""
    err: str = ""
    seconds: float = 0
    megabytes: int = 0


class Workers:
    """One worker at a time; whoever dies is replaced, and the case that it died of is known."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen[str] | None = None

    def run(self, arguments: tuple[str, ...]) -> Outcome:
        """Run one command line in the folder of the corpus."""
        process = self.process = self.process or self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        # The processor time is limited by the worker itself; this is for one that waits for something for ever.
        waiting = threading.Timer(PATIENCE, process.kill)
        waiting.start()
        print(json.dumps({"arguments": arguments, "seconds": SECONDS}), file=process.stdin, flush=True)
        answer = process.stdout.readline()
        in_time = waiting.is_alive()
        waiting.cancel()
        if answer:
            return Outcome(**json.loads(answer))
        self.process = None
        code = process.wait()
        process.stdin.close()
        process.stdout.close()
        if not in_time:
            return Outcome(f"no answer after {PATIENCE:.0f} s")
        slow = hasattr(signal, "SIGPROF") and code == -signal.SIGPROF
        return Outcome(f"more than {SECONDS:.0f} s of processor time" if slow else f"the process died ({code})")

    def _started(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-X", "utf8", "-W", "error", hostile_worker.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            cwd=self.folder,
            # Tables of three people: several threads would only wait for each other, hundreds of times a case.
            env=os.environ | {"PYTHONPATH": str(SOURCE), "POLARS_MAX_THREADS": "1"},
        )

    def close(self) -> None:
        """End the worker that is left."""
        if self.process is not None:
            self.process.communicate()


@pytest.fixture(scope="module")
def crew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    """Workers in a folder with the sound files; each case has a name of its own there."""
    folder = tmp_path_factory.mktemp("corpus")
    companions(folder)
    crew = Workers(folder)
    try:
        yield crew
    finally:
        crew.close()


_UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_LONGEST_MESSAGE = 2_000


def deviations(case: Case, outcome: Outcome, folder: Path) -> list[str]:
    """Everything in which an outcome differs from what the case says; nothing when all is well."""
    if isinstance(outcome.status, str):
        return [outcome.status]
    wrong = []
    if outcome.status != case.status:
        wrong.append(f"exit status {outcome.status}, not {case.status}")
    try:
        findings = json.loads(outcome.out)["findings"]
    except (ValueError, KeyError):
        return [*wrong, f"no JSON of findings: {outcome.out[:200]!r} {outcome.err[:500]!r}"]
    codes = tuple(sorted(finding["code"] for finding in findings))
    if codes != case.codes:
        wrong.append(f"codes {codes}, not {case.codes}")
    messages = [finding["message"] for finding in findings]
    if case.says and not any(case.says in message for message in messages):
        wrong.append(f"no message says {case.says!r}, but {messages[:3]}")
    if any(_UNSAFE.search(text) for text in (outcome.err, *messages)):
        wrong.append(f"a message could upset a terminal: {messages[:3]}")
    if any(len(message) > _LONGEST_MESSAGE for message in messages):
        wrong.append(f"a message of {max(map(len, messages)):,} characters")
    wrong += (
        _refusal(case, findings, outcome.err) if case.status == 2 else [f"stderr: {outcome.err}"] * bool(outcome.err)
    )
    wrong += _left_behind(case, folder)
    if outcome.seconds > SECONDS or outcome.megabytes > MEGABYTES:
        wrong.append(f"{outcome.seconds:.1f} s, {outcome.megabytes} MB")
    return wrong


_SIDES = {
    **{place: place.partition("-")[0] for place in ("source", "source-full", "source-admin", "source-directory")},
    **dict.fromkeys(("destination-full", "destination-admin", "licences", "after"), "destination"),
    **dict.fromkeys(("mapping", "mapping-fix", "old", "uploaded"), "mapping"),
    "mapping-source": "source",
    "mapping-rules": "rules",
}
"""Place -> the side that a refusal names, if it names one; for other places it is called like the place."""


def _refusal(case: Case, findings: list[dict[str, Any]], err: str) -> list[str]:
    """The message for people: one that names the file and says what to do, and no traceback."""
    wrong = []
    if "Traceback" in err or not err.startswith("Stopped. Nothing was written.\n"):
        wrong.append(f"stderr: {err[:500]!r}")
    named = (case.path, case.name) if case.at == "run" else (case.path,)  # of a run, the folder may be named
    if not any(finding["file"] in named for finding in findings):
        wrong.append(f"the file is not named, but {[finding['file'] for finding in findings]}")
    if {finding["side"] for finding in findings} - {None, _SIDES.get(case.at, case.at)}:
        wrong.append(f"the wrong side: {[finding['side'] for finding in findings]}")
    if err.count("\n") != 1 + len(findings):
        wrong.append(f"not one line for each fault: {err!r}")
    if not all(finding["fix"] and f"Fix: {finding['fix']}" in err for finding in findings):
        wrong.append("it is not said what to do")
    return wrong


def _left_behind(case: Case, folder: Path) -> list[str]:
    """The outputs: the mapping byte for byte, nothing at all after a refusal; and the input as it was."""
    wrong = []
    out = folder / case.out
    if case.status == 2 and out.exists():
        wrong.append("something was written")
    written = [path.read_bytes() for path in sorted(out.rglob("usermapping.csv"))]  # a plan has it one folder deeper
    expected = [] if case.mapping is None else [case.mapping]
    if written != expected:
        wrong.append(f"mapping {written!r}, not {expected!r}")
    if not case.special and (folder / case.path).read_bytes() != case.data:
        wrong.append("the input was changed")
    return wrong


# --- the tests --------------------------------------------------------------------------------------------------------


_FEW = 40  # cases: of a larger family, each fourth one is tried every day, its neighbours with `-m fuzz`


@pytest.mark.parametrize("name", FAMILIES)
def test_family(name: str, crew: Workers) -> None:
    """Exit status, codes, message, mapping, time and memory of every case."""
    cases = list(family(name))
    tried(name, cases if len(cases) < _FEW else cases[::4], crew)


@pytest.mark.fuzz
@pytest.mark.parametrize("name", FAMILIES)
def test_the_rest_of_a_family(name: str, crew: Workers) -> None:
    """The other cases of the large families."""
    cases = list(family(name))
    tried(name, [] if len(cases) < _FEW else [case for n, case in enumerate(cases) if n % 4], crew)


_BOTH = {"source_full": "here.csv", "destination_full": "there.csv"}
_ARGUMENTS: dict[str, tuple[str, dict[str, str]]] = {
    "source": ("source_full", {}),
    "destination-full": ("destination_full", _BOTH),
    "destination-admin": ("destination_admin", _BOTH),
    "source-admin": ("source_admin", _BOTH),
    "source-directory": ("source_directory", _BOTH),
    "licences": ("destination_directory", _BOTH),
    "rules": ("rules", _BOTH),
}
"""Place -> the argument of `generate` that takes the file there, and the other arguments."""


@pytest.mark.parametrize("first", [0, *(pytest.param(first, marks=pytest.mark.fuzz) for first in range(1, 10))])
def test_the_library_says_the_same(first: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every refused file of the corpus raises `InputError` with the same codes and words, and nothing else."""
    monkeypatch.chdir(tmp_path)
    companions(tmp_path)
    cases = [case for case in corpus() if case.at in _ARGUMENTS and case.status == 2 and not case.special]
    assert len(cases) > 300
    wrong = {}
    for case in cases[first::10]:
        assert stand(case, tmp_path)
        argument, others = _ARGUMENTS[case.at]
        sheet = {"sheet": case.options[1]} if case.options[:1] == ("--sheet",) else {}
        with pytest.raises(InputError) as caught:
            t2t.generate(**others | sheet | {argument: case.path})  # type: ignore[arg-type]
        problems = caught.value.problems
        codes = tuple(sorted(problem.code for problem in problems))
        if codes != case.codes or not any(case.says in problem.message for problem in problems):
            wrong[case.name] = [str(problem) for problem in problems]
    assert wrong == {}


@pytest.mark.huge
def test_huge_files(crew: Workers) -> None:
    """The same for files that are too large to be made every day."""
    tried("huge", HUGE(Random(SEED)), crew)


def tried(name: str, cases: Iterable[Case], crew: Workers) -> None:
    """Run the cases of one family: none may deviate."""
    wrong: dict[str, list[str]] = {}
    impossible: set[str] = set()
    for case in cases:
        if not stand(case, crew.folder):
            impossible.add(case.name)
            continue
        found = deviations(case, crew.run(case.arguments), crew.folder)
        if found:
            wrong[case.name] = found
        if name == "huge":
            shutil.rmtree(crew.folder / case.name)
    if sys.platform == "linux":
        assert impossible <= {"kind/forbidden"}
    assert wrong == {}


def test_the_corpus_is_large_and_repeatable() -> None:
    """At least three hundred cases, each under a name of its own, the same bytes every time."""
    cases = corpus()
    assert len(cases) >= 300
    assert len({case.name for case in cases}) == len(cases)
    assert len({(case.data, case.special, case.at, case.options, case.file) for case in cases}) == len(cases)
    assert corpus() == cases
