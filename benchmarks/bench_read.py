"""What does our guard cost? Every form of workbook, read by us and by bare fastexcel, in turn: processor time and ratio.

    python benchmarks/bench_read.py [ROWS [FORM ...]]     # 100,000 rows of eight columns, every form, unless said otherwise

What fastexcel refuses, our reader reads with openpyxl; such a form has no ratio.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

import fastexcel

from t2t_mapping.read.table import all_columns
from t2t_mapping.read.xlsx import read_xlsx

sys.path[:0] = [str(Path(__file__).parent.parent / "fixtures" / "builders")]
from workbooks import FORMS, workbook  # noqa: E402

_HEADERS = [
    "(Do Not Modify) User",
    "Full Name",
    "Windows Live ID",
    "Status",
    "User Licensed",
    "Access Mode",
    "Title",
    "City",
]
_TURNS = 3


def rows(number: int) -> list[list[str | None]]:
    """Users as an export lists them, from a seed."""
    chance = random.Random(1)
    cities = [f"{start}{end}" for start in ("Os", "Ber", "Lis", "Ma") for end in ("lo", "lin", "bon", "drid")]
    return [list(_HEADERS)] + [
        [
            f"{chance.getrandbits(128):032x}",
            f"User{n} Family{n % 997}",
            f"user{n}.family{n % 997}@contoso.com",
            chance.choice(["Enabled", "Disabled"]),
            chance.choice(["Yes", "No"]),
            "Read-Write",
            "Engineer",
            chance.choice(cities),
        ]
        for n in range(number)
    ]


def taken(read: Callable[[], int], expected: int) -> float:
    """Seconds of processor time."""
    began = time.process_time()
    if (found := read()) != expected:
        raise SystemExit(f"{found:,} rows were read instead of {expected:,}.")
    return time.process_time() - began


def main() -> None:
    """Print a line for every form: the least of three turns each."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    people = rows(number)
    print("| form | MB | fastexcel, CPU s | with our guard | ratio |")
    print("|---|--:|--:|--:|--:|")
    for form in sys.argv[2:] or FORMS:
        data = workbook(FORMS[form], people)

        def ours(data: bytes = data) -> int:
            return sum(table.frame.height for table in read_xlsx(data, "users.xlsx", all_columns))

        def bare(data: bytes = data) -> int:
            sheet = fastexcel.read_excel(data).load_sheet("Full Access Users", header_row=0, dtypes="string")
            return sheet.to_polars().height

        try:
            bare()
        except fastexcel.FastExcelError as error:
            print(f"| {form} | {len(data) / 1e6:.1f} | refused: {str(error).splitlines()[0]} | | |")
            continue
        turns = [(taken(bare, number), taken(ours, number)) for _ in range(_TURNS)]
        least, guarded = (min(turn[which] for turn in turns) for which in (0, 1))
        print(f"| {form} | {len(data) / 1e6:.1f} | {least:.2f} | {guarded:.2f} | {guarded / least:.2f} |", flush=True)


if __name__ == "__main__":
    main()
