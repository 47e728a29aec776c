"""Room on a wire: where a card more would lie, and what has to go out of its way."""

from __future__ import annotations

from PySide6.QtCore import QPointF

from netbuilder.document.network import COLUMN, Edge, Network, Point
from netbuilder.gui.canvas.geometry import snap


def make_room(network: Network, edge: Edge) -> Network:
    """With what lies to the right of a wire moved, where the wire is too short for a card more."""
    source, target = network.node(edge.source), network.node(edge.target)
    missing = 2 * COLUMN - (target.position[0] - source.position[0])
    if missing <= 0 or target.position[0] <= source.position[0]:
        return network
    return network.move(
        {
            node.id: (node.position[0] + missing, node.position[1])
            for node in network.nodes
            if node.position[0] >= target.position[0]
        }
    )


def place_on(network: Network, edge: Edge, near: QPointF | None = None) -> Point:
    """Where a layer put on a wire lies: a column after the source, or near a point if it fits."""
    (sx, sy), (tx, ty) = network.node(edge.source).position, network.node(edge.target).position
    low, high = sx + COLUMN, max(sx + COLUMN, tx - COLUMN)
    x = min(max(near.x() if near else low, low), high)
    share = (x - sx) / max(tx - sx, 2 * COLUMN)
    spot = snap(QPointF(x, sy + (ty - sy) * min(share, 1.0)))
    return spot.x(), spot.y()
