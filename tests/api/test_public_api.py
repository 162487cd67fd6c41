"""The public interface from outside: a whole program runs, and both type checkers accept it in their strict modes."""

from __future__ import annotations

import importlib.util
import inspect
import io
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from places import DOCS
from small import frame, merger, person

import t2t_mapping as t2t

PROGRAM = Path(__file__).with_name("program.py")
HERE = Path(t2t.__file__).parent.parent
CLEAN = Path("fixtures/clean").resolve()
VERBS = [name for name in t2t.__all__ if inspect.isfunction(getattr(t2t, name))]
ANN, BOB = person("Ann Lee", "ann@contoso.com"), person("Bob Roe", "bob@contoso.com")
ANN_THERE, BOB_THERE = person("Ann Lee", "ann@fabrikam.com"), person("Robert Roe", "bob@fabrikam.com")


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(HERE), "MYPYPATH": str(HERE)}
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, env=environment, cwd=PROGRAM.parent
    )


def test_the_program_runs(tmp_path: Path) -> None:
    """What the types promise is there."""
    done = run(PROGRAM, CLEAN, tmp_path)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "[('I101', True, 'Check the path.')]",
        "0 [0, 0, 0, 0, 0, 0] 12 True ['B601']",
    ]


@pytest.mark.parametrize("arguments", [("mypy", "--strict", "--follow-imports=silent"), ("pyright", "--project")])
def test_the_types_hold(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """As another project sees them."""
    if importlib.util.find_spec(arguments[0]) is None:
        pytest.skip(f"{arguments[0]} is not installed (pip install --group lint)")
    settings = tmp_path / "pyrightconfig.json"
    settings.write_text(
        f'{{"include": ["{PROGRAM.as_posix()}"], "strict": ["**"], "extraPaths": ["{HERE.as_posix()}"]}}'
    )
    more = (settings,) if arguments[0] == "pyright" else ("--cache-dir", tmp_path / "cache", PROGRAM)
    done = run("-m", *arguments, *more)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", VERBS)
def test_every_argument_is_documented(name: str) -> None:
    """`help` says what each argument is, those behind `**keywords` too."""
    verb = getattr(t2t, name)
    text = inspect.getdoc(verb) or ""
    wanted = list(inspect.signature(verb).parameters)
    assert [parameter for parameter in wanted if not re.search(rf"^    {parameter}: \S", text, re.MULTILINE)] == []
    assert [section for section in ("Args:", "Raises:") if section not in text] == []


def test_the_reference_is_made_from_the_docstrings() -> None:
    """`docs/api.md`; `python docs/make_reference.py` writes it anew."""
    import make_reference

    assert (DOCS / "api.md").read_text("utf-8") == make_reference.api_markdown()


def test_the_page_on_pypi_is_the_readme() -> None:
    """Without the pictures and links that would lead nowhere there."""
    import make_reference

    page = (DOCS / "pypi.md").read_text("utf-8")
    assert page == make_reference.pypi_markdown((DOCS.parent / "README.md").read_text("utf-8"))
    assert "](" not in page


def test_links_lead_somewhere() -> None:
    """Of the README and of every page beside it."""
    for page in (DOCS.parent / "README.md", *DOCS.glob("*.md")):
        links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text("utf-8"))
        assert [link for link in links if not (page.parent / link).exists()] == [], page


def test_a_result_in_parts() -> None:
    """The three kinds of users are rows of the accounting and add up to it; `ready` is the verdict."""
    first = merger([ANN, BOB], [ANN_THERE, BOB_THERE], "x@contoso.com,")
    assert first.mapped["source"].to_list() == ["ann@contoso.com"]
    assert first.held["source"].to_list() == ["bob@contoso.com"]
    assert first.excluded.height == 0
    assert pl.concat([first.mapped, first.held, first.excluded]).height == first.accounting.height
    assert not first.ready
    second = first.with_rules([("bob@contoso.com", "bob@fabrikam.com", "he is called Bob")])
    assert second.ready
    assert second.rules.frame["source"].to_list() == ["x@contoso.com", "bob@contoso.com"]
    assert second.sides is first.sides, "something was read again"
    third = second.with_rules({"ann@contoso.com": None}, accept="P305")
    assert (third.excluded["source"].to_list(), third.options.accept) == (["ann@contoso.com"], ("P305",))
    with pytest.raises(t2t.InputError, match="R401"):
        third.with_rules({"ann@contoso.com": "ann@fabrikam.com"})


