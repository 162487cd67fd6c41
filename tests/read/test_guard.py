"""The door: what comes in, what is refused, and in which words."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import json
import lzma
import os
import socket
import zipfile
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from t2t_mapping.errors import InputError
from t2t_mapping.read import guard
from t2t_mapping.read.guard import read_bytes, sniff


def archive(**parts: str) -> bytes:
    """A zip file; `types` is the list of content types, `__` in names is a slash."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in parts.items():
            file.writestr("[Content_Types].xml" if name == "types" else name.replace("__", "/"), content)
    return buffer.getvalue()


def ole2(*names: str) -> bytes:
    """The beginning of a compound file, with directory entries of the given names."""
    entries = b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in ("Root Entry", *names))
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + entries


def refusal(data: bytes) -> tuple[str, str]:
    """Message and fix of the I101 problem."""
    with pytest.raises(InputError) as caught:
        sniff(data, "users.xlsx")
    (problem,) = caught.value.problems
    assert (problem.code, problem.file) == ("I101", "users.xlsx")
    return problem.message, problem.fix


SPREADSHEETML = (
    '<?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'
)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (archive(types="", **{"xl__workbook.xml": "x"}), "xlsx"),
        (archive(types="", **{"xl__workbook2.xml": "x"}), "xlsx"),
        (archive(types="sheet.binary.macroEnabled", **{"xl__workbook.xml": "x"}), "xlsx"),  # as SheetJS lists it
        (archive(types="", **{"xl__workbook.bin": "x"}), "xlsb"),
        (archive(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "ods"),
        (ole2("Workbook"), "xls"),
        (ole2("Book"), "xls"),
        (SPREADSHEETML.encode(), "spreadsheetml"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\r\n<!-- a -->' + SPREADSHEETML.encode(), "spreadsheetml"),
        (SPREADSHEETML.replace("Workbook xmlns", "ss:Workbook xmlns:ss").encode("utf-16"), "spreadsheetml"),
        (SPREADSHEETML.encode("utf-16-le"), "spreadsheetml"),
        (SPREADSHEETML.encode("utf-16-be"), "spreadsheetml"),
        (json.dumps({"value": []}).encode(), "json"),
        (b"\xef\xbb\xbf\r\n [ {", "json"),
        (b"[]", "json"),
        (b"[null]", "json"),
        (json.dumps([1]).encode("utf-16"), "json"),
        (b"{", "json"),
        (b"PAR1" + b"\0" * 20 + b"PAR1", "parquet"),
        (b"Name,UPN\r\nAnn,ann@contoso.com\r\n", "text"),
        ("Name;UPN".encode("utf-16"), "text"),
        (b"[Name],[UPN]\n", "text"),
        (b"[full name]\tupn\n", "text"),
        (b"<-Name,UPN", "text"),
        (b"BMW,UPN", "text"),
        (b"RIFF,UPN", "text"),
        (b"MZ,UPN", "text"),
        (b"x", "text"),
        (b"\n", "text"),
    ],
    ids=lambda value: "data" if isinstance(value, bytes) else value,
)
def test_kinds(data: bytes, kind: str) -> None:
    """The content decides; an odd first character of a header does not."""
    assert sniff(data, "users.txt") == kind


EXPORT = "Export it again as .xlsx or .csv."
SAVE = "Open it in Excel and save it as .xlsx, or export it again."
UNPACK = "Unpack it and pass the files inside."
COPY = "Export or copy the file again; it was damaged on its way."
OPEN = "Open it in Excel and save it as .xlsx; if it is a sign-in or error page, export again."


