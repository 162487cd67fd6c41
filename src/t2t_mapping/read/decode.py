"""Bytes of a text → UTF-8: by its mark, as UTF-8, and else by the code page whose letters make sense."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import islice

from t2t_mapping.read.cells import refuse

__all__ = ["EXPORT_AGAIN", "Decoded", "code_page", "decode"]

EXPORT_AGAIN = "Export the file again, or open it in Excel and save it as 'CSV UTF-8 (comma delimited)'."

_SLICE = 32 << 20
_SAMPLE_LINES = 5_000
_BETTER = 0.25  # by so much another language must explain the letters better than every Western one
_ASCII, _HIGH = bytes(range(128)), bytes(range(128, 256))
_CONTROLS = bytes(c for c in (*range(32), 127) if c not in b"\t\n\r")
_HIGH_LINE = re.compile(rb"[^\n\x80-\xff]*[\x80-\xff][^\n]*")
_OTHER_SCRIPTS = ("cp932", "gb18030", "big5", "cp949", "cp1251", "koi8_r", "cp866", "cp1253", "cp1255", "cp1256")
_WORD = re.compile(r"[A-Za-z]?[\u0370-\u06ff\u3005-\u30ff\u3400-\u9fff\uac00-\ud7a3\uff66-\uff9f]+[A-Za-z]?")
_LATIN = re.compile("[A-Za-z]")
_HEBREW = bytes(range(0xE0, 0xFB))
_WITHIN = re.compile("[ךםןףץ][א-ת]")  # forms that only end a word
_LEAST_HEBREW = 8  # letters
_NAMES = {
    "cp1250": "Windows-1250 (Central European)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp1252": "Windows-1252",
    "cp1255": "Windows-1255 (Hebrew)",
    "cp932": "Shift-JIS (Japanese)",
}


@dataclass(frozen=True)
class Decoded:
    """The text of a file as UTF-8 bytes without byte order mark, what it was before, and what was repaired."""

    body: bytes
    encoding: str
    repairs: tuple[str, ...]


def decode(data: bytes, label: str) -> Decoded:
    """Bring the bytes of a text file to UTF-8.

    Raises:
        InputError: I101 when it is no text, is damaged, or its encoding cannot be told.
    """
    for mark, codec, name in (
        (codecs.BOM_UTF8, "utf-8", "UTF-8 with a byte order mark"),
        (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16 LE"),
        (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16 BE"),
    ):
        if data.startswith(mark):
            body = data[len(mark) :] if codec == "utf-8" else _recode(data[len(mark) :], codec, label)
            if codec == "utf-8" and not _is_utf8(body):
                raise refuse(label, "The file says that it is UTF-8, and is not.", EXPORT_AGAIN)
            return Decoded(_without_nul(body, label), name, (f"read as {name}",))
    _without_nul(data, label)
    if _is_utf8(data):
        return Decoded(data, "UTF-8", ())
    if len(data.translate(None, _CONTROLS)) != len(data):
        raise refuse(label, "The file is not text: it holds control characters and is not UTF-8.", EXPORT_AGAIN)
    plain, proper = data.translate(None, _HIGH), data.decode("utf-8", "ignore")
    # In no code page do two letters beyond ASCII often look like one of UTF-8.
    if len(proper) - len(plain) >= len(data) - len(proper.encode()):
        raise refuse(label, "The text is UTF-8 with damaged characters, or in two encodings.", EXPORT_AGAIN)
    codec = code_page(b"\n".join(match[0] for match in islice(_HIGH_LINE.finditer(data), _SAMPLE_LINES)))
    name = _NAMES.get(codec, codec)
    repair = f"read as {name}, because it is not UTF-8: have a look at the accented letters"
    return Decoded(_recode(data, codec, label), name, (repair,))


def code_page(sample: bytes) -> str:
    """The code page in which these bytes are most likely names in some language; Windows-1252 if none is clearly better.

    A language explains the letters beyond ASCII that are in its alphabet. Only where one language of another code page
    explains them far better than any Western language is that code page taken: most letters are the same in several.
    """
    if (other := _other_script(sample)) is not None:
        return other
    counts = Counter(sample.translate(None, _ASCII))
    western = _characters("cp1252")
    best, best_gain = "cp1252", _BETTER
    for page in {page for page, _ in _alphabets()} - {"cp1252"}:
        here = _characters(page)
        differ = {byte: count for byte, count in counts.items() if here[byte] != western[byte]}
        ours, theirs = (
            max(
                _explained(differ, characters, letters) * _explained(counts, characters, letters)
                for name, letters in _alphabets()
                if name == which
            )
            for which, characters in ((page, here), ("cp1252", western))
        )
        if ours - theirs > best_gain:
            best, best_gain = page, ours - theirs
    return best


def _explained(counts: dict[int, int], characters: dict[int, str], letters: str) -> float:
    whole = sum(counts.values())
    known = sum(
        count for byte, count in counts.items() if characters[byte] in letters or characters[byte].lower() in letters
    )
    return known / whole if whole else 0.0


@cache
def _characters(page: str) -> dict[int, str]:
    """What each byte beyond ASCII is in a code page."""
    return {byte: bytes((byte,)).decode(page, "replace") for byte in _HIGH}


@cache
def _alphabets() -> tuple[tuple[str, str], ...]:
    """Code page and alphabet of every language that is known."""
    text = resources.files("t2t_mapping.data").joinpath("letters.csv").read_text("utf-8")
    return tuple((row["code page"], row["letters"]) for row in csv.DictReader(text.splitlines()))


def _other_script(sample: bytes) -> str | None:
    """The encoding of a text that is not written in Latin letters: its words have no ASCII letters among the others."""
    if _is_hebrew(sample):
        return "cp1255"
    from charset_normalizer import from_bytes  # only for the few files that are neither UTF-8 nor UTF-16

    found = from_bytes(sample, cp_isolation=list(_OTHER_SCRIPTS))
    for match in sorted(found, key=lambda m: (m.chaos, -m.coherence, _OTHER_SCRIPTS.index(m.encoding))):
        if _is_other(str(match)):
            return match.encoding
    return None


def _is_hebrew(sample: bytes) -> bool:
    """Whether it is written in these letters alone, as they stand in words.

    The same bytes are small letters in Windows-1251 and capitals in KOI8-R, for which charset-normalizer takes them.
    """
    high = sample.translate(None, _ASCII)
    if len(high) < _LEAST_HEBREW or high.translate(None, _HEBREW):
        return False
    text = sample.decode("cp1255")
    return _is_other(text) and not _WITHIN.search(text)


def _is_other(text: str) -> bool:
    """Whether the words beyond ASCII are of a script that is not Latin: several letters, and none of ASCII among them."""
    words = _WORD.findall(text)
    beyond = sum(not character.isascii() for character in text)
    mixed = sum(bool(_LATIN.search(word)) for word in words)
    return len("".join(words)) > max(0.9 * beyond, 1.9 * len(words)) and mixed <= 0.1 * len(words)


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(data)
    try:
        for start in range(0, len(data), _SLICE):  # never the whole file as a string: four bytes a character
            decoder.decode(view[start : start + _SLICE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _recode(data: bytes, codec: str, label: str) -> bytes:
    try:
        return data.decode(codec).encode()
    except UnicodeDecodeError as error:
        claim = (
            "not the UTF-16 that it says it is"
            if codec.startswith("utf-16")
            else f"neither UTF-8 nor {_NAMES.get(codec, codec)}"
        )
        raise refuse(label, f"The text is {claim} (byte {error.start + 1}).", EXPORT_AGAIN) from error


def _without_nul(data: bytes, label: str) -> bytes:
    if b"\0" in data:
        raise refuse(label, "The file holds NUL bytes: it is UTF-16 without its mark, or no text at all.", EXPORT_AGAIN)
    return data
