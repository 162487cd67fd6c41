"""The zip archive around a workbook: nothing is believed before it has been checked.

A zip file says everything twice, in its central directory and in front of each part, and readers differ in which of the
two they believe. An archive whose two halves disagree, or whose checksums do not fit, is damaged or made to deceive.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

from t2t_mapping.errors import InputError
from t2t_mapping.read.cells import clip, refuse

__all__ = ["DAMAGED", "Archive"]

MOST_PARTS = 10_000
LARGEST_PART = 512 << 20  # a sheet of 1,048,576 rows x 8 columns is about that
LARGEST_SMALL_PART = 16 << 20  # workbook, relationships, styles: read in one piece
LARGEST_TOTAL = 1 << 30  # all parts that one workbook needs
MOST_DENSE = 100  # true exports shrink 8 to 30 times
DENSITY_MATTERS_ABOVE = 10 << 20

_PIECE = 64 << 10  # compressed bytes handed to zlib at a time
_MOST_PER_CALL = 1 << 20
_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_ENCRYPTED_FLAGS = 0x1 | 0x40 | 0x2000
_SIZES_FOLLOW_FLAG = 0x8
_ZIP64 = 0xFFFFFFFF

DAMAGED = "Export or copy the file again; it was damaged on its way."


class Archive:
    """The parts of a zip file, by name, each verified as it is read.

    Raises:
        InputError: I101 when the archive is damaged, encrypted, over a limit, or contradicts itself.
    """

    def __init__(self, data: bytes, label: str) -> None:
        self.label = label
        self._data = memoryview(data)
        self._total = 0
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as directory:
                entries = directory.infolist()
                end = directory.start_dir
        except Exception as error:  # zipfile answers damage with half a dozen kinds of exception
            raise refuse(label, "The file is a damaged or incomplete zip archive.", DAMAGED) from error
        self._parts: dict[str, tuple[zipfile.ZipInfo, int]] = {}
        self._check_names(entries)
        self._check_places(entries, end)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all parts, as stored."""
        return tuple(info.orig_filename for info, _ in self._parts.values())

    def __contains__(self, name: str) -> bool:
        return _key(name) in self._parts

    def small(self, name: str) -> bytes:
        """A whole part, verified; for the small ones."""
        info, _ = self._find(name)
        if info.file_size > LARGEST_SMALL_PART:
            raise self._over(f"The part {name} is larger than {LARGEST_SMALL_PART >> 20} MB.")
        return b"".join(self.stream(name))

    def stream(self, name: str) -> Iterator[bytes]:
        """The bytes of a part, piece by piece. Only when the last piece has been taken is the checksum proven."""
        info, start = self._find(name)
        self._total += info.file_size
        if self._total > LARGEST_TOTAL:
            raise self._over("The workbook unpacks to more than 1 GB.")
        compressed = self._data[start : start + info.compress_size]
        pieces = _inflate(compressed) if info.compress_type == zipfile.ZIP_DEFLATED else _slices(compressed)
        size, checksum = 0, 0
        try:
            for piece in pieces:
                size += len(piece)
                if size > info.file_size:
                    break
                checksum = zlib.crc32(piece, checksum)
                yield piece
        except zlib.error as error:
            raise self._damaged(f"the part {name} cannot be unpacked.") from error
        if size != info.file_size or checksum != info.CRC:
            raise self._damaged(f"the part {name} does not fit its checksum.")

    def _find(self, name: str) -> tuple[zipfile.ZipInfo, int]:
        found = self._parts.get(_key(name))
        if found is None:
            raise self._damaged(f"the part {name} is missing.")
        return found

    def _damaged(self, what: str) -> InputError:
        return refuse(self.label, f"The archive is damaged: {what}", DAMAGED)

    def _over(self, message: str) -> InputError:
        return refuse(self.label, message, "Export fewer rows or columns per file.")

    def _check_names(self, entries: list[zipfile.ZipInfo]) -> None:
        if len(entries) > MOST_PARTS:
            raise self._over(f"The archive has more than {MOST_PARTS:,} parts.")
        seen: set[str] = set()
        for info in entries:
            # Not `filename`: zipfile has already cut that at a NUL and turned backslashes round.
            name = info.orig_filename
            if not name or name.startswith("/") or ".." in name.split("/") or any(c in name for c in "\\\0:"):
                raise self._damaged(f"it has a part with the forbidden name {clip(name)}.")
            if _key(name) in seen:
                raise self._damaged(f"it has two parts named {clip(name)} (capitals do not count).")
            seen.add(_key(name))
            if info.flag_bits & _ENCRYPTED_FLAGS:
                raise refuse(self.label, "The archive is protected by a password.", "Save it without a password.")
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise self._damaged(f"the part {name} is packed in an unknown way.")
            if info.file_size > LARGEST_PART:
                raise self._over(f"The part {name} unpacks to more than {LARGEST_PART >> 20} MB.")
            if info.file_size > max(DENSITY_MATTERS_ABOVE, MOST_DENSE * info.compress_size):
                raise self._over(
                    f"The part {name} unpacks to more than {MOST_DENSE} times its size, as archive bombs do."
                )

    def _check_places(self, entries: list[zipfile.ZipInfo], end: int) -> None:
        """Each part lies where the directory says, under the same name, and shares no byte with another."""
        free_from = 0
        for info in sorted(entries, key=lambda info: info.header_offset):
            name = info.orig_filename
            at = info.header_offset
            start = at + _LOCAL_HEADER.size
            if at < free_from or start > end:
                raise self._damaged(f"the part {name} overlaps another.")
            if free_from == 0 and at != 0:
                raise self._damaged("there is something before its first part.")
            mark, _, flags, method, _, _, checksum, packed, size, name_length, extra = _LOCAL_HEADER.unpack_from(
                self._data, at
            )
            raw_name = bytes(self._data[start : start + name_length])
            told = (name.encode("utf-8", "replace"), name.encode("cp437", "replace"))
            sizes = (checksum, packed, size) == (info.CRC, info.compress_size, info.file_size)
            if (
                mark != b"PK\x03\x04"
                or raw_name not in told
                or method != info.compress_type
                or flags & _ENCRYPTED_FLAGS
                or not (sizes or flags & _SIZES_FOLLOW_FLAG or _ZIP64 in (packed, size))
            ):
                raise self._damaged(f"its directory and the part {name} contradict each other.")
            start += name_length + extra
            free_from = start + info.compress_size
            if free_from > end:
                raise self._damaged(f"the part {name} is cut off.")
            self._parts[_key(name)] = (info, start)


def _key(name: str) -> str:
    """Part names are compared without regard to case (Open Packaging Conventions)."""
    return name.casefold()


def _inflate(compressed: memoryview) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    for at in range(0, len(compressed), _PIECE):
        piece = compressed[at : at + _PIECE]
        while True:
            yield unpacker.decompress(piece, _MOST_PER_CALL)
            piece = memoryview(unpacker.unconsumed_tail)
            if not piece:
                break
        if unpacker.eof and (unpacker.unused_data or at + _PIECE < len(compressed)):
            raise zlib.error("data after the end")
    yield unpacker.flush()
    if not unpacker.eof:
        raise zlib.error("incomplete")


def _slices(stored: memoryview) -> Iterator[bytes]:
    for at in range(0, len(stored), _MOST_PER_CALL):
        yield bytes(stored[at : at + _MOST_PER_CALL])
