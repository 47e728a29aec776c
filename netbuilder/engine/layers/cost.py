"""Cost: where the network ends; it compares the output with the targets by a loss."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial as call
from typing import ClassVar

import numpy as np

from netbuilder.engine.layer import Array, Cache, Calls, Layer, Shape
from netbuilder.engine.losses import LOSSES
from netbuilder.engine.settings import setting


class CostCache(Cache):
    Y: Array
    """The targets (n_y, m)."""
    losses: Array
    """The loss of every output of every example, after ``total``."""
    ones: Array
    weights: Array
    """How much every example counts, (1, m); only where there are class weights."""
    total: Callable[[], float]
    """m J without regularisation, after forward."""


@dataclass(frozen=True)
class Cost(Layer):
    """J = 1/m Σ loss(Ŷ, Y), plus λ/(2m) Σ W² when there is L2 regularisation."""

    kind: ClassVar[str] = "cost"
    title: ClassVar[str] = "Cost"
    summary: ClassVar[str] = "Compares the output with the targets and gives the cost J."
    has_output: ClassVar[bool] = False
    in_palette: ClassVar[bool] = False

    loss: str = setting(
        "binary_cross_entropy",
        "loss",
        "How the distance between output and target is measured.",
        choices=LOSSES,
    )

    @staticmethod
    def of(layer: Layer) -> Cost:
        """The layer at a network's end, which is always a Cost."""
        assert isinstance(layer, Cost)
        return layer

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        return ()

    def buffers(self, inputs: Sequence[Shape]) -> dict[str, Shape]:
        return {"Y": inputs[0], "losses": inputs[0], "ones": inputs[0]}

    def forward(self, c: CostCache) -> Calls:
        # inputs[0] is the output layer's Z where the loss takes logits, else its A.
        loss, P, m = LOSSES[self.loss], c.inputs[0], c.m
        losses, ones = c.losses.reshape(-1), c.ones.reshape(-1)
        ones.fill(1.0)
        weigh = self._weights(c)

        def total() -> float:
            loss.value(P, c.Y, c.losses)
            for function in weigh:
                function()
            if c.class_weights is not None:
                np.multiply(c.losses, c.weights, c.losses)
            return float(losses.dot(ones))  # BLAS sums a small row faster than NumPy

        c.total = total
        if c.training and loss.quick_total is not None and c.class_weights is None:
            quick = loss.quick_total(P, c.A, c.Y, c.losses)
            low, high = _DIGITS * float(np.finfo(c.A.dtype).eps) * m, _HUGE * m

            def quick_or_exact() -> float:
                found = quick()
                return found if low < found < high else total()

            c.total = quick_or_exact
        return []

    def _weights(self, c: CostCache) -> Calls:
        """The calls that write how much every example counts into ``c.weights`` (1, m)."""
        weights = c.class_weights
        if weights is None:
            return []
        c.weights = np.empty((1, c.m), c.A.dtype)
        if len(c.Y) == 1:
            return [
                call(np.multiply, c.Y, weights[1] - weights[0], c.weights),
                call(np.add, c.weights, weights[0], c.weights),
            ]
        return [call(weights.reshape(1, -1).dot, c.Y, c.weights)]

    def sides(self, c: CostCache) -> Array | None:
        return c.A > c.Y if LOSSES[self.loss].kinked else None

    def backward(self, c: CostCache) -> Calls:
        # Likewise d_inputs[0] is dZ or dA of the output layer, and A its output Ŷ in either case.
        gradient = c.d_inputs[0]
        if gradient is None:
            return []
        calls = LOSSES[self.loss].gradient(c.A, c.Y, gradient)
        if c.class_weights is not None:
            calls.append(call(np.multiply, gradient, c.weights, gradient))
        mean = np.array(1.0 / c.m, gradient.dtype)
        return [*calls, call(np.multiply, gradient, mean, gradient)]


_DIGITS, _HUGE = 1e4, 1e30
"""From so many times the precision up to here the quick sum of a loss is good enough."""
