"""Which column is taken for what: by the hidden sheet, by header, by its values, and when that would be a guess."""

from __future__ import annotations

import pytest

from t2t_mapping.users.columns import Columns, UserColumns, recognise

PEOPLE = [
    ["Ann Lee", "ann@contoso.com"],
    ["Bob Roe", "bob@contoso.com"],
    ["Cy Fox", "cy@contoso.com"],
]
WORKSHEET = ["(Do Not Modify) User", "(Do Not Modify) Row Checksum", "(Do Not Modify) Modified On"]


def test_headers_come_first() -> None:
    """What the values look like matters only where no header tells."""
    assert recognise(["Full Name", "Windows Live ID"], {}, PEOPLE) == Columns(
        {"full_name": (0,), "upn": (1,)}, {0: "header", 1: "header"}
    )


def test_several_columns_of_one_field() -> None:
    """The better known header first, wherever it stands."""
    taken = recognise(["Primary Email", "Email", "UPN", "User principal name"], {}, [["a"] * 4])
    assert taken.fields["upn"] == (3, 2)
    assert taken.how == dict.fromkeys(taken.how, "header")


def test_values_tell_where_headers_fail() -> None:
    """One column of addresses, one of names; a column that repeats itself is no column of names."""
    sample = [[*row, "Contoso Ltd"] for row in PEOPLE]
    assert recognise(["Wer", "Konto", "Firma"], {}, sample) == Columns(
        {"upn": (1,), "full_name": (0,)}, {1: "values", 0: "values"}
    )


def test_two_columns_of_names_are_a_guess() -> None:
    """Neither is taken; the addresses still are."""
    sample = [[name, address, f"{name} Junior"] for name, address in PEOPLE]
    assert recognise(["Wer", "Konto", "Vertretung"], {}, sample) == Columns({"upn": (1,)}, {1: "values"})


def test_names_are_not_looked_for_beside_a_known_header() -> None:
    """An English export without Full Name has none, whatever stands in its other columns."""
    assert recognise(["Manager", "User principal name"], {}, PEOPLE).fields == {"upn": (1,)}


def test_two_columns_of_addresses_are_refused() -> None:
    """With both named, also one without a header."""
    sample = [[address, address] for _, address in PEOPLE]
    assert recognise(["A", ""], {}, sample).missing == (
        "I101",
        "The columns 'A' and 'column 2' both look like user principal names.",
        "Delete one of the two, or call the right one User principal name.",
    )


@pytest.mark.parametrize(
    ("headers", "shown"),
    [(["Name", "", "City"], "Name, City"), (["", ""], "no headers at all"), (["x" * 300], "x" * 199 + "…")],
)
def test_no_column_of_addresses(headers: list[str], shown: str) -> None:
    """What is there instead is said, and not at any length."""
    assert recognise(headers, {}, [["x"] * len(headers)]).missing == (
        "I102",
        f"There is no column of user principal names; the columns are: {shown}.",
        "",
    )


def test_one_cell_in_five_may_be_no_address() -> None:
    """Empty cells count for nothing; two in five are too many."""
    good: list[list[str | None]] = [[f"u{n}@contoso.com"] for n in range(4)]
    assert recognise(["Konto"], {}, [*good, ["-"], [None], [" "]]).fields == {"upn": (0,)}
    missing = recognise(["Konto"], {}, [*good[:3], ["-"], ["-"]]).missing
    assert missing is not None
    assert missing[0] == "I102"


@pytest.mark.parametrize(
    ("headers", "logical", "table"),
    [
        # The hidden sheet names the columns: the first that ends with `id` is that of the table.
        (["Account", "E-Mail"], {"Account": "accountid", "E-Mail": "emailaddress1"}, "account"),
        (["Name", "User"], {"Name": "name", "User": "createdby.systemuserid"}, "name"),
        (["Account", "User"], {"Account": "accountid", "User": "domainname"}, "account"),
        # Without one, the bracketed columns name it, unless a column of addresses has its header.
        (["(x) Account", "(x) Checksum", "(x) Modified On", "Email"], {}, "Account"),
    ],
)
def test_another_table(headers: list[str], logical: dict[str, str], table: str) -> None:
    """An export of accounts lists addresses too, but no users."""
    columns = recognise(headers, logical, [["x", "a@contoso.com", "y", "z"][: len(headers)]])
    assert columns.missing is not None
    code, message, fix = columns.missing
    says = "The hidden sheet of this workbook says that it is" if logical else "This is"
    assert (code, message) == ("I108", f"{says} an export of the table {table}, not of users.")
    assert ("copy it into a new workbook" in fix) == bool(logical)


def test_the_table_of_users() -> None:
    """By its key on the hidden sheet; by its name in one of our languages; by the header of the addresses."""
    keyed = {"ID": "systemuserid", "Konto": "domainname"}
    assert recognise(["ID", "Konto"], keyed, [["1", "a@contoso.com"]]).missing is None
    cells = ["1", "2", "3", "a@contoso.com"]
    for headers in ([*WORKSHEET, "Konto"], [*(h.replace("User", "Systemkram") for h in WORKSHEET), "Windows Live ID"]):
        columns = recognise(headers, {}, [cells])
        assert (columns.missing, columns.fields["upn"]) == (None, (3,))


def test_hidden_columns_are_no_candidates() -> None:
    """The row's own id might look like anything."""
    sample: list[list[str | None]] = [[address, "x", "y", address] for _, address in PEOPLE]
    assert recognise([*WORKSHEET, "Konto"], {}, sample) == Columns(
        {"user_id": (0,), "upn": (3,)}, {0: "hidden column", 3: "values"}
    )


def test_a_table_that_is_refused_is_remembered() -> None:
    """And the columns of the last good one."""
    choose = UserColumns()
    assert choose(["Name", "City"], {}, [["Ann", "Oslo"]]) is None
    assert choose(["Country", "UPN", "Full Name"], {}, [["Norway", "ann@contoso.com", "Ann Lee"]]) == [1, 2]
    assert choose(["A", "B"], {}, [["a@x.com", "b@x.com"]]) is None
    assert choose.taken.fields == {"upn": (1,), "full_name": (2,)}
    assert [code for code, _, _ in choose.refusals] == ["I102", "I101"]
