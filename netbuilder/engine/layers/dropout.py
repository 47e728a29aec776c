"""Dropout: silences units at random while training, and scales the others up (inverted dropout)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from netbuilder.engine.layer import LAYERS, Cache, Layer, Shape, setting


@dataclass(frozen=True)
class Dropout(Layer):
    """A = A_prev ∗ D / keep, where D is 1 with probability keep = 1 − rate, else 0."""

    kind: ClassVar[str] = "dropout"
    title: ClassVar[str] = "Dropout"
    summary: ClassVar[str] = "Silences units at random while training."

    rate: float = setting(
        0.2, "rate", "The share of units that is silenced in each update.", minimum=0.0, below=1.0
    )

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        return inputs[0]

    def buffers(self, inputs: Sequence[Shape]) -> dict[str, Shape]:
        return {"D": inputs[0]}

    def forward(self, cache: Cache, training: bool) -> None:
        # D holds 1/keep for a unit that stays, 0 for one that is silenced; 1 when predicting.
        D, keep = cache.D, 1.0 - self.rate
        if training:
            cache.rng.random(out=D, dtype=D.dtype)
            np.less(D, keep, D)
            np.multiply(D, 1.0 / keep, D)
        else:
            D.fill(1.0)
        np.multiply(cache.inputs[0], D, cache.A)

    def backward(self, cache: Cache) -> None:
        dA_prev = cache.d_inputs[0]
        if dA_prev is not None:
            np.multiply(cache.dA, cache.D, dA_prev)


LAYERS.add(Dropout.kind, Dropout)
