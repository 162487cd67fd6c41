"""The validator: small files with the exact codes and lines expected, repairs, and what `generate` wrote."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import strategies as made
from commands import called as command
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import Person, Rule
from small import frame, person, rule_table
from strategies import reconciled

import t2t_mapping as t2t
from t2t_mapping.choices import Profile

HEADER = b"Source,Destination\r\n"
OK = b"ann@contoso.com,ann@fabrikam.com\r\n"
BOB = b"bob@contoso.com,bob@fabrikam.com\r\n"

Expected = list[tuple[str, str, list[int] | None]]


def error(code: str, *lines: int) -> tuple[str, str, list[int] | None]:
    return code, "error", list(lines) or None


def warning(code: str, *lines: int) -> tuple[str, str, list[int] | None]:
    return code, "warning", list(lines) or None


# What stands below the header, with line numbers counted from there.
BODIES: list[tuple[str, bytes, Expected]] = [
    ("one pair", OK, []),
    ("two pairs", OK + BOB, []),
    ("no line end at the end", OK[:-2], []),
    ("all allowed characters", b"o'neil._-!#^~9@a-b.contoso.com,x@fabrikam.com\r\n", []),
    ("a guest", b"ann@contoso.com,ann_contoso.com#EXT#@fabrikam.onmicrosoft.com\r\n", [error("U216", 1)]),
    ("no address at all", b"", [error("M511")]),
    ("one column", b"ann@contoso.com\r\n", [error("M504", 1)]),
    ("three columns", b"ann@contoso.com,ann@fabrikam.com,x\r\n", [error("M504", 1)]),
    ("a comma at the end", b"ann@contoso.com,ann@fabrikam.com,\r\n", [error("M504", 1)]),
    (
        "too few and too many",
        b"a@x.com\r\n" + OK + b"b@x.com,c@x.com,d@x.com\r\n",
        [error("M504", 1), error("M504", 3)],
    ),
    ("no source", b",ann@fabrikam.com\r\n", [error("M505", 1)]),
    ("no destination", b"ann@contoso.com,\r\n", [error("M505", 1)]),
    ("neither", OK + b",\r\n", [error("M505", 2), error("M505", 2)]),
    ("no @", b"ann,ann@fabrikam.com\r\n", [error("M505", 1)]),
    ("two @", b"ann@@contoso.com,ann@fabrikam.com\r\n", [error("M505", 1)]),
    ("no dot in the domain", b"ann@contoso,ann@fabrikam.com\r\n", [error("M505", 1)]),
    ("a dot before the @", b"ann.@contoso.com,ann@fabrikam.com\r\n", [error("M505", 1)]),
    ("a dot at the start", b".ann@contoso.com,ann@fabrikam.com\r\n", [error("M505", 1)]),
    ("two dots", b"a..b@contoso.com,ann@fabrikam.com\r\n", [error("M505", 1)]),
    ("a plus", b"ann+x@contoso.com,ann@fabrikam.com\r\n", [error("M505", 1)]),
    ("a blank inside", b"an n@contoso.com,ann@fabrikam.com\r\n", [error("M505", 1)]),
    ("too long before the @", b"a" * 65 + b"@contoso.com,ann@fabrikam.com\r\n", [error("M505", 1)]),
    ("just not too long", b"a" * 64 + b"@contoso.com,ann@fabrikam.com\r\n", []),
    ("too long after the @", b"ann@" + b"c" * 45 + b".com,ann@fabrikam.com\r\n", [error("M505", 1)]),
    ("a domain that ends with a hyphen", b"ann@contoso-.com,ann@fabrikam.com\r\n", [error("M505", 1)]),
    ("an umlaut", "jürgen@contoso.com,j@fabrikam.com\r\n".encode(), [error("M505", 1)]),
    ("quotes", b'"ann@contoso.com","ann@fabrikam.com"\r\n', [error("M505", 1)]),
    ("a display name", b"Ann <ann@contoso.com>,ann@fabrikam.com\r\n", [error("M505", 1)]),
    ("a formula", b"=A1,ann@fabrikam.com\r\n", [error("M505", 1)]),
    (
        "a quote that swallows a line",
        b'"ann@contoso.com,a@f.com\r\nbob@contoso.com",b@f.com\r\n',
        [error("M504", 1, 2)],
    ),
    ("the same source twice", OK + b"ANN@contoso.com,lee@fabrikam.com\r\n", [error("M506", 1, 2)]),
    ("the same destination twice", OK + b"lee@contoso.com,Ann@Fabrikam.com\r\n", [error("M506", 1, 2)]),
    ("the same line twice", OK + BOB + OK, [error("M506", 1, 3)]),
    (
        "both columns repeat",
        OK + BOB + b"ann@contoso.com,bob@fabrikam.com\r\n",
        [error("M506", 1, 3), error("M506", 2, 3)],
    ),
    ("target same as source", b"ann@contoso.com,Ann@Contoso.com\r\n", [error("M507", 1)]),
    ("a chain", b"ann@contoso.com,bob@contoso.com\r\n" + BOB, [error("M514", 1, 2)]),
    ("a swap of two", b"a@x.com,b@x.com\r\nb@x.com,a@x.com\r\n", [error("M514", 1, 2), error("M514", 1, 2)]),
    ("a blank before", b" ann@contoso.com,ann@fabrikam.com\r\n", [error("M508", 1)]),
    ("a blank after", b"ann@contoso.com,ann@fabrikam.com \r\n", [error("M508", 1)]),
    ("a blank before the comma", b"ann@contoso.com ,ann@fabrikam.com\r\n", [error("M508", 1)]),
    ("a no-break blank", "ann@contoso.com\u00a0,ann@fabrikam.com\r\n".encode(), [error("M508", 1)]),
    ("a blank line between", OK + b"\r\n" + BOB, [error("M510", 2)]),
    ("a line of blanks", OK + b"   \r\n" + BOB, [error("M510", 2)]),
    ("a blank line at the end", OK + b"\r\n", [warning("M510", 2)]),
    ("a blank line first", b"\r\n" + OK, [error("M510", 1)]),
    ("a Cyrillic letter", "\u0430nn@contoso.com,ann@fabrikam.com\r\n".encode(), [error("M512", 1)]),
    ("a Greek letter at the destination", "ann@contoso.com,ann@fabrik\u03b1m.com\r\n".encode(), [error("M512", 1)]),
    ("a Kelvin sign", "\u212aim@contoso.com,kim@fabrikam.com\r\n".encode(), [error("M512", 1)]),
    ("a zero-width blank", "ann\u200b@contoso.com,ann@fabrikam.com\r\n".encode(), [error("M512", 1)]),
    ("a direction mark", "ann\u202e@contoso.com,ann@fabrikam.com\r\n".encode(), [error("M512", 1)]),
    ("a soft hyphen", "ann\u00ad@contoso.com,ann@fabrikam.com\r\n".encode(), [error("M512", 1)]),
    ("a full-width @", "ann\uff20contoso.com,ann@fabrikam.com\r\n".encode(), [error("M512", 1)]),
    ("a control character", b"ann\x07@contoso.com,ann@fabrikam.com\r\n", [error("M512", 1)]),
    ("semicolons", b"ann@contoso.com;ann@fabrikam.com\r\n", [error("M502", 1)]),
]
SETTINGS: dict[str, tuple[Profile, bytes, bytes]] = {
    # profile, header, line end; a body's first line is line 1 or 2
    "self-service": ("self-service", HEADER, b"\r\n"),
    "self-service, LF": ("self-service", HEADER, b"\n"),
    "support-request": ("support-request", b"", b"\r\n"),
}
FILES: list[tuple[str, str, bytes, Expected]] = [
    # whole files: name, profile, content
    ("empty", "self-service", b"", [error("M511")]),
    ("only a header", "self-service", HEADER, [error("M511")]),
    ("only blank lines", "self-service", b"\r\n\r\n", [error("M511"), warning("M510", 1, 2)]),
    ("a byte order mark", "self-service", b"\xef\xbb\xbf" + HEADER + OK, [error("M509")]),
    ("UTF-16", "self-service", (HEADER + OK).decode().encode("utf-16"), [error("M509")]),
    ("UTF-16 LE without mark", "self-service", (HEADER + OK).decode().encode("utf-16-le"), [error("M509")]),
    ("UTF-16 BE without mark", "self-service", (HEADER + OK).decode().encode("utf-16-be"), [error("M509")]),
    (
        "cp1252",
        "self-service",
        HEADER + b"j\xfcrgen@contoso.com,j@fabrikam.com\r\n",
        [error("M505", 2), error("M509", 2)],
    ),
    ("a NUL", "self-service", HEADER + b"a\0nn@contoso.com,ann@fabrikam.com\r\n", [error("M509", 2)]),
    ("old Mac line ends", "self-service", (HEADER + OK).replace(b"\r\n", b"\r"), [error("M509", 1, 2)]),
    ("mixed line ends", "self-service", HEADER + OK.replace(b"\r\n", b"\n") + BOB, [warning("M509", 2)]),
    ("semicolons", "self-service", (HEADER + OK).replace(b",", b";"), [error("M502", 1, 2)]),
    ("tabs", "self-service", (HEADER + OK).replace(b",", b"\t"), [error("M502", 1, 2)]),
    ("semicolons without header", "support-request", OK.replace(b",", b";"), [error("M502", 1)]),
    ("no header", "self-service", OK + BOB, [error("M503", 1)]),
    ("a header in lower case", "self-service", b"source,destination\r\n" + OK, [error("M503", 1)]),
    ("another header", "self-service", b"SourceUpn,TargetUpn\r\n" + OK, [error("M503", 1)]),
    ("a blank in the header", "self-service", b"Source, Destination\r\n" + OK, [error("M503", 1)]),
    (
        "a header of three",
        "self-service",
        b"Source,Destination,Note\r\nann@contoso.com,ann@fabrikam.com,x\r\n",
        [error("M503", 1), error("M504", 2)],
    ),
    ("the header again", "self-service", HEADER + OK + HEADER, [error("M503", 3)]),
    (
        "quotes everywhere",
        "self-service",
        b'"Source","Destination"\r\n"ann@contoso.com","ann@fabrikam.com"\r\n',
        [error("M503", 1), error("M505", 2)],
    ),
    ("a blank line before the header", "self-service", b"\r\n" + HEADER + OK, [error("M510", 1)]),
    ("a header where none belongs", "support-request", HEADER + OK, [error("M503", 1)]),
    ("the blank of the article", "support-request", b"ann@contoso.com, ann@fabrikam.com\r\n", [warning("M508", 1)]),
    (
        "the same blank in self-service",
        "self-service",
        HEADER + b"ann@contoso.com, ann@fabrikam.com\r\n",
        [error("M508", 2)],
    ),
]


def judged(tmp_path: Path, content: bytes, profile: Profile = "self-service", **options: Any) -> Expected:
    path = tmp_path / "usermapping.csv"
    path.write_bytes(content)
    found = t2t.validate(path, profile=profile, **options).findings
    return [
        (str(code), str(severity), lines) for code, severity, lines in found.select("code", "severity", "lines").rows()
    ]


def in_order(expected: Expected) -> list[tuple[str, str, list[int] | None]]:
    return sorted(expected, key=lambda row: (row[0], row[1], row[2] or []))


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize(("name", "body", "expected"), BODIES, ids=[body[0] for body in BODIES])
def test_bodies(tmp_path: Path, name: str, body: bytes, expected: Expected, setting: str) -> None:
    """The same faults in both profiles and with both line ends, on the lines that an editor shows."""
    profile, header, line_end = SETTINGS[setting]
    shift = 1 if header else 0
    moved = [
        (code, severity, [line + shift for line in lines] if lines else None) for code, severity, lines in expected
    ]
    content = (header + body).replace(b"\r\n", line_end)
    assert in_order(judged(tmp_path, content, profile)) == in_order(moved)


@pytest.mark.parametrize(("name", "profile", "content", "expected"), FILES, ids=[f"{f[0]}, {f[1]}" for f in FILES])
def test_files(tmp_path: Path, name: str, profile: Profile, content: bytes, expected: Expected) -> None:
    """Encodings, delimiters and headers."""
    assert in_order(judged(tmp_path, content, profile)) == in_order(expected)


def test_the_name_of_the_file(tmp_path: Path) -> None:
    """Exactly usermapping.csv, for the self-service move only."""
    for name, codes in (("usermapping.csv", []), ("UserMapping.csv", ["M501"]), ("mapping.csv", ["M501"])):
        path = tmp_path / name
        path.write_bytes(HEADER + OK)
        assert t2t.validate(path).findings["code"].to_list() == codes
    (tmp_path / "any.csv").write_bytes(OK)
    assert t2t.validate(tmp_path / "any.csv", profile="support-request").findings.is_empty()


def test_the_words_of_the_service(tmp_path: Path) -> None:
    """Each documented message stands beside our code, with our values filled in."""
    body = b"ann@contoso.com,ann@fabrikam.com\r\nann@contoso.com,x@fabrikam.com\r\nbob@contoso,b@fabrikam.com\r\nc@x.com,c@x.com\r\nd\r\n"
    path = tmp_path / "mapping.csv"
    path.write_bytes(HEADER + body)
    found = t2t.validate(path).findings
    said = {
        str(code): message.split("The service would say: ")[-1]
        for code, message in found.select("code", "message").rows()
    }
    assert said == {
        "M501": "The User mapping file provided for Tenant To Tenant migration is invalid",
        "M504": "Each line must have exactly two columns: '6'",
        "M505": "Invalid Email Format 'bob@contoso'",
        "M506": "Line '2, 3' have the same 'ann@contoso.com'",
        "M507": "Target on line '5' is same as source email ID",
    }


def test_invisible_characters_are_named(tmp_path: Path) -> None:
    """By their code points."""
    path = tmp_path / "usermapping.csv"
    path.write_bytes(HEADER + "\u0430nn@contoso.com,ann@fabrikam.com\r\n".encode())
    (message,) = t2t.validate(path).findings["message"].to_list()
    assert "U+0430" in message


SOURCE = frame([person("Ann Lee", "ann@contoso.com"), person("Bob Roe", "bob@contoso.com", status="Disabled")])
DESTINATION = frame(
    [
        person("Ann Lee", "ann@fabrikam.com"),
        person("Robert Roe", "bob@fabrikam.com", user_licensed="No"),
        person("Cy Orr", "cy@fabrikam.com"),
        person("Ann Lee", "ann_contoso.com#EXT#@fabrikam.onmicrosoft.com"),
    ]
)
AGAINST: list[tuple[bytes, list[tuple[str, str]]]] = [
    (OK, []),
    (b"bob@contoso.com,bob@fabrikam.com\r\n", [("P304", "warning"), ("U201", "error"), ("U213", "error")]),
    (b"ann@contoso.com,cy@fabrikam.com\r\n", [("P303", "error")]),
    (b"ann@contoso.com,dan@fabrikam.com\r\n", [("U211", "error")]),
    (b"eve@contoso.com,cy@fabrikam.com\r\n", [("U205", "error")]),
    (b"ann@contoso.com,ann_contoso.com#EXT#@fabrikam.onmicrosoft.com\r\n", [("U216", "error")]),
    (b"ann@fabrikam.com,ann@contoso.com\r\n", [("M513", "error")]),
]


@pytest.mark.parametrize(("line", "expected"), AGAINST)
def test_against_exports(line: bytes, expected: list[tuple[str, str]]) -> None:
    """The same U and P checks as `generate`, one line each."""
    result = t2t.validate(HEADER + line, source_full=SOURCE, destination_full=DESTINATION)
    told = result.findings.filter(pl.col("severity") != "info").select(pl.col("code", "severity").cast(pl.String))
    assert sorted(told.rows()) == expected


def test_many_lines_are_not_all_named(tmp_path: Path) -> None:
    """Up to five each; of more the first ones and how many there are."""
    path = tmp_path / "usermapping.csv"
    for blank, words in (
        (1, "Line 3 is blank."),
        (2, "Lines 3 and 4 are blank."),
        (5, "Lines 3, 4, 5, 6 and 7 are blank."),
        (6, "Lines 3, 4, 5, … (6 in all) are blank."),
        (1_500, "Lines 3, 4, 5, … (1,500 in all) are blank."),
    ):
        path.write_bytes(HEADER + OK + b"\r\n" * blank + b"bob@contoso.com,bob@fabrikam.com\r\n")
        assert t2t.validate(path).findings["message"].to_list() == [words]


def test_a_file_that_cannot_be_a_mapping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mapping of a gigabyte is none, and is not read."""
    path = tmp_path / "usermapping.csv"
    monkeypatch.setattr(import_module("t2t_mapping.run.mapping_source"), "LARGEST", 3 << 20)
    with path.open("wb") as file:
        file.truncate((5 << 20) + 1)
    with pytest.raises(t2t.InputError) as caught:
        t2t.validate(path)
    assert [(problem.code, problem.message, problem.side) for problem in caught.value.problems] == [
        ("I101", "The file has 5 MB; a mapping has at most 3 MB.", "mapping")
    ]


