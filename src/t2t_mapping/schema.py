"""Names and types of the frames, and the one vocabulary of headers and labels for every kind of export."""

from __future__ import annotations

import re
from typing import Any

import polars as pl

__all__ = [
    "ACCESS_MODES",
    "DISPOSITIONS",
    "FAULT_WORDS",
    "FIELDS",
    "KINDS",
    "RUNGS",
    "USERS",
    "VIEWS",
    "access_mode_of",
    "azure_state_of",
    "field_of",
    "header_key",
    "hidden_prefix",
    "hidden_prefix_of",
    "managed_type_of",
    "truth_of",
]

VIEWS = ("full", "admin", "directory")
KINDS = ("person", "guest", "application", "system", "non-interactive")
ACCESS_MODES = ("read-write", "administrative", "read", "support-user", "non-interactive", "delegated-admin")
RUNGS = ("rule", "pattern", "alias", "employee-id", "mail", "local-part", "guest")
DISPOSITIONS = ("mapped", "held", "excluded")

USERS: dict[str, Any] = {
    "upn": pl.String,
    "upn_key": pl.String,
    "local_part": pl.String,
    "domain": pl.String,
    "full_name": pl.String,
    "view": pl.Enum(VIEWS),
    "enabled": pl.Boolean,
    "licensed": pl.Boolean,
    "enabled_by": pl.Enum(["column", "view"]),
    "licensed_by": pl.Enum(["column", "view"]),
    "licenses": pl.String,
    "access_mode": pl.Enum(ACCESS_MODES),
    "kind": pl.Enum(KINDS),
    "mail": pl.String,
    "aliases": pl.List(pl.String),
    "object_id": pl.String,
    "user_id": pl.String,
    "employee_id": pl.String,
    "given_name": pl.String,
    "surname": pl.String,
    "mobile": pl.String,
    "department": pl.String,
    "city": pl.String,
    "created": pl.String,  # ISO date where it is understood, else as typed
    # What holds people, each null where there is nothing of the kind:
    "other_names": pl.List(pl.String),  # every listed name but `full_name`
    "other_upn": pl.String,  # the key of the row's User Name, where it differs from its Windows Live ID
    "other_object_ids": pl.List(pl.String),  # those of further listings of this address
    "other_user_ids": pl.List(pl.String),
    "deleted": pl.String,  # what says that the account is deleted
    "reason": pl.String,  # what says that this is not a person
    "fault": pl.String,  # what is wrong with the cell of the user principal name
    "unclear_status": pl.String,  # a cell about the account that is not understood: column, label, file, row
    "unclear_licence": pl.String,  # the same about its licence
    "file": pl.String,
    "sheet": pl.String,
    "row": pl.UInt32,
}
"""The users frame. Null means not known; unknown is never treated as yes or as no."""

FAULT_WORDS = {
    "formula": "a formula",
    "error": "a spreadsheet error",
    "number": "a number",
    "date": "a date",
    "boolean": "a truth value",
    "control": "a control character",
    "bidi": "a character that turns the direction of reading",
    "zero-width": "an invisible character",
    "merged": "a merged cell",
}
"""What a reader found in a cell instead of plain text, in words that follow “holds”."""

FIELDS: dict[str, tuple[str, ...]] = {
    # field: headers, as `header_key` writes them; logical names of Dataverse and property names of Graph come first
    "upn": ("windowsliveid", "userprincipalname", "upn", "windowslive", "microsoftid", "signinname", "loginname"),
    "user_name": ("domainname", "username", "benutzername", "nomdutilisateur", "nombredeusuario", "nomedousuario"),
    "full_name": (
        "fullname",
        "displayname",
        "name",
        "vollstandigername",
        "anzeigename",
        "nomcomplet",
        "nombrecompleto",
        "nomecompleto",
        "fuldenavn",
        "volledigenaam",
        "全名",
    ),
    "given_name": ("givenname", "firstname"),
    "surname": ("surname", "lastname"),
    "mobile": ("mobilephone", "mobile"),
    "department": ("department", "abteilung"),
    "city": ("city", "address1city", "ort", "ville"),
    "created": ("createddatetime", "whencreated", "createdon"),
    "user_id": ("systemuserid",),
    "mail": ("internalemailaddress", "mail", "primaryemail", "email", "emailaddress", "primarysmtpaddress"),
    "proxy_addresses": ("proxyaddresses", "emailaddresses"),
    "other_mails": ("othermails", "alternateemailaddresses", "aliases"),
    "disabled": ("isdisabled", "status"),
    "blocked": ("blockcredential", "blocksignin", "signinblocked"),
    "enabled": ("accountenabled", "enabled"),
    "licensed": ("islicensed", "userlicensed", "licensed"),
    "licenses": ("licenses", "assignedlicenses", "licences"),
    "access_mode": ("accessmode", "zugriffsmodus", "modedacces", "mododeacceso", "mododeacesso", "modalitadiaccesso"),
    "application_id": ("applicationid",),
    "object_id": ("azureactivedirectoryobjectid", "azureadobjectid", "objectid", "id", "entraobjectid"),
    "employee_id": ("employeeid",),
    "user_type": ("usertype",),
    "azure_state": ("azurestate",),
    "managed_type": ("systemmanagedusertype",),
    "deleted": ("softdeletiontimestamp", "deleteddatetime", "deletiontimestamp"),
    "view": ("view",),
    "kind": ("kind",),
    "enabled_by": ("enabledby",),
    "licensed_by": ("licensedby",),
}
"""Field -> headers. Several headers of one field in one table are taken in this order, the first with a value wins."""

