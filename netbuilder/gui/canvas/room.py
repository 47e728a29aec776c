"""Room for a card more: where it would lie, on a wire, at a free end or loose."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF

from netbuilder.document.model.network import COLUMN, Edge, Network, Node, Point
from netbuilder.document.model.room import make_room
from netbuilder.engine.layer import Layer
from netbuilder.gui.canvas.geometry import snap


def place_on(network: Network, edge: Edge, near: QPointF | None = None) -> Point:
    """Where a layer put on a wire lies: a column after the source, or near a point if it fits."""
    (sx, sy), (tx, ty) = network.node(edge.source).position, network.node(edge.target).position
    low, high = sx + COLUMN, max(sx + COLUMN, tx - COLUMN)
    x = min(max(near.x() if near else low, low), high)
    share = (x - sx) / max(tx - sx, 2 * COLUMN)
    spot = snap(QPointF(x, sy + (ty - sy) * min(share, 1.0)))
    return spot.x(), spot.y()


@dataclass(frozen=True)
class Landing:
    """Where a layer would land: on a wire, at a free end, or loose."""

    position: Point
    edge: Edge | None = None
    after: str | None = None
    """The node whose free output would feed it."""
    before: str | None = None
    """The node whose free input it would feed."""

    def apply(self, network: Network, layer: Layer) -> tuple[Network, Node]:
        """The network with the layer landed."""
        if self.edge is not None:
            network = make_room(network, self.edge)
            return network.insert(layer, self.edge, self.position)
        network, node = network.add(layer, self.position)
        if self.after is not None:
            network = network.connect(self.after, node.id)
        if self.before is not None:
            network = network.connect(node.id, self.before)
        return network, node
