"""What Microsoft's articles say about the move, each sentence with the dates of the articles; data in `data/service.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["WHEN", "Answer", "Backing", "Reminder", "ServiceResult", "Step", "backing", "service"]

WHEN = ("before", "during", "after")


def _dates(articles: tuple[str, ...], only: str = "") -> str:
    way = {"self-service": ", self-service only", "support-request": ", support requests only"}.get(only, "")
    return f"article of {' and '.join(articles)}{way}"


@dataclass(frozen=True, slots=True)
class Backing:
    """What a code of the catalogue rests on: the articles, the profile if it holds for one way only, what they say."""

    articles: tuple[str, ...]
    says: str
    only: str = ""

    def __str__(self) -> str:
        return f"{self.says} ({_dates(self.articles, self.only)})"


@dataclass(frozen=True, slots=True)
class Reminder:
    """One line of the checklist. `about` is an environment, or None for the whole move; `articles` are dates."""

    when: str
    text: str
    about: str | None = None
    articles: tuple[str, ...] = ()
    only: str = ""

    @property
    def source(self) -> str:
        """The articles that say so; empty for what only the plan says."""
        return _dates(self.articles, self.only) if self.articles else ""


@dataclass(frozen=True, slots=True)
class ServiceResult:
    """A result code of the service: what it means, what the article advises, what we do, and the finding that means the same."""

    name: str
    code: str
    severity: str
    means: str
    article: str
    ours: str
    articles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a console or the admin center answers; `failed`: there is an error file to explain."""

    text: str
    means: str
    articles: tuple[str, ...]
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the upload: in which tenant, in the admin center, in PowerShell."""

    where: str
    text: str
    center: str
    command: str
    articles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Service:
    """Everything that the articles say."""

    articles: dict[str, dict[str, str]]
    codes: dict[str, Backing]
    results: dict[str, ServiceResult]
    answers: tuple[Answer, ...]
    reminders: tuple[Reminder, ...]
    upload: tuple[Step, ...]

    def checklist(self, profile: str) -> tuple[Reminder, ...]:
        """What no export can show, for one way of moving, in the order of the move."""
        lines = [line for line in self.reminders if line.only in ("", profile)]
        return tuple(sorted(lines, key=lambda line: WHEN.index(line.when)))


@cache
def service() -> Service:
    """The articles' facts, read once."""
    data = tomllib.loads((files("t2t_mapping") / "data" / "service.toml").read_text(encoding="utf-8"))

    def of(kind: Any, table: dict[str, Any]) -> Any:
        return kind(**{**table, "articles": tuple(table["articles"])})

    return Service(
        data["article"],
        {code: of(Backing, table) for code, table in data["codes"].items()},
        {table["name"]: of(ServiceResult, table) for table in data["result"]},
        tuple(of(Answer, table) for table in data["answer"]),
        tuple(of(Reminder, table) for table in data["checklist"]),
        tuple(of(Step, table) for table in data["upload"]),
    )


def backing(code: str) -> Backing | None:
    """What a code of the catalogue rests on; None where it speaks for nobody but us."""
    return service().codes.get(code)
