"""Writes `docs/codes.md` and `docs/commands.md` from the catalogue and the command line."""

from __future__ import annotations

from pathlib import Path

from t2t_mapping.cli.options import parser
from t2t_mapping.cli.reference import codes_markdown, commands_markdown

if __name__ == "__main__":
    here = Path(__file__).parent
    (here / "codes.md").write_text(codes_markdown(), encoding="utf-8")
    (here / "commands.md").write_text(commands_markdown(parser()), encoding="utf-8")
