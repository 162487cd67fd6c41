"""A slow, plain-Python matcher, written from the specification alone, to hold the vectorised one against.

It works on small lists of dictionaries and knows nothing of polars. Only the comparison of two full names is shared
(`names.verdict`), which has a table of its own.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import Any

from namesakes import namesake_errors
from namesakes import verdict as verdict_of

from t2t_mapping import names

UPN = re.compile(
    r"[A-Za-z0-9'\-_!#^~]+(\.[A-Za-z0-9'\-_!#^~]+)*@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+"
)
EXCLUDED_KINDS = ("application", "system")


def as_key(text: str | None) -> str | None:
    """The one form of an address; None for what is none."""
    text = (text or "").strip()
    return text.lower() if UPN.fullmatch(text) else None


@dataclass
class Person:
    """One listed user, as the columns say it."""

    name: str | None
    upn: str | None
    view: str = "full"
    status: bool | None = None
    licensed: bool | None = None
    mode: str | None = None
    mail: str | None = None
    aliases: tuple[str, ...] = ()
    user_name: str | None = None
    object_id: str | None = None
    user_id: str | None = None
    employee_id: str | None = None

    @property
    def typed(self) -> str | None:
        return (self.upn or "").strip() or self.user_name

    @property
    def key(self) -> str | None:
        return as_key(self.typed)

    @property
    def other(self) -> str | None:
        """The User Name, where it is another address."""
        other = as_key(self.user_name)
        return other if other != self.key else None


@dataclass
class User:
    """One person, after merging."""

    listed: list[Person] = field(default_factory=list)

    @property
    def key(self) -> str | None:
        return self.listed[0].key

    @property
    def upn(self) -> str | None:
        texts = [p.typed for p in self.listed if p.typed]
        return min(texts) if texts else None

    @property
    def local(self) -> str | None:
        return self.key.split("@")[0] if self.key else None

    @property
    def domain(self) -> str | None:
        return self.key.split("@")[1] if self.key else None

    @property
    def names(self) -> list[str | None]:
        return [*sorted({p.name.strip() for p in self.listed if p.name and p.name.strip()})] or [None]

    @property
    def shown(self) -> str | None:
        listed = [(("full", "admin", "directory").index(p.view), p.name.strip()) for p in self.listed if p.name]
        return min((rank, name) for rank, name in listed if name)[1] if any(name for _, name in listed) else None

    @property
    def view(self) -> str:
        return min((p.view for p in self.listed), key=("full", "admin", "directory").index)

    def _worst(self, said: list[bool], implied: list[bool]) -> bool | None:
        if said:
            return all(said)
        return all(implied) if implied else None

    @property
    def enabled(self) -> bool | None:
        said = [p.status for p in self.listed if p.status is not None]
        return self._worst(said, [True for p in self.listed if p.view != "directory"])

    @property
    def licensed(self) -> bool | None:
        said = [p.licensed for p in self.listed if p.licensed is not None]
        return self._worst(said, [p.view == "full" for p in self.listed if p.view != "directory"])

    @property
    def mode(self) -> str | None:
        order = ("read-write", "read", "administrative", "non-interactive", "delegated-admin", "support-user")
        modes = [p.mode for p in self.listed if p.mode]
        return max(modes, key=order.index) if modes else None

    @property
    def kind(self) -> str:
        kinds = [self._kind(p) for p in self.listed]
        return max(kinds, key=("person", "non-interactive", "guest", "system", "application").index)

    def _kind(self, person: Person) -> str:
        name = (person.name or "").strip()
        if name.startswith("# "):
            return "application"
        if person.mode in ("support-user", "delegated-admin"):
            return "system"
        if not person.typed and name in ("SYSTEM", "INTEGRATION"):
            return "system"
        if person.key and "#ext#@" in person.key:
            return "guest"
        return "non-interactive" if person.mode == "non-interactive" else "person"

    @property
    def addresses(self) -> set[str]:
        found = {self.key}
        for person in self.listed:
            found |= {alias.lower() for alias in person.aliases}
        found.add(self.mail)
        return {address for address in found if address}

    @property
    def other(self) -> str | None:
        return min((p.other for p in self.listed if p.other), default=None)

    def ids(self, name: str) -> set[str]:
        return {value for p in self.listed if (value := getattr(p, name))}

    @property
    def employee_id(self) -> str | None:
        return min((p.employee_id for p in self.listed if p.employee_id), default=None)

    @property
    def mail(self) -> str | None:
        mails = [(("full", "admin", "directory").index(p.view), p.mail) for p in self.listed if p.mail]
        return min(mails)[1].lower() if mails else None


def merged(people: list[Person]) -> list[User]:
    """One user per person; a row without a usable user principal name is a user of its own."""
    users: dict[Any, User] = {}
    for number, person in enumerate(people):
        users.setdefault(person.key or number, User()).listed.append(person)
    return list(users.values())


def listed(people: list[Person], *, adds: bool) -> tuple[list[User], list[Person]]:
    """The users of one side, and the accounts that only its directory lists (none where a directory adds users, too).

    Where a row has two addresses and the directory knows one of them, that one counts.
    """
    accounts = [p for p in people if p.view == "directory"]
    known = {p.key for p in accounts if p.key}
    turned = [
        replace(p, upn=p.other, user_name=p.typed) if p.other in known and p.key not in known else p for p in people
    ]
    if adds:
        return merged(turned), []
    users = merged([p for p in turned if p.view != "directory"])
    by_key = {user.key: user for user in users if user.key}
    for account in accounts:
        if account.key in by_key:
            by_key[account.key].listed.append(account)
    return users, [account for account in accounts if account.key and account.key not in by_key]


def telling(users: list[User], name: str) -> dict[int, str]:
    """Of each user, by identity, the value that is nobody else's and no placeholder."""
    values = [value for user in users if (value := getattr(user, name))]
    return {
        id(user): value
        for user in users
        if (value := getattr(user, name)) and values.count(value) == 1 and value.split("@")[0] not in ("N/A", "0", "-")
    }


