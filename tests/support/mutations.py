"""Ways to damage a file that know how it is built, for the property tests and the fuzz targets.

A random byte in a workbook breaks a checksum, and a random byte in XML breaks a tag; both are refused at the door. What
follows goes past it: a cell moved, an attribute given twice, a relationship pointing elsewhere, a quote too many, each in
a file that is otherwise whole, its checksums right. Every function takes the file and a source of chance.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from random import Random

__all__ = ["BY_KIND", "any_byte", "json_tokens", "parts_of", "text_marks", "workbook", "xml", "zipped"]

Parts = list[tuple[str, bytes]]


def any_byte(data: bytes, chance: Random) -> bytes:
    """One bit or one byte changed, anywhere."""
    at = chance.randrange(len(data))
    change = 1 << chance.randrange(8) if chance.randrange(2) else chance.randrange(1, 256)
    return data[:at] + bytes([data[at] ^ change]) + data[at + 1 :]


# --- XML --------------------------------------------------------------------------------------------------------------

_TOKEN = re.compile("<[^>]*>|[^<]+")
_ATTRIBUTE = re.compile(r'\s([\w:]+)="([^"]*)"')
_NAME = re.compile(r"</?([\w:]+)")
_VALUES = (
    "", "0", "1", "2", "3", "-1", "00", "1.0", " 1", "1048577", "4294967296", "A1", "B2", "C3", "XFD2", "a1", "A02", "s",
    "n", "b", "e", "d", "str", "inlineStr", "String", "Number", "Boolean", "hidden", "veryHidden", "visible", "SheetHidden",
    "rId1", "rId2", "worksheet", "/xl/workbook.xml", "xl/worksheets/sheet2.xml", "hiddenDataSheet", "preserve",
)  # fmt: skip
_EXTRA_ATTRIBUTES = (
    ' r="B2"', ' t="s"', ' t="n"', ' t="inlineStr"', ' s="1"', ' state="hidden"', ' TargetMode="External"', ' ss:Index="2"',
    ' ss:MergeAcross="1"', ' ss:MergeDown="2"', ' ss:Formula="=1"', ' xmlns="urn:other"', ' xmlns=""', ' xml:space="preserve"',
    ' ss:Span="1"', ' spans="1:2"', ' codeName="hiddenDataSheet"',
)  # fmt: skip
_FRAGMENTS = (
    "<!-- x -->", "<![CDATA[x]]>", "<?x y?>", "<row/>", "<c/>", "<v>1</v>", "<f>A1</f>", "<f/>", "<is><t>x</t></is>", "<t>x</t>",
    "<r><t>x</t></r>", '<rPh sb="0" eb="1"><t>x</t></rPh>', "<si><t>x</t></si>", "<extLst/>", "&amp;", "&#8203;", "&#x202e;",
    "&#10;", "&nbsp;", "]]>", "\r", "\n", " ", "x", "_x0041_", "_xD83D_", "<!DOCTYPE x>", "<Row/>", "<Cell/>",
    '<Data ss:Type="String">x</Data>', '<mergeCells><mergeCell ref="A2:B3"/></mergeCells>', "<sheetData/>", "\x01", "\x00",
)  # fmt: skip


def xml(data: bytes, chance: Random) -> bytes:
    """One change to attributes, elements or texts, of bytes that are (nearly) XML."""
    tokens = _TOKEN.findall(data.decode("latin-1"))  # any bytes survive the way there and back
    if not tokens:
        return data
    change = chance.choice((_attribute, _attribute, _element, _element, _element, _character_data, _insertion))
    return "".join(change(tokens, chance)).encode("latin-1")


def _attribute(tokens: list[str], chance: Random) -> list[str]:
    """Change, delete, duplicate, reorder, rename or add an attribute."""
    at = _pick(tokens, chance, lambda token: _ATTRIBUTE.search(token) is not None)
    if at is None:
        return tokens
    token = tokens[at]
    found = chance.choice(list(_ATTRIBUTE.finditer(token)))
    name, value = found[1], found[2]
    others = [v for n, v in _ATTRIBUTE.findall("".join(tokens)) if n == name]
    end = len(token) - (2 if token.endswith("/>") else 1)
    new = chance.choice(
        (
            lambda: "",
            lambda: found[0] + found[0],
            lambda: f' {name}="{chance.choice(others)}"',
            lambda: f' {name}="{chance.choice(others)}"',
            lambda: f' {name}="{chance.choice(_VALUES)}"',
            lambda: f' {name}="{_off_by_one(value, chance)}"',
            lambda: f' {name.swapcase()}="{value}"',
            lambda: found[0] + chance.choice(_EXTRA_ATTRIBUTES),
        )
    )()
    if chance.randrange(8):
        tokens[at] = token[: found.start()] + new + token[found.end() :]
    else:  # to the end: attributes may stand in any order
        tokens[at] = token[: found.start()] + token[found.end() : end] + found[0] + token[end:]
    return tokens


def _off_by_one(value: str, chance: Random) -> str:
    return re.sub(r"\d+", lambda number: str(max(0, int(number[0][:9]) + chance.choice((-1, 1)))), value)


def _element(tokens: list[str], chance: Random) -> list[str]:
    """Delete, duplicate, move, swap, unwrap, rename or comment out an element with all that is in it."""
    first, last = _span(tokens, chance)
    other, end = _span(tokens, chance)
    whole = tokens[first:last]
    action = chance.randrange(8)
    if action == 0:
        return tokens[:first] + tokens[last:]
    if action == 1:
        return tokens[:last] + whole + tokens[last:]
    if action == 2:
        return tokens[:other] + whole + tokens[other:]
    if action == 3:
        return tokens[:first] + tokens[other:end] + tokens[last:]
    if action == 4 and last <= other:
        return tokens[:first] + tokens[other:end] + tokens[last:other] + whole + tokens[end:]
    if action == 5:
        return tokens[:first] + tokens[first + 1 : max(last - 1, first + 1)] + tokens[last:]
    if action == 6:
        return [*tokens[:first], "<!--", *whole, "-->", *tokens[last:]]
    old, new = (_NAME.match(tokens[at]) for at in (first, other))
    if old and new:
        for at in {first, last - 1}:
            tokens[at] = tokens[at].replace(old[1], new[1], 1)
    return tokens


def _span(tokens: list[str], chance: Random) -> tuple[int, int]:
    """An element, from its start tag to behind its end tag."""
    first = _pick(tokens, chance, lambda token: re.match("<[A-Za-z]", token) is not None)
    if first is None:
        return 0, 0
    depth = 0
    for at in range(first, len(tokens)):
        if re.match("<[A-Za-z]", tokens[at]) and not tokens[at].endswith("/>"):
            depth += 1
        elif tokens[at].startswith("</"):
            depth -= 1
        if depth == 0:
            return first, at + 1
    return first, len(tokens)


def _character_data(tokens: list[str], chance: Random) -> list[str]:
    """Exchange, empty or alter a text."""
    at, other = (_pick(tokens, chance, lambda token: not token.startswith("<")) for _ in "12")
    if at is None or other is None:
        return tokens
    text = tokens[at]
    action = chance.randrange(5)
    if action == 0:
        tokens[at], tokens[other] = tokens[other], text
    elif action == 1:
        tokens[at] = tokens[other]
    elif action == 2:
        tokens[at] = _off_by_one(text, chance)
    else:
        cut = chance.randrange(len(text) + 1)
        tokens[at] = text[:cut] + (chance.choice(_FRAGMENTS) if action == 3 else "") + text[cut + action % 3 :]
    return tokens


def _insertion(tokens: list[str], chance: Random) -> list[str]:
    tokens.insert(chance.randrange(len(tokens) + 1), chance.choice(_FRAGMENTS))
    return tokens


def _pick(tokens: list[str], chance: Random, wanted: Callable[[str], bool]) -> int | None:
    found = [at for at, token in enumerate(tokens) if wanted(token)]
    return chance.choice(found) if found else None


# --- workbooks --------------------------------------------------------------------------------------------------------


def parts_of(data: bytes) -> Parts:
    """The parts of a workbook, in order."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(info.filename, archive.read(info)) for info in archive.infolist()]


