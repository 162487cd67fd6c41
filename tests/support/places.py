"""Where things lie in the repository, for tests in any room."""

from __future__ import annotations

from pathlib import Path

__all__ = ["DOCS", "FIXTURES", "REPOSITORY", "SOURCE"]

REPOSITORY = Path(__file__).parents[2]
SOURCE = REPOSITORY / "src"
FIXTURES = REPOSITORY / "fixtures"
DOCS = REPOSITORY / "docs"
