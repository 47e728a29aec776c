"""Joins: remedies for Add, Multiply and Concatenate whose inputs do not go together."""

from __future__ import annotations

from netbuilder.data.dataset import DataInfo
from netbuilder.document.check.conversions import wants_column
from netbuilder.document.check.fit import width_source
from netbuilder.document.check.problems import Fix, count_channels, count_units
from netbuilder.document.check.remedies import Edit, change, change_and_fit, change_and_flatten
from netbuilder.document.check.shapes import Shapes, is_image, shapes_of
from netbuilder.document.model.network import Edge, Network, Node
from netbuilder.document.model.room import insert
from netbuilder.engine.layer import Layer, Shape
from netbuilder.engine.layers.concatenate import Concatenate
from netbuilder.engine.layers.conv2d import Conv2D
from netbuilder.engine.layers.dense import Dense
from netbuilder.engine.layers.flatten import Flatten
from netbuilder.errors import Message

Labelled = tuple[Message, Edit]
"""What a button says, and what it does."""


def join_remedies(network: Network, node: Node, shapes: Shapes, info: DataInfo) -> list[Fix]:
    """What may help a join that refuses its inputs, the best first."""
    found = shapes.inputs(network, node.id) or []
    if wants_column(node.layer, found):
        return _flatten(network, node, shapes, info)
    fixes = [change(label, edit) for label, edit in _same_shape(network, node, found, info)]
    if node.layer != Concatenate():
        label = Message("Put the inputs side by side: make {name} a Concatenate", name=node.name)
        fixes += change_and_flatten(
            label, lambda network: network.set_layer(node.id, Concatenate()), network, info
        )
    return fixes


def _flatten(network: Network, node: Node, shapes: Shapes, info: DataInfo) -> list[Fix]:
    images = [id for id in network.inputs(node.id) if is_image(shapes.outputs[id])]

    def flatten(network: Network) -> Network:
        for source in images:
            network, _ = insert(network, Flatten(), Edge(source, node.id))
        return network

    label = Message("Put a Flatten where an image reaches {name}", name=node.name)
    return change_and_fit(label, flatten, info)


def _same_shape(network: Network, node: Node, found: list[Shape], info: DataInfo) -> list[Labelled]:
    """Edits that bring the inputs of a join to one shape."""
    different = list(dict.fromkeys(found))
    if not any(map(is_image, different)):
        widen = [_same_width(node, shape) for shape in different]
        return widen + [_bring_to(network, node, found, shape) for shape in different]
    if not all(map(is_image, different)):
        return []
    if len({shape[1:] for shape in different}) == 1:
        # Rather more filters for one branch than fewer for the other.
        different.sort(reverse=True)
        return [
            edit
            for shape in different
            for edit in (_same_width(node, shape), _bring_to(network, node, found, shape))
        ]
    padding = _keep_size(network, node)
    if padding is None:
        return []
    padded = padding[1](network)
    then = _same_shape(
        padded, node, shapes_of(padded, info.n_x).inputs(padded, node.id) or [], info
    )
    return [padding, *(_both(padding, other) for other in then)]


def _both(first: Labelled, then: Labelled) -> Labelled:
    label = Message("{first}. {then}", first=first[0], then=then[0])
    return label, lambda network: then[1](first[1](network))


def _same_width(node: Node, shape: Shape) -> Labelled:
    """Sets the layers behind a join to one width; no help where there is none to be set."""
    image, width = is_image(shape), shape[0]

    def widen(network: Network) -> Network:
        for source in network.inputs(node.id):
            found = width_source(network, source, image=image, alone=False)
            if found is not None:
                layer = network.node(found).layer.with_width(width)
                network = network.set_layer(found, layer)
        return network

    words = count_channels(width) if image else count_units(width)
    return Message("Give all inputs of {name} {width}", name=node.name, width=words), widen


def _bring_to(network: Network, node: Node, found: list[Shape], shape: Shape) -> Labelled:
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
            "Bring the inputs of {name} to {channels} with a convolution of 1×1",
            name=node.name,
            channels=count_channels(shape[0]),
        )
    sources = network.inputs(node.id)
    odd = [source for source, other in zip(sources, found, strict=True) if other != shape]

    def bring(network: Network) -> Network:
        for source in odd:
            network, _ = insert(network, layer, Edge(source, node.id))
        return network

    return label, bring


def _keep_size(network: Network, node: Node) -> Labelled | None:
    """A padding for the convolutions that made one of the images smaller than the other."""
    first, *others = (_before(network, source) for source in network.inputs(node.id))
    own = first.union(*others) - first.intersection(*others)
    changes: dict[str, Layer] = {}
    for id in network.order:
        layer = network.node(id).layer
        padded = layer.keeping_size() if id in own else None
        if padded not in (None, layer):
            changes[id] = padded
    if not changes:
        return None

    def pad(network: Network) -> Network:
        for id, padded in changes.items():
            network = network.set_layer(id, padded)
        return network

    names = ", ".join(network.node(id).name for id in changes)
    return Message("Give {names} a padding that keeps the image's size", names=names), pad


def _before(network: Network, id: str) -> set[str]:
    """A node and all that leads to it."""
    found, stack = {id}, [id]
    while stack:
        new = set(network.inputs(stack.pop())) - found
        found |= new
        stack += new
    return found
