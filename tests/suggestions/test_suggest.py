"""Suggestions: who is found and why, who is never suggested, and that chance decides nothing."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

import polars as pl
import pytest
from places import REPOSITORY
from small import Row, merger, person

import t2t_mapping as t2t
from t2t_mapping.suggestions.candidates import SUGGESTIONS, suggest
from t2t_mapping.suggestions.conventions import Convention, convention, learn


def bench() -> ModuleType:
    """The benchmark, which knows the truth about its corpus."""
    path = REPOSITORY / "benchmarks" / "bench_suggest.py"
    spec = importlib.util.spec_from_file_location("bench_suggest", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["bench_suggest"] = module
    spec.loader.exec_module(module)
    return module


def guesses(result: t2t.Result, most: int = 5) -> dict[str, list[tuple[str, int, str]]]:
    """Source -> (destination, score, evidence), best first."""
    found = suggest(result, most=most)
    named = found.with_columns(source=result.facts.frame["upn"].gather(found["user"]))
    answer: dict[str, list[tuple[str, int, str]]] = {}
    for row in named.iter_rows(named=True):
        assert row["rank"] == len(answer.setdefault(row["source"], [])) + 1
        answer[row["source"]].append((row["destination"], row["score"], row["evidence"]))
    return answer


def mapped(number: int = 6) -> tuple[list[Row], list[Row]]:
    """Pairs that are sure, `first.last` on both sides."""
    families = "Adler Berger Conti Dubois Eklund Farkas Garcia Horvat".split()[:number]
    sides = [
        [person(f"Nora {f}", f"nora.{f.lower()}@{domain}.com") for f in families] for domain in ("contoso", "fabrikam")
    ]
    return sides[0], sides[1]


def one(source: Row, *destination: Row) -> list[tuple[str, int, str]]:
    """The guesses for a single left-over user among some accounts and a few sure pairs."""
    here, there = mapped()
    result = merger([source, *here], [*destination, *there])
    return guesses(result).get(source["Windows Live ID"] or "", [])


STRANGERS = [
    person("Paola Marchetti", "paola.marchetti@fabrikam.com"),
    person("Sofia Bauer", "sofia.bauer@fabrikam.com"),
    person("Peter Lehmann", "peter.lehmann@fabrikam.com"),
]

FOUND = [
    ("Sofia Marchetti", "smarchetti", "Sofia Marchetti", "sofia.marchetti", "usual pattern first.last"),
    ("Sofia Marchetti", "x0815", "Sofia Marchetti", "marchetti_s", "Same name"),
    ("Sofia Marchetti", "smarchetti", "Sofia Marchetty", "sofia.marchetty", "nearly the same (Marchetti, Marchetty)"),
    ("Sofia Marchetti", "smarchetti", "Sofai Marcheti", "sofai.marcheti", "iven name nearly the same (Sofia, Sofai)"),
    ("Sofia Marchetti", "smarchetti", "Marchetti, Sofia", "sofia.m", "Same name"),
    ("Marchetti Sofia", "smarchetti", "Sofia Marchetti", "sofia.m", "in another order"),
    ("Sofia Marchetti", "smarchetti", "Sofia Elena Marchetti", "s.e.marchetti", "same family name"),
    ("Sofia Marchetti", "smarchetti", "Sofia Marchetti-Bianchi", "sofia.mb", "more words"),
    ("Sofia Marchetti", "smarchetti", "Sofia Bianchi", "sofia.marchetti", "perhaps a marriage"),
    ("S. Marchetti", "som", "Sofia Marchetti", "sofia.marchetti", "Initial S for the given name"),
    ("Bob Fischer", "bfischer", "Robert Fischer", "robert.fischer", "Bob and Robert are forms of one given name"),
    ("Jürgen Müller", "jm1", "Juergen Mueller", "juergen.mueller", "Same name"),
    ("Søren Ågård", "sa1", "Soeren Aagaard", "soeren.aagaard", "Same name"),
    ("Ольга Петрова", "op1", "Olga Petrova", "olga.petrova", "ame"),
    ("Γιωργος Παππας", "gp1", "Giorgos Pappas", "giorgos.pappas", "usual pattern"),
    ("Mary Ann Smith", "mas", "Maryann Smith", "maryann.smith", "one or in two words"),
    (None, "sofia_marchetti", "Sofia Marchetti", "sofia.marchetti", "no full name is known here"),
    (None, "smarchetti", "Sofia Marchetti", "sofia.marchetti", "no full name is known here"),
    (None, "marchettis", "Sofia Marchetti", "smarchetti2", "no full name is known here"),
    ("Sofia Marchetti", "smarchetti", None, "sofia.marchetti", "no full name is known there"),
    ("Sofia Marchetti", "smarchetti", "sofia.marchetti", "marchetti.sofia", "no full name is known there"),
    ("Szczepan Wisniewskowski", "sw1", "Szczepan Wiszniefskowskij", "szczepan.w", "nearly the same"),
]


@pytest.mark.parametrize(("name", "local", "name_there", "local_there", "evidence"), FOUND)
def test_the_right_account_comes_first(
    name: str | None, local: str, name_there: str | None, local_there: str, evidence: str
) -> None:
    """Among strangers with similar names, with the reason in words."""
    found = one(person(name, f"{local}@contoso.com"), person(name_there, f"{local_there}@fabrikam.com"), *STRANGERS)
    assert found, "nobody was found"
    destination, score, words = found[0]
    assert destination == f"{local_there}@fabrikam.com"
    assert evidence in words
    assert 40 <= score <= 100


def test_old_addresses_tell_of_a_marriage() -> None:
    """The bride's old address is an alias of her new account."""
    bride = person(
        "Sofia Bianchi",
        "sofia.bianchi@fabrikam.com",
        proxies="SMTP:sofia.bianchi@fabrikam.com+smtp:sofia.marchetti@fabrikam.com",
    )
    found = one(person("Sofia Marchetti", "smarchetti@contoso.com"), bride, *STRANGERS)
    assert found[0][0] == "sofia.bianchi@fabrikam.com"
    assert found[0][1] > 80