def zipped(parts: Parts, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The parts as an archive whose checksums are right."""
    import warnings

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # two parts of one name are what is wanted
        for name, content in parts:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = method
            archive.writestr(info, content)
    return buffer.getvalue()


def workbook(data: bytes, chance: Random, inside: Callable[[bytes, Random], bytes] = xml) -> bytes:
    """A change inside a part (sheets and shared strings most often), or to the list of parts."""
    parts = parts_of(data)
    at = chance.randrange(len(parts))
    for _ in range(2):  # the larger part of two or three
        other = chance.randrange(len(parts))
        at = other if len(parts[other][1]) > len(parts[at][1]) and chance.randrange(3) else at
    name, content = parts[at]
    other = chance.randrange(len(parts))
    action = chance.randrange(24)
    if action == 0:
        del parts[at]
    elif action == 1:
        new = (name, name.upper(), f"/{name}", f"xl/{name}", "xl/worksheets/sheet9.xml")
        parts.append((chance.choice(new), content))
    elif action == 2:
        parts[at], parts[other] = (name, parts[other][1]), (parts[other][0], content)
    elif action == 3:
        parts[at] = (parts[other][0], content)
    elif action == 4:
        chance.shuffle(parts)
    else:
        parts[at] = (name, inside(content, chance))
    return zipped(parts, zipfile.ZIP_STORED if action == 5 else zipfile.ZIP_DEFLATED)


# --- text and JSON ----------------------------------------------------------------------------------------------------

_MARKS = (
    '"', '""', '"""', ",", ";", "\t", "\n", "\r\n", "\r", "\n\n", ",,", '","', '"\n"', "\0", "\ufeff", " ", "\xa0", "\x07",
    "\u200b", "\u202e", "'", "=", "sep=;\n", "sep=,\n", "#TYPE x\n", "\u2028", "\x85", "\x0b", "\x0c", "\x1c", "é", "x", "@",
)  # fmt: skip


