"""The exports and rules of a plan: found beside it, and read once, however many environments share them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl

from t2t_mapping.errors import InputError, Problem
from t2t_mapping.plans.file import EXPORTS, Environment
from t2t_mapping.rules.table import RuleTable
from t2t_mapping.run.reading import rule_table
from t2t_mapping.users.load import Batch, Request, load

__all__ = ["Inputs", "beside"]

_Key = tuple[str, tuple[str, ...], str | None]  # which export, its paths, the sheet


class Inputs:
    """Everything that the environments of a plan read. What cannot be read is a problem of those that need it only."""

    def __init__(self, base: Path, progress: Callable[[str], None] | None = None) -> None:
        self.base = base
        self.progress = progress
        self.exports: dict[_Key, Batch | InputError] = {}
        self.rules: dict[tuple[str, ...], RuleTable | InputError] = {}

    def read_all(self, environments: Iterable[Environment]) -> None:
        """Read each export and each rule table once, two at a time."""
        environments = list(environments)
        keys = list(dict.fromkeys(key for environment in environments for key in _keys(environment)))
        tables = list(dict.fromkeys(environment.rules for environment in environments if environment.rules))
        with ThreadPoolExecutor(2) as pool:
            self.exports = dict(zip(keys, pool.map(self._export, keys), strict=True))
            self.rules = dict(zip(tables, pool.map(self._rules, tables), strict=True))

    def of(self, environment: Environment) -> tuple[list[Batch], list[Batch] | None, RuleTable]:
        """Source users, destination users (None without any) and rules of one environment.

        Raises:
            InputError: with every file of this environment that cannot be used.
        """
        problems: list[Problem] = []
        sides: dict[str, list[Batch]] = {"source": [], "destination": []}
        for key in _keys(environment):
            found = self.exports[key]
            if isinstance(found, InputError):
                problems += found.problems
            else:
                sides[key[0].partition("_")[0]].append(found)
        rules = self.rules[environment.rules] if environment.rules else RuleTable.empty()
        if isinstance(rules, InputError):
            problems += rules.problems
            rules = RuleTable.empty()
        if problems:
            raise InputError(*problems)
        return sides["source"], sides["destination"] or None, rules

    def everybody(self) -> pl.Series:
        """The source users of all environments, as typed."""
        batches = [batch for key, batch in self.exports.items() if key[0] in ("source_full", "source_admin")]
        nobody = pl.Series("upn", dtype=pl.String)
        return pl.concat([nobody, *(batch.rows["upn"] for batch in batches if isinstance(batch, Batch))]).unique()

    def _export(self, key: _Key) -> Batch | InputError:
        which, paths, sheet = key
        side, _, view = which.partition("_")
        try:
            request = Request(tuple(beside(self.base, paths, side)), side, view)
            return load([request], sheet=sheet, progress=self.progress)[0]
        except InputError as error:
            return error

    def _rules(self, paths: tuple[str, ...]) -> RuleTable | InputError:
        try:
            return rule_table([self.base / path for path in paths])
        except InputError as error:
            return error


def _keys(environment: Environment) -> list[_Key]:
    return [(name, environment.exports[name], environment.sheet) for name in EXPORTS if name in environment.exports]


def beside(base: Path, paths: Iterable[str], side: str | None = None) -> list[Path]:
    """Paths and globs, relative to the plan's folder, whose own name may hold `[` and `*`."""
    found: list[Path] = []
    for text in paths:
        path = base / text
        try:
            is_pattern = any(sign in text for sign in "*?[") and not path.exists() and not Path(text).is_absolute()
            matches = sorted(base.glob(text)) if is_pattern else []
        except (ValueError, NotImplementedError, OSError) as error:
            raise InputError(Problem("I101", f"This is not a usable path: {error}.", side=side, file=text)) from None
        found += [match for match in matches if not match.name.startswith("~$") and match.is_file()] or [path]
    return found
