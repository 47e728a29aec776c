"""Conv2D: the same small filters at every place of an image; Z = W ∗ A_prev + b, A = g(Z).

The pixels under the filters are laid out as columns, so that all sums are one matrix product with
[b W] (Chellapilla, Puri and Simard 2006). The columns are made for a block of output rows at a
time, and again in the backward pass: all of them together would be kernel² times the image.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial as call
from typing import ClassVar, Self

import numpy as np

from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.initializers import INITIALIZERS
from netbuilder.engine.layer import Array, Calls, Layer, Shape, ShapeError
from netbuilder.engine.layers.affine import (
    Affine,
    AffineCache,
    frozen_setting,
    place_of_dZ,
    take_frozen,
)
from netbuilder.engine.settings import setting
from netbuilder.engine.windows import image, positions, windows
from netbuilder.engine.words import Words, options, square
from netbuilder.errors import Message

_BLOCK = 2**15
"""Numbers of one example that the columns of a block may hold; one output row they always do."""
_OPTIONS = ("stride", "padding")
"""What the command line may add to filters, kernel and activation."""


class Conv2DCache(AffineCache):
    columns: Array
    """[1; pixels] of a block of output rows: (1 + channels · kernel², rows, width, m)"""
    padded: Array
    """The image with zeros around it, where there is padding."""
    d_padded: Array


@dataclass(frozen=True)
class Conv2D(Affine):
    """A convolution with its activation, from (channels, height, width) to (filters, …, …).

    As everywhere in the field the filters are not flipped: strictly it is a cross-correlation.
    """

    kind: ClassVar[str] = "conv2d"
    title: ClassVar[str] = "Conv2D"
    summary: ClassVar[str] = "Convolution: looks for the same small patterns all over an image."
    words: ClassVar[Words | None] = Words("conv", "8 3x3 relu stride 1 padding 1")
    width_setting: ClassVar[str] = "filters"
    takes_images: ClassVar[bool] = True

    filters: int = setting(
        8,
        "filters",
        "How many patterns the layer looks for; each gives one channel of its output.",
        minimum=1,
        maximum=10_000,
    )
    kernel: int = setting(
        3, "kernel", "Height and width of a filter, in pixels.", minimum=1, maximum=100
    )
    stride: int = setting(
        1,
        "stride",
        "How many pixels a filter moves on from place to place.",
        minimum=1,
        maximum=100,
        fine=True,
    )
    padding: int = setting(
        0,
        "padding",
        "Rows and columns of zeros put around the image. With stride 1 and an odd kernel,"
        " (kernel − 1) / 2 keeps the image's size.",
        minimum=0,
        maximum=100,
        fine=True,
    )
    activation: str = setting(
        "relu", "activation", "The function g in A = g(Z).", choices=ACTIVATIONS
    )
    initializer: str = setting(
        "he",
        "initial weights",
        "How W starts, where n_prev is the number of weights of a filter; b starts at zero.",
        choices=INITIALIZERS,
        learning=True,
        fine=True,
    )
    frozen: str = frozen_setting()

    @classmethod
    def read(cls, words: list[str], initializer: str) -> Layer:
        words, frozen = take_frozen(words)
        filters, kernel, *rest = words
        n, size = int(filters), square(kernel)
        activation = "linear"
        if rest and rest[0] not in _OPTIONS:
            activation = rest.pop(0)
        initializer = initializer or ACTIVATIONS[activation].initializer
        found = options(rest, _OPTIONS)
        return cls(n, size, activation=activation, initializer=initializer, frozen=frozen, **found)

    def keeping_size(self) -> Self | None:
        if self.stride != 1 or self.kernel % 2 == 0:
            return None
        return self.with_settings(padding=self.kernel // 2)

    def remedies(self, name: str, shape: Shape) -> list[tuple[Message, Layer]]:
        padding, kernel = self.kernel // 2, min(shape[1:]) + 2 * self.padding
        return [
            (
                Message("Give {name} a padding of {padding}", name=name, padding=padding),
                self.with_settings(padding=padding),
            ),
            (
                Message("Make the kernel of {name} {n}×{n}", name=name, n=kernel),
                self.with_settings(kernel=kernel),
            ),
        ]

    def _padded(self, shape: Shape) -> Shape:
        channels, height, width = shape
        return channels, height + 2 * self.padding, width + 2 * self.padding

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        _, height, width = image(inputs[0], self.title)
        rows, columns = positions(self._padded(inputs[0]), self.kernel, self.stride)
        if not rows or not columns:
            smaller = min(height, width)
            raise ShapeError(
                "The kernel of {title}, {kernel}×{kernel}, is larger than its input of"
                " {height}×{width} with a padding of {padding}. Choose a kernel of at most {most},"
                " or a padding of at least {least}.",
                title=self.title,
                kernel=self.kernel,
                height=height,
                width=width,
                padding=self.padding,
                most=smaller + 2 * self.padding,
                least=(self.kernel - smaller + 1) // 2,
            )
        return self.filters, rows, columns

    def parameter_shapes(self, inputs: Sequence[Shape]) -> dict[str, Shape]:
        channels = image(inputs[0], self.title)[0]
        W = (self.filters, channels, self.kernel, self.kernel)
        return {"W": W, "b": (self.filters, 1)}

    def buffers(self, inputs: Sequence[Shape]) -> dict[str, Shape]:
        Z = _, rows, columns = self.output_shape(inputs)
        size = 1 + inputs[0][0] * self.kernel**2
        # Blocks of nearly the same size: as many as it takes, and no larger than they need to be.
        blocks = -(-rows // max(1, _BLOCK // (size * columns)))
        found = self.logit_buffers(Z) | {"columns": (size, -(-rows // blocks), columns)}
        if self.padding:
            found |= {"padded": self._padded(inputs[0]), "d_padded": self._padded(inputs[0])}
        return found

    def forward(self, c: Conv2DCache) -> Calls:
        c.g = ACTIVATIONS[self.activation]
        Wb = c.theta.reshape(-1, self.filters).T  # [b W], as the columns begin with a row of ones
        calls: Calls = [call(c.columns[0].fill, 1.0)]
        if self.padding:
            calls += [
                call(c.padded.fill, 0.0),
                call(np.copyto, self._inside(c.padded), c.inputs[0]),
            ]
        for block in self._blocks(c):
            calls += [block.lay_out, call(np.matmul, Wb, block.columns, block.of(c.Z))]
        return calls + c.g.forward(c.Z, c.A)

    def backward(self, c: Conv2DCache) -> Calls:
        whole_dZ = place_of_dZ(c)
        calls = self.back_to_dZ(c)
        W_T = c.theta.reshape(-1, self.filters)[1:]
        d_Wb_T = c.d_theta.reshape(-1, self.filters)
        dA_prev = c.d_inputs[0]
        if dA_prev is not None:
            d_image = c.d_padded if self.padding else dA_prev
            d_pixels = windows(d_image, self.kernel, self.stride)
            calls.append(call(d_image.fill, 0.0))
        blocks = self._blocks(c)
        share = np.empty_like(d_Wb_T)
        for number, block in enumerate(blocks):
            dZ = block.of(whole_dZ)
            if len(blocks) > 1:  # a single block is still there from the forward pass
                calls.append(block.lay_out)
            # dW = dZ·columnsᵀ, db = Σ dZ
            calls.append(call(np.matmul, block.columns, dZ.T, share if number else d_Wb_T))
            if number:
                calls.append(call(np.add, d_Wb_T, share, d_Wb_T))
            if dA_prev is not None:
                # The columns have done their work: their gradient takes their place.
                calls.append(call(np.matmul, W_T, dZ, block.columns[1:]))
                for i, j in np.ndindex(self.kernel, self.kernel):
                    d_pixel = d_pixels[:, i, j, block.rows]
                    calls.append(call(np.add, d_pixel, block.pixels[:, i, j], d_pixel))
        if dA_prev is not None and self.padding:
            calls.append(call(np.copyto, dA_prev, self._inside(c.d_padded)))
        return calls

    def _inside(self, padded: Array) -> Array:
        """The image itself, without the zeros around it."""
        return padded[:, self.padding : -self.padding, self.padding : -self.padding]

    def _blocks(self, c: Conv2DCache) -> list[_Block]:
        """All output rows, in order."""
        image = c.padded if self.padding else c.inputs[0]
        source = windows(image, self.kernel, self.stride)
        step = c.columns.shape[1]
        rows = [slice(start, start + step) for start in range(0, c.Z.shape[1], step)]
        return [_Block(c.columns, source[:, :, :, part], part) for part in rows]


class _Block:
    """Some output rows and the columns for them, in the memory that all blocks share."""

    def __init__(self, columns: Array, source: Array, rows: slice) -> None:
        self.rows = rows
        columns = columns[:, : source.shape[3]]
        self.columns = columns.reshape(len(columns), -1)
        """[1; pixels]: (1 + channels · kernel², positions · m)"""
        self.pixels = columns[1:].reshape(source.shape)
        """(channels, kernel, kernel, rows, width, m)"""
        self.lay_out = call(np.copyto, self.pixels, source)

    def of(self, array: Array) -> Array:
        """The rows of Z or dZ as a matrix (filters, positions · m)."""
        return array[:, self.rows].reshape(len(array), -1)
