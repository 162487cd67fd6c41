"""Fuzz one target: `python tests/fuzz/run.py xlsx -max_total_time=60`; further options and files are libFuzzer's.

A file as the last argument is checked alone, which repeats a finding.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from random import Random
from types import ModuleType

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
FINDINGS = ROOT / "out" / "fuzz"


def library() -> ModuleType:
    """atheris, which the other tests do not need."""
    try:
        return import_module("atheris")
    except ImportError:
        sys.exit("The fuzzer atheris is not installed (it is for Linux): python -m pip install --group fuzz")


def mutator(
    atheris: ModuleType, structure: Callable[[bytes, Random], bytes]
) -> Callable[[bytes, int, int], bytes | bytearray]:
    """Structure three times out of four; else libFuzzer's own bytes, within a part where the file is a workbook."""
    mutations = import_module("mutations")

    def inside(part: bytes, chance: Random) -> bytes:
        return bytes(atheris.Mutate(part, len(part) + 64))

    def mutate(data: bytes, most: int, seed: int) -> bytes | bytearray:
        chance = Random(seed)
        try:
            if chance.randrange(4):
                return structure(data, chance)[:most]
            if data.startswith(b"PK"):
                return mutations.workbook(data, chance, inside)[:most]  # type: ignore[no-any-return]
        except Exception:  # it is a mangled file already, which zipfile refuses in half a dozen ways
            pass
        return atheris.Mutate(data, most)  # type: ignore[no-any-return]

    return mutate


def main(arguments: list[str]) -> None:
    """Run a target until it finds something or its time is over."""
    names = ("xlsx", "text", "json", "spreadsheetml", "columnar", "mapping", "rules", "plan")
    if not arguments or arguments[0] not in names:
        sys.exit(f"usage: python tests/fuzz/run.py {'|'.join(names)} [-max_total_time=60] [FILE]")
    atheris = library()
    os.environ.setdefault("POLARS_MAX_THREADS", "1")  # small files: threads only cost
    sys.path[:0] = [
        str(ROOT / name) for name in ("tests/support", "fixtures/builders", "fixtures/corpus", "fixtures", "src")
    ]
    with atheris.instrument_imports(include=["t2t_mapping"]):
        target = import_module("fuzz.targets").TARGETS[arguments[0]]
    options = arguments[1:]
    if all(option.startswith("-") for option in options):
        corpus = tempfile.mkdtemp(prefix="t2t-corpus-")
        for number, seed in enumerate(target.seeds()):
            Path(corpus, str(number)).write_bytes(seed)
        options.append(corpus)
    FINDINGS.mkdir(parents=True, exist_ok=True)
    # A bad file is refused within ten seconds and a gigabyte; the rest is for the second reader and a machine that stalls.
    defaults = ["-timeout=30", "-rss_limit_mb=2048", f"-artifact_prefix={FINDINGS}/{arguments[0]}-"]
    atheris.Setup([sys.argv[0], *defaults, *options], target.check, custom_mutator=mutator(atheris, target.mutate))
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
