"""The shape of the house: the order of the rooms, no circles, nothing heavy at the door."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from places import DOCS

import t2t_mapping

HOUSE = Path(t2t_mapping.__file__).parent
TEXT = (DOCS / "house.md").read_text("utf-8")
GROUND = re.findall(r"`(\w+)`", TEXT[TEXT.index("in this order:") : TEXT.index("They know")])
ROOMS = re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE)
DOOR = ("__init__", "__main__")
LONGEST = 360
"""Lines of a file, pure data apart."""
DATA = ("catalogue",)


def modules() -> dict[str, Path]:
    """Dotted name below the package -> file; a room's own name is its `__init__`."""
    found = {}
    for path in sorted(HOUSE.rglob("*.py")):
        parts = path.relative_to(HOUSE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)] = path
    return found


def imports(path: Path, known: set[str]) -> set[str]:
    """The modules of ours that a file imports: at its top, inside its functions, or for type checking only."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            targets = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for target in targets:
            if target.partition(".")[0] == "t2t_mapping":
                name = target.partition(".")[2]
                found.add(name if name in known else name.rpartition(".")[0])
    return found - {""}


def house() -> dict[str, set[str]]:
    """Module -> the modules that it imports, the door apart."""
    known = modules()
    return {name: imports(path, set(known)) for name, path in known.items() if name not in DOOR}


def place(module: str) -> str:
    """The room of a module, or its own name on the ground floor."""
    return module.partition(".")[0]


def test_the_table_of_rooms_is_the_list_of_folders() -> None:
    """What docs/house.md names is what is there, and nothing else."""
    assert sorted(ROOMS) == sorted(path.parent.name for path in HOUSE.glob("*/__init__.py"))
    assert sorted([*GROUND, *DOOR]) == sorted(path.stem for path in HOUSE.glob("*.py"))


def test_every_room_imports_only_from_above() -> None:
    """In the order of the table, lazy imports and imports for type checking included."""
    order = [*GROUND, *ROOMS]
    back = [
        f"{module} imports {other}"
        for module, others in house().items()
        for other in others
        if place(other) != place(module) and order.index(place(other)) > order.index(place(module))
    ]
    assert back == []


def test_no_circles() -> None:
    """Between any two modules, in one room as well."""
    left = house()
    while left:
        free = {name for name, needs in left.items() if not (needs - {name}) & set(left)}
        assert free, f"a circle among {sorted(left)}"
        left = {name: needs for name, needs in left.items() if name not in free}


def test_no_module_has_the_name_of_a_public_function() -> None:
    """Else importing the module would hide the function."""
    verbs = {name for name in t2t_mapping.__all__ if name.islower()}
    assert {name for name in modules() if name.rpartition(".")[2] in verbs} == set()


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_says_its_duty(room: str) -> None:
    """The docstring of its `__init__`, which holds nothing else but re-exports."""
    tree = ast.parse((HOUSE / room / "__init__.py").read_text("utf-8"))
    assert ast.get_docstring(tree)


def test_files_are_short() -> None:
    """A long file has several duties."""
    lengths = {name: len(path.read_text("utf-8").splitlines()) for name, path in modules().items()}
    assert {name for name, lines in lengths.items() if lines > LONGEST} - set(DATA) == set()


def test_only_what_people_look_at_knows_guesses() -> None:
    """Suggestions are never on the ladder, and never in the mapping file: the workbook has them, and `Result.suggestions`."""
    knowing = {name for name, needs in house().items() if any(place(need) == "suggestions" for need in needs)}
    assert {place(name) for name in knowing} == {"suggestions", "outputs", "run"}
    assert {name for name in knowing if place(name) == "run"} == {"run.result"}


def loaded(*arguments: str) -> set[str]:
    """The heavy modules that a command loads."""
    program = (
        "import sys, json, io, contextlib\n"
        "from t2t_mapping.cli import main\n"
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
