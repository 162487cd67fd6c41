"""The shape of the house: the order of the modules, no circles, nothing heavy at the door."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import t2t_mapping

HOUSE = Path(t2t_mapping.__file__).parent

# Each module may import only from those above it. `read` and `report` are packages, one storey each.
ORDER = """
_version catalogue errors repeated upn schema findings short_forms names licences
read columns users circumstances decisions rules
match checks
mapping outputs
conventions alike nearby suggest
report notebook review_sheet review_words review
generate
""".split()


def imports(path: Path) -> set[str]:
    """The modules of ours that a file imports, at its top or inside its functions, but not for type checking only."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    found = set()
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.ImportFrom)
            and node not in typing_only
            and (node.module or "").startswith("t2t_mapping")
        ):
            parts = (node.module or "").split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
    return found


def modules() -> dict[str, set[str]]:
    """Storey -> the storeys it stands on."""
    house: dict[str, set[str]] = {}
    for path in HOUSE.rglob("*.py"):
        name = path.relative_to(HOUSE).with_suffix("").parts[0]
        if name not in ("__init__", "__main__"):
            house.setdefault(name, set()).update(imports(path))
    storeys = set(house)
    return {name: {other for other in found if other in storeys and other != name} for name, found in house.items()}


def test_the_pipeline_flows_down_once() -> None:
    """The core modules stand in the order in which data flows."""
    house = modules()
    assert [name for name in ORDER if name not in house] == []
    for position, name in enumerate(ORDER):
        assert house[name] <= set(ORDER[:position]), name


def test_no_circles() -> None:
    """In the whole package."""
    house = modules()
    done: set[str] = set()
    while len(done) < len(house):
        ready = {name for name, needs in house.items() if name not in done and needs <= done}
        assert ready, f"a circle among {sorted(set(house) - done)}"
        done |= ready


def test_match_knows_no_guesses() -> None:
    """Suggestions are imported neither by the ladder nor by the mapping file."""
    house = modules()
    assert not {"suggest"} & (house["match"] | house["mapping"] | house["checks"])


def loaded(*arguments: str) -> set[str]:
    """The heavy modules that a command loads."""
    program = (
        "import sys, json, io, contextlib\n"
        "from t2t_mapping.cli.commands import main\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        f"    main({list(arguments)!r})\n"
        "print(json.dumps([m for m in ('polars', 'openpyxl', 'xlsxwriter', 'rapidfuzz', 'email_validator') if m in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=HOUSE.parent)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_help_version_and_codes_start_at_once() -> None:
    """None of them imports polars."""
    assert loaded("--help") == set()
    assert loaded("--version") == set()
    assert loaded("codes") == set()
    assert loaded("codes", "U201") == set()
    assert loaded("generate", "--help") == set()


def test_every_public_name_is_there_and_documented() -> None:
    """What `__all__` promises exists and says what it is."""
    for name in t2t_mapping.__all__:
        value = getattr(t2t_mapping, name)
        if callable(value):
            assert value.__doc__, name
