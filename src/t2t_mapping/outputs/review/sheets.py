"""How the review workbook looks: columns, colours, drop-downs. Every cell is text; there is no formula, link or macro."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import xlsxwriter

from t2t_mapping.outputs.review.lines import LINE as _LINE
from t2t_mapping.outputs.review.lines import Lines, safe
from t2t_mapping.outputs.review.lines import height as _height
from t2t_mapping.rules.decisions import DECISIONS
from t2t_mapping.rules.review_sheets import HIDDEN

__all__ = ["DECIDE", "EXCLUDED", "MAPPED", "RULES", "Book", "Row", "Sheet"]

_LISTS = "Lists"
_LIST = HIDDEN[-1]
_MOST_LISTED = 10
_WIDE = 3  # a row of so many cells in the summary has one long text


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its columns as (header, width), those that a person fills in, and the hidden ones."""

    name: str
    columns: tuple[tuple[str, int], ...]
    open: frozenset[str]
    hidden: frozenset[str]


_OPEN = frozenset({"Decision", "Destination", "Note"})
_HIDDEN = frozenset(HIDDEN)
# The same five columns come first on every sheet and stay in view: whose row it is, and what to fill in.
_FIRST = (("Source", 27), ("Full name", 19), ("Decision", 10), ("Destination", 29), ("Note", 17))
_LAST = (("Source key", 20), ("Circumstances", 20))

DECIDE = Sheet(
    "Decide",
    (*_FIRST, ("Codes", 8), ("What is wrong", 38), ("Candidates", 60), *_LAST, ("Candidate list", 8)),
    _OPEN,
    _HIDDEN,
)
# "Mapped to" must not be the header of a rule table: a pair that is only shown is no decision.
MAPPED = Sheet(
    "Mapped",
    (*_FIRST, ("Mapped to", 34), ("Destination name", 24), ("Found by", 34), ("Remarks", 14), *_LAST),
    _OPEN,
    _HIDDEN,
)
EXCLUDED = Sheet("Excluded", (*_FIRST, ("Why", 90), ("Codes", 12), *_LAST), _OPEN, _HIDDEN)
RULES = Sheet(
    "Rules",
    (("Source", 36), ("Decision", 10), ("Destination", 40), ("Note", 40), ("Decided", 10), *_LAST),
    _OPEN | {"Source"},
    _HIDDEN,
)

