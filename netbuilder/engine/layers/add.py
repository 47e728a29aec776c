"""Add: the sum of several inputs of the same shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial as call
from typing import ClassVar

import numpy as np

from netbuilder.engine.layer import Cache, Calls, Layer, Shape, combined, one_shape


@dataclass(frozen=True)
class Add(Layer):
    """A = A₁ + A₂ + …, for branches that come together again."""

    kind: ClassVar[str] = "add"
    title: ClassVar[str] = "Add"
    summary: ClassVar[str] = "Adds the outputs of several layers of the same width."
    min_inputs: ClassVar[int] = 2
    max_inputs: ClassVar[int | None] = None

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        return one_shape(inputs, self.title)

    def forward(self, c: Cache) -> Calls:
        return combined(np.add, c.inputs, c.A)

    def backward(self, c: Cache) -> Calls:
        return [call(np.copyto, dA_prev, c.dA) for dA_prev in c.d_inputs if dA_prev is not None]
