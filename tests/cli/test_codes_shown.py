"""How codes are shown: one line each, everything about one, as JSON."""

from __future__ import annotations

import json

from t2t_mapping.catalogue import CATALOGUE
from t2t_mapping.cli.reference import codes_json, codes_text


def test_one_line_each() -> None:
    """Code, severity and name, in columns."""
    assert codes_text((CATALOGUE[code] for code in ("I101", "U213", "B601")), full=False).splitlines() == [
        "I101  fatal    unreadable-file",
        "U213  error    destination-unlicensed",
        "B601  info     mailbox-must-be-reconfigured",
    ]


def test_everything_about_some() -> None:
    """The service's own words and `--accept` where there are any; a message that is all variable is left out."""
    assert codes_text([CATALOGUE["I104"], CATALOGUE["U213"], CATALOGUE["M506"]], full=True) == (
        "I104 repaired-text\n"
        "  severity  info\n"
        "  why       The file was not in its usual form, but could be read without guessing.\n"
        "  fix       Nothing to do; check the columns with `inspect` if anything looks odd.\n"
        "\n"
        "U213 destination-unlicensed\n"
        "  severity  error (accepted, the mapping is a draft that is not ready for upload)\n"
        "  message   {upn}: the destination account {a} has no licence{b}.\n"
        "  why       If a mapped destination user has no licence, the migration fails.\n"
        "  fix       Assign a licence to the destination account and export the destination again.\n"
        "  source    if the destination user isn't assigned any license, the migration fails (article of 2023-06-07 and "
        "2026-02-25)\n"
        "  accept    --accept U213 makes it a warning for one run\n"
        "\n"
        "M506 duplicate-address\n"
        "  severity  error\n"
        "  message   The {a} {b} is on several lines. The service would say: {c}\n"
        "  why       One user would have two destinations, or two users one. The service ignores case when it compares.\n"
        "  fix       Keep one of the lines.\n"
        "  service   Line '{lines}' have the same '{b}'\n"
        "  source    no two lines have the same address (article of 2026-02-25)"
    )


def test_json_holds_every_field() -> None:
    """In ASCII, for any console."""
    text = codes_json(CATALOGUE.values())
    assert text.isascii()
    told = json.loads(text)["codes"]
    assert [entry["code"] for entry in told] == list(CATALOGUE)
    assert told[0] == {
        "code": "I101",
        "name": "unreadable-file",
        "severity": "fatal",
        "message": "{a}",
        "why": CATALOGUE["I101"].why,
        "fix": CATALOGUE["I101"].fix,
        "note": "",
        "service": "",
        "acceptable": False,
        "source": None,
    }
