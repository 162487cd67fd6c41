"""HTML that every page is made of: the shell with its security policy, texts from outside, tables."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files
from typing import Any

from t2t_mapping._version import __version__
from t2t_mapping.upn import show

__all__ = ["document", "laid_out", "options_marked", "policy", "table", "text"]

_LONGEST = 400
_NARROW = 3  # columns that a narrow screen shows beside each other


def document(title: str, banner: str, sections: Sequence[tuple[str, str, str]], data: str = "", about: str = "") -> str:
    """A self-contained page: landmarks, a list of contents, a strict content security policy, no address but its own.

    Args:
        banner: HTML under the title.
        sections: (id, heading, HTML).
        data: JSON that can stand inside a `script` element; a page without any has no script.
        about: HTML that says what the page was made from.
    """
    style, script = _asset("report.css"), _asset("report.js") if data else ""
    scripts = f'<script type="application/json" id="data">{data}</script>\n<script>{script}</script>\n' if data else ""
    contents, body = laid_out(sections)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy(style, script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="t2t-mapping {__version__}">
<title>{escape(title)}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
<header>
<h1>{escape(title)}</h1>
{banner}
</header>
<div class="frame">
<nav aria-label="Contents"><ol>{contents}</ol></nav>
<main id="main" tabindex="-1">
{body}
</main>
</div>
<footer><p>Made by t2t-mapping {__version__}{about}. This page loads nothing from the internet. It holds personal data:
treat it like the exports.</p></footer>
{scripts}</body>
</html>
"""


def _asset(name: str) -> str:
    # A checkout on Windows may have turned the line ends, and the policy's hash is over the text as the browser sees it.
    return (files("t2t_mapping.outputs.report") / name).read_text("utf-8").replace("\r\n", "\n")


def laid_out(sections: Sequence[tuple[str, str, str]]) -> tuple[str, str]:
    """The list of contents and the sections (id, heading, HTML) themselves."""
    contents = "".join(f'<li><a href="#{name}">{escape(heading)}</a></li>' for name, heading, _ in sections)
    body = "\n".join(
        f'<section id="{name}" aria-labelledby="{name}-heading"><h2 id="{name}-heading">{escape(heading)}</h2>\n'
        f"{content}</section>"
        for name, heading, content in sections
    )
    return contents, body


def policy(style: str, script: str = "") -> str:
    """The content security policy of a page with just this style and script: nothing else loads or runs."""
    scripts = f" script-src {_hash(script)};" if script else ""
    return f"default-src 'none'; style-src {_hash(style)};{scripts} img-src data:; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def text(value: Any) -> str:
    """Any text from outside, in a element of its own reading direction; it may break before an @."""
    if value is None:
        return ""
    words = show(str(value), _LONGEST) if _odd(str(value)) else str(value)
    return f"<bdi>{escape(words).replace('@', '<wbr>@')}</bdi>"


def _odd(words: str) -> bool:
    return len(words) > _LONGEST or not words.isprintable()


def table(
    caption: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    numbers: Sequence[int] = (),
    name: str = "",
    foot: Sequence[str] = (),
) -> str:
    """A plain table; cells are HTML already. `foot` is a last line for the sums.

    On a narrow screen each row of a wide one stands as a list of its own, so its cells say what they are.
    """
    right = dict.fromkeys(numbers, ' class="number"')
    stacked = len(heads) > _NARROW and not name
    said = [f' data-head="{head}"' if stacked else "" for head in heads]
    head = "".join(f'<th scope="col"{right.get(i, "")}>{h}</th>' for i, h in enumerate(heads))

    def line(cells: Sequence[str]) -> str:
        return "".join(f"<td{right.get(i, '')}{said[i]}>{cell}</td>" for i, cell in enumerate(cells))

    body = "".join(f"<tr>{line(row)}</tr>\n" for row in rows)
    end = f"<tfoot><tr>{line(foot)}</tr></tfoot>" if foot else ""
    mark = f' id="{name}-table"' if name else ' class="stacked"' if stacked else ""
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(caption)}"><table{mark}>'
        f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody>{end}</table></div>\n"
    )


def options_marked(words: str) -> str:
    """The catalogue marks options with backticks."""
    pieces = escape(words).split("`")
    return "".join(f"<code>{piece}</code>" if position % 2 else piece for position, piece in enumerate(pieces))
