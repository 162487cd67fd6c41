"""A few hundred thousand users: the sums still add up, and nothing grows faster than the users. No time limits."""

from __future__ import annotations

import polars as pl

from t2t_mapping.run.generation import generate


def side(domain: str, number: int) -> pl.DataFrame:
    count = pl.int_range(number, eager=True)
    return pl.DataFrame(
        {
            "Full Name": ("First" + (count % 977).cast(pl.String) + " Last" + count.cast(pl.String)),
            "Windows Live ID": ("user" + count.cast(pl.String) + f"@{domain}"),
        }
    )


def test_thousands_of_users_with_one_local_part() -> None:
    """Thousands of users of one local part at thousands of domains: ambiguous, but no quadratic step."""
    number = 3_000
    count = pl.int_range(number, eager=True).cast(pl.String)
    source = pl.DataFrame({"Full Name": "Ann Lee" + count, "Windows Live ID": "info@c" + count + ".com"})
    destination = pl.DataFrame({"Full Name": "Ann Lee" + count, "Windows Live ID": "info@f" + count + ".com"})
    result = generate(source_full=source, destination_full=destination)
    assert result.summary["codes"] == {"P301": number}
    assert result.accounting["candidates"].str.split(";").list.len().unique().to_list() == [50]


def test_the_sum_at_two_hundred_thousand() -> None:
    """Everybody is mapped, each to the right one."""
    result = generate(
        source_full=side("contoso.com", 200_000), destination_full=side("fabrikam.com", 200_000).reverse()
    )
    assert {name: result.summary[name] for name in ("users", "mapped", "held", "excluded")} == {
        "users": 200_000,
        "mapped": 200_000,
        "held": 0,
        "excluded": 0,
    }
    locals_equal = pl.col("source").str.split("@").list.first() == pl.col("destination").str.split("@").list.first()
    assert result.mapping.select(locals_equal.all()).item()
