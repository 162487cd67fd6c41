"""The fast way through the rows of a worksheet.

The text of the rows is cut at every `<c r="`, and one anchored regular expression per cell proves that nothing stands
there but what the grammar below allows. Everything the grammar accepts, an XML parser would read the same way; whatever
it does not accept is "not proven", and nothing more is said about it here.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import reduce
from html import escape
from operator import or_
from typing import Protocol
from xml.parsers import expat

import polars as pl

from t2t_mapping.read.xlsx_strings import TEXT, decode_entities, split_utf8

__all__ = ["CELLS", "LAST_COLUMN", "LAST_ROW", "TYPES", "Cells", "Grammar", "column_number"]

CELLS = pl.Schema(
    {
        "row": pl.UInt32,  # as Excel shows it
        "col": pl.UInt32,  # 0 = A
        "text": pl.String,  # as the file says it, entities decoded
        "type": pl.String,  # attribute t
        "style": pl.UInt32,  # attribute s; only where type is n
        "formula": pl.Boolean,
    }
)
LAST_ROW = 1_048_576
LAST_COLUMN = 16_383
TYPES = ("n", "s", "inlineStr", "str", "b", "e", "d")

_ATTRIBUTES = '(?: [A-Za-z][A-Za-z0-9:]*="[^<>&"]*")*'
_STYLE = '(?: s="[0-9]{1,5}")'
_NUMBER = '="[0-9]{1,9}"'


class Cells(Protocol):
    """A run of complete rows. `rows` are the numbers of those that have cells, ascending."""

    rows: pl.Series
    last_row: int

    def take(self, columns: Collection[int] | None = None, rows: pl.Series | None = None) -> pl.DataFrame:
        """The cells (schema `CELLS`), in file order, of the given columns and rows (None = all)."""

    def plain(self, columns: Collection[int]) -> tuple[pl.DataFrame, set[int]] | None:
        """The same, if it can be had at once and all of these cells are text or nothing; else None.

        Returns:
            Columns `row` and one of texts for each number of a column (null = no text), one row for each of `rows`; and
            the columns of which the texts are indices of shared strings.
        """
        return None


def column_number(letters: str) -> int:
    """`A` -> 0, `XFD` -> 16383."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _letters(column: int) -> str:
    text, number = "", column + 1
    while number:
        number, digit = divmod(number - 1, 26)
        text = chr(65 + digit) + text
    return text


