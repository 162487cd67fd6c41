"""The mapping that was uploaded and the users of both tenants, looked up for the service's messages: which line, who is it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from t2t_mapping import upn as upns
from t2t_mapping.mapping.lines import BLANKS
from t2t_mapping.mapping.service_messages import Said
from t2t_mapping.results.reconciliation import Sides

__all__ = ["Place", "Uploaded"]

_SHIFTED = "The service counts without the header here; these are the lines of the file."
_NOWHERE = "No line of this mapping holds it: is it the file that was uploaded?"
_OTHER_FILE = "This mapping says something else there: is it the file that was uploaded?"
_IDS = ("user_id", "object_id")


@dataclass(frozen=True, slots=True)
class Place:
    """Whom a message is about.

    Attributes:
        lines: the lines of the mapping, or, without a mapping, those that the message names.
        upn: the source user, as far as that is certain.
        words: the pairs and names, for a sentence.
        note: what does not fit.
    """

    lines: tuple[int, ...] = ()
    upn: str | None = None
    words: str = ""
    note: str = ""


class Uploaded:
    """Everything is looked up once for all messages."""

    def __init__(self, rows: pl.DataFrame | None, height: int, sides: Sides | None, messages: Sequence[Said]) -> None:
        self.given = rows is not None
        addresses = {
            _folded(a)
            for said in messages
            for a in (*said.addresses, *([] if said.address is None else [said.address]))
        }
        ids = {guid for said in messages for guid in said.ids}
        self.names: dict[str, str] = {}
        self.by_id: dict[str, str] = {}
        for frame in () if sides is None else (sides.source, sides.destination):
            if frame is not None:
                self._know(frame, addresses, ids)
        addresses |= {_folded(address) for address in self.by_id.values()}
        self.where: dict[str, list[int]] = {}
        self.pairs: dict[int, tuple[str, str]] = {}
        self.same: set[int] = set()
        self.not_pairs: set[int] = set()
        if rows is not None:
            self._read(rows, height, addresses, messages)

    def _know(self, frame: pl.DataFrame, addresses: set[str], ids: set[str]) -> None:
        for column in _IDS:
            if column in frame.columns and ids:
                known = frame.filter(pl.col(column).is_in(list(ids)) & pl.col("upn").is_not_null())
                for guid, upn in known.select(column, "upn").iter_rows():
                    self.by_id.setdefault(guid, upn)
        addresses |= {_folded(upn) for upn in self.by_id.values()}
        named = frame.filter(pl.col("upn_key").is_in(list(addresses)) & pl.col("full_name").is_not_null())
        for key, name in named.select("upn_key", "full_name").iter_rows():
            self.names.setdefault(key, name)

    def _read(self, rows: pl.DataFrame, height: int, wanted: set[str], messages: Sequence[Said]) -> None:
        cells = [pl.col(side).str.strip_chars(BLANKS) for side in ("source", "destination")]
        bare = rows.select("line", *(pl.coalesce(upns.fold(cell), cell) for cell in cells))
        hits = bare.filter(pl.any_horizontal(pl.col("source", "destination").is_in(list(wanted))))
        for line, *pair in hits.iter_rows():
            for address in wanted.intersection(pair):
                self.where.setdefault(address, []).append(line)
        self.same = set(bare.filter(pl.col("source") == pl.col("destination"))["line"])
        asked = {line + shift for said in messages for line in said.lines for shift in (0, 1)}
        kept = rows.filter(pl.col("line").is_in(list(asked.union(hits["line"]))))
        self.pairs = {line: (source, destination) for line, source, destination in kept.iter_rows()}
        self.not_pairs = {line for line in asked if line <= height and line not in self.pairs}

    def place(self, said: Said) -> Place:
        """The lines and users that a message is about: how the service counts lines is not documented, so the mapping tells."""
        own = [self.by_id[guid] for guid in said.ids if guid in self.by_id]
        lines, note = self._lines(said, [*own, *said.addresses])
        # Exactly one line says who it is; else the exports do, by the id; else whatever address stands there.
        sources = {self.pairs[line][0].strip(BLANKS).strip('"') for line in lines if line in self.pairs}
        upn = said.address or (sources.pop() if len(sources) == 1 else next(iter([*own, *said.addresses]), None))
        return Place(tuple(lines), upn, self._words(lines, [*own, *said.addresses]), note)

    def _lines(self, said: Said, beside: Sequence[str]) -> tuple[list[int], str]:
        named = list(said.lines)
        if not self.given:
            return named, ""
        if said.code is None or said.result is not None or (said.address is None and not named):
            found = [set(self.where.get(_folded(address), [])) for address in beside]
            fitting = set.intersection(*found) if found else set()
            fitting = fitting or set().union(*found)
            if not named:
                return sorted(fitting), "" if fitting or not beside or said.code is None else _NOWHERE
        elif said.address is not None:
            fitting = set(self.where.get(_folded(said.address), []))
            if not fitting:
                return named, _OTHER_FILE if named else _NOWHERE
        else:
            fitting = self.same if said.code == "M507" else self.not_pairs
        if not named:
            return sorted(fitting), ""
        if not fitting and (said.code is None or said.result is not None):
            return named, ""
        if fitting.issuperset(named):
            return named, ""
        following = [line + 1 for line in named]
        return (following, _SHIFTED) if fitting.issuperset(following) else (named, _OTHER_FILE)

    def _words(self, lines: Iterable[int], beside: Sequence[str]) -> str:
        """`: ann@contoso.com,ann@fabrikam.com (Ann Lee)` for the first few lines; without a mapping, whom the exports know."""
        pairs = [self.pairs[line] for line in lines if line in self.pairs][:5]
        if pairs:
            return "; ".join(upns.show(",".join(pair)) + self._name(pair[0]) for pair in pairs)
        return "; ".join(upns.show(address) + self._name(address) for address in list(dict.fromkeys(beside))[:5])

    def _name(self, address: str) -> str:
        name = self.names.get(_folded(address))
        return f" ({upns.show(name)})" if name else ""


def _folded(address: str) -> str:
    address = address.strip(BLANKS)
    return address.lower() if address.isascii() else address
