"""The slow, complete way to read a large part: an XML parser that knows which element may stand where.

It reads everything the standard allows (any prefix, encoding, comments, rich text) and refuses the rest, because an
element that is silently passed over may be a user who is silently lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.parsers import expat

from t2t_mapping.errors import InputError
from t2t_mapping.read.cells import clip, refuse
from t2t_mapping.read.xlsx_parts import MAIN_NAMESPACES, Attributes, new_parser, not_xml

__all__ = ["RICH_TEXT", "StrictParser"]

# What may take this way: some ten seconds' worth.
BUDGET = 64 << 20
MOST_ELEMENTS = 3_000_000  # 100,000 rows of 8 texts are 2.5 million
LONGEST_TOKEN = 8 << 20
LONGEST_TEXT = 1 << 20  # Excel allows 32,767 characters in a cell

_BLANK = " \t\r\n"
_USE_EXCEL = "Open the file in Excel and save it as .xlsx, then use that file."

Children = Mapping[str, Mapping[str, bool]]
"""Parent -> its children -> whether they are read (True) or passed over with all they contain (False)."""

RICH_TEXT = {"t": True, "r": True, "rPh": False, "phoneticPr": False}
"""What a shared string or an inline string consists of. What stands in `rPh` is a reading aid, not part of the text."""

_RUN = {"r": {"t": True, "rPr": False}}
_TEXTS = frozenset("tvf")


class StrictParser:
    """Expat with a grammar: which element may stand in which. Subclasses take what the two hooks tell them.

    Attributes:
        path: The open elements, as local names.
        bindings: Namespace prefix ("" is the default) -> URI, as they stand where the parser is.
        starts: Name of an element -> byte at which its last start tag began.
        main: The namespace of the root.
        utf8: False when the part declares another encoding.
    """

    def __init__(self, label: str, part: str, root: str, children: Children, sheet: str | None = None) -> None:
        self.root = root
        self.label, self.part, self.sheet = label, part, sheet
        self.path: list[str] = []
        self.bindings: dict[str, str] = {}
        self.starts: dict[str, int] = {}
        self.main = ""
        self.utf8 = True
        self._outer: list[tuple[str, str | None]] = []
        self._children = {**children, **_RUN}
        self._known: dict[tuple[str, str], str] = {}
        self._elements = 0
        self._skipped = 0
        self._text: list[str] = []
        self._length = 0
        self._fed = 0
        self._parser = new_parser(label, part)
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.XmlDeclHandler = self._declaration
        self._parser.StartNamespaceDeclHandler = self._bind
        self._parser.EndNamespaceDeclHandler = self._unbind

    def started(self, name: str, attributes: Attributes) -> None:
        """An element that is read begins."""

    def ended(self, name: str, text: str) -> None:
        """It ends. `text` is the character data of `t`, `v` and `f`."""

    def fault(self, message: str, fix: str = _USE_EXCEL, row: int | None = None) -> InputError:
        """The I101 error for this part."""
        return refuse(self.label, message, fix, sheet=self.sheet, row=row)

    def feed(self, data: bytes, final: bool = False) -> None:
        """Parses some more.

        Raises:
            InputError: I101 when it is no XML, not in the grammar, or over a limit.
        """
        self._fed += len(data)
        if self._fed > BUDGET or self._elements > MOST_ELEMENTS:
            raise self.fault(f"The part {self.part} is written in an unusual way and too large to be read like that.")
        try:
            self._parser.Parse(data, final)
        except expat.ExpatError as error:
            raise not_xml(self.label, self.part, error, self.sheet) from error
        except (LookupError, ValueError) as error:  # an encoding that Python does not know, or cannot hand to expat
            raise self.fault(f"The part {self.part} is in an unknown encoding.") from error
        # Expat looks at an unfinished tag from its beginning each time: a tag without end would cost quadratic time.
        if not final and self._fed - self._parser.CurrentByteIndex > len(data) + LONGEST_TOKEN:
            raise self.fault(f"The part {self.part} holds a tag that never ends.")

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self.utf8 = encoding is None or encoding.lower() == "utf-8"

    def _bind(self, prefix: str | None, uri: str | None) -> None:
        key = prefix or ""
        self._outer.append((key, self.bindings.get(key)))
        self.bindings[key] = uri or ""

    def _unbind(self, _prefix: str | None) -> None:
        key, uri = self._outer.pop()
        if uri is None:
            del self.bindings[key]
        else:
            self.bindings[key] = uri

    def _start(self, name: str, attributes: Attributes) -> None:
        self._elements += 1
        if self._skipped:
            self._skipped += 1
            return
        parent = self.path[-1] if self.path else ""
        local = self._known.get((parent, name))
        if local is None:
            local = self._known[parent, name] = self._judge(parent, name)
        if not local:
            self._skipped = 1
            return
        self.path.append(local)
        if len(self.path) <= 2:
            self.starts[local] = self._parser.CurrentByteIndex
        self._text.clear()
        self._length = 0
        self.started(local, attributes)

    def _judge(self, parent: str, name: str) -> str:
        """The local name of an element that is read, or "" for one that is passed over."""
        namespace, _, local = name.rpartition(" ")
        if not parent:
            if namespace not in MAIN_NAMESPACES or local != self.root:
                raise self.fault(f"The part {self.part} is of an unknown kind ({clip(name, 80)}).")
            self.main = namespace
            return local
        read = self._children.get(parent, {}).get(local) if namespace == self.main else None
        # Extensions of other namespaces stand in the root; elsewhere nothing unknown is passed over.
        if read is None and (parent != self.root or namespace == self.main):
            raise self.fault(f"The part {self.part} has {clip(name, 80)} inside {clip(parent)}.")
        return local if read else ""

    def _characters(self, data: str) -> None:
        if self._skipped:
            return
        if self.path[-1] in _TEXTS:
            self._text.append(data)
            self._length += len(data)
            if self._length > LONGEST_TEXT:
                raise self.fault(f"The part {self.part} holds a text of more than a million characters.")
        elif data.strip(_BLANK):
            raise self.fault(f"The part {self.part} has text where none belongs (inside {clip(self.path[-1])}).")

    def _end(self, _name: str) -> None:
        if self._skipped:
            self._skipped -= 1
            return
        self.ended(self.path.pop(), "".join(self._text))
        self._text.clear()
