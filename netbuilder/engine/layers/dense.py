"""Dense: every unit sees every unit of the layer before; Z = W·A_prev + b, A = g(Z)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial as call
from typing import ClassVar

import numpy as np

from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.initializers import INITIALIZERS
from netbuilder.engine.layer import Calls, Layer, Shape, flat
from netbuilder.engine.layers.affine import (
    Affine,
    AffineCache,
    frozen_setting,
    place_of_dZ,
    take_frozen,
)
from netbuilder.engine.settings import setting
from netbuilder.engine.words import Words

_FEW = 64


@dataclass(frozen=True)
class Dense(Affine):
    """A fully connected layer with its activation."""

    kind: ClassVar[str] = "dense"
    title: ClassVar[str] = "Dense"
    summary: ClassVar[str] = "Fully connected: Z = W·A_prev + b, then A = g(Z)."
    words: ClassVar[Words | None] = Words("", "16 relu")
    width_setting: ClassVar[str] = "units"
    shapes_tell_all: ClassVar[bool] = True
    formula_says_all: ClassVar[bool] = True

    units: int = setting(
        4, "units", "How many neurons the layer has, n[l].", minimum=1, maximum=1_000_000
    )
    activation: str = setting(
        "relu", "activation", "The function g in A = g(Z).", choices=ACTIVATIONS
    )
    initializer: str = setting(
        "he",
        "initial weights",
        "How W starts; b starts at zero.",
        choices=INITIALIZERS,
        learning=True,
        fine=True,
    )
    frozen: str = frozen_setting()

    @classmethod
    def read(cls, words: list[str], initializer: str) -> Layer:
        words, frozen = take_frozen(words)
        units, activation = words if len(words) == 2 else (*words, "linear")
        n = int(units)
        return cls(n, activation, initializer or ACTIVATIONS[activation].initializer, frozen)

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        flat(inputs[0], self.title)
        return (self.units,)

    def parameter_shapes(self, inputs: Sequence[Shape]) -> dict[str, Shape]:
        return {"W": (self.units, flat(inputs[0], self.title)), "b": (self.units, 1)}

    def buffers(self, inputs: Sequence[Shape]) -> dict[str, Shape]:
        return self.logit_buffers((self.units,))

    def forward(self, c: AffineCache) -> Calls:
        Wb = c.theta.reshape(-1, self.units).T  # [b W], so that [b W]·[1; A_prev] = W·A_prev + b
        c.g = ACTIVATIONS[self.activation]
        calls: Calls = [call(Wb.dot, c.inputs_1[0], c.Z)]
        if not c.inputs_1[0].flags.c_contiguous and self.units <= _FEW:
            # Wide data lies in rows; for a few units BLAS is a quarter faster if Z does so too.
            rows = np.empty((c.m, self.units), c.Z.dtype)
            calls = [call(c.inputs_1[0].T.dot, Wb.T, rows), call(np.copyto, c.Z, rows.T)]
        return calls + c.g.forward(c.Z, c.A)

    def backward(self, c: AffineCache) -> Calls:
        W_T = c.theta.reshape(-1, self.units)[1:]
        d_Wb_T = c.d_theta.reshape(-1, self.units)
        dZ, dA_prev = place_of_dZ(c), c.d_inputs[0]
        calls = self.back_to_dZ(c)
        calls.append(call(c.inputs_1[0].dot, dZ.T, d_Wb_T))  # dW = dZ·A_prevᵀ, db = Σ dZ
        if dA_prev is not None:
            calls.append(call(W_T.dot, dZ, dA_prev))
        return calls
