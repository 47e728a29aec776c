"""Multiply: the product of several inputs of the same shape, number by number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from netbuilder.engine.layer import Cache, Calls, Layer, Shape, combined, one_shape


@dataclass(frozen=True)
class Multiply(Layer):
    """A = A₁ ∗ A₂ ∗ …, so that one branch can be the gate of another."""

    kind: ClassVar[str] = "multiply"
    title: ClassVar[str] = "Multiply"
    summary: ClassVar[str] = "Multiplies the outputs of several layers of the same width."
    min_inputs: ClassVar[int] = 2
    max_inputs: ClassVar[int | None] = None

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        return one_shape(inputs, self.title)

    def forward(self, c: Cache) -> Calls:
        return combined(np.multiply, c.inputs, c.A)

    def backward(self, c: Cache) -> Calls:
        # dA times all the other inputs, never A / A_prev: that would be 0 / 0 where an input is 0.
        calls: Calls = []
        for index, dA_prev in enumerate(c.d_inputs):
            if dA_prev is not None:
                others = c.inputs[:index] + c.inputs[index + 1 :]
                calls += combined(np.multiply, [c.dA, *others], dA_prev)
        return calls