def test_progress_in_words(tmp_path: Path) -> None:
    """The exports, then the mapping."""
    said: list[str] = []
    path = tmp_path / "usermapping.csv"
    path.write_bytes(HEADER + OK)
    t2t.validate(path, source_full=SOURCE, destination_full=DESTINATION, progress=said.append)
    assert said == ["frame 1", "frame 1", "users of both sides", "mapping"]


def test_who_is_not_covered() -> None:
    """Source users on no line are counted and listed, less those left out on purpose."""
    result = t2t.validate(HEADER + OK, source_full=SOURCE, destination_full=DESTINATION)
    assert result.uncovered.select("upn", "full_name").rows() == [("bob@contoso.com", "Bob Roe")]
    rules = rule_table("bob@contoso.com,")
    left_out = t2t.validate(HEADER + OK, source_full=SOURCE, destination_full=DESTINATION, rules=rules)
    assert left_out.summary["not_covered"] == 0


def test_without_a_destination_export_nothing_is_verified() -> None:
    """P306 per line, unless accepted."""
    assert t2t.validate(HEADER + OK, source_full=SOURCE).summary["codes"] == {"P306": 1}
    assert t2t.validate(HEADER + OK, source_full=SOURCE, accept=["P306"]).exit_status() == 0


FIXABLE = {"M502", "M508", "M509", "M510"}  # M503 only where it is sure what the first line is


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + HEADER + OK,
        (HEADER + OK).decode().encode("utf-16"),
        (HEADER + OK).replace(b",", b";"),
        b"source;destination\n ann@contoso.com ;\tann@fabrikam.com\n\n",
        OK + BOB,
        HEADER + OK + OK + b"\r\n" + BOB,
        (HEADER + OK).replace(b"\r\n", b"\r"),
        b'"Source","Destination"\r\n"ann@contoso.com","ann@fabrikam.com"\r\n',
        b"ann@contoso.com, ann@fabrikam.com\r\n",
    ],
)
def test_what_needs_no_guessing_is_repaired(tmp_path: Path, content: bytes) -> None:
    """The copy is what the service takes, the original is untouched, and fixing again changes nothing."""
    original, copy, again = (
        tmp_path / "theirs.csv",
        tmp_path / "usermapping.csv",
        tmp_path / "again" / "usermapping.csv",
    )
    original.write_bytes(content)
    result = t2t.validate(original, fix=copy)
    assert original.read_bytes() == content
    assert copy.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") in (HEADER + OK, HEADER + OK + BOB)
    assert result.repairs
    assert result.findings.is_empty()
    assert t2t.validate(copy, fix=again).repairs == ()
    assert again.read_bytes() == copy.read_bytes()


