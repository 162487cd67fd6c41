"""The page: it adds up, is self-contained and inert, and works in a browser."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import browser
import polars as pl
import pytest
from small import frame, merger, person

import t2t_mapping as t2t
from t2t_mapping.outputs.report import picture, report_bytes, story
from t2t_mapping.outputs.report.island import embed, findings_table, users_table

HOSTILE = (
    "</script><script>window.injected=1</script>",
    '"><img src=x onerror=window.injected=1>',
    "<svg/onload=window.injected=1>",
    "javascript:window.injected=1",
    "]]><b onclick='window.injected=1'>x</b>",
    "\u202etxt.exe",
    "-->{{7*7}}${7*7}",
    "<!--",
    "Ann &lt;Lee&gt; &amp;",
    "x" * 5_000,
    "a\u2028b\u2029c",
)


@cache
def ordinary() -> t2t.Result:
    """A bit of everything."""
    people = [person(f"Given{n} Family{n}", f"g{n}.f{n}@contoso.com") for n in range(260)]
    people += [person("Ann Lee", "ann@contoso.com"), person("Zoë Müller", "zoe@emea.contoso.com")]
    people += [person("# App", "app@contoso.com", application_id="11111111-1111-1111-1111-111111111111")]
    people += [person("Svc", "svc-x@contoso.com"), person("Lea Verne", "leaver@contoso.com", status="Disabled")]
    there = [person(f"Given{n} Family{n}", f"g{n}.f{n}@fabrikam.com") for n in range(250)]
    there += [person("Bea Lee", "ann@fabrikam.com"), person("Zoe Mueller", "zoe@retail.fabrikam.com")]
    there += [person("Lea Verne", "leaver@fabrikam.com")]
    return merger(people, there, "svc-*@contoso.com,", exclude=["U201"])


def hostile() -> t2t.Result:
    people = [person(text, f"h{n}@contoso.com") for n, text in enumerate(HOSTILE)]
    people += [person("Name", f"{text}@contoso.com") for text in HOSTILE]
    there = [person(text[::-1], f"h{n}@fabrikam.com", licences=text) for n, text in enumerate(HOSTILE)]
    return merger(people, there)


class Page(HTMLParser):
    """The elements and attributes of a page, as a browser would see them."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.data = ""
        self._in: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._in.append(tag if tag != "script" else f"script {dict(attrs).get('type', '')}")

    def handle_endtag(self, tag: str) -> None:
        while self._in and self._in.pop().split()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._in and self._in[-1] == "script application/json":
            self.data += data
        else:
            self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def read(result: t2t.Result) -> Page:
    return Page(report_bytes(result).decode())


# --- numbers ----------------------------------------------------------------------------------------------------------


def test_every_user_is_counted_in_exactly_one_outcome() -> None:
    """The outcomes of each disposition add up to the summary."""
    result = ordinary()
    outcomes = story.outcomes(result)
    for name in ("mapped", "held", "excluded"):
        assert sum(o.users for o in outcomes if o.disposition == name) == result.summary[name]
    assert {(o.disposition, o.reason): o.users for o in outcomes} == {
        ("mapped", "local-part"): 251,
        ("held", "P303"): 1,
        ("held", "U211"): 10,
        ("excluded", "U203"): 1,
        ("excluded", "rule"): 1,
        ("excluded", "U201"): 1,
    }


def test_a_held_user_counts_under_the_first_error() -> None:
    """Not under a warning that comes earlier, and once, however many errors there are."""
    result = merger(
        [person("Ann Lee", "ann@contoso.com", access_mode="Non-interactive")],
        [person("Someone Else", "ann@fabrikam.com", user_licensed="No")],
    )
    assert result.accounting["codes"].to_list() == ["P303;U204;U213"]
    assert [(o.disposition, o.reason) for o in story.outcomes(result)] == [("held", "U213")]


def test_users_without_an_address_are_counted() -> None:
    """They have no name in the findings, only codes."""
    result = merger([person("Ann Lee", None), person("SYSTEM", None)], [])
    assert [(o.disposition, o.reason) for o in story.outcomes(result)] == [("held", "I107"), ("excluded", "U203")]


def test_exchanged_sides_hold_everybody_for_that() -> None:
    """I109 is the reason, whatever else is found."""
    result = merger([person("Ann Lee", "ann@fabrikam.com")], [], destination_domain="fabrikam.com")
    assert [(o.disposition, o.reason) for o in story.outcomes(result)] == [("held", "I109")]
    assert story.next_steps(result)[0].startswith("All source users have addresses in fabrikam.com")


