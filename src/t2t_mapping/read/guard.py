"""The door: which bytes come in at all, and what they are, judged by content and never by name.

Each kind of file that administrators really pass by mistake has a message and a fix of its own.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from t2t_mapping.read.archive import DAMAGED, Archive
from t2t_mapping.read.cells import clip, refuse

__all__ = ["read_bytes", "sniff", "unreadable"]

LARGEST_WORKBOOK = 256 << 20  # a million rows are some 70 MB
LARGEST_DOCUMENT = 128 << 20  # JSON and XML: Python holds every value as an object of its own
LARGEST_FILE = 4 << 30  # ten million users are some 2 GB as CSV
HOLE = 1 << 20  # zero bytes at the end that are beyond any doubt an end that never came

_HEAD = 64 << 10
_JSON = re.compile(r"\{|\[\s*(?:[\[{\"\]\d-]|true|false|null)")
_XML = re.compile(r"<[!?A-Za-z]")
_ZIP = b"PK\x03\x04"
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PARQUET = b"PAR1"

_EXPORT_AGAIN = "Export it again as .xlsx or .csv."
_SAVE_AS = "Open it in Excel and save it as .xlsx, or export it again."
_UNPACK = "Unpack it and pass the files inside."
_INCOMPLETE = "Copy or download it again; it was not transferred completely."

# How a file begins -> what it is, what to do about it.
_FOREIGN: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x05\x06", "an empty zip archive", _EXPORT_AGAIN),
    (b"\x1f\x8b", "compressed with gzip", _UNPACK),
    (b"BZh", "compressed with bzip2", _UNPACK),
    (b"\xfd7zXZ\0", "compressed with xz", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "compressed with Zstandard", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    (b"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (b"%PDF-", "a PDF document", _EXPORT_AGAIN),
    (b"{\\rtf", "a rich text document", _EXPORT_AGAIN),
    (b"\x89PNG\r\n\x1a\n", "a picture (PNG)", _EXPORT_AGAIN),
    (b"\xff\xd8\xff", "a picture (JPEG)", _EXPORT_AGAIN),
    (b"GIF87a", "a picture (GIF)", _EXPORT_AGAIN),
    (b"GIF89a", "a picture (GIF)", _EXPORT_AGAIN),
    (b"PARE", "an encrypted Parquet file", "Write it without encryption."),
    (b"ARROW1\0\0", "an Arrow file", "Write it as Parquet."),
    (b"SQLite format 3\0", "an SQLite database", _EXPORT_AGAIN),
    (b"MZ\x90\0", "a program", _EXPORT_AGAIN),
    (b"\x7fELF", "a program", _EXPORT_AGAIN),
)

# A part that a zip archive holds -> what it is, and what to do about it.
_OFFICE = {
    "word/document.xml": ("a Word document", _EXPORT_AGAIN),
    "ppt/presentation.xml": ("a PowerPoint presentation", _EXPORT_AGAIN),
}
_ODS = "application/vnd.oasis.opendocument.spreadsheet"


def unreadable(error: OSError | ValueError) -> str:
    """What the system says about a path that it cannot use; each Python has other words for a NUL in it, the ValueError."""
    reason = (error.strerror or str(error)) if isinstance(error, OSError) else "the path contains a NUL character"
    return f"The file cannot be read ({reason})."


def read_bytes(path: Path, label: str, *, whatever: bool = False) -> bytes:
    """The whole content of a regular file.

    Args:
        path: Where it is.
        label: What to call it in messages.
        whatever: Read it even if it can be no export; its content is what the caller judges.

    Raises:
        InputError: I101 when it is missing, locked, forbidden, no regular file, too large, hopeless from its first
            bytes on, or changed while it was read.
    """
    try:
        # Looked at before it is opened, because opening a pipe waits for its other end.
        _require_regular(path.stat().st_mode, label)
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(descriptor, "rb") as file:  # noqa: PTH123  (a descriptor, not a path)
            before = os.fstat(descriptor)
            _require_regular(before.st_mode, label)
            head = file.read(_HEAD)
            if not whatever:
                _refuse_early(head, before.st_size, label)
            if before.st_size > HOLE:
                file.seek(before.st_size - HOLE)
                if not file.read(HOLE).strip(b"\0"):
                    raise refuse(label, "The end of the file is filled with zero bytes.", _INCOMPLETE)
            if len(head) == _HEAD:
                file.seek(0)  # from the beginning, in one piece: the head and the rest would be held twice
                data = file.read(before.st_size + 1)
            else:
                data = head
            after = os.fstat(descriptor)
    except FileNotFoundError as error:
        raise refuse(label, "There is no such file.", "Check the path.") from error
    except PermissionError as error:
        fix = "Close it in Excel (or whatever else has it open), and check that you may read it."
        raise refuse(label, "The file is locked, or you may not read it.", fix) from error
    except (OSError, ValueError) as error:
        raise refuse(label, unreadable(error), "Check the path and the disk.") from error
    if not len(data) == before.st_size == after.st_size or before.st_mtime_ns != after.st_mtime_ns:
        fix = "Wait until the program that writes it has finished, then try again."
        raise refuse(label, "The file changed while it was being read.", fix)
    return data


def sniff(data: bytes, label: str) -> str:
    """What a file is: `xlsx`, `xls`, `xlsb`, `ods`, `spreadsheetml`, `json`, `parquet` or `text`.

    `text` is the answer for whatever is nothing else; it promises nothing.

    Raises:
        InputError: I101 when it is something that no reader here reads.
    """
    head = data[:_HEAD]
    _refuse_early(head, len(data), label)
    if head.startswith(_ZIP):
        return _zip_kind(data, label)
    if head.startswith(_OLE2):
        return _ole2_kind(data, label)
    if head.startswith(_PARQUET):
        if len(data) < 12 or not data.endswith(_PARQUET):
            raise refuse(label, "The Parquet file is incomplete: its end is missing.", DAMAGED)
        return "parquet"
    text = _decoded(head).lstrip()
    if _JSON.match(text):
        return "json"
    if _XML.match(text):
        return _xml_kind(text, label)
    return "text"


def _require_regular(mode: int, label: str) -> None:
    if stat.S_ISREG(mode):
        return
    if stat.S_ISDIR(mode):
        raise refuse(label, "This is a folder, not a file.", "Name the file inside it.")
    what = "a pipe" if stat.S_ISFIFO(mode) else "a socket" if stat.S_ISSOCK(mode) else "a device"
    raise refuse(label, f"This is {what}, not a file.", "Save the export to a file, and name that.")


def _refuse_early(head: bytes, size: int, label: str) -> None:
    """Refuses what the first bytes and the size condemn already, before the rest is read."""
    if not size:
        raise refuse(label, "The file is empty (0 bytes).", "Export it again, and let the download finish.")
    if not head.strip(b"\0"):
        raise refuse(label, "The file is filled with zero bytes.", _INCOMPLETE)
    for magic, what, fix in _FOREIGN:
        if head.startswith(magic):
            raise refuse(label, f"The file is {what}, not an export of users.", fix)
    if head.startswith((b"RIFF", b"BM", b"II*\0", b"MM\0*")) and b"\0" in head[:16]:
        raise refuse(label, "The file is a picture or a recording, not an export of users.", _EXPORT_AGAIN)
    most = LARGEST_FILE
    if head.startswith((_ZIP, _OLE2)):
        most = LARGEST_WORKBOOK
    elif size > LARGEST_DOCUMENT and (_JSON.match(text := _decoded(head).lstrip()) or _XML.match(text)):
        most = LARGEST_DOCUMENT
    if size > most:
        message = f"The file has {size >> 20:,} MB; at most {most >> 20:,} MB are read."
        raise refuse(label, message, "Split the export into several files.")


def _zip_kind(data: bytes, label: str) -> str:
    archive = Archive(data, label)
    if "xl/workbook.bin" in archive:
        return "xlsb"
    for part, (what, fix) in _OFFICE.items():
        if part in archive:
            raise refuse(label, f"The file is {what}, not a workbook.", fix)
    if any(name.endswith("workbook.xml") or name.startswith("xl/") for name in archive.names):
        return "xlsx"
    if "mimetype" in archive:
        kind = archive.small("mimetype").decode("ascii", "replace").strip()
        if kind.startswith(_ODS):
            return "ods"
        if kind.startswith("application/vnd.oasis.opendocument"):
            raise refuse(label, "The file is an OpenDocument document, not a workbook.", "Save the table as .xlsx.")
    if "[content_types].xml" in archive:
        raise refuse(label, "The file is some Office document, but no workbook.", _EXPORT_AGAIN)
    inside = ", ".join(clip(name) for name in archive.names[:3]) + (", ..." if len(archive.names) > 3 else "")
    raise refuse(label, f"The file is a zip archive ({inside}), not a workbook.", _UNPACK)


def _ole2_kind(data: bytes, label: str) -> str:
    """What an OLE2 compound file is can be told from the names in its directory, which are UTF-16."""

    def holds(*names: str) -> bool:
        return any(name.encode("utf-16-le") + b"\0\0" in data for name in names)

    if holds("EncryptedPackage", "EncryptionInfo"):
        fix = "Open it in Excel, remove the password or the sensitivity label, and save it again."
        raise refuse(label, "The workbook is encrypted with a password or a sensitivity label.", fix)
    if holds("Workbook", "Book"):
        return "xls"
    if holds("WordDocument"):
        raise refuse(label, "The file is an old Word document, not an export of users.", _EXPORT_AGAIN)
    if holds("PowerPoint Document"):
        raise refuse(label, "The file is an old PowerPoint presentation, not an export of users.", _EXPORT_AGAIN)
    if holds("__properties_version1.0"):
        raise refuse(label, "The file is an Outlook message.", "Save the attachment, and pass that.")
    raise refuse(label, "The file is an old Office document (OLE2), or damaged.", _SAVE_AS)


def _decoded(head: bytes) -> str:
    """Roughly: enough to look at the first characters."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(mark):
            return head[len(mark) :].decode(encoding, "replace")
    for start, encoding in ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be")):
        if head.startswith(start):
            return head.decode(encoding, "replace")
    return head.decode("utf-8", "replace")


def _xml_kind(text: str, label: str) -> str:
    # Comments and processing instructions may stand before the root.
    root = re.sub(r"^(?:\s+|<\?.*?\?>|<!--.*?-->)+", "", text, flags=re.DOTALL)
    tag = re.match(r"<(?:[\w.-]+:)?([\w.-]+)", root)
    name = tag[1].lower() if tag else ""
    if re.match(r"<!doctype\s+html", root, re.IGNORECASE) or name in _HTML:
        fix = "Open it in Excel and save it as .xlsx; if it is a sign-in or error page, export again."
        raise refuse(label, "The file is a web page (HTML), whatever its name says.", fix)
    if name == "workbook" and "urn:schemas-microsoft-com:office:spreadsheet" in text:
        return "spreadsheetml"
    if root.startswith("<!"):
        raise refuse(label, "The XML file begins with a document type definition.", _SAVE_AS)
    what = f" (<{tag[1][:40]}>)" if tag else ""
    raise refuse(label, f"The file is some other XML{what}, not an export of users.", _EXPORT_AGAIN)


_HTML = frozenset({"html", "head", "body", "table", "div", "meta", "title", "script", "style", "form", "p", "span"})
