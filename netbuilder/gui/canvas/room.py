"""Room for a card more: where it would lie, on a wire, at a free end or loose."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

from netbuilder.document.model.network import COLUMN, Edge, Network, Node, Point
from netbuilder.document.model.room import insert_behind, make_room
from netbuilder.engine.layer import Layer
from netbuilder.gui.canvas.geometry import GRID, snap


def place_on(network: Network, edge: Edge, near: QPointF | None = None) -> Point:
    """Where a layer put on a wire lies: a column after the source, or near a point if it fits."""
    (sx, sy), (tx, ty) = network.node(edge.source).position, network.node(edge.target).position
    low, high = sx + COLUMN, max(sx + COLUMN, tx - COLUMN)
    x = min(max(near.x() if near else low, low), high)
    share = (x - sx) / max(tx - sx, 2 * COLUMN)
    spot = snap(QPointF(x, sy + (ty - sy) * min(share, 1.0)))
    return spot.x(), spot.y()


def clear_of(others: Iterable[QRectF], cards: Sequence[QRectF]) -> QPointF:
    """The shortest way on the grid by which cards, moved together, lie beside all the others.

    None is found in a crowd without end: then they stay where they are.
    """
    if not cards:
        return QPointF()
    if len(cards) > _ONE_BY_ONE:
        cards = [reduce(QRectF.united, cards)]
    left, top, right, bottom = _edges(others)
    mine = _edges(card.adjusted(-_APART, -_APART, _APART, _APART) for card in cards)[..., None]
    for x, y in _ways():
        over = (mine[0] + x < right) & (mine[2] + x > left)
        over &= (mine[1] + y < bottom) & (mine[3] + y > top)
        if not over.any():
            return QPointF(x, y)
    return QPointF()


def _edges(rects: Iterable[QRectF]) -> NDArray[np.float64]:
    """(4, rectangles): left, top, right and bottom."""
    found = [(rect.left(), rect.top(), rect.right(), rect.bottom()) for rect in rects]
    return np.array(found, dtype=float).reshape(-1, 4).T


_APART = GRID / 2
"""How much room there is left between cards."""
_ONE_BY_ONE = 20
"""So many cards may find their way between others; more keep together as a block."""


@lru_cache(maxsize=1)
def _ways() -> tuple[tuple[float, float], ...]:
    """All ways on the grid, the shortest first; found when first asked for, as it takes a while."""
    steps = range(-40, 41)
    # Below rather than above, and right rather than left, where both are as near.
    return tuple(
        sorted(
            ((GRID * x, GRID * y) for x in steps for y in steps),
            key=lambda way: (math.hypot(*way), -way[1], -way[0]),
        )
    )


@dataclass(frozen=True)
class Landing:
    """Where a layer would land: on a wire, behind a card, at a free end, or loose."""

    position: Point
    edge: Edge | None = None
    behind: str | None = None
    """The node on whose card it is dropped: it feeds all that this one fed."""
    after: str | None = None
    """The node whose free output would feed it."""
    before: str | None = None
    """The node whose free input it would feed."""

    def apply(self, network: Network, layer: Layer) -> tuple[Network, Node]:
        """The network with the layer landed."""
        if self.edge is not None:
            network = make_room(network, self.edge)
            return network.insert(layer, self.edge, self.position)
        if self.behind is not None:
            return insert_behind(network, layer, self.behind)
        network, node = network.add(layer, self.position)
        if self.after is not None:
            network = network.connect(self.after, node.id)
        if self.before is not None:
            network = network.connect(node.id, self.before)
        return network, node
