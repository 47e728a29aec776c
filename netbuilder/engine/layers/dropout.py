"""Dropout: silences units at random while training, and scales the others up (inverted dropout)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial as call
from typing import ClassVar

import numpy as np

from netbuilder.engine.layer import LAYERS, Cache, Calls, Layer, Shape, setting


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

    def forward(self, c: Cache) -> Calls:
        if not c.random:
            return [call(np.copyto, c.A, c.inputs[0])]
        # D holds 1/keep for a unit that stays, 0 for one that is silenced.
        D, keep = c.D, 1.0 - self.rate
        return [
            call(c.rng.random, None, D.dtype, D),
            call(np.less, D, keep, D),
            call(np.multiply, D, 1.0 / keep, D),
            call(np.multiply, c.inputs[0], D, c.A),
        ]

    def backward(self, c: Cache) -> Calls:
        dA_prev = c.d_inputs[0]
        if dA_prev is None:
            return []
        if not c.random:
            return [call(np.copyto, dA_prev, c.dA)]
        return [call(np.multiply, c.dA, c.D, dA_prev)]


LAYERS.add(Dropout.kind, Dropout)