UPLOAD = (
    "upload usermapping.csv in the Power Platform admin center (Manage > Environments > the environment > Move environment) or "
    "with PowerShell: the report has the lines, --upload-script writes them. If the validation fails, download the error file "
    "and run `explain ERRORS --mapping` on it. Move within seven days of the validation."
)


def test_next_steps_most_urgent_first() -> None:
    """Decide, check what was let through, look at warnings, upload; each only where there is something to do."""
    ann = person("Ann Lee", "ann@contoso.com", access_mode="Read-Write")
    there = person("Ann Lee", "ann@fabrikam.com", licences="DYN365_ENTERPRISE_SALES")
    nobody = person("Bob Roe", "bob@contoso.com", access_mode="Read-Write")
    everything: dict[str, Any] = {"destination_domain": "fabrikam.com"}
    upload = f"Upload{UPLOAD[6:]}"

    ready = merger([ann], [there], **everything)
    left = ", ".join(ready.skipped)
    skipped = (
        f"{len(ready.skipped)} checks could not run ({left}). If you can, add the export or the column that is missing."
    )
    assert story.next_steps(ready) == [skipped, upload]

    held = merger([ann, nobody], [there], **everything)
    again = (
        "{}. Or repair the accounts as the findings say, and export again. Anyone who is not in the file will not be "
        "migrated and cannot be mapped later."
    )
    assert story.next_steps(held) == [
        again.format("Decide about the 1 held user in review.xlsx, and run again with --rules review.xlsx"),
        skipped,
        f"When nobody is held any more, {UPLOAD}",
    ]
    assert story.next_steps(held, workbook=None)[0] == again.format(
        "Decide about the 1 held user in a rule table (accounting.csv lists who), and run again with --rules FILE"
    )

    unverified = merger([ann, nobody], None, destination_domain="fabrikam.com", accept=["P306", "P305"])
    steps = story.next_steps(unverified)
    assert steps[:3] == [
        "Check these users yourself, because --accept turned their errors into warnings: P306.",
        "Check every destination: without an export of the destination, nobody knows whether these accounts exist.",
        "Look through the warnings: 2 mapped users have one. They are in the file; warnings do not stop anybody.",
    ]
    assert steps[-1] == upload

    draft = merger([ann], [there | {"User Licensed": "No"}], accept=["U213"], **everything)
    assert story.next_steps(draft) == [
        "Assign the missing destination licences (U213), export again, and run without --accept U213.",
        "Look through the warnings: 1 mapped user has one. They are in the file; warnings do not stop anybody.",
        skipped,
    ]


def test_domains_and_licences() -> None:
    """Both sides' domains, how they map, and whose licences are known."""
    result = ordinary()
    assert story.domain_pairs(result).rows() == [
        ("contoso.com", "fabrikam.com", 250),
        ("emea.contoso.com", "retail.fabrikam.com", 1),
    ]
    source, destination = story.domains(result)
    assert source.rows() == [("contoso.com", 264, 250, 11, 3), ("emea.contoso.com", 1, 1, 0, 0)]
    assert destination.rows() == [("fabrikam.com", 252, 250), ("retail.fabrikam.com", 1, 1)]
    needed = story.licences_needed(result)
    assert (needed.needed, needed.more) == (251, 1)
    assert sum(number for _, number in needed.kinds) == 251


def test_licence_kinds() -> None:
    """Strong, weak, unnamed and unknown are told apart."""
    words = {"Dynamics 365 for Sales Enterprise Edition": "a", "Microsoft 365 E3": "b", None: "c"}
    people = [person(f"Ann {n}x", f"{n}@contoso.com") for n in "abcd"]
    there = [person(f"Ann {n}x", f"{n}@fabrikam.com", licences=text) for text, n in words.items() if text]
    unnamed = frame([person("Ann cx", "c@fabrikam.com")])
    silent = frame([person("Ann dx", "d@fabrikam.com", user_licensed=None, status=None)])
    result = t2t.generate(source_full=frame(people), destination_directory=[frame(there), unnamed, silent])
    assert story.licences_needed(result).kinds == (
        ("licensed for Dynamics 365 or Power Apps", 1),
        ("licensed, but not for Dataverse", 1),
        ("licensed, type unknown", 1),
        ("not known", 1),
    )


# --- bytes ------------------------------------------------------------------------------------------------------------


