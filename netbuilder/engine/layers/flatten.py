"""Flatten: all numbers of an image in one column, as Dense takes them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from netbuilder.engine.layer import Shape
from netbuilder.engine.layers.same_numbers import SameNumbers
from netbuilder.engine.words import Words
from netbuilder.errors import Message


@dataclass(frozen=True)
class Flatten(SameNumbers):
    """(channels, height, width) becomes (n,): channel by channel, each row by row."""

    kind: ClassVar[str] = "flatten"
    title: ClassVar[str] = "Flatten"
    summary: ClassVar[str] = "Makes one column of numbers of an image, for a Dense layer."
    words: ClassVar[Words | None] = Words("flatten")
    flattens: ClassVar[bool] = True

    def idle(self, inputs: Sequence[Shape]) -> Message | None:
        if len(inputs[0]) != 1:
            return None
        return Message("{name} has nothing to do: its input is a column of numbers already.")

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        return (math.prod(inputs[0]),)
