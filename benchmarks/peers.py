"""What an administrator would script today: read both exports, match the local parts, write two columns. No checks.

Run as `python benchmarks/peers.py PEER OUT SOURCE... -- DESTINATION...`, one process per peer, so that each pays its imports.
"""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

NAME, UPN = "Full Name", "Windows Live ID"


def fastexcel_polars(source: list[str], destination: list[str], out: str) -> None:
    """The bare script on fast libraries: one thread reads, polars joins and writes."""
    import fastexcel
    import polars as pl

    def read(paths: list[str]) -> pl.DataFrame:
        frames = []
        for path in paths:
            if path.endswith(".xlsx"):
                sheet = fastexcel.read_excel(path).load_sheet(0, dtypes="string", use_columns=[NAME, UPN])
                frames.append(sheet.to_polars())
            elif path.endswith(".csv"):
                frames.append(pl.read_csv(path, infer_schema=False, columns=[NAME, UPN]))
            else:
                frames.append(pl.read_parquet(path, columns=[NAME, UPN]))
        frame = pl.concat(frames)
        return frame.with_columns(key=pl.col(UPN).str.to_lowercase().str.split("@").list.first())

    joined = read(source).join(read(destination), on="key", how="inner")
    joined.select(Source=UPN, Destination=f"{UPN}_right").sort("Source").write_csv(out)


def pandas_with(engine: str) -> Callable[[list[str], list[str], str], None]:
    """pandas on openpyxl (what most scripts do) or on calamine."""

    def run(source: list[str], destination: list[str], out: str) -> None:
        import pandas as pd

        def read(paths: list[str]) -> Any:
            frame = pd.concat([pd.read_excel(path, engine=engine, dtype=str) for path in paths])
            frame["key"] = frame[UPN].str.lower().str.split("@").str[0]
            return frame

        joined = read(source).merge(read(destination), on="key", suffixes=("", "_right"))
        joined = joined[[UPN, f"{UPN}_right"]].sort_values(UPN)
        joined.columns = ["Source", "Destination"]
        joined.to_csv(out, index=False)

    return run


def duckdb_sql(source: list[str], destination: list[str], out: str) -> None:
    """DuckDB on CSV or Parquet (its xlsx reader is an extension that has to be downloaded)."""
    import duckdb

    def table(paths: list[str]) -> str:
        files = ", ".join(f"'{path}'" for path in paths)
        return f"read_csv([{files}], all_varchar=true)" if paths[0].endswith(".csv") else f"read_parquet([{files}])"

    key = "split_part(lower(\"Windows Live ID\"), '@', 1)"
    duckdb.sql(
        f'COPY (SELECT s."{UPN}" AS Source, d."{UPN}" AS Destination FROM (SELECT *, {key} k FROM {table(source)}) s '
        f"JOIN (SELECT *, {key} k FROM {table(destination)}) d ON s.k = d.k ORDER BY 1) TO '{out}' (HEADER)"
    )


def plain_inflate(source: list[str], destination: list[str], out: str) -> None:
    """The floor: inflate the sheets and do nothing with them."""
    for path in source + destination:
        with zipfile.ZipFile(path) as archive:
            for part in archive.namelist():
                with archive.open(part) as stream:
                    while stream.read(1 << 20):
                        pass
    Path(out).touch()


PEERS: dict[str, Callable[[list[str], list[str], str], None]] = {
    "bare": fastexcel_polars,
    "pandas+openpyxl": pandas_with("openpyxl"),
    "pandas+calamine": pandas_with("calamine"),
    "duckdb": duckdb_sql,
    "inflate": plain_inflate,
}

if __name__ == "__main__":
    peer, target, *files = sys.argv[1:]
    cut = files.index("--")
    PEERS[peer](files[:cut], files[cut + 1 :], target)
