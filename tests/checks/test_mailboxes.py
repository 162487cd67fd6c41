"""Accounts of mailboxes that are nobody's own: a person decides about them at the source, nobody is sent to one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small import Row, frame, person, told

import t2t_mapping as t2t

ANN, THERE = person("Ann Lee", "ann@contoso.com"), person("Ann Lee", "ann@fabrikam.com")
KINDS = (
    ("UserMailbox", "mapped ann@fabrikam.com local-part -", "mapped ann@fabrikam.com local-part -"),
    ("SharedMailbox", "held ann@fabrikam.com local-part U207", "held ann@fabrikam.com local-part U218"),
    ("Freigegebenes Postfach", "held ann@fabrikam.com local-part U207", "held ann@fabrikam.com local-part U218"),
    ("RoomMailbox", "held ann@fabrikam.com local-part U207", "held ann@fabrikam.com local-part U218"),
    ("EquipmentMailbox", "held ann@fabrikam.com local-part U207", "held ann@fabrikam.com local-part U218"),
)


@pytest.mark.parametrize(("kind", "here", "there"), KINDS)
def test_mailboxes(kind: str, here: str, there: str) -> None:
    """As a directory of either side says."""
    kinds: Row = {"RecipientTypeDetails": kind}
    exports = t2t.Exports(source_full=frame([ANN]), destination_full=frame([THERE]))
    source = t2t.generate(replace(exports, source_directory=frame([ANN | kinds])))
    destination = t2t.generate(replace(exports, destination_directory=frame([THERE | kinds])))
    assert told(source) == {"ann@contoso.com": here}
    assert told(destination) == {"ann@contoso.com": there}