def distance(one: str, other: str) -> int:
    """Letters more, less, another, or two neighbours exchanged."""
    rows = [list(range(len(other) + 1))]
    for i, a in enumerate(one, 1):
        rows.append([i])
        for j, b in enumerate(other, 1):
            best = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                best = min(best, rows[i - 2][j - 2] + 1)
            rows[i].append(best)
    return rows[-1][-1]


def nearly(line: str, key: str) -> bool:
    """Whether an address is another one but for a slip of the hand."""
    (local, domain), (other, at) = line.split("@"), key.split("@")
    if domain != at:
        labels = [
            {label for label in name.split(".") if len(label) > 2} - {"com", "onmicrosoft"} for name in (domain, at)
        ]
        return local == other and (bool(labels[0] & labels[1]) or distance(domain, at) <= 2)
    if local == other or max(len(local), len(other)) < 4 or distance(local, other) > 1:
        return False
    changed = [(a, b) for a, b in zip(local, other, strict=False) if a != b]
    return len(local) != len(other) or len(changed) != 1 or not "".join(changed[0]).isdigit()


def home(key: str) -> str | None:
    """A guest's address at home."""
    before, mark, _ = key.partition("#ext#@")
    if not mark or "_" not in before:
        return None
    local, _, domain = before.rpartition("_")
    return f"{local}@{domain}" if local and domain else None


@dataclass
class Answer:
    """What the ladder says of one user."""

    rung: str | None = None
    target: str | None = None  # key
    candidates: tuple[str, ...] = ()
    excluded: bool = False
    noted: bool = False

    @property
    def ambiguous(self) -> bool:
        return len(self.candidates) > 1


Rule = tuple[str, str | None, str | None]


def is_exact(rule: Rule) -> bool:
    return "*" not in rule[0]


def climb(
    user: User,
    destination: list[User] | None,
    rules: list[Rule],
    domains: list[str],
    equal: dict[str, tuple[dict[int, str], dict[int, str]]],
) -> Answer:
    """The ladder of the specification, rung by rung."""
    text = (user.key or user.upn or "").lower() if (user.upn or "").isascii() else user.upn
    for source, target, note in rules:
        if is_exact((source, target, note)) and (source.lower() if source.isascii() else source) == text:
            noted = any(n for s, _, n in rules if is_exact((s, _, n)) and s.lower() == source.lower())
            return Answer("rule" if target else None, target.lower() if target else None, (), target is None, noted)
    rungs: list[tuple[str, set[str]]] = []
    if user.key:
        for source, target, _ in rules:
            match = "*" in source and re.fullmatch(
                ".*".join(f"{re.escape(p)}" for p in source.lower().split("*")), user.key
            )
            if match:
                if target is None:
                    return Answer(excluded=True)
                captures = re.fullmatch("(.*)".join(re.escape(p) for p in source.lower().split("*")), user.key)
                assert captures
                made = target.lower()
                for group in captures.groups():
                    made = made.replace("*", group, 1)
                rungs.append(("pattern", {made}))
                break
        if destination is None:
            if len(domains) == 1:
                rungs.append(("local-part", {f"{user.local}@{domains[0]}"}))
        else:
            native = [other for other in destination if other.key and other.kind != "guest"]
            own = (home(user.key) if user.kind == "guest" and user.key else None) or user.key
            wanted = {own, user.mail} - {None}
            rungs.append(("alias", {o.key for o in native if o.key and wanted & o.addresses}))
            for rung, (here, there) in equal.items():
                value = here.get(id(user))
                rungs.append((rung, {o.key for o in native if o.key and value and there.get(id(o)) == value}))
            same = [o for o in native if o.local == user.local]
            if len(same) > 1 and domains:
                for domain in domains:
                    preferred = [o for o in same if o.domain == domain]
                    if preferred:
                        same = preferred
                        break
            rungs.append(("local-part", {o.key for o in same if o.key}))
    rungs = [(rung, found) for rung, found in rungs if found]
    every = set().union(*(found for _, found in rungs)) if rungs else set()
    if len(every) > 1:
        return Answer(None, None, tuple(sorted(every)))
    if every:
        return Answer(rungs[0][0], every.pop())
    guests = sorted(
        o.key for o in destination or [] if o.key and o.kind == "guest" and user.key and home(o.key) == user.key
    )
    if len(guests) > 1:
        return Answer(None, None, tuple(guests))
    return Answer("guest", guests[0]) if guests else Answer()


