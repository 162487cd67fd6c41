"""Frames → bytes → files: safe for a spreadsheet, and on disk either whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import polars as pl

from t2t_mapping import upn as upns
from t2t_mapping.errors import OutputError

__all__ = ["csv_bytes", "findings_json", "json_bytes", "refuse_existing", "sha256", "store"]

_PIECE = 1 << 20
_LINES = 20_000  # findings
_AT_ONCE = 6  # disks flush several files as fast as one

_EXECUTED = r"^[=+\-@\t\r\n]"


def csv_bytes(frame: pl.DataFrame, *, verbatim: tuple[str, ...] = ()) -> bytes:
    """A CSV for people: UTF-8, CRLF; free text that a spreadsheet would execute gets a leading `'`.

    Args:
        verbatim: Columns that hold nothing but user principal names. In all others a valid one is written as it is, too.
    """
    text = [name for name, dtype in frame.schema.items() if dtype == pl.String and name not in verbatim]
    # Almost always there is nothing to do, and asking is far cheaper than writing a column anew.
    risky = frame.select(pl.col(text).str.contains(_EXECUTED).any()).row(0) if text else ()
    text = [name for name, found in zip(text, risky, strict=True) if found]
    safe = frame.with_columns(
        pl.when(pl.col(name).str.contains(_EXECUTED) & ~upns.valid(pl.col(name)))
        .then(pl.lit("'") + pl.col(name))
        .otherwise(pl.col(name))
        .alias(name)
        for name in text
    )
    lists = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.List)]
    safe = safe.with_columns(pl.col(name).cast(pl.List(pl.String)).list.join(" ").alias(name) for name in lists)
    buffer = io.BytesIO()
    safe.write_csv(buffer, include_bom=True, line_terminator="\r\n")  # or Excel would not show the accents
    return buffer.getvalue()


def json_bytes(value: Any) -> bytes:
    """One JSON value, readable, with a line end."""
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def findings_json(
    counts: Mapping[str, Any],
    findings: pl.DataFrame,
    skipped: Mapping[str, str],
    outputs: Mapping[str, str],
    **more: Any,
) -> bytes:
    """The object of `findings.json` and `--format json`. The findings go through polars, a million of them if need be.

    Args:
        more: Further members, behind the usual ones.
    """
    rest = {
        "skipped": [{"code": code, "reason": reason} for code, reason in skipped.items()],
        "outputs": outputs,
        **more,
    }
    whole = io.BytesIO()
    whole.write(f'{{"counts": {json.dumps(counts, ensure_ascii=False)},\n"findings": ['.encode())
    for start in range(0, findings.height, _LINES):  # by pieces, or the text would be in memory four times
        lines = io.BytesIO()
        findings[start : start + _LINES].write_ndjson(lines)
        # A line break stands behind each finding, and nowhere else: in texts it is escaped.
        text = lines.getvalue().removesuffix(b"\n").replace(b"\n", b",\n")
        whole.write(b",\n" + text if start else text)
    whole.write(b"]")
    whole.writelines(f',\n"{name}": {json.dumps(value, ensure_ascii=False)}'.encode() for name, value in rest.items())
    whole.write(b"}\n")
    return whole.getvalue()


def sha256(data: bytes) -> str:
    """Fingerprint of a file's content, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def refuse_existing(folder: Path, names: tuple[str, ...], inputs: tuple[str, ...], *, overwrite: bool) -> None:
    """Refuse to write over anything that was not meant: earlier outputs without leave, and inputs always.

    Raises:
        OutputError: says which file stands in the way.
    """
    found = next((path for path in (folder, *folder.parents) if path.exists()), folder)
    if found.exists() and not found.is_dir():
        raise OutputError(f"{found} is a file, not a folder. Choose another folder.")
    standing = [name for name in names if (folder / name).exists() or (folder / name).is_symlink()]
    if standing and not overwrite:
        raise OutputError(f"{folder} already holds {', '.join(standing)}. Choose another folder, or use `overwrite`.")
    read = {Path(name).resolve() for name in inputs}
    clash = [name for name in standing if (folder / name).resolve() in read]
    if clash:
        raise OutputError(
            f"{folder / clash[0]} is an input of this run and would be overwritten. Choose another folder."
        )


