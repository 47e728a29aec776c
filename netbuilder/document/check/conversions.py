"""Conversions: the Reshape and the Flatten that stand where columns of numbers and images meet."""

from __future__ import annotations

import math

from netbuilder.data.dataset import DataInfo
from netbuilder.document.check.shapes import flattened, is_image, shapes_of, takes
from netbuilder.document.model.network import DATA, Edge, Network
from netbuilder.document.model.room import insert
from netbuilder.engine.layer import Layer, Shape
from netbuilder.engine.layers.flatten import Flatten
from netbuilder.engine.layers.reshape import Reshape

_LEAST_SIDE = 4
"""Smaller squares are rather chance than images."""


def image_of(n: int, info: DataInfo) -> Shape | None:
    """The image that n numbers may be: the data's own, else a square one, grey or in colour."""
    if info.image_shape is not None and math.prod(info.image_shape) == n:
        return (1, *info.image_shape)
    for channels in (1, 3):
        side = math.isqrt(n // channels)
        if side >= _LEAST_SIDE and channels * side * side == n:
            return (channels, side, side)
    return None


def reshape_to(image: Shape) -> Reshape:
    channels, height, width = image
    return Reshape(channels, height, width)


def suited(layer: Layer, info: DataInfo | None) -> Layer:
    """A layer of the palette as the data would have it: a Reshape makes the data's images."""
    image = image_of(info.n_x, info) if info is not None else None
    return layer if image is None else layer.giving(image) or layer


def with_data(network: Network, id: str, info: DataInfo | None) -> Network:
    """With a wire from Data to a layer, and on it a Reshape where the layer takes images only."""
    network, layer = network.connect(DATA, id), network.node(id).layer
    image = None if info is None else image_of(info.n_x, info)
    if info is None or image is None or takes(layer, [(info.n_x,)]) or not takes(layer, [image]):
        return network
    return insert(network, reshape_to(image), Edge(DATA, id))[0]


def wants_column(layer: Layer, inputs: list[Shape]) -> bool:
    """Whether a layer refuses its inputs only because some of them are images."""
    columns = [flattened(shape) for shape in inputs]
    return columns != inputs and not takes(layer, inputs) and takes(layer, columns)


def with_flattens(network: Network, info: DataInfo) -> tuple[Network, list[str]]:
    """With a Flatten on every wire that brings an image where a column is needed; and where."""
    places: list[str] = []
    while True:
        shapes = shapes_of(network, info.n_x)
        for id in shapes.refused:
            found = shapes.inputs(network, id)
            if found is not None and wants_column(network.node(id).layer, found):
                break
        else:
            return network, places
        places.append(id)
        for source in network.inputs(id):
            if is_image(shapes.outputs[source]):
                network, _ = insert(network, Flatten(), Edge(source, id))
