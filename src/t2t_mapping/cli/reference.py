"""The references of codes and commands, from the catalogue and the parser, so that neither can drift."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from dataclasses import asdict

from t2t_mapping.catalogue import CATALOGUE, Code
from t2t_mapping.lexicon.articles import WHEN, backing, service

__all__ = ["codes_json", "codes_markdown", "codes_text", "commands_markdown"]


def codes_text(entries: Iterable[Code], *, full: bool) -> str:
    """One line per code, or everything there is to say about each."""
    if not full:
        return "\n".join(f"{entry.code}  {entry.severity:<8} {entry.name}" for entry in entries)
    blocks = []
    for entry in entries:
        lines = [f"{entry.code} {entry.name}", f"  severity  {_severity(entry)}"]
        if entry.message != "{a}":
            lines.append(f"  message   {entry.message}")
        lines += [f"  why       {entry.why}", f"  fix       {entry.fix}"]
        if entry.service:
            lines.append(f"  service   {entry.service}")
        if source := backing(entry.code):
            lines.append(f"  source    {source}")
        if entry.acceptable:
            lines.append(f"  accept    --accept {entry.code} makes it a warning for one run")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def _severity(entry: Code) -> str:
    return f"{entry.severity} ({entry.note})" if entry.note else entry.severity


def codes_json(entries: Iterable[Code]) -> str:
    """The entries as one JSON object."""
    told = []
    for entry in entries:
        source = backing(entry.code)
        told.append(asdict(entry) | {"source": None if source is None else asdict(source)})
    return json.dumps({"codes": told}, ensure_ascii=True, indent=2)


def codes_markdown() -> str:
    """The whole reference as a page of the documentation."""
    parts = [
        "# Finding codes",
        "",
        "Made from the catalogue by `python docs/make_reference.py`; a test keeps it true.",
        "",
        "An *error* on a user holds that user out of the mapping until somebody decides; a *fatal* fault stops the run; a "
        "*warning* is mapped but listed; *info* is counted.",
    ]
    titles = {
        "I": "Inputs",
        "U": "Users",
        "P": "Pairs",
        "R": "Rules",
        "M": "The mapping file",
        "B": "Mailboxes",
        "L": "Licences",
        "E": "Environments",
        "V": "After the move",
    }
    for letter, title in titles.items():
        parts += ["", f"## {title}"]
        for entry in CATALOGUE.values():
            if entry.code[0] == letter:
                parts += ["", f"### {entry.code} {entry.name}", "", f"*{_severity(entry)}*", "", entry.why, ""]
                parts.append(f"**What to do:** {entry.fix}")
                if entry.service:
                    parts += ["", f"The service says: `{entry.service}`"]
                if source := backing(entry.code):
                    parts += ["", f"Source: {source}."]
                if entry.acceptable:
                    parts += ["", f"`--accept {entry.code}` makes it a warning for one run."]
    parts += _articles_markdown()
    return "\n".join(parts) + "\n"


def _articles_markdown() -> list[str]:
    """What the service says, and where that stands: every sentence with the dates of its articles."""
    facts = service()
    parts = ["", "## Where it stands", "", "| article | title | way |", "|---|---|---|"]
    parts += [
        f"| {date} | [{article['title']}]({article['url']}) | {article['way']} |"
        for date, article in facts.articles.items()
    ]
    parts += ["", "### Result codes of the service", "", "| code | means | the article advises | here | articles |"]
    parts.append("|---|---|---|---|---|")
    parts += [
        f"| `{result.name}` | {result.means} | {result.article} | {result.code}: {result.ours} | {', '.join(result.articles)} |"
        for result in facts.results.values()
    ]
    parts += ["", "### Answers of the service", "", "| answer | means | articles |", "|---|---|---|"]
    parts += [f"| `{answer.text}` | {answer.means} | {', '.join(answer.articles)} |" for answer in facts.answers]
    parts += ["", "### Checklist", "", "| when | what | articles | only |", "|---|---|---|---|"]
    parts += [
        f"| {line.when} | {line.text} | {', '.join(line.articles)} | {line.only} |"
        for line in sorted(facts.reminders, key=lambda line: WHEN.index(line.when))
    ]
    return parts


def commands_markdown(top: argparse.ArgumentParser) -> str:
    """The command line as a page of the documentation, from the parser itself."""
    parts = [
        "# Commands",
        "",
        "Made from the command line itself by `python docs/make_reference.py`; a test keeps it true.",
    ]
    (commands,) = (action for action in top._actions if isinstance(action, argparse._SubParsersAction))
    summaries = {choice.dest: choice.help for choice in commands._choices_actions}
    for name, command in commands.choices.items():
        parts += [
            "",
            f"## {name}",
            "",
            f"{_sentence(summaries[name] or '')}",
            "",
            "| argument | meaning |",
            "|---|---|",
        ]
        parts += [_argument(action) for action in command._actions if action.dest != "help"]
    parts += ["", _sentence(" ".join((top.epilog or "").split()))]
    return "\n".join(parts) + "\n"


def _argument(action: argparse.Action) -> str:
    choices = "\\|".join(map(str, action.choices)) if action.choices else ""
    value = choices or str(action.metavar or action.dest.upper())
    names = ", ".join(action.option_strings)
    takes_value = action.nargs != 0
    many = "..." if action.nargs in ("+", "*") else ""
    shown = " ".join(part for part in (names, f"{value}{many}" if takes_value else "") if part)
    repeat = " (repeatable)" if isinstance(action, argparse._AppendAction) else ""
    return f"| `{shown}`{repeat} | {(action.help or '').replace('|', '/')} |"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")
