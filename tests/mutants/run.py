"""Mutation testing: change one thing in a module, run its tests, and see whether they notice.

Every mutant runs in a process of its own, forked from one that has imported polars, hypothesis and pytest but has not
yet used polars (its threads would not survive). The mutated module is compiled from the changed tree when the tests import
it; everything happens in a copy of the repository, never in the repository itself.

    python tests/mutants/run.py checks.pairs matching.ladder    # results in out/mutants/checks.pairs.jsonl ...
    python tests/mutants/run.py checks.pairs --survivors --wide    # those that survived, against more tests
"""

from __future__ import annotations

import argparse
import ast
import atexit
import importlib.machinery
import importlib.util
import itertools
import json
import os
import random
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from changes import Mutant, mutants

ROOT = Path(__file__).resolve().parents[2]

# Those that notice most in the least time first; the second list is only for what survives the first.
_CHECKS = ("checks", "codes ladder mapping_users review reference plan")
TESTS: dict[str, tuple[str, str]] = {
    "upn": ("upn", "ladder mapping_cases codes rules"),
    "names.full_names": ("names", "ladder codes suggest reference"),
    "matching.ladder": ("ladder", "codes reference review plan"),
    "checks.source": _CHECKS,
    "checks.destination": _CHECKS,
    "checks.pairs": _CHECKS,
    "checks.people": _CHECKS,
    "checks.rule_lines": ("missed", "checks codes reference review plan shared_rules"),
    "checks.identity": ("identity", "codes reference checks"),
    "checks.collisions": ("collisions", "codes reference mapping_users"),
    "rules.nearly": ("missed", "reference"),
    "rules.widths": ("missed rules", "hostile"),
    "matching.values": ("values", "ladder reference"),
    "run.directories": ("identity", "codes reference"),
    "run.reasons": ("reasons", "outputs"),
    "after.arrival": ("records", "compare story"),
    "mapping.dialects": ("mapping", "outputs"),
}
EXAMPLES = {False: 8, True: 60}
"""Of each property, in the first selection and in the wide one; without shrinking, always the same ones."""
LONGEST = 60
"""Seconds of the processor for one mutant; tests of a few seconds that take longer hang, and count as killed."""


class Loader(importlib.machinery.SourceFileLoader):
    """Loads a module from a tree that was changed."""

    def __init__(self, name: str, path: str, tree: ast.Module) -> None:
        super().__init__(name, path)
        self.tree = tree

    def get_code(self, fullname: str) -> CodeType:
        """In place of the source or its cached code."""
        return compile(ast.fix_missing_locations(self.tree), self.path, "exec")


class Finder:
    """Finds the one module that is changed."""

    def __init__(self, name: str, path: Path, tree: ast.Module) -> None:
        self.name, self.path, self.tree = name, path, tree

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Only for that module."""
        if fullname != self.name:
            return None
        loader = Loader(fullname, str(self.path), self.tree)
        return importlib.util.spec_from_file_location(fullname, self.path, loader=loader)


class Quick:
    """A pytest plugin: few examples of every property, and the name of the first test that noticed.

    Tests that noticed other changes of the same function come first, which shortens the run and changes no result.
    """

    def __init__(self, examples: int, first: Counter[str]) -> None:
        self.examples, self.first, self.noticed = examples, first, ""

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """The number of examples stands in the tests' own settings, so the profile alone cannot lower it."""
        from hypothesis import settings

        items.sort(key=lambda item: -self.first[item.nodeid])
        for item in items:
            wanted = getattr(getattr(item, "obj", None), "_hypothesis_internal_use_settings", None)
            if wanted is not None:
                few = settings(wanted, max_examples=min(wanted.max_examples, self.examples))
                item.obj._hypothesis_internal_use_settings = few

    def pytest_runtest_logreport(self, report: Any) -> None:
        """The first failure."""
        if report.failed and not self.noticed:
            self.noticed = report.nodeid

    def pytest_collectreport(self, report: Any) -> None:
        """An error at import."""
        if report.failed and not self.noticed:
            self.noticed = "import"