def test_what_would_need_guessing_is_left(tmp_path: Path) -> None:
    """Contradictory duplicates, missing columns and look-alikes stay findings."""
    body = OK + b"ann@contoso.com,x@fabrikam.com\r\none\r\n" + "\u0430b@contoso.com,ab@fabrikam.com\r\n".encode()
    (tmp_path / "usermapping.csv").write_bytes(HEADER + body)
    result = t2t.validate(tmp_path / "usermapping.csv", fix=tmp_path / "fixed" / "usermapping.csv")
    assert sorted(map(str, result.findings["code"])) == ["M504", "M506", "M512"]
    assert (tmp_path / "fixed" / "usermapping.csv").read_bytes() == HEADER + body


def test_the_original_is_never_written_over(tmp_path: Path) -> None:
    """By no detour; nor is any other file."""
    path = tmp_path / "usermapping.csv"
    path.write_bytes(OK)
    (tmp_path / "link.csv").symlink_to(path)
    for target in (path, tmp_path / "." / "usermapping.csv", tmp_path / "link.csv"):
        with pytest.raises(t2t.OutputError):
            t2t.validate(path, fix=target)
    assert path.read_bytes() == OK


few = settings(max_examples=8)


@few
@given(source=made.source_people, destination=made.destination_people, rules=made.rule_lists, admins=st.booleans())
def test_what_generate_writes_passes(
    source: list[Person], destination: list[Person], rules: list[Rule], admins: bool
) -> None:
    """Alone, and with the same exports and options."""
    options: dict[str, Any] = {"include_admins": admins, "accept": ["U201", "U213", "P305"]}
    result = reconciled(source, destination, rules, **options)
    mapping = result.files("core").get("usermapping.csv")
    if mapping is None:
        return
    assert t2t.validate(mapping).findings.is_empty()
    views: dict[str, Any] = {f"source_{v}": [f] for v in ("full", "admin") if (f := made.exports(source, v)).height}
    views |= {
        f"destination_{v}": [f] for v in ("full", "admin", "directory") if (f := made.exports(destination, v)).height
    }
    again = t2t.validate(mapping, **views, rules=made.rule_frame(rules), **options)
    about_lines = again.findings.filter((pl.col("severity") == "error") & pl.col("lines").is_not_null())
    assert about_lines.is_empty()
    assert again.exit_status() == 0


