"""Bytes of a mapping or an error file → text, and what is wrong with the encoding, in words."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

__all__ = ["Decoded", "decode"]

_WORKBOOK, _OLE2, _PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF-"
_NOT_ASCII = r"[^\x00-\x7f]"
_CONTROLS = bytes(code for code in (*range(32), 127) if code not in b"\t\n\r\x0b\x0c")


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a file.

    Attributes:
        fault: what is wrong with the encoding, in words; None when nothing is.
        certain: whether the text is certainly what was meant, so that it may be written again.
        legible: whether it makes sense to judge lines at all.
        about: the characters that the fault is about, as a regular expression; empty if it is about the whole file.
    """

    text: str
    fault: str | None = None
    certain: bool = True
    legible: bool = True
    about: str = ""


def decode(data: bytes) -> Decoded:
    """The text of any bytes, and what is wrong with its encoding."""
    for mark, codec, name in (
        (codecs.BOM_UTF8, "utf-8", "UTF-8 with a byte order mark"),
        (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
        (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
        (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
        (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
    ):
        if data.startswith(mark):
            return _wide(data[len(mark) :], codec, f"The file is {name}, not plain UTF-8.")
    if data and not data.strip(b"\0"):
        return Decoded("", "The file is filled with zero bytes.", certain=False, legible=False)
    if b"\0" in data and (unmarked := _unmarked(data)):
        return _wide(data, unmarked, "The file is UTF-16 (without a byte order mark), not plain UTF-8.")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return _not_utf8(data)
    if "\0" in text:
        return Decoded(text, "The file holds NUL bytes: it is damaged, or no text.", certain=False, about=r"\x00")
    return Decoded(text)


def _wide(data: bytes, codec: str, fault: str) -> Decoded:
    try:
        text, damaged = data.decode(codec), False
    except UnicodeDecodeError:
        text, damaged = data.decode(codec, "replace"), True
    damaged = damaged or "\0" in text
    if damaged:
        fault += " Some of its characters are damaged."
    return Decoded(text.lstrip("\ufeff"), fault, certain=not damaged)


def _unmarked(data: bytes) -> str | None:
    """UTF-16 without its mark: in the addresses, every second byte is zero and hardly any other."""
    sample = data[: 64 << 10]
    even, odd, pairs = sample[::2].count(0), sample[1::2].count(0), max(len(sample) // 2, 1)
    if odd * 2 >= pairs and even * 10 <= odd:
        return "utf-16-le"
    if even * 2 >= pairs and odd * 10 <= even:
        return "utf-16-be"
    return None


def _not_utf8(data: bytes) -> Decoded:
    for magic, what in (
        (_WORKBOOK, "an Excel workbook or another zip archive"),
        (_OLE2, "an old Office document"),
        (_PDF, "a PDF document"),
    ):
        if data.startswith(magic):
            return Decoded("", f"The file is {what}, not text.", certain=False, legible=False)
    if len(data.translate(None, _CONTROLS)) != len(data):
        fault = "The file is not text: it has control characters and is not UTF-8."
        return Decoded("", fault, certain=False, legible=False)
    # In Windows-1252, two accented letters hardly ever look like one of UTF-8.
    proper = data.decode("utf-8", "ignore")
    accented = sum(not character.isascii() for character in proper)
    if accented >= len(data) - len(proper.encode()):
        text, fault = data.decode("utf-8", "replace"), "The file is UTF-8 with damaged characters, or in two encodings."
        return Decoded(text, fault, certain=False, about=_NOT_ASCII)
    try:
        return Decoded(data.decode("cp1252"), "The file is not UTF-8 (it was read as Windows-1252).", about=_NOT_ASCII)
    except UnicodeDecodeError:
        fault = "The file is neither UTF-8 nor Windows-1252."
        return Decoded(data.decode("latin-1"), fault, certain=False, about=_NOT_ASCII)
