"""Writes what is made from something else: `codes.md`, `commands.md`, `api.md`, and `pypi.md` from the README."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import t2t_mapping as t2t
from t2t_mapping.cli.options import parser
from t2t_mapping.cli.reference import codes_markdown, commands_markdown

__all__ = ["api_markdown", "pypi_markdown"]

_HEADINGS = {"Args": "Arguments", "Attributes": "Attributes", "Returns": "Returns", "Raises": "Raises"}
_ITEM = re.compile(r"    (\w+): (.*)")


def api_markdown() -> str:
    """The public names of the package, one section each: the functions, then what they return, then the errors."""
    public = {name: getattr(t2t, name) for name in t2t.__all__}
    verbs = {name: value for name, value in public.items() if inspect.isfunction(value)}
    errors = {n: value for n, value in public.items() if isinstance(value, type) and issubclass(value, Exception)}
    results = {n: value for n, value in public.items() if isinstance(value, type) and n not in errors}
    parts = [
        "# Library",
        "",
        "Made from the docstrings by `python docs/make_reference.py`; a test keeps it true. Public is what stands here; every "
        "other name may change. All of it is typed, has no global state, prints nothing, and writes nothing unless asked. "
        "Long runs log their steps to the logger `t2t_mapping` (at the level INFO, without personal data).",
        "",
        "Where a table is returned, it is a polars frame.",
        "",
    ]
    for title, group in (("Functions", verbs), ("Values", results), ("Errors", errors)):
        parts += [f"## {title}", ""]
        for name, value in group.items():
            parts += _function(name, value, "###") if inspect.isfunction(value) else _class(name, value)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(parts)).rstrip() + "\n"


def _function(name: str, value: Any, level: str) -> Iterator[str]:
    yield f"{level} {name}"
    yield ""
    yield from ("```python", *_signature(name.rpartition(".")[2], value), "```", "")
    yield from _prose(inspect.getdoc(value) or "")


def _signature(name: str, value: Any) -> Iterator[str]:
    """One argument a line."""
    signature = inspect.signature(value)
    yield f"{name}("
    keyword_only = False
    for parameter in signature.parameters.values():
        if parameter.name == "self":
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and not keyword_only:
            keyword_only = True
            yield "    *,"
        yield f"    {_plain(str(parameter))},"
    yield f") -> {_plain(str(signature.return_annotation))}"


def _plain(text: str) -> str:
    return re.sub(r"(: |-> )'([^']*)'", r"\1\2", text)


def _class(name: str, value: Any) -> Iterator[str]:
    yield f"### {name}"
    yield ""
    yield from _prose(inspect.getdoc(value) or "")
    fields = {field.name for field in dataclasses.fields(value)} if dataclasses.is_dataclass(value) else set()
    members = {
        key: member
        for owner in reversed(value.__mro__)
        if owner.__module__.startswith("t2t_mapping")
        for key, member in vars(owner).items()
        if not key.startswith("_") and key not in fields
    }
    properties = {
        key: member for key, member in members.items() if isinstance(member, (property, functools.cached_property))
    }
    if properties:
        yield from ("**Properties**", "")
        yield from (f"- `{key}`: {_one_line(inspect.getdoc(member) or '')}" for key, member in properties.items())
        yield ""
    for key, member in members.items():
        function = member.__func__ if isinstance(member, classmethod) else member
        if inspect.isfunction(function) and key != "of":
            yield from _function(f"{name}.{key}", function, "####")


def _prose(text: str) -> Iterator[str]:
    """A docstring in the Google style as Markdown."""
    section = ""
    items: list[str] = []

    def closed() -> Iterator[str]:
        yield from (f"- {item}" for item in items)
        if items:
            yield ""
        items.clear()

    for line in text.splitlines():
        heading = line.removesuffix(":")
        item = _ITEM.match(line)
        if line.endswith(":") and heading in _HEADINGS:
            yield from closed()
            section = heading
            yield from (f"**{_HEADINGS[heading]}**", "")
        elif section in ("Args", "Attributes", "Raises") and item:
            items.append(f"`{item[1]}`: {item[2]}")
        elif items and line.strip():
            items[-1] += f" {line.strip()}"
        elif not line.strip():
            yield from closed()
            yield ""
        else:
            yield line.strip()
    yield from closed()
    yield ""


def _one_line(text: str) -> str:
    return " ".join(text.split("\n\n", maxsplit=1)[0].split())


def pypi_markdown(readme: str) -> str:
    """The README for a place where no other file is: without pictures and without links to files."""
    without = re.sub(r"^\| .*\|\n\|---\|---\|\n\| !\[.*\n\n", "", readme, flags=re.MULTILINE)
    return re.sub(r"\[([^\]]+)\]\((?!https?:)[^)]*\)", r"\1", without)


if __name__ == "__main__":
    here = Path(__file__).parent
    readme = (here.parent / "README.md").read_text("utf-8")
    (here / "pypi.md").write_text(pypi_markdown(readme), encoding="utf-8")
    (here / "codes.md").write_text(codes_markdown(), encoding="utf-8")
    (here / "commands.md").write_text(commands_markdown(parser()), encoding="utf-8")
    (here / "api.md").write_text(api_markdown(), encoding="utf-8")
