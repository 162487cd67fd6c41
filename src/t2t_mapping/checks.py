"""Frames → findings: one small function per code, all of it expressions over one wide frame of facts.

The frame of facts has one row per source user (or per line, when a mapping file is judged): the user's own columns, the
columns of `match.PAIRS`, and the destination's columns with the prefix `d_`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from t2t_mapping import circumstances, licences, names
from t2t_mapping import findings as fnd
from t2t_mapping import upn as upns
from t2t_mapping.findings import find
from t2t_mapping.repeated import repeated
from t2t_mapping.rules import RuleTable
from t2t_mapping.schema import FAULT_WORDS

__all__ = ["CHECKS", "Facts", "Skipped", "facts", "hold_chains", "run", "swapped_sides", "tenant_words"]

_KEPT = (
    "upn",
    "upn_key",
    "local_part",
    "domain",
    "full_name",
    "other_names",
    "view",
    "enabled",
    "licensed",
    "access_mode",
    "kind",
    "reason",
    "deleted",
    "fault",
    "file",
    "sheet",
    "row",
)
_OF_DESTINATION = (
    "local_part",
    "domain",
    "full_name",
    "other_names",
    "enabled",
    "licensed",
    "licenses",
    "kind",
    "reason",
    "deleted",
    "file",
    "sheet",
    "row",
)
_NO_EXPORT = "there is no destination export"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A check that could not run, and why. Never a pass."""

    reason: str


@dataclass(frozen=True)
class Facts:
    """All that a check may look at.

    `frame` has one row per source user, at the position `user`. `judging` is true when a given
    mapping file is judged, rather than one being made.
    """

    frame: pl.DataFrame
    source: pl.DataFrame
    destination: pl.DataFrame | None
    rules: RuleTable
    domains: tuple[str, ...] = ()
    judging: bool = False

    # Never the frame of all active users: of a million, a copy of it takes a quarter of a gigabyte.

    def active(self, *where: pl.Expr) -> pl.DataFrame:
        """Those users that no rule, no proof and no missing opt-in excludes."""
        return self.frame.filter(_ACTIVE, *where)

    def paired(self, *where: pl.Expr) -> pl.DataFrame:
        """Those active users with one destination, listed in an export or not."""
        return self.frame.filter(_PAIRED, *where)

    def known(self, *where: pl.Expr) -> pl.DataFrame:
        """Those active users whose destination is listed in a destination export."""
        return self.frame.filter(_KNOWN, *where)


_ACTIVE = ~pl.col("excluded")
_PAIRED = _ACTIVE & pl.col("target").is_not_null()
_KNOWN = _ACTIVE & pl.col("d").is_not_null()

Answer = pl.DataFrame | Skipped
CHECKS: dict[str, Callable[[Facts], Answer]] = {}
"""Code -> check. A helper for tests: `CHECKS["U201"](facts)` runs one alone."""


def check(code: str) -> Callable[[Callable[[Facts], Answer]], Callable[[Facts], Answer]]:
    """Registers the one function that can emit a code."""

    def register(function: Callable[[Facts], Answer]) -> Callable[[Facts], Answer]:
        CHECKS[code] = function
        return function

    return register


def tenant_words(*frames: pl.DataFrame | None) -> frozenset[str]:
    """The tenants' own names, as their domains spell them: they may stand in brackets behind a name."""
    common = {"com", "net", "org", "edu", "gov", "info", "onmicrosoft", "onmschina", "partner", "mail"}
    labels: set[str] = set()
    for frame in frames:
        if frame is not None:
            for name in frame["domain"].unique().drop_nulls():
                labels |= {label for label in name.split(".")[:-1] if len(label) > 2}
    return frozenset(labels - common)


