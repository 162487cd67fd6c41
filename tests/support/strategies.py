"""Small generated mergers, for the property tests: few names and addresses, so that everything collides."""

from __future__ import annotations

from typing import Any

import polars as pl
from hypothesis import strategies as st
from reference import Person, Rule

import t2t_mapping as t2t
from t2t_mapping.run.generation import generate

LOCAL_PARTS = ("ann.lee", "j.smith", "jsmith", "bob", "o'neil", "x-1", "svc-app")
SOURCE_DOMAINS = ("contoso.com", "sub.contoso.com")
DESTINATION_DOMAINS = ("fabrikam.com", "fabrikam.de")
NAMES = (
    "Ann Lee",
    "Lee, Ann",
    "Ann Marie Lee",
    "John Smith",
    "Jane Smith",
    "Bob Smith",
    "Robert Smith",
    "J Smith",
    "Jörg Müller",
    "Joerg Mueller",
    "# App",
    "SYSTEM",
    "bob",
    None,
)
MODES = (None, None, None, "read-write", "administrative", "non-interactive", "support-user")

_local = st.sampled_from(LOCAL_PARTS)
_truth = st.sampled_from((None, None, None, True, False))


def _upns(domains: tuple[str, ...]) -> st.SearchStrategy[str | None]:
    plain = st.builds(lambda local, domain: f"{local}@{domain}", _local, st.sampled_from(domains))
    shouted = plain.map(str.upper)
    odd = st.sampled_from((None, "аnn.lee@contoso.com", "bob@@contoso.com", "j.smith@contoso", "\u212aim@contoso.com"))
    return st.one_of(plain, plain, plain, plain, plain, shouted, odd)


source_people = st.lists(
    st.builds(
        Person,
        name=st.sampled_from(NAMES),
        upn=_upns(SOURCE_DOMAINS),
        view=st.sampled_from(("full", "full", "full", "admin")),
        status=_truth,
        licensed=_truth,
        mode=st.sampled_from(MODES),
        mail=st.one_of(
            st.none(),
            st.none(),
            st.builds(
                lambda local, domain: f"{local}@{domain}", _local, st.sampled_from(SOURCE_DOMAINS + DESTINATION_DOMAINS)
            ),
        ),
    ),
    min_size=1,
    max_size=8,
).filter(lambda people: all(person.name or person.upn for person in people))  # a blank row is no user
_ids = st.sampled_from((None, None, *(f"{n:08d}-0000-4000-8000-000000000000" for n in range(1, 7))))
_employees = st.sampled_from((None, None, None, "17", "18", "19", "N/A", "0"))
_further_source: Any = st.builds(
    Person,
    name=st.sampled_from(NAMES),
    upn=st.one_of(
        _upns(SOURCE_DOMAINS),
        _upns(SOURCE_DOMAINS),
        _upns(DESTINATION_DOMAINS),
        st.builds(
            lambda local, domain: f"{local}_{domain}#EXT#@contoso.onmicrosoft.com",
            _local,
            st.sampled_from(DESTINATION_DOMAINS),
        ),
    ),
    view=st.sampled_from(("full", "full", "admin", "directory")),
    status=_truth,
    user_name=st.one_of(st.none(), st.none(), _upns(SOURCE_DOMAINS + DESTINATION_DOMAINS)),
    object_id=_ids,
    user_id=_ids,
    employee_id=_employees,
)
_further_destination: Any = st.builds(
    Person,
    name=st.sampled_from(NAMES),
    upn=_upns(DESTINATION_DOMAINS + SOURCE_DOMAINS[:1]),
    view=st.sampled_from(("full", "full", "admin", "directory")),
    user_name=st.one_of(st.none(), st.none(), _upns(DESTINATION_DOMAINS)),
    object_id=_ids,
    user_id=_ids,
    employee_id=_employees,
)
identified_source = st.lists(_further_source, min_size=1, max_size=6).filter(
    lambda people: all(p.name or p.typed for p in people) and any(p.view != "directory" for p in people)
)
"""Source users with ids, second addresses and a directory."""