def test_every_name_that_is_listed_counts() -> None:
    """One export has the name of before the marriage, the other that of today: the old one tells who it is."""
    today = person("Sofia Bianchi", "s0815@fabrikam.com")
    before = person("Sofia Marchetti", "s0815@fabrikam.com")
    source = person("Sofia Marchetti", "smarchetti@contoso.com")
    found = one(source, today, before, *STRANGERS)
    assert found[0][0::2] == ("s0815@fabrikam.com", "Same name; the address here fits the name (flast)")
    assert not any(evidence.startswith("Same name") for _, _, evidence in one(source, today, *STRANGERS))


def test_only_free_accounts_of_persons_are_suggested() -> None:
    """Not a guest, an application, a deleted account, or an account that a mapped user goes to."""
    name = "Sofia Marchetti"
    accounts = [
        person(name, "sofia_gmail.com#EXT#@fabrikam.onmicrosoft.com"),
        person(name, "sofia.app@fabrikam.com", application_id="11111111-0000-0000-0000-000000000000"),
        person(name, "sofia.gone@fabrikam.com", azure_state="1"),
        person(name, "sofia2@fabrikam.com"),
        person(name, "sofia.blocked@fabrikam.com", status="Disabled"),
    ]
    here, there = mapped()
    source = [person(name, "sm@contoso.com"), person(name, "sofia2@contoso.com"), *here]
    result = merger(source, [*accounts, *there], "sofia2@contoso.com,sofia2@fabrikam.com")
    found = guesses(result)["sm@contoso.com"]
    assert [destination for destination, _, _ in found] == ["sofia.blocked@fabrikam.com"]
    assert "the account is disabled" in found[0][2]


