"""The one home of the source,destination file: its name, its two dialects, how it is written."""

from __future__ import annotations

import io
from typing import get_args

import polars as pl

from t2t_mapping.choices import Profile

__all__ = ["FILE_NAME", "HEADER", "PROFILES", "mapping_bytes"]

FILE_NAME = "usermapping.csv"
HEADER = "Source,Destination"
PROFILES: tuple[Profile, ...] = get_args(Profile)
"""`self-service` has the header, `support-request` has none. Neither writes a blank after the comma."""


def mapping_bytes(mapping: pl.DataFrame, profile: str) -> bytes:
    """The file as the service takes it: two columns, UTF-8 without byte order mark, CRLF, no quotes, no blanks.

    Args:
        mapping: Columns `source` and `destination`, already sorted; both are valid user principal names, which hold
            neither commas, quotes nor blanks.
    """
    buffer = io.BytesIO()
    mapping.select(Source="source", Destination="destination").write_csv(
        buffer, include_header=profile == "self-service", line_terminator="\r\n", quote_style="never"
    )
    return buffer.getvalue()
