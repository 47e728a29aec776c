"""Add: the sum of several inputs of the same shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from netbuilder.engine.layer import LAYERS, Cache, Layer, Shape, ShapeError


@dataclass(frozen=True)
class Add(Layer):
    """A = A₁ + A₂ + …, for branches that come together again."""

    kind: ClassVar[str] = "add"
    title: ClassVar[str] = "Add"
    summary: ClassVar[str] = "Adds the outputs of several layers of the same width."
    min_inputs: ClassVar[int] = 2
    max_inputs: ClassVar[int | None] = None

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        if len(set(inputs)) > 1:
            raise ShapeError(
                "Add needs inputs of one shape, but they are {shapes}.",
                shapes=", ".join(str(shape) for shape in inputs),
            )
        return inputs[0]

    def forward(self, cache: Cache, training: bool) -> None:
        np.add(cache.inputs[0], cache.inputs[1], cache.A)
        for A_prev in cache.inputs[2:]:
            np.add(cache.A, A_prev, cache.A)

    def backward(self, cache: Cache) -> None:
        for dA_prev in cache.d_inputs:
            if dA_prev is not None:
                np.copyto(dA_prev, cache.dA)


LAYERS.add(Add.kind, Add)