def facts(
    source: pl.DataFrame,
    destination: pl.DataFrame | None,
    pairs: pl.DataFrame,
    rules: RuleTable,
    *,
    domains: Sequence[str] = (),
    include_admins: bool = False,
    judging: pl.DataFrame | None = None,
) -> Facts:
    """Put everything about each user side by side, and decide who is excluded.

    Args:
        judging: Where a given mapping file is judged, `source` has one row per line of it, and this is the frame of all
            source users.

    The order of exclusion: by a rule line; because it is not a person (U203); an administrative user who was not opted
    in (P309).
    """
    wide = source.select(_KEPT).with_row_index("user")
    wide = pl.concat([wide, pairs], how="horizontal")
    listed = destination if destination is not None else source.clear()
    if listed.height:
        gathered = listed.select(pl.col(column).alias(f"d_{column}") for column in _OF_DESTINATION)[pairs["d"]]
    else:
        gathered = listed.select(pl.col(column).alias(f"d_{column}") for column in _OF_DESTINATION).clear(wide.height)
    wide = pl.concat([wide, gathered], how="horizontal")
    admin = (
        pl.when(pl.col("access_mode").is_not_null())
        .then(pl.col("access_mode") == "administrative")
        .otherwise(pl.col("view") == "admin")
    )
    stale = pl.col("user").is_in(circumstances.stale(wide, rules.frame)["user"].implode())
    by_rule = pl.col("rung").eq_missing(pl.lit("rule", dtype=pairs.schema["rung"]))
    wide = wide.with_columns(
        admin=admin,
        by_rule=by_rule,
        d_domain=upns.domain(pl.col("target_key")),
        exclusion=pl.when(pl.col("excluded_line").is_not_null() & ~stale)  # a stale decision decides nothing
        .then(pl.lit("rule"))
        .when(pl.col("kind").is_in(["application", "system"]))
        .then(pl.lit("U203"))
        .when(admin & ~by_rule & ~pl.lit(include_admins))
        .then(pl.lit("P309")),
    ).with_columns(excluded=pl.col("exclusion").is_not_null())
    everybody = source if judging is None else judging
    wide = wide.with_columns(verdict=_verdicts(wide, tenant_words(everybody, destination)))
    held = (pl.col("verdict") == "contradictory") & ~pl.col("noted")
    wide = wide.with_columns(contradicted=held.fill_null(value=False))
    return Facts(wide, everybody, destination, rules, tuple(domains), judging is not None)


def _verdicts(wide: pl.DataFrame, words: frozenset[str]) -> pl.Series:
    """The worst verdict over all listed names of both sides; null where there is no destination user to compare with."""
    pairs = wide.select(
        "user", "local_part", "d_local_part", "full_name", "d_full_name", "other_names", "d_other_names", "d"
    ).filter(pl.col("d").is_not_null())
    nothing = pl.Series("verdict", [None], dtype=pl.Enum(names.VERDICTS)).new_from_index(0, wide.height)
    if pairs.is_empty():
        return nothing
    plain = pl.col("other_names").is_null() & pl.col("d_other_names").is_null()
    columns = ["user", "local_part", "d_local_part", "full_name", "d_full_name"]
    spread = pairs.filter(~plain)
    if spread.height:
        spread = (
            spread.with_columns(
                full_name=pl.concat_list(
                    "full_name", pl.col("other_names").fill_null(pl.lit([], dtype=pl.List(pl.String)))
                ),
                d_full_name=pl.concat_list(
                    "d_full_name", pl.col("d_other_names").fill_null(pl.lit([], dtype=pl.List(pl.String)))
                ),
            )
            .explode("full_name", empty_as_null=True, keep_nulls=True)
            .explode("d_full_name", empty_as_null=True, keep_nulls=True)
        )
    every = pl.concat([pairs.filter(plain).select(columns), spread.select(columns)])
    verdict = names.compare(
        every.select(left="full_name", right="d_full_name", left_local="local_part", right_local="d_local_part"),
        tenant_words=words,
    )
    judged = every.select("user").with_columns(verdict=verdict)
    if spread.height:
        judged = judged.group_by("user").agg(pl.col("verdict").max())
    return wide.select("user").join(judged, on="user", how="left", maintain_order="left")["verdict"]


def run(given: Facts) -> tuple[pl.DataFrame, dict[str, str]]:
    """Every check, once.

    Returns:
        The findings, and code -> reason for the checks that could not run.
    """
    found, skipped = [], {}
    for code, function in CHECKS.items():
        answer = function(given)
        if isinstance(answer, Skipped):
            skipped[code] = answer.reason
        else:
            found.append(answer)
    return fnd.collect(found), skipped


def _warn_by_rule(otherwise: str = "error") -> pl.Expr:
    return pl.when("by_rule").then(pl.lit("warning")).otherwise(pl.lit(otherwise))


