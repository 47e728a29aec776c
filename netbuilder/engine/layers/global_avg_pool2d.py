"""GlobalAvgPool2D: of every channel of an image the mean is kept, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial as call
from typing import ClassVar

import numpy as np

from netbuilder.engine.layer import Cache, Calls, Layer, Shape
from netbuilder.engine.windows import image
from netbuilder.engine.words import Words


@dataclass(frozen=True)
class GlobalAvgPool2D(Layer):
    """(channels, height, width) becomes (channels,), so that Dense can follow without a Flatten."""

    kind: ClassVar[str] = "global_avg_pool2d"
    title: ClassVar[str] = "GlobalAvgPool2D"
    summary: ClassVar[str] = "Keeps the mean of every channel, one number each, for a Dense layer."
    words: ClassVar[Words | None] = Words("global average pool")
    keeps_width: ClassVar[bool] = True
    takes_images: ClassVar[bool] = True
    flattens: ClassVar[bool] = True
    linear: ClassVar[bool] = True

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        return (image(inputs[0], self.title)[0],)

    def forward(self, c: Cache) -> Calls:
        A_prev = c.inputs[0]
        return [
            call(np.add.reduce, A_prev, (1, 2), None, c.A),
            call(np.multiply, c.A, c.A.size / A_prev.size, c.A),
        ]

    def backward(self, c: Cache) -> Calls:
        dA_prev = c.d_inputs[0]
        if dA_prev is None:
            return []
        share = c.dA.size / dA_prev.size
        return [call(np.multiply, c.dA[:, None, None], share, dA_prev)]
