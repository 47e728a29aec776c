"""AvgPool2D: of every window of an image the mean is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial as call
from typing import ClassVar

import numpy as np

from netbuilder.engine.layer import Array, Cache, Calls, Shape
from netbuilder.engine.layers.pool2d import Pool2D
from netbuilder.engine.words import Words


class AvgPool2DCache(Cache):
    d_share: Array
    """Of one window's pixel, in dA_prev."""


@dataclass(frozen=True)
class AvgPool2D(Pool2D):
    """A = the mean of each window; every pixel of it gets the same part of dA."""

    kind: ClassVar[str] = "avg_pool2d"
    title: ClassVar[str] = "AvgPool2D"
    summary: ClassVar[str] = "Makes an image smaller: keeps the mean of every window."
    words: ClassVar[Words | None] = Words("average pool", "2")
    linear: ClassVar[bool] = True

    def buffers(self, inputs: Sequence[Shape]) -> dict[str, Shape]:
        return {"d_share": self.output_shape(inputs)}

    def forward(self, c: Cache) -> Calls:
        first, *others = self.pixels(c.inputs[0])
        calls: Calls = [call(np.copyto, c.A, first)]
        calls += [call(np.add, c.A, pixel, c.A) for pixel in others]
        return [*calls, call(np.multiply, c.A, 1.0 / self.size**2, c.A)]

    def backward(self, c: AvgPool2DCache) -> Calls:
        dA_prev = c.d_inputs[0]
        if dA_prev is None:
            return []
        calls = self.clear(dA_prev, c.dA)
        calls.append(call(np.multiply, c.dA, 1.0 / self.size**2, c.d_share))
        for d_pixel in self.pixels(dA_prev):
            calls += self.give(d_pixel, c.d_share)
        return calls
