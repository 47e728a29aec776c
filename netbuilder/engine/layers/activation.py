"""Activation: a function applied to every unit on its own; A = g(A_prev)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layer import LAYERS, Array, Cache, Calls, Layer, Shape, setting


@dataclass(frozen=True)
class Activation(Layer):
    """An activation as a layer of its own, for use after a join."""

    kind: ClassVar[str] = "activation"
    title: ClassVar[str] = "Activation"
    summary: ClassVar[str] = "Applies a function to every unit: A = g(A_prev)."

    activation: str = setting(
        "relu", "activation", "The function g in A = g(Z).", choices=tuple(ACTIVATIONS)
    )

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        return inputs[0]

    def forward(self, c: Cache) -> Calls:
        c.g = ACTIVATIONS[self.activation]
        return c.g.forward(c.inputs[0], c.A)

    def backward(self, c: Cache) -> Calls:
        dZ = c.d_inputs[0]
        if dZ is None or c.takes_logits:
            return []
        return c.g.backward(c.dA, c.inputs[0], c.A, dZ)

    def logits(self, c: Cache) -> tuple[Array, Array | None]:
        return c.inputs[0], c.d_inputs[0]

    def sides(self, c: Cache) -> Array | None:
        return c.A > 0 if c.g.kinked else None


LAYERS.add(Activation.kind, Activation)
