"""The words of exports in many languages: which field a header names, and what a label says. The tables are in `data/`."""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import cache
from importlib.resources import files

from t2t_mapping.schema import ACCESS_MODES

__all__ = [
    "access_mode_of",
    "azure_state_of",
    "deletion_of",
    "existence_of",
    "field_of",
    "header_key",
    "hidden_prefix",
    "hidden_prefix_of",
    "label_key",
    "licence_word",
    "looks_like",
    "managed_type_of",
    "rank_of",
    "truth_of",
    "user_type_of",
]

_LETTERS = str.maketrans("łøđıæœþð", "lodiaotd")


def header_key(header: str) -> str:
    """A header as the vocabulary spells it: ` User principal name` and `userPrincipalName` are one.

    Letters and digits only, in lower case, without marks, and without anything that cannot be seen.
    """
    if not header.isascii():
        folded = unicodedata.normalize("NFKD", header.casefold())
        header = "".join(c for c in folded if unicodedata.category(c) not in ("Mn", "Me", "Cf", "Cc")).translate(
            _LETTERS
        )
    return re.sub(r"[\W_]+", "", header.casefold())


def label_key(label: str) -> str:
    """A label as the vocabulary spells it; a sign without letters (`✓`) is its own."""
    return header_key(label) or "".join(c for c in label.strip() if unicodedata.category(c) not in ("Cf", "Cc"))


def _table(name: str) -> list[dict[str, str]]:
    text = (files("t2t_mapping") / "data" / name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def _headers() -> dict[str, tuple[str, int]]:
    """Header -> its field, and its place among the headers of that field."""
    found: dict[str, tuple[str, int]] = {}
    for row in _table("headers.csv"):
        for header in row["headers"].split("|"):
            found.setdefault(header_key(header), (row["field"], len(found)))
    return found


@cache
def _all_labels() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for row in _table("labels.csv"):
        found.setdefault(row["kind"], {}).update(
            dict.fromkeys(map(label_key, row["labels"].split("|")), row["meaning"])
        )
    return found


def _labels(kind: str) -> dict[str, str]:
    """Label -> meaning, for one kind of labels."""
    return _all_labels()[kind]


def field_of(header: str, logical: str | None = None) -> str | None:
    """The field that a column holds; None when it is not one of ours, `-` when it is known to be of no use.

    A field that ends with `?` is only what its labels make it: `State` is a status, or a part of a country.

    Args:
        logical: The column's logical name from the hiddenSheet; it beats the header text in any language. Columns of
            related tables (`guid.attribute`) are never a user's own.
    """
    if logical is not None:
        return None if "." in logical else _headers().get(header_key(logical), (None, 0))[0]
    if header.strip().startswith("$_."):  # what `Select-Object {$_.Licenses.AccountSkuID}` makes of it
        header = header.strip()[3:]
    elif ("@" in header or "." in header) and header.strip().casefold() != "@odata.type":
        return None  # annotations such as accessmode@OData…FormattedValue; related columns
    return _headers().get(header_key(header), (None, 0))[0]


def rank_of(header: str) -> int:
    """The place of a known header among those of its field: the better known ones come first."""
    return _headers().get(header_key(header.removeprefix("$_.")), ("", 0))[1]


_HIDDEN = re.compile(r"^\s*(\([^()]+\)|（[^（）]+）)\s*(\S.*)$")


def hidden_prefix_of(header: str) -> str | None:
    """The parenthesised prefix of one header."""
    match = _HIDDEN.match(header)
    return match[1] if match else None


def hidden_prefix(headers: tuple[str, ...]) -> tuple[str, str] | None:
    """`("(Do Not Modify)", "User")` where three headers share a parenthesised prefix, in any language; else None."""
    matches = [match for match in (_HIDDEN.match(header) for header in headers) if match]
    for first in matches:
        if sum(match[1] == first[1] for match in matches) >= 3:
            return first[1], first[2].strip()
    return None


_ACCOUNT_DISABLE = 2
"""The bit of Active Directory's `userAccountControl`."""


def truth_of(field: str, label: str) -> bool | None:
    """What a label says about a field; None when it is not understood.

    For the fields about the account (`disabled`, `blocked`, `enabled`, `sign_in`, `account_control`) the answer is about
    *enabled*: `Disabled`, `True` and `1` all give False under `disabled`.
    """
    key = label_key(label)
    truth = {"yes": True, "no": False}.get(_labels("truth").get(key, ""))
    if field == "licensed":
        said = _labels("licence").get(key)
        return said == "licensed" if said else truth
    if field == "account_control":
        bits = re.fullmatch(r"(0x[0-9a-f]+|\d+)", label.strip().casefold())
        return None if bits is None else not int(bits[1], 0 if "x" in bits[1] else 10) & _ACCOUNT_DISABLE
    status = _labels("status").get(key)
    if status:
        return status == "enabled"
    if truth is None or field == "sign_in":
        return None
    return truth if field == "enabled" else not truth


def licence_word(label: str) -> bool | None:
    """True for `Licensed` in any language, False for `Unlicensed`; None for anything else, such as the name of one."""
    said = _labels("licence").get(label_key(label))
    return None if said is None else said == "licensed"


def access_mode_of(label: str) -> str | None:
    """The access mode that a label or number (0 to 5) means; None when it is not understood."""
    said = _labels("access mode").get(label_key(label))
    return said if said in ACCESS_MODES and (label.isascii() or not label.strip().isdecimal()) else None


def azure_state_of(label: str) -> str | None:
    """`exists`, `soft deleted` or `gone`; None when it is not understood."""
    return _labels("azure state").get(label_key(label))


def managed_type_of(label: str) -> str | None:
    """`user`, `c2 user`, `stub`, `agent` or `non-licensed`; None when it is not understood."""
    return _labels("managed type").get(label_key(label))


def user_type_of(label: str) -> str | None:
    """`member`, `guest`, or a kind of mailbox that is nobody's own; None when it is not understood."""
    return _labels("user type").get(label_key(label))


_POINT_IN_TIME = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?!\d).*|[345]\d{4}([.,]\d+)?", re.DOTALL)