class Grammar:
    """The strict grammar of rows for one choice of prefixes.

    Attributes:
        begin: How a row begins.
        end: What follows the last row.
        cell: How a cell begins.
        cell_prefix: The prefix of cells and what they contain, with its colon.
    """

    def __init__(
        self, sheet_data: str, row_prefix: str, cell_prefix: str, bindings: dict[str, str], declares: str, main: str
    ) -> None:
        """Composes the patterns.

        Args:
            sheet_data: Name of the element around the rows, with its prefix.
            row_prefix: `x:` or nothing.
            cell_prefix: The same for cells and what they contain.
            bindings: Prefix -> namespace, as declared around the rows.
            declares: Where the namespace of unprefixed cells is declared: `row`, `first` (before the address of each
                cell), `last` (after its attributes), or "" (around the rows).
            main: The spreadsheet namespace.
        """
        p, q = row_prefix, cell_prefix
        own = f' xmlns="{main}"'
        self.begin = f'<{p}row r="'.encode()
        self.end = f"</{sheet_data}>".encode()
        self._row = f'<{p}row r="'
        self.cell = f'<{q}c{own if declares == "first" else ""} r="'
        self.cell_prefix = q
        around = (f' xmlns{":" * bool(prefix)}{prefix}="{escape(uri)}"' for prefix, uri in bindings.items())
        self._row_tag = f'<{p}row r="1"{"".join(around)}'
        self._row_owns = own if declares == "row" else ""
        self._known: set[str] = set()

        row = f'{self._row}[1-9][0-9]{{0,6}}"{_ATTRIBUTES}'
        rows = f"(?:{row}(?:/>|></{p}row>))*"
        tag_end = f"(?:{re.escape(own)})" if declares == "last" else ""

        def typed(names: str) -> str:
            return f'(?:{_STYLE}? t="(?:{names})"| t="(?:{names})"{_STYLE})'

        formula = (
            f'<{q}f(?: t="(?:normal|array|dataTable|shared)")?(?: aca="[01]")?(?: ref="[A-Z0-9:]+")?(?: dt2D="[01]")?(?: dtr="[01]")?'
            f'(?: r1="[A-Z0-9]+")?(?: r2="[A-Z0-9]+")?(?: ca="[01]")?(?: si{_NUMBER})?(?:/>|>{TEXT}</{q}f>)'
        )
        value = (
            f"(?:{typed('n|str|e|b|d')}|{_STYLE}?)(?: cm{_NUMBER})?(?: vm{_NUMBER})?{tag_end}"
            f"(?:/>|>(?:{formula})?(?:<{q}v>{TEXT}</{q}v>)?</{q}c>)"
        )
        shared = f"{typed('s')}{tag_end}(?:/>|>(?:<{q}v>[0-9]{{1,9}}</{q}v>)?</{q}c>)"
        inline = (
            f"{typed('inlineStr')}{tag_end}"
            f'(?:/>|><{q}is>(?:<{q}t/>|<{q}t(?: xml:space="preserve")?>{TEXT}</{q}t>)</{q}is></{q}c>)'
        )
        cell = f'^[A-Z]{{1,3}}[1-9][0-9]{{0,6}}"(?:{value}|{shared}|{inline})'
        self._no_cell = f"^{rows}$"
        self._before_first = f"^{rows}{row}>$"
        self._middle = f"{cell}(?:</{p}row>{rows}{row}>)?$"
        self._last = f"{cell}</{p}row>{rows}$"

    @classmethod
    def fitting(cls, sheet_data: bytes, rows: bytes, bindings: dict[str, str], main: str) -> Grammar | None:
        """The grammar for rows that look like the first one; None when that looks like nothing known."""
        tag = rb"<((?:[A-Za-z]\w{0,20}:)?)"
        row = re.match(tag + rb'row r="[0-9]+"[^<>]*>', rows)
        cell = re.search(tag + rb"c( [^<>]*)>", rows)
        if row is None or cell is None:
            return None
        row_prefix, cell_prefix = row[1].decode(), cell[1].decode()
        own = f' xmlns="{main}"'.encode()
        declares = ""
        if bindings.get(cell_prefix[:-1]) != main and not cell_prefix:
            declares = "row" if own in row[0] else "first" if cell[2].startswith(own) else "last"
        if bindings.get(row_prefix[:-1]) != main or not (declares or bindings.get(cell_prefix[:-1]) == main):
            return None
        name = re.split(rb"[ >]", sheet_data[1:])[0].decode()
        return cls(name, row_prefix, cell_prefix, bindings, declares, main)

    def parse(self, data: bytes, row_before: int) -> _FastCells | None:
        """The cells of a run of complete rows, or None when they are not all in the grammar, in order and in range."""
        pieces = split_utf8(data, self.cell)
        if pieces is None:
            return None
        before, cells, last = pieces.slice(0, 1), pieces.slice(1).to_frame(), pieces.slice(max(len(pieces) - 1, 1))
        # The addresses are taken out in the same pass, on another core, before it is known that all is well.
        cells = cells.with_columns(
            pl.col("xml").str.contains(self._middle).alias("proven"),
            pl.col("xml").str.extract_groups("^(?P<letters>[A-Z]+)(?P<row>[0-9]+)").alias("address"),
            pl.col("xml").str.ends_with('">').alias("opens"),  # what follows this cell in the text begins another row
        )
        if not (
            before.str.contains(self._before_first if len(cells) else self._no_cell).all()
            and cells["proven"].head(max(len(cells) - 1, 0)).all()
            and last.str.contains(self._last).all()
        ):
            return None
        # From here on the structure is proven, and looser patterns are good enough.
        openers = pl.concat([before, cells["xml"].filter(cells["opens"])])
        tags = pl.concat([openers, last]).str.split(self._row).list.slice(1)
        tag = tags.explode().drop_nulls().str.splitn('"', 2).struct.unnest()
        numbers = tag.to_series(0).cast(pl.UInt32)
        last_row = int(numbers[-1])
        ascending = numbers[0] > row_before and (numbers.diff().drop_nulls() > 0).all() and last_row <= LAST_ROW
        if not ascending or not self._attributes_sound(tag.to_series(1)):
            return None
        cells = cells.select(
            "xml",
            pl.col("address").struct.field("letters"),
            pl.col("address").struct.field("row").cast(pl.UInt32),
            pl.col("opens").shift(1, fill_value=True).alias("first"),
        )
        if not self._in_order(cells):
            return None
        rows = cells["row"].filter(cells["first"])
        named = tags.slice(0, len(openers) if len(cells) else 0).list.last().str.extract("^([0-9]+)").cast(pl.UInt32)
        return _FastCells(cells, rows, last_row, self.cell_prefix, b"&" in data) if (rows == named).all() else None

    @staticmethod
    def _in_order(cells: pl.DataFrame) -> bool:
        """Every cell names the row that its neighbour names, and a column to the right of its neighbour's."""
        letters, length = pl.col("letters"), pl.col("letters").str.len_bytes()
        right = (length > length.shift(1)) | ((length == length.shift(1)) & (letters > letters.shift(1)))
        good = pl.col("first") | (right & (pl.col("row") == pl.col("row").shift(1)))
        near = (length < 3) | (letters <= "XFD")
        return bool(cells.select((good & near).all()).item())

    def _attributes_sound(self, tails: pl.Series) -> bool:
        """Asks expat about the few different sets of row attributes: repeated ones, prefixes that are not declared."""
        for tail in tails.unique():
            attributes = tail[: tail.index(">")].removesuffix("/")
            if attributes in self._known:
                continue
            # A `t` on a row means nothing, but would be taken for the type of a cell below.
            if self._row_owns not in attributes or "xmlns" in attributes.replace(self._row_owns, "", 1):
                return False
            if " t=" in attributes:
                return False
            try:
                expat.ParserCreate(namespace_separator=" ").Parse(f"{self._row_tag}{attributes}/>", True)
            except expat.ExpatError:
                return False
            if len(self._known) < 10_000:
                self._known.add(attributes)
        return True