_HINTS = {
    "Decision": (
        "Start here",
        "1. Choose map, exclude or later in each row.\n2. map needs a Destination: choose or type one.\n3. Save, and run "
        "again with --rules and this workbook.\nMany at once: see the sheet Summary.",
    ),
    "Destination": (
        "Destination",
        "Choose one of the candidates from the list in the cell (their names are in the column Candidates), or type the "
        "address of the account.",
    ),
    "Note": ("Note", "For you and your colleagues. It comes back in the next workbook."),
}
_COLOURS = {"danger": "#F8CBAD", "doubt": "#FFE699", "repair": "#BDD7EE"}
_LEGEND = (
    ("danger", "The wrong person could get somebody's records."),
    ("doubt", "A person has to look; it is often right, or somebody has to be found."),
    ("repair", "To be repaired in a tenant, or excluded; a decision to map alone does not help."),
    ("open", "Pale yellow: for you to fill in."),
    ("locked", "Grey: do not change."),
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
            "number": self._book.add_format(
                {"valign": "top", "align": "left", "font_color": _INK, "num_format": "#,##0"}
            ),
            "title": self._book.add_format({"bold": True, "font_size": 13, "font_color": "#1E6B3A"}),
            "note": self._book.add_format({"bold": True, "font_color": "#9C0006", "text_wrap": True, "valign": "top"}),
        }
        for name, colour in (_COLOURS | _DONE).items():
            self._formats[name] = self._book.add_format({**text, "bg_color": colour, "num_format": "@"})
            self._formats[f"done {name}"] = self._book.add_format({"bg_color": colour, "font_color": _INK})

    def rows(self, sheet: Sheet, rows: Iterable[Row], left_out: str) -> None:
        """Add a sheet; `left_out` says below the last row what it does not show."""
        page = self._book.add_worksheet(sheet.name, worksheet_class=Lines)
        headers = [header for header, _ in sheet.columns]
        looks = [self._formats["open" if header in sheet.open else "locked"] for header in headers]
        coloured = headers.index("Codes") if "Codes" in headers else -1
        for column, (header, width) in enumerate(sheet.columns):
            # Empty cells look as their column does, and need not be written: that is half of the time.
            page.set_column(column, column, width, looks[column], {"hidden": header in sheet.hidden})
        heads = [self._formats["head_open" if header in sheet.open else "head"] for header in headers]
        page.line(0, list(zip(range(len(headers)), headers, heads, strict=True)), _LINE)
        visible = [
            (column, width) for column, (header, width) in enumerate(sheet.columns) if header not in sheet.hidden
        ]
        lists = []
        last = 0
        for last, row in enumerate(rows, 1):
            cells = [*row.cells, str(last)] if headers[-1] == _LIST else row.cells
            page.line(
                last,
                [
                    (column, text, self._formats[row.kind] if column == coloured and row.kind else looks[column])
                    for column, text in enumerate(cells)
                    if text
                ],
                _height(row.cells, visible),
            )
            lists.append(row.listed)
        if left_out:
            page.line(last + 2, [(headers.index("Note") + 2, left_out, self._formats["note"])], 5 * _LINE)
        page.freeze_panes(1, len(_FIRST) if headers[1] == "Full name" else 1)
        if "Full name" in headers:
            page.set_selection(0, headers.index("Decision"), 0, headers.index("Decision"))  # shows where to start
        page.autofilter(0, 0, max(last, 1), len(headers) - 1)
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        page.repeat_rows(0)
        if "Decision" in headers:
            self._answers(page, headers, max(last, 1))
        if headers[-1] == _LIST:
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
        for header, (title, hint) in _HINTS.items():
            column = headers.index(header)
            page.data_validation(0, column, 0, column, {"validate": "any", "input_title": title, "input_message": hint})
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

    def summary(self, sections: Iterable[tuple[str, Sequence[Sequence[str | int]]]]) -> None:
        """The last sheet: sections with a title and rows of up to five cells, then the colours. Numbers are numbers."""
        page = self._book.add_worksheet("Summary")
        widths = (14, 10, 44, 44, 58)
        for column, width in enumerate(widths):
            page.set_column(column, column, width)
        page.hide_gridlines(2)
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        line = 0
        for title, rows in sections:
            page.write_string(line, 0, title, self._formats["title"])
            for row in rows:
                line += 1
                wide = len(row) == _WIDE  # the text has the place of three columns
                room = sum(widths[2:]) if wide else 0
                texts = ["" if wide or isinstance(cell, int) else cell for cell in row]
                height = max(
                    _height(texts, tuple(enumerate(widths[: len(row)]))),
                    _height([str(row[2])], ((0, room),)) if wide else 0,
                )
                page.set_row(line, height)
                look = self._formats["head" if row[0] == "Code" else "plain"]
                for column, cell in enumerate(row):
                    self._summary_cell(page, line, column, cell, look, wide=wide and column == _WIDE - 1)
            line += 2
        page.write_string(line, 0, "Colours", self._formats["title"])
        for name, words in _LEGEND:
            line += 1
            page.write_blank(line, 0, None, self._formats[name])
            page.write_string(line, 2, words, self._formats["plain"])

    def _summary_cell(self, page: Any, line: int, column: int, cell: str | int, look: Any, *, wide: bool) -> None:
        if isinstance(cell, int):
            page.write_number(line, column, cell, self._formats["number"])
        elif cell and wide:
            page.merge_range(line, column, line, column + 2, safe(cell), look)
        elif cell:
            page.write_string(line, column, safe(cell), look)

    def bytes(self) -> bytes:
        """Close the workbook; the hidden sheet comes last."""
        if self._lists:
            hidden = self._book.add_worksheet(_LISTS, worksheet_class=Lines)
            hidden.hide()
            plain = self._formats["plain"]
            hidden.line(0, [(column, f"Candidate {column + 1}", plain) for column in range(_MOST_LISTED)], _LINE)
            for number, listed in enumerate(self._lists, 1):
                if listed:
                    cells = [(column, address, plain) for column, address in enumerate(listed[:_MOST_LISTED])]
                    hidden.line(number, cells, _LINE)
        self._book.close()
        return self._buffer.getvalue()