def test_what_the_ladder_found_is_listed() -> None:
    """Several candidates before everything else; a contradicted one with the alternatives, where its score puts it."""
    here, there = mapped()
    source = [person("Omar Haddad", "omar.haddad@contoso.com"), person("David Kim", "dkim@contoso.com"), *here]
    destination = [
        person("Somebody Else", "omar.haddad@fabrikam.com"),
        person("Omar Haddad", "omar.haddad@labs.fabrikam.com"),
        person("Omar Haddad", "haddad@fabrikam.com"),
        person("Diana Kim", "dkim@fabrikam.com"),
        person("David Kim", "david.kim@fabrikam.com"),
        *there,
    ]
    result = merger(source, destination)
    found = guesses(result)
    assert [d for d, _, _ in found["omar.haddad@contoso.com"]] == [
        "omar.haddad@labs.fabrikam.com",
        "omar.haddad@fabrikam.com",
        "haddad@fabrikam.com",
    ]
    assert [d for d, _, _ in found["dkim@contoso.com"]] == ["david.kim@fabrikam.com", "dkim@fabrikam.com"]
    assert "found by the automatic match" in found["dkim@contoso.com"][1][2]
    assert set(found) == {"omar.haddad@contoso.com", "dkim@contoso.com"}


def test_settled_and_strange_users_get_no_guess() -> None:
    """Who is mapped, excluded, or only to be repaired has a destination already; chance is no evidence."""
    here, there = mapped()
    source = [
        person("Leila Haddadi", "leila@contoso.com"),
        person("Xaver Quirin", "xaver.quirin@contoso.com"),
        person(None, None),
        person("Marco Rossi", "m\u0430rco@contoso.com"),
        *here,
    ]
    destination = [person("Leila Haddadi", "leila@fabrikam.com", user_licensed="No"), *STRANGERS, *there]
    assert guesses(merger(source, destination)) == {}


def test_without_a_destination_or_with_exchanged_sides_there_is_nothing_to_suggest() -> None:
    """The frame is empty, with its columns."""
    here, there = mapped()
    alone = merger(here, None)
    exchanged = merger(here, there, source_domains=["fabrikam.com"], destination_domain="contoso.com")
    for result in (alone, exchanged):
        found = suggest(result)
        assert found.is_empty()
        assert found.schema == pl.Schema(SUGGESTIONS)


def test_the_order_of_rows_changes_nothing() -> None:
    """The same guesses, scores and words, whatever the order on either side."""
    corpus = bench().corpus(60, 600)
    forward = t2t.generate(source_full=corpus.source, destination_directory=corpus.destination)
    backward = t2t.generate(source_full=corpus.source.reverse(), destination_directory=corpus.destination.reverse())
    assert guesses(forward) == guesses(backward)
    assert sum(map(len, guesses(forward).values())) > 60


def test_hit_rates_on_a_corpus_with_known_truth() -> None:
    """At least 80 % first and 95 % among five, over all kinds of changes together."""
    given = bench()
    rates, _, learnt = given.measure(given.corpus(400, 4_000))
    users, first, five = (sum(row[n] for row in rates.values()) for n in range(3))
    assert users > 350
    assert first >= 0.80 * users
    assert five >= 0.95 * users
    assert "first" in learnt


def test_many_namesakes_are_not_all_compared() -> None:
    """A thousand accounts of one name: the address decides, and nobody waits."""
    here, there = mapped()
    crowd = [person("John Smith", f"john.smith{n}@fabrikam.com") for n in range(2, 1_002)]
    source = person("John Smith", "john.smith@contoso.com")
    result = merger([source, *here], [person("John Smith", "smith.john@fabrikam.com"), *crowd, *there])
    found = guesses(result)["john.smith@contoso.com"]
    assert found[0][0] == "smith.john@fabrikam.com"


def test_the_usual_convention_is_learnt() -> None:
    """From mapped users, in words; too few or too mixed pairs teach nothing."""
    here, there = mapped(8)
    learnt = convention(merger(here, there))
    assert learnt == Convention("{first}.{last}", 8, 8)
    assert learnt.words == "{first}.{last}, so John Smith is john.smith@…: 8 of 8 accounts there follow it"
    assert convention(merger(here[:3], there[:3])) is None


