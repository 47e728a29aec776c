"""The plan: the network's layers in the order in which they run, with all shapes known."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from netbuilder.engine.layer import Layer, Shape
from netbuilder.engine.layers import Cost, Input
from netbuilder.engine.optimizers import OPTIMIZERS, scratch_size

INFERENCE_ROWS = 1024
"""Predictions are made for so many examples at a time."""
_INFERENCE_ELEMENTS = 2**23
"""Fewer at a time where a wide network's activations would hold more numbers than this."""


@dataclass(frozen=True)
class Step:
    """One layer of the plan; ``inputs`` are the ids of the steps that feed it."""

    id: str
    name: str
    layer: Layer
    inputs: tuple[str, ...]
    shape: Shape
    parameter_shapes: dict[str, Shape]


@dataclass(frozen=True)
class Plan:
    """Steps in topological order: the first is the Input, the last the Cost."""

    steps: tuple[Step, ...]
    loss: str

    @cached_property
    def _by_id(self) -> dict[str, Step]:
        return {step.id: step for step in self.steps}

    def step(self, id: str) -> Step:
        """The step of this id; raises KeyError."""
        return self._by_id[id]

    @cached_property
    def parameters(self) -> dict[str, Shape]:
        """The shapes of all parameters, ``{"n1.W": (4, 2), "n1.b": (4, 1), …}``, in step order."""
        return {
            f"{step.id}.{name}": shape
            for step in self.steps
            for name, shape in step.parameter_shapes.items()
        }

    @cached_property
    def parameter_count(self) -> int:
        return sum(math.prod(shape) for shape in self.parameters.values())

    @cached_property
    def layer_numbers(self) -> dict[str, int]:
        """l = 1, 2, … for the steps that have parameters, in order."""
        with_parameters = (step.id for step in self.steps if step.parameter_shapes)
        return {id: number for number, id in enumerate(with_parameters, start=1)}

    @cached_property
    def layout(self) -> dict[str, slice]:
        """Where each parameter lies in the flat vector: W before b, as L2 concerns only W."""
        places: dict[str, slice] = {}
        start = 0
        for is_weight in (True, False):
            for key, shape in self.parameters.items():
                if key.endswith(".W") is is_weight:
                    places[key] = slice(start, start + math.prod(shape))
                    start += math.prod(shape)
        return places

    @cached_property
    def weight_count(self) -> int:
        """How many parameters L2 concerns: the entries of every W."""
        return sum(math.prod(s) for key, s in self.parameters.items() if key.endswith(".W"))

    def input_shapes(self, step: Step) -> tuple[Shape, ...]:
        return tuple(self.step(id).shape for id in step.inputs)

    @cached_property
    def consumers(self) -> dict[str, list[tuple[str, int]]]:
        """For every step: which steps it feeds, and as which of their inputs, in order."""
        found: dict[str, list[tuple[str, int]]] = {step.id: [] for step in self.steps}
        for step in self.steps:
            for index, id in enumerate(step.inputs):
                found[id].append((step.id, index))
        return found

    def buffers(self, step: Step, backward: bool) -> dict[str, Shape]:
        """Names and shapes (of one example) of all arrays that a step's cache owns."""
        if step is self.steps[0]:
            return {}
        own = step.layer.buffers(self.input_shapes(step))
        if step.layer.has_output:
            own = {"A": step.shape, **own, "dA": step.shape}
            # Where a step feeds several, one of them writes dA, and the others have a sum each.
            for extra in range(1, len(self.consumers[step.id])):
                own[f"dA{extra}"] = step.shape
        return {name: s for name, s in own.items() if backward or not name.startswith("d")}

    def elements_per_example(self, backward: bool) -> int:
        """How many numbers the buffers hold for each example, the vector of ones included."""
        return 1 + sum(
            math.prod(shape)
            for step in self.steps
            for shape in self.buffers(step, backward).values()
        )

    @cached_property
    def inference_rows(self) -> int:
        """How many examples are predicted at a time."""
        return max(1, min(INFERENCE_ROWS, _INFERENCE_ELEMENTS // self.elements_per_example(False)))

    def memory(self, batch: int, dtype: str, optimizer: str) -> int:
        """Bytes needed to train with ``batch`` examples an update, and to predict.

        Counts parameters, gradients, the optimiser's moments and work space, and the buffers,
        without allocating any.
        """
        moments = OPTIMIZERS[optimizer].moments
        numbers = (
            self.parameter_count * (2 + moments)
            + scratch_size(self.parameter_count)
            + batch * self.elements_per_example(True)
            + self.inference_rows * self.elements_per_example(False)
        )
        return numbers * np.dtype(dtype).itemsize


def chain(n_x: int, layers: Iterable[Layer], loss: str) -> Plan:
    """The plan of layers in a row, called data, n1, n2, …, cost; for work without a document.

    Raises ShapeError where a layer cannot take what the one before gives.
    """
    steps = [Step("data", "Data", Input(), (), (n_x,), {})]
    for number, layer in enumerate((*layers, Cost(loss)), start=1):
        before = steps[-1]
        id = f"n{number}" if layer.has_output else "cost"
        shape = layer.output_shape([before.shape])
        parameters = layer.parameter_shapes([before.shape])
        steps.append(Step(id, f"{layer.title} {number}", layer, (before.id,), shape, parameters))
    return Plan(tuple(steps), loss)
