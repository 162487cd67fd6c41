"""How results show themselves in a notebook, and the example notebook, executed again."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from places import DOCS
from small import frame, merger, person

import t2t_mapping as t2t
from t2t_mapping.outputs import notebook
from t2t_mapping.run.validation import validate

HOSTILE = '</td><script>alert(1)</script><img src=x onerror="alert(1)">\u202e'


class Tags(HTMLParser):
    """The elements and attributes of a piece of HTML, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("rect", "br"):
            while self.open and self.open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.text += data


def small_merger(name: str = "Ann Lee") -> t2t.Result:
    return merger(
        [person(name, "ann@contoso.com"), person("Bo Ek", "bo@contoso.com"), person("Cy Fox", "cy@contoso.com")],
        [person("Cy Fox", "cy@fabrikam.com"), person(name, "x@fabrikam.com")],
        "bo@contoso.com,",
    )


def test_a_result_says_what_it_came_to() -> None:
    """In one line and in a page's worth, not as a dump of its frames."""
    result = small_merger()
    assert repr(result) == "<Result: 1 mapped, 1 held, 1 excluded; 3 source users, 1 findings>"
    shown = Tags(result._repr_html_())
    assert "1 mapped + 1 held + 1 excluded = 3 source users = 3 rows in the exports − 0 duplicates" in shown.text
    assert "Not complete. The mapping has 1 user; 1 user still waits for a decision." in shown.text
    assert t2t.CATALOGUE["U211"].fix in shown.text
    assert {"svg", "table", "th", "caption"} <= shown.tags
    assert shown.open == []


def test_hostile_names_are_text() -> None:
    """Names bring neither elements nor attributes, and turn no reading direction."""
    plain, attacked = Tags(small_merger()._repr_html_()), Tags(small_merger(HOSTILE)._repr_html_())
    assert (attacked.tags, attacked.attributes) == (plain.tags, plain.attributes)
    assert "<script>alert(1)</script>" in attacked.text
    assert "\u202e" not in attacked.text


def test_findings_by_code_worst_first() -> None:
    """One row per code and severity."""
    result = small_merger()
    text = Tags(notebook.findings_html(result.findings)).text
    assert "U211 destination-missing" in text
    assert notebook.findings_html(result.findings.clear()) == "<p>No findings.</p>"


def test_mapped_users_are_shown_when_nobody_is_held() -> None:
    """The first ten."""
    people = [person(f"Ann Lee{n:02}x", f"ann{n}@contoso.com") for n in range(12)]
    there = [person(f"Ann Lee{n:02}x", f"ann{n}@fabrikam.com") for n in range(12)]
    text = Tags(merger(people, there)._repr_html_()).text
    assert "The first 10 of 12 mapped users" in text
    assert "Ready." in text


def test_a_result_without_anybody() -> None:
    """Everybody excluded: no users to show, and still a page."""
    text = Tags(merger([person("Bo Ek", "bo@contoso.com")], [], "bo@contoso.com,")._repr_html_()).text
    assert "No mapping. Nobody is mapped" in text


def test_validation(tmp_path: Path) -> None:
    """Good, repaired, and bad."""
    good = validate(b"Source,Destination\r\na@contoso.com,a@fabrikam.com\r\n")
    assert notebook.validation_text(good).startswith("<Validation: 1 pairs")
    assert "Nothing that the service would refuse was found. 1 pair." in Tags(notebook.validation_html(good)).text
    path = tmp_path / "usermapping.csv"
    path.write_bytes(b"Source;Destination\r\n<b>@contoso.com;a@fabrikam.com\r\n")
    shown = Tags(notebook.validation_html(validate(path, fix=tmp_path / "fixed" / "usermapping.csv")))
    assert "Not ready for upload." in shown.text
    assert "Repaired in the copy:" in shown.text
    assert "M505 invalid-email-format" in shown.text
    assert shown.tags <= {"div", "p", "b", "ul", "li", "table", "caption", "thead", "tbody", "tr", "th", "td"}


def test_a_validation_shows_itself() -> None:
    """In one line and as a page, like a result."""
    good = validate(b"Source,Destination\r\na@contoso.com,a@fabrikam.com\r\nb@contoso.com,b@fabrikam.com\r\n")
    assert repr(good) == "<Validation: 2 pairs, no findings>"
    assert good._repr_html_() == notebook.validation_html(good)


def test_a_draft_and_users_that_are_left_out() -> None:
    """Not a word of being ready; who is in no line cannot be mapped afterwards."""
    here = frame(
        [person("Ann Lee", "ann@contoso.com"), person("Bo Ek", "bo@contoso.com"), person("Cy", "cy@contoso.com")]
    )
    there = frame([person("Ann Lee", "ann@fabrikam.com", user_licensed="No")])
    mapping = b"Source,Destination\r\nann@contoso.com,ann@fabrikam.com\r\n"
    verdict = Tags(
        validate(mapping, source_full=here, destination_full=there, accept=["U213"])._repr_html_()
    ).text.partition("Findings by code")[0]
    assert verdict == (
        "Draft, not ready for upload. 1 pair, destination users without a licence among them. "
        "2 source users are in no line and cannot be mapped afterwards."
    )


def test_checks_that_could_not_run_are_named() -> None:
    """And nothing is said of them when every check could."""
    here = person("Ann Lee", "ann@contoso.onmicrosoft.com", access_mode="Read-Write")
    there = person("Ann Lee", "ann@fabrikam.onmicrosoft.com", licences="SPE_E3+DYN365_ENTERPRISE_SALES")
    everything = merger([here], [there], destination_domain="fabrikam.onmicrosoft.com")
    assert everything.skipped.keys() == {"U210", "P314"}, "without a source directory and without ids"
    assert "could not run" not in replace(everything, skipped={})._repr_html_()
    text = Tags(merger([here], [there])._repr_html_()).text
    assert "Checks that could not run, which is not the same as having passed:" in text
    assert "P308 unexpected-domain: no --destination-domain was given" in text


# --- the example ------------------------------------------------------------------------------------------------------


def outputs(path: Path) -> list[Any]:
    return [[cell["source"], cell.get("outputs")] for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]]


@pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("nbclient", "ipykernel"))), reason="nbclient and ipykernel are not installed"
)
def test_the_example_notebook_is_what_comes_out(tmp_path: Path) -> None:
    """Executed again, in a process of its own, every cell gives what stands in `docs/example.ipynb`.

    Frames look as the installed polars shows them, so outputs are compared only for the version that it was made with.
    """
    done = subprocess.run(
        [sys.executable, DOCS / "make_example.py", tmp_path / "again.ipynb"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    there, again = outputs(DOCS / "example.ipynb"), outputs(tmp_path / "again.ipynb")
    assert [source for source, _ in again] == [source for source, _ in there], "run docs/make_example.py"
    kept = json.loads((DOCS / "example.ipynb").read_text(encoding="utf-8"))
    if kept["metadata"]["made_with"]["polars"] == pl.__version__:
        assert again == there, "run docs/make_example.py"
