"""How the review workbook looks: columns, colours, drop-downs. Every cell is text; there is no formula, link or macro."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import xlsxwriter

from t2t_mapping.rules.decisions import DECISIONS
from t2t_mapping.upn import show

__all__ = ["DECIDE", "EXCLUDED", "MAPPED", "RULES", "Book", "Row", "Sheet"]

_LONGEST = 32_767  # characters that a cell holds
_LISTS = "Lists"
_MOST_LISTED = 10
_LINE = 15  # points


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its columns as (header, width), those that a person fills in, and the hidden ones."""

    name: str
    columns: tuple[tuple[str, int], ...]
    open: frozenset[str]
    hidden: frozenset[str]


_OPEN = frozenset({"Decision", "Destination", "Note"})
_HIDDEN = frozenset({"Source key", "Circumstances", "List"})
_ANSWER = (("Decision", 11), ("Destination", 34), ("Note", 26), ("Source key", 20), ("Circumstances", 20))

DECIDE = Sheet(
    "Decide",
    (
        ("Source", 32),
        ("Full name", 22),
        ("What is wrong", 46),
        ("What to do", 36),
        ("Codes", 9),
        ("Candidates", 62),
        *_ANSWER,
        ("List", 8),
    ),
    _OPEN,
    _HIDDEN,
)
# "Mapped to" and "Found by" must not be headers of a rule table: a pair that is only shown is no decision.
MAPPED = Sheet(
    "Mapped",
    (
        ("Source", 34),
        ("Full name", 26),
        ("Mapped to", 36),
        ("Name there", 26),
        ("Found by", 36),
        ("Remarks", 16),
        *_ANSWER,
    ),
    _OPEN,
    _HIDDEN,
)
EXCLUDED = Sheet("Excluded", (("Source", 34), ("Full name", 26), ("Why", 70), ("Codes", 12), *_ANSWER), _OPEN, _HIDDEN)
RULES = Sheet(
    "Rules",
    (("Source", 36), ("Destination", 40), ("Note", 40), ("Decided", 10), ("Source key", 20), ("Circumstances", 20)),
    frozenset({"Source", "Destination", "Note"}),
    _HIDDEN,
)

_HINTS = {
    "Decision": "map: this user goes to the Destination. exclude: left out of the move. later: not decided yet.",
    "Destination": "Choose from the list in the cell, or type the user principal name of the destination account.",
    "Note": "For you and your colleagues. It is kept.",
}
_COLOURS = {"danger": "#F8CBAD", "doubt": "#FFE699", "repair": "#BDD7EE"}
_LEGEND = (
    ("danger", "The wrong person could get somebody's records."),
    ("doubt", "A person has to look; it is often right, or somebody has to be found."),
    ("repair", "To be repaired in a tenant, or excluded; a decision to map alone does not help."),
    ("open", "For you to fill in."),
    ("locked", "Do not change."),
    ("map", "Decided: map."),
    ("exclude", "Decided: exclude."),
    ("later", "Decided: later."),
)
_DONE = {"map": "#C6E0B4", "exclude": "#D0CECE", "later": "#DDEBF7"}
_OPEN_COLOUR, _LOCKED_COLOUR, _INK = "#FFFBE6", "#F2F2F2", "#1F1F1F"


@dataclass(frozen=True, slots=True)
class Row:
    """The texts of one row, the colour of its codes, and the addresses in its drop-down."""

    cells: Sequence[str]
    kind: str = ""
    listed: Sequence[str] = field(default=())


