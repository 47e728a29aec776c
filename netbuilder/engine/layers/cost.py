"""Cost: where the network ends; it compares the output with the targets by a loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from netbuilder.engine.layer import LAYERS, Cache, Layer, Shape, setting
from netbuilder.engine.losses import LOSSES


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
        choices=tuple(LOSSES),
    )

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        return ()

    def buffers(self, inputs: Sequence[Shape]) -> dict[str, Shape]:
        return {"losses": inputs[0]}

    def bind(self, cache: Cache) -> None:
        m = len(cache.ones)
        cache.loss = LOSSES[self.loss]
        cache.mean = np.array(1.0 / m, cache.ones.dtype)

    def forward(self, cache: Cache, training: bool) -> None:
        # inputs[0] is the output layer's Z where the loss takes logits, else its A.
        cache.loss.value(cache.inputs[0], cache.Y, cache.losses)
        of_each_output = cache.losses.dot(cache.ones)  # BLAS sums a small row faster than NumPy
        sums = of_each_output.tolist()
        cache.J = (sums[0][0] if len(sums) == 1 else sum(map(sum, sums))) / len(cache.ones)

    def backward(self, cache: Cache) -> None:
        # Likewise d_inputs[0] is dZ or dA of the output layer, and A its output Ŷ in either case.
        gradient = cache.d_inputs[0]
        if gradient is not None:
            cache.loss.gradient(cache.A, cache.Y, gradient)
            np.multiply(gradient, cache.mean, gradient)


LAYERS.add(Cost.kind, Cost)
