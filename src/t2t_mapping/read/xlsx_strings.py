"""Texts in workbook XML: the strict grammar of plain ones, their decoding, and the table of shared strings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import polars as pl

from t2t_mapping.read.cells import refuse
from t2t_mapping.read.xlsx_archive import Archive
from t2t_mapping.read.xlsx_expat import RICH_TEXT, StrictParser
from t2t_mapping.read.xlsx_parts import Attributes

__all__ = ["CHUNK", "TEXT", "SharedStrings", "as_text", "decode_entities", "decode_escapes", "split_utf8"]

CHUNK = 2 << 20
"""Inflated bytes handled at a time: large enough for vectorised work, small enough to bound memory."""

_MOST_STRINGS = 16 << 20

# Character references that XML allows, up to three hexadecimal or five decimal digits; rarer ones take the slow way.
_REFERENCES = (
    r"&(?:amp|lt|gt|quot|apos"
    r"|#(?:9|1[03]|3[2-9]|[4-9][0-9]|[1-9][0-9]{2,3}|[1-4][0-9]{4})"
    r"|#x(?:[9aAdD]|[2-9a-fA-F][0-9a-fA-F]|[1-9a-fA-F][0-9a-fA-F]{2}|[1-9a-cA-C][0-9a-fA-F]{3}));"
)
TEXT = rf"(?:[^<>&\r\x00-\x08\x0b\x0c\x0e-\x1f\x{{FFFE}}\x{{FFFF}}]|{_REFERENCES})*"
"""Character data that means the same to every XML parser: well-formed, no CDATA, no line ends to normalise (Rust
syntax). A raw `>` is left out because `]]>` is forbidden."""

_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_REFERENCE = re.compile("&(#x?)?([^;]+);")
_ESCAPES = re.compile("(?:_x[0-9A-Fa-f]{4}_)+")


def as_text(data: bytes) -> pl.Series | None:
    """An empty text and the data as text (column `xml`), or None when it is not UTF-8."""
    try:
        # A series of one value is taken for a constant, and its megabytes are copied at every step.
        return pl.Series("xml", [b"", data], dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.PolarsError:
        return None


def split_utf8(data: bytes, sign: str) -> pl.Series | None:
    """The text cut at every sign, or None when it is not UTF-8."""
    text = as_text(data)
    return None if text is None else text.str.split(sign).explode().slice(1)


def decode_entities(texts: pl.Series) -> pl.Series:
    """Undoes `&amp;`, `&#10;` and their like in text that matched `TEXT`."""
    return _rewrite(texts, "&", lambda text: _REFERENCE.sub(_dereference, text))


def decode_escapes(texts: pl.Series) -> pl.Series:
    """Undoes `_x000D_`, by which Excel writes what XML cannot, as Excel does: once, from left to right."""
    return _rewrite(texts, "_x", lambda text: _ESCAPES.sub(_unescape, text))


def _rewrite(texts: pl.Series, sign: str, function: Callable[[str], str]) -> pl.Series:
    """Applies a Python function to the few texts that contain the sign."""
    touched = texts.str.contains(sign, literal=True).arg_true()
    if not len(touched):
        return texts
    return texts.clone().scatter(touched, pl.Series([function(text) for text in texts.gather(touched)]))


def _dereference(match: re.Match[str]) -> str:
    sort, name = match.groups()
    return chr(int(name, 16 if sort == "#x" else 10)) if sort else _NAMED[name]


def _unescape(match: re.Match[str]) -> str:
    """A run of escapes is one piece of UTF-16: characters beyond U+FFFF take two. Half of one becomes U+FFFD."""
    units = b"".join(int(unit, 16).to_bytes(2, "little") for unit in re.findall("_x(.{4})_", match[0]))
    return units.decode("utf-16-le", "replace")


class SharedStrings:
    """The table that cells of type `s` point into, read when the first of them is met."""

    def __init__(self, archive: Archive, part: str | None) -> None:
        self._archive, self._part = archive, part
        self._texts: pl.Series | None = None

    @property
    def texts(self) -> pl.Series:
        """All strings, decoded, by index."""
        if self._texts is None:
            pieces = list(self._read(self._part)) if self._part is not None else []
            self._texts = decode_escapes(pl.concat(pieces)) if pieces else pl.Series(dtype=pl.String)
        return self._texts

    def _read(self, part: str) -> Iterator[pl.Series]:
        stream = self._archive.stream(part)
        slow = _StringsParser(self._archive.label, part)
        buffer, at_end, total = b"", False, 0
        fast: bool | None = None
        while not at_end:
            at_end = True
            for piece in stream:
                buffer += piece
                if len(buffer) >= CHUNK:
                    at_end = False
                    break
            if fast is None:
                head = buffer[: max(buffer.find(b"<si>"), 0)]
                buffer = buffer[len(head) :]
                slow.feed(head)
                fast = slow.stands_behind_plain_root(head)
            # An item holds no "<si>" of its own, so the last one is where an item begins.
            cut = buffer.rfind(b"</sst>" if at_end else b"<si>") if fast else 0
            texts = _plain_items(buffer[:cut]) if cut > 0 else None
            if texts is None:
                fast, cut = False, len(buffer)
                slow.feed(buffer)
                texts = slow.take()
            buffer = buffer[cut:]
            total += len(texts)
            if total > _MOST_STRINGS:
                raise refuse(self._archive.label, "The workbook has too many texts.", "Export fewer rows per file.")
            yield texts
        slow.feed(buffer, final=True)
        yield slow.take()


_PHONETIC = (
    rf'(?:<rPh sb="[0-9]{{1,5}}" eb="[0-9]{{1,5}}"><t>{TEXT}</t></rPh>)*'
    r'(?:<phoneticPr fontId="[0-9]{1,5}"(?: type="[A-Za-z]+")?(?: alignment="[A-Za-z]+")?/>)?'
)
_PLAIN_ITEM = rf'^(?:<t/>|<t(?: xml:space="preserve")?>{TEXT}</t>){_PHONETIC}</si>$'


def _plain_items(data: bytes) -> pl.Series | None:
    """The texts (entities decoded) of a run of complete `<si>` items, or None when one of them is not plain."""
    items = split_utf8(data, "<si>")
    if items is None:
        return None
    items = items.slice(1)  # nothing stands before the first
    xml = pl.col("xml").str
    proven, bare = (
        items.to_frame()
        .select(
            proven=xml.contains(_PLAIN_ITEM).all(),
            bare=(xml.starts_with("<t>") & xml.ends_with("</t></si>")).all(),
        )
        .row(0)
    )
    if not proven:
        return None
    if bare:
        texts = items.str.strip_prefix("<t>").str.strip_suffix("</t></si>")  # several times faster than the below
    else:
        texts = items.str.extract(r'^<t(?: xml:space="preserve")?>([^<]*)<').fill_null("")
    return decode_entities(texts) if b"&" in data else texts


class _StringsParser(StrictParser):
    """The slow way for rich text, comments, prefixes and other encodings."""

    def __init__(self, label: str, part: str) -> None:
        super().__init__(label, part, "sst", {"sst": {"si": True, "extLst": False}, "si": RICH_TEXT})
        self._item: list[str] = []
        self._done: list[str] = []

    def stands_behind_plain_root(self, head: bytes) -> bool:
        """Whether the head was UTF-8 and ended with an unprefixed root's start tag: what follows are its children."""
        plain = self.utf8 and self.path == ["sst"] and self.bindings.get("") == self.main
        return plain and re.fullmatch(rb"<sst(?: [^<>]*)?>", head[self.starts["sst"] :]) is not None

    def take(self) -> pl.Series:
        """The texts completed since the last call."""
        done, self._done = self._done, []
        return pl.Series(done, dtype=pl.String)

    def started(self, name: str, attributes: Attributes) -> None:
        if name == "si":
            self._item.clear()

    def ended(self, name: str, text: str) -> None:
        if name == "t":
            self._item.append(text)
        elif name == "si":
            self._done.append("".join(self._item))
