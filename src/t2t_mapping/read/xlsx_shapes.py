"""The fastest way through the rows of a worksheet: nearly all rows of an export are alike.

Two rows are of one shape if they differ in nothing but the row's number and the texts of the cells. The first row of a
shape is proven by the grammar of `xlsx_rows`; of every other it is enough to prove that it is like the first, which takes
a few comparisons of whole columns. Rows of many shapes, formulas and whatever the grammar does not know are left to the
other ways; nothing is said about them here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache

import polars as pl

from t2t_mapping.read.xlsx_rows import CELLS, LAST_ROW, Cells, Grammar, column_number
from t2t_mapping.read.xlsx_strings import TEXT, as_text, decode_entities

__all__ = ["Shapes"]

_MOST_SHAPES = 24  # three columns that may be blank make eight, with two sorts of row height sixteen
_MOST_FAILURES = 3  # runs in a row; then it is not worth trying any more

# No control characters, no line ends that a parser would normalise, no `]]>` and no noncharacters: with these gone, a text
# without `<` and `&` is sound whatever else stands in it. Searching for single bytes is many times faster than any pattern.
_FORBIDDEN = tuple(bytes([code]) for code in range(32) if chr(code) not in "\t\n")
_NONCHARACTERS = ("\ufffe".encode(), "\uffff".encode())


@dataclass(frozen=True)
class _Place:
    """Where a cell stands in a row of some shape, and what stands around its text, behind the row's number."""

    letters: str
    before: str
    after: str
    holds_text: bool
    type: str
    style: int | None

    @property
    def col(self) -> int:
        return column_number(self.letters)

    def begin(self, digits: int) -> int:
        """Where the text begins, when the row's number has so many digits."""
        return len(self.letters) + digits + len(self.before)

    def text(self, piece: pl.Expr, digits: int) -> pl.Expr:
        """The text in a piece of a row, if it is this cell."""
        return piece.str.slice(self.begin(digits)).str.head(-len(self.after))

    def proofs(self, text: pl.Expr, entities: bool) -> Iterator[pl.Expr]:
        """What shows that the text is sound."""
        if self.type == "s":
            yield text.str.contains("^[0-9]{1,9}$")
            return
        yield ~text.str.contains("<", literal=True)
        if entities:
            yield ~text.str.contains("&", literal=True) | text.str.contains(f"^{TEXT}$")


@dataclass(frozen=True)
class _Shape:
    tail: str  # from behind the row's number to the first cell, or to the end of a row without cells
    places: tuple[_Place, ...]

    def fitting(self, rows: pl.DataFrame, digits: int, cell: str, entities: bool) -> pl.DataFrame:
        """The rows of this shape: `index`, `number`, and the texts `1`, `2` ...

        A row is of this shape if its number and its texts, put into the shape, give the row again.

        Args:
            rows: `index`, `row`, and `pieces`, the row cut at every cell; as many as a row of this shape has.
            digits: Of the number of each row.
            cell: What begins a cell.
            entities: Whether there is any `&` in the run.
        """
        # Few calls with many expressions each, made once: Python would else cost more than the comparing.
        cut, proven = self._expressions(digits, cell, entities)
        texts = rows.select(pl.col("pieces").explode()).select(cut).with_columns(rows["index"], rows["row"])
        proof = texts.select(proven).to_series()
        texts = texts.drop("row")
        return texts if proof.all() else texts.filter(proof)

    @cache  # noqa: B019  shapes live as long as their reader
    def _expressions(self, digits: int, cell: str, entities: bool) -> tuple[list[pl.Expr], pl.Expr]:
        every = pl.col("pieces").gather_every
        width = 1 + len(self.places)
        cut = [every(width).str.head(digits).alias("number")]
        proofs = [pl.col("number").str.contains("^[1-9][0-9]{0,6}$")]
        parts: list[pl.Expr | str] = [pl.col("number"), self.tail]
        for at, place in enumerate(self.places, 1):
            parts += [cell + place.letters, pl.col("number"), place.before]
            if place.holds_text:
                text = pl.col(str(at))
                cut.append(place.text(every(width, at), digits).alias(str(at)))
                proofs += place.proofs(text, entities)
                parts.append(text)
            parts.append(place.after)
        # `format` is faster than `concat_str` where most parts are the same in every row.
        form = "".join(part.replace("{", "{{").replace("}", "}}") if isinstance(part, str) else "{}" for part in parts)
        whole = pl.format(form, *(part for part in parts if not isinstance(part, str)))
        return cut, pl.all_horizontal(*proofs, pl.col("row") == whole)


