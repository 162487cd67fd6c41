"""The mapping file, to the byte."""

from __future__ import annotations

import polars as pl
import pytest

from t2t_mapping.mapping.dialects import FILE_NAME, HEADER, PROFILES, mapping_bytes

ROWS = pl.DataFrame(
    {
        "source": ["ann@contoso.com", "o'neil@contoso.com"],
        "matched_by": ["rule", None],
        "destination": ["ann_x.com#EXT#@fabrikam.com", "O'Neil@fabrikam.com"],
    }
)
LINES = b"ann@contoso.com,ann_x.com#EXT#@fabrikam.com\r\no'neil@contoso.com,O'Neil@fabrikam.com\r\n"


@pytest.mark.parametrize(
    ("profile", "expected"),
    [("self-service", b"Source,Destination\r\n" + LINES), ("support-request", LINES)],
)
def test_a_profile(profile: str, expected: bytes) -> None:
    """Two columns, CRLF, no quotes and no blanks; a header for the self-service only."""
    assert mapping_bytes(ROWS, profile) == expected
    assert mapping_bytes(ROWS.clear(), profile) == expected[: len(expected) - len(LINES)]


def test_nothing_is_ever_quoted() -> None:
    """The service takes no quotes: what would need them is refused before, and written as it stands."""
    odd = pl.DataFrame({"source": ['a"b@x.com'], "destination": ["a b@x.com"]})
    assert mapping_bytes(odd, "support-request") == b'a"b@x.com,a b@x.com\r\n'


def test_names_that_others_rely_on() -> None:
    """The service wants this file name and this header; the first profile is the usual one."""
    assert (FILE_NAME, HEADER) == ("usermapping.csv", "Source,Destination")
    assert PROFILES == ("self-service", "support-request")
