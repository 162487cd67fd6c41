"""Run the command line as a user does: a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from places import SOURCE


def t2t(*arguments: str | Path, cwd: Path | None = None, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """`python -m t2t_mapping …` with its output as text."""
    import os

    environment = os.environ | {"PYTHONPATH": str(SOURCE), "PYTHONIOENCODING": "utf-8", "COLUMNS": "80"}
    return subprocess.run(
        [sys.executable, "-m", "t2t_mapping", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        env=environment,
        timeout=timeout,
        check=False,
    )
