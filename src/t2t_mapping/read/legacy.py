"""`.xls`, `.xlsb` and `.ods`, as far as fastexcel reads them: in a process of its own.

In these formats nothing can be checked beforehand, and the library ends its process on some damaged files. A process
that dies, takes too long or wants too much memory is one message here.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections import deque
from collections.abc import Iterator

import polars as pl

from t2t_mapping.errors import InputError
from t2t_mapping.read.archive import Archive
from t2t_mapping.read.cells import Hidden, hidden_from, named, refuse
from t2t_mapping.read.grid import grid_table
from t2t_mapping.read.table import Choose, RawTable

__all__ = ["read_legacy"]

SECONDS = 60
MEMORY = 2 << 30

_SAVE_AS = "Open it in Excel or LibreOffice and save it as .xlsx."

_SHORT_CELLS = frozenset(range(12, 19))  # cells without a column, as SheetJS writes them: the library passes them over

_CHILD = f"""
import io, json, sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY}))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
except (ImportError, ValueError, OSError):
    pass
import fastexcel
reader = fastexcel.read_excel(sys.stdin.buffer.read())
sheets, blobs = [], []
for number, name in enumerate(reader.sheet_names):
    sheet = reader.load_sheet(number, header_row=None, skip_rows=0, dtypes="string")
    frame = sheet.to_polars()
    frame.columns = [str(column.absolute_index) for column in sheet.available_columns()]
    blob = io.BytesIO()
    frame.write_ipc(blob)
    blobs.append(blob.getvalue())
    sheets.append((name, sheet.visible == "visible", len(blobs[-1])))
sys.stdout.buffer.write(json.dumps(sheets).encode() + b"\\n" + b"".join(blobs))
"""


def read_legacy(data: bytes, label: str, kind: str, choose: Choose, sheet: str | None = None) -> list[RawTable]:
    """Read the tables of an old workbook that `choose` wants; see `read_xlsx`."""
    if kind != "xls":
        _verify(Archive(data, label), kind)
    grids = _grids(data, label)
    hidden = next(
        (hidden_from(g) for name, (visible, g) in grids.items() if not visible and name.casefold() == "hiddensheet"),
        Hidden(),
    )
    wanted = (
        [name for name, (visible, _) in grids.items() if visible] if sheet is None else [named(sheet, grids, label)]
    )
    detail = {"sheets": ", ".join(grids)}
    tables = (grid_table(grids[name][1], label, name, kind, choose, hidden=hidden, detail=detail) for name in wanted)
    return [table for table in tables if table is not None]


def _verify(archive: Archive, kind: str) -> None:
    """Prove the checksums of the parts in use, and that the cells are of the kinds that the library knows."""
    for name in archive.names:
        if kind == "ods" and name == "content.xml":
            deque(archive.stream(name), maxlen=0)
        elif kind == "xlsb" and name.endswith(".bin"):
            part = b"".join(archive.stream(name))
            if name.startswith("xl/worksheets/") and not _SHORT_CELLS.isdisjoint(_records(part)):
                message = "The workbook (.xlsb) is written in a way that would lose cells here."
                raise refuse(archive.label, message, _SAVE_AS)


def _records(part: bytes) -> Iterator[int]:
    """The kinds of the records of a binary part: a number of up to two bytes each, then a length of up to four."""
    at = 0
    while at < len(part):
        kind = part[at]
        if kind & 0x80 and at + 1 < len(part):
            at += 1
            kind = kind & 0x7F | (part[at] & 0x7F) << 7
        length = 0
        for shift in range(0, 28, 7):
            at += 1
            if at >= len(part):
                return
            length |= (part[at] & 0x7F) << shift
            if part[at] < 0x80:
                break
        yield kind
        at += length + 1


def _grids(data: bytes, label: str) -> dict[str, tuple[bool, pl.DataFrame]]:
    """Name of each sheet -> whether it is visible, and its cells."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", _CHILD],
            input=data,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONUTF8": "1"},
        )
    except (subprocess.TimeoutExpired, OSError) as error:
        raise _unreadable(label, f"no answer within {SECONDS} seconds") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines() or [
            f"the library ended with {done.returncode}"
        ]
        raise _unreadable(label, next((line for line in said if "rror:" in line), said[0]))
    head, _, blobs = done.stdout.partition(b"\n")
    grids = {}
    for name, visible, size in json.loads(head):
        frame = pl.read_ipc(io.BytesIO(blobs[:size]))
        grids[name] = (visible, frame.with_row_index("row", offset=1))
        blobs = blobs[size:]
    return grids


def _unreadable(label: str, reason: str) -> InputError:
    return refuse(label, f"The old workbook cannot be read; it may be damaged ({reason[:160]}).", _SAVE_AS)
