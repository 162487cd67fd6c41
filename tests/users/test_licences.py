"""Licence cells in every dialect, and the verdict on every SKU of Microsoft's list."""

from __future__ import annotations

import csv
import json
import re
from importlib.resources import files
from pathlib import Path

import polars as pl
import pytest

from t2t_mapping.users import licences

USE = Path(__file__).with_name("dataverse-use.csv")
"""What the service plans of every Dynamics and Power Platform SKU give: `yes`, `limited` (one app, some tables), `no` …"""

# `limited` in a way that opens the apps of an environment: one app each, Team Members, Guides, Remote Assist, Customer
# Insights. Not: the tables of Project, Copilot Studio, Customer Voice, Sustainability, Talent.
OPENS_APPS = re.compile(
    r"TEAM_MEMBERS|PER_APP|per_app_plan|GUIDES_USER|REMOTE_ASSIST|MARKETING_USER|Insights_User|CONTRACTOR",
    re.IGNORECASE,
)


SALES = "1e1a282c-9c54-43a2-9310-98ef728faace"
POWER_AUTOMATE_FREE = "f30db892-07e9-47e9-837c-80727f46fd3d"
NOBODY_KNOWS = "00000000-0000-4000-a000-00000000beef"


def skus() -> list[dict[str, str]]:
    """Microsoft's list as shipped."""
    text = (files("t2t_mapping") / "data" / "license-skus.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()[1:]))


def expected() -> dict[str, str]:
    """SKU part number -> verdict, from the table of what each of them gives."""
    rows = csv.DictReader(USE.read_text("utf-8").splitlines())
    opens = {
        row["sku_part_number"]: row["dataverse"] == "yes"
        or (
            row["dataverse"] == "limited"
            and "_IW" not in row["sku_part_number"]
            and bool(OPENS_APPS.search(row["sku_part_number"]))
        )
        for row in rows
    }
    return {part: "strong" if good else "weak" for part, good in opens.items()}


def test_the_verdict_on_every_sku() -> None:
    """Of Dynamics and the Power Platform each by what its plans give; nothing else is strong. A new list shows what it changes."""
    verdicts = {
        sku["sku_part_number"]: licences.classify_sku(
            sku["sku_part_number"], sku["product_name"], sku["service_plans"].split()
        )
        for sku in skus()
    }
    table = expected()
    assert len(table) == 218
    assert {part: verdicts[part] for part in table} == table
    assert [part for part, verdict in verdicts.items() if verdict == "strong" and part not in table] == []


@pytest.mark.parametrize(
    ("name", "strength"),
    [
        ("Power Apps Premium", "strong"),
        ("Power Apps per user plan", "strong"),  # its name until 2023
        ("Dynamics 365 for Sales Enterprise Edition", "strong"),
        ("Dynamics 365 Contact Center", "strong"),
        ("Dynamics 365 Finance", "strong"),
        ("Power Automate Premium", "weak"),  # flows only
        ("Power Automate per user with attended RPA plan", "weak"),
        ("Microsoft Power Automate Plan 2", "weak"),
        ("Dynamics 365 Business Central Essentials", "weak"),
        ("Planner and Project Plan 3", "weak"),
        ("Project Plan 3", "weak"),
        ("Dynamics 365 Sales Premium Viral Trial", "weak"),
        ("Microsoft Power Apps for Developer", "weak"),
        ("Azure Active Directory Premium P1", "weak"),  # its name before Entra
    ],
)
def test_names_of_today_and_of_before(name: str, strength: str) -> None:
    """Flow-only, trial and developer plans are weak; the old names are understood beside the new ones."""
    assert licences.strength(pl.Series([name])).to_list() == [strength]


def test_every_name_of_the_list_is_understood_alone_and_between_others() -> None:
    """Names with ` + ` and commas included, in each of the three vocabularies."""
    for sku in skus():
        for name in (sku["sku_part_number"], sku["sku_id"], sku["product_name"]):
            cell = f"Microsoft 365 E3+{name.upper()}+Microsoft Power Automate Free"
            assert licences.unknown_names(pl.Series([name, cell])) == []
            alone, between = licences.strength(pl.Series([name, cell]))
            assert (alone, between) in {("strong", "strong"), ("weak", "weak")}


def test_date_of_the_list() -> None:
    """The shipped list says of when it is."""
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", licences.list_date())


def test_what_is_looked_up() -> None:
    """Every name of every SKU, also part numbers without their blanks; of two SKUs of one name the weaker one counts."""
    licences._catalogue.cache_clear()
    catalogue = licences._catalogue()
    by_product: dict[str, set[str]] = {}
    for sku in skus():
        rated = licences.classify_sku(sku["sku_part_number"], sku["product_name"], sku["service_plans"].split())
        by_product.setdefault(licences._normal(sku["product_name"]), set()).add(rated)
        for name in (sku["sku_part_number"], sku["sku_part_number"].replace(" ", ""), sku["sku_id"]):
            assert licences._normal(name) in catalogue.verdicts
    assert {name: catalogue.verdicts[name] for name in by_product} == {
        name: "weak" if "weak" in rated else "strong" for name, rated in by_product.items()
    }
    assert catalogue.joints == max(len(re.findall(r"[+;,|\n]", name)) for name in catalogue.verdicts)
    first = (files("t2t_mapping") / "data" / "license-skus.csv").read_text("utf-8").partition("\n")[0]
    assert catalogue.date in first


def graph(*ids: str) -> str:
    """`assignedLicenses` as Graph writes it."""
    return json.dumps([{"disabledPlans": ["113feb6c-3fe4-4440-bddc-54d774bf0318"], "skuId": sku} for sku in ids])


CASES = [
    # cell, strength, licensed
    (None, "unknown", None),
    ("", "unknown", None),
    ("  ", "unknown", None),
    ("Unlicensed", "none", False),
    (" UNLICENSED ", "none", False),
    ("[]", "unknown", None),
    ("[{}]", "unknown", None),
    ("[null]", "unknown", None),
    ("+++", "unknown", None),
    ("n/a", "unknown", None),
    ("Nicht lizenziert", "none", False),
    ("System.Collections.Generic.List`1[Microsoft.Open.AzureAD.Model.AssignedLicense]", "unknown", None),
    ("Microsoft.Graph.PowerShell.Models.MicrosoftGraphAssignedLicense[]", "unknown", None),
    ("System.String[]", "unknown", None),
    ("Dynamics 365 Team Members", "strong", True),
    ("dynamics 365  TEAM members", "strong", True),
    ("Enterprise Mobility + Security E3", "weak", True),
    ("Enterprise Mobility + Security E3+Dynamics 365 Team Members", "strong", True),
    ("Dynamics 365 Team Members+Enterprise Mobility + Security E3", "strong", True),
    ("Dynamics 365 Sales, Field Service and Customer Service Partner Sandbox, Microsoft 365 E3", "strong", True),
    ("Microsoft 365 E3, Microsoft Power Automate Free", "weak", True),
    ("Microsoft 365 E3\nMicrosoft Power Automate Free", "weak", True),
    ("Microsoft 365 E3 (from another world)", "unknown", None),
    ("Microsoft 365 E3+Something New", "unknown", True),
    ("Something New+Dynamics 365 Team Members", "strong", True),
    ("Something + New + Dynamics 365 Team Members", "strong", True),
    ("contoso:DYN365_ENTERPRISE_SALES", "strong", True),
    ("contoso:FLOW_FREE contoso:DYN365_ENTERPRISE_SALES", "strong", True),
    ("contoso:FLOW_FREE contoso:SOMETHING_NEW", "unknown", True),
    (f"{POWER_AUTOMATE_FREE} {SALES}", "strong", True),
    ("SPE_E3 and more", "unknown", None),
    ("contoso:FLOW_FREE;contoso:SPE_E3", "weak", True),
    ("contoso:SOMETHING_NEW", "unknown", True),
    ("SPE_E3,DYN365_ENTERPRISE_SALES", "strong", True),
    (SALES, "strong", True),
    (f"{POWER_AUTOMATE_FREE}+{SALES.upper()}", "strong", True),
    (NOBODY_KNOWS, "unknown", True),
    (graph(SALES), "strong", True),
    (graph(POWER_AUTOMATE_FREE), "weak", True),
    (graph(POWER_AUTOMATE_FREE, NOBODY_KNOWS), "unknown", True),
    (graph(SALES)[1:-1], "strong", True),
    ('["SPE_E3", "DYN365_ENTERPRISE_SALES"]', "strong", True),
    ('["Microsoft.Graph.PowerShell.Models.MicrosoftGraphAssignedLicense"]', "unknown", None),
    (f'["@{{DisabledPlans=System.Object[]; SkuId={SALES}}}"]', "strong", True),
    ("[not JSON", "unknown", None),
]


@pytest.mark.parametrize(("cell", "strength", "licensed"), CASES)
def test_cells(cell: str | None, strength: str, licensed: bool | None) -> None:
    """One cell as typed; unknown is neither yes nor no."""
    texts = pl.Series("licenses", [cell], dtype=pl.String)
    assert licences.strength(texts).to_list() == [strength]
    assert licences.licensed(texts).to_list() == [licensed]


def test_series_keep_their_length_name_and_type() -> None:
    """Repeated and empty cells come back where they stood."""
    texts = pl.Series("licenses", ["Unlicensed", None, "SPE_E3", "Unlicensed"])
    assert licences.strength(texts).equals(
        pl.Series("licenses", ["none", "unknown", "weak", "none"], dtype=licences.STRENGTHS), check_dtypes=True
    )
    assert licences.licensed(texts).to_list() == [False, None, True, False]
    empty = pl.Series("licenses", [], dtype=pl.String)
    assert licences.strength(empty).dtype == licences.STRENGTHS
    assert licences.licensed(empty).dtype == pl.Boolean
    assert licences.unknown_names(empty) == []


def test_unknown_names_are_reported_as_typed_and_never_guessed() -> None:
    """Each unknown part once per cell; a name with ` + ` in it stays whole."""
    cells = [
        "Microsoft 365 E3+Contoso Suite + Extras E9+contoso:NEW_SKU",
        "Something New, Inc;Something New, Inc",
        graph(NOBODY_KNOWS),
        "Unlicensed",
        None,
    ]
    assert licences.unknown_names(pl.Series(cells)) == [
        (cells[0], "Contoso Suite + Extras E9"),
        (cells[0], "contoso:NEW_SKU"),
        (cells[1], "Something New, Inc"),
        (cells[2], NOBODY_KNOWS),
    ]


@pytest.mark.parametrize("cell", ["a+" * 16_000, "+" * 32_000, "a + " * 8_000, "[" * 32_000, "a:" * 16_000])
def test_hostile_cells_take_linear_time(cell: str) -> None:
    """A cell as long as a spreadsheet allows is read in well under a second, and says nothing."""
    assert licences.strength(pl.Series([cell])).to_list() == ["unknown"]
