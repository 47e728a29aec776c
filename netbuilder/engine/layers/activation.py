"""Activation: a function applied to every unit on its own; A = g(A_prev)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layer import LAYERS, Array, Cache, Layer, Shape, setting


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

    def bind(self, cache: Cache) -> None:
        cache.g = ACTIVATIONS[self.activation]

    def forward(self, cache: Cache, training: bool) -> None:
        cache.g.forward(cache.inputs[0], cache.A)

    def backward(self, cache: Cache) -> None:
        dZ = cache.d_inputs[0]
        if dZ is not None and not cache.takes_logits:
            cache.g.backward(cache.dA, cache.inputs[0], cache.A, dZ)

    def logits(self, cache: Cache) -> tuple[Array, Array | None]:
        return cache.inputs[0], cache.d_inputs[0]


LAYERS.add(Activation.kind, Activation)
