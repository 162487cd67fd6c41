"""The addresses of a mapping file: valid, each one once, never the same on both sides of a line."""

from __future__ import annotations

from difflib import get_close_matches

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping import upn as upns
from t2t_mapping.findings import find
from t2t_mapping.mapping.lines import BLANKS
from t2t_mapping.mapping.registry import SIDE, Given, check, listing, numbers, one_line, service_says

__all__ = []

_FEW, _MANY = 2, 20  # lines
_MOST_WORDS = 1_000  # addresses that are explained one by one; a file with more of them has another problem

# Letters of other scripts that pass for Latin ones, signs that pass for ASCII signs, and compatibility forms.
LOOKALIKE = (
    r"[\p{Cyrillic}\p{Greek}\p{Armenian}\p{Cherokee}\u{0130}\u{0131}\u{017f}\u{0251}\u{0261}\u{2010}-\u{2015}\u{2018}"
    r"\u{2019}\u{201b}\u{2024}\u{2032}\u{2044}\u{2100}-\u{214f}\u{2212}\u{2215}\u{2b9}-\u{2bc}\u{ff01}-\u{ff5e}\u{fe50}-"
    r"\u{fe6b}\u{1d400}-\u{1d7ff}]"
)

# Nothing that is all printable ASCII has such a letter: most faulty files are told at once.
_ODD_LETTER = pl.col("address").str.contains(r"[^ -~]") & (
    pl.col("address").str.contains(LOOKALIKE) | pl.col("address").str.contains(upns.INVISIBLE)
)


@check("M505")
def invalid_email_format(given: Given) -> pl.DataFrame:
    wrong = given.invalid.filter(~_ODD_LETTER)
    empty = pl.lit("The ") + pl.col("column") + pl.lit(" is empty.")
    words = pl.when(pl.col("address") == "").then(empty).otherwise(_problems(wrong))
    quoted = given.rows.filter("quoted")
    both = quoted["source"].str.contains('"') & quoted["destination"].str.contains('"')
    in_quotes = (
        pl.lit("There are quotes around ")
        + pl.when(both).then(pl.lit("both addresses")).otherwise(pl.lit("an address"))
        + pl.lit("; the service does not know quotes and takes them for a part of it.")
    )
    first = pl.when(pl.col("source").str.contains('"')).then(pl.col("source")).otherwise(pl.col("destination"))
    return fnd.collect(
        [
            find("M505", wrong, side=SIDE, lines=one_line(), upn=_named(), a=words + _said(pl.col("address"))),
            find("M505", quoted, side=SIDE, lines=one_line(), upn=pl.col("s"), a=in_quotes + _said(first)),
        ]
    )


def _said(address: pl.Expr) -> pl.Expr:
    return pl.lit(" The service would say: ") + service_says("M505", address=address.str.slice(0, 120))


def _named() -> pl.Expr:
    return pl.when(pl.col("address") != "").then(pl.col("address").str.slice(0, 120))


def _problems(wrong: pl.DataFrame) -> pl.Expr:
    """What is wrong with each address, in words."""
    words = {
        text: upns.problem(text) for text in wrong["address"].unique(maintain_order=True).head(_MOST_WORDS) if text
    }
    plain = pl.col("address").str.slice(0, 120) + pl.lit(" is not a valid address.")
    if not words:
        return plain
    return pl.col("address").replace_strict(words, default=plain, return_dtype=pl.String)


@check("M506")
def duplicate_address(given: Given) -> pl.DataFrame:
    rows = given.rows
    if given.all_different:
        return fnd.empty()
    found = []
    for column, key, other in (("source", "s", "t_key"), ("destination", "t", "s_key")):
        repeated = rows.filter(pl.col(f"{key}_key").is_not_null() & pl.col(f"{key}_key").is_duplicated())
        groups = repeated.group_by(f"{key}_key").agg(
            pl.col(key).first().alias("address"),
            pl.col("line").sort().alias("numbers"),
            # Whether all of them are one and the same line; empty columns are not the same.
            whole=(pl.col(other).n_unique() == 1) & pl.col(other).first().is_not_null(),
        )
        found.append(groups.select(pl.lit(column).alias("column"), pl.all().exclude(f"{key}_key")))
    sources, destinations = found
    # A line that stands twice is one fault, although both of its columns do.
    destinations = destinations.filter(~pl.col("whole"))
    wider = destinations["numbers"].explode()
    sources = sources.filter(~(pl.col("whole") & pl.col("numbers").list.first().is_in(wider.implode())))
    groups = pl.concat([sources, destinations])
    same = pl.when("whole").then(pl.lit("source (with the same destination)")).otherwise(pl.col("column"))
    return find(
        "M506",
        groups,
        side=SIDE,
        lines=pl.col("numbers"),
        upn=pl.col("address"),
        a=same,
        b=pl.col("address"),
        c=service_says("M506", lines=numbers(pl.col("numbers")), address=pl.col("address")),
    )


