"""Where every source user ended, drawn: a flow for the wide page, bars for narrow places. Inline SVG, no styles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape
from itertools import groupby

from t2t_mapping.outputs.report.story import Outcome

__all__ = ["bars", "flow", "in_words"]

_WIDTH = 1000
_TALL = 250  # what all users together measure
_SLOT = 23  # a label needs this much
_GAP = 20  # between dispositions
_LEFT, _MIDDLE, _RIGHT = 0, 330, 660
_NODE = 12
_LEAVES = 10


def in_words(outcomes: Sequence[Outcome]) -> str:
    """The picture as one sentence per disposition."""
    parts = []
    for disposition, group in groupby(outcomes, key=lambda outcome: outcome.disposition):
        leaves = list(group)
        each = "; ".join(f"{leaf.users:,} {_named(leaf)}" for leaf in leaves)
        parts.append(f"{sum(leaf.users for leaf in leaves):,} {disposition}: {each}.")
    return " ".join(parts)


def _named(outcome: Outcome) -> str:
    code = outcome.reason if outcome.reason[1:].isdigit() else ""
    return f"{code} {outcome.label}".strip()


def _few(outcomes: Sequence[Outcome], most: int = _LEAVES) -> list[Outcome]:
    """At most so many leaves per disposition; the small ones together in the last."""
    few: list[Outcome] = []
    for disposition, group in groupby(outcomes, key=lambda outcome: outcome.disposition):
        leaves = list(group)
        if len(leaves) > most:
            rest = leaves[most - 1 :]
            label = f"for {len(rest)} other reasons"
            leaves = [*leaves[: most - 1], Outcome(disposition, "", label, sum(leaf.users for leaf in rest))]
        few += leaves
    return few


def flow(outcomes: Sequence[Outcome]) -> str:
    """The flow from all source users over the dispositions to the reasons. Classes: `flow`, `mapped`, `held`, ..."""
    leaves = _few(outcomes)
    total = sum(leaf.users for leaf in leaves)
    scale = _TALL / max(total, 1)

    def tall(users: int) -> float:
        return max(1.5, users * scale)

    groups = [(name, list(group)) for name, group in groupby(leaves, key=lambda leaf: leaf.disposition)]
    y = 14.0
    tops: dict[int, float] = {}
    spans: dict[str, tuple[float, float]] = {}
    for name, group in groups:
        start = y
        for leaf in group:
            slot = max(_SLOT, tall(leaf.users) + 3)
            tops[id(leaf)] = y + (slot - tall(leaf.users)) / 2
            y += slot
        spans[name] = (start, y)
        y += _GAP
    height = max(y - _GAP + 14, _TALL + 40)
    shapes, labels = [], []
    at_left = (height - sum(tall(sum(leaf.users for leaf in group)) for _, group in groups)) / 2
    first = at_left
    for name, group in groups:
        users = sum(leaf.users for leaf in group)
        top = sum(spans[name]) / 2 - tall(users) / 2
        shapes.append(_ribbon(name, _LEFT + _NODE, at_left, _MIDDLE, top, tall(users)))
        shapes.append(_box(name, _MIDDLE, top, tall(users)))
        labels.append(_label(_MIDDLE + _NODE + 8, top + tall(users) / 2, f"{users:,}", name, "big"))
        at_left += tall(users)
        within = top
        for leaf in group:
            part = tall(users) * leaf.users / users
            shapes.append(_ribbon(name, _MIDDLE + _NODE, within, _RIGHT, tops[id(leaf)], part, tall(leaf.users)))
            shapes.append(_box(name, _RIGHT, tops[id(leaf)], tall(leaf.users)))
            text = _label(
                _RIGHT + _NODE + 8, tops[id(leaf)] + tall(leaf.users) / 2, f"{leaf.users:,}", _named(leaf), "leaf"
            )
            labels.append(_link(leaf, text))
            within += part
    shapes.append(_box("all", _LEFT, first, at_left - first))
    labels.append(_label(_LEFT + _NODE + 8, height / 2, f"{total:,}", "source users", "big"))
    return (
        f'<svg class="flow" viewBox="0 0 {_WIDTH} {height:.0f}" role="group" aria-labelledby="flow-title flow-words">'
        f'<title id="flow-title">Where the {total:,} source users ended</title>'
        f'<desc id="flow-words">{escape(in_words(outcomes))}</desc>{"".join(shapes)}{"".join(labels)}</svg>'
    )


def _ribbon(name: str, x: float, y: float, to_x: float, to_y: float, tall: float, to_tall: float | None = None) -> str:
    middle = (x + to_x) / 2
    end = to_y + (tall if to_tall is None else to_tall)
    return (
        f'<path class="ribbon {name}" d="M{x} {y:.1f}C{middle} {y:.1f} {middle} {to_y:.1f} {to_x} {to_y:.1f}V{end:.1f}'
        f'C{middle} {end:.1f} {middle} {y + tall:.1f} {x} {y + tall:.1f}Z"/>'
    )


def _box(name: str, x: float, y: float, tall: float) -> str:
    return f'<rect class="node {name}" x="{x}" y="{y:.1f}" width="{_NODE}" height="{tall:.1f}" rx="2"/>'


def _label(x: float, y: float, number: str, words: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x}" y="{y:.1f}" dy=".35em"><tspan class="number">{number}</tspan> {escape(words)}</text>'


def _link(leaf: Outcome, text: str) -> str:
    """A leaf leads to its users in the table."""
    if not leaf.reason:
        return text
    return (
        f'<a href="#users" data-table="users" data-disposition="{leaf.disposition}" '
        f'data-reason="{leaf.disposition}:{escape(leaf.reason)}">{text}</a>'
    )


_COLOURS = {"mapped": "#2f9e6e", "held": "#d18616", "excluded": "#8a929e"}


def bars(outcomes: Sequence[Outcome], *, width: int = 360, leaves_each: int = _LEAVES) -> str:
    """The same as one bar per reason, self-coloured: for narrow windows and notebooks, light or dark."""
    leaves = _few(outcomes, leaves_each)
    most = max((leaf.users for leaf in leaves), default=1)
    lines = []
    y = 0
    for position, leaf in enumerate(leaves):
        if position == 0 or leaves[position - 1].disposition != leaf.disposition:
            users = sum(other.users for other in leaves if other.disposition == leaf.disposition)
            y += 8 if position else 0
            lines.append(f'<text x="0" y="{y + 14}" font-weight="700">{leaf.disposition.capitalize()} {users:,}</text>')
            y += 22
        long = max(1.5, leaf.users / most * width)
        short = replace(leaf, label=leaf.label[:38])
        lines.append(
            f'<text x="0" y="{y + 13}">{escape(_named(short))}</text><text x="{width}" y="{y + 13}" text-anchor="end">'
            f"{leaf.users:,}</text>"
            f'<rect x="0" y="{y + 19}" width="{width}" height="5" rx="2" fill="#8a929e" fill-opacity=".18"/>'
            f'<rect x="0" y="{y + 19}" width="{long:.1f}" height="5" rx="2" fill="{_COLOURS[leaf.disposition]}"/>'
        )
        y += 32
    words = escape(in_words(outcomes), quote=True)
    return (
        f'<svg class="bars" viewBox="0 0 {width} {y}" width="{width}" height="{y}" role="img" aria-label="{words}" '
        f'font-size="13" fill="currentColor">{"".join(lines)}</svg>'
    )