identified_destination = st.lists(_further_destination, max_size=6).filter(
    lambda people: all(p.name or p.typed for p in people)
)
_native = _upns(DESTINATION_DOMAINS)
_guests = st.builds(
    lambda local, domain: f"{local}_{domain}#EXT#@fabrikam.onmicrosoft.com", _local, st.sampled_from(SOURCE_DOMAINS)
)
destination_people = st.lists(
    st.builds(
        Person,
        name=st.sampled_from(NAMES),
        upn=st.one_of(_native, _native, _native, _guests, _upns(SOURCE_DOMAINS)),
        view=st.sampled_from(("full", "full", "admin", "directory")),
        status=_truth,
        licensed=_truth,
        mode=st.sampled_from(MODES),
        aliases=st.lists(
            st.builds(lambda local, domain: f"{local}@{domain}", _local, st.sampled_from(SOURCE_DOMAINS)), max_size=1
        ).map(tuple),
    ),
    max_size=9,
)


def _target() -> st.SearchStrategy[str | None]:
    return st.one_of(
        st.none(), st.builds(lambda local, domain: f"{local}@{domain}", _local, st.sampled_from(DESTINATION_DOMAINS))
    )


_exact: st.SearchStrategy[Rule] = st.tuples(
    st.builds(lambda local, domain: f"{local}@{domain}", _local, st.sampled_from(SOURCE_DOMAINS)),
    _target(),
    st.sampled_from((None, None, "checked")),
)
_pattern: st.SearchStrategy[Rule] = st.sampled_from(
    (
        ("*@contoso.com", "*@fabrikam.com", None),
        ("*@sub.contoso.com", "*@fabrikam.de", None),
        ("svc-*@contoso.com", None, None),
        ("j*@*contoso.com", "j*@fabrikam.com", None),
        ("*.*@contoso.com", "*-*@fabrikam.com", None),
    )
)


def consistent(rules: list[Rule]) -> list[Rule]:
    """Of contradictory exact lines only the first: the others are an error of their own."""
    seen: dict[str, str | None] = {}
    return [rule for rule in rules if "*" in rule[0] or seen.setdefault(rule[0].lower(), rule[1]) == rule[1]]


rule_lists = st.lists(st.one_of(_exact, _pattern), max_size=4).map(consistent)


def exports(people: list[Person], view: str) -> pl.DataFrame:
    """The people of one view as the frame that an administrator would hold."""
    listed = [person for person in people if person.view == view]
    truth = {True: "Yes", False: "No", None: None}
    status = {True: "Enabled", False: "Disabled", None: None}
    return pl.DataFrame(
        {
            "Full Name": [p.name for p in listed],
            "Windows Live ID": [p.upn for p in listed],
            "Status": [status[p.status] for p in listed],
            "User Licensed": [truth[p.licensed] for p in listed],
            "Access Mode": [p.mode for p in listed],
            "Primary Email": [p.mail for p in listed],
            "User Name": [p.user_name for p in listed],
            "Object Id": [p.object_id for p in listed],
            "systemuserid": [p.user_id for p in listed],
            "Employee Id": [p.employee_id for p in listed],
            "Proxy addresses": ["+".join(f"smtp:{alias}" for alias in p.aliases) or None for p in listed],
        },
        schema_overrides=dict.fromkeys(
            (
                "Full Name",
                "Windows Live ID",
                "Status",
                "User Licensed",
                "Access Mode",
                "Primary Email",
                "User Name",
                "Object Id",
                "systemuserid",
                "Employee Id",
                "Proxy addresses",
            ),
            pl.String,
        ),
    )


def rule_frame(rules: list[Rule]) -> pl.DataFrame:
    """A rule table as a frame."""
    return pl.DataFrame(
        {
            "Source": [source for source, _, _ in rules],
            "Destination": [target for _, target, _ in rules],
            "Note": [note for _, _, note in rules],
        },
        schema={"Source": pl.String, "Destination": pl.String, "Note": pl.String},
    )


def reconciled(source: list[Person], destination: list[Person] | None, rules: list[Rule], **options: Any) -> t2t.Result:
    """What the library makes of people and rules of the reference matcher."""
    views: dict[str, Any] = {
        f"source_{view}": [frame] for view in ("full", "admin", "directory") if (frame := exports(source, view)).height
    }
    if destination is not None:
        frames = {view: exports(destination, view) for view in ("full", "admin", "directory")}
        views |= {f"destination_{view}": [frame] for view, frame in frames.items() if frame.height or view == "full"}
    return generate(**views, rules=rule_frame(rules), **options)
