"""`generate` as a function: what it refuses before any work, what it tells while at it, and the status that comes of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small import frame, merger, person

import t2t_mapping as t2t
from t2t_mapping.outputs.files import refuse_existing

ANN, BOB = person("Ann Lee", "ann@contoso.com"), person("Bob Roe", "bob@contoso.com")
ANN_THERE = person("Ann Lee", "ann@fabrikam.com")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"profile": "upload"}, "`profile` must be 'self-service' or 'support-request', not 'upload'."),
        ({"match_on": "phone"}, "`match_on` must be 'mail' or 'employee-id', not 'phone'."),
        ({"match_on": ["mail", "phone"]}, "`match_on` must be 'mail' or 'employee-id', not 'phone'."),
        (
            {"accept": "P303"},
            "P303 cannot be accepted; only U201, U202, U208, U209, U213, U214, U215, P305, P306, P315 can. Decide user by user in review.xlsx, or add rules.",
        ),
        ({"exclude": "U217"}, "U217 is not a code that holds a user; `codes` lists them."),
        ({"destination_domain": ["fabrikam.com", "fabrikam"]}, "'fabrikam' is not a domain name."),
    ],
)
def test_options_that_are_none(options: dict[str, Any], words: str) -> None:
    """Refused at once, in words."""
    with pytest.raises(t2t.UsageError) as caught:
        merger([ANN], [ANN_THERE], **options)
    assert str(caught.value) == words


def test_a_source_is_needed() -> None:
    """A directory lists accounts, and not the users of an environment."""
    nothing: dict[str, Any] = {}
    for options in (nothing, {"source_directory": frame([ANN])}):
        with pytest.raises(t2t.UsageError) as caught:
            t2t.generate(**options, destination_full=frame([ANN_THERE]))
        assert str(caught.value) == (
            "At least one export of source users is needed: `source_full` or `source_admin`. A directory lists accounts, "
            "not the users of an environment."
        )


def test_a_source_without_users(tmp_path: Path) -> None:
    """A view with a filter too many; files are named, frames have no names."""
    path = tmp_path / "users.csv"
    path.write_text("Full Name,Windows Live ID\n", encoding="utf-8")
    for given, file in ((path, path.as_posix()), (frame([]), "frame 1")):
        with pytest.raises(t2t.InputError) as caught:
            t2t.generate(source_full=given, destination_full=frame([ANN_THERE]))
        assert [(p.code, p.message, p.side, p.file) for p in caught.value.problems] == [
            ("I102", "The source exports list no user.", "source", file)
        ]


def test_every_bad_input_is_named_at_once(tmp_path: Path) -> None:
    """Exports first, then the rules; the rules alone are enough."""
    (tmp_path / "rules.csv").write_text("a@contoso.com,x@y.com\na@contoso.com,z@y.com\n", encoding="utf-8")
    rules = tmp_path / "rules.csv"
    with pytest.raises(t2t.InputError) as caught:
        t2t.generate(source_full=tmp_path / "a.csv", destination_full=tmp_path / "b.csv", rules=rules)
    assert [(problem.code, problem.side) for problem in caught.value.problems] == [
        ("I101", "source"),
        ("I101", "destination"),
        ("R401", "rules"),
    ]
    with pytest.raises(t2t.InputError) as caught:
        t2t.generate(source_full=frame([ANN]), rules=rules)
    assert [(problem.code, problem.side) for problem in caught.value.problems] == [("R401", "rules")]


def test_what_each_view_is_may_be_left_to_the_exports() -> None:
    """One argument for a side, with files and frames of every kind, also lazy ones and what `read_users` gave."""
    one = t2t.generate(frame([ANN]).lazy(), frame([ANN_THERE]))
    many = t2t.generate([t2t.read_users(frame([ANN])), frame([BOB])], [frame([ANN_THERE])])
    assert one.mapping.select("source", "destination").rows() == [("ann@contoso.com", "ann@fabrikam.com")]
    assert many.accounting.select("source", "disposition").rows() == [
        ("ann@contoso.com", "mapped"),
        ("bob@contoso.com", "held"),
    ]


def test_progress_in_words(tmp_path: Path) -> None:
    """Each file, then the steps; nothing else is printed."""
    (tmp_path / "s.csv").write_text("Full Name,Windows Live ID\nAnn Lee,ann@contoso.com\n", encoding="utf-8")
    said: list[str] = []
    t2t.generate(source_full=tmp_path / "s.csv", destination_full=frame([ANN_THERE]), progress=said.append)
    assert sorted(said[:2]) == [(tmp_path / "s.csv").as_posix(), "frame 1"]
    assert said[2:] == ["users of both sides", "pairs", "checks"]


@pytest.mark.parametrize(
    ("source", "rules", "statuses"),
    [
        ([ANN], (), (0, 0, 0)),
        ([ANN], ("*@other.com,*@fabrikam.com",), (0, 1, 0)),  # an idle rule is worth a warning
        ([ANN, BOB], (), (1, 1, 0)),
        ([ANN], ("ann@contoso.com,",), (1, 1, 0)),  # nothing is wrong, and nobody is mapped
    ],
)
def test_exit_status(
    source: list[dict[str, str | None]], rules: tuple[str, ...], statuses: tuple[int, int, int]
) -> None:
    """For `error`, `warning` and `never`."""
    result = merger(source, [ANN_THERE], *rules)
    assert tuple(result.exit_status(limit) for limit in ("error", "warning", "never")) == statuses


def test_which_outputs(tmp_path: Path) -> None:
    """All or the core; there is no third."""
    result = merger([ANN, BOB], [ANN_THERE])
    core = result.write(tmp_path / "core", outputs="core")
    assert list(core) == ["accounting.csv", "findings.csv", "findings.json", "run.json", "usermapping.csv"]
    assert json.loads(core["run.json"].read_bytes())["counts"] == result.summary
    assert set(result.files()) == set(result.write(tmp_path / "all")) == {*core, "review.xlsx", "report.html"}
    assert list(merger([BOB], [ANN_THERE]).files("core")) == list(core)[:-1]  # nobody is mapped: no mapping
    with pytest.raises(t2t.UsageError, match="`outputs` must be 'all' or 'core', not 'most'"):
        result.files("most")  # type: ignore[arg-type]
    with pytest.raises(t2t.UsageError, match="`outputs` must be 'all' or 'core', not 'most'"):
        result.write(tmp_path / "most", outputs="most")  # type: ignore[arg-type]
    assert not (tmp_path / "most").exists()


def test_an_input_is_never_overwritten(tmp_path: Path) -> None:
    """Not even with leave: an earlier mapping that serves as the rule table stays as it was."""
    rules = tmp_path / "usermapping.csv"
    rules.write_text("Source,Destination\nann@contoso.com,ann@fabrikam.com\n", encoding="utf-8")
    result = t2t.generate(source_full=frame([ANN]), destination_full=frame([ANN_THERE]), rules=rules)
    with pytest.raises(t2t.OutputError) as caught:
        result.write(tmp_path, overwrite=True)
    assert str(caught.value) == (f"{rules} is an input of this run and would be overwritten. Choose another folder.")
    assert [path.name for path in tmp_path.iterdir()] == ["usermapping.csv"]


def test_what_stands_in_the_way(tmp_path: Path) -> None:
    """A file where the folder should be; earlier outputs, also links that lead nowhere."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(t2t.OutputError, match="is a file, not a folder"):
        refuse_existing(tmp_path / "file", ("a",), (), overwrite=True)
    (tmp_path / "a").symlink_to(tmp_path / "nowhere")
    (tmp_path / "b").write_bytes(b"")
    with pytest.raises(t2t.OutputError, match="already holds a, b"):
        refuse_existing(tmp_path, ("a", "b", "c"), (), overwrite=False)
    refuse_existing(tmp_path, ("a", "b", "c"), (), overwrite=True)
    refuse_existing(tmp_path / "new", ("a",), (), overwrite=False)


def test_frames_are_polars(tmp_path: Path) -> None:
    """Whatever is written is in the frames, too."""
    result = merger([ANN, BOB], [ANN_THERE])
    written = pl.read_csv(result.write(tmp_path)["accounting.csv"])
    assert written.select("source", "disposition").equals(
        result.accounting.select("source", pl.col("disposition").cast(pl.String))
    )