@dataclass(frozen=True)
class _Block:
    """Rows of one shape: see `_Shape.fitting`, the numbers cast."""

    shape: _Shape
    rows: pl.DataFrame

    def cells(self, at: int, entities: bool) -> pl.DataFrame:
        """The cells of one place, in the order of the rows."""
        place = self.shape.places[at]
        cells = self.rows.select(
            pl.col("number").alias("row"),
            pl.lit(place.col, pl.UInt32).alias("col"),
            (pl.col(str(at + 1)) if place.holds_text else pl.lit(None, pl.String)).alias("text"),
            pl.lit(place.type).alias("type"),
            pl.lit(place.style, pl.UInt32).alias("style"),
            pl.lit(False).alias("formula"),
        )
        return cells.with_columns(decode_entities(cells["text"])) if entities and place.holds_text else cells

    def texts(self, columns: Collection[int]) -> list[pl.Expr]:
        """The text of each of these columns."""
        found = {place.col: pl.col(str(at)) for at, place in enumerate(self.shape.places, 1) if place.holds_text}
        return [found.get(col, pl.lit(None, pl.String)).alias(str(col)) for col in columns]


class Shapes:
    """Reads runs of rows of few shapes, which it learns as it goes.

    Args:
        grammar: Proves the first row of each shape.
    """

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self._row, self._cell = grammar.begin.decode(), grammar.cell
        self._known: dict[re.Pattern[str], _Shape] = {}
        self._failures = 0

    def parse(self, data: bytes, row_before: int) -> Cells | None:
        """The cells of a run of complete rows, or None when they are not all of few shapes, in order and in range."""
        if self._failures == _MOST_FAILURES:
            return None
        cells = self._parse(data, row_before)
        self._failures = 0 if cells is not None else self._failures + 1
        return cells

    def _parse(self, data: bytes, row_before: int) -> Cells | None:
        text = as_text(data) if _plain(data) and data.startswith(self._grammar.begin) else None
        if text is None:
            return None
        rows = (
            text.to_frame()
            .select(row=pl.col("xml").str.split(self._row).explode().slice(2))
            .with_columns(
                pl.int_range(pl.len(), dtype=pl.UInt32).alias("index"),
                pl.col("row").str.split(self._cell).alias("pieces"),
                pl.col("row").str.find('"', literal=True).alias("digits"),
            )
            .with_columns(pl.col("pieces").list.len().alias("length"))
        )
        entities = b"&" in data
        blocks: list[_Block] = []
        for part in rows.partition_by("length", "digits", maintain_order=True):
            digits = part["digits"][0]
            left = part
            while len(left):
                shape = self._shape_of(left["row"][0])
                found = shape.fitting(left, digits, self._cell, entities) if shape is not None else left.clear()
                if shape is None or not len(found):
                    return None
                blocks.append(_Block(shape, found.with_columns(pl.col("number").cast(pl.UInt32))))
                left = left.clear() if len(found) == len(left) else left.join(found, on="index", how="anti")
        return _ShapedCells.in_order(blocks, row_before, entities)

    def _shape_of(self, row: str) -> _Shape | None:
        """The shape of a row; None if it is a new one and cannot be proven, or is one too many."""
        for known, shape in self._known.items():
            if known.fullmatch(row):
                return shape
        number = re.match('[1-9][0-9]{0,6}(?=")', row)
        if number is None or len(self._known) == _MOST_SHAPES:
            return None
        if self._grammar.parse(f"{self._row}{row}".encode(), int(number[0]) - 1) is None:
            return None
        tag, *cells = row[number.end() :].split(self._cell)
        q = re.escape(self._grammar.cell_prefix)
        anatomy = re.compile(rf"([A-Z]+)[0-9]+([^<>]*>)(?:(<{q}v>|<{q}is><{q}t(?: [^<>]*)?>)([^<]*)(?=</))?([^\0]*)")
        places, pattern = [], f"([0-9]+){re.escape(tag)}"
        for cell in cells:
            match = anatomy.fullmatch(cell)
            if match is None or f"<{self._grammar.cell_prefix}f" in match[5]:
                return None
            kind, style = re.search(' t="([A-Za-z]+)"', match[2]), re.search(' s="([0-9]+)"', match[2])
            place = _Place(
                letters=match[1],
                before=match[2] + (match[3] or ""),
                after=match[5],
                holds_text=match[3] is not None,
                type=kind[1] if kind else "n",
                style=int(style[1]) if style else None,
            )
            places.append(place)
            text = "[^<]*" if place.holds_text else ""
            pattern += rf"{re.escape(self._cell)}{match[1]}\1{re.escape(place.before)}{text}{re.escape(place.after)}"
        shape = _Shape(tag, tuple(places))
        self._known[re.compile(pattern)] = shape
        return shape