def account(
    source: list[Person],
    destination: list[Person] | None,
    rules: list[Rule],
    *,
    domains: tuple[str, ...] = (),
    match_on: tuple[str, ...] = (),
    include_admins: bool = False,
    accept: tuple[str, ...] = (),
    exclude: tuple[str, ...] = (),
    tenant_words: frozenset[str] = frozenset(),
) -> dict[tuple[str | None, str | None], dict[str, Any]]:
    """Every source user (by text and name) with disposition, destination, rung, error codes and candidates."""
    users, away = listed(source, adds=False)
    others = listed(destination, adds=True)[0] if destination is not None else None
    by_key: dict[str | None, User] = {other.key: other for other in others or [] if other.key}
    equal = {
        rung: (telling(users, name), telling(others or [], name))
        for rung, name in (("employee-id", "employee_id"), ("mail", "mail"))
        if rung in match_on
    }
    answers = [climb(user, others, rules, list(domains), equal) for user in users]
    verdicts: list[str | None] = []
    for user, answer in zip(users, answers, strict=True):
        other = by_key.get(answer.target)
        if other is None:
            verdicts.append(None)
            continue
        by_name = []
        for b in other.names:
            found = {verdict_of(a, b, user.local, other.local, tenant_words) for a in user.names}
            worst = max(found, key=names.VERDICTS.index)
            # Another listing of the source user clears a doubt.
            by_name.append("compatible" if worst == "doubtful" and "compatible" in found else worst)
        verdicts.append(max(by_name, key=names.VERDICTS.index))
    exclusion: list[str | None] = []
    for user, answer in zip(users, answers, strict=True):
        admin = user.mode == "administrative" if user.mode else user.view == "admin"
        if answer.excluded:
            exclusion.append("rule")
        elif user.kind in EXCLUDED_KINDS:
            exclusion.append("U203")
        elif admin and answer.rung != "rule" and not include_admins:
            exclusion.append("P309")
        else:
            exclusion.append(None)
    contradicted = [
        verdict == "contradictory" and not (answer.rung == "rule" and answer.noted)
        for verdict, answer in zip(verdicts, answers, strict=True)
    ]
    claims: dict[str, int] = defaultdict(int)
    for answer, why, bad in zip(answers, exclusion, contradicted, strict=True):
        if answer.target and not bad and why is None:
            claims[answer.target] += 1
    accounts = [{p.key for p in people if p.view == "directory"} for people in (source, destination or [])]
    wrong: list[set[str]] = []
    together = (users, answers, verdicts, exclusion, contradicted)
    for at, (user, answer, verdict, why, bad) in enumerate(zip(*together, strict=True)):
        errors: set[str] = set()
        if why is None:
            errors = _errors(user, answer, verdict, bad, by_key, destination is not None, claims)
            errors |= namesake_errors(at, *together, by_key, list(domains), tenant_words)
            errors |= identity(user, by_key.get(answer.target), users, others or [], away, accounts, noted=answer.noted)
            errors |= {"R406"} if answer.rung != "rule" and missed(user, users, rules) else set()
        wrong.append(errors - set(accept))
    rows = [
        (user, answer, "option" if why is None and errors and errors <= set(exclude) else why, errors)
        for user, answer, why, errors in zip(
            users, answers, exclusion, collided(users, answers, exclusion, wrong, away), strict=True
        )
    ]
    out: dict[tuple[str | None, str | None], dict[str, Any]] = {}
    for user, answer, why, errors in rows:
        if not user.key:  # such users cannot be told apart: only how many of them end where
            there = out.setdefault((user.upn, user.shown), defaultdict(int))
            there["excluded" if why else "held"] += 1
            continue
        out[(user.upn, user.shown)] = {
            "disposition": "excluded" if why else "held" if errors else "mapped",
            "target": None if why else answer.target,
            "rung": None if why else answer.rung,
            "errors": errors if why != "option" else set(),
            "candidates": () if why else answer.candidates,
        }
    return out


