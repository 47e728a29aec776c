"""Placing: where a new layer goes when nobody has said where."""

from __future__ import annotations

from netbuilder.data.dataset import DataInfo
from netbuilder.document.check.conversions import suited, wants_column
from netbuilder.document.check.shapes import Shapes, shapes_of, takes
from netbuilder.document.model.network import COST, Edge, Network, Node, append
from netbuilder.document.model.room import insert
from netbuilder.engine.layer import Layer


def place(network: Network, layer: Layer, info: DataInfo | None) -> tuple[Network, Node]:
    """With a new layer on the wire where it can take what there is, else before the output."""
    layer = suited(layer, info)
    edge = wire_for(network, layer, shapes_of(network, None if info is None else info.n_x))
    return append(network, layer) if edge is None else insert(network, layer, edge)


def wire_for(network: Network, layer: Layer, shapes: Shapes) -> Edge | None:
    """The last wire before the output that brings something the layer can take.

    So a convolution goes behind the last image, and a Reshape behind the data.
    """
    target = next(iter(network.inputs(COST)), COST)
    while sources := network.inputs(target):
        edge = Edge(sources[0], target)
        if _fits(network, layer, edge, shapes):
            return edge
        target = sources[0]
    return None


def _fits(network: Network, layer: Layer, edge: Edge, shapes: Shapes) -> bool:
    """Whether a layer could take what a wire brings, and what follows it what it would give.

    An image where a column is needed will do: a Flatten is one click away.
    """
    found = shapes.outputs.get(edge.source)
    if found is None or not takes(layer, [found]):
        return False
    given, follower = layer.output_shape([found]), network.node(edge.target).layer
    return follower.max_inputs != 1 or takes(follower, [given]) or wants_column(follower, [given])
