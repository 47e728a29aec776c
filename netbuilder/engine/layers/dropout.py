"""Dropout: silences units at random while training, and scales the others up (inverted dropout)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from netbuilder.engine.layer import LAYERS, Layer, Shape, setting


@dataclass(frozen=True)
class Dropout(Layer):
    """A = A_prev ∗ D / keep, where D is 1 with probability keep = 1 − rate; the identity when predicting."""

    kind: ClassVar[str] = "dropout"
    title: ClassVar[str] = "Dropout"
    summary: ClassVar[str] = "Silences units at random while training."

    rate: float = setting(
        0.2, "rate", "The share of units that is silenced in each update.", minimum=0.0, below=1.0
    )

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        return inputs[0]


LAYERS.add(Dropout.kind, Dropout)
