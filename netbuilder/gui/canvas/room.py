"""Room on a wire: where a card more would lie."""

from __future__ import annotations

from PySide6.QtCore import QPointF

from netbuilder.document.model.network import COLUMN, Edge, Network, Point
from netbuilder.gui.canvas.geometry import snap


def place_on(network: Network, edge: Edge, near: QPointF | None = None) -> Point:
    """Where a layer put on a wire lies: a column after the source, or near a point if it fits."""
    (sx, sy), (tx, ty) = network.node(edge.source).position, network.node(edge.target).position
    low, high = sx + COLUMN, max(sx + COLUMN, tx - COLUMN)
    x = min(max(near.x() if near else low, low), high)
    share = (x - sx) / max(tx - sx, 2 * COLUMN)
    spot = snap(QPointF(x, sy + (ty - sy) * min(share, 1.0)))
    return spot.x(), spot.y()
