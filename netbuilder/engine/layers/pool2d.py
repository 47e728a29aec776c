"""What the pooling layers share: windows over each channel of an image, one number from each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial as call
from typing import Any, ClassVar

import numpy as np

from netbuilder.engine.layer import Array, Calls, Layer, Shape, ShapeError
from netbuilder.engine.settings import setting
from netbuilder.engine.windows import image, positions, windows
from netbuilder.engine.words import options, square
from netbuilder.errors import Message


@dataclass(frozen=True)
class Pool2D(Layer):
    """Windows of size × size pixels, without padding; a rest at the edges is left out."""

    keeps_width: ClassVar[bool] = True
    takes_images: ClassVar[bool] = True

    size: int = setting(
        2, "size", "Height and width of a window, in pixels.", minimum=1, maximum=100
    )
    stride: int = setting(
        0,
        "stride",
        "How many pixels a window moves on from place to place; 0: as many as its size.",
        minimum=0,
        maximum=100,
        zero="the size",
        fine=True,
    )

    @property
    def stride_in_force(self) -> int:
        """How many pixels a window moves on."""
        return self.stride or self.size

    @classmethod
    def read(cls, words: list[str], initializer: str) -> Layer:
        size, *rest = words
        return cls(square(size), **options(rest, ("stride",)))

    def described(self) -> dict[str, Any]:
        return {**super().described(), "stride": self.stride_in_force}

    def remedies(self, name: str, shape: Shape) -> list[tuple[Message, Layer]]:
        most = min(shape[1:])
        if most < 2:
            return []
        label = Message("Make the windows of {name} {n}×{n}", name=name, n=most)
        return [(label, self.with_settings(size=most))]

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        channels, height, width = image(inputs[0], self.title)
        rows, columns = positions(inputs[0], self.size, self.stride_in_force)
        if not rows or not columns:
            raise ShapeError(
                "A window of {title}, {size}×{size}, is larger than its input of {height}×{width}."
                " Choose a size of at most {most}.",
                title=self.title,
                size=self.size,
                height=height,
                width=width,
                most=min(height, width),
            )
        return channels, rows, columns

    def pixels(self, A: Array) -> list[Array]:
        """Row by row the first, the second, … pixel of every window, each shaped as the output."""
        found = windows(A, self.size, self.stride_in_force)
        return [found[:, i, j] for i, j in np.ndindex(self.size, self.size)]

    def clear(self, dA_prev: Array, dA: Array) -> Calls:
        """The call that sets dA_prev to zero, where not every pixel is in exactly one window."""
        whole = dA_prev.size == dA.size * self.size**2 and self.stride_in_force == self.size
        return [] if whole else [call(dA_prev.fill, 0.0)]

    def give(self, d_pixel: Array, share: Array) -> Calls:
        """The call that gives one pixel of every window its share, once dA_prev is cleared."""
        if self.stride_in_force < self.size:  # windows overlap
            return [call(np.add, d_pixel, share, d_pixel)]
        return [call(np.copyto, d_pixel, share)]
