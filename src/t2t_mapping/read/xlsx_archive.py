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
_END = struct.Struct("<4H2LH")  # behind its mark
_LONGEST_END = 22 + 0xFFFF
_LOCATOR = struct.Struct("<4sLQL")
_LARGE_END = struct.Struct("<4sQ2H2L4Q")
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
        self._check_end(len(entries), end)

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
            # A folder's name ends with a slash; otherwise no segment is empty or means another place.
            segments = name.removesuffix("/").split("/")
            if {"", ".", ".."} & set(segments) or any(c in name for c in "\\\0:"):
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
            if at != free_from:
                where = f"between its parts, before {name}" if free_from else "before its first part"
                raise self._damaged(f"there is something {where}.")
            mark, _, flags, method, _, _, checksum, packed, size, name_length, extra = _LOCAL_HEADER.unpack_from(
                self._data, at
            )
            raw_name = bytes(self._data[start : start + name_length])
            told = (name.encode("utf-8", "replace"), name.encode("cp437", "replace"))
            start += name_length + extra
            if _ZIP64 in (packed, size):
                packed, size = self._large_sizes(start - extra, start, packed, size)
            sizes = (checksum, packed, size)
            later = flags & _SIZES_FOLLOW_FLAG and sizes in ((0, 0, 0), (info.CRC, 0, 0))
            if (
                mark != b"PK\x03\x04"
                or raw_name not in told
                or method != info.compress_type
                or flags & _ENCRYPTED_FLAGS
                or not (later or sizes == (info.CRC, info.compress_size, info.file_size))
            ):
                raise self._damaged(f"its directory and the part {name} contradict each other.")
            free_from = start + info.compress_size
            if flags & _SIZES_FOLLOW_FLAG:
                free_from += self._descriptor(info, free_from)
            if free_from > end:
                raise self._damaged(f"the part {name} is cut off.")
            self._parts[_key(name)] = (info, start)
        if free_from != end:
            raise self._damaged("there is something between its parts and its directory.")

    def _large_sizes(self, at: int, end: int, packed: int, size: int) -> tuple[int, int]:
        """The sizes of a part that says in front of it that they stand in its zip64 field."""
        while at + 4 <= end:
            kind, length = struct.unpack_from("<2H", self._data, at)
            if kind == 1 and length >= 16 and at + 4 + length <= end:
                size, packed = struct.unpack_from("<2Q", self._data, at + 4)
                break
            at += 4 + length
        return packed, size

    def _descriptor(self, info: zipfile.ZipInfo, at: int) -> int:
        """The length of what follows a part whose sizes were not known in front of it; it must say the same again."""
        told = (info.CRC, info.compress_size, info.file_size)
        for form in ("<3L", "<L2Q"):
            body = struct.pack(form, *told) if form == "<L2Q" or max(told) < _ZIP64 else b""
            for whole in (b"PK\x07\x08" + body, body):
                if body and self._data[at : at + len(whole)] == whole:
                    return len(whole)
        raise self._damaged(f"its directory and what follows the part {info.orig_filename} contradict each other.")

    def _check_end(self, entries: int, start: int) -> None:
        """The record at the end says what is there; whatever follows it is not looked at by anybody."""
        data = self._data
        at = bytes(data[-_LONGEST_END:]).rfind(b"PK\x05\x06") + max(len(data) - _LONGEST_END, 0)
        disk, first, here, total, size, offset, comment = _END.unpack_from(data, at + 4)
        behind = at
        large = None
        if at - start >= _LOCATOR.size + _LARGE_END.size and bytes(data[at - _LOCATOR.size : at - 16]) == b"PK\x06\x07":
            _, other, record, _ = _LOCATOR.unpack_from(data, at - _LOCATOR.size)
            behind = at - _LOCATOR.size - _LARGE_END.size
            mark, length, *_, one, two, here64, total64, size64, offset64 = _LARGE_END.unpack_from(data, behind)
            large = (one, two, here64, total64, size64, offset64)
            sound = mark == b"PK\x06\x06" and length == _LARGE_END.size - 12 and (other, record) == (0, behind)
            if not sound:
                raise self._damaged("the records at its end contradict each other.")
        truth = (0, 0, entries, entries, behind - start, start)
        short = (disk, first, here, total, size, offset)
        unknown = (0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, _ZIP64, _ZIP64)
        agrees = all(
            said == true or (large and said == mask) for said, true, mask in zip(short, truth, unknown, strict=True)
        )
        if not agrees or (large and large != truth) or at + 4 + _END.size + comment > len(data):
            raise self._damaged("the records at its end contradict what is there.")


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
