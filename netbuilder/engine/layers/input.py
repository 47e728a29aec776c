"""Input: where the examples enter the network; its shape is the data's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from netbuilder.engine.layer import LAYERS, Cache, Layer, Shape


@dataclass(frozen=True)
class Input(Layer):
    """A[0] = X. It has no settings: the data decides its width."""

    kind: ClassVar[str] = "input"
    title: ClassVar[str] = "Data"
    summary: ClassVar[str] = "The examples X, one column of features each."
    min_inputs: ClassVar[int] = 0
    max_inputs: ClassVar[int | None] = 0
    in_palette: ClassVar[bool] = False

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        raise NotImplementedError("the data gives the shape of the input")

    def forward(self, cache: Cache, training: bool) -> None:
        """Nothing to do: the program hands X itself to the layers that the data feeds."""

    def backward(self, cache: Cache) -> None:
        """Nothing to do: there is nothing before the data."""


LAYERS.add(Input.kind, Input)
