"""A folder name for every environment: safe on every system, unique, and the same whatever else the plan holds."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable

__all__ = ["folder_name"]

_LONGEST = 60
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
_DEVICES = {"con", "prn", "aux", "nul", "conin$", "conout$"} | {
    f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³"
}


def folder_name(name: str, taken: Iterable[str] = ()) -> str:
    """The folder of an environment.

    A name that is already safe stays as it is. Any other gets a short fingerprint of the name as typed, so that two
    names which look alike once they are made safe never share a folder, and no other environment can change it.

    Args:
        taken: Names of files that stand beside the folders.

    >>> folder_name("Sales rehearsal")
    'Sales rehearsal'
    >>> folder_name("../NUL").startswith("-NUL-")
    True
    """
    normal = unicodedata.normalize("NFC", name)
    kept = "".join("-" if _unsafe(character) else character for character in normal)
    safe = kept.lstrip(". ")[:_LONGEST].rstrip(". ")
    reserved = safe.split(".")[0].rstrip().casefold() in _DEVICES or safe.casefold() in {t.casefold() for t in taken}
    if safe == normal and safe and not reserved:
        return safe
    fingerprint = hashlib.sha256(normal.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    stem = safe.replace(".", "-") if reserved else safe
    return f"{stem or 'environment'}-{fingerprint}"


def _unsafe(character: str) -> bool:
    """Separators, characters that Windows refuses, and everything that cannot be seen."""
    return bool(_FORBIDDEN.match(character)) or unicodedata.category(character)[0] in "C" or character in "\u2028\u2029"