@pytest.mark.parametrize(
    ("local_parts", "template"),
    [
        (["asmith", "bjones", "cmeyer", "ddupont", "emuller", "fweber2"], "{f}{last}"),
        (["anns", "bobj", "carlm", "danad", "evam", "fayw"], "{first}{l}"),
        (["smitha", "jonesb", "meyerc", "dupontd", "muellere", "weberf"], "{last}{f}"),
        (["ann", "bob", "carl", "dana", "eva", "fay"], "{first}"),
        (["ann.smith", "bjones", "meyerc", "x1", "x2", "x3"], None),
    ],
)
def test_conventions_are_told_apart(local_parts: list[str], template: str | None) -> None:
    """Trailing digits and spelt-out umlauts do not matter."""
    names = ["Ann Smith", "Bob Jones", "Carl Meyer", "Dana Dupont", "Eva Müller", "Fay Weber"]
    learnt = learn(pl.DataFrame({"local_part": local_parts, "full_name": names}))
    assert (learnt.template if learnt else None) == template


ALONE = [
    (["s.marchetti", "sofia.marchetti"], ["smarchetti"], "Another account is as likely; same name"),
    (["sofia.marchetti"], ["smarchetti", "s-marchetti"], "Another user is as likely; same name"),
]


@pytest.mark.parametrize(("there", "here", "evidence"), ALONE)
def test_a_guess_that_is_not_alone_scores_less(there: list[str], here: list[str], evidence: str) -> None:
    """Of two accounts, or two users for one account, none is a guess that is nine times in ten right; the order stays."""
    sure = mapped()
    result = merger(
        [*(person("Sofia Marchetti", f"{local}@contoso.com") for local in here), *sure[0]],
        [*(person("Sofia Marchetti", f"{local}@fabrikam.com") for local in there), *sure[1]],
    )
    for local in here:
        guessed = guesses(result)[f"{local}@contoso.com"]
        assert [address for address, _, _ in guessed] == [f"{local}@fabrikam.com" for local in there]
        assert guessed[0][1] == 79
        assert guessed[0][2].startswith(evidence)


def test_an_address_does_not_repeat_the_name() -> None:
    """Bolin Xu and Bomin Xu differ by a letter, and so do their addresses, for the same reason."""
    ((_, score, _),) = one(person("Bolin Xu", "bolin.xu@contoso.com"), person("Bomin Xu", "bomin.xu@fabrikam.com"))
    assert score == 79


def test_two_names_are_no_typing_error() -> None:
    """Sara is a name that many bear; Leslae is not, and beside Leslie it is a typing error."""
    crowd = [person(f"{given} Nord{n}", f"{given}.nord{n}@fabrikam.com") for given in ("Sarah", "Sara") for n in "abcd"]
    typed, another = person("Sarah Leslae", "x1@fabrikam.com"), person("Sara Leslie", "x2@fabrikam.com")
    asked = person("Sarah Leslie", "sl@contoso.com")
    assert [address for address, _, _ in one(asked, typed, another, *crowd)[:2]] == [
        "x1@fabrikam.com",
        "x2@fabrikam.com",
    ]
    assert [address for address, _, _ in one(asked, typed, another)[:2]] == ["x2@fabrikam.com", "x1@fabrikam.com"]


def test_who_is_listed_under_one_word_is_found() -> None:
    """However many others bear this word."""
    crowd = [
        person(f"{given} Marchetti", f"{given}.m@fabrikam.com")
        for given in "Ada Bea Cleo Dora Edda Faye Gina Hedy Ines Jana Kaya Lena Mina Nele Olga Pia Rosa".split()
    ]
    found = one(person("Ulrike Marchetti", "um@contoso.com"), person("Marchetti", "x1@fabrikam.com"), *crowd)
    assert [address for address, _, _ in found][:1] == ["x1@fabrikam.com"]


# --- what both directories tell beside names --------------------------------------------------------------------------

