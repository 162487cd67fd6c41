"""The zip archive around a workbook: sizes are looked at before anything is unpacked, checksums while it is."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator

from t2t_mapping.errors import InputError
from t2t_mapping.read.cells import clip, refuse

__all__ = ["DAMAGED", "Archive"]

LARGEST_PART = 512 << 20  # a sheet of 1,048,576 rows x 8 columns is about that
LARGEST_SMALL_PART = 16 << 20  # workbook, relationships: read in one piece
MOST_DENSE = 100  # true exports shrink 8 to 30 times
DENSITY_MATTERS_ABOVE = 10 << 20

_PIECE = 64 << 10  # compressed bytes handed to zlib at a time
_MOST_PER_CALL = 1 << 20
_ENCRYPTED_FLAGS = 0x1 | 0x40 | 0x2000

DAMAGED = "Export or copy the file again; it was damaged on its way."


class Archive:
    """The parts of a zip file by name, each verified as it is read. Names are compared as Windows would.

    Raises:
        InputError: I101 when the archive is damaged, encrypted, over a limit, or has two parts of one name.
    """

    def __init__(self, data: bytes, label: str) -> None:
        self.label = label
        self._data = memoryview(data)
        self._parts: dict[str, zipfile.ZipInfo] = {}
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as directory:
                entries = directory.infolist()
        except Exception as error:  # zipfile answers damage with half a dozen kinds of exception
            raise refuse(label, "The file is a damaged or incomplete zip archive.", DAMAGED) from error
        for info in entries:
            key = _key(info.filename)
            if key in self._parts and not info.is_dir():
                raise self._damaged(f"it has two parts named {clip(info.filename)} (names are case-insensitive).")
            self._parts[key] = info

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all parts, in lower case and with slashes."""
        return tuple(self._parts)

    def __contains__(self, name: str) -> bool:
        return _key(name) in self._parts

    def size(self, name: str) -> int:
        """How many bytes a part says that it has."""
        return self._parts[_key(name)].file_size

    def small(self, name: str) -> bytes:
        """A whole part, verified; for the small ones."""
        if name in self and self.size(name) > LARGEST_SMALL_PART:
            raise self._over(f"The part {name} is larger than {LARGEST_SMALL_PART >> 20} MB.")
        return b"".join(self.stream(name))

    def stream(self, name: str) -> Iterator[bytes]:
        """The bytes of a part, piece by piece. Only when the last piece has been taken is the checksum proven."""
        info = self._parts.get(_key(name))
        if info is None:
            raise self._damaged(f"the part {name} is missing.")
        packed = self._packed(info)
        size, checksum = 0, 0
        try:
            for piece in _inflate(packed) if info.compress_type == zipfile.ZIP_DEFLATED else _slices(packed):
                size += len(piece)
                if size > info.file_size:
                    break
                checksum = zlib.crc32(piece, checksum)
                yield piece
        except zlib.error as error:
            raise self._damaged(f"the part {name} cannot be unpacked.") from error
        if size != info.file_size or checksum != info.CRC:
            raise self._damaged(f"the part {name} does not fit its checksum.")

    def _packed(self, info: zipfile.ZipInfo) -> memoryview:
        """The bytes of a part as they are stored, if its sizes are those of an honest file."""
        name = info.filename
        if info.flag_bits & _ENCRYPTED_FLAGS:
            raise refuse(
                self.label,
                "The archive is protected by a password.",
                "Open it in Excel, remove the password, and save it again.",
            )
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise refuse(self.label, f"The part {clip(name)} is packed in an unknown way.", DAMAGED)
        if info.file_size > LARGEST_PART:
            raise self._over(f"The part {clip(name)} unpacks to more than {LARGEST_PART >> 20} MB.")
        if info.file_size > max(DENSITY_MATTERS_ABOVE, info.compress_size * MOST_DENSE):
            raise self._over(f"The part {clip(name)} unpacks to more than {MOST_DENSE} times its size.")
        head = info.header_offset
        lengths = [int.from_bytes(self._data[at : at + 2], "little") for at in (head + 26, head + 28)]
        start = head + 30 + sum(lengths)
        packed = self._data[start : start + info.compress_size]
        if bytes(self._data[head : head + 4]) != b"PK\x03\x04" or len(packed) != info.compress_size:
            raise self._damaged(f"the part {clip(name)} is not where its directory says.")
        return packed

    def _damaged(self, what: str) -> InputError:
        return refuse(self.label, f"The archive is damaged: {what}", DAMAGED)

    def _over(self, message: str) -> InputError:
        return refuse(self.label, message, "Export fewer rows or columns per file.")


def _key(name: str) -> str:
    """Old .NET writers separate with backslashes, and no reader looks at the case (Open Packaging Conventions)."""
    return name.replace("\\", "/").casefold()


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
