"""Dense: every unit sees every unit of the layer before; Z = W·A_prev + b, A = g(Z)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.initializers import INITIALIZERS
from netbuilder.engine.layer import LAYERS, Layer, Shape, flat, setting


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


LAYERS.add(Dense.kind, Dense)