@pytest.mark.parametrize(
    ("data", "message", "fix"),
    [
        (b"", "The file is empty (0 bytes).", "Export it again, and let the download finish."),
        (b"\0" * 99, "The file is filled with zero bytes.", "Copy or download it again; it was not transferred completely."),
        (ole2("EncryptionInfo", "EncryptedPackage"), "The workbook is encrypted with a password or a sensitivity label.", "Open it in Excel, remove the password or the sensitivity label, and save it again."),
        (ole2("WordDocument"), "The file is an old Word document, not an export of users.", EXPORT),
        (ole2("PowerPoint Document"), "The file is an old PowerPoint presentation, not an export of users.", EXPORT),
        (ole2("__properties_version1.0"), "The file is an Outlook message.", "Save the attachment, and pass that."),
        (ole2(), "The file is an old Office document (OLE2), or damaged.", SAVE),
        (b"<html><table>", "The file is a web page (HTML), whatever its name says.", OPEN),
        (b"\r\n<!DOCTYPE HTML PUBLIC>", "The file is a web page (HTML), whatever its name says.", OPEN),
        (b"<!-- x --><TABLE border=1>", "The file is a web page (HTML), whatever its name says.", OPEN),
        (b"<!DOCTYPE a><a/>", "The XML file begins with a document type definition.", SAVE),
        (b"<?xml version='1.0'?><feed/>", "The file is some other XML (<feed>), not an export of users.", EXPORT),
        (b"<Workbook xmlns='urn:x'/>", "The file is some other XML (<Workbook>), not an export of users.", EXPORT),
        (b"<?xml", "The file is some other XML, not an export of users.", EXPORT),
        (gzip.compress(b"a,b"), "The file is compressed with gzip, not an export of users.", UNPACK),
        (bz2.compress(b"a,b"), "The file is compressed with bzip2, not an export of users.", UNPACK),
        (lzma.compress(b"a,b"), "The file is compressed with xz, not an export of users.", UNPACK),
        (b"\x28\xb5\x2f\xfd1234", "The file is compressed with Zstandard, not an export of users.", UNPACK),
        (b"7z\xbc\xaf\x27\x1c1234", "The file is a 7-Zip archive, not an export of users.", UNPACK),
        (b"Rar!\x1a\x07\x01\x00", "The file is a RAR archive, not an export of users.", UNPACK),
        (b"%PDF-1.7", "The file is a PDF document, not an export of users.", EXPORT),
        (b"{\\rtf1", "The file is a rich text document, not an export of users.", EXPORT),
        (b"\x89PNG\r\n\x1a\n", "The file is a picture (PNG), not an export of users.", EXPORT),
        (b"\xff\xd8\xff\xe0", "The file is a picture (JPEG), not an export of users.", EXPORT),
        (b"GIF89a", "The file is a picture (GIF), not an export of users.", EXPORT),
        (b"BM\x36\0\0\0", "The file is a picture or a recording, not an export of users.", EXPORT),
        (b"SQLite format 3\0", "The file is an SQLite database, not an export of users.", EXPORT),
        (b"\x7fELF\2", "The file is a program, not an export of users.", EXPORT),
        (b"ARROW1\0\0", "The file is an Arrow file, not an export of users.", "Write it as Parquet."),
        (b"PARE", "The file is an encrypted Parquet file, not an export of users.", "Write it without encryption."),
        (b"PAR1PAR1", "The Parquet file is incomplete: its end is missing.", COPY),
        (b"PAR1" + b"x" * 99, "The Parquet file is incomplete: its end is missing.", COPY),
        (archive(types="", **{"word__document.xml": ""}), "The file is a Word document, not a workbook.", EXPORT),
        (archive(types="", **{"ppt__presentation.xml": ""}), "The file is a PowerPoint presentation, not a workbook.", EXPORT),
        (archive(types="visio"), "The file is some Office document, but no workbook.", EXPORT),
        (archive(mimetype="application/vnd.oasis.opendocument.text"), "The file is an OpenDocument document, not a workbook.", "Save the table as .xlsx."),
        (archive(mimetype="application/epub+zip"), "The file is a zip archive ('mimetype'), not a workbook.", UNPACK),
        (archive(a="", b="", c="", d=""), "The file is a zip archive ('a', 'b', 'c', ...), not a workbook.", UNPACK),
        (archive(), "The file is an empty zip archive, not an export of users.", EXPORT),
        (archive(a="")[:-9], "The file is a damaged or incomplete zip archive.", COPY),
    ],
    ids=lambda value: "data" if isinstance(value, bytes) else value,
)  # fmt: skip
def test_refusals(data: bytes, message: str, fix: str) -> None:
    """Each thing that people pass by mistake is named, with what to do about it."""
    assert refusal(data) == (message, fix)


@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"PK\3\4", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PAR1", b"<", b"\xff\xfe", b"["]),
)
def test_any_bytes_have_an_answer(data: bytes, start: bytes) -> None:
    """A kind or a refusal, never anything else."""
    with contextlib.suppress(InputError):
        assert sniff(start + data, "x") in {"xlsx", "spreadsheetml", "json", "parquet", "text"}


def door(path: Path) -> str:
    """The message with which a path is refused."""
    with pytest.raises(InputError) as caught:
        read_bytes(path, "in/users.csv")
    (problem,) = caught.value.problems
    assert (problem.code, problem.file) == ("I101", "in/users.csv")
    assert problem.fix
    return problem.message


