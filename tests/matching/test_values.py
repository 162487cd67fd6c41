"""Values that are equal on both sides make a pair only if they are one user's own."""

from __future__ import annotations

import polars as pl
import pytest
from small import merger, person, told

from t2t_mapping.matching.values import telling

SAYS_NOTHING = """N/A|n.a.|#N/A|-|--|.|?|0|000|00000|0000-0000|999|99999|1111|x|xxx|XX|none|NULL|NaN|unknown|Unknown.|(blank)
tbd|not set|Not available|keine|unbekannt|k. A.|entfällt|aucun|inconnu|ninguno|desconocido|vacío|desconhecido|sconosciuto
onbekend|ukendt|okänd|tuntematon|nieznany|neznámý|нет|неизвестно|不明|無|なし|未知|없음|ללא|غير معروف|ไม่มี"""


def test_placeholders_never_match() -> None:
    """In any language's usual words, whatever stands around them; in mail addresses before the @."""
    values = SAYS_NOTHING.replace("\n", "|").split("|")
    assert [telling(pl.Series([value])).item() for value in values] == [None] * len(values)
    here, there = (
        [
            person(f"Ann Lee {n}", f"{local}{n}@{domain}", employee_id=value, primary_email=f"none@{n}.{domain}")
            for n, value in enumerate(values)
        ]
        for local, domain in (("ann", "contoso.com"), ("lee", "fabrikam.com"))
    )
    expected = {f"ann{n}@contoso.com": "held - - U211" for n in range(len(values))}
    assert told(merger(here, there, match_on=["employee-id", "mail"])) == expected


def test_what_is_a_value() -> None:
    """Zeros in front are part of it, and so is a single digit."""
    own = ["00042", "7", "11", "A-1", "12345", "x1", "nan.lee@contoso.com", "ann@contoso.com", "none2@contoso.com"]
    assert telling(pl.Series([*own, None, "none@contoso.com"])).to_list() == [*own, None, None]
    assert telling(pl.Series([None, None], dtype=pl.String)).to_list() == [None, None]
    assert telling(pl.Series(["5", "6", "5", None, None])).to_list() == [None, "6", None, None, None]


@pytest.mark.parametrize("side", ["source", "destination"])
def test_a_value_that_several_carry_never_matches(side: str) -> None:
    """On either side; for all others it still does."""
    source = [
        person("Ann Lee", "ann@contoso.com", employee_id="4711"),
        person("Bob Roe", "bob@contoso.com", employee_id="8"),
    ]
    there = [
        person("Ann Lee", "lee@fabrikam.com", employee_id="4711"),
        person("Bob Roe", "roe@fabrikam.com", employee_id="8"),
    ]
    domain, people = ("contoso.com", source) if side == "source" else ("fabrikam.com", there)
    people.append(person("Cy Orr", f"c.orr@{domain}", employee_id="4711"))
    outcome = told(merger(source, there, match_on="employee-id"))
    assert outcome["ann@contoso.com"] == "held - - U211"
    assert outcome["bob@contoso.com"] == "mapped roe@fabrikam.com employee-id -"