class _ShapedCells(Cells):
    """A run of rows of few shapes."""

    def __init__(self, blocks: list[_Block], rows: pl.Series, last_row: int, entities: bool) -> None:
        self.rows, self.last_row = rows, last_row
        self._blocks, self._entities = blocks, entities

    @classmethod
    def in_order(cls, blocks: list[_Block], row_before: int, entities: bool) -> _ShapedCells | None:
        """None when the rows' numbers do not ascend."""
        numbers = pl.concat([block.rows.select("index", row="number") for block in blocks])
        row = (numbers.sort("index") if len(blocks) > 1 else numbers)["row"]
        last_row = int(row[-1])
        if not (row[0] > row_before and (row.diff().drop_nulls() > 0).all() and last_row <= LAST_ROW):
            return None
        if any(not block.shape.places for block in blocks):
            row = pl.concat([row.clear(), *(block.rows["number"] for block in blocks if block.shape.places)]).sort()
        return cls(blocks, row, last_row, entities)

    def plain(self, columns: Collection[int]) -> tuple[pl.DataFrame, set[int]] | None:
        types: dict[int, set[str]] = {col: set() for col in columns}
        for place in (place for block in self._blocks for place in block.shape.places if place.holds_text):
            if place.col in types:
                types[place.col].add(place.type)
        shared = {col for col in columns if types[col] == {"s"}}
        if not all(col in shared or types[col] <= {"inlineStr", "str"} for col in columns):
            return None
        filled = [block for block in self._blocks if block.shape.places]
        taken = [block.rows.select("index", pl.col("number").alias("row"), *block.texts(columns)) for block in filled]
        if not taken:
            return None
        frame = (pl.concat(taken).sort("index") if len(taken) > 1 else taken[0]).drop("index")
        if self._entities:
            frame = frame.with_columns(decode_entities(frame[str(col)]) for col in columns if col not in shared)
        return frame, shared

    def take(self, columns: Collection[int] | None = None, rows: pl.Series | None = None) -> pl.DataFrame:
        taken = [
            block.cells(at, self._entities)
            for block in self._blocks
            for at, place in enumerate(block.shape.places)
            if columns is None or place.col in columns
        ]
        frame = pl.concat([CELLS.to_frame(), *taken])
        if rows is not None:
            frame = frame.filter(pl.col("row").is_in(rows.implode()))
        return frame.sort("row", "col") if len(taken) > 1 else frame


def _plain(data: bytes) -> bool:
    """Whether no byte stands in the data that would need a closer look, wherever it stands."""
    if any(byte in data for byte in _FORBIDDEN) or (b"]" in data and b"]]>" in data):
        return False
    return b"\xef" not in data or not any(character in data for character in _NONCHARACTERS)