@pytest.mark.parametrize("size", [1, 1 << 16, (1 << 16) + 1, 300_000])
def test_a_regular_file_is_read_whole(tmp_path: Path, size: int) -> None:
    path = tmp_path / "users.csv"
    path.write_bytes(b"x" * size)
    (tmp_path / "link.csv").symlink_to(path)
    assert read_bytes(path, "users.csv") == b"x" * size
    assert read_bytes(tmp_path / "link.csv", "link.csv") == b"x" * size


def test_what_is_no_file(tmp_path: Path) -> None:
    """None of these blocks, and none gives a traceback."""
    assert door(tmp_path) == "This is a folder, not a file."
    assert door(tmp_path / "none") == "There is no such file."
    assert door(tmp_path / "none\0") == "The file cannot be read (the path contains a NUL character)."
    assert door(tmp_path / ("n" * 300)) == "The file cannot be read (File name too long)."
    os.mkfifo(tmp_path / "pipe")
    assert door(tmp_path / "pipe") == "This is a pipe, not a file."
    assert door(Path("/dev/null")) == "This is a device, not a file."
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        assert door(tmp_path / "s") == "This is a socket, not a file."


def test_a_file_that_turns_into_a_pipe(tmp_path: Path) -> None:
    """Between the look and the opening, it may have been exchanged."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    (tmp_path / "a").write_bytes(b"a")
    with mock.patch.object(Path, "stat", return_value=(tmp_path / "a").stat()):
        assert door(path) == "This is a pipe, not a file."


def test_locked_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a")
    with mock.patch.object(os, "open", side_effect=PermissionError(13, "Permission denied")):
        assert door(tmp_path / "a") == "The file is locked, or you may not read it."
    with mock.patch.object(os, "open", side_effect=OSError(5, "Input/output error")):
        assert door(tmp_path / "a") == "The file cannot be read (Input/output error)."


def test_hopeless_files_are_not_read_to_the_end(tmp_path: Path) -> None:
    """Sparse files of several gigabytes, refused from their size and their first bytes."""
    path = tmp_path / "users.csv"

    def sparse(head: bytes, size: int) -> str:
        path.write_bytes(head)
        os.truncate(path, size)
        return door(path)

    assert sparse(b"", 3 << 30) == "The file is filled with zero bytes."
    assert sparse(b"\x1f\x8b", 3 << 30) == "The file is compressed with gzip, not an export of users."
    assert sparse(b"a,b", 5 << 30) == "The file has 5,120 MB; at most 4,096 MB are read."
    assert sparse(b"a,b\n", 3 << 30) == "The end of the file is filled with zero bytes."
    assert sparse(b' [{"id": 1', 129 << 20) == "The file has 129 MB; at most 128 MB are read."
    assert sparse(b"\xef\xbb\xbf<?xml ", 129 << 20) == "The file has 129 MB; at most 128 MB are read."
    assert sparse(b"[user]", 129 << 20) == "The end of the file is filled with zero bytes."
    assert sparse(b"PK\3\4", 257 << 20) == "The file has 257 MB; at most 256 MB are read."
    assert sparse(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 257 << 20) == "The file has 257 MB; at most 256 MB are read."
    assert sparse(b"", 0) == "The file is empty (0 bytes)."


def test_an_end_of_zero_bytes(tmp_path: Path) -> None:
    """A mebibyte of them is no text of any kind; anything behind them, or less, is for the reader to judge."""
    path = tmp_path / "users.csv"
    for sound in (b"a,b" + b"\0" * ((1 << 20) - 1), b"\0" * (1 << 20) + b"\n"):
        path.write_bytes(sound)
        assert read_bytes(path, "users.csv", whatever=True) == sound
    path.write_bytes(b"a,b" + b"\0" * (1 << 20))
    for whatever in (False, True):
        with pytest.raises(InputError, match=r"users\.csv: The end of the file is filled with zero bytes"):
            read_bytes(path, "users.csv", whatever=whatever)


@pytest.mark.parametrize("change", [b"longer than before", b"", b"b" * 70_000])
def test_a_file_that_changes_meanwhile(tmp_path: Path, change: bytes) -> None:
    """A report that is still being written is not read by halves."""
    path = tmp_path / "users.csv"
    path.write_bytes(b"a" * 70_000)
    os.utime(path, (1, 1))
    refuse_early = guard._refuse_early

    def meanwhile(head: bytes, size: int, label: str) -> None:
        refuse_early(head, size, label)
        path.write_bytes(change)

    with mock.patch.object(guard, "_refuse_early", meanwhile):
        assert door(path) == "The file changed while it was being read."
