"""Initialisers: the weights W before the first update. Biases start at zero."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray

from netbuilder.registry import Registry

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Initializer:
    """Draws W of shape (n[l], n[l-1]) in float64, row by row, as ``randn(n_out, n_in)`` does.

    Sources: "he" is He, Zhang, Ren and Sun, "Delving Deep into Rectifiers: Surpassing Human-Level
    Performance on ImageNet Classification", 2015; "xavier" is Glorot and Bengio,
    "Understanding the Difficulty of Training Deep Feedforward Neural Networks", 2010;
    "lecun" is LeCun, Bottou, Orr and Müller, "Efficient BackProp", 1998.

    Of a convolution, W (filters, channels, kernel, kernel), n_prev is the number of pixels that
    reach a number of the output, and n the number of outputs that a pixel reaches.
    """

    name: str
    title: str
    formula: str
    scale: Callable[[int, int], float]
    """``scale(n_out, n_in)``: what the standard normal numbers are multiplied by."""

    def __call__(self, shape: tuple[int, ...], rng: RandomState) -> Matrix:
        places = math.prod(shape[2:])
        scale = self.scale(shape[0] * places, shape[1] * places)
        if scale == 0.0:
            return np.zeros(shape)
        W = np.asarray(rng.randn(*shape))
        W *= scale
        return W


INITIALIZERS: Registry[Initializer] = Registry("initialiser")

for _initializer in (
    Initializer("zeros", "Zeros", "0", lambda n_out, n_in: 0.0),
    Initializer("normal", "Small normal", "randn · 0.01", lambda n_out, n_in: 0.01),
    Initializer("large", "Large normal", "randn · 10", lambda n_out, n_in: 10.0),
    Initializer("he", "He", "randn · √(2 / n_prev)", lambda n_out, n_in: (2.0 / n_in) ** 0.5),
    Initializer(
        "xavier",
        "Xavier",
        "randn · √(2 / (n_prev + n))",
        lambda n_out, n_in: (2.0 / (n_in + n_out)) ** 0.5,
    ),
    Initializer("lecun", "LeCun", "randn · √(1 / n_prev)", lambda n_out, n_in: (1.0 / n_in) ** 0.5),
):
    INITIALIZERS.add(_initializer.name, _initializer)
