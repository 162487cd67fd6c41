"""The plan: a TOML file that says which environments move, and from which exports. Read and judged whole, at once."""

from __future__ import annotations

import difflib
import hashlib
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from t2t_mapping.choices import FailOn, Outputs
from t2t_mapping.errors import InputError, Problem, UsageError
from t2t_mapping.mapping.dialects import PROFILES
from t2t_mapping.mapping.upload import Move
from t2t_mapping.plans.folders import folder_name
from t2t_mapping.plans.regions import region_of
from t2t_mapping.plans.values import VALUES, Bad, shown
from t2t_mapping.read.recognise import kind_of
from t2t_mapping.results.options import Options

__all__ = ["EXPORTS", "PLAN_FILES", "Environment", "Plan", "Tenant", "example", "read_plan"]

PLAN_FILES = ("accounting.csv", "findings.csv", "findings.json", "report.html", "run.json")
"""What stands beside the environments' folders."""

VIEWS = ("full", "admin", "directory")
EXPORTS = tuple(f"{side}_{view}" for side in ("source", "destination") for view in VIEWS)

_MOST_BYTES = 1_000_000
_TENANT = {"domains": "domains", "region": "text", "cloud": "cloud", **dict.fromkeys(VIEWS, "texts")}
_OPTIONS = {
    **dict.fromkeys(EXPORTS, "texts"),
    "rules": "texts",
    "include_admins": "truth",
    "destination_domain": "domains",
    "match_on": "texts",
    "profile": "profile",
    "accept": "texts",
    "exclude": "texts",
    "sheet": "text",
}
_KEYS = {
    "source": _TENANT,
    "destination": {**_TENANT, "available_licences": "count", "target_tenant_id": "guid"},
    "options": {**_OPTIONS, "outputs": "outputs", "fail_on": "fail_on", "upload_script": "truth"},
    "environment": {
        "name": "text",
        "type": "type",
        "region": "text",
        "destination_region": "text",
        "rehearses": "text",
        "finance_and_operations": "truth",
        "security_group": "guid",
        "environment_id": "guid",
        "target_tenant_id": "guid",
        "migration_id": "guid",
        **_OPTIONS,
    },
}
"""Table -> key -> kind of its value (see `plan_values`)."""

_ON_THE_COMMAND_LINE = ("out", "overwrite", "format")


@dataclass(frozen=True, slots=True)
class Tenant:
    """One of the two tenants: its domains (of the destination: in order of preference), region and cloud."""

    domains: tuple[str, ...] = ()
    region: str | None = None
    cloud: str | None = None


@dataclass(frozen=True, slots=True)
class Environment:
    """One environment of the plan, everything shared already filled in; None = not stated."""

    name: str
    folder: str
    type: str | None = None
    region: str | None = None
    destination_region: str | None = None
    rehearses: str | None = None
    finance_and_operations: bool | None = None
    security_group: str | None = None
    exports: dict[str, tuple[str, ...]] = field(default_factory=dict)
    rules: tuple[str, ...] = ()
    sheet: str | None = None
    move: Move = field(default_factory=Move)
    options: Options = field(default_factory=Options)


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan that is free of faults. Paths are as typed, relative to the plan's folder."""

    file: str
    sha256: str
    source: Tenant
    destination: Tenant
    environments: tuple[Environment, ...]
    available_licences: int | None = None
    outputs: Outputs | None = None
    fail_on: FailOn | None = None
    upload_script: bool = False


def example() -> str:
    """A commented plan to start from."""
    return (files("t2t_mapping") / "data" / "plan-example.toml").read_text(encoding="utf-8")


def read_plan(path: str | Path) -> Plan:
    """Read a plan.

    Raises:
        InputError: I101 with every fault of the plan: its table, its key, and the nearest right key of a wrong one.
    """
    data, table = _load(Path(path))
    return _Reader(Path(path).as_posix(), table).plan(hashlib.sha256(data).hexdigest())


