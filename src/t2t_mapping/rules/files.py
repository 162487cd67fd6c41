"""What callers give as rules → tables of text: files of every kind, bytes, frames."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from t2t_mapping.errors import InputError, Problem
from t2t_mapping.lexicon.vocabulary import header_key
from t2t_mapping.read import RawTable, all_columns, frame_table, read_bytes, read_tables
from t2t_mapping.read.guard import sniff
from t2t_mapping.read.recognise import kind_of, kind_of_tables
from t2t_mapping.read.text import first_record, read_text
from t2t_mapping.rules import review_sheets
from t2t_mapping.rules.widths import without_odd_lines

__all__ = ["DESTINATION_HEADERS", "REVIEW", "SOURCE_HEADERS", "Given", "content"]

_ENDINGS = (
    "", "upn", "user", "userupn", "userprincipalname", "value", "email", "emailaddress", "mail", "mailaddress", "address",
    "primarysmtpaddress", "smtpaddress", "useremail", "username", "account", "login", "loginname", "identity",
)  # fmt: skip
_SOURCE_WORDS = ("source", "src", "from", "old", "current", "quell", "quelle", "origen", "origem", "origine", "bron")
_DESTINATION_WORDS = ("destination", "dest", "target", "to", "new", "ziel", "cible", "destino", "destinazione", "doel")
SOURCE_HEADERS = frozenset(word + ending for word in _SOURCE_WORDS for ending in _ENDINGS)
DESTINATION_HEADERS = frozenset(word + ending for word in _DESTINATION_WORDS for ending in _ENDINGS)
"""Headers of the two columns of a rule table, also of other tools' tables."""

_TAKEN = ("rule-table", "mapping", "review-workbook")

REVIEW = "review.xlsx"
"""The review workbook in a run folder."""

Given = str | Path | bytes | tuple[str, bytes] | pl.DataFrame
"""One source of rules: a file, its bytes (with a name), or a frame."""


def content(rules: Given) -> tuple[str, bytes | None, list[RawTable], list[Problem]]:
    """Label, bytes (None of what is no file), tables of one source, and its lines that belong to none."""
    label = "rules"
    if isinstance(rules, pl.DataFrame):
        table = frame_table(rules, label, all_columns)
        return label, None, [] if table is None else [table], []
    if isinstance(rules, bytes):
        data = rules
    elif isinstance(rules, tuple):
        label, data = rules
    else:
        path = Path(rules)
        if path.is_dir() and (path / REVIEW).is_file():  # a run folder: what was decided there
            path = path / REVIEW
        label = path.as_posix()
        data = read_bytes(path, label)
    tables, odd = _of_rules(data, label)
    return label, data, tables, odd


def _of_rules(data: bytes, label: str) -> tuple[list[RawTable], list[Problem]]:
    """The tables, if the file is of a kind that gives rules.

    Raises:
        InputError: R403 with what the file is, and the command that takes it.
    """
    text = sniff(data, label) in ("text", "json")
    other = kind_of(data) if text else None
    tables, odd = ([], []) if other is not None and other.name not in _TAKEN else _tables(data, label)
    other = other if text else kind_of_tables(tables)
    if other is not None and other.name not in _TAKEN and not any(map(review_sheets.is_review, tables)):
        raise InputError(Problem("R403", str(other), other.taker, side="rules", file=label))
    return tables, odd


def _tables(data: bytes, label: str) -> tuple[list[RawTable], list[Problem]]:
    kind = sniff(data, label)
    if kind != "text":  # only a sheet may have its headers below its first row
        choose = all_columns if kind in ("json", "parquet") else review_sheets.whole_grid
        return read_tables(data, label, choose), []
    review_sheets.refuse_moved_headers(data, label)
    opening = first_record(data, label)
    named = any(header_key(cell) in SOURCE_HEADERS for cell in opening)
    data, odd = without_odd_lines(data, label, max(len(opening), 2) if named else 3)
    if not data.strip():
        return [], odd
    headers = None if named else ("Source", "Destination", "Note")
    return read_text(data, label, all_columns, headers=headers, ragged=True), odd