class _FastCells(Cells):
    """A run of rows whose structure is proven; values are taken out when they are asked for."""

    def __init__(self, cells: pl.DataFrame, rows: pl.Series, last_row: int, prefix: str, entities: bool) -> None:
        self.rows, self.last_row = rows, last_row
        self._cells, self._prefix, self._entities = cells, prefix, entities

    def take(self, columns: Collection[int] | None = None, rows: pl.Series | None = None) -> pl.DataFrame:
        cells, q = self._cells, self._prefix
        letters = pl.col("letters")
        if columns is None:
            numbers = {text: column_number(text) for text in cells["letters"].unique()}
        else:
            numbers = {_letters(column): column for column in columns}
            few = len(numbers) <= 20  # then comparisons are faster than a look-up
            cells = cells.filter(
                reduce(or_, map(letters.eq, numbers), pl.lit(False)) if few else letters.is_in(list(numbers))
            )
        if rows is not None:
            cells = cells.filter(pl.col("row").is_in(rows.implode()))
        if not len(cells):
            return CELLS.to_frame()
        xml = pl.col("xml").str
        text = xml.extract(f'^[^>]*><{q}(?:v>|is><{q}t(?: xml:space="preserve")?>)([^<]*)<')
        formula, kind, style = pl.lit(False), pl.lit("n"), pl.lit(None, pl.String)
        # The common case, and far cheaper: all are the same kind of text. Texts hold no raw ">", and no other tag has
        # such a `t`, so what is looked for can only be found where the cell's own tag ends.
        for name in ("s", "inlineStr"):
            sign = f' t="{name}">'
            if sign in cells["xml"][0] and cells["xml"].str.contains(sign, literal=True).all():
                kind = pl.lit(name)
                break
        else:
            kind, style = _TYPE_OF_EACH, xml.extract('^[^>]* s="([0-9]+)"')
            formula = xml.contains(f"^[^>]*><{q}f")
            text = pl.when(formula).then(xml.extract(f"<{q}v>([^<]*)<")).otherwise(text)
        taken = cells.select(
            pl.col("row"),
            letters.replace_strict(numbers, return_dtype=pl.UInt32).alias("col"),
            text.alias("text"),
            kind.alias("type"),
            style.cast(pl.UInt32).alias("style"),
            formula.alias("formula"),
        )
        return taken.with_columns(decode_entities(taken["text"])) if self._entities else taken


_TYPE_OF_EACH = pl.coalesce(
    *(pl.when(pl.col("xml").str.contains(f'^[^>]* t="{name}"')).then(pl.lit(name)) for name in TYPES), pl.lit("n")
)
