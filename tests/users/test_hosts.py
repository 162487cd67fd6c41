"""Which environment an export came from, as far as the JSON itself says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import t2t_mapping as t2t
from t2t_mapping.users.hosts import region_of_host

HOSTS = {
    "contoso.crm.dynamics.com": "NA",
    "contoso.crm4.dynamics.com": "EMEA",
    "contoso.api.crm6.dynamics.com": "OCE",
    "contoso.crm8.dynamics.com": "IND",
    "contoso.crm9.dynamics.com": "US GCC",
    "contoso.crm.microsoftdynamics.us": "GCC High",
    "contoso.crm.appsplatform.us": "DoD",
    "contoso.crm.dynamics.cn": "China",
    "contoso.crm99.dynamics.com": None,
    "graph.microsoft.com": None,
    "crm4.dynamics.com.example.org": None,
}


@pytest.mark.parametrize("host", HOSTS)
def test_regions(host: str) -> None:
    """The number behind `crm` is the data centre's."""
    assert region_of_host(host) == HOSTS[host]


def export(host: str, name: str = "ann", *, escaped: bool = False) -> bytes:
    """One user as the Web API gives it."""
    users = [{"fullname": f"{name.title()} Lee", "windowsliveid": f"{name}@contoso.com", "systemuserid": f"{name}"}]
    text = json.dumps({"@odata.context": f"https://{host}/api/data/v9.2/$metadata#systemusers", "value": users})
    return (text.replace("/", "\\/") if escaped else text).encode()


@pytest.mark.parametrize("escaped", [False, True])
def test_two_environments_in_one_run_are_noticed(tmp_path: Path, escaped: bool) -> None:
    """Each needs a mapping file of its own; pages of one environment do not."""
    (tmp_path / "a.json").write_bytes(export("sales.crm4.dynamics.com", escaped=escaped))
    (tmp_path / "b.json").write_bytes(export("sales.api.crm4.dynamics.com", "bob", escaped=escaped))
    (tmp_path / "c.json").write_bytes(export("service.crm4.dynamics.com", "cy", escaped=escaped))

    def said(*names: str) -> list[str]:
        result = t2t.generate(source_full=[tmp_path / name for name in names])
        return [m for m in result.findings["message"] if "environments" in m]

    assert said("a.json", "b.json") == []
    assert said("a.json", "b.json", "c.json") == [
        "The source exports come from 2 environments: sales.crm4.dynamics.com, service.crm4.dynamics.com. Each needs its own "
        "mapping file."
    ]


@pytest.mark.parametrize(
    ("host", "stated", "codes"),
    [
        ("sales.crm6.dynamics.com", "", ["E802"]),
        ("sales.crm4.dynamics.com", "", []),
        ("sales.crm6.dynamics.com", 'region = "EMEA"', []),
    ],
)
def test_a_plan_takes_the_region_from_the_export(tmp_path: Path, host: str, stated: str, codes: list[str]) -> None:
    """Where the plan does not say it."""
    (tmp_path / "sales.json").write_bytes(export(host))
    (tmp_path / "plan.toml").write_text(
        '[destination]\nregion = "EMEA"\ndomains = ["fabrikam.com"]\n[[environment]]\nname = "Sales"\ntype = "sandbox"\n'
        f'source_full = ["sales.json"]\n{stated}\n'
    )
    result = t2t.plan(tmp_path / "plan.toml")
    assert [str(code) for code in result.findings["code"] if str(code) == "E802"] == codes
    assert ("E802" in result.skipped) is False