def store(
    folder: Path, files: Mapping[str, bytes] | Iterable[tuple[str, bytes]], *, remove: tuple[str, ...] = ()
) -> None:
    """Write files so that each is whole or absent, in the order given, the most important last.

    All of them are first written beside their targets, flushed and read back; only then are they put in place. If that
    fails half-way (a file is open in Excel), what stood there before is put back.

    Args:
        folder: Created if need be.
        files: Name -> content, or such pairs, taken one by one: while one is written the next can be made. The mapping
            comes last. A name may lie in a folder of its own (`Sales/usermapping.csv`).
        remove: Names of earlier outputs that would now be wrong.

    Raises:
        OutputError: The disk is full, the folder cannot be written, a file is locked. Nothing has changed.
    """
    made: list[Path] = []
    written: dict[str, Path] = {}
    begun: dict[str, Future[Path]] = {}
    try:
        _make(folder, folder, made)
        try:
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                for name, data in files.items() if isinstance(files, Mapping) else files:
                    _make((folder / name).parent, folder, made)
                    _refuse_locked(folder / name)
                    begun[name] = pool.submit(_beside, folder / name, data)
                    del data
        finally:
            written = {name: job.result() for name, job in begun.items() if job.exception() is None}
        for job in begun.values():
            job.result()
        for name in remove:
            _refuse_locked(folder / name)
        _put_in_place(folder, written, remove)
    except OSError as error:
        reason = error.strerror or str(error)
        at = Path(str(error.filename)).name if error.filename else ""
        name = str(folder) if not at or at.endswith(".tmp") else at  # nobody knows our temporary names
        raise OutputError(
            f"Nothing was written to {folder}: {reason} ({name}). Close the file if it is open in another program, check "
            "the free space and the permissions, or choose another folder."
        ) from error
    finally:
        for path in written.values():
            with contextlib.suppress(OSError):
                path.unlink()
        for path in reversed(made):
            with contextlib.suppress(OSError):  # only goes if it is empty
                path.rmdir()


def _make(path: Path, folder: Path, made: list[Path]) -> None:
    """A folder to write to; those that were not there before are noted, from the outermost on."""
    if path != folder:
        _make(path.parent, folder, made)
    if not path.exists():
        path.mkdir(parents=True, exist_ok=True)
        made.append(path)


def _refuse_locked(target: Path) -> None:
    """On Windows a file that is open in Excel cannot be replaced: ask before anything is touched."""
    if target.exists():
        with target.open("r+b"):
            pass


def _beside(target: Path, data: bytes) -> Path:
    handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    path = Path(temporary)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        path.chmod(0o666 & ~_umask())
        if not _holds(path, data):
            raise OSError(5, "what was written does not read back the same", str(path))
    except BaseException:
        with contextlib.suppress(OSError):
            path.unlink()
        raise
    return path


def _holds(path: Path, data: bytes) -> bool:
    """Whether the file has this content and nothing else."""
    with path.open("rb") as file:
        pieces = range(0, len(data) + 1, _PIECE)  # one more than the content, which is then empty
        return all(file.read(_PIECE) == data[at : at + _PIECE] for at in pieces) and not file.read(1)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _second_name(target: Path) -> Path:
    """What stands there now, under a temporary name as well; copied where the file system knows no such links."""
    second = target.with_name(f".{target.name}.{os.urandom(8).hex()}.tmp")
    try:
        second.hardlink_to(target)
    except (OSError, NotImplementedError):
        shutil.copy2(target, second)
    return second


def _put_in_place(folder: Path, written: Mapping[str, Path], remove: tuple[str, ...]) -> None:
    before: dict[str, Path | None] = {}
    try:
        for name in (*remove, *written):
            before[name] = _second_name(folder / name) if (folder / name).exists() else None
        for name in remove:
            (folder / name).unlink(missing_ok=True)
        for name, path in written.items():
            path.replace(folder / name)
    except OSError:
        for name, second in before.items():
            with contextlib.suppress(OSError):
                if second is None:
                    (folder / name).unlink()
                else:
                    second.replace(folder / name)
        raise
    finally:
        for second in before.values():
            if second is not None:
                with contextlib.suppress(OSError):  # it has been put back
                    second.unlink()
    if os.name == "posix":
        for place in dict.fromkeys((folder / name).parent for name in (*written, *remove)):
            descriptor = os.open(place, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
