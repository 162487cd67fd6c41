"""What two files of one form have in common, whatever version of a library packed them."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import polars as pl

__all__ = ["content"]


def content(path: Path) -> Any:
    """What a file says. How zip and Parquet pack it depends on the versions of zlib and polars."""
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as archive:
            return [(part.filename, part.date_time, archive.read(part)) for part in archive.infolist()]
    if path.suffix == ".parquet":
        return pl.read_parquet(path).to_dicts()
    return path.read_bytes()