COLUMNS = ("Employee ID", "Mobile Phone", "Department", "City")
AGAINST, PART = "The names contradict each other; names differ", "One name is only part of the other"
FAMILY = "same family name, another given name"
BESIDE = [
    # what is told of the user, of the account; what the account is called; the evidence, None where nobody is found
    ("an employee id finds who is called otherwise", "77 - - -", "77 - - -", "Eva Braun", f"{AGAINST}; the employee id is the same"),
    ("a mobile number, however written", "- +49(0)170/123456 - -", "- +49170123456 - -", "Eva Braun", f"{AGAINST}; the mobile number is the same"),
    ("another number says nothing", "77 - - -", "78 - - -", "Eva Braun", None),
    ("a placeholder is no number", "0 - - -", "0 - - -", "Eva Braun", None),
    ("a place alone finds nobody", "- - Sales Rome", "- - Sales Rome", "Eva Braun", None),
    ("a place and a word of the name", "- - - Rome", "- - - Rome", "Ingrid", f"{PART}; the city is the same"),
    ("both parts of a place", "- - Sales Rome", "- - sales ROME", "Ingrid", f"{PART}; the department is the same; the city is the same"),
    ("another given name at the same place", "- - - Rome", "- - - Rome", "Eva Nyman", f"The names contradict each other; {FAMILY}; the city is the same"),
    ("another given name elsewhere", "- - - Rome", "- - - Oslo", "Eva Nyman", None),
    ("another place does not speak against it", "- - - Rome", "- - - Oslo", "Ingrid", PART),
]  # fmt: skip


def told(*texts: str) -> dict[str, list[str]]:
    """Columns of what is told, a text for each row; `-` is an empty cell."""
    cells = [["" if word == "-" else word for word in text.split()] for text in texts]
    return dict(zip(COLUMNS, map(list, zip(*cells, strict=True)), strict=True))


def beside(user: str, here: str, *accounts: tuple[str, str]) -> list[tuple[str, int, str]]:
    """The guesses for one user among these accounts and eight strangers elsewhere."""
    strangers = [f"Nora {family}" for family in "Adler Berger Conti Dubois Eklund Farkas Garcia Horvat".split()]
    names = [*(name for name, _ in accounts), *strangers]
    result = t2t.generate(
        source_full=[pl.DataFrame({"Full Name": [user], "Windows Live ID": ["x77@contoso.com"]} | told(here))],
        destination_directory=[
            pl.DataFrame(
                {
                    "Display name": names,
                    "User principal name": [f"u{at}@fabrikam.com" for at in range(len(names))],
                    "Block credential": ["False"] * len(names),
                }
                | told(*(text for _, text in accounts), *["- - Legal Turin"] * len(strangers))
            )
        ],
    )
    return guesses(result).get("x77@contoso.com", [])


@pytest.mark.parametrize(("here", "there", "name", "says"), [pytest.param(*row[1:], id=row[0]) for row in BESIDE])
def test_what_is_told_beside_names(here: str, there: str, name: str, says: str | None) -> None:
    """A number that nobody else has finds an account; a place finds it only with a word of the name."""
    found = beside("Ingrid Nyman", here, (name, there))
    assert [evidence for _, _, evidence in found] == ([] if says is None else [says])


def test_a_place_tells_namesakes_apart() -> None:
    """Two accounts of one name: the one in the same city comes first, and no longer as one of two that are as likely."""
    two = [("Ingrid Nyman", "- - - Oslo"), ("Ingrid Nyman", "- - - Rome")]
    assert [row[:2] for row in beside("Ingrid Nyman", "- - - -", *two)] == [
        ("u0@fabrikam.com", 75), ("u1@fabrikam.com", 75)
    ]  # fmt: skip
    best, other = beside("Ingrid Nyman", "- - - Rome", *two)
    assert best == ("u1@fabrikam.com", 78, "Same name; the city is the same")
    assert other == ("u0@fabrikam.com", 75, "Same name")