_PIECES = st.sampled_from(
    [
        b"ann@contoso.com",
        b"ann@fabrikam.com",
        b",",
        b";",
        b"\t",
        b" ",
        b'"',
        b"\r\n",
        b"\n",
        b"\r",
        b"\0",
        b"\xef\xbb\xbf",
        b"\xff",
        HEADER,
        OK,
        "\u0430".encode(),
    ]
)


@settings(max_examples=25)
@given(
    st.one_of(st.binary(max_size=60), st.lists(_PIECES, max_size=12).map(b"".join)),
    st.sampled_from(("self-service", "support-request")),
)
def test_no_bytes_make_it_crash_and_fixing_is_idempotent(content: bytes, profile: Profile) -> None:
    """Any bytes are judged; a repaired copy has no fixable fault left, and repairing it again changes nothing."""
    from t2t_mapping.mapping.lines import parse
    from t2t_mapping.mapping.repair import repair

    t2t.validate(content, profile=profile)
    fixed = repair(parse(content), profile).data
    if fixed is not None:
        left = t2t.validate(fixed, profile=profile).findings
        assert not FIXABLE & set(left.filter(pl.col("severity") == "error")["code"].cast(pl.String))
        assert repair(parse(fixed), profile).data in (None, fixed)


@pytest.mark.fuzz
@settings(max_examples=20_000)
@given(st.lists(_PIECES, max_size=40).map(b"".join), st.sampled_from(("self-service", "support-request")))
def test_no_bytes_make_it_crash_for_long(content: bytes, profile: Profile) -> None:
    """The same, many times over."""
    t2t.validate(content, profile=profile)


