"""Bring the list of licences up to date: `python docs/update_licences.py MICROSOFTS.csv YYYY-MM-DD`.

Microsoft offers its table "Product names and service plan identifiers for licensing" as a CSV with one line per service plan.
It becomes `data/license-skus.csv`, one line per SKU. Names that the new list no longer has are kept in
`data/license-skus-former.csv`, since an export may be older than the list. Then run the tests of licences: they pin the
verdict on every SKU, and show what the new list changes.
"""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "src" / "t2t_mapping" / "data"
COLUMNS = ("sku_part_number", "sku_id", "product_name", "service_plans")
TITLE = "# Microsoft: product names and service plan identifiers for licensing, as of {date}"
FORMER = "# Names and SKUs of earlier lists that the newest one no longer has"


def listed(path: Path) -> list[dict[str, str]]:
    """One of our two lists."""
    return list(csv.DictReader(path.read_text("utf-8").splitlines()[1:])) if path.exists() else []


def microsofts(path: Path) -> list[dict[str, str]]:
    """Microsoft's table, one record per SKU, its service plans joined with blanks."""
    skus: dict[tuple[str, str], dict[str, str]] = {}
    text = path.read_bytes()
    lines = text.decode("utf-8-sig", errors="replace" if b"\xe9" in text else "strict").splitlines()
    for row in csv.DictReader(lines):
        if set(COLUMNS) <= set(row):
            return list(csv.DictReader(lines))
        part, guid = row["String_Id"].strip(), row["GUID"].strip().lower()
        sku = skus.setdefault(
            (part, guid),
            dict(zip(COLUMNS, (part, guid, " ".join(row["Product_Display_Name"].split()), ""), strict=True)),
        )
        plan = re.sub(r"\s+", "_", row["Service_Plan_Name"].strip())
        if plan not in sku["service_plans"].split():
            sku["service_plans"] = f"{sku['service_plans']} {plan}".strip()
    return list(skus.values())


def write(path: Path, title: str, skus: list[dict[str, str]]) -> None:
    """Sorted, so that the next update shows only what has changed."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(f"{title}\n")
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(
            sorted(skus, key=lambda sku: (sku["sku_part_number"].casefold(), sku["sku_id"], sku["product_name"]))
        )


def main(source: str, date: str) -> None:
    """Write both lists."""
    new = microsofts(Path(source))
    names = {name.casefold() for sku in new for name in (sku["sku_part_number"], sku["sku_id"], sku["product_name"])}
    former = {
        (sku["sku_part_number"], sku["product_name"]): sku
        for sku in (*listed(DATA / "license-skus-former.csv"), *listed(DATA / "license-skus.csv"))
        if not {sku[column].casefold() for column in COLUMNS[:3]} <= names
    }
    write(DATA / "license-skus.csv", TITLE.format(date=date), new)
    write(DATA / "license-skus-former.csv", FORMER, list(former.values()))
    sys.stdout.write(f"{len(new)} SKUs, and {len(former)} former names\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