def test_same_inputs_same_bytes() -> None:
    """Also for rows in another order, but for their row numbers."""
    assert report_bytes(ordinary.__wrapped__()) == report_bytes(ordinary())
    people = [person("Ann Lee", "ann@contoso.com"), person("Bo Ek", "bo@contoso.com")]
    pages = [report_bytes(merger(rows, [])).decode() for rows in (people, people[::-1])]
    rowless = [re.sub(r"row \d|\"row\":\[[\d,]+\]", "", page) for page in pages]
    assert rowless[0] == rowless[1]


def test_the_run_writes_it(tmp_path: Path) -> None:
    """`report.html` is among the outputs, and not among the core ones."""
    result = ordinary()
    assert result.write(tmp_path / "all")["report.html"].read_bytes() == report_bytes(result)
    assert "report.html" not in result.write(tmp_path / "core", outputs="core")


def test_fingerprint_tells_inputs_and_options_apart() -> None:
    """But not the names of the files."""
    people = [person("Ann Lee", "ann@contoso.com")]
    plain = story.fingerprint(merger(people, []))
    assert plain == story.fingerprint(merger(people, []))
    assert plain != story.fingerprint(merger(people, [], include_admins=True))


# --- the island -------------------------------------------------------------------------------------------------------


def decoded(column: Any, height: int, like: list[str] | None = None) -> list[str]:
    """One column of the island as texts, as the page's script reads it."""
    if isinstance(column, str):
        lines = column.split("\n")
        return [like[n] if like and line == "\t" else line for n, line in enumerate(lines)]
    at = column["at"] if isinstance(column["at"], list) else [column["at"]] * height
    return ["" if number < 0 else column["words"][number] for number in at]


def addresses(column: Any, height: int, like: list[str] | None = None) -> list[str]:
    local, domain = decoded(column["local"], height, like), decoded(column["domain"], height)
    return [f"{a}@{b}" if b else a for a, b in zip(local, domain, strict=True)]


@pytest.mark.parametrize("make", [ordinary, hostile])
def test_the_island_round_trips(make: Any) -> None:
    """What was packed is what the tables hold."""
    result = make()
    users, findings = users_table(result, story.reasons(result)), findings_table(result)
    data = json.loads(read(result).data)
    packed, height = data["users"]["columns"], data["users"]["height"]
    assert height == result.summary["users"]
    source = addresses(packed["source"], height)
    assert source == users["source"].fill_null("").to_list()
    local = decoded(packed["source"]["local"], height)
    assert addresses(packed["destination"], height, local) == users["destination"].fill_null("").to_list()
    names = decoded(packed["full_name"], height)
    assert names == users["full_name"].fill_null("").to_list()
    assert decoded(packed["destination_name"], height, names) == users["destination_name"].fill_null("").to_list()
    for name in ("disposition", "candidates", "reason", "codes", "view", "file", "sheet"):
        assert decoded(packed[name], height) == users[name].fill_null("").to_list()
    assert packed["row"] == users["row"].to_list()
    told, count = data["findings"]["columns"], data["findings"]["height"]
    other = decoded(told["upn"]["other"], count)
    upns = [other[n] if at < 0 else source[at] for n, at in enumerate(told["upn"]["user"])]
    assert upns == findings["upn"].fill_null("").to_list()
    messages = decoded(told["message"], count)
    whole = [upn + text[1:] if text.startswith("\t") else text for upn, text in zip(upns, messages, strict=True)]
    assert whole == findings["message"].to_list()


def test_embedded_json_cannot_end_its_element() -> None:
    """Nor start a comment, nor break a line for old script engines."""
    text = json.dumps(HOSTILE, ensure_ascii=False)
    assert not set(embed(text)) & set("<>&\u2028\u2029")
    assert json.loads(embed(text)) == list(HOSTILE)


def test_big_tables_are_limited_with_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    """Held users first, so that the limit never hides them."""
    from t2t_mapping.outputs.report import island, page

    result = ordinary()
    kept = users_table(result, story.reasons(result), 20)
    assert kept["disposition"].to_list() == ["held"] * 11 + ["excluded"] * 3 + ["mapped"] * 6
    monkeypatch.setattr(page, "users_table", lambda result, why: island.users_table(result, why, 20))
    assert "This page has the first 20 of 265 rows; all are in accounting.csv." in report_bytes(result).decode()


def test_look_alikes_are_marked() -> None:
    """A Cyrillic letter in an address is shown as what it is."""
    result = merger([person("Marco Rossi", "m\u0430rco@contoso.com")], [])
    assert users_table(result, story.reasons(result))["source"].to_list() == [
        "m\u0430rco@contoso.com [character 2: U+0430 CYRILLIC SMALL LETTER A]"
    ]