_FIELD_OF = {header: field for field, headers in FIELDS.items() for header in headers}
_PLAIN = str.maketrans("äöüáàâãéèêíìóòôõúùûñç", "aouaaaaeeeiioooouuunc")


def header_key(header: str) -> str:
    """A header as the vocabulary spells it: ` User principal name` and `userPrincipalName` are one."""
    return re.sub(r"[\W_]+", "", header.casefold().translate(_PLAIN))


def field_of(header: str, logical: str | None = None) -> str | None:
    """The field that a column holds; None when it is not one of ours.

    Args:
        logical: The column's logical name from the hiddenSheet; it beats the header text in any language. Columns of
            related tables (`guid.attribute`) are never a user's own.
    """
    if logical is not None:
        return None if "." in logical else _FIELD_OF.get(header_key(logical))
    if "@" in header or "." in header:  # annotations such as accessmode@OData…FormattedValue; related columns
        return None
    return _FIELD_OF.get(header_key(header))


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


_TRUE = frozenset("true yes 1 ja oui sí si sim sì 是 да tak igen evet kyllä はい 예".split())
_FALSE = frozenset("false no 0 nein non nej nee não nao 否 нет nie nem hayır ei いいえ 아니요".split())
_ENABLED = frozenset(
    "enabled active aktiviert activé active habilitado activado ativado aktiveret abilitato attivato ingeschakeld "
    "已启用 启用 allowed".split()
)
_DISABLED = frozenset(
    "disabled inactive deaktiviert désactivé deshabilitado desactivado desabilitado desativado deaktiveret disabilitato "
    "disattivato uitgeschakeld 已禁用 禁用 blocked".split()
)


def truth_of(field: str, label: str) -> bool | None:
    """What a label says about a field; None when it is not understood.

    For `disabled` and `blocked` the answer is about *enabled*: `Disabled`, `True` and `1` all give False.
    """
    text = " ".join(label.casefold().split())
    if field in ("disabled", "blocked", "enabled"):
        if text in _ENABLED or text in _DISABLED:
            return text in _ENABLED
        said = _plain_truth(text)
        return said if said is None or field == "enabled" else not said
    if text in ("licensed", "unlicensed"):
        return text == "licensed"
    return _plain_truth(text)


def _plain_truth(text: str) -> bool | None:
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    return None


_HERE = frozenset("0 exists existiert vorhanden existe esiste eksisterer bestaat 存在".split())


def azure_state_of(label: str) -> str | None:
    """`exists`, `soft deleted` or `gone`; None when it is not understood."""
    text = " ".join(label.casefold().split())
    if text in _HERE:
        return "exists"
    if text == "1" or "soft" in text:
        return "soft deleted"
    return "gone" if text == "2" or "not found" in text or "hard" in text else None


def managed_type_of(label: str) -> str | None:
    """`user`, `c2 user` or `stub`; None when it is not understood."""
    text = " ".join(label.casefold().split())
    if text == "2" or "stub" in text:
        return "stub"
    if text == "1" or text.startswith("c2"):
        return "c2 user"
    return "user" if text == "0" or "entra" in text or "azure" in text or text.startswith("aad") else None


_MODE_LABELS = {
    "readwrite": "read-write",
    "administrative": "administrative",
    "read": "read",
    "readonly": "read",
    "supportuser": "support-user",
    "noninteractive": "non-interactive",
    "delegatedadmin": "delegated-admin",
    "lesenschreiben": "read-write",
    "lesenundschreiben": "read-write",
    "administrativ": "administrative",
    "verwaltung": "administrative",
    "lesen": "read",
    "supportbenutzer": "support-user",
    "nichtinteraktiv": "non-interactive",
    "delegierteradministrator": "delegated-admin",
    "lectureecriture": "read-write",
    "lecture": "read",
    "lecturaescritura": "read-write",
    "lectura": "read",
    "leituragravacao": "read-write",
    "leitura": "read",
    "letturascrittura": "read-write",
    "lettura": "read",
    "administratif": "administrative",
    "administrativo": "administrative",
    "amministrativa": "administrative",
    "nointeractivo": "non-interactive",
    "noninteractif": "non-interactive",
    "naointerativo": "non-interactive",
    "noninterattivo": "non-interactive",
}


def access_mode_of(label: str) -> str | None:
    """The access mode that a label or number (0 to 5) means; None when it is not understood."""
    text = label.strip()
    if text.isdecimal() and text.isascii() and int(text) < len(ACCESS_MODES):
        return ACCESS_MODES[int(text)]
    return _MODE_LABELS.get(header_key(text))
