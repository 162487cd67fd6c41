"""What a cell says in twenty languages, what is not understood and whom that holds, and which columns are named unused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small import Row, frame, merger, person, told

import t2t_mapping as t2t
from t2t_mapping.lexicon.vocabulary import _all_labels, _table, label_key, looks_like, truth_of

THERE = [person("Ann Lee", "ann@fabrikam.com")]


def ann(**columns: str | None) -> Row:
    """One source user of the view Full Access Users, with these columns and no others."""
    return {"Full Name": "Ann Lee", "Windows Live ID": "ann@contoso.com", **columns}


def known(row: Row, **options: Any) -> dict[str, Any]:
    """What is known of the one user."""
    return t2t.read_users(frame([row]), **{"view": "full", **options}).frame.row(0, named=True)


# --- words that are understood ---------------------------------------------------------------------------------------

OFF = (
    (
        "Disabled|Inaktiv|Désactivé|Deshabilitado|Disabilitato|Desativado|Uitgeschakeld|Deaktiveret|Deaktivert|Inaktiverad|"
        "Käytöstä poistettu|Wyłączony|Zakázáno|Letiltva|Dezactivat|Отключен|Devre dışı|Απενεργοποιημένο|無効|已禁用|"
        "사용 안 함|مُعطل|Заблокировано|Blocked|Disabled\u200b|\ufeffInactive|DISABLED"
    )
    .replace("|مُعطل", "|معطل")
    .split("|")
)
ON = (
    "Enabled|Aktiv|Activé|Habilitado|Abilitato|Ativado|Ingeschakeld|Aktiveret|Aktivert|Aktiverad|Käytössä|Włączony|"
    "Povoleno|Engedélyezve|Activat|Включен|Etkin|Ενεργοποιημένο|有効|已启用|사용|Allowed|En\u00adabled"
).split("|")


@pytest.mark.parametrize("label", OFF)
def test_words_for_disabled(label: str) -> None:
    """Whatever the view implies."""
    row = known(ann(Status=label))
    assert (row["enabled"], row["enabled_by"], row["unclear_status"]) == (False, "column", None)


@pytest.mark.parametrize("label", ON)
def test_words_for_enabled(label: str) -> None:
    """Invisible characters change nothing."""
    assert (known(ann(Status=label))["enabled"], known(ann(Status=label))["enabled_by"]) == (True, "column")


TRUE = "TRUE WAHR VRAI VERDADERO VERO VERDADEIRO WAAR SAND SANN SANT TOSI PRAWDA PRAVDA IGAZ ADEVĂRAT ИСТИНА DOĞRU ΑΛΗΘΗΣ 1 Ja Oui Sí Evet はい 是".split()
FALSE = "FALSE FALSCH FAUX FALSO ONWAAR FALSK USANN FALSKT EPÄTOSI FAŁSZ NEPRAVDA HAMIS FALS ЛОЖЬ YANLIŞ ΨΕΥΔΗΣ 0 Nein Non Hayır いいえ 否".split()


@pytest.mark.parametrize(("words", "answer"), [(TRUE, True), (FALSE, False)])
@pytest.mark.parametrize("side", ["source", "destination"])
def test_truth_as_excel_writes_it(words: list[str], answer: bool, side: str) -> None:
    """In the columns Enabled, Block credential and User Licensed, on both sides."""
    for word in words:
        assert known(ann(Enabled=word), side=side)["enabled"] is answer, word
        assert known(ann(**{"Block credential": word}), side=side)["enabled"] is not answer, word
        assert known(ann(**{"User Licensed": word}), side=side)["licensed"] is answer, word


@pytest.mark.parametrize("label", ["FALSCH", "False", "WAHR", "True", "0", "1", "Off", "No", "Ja", "N"])
@pytest.mark.parametrize("side", ["source", "destination"])
def test_yes_and_no_are_no_status(label: str, side: str) -> None:
    """Under Status, `False` may mean *not disabled* as well as *not active*; under `isdisabled` it is clear."""
    row = known(ann(Status=label), side=side)
    assert row["enabled"] is None
    assert f"“Status” says “{label}”" in row["unclear_status"]
    assert known(ann(isdisabled=label), side=side)["enabled"] is (label in {"FALSCH", "False", "0", "Off", "No", "N"})


UNLICENSED = (
    "Unlicensed|Nicht lizenziert|Sans licence|Sin licencia|Senza licenza|Não licenciado|Zonder licentie|Uden licens|"
    "Olicensierad|Ei lisenssiä|Bez licencji|Bez licence|Без лицензии|Lisanssız|Χωρίς άδεια|ライセンスなし|未许可|None"
).split("|")


@pytest.mark.parametrize("label", UNLICENSED)
@pytest.mark.parametrize("header", ["Licenses", "Lizenzen", "User Licensed"])
def test_words_for_no_licence(label: str, header: str) -> None:
    """Under both kinds of columns."""
    row = known(ann(**{header: label}))
    assert (row["licensed"], row["licensed_by"], row["unclear_licence"]) == (False, "column", None)


HEADERS = [
    ({"Sign-in status": "Blocked"}, {"enabled": False}),
    ({"Sign-in status": "Allowed"}, {"enabled": True}),
    ({"AccountDisabled": "True"}, {"enabled": False}),
    ({"userAccountControl": "514"}, {"enabled": False}),
    ({"userAccountControl": "66048"}, {"enabled": True}),
    ({"userAccountControl": "0x202"}, {"enabled": False}),
    ({"Anmeldeinformationen blockieren": "WAHR"}, {"enabled": False}),
    ({"Bloquer les informations d’identification": "VRAI"}, {"enabled": False}),
    ({"État": "Désactivé"}, {"enabled": False}),
    ({"Zustand": "Aktiv"}, {"enabled": True}),
    ({"State": "Disabled"}, {"enabled": False}),
    ({"Is Deleted": "True"}, {"deleted": "marked as deleted: True"}),
    ({"Is Deleted": "False"}, {"deleted": None}),
    ({"Deleted State": "1"}, {"deleted": "marked as deleted: 1"}),
    ({"Deleted State": "Not deleted"}, {"deleted": None}),
    ({"Soft deletion time stamp": "2026-01-02 03:04:05Z"}, {"deleted": "marked as deleted: 2026-01-02 03:04:05Z"}),
    ({"Soft deletion time stamp": "0001-01-01T00:00:00Z"}, {"deleted": None}),
    ({"Has License": "No"}, {"licensed": False}),
    ({"LicenseSKUs": "contoso:ENTERPRISEPACK;contoso:FLOW_FREE"}, {"licensed": True}),
    ({"$_.Licenses.AccountSkuID": "contoso:DYN365_ENTERPRISE_SALES"}, {"licensed": True}),
    ({"Assigned Products": "Dynamics 365 Sales Enterprise Edition|Microsoft 365 E3"}, {"licensed": True}),
    (
        {"assignedLicenses": "[object Object]", "LicJoined": "ENTERPRISEPACK"},
        {"licensed": True, "licenses": "ENTERPRISEPACK"},
    ),
    (
        {"AssignedLicenses": "@{DisabledPlans=System.Object[]; SkuId=6fd2c87f-b296-42f0-b197-1e91e994b900}"},
        {"licensed": True},
    ),
    ({"UserType": "Gast"}, {"kind": "guest"}),
    ({"Type d’utilisateur": "Invité"}, {"kind": "guest"}),
    ({"RecipientTypeDetails": "GuestMailUser"}, {"kind": "guest"}),
    ({"RecipientTypeDetails": "UserMailbox"}, {"kind": "person"}),
    ({"RecipientTypeDetails": "SharedMailbox"}, {"kind": "system", "reason": "a shared mailbox"}),
    ({"System Managed User Type": "Agentic User"}, {"kind": "application", "reason": "an AI agent, not a person"}),
    ({"systemmanagedusertype": "3"}, {"kind": "application"}),
    ({"@odata.type": "#microsoft.graph.agentUser"}, {"kind": "application"}),
    ({"identityParentId": "54b6a8f8-edd1-4fa2-ac5d-70c8be08297d"}, {"kind": "application"}),
    ({"systemmanagedusertype": "4"}, {"licensed": False, "licensed_by": "column", "kind": "person"}),
    ({"systemmanagedusertype": "Non-licensed User", "islicensed": "Yes"}, {"licensed": False}),
]


@pytest.mark.parametrize(("columns", "facts"), HEADERS)
def test_headers_and_labels(columns: Row, facts: dict[str, Any]) -> None:
    """Columns as other tools, languages and scripts write them."""
    row = known(ann(**columns))
    assert {name: row[name] for name in facts} == facts
    assert (row["unclear_status"], row["unclear_licence"]) == (None, None)


def test_who_does_not_exist_in_the_target() -> None:
    """A list of the destination that says so; in a list of the source the column is about the other side, and is named."""
    row = ann(ExistsInTarget="No")
    assert known(row, side="destination")["deleted"] == "the list says that it does not exist"
    assert known(row)["deleted"] is None
    assert t2t.read_users(frame([row]), view="full").findings["code"].to_list() == ["I113"]


def test_an_empty_cell_among_licences_is_none() -> None:
    """Only where the column names licences elsewhere in the file; Graph answers `[]` where nobody asked."""
    rows = [ann(assignedLicenses="[]"), {**ann(assignedLicenses=None), "Windows Live ID": "bob@contoso.com"}]
    nobody = t2t.read_users(frame(rows), view="directory").frame
    assert nobody["licensed"].to_list() == [None, None]
    named = {**ann(assignedLicenses="ENTERPRISEPACK"), "Windows Live ID": "cy@contoso.com"}
    some = t2t.read_users(frame([*rows, named]), view="full").frame
    assert some.select("licensed", "licensed_by").rows() == [(False, "column"), (False, "column"), (True, "column")]


def test_no_label_means_two_things() -> None:
    """Within one kind of labels, languages included; and no header names two fields."""
    for kind in _all_labels():
        said: dict[str, set[str]] = {}
        for row in _table("labels.csv"):
            if row["kind"] == kind:
                for label in row["labels"].split("|"):
                    said.setdefault(label_key(label), set()).add(row["meaning"])
        assert {label: meanings for label, meanings in said.items() if len(meanings) > 1 or not label} == {}, kind


# --- what is not understood ------------------------------------------------------------------------------------------

UNCLEAR = [
    ("Status", "Foo", "status"),
    ("Status", "#N/A", "status"),
    ("Status", "?", "status"),
    ("Status", "-", "status"),
    ("Sign-in status", "True", "status"),
    ("Block credential", "Germany", "status"),
    ("userAccountControl", "NormalAccount", "status"),
    ("Access Mode", "Emperor", "status"),
    ("Azure State", "Vapour", "status"),
    ("System Managed User Type", "Robot", "status"),
    ("User Type", "Alien", "status"),
    ("Is Deleted", "perhaps", "status"),
    ("User Licensed", "Maybe", "licence"),
    ("Licenses", "True", "licence"),
    ("Licenses", "Ungeklärt", "licence"),
    ("Licenses", "#N/A", "licence"),
]


@pytest.mark.parametrize(("header", "label", "about"), UNCLEAR)
def test_what_is_not_understood_holds_the_source_user(header: str, label: str, about: str) -> None:
    """Whatever the view implies; the message names column, label, file and row; acceptable for a run."""
    row = known(ann(**{header: label}))
    fact = {"status": "enabled", "licence": "licensed"}[about]
    assert row["unclear_" + about] == f"“{header}” says “{label}” (frame 1, row 1)"
    assert row[fact] is None
    result = merger([ann(**{header: label})], THERE)
    assert told(result) == {"ann@contoso.com": "held ann@fabrikam.com local-part U208"}
    (message,) = result.findings.filter(pl.col("code") == "U208")["message"]
    assert message == (
        f"What the source says about ann@contoso.com is not understood: “{header}” says “{label}” (frame 1, row 1)."
    )
    accepted = merger([ann(**{header: label})], THERE, accept=["U208"])
    assert told(accepted) == {"ann@contoso.com": "mapped ann@fabrikam.com local-part U208"}


@pytest.mark.parametrize(("header", "label", "about"), UNCLEAR)
def test_and_at_the_destination(header: str, label: str, about: str) -> None:
    """U214 for licences, U215 for the account: errors where a cell speaks, warnings where no column does."""
    there: Row = {"Full Name": "Ann Lee", "Windows Live ID": "ann@fabrikam.com", header: label}
    code = {"status": "U215", "licence": "U214"}[about]
    result = merger([person("Ann Lee", "ann@contoso.com")], [there])
    assert told(result) == {"ann@contoso.com": f"held ann@fabrikam.com local-part {code}"}
    finding = result.findings.row(by_predicate=pl.col("code") == code, named=True)
    assert (finding["severity"], finding["side"], finding["row"]) == ("error", "destination", 1)
    assert f"“{header}” says “{label}” (frame 1, row 1) is not understood" in finding["message"]
    accepted = merger([person("Ann Lee", "ann@contoso.com")], [there], accept=[code])
    assert accepted.mapping.height == 1


def test_a_mapping_file_is_judged_alike(tmp_path: Path) -> None:
    """`validate` finds the same on both sides."""
    path = tmp_path / "usermapping.csv"
    path.write_text("Source,Destination\r\nann@contoso.com,ann@fabrikam.com\r\n", encoding="utf-8", newline="")
    there: Row = {"Full Name": "Ann Lee", "Windows Live ID": "ann@fabrikam.com", "Licenses": "Foo", "Status": "Bar"}
    judged = t2t.validate(path, source=frame([ann(Status="Foo")]), destination=frame([there]))
    errors = judged.findings.filter(pl.col("severity") == "error")["code"].cast(pl.String).to_list()
    assert sorted(errors) == ["U208", "U214", "U215"]


def test_another_column_does_not_settle_it() -> None:
    """A yes beside something that is not understood is no yes; a no is a no."""
    assert known(ann(Status="Foo", Enabled="Yes"))["enabled"] is None
    assert known(ann(Status="Foo", Enabled="No"))["enabled"] is False


def test_a_directory_does_not_settle_it() -> None:
    """The cell of the export may have meant disabled; the user is held until somebody says what it means."""
    accounts = frame([{"User principal name": "ann@contoso.com", "Block credential": "False"}])
    result = t2t.generate(source_full=frame([ann(Status="Foo")]), source_directory=accounts, destination=frame(THERE))
    assert result.accounting["codes"].to_list() == ["U208"]


def test_the_label_is_told_once_with_its_first_row() -> None:
    """I111 for the file, however many rows."""
    rows = [
        {**ann(Status=label), "Windows Live ID": f"u{n}@contoso.com"}
        for n, label in enumerate(("Enabled", "Foo", "Foo"))
    ]
    found = t2t.read_users(frame(rows), view="full").findings
    assert found.select("code", "row", "upn", "message").rows() == [
        (
            "I111",
            2,
            "u1@contoso.com",
            "The label 'Foo' in the column 'Status' is not understood and counts as not known (2 rows).",
        )
    ]


def test_no_licence_that_only_the_view_implies() -> None:
    """The message says so."""
    result = merger([], THERE, "ann@contoso.com,ann@fabrikam.com", admins=[ann()])
    assert result.findings.filter(pl.col("code") == "U202").select("severity", "message").rows() == [
        (
            "info",
            "ann@contoso.com has no licence at the source (implied by the view Administrative Access Users; no column says so).",
        )
    ]
    users = [ann(**{"User Licensed": "No"}), person("Bob Ray", "bob@contoso.com")]
    said = merger(users, THERE).findings.filter(pl.col("code") == "U202")["message"][0]
    assert said == "ann@contoso.com has no licence at the source."


def test_what_is_silent_holds_nobody() -> None:
    """Blank cells, empty lists and the names of types say nothing: then the view counts."""
    for cell in (None, " ", "System.Collections.Generic.List`1[System.String]", "[object Object]", "[]"):
        row = known(ann(Licenses=cell))
        assert (row["licensed"], row["licensed_by"], row["unclear_licence"]) == (True, "view", None), cell


# --- columns that are not used ---------------------------------------------------------------------------------------

UNUSED = [
    ("Employment status", "left", "a status"),
    ("Is suspended", "No", "a status"),
    ("Licence pool", "A", "a licence"),
    ("Lizenztyp", "E3", "a licence"),
    ("Deletion requested", "yes", "a deletion"),
    ("Exists on prem", "yes", "an existence"),
    ("Konto", "Gesperrt", "a status"),
    ("X", "SharedMailbox", "a kind of mailbox"),
    ("State", "Bavaria", "a status"),
]


@pytest.mark.parametrize(("header", "label", "what"), UNUSED)
def test_an_unused_column_that_looks_like_a_status_is_named(header: str, label: str, what: str) -> None:
    """By its header or by its values; `inspect` shows it too."""
    found = t2t.read_users(frame([ann(**{header: label})]), view="full").findings
    assert found.select("code", "severity", "message").rows() == [
        ("I113", "warning", f"The column {header!r} looks like {what} and is not used.")
    ]


@pytest.mark.parametrize(
    ("header", "label"),
    [("Shoe size", "44"), ("Manager", "Bob"), ("DirSyncEnabled", "True"), ("StateOrProvince", "Bavaria"), ("Is VIP", "Yes"),
     ("Last sign-in", "2026"), ("Password never expires", "True"), ("Employment status", None)],
)  # fmt: skip
def test_other_columns_are_left_in_peace(header: str, label: str | None) -> None:
    """Known to be something else, or empty."""
    assert t2t.read_users(frame([ann(**{header: label})]), view="full").findings.is_empty()


@pytest.mark.parametrize("path", sorted(Path("fixtures/formats").iterdir()), ids=lambda path: path.name)
def test_no_column_of_a_usual_export_is_named(path: Path) -> None:
    """Nor is any of its labels unknown."""
    codes = t2t.read_users(path, view="directory").findings["code"].cast(pl.String).to_list()
    assert not {"I111", "I113", "I115"} & set(codes)


def test_inspect_shows_what_is_not_used(tmp_path: Path) -> None:
    """With what it looks like."""
    path = tmp_path / "users.csv"
    frame([ann(Konto="Gesperrt", Status="Foo")]).write_csv(path)
    seen = t2t.inspect(path)
    assert seen.columns.select("header", "field", "how").rows()[2:] == [
        ("Konto", None, "looks like a status"),
        ("Status", "sign_in", "header"),
    ]
    assert seen.known.row(by_predicate=pl.col("fact") == "unclear_status", named=True)["known"] == 1


# --- views -----------------------------------------------------------------------------------------------------------

ACCOUNTS: list[Row] = [
    {"DisplayName": "Ann Lee", "Id": "1", "Mail": "a@x.com", "UserPrincipalName": "ann@contoso.com"},
    {"Anzeigename": "Ann Lee", "Benutzerprinzipalname": "ann@contoso.com", "Ort": "Bonn"},
    {"Name": "Ann Lee", "UPN": "ann@contoso.com"},
    {"Nom complet": "Ann Lee", "Nom d'utilisateur principal": "ann@contoso.com"},
    {"Wer": "Ann Lee", "Konto": "ann@contoso.com"},
]


@pytest.mark.parametrize("row", ACCOUNTS)
def test_a_table_of_accounts_implies_nothing(row: Row) -> None:
    """It is a directory, whichever option it is given to; the option decides whether it lists users."""
    alone = t2t.read_users(frame([row])).frame
    columns = ("view", "enabled", "licensed", "enabled_by", "licensed_by")
    assert alone.select(columns).rows() == [("directory", None, None, None, None)]
    as_full = t2t.read_users(frame([row]), view="full")
    assert as_full.frame.select(columns[1:]).rows() == [(None, None, None, None)]
    assert "does not imply enabled or licensed" in " ".join(
        as_full.findings.filter(pl.col("code") == "I104")["message"]
    )
    listed = t2t.generate(source_full=frame([row]), destination=frame(THERE))
    assert listed.accounting.select("source", "disposition").rows() == [("ann@contoso.com", "mapped")]
    only = t2t.generate(frame([row]), frame(THERE))
    assert only.accounting.select("source", "disposition").rows() == [("ann@contoso.com", "mapped")]
    there = {**row, **{key: "ann@fabrikam.com" for key, value in row.items() if value == "ann@contoso.com"}}
    result = t2t.generate(source_full=frame([person("Ann Lee", "ann@contoso.com")]), destination_full=frame([there]))
    warned = result.findings.filter(pl.col("severity") == "warning")["code"].cast(pl.String).to_list()
    assert sorted(warned) == ["U214", "U215"]


DYNAMICS: list[Row] = [
    {"Full Name": "Ann Lee", "Windows Live ID": "ann@contoso.com"},
    {"fullname": "Ann Lee", "domainname": "ann@contoso.com"},
    {"UPN": "ann@contoso.com", "systemuserid": "54b6a8f8-edd1-4fa2-ac5d-70c8be08297d"},
    {"(x) User": "1", "(x) Checksum": "2", "(x) Modified On": "3", "UPN": "ann@contoso.com"},
]


@pytest.mark.parametrize("row", DYNAMICS)
def test_what_dynamics_wrote_implies_what_the_view_does(row: Row) -> None:
    """Windows Live ID, domainname, systemuserid or the hidden columns are evidence."""
    users = t2t.read_users(frame([row])).frame
    assert users.select("view", "enabled", "licensed", "enabled_by").rows() == [("full", True, True, "view")]


def test_truth_of_what_is_no_word() -> None:
    """Numbers that are no bits, and blanks, are not understood."""
    assert truth_of("account_control", "NormalAccount") is None
    assert truth_of("disabled", "") is None
    assert looks_like("Status", []) is None
