"""The picture of a network: its cards as they lie on the canvas, with what its units say."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder import numbers
from netbuilder.engine.plan import PlanNode
from netbuilder.lens.ranges import Range, ranges
from netbuilder.report.drawing import (
    LINE,
    MUTED,
    NEGATIVE,
    PANEL,
    POSITIVE,
    STRONG_LINE,
    TEXT,
    color,
    colors,
    image,
    line,
    rect,
    short,
    svg,
    text,
)
from netbuilder.report.subject import Subject

Array = NDArray[Any]

_WIDTH, _HEADER, _FOOTER = 140.0, 44.0, 22.0
"""Of a card; the places of cards are those of the canvas."""
_ROWS, _COLUMNS = 8, 5
_LINES = 1500
"""So many weights of a layer are drawn as lines."""
_BAND = 1300.0
"""A wider network is cut into bands of about one width, one below the other."""
_HALO = f' stroke="{PANEL}" stroke-width="3" paint-order="stroke"'
"""Around words that may lie on a line."""
_APART = 14.0
"""Between two cards of a column at least."""
_GAP = 55.0
"""How far behind a card a band may end: its wire is still told with its shape."""
_MAP = 24
"""Pixels of a unit's map of the input plane."""
_NAMES = 8
"""So many features are named beside the data's card."""


@dataclass(frozen=True)
class _Card:
    """Where a card and its units lie."""

    node: PlanNode
    x: float
    y: float
    places: tuple[tuple[float, float], ...]
    """The centres of the units that are shown."""
    size: float
    """Of a unit."""
    hidden: int
    more: tuple[float, float] | None
    """Where it is told how many are not shown."""
    height: float

    @property
    def top(self) -> float:
        return self.y - self.height / 2 - _HEADER

    @property
    def bottom(self) -> float:
        return self.y + self.height / 2 + _FOOTER


def network(subject: Subject) -> list[str]:
    """The picture, in bands of a page's width."""
    cards = _apart([_card(node, *_position(subject, node)) for node in subject.plan.nodes])
    values, scales = _values(subject)
    parts = [part for card in cards.values() for part in _wires(subject, card, cards)]
    for card in cards.values():
        parts += _drawn(subject, card, values.get(card.node.id), scales.get(card.node.id))
    names = subject.recipe.info.feature_names
    data = cards[subject.plan.nodes[0].id]
    named = 0.0
    if len(names) <= _NAMES and len(names) == len(data.places) and not data.hidden:
        named = 130.0
        for name, (x, y) in zip(names, data.places, strict=True):
            parts.append(text(x - _WIDTH / 2 - 8, y + 4, short(name, 19), "end", fill=TEXT))
    left = min(card.x for card in cards.values()) - _WIDTH / 2 - 8 - named
    right = max(card.x for card in cards.values()) + _WIDTH / 2 + 8
    top = min(card.top for card in cards.values()) - 8
    height = max(card.bottom for card in cards.values()) + 8 - top
    edges = _edges(left, right, [card.x for card in cards.values()])
    label = f"{subject.name}: {', '.join(node.name for node in subject.plan.nodes)}"
    if len(edges) == 2:
        box = f"{left:g} {top:g} {right - left:g} {height:g}"
        return [svg(right - left, height, parts, box=box, label=short(label, 300))]
    widest = max(end - start for start, end in itertools.pairwise(edges))
    bands = []
    for number, (start, end) in enumerate(itertools.pairwise(edges)):
        # All bands show the same drawing, which the first one has.
        drawn = ['<g id="network">', *parts, "</g>"] if number == 0 else ['<use href="#network"/>']
        box = f"{start:g} {top:g} {widest:g} {height:g}"
        clip = (
            f'<clipPath id="band{number}">{rect(start, top, end - start, height, PANEL)}</clipPath>'
        )
        inside = [clip, f'<g clip-path="url(#band{number})">', *drawn, "</g>"]
        bands.append(svg(widest, height, inside, box=box, label=short(label, 300)))
    return bands


def _position(subject: Subject, node: PlanNode) -> tuple[float, float]:
    return subject.project.network.node(node.id).position


def _apart(cards: Sequence[_Card]) -> dict[str, _Card]:
    """By id, those of one column moved until none lies on another, around the same middle."""
    columns: dict[int, list[_Card]] = {}
    for card in sorted(cards, key=lambda card: card.y):
        columns.setdefault(round(card.x / _WIDTH), []).append(card)
    found: dict[str, _Card] = {}
    for column in columns.values():
        down, bottom = [], -math.inf
        for card in column:
            down.append(max(0.0, bottom + _APART - card.top))
            bottom = card.bottom + down[-1]
        back = (down[0] + down[-1]) / 2
        for card, by in zip(column, down, strict=True):
            found[card.node.id] = _card(card.node, card.x, card.y + by - back)
    return {card.node.id: found[card.node.id] for card in cards}


def _edges(left: float, right: float, xs: Sequence[float]) -> list[float]:
    """Where the bands begin and end: between cards, if there is room between them."""
    count = math.ceil((right - left) / _BAND)
    gaps = [x + _WIDTH / 2 + _GAP for x in sorted(set(xs))[:-1]]
    inner = set()
    for number in range(1, count):
        wanted = left + number * (right - left) / count
        inner.add(min(gaps, key=lambda gap: abs(gap - wanted), default=wanted))
    return [left, *sorted(inner), right]


