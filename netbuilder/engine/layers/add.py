"""Add: the sum of several inputs of the same shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from netbuilder.engine.layer import LAYERS, Layer, Shape, ShapeError


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


LAYERS.add(Add.kind, Add)
