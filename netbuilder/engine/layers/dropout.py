"""Dropout: silences units at random while training, and scales the others up (inverted dropout)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial as call
from typing import ClassVar

import numpy as np

from netbuilder.engine.layer import Array, Cache, Calls, Layer, Shape
from netbuilder.engine.settings import setting
from netbuilder.engine.words import Words
from netbuilder.errors import Message


class DropoutCache(Cache):
    D: Array
    """1/keep for a unit that stays, 0 for one that is silenced."""


@dataclass(frozen=True)
class Dropout(Layer):
    """A = A_prev ∗ D / keep, where D is 1 with probability keep = 1 − rate, else 0.

    Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, "Dropout: A Simple Way to
    Prevent Neural Networks from Overfitting", 2014; scaled in training, not when predicting.
    """

    kind: ClassVar[str] = "dropout"
    title: ClassVar[str] = "Dropout"
    summary: ClassVar[str] = "Silences units at random while training."
    words: ClassVar[Words | None] = Words("dropout", "0.2")
    keeps_width: ClassVar[bool] = True
    draws: ClassVar[bool] = True
    linear: ClassVar[bool] = True
    shapes_tell_all: ClassVar[bool] = True
    before_cost: ClassVar[Message | None] = Message(
        "{name} stands right before Cost and silences parts of the output itself. "
        "Dropout belongs between layers."
    )

    rate: float = setting(
        0.2,
        "rate",
        "The share of units that is silenced in each update.",
        minimum=0.0,
        below=1.0,
        learning=True,
    )

    @classmethod
    def read(cls, words: list[str], initializer: str) -> Layer:
        (rate,) = words
        return cls(float(rate))

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        return inputs[0]

    def buffers(self, inputs: Sequence[Shape]) -> dict[str, Shape]:
        return {"D": inputs[0]}

    def forward(self, c: DropoutCache) -> Calls:
        if not c.random:
            return [call(np.copyto, c.A, c.inputs[0])]
        D, keep = c.D, 1.0 - self.rate
        return [
            call(c.draws.fill, D),
            call(np.less, D, keep, D),
            call(np.multiply, D, 1.0 / keep, D),
            call(np.multiply, c.inputs[0], D, c.A),
        ]

    def beside(self, c: DropoutCache) -> dict[str, Array]:
        return {"D": np.moveaxis((c.D > 0).astype(c.D.dtype), -1, 0)} if c.random else {}

    def backward(self, c: DropoutCache) -> Calls:
        dA_prev = c.d_inputs[0]
        if dA_prev is None:
            return []
        if not c.random:
            return [call(np.copyto, dA_prev, c.dA)]
        return [call(np.multiply, c.dA, c.D, dA_prev)]
