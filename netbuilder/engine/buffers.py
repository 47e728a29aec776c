"""The buffers of a whole plan: allocated once, handed out as views for every batch size."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial as call
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from netbuilder.engine.draws import Draws
from netbuilder.engine.layer import Cache, Calls, Shape, ShapeError
from netbuilder.engine.layers.cost import CostCache
from netbuilder.engine.losses import LOSSES
from netbuilder.engine.plan import Plan, PlanNode

Array = NDArray[Any]

_SIZES_KEPT = 8
"""Batch sizes whose views are kept; there are rarely more than two."""
_NARROW = 16
"""Up to so many features examples are copied as columns, which is faster for a few features."""


class Mode(NamedTuple):
    """What a batch is computed for."""

    training: bool
    """Statistics are the batch's own."""
    random: bool
    """Dropout draws, and running statistics move."""


UPDATE = Mode(training=True, random=True)
GRADIENT = Mode(training=True, random=False)
"""As an update, but nothing is random and nothing remembered."""
PREDICT = Mode(training=False, random=False)


class Memory:
    """One vector of all parameters, or of all gradients, and the arrays that it is cut into."""

    def __init__(self, plan: Plan, shapes: Mapping[str, Shape], dtype: np.dtype[Any]) -> None:
        self.vector = np.zeros(sum(map(math.prod, shapes.values())), dtype)
        self.arrays = cut(self.vector, plan, shapes)
        self.of_step = {id: self.vector[place] for id, place in plan.node_layout.items()}


def cut(vector: Array, plan: Plan, shapes: Mapping[str, Shape]) -> dict[str, Array]:
    """The parameters that lie in a vector, as views. There each has its first axis last."""
    return {
        key: np.moveaxis(vector[plan.layout[key]].reshape(*shape[1:], shape[0]), -1, 0)
        for key, shape in shapes.items()
    }


class Buffers:
    """Memory for up to ``capacity`` examples; with ``gradients`` also for the backward pass."""

    def __init__(
        self,
        plan: Plan,
        capacity: int,
        draws: Draws,
        parameters: Memory,
        gradients: Memory | None = None,
        class_weights: Array | None = None,
    ) -> None:
        self.plan = plan
        self.capacity = capacity
        self.fed: BoundPlan | None = None
        """The one whose batch lies in this memory."""
        self._draws = draws
        self._parameters = parameters
        self._gradients = gradients
        self._class_weights = class_weights
        self._dtype = parameters.vector.dtype
        self._arrays = {
            node.id: {
                name: np.zeros(math.prod(shape) * capacity, self._dtype)
                for name, shape in plan.buffers(node, gradients is not None).items()
                if name != "A"
            }
            for node in plan.nodes
        }
        # Above every A lies a row of ones. They come first in memory, so that they are in their
        # place whatever the number of examples.
        self._outputs = {
            node.id: np.ones((1 + math.prod(node.shape)) * capacity, self._dtype)
            for node in plan.nodes
            if node.layer.has_output
        }
        self._bound: dict[tuple[int, Mode], BoundPlan] = {}

    def bound(self, m: int, mode: Mode) -> BoundPlan:
        """The plan made ready for m examples, m ≤ capacity."""
        bound = self._bound.get((m, mode))
        if bound is None:
            if len(self._bound) == _SIZES_KEPT:
                self._bound.clear()
            bound = self._bound[m, mode] = self._bind(m, mode)
        return bound

    def _bind(self, m: int, mode: Mode) -> BoundPlan:
        caches: dict[str, Cache] = {}
        for node in self.plan.nodes:
            caches[node.id] = self._cache(node, m, mode, caches)
        self._join_cost(caches)
        return BoundPlan(self, mode, caches, self._gradients is not None)

    def _cache(self, node: PlanNode, m: int, mode: Mode, caches: dict[str, Cache]) -> Cache:
        c = Cache()
        c.m, c.draws, c.takes_logits = m, self._draws, False
        c.training, c.random = mode
        shapes = self.plan.buffers(node, self._gradients is not None)
        for name, array in self._arrays[node.id].items():
            shape = shapes[name]
            setattr(c, name, array[: math.prod(shape) * m].reshape(*shape, m))
        if node.layer.has_output:
            c.A_1 = self._output(node, m)
            c.A = c.A_1[1:].reshape(*node.shape, m)
        for memory, prefix in ((self._parameters, ""), (self._gradients, "d")):
            if memory is None:
                continue
            setattr(c, "d_theta" if prefix else "theta", memory.of_step[node.id])
            for name in node.parameter_shapes if prefix else node.stored_shapes:
                setattr(c, prefix + name, memory.arrays[f"{node.id}.{name}"])
        c.inputs = [caches[id].A for id in node.inputs]
        c.inputs_1 = [caches[id].A_1 for id in node.inputs]
        c.d_inputs = [
            getattr(caches[id], self._gradient_name(id, node, index), None)
            for index, id in enumerate(node.inputs)
        ]
        c.class_weights = self._class_weights
        return c

    def _output(self, node: PlanNode, m: int) -> Array:
        """[1; A] for m examples."""
        size, memory = math.prod(node.shape), self._outputs[node.id]
        if node is self.plan.nodes[0] and size > _NARROW:
            return memory[: (1 + size) * m].reshape(m, 1 + size).T
        first = self.capacity - m
        return memory[first : first + (1 + size) * m].reshape(1 + size, m)

    def _gradient_name(self, source: str, node: PlanNode, index: int) -> str:
        """Which of the source's gradient buffers this consumer writes: the last one writes dA."""
        consumers = self.plan.consumers[source]
        extra = len(consumers) - 1 - consumers.index((node.id, index))
        return f"dA{extra}" if extra else "dA"

    def _join_cost(self, caches: dict[str, Cache]) -> None:
        """Gives the Cost the output's A, and where its loss takes logits its Z and dZ too."""
        cost_step = self.plan.nodes[-1]
        cost, output = caches[cost_step.id], self.plan.node(cost_step.inputs[0])
        cost.A = caches[output.id].A
        if LOSSES[self.plan.loss].logits_activation is not None:
            logits = output.layer.logits(caches[output.id])
            if logits is None:
                raise ValueError(f"{self.plan.loss} needs an output layer with an activation")
            cost.inputs, cost.d_inputs = [logits[0]], [logits[1]]
            caches[output.id].takes_logits = True