# --- the page ---------------------------------------------------------------------------------------------------------


def test_hostile_names_are_inert() -> None:
    """The elements and attributes of the page are those of any page; every script is ours."""
    plain, attacked = read(ordinary()), read(hostile())
    assert {tag for tag, _ in attacked.elements} <= {tag for tag, _ in plain.elements} | {"i"}
    known = {(tag, name) for tag, attributes in plain.elements for name in attributes}
    assert {(tag, name) for tag, attributes in attacked.elements for name in attributes} <= known
    assert [script.get("type") for script in attacked.all("script")] == ["application/json", None]
    assert not any(
        name.startswith("on") or name == "style" for _, attributes in attacked.elements for name in attributes
    )
    assert all((link["href"] or "").startswith("#") for link in attacked.all("a"))
    assert "img" not in {tag for tag, _ in attacked.elements}
    assert "\u202e" not in "".join(attacked.text) + attacked.data


def test_names_stand_on_the_page_as_text() -> None:
    """Escaped once, not twice."""
    text = "".join(read(hostile()).text)
    assert '"><img src=x onerror=window.injected=1>' in text
    assert "Ann &lt;Lee&gt; &amp;" in text
    assert f"{'x' * 400}…" in text
    assert "x" * 401 not in text


def test_nothing_comes_from_elsewhere() -> None:
    """No address, no style or script but those whose hashes the policy names."""
    page = read(ordinary())
    (policy,) = [m["content"] or "" for m in page.all("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert re.sub(r"'sha256-[\w+/=]{44}'", "HASH", policy) == (
        "default-src 'none'; style-src HASH; script-src HASH; img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert "unsafe" not in policy
    for _, attributes in page.elements:
        assert not attributes.keys() & {"src", "srcset", "style", "action", "formaction", "background", "poster"}
    assert [link["href"] for link in page.all("link")] == ["data:,"]
    assert not re.search(r"https?://|url\(|@import", report_bytes(ordinary()).decode())


def test_the_page_is_well_made() -> None:
    """One main heading, labelled sections, tables with captions and scoped headings, ids once, links that lead somewhere."""
    page = read(ordinary())
    assert page.all("html") == [{"lang": "en"}]
    assert [len(page.all(tag)) for tag in ("h1", "main", "header", "footer", "nav")] == [1, 1, 1, 1, 1]
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {(link["href"] or "")[1:] for link in page.all("a")} <= set(ids)
    assert all(section["aria-labelledby"] in ids for section in page.all("section"))
    assert len(page.all("caption")) == len(page.all("table"))
    assert {head.get("scope") for head in page.all("th")} == {"col"}
    assert page.all("a")[0] == {"class": "skip", "href": "#main"}


def test_it_says_what_matters_without_javascript() -> None:
    """The sum, the picture in words, the findings with their fix, and the first rows of the tables."""
    result = ordinary()
    text = " ".join("".join(read(result).text).split())
    assert "251 mapped + 11 held + 3 excluded = 265 = 265 rows in the exports − 0 duplicates" in text
    assert picture.in_words(story.outcomes(result)) in text
    assert t2t.CATALOGUE["P303"].why in text
    assert "Without JavaScript only the first 200 of 265 rows are shown; all are in accounting.csv." in text
    assert "ann@fabrikam.com" in text
    assert "--exclude U201: source disabled" in text


def test_a_draft_is_labelled() -> None:
    """And says why."""
    result = merger(
        [person("Bo Ek", "bo@contoso.com")], [person("Bo Ek", "bo@fabrikam.com", user_licensed="No")], accept=["U213"]
    )
    text = " ".join("".join(read(result).text).split())
    assert "Draft. usermapping.csv is a draft, not ready for upload" in text
    assert "--accept U213: destination unlicensed, accepted as warnings." in text


def test_an_empty_answer_has_a_page() -> None:
    """Nobody mapped, nothing found: still a whole page."""
    assert "Nobody is mapped" in "".join(read(merger([person("Ann Lee", "ann@contoso.com")], [])).text)


def test_many_reasons_share_a_leaf() -> None:
    """The picture stays readable, and its numbers complete."""
    outcomes = [story.Outcome("held", f"U2{n:02}", f"reason {n}", n) for n in range(1, 30)]
    drawn = picture.flow(outcomes)
    assert drawn.count("<a ") == 9
    assert f"{sum(range(1, 30)):,}" in drawn
    assert "for 20 other reasons" in picture.bars(outcomes)


# --- in a browser -----------------------------------------------------------------------------------------------------

needs_chromium = pytest.mark.skipif(browser.CHROMIUM is None, reason="Chromium is not installed")


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[browser.Browser]:
    with browser.browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


def open_page(chromium: browser.Browser, folder: Path, result: t2t.Result, **view: Any) -> None:
    path = folder / "report.html"
    path.write_bytes(report_bytes(result))
    chromium.open(path, **view)


def cells(chromium: browser.Browser, table: str, column: int) -> list[str]:
    script = f"[...document.querySelectorAll('#{table}-table tbody tr')].map(row => row.cells[{column}].textContent)"
    return [str(text) for text in chromium.run(script)]


def status(chromium: browser.Browser, table: str) -> str:
    return str(chromium.run(f"document.querySelector('#{table}-controls .status').textContent"))


def wait_for(chromium: browser.Browser, table: str, text: str) -> None:
    for _ in range(1_000):
        if status(chromium, table) == text:
            return
        time.sleep(0.05)
    assert status(chromium, table) == text


@needs_chromium
def test_search_sort_and_filter(chromium: browser.Browser, tmp_path: Path) -> None:
    """As a person would: type, choose, click, turn the page."""
    open_page(chromium, tmp_path, ordinary())
    assert status(chromium, "users") == "All 265 users"
    assert cells(chromium, "users", 2)[:12] == ["held"] * 11 + ["excluded"]

    chromium.click("#users-controls input")
    chromium.type("muller ZOE")
    wait_for(chromium, "users", "1 of 265 users")
    assert cells(chromium, "users", 3) == ["zoe@retail.fabrikam.com"]

    chromium.click("#users-controls button")
    assert status(chromium, "users") == "All 265 users"
    assert chromium.run("document.querySelector('#users-pager span').textContent") == "Page 1 of 3"
    chromium.click("#users-pager button:nth-of-type(4)")
    assert len(cells(chromium, "users", 0)) == 65

    chromium.click("#users-table th:nth-child(1) button")
    assert chromium.run("document.querySelector('#users-table th').getAttribute('aria-sort')") == "ascending"
    assert cells(chromium, "users", 0)[0] == "ann@contoso.com"
    chromium.click("#users-table th:nth-child(1) button")
    assert cells(chromium, "users", 0)[0] == "zoe@emea.contoso.com"
    chromium.click("#users-table th:nth-child(1) button")
    assert chromium.run("document.querySelector('#users-table th').getAttribute('aria-sort')") == "none"

    chromium.run(
        "{ const s = document.querySelectorAll('#users-controls select')[0]; s.value = 'excluded';"
        " s.dispatchEvent(new Event('change')) }"
    )
    assert status(chromium, "users") == "3 of 265 users"
    assert sorted(cells(chromium, "users", 5)) == ["U201 source disabled", "U203 not a person", "your rules"]
    assert chromium.complaints() == []
    assert len(chromium.requests()) == 1


@needs_chromium
def test_links_set_the_filters(chromium: browser.Browser, tmp_path: Path) -> None:
    """A leaf of the picture leads to its users, a card to its findings."""
    open_page(chromium, tmp_path, ordinary())
    chromium.click("svg.flow a[data-reason='held:U211']")
    assert status(chromium, "users") == "10 of 265 users"
    assert chromium.run("location.hash") == "#users"
    assert chromium.run("document.querySelector('#users').getBoundingClientRect().top < 200")
    chromium.click("#code-P303 .show a")
    assert status(chromium, "findings") == "1 of 13 findings"
    assert cells(chromium, "findings", 2) == ["ann@contoso.com"]


@needs_chromium
def test_by_keyboard_alone(chromium: browser.Browser, tmp_path: Path) -> None:
    """The skip link comes first; a heading sorts on Enter; the focus can be seen."""
    open_page(chromium, tmp_path, ordinary())
    chromium.press("Tab", 9)
    assert chromium.run("document.activeElement.className") == "skip"
    assert chromium.run("document.activeElement.getBoundingClientRect().left >= 0")
    chromium.press("Enter", 13, "\r")
    assert chromium.run("document.activeElement.id") == "main"
    chromium.run("document.querySelector('#findings-table th:nth-child(3) button').focus()")
    chromium.press("Enter", 13, "\r")
    assert (
        chromium.run("document.querySelector('#findings-table th:nth-child(3)').getAttribute('aria-sort')")
        == "ascending"
    )
    assert chromium.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"


@needs_chromium
def test_injected_scripts_do_not_run(chromium: browser.Browser, tmp_path: Path) -> None:
    """Neither at first nor after search and sorting have shown every row; nothing is fetched."""
    open_page(chromium, tmp_path, hostile())
    chromium.click("#users-controls input")
    chromium.type("script")
    time.sleep(0.4)
    assert cells(chromium, "users", 1)[0] == "</script><script>window.injected=1</script>"
    chromium.click("#users-controls button")
    chromium.click("#findings-table th:nth-child(4) button")
    assert chromium.run("window.injected === undefined")
    assert chromium.run("document.querySelectorAll('img, iframe, object, embed, form').length") == 0
    assert chromium.run("document.scripts.length") == 2
    assert chromium.complaints() == []
    assert len(chromium.requests()) == 1


@needs_chromium
def test_the_policy_holds(chromium: browser.Browser, tmp_path: Path) -> None:
    """Should a name ever become an element, its script is still refused."""
    open_page(chromium, tmp_path, ordinary())
    chromium.run(
        "{ const s = document.createElement('script'); s.textContent = 'window.injected = 1'; document.body.append(s);"
        " const d = document.createElement('div'); d.innerHTML = '<img src=x onerror=\"window.injected=1\">';"
        " document.body.append(d) }"
    )
    time.sleep(0.3)
    assert chromium.run("window.injected === undefined")
    assert any("Content Security Policy" in text for text in chromium.complaints())


CONTRAST = """(() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, at) => sum + v * [.2126, .7152, .0722][at], 0);
  const under = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
    if (c.length === 3 || c[3] > 0) return c; } return [255, 255, 255]; };
  const poor = [];
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || e.closest('script, style, svg, noscript, :disabled') || !e.getClientRects().length) continue;
    const [a, b] = [light(rgb(getComputedStyle(e).color)), light(under(e))].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    if (ratio < 4.5) poor.push(`${e.tagName}.${e.className} ${ratio.toFixed(2)}`);
  }
  return [...new Set(poor)];
})()"""


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_and_width(chromium: browser.Browser, tmp_path: Path, scheme: str) -> None:
    """Every text has at least 4.5 : 1 on its ground (WCAG AA), and no window makes the page itself scroll sideways."""
    open_page(chromium, tmp_path, ordinary(), scheme=scheme)
    assert chromium.run(CONTRAST) == []
    for width in (360, 800, 1600):
        open_page(chromium, tmp_path, ordinary(), scheme=scheme, width=width)
        assert chromium.run("document.documentElement.scrollWidth") <= width


@needs_chromium
def test_without_javascript(chromium: browser.Browser, tmp_path: Path) -> None:
    """The first rows stand there, and no control that would do nothing."""
    chromium.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        open_page(chromium, tmp_path, ordinary())
        document = chromium.call("DOM.getDocument")["root"]["nodeId"]
        found = {
            selector: len(chromium.call("DOM.querySelectorAll", nodeId=document, selector=selector)["nodeIds"])
            for selector in ("#users-table tbody tr", "input", "button", "#findings-table tbody tr")
        }
    finally:
        chromium.call("Emulation.setScriptExecutionDisabled", value=False)
    assert found == {"#users-table tbody tr": 200, "input": 0, "button": 0, "#findings-table tbody tr": 13}


@needs_chromium
def test_many_users_stay_quick(chromium: browser.Browser, tmp_path: Path) -> None:
    """Only a page of rows is ever in the document (times are measured by the benchmarks)."""
    users = 30_000
    names = pl.DataFrame({"n": range(users)}).select(
        pl.format("Given{} Family{}", pl.col("n") % 997, "n").alias("Full Name"),
        pl.format("g{}@contoso.com", "n").alias("Windows Live ID"),
        pl.lit("Enabled").alias("Status"),
        pl.lit("Yes").alias("User Licensed"),
    )
    there = names.with_columns(pl.col("Windows Live ID").str.replace("contoso", "fabrikam")).head(users - 9_000)
    result = t2t.generate(source_full=names, destination_full=there)
    open_page(chromium, tmp_path, result)
    assert (tmp_path / "report.html").stat().st_size < 150 * users
    assert status(chromium, "users") == "All 30,000 users"
    assert len(cells(chromium, "users", 0)) == 100
    chromium.click("#users-controls input")
    chromium.type("family29999")
    wait_for(chromium, "users", "1 of 30,000 users")