_AT_DESTINATION: dict[str, pl.Expr | str] = {
    "side": "destination",
    "file": pl.col("d_file"),
    "sheet": pl.col("d_sheet"),
    "row": pl.col("d_row"),
}
"""Findings about the destination point to its own row where an export lists it."""


# --- the source user --------------------------------------------------------------------------------------------------


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
            default="something that is no plain text",
            return_dtype=pl.String,
        )
        + pl.lit(", not a plain address.")
    )
    return (
        pl.when(pl.col("fault").is_not_null())
        .then(in_cell)
        .otherwise(
            pl.col("upn").replace_strict(
                words, default=pl.lit("This is no user principal name."), return_dtype=pl.String
            )
            if words
            else pl.lit("This is no user principal name.")
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
    return find("U202", given.active(~pl.col("licensed")), severity=severity, side="source")


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
    rules = find("U205", _unlisted(exact, given.source), side="rules", upn=pl.col("source"), row=pl.col("line"))
    if not given.judging:
        return rules
    lines = given.frame.join(given.source, on="upn_key", how="anti", maintain_order="left")
    return fnd.collect([rules, find("U205", lines, severity="error", side="mapping")])


def _unlisted(lines: pl.DataFrame, source: pl.DataFrame) -> pl.DataFrame:
    """Rule lines whose source no export lists; an invalid text may be listed as typed."""
    if lines.is_empty():
        return lines
    known = source.select(source_key=pl.coalesce(upns.fold(pl.col("upn")), "upn"))
    return lines.join(known, on="source_key", how="anti", maintain_order="left")


@check("U206")
def source_deleted(given: Facts) -> Answer:
    return find("U206", given.active(pl.col("deleted").is_not_null()), side="source", a=pl.col("deleted"))


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
        pl.when(pl.col("local_part").str.contains(_GUID))
        .then(pl.lit("the part before the @ is an identifier"))
        .when(pl.col("local_part").is_in(_SYSTEM_LOCAL_PARTS))
        .then(pl.lit("system accounts of the service are called so"))
        .when(pl.col("full_name").is_in(["SYSTEM", "INTEGRATION"]))
        .then(pl.lit("users of the service itself are called so"))
        .when(pl.col("full_name").str.starts_with("#"))
        .then(pl.lit("its name begins with #, as those of application users do"))
    )
    return find("U207", given.active(looks.is_not_null()), severity=_warn_by_rule(), side="source", a=looks)


# --- the destination user ---------------------------------------------------------------------------------------------


@check("U211")
def destination_missing(given: Facts) -> Answer:
    none = given.active(
        pl.col("upn_key").is_not_null()
        & ~pl.col("ambiguous")
        & pl.col("target").is_null()
        & ~pl.col("by_rule")
        & pl.col("excluded_line").is_null()
    )
    why = (
        pl.when(pl.col("unfilled"))
        .then(
            pl.lit("the rule's template needs a full name of two words, this one is ")
            + pl.col("full_name").fill_null("empty")
        )
        .otherwise(
            pl.lit("no destination user has this address, its alias or the same part before the @")
            if given.destination is not None
            else pl.lit("there is no destination export, and no rule names a destination")
        )
    )
    found = [find("U211", none, side="source", a=why)]
    if given.destination is not None:
        unlisted = given.paired(pl.col("d").is_null())
        words = pl.lit("no destination export lists ") + pl.col("target")
        found.append(find("U211", unlisted, side="source", a=words))
        deleted = given.known(pl.col("d_deleted").is_not_null())
        words = pl.col("target") + pl.lit(" is deleted (") + pl.col("d_deleted") + pl.lit(")")
        found.append(find("U211", deleted, **_AT_DESTINATION, a=words))
    return fnd.collect(found)


@check("U212")
def destination_disabled(given: Facts) -> Answer:
    if given.destination is None:
        return Skipped(_NO_EXPORT)
    users = given.known(~pl.col("d_enabled"))
    return find("U212", users, **_AT_DESTINATION, a=pl.col("target"))


@check("U213")
def destination_unlicensed(given: Facts) -> Answer:
    if given.destination is None:
        return Skipped(_NO_EXPORT)
    users = given.known(~pl.col("d_licensed"))
    return find("U213", users, **_AT_DESTINATION, a=pl.col("target"))


@check("U214")
def destination_licence_unknown(given: Facts) -> Answer:
    if given.destination is None:
        return Skipped(_NO_EXPORT)
    users = given.known(pl.col("d_licensed").is_null())
    return find("U214", users, **_AT_DESTINATION, a=pl.col("target"))


@check("U215")
def destination_status_unknown(given: Facts) -> Answer:
    if given.destination is None:
        return Skipped(_NO_EXPORT)
    users = given.known(pl.col("d_enabled").is_null())
    return find("U215", users, **_AT_DESTINATION, a=pl.col("target"))


@check("U216")
def destination_guest(given: Facts) -> Answer:
    if given.destination is None:
        return Skipped(_NO_EXPORT)
    users = given.known(pl.col("d_kind") == "guest")
    named = pl.when(pl.col("rule_line").is_not_null()).then(pl.lit("warning")).otherwise(pl.lit("error"))
    return find("U216", users, severity=named, **_AT_DESTINATION, a=pl.col("target"))


@check("U217")
def destination_weak_licence(given: Facts) -> Answer:
    if given.destination is None:
        return Skipped(_NO_EXPORT)
    if given.destination["licenses"].null_count() == given.destination.height:
        return Skipped("no destination export names the licences")
    users = given.known(pl.col("d_licensed") & pl.col("d_licenses").is_not_null())
    texts = users["d_licenses"].unique()
    strengths = licences.strength(texts).cast(pl.String)
    weak = texts.filter(strengths == "weak")
    users = users.filter(pl.col("d_licenses").is_in(weak.implode()))
    return find("U217", users, **_AT_DESTINATION, a=pl.col("target"), b=pl.col("d_licenses").str.slice(0, 200))


@check("U218")
def destination_not_a_person(given: Facts) -> Answer:
    if given.destination is None:
        return Skipped(_NO_EXPORT)
    users = given.known(pl.col("d_kind").is_in(["application", "system"]))
    return find("U218", users, **_AT_DESTINATION, a=pl.col("target"), b=pl.col("d_reason"))


# --- the pair ---------------------------------------------------------------------------------------------------------


@check("P301")
def ambiguous_destination(given: Facts) -> Answer:
    users = given.active(pl.col("ambiguous"))
    return find("P301", users, side="source", a=pl.col("candidates").list.join(", "))


@check("P302")
def shared_destination(given: Facts) -> Answer:
    claims = given.frame.select("user", "target_key", claims=_PAIRED & ~pl.col("contradicted")).filter("claims")
    twice = claims.filter(repeated(claims["target_key"]))
    shared = given.frame.join(twice, on="user", how="semi", maintain_order="left")
    others = shared.group_by("target_key").agg(claimants=pl.col("upn").sort().head(10).str.join(", "))
    shared = shared.join(others, on="target_key", how="left", maintain_order="left")
    return find("P302", shared, side="source", a=pl.col("target"), b=pl.col("claimants"))


@check("P303")
def names_contradict(given: Facts) -> Answer:
    if given.destination is None:
        return Skipped(_NO_EXPORT)
    severity = pl.when("contradicted").then(pl.lit("error")).otherwise(pl.lit("warning"))
    return _about_names("P303", given.known(pl.col("verdict") == "contradictory"), severity)


@check("P304")
def names_doubtful(given: Facts) -> Answer:
    if given.destination is None:
        return Skipped(_NO_EXPORT)
    mild = pl.col("rung").is_in(["rule", "alias"])
    severity = pl.when(mild).then(pl.lit("warning")).otherwise(pl.lit("error"))
    return _about_names("P304", given.known(pl.col("verdict") == "doubtful"), severity)


@check("P305")
def names_unknown(given: Facts) -> Answer:
    if given.destination is None:
        return Skipped(_NO_EXPORT)
    weak = pl.col("rung").is_in(["pattern", "local-part"])
    severity = pl.when(weak).then(pl.lit("error")).otherwise(pl.lit("info"))
    return _about_names("P305", given.known(pl.col("verdict") == "unknown"), severity)


def _about_names(code: str, users: pl.DataFrame, severity: pl.Expr) -> pl.DataFrame:
    def listed(prefix: str) -> pl.Expr:
        others = pl.col(f"{prefix}other_names").list.head(5).list.join(" / ")
        return pl.concat_str(
            pl.col(f"{prefix}full_name").fill_null("no name"), others, separator=" / ", ignore_nulls=True
        )

    return find(code, users, severity=severity, side="source", a=pl.col("target"), b=listed(""), c=listed("d_"))


@check("P306")
def unverified_destination(given: Facts) -> Answer:
    if given.destination is not None:
        return fnd.empty()
    return find("P306", given.paired(), side="destination", a=pl.col("target"))


@check("P307")
def same_address(given: Facts) -> Answer:
    users = given.paired(pl.col("upn_key") == pl.col("target_key"))
    return find("P307", users, side="source", a=pl.col("target"))


@check("P308")
def unexpected_domain(given: Facts) -> Answer:
    if not given.domains:
        return Skipped("no --destination-domain was given")
    users = given.paired(~pl.col("d_domain").is_in(given.domains))
    return find("P308", users, side="destination", a=pl.col("target"), b=", ".join(given.domains))


@check("P309")
def admin_not_opted_in(given: Facts) -> Answer:
    users = given.frame.filter(pl.col("exclusion") == "P309").with_columns(upn=pl.coalesce("upn", "full_name"))
    return find("P309", users, side="source")


@check("P310")
def crosses_clouds(given: Facts) -> Answer:
    """A default domain tells the cloud of its tenant, and so of all users of that tenant."""
    source, destination = _only_cloud(given.source), _only_cloud(given.destination)
    here = pl.coalesce(upns.cloud(pl.col("domain")), pl.lit(source, dtype=pl.String))
    there = pl.coalesce(upns.cloud(pl.col("d_domain")), pl.lit(destination, dtype=pl.String))
    known = given.frame.select(paired=_PAIRED, cloud=here.is_not_null() | there.is_not_null())
    if known["paired"].any() and not (known["paired"] & known["cloud"]).any():
        return Skipped("no address has a default domain, which alone tells the cloud")
    return find("P310", given.paired(here != there), side="source", a=pl.col("target"), b=here, c=there)


def _only_cloud(frame: pl.DataFrame | None) -> str | None:
    if frame is None:
        return None
    native = frame.filter(pl.col("kind") != "system").select(name=pl.col("domain").unique())
    clouds = native.select(upns.cloud(pl.col("name")).drop_nulls().unique()).to_series().to_list()
    return str(clouds[0]) if len(clouds) == 1 else None


@check("P311")
def namesake(given: Facts) -> Answer:
    if given.destination is None:
        return Skipped(_NO_EXPORT)
    if given.destination["full_name"].null_count() == given.destination.height:
        return Skipped("no destination export has the column Full Name")
    weak = pl.col("rung").is_in(["pattern", "local-part"]) & (pl.col("verdict") != "contradictory")
    pairs = given.frame.select("user", "full_name", "d_full_name", weak=_KNOWN & weak).filter("weak")
    # Excluded users claim too: an administrative user who is left out is still the person behind that account.
    claimed = given.frame.filter(~pl.col("contradicted"))["d"].drop_nulls()
    free = given.destination.with_row_index("d").filter(
        ~pl.col("d").is_in(claimed.implode())
        & pl.col("kind").is_in(["person", "non-interactive"])
        & pl.col("upn_key").is_not_null()  # nobody can be sent to an account without a usable address
    )
    if free.is_empty():
        return fnd.empty()
    words = tenant_words(given.source, given.destination)

    def prepared(people: pl.DataFrame, key: str) -> pl.DataFrame:
        """Every way to write each name: with marks dropped, and with ä ö ü å ø spelt out."""
        plain = people.select(key, name=names.prepared(pl.col("name"), words))
        marked = people.filter(pl.col("name").str.len_bytes() != pl.col("name").str.len_chars())
        spelt = marked.select(key, name=names.prepared(pl.col("name"), words, spelt_out=True))
        return pl.concat([plain, spelt]).drop_nulls()

    unclaimed = (
        prepared(free.select("upn", name="full_name"), "upn")
        .group_by("name")
        .agg(namesakes=pl.col("upn").unique().sort().head(5).str.join(", "))
    )
    there = pairs.filter(pl.col("full_name").ne_missing(pl.col("d_full_name")))
    people = pl.concat([pairs.select("user", name="full_name"), there.select("user", name="d_full_name")])
    meant = prepared(people, "user").join(unclaimed, on="name")
    found = given.frame.join(meant.group_by("user").agg(pl.col("namesakes").min()), on="user", maintain_order="left")
    return find("P311", found, side="source", a=pl.col("target"), b=pl.col("namesakes"))


# --- the rules --------------------------------------------------------------------------------------------------------


@check("R402")
def rule_matches_nobody(given: Facts) -> Answer:
    exact = _unlisted(given.rules.frame.filter("exact"), given.source)
    idle = _patterns(given, [not _matched(given, pattern.regex).any() for pattern in given.rules.patterns])
    return _about_rules("R402", pl.concat([exact.select(idle.columns), idle]))


@check("R404")
def rule_shadowed(given: Facts) -> Answer:
    deciding = set(given.frame["pattern_line"].unique())
    again = given.rules.frame.filter("exact").filter(~pl.col("source_key").is_first_distinct())
    shadowed = _patterns(
        given,
        [pattern.line not in deciding and _matched(given, pattern.regex).any() for pattern in given.rules.patterns],
    )
    return _about_rules("R404", pl.concat([again, shadowed]))


@check("R405")
def stale_decision(given: Facts) -> Answer:
    stale = circumstances.stale(given.frame, given.rules.frame)
    users = given.frame.select("user", "upn", "excluded").filter(_ACTIVE).join(stale, on="user", maintain_order="left")
    return find(
        "R405",
        users,
        side="rules",
        file=given.rules.file,
        row=pl.col("line"),
        a=pl.col("decision"),
        b=pl.col("changed"),
    )


def _patterns(given: Facts, chosen: list[bool]) -> pl.DataFrame:
    """Of the pattern lines, in their order, those chosen; their numbers do not do, two sheets may both have a line 3."""
    return given.rules.frame.filter(~pl.col("exact")).filter(pl.Series(chosen, dtype=pl.Boolean))


def _matched(given: Facts, regex: str) -> pl.Series:
    return given.source["upn_key"].str.contains(regex)


def _about_rules(code: str, lines: pl.DataFrame) -> pl.DataFrame:
    text = pl.col("source") + pl.lit(",") + pl.col("destination").fill_null("")
    return find(
        code,
        lines,
        side="rules",
        a=text,
        row=pl.col("line"),
        lines=pl.concat_list("line"),
        upn=pl.lit(None, dtype=pl.String),
    )


# --- the run ----------------------------------------------------------------------------------------------------------


def swapped_sides(given: Facts, source_domains: Sequence[str] = ()) -> pl.DataFrame:
    """I109: the source's users all have destination domains, or the reverse. An error on the whole run."""
    here, there = _domains(given.source), _domains(given.destination)
    frame = given.rules.frame.filter(pl.col("destination").is_not_null())
    after = r"@([A-Za-z0-9.-]+)$"
    ruled = frame.select(
        pl.col("source").str.extract(after, 1).str.to_lowercase().alias("source"),
        pl.col("destination").str.extract(after, 1).str.to_lowercase().alias("destination"),
    )
    to = {*given.domains, *ruled["destination"]}
    start = {*source_domains, *ruled["source"]}
    shown = ", ".join(sorted(here)[:3])
    if here and here <= to and not here & start:
        said = f"All source users have addresses in {shown}, which are destination domains."
    elif there and there <= start and not there & to:
        said = f"All destination users have addresses in {', '.join(sorted(there)[:3])}, which are source domains."
    elif here and here == there:
        said = f"Source and destination users all have addresses in {shown}: the same tenant was exported twice."
    else:
        return fnd.empty()
    return fnd.one("I109", side="run", a=said)


def _domains(frame: pl.DataFrame | None) -> set[str]:
    if frame is None:
        return set()
    return set(frame.filter(pl.col("kind").is_in(["person", "non-interactive"]))["domain"].unique().drop_nulls())


def hold_chains(mapped: pl.DataFrame) -> pl.DataFrame:
    """P312 among the users that would be mapped: one's address is the destination of another. Both are held."""
    keys = mapped.select(key="upn_key")
    chained = mapped.select(key="target_key").join(keys, on="key", how="semi").unique()
    both = mapped.filter(
        pl.col("upn_key").is_in(chained["key"].implode()) | pl.col("target_key").is_in(chained["key"].implode())
    )
    at = pl.when(pl.col("upn_key").is_in(chained["key"].implode())).then(pl.col("upn")).otherwise(pl.col("target"))
    return find("P312", both, side="source", a=at)