def identity(
    user: User,
    other: User | None,
    users: list[User],
    others: list[User],
    away: list[Person],
    accounts: list[set[str | None]],
    *,
    noted: bool,
) -> set[str]:
    """What ids and second addresses say about one user and the destination."""
    if noted:
        return set()
    errors = set()
    for person, known in zip((user, other), accounts, strict=True):
        if person and person.other and not (person.key in known and person.other not in known):
            errors.add("U209")
    for person, people, further in ((user, users, away), (other, others, [])):
        if person is None or person.key is None:
            continue
        for name in ("object_id", "user_id"):
            mine = person.ids(name)
            theirs = [o.ids(name) for o in people if o.key and o.key != person.key]
            theirs += [{p.object_id or ""} for p in further if name == "object_id"]
            if len(mine) > 1 or any(mine & ids for ids in theirs):
                errors.add("P314")
    if user.key and any(user.ids("object_id") & o.ids("object_id") for o in others):
        errors.add("P314")
    if other and any(other.ids("object_id") & u.ids("object_id") for u in users if u.key != user.key):
        errors.add("P314")
    return errors


def missed(user: User, users: list[User], rules: list[Rule]) -> bool:
    """Whether an exact line that names nobody nearly names this user, or names the user in the wrong column."""
    if not user.key:
        return False
    known = {u.key or u.upn for u in users}
    lines = [
        (source.lower(), target and target.lower()) for source, target, _ in rules if is_exact((source, target, _))
    ]
    return any(source not in known and (nearly(source, user.key) or target == user.key) for source, target in lines)


def collided(
    users: list[User], answers: list[Answer], exclusion: list[str | None], wrong: list[set[str]], away: list[Person]
) -> list[set[str]]:
    """The errors of everybody, with P312 and P313: destinations that are addresses of the source environment."""
    found = [set(errors) for errors in wrong]
    ready = [why is None and not errors for why, errors in zip(exclusion, wrong, strict=True)]
    for n, (user, answer) in enumerate(zip(users, answers, strict=True)):
        if exclusion[n] is not None or not answer.target:
            continue
        for m, owner in enumerate(users):
            one_record = any(
                min(user.ids(name), default=0) == min(owner.ids(name), default=1) for name in ("object_id", "user_id")
            )
            if owner.key == user.key or one_record:
                continue
            if answer.target == owner.key and owner.key and ready[m]:
                if ready[n]:
                    found[n].add("P312")
                    found[m].add("P312")
            elif answer.target in (owner.key, owner.other, owner.key and home(owner.key)):
                found[n].add("P313")
            if answer.target in (owner.other, owner.key and home(owner.key)):
                found[n].add("P313")
        for account in away:
            assert account.key
            same = account.object_id and account.object_id == min(user.ids("object_id"), default=None)
            if not same and answer.target in (account.key, home(account.key)):
                found[n].add("P313")
    return found


def _errors(
    user: User,
    answer: Answer,
    verdict: str | None,
    contradicted: bool,
    by_key: dict[str | None, User],
    verified: bool,
    claims: dict[str, int],
) -> set[str]:
    errors = set()
    other = by_key.get(answer.target)
    if not user.upn:
        errors.add("I107")
    elif not user.key:
        errors.add("I106")
    if user.shown in ("SYSTEM", "INTEGRATION") and answer.rung != "rule":
        errors.add("U207")
    if user.enabled is False:
        errors.add("U201")
    admin = user.mode == "administrative" if user.mode else user.view == "admin"
    if user.licensed is False and not admin and user.kind != "non-interactive":
        errors.add("U202")
    if user.key and not answer.ambiguous and not answer.target:
        errors.add("U211")
    if answer.ambiguous:
        errors.add("P301")
    if answer.target:
        if claims[answer.target] > 1 and not contradicted:
            errors.add("P302")
        if answer.target == user.key:
            errors.add("P307")
        if not verified:
            errors.add("P306")
    if verified and answer.target and not other:
        errors.add("U211")
    if other:
        errors |= {"U212"} if other.enabled is False else set()
        errors |= {"U213"} if other.licensed is False else set()
        errors |= {"U216"} if other.kind == "guest" and answer.rung != "rule" else set()
        errors |= {"U218"} if other.kind in EXCLUDED_KINDS else set()
        errors |= {"P303"} if contradicted else set()
        errors |= {"P304"} if verdict == "doubtful" and answer.rung not in ("rule", "alias") else set()
        errors |= {"P305"} if verdict == "unknown" and answer.rung != "rule" else set()
    return errors