def test_deciding_from_guesses() -> None:
    """Guesses are a frame of held users; those that are accepted are rules, with which nothing is open any more."""
    here = [person("Anna Lee", "alee@contoso.com"), person("Bob Stone", "bob@contoso.com")]
    there = [person("Anna Lee", "anna.lee@fabrikam.com"), person("Robert Stone", "robert.stone@fabrikam.com")]
    result = merger(here, there)
    assert result.suggestions.drop("score", "evidence").rows() == [
        ("alee@contoso.com", "Anna Lee", 1, "anna.lee@fabrikam.com", "Anna Lee"),
        ("bob@contoso.com", "Bob Stone", 1, "robert.stone@fabrikam.com", "Robert Stone"),
    ]
    assert result.suggestions is result.suggestions
    first = result.suggestions.filter(pl.col("rank") == 1).select("source", "destination", "evidence")
    decided = result.with_rules(list(first.iter_rows()))
    assert decided.ready
    assert decided.suggestions.height == 0
    assert decided.suggestions.columns == result.suggestions.columns


@pytest.mark.parametrize(
    "rules",
    [
        {"bob@contoso.com": None},
        [("bob@contoso.com", None)],
        [{"Source": "bob@contoso.com", "Destination": None}],
        ("rules.csv", b"Source,Destination\nbob@contoso.com,\n"),
        [io.BytesIO(b"Source,Destination\nbob@contoso.com,\n")],
        [("bob@contoso.com", "", "left")],
        pl.DataFrame(
            {"Source": ["bob@contoso.com"], "Destination": [None]}, schema_overrides={"Destination": pl.String}
        ),
        pl.LazyFrame({"Source": ["bob@contoso.com"], "Destination": [""]}),
        [t2t.read_rules(pl.DataFrame({"Source": ["bob@contoso.com"], "Destination": [""]}))],
    ],
    ids=["dict", "pairs", "rows", "named bytes", "file objects", "triples", "frame", "lazy frame", "list of tables"],
)
def test_rules_in_any_form(rules: Any) -> None:
    """All of them exclude Bob."""
    result = t2t.generate(frame([ANN, BOB]), frame([ANN_THERE]), rules=rules)
    assert result.excluded["source"].to_list() == ["bob@contoso.com"]


def test_exports_as_one_value() -> None:
    """Or as keywords, but not both; options as one value with keywords on top."""
    exports = t2t.Exports(source_full=frame([ANN, BOB]), destination_full=frame([ANN_THERE, BOB_THERE]))
    assert (bool(exports), bool(t2t.Exports())) == (True, False)
    options = t2t.Options(exclude="P304", destination_domain="Fabrikam.com")  # type: ignore[arg-type]
    result = t2t.generate(exports, options=options, accept=["P305"])
    assert result.options == t2t.Options(exclude=("P304",), destination_domain=("fabrikam.com",), accept=("P305",))
    assert (result.mapped.height, result.excluded.height) == (1, 1)
    with pytest.raises(t2t.UsageError, match="not both"):
        t2t.generate(exports, sheet="Users")
    with pytest.raises(TypeError, match="profil"):
        t2t.generate(exports, profil="self-service")  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda word: merger([ANN], [ANN_THERE]).exit_status(word),
            "must be 'error' or 'warning' or 'never', not 'errors'",
        ),
        (lambda word: t2t.explain(b"", profile=word), "not 'errors'"),
        (lambda word: t2t.plan("no such plan.toml", outputs=word), "not 'errors'"),
    ],
    ids=["fail_on", "profile", "outputs"],
)
def test_wrong_choices_are_refused_at_once(call: Any, words: str) -> None:
    """In words, before anything is read."""
    with pytest.raises(t2t.UsageError, match=re.escape(words)):
        call("errors")


def test_what_is_held_can_be_stored_and_compared() -> None:
    """Results and errors survive pickling; equality is identity, so no frame is asked for its truth."""
    result = merger([ANN], [ANN_THERE])
    copy = pickle.loads(pickle.dumps(result))
    assert copy.accounting.equals(result.accounting)
    assert copy != result
    assert len({result, copy}) == 2
    error = t2t.InputError(t2t.Problem("I101", "There is no such file.", file="a.csv"))
    assert pickle.loads(pickle.dumps(error)).problems == error.problems


def test_long_work_is_logged_without_names(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """Steps and numbers for a service's log; nobody is named."""
    caplog.set_level("INFO", logger="t2t_mapping")
    merger([ANN, BOB], [ANN_THERE]).write(tmp_path, outputs="core")
    assert [record.getMessage() for record in caplog.records] == [
        "read 2 exports: 2 source users, 1 destination users",
        "matched",
        "checked: 1 findings, 6 checks could not run",
        "2 source users: 1 mapped, 1 held, 0 excluded",
        "wrote 5 files",
    ]


def test_the_command_in_a_host(capsys: pytest.CaptureFixture[str]) -> None:
    """`main` leaves the environment and the streams of its host alone."""
    from t2t_mapping.cli import main

    before, stream = dict(os.environ), sys.stdout
    assert main(["codes", "U201"]) == 0
    assert (dict(os.environ), sys.stdout) == (before, stream)
    assert capsys.readouterr().out.startswith("U201")
