"""Activation: a function applied to every unit on its own; A = g(A_prev)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layer import Array, Cache, Calls, Layer, Shape
from netbuilder.engine.settings import setting
from netbuilder.engine.words import Words


@dataclass(frozen=True)
class Activation(Layer):
    """An activation as a layer of its own, for use after a join."""

    kind: ClassVar[str] = "activation"
    title: ClassVar[str] = "Activation"
    summary: ClassVar[str] = "Applies a function to every unit: A = g(A_prev)."
    words: ClassVar[Words | None] = Words("", "tanh")
    keeps_width: ClassVar[bool] = True
    shapes_tell_all: ClassVar[bool] = True

    activation: str = setting(
        "relu", "activation", "The function g in A = g(Z).", choices=ACTIVATIONS
    )

    @classmethod
    def read(cls, words: list[str], initializer: str) -> Layer:
        (name,) = words
        if name not in ACTIVATIONS:
            raise ValueError(name)
        return cls(name)

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