@check("M507")
def target_same_as_source(given: Given) -> pl.DataFrame:
    same = given.rows.filter(pl.col("s_key") == pl.col("t_key"))
    said = service_says("M507", lines=pl.col("line").cast(pl.String))
    return find("M507", same, side=SIDE, lines=one_line(), upn=pl.col("s"), b=pl.col("s"), c=said)


@check("M508")
def surrounding_blanks(given: Given) -> pl.DataFrame:
    typed = pl.when("quoted").then(pl.col("typed").str.replace_all('"', "", literal=True)).otherwise(pl.col("typed"))
    blank = (typed != typed.str.strip_chars(BLANKS)) & (pl.col("address") != "")
    cells = given.cells.filter(blank)
    severity: pl.Expr | str = "error"
    if given.profile == "support-request":  # as its documentation shows it
        usual = (pl.col("column") == "destination") & (pl.col("typed") == pl.lit(" ") + pl.col("address"))
        severity = pl.when(usual).then(pl.lit("warning")).otherwise(pl.lit("error"))
    words = pl.lit("the ") + pl.col("column") + pl.lit(" ") + pl.col("address").str.slice(0, 120)
    return find("M508", cells, severity=severity, side=SIDE, lines=one_line(), upn=_named(), a=words)


@check("M512")
def invisible_or_lookalike(given: Given) -> pl.DataFrame:
    wrong = given.invalid.filter(_ODD_LETTER)
    return find("M512", wrong, side=SIDE, lines=one_line(), upn=_named(), a=_problems(wrong))


@check("M514")
def chained_address(given: Given) -> pl.DataFrame:
    if given.all_different:
        return fnd.empty()
    apart = given.rows.filter((pl.col("s_key") != pl.col("t_key")).fill_null(value=True))
    left = apart.select("line", key="s_key", address="s").filter(pl.col("key").is_not_null())
    right = apart.select("line", key="t_key", address="t").filter(pl.col("key").is_not_null())
    both = pl.concat([left.join(right, on="key", how="semi"), right.join(left, on="key", how="semi")])
    groups = both.group_by("key").agg(pl.col("line").unique().sort().alias("numbers"), pl.col("address").first())
    return find("M514", groups, side=SIDE, lines=pl.col("numbers"), upn=pl.col("address"), b=pl.col("address"))


@check("M515")
def outlier_domain(given: Given) -> pl.DataFrame:
    """A domain on one or two of many lines, unless it is expected: often a spelling mistake."""
    found = []
    for column, key in (("source", "s_key"), ("destination", "t_key")):
        domains = given.rows.select("line", domain=upns.domain(pl.col(key))).drop_nulls()
        if domains.height < _MANY:
            continue
        counted = domains.group_by("domain").agg(number=pl.len())
        rare = counted.filter(
            (pl.col("number") <= _FEW) & ~pl.col("domain").is_in(list(given.expected.get(column, ())))
        )
        if rare.is_empty():
            continue
        usual = counted.filter(pl.col("number") > _FEW).sort("number", "domain", descending=[True, False])
        lines = domains.join(rare, on="domain", how="semi").group_by("domain").agg(pl.col("line").sort())
        for domain, at in lines.sort("domain").iter_rows():
            near = get_close_matches(domain, usual["domain"].head(_MOST_WORDS).to_list(), 1, 0.8)
            other = near or usual["domain"].head(1).to_list()
            words = f"{listing(at)} only, of {domains.height:,}"
            if other:
                words += f"; {other[0]} is on {usual.filter(pl.col('domain') == other[0])['number'][0]:,}"
            found.append(fnd.one("M515", side=SIDE, lines=at, a=column, b=domain, c=words))
    return fnd.collect(found)