def _encoded(data: bytes) -> tuple[str, str]:
    for mark, codec in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            return data.decode(codec, "replace"), codec
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace"), "cp1252"


def text_marks(data: bytes, chance: Random) -> bytes:
    """One separator, quote, line end, cell or line inserted, deleted, doubled or exchanged; the encoding stays."""
    text, codec = _encoded(data)
    marks = [found.start() for found in re.finditer('[",;\t\r\n]', text)] or [0]
    at = chance.choice(marks) if chance.randrange(4) else chance.randrange(len(text) + 1)
    lines = text.splitlines(keepends=True) or [""]
    line, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    action = chance.randrange(10)
    if action < 3:
        text = text[:at] + chance.choice(_MARKS) + text[at:]
    elif action < 5:
        text = text[:at] + text[at + 1 :]
    elif action == 5:
        text = text[:at] + text[at : at + 1] * 2 + text[at + 1 :]
    elif action == 6:
        text = text[:at] + chance.choice(_MARKS) + text[at + 1 :]
    elif action == 7:
        lines[line], lines[other] = lines[other], lines[line]
        text = "".join(lines)
    elif action == 8:
        lines[line : line + 1] = chance.choice(([], [lines[line]] * 2, [lines[line], lines[other]]))
        text = "".join(lines)
    else:
        cells = re.split("([,;\t])", lines[line])
        one, two = (chance.randrange(0, len(cells), 2) for _ in "12")
        cells[one], cells[two] = cells[two], cells[one]
        text = "".join([*lines[:line], *cells, *lines[line + 1 :]])
    return text.encode(codec, "replace")


_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+|\s+|"')
_JSON_PIECES = (
    "{", "}", "[", "]", ",", ":", '"', "null", "true", "false", "0", "-1", "1e400", "00042", "1.0", "NaN", "Infinity", '""', '"x"',
    '"\\ud800"', '"\\u0000"', '"\\u200b"', '"userPrincipalName":"x@contoso.com",', '"value":[],', "\ufeff", "\n", "\\", "//", "{}", "[]",
)  # fmt: skip


def json_tokens(data: bytes, chance: Random) -> bytes:
    """One token, key, value or user deleted, doubled, exchanged or inserted."""
    tokens = _JSON_TOKEN.findall(data.decode("utf-8", "replace")) or [""]
    at, other = chance.randrange(len(tokens)), chance.randrange(len(tokens))
    action = chance.randrange(8)
    if action == 0:
        del tokens[at]
    elif action == 1:
        tokens.insert(at, tokens[at])
    elif action == 2:
        tokens[at], tokens[other] = tokens[other], tokens[at]
    elif action == 3:
        tokens[at] = tokens[other]
    elif action == 4:
        tokens.insert(at, chance.choice(_JSON_PIECES))
    elif action == 5:
        tokens[at] = chance.choice(_JSON_PIECES)
    else:  # whole members and users, so that the rest is still JSON
        text = "".join(tokens)
        members = list(re.finditer(r'"[^"]*"\s*:\s*(?:"[^"]*"|[\w.-]+)\s*,|\{[^{}]*\}\s*,?', text))
        if members:
            one, two = chance.choice(members), chance.choice(members)
            new = chance.choice(("", one[0] * 2, two[0], one[0] + two[0]))
            tokens = [text[: one.start()], new, text[one.end() :]]
    return "".join(tokens).encode("utf-8", "replace")


BY_KIND: dict[str, Callable[[bytes, Random], bytes]] = {
    "xlsx": workbook,
    "xls": xml,
    "csv": text_marks,
    "json": json_tokens,
    "parquet": any_byte,  # sizes and offsets everywhere: no change to its structure leaves it whole
}
"""The ending of a fixture -> how to damage its structure."""