class Book:
    """A workbook in the making. Sheets come in the order in which they are added."""

    def __init__(self) -> None:
        self._buffer = io.BytesIO()
        self._lists: Sequence[Sequence[str]] = ()
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self._book = xlsxwriter.Workbook(self._buffer, options)
        # A fixed date: the same input gives the same bytes.
        self._book.set_properties({"title": "Review of the user mapping", "created": datetime(2000, 1, 1)})
        text = {"text_wrap": True, "valign": "top", "font_color": _INK, "border": 1, "border_color": "#D9D9D9"}
        self._formats: dict[str, Any] = {
            "open": self._book.add_format({**text, "bg_color": _OPEN_COLOUR, "num_format": "@"}),
            "locked": self._book.add_format({**text, "bg_color": _LOCKED_COLOUR, "num_format": "@"}),
            "head": self._book.add_format({**text, "bold": True, "bg_color": "#404040", "font_color": "#FFFFFF"}),
            "head_open": self._book.add_format({**text, "bold": True, "bg_color": "#1E6B3A", "font_color": "#FFFFFF"}),
            "plain": self._book.add_format({"text_wrap": True, "valign": "top", "font_color": _INK}),
            "title": self._book.add_format({"bold": True, "font_size": 13, "font_color": "#1E6B3A"}),
            "note": self._book.add_format({"bold": True, "font_color": "#9C0006", "text_wrap": True, "valign": "top"}),
        }
        for name, colour in (_COLOURS | _DONE).items():
            self._formats[name] = self._book.add_format({**text, "bg_color": colour, "num_format": "@"})
            self._formats[f"done {name}"] = self._book.add_format({"bg_color": colour, "font_color": _INK})

    def rows(self, sheet: Sheet, rows: Iterable[Row], left_out: str) -> None:
        """Add a sheet; `left_out` says below the last row what it does not show."""
        page = self._book.add_worksheet(sheet.name)
        headers = [header for header, _ in sheet.columns]
        looks = [self._formats["open" if header in sheet.open else "locked"] for header in headers]
        coloured = headers.index("Codes") if "Codes" in headers else -1
        for column, (header, width) in enumerate(sheet.columns):
            # Empty cells look as their column does, and need not be written: that is half of the time.
            page.set_column(column, column, width, looks[column], {"hidden": header in sheet.hidden})
            page.write_string(0, column, header, self._formats["head_open" if header in sheet.open else "head"])
        visible = [
            (column, width) for column, (header, width) in enumerate(sheet.columns) if header not in sheet.hidden
        ]
        lists = []
        last = 0
        for last, row in enumerate(rows, 1):
            cells = [*row.cells, str(last)] if headers[-1] == "List" else row.cells
            for column, text in enumerate(cells):
                if text:
                    look = self._formats[row.kind] if column == coloured and row.kind else looks[column]
                    page.write_string(last, column, _safe(text), look)
            height = _height(row.cells, visible)
            if height > _LINE:
                page.set_row(last, height)
            lists.append(row.listed)
        if left_out:
            page.write_string(last + 2, min(2, len(headers) - 1), left_out, self._formats["note"])
        page.freeze_panes(1, 1)
        page.autofilter(0, 0, max(last, 1), len(headers) - 1)
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        page.repeat_rows(0)
        if "Decision" in headers:
            self._answers(page, headers, max(last, 1))
        if headers[-1] == "List":
            self._drop_downs(page, headers, lists)

    def _answers(self, page: Any, headers: Sequence[str], last: int) -> None:
        """The drop-down of decisions, hints on the headers, and the colour of decided rows."""
        decision = headers.index("Decision")
        page.data_validation(
            1,
            decision,
            last + 500,  # rows that a person adds
            decision,
            {
                "validate": "list",
                "source": list(DECISIONS),
                "error_title": "Decision",
                "error_message": "Choose map, exclude or later.",
            },
        )
        for header, hint in _HINTS.items():
            column = headers.index(header)
            page.data_validation(
                0, column, 0, column, {"validate": "any", "input_title": header, "input_message": hint}
            )
        letter = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[decision]
        shown = headers.index("Note")
        for name in _DONE:
            look = {"type": "formula", "criteria": f'=${letter}2="{name}"', "format": self._formats[f"done {name}"]}
            page.conditional_format(1, 0, last + 500, shown, look)

    def _drop_downs(self, page: Any, headers: Sequence[str], lists: Sequence[Sequence[str]]) -> None:
        """The candidates of each row, on a hidden sheet: a list inside the rule itself must not exceed 255 characters.

        Validations stay where they are when rows are sorted. So one rule serves the whole column and finds its list through
        the hidden number in the row, which moves with it.
        """
        if not lists:
            return
        self._lists = lists
        destination = headers.index("Destination")
        row = f"{_LISTS}!$A$1,VALUE(${'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[len(headers) - 1]}2),0,1"
        source = f"=OFFSET({row},MAX(1,COUNTA(OFFSET({row},{_MOST_LISTED}))))"
        # Typing another address is allowed: whether it exists is checked when the workbook is read back.
        rule = {"validate": "list", "source": source, "show_error": False}
        page.data_validation(1, destination, len(lists), destination, rule)

    def summary(self, sections: Iterable[tuple[str, Sequence[tuple[str, str, str]]]]) -> None:
        """The last sheet: sections with a title and rows of up to three texts, then the colours."""
        page = self._book.add_worksheet("Summary")
        page.set_column(0, 0, 14)
        page.set_column(1, 1, 12)
        page.set_column(2, 2, 110)
        page.hide_gridlines(2)
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        plain = self._formats["plain"]
        line = 0
        for title, rows in sections:
            page.write_string(line, 0, title, self._formats["title"])
            for first, second, third in rows:
                line += 1
                for column, text in enumerate((first, second, third)):
                    if text:
                        page.write_string(line, column, _safe(text), plain)
                page.set_row(line, _height((third,), ((0, 122),)))
            line += 2
        page.write_string(line, 0, "Colours", self._formats["title"])
        for name, words in _LEGEND:
            line += 1
            page.write_blank(line, 0, None, self._formats[name])
            page.write_string(line, 2, words, plain)

    def bytes(self) -> bytes:
        """Close the workbook; the hidden sheet comes last."""
        if self._lists:
            hidden = self._book.add_worksheet(_LISTS)
            hidden.hide()
            for column in range(_MOST_LISTED):
                hidden.write_string(0, column, f"Candidate {column + 1}")
            for number, listed in enumerate(self._lists, 1):
                for column, address in enumerate(listed[:_MOST_LISTED]):
                    hidden.write_string(number, column, _safe(address))
        self._book.close()
        return self._buffer.getvalue()


def _height(cells: Sequence[str], visible: Sequence[tuple[int, int]]) -> int:
    """The height of a row of wrapped texts. Programs differ in whether they find it by themselves."""
    lines = 1
    for column, width in visible:
        text = cells[column]
        if len(text) > width - 2 or "\n" in text:
            lines = max(lines, sum(-(-len(line) // (width - 2)) or 1 for line in text.split("\n")))
    return min(_LINE * lines, 405)


_LETTERS = re.compile(r"[^\x20-\x7e\n]")


def _safe(text: str) -> str:
    """What a cell may hold: no control, bidirectional or invisible character, and not more than fits."""
    if not text.isascii() or not text.isprintable():
        text = _LETTERS.sub(_visible, text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _visible(match: re.Match[str]) -> str:
    return match[0] if match[0].isprintable() or match[0] == "\u00a0" else show(match[0])
