"""Concatenate: the units of several inputs side by side, or the channels of several images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial as call
from typing import ClassVar

import numpy as np

from netbuilder.engine.layer import Cache, Calls, Layer, Shape, ShapeError


@dataclass(frozen=True)
class Concatenate(Layer):
    """A = [A₁; A₂; …], in the order in which the inputs were connected; images by channel."""

    kind: ClassVar[str] = "concatenate"
    title: ClassVar[str] = "Concatenate"
    summary: ClassVar[str] = "Puts the outputs of several layers side by side."
    min_inputs: ClassVar[int] = 2
    max_inputs: ClassVar[int | None] = None

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        first, *others = inputs
        if any(shape[1:] != first[1:] for shape in others):
            raise ShapeError(
                "Concatenate joins columns of numbers, or images of one height and width, but its"
                " inputs have shapes {shapes}. Bring the images to one height and width, or put a"
                " Flatten layer after each.",
                shapes=", ".join(str(shape) for shape in inputs),
            )
        return (sum(shape[0] for shape in inputs), *first[1:])

    def forward(self, c: Cache) -> Calls:
        return [call(np.concatenate, c.inputs, 0, c.A)]

    def backward(self, c: Cache) -> Calls:
        calls: Calls = []
        start = 0
        for A_prev, dA_prev in zip(c.inputs, c.d_inputs, strict=True):
            end = start + len(A_prev)
            if dA_prev is not None:
                calls.append(call(np.copyto, dA_prev, c.dA[start:end]))
            start = end
        return calls
