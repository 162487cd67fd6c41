"""The parts of a workbook around its sheets: styles that say what is a date, and a directory that says too much."""

from __future__ import annotations

import io
import zipfile

import pytest
from test_xlsx import HEAD, MAIN, faults_of, packed, parts, patched, read, refusal, sheet_xml

FORMATS = (
    # numFmtId, formatCode, whether numbers in it are dates
    ("14", None, True),  # built in
    ("14", "0.00", False),  # a code given in the file beats the built-in meaning
    ("9", None, False),
    ("9", "[h]:mm", True),
    ("164", "yyyy-mm-dd", True),
    ("164", '"day" [Red]0.0', False),
    ("164", None, False),  # no code is given
    ("fourteen", "yyyy", False),  # neither of these is a number of a format
    ("9999999999", "yyyy", False),
)


@pytest.mark.parametrize(("number", "code", "is_date"), FORMATS)
def test_which_numbers_are_dates(number: str, code: str | None, is_date: bool) -> None:
    """By the style of the cell, and by what the file says of that style."""
    contents = parts(sheet_xml(HEAD + '<row r="2"><c r="A2" s="0"><v>46000</v></c></row>'))
    given = "" if code is None else f"<numFmts><numFmt numFmtId='{number}' formatCode='{code}'/></numFmts>"
    contents["xl/styles.xml"] = (
        f'<styleSheet xmlns="{MAIN}">{given}<cellXfs><xf numFmtId="{number}"/></cellXfs></styleSheet>'
    )
    assert faults_of(read(packed(contents))) == [(2, 0, "date" if is_date else "number")]


def test_a_part_that_is_cut_off() -> None:
    """The directory and the part itself agree on a size that the file does not have."""
    data = packed(parts(sheet_xml(HEAD)))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        last = max(archive.infolist(), key=lambda info: info.header_offset)
    size = (last.compress_size + 1).to_bytes(4, "little")
    assert refusal(patched(data, last.filename, local={18: size}, central={20: size})) == (
        f"The archive is damaged: the part {last.filename} is cut off."
    )
