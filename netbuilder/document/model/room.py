"""Room on the canvas: cards go out of the way of one that is put between two others."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import numpy as np

from netbuilder.document.model.network import COLUMN, Edge, Network, Node
from netbuilder.engine.layer import Layer


def make_room(network: Network, edge: Edge) -> Network:
    """With what lies to the right of a wire moved, where the wire is too short for a card more."""
    source, target = network.node(edge.source), network.node(edge.target)
    missing = 2 * COLUMN - (target.position[0] - source.position[0])
    if missing <= 0 or target.position[0] <= source.position[0]:
        return network
    return _shifted(network, target.position[0], missing)


def insert(network: Network, layer: Layer, edge: Edge) -> tuple[Network, Node]:
    """With a layer in the middle of a wire, and room made for its card."""
    network = make_room(network, edge)
    (sx, sy), (tx, ty) = network.node(edge.source).position, network.node(edge.target).position
    return network.insert(layer, edge, ((sx + tx) / 2, (sy + ty) / 2))


def insert_behind(network: Network, layer: Layer, source: str) -> tuple[Network, Node]:
    """With a layer right behind another one: it feeds all that the other one fed."""
    network, node = network.add(layer, (0.0, 0.0))
    return _wired_behind(network, node, source)


def take_out(network: Network, ids: Iterable[str]) -> Network:
    """Without these nodes, whose wires heal, and without the gaps that they would leave."""
    ids = set(ids)
    gone = {node.id for node in network.nodes if node.id in ids and not node.fixed}
    places = np.array([node.position[0] for node in network.nodes])
    there = np.ones(len(places), dtype=bool)
    for number, node in enumerate(network.nodes):
        if node.id not in gone:
            continue
        there[number] = False
        # What had no wires was no part of the row.
        if network.inputs(node.id) or network.outputs(node.id):
            x = places[number]
            if not (there & (np.abs(places - x) < COLUMN)).any():
                places[places >= x + COLUMN / 2] -= COLUMN
    moved = network.move(
        {
            node.id: (float(x), node.position[1])
            for node, x in zip(network.nodes, places, strict=True)
        }
    )
    return moved.remove(gone)


def swap(network: Network, id: str) -> Network:
    """With a layer put before the one that alone feeds it, and that feeds nothing else.

    The two change their places.
    """
    (source,) = network.inputs(id)
    after, here = {source: id, id: source}, network.node(id).position
    wires = (
        Edge(source, edge.target)
        if edge.source == id
        else Edge(id, source)
        if edge == Edge(source, id)
        else Edge(edge.source, after.get(edge.target, edge.target))
        for edge in network.edges
    )
    moved = network.move({id: network.node(source).position, source: here})
    return dataclasses.replace(moved, edges=tuple(wires))


def move_behind(network: Network, id: str, source: str) -> Network:
    """With a layer of one input taken out of its place, whose wires heal, and put behind another.

    It feeds all that the other one fed; its id, its name and so its weights stay.
    """
    node = network.node(id)
    return _wired_behind(_close_gap(network, id).remove([id]), node, source)[0]


def _wired_behind(network: Network, node: Node, source: str) -> tuple[Network, Node]:
    """With a node that has no wires, new or not, a column behind another and fed by it."""
    rest = dataclasses.replace(network, nodes=tuple(n for n in network.nodes if n.id != node.id))
    for target in rest.outputs(source):
        rest = make_room(rest, Edge(source, target))
    wires = [Edge(node.id, edge.target) if edge.source == source else edge for edge in rest.edges]
    x, y = rest.node(source).position
    node = dataclasses.replace(node, position=(x + COLUMN, y))
    return dataclasses.replace(
        rest, nodes=(*rest.nodes, node), edges=(*wires, Edge(source, node.id))
    ), node


def _close_gap(network: Network, id: str) -> Network:
    """With what lies to the right of a card moved left, where it is alone in its column."""
    x = network.node(id).position[0]
    others = [node.position[0] for node in network.nodes if node.id != id]
    if any(abs(other - x) < COLUMN for other in others):
        return network
    return _shifted(network, x + COLUMN / 2, -COLUMN)


def _shifted(network: Network, start: float, by: float) -> Network:
    """With every card from ``start`` on moved to the right."""
    return network.move(
        {
            node.id: (node.position[0] + by, node.position[1])
            for node in network.nodes
            if node.position[0] >= start
        }
    )
