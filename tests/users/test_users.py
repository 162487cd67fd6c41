"""Whatever the container, the same people: formats, merging, kinds, what is known and what is not."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import writers as w
from hypothesis import given, settings
from hypothesis import strategies as st
from small import frame, person

import t2t_mapping as t2t
from t2t_mapping.schema import USERS

FORMATS = Path("fixtures/formats")
PEOPLE = t2t.read_users(FORMATS / "worksheet-raw.xlsx", view="directory").frame.select("upn", "full_name", "kind")

PAGES = {"dataverse-page": 2, "graph-page": 3}
FILES = sorted(path.name for path in FORMATS.iterdir() if "-page-" not in path.name)


@pytest.mark.parametrize("name", FILES)
def test_every_format_tells_of_the_same_people(name: str) -> None:
    """Recognised by content; user principal names, full names and kinds agree."""
    users = t2t.read_users(FORMATS / name, view="directory")
    assert users.frame["upn"].to_list() == PEOPLE["upn"].to_list()
    assert users.frame["full_name"].to_list() == PEOPLE["full_name"].to_list()
    assert users.frame["kind"].to_list() == PEOPLE["kind"].to_list()
    assert users.frame.schema == pl.Schema(USERS)


@pytest.mark.parametrize(("stem", "number"), PAGES.items())
def test_pages_in_several_files(stem: str, number: int) -> None:
    """All pages together are the whole; one missing last page is noticed, a complete set is not complained about."""
    files = [FORMATS / f"{stem}-{n}.json" for n in range(1, number + 1)]
    whole = t2t.read_users(files, view="directory")
    assert whole.frame["upn"].to_list() == PEOPLE["upn"].to_list()
    assert "I103" not in whole.findings["code"].cast(pl.String).to_list()
    cut = t2t.read_users(files[:-1], view="directory")
    assert cut.findings.filter(pl.col("code") == "I103").height == number - 1


def test_what_each_kind_of_export_knows() -> None:
    """Unknown is never taken for yes or no."""
    known = {}
    for name in ("worksheet-raw.xlsx", "m365.csv", "entra-new.csv", "graph-not-selected.json", "powershell-msol.csv"):
        users = t2t.read_users(FORMATS / name)
        known[name] = (
            str(users.frame["view"][0]),
            users.frame["enabled"].null_count() == 0,
            users.frame["licensed"].null_count() == 0,
            users.frame["aliases"].null_count() < users.frame.height,
        )
    assert known == {
        "worksheet-raw.xlsx": ("full", True, True, False),
        "m365.csv": ("directory", True, True, True),
        "entra-new.csv": ("directory", True, False, False),
        "graph-not-selected.json": ("directory", False, False, False),
        "powershell-msol.csv": ("directory", True, True, False),
    }


def test_a_worksheet_and_a_directory_of_the_same_people_give_the_same_mapping() -> None:
    """What both know, they say alike."""
    from t2t_mapping.run.generation import generate

    people = t2t.read_users(FORMATS / "worksheet-raw.xlsx").frame.filter(pl.col("kind") == "person")
    source = people.select(
        pl.col("full_name").alias("Full Name"), (pl.col("local_part") + "@adventure.com").alias("Windows Live ID")
    )
    sheet = generate(source_full=source, destination_full=FORMATS / "worksheet-raw.xlsx")
    accounts = generate(source_full=source, destination_directory=FORMATS / "m365.csv")
    assert sheet.mapping.height > 5
    assert sheet.mapping.equals(accounts.mapping)


def test_canonical_parquet_round_trips(tmp_path: Path) -> None:
    """A users frame that was written is read back as it was, provenance apart."""
    users = t2t.read_users(FORMATS / "m365.csv")
    users.frame.write_parquet(tmp_path / "users.parquet")
    again = t2t.read_users(tmp_path / "users.parquet")
    rest = [name for name in USERS if name not in ("file", "sheet", "row")]
    assert again.frame.select(rest).equals(users.frame.select(rest))
    assert again.frame["file"].unique().to_list() == [(tmp_path / "users.parquet").as_posix()]


def test_frames_wherever_paths_are() -> None:
    """A frame of text, a lazy one, and what `read_users` gave."""
    rows = [person("Ann Lee", "ann@contoso.com"), person("Bob Roe", "bob@contoso.com")]
    users = t2t.read_users(frame(rows))
    assert t2t.read_users([frame(rows).lazy()]).frame.drop("file").equals(users.frame.drop("file"))
    assert t2t.read_users([users]).frame.equals(users.frame)
    assert users.frame.select("upn_key", "local_part", "domain", "row").rows() == [
        ("ann@contoso.com", "ann", "contoso.com", 1),
        ("bob@contoso.com", "bob", "contoso.com", 2),
    ]


def test_text_stays_text(tmp_path: Path) -> None:
    """`00042` is not 42, and outer blanks go while inner ones stay."""
    path = tmp_path / "users.csv"
    path.write_text(
        "Full Name,Windows Live ID,EmployeeId\n  Ann  Lee ,\u00a0ann@contoso.com ,00042\n42,42@contoso.com,42\n",
        encoding="utf-8",
    )
    users = t2t.read_users(path)
    assert users.frame.select("upn", "full_name", "employee_id", "row").rows() == [
        ("42@contoso.com", "42", "42", 3),
        ("ann@contoso.com", "Ann  Lee", "00042", 2),
    ]


def test_when_the_live_id_is_empty_the_user_name_counts() -> None:
    """As Dataverse does."""
    rows: list[dict[str, str | None]] = [
        {"Full Name": "Ann Lee", "Windows Live ID": None, "User Name": "ann@contoso.com"},
        {"Full Name": "Bob Roe", "Windows Live ID": "bob@contoso.com", "User Name": "other@contoso.com"},
    ]
    assert t2t.read_users(frame(rows)).frame["upn"].to_list() == ["ann@contoso.com", "bob@contoso.com"]


KINDS = [
    (person("# Portal", "p@contoso.com"), "application"),
    (person("Ann", "a@contoso.com", application_id="1"), "application"),
    (person("Ann", "crmoln@microsoft.com"), "system"),
    (person("Ann", "Provisionapp@Fabrikam.com"), "system"),
    (person("Ann", "a@onmicrosoft.com"), "system"),
    (person("Ann", "a@x.onmicrosoft.com"), "person"),
    (person("SYSTEM", None), "system"),
    (person("Ann", "a@contoso.com", access_mode="3"), "system"),
    (person("Ann", "a@contoso.com", access_mode="Delegated Admin"), "system"),
    (person("Ann", "a@contoso.com", access_mode="Non-interactive"), "non-interactive"),
    (person("Ann", "a_b.com#EXT#@contoso.onmicrosoft.com"), "guest"),
    (person("Ann", "a@contoso.com", usertype="Guest"), "guest"),
    (person("Ann", "a_b.com#ext#@contoso.onmicrosoft.com", usertype="Member"), "guest"),
    (person("Ann", "a@contoso.com", system_managed_user_type="2"), "system"),
    (person("Ann", "a@contoso.com"), "person"),
]


@pytest.mark.parametrize(("row", "kind"), KINDS)
def test_kinds(row: dict[str, str | None], kind: str) -> None:
    """Who is a person, and who is certainly not."""
    assert t2t.read_users(frame([row])).frame["kind"].to_list() == [kind]


def test_one_person_listed_several_times_is_one_user() -> None:
    """Explicit columns beat what a view implies; the worse status counts; the contradiction is a finding."""
    rows = [
        person("Ann Lee", "ANN@contoso.com", status="Enabled", mail="b@contoso.com"),
        person("Lee, Ann", "ann@contoso.com", status="Disabled", mail="a@contoso.com"),
        person(None, "Ann@contoso.com", status=None),
    ]
    users = t2t.read_users(frame(rows))
    assert users.frame.select("upn", "full_name", "enabled", "enabled_by", "licensed", "mail", "row").rows() == [
        ("ANN@contoso.com", "Ann Lee", False, "column", True, "a@contoso.com", 1)
    ]
    (message,) = users.findings["message"].to_list()
    assert message == "3 rows list this user; they contradict each other: enabled or disabled."


def test_a_directory_completes_and_never_adds() -> None:
    """What the export does not say, the accounts of the tenant do."""
    export = frame([{"Full Name": "Ann Lee", "Windows Live ID": "ann@contoso.com"}])
    accounts = frame(
        [
            {"User principal name": "ann@contoso.com", "Block credential": "True", "Licenses": "Unlicensed"},
            {"User principal name": "bob@contoso.com", "Block credential": "False", "Licenses": "Unlicensed"},
        ]
    )
    from t2t_mapping.run.generation import generate

    result = generate(source_full=export, source_directory=accounts)
    assert result.accounting.select("source", "codes").rows() == [("ann@contoso.com", "U201;U202;U211")]
    assert (result.summary["rows"], result.summary["duplicates"]) == (1, 0)


NAMES = st.sampled_from(
    ["Ann Lee", "Ødegård, Åse", "Łukasz Żak", "O'Neil, Tim", '"Bo"; Jr', "李 小龙", "=1+1", "Иван Петров"]
)
LOCALS = st.from_regex(r"[a-z][a-z0-9.'_-]{0,8}[a-z0-9]", fullmatch=True).filter(lambda text: ".." not in text)


@settings(max_examples=10)
@given(
    people=st.lists(
        st.tuples(LOCALS, NAMES, st.booleans(), st.booleans()), min_size=1, max_size=6, unique_by=lambda p: p[0]
    )
)
def test_every_container_round_trips(
    people: list[tuple[str, str, bool, bool]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The same users, written in every form that has the columns, are read back equal."""
    folder = tmp_path_factory.mktemp("users")
    cast = [
        w.Person(
            given="",
            family="",
            full_name=name,
            upn=f"{local}@contoso.com",
            enabled=enabled,
            licensed=licensed,
            licences=("DYN365_ENTERPRISE_SALES",) if licensed else (),
        )
        for local, name, enabled, licensed in people
    ]
    columns = ("fullname", "windowsliveid", "isdisabled", "islicensed")
    written: dict[str, tuple[Callable[[Path], None], str]] = {
        # what writes it, and what it knows beside address and name
        "raw.xlsx": (lambda path: w.static_worksheet_raw(cast, path, columns=columns), "enabled licensed"),
        "resaved.xlsx": (lambda path: w.static_worksheet_resaved(cast, path, columns=columns), "enabled licensed"),
        "2003.xls": (lambda path: w.spreadsheetml_2003(cast, path, columns=columns), "enabled licensed"),
        "utf8.csv": (lambda path: w.csv_export(cast, path, columns=columns), "enabled licensed"),
        "utf16.csv": (
            lambda path: w.csv_export(cast, path, columns=columns, encoding="utf-16", delimiter="\t"),
            "enabled licensed",
        ),
        "m365.csv": (lambda path: w.m365_csv(cast, path), "enabled licensed"),
        "entra-old.csv": (lambda path: w.entra_csv(cast, path, generation="old"), "enabled"),
        "entra-new.csv": (lambda path: w.entra_csv(cast, path, generation="new"), "enabled"),
        "mggraph.csv": (lambda path: w.powershell_csv(cast, path, module="mggraph"), "enabled"),
        "azuread.csv": (lambda path: w.powershell_csv(cast, path, module="azuread"), "enabled"),
        "msol.csv": (lambda path: w.powershell_csv(cast, path, module="msol"), "enabled licensed"),
        "graph.json": (lambda path: w.graph_json(cast, path), "enabled"),
        "dataverse.json": (lambda path: w.dataverse_json(cast, path), "enabled licensed"),
        "canonical.parquet": (lambda path: w.parquet_canonical(cast, path), "enabled licensed"),
    }
    expected = pl.DataFrame(
        sorted((f"{local}@contoso.com", name, enabled, licensed) for local, name, enabled, licensed in people),
        schema=["upn", "full_name", "enabled", "licensed"],
        orient="row",
    )
    for name, (write, knows) in written.items():
        write(folder / name)
        read = t2t.read_users(folder / name, view="directory")
        told = ["upn", "full_name", *knows.split()]
        assert read.frame.select(told).rows() == expected.select(told).rows(), name
        assert read.frame["kind"].unique().to_list() == ["person"], name


def test_row_order_says_nothing() -> None:
    """Two hundred rows in random order merge into the same users."""
    rows = [
        person(f"N {n % 7}", f"u{n % 50}@contoso.com", status=("Enabled", "Disabled", None)[n % 3]) for n in range(200)
    ]
    one = t2t.read_users(frame(rows)).frame.drop("row")
    random.Random(4).shuffle(rows)
    assert t2t.read_users(frame(rows)).frame.drop("row").equals(one)
