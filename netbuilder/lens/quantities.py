"""Quantities: what can be seen of a layer, W, Z, dA, …; a row here is all that a new one needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.data.dataset import evenly
from netbuilder.engine.program import PlanNode, Weights
from netbuilder.errors import Message
from netbuilder.lens import names
from netbuilder.lens.layer_views import (
    FiltersView,
    ImagesView,
    NormView,
    UnitsView,
    View,
    WeightsView,
)
from netbuilder.lens.look import Look

Array = NDArray[Any]

IMAGES = 10
"""So many examples are seen side by side where an example is an image."""


@dataclass(frozen=True)
class Quantity:
    """Numbers that layers have, under one name."""

    name: str
    """As the course writes it of a Dense layer."""
    help: Message

    def view(self, look: Look, node: PlanNode) -> View | Message:
        """What is seen of one layer; where there is nothing, the reason."""
        raise NotImplementedError

    def numbers(self, look: Look, node: PlanNode) -> tuple[str, Array] | None:
        """Its name in this layer, and all its numbers; None for a layer that has none."""
        raise NotImplementedError

    def matrix(self, values: Array) -> Array:
        """All numbers in two dimensions, to be seen small."""
        raise NotImplementedError


@dataclass(frozen=True)
class OfExamples(Quantity):
    """What every unit has for every example of the sample."""

    arrays: Callable[[Look], Mapping[str, Array]]
    """By the layer's id: (n, examples), or (channels, height, width, examples)."""
    absent: Message
    """Why a layer, {name}, has none."""

    def view(self, look: Look, node: PlanNode) -> View | Message:
        name, values = names.of_layer(look.plan, node, self.name), self.arrays(look).get(node.id)
        if values is None:
            return Message(self.absent.text, name=node.name)
        if values.ndim == 2:
            return UnitsView(look, node, name, values)
        shown = evenly(values.shape[-1], IMAGES)
        return ImagesView(look, node, name, values[..., shown], shown)

    def numbers(self, look: Look, node: PlanNode) -> tuple[str, Array] | None:
        values = self.arrays(look).get(node.id)
        return None if values is None else (self.name, values)

    def matrix(self, values: Array) -> Array:
        """A row for every unit or pixel."""
        return values.reshape(-1, values.shape[-1])


@dataclass(frozen=True)
class OfParameters(Quantity):
    """What every parameter has: its value, its gradient."""

    arrays: Callable[[Look], Weights]
    prefix: str = ""
    """Before the parameter's symbol: the d of dW."""

    def _symbol(self, parameter: str) -> str:
        return self.prefix + names.symbol(parameter)

    def view(self, look: Look, node: PlanNode) -> View | Message:
        if not node.parameter_shapes:
            return Message("{name} has no weights: nothing in it is learned.", name=node.name)
        arrays, (main, other) = self.arrays(look), node.parameter_shapes
        W, b = arrays.get(f"{node.id}.{main}"), arrays.get(f"{node.id}.{other}")
        if W is None or b is None:
            return Message("No gradients yet: they come with the first update.")
        W_name, b_name = (
            names.of_layer(look.plan, node, self._symbol(parameter)) for parameter in (main, other)
        )
        if main != "W":
            return NormView(look, node, W_name, W, b, b_name)
        if W.ndim == 4:
            return FiltersView(look, node, W_name, W)
        return WeightsView(look, node, W_name, W, b, b_name)

    def numbers(self, look: Look, node: PlanNode) -> tuple[str, Array] | None:
        """W stands for the layer, γ for one that only scales; zeros where it is not there yet."""
        for main, shape in node.parameter_shapes.items():
            values = self.arrays(look).get(f"{node.id}.{main}")
            return self._symbol(main), np.zeros(shape) if values is None else values
        return None

    def matrix(self, values: Array) -> Array:
        """A row for every unit or filter."""
        return values.reshape(len(values), -1)


def _inspected(part: str) -> Callable[[Look], Mapping[str, Array]]:
    """Those of the layers that have them, with the examples last."""

    def arrays(look: Look) -> Mapping[str, Array]:
        found = {id: getattr(values, part) for id, values in look.inspected().items()}
        return {id: np.moveaxis(A, 0, -1) for id, A in found.items() if A is not None}

    return arrays


QUANTITIES: dict[str, Quantity] = {
    quantity.name: quantity
    for quantity in (
        OfParameters("W", Message("W: the weights."), lambda look: look.weights),
        OfExamples(
            "Z",
            Message("Z: what goes into the activation."),
            _inspected("Z"),
            Message("{name} has no activation, and so no Z of its own."),
        ),
        OfExamples(
            "A",
            Message("A: the activations for a sample of examples."),
            Look.activations,
            Message("{name} has no activations."),
        ),
        OfParameters("dW", Message("dW: the gradients."), lambda look: look.gradients, "d"),
        OfExamples(
            "dZ",
            Message("dZ: how the cost of each example changes with Z; of the output A − Y."),
            _inspected("dZ"),
            Message("{name} has no activation, and so no dZ of its own."),
        ),
        OfExamples(
            "dA",
            Message("dA: how the cost of each example changes with A."),
            _inspected("dA"),
            Message("There is no dA of {name}: nothing before it learns."),
        ),
    )
}
"""In the order in which they are offered."""