class BoundPlan:
    """A plan made ready for one batch size: the calls of all layers in order, written down once."""

    def __init__(
        self, buffers: Buffers, mode: Mode, caches: dict[str, Cache], backward: bool
    ) -> None:
        plan = buffers.plan
        self.mode = mode
        self.caches = caches
        self.cost = cast(CostCache, caches[plan.nodes[-1].id])
        self.forward: Calls = []
        self.backward: Calls = []
        for node in plan.nodes[1:]:
            self.forward += node.layer.forward(caches[node.id])
        for node in reversed(plan.nodes if backward else ()):
            if node.id not in plan.learning:
                continue
            c = caches[node.id]
            # Where an output feeds several layers, their gradients are added up.
            for extra in range(1, len(plan.consumers[node.id])):
                self.backward.append(call(np.add, c.dA, getattr(c, f"dA{extra}"), c.dA))
            self.backward += node.layer.backward(c)
        self._buffers = buffers
        self._input = caches[plan.nodes[0].id].A
        self._shapes = self._input.shape[::-1], self.cost.Y.shape[::-1]
        self._X: Array | None = None
        self._Y: Array | None = None

    def feed(self, X: Array, Y: Array | None = None) -> None:
        """Copies the batch, rows of examples, to where the layers look for it.

        A batch that is given again is copied again, since its numbers may have changed, unless it
        is read-only. Raises ShapeError where X is not (m, n_x) or Y is not (m, n_y): NumPy would
        spread what is too small over all examples or outputs.
        """
        buffers = self._buffers
        if X is self._X and Y is self._Y and buffers.fed is self:
            return
        x, y = self._shapes
        if X.shape != x:
            raise _misshapen("X", X, x)
        if Y is not None and Y.shape != y:
            raise _misshapen("Y", Y, y)
        np.copyto(self._input, X.T)
        if Y is not None:
            np.copyto(self.cost.Y, Y.T)
        buffers.fed = self
        self._X = None if X.flags.writeable else X
        self._Y = None if Y is None or Y.flags.writeable else Y


def _misshapen(name: str, array: Array, expected: Shape) -> ShapeError:
    """What to say of an array that is no rows of examples, and what helps."""
    _, n = expected
    if name == "X" and array.ndim == 1 and array.size == n:
        help = " One example is a row, X[None]."
    elif name == "Y" and array.ndim == 1 and n > 1:
        help = " Numbers of classes become columns by np.eye({n})[Y]."
    elif array.ndim == 1 and n == 1:
        help = " One column is {name}[:, None]."
    else:
        help = ""
    text = "{name} must be (m, {n}), one example a row; got {found}." + help
    if array.ndim == 2 and array.shape[1] == n:
        text = "X and Y must have as many rows; {name} has {rows}, the other {m}."
    values = {"name": name, "n": n, "found": str(array.shape), "m": expected[0]}
    return ShapeError(text, rows=len(array), **values)
