"""The accounting says in words why somebody is not mapped, and by which line or decision."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small import Row, frame, merger, person

import t2t_mapping as t2t

ANN, BOB = person("Ann Lee", "ann@contoso.com"), person("Bob Stone", "bob@contoso.com")
ANN_THERE, BOB_THERE = person("Ann Lee", "ann@fabrikam.com"), person("Bob Stone", "bob@fabrikam.com")

REASONS: list[tuple[str, list[Row], tuple[str, ...], dict[str, Any], str | None, str | None]] = [
    # what, the destination, rules, options, the reason for Ann, the note
    ("mapped", [ANN_THERE], ("ann@contoso.com,ann@fabrikam.com,asked her",), {}, None, "asked her"),
    (
        "by an exact line",
        [ANN_THERE],
        ("bob@contoso.com,bob@fabrikam.com", "ann@contoso.com,,left in May"),
        {},
        "Excluded by a rule line (rules, line 2).",
        "left in May",
    ),
    (
        "by a pattern",
        [ANN_THERE],
        ("a*@contoso.com,",),
        {},
        "Excluded by the pattern a*@contoso.com (rules, line 1).",
        None,
    ),
    (
        "by an option",
        [person("Ann Lee", "ann@fabrikam.com", status="Disabled", user_licensed="No")],
        (),
        {"exclude": ["U213", "U212"]},
        "Excluded with --exclude U212, U213: ann@contoso.com: the destination account ann@fabrikam.com is disabled. "
        "ann@contoso.com: the destination account ann@fabrikam.com has no licence (nobody in the destination exports has one: was "
        "the column of licences asked for?).",
        None,
    ),
    (
        "held, with every error",
        [person("Eve Poe", "ann@fabrikam.com", status="Disabled")],
        (),
        {},
        "ann@contoso.com: the destination account ann@fabrikam.com is disabled. "
        "The names contradict each other: Ann Lee at the source, Eve Poe at the destination (ann@fabrikam.com).",
        None,
    ),
    (
        "held, and the line that names the pair",
        [person("Ann Lee", "ann@fabrikam.com", status="Disabled")],
        ("*@contoso.com,*@fabrikam.com,all",),
        {},
        "ann@contoso.com: the destination account ann@fabrikam.com is disabled. The pair comes from the pattern *@contoso.com (rules, line 1).",
        "all",
    ),
    (
        "held with everybody",
        [person("Ann Lee", "ann@contoso.com")],
        (),
        {},
        "Source and destination users all have addresses in contoso.com: the same tenant was exported twice. "
        "Source and destination are the same address: ann@contoso.com.",
        None,
    ),
]


@pytest.mark.parametrize(("what", "there", "rules", "options", "reason", "note"), REASONS, ids=[r[0] for r in REASONS])
def test_the_reason(
    what: str, there: list[Row], rules: tuple[str, ...], options: dict[str, Any], reason: str | None, note: str | None
) -> None:
    """One user, one reason, one note."""
    row = merger([ANN], there, *rules, **options).accounting.row(0, named=True)
    assert (row["reason"], row["note"]) == (reason, note)


def test_who_is_left_out_without_a_rule() -> None:
    """No person, or an administrative user."""
    result = merger([person("# App", "app@contoso.com")], [ANN_THERE], admins=[person("Al Min", "al@contoso.com")])
    assert dict(result.accounting.select("source", "reason").iter_rows()) == {
        "al@contoso.com": "al@contoso.com is an administrator and is left out.",
        "app@contoso.com": "app@contoso.com is not a person: its name begins with “# ”, as those of application users do.",
    }


def test_the_line_is_named_as_its_file_shows_it(tmp_path: Path) -> None:
    """The pattern line 3 of a file, whatever else stands on a third line."""
    rules = tmp_path / "rules.csv"
    rules.write_text("Source,Destination,Note\nbob@contoso.com,bob@fabrikam.com,\na*@contoso.com,,gone\n")
    result = t2t.generate(source_full=frame([ANN, BOB]), destination_full=frame([ANN_THERE, BOB_THERE]), rules=rules)
    assert result.accounting.select("source", "reason", "note").rows() == [
        ("ann@contoso.com", f"Excluded by the pattern a*@contoso.com ({rules.as_posix()}, line 3).", "gone"),
        ("bob@contoso.com", None, None),
    ]


def test_the_ids_are_carried() -> None:
    """Object ids of both sides stand beside each other, so that a later export can be compared."""
    here = "11111111-1111-4111-8111-111111111111"
    there = "22222222-2222-4222-8222-222222222222"
    result = merger(
        [person("Ann Lee", "ann@contoso.com", azure_ad_object_id=here)],
        [person("Ann Lee", "ann@fabrikam.com", object_id=there)],
    )
    ids = pl.col("source_object_id", "destination_object_id")
    assert result.accounting.select(ids).rows() == [(here, there)]
    assert result.accounting.columns[-5:] == [
        "reason",
        "note",
        "source_user_id",
        "source_object_id",
        "destination_object_id",
    ]