def say(text: str) -> None:
    """One line, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def files(names: str) -> list[str]:
    """`ladder` -> `tests/matching/test_ladder.py`, where it exists."""
    found = (path for name in names.split() for path in (ROOT / "tests").rglob(f"test_{name}.py"))
    return [path.relative_to(ROOT).as_posix() for path in found]


@dataclass
class Trial:
    """One module, the tests that shall notice its changes, and which of them did so far."""

    module: str
    tree: ast.Module
    tests: list[str]
    examples: int
    noticed: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def attempt(self, mutant: Mutant | None) -> tuple[str, str, float]:
        """Fork, change, test. Says `killed`, `survived` or `timeout`, what noticed, and the seconds."""
        started = time.monotonic()
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            self._run_tests(mutant, writing)  # never returns
        os.close(writing)
        status = os.waitpid(child, 0)[1]
        with os.fdopen(reading, encoding="utf-8") as pipe:
            noticed = pipe.read()
        if mutant is not None and noticed:
            self.noticed[mutant.function][noticed] += 1
        result = "survived" if status == 0 else "timeout" if os.WIFSIGNALED(status) else "killed"
        return result, noticed, time.monotonic() - started

    def _run_tests(self, mutant: Mutant | None, report: int) -> None:
        import pytest

        code = 99
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (LONGEST, LONGEST))
            quiet = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(quiet, stream)
            if mutant is not None:
                mutant.apply()
            path = Path("src", "t2t_mapping", *self.module.split(".")).with_suffix(".py").absolute()
            sys.meta_path.insert(0, Finder(f"t2t_mapping.{self.module}", path, self.tree))
            quick = Quick(self.examples, self.noticed[mutant.function if mutant else ""])
            options = ["-x", "-q", "-p", "no:cacheprovider", "--tb=no"]
            code = int(pytest.main([*options, *self.tests], plugins=[quick]))
            os.write(report, quick.noticed.encode())
        except BaseException as error:
            os.write(report, repr(error).encode())
        finally:
            os._exit(code)


def prepare() -> None:
    """Go to a copy of the repository, with everything imported that does not change."""
    folder = Path(tempfile.mkdtemp(prefix="mutants-"))
    atexit.register(shutil.rmtree, folder)
    for name in ("src", "tests", "fixtures", "docs"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "CHANGELOG.md"):
        shutil.copy(ROOT / name, folder)
    os.chdir(folder)
    sys.path[:0] = [
        str(folder / name) for name in ("src", "tests/support", "fixtures", "fixtures/builders", "fixtures/corpus")
    ]
    os.environ |= {"POLARS_MAX_THREADS": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    import email_validator  # noqa: F401
    import openpyxl  # noqa: F401
    import polars  # noqa: F401
    import pytest  # noqa: F401
    import rapidfuzz.process  # noqa: F401
    import xlsxwriter  # noqa: F401
    from hypothesis import HealthCheck, Phase, settings

    settings.register_profile(
        "mutants",
        derandomize=True,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("mutants")


def listed(module: str, root: Path) -> tuple[ast.Module, dict[str, Mutant]]:
    """The tree of a module and its mutants by a key that outlives changes elsewhere in the module."""
    tree = ast.parse(
        (root / "src" / "t2t_mapping" / Path(*module.split("."))).with_suffix(".py").read_text(encoding="utf-8")
    )
    found: dict[str, Mutant] = {}
    for mutant in mutants(tree, blanks_are_prose=module != "names"):
        key = " ".join((mutant.function, mutant.operator, mutant.before, "->", mutant.after))
        number = next(n for n in itertools.count(1) if f"{key} #{n}" not in found)
        found[f"{key} #{number}"] = mutant
    return tree, found


def told(results: Path) -> dict[str, dict[str, Any]]:
    """What earlier runs found; the last word counts."""
    lines = results.read_text(encoding="utf-8").splitlines() if results.exists() else []
    return {row["key"]: row for row in map(json.loads, lines)}


def run(module: str, chosen: argparse.Namespace, results: Path) -> None:
    """All mutants of one module that no earlier run has tried, or the survivors of earlier runs."""
    tree, every = listed(module, Path.cwd())
    earlier = told(results)
    tests = files(TESTS[module][0])
    if chosen.survivors:
        wanted = [key for key in every if earlier.get(key, {}).get("result") == "survived"]
        tests += files(TESTS[module][1]) if chosen.wide else []
    else:
        wanted = list(every)
        if chosen.sample and chosen.sample < len(wanted):
            wanted = random.Random(chosen.seed).sample(wanted, chosen.sample)
        wanted = [key for key in wanted if key not in earlier]
    trial = Trial(module, tree, tests, EXAMPLES[chosen.wide])
    result, noticed, seconds = trial.attempt(None)
    say(f"{module}: {len(wanted)} mutants, without a change: {result} {noticed} in {seconds:.1f} s")
    if result != "survived":
        raise SystemExit(1)
    with results.open("a", encoding="utf-8") as out:
        for key in wanted:
            result, noticed, seconds = trial.attempt(every[key])
            row = {"key": key, "result": result, "noticed": noticed, "seconds": round(seconds, 2)}
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
            out.flush()
    show(module, results)


def show(module: str, results: Path) -> None:
    """The figures and the survivors."""
    every = listed(module, ROOT)[1]
    rows = {key: row for key, row in told(results).items() if key in every}
    for key, mutant in every.items():
        if rows.get(key, {}).get("result") == "survived":
            say(f"{module}:{mutant.line} {mutant.function} [{mutant.operator}] {mutant.before}  →  {mutant.after}")
    found = Counter(row["result"] for row in rows.values())
    killed = found["killed"] + found["timeout"]
    say(
        f"| {module} | {len(rows)} of {len(every)} | {killed} | {found['survived']} | {killed / max(1, len(rows)):.1%} |"
    )


def main() -> None:
    """Parse and run."""
    parser = argparse.ArgumentParser(description="Mutation testing of single modules")
    parser.add_argument("modules", nargs="*", default=list(TESTS), help=f"of {', '.join(TESTS)}; default: all")
    parser.add_argument("--sample", type=int, default=0, help="so many mutants of each module, chosen by the seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--survivors", action="store_true", help="try the survivors of earlier runs again")
    parser.add_argument("--wide", action="store_true", help="with --survivors: against more tests")
    parser.add_argument("--show", action="store_true", help="only show earlier results")
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "mutants")
    chosen = parser.parse_args()
    folder = chosen.out.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    if not chosen.show:
        prepare()
    for module in chosen.modules:
        results = folder / f"{module}.jsonl"
        show(module, results) if chosen.show else run(module, chosen, results)


if __name__ == "__main__":
    main()
