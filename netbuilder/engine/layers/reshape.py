"""Reshape: a column of numbers as an image, as convolutions take it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from netbuilder.engine.layer import Layer, Shape, ShapeError, flat
from netbuilder.engine.layers.same_numbers import SameNumbers
from netbuilder.engine.settings import setting
from netbuilder.engine.words import Words, lengths


@dataclass(frozen=True)
class Reshape(SameNumbers):
    """(n,) becomes (channels, height, width): channel by channel, each row by row."""

    kind: ClassVar[str] = "reshape"
    title: ClassVar[str] = "Reshape"
    summary: ClassVar[str] = "Makes an image of a column of numbers, for a convolution."
    words: ClassVar[Words | None] = Words("reshape", "1x8x8")

    channels: int = setting(
        1, "channels", "1 for grey images, 3 for colour.", minimum=1, maximum=1_000_000
    )
    height: int = setting(8, "height", "How many rows an image has.", minimum=1, maximum=1_000_000)
    width: int = setting(8, "width", "How many columns an image has.", minimum=1, maximum=1_000_000)

    @classmethod
    def read(cls, words: list[str], initializer: str) -> Layer:
        (image,) = words
        sizes = lengths(image)
        channels, height, width = sizes if len(sizes) == 3 else (1, *sizes)
        return cls(channels, height, width)

    def giving(self, shape: Shape) -> Self | None:
        channels, height, width = shape
        return self.with_settings(channels=channels, height=height, width=width)

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        n, found = self.channels * self.height * self.width, flat(inputs[0], self.title)
        if n != found:
            raise ShapeError(
                "An image of {channels} × {height} × {width} has {n} numbers, but the input of"
                " Reshape has {found}. Set channels, height and width so that their product is"
                " {found}.",
                channels=self.channels,
                height=self.height,
                width=self.width,
                n=n,
                found=found,
            )
        return (self.channels, self.height, self.width)
