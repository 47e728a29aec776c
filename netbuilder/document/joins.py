"""Joins: remedies for Add, Multiply and Concatenate whose inputs do not go together."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from netbuilder.data.dataset import DataInfo
from netbuilder.document.conversions import wants_column
from netbuilder.document.network import Edge, Network, Node
from netbuilder.document.problems import Fix, count_channels, count_units
from netbuilder.document.remedies import change, change_and_fit, change_and_flatten
from netbuilder.document.room import insert
from netbuilder.document.shapes import Shapes, is_image
from netbuilder.document.widths import KEEPERS, of_width
from netbuilder.engine.layer import Layer, Shape
from netbuilder.engine.layers import Concatenate, Conv2D, Dense, Flatten
from netbuilder.engine.layers.pool2d import Pool2D
from netbuilder.errors import Message


def join_remedies(network: Network, node: Node, shapes: Shapes, info: DataInfo) -> list[Fix]:
    """What may help a join that refuses its inputs, the best first."""
    sources = network.inputs(node.id)
    found = {source: shapes.outputs[source] for source in sources}
    different = list(dict.fromkeys(found.values()))
    if wants_column(node.layer, list(found.values())):
        return _flatten(network, node, found, info)
    fixes: list[Fix] = []
    if len({shape[1:] for shape in different}) == 1:
        fixes += [_same_width(node, shape) for shape in different]
        fixes += [_bring_to(node, found, shape) for shape in different]
    elif all(map(is_image, different)):
        fixes += _keep_size(network, node, info)
    if not isinstance(node.layer, Concatenate):
        fixes += _concatenate(network, node, info)
    return fixes


def _flatten(network: Network, node: Node, found: Mapping[str, Shape], info: DataInfo) -> list[Fix]:
    def flatten(network: Network) -> Network:
        for source, shape in found.items():
            if is_image(shape):
                network, _ = insert(network, Flatten(), Edge(source, node.id))
        return network

    label = Message("Put a Flatten where an image reaches {name}", name=node.name)
    return change_and_fit(label, flatten, info)


def _same_width(node: Node, shape: Shape) -> Fix:
    """Sets the layers behind a join to one width; no help where there is none to be set."""
    image, width = is_image(shape), shape[0]

    def widen(network: Network) -> Network:
        through = (*KEEPERS, Pool2D) if image else KEEPERS
        for source in network.inputs(node.id):
            while isinstance(network.node(source).layer, through):
                source = network.inputs(source)[0]
            layer = network.node(source).layer
            if isinstance(layer, Conv2D if image else Dense):
                network = network.set_layer(source, of_width(layer, width))
        return network

    return change(
        Message("Give all inputs of {name} {width}", name=node.name, width=_width(shape)), widen
    )


def _width(shape: Shape) -> Message:
    return count_channels(shape[0]) if is_image(shape) else count_units(shape[0])


def _bring_to(node: Node, shapes: Mapping[str, Shape], shape: Shape) -> Fix:
    """A linear layer on every wire that is too narrow or too wide, which is what a residual has."""
    layer: Layer = Dense(shape[0], "linear", "xavier")
    label = Message(
        "Bring the inputs of {name} to {units} with a linear layer",
        name=node.name,
        units=count_units(shape[0]),
    )
    if is_image(shape):
        layer = Conv2D(shape[0], kernel=1, activation="linear", initializer="xavier")
        label = Message(
            "Bring the inputs of {name} to {channels} with a convolution of 1 × 1",
            name=node.name,
            channels=count_channels(shape[0]),
        )

    def bring(network: Network) -> Network:
        for source, found in shapes.items():
            if found != shape:
                network, _ = insert(network, layer, Edge(source, node.id))
        return network

    return change(label, bring)


def _keep_size(network: Network, node: Node, info: DataInfo) -> list[Fix]:
    """A padding for the convolutions that made one of the images smaller than the other."""
    first, *others = (_before(network, source) for source in network.inputs(node.id))
    own = first.union(*others) - first.intersection(*others)
    changes: dict[str, Conv2D] = {}
    for id in network.order:
        layer = network.node(id).layer
        if id in own and isinstance(layer, Conv2D) and layer.stride == 1 and layer.kernel % 2:
            padded = dataclasses.replace(layer, padding=layer.kernel // 2)
            if padded != layer:
                changes[id] = padded
    if not changes:
        return []

    def pad(network: Network) -> Network:
        for id, padded in changes.items():
            network = network.set_layer(id, padded)
        return network

    names = ", ".join(network.node(id).name for id in changes)
    label = Message("Give {names} a padding that keeps the image's size", names=names)
    return change_and_flatten(label, pad, network, info)


def _before(network: Network, id: str) -> set[str]:
    """A node and all that leads to it."""
    found, stack = {id}, [id]
    while stack:
        new = set(network.inputs(stack.pop())) - found
        found |= new
        stack += new
    return found


def _concatenate(network: Network, node: Node, info: DataInfo) -> list[Fix]:
    label = Message("Put the inputs side by side: make {name} a Concatenate", name=node.name)
    return change_and_flatten(
        label, lambda network: network.set_layer(node.id, Concatenate()), network, info
    )
