"""The networks that the engine is measured on, and the targets that each has to reach."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

LEARNING_RATE = 1e-3
KERNEL = 3
POOL = 2

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Convolution:
    """Filters of 3×3 with relu, then the largest of every 2×2."""

    filters: int
    padding: int = 0


@dataclass(frozen=True)
class Stage:
    """A layer with weights, as its matrix product: Z (n, places·m) = W (n, n_prev)·A_prev.

    For a convolution A_prev holds the patches, one column for each place of each example.
    """

    n: int
    n_prev: int
    places: int = 1
    pooled: int = 0
    """The numbers that the pooling behind it gives for one example."""


@dataclass(frozen=True)
class Target:
    """How many times as fast as a contestant the engine is to be, at least."""

    against: str
    times: float

    def __str__(self) -> str:
        return f"at least {self.times:g}× the speed of {self.against}"


@dataclass(frozen=True)
class Case:
    """One network, relu in between, and how it is trained."""

    title: str
    widths: tuple[int, ...]
    """The numbers of an example, then the units of every dense layer."""
    m: int
    """The examples of an update."""
    optimizer: str
    targets: tuple[Target, ...]
    hidden: str = "relu"
    image: tuple[int, int, int] | None = None
    """Channels, height, width of an example, where convolutions come first."""
    convolutions: tuple[Convolution, ...] = ()

    @property
    def classes(self) -> bool:
        return self.widths[-1] > 1

    @cached_property
    def stages(self) -> list[Stage]:
        """Every layer with weights, in order."""
        found, features = [], self.widths[0]
        if self.image:
            channels, height, width = self.image
            for layer in self.convolutions:
                height += 2 * layer.padding - KERNEL + 1
                width += 2 * layer.padding - KERNEL + 1
                places = height * width
                height, width = height // POOL, width // POOL
                features = layer.filters * height * width
                found.append(Stage(layer.filters, channels * KERNEL**2, places, features))
                channels = layer.filters
        for units in self.widths[1:]:
            found.append(Stage(units, features))
            features = units
        return found

    @property
    def parameters(self) -> int:
        """How many numbers W and b have together."""
        return sum(stage.n * (stage.n_prev + 1) for stage in self.stages)

    def activations(self, arrays: int) -> int:
        """How many numbers X and the layers' outputs hold for one update.

        A layer with weights makes ``arrays`` of them: 2 for Z and A, 1 for A alone.
        """
        outputs = sum(arrays * stage.n * stage.places + stage.pooled for stage in self.stages)
        return self.m * (self.widths[0] + outputs)

    def batch(self) -> tuple[Array, Array]:
        """X (m, n_x) and Y (m, n_y), classes one-hot; the same at every call."""
        rng = np.random.default_rng(1)
        X = rng.standard_normal((self.m, self.widths[0]), dtype=np.float32)
        if not self.classes:
            return X, rng.integers(0, 2, (self.m, 1)).astype(np.float32)
        classes = rng.integers(0, self.widths[-1], self.m)
        return X, np.eye(self.widths[-1], dtype=np.float32)[classes]


SMALL = (Target("torch", 12.0), Target("scikit-learn", 4.0))
LARGE = (Target("torch", 1.0),)
LARGE_ADAM = (Target("torch", 1.0), Target("torch fused", 0.9))
IMAGES = (Target("torch", 0.5),)


def _image(
    title: str, size: int, convolutions: tuple[Convolution, ...], m: int, classes: int
) -> Case:
    image = (1, size, size)
    widths = (math.prod(image), classes)
    return Case(title, widths, m, "adam", IMAGES, image=image, convolutions=convolutions)


CASES = (
    Case("2-4-1, m=400 full batch, GD", (2, 4, 1), 400, "gd", SMALL, hidden="tanh"),
    Case("2-8-8-1, mini-batch 10, GD", (2, 8, 8, 1), 10, "gd", SMALL),
    Case(
        "12288-20-7-5-1, m=209, GD",
        (12288, 20, 7, 5, 1),
        209,
        "gd",
        (*LARGE, Target("products alone", 1 / 1.25)),  # within 1.25 of their time
    ),
    Case("784-256-128-10, batch 128, Adam", (784, 256, 128, 10), 128, "adam", LARGE_ADAM),
    Case("1024-2048-2048-10, batch 256, Adam", (1024, 2048, 2048, 10), 256, "adam", LARGE_ADAM),
    _image("digits 8×8, conv 8, batch 64, Adam", 8, (Convolution(8, padding=1),), 64, 10),
    _image("28×28, conv 32+32, batch 64, Adam", 28, (Convolution(32), Convolution(32)), 64, 10),
)

MEMORY_PARAMETERS = 5.0
MEMORY_ACTIVATIONS = 2.5
"""With Adam the engine may hold so many numbers for each parameter and each activation."""

COMPILE_LAYERS = 100
COMPILE_MILLISECONDS = 50.0


@dataclass(frozen=True)
class Verdict:
    """A target by name, what was measured, and whether it is reached."""

    subject: str
    target: str
    measured: str
    reached: bool

    def __str__(self) -> str:
        outcome = "ok" if self.reached else "MISSED"
        return f"{self.subject:36} {self.target:42} {self.measured:30}  {outcome}"
