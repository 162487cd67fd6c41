"""The environment after the move against the mapping that was uploaded (`verify`): who arrived, and with which record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping.after.approved import records
from t2t_mapping.after.mappings import EMPTY, Comparison, read_mapping
from t2t_mapping.errors import InputError, Problem
from t2t_mapping.outputs.handout import Handout, Sheet
from t2t_mapping.outputs.notebook import tables_html, tables_text
from t2t_mapping.run.exports import Exports, Many
from t2t_mapping.run.mapping_source import AnyMapping
from t2t_mapping.run.reading import read_sides
from t2t_mapping.users.load import Input

__all__ = ["ARRIVALS", "Verification", "verify"]

ARRIVALS = ("arrived", "disabled", "other-record", "still-at-source", "missing")
"""What became of a mapped user; all of them add up to the mapping."""


@dataclass(frozen=True, eq=False, repr=False)
class Verification(Comparison):
    """What became of a mapping.

    Attributes:
        users: `source, destination, arrival` of every mapped user, see `ARRIVALS`.
        unplanned: `upn, full_name, kind` of people in the environment whom no line of the mapping names.
        inputs: What was read.
    """

    users: pl.DataFrame = field(default_factory=pl.DataFrame)
    unplanned: pl.DataFrame = field(default_factory=pl.DataFrame)
    inputs: tuple[Input, ...] = ()

    def handout(self) -> Handout:
        """Who has arrived, and who has not."""
        counts = self._counts
        absent = self.users.filter(pl.col("arrival") != "arrived")
        if absent.height:
            number = f"{absent.height:,} of {self.users.height:,} mapped users have"
            verdict = ("nothing", "Not complete", f"{number} not arrived, or are disabled.")
            steps = ["Tell Microsoft support about the users below, with the mapping that was uploaded."]
        else:
            verdict = ("ready", "Complete", f"All {self.users.height:,} mapped users have arrived.")
            steps = []
        notes = {
            "arrived": "at the destination address",
            "disabled": "there, but disabled",
            "other record": "the address and the record do not belong together",
            "still at source": "still at the source address",
            "missing": "at neither address",
        }
        kinds = {
            "arrived": "mapped",
            "disabled": "excluded",
            "other record": "held",
            "still at source": "held",
            "missing": "held",
        }
        return Handout(
            "The mapping after the move",
            verdict,
            [(kinds[word], word, number, notes[word]) for word, number in counts.items()],
            self.findings,
            steps=steps,
            sheets=(
                Sheet("Mapped users who have not arrived", "not-arrived.csv", absent),
                Sheet("People whom the mapping does not name", "unplanned.csv", self.unplanned),
                Sheet("Every mapped user", "users.csv", self.users),
            ),
            skipped=self.skipped,
            files=[item.file for item in self.inputs if item.sha256],
        )

    def __repr__(self) -> str:
        return tables_text("Verification", self._counts)

    def _repr_html_(self) -> str:
        words = ", ".join(f"{number:,} {kind}" for kind, number in self._counts.items())
        absent = self.users.filter(pl.col("arrival") != "arrived")
        tables = {"Mapped users who have not arrived": absent, "People whom the mapping does not name": self.unplanned}
        return tables_html(f"{words}.", tables, self.findings, self.skipped)

    @property
    def _counts(self) -> dict[str, int]:
        return {kind.replace("-", " "): self.summary[kind.replace("-", "_")] for kind in ARRIVALS}


def verify(
    mapping: AnyMapping,
    after: Many,
    *,
    sheet: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> Verification:
    """Look for every mapped user in fresh exports of the moved environment.

    Args:
        mapping: The mapping that was uploaded (a file, its run folder, bytes, or a frame).
        after: Exports of the environment's users after the move; also of disabled users, if those are to be found.
        sheet: The sheet to read where a workbook has several that list users.
        progress: Called with a short text whenever a step is done, possibly from another thread.

    Raises:
        InputError: The mapping is none, or an export cannot be read.
    """
    problems: list[Problem] = []
    lines = pl.DataFrame(schema=EMPTY)
    try:
        lines = read_mapping(mapping)
    except InputError as error:
        problems += error.problems
    try:
        sides = read_sides(Exports(destination=after, sheet=sheet), need_source=False, progress=progress)
    except InputError as error:
        raise InputError(*problems, *error.problems) from None
    if problems:
        raise InputError(*problems)
    if sides.destination is None:
        raise InputError(Problem("I102", "There is no export of the environment after the move.", side="destination"))
    return _verified(lines, sides.destination, sides.findings, sides.inputs, records(mapping))


def _verified(
    lines: pl.DataFrame,
    listed: pl.DataFrame,
    read: pl.DataFrame,
    inputs: tuple[Input, ...],
    known_records: pl.DataFrame | str,
) -> Verification:
    moved = _records(lines, listed, known_records)
    good = ~pl.col("enabled").fill_null(value=True) | pl.col("deleted").is_not_null()
    known = listed.filter(pl.col("upn_key").is_not_null())
    there = known.select(
        destination_key="upn_key", there=pl.lit(value=True), off=good, file="file", sheet="sheet", row="row"
    )
    here = known.select(source_key="upn_key", here=pl.lit(value=True))
    users = lines.join(there, on="destination_key", how="left", maintain_order="left")
    users = users.join(here, on="source_key", how="left", maintain_order="left")
    users = users.join(moved, on="source_key", how="left", maintain_order="left")
    # A source address that is still listed is bad even where the destination is listed too: the records stay behind.
    users = users.with_columns(
        arrival=pl.when("here")
        .then(pl.lit("still-at-source"))
        .when(pl.col("record").is_not_null())
        .then(pl.lit("other-record"))
        .when(pl.col("there").is_null())
        .then(pl.lit("missing"))
        .when("off")
        .then(pl.lit("disabled"))
        .otherwise(pl.lit("arrived"))
        .cast(pl.Enum(ARRIVALS))
    )
    unplanned = _unplanned(lines, listed)
    arrival = pl.col("arrival")
    apart = pl.col("destination") + pl.when("there").then(pl.lit(" is there as well, as another user")).otherwise(
        pl.lit(" is not there")
    )
    found = [
        read,
        fnd.find("V901", users.filter(arrival == "missing"), side="destination", upn=_SOURCE, a=pl.col("destination")),
        fnd.find("V902", users.filter(arrival == "still-at-source"), side="destination", upn=_SOURCE, a=apart),
        fnd.find("V903", users.filter(arrival == "disabled"), side="destination", upn=_SOURCE, a=pl.col("destination")),
        fnd.find("V904", unplanned, side="destination", upn=pl.coalesce("upn", "full_name")),
        fnd.find("V906", users.filter(arrival == "other-record"), side="destination", upn=_SOURCE, a=pl.col("record")),
    ]
    tally = dict(users["arrival"].cast(pl.String).value_counts().iter_rows())
    people = listed.filter(_PEOPLE).height
    counts = {
        "mapped": lines.height,
        **{kind.replace("-", "_"): tally.get(kind, 0) for kind in ARRIVALS},
        "environment": people,
        "planned": people - unplanned.height,
        "unplanned": unplanned.height,
        "not_people": listed.height - people,
    }
    findings = fnd.render(fnd.collect(found))
    return Verification(
        findings,
        counts,
        _unseen(listed) | _without_ids(listed, known_records),
        users.select("source", "destination", "arrival"),
        unplanned.select("upn", "full_name", "kind"),
        inputs,
    )


def _records(lines: pl.DataFrame, listed: pl.DataFrame, known: pl.DataFrame | str) -> pl.DataFrame:
    """`source_key, record`: in words, whose record carries another address now, or whose address another record."""
    if isinstance(known, str):
        return pl.DataFrame(schema={"source_key": pl.String, "record": pl.String})
    several = listed.filter(pl.col("other_user_ids").is_not_null())
    now = pl.concat(
        [
            listed.select("user_id", now="upn", now_key="upn_key"),
            several.select(user_id="other_user_ids", now="upn", now_key="upn_key").explode(
                "user_id", empty_as_null=False, keep_nulls=False
            ),
        ]
    ).drop_nulls("user_id")
    planned = lines.join(known, on="source_key").join(now.unique("user_id", keep="first"), on="user_id", how="left")
    at = now.group_by(destination_key="now_key").agg(ids=pl.col("user_id"))
    planned = planned.join(at, on="destination_key", how="left")
    elsewhere = (pl.col("now_key") != pl.col("destination_key")) & (pl.col("now_key") != pl.col("source_key"))
    nameless = pl.col("now").is_null() & pl.col("now_key").is_null()
    gone = nameless & pl.col("ids").is_not_null()
    words = (
        pl.when(gone)
        .then(
            pl.lit("another record has the address ")
            + pl.col("destination")
            + pl.lit(" now; the record of the user, ")
            + pl.col("user_id")
            + pl.lit(", is not in the exports")
        )
        .otherwise(
            pl.lit("the record of the user, ")
            + pl.col("user_id")
            + pl.lit(", is at ")
            + pl.col("now")
            + pl.lit(" now, not at ")
            + pl.col("destination")
        )
    )
    wrong = planned.filter((elsewhere | gone).fill_null(value=False))
    return wrong.select("source_key", record=words).sort("source_key")


def _without_ids(listed: pl.DataFrame, known: pl.DataFrame | str) -> dict[str, str]:
    if isinstance(known, str):
        return {"V906": known}
    if listed["user_id"].null_count() == listed.height:
        return {"V906": "the exports after the move have no systemuserids"}
    return {}


_SOURCE = pl.col("source")
_PEOPLE = ~pl.col("kind").is_in(["application", "system"])


def _unplanned(lines: pl.DataFrame, listed: pl.DataFrame) -> pl.DataFrame:
    planned = pl.concat([lines["source_key"], lines["destination_key"]]).unique()
    known = pl.col("upn_key").is_in(planned.implode()).fill_null(value=False)
    return listed.filter(_PEOPLE & ~known)


def _unseen(listed: pl.DataFrame) -> dict[str, str]:
    if listed["enabled"].null_count() == listed.height:
        return {"V903": "no export says who is enabled"}
    if (listed["enabled_by"].drop_nulls() == "view").all():
        return {"V903": "the exports list enabled users only, so a disabled user counts as missing"}
    return {}