def deletion_of(label: str) -> bool | None:
    """Whether a label or a time stamp says that the account is deleted; None when it is not understood."""
    if _POINT_IN_TIME.fullmatch(label.strip()):
        return not label.strip().startswith(("0001-01-01", "1601-01-01"))  # how programs write that there is none
    said = _labels("deletion").get(label_key(label)) or _labels("truth").get(label_key(label))
    return None if said is None else said == "yes"


def existence_of(label: str) -> bool | None:
    """Whether a label says that the account exists; None when it is not understood."""
    said = _labels("existence").get(label_key(label)) or _labels("truth").get(label_key(label))
    return None if said is None else said == "yes"


_STEMS = {
    "a status": r"status|state|zustand|enabl|disabl|aktiv|activ|inaktiv|blocke|blocked|gesperrt|locked|suspend|terminat|leaver|stillgelegt|ausgeschieden|offboard",
    "a licence": r"licen|lizen|lisens|licenc|лиценз|ライセンス|许可|授權|sku",
    "a deletion": r"delet|gelosch|supprim|elimina|borttag|slette|verwijder|удален|删除|削除",
    "an existence": r"exist|vorhanden|foundin|intarget|indestination",
    "a kind of mailbox": r"recipienttype|mailboxtype|mailboxkind|postfachtyp",
}
_LOOKS = {what: re.compile(stem) for what, stem in _STEMS.items()}


def looks_like(header: str, labels: list[str]) -> str | None:
    """What a column that is not used looks like, by its header, or because its labels are those of a status; else None."""
    if field_of(header) == "-" or "@" in header or not labels:
        return None
    key = header_key(header)
    for what, stem in _LOOKS.items():
        if stem.search(key):
            return what
    keys = [label_key(label) for label in labels]
    for kind, what in (("status", "a status"), ("licence", "a licence")):
        if all(label in _labels(kind) for label in keys):
            return what
    return "a kind of mailbox" if all(label.endswith(("mailbox", "mailuser")) for label in keys) else None
