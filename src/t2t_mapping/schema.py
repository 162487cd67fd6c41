"""Names and types of the frames."""

from __future__ import annotations

from typing import Any

import polars as pl

__all__ = [
    "ACCESS_MODES",
    "DISPOSITIONS",
    "FAULT_WORDS",
    "KINDS",
    "RUNGS",
    "USERS",
    "VIEWS",
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
    "error": "a spreadsheet error",
    "control": "a control character",
    "bidi": "a character that turns the direction of reading",
    "zero-width": "an invisible character",
    "merged": "a merged cell",
}
"""What a reader found in a cell instead of plain text, in words that follow “holds”."""
