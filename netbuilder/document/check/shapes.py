"""Shapes: what flows along the wires, and which layers cannot take what reaches them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from netbuilder.document.model.network import DATA, Network
from netbuilder.engine.layer import Layer, Shape, ShapeError


@dataclass
class Shapes:
    """The shapes of a network as far as they are known; keys are node ids."""

    outputs: dict[str, Shape] = field(default_factory=dict)
    """Of one example of the node's output."""
    parameters: dict[str, dict[str, Shape]] = field(default_factory=dict)
    statistics: dict[str, dict[str, Shape]] = field(default_factory=dict)
    refused: dict[str, ShapeError] = field(default_factory=dict)
    """The nodes that cannot take their inputs; what follows them has no shapes."""

    def inputs(self, network: Network, id: str) -> list[Shape] | None:
        """What reaches a node; None while not all of it is known."""
        sources = network.inputs(id)
        if not sources or any(source not in self.outputs for source in sources):
            return None
        return [self.outputs[source] for source in sources]


def shapes_of(network: Network, n_x: int | None) -> Shapes:
    """Walks the network from Data on; without data no shape is known."""
    shapes = Shapes()
    if n_x is not None:
        shapes.outputs[DATA] = (n_x,)
        shapes.parameters[DATA] = {}
    for id in network.order:
        found = None if id == DATA else shapes.inputs(network, id)
        if found is None:
            continue
        layer = network.node(id).layer
        try:
            shapes.outputs[id] = layer.output_shape(found)
            shapes.parameters[id] = layer.parameter_shapes(found)
            shapes.statistics[id] = layer.statistic_shapes(found)
        except ShapeError as error:
            shapes.refused[id] = error
    return shapes


def takes(layer: Layer, inputs: Sequence[Shape]) -> bool:
    """Whether a layer can take inputs of these shapes."""
    try:
        layer.output_shape(inputs)
    except ShapeError:
        return False
    return True


def is_image(shape: Shape) -> bool:
    """(channels, height, width), where a column of numbers is (n,)."""
    return len(shape) == 3


def flattened(shape: Shape) -> Shape:
    """The column of all its numbers."""
    return (math.prod(shape),)
