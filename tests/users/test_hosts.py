"""Where a JSON export came from, and what that settles: P310 without any default domain."""

from __future__ import annotations

import json

import pytest
from small import frame, person

import t2t_mapping as t2t

SOURCE = (
    # host of the source's export, and the cloud that it tells
    ("graph.microsoft.com", "public"),
    ("contoso.crm4.dynamics.com", "public"),
    ("graph.microsoft.us", "US government"),
    ("dod-graph.microsoft.us", "US government"),
    ("contoso.crm.microsoftdynamics.us", "US government"),
    ("microsoftgraph.chinacloudapi.cn", "China"),
    ("contoso.crm.dynamics.cn", "China"),
    ("notgraph.microsoft.com.example.org", None),
)


def export(host: str, upn: str) -> tuple[str, bytes]:
    """Users as Graph gives them."""
    user = {"userPrincipalName": upn, "displayName": "Ann Lee", "accountEnabled": True}
    body = {"@odata.context": f"https://{host}/v1.0/$metadata#users", "value": [user]}
    return "users.json", json.dumps(body).encode()


@pytest.mark.parametrize(("host", "cloud"), SOURCE)
def test_the_cloud_of_a_json_export(host: str, cloud: str | None) -> None:
    """Against a destination in the public cloud."""
    there = frame([person("Ann Lee", "ann@fabrikam.onmicrosoft.com")])
    result = t2t.generate(source_full=export(host, "ann@contoso.com"), destination_full=there)
    found = result.findings.filter(result.findings["code"] == "P310")["message"].to_list()
    assert len(found) == (cloud not in ("public", None))
    assert all(str(cloud) in message for message in found)


def test_both_sides_tell_by_their_exports_alone() -> None:
    """No address has a default domain."""
    result = t2t.generate(
        source_full=export("graph.microsoft.us", "ann@contoso.com"),
        destination_full=export("graph.microsoft.com", "ann@fabrikam.com"),
    )
    assert "P310" in str(result.accounting["codes"][0])
    assert result.mapping.is_empty()