def test_the_command(tmp_path: Path) -> None:
    """Exit statuses, text and JSON; any regular file is judged, anything else is not."""
    path = tmp_path / "usermapping.csv"
    path.write_bytes(HEADER + OK)
    good = command("validate", path)
    assert (good.returncode, good.stderr) == (0, "")
    assert good.stdout.endswith("READY: 1 pair, no error. Only the file was looked at, no exports.\n")
    path.write_bytes(HEADER + OK + OK)
    bad = command("validate", path, "--format", "json")
    assert bad.returncode == 1
    told = json.loads(bad.stdout)
    assert list(told)[:4] == ["counts", "findings", "skipped", "outputs"]
    assert [(f["code"], f["lines"], f["file"]) for f in told["findings"]] == [("M506", [2, 3], path.as_posix())] * len(
        told["findings"]
    )
    assert told["findings"]
    fixed = command("validate", path, "--fix", tmp_path / "fixed" / "usermapping.csv")
    assert fixed.returncode == 0
    assert "Repaired copy" in fixed.stdout
    assert command("validate", path, "--fix", path).returncode == 2
    assert command("validate", tmp_path).returncode == 2
    assert command("validate", tmp_path / "missing.csv").returncode == 2
    (tmp_path / "usermapping.csv").write_bytes(b"")
    assert command("validate", path).returncode == 1
