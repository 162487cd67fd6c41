"""The rows of a large sheet: heights, texts that a cell may hold, and their XML, ten times as fast as cell by cell.

Everything else of the workbook is XlsxWriter's; see docs/decisions.md for the measured need.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Any

from xlsxwriter.worksheet import Worksheet

from t2t_mapping.upn import show

__all__ = ["LINE", "Lines", "height", "safe"]

LINE = 15
"""Points of one line of text."""

_LONGEST = 32_767  # characters that a cell holds
_CODED = re.compile("(_x[0-9a-fA-F]{4}_)")  # a text that looks like a coded character
_COLUMNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Lines(Worksheet):  # type: ignore[misc]  # it has no types
    """A sheet whose rows of texts are given whole, from the first to the last."""

    def line(self, row: int, cells: Sequence[tuple[int, str, Any]], points: int) -> None:
        """Add a row: position, (column, text, format) of each cell that is not empty, height in points."""
        number = row + 1
        parts = [
            f'<c r="{_COLUMNS[column]}{number}" s="{look._get_xf_index()}" t="inlineStr"><is>{_text(text)}</is></c>'
            for column, text, look in cells
        ]
        tall = f' ht="{points}" customHeight="1"' if points > LINE else ""
        self.__dict__.setdefault("lines", []).append(f'<row r="{number}"{tall}>{"".join(parts)}</row>')
        self._check_dimensions(row, cells[-1][0])

    def _write_sheet_data(self) -> None:
        self.fh.write(f"<sheetData>{''.join(self.__dict__.get('lines', ()))}</sheetData>")


def _text(text: str) -> str:
    """The element of a text."""
    # Blanks at its ends have to be asked for.
    kept = ' xml:space="preserve"' if text[0].isspace() or text[-1].isspace() else ""
    text = safe(text)
    if "_x" in text:
        text = _CODED.sub(r"_x005F\1", text)
    return f"<t{kept}>{escape(text, quote=False) if '&' in text or '<' in text or '>' in text else text}</t>"


def height(cells: Sequence[str], visible: Sequence[tuple[int, int]]) -> int:
    """The height of a row of wrapped texts. Programs differ in whether they find it by themselves."""
    lines = 1
    for column, width in visible:
        text = cells[column]
        if len(text) > width - 2 or "\n" in text:
            lines = max(lines, sum(_wrapped(line, width - 2) for line in text.split("\n")))
    return min(LINE * lines, 405)


def _wrapped(text: str, width: int) -> int:
    """How many lines a text takes; a long address moves to the next line as a whole, and is cut where it must be."""
    lines = 1
    while len(text) > width:
        blank = text.rfind(" ", 0, width + 1)
        text = text[blank + 1 :] if blank > 0 else text[width:]
        lines += 1
    return lines


_LETTERS = re.compile(r"[^\x20-\x7e\n]")


def safe(text: str) -> str:
    """What a cell may hold: no control, bidirectional or invisible character, and not more than fits."""
    if not text.isascii() or not text.isprintable():
        text = _LETTERS.sub(_visible, text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _visible(match: re.Match[str]) -> str:
    return match[0] if match[0].isprintable() or match[0] == "\u00a0" else show(match[0])
