"""MaxPool2D: of every window of an image only the largest pixel is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial as call
from typing import ClassVar

import numpy as np

from netbuilder.engine.layer import Array, Cache, Calls, Shape
from netbuilder.engine.layers.pool2d import Pool2D
from netbuilder.engine.words import Words


class MaxPool2DCache(Cache):
    d_share: Array
    """What the pixel in question gets of every window's dA."""
    d_rest: Array
    """What is left of dA for the pixels that follow."""


@dataclass(frozen=True)
class MaxPool2D(Pool2D):
    """A = the largest pixel of each window. Of equal ones the first, row by row, gets dA."""

    kind: ClassVar[str] = "max_pool2d"
    title: ClassVar[str] = "MaxPool2D"
    summary: ClassVar[str] = "Makes an image smaller: keeps the largest pixel of every window."
    words: ClassVar[Words | None] = Words("max pool", "2")

    def buffers(self, inputs: Sequence[Shape]) -> dict[str, Shape]:
        shape = self.output_shape(inputs)
        return {"d_share": shape, "d_rest": shape}

    def forward(self, c: Cache) -> Calls:
        pixels = self.pixels(c.inputs[0])
        calls: Calls = [call(np.maximum, pixels[0], pixels[-1], out=c.A)]
        return calls + [call(np.maximum, c.A, pixel, out=c.A) for pixel in pixels[1:-1]]

    def backward(self, c: MaxPool2DCache) -> Calls:
        dA_prev = c.d_inputs[0]
        if dA_prev is None:
            return []
        pairs = list(zip(self.pixels(c.inputs[0]), self.pixels(dA_prev), strict=True))
        calls, rest = self.clear(dA_prev, c.dA), c.dA
        for pixel, d_pixel in pairs[:-1]:
            # The first that is the largest takes all of dA, so that nothing remains for the others.
            calls += [
                call(np.equal, pixel, c.A, c.d_share),
                call(np.multiply, c.d_share, rest, c.d_share),
                *self.give(d_pixel, c.d_share),
                call(np.subtract, rest, c.d_share, c.d_rest),
            ]
            rest = c.d_rest
        return calls + self.give(pairs[-1][1], rest)

    def sides(self, c: Cache) -> Array | None:
        return np.array([pixel == c.A for pixel in self.pixels(c.inputs[0])])
