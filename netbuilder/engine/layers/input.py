"""Input: where the examples enter the network; its shape is the data's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from netbuilder.engine.layer import Layer, Shape


@dataclass(frozen=True)
class Input(Layer):
    """A[0] = X. Nothing is computed here, and nothing to be set: the data decides the width."""

    kind: ClassVar[str] = "input"
    title: ClassVar[str] = "Data"
    summary: ClassVar[str] = "The examples X, one column of features each."
    min_inputs: ClassVar[int] = 0
    max_inputs: ClassVar[int | None] = 0
    in_palette: ClassVar[bool] = False

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        raise NotImplementedError("the data gives the shape of the input")
