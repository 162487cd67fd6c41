"""The registry of checks of a mapping file, one small function per M code, and what all of them look at and say."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from t2t_mapping import upn as upns
from t2t_mapping.catalogue import CATALOGUE
from t2t_mapping.duplicates import all_different
from t2t_mapping.mapping.lines import MappingFile

__all__ = ["CHECKS", "SIDE", "Given", "all_lines", "check", "keyed", "listing", "numbers", "one_line", "service_says"]

SIDE = "mapping"


@dataclass(frozen=True)
class Given:
    """One file to be judged.

    `rows` are the file's, with the keys by which addresses are compared: `s_key` and `t_key`. `expected` are the domains of
    each column that the options or the exports name.
    """

    file: MappingFile
    rows: pl.DataFrame
    name: str | None = None
    profile: str = "self-service"
    expected: Mapping[str, Collection[str]] = field(default_factory=dict)

    @cached_property
    def all_different(self) -> bool:
        """Whether no address stands twice anywhere: a yes is certain."""
        return all_different(pl.concat([self.rows["s_key"], self.rows["t_key"]]).drop_nulls())

    @cached_property
    def cells(self) -> pl.DataFrame:
        """The addresses of all lines that are not plainly good, one row each: `line, column, typed, address, quoted`."""
        odd = self.rows.filter(~pl.col("good"))
        return pl.concat(
            odd.select("line", column=pl.lit(column), typed=pl.col(column), address=pl.col(bare), quoted="quoted")
            for column, bare in (("source", "s"), ("destination", "t"))
        )

    @cached_property
    def invalid(self) -> pl.DataFrame:
        """Those of them that are no valid address even without the blanks and quotes around them."""
        return self.cells.filter(~upns.valid(pl.col("address")))


Check = Callable[[Given], pl.DataFrame]
CHECKS: dict[str, Check] = {}
"""Code -> check; a helper for tests, as in `checks`."""


def check(code: str) -> Callable[[Check], Check]:
    """Registers the one function that can emit a code."""

    def register(function: Check) -> Check:
        CHECKS[code] = function
        return function

    return register


def keyed(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with their keys: case counts for nothing, but only ASCII is folded; an empty column has no key."""
    keys = [
        pl.when(pl.col(name) != "").then(pl.coalesce(upns.fold(pl.col(name)), pl.col(name))).alias(f"{name}_key")
        for name in ("s", "t")
    ]
    return rows.with_columns(keys)


def service_says(code: str, lines: pl.Expr | str = "", address: pl.Expr | str = "") -> pl.Expr:
    """The service's documented message with our values in it."""
    pieces = []
    for part in CATALOGUE[code].service.replace("{lines}", "\0{lines}\0").replace("{b}", "\0{b}\0").split("\0"):
        value = {"{lines}": lines, "{b}": address}.get(part, part)
        pieces.append(pl.lit(value) if isinstance(value, str) else value)
    return pl.concat_str(pieces)


def numbers(lines: pl.Expr) -> pl.Expr:
    """`3, 7` for the service's messages."""
    return lines.cast(pl.List(pl.String)).list.join(", ")


def one_line() -> pl.Expr:
    """The line of a row, as findings keep lines."""
    return pl.concat_list("line")


def all_lines(frame: pl.DataFrame) -> list[int]:
    """The line numbers of a frame."""
    return frame["line"].to_list()


def listing(numbers: list[int]) -> str:
    """`line 3`, `lines 3 and 7`, `lines 3, 7, 9, … (40 in all)`."""
    if len(numbers) == 1:
        return f"line {numbers[0]}"
    if len(numbers) > 5:
        return f"lines {', '.join(map(str, numbers[:3]))}, … ({len(numbers):,} in all)"
    return f"lines {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"