def _card(node: PlanNode, x: float, y: float) -> _Card:
    """Units in one column while that is readable, then in eight rows; images in a square."""
    n = node.shape[0] if node.layer.has_output and node.shape else 0
    if len(node.shape) == 3:
        columns = min(4, math.ceil(math.sqrt(n)))
        most, pitch = 4 * columns, 116.0 / columns
    else:
        columns = 1 if n <= 4 else min(_COLUMNS, math.ceil(n / _ROWS))
        most = _COLUMNS * _ROWS
        pitch = (0.0, 46.0, 46.0, 37.0, 29.0)[n] if n <= 4 else 22.0
    shown = n if n <= most else most - 1
    rows = math.ceil(min(n, most) / columns) if n else 0
    places = [
        (x + (c - (columns - 1) / 2) * pitch, y + (r - (rows - 1) / 2) * pitch)
        for c in range(columns)
        for r in range(rows)
    ]
    height = max(116.0, rows * pitch + 8)
    more = places[shown] if shown < n else None
    return _Card(node, x, y, tuple(places[:shown]), pitch - 3.0, n - shown, more, height)


def _values(subject: Subject) -> tuple[Mapping[str, Array], Mapping[str, Range]]:
    """What units say: maps of the input plane, images of one example, or means of a sample."""
    look = subject.look
    if look is None:
        return {}, {}
    plane = look.dataset.info.n_x == 2 and look.affordable_size(_MAP) == _MAP
    values = look.maps(_MAP) if plane else look.means()
    return values, ranges(look)


def _wires(subject: Subject, card: _Card, cards: Mapping[str, _Card]) -> list[str]:
    """What leads into a card: its weights as lines where there are few, else a wire."""
    found = []
    W = subject.weights.get(f"{card.node.id}.W")
    for id in card.node.inputs:
        source = cards[id]
        few = W is not None and W.ndim == 2 and not (source.hidden or card.hidden)
        if few and W is not None and W.size <= _LINES and W.shape[1] == len(source.places):
            found += _weights(W, source, card)
            continue
        x1, x2 = source.x + _WIDTH / 2, card.x - _WIDTH / 2
        bend = max(30.0, abs(x2 - x1) / 2)
        curve = f"M{x1:.1f},{source.y:.1f} C{x1 + bend:.1f},{source.y:.1f} "
        curve += f"{x2 - bend:.1f},{card.y:.1f} {x2:.1f},{card.y:.1f}"
        found.append(f'<path d="{curve}" fill="none" stroke="{STRONG_LINE}" stroke-width="1.6"/>')
        if 40 <= x2 - x1 <= 120 and source.node.shape:
            middle = (x1 + x2) / 2, (source.y + card.y) / 2 - 6
            found.append(
                text(*middle, numbers.shape_text(source.node.shape, "m"), size=9.5, more=_HALO)
            )
    return found


def _weights(W: Array, source: _Card, card: _Card) -> list[str]:
    largest = float(np.abs(W).max()) or 1.0
    thickest = 3.2 if W.size <= 200 else 1.8
    found = []
    order = np.argsort(np.abs(W), axis=None)  # the strongest are seen best
    for to, of in zip(*np.unravel_index(order, W.shape), strict=True):
        share = abs(float(W[to, of])) / largest
        (x1, y1), (x2, y2) = source.places[of], card.places[to]
        stroke = POSITIVE if W[to, of] > 0 else NEGATIVE
        more = f' stroke-opacity="{0.15 + 0.75 * share:.2f}"'
        half = source.size / 2, card.size / 2
        width = 0.3 + thickest * share
        found.append(line(x1 + half[0], y1, x2 - half[1], y2, stroke, width, more))
    return found


def _drawn(subject: Subject, card: _Card, values: Array | None, scale: Range | None) -> list[str]:
    node, left = card.node, card.x - _WIDTH / 2
    height = card.bottom - card.top
    # The ground of a card is clear where weights come in, as on the canvas.
    frame = f' rx="10" stroke="{LINE}" stroke-width="1.2"'
    found = [
        rect(left, card.top, _WIDTH, height, PANEL, f' fill-opacity="0.55"{frame}'),
        text(left + 11, card.top + 18, short(node.name, 18), "start", 12, TEXT, ' class="strong"'),
        text(left + 11, card.top + 33, short(_subtitle(subject, node), 24), "start", 10),
    ]
    if card.more is not None:
        x, y = card.more
        found.append(text(x, y + 3, f"+{card.hidden:,}", size=9))
    if node.layer.has_output:
        found.append(text(card.x, card.bottom - 8, numbers.shape_text(node.shape, "m"), size=9.5))
    else:
        found.append(
            text(card.x, card.y + 6, "J", size=26, fill=MUTED, more=' font-style="italic"')
        )
    usable = values is not None and scale is not None and len(values) >= len(card.places)
    closed = scale.closed(values) if usable and scale is not None else None
    for k, (x, y) in enumerate(card.places):
        corner = x - card.size / 2, y - card.size / 2
        edge = f' rx="4" stroke="{STRONG_LINE}" stroke-width="0.8"'
        if closed is None or values is None:
            found.append(rect(*corner, card.size, card.size, "#e4e8ed", edge))
            continue
        signed = closed.signed(np.asarray(values[k], float))
        if signed.ndim == 2:
            found.append(image(*corner, card.size, card.size, colors(signed)))
            found.append(rect(*corner, card.size, card.size, "none", edge))
        else:
            found.append(rect(*corner, card.size, card.size, color(float(np.mean(signed))), edge))
    return found


def _subtitle(subject: Subject, node: PlanNode) -> str:
    if not node.inputs:
        return subject.recipe.info.name
    if not node.layer.has_output:
        return subject.plan.loss.replace("_", " ")
    activation = node.layer.activation
    return node.layer.title if activation is None else f"{node.layer.title} · {activation}"
