"""Flatten: all numbers of an image in one column, as Dense takes them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial as call
from typing import ClassVar

import numpy as np

from netbuilder.engine.layer import LAYERS, Cache, Calls, Layer, Shape


@dataclass(frozen=True)
class Flatten(Layer):
    """(channels, height, width) becomes (n,): channel by channel, each row by row."""

    kind: ClassVar[str] = "flatten"
    title: ClassVar[str] = "Flatten"
    summary: ClassVar[str] = "Makes one column of numbers of an image, for a Dense layer."

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        return (math.prod(inputs[0]),)

    def forward(self, c: Cache) -> Calls:
        A_prev = c.inputs[0]
        return [call(np.copyto, c.A.reshape(A_prev.shape), A_prev)]

    def backward(self, c: Cache) -> Calls:
        dA_prev = c.d_inputs[0]
        return [] if dA_prev is None else [call(np.copyto, dA_prev, c.dA.reshape(dA_prev.shape))]


LAYERS.add(Flatten.kind, Flatten)
