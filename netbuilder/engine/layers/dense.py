"""Dense: every unit sees every unit of the layer before; Z = W·A_prev + b, A = g(Z)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.initializers import INITIALIZERS
from netbuilder.engine.layer import LAYERS, Array, Cache, Layer, Shape, flat, setting


@dataclass(frozen=True)
class Dense(Layer):
    """A fully connected layer with its activation."""

    kind: ClassVar[str] = "dense"
    title: ClassVar[str] = "Dense"
    summary: ClassVar[str] = "Fully connected: Z = W·A_prev + b, then A = g(Z)."

    units: int = setting(
        4, "units", "How many neurons the layer has, n[l].", minimum=1, maximum=1_000_000
    )
    activation: str = setting(
        "relu", "activation", "The function g in A = g(Z).", choices=tuple(ACTIVATIONS)
    )
    initializer: str = setting(
        "he", "initial weights", "How W starts; b starts at zero.", choices=tuple(INITIALIZERS)
    )

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        flat(inputs[0], self.title)
        return (self.units,)

    def parameter_shapes(self, inputs: Sequence[Shape]) -> dict[str, Shape]:
        return {"W": (self.units, flat(inputs[0], self.title)), "b": (self.units, 1)}

    def initial(self, parameter: str, shape: Shape, rng: np.random.RandomState) -> Array:
        return INITIALIZERS[self.initializer](shape, rng) if parameter == "W" else np.zeros(shape)

    def buffers(self, inputs: Sequence[Shape]) -> dict[str, Shape]:
        return {"Z": (self.units,), "dZ": (self.units,)}

    def bind(self, cache: Cache) -> None:
        cache.g = ACTIVATIONS[self.activation]
        # The same memory; NumPy adds a single number faster than a column of one.
        cache.bias = cache.b.reshape(()) if self.units == 1 else cache.b

    def forward(self, cache: Cache, training: bool) -> None:
        Z = cache.Z
        cache.W.dot(cache.inputs[0], Z)
        np.add(Z, cache.bias, Z)
        cache.g.forward(Z, cache.A)

    def backward(self, cache: Cache) -> None:
        dZ = cache.dZ
        if not cache.takes_logits:
            cache.g.backward(cache.dA, cache.Z, cache.A, dZ)
        dZ.dot(cache.inputs[0].T, cache.dW)
        dZ.dot(cache.ones, cache.db)  # the sum over the examples
        dA_prev = cache.d_inputs[0]
        if dA_prev is not None:
            cache.W.T.dot(dZ, dA_prev)

    def logits(self, cache: Cache) -> tuple[Array, Array | None]:
        return cache.Z, getattr(cache, "dZ", None)


LAYERS.add(Dense.kind, Dense)
