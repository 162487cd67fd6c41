"""A mapping file against exports and rules: what a row may and may not do, and what could not be checked."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small import Row, frame, person, rule_table

import t2t_mapping as t2t
from t2t_mapping.catalogue import CATALOGUE

H = b"Source,Destination\r\n"
ANN, BOB = person("Ann Lee", "ann@contoso.com"), person("Bob Roe", "bob@contoso.com")
ANN_THERE, BOB_THERE = person("Ann Lee", "ann@fabrikam.com"), person("Bob Roe", "bob@fabrikam.com")
ROOT = person("Root Admin", "root@contoso.com", access_mode="Administrative", user_licensed="No")


def lines(*pairs: str) -> bytes:
    """A mapping of these lines; the first is line 2."""
    return H + "".join(f"{pair}\r\n" for pair in pairs).encode()


def judged(
    mapping: bytes, source: list[Row] | None, destination: list[Row] | None = None, *rules: str, **options: Any
) -> t2t.Validation:
    """Judge a mapping against full exports."""
    if source is not None:
        options["source_full"] = frame(source)
    if destination is not None:
        options["destination_full"] = frame(destination)
    return t2t.validate(mapping, rules=rule_table(*rules) if rules else None, **options)


def told(result: t2t.Validation) -> set[tuple[str, str, tuple[int, ...]]]:
    """Code, severity and lines; information aside."""
    return {
        (code, severity, tuple(numbers or ()))
        for code, severity, numbers in result.findings.select("code", "severity", "lines").iter_rows()
        if severity != "info"
    }


ONE = lines("ann@contoso.com,ann@fabrikam.com")
OTHER = lines("ann@contoso.com,bob@fabrikam.com")
GUEST = person("Ann Lee", "ann_contoso.com#EXT#@fabrikam.onmicrosoft.com")
TO_GUEST = "ann@contoso.com,ann_contoso.com#EXT#@fabrikam.onmicrosoft.com"
Told = set[tuple[str, str, tuple[int, ...]]]


@pytest.mark.parametrize(
    ("name", "mapping", "source", "destination", "rules", "expected"),
    [
        ("all well", ONE, [ANN], [ANN_THERE], (), set()),
        ("case counts for nothing", ONE.upper().replace(H.upper(), H), [ANN], [ANN_THERE], (), set()),
        (
            "unknown source",
            lines("eve@contoso.com,ann@fabrikam.com"),
            [ANN],
            [ANN_THERE],
            (),
            {("U205", "error", (2,))},
        ),
        ("disabled source", ONE, [ANN | {"Status": "Disabled"}], [ANN_THERE], (), {("U201", "error", (2,))}),
        ("unlicensed source", ONE, [ANN | {"User Licensed": "No"}], [ANN_THERE], (), {("U202", "error", (2,))}),
        ("application", ONE, [ANN | {"Full Name": "# Portal"}], [ANN_THERE], (), {("U203", "error", (2,))}),
        ("missing destination", ONE, [ANN], [BOB_THERE], (), {("U211", "error", (2,))}),
        ("disabled destination", ONE, [ANN], [ANN_THERE | {"Status": "Disabled"}], (), {("U212", "error", (2,))}),
        ("unlicensed destination", ONE, [ANN], [ANN_THERE | {"User Licensed": "No"}], (), {("U213", "error", (2,))}),
        ("guest", lines(TO_GUEST), [ANN], [GUEST], (), {("U216", "error", (2,))}),
        ("guest that is meant", lines(TO_GUEST), [ANN], [GUEST], (TO_GUEST,), {("U216", "warning", (2,))}),
        ("names contradict", OTHER, [ANN], [BOB_THERE], (), {("P303", "error", (2,))}),
        (
            "names contradict by a rule",
            OTHER,
            [ANN],
            [BOB_THERE],
            ("ann@contoso.com,bob@fabrikam.com",),
            {("P303", "error", (2,))},
        ),
        (
            "names contradict by a rule with a note",
            OTHER,
            [ANN],
            [BOB_THERE],
            ("ann@contoso.com,bob@fabrikam.com,took over the account",),
            set(),
        ),
        (
            "a note on another pair says nothing",
            OTHER,
            [ANN],
            [BOB_THERE, ANN_THERE],
            ("ann@contoso.com,ann@fabrikam.com,checked",),
            {("P303", "error", (2,)), ("R401", "error", (2,))},
        ),
        (
            "a rule excludes the user",
            ONE,
            [ANN],
            [ANN_THERE],
            ("ann@contoso.com,",),
            {("R401", "error", (2,))},
        ),
        ("names doubtful", ONE, [ANN], [ANN_THERE | {"Full Name": "Ann Roe"}], (), {("P304", "warning", (2,))}),
        ("names unknown", ONE, [ANN], [ANN_THERE | {"Full Name": None}], (), set()),
        (
            "shared destination",
            lines("ann@contoso.com,ann@fabrikam.com", "al@contoso.com,ANN@fabrikam.com"),
            [ANN, person("Ann Lee", "al@contoso.com")],
            [ANN_THERE],
            (),
            {("P302", "error", (2,)), ("P302", "error", (3,)), ("M506", "error", (2, 3))},
        ),
        (
            "same address",
            lines("ann@contoso.com,ann@contoso.com"),
            [ANN],
            [ANN, BOB_THERE],
            (),
            {("P307", "error", (2,)), ("M507", "error", (2,))},
        ),
        (
            "across clouds",
            lines("ann@contoso.onmicrosoft.com,ann@fabrikam.onmicrosoft.us"),
            [person("Ann Lee", "ann@contoso.onmicrosoft.com")],
            [person("Ann Lee", "ann@fabrikam.onmicrosoft.us")],
            (),
            {("P310", "error", (2,))},
        ),
        (
            "one line exchanged",
            lines("ann@contoso.com,ann@fabrikam.com", "bob@fabrikam.com,bob@contoso.com"),
            [ANN, BOB],
            [ANN_THERE, BOB_THERE],
            (),
            {("M513", "error", (3,))},
        ),
        (
            "faulty lines are told as such only",
            lines("ann@contoso.com,ann@fabrikam", "bob@contoso.com"),
            [ANN, BOB],
            [ANN_THERE, BOB_THERE],
            (),
            {("M505", "error", (2,)), ("M504", "error", (3,))},
        ),
        (
            "blanks hide nobody",
            lines(" ann@contoso.com,ann@fabrikam.com"),
            [ANN | {"Status": "Disabled"}],
            [ANN_THERE],
            (),
            {("M508", "error", (2,)), ("U201", "error", (2,))},
        ),
    ],
)
def test_a_row(
    name: str, mapping: bytes, source: list[Row], destination: list[Row], rules: tuple[str, ...], expected: Told
) -> None:
    """The same checks as for `generate`, with the line of the mapping."""
    assert told(judged(mapping, source, destination, *rules)) == expected


def test_a_row_opts_an_administrator_in() -> None:
    """As an exact rule line does: listed, it is judged; unlisted, it is missed only with --include-admins."""
    listed = judged(lines("root@contoso.com,root@fabrikam.com"), [ROOT], [person("Root Admin", "root@fabrikam.com")])
    assert told(listed) == set()
    assert listed.findings["code"].to_list() == ["U202"]  # no licence at the source: information
    assert judged(ONE, [ANN, ROOT], [ANN_THERE]).summary["not_covered"] == 0
    all_in = judged(ONE, [ANN, ROOT], [ANN_THERE], include_admins=True)
    assert all_in.uncovered["upn"].to_list() == ["root@contoso.com"]


def test_who_is_not_covered() -> None:
    """Everybody that `generate` would not exclude, with provenance; who is left out on purpose is not."""
    source = [ANN, BOB, person("Svc", "svc-x@contoso.com"), person("# App", "app@contoso.com"), person("Odd", "odd@")]
    result = judged(ONE, source, [ANN_THERE], "svc-*@contoso.com,")
    assert result.uncovered.select("upn", "full_name", "row").rows() == [
        ("bob@contoso.com", "Bob Roe", 2),
        ("odd@", "Odd", 5),
    ]
    assert result.summary["not_covered"] == 2
    assert result.exit_status() == 0


def test_only_a_source_export() -> None:
    """No destination is verified, every other check of the destination is skipped, with the reason."""
    result = judged(ONE, [ANN])
    assert told(result) == {("P306", "error", (2,))}
    assert result.skipped["U212"] == "there is no destination export"
    assert judged(ONE, [ANN], accept=["P306"]).exit_status() == 0
    disabled = judged(ONE, [ANN | {"Status": "Disabled"}], accept=["P306"])
    assert told(disabled) == {("U201", "error", (2,)), ("P306", "warning", (2,))}


def test_only_a_destination_export() -> None:
    """The checks of the source are skipped, with the reason, and nobody is counted as not covered."""
    result = judged(lines("ann@contoso.com,ann@fabrikam.com", "bob@contoso.com,bob@fabrikam.com"), None, [ANN_THERE])
    assert told(result) == {("U211", "error", (3,))}
    for code in ("U201", "U202", "U203", "U205", "U206", "P303", "P304", "P305"):
        assert result.skipped[code] == "there is no source export"
    assert result.summary["not_covered"] is None


def test_without_exports_everything_else_is_skipped() -> None:
    """Never passed in silence."""
    result = t2t.validate(ONE)
    assert {code for code in CATALOGUE if code[0] in "UP"} - set(result.skipped) == {
        "P312",  # M514 is the same
        "U203",
        "U216",
        "U218",
    }
    assert result.skipped["M513"].startswith("there are neither exports nor domains")
    assert result.skipped["M501"] == "the mapping was not given as a file"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"destination_domain": "contoso.com"}, {("M513", "error", (2,))}),
        ({"destination_domain": "fabrikam.com"}, set()),
        ({"rules": rule_table("*@fabrikam.com,*@contoso.com")}, {("M513", "error", (2,))}),
        ({"rules": rule_table("*@contoso.com,*@fabrikam.com")}, set()),
        ({"destination_domain": ("fabrikam.com", "contoso.com")}, set()),
    ],
)
def test_exchanged_columns_by_domains(options: dict[str, Any], expected: Told) -> None:
    """Given domains tell, where there is no export."""
    assert told(t2t.validate(ONE, **options)) == expected


def test_exchanged_columns_are_told_once() -> None:
    """Not also as unknown sources and missing destinations; one finding for all lines."""
    mapping = lines("ann@fabrikam.com,ann@contoso.com", "bob@fabrikam.com,bob@contoso.com")
    for source, destination in (
        ([ANN, BOB], [ANN_THERE, BOB_THERE]),
        ([ANN, BOB], None),
        (None, [ANN_THERE, BOB_THERE]),
    ):
        assert told(judged(mapping, source, destination)) == {("M513", "error", (2, 3))}


def test_frames_and_bytes_are_mappings() -> None:
    """A frame has a header line in front, as the file that it would be."""
    pairs = pl.DataFrame({"source": ["ann@contoso.com", "bob@"], "destination": ["ann@fabrikam.com", "b@fabrikam.com"]})
    assert told(t2t.validate(pairs)) == {("M505", "error", (3,))}
    assert told(t2t.validate(pairs.rename(str.title), profile="support-request")) == {("M505", "error", (2,))}
    assert t2t.validate(pairs).rows.rows() == [
        (2, "ann@contoso.com", "ann@fabrikam.com"),
        (3, "bob@", "b@fabrikam.com"),
    ]
    with pytest.raises(t2t.UsageError):
        t2t.validate(pl.DataFrame({"a": ["b"]}))


def test_every_bad_input_is_named_at_once(tmp_path: Path) -> None:
    """The mapping, the rules and the exports."""
    (tmp_path / "rules.csv").write_text("Source,Destination\na@x.com,b@\n")
    with pytest.raises(t2t.InputError) as caught:
        t2t.validate(tmp_path / "none.csv", rules=tmp_path / "rules.csv", source_full=tmp_path / "none.xlsx")
    assert [problem.code for problem in caught.value.problems] == ["I101", "R403", "I101"]


def test_only_acceptable_codes_are_accepted() -> None:
    """As for `generate`."""
    with pytest.raises(t2t.UsageError):
        t2t.validate(ONE, accept=["M506"])
    draft = judged(ONE, [ANN], [ANN_THERE | {"User Licensed": "No"}], accept=["U213"])
    assert (draft.exit_status(), draft.summary["draft"]) == (0, True)


def test_a_copy_replaces_nothing(tmp_path: Path) -> None:
    """Neither the original, by whatever name, nor any other file; nothing is left behind."""
    path, other = tmp_path / "usermapping.csv", tmp_path / "other.csv"
    path.write_bytes(ONE)
    other.write_bytes(b"mine")
    (tmp_path / "dangling.csv").symlink_to(tmp_path / "nowhere.csv")
    for target in (path, other, tmp_path / "dangling.csv", tmp_path / "x" / ".." / "usermapping.csv"):
        with pytest.raises(t2t.OutputError):
            t2t.validate(path, fix=target)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["dangling.csv", "other.csv", "usermapping.csv"]
    assert (path.read_bytes(), other.read_bytes()) == (ONE, b"mine")


def test_the_copy_is_judged_by_its_own_name(tmp_path: Path) -> None:
    """A copy that the service would refuse for its name says so."""
    path = tmp_path / "usermapping.csv"
    path.write_bytes(b"\xef\xbb\xbf" + ONE)
    result = t2t.validate(path, fix=tmp_path / "fixed.csv")
    assert told(result) == {("M501", "error", ())}
    assert result.fixed == tmp_path / "fixed.csv"
    assert result.repairs == ("The file is UTF-8 with a byte order mark, not plain UTF-8: written as plain UTF-8.",)


def test_nothing_is_written_where_it_would_be_a_guess(tmp_path: Path) -> None:
    """An empty or damaged file gives no copy, and its own findings."""
    path, copy = tmp_path / "usermapping.csv", tmp_path / "fixed" / "usermapping.csv"
    for content in (b"", H, b"\0" * 9, ONE + b"\0"):
        path.write_bytes(content)
        result = t2t.validate(path, fix=copy)
        assert result.fixed is None
        assert not copy.parent.exists()
        assert len(result.repairs) == 1
        assert result.exit_status() == 1


@pytest.mark.parametrize(
    ("pair", "options", "expected"),
    [
        ("ann@contoso.com,ann_x.com#EXT#@fabrikam.com", {}, {("U216", "error", (2,))}),
        ("crmoln@microsoft.com,ann@fabrikam.com", {}, {("U203", "error", (2,))}),
        ("ann@contoso.com,bap_sa@microsoft.com", {}, {("U218", "error", (2,))}),
        ("ann@onmicrosoft.com,ann@fabrikam.com", {}, {("U203", "error", (2,))}),
        ("ann@c.onmicrosoft.us,ann@f.onmicrosoft.com", {}, {("P310", "error", (2,))}),
        ("ann@contoso.com,ann@other.com", {"destination_domain": "fabrikam.com"}, {("P308", "warning", (2,))}),
        ("ann@contoso.com,ann@fabrikam.com", {"destination_domain": "fabrikam.com"}, set()),
        (
            "ann@contoso.com,ann_x.com#EXT#@fabrikam.com",
            {"rules": rule_table("ann@contoso.com,ann_x.com#EXT#@fabrikam.com")},
            {("U216", "warning", (2,))},
        ),
    ],
)
def test_what_the_file_alone_shows(pair: str, options: dict[str, Any], expected: Told) -> None:
    """Guests, system accounts, clouds and unexpected domains need no export."""
    result = t2t.validate(lines(pair), **options)
    assert told(result) == expected
    assert result.summary["rests_on"] == "file"


def test_a_run_folder_is_taken_for_its_mapping_and_rules(tmp_path: Path) -> None:
    """What a rule decided stays decided; a folder without a run is none."""
    rules = tmp_path / "rules.csv"
    rules.write_text("Source,Destination,Note\nann@contoso.com,bob@fabrikam.com,asked HR\n")
    source, there = frame([person("Ann Lee", "ann@contoso.com")]), frame([person("Bob Roe", "bob@fabrikam.com")])
    t2t.generate(source_full=source, destination_full=there, rules=rules).write(tmp_path / "run", outputs="core")
    exports: dict[str, Any] = {"source_full": source, "destination_full": there}
    taken = t2t.validate(tmp_path / "run", **exports)
    assert (told(taken), taken.summary["rests_on"]) == (set(), "file and exports")
    assert told(t2t.validate(tmp_path / "run" / "usermapping.csv", **exports)) == {("P303", "error", (2,))}
    rules.rename(tmp_path / "run" / "rules.csv")  # a folder that was handed on, with its rules
    assert told(t2t.validate(tmp_path / "run", **exports)) == set()
    (tmp_path / "run" / "rules.csv").unlink()
    with pytest.raises(t2t.InputError, match="not there any more"):
        t2t.validate(tmp_path / "run", **exports)


def test_whatever_holds_a_mapping(tmp_path: Path) -> None:
    """Paths, path-likes, bytes with and without a name, file objects, frames of any kind, lists."""
    path = tmp_path / "usermapping.csv"
    path.write_bytes(ONE)
    table = pl.DataFrame({"Source": ["ann@contoso.com"], "Destination": ["ann@fabrikam.com"]})

    class Like(os.PathLike[str]):
        def __fspath__(self) -> str:
            return str(path)

    with path.open("rb") as file:
        for given in (path, str(path), Like(), ONE, bytearray(ONE), ("usermapping.csv", ONE), io.BytesIO(ONE), file, table,
                      table.lazy(), table.to_arrow(), table.to_dicts()):  # fmt: skip
            result = t2t.validate(given)
            assert (result.findings.height, result.rows.height) == (0, 1), type(given)
    assert t2t.validate(("Mapping.csv", ONE)).findings["code"].to_list() == ["M501"]
    with pytest.raises(t2t.UsageError):
        t2t.validate(42)
