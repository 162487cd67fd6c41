"""The exports of both tenants as one value, and the keywords that stand for it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypedDict, TypeVar

from t2t_mapping.choices import MatchOn, Profile
from t2t_mapping.errors import UsageError
from t2t_mapping.read import each
from t2t_mapping.results.options import Options
from t2t_mapping.users.load import Batch, Given, Users

__all__ = ["ExportKeywords", "Exports", "Keywords", "Many", "shows_keywords", "understood"]

Many = Given | Iterable[Given]

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Exports:
    """The exports of both tenants: what each is, and whose. Nothing is read before it is used.

    Each field takes one export or many: files, folders, globs, frames, or what `read_users` gave.

    Attributes:
        source: Exports of the source; each file tells its view.
        destination: The same of the destination.
        source_full: Exports of the source view Full Access Users.
        source_admin: Exports of the source view Administrative Access Users.
        source_directory: Accounts of the source tenant (Microsoft 365, Entra, Graph). They fill in details of users that
            are in the other source exports, and never add users.
        destination_full: Exports of the destination view Full Access Users.
        destination_admin: Exports of the destination view Administrative Access Users.
        destination_directory: Accounts of the destination tenant.
        sheet: The sheet to read where a workbook has several that list users.
    """

    source: Many = ()
    destination: Many = ()
    source_full: Many = ()
    source_admin: Many = ()
    source_directory: Many = ()
    destination_full: Many = ()
    destination_admin: Many = ()
    destination_directory: Many = ()
    sheet: str | None = None

    def __post_init__(self) -> None:
        for field in fields(self)[:-1]:
            object.__setattr__(self, field.name, _listed(getattr(self, field.name)))

    def __repr__(self) -> str:
        given = [f"{field.name}={len(getattr(self, field.name))}" for field in fields(self)[:-1]]
        return f"<Exports: {', '.join(text for text in given if not text.endswith('=0')) or 'none'}>"

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self)[:-1])

    @classmethod
    def of(cls, source: Exports | Many | None, destination: Many | None, keywords: ExportKeywords) -> Exports:
        """What a public function was called with, as one value.

        Raises:
            UsageError: Besides a whole `Exports`, further exports were given.
            TypeError: There is no such keyword.
        """
        if isinstance(source, Exports):
            if destination is not None or keywords:
                raise UsageError("Give either an `Exports` value or single exports, not both.")
            return source
        return cls(() if source is None else source, () if destination is None else destination, **keywords)


def _listed(value: Many | None) -> tuple[Given, ...]:
    """One or many, in the only place that asks."""
    if value is None:
        return ()
    return tuple(each(value, (Users, Batch)))


class ExportKeywords(TypedDict, total=False):
    """The fields of `Exports` that public functions take as keywords."""

    source_full: Many
    source_admin: Many
    source_directory: Many
    destination_full: Many
    destination_admin: Many
    destination_directory: Many
    sheet: str | None


class OptionKeywords(TypedDict, total=False):
    """The fields of `Options` that public functions take as keywords, on top of `options`."""

    include_admins: bool
    destination_domain: str | Sequence[str]
    match_on: MatchOn | Sequence[MatchOn]
    profile: Profile
    accept: str | Sequence[str]
    exclude: str | Sequence[str]
    source_domains: str | Sequence[str]


class Keywords(ExportKeywords, OptionKeywords, total=False):
    """Both."""


def understood(
    source: Exports | Many | None, destination: Many | None, options: Options | None, keywords: Keywords
) -> tuple[Exports, Options]:
    """What a public function was called with: its exports, and its options with the keywords on top.

    Raises:
        UsageError: An option is not possible, or exports are given twice over.
        TypeError: There is no such keyword.
    """
    given: dict[str, Any] = dict(keywords)
    about_exports: Any = {name: given.pop(name) for name in list(given) if name in ExportKeywords.__annotations__}
    return Exports.of(source, destination, about_exports), replace(options or Options(), **given)


def shows_keywords(kind: Any) -> Callable[[F], F]:
    """Show each keyword behind `**keywords` in the signature of a function, for `help` and for the documentation."""
    defaults = {field.name: field.default for owner in (Exports, Options) for field in fields(owner)}

    def shown(function: F) -> F:
        signature = inspect.signature(function)
        own = list(signature.parameters.values())[:-1]
        keywords = [
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                default=defaults[name],
                annotation=getattr(annotation, "__forward_arg__", annotation),
            )
            for name, annotation in kind.__annotations__.items()
        ]
        function.__signature__ = signature.replace(parameters=[*own, *keywords])  # type: ignore[attr-defined]
        return function

    return shown
