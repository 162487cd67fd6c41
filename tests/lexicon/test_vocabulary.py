"""The vocabulary of exports: headers and labels in the languages people export in, and what is not understood."""

from __future__ import annotations

import pytest

from t2t_mapping.lexicon.vocabulary import (
    access_mode_of,
    azure_state_of,
    field_of,
    hidden_prefix,
    managed_type_of,
    truth_of,
)


@pytest.mark.parametrize(
    ("header", "logical", "field"),
    [
        (" User principal name", None, "upn"),
        ("userPrincipalName", None, "upn"),
        ("Vollständiger Name", None, "full_name"),
        ("Wer", "fullname", "full_name"),  # the hidden sheet beats the header's text
        ("Full Name", "businessunitid", None),
        ("Full Name", "a1b2.fullname", None),  # the name of somebody else: a column of a related table
        ("fullname@OData.Community.Display.V1.FormattedValue", None, None),
        ("Manager.Full Name", None, None),
        ("Shoe size", None, None),
    ],
)
def test_headers(header: str, logical: str | None, field: str | None) -> None:
    """By their logical name where there is one, else by their text, however it is spelt."""
    assert field_of(header, logical) == field


@pytest.mark.parametrize(
    ("headers", "prefix"),
    [
        (
            ("(Do Not Modify) User", "(Do Not Modify) Row Checksum", "(Do Not Modify) Modified On", "Full Name"),
            ("(Do Not Modify)", "User"),
        ),
        (
            ("(old) Name", "(Nicht ändern) Benutzer", "(Nicht ändern) Prüfsumme", "(Nicht ändern) Geändert am"),
            ("(Nicht ändern)", "Benutzer"),
        ),
        (("（请勿修改）用户", "（请勿修改）行校验和", "（请勿修改）修改时间", "全名"), ("（请勿修改）", "用户")),
        (("(Do Not Modify) User", "(Do Not Modify) Row Checksum", "Full Name"), None),
        (("(a) x", "(b) x", "(c) x"), None),
        (("Full Name", "Windows Live ID"), None),
    ],
)
def test_the_hidden_columns_of_a_worksheet(headers: tuple[str, ...], prefix: tuple[str, str] | None) -> None:
    """Three headers with one bracket in front, in any language; a lone bracket before them changes nothing."""
    assert hidden_prefix(headers) == prefix


@pytest.mark.parametrize(
    ("field", "label", "enabled_or_licensed"),
    [
        ("disabled", "Disabled", False),
        ("disabled", " EnAbled ", True),
        ("disabled", "Ja", False),
        ("disabled", "0", True),
        ("blocked", "True", False),
        ("blocked", "Allowed", True),
        ("enabled", "True", True),
        ("enabled", "nein", False),
        ("enabled", "Perhaps", None),
        ("disabled", "Perhaps", None),
        ("licensed", "Licensed", True),
        ("licensed", "UNLICENSED", False),
        ("licensed", "いいえ", False),
        ("licensed", "Perhaps", None),
    ],
)
def test_truths(field: str, label: str, enabled_or_licensed: bool | None) -> None:
    """`disabled` and `blocked` answer about *enabled*; what is not understood is neither yes nor no."""
    assert truth_of(field, label) is enabled_or_licensed


@pytest.mark.parametrize(
    ("label", "state"),
    [
        ("Exists", "exists"),
        ("0", "exists"),
        ("vorhanden", "exists"),
        ("Soft deleted", "soft deleted"),
        ("1", "soft deleted"),
        ("Not found or hard  deleted", "gone"),
        ("2", "gone"),
        ("Supprimé", None),
    ],
)
def test_azure_states(label: str, state: str | None) -> None:
    """Labels and numbers of `azurestate`."""
    assert azure_state_of(label) == state


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("Entra ID User", "user"),
        ("Azure AD User", "user"),
        ("AAD user", "user"),
        ("0", "user"),
        ("C2  User", "c2 user"),
        ("1", "c2 user"),
        ("Impersonable Stub User", "stub"),
        ("2", "stub"),
        ("Robot", None),
    ],
)
def test_managed_types(label: str, kind: str | None) -> None:
    """Labels and numbers of `systemmanagedusertype`."""
    assert managed_type_of(label) == kind


@pytest.mark.parametrize(
    ("label", "mode"),
    [
        ("0", "read-write"),
        ("Read-Write", "read-write"),
        ("Lesen/Schreiben", "read-write"),
        ("4", "non-interactive"),
        ("Non-interactive", "non-interactive"),
        ("5", "delegated-admin"),
        ("6", None),
        ("\u0664", None),  # an Arabic 4 is no number of ours
        ("Everything", None),
    ],
)
def test_access_modes(label: str, mode: str | None) -> None:
    """Labels and the numbers 0 to 5."""
    assert access_mode_of(label) == mode