def _load(path: Path) -> tuple[bytes, dict[str, Any]]:
    label = path.as_posix()

    def refuse(message: str, fix: str) -> InputError:
        return InputError(Problem("I101", message, fix, file=label))

    try:
        if not path.is_file():
            raise refuse("There is no such plan file.", "Check the path; `plan --example` prints a plan to start from.")
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise refuse(
            f"The plan cannot be read: {getattr(error, 'strerror', None) or error}.", "Check the path."
        ) from None
    if len(data) > _MOST_BYTES:
        raise refuse("The plan is longer than a megabyte.", "Give the plan (TOML), not an export.")
    if path.suffix.lower() != ".toml" and (kind := kind_of(data)) is not None and kind.name != "plan":
        raise refuse(f"{kind} It is not a plan.", kind.taker)
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise refuse(f"The plan is not UTF-8 (line {line}).", "Save it as UTF-8 text.") from None
    try:
        return data, tomllib.loads(text)
    except RecursionError:
        raise refuse("The plan is nested too deeply.", "Compare it with `plan --example`.") from None
    except ValueError as error:  # TOMLDecodeError, and integers of more digits than Python takes
        raise refuse(f"The plan is not valid TOML: {shown(str(error))}.", "Compare it with `plan --example`.") from None


class _Reader:
    """Collects every fault of one plan before giving up."""

    def __init__(self, file: str, content: dict[str, Any]) -> None:
        self.file = file
        self.content = content
        self.problems: list[Problem] = []

    def fault(self, message: str, fix: str = "") -> None:
        problem = Problem(
            "I101", message, fix or "Compare the plan with `plan --example`.", side="plan", file=self.file
        )
        if problem not in self.problems:
            self.problems.append(problem)

    def plan(self, digest: str) -> Plan:
        for key, value in self.content.items():
            if key not in _KEYS:
                self.fault(f"There is no table [{shown(key)}]. {_nearest(key, _KEYS)}")
            elif key != "environment" and not isinstance(value, dict):
                self.fault(f"{key} must be a table: [{key}].")
        source, destination, shared = (
            self.table(name, self.content.get(name)) for name in ("source", "destination", "options")
        )
        listed = self.content.get("environment", [])
        if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
            self.fault("environment must be a list of tables: write [[environment]] with two brackets before each.")
            listed = []
        elif not listed:
            self.fault("The plan has no environment.", "Add an [[environment]] with its name and its exports.")
        for side, values in (("source", source), ("destination", destination)):
            for view in VIEWS:
                if view in values:
                    shared.setdefault(f"{side}_{view}", values[view])
        shared.setdefault("destination_domain", destination.get("domains", ()))
        environments = [
            self.environment(n, entry, shared, source, destination.get("target_tenant_id"))
            for n, entry in enumerate(listed, 1)
        ]
        self.names(environments)
        if self.problems:
            raise InputError(*self.problems)
        return Plan(
            self.file,
            digest,
            _tenant(source),
            _tenant(destination),
            tuple(environments),
            destination.get("available_licences"),
            shared.get("outputs"),
            shared.get("fail_on"),
            shared.get("upload_script", False),
        )

    def table(self, name: str, content: Any, label: str = "") -> dict[str, Any]:
        """The good values of one table; every other is a fault."""
        label = label or f"[{name}]"
        values: dict[str, Any] = {}
        for typed, value in (content if isinstance(content, dict) else {}).items():
            key = typed.replace("-", "_")
            kind = _KEYS[name].get(key)
            if kind is None:
                self.fault(f"{label}: {shown(typed)} is not a key here. {self.advice(name, key)}")
            elif key in values:
                self.fault(f"{label}: {key} is given twice, with a hyphen and with an underscore.")
            else:
                answer = VALUES[kind](value)
                if isinstance(answer, Bad):
                    self.fault(f"{label}: {typed} {answer.reason}.")
                else:
                    values[key] = answer
        for key in ("accept", "exclude", "match_on"):
            for code in values.get(key, ()):
                try:
                    Options(**{key: (code,)})  # type: ignore[arg-type]
                except UsageError as error:
                    self.fault(f"{label}: {key}: {error}")
        return values

    def advice(self, table: str, key: str) -> str:
        if key in _ON_THE_COMMAND_LINE:
            return "It belongs on the command line, not into a plan."
        elsewhere = [name for name, keys in _KEYS.items() if name != table and key in keys]
        if elsewhere:
            return f"It belongs into {' or '.join(f'[[{n}]]' if n == 'environment' else f'[{n}]' for n in elsewhere)}."
        return _nearest(key, _KEYS[table])

    def environment(
        self, number: int, entry: dict[str, Any], shared: dict[str, Any], source: dict[str, Any], tenant_id: str | None
    ) -> Environment:
        name = entry.get("name")
        label = f'[[environment]] "{shown(name)}"' if isinstance(name, str) else f"[[environment]] number {number}"
        before = len(self.problems)
        own = self.table("environment", entry, label)
        if "name" not in entry:
            self.fault(f"{label}: it has no name.")
        values = shared | own
        if not values.get("source_full") and not values.get("source_admin") and len(self.problems) == before:
            self.fault(f"{label}: it has no export of source users.", "Add source_full or source_admin.")
        try:
            options = Options(
                include_admins=values.get("include_admins", False),
                destination_domain=values.get("destination_domain", ()),
                match_on=values.get("match_on", ()),
                profile=values.get("profile", PROFILES[0]),
                accept=values.get("accept", ()),
                exclude=values.get("exclude", ()),
                source_domains=source.get("domains", ()),
            )
        except UsageError:  # already a fault of the table that says so
            options = Options()
        region, there = own.get("region", source.get("region")), own.get("destination_region")
        return Environment(
            own.get("name", ""),
            folder_name(own.get("name", ""), PLAN_FILES),
            own.get("type"),
            region_of(region) if region else None,
            region_of(there) if there else None,
            own.get("rehearses"),
            own.get("finance_and_operations"),
            own.get("security_group"),
            {key: values[key] for key in EXPORTS if values.get(key)},
            values.get("rules", ()),
            values.get("sheet"),
            Move(own.get("environment_id"), own.get("target_tenant_id") or tenant_id, own.get("migration_id")),
            options,
        )

    def names(self, environments: Sequence[Environment]) -> None:
        """Names are unique, also where case does not count; `rehearses` names one of them."""
        seen: dict[str, str] = {}
        for environment in environments:
            for key in {environment.name.casefold(), environment.folder.casefold()} - {""}:
                if key in seen and environment.name:
                    self.fault(
                        f'[[environment]] "{shown(environment.name)}": another is called "{shown(seen[key])}", and '
                        "both would share one folder."
                    )
                    break
            seen |= {environment.name.casefold(): environment.name, environment.folder.casefold(): environment.name}
        known = {environment.name: environment for environment in environments if environment.name}
        for environment in environments:
            aim = environment.rehearses
            if aim is not None and (aim not in known or aim == environment.name):
                others = [name for name in known if name != environment.name]
                self.fault(
                    f'[[environment]] "{shown(environment.name)}": rehearses names "{shown(aim)}", which is no '
                    f"other environment of the plan. {_nearest(aim, others)}"
                )


def _tenant(values: dict[str, Any]) -> Tenant:
    region = values.get("region")
    return Tenant(values.get("domains", ()), region_of(region) if region else None, values.get("cloud"))


def _nearest(word: str, known: Sequence[str] | dict[str, Any]) -> str:
    """The nearest right word, or all of them."""
    near = difflib.get_close_matches(word[:80].casefold(), [k.casefold() for k in known], 1, 0.6)
    if near:
        return f'Did you mean "{next(k for k in known if k.casefold() == near[0])}"?'
    return f"Possible are {', '.join(known)}." if known else ""
