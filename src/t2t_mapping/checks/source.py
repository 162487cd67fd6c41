"""The source user: what is wrong with it whatever its destination is."""

from __future__ import annotations

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping import upn as upns
from t2t_mapping.checks.registry import (
    ACTIVE,
    Answer,
    Facts,
    Skipped,
    check,
    shared_mailbox,
    warn_by_rule,
)
from t2t_mapping.checks.rule_lines import unlisted
from t2t_mapping.findings import find
from t2t_mapping.names.functional import functional
from t2t_mapping.schema import FAULT_WORDS

__all__ = []


@check("I106")
def invalid_upn(given: Facts) -> Answer:
    written = pl.col("upn").is_not_null() | pl.col("fault").is_not_null()  # a formula may have no value
    wrong = given.active(written & pl.col("upn_key").is_null())
    found = [find("I106", wrong, side="source", a=_problems(wrong))]
    if given.destination is not None:
        # Nobody is held through a destination account that cannot be read; it just cannot be anybody's destination.
        other = given.destination.filter(written & pl.col("upn_key").is_null())
        found.append(find("I106", other, severity="warning", side="destination", a=_problems(other)))
    return fnd.collect(found)


def _problems(wrong: pl.DataFrame) -> pl.Expr:
    """What is wrong with each address, in words; only ever asked for the few that are wrong."""
    words = {text: upns.problem(text) for text in wrong.filter(pl.col("fault").is_null())["upn"].unique().head(1_000)}
    in_cell = (
        pl.lit("The cell of the user principal name holds ")
        + pl.col("fault").replace_strict(
            FAULT_WORDS,
            default="something that is not plain text",
            return_dtype=pl.String,
        )
        + pl.lit(", not a plain address.")
    )
    return (
        pl.when(pl.col("fault").is_not_null())
        .then(in_cell)
        .otherwise(
            pl.col("upn").replace_strict(
                words, default=pl.lit("This is not a user principal name."), return_dtype=pl.String
            )
            if words
            else pl.lit("This is not a user principal name.")
        )
    )


@check("I107")
def missing_upn(given: Facts) -> Answer:
    missing = given.active(pl.col("upn").is_null() & pl.col("fault").is_null())
    return find("I107", missing, side="source", a=pl.lit("name: ") + pl.col("full_name").fill_null("none"))


@check("U201")
def source_disabled(given: Facts) -> Answer:
    return find("U201", given.active(~pl.col("enabled")), side="source")


@check("U202")
def source_unlicensed(given: Facts) -> Answer:
    severity = (
        pl.when(pl.col("admin"))
        .then(pl.lit("info"))
        .when(pl.col("kind") == "non-interactive")
        .then(pl.lit("warning"))
        .otherwise(pl.lit("error"))
    )
    implied = pl.when(pl.col("licensed_by") == "view").then(
        pl.lit(" (implied by the view Administrative Access Users; no column says so)")
    )
    doubt = (
        ""
        if given.source["licensed"].any()
        else " (nobody in the source exports has one: was the column of licences asked for?)"
    )
    words = implied.otherwise(pl.lit(doubt))
    return find("U202", given.active(~pl.col("licensed")), severity=severity, side="source", a=words)


@check("U203")
def not_a_person(given: Facts) -> Answer:
    wrong = given.frame.filter(pl.col("exclusion") == "U203").with_columns(
        upn=pl.coalesce("upn", "full_name", pl.lit("(no name)"))
    )
    # In a mapping file such a line is an error; a user who is merely left out is not.
    severity = "error" if given.judging else None
    return find("U203", wrong, severity=severity, side="source", a=pl.col("reason"))


@check("U204")
def non_interactive_account(given: Facts) -> Answer:
    if given.source["access_mode"].null_count() == given.source.height:
        return Skipped("no source export has the column Access Mode")
    return find("U204", given.active(pl.col("kind") == "non-interactive"), side="source")


@check("U205")
def source_not_in_export(given: Facts) -> Answer:
    exact = given.rules.frame.filter("exact").unique("source_key", keep="first", maintain_order=True)
    rules = find("U205", unlisted(exact, given.source), side="rules", upn=pl.col("source"), row=pl.col("line"))
    if not given.judging:
        return rules
    lines = given.frame.join(given.source, on="upn_key", how="anti", maintain_order="left")
    return fnd.collect([rules, find("U205", lines, severity="error", side="mapping")])


@check("U206")
def source_deleted(given: Facts) -> Answer:
    return find("U206", given.active(pl.col("deleted").is_not_null()), side="source", a=pl.col("deleted"))


@check("U208")
def source_status_not_understood(given: Facts) -> Answer:
    said = pl.concat_str("unclear_status", "unclear_licence", separator="; ", ignore_nulls=True)
    unclear = pl.col("unclear_status").is_not_null() | pl.col("unclear_licence").is_not_null()
    return find("U208", given.active(unclear), side="source", a=said)


_GUID = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
_SYSTEM_LOCAL_PARTS = (
    "crmoln",
    "crmoln2",
    "bap_sa",
    "capaeinfra",
    "diofficedata",
    "pacheckerapp",
    "provisionapp",
    "enterprisesurveyappuser",
)


@check("U207")
def perhaps_not_a_person(given: Facts) -> Answer:
    looks = (
        pl.when(shared_mailbox())
        .then(pl.lit("it is listed as ") + pl.col("reason"))
        .when(pl.col("local_part").str.contains(_GUID))
        .then(pl.lit("the part before the @ is an identifier"))
        .when(pl.col("local_part").is_in(_SYSTEM_LOCAL_PARTS))
        .then(pl.lit("system accounts of the service are called so"))
        .when(pl.col("full_name").is_in(["SYSTEM", "INTEGRATION"]))
        .then(pl.lit("users of the service itself are called so"))
        .when(pl.col("full_name").str.starts_with("#"))
        .then(pl.lit("its name begins with #, as those of application users do"))
        # Accounts that are known to be non-interactive are told by U204.
        .when(functional(given.names.rows["folded"]) & (pl.col("kind") != "non-interactive"))
        .then(pl.lit("it is called after what it does, not after a person: ") + pl.col("full_name"))
    )
    users = given.frame.with_columns(looks=looks).filter(ACTIVE, pl.col("looks").is_not_null())
    return find("U207", users, severity=warn_by_rule(), side="source", a=pl.col("looks"))
