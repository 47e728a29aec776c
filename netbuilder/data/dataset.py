"""The dataset: a table made ready for training, with its target chosen, split and scaled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.errors import Message

Array = NDArray[Any]

TASKS = ("binary", "classes", "regression")


@dataclass(frozen=True)
class DataInfo:
    """What the network must know of the data, without the numbers."""

    name: str
    m: int
    """All examples, before the split."""
    feature_names: tuple[str, ...]
    target_names: tuple[str, ...]
    task: str
    """One of TASKS. Y is (m, 1) of 0 and 1, (m, classes) one-hot, or, of numbers, (m, targets)."""
    class_names: tuple[str, ...] = ()
    """For binary and classes, in the order of the codes."""
    image_shape: tuple[int, int] | None = None
    kept_aside: tuple[int, int] = (0, 0)
    """How many examples validate and test."""

    @property
    def m_train(self) -> int:
        """Of the examples that are learned from: the m of X, Y and every A."""
        return self.m - sum(self.kept_aside)

    @property
    def n_x(self) -> int:
        return len(self.feature_names)

    @property
    def n_y(self) -> int:
        """The width that the output layer must have."""
        if self.task == "binary":
            return 1
        return len(self.class_names) if self.task == "classes" else len(self.target_names)


@dataclass(frozen=True, eq=False)
class Scaling:
    """x_scaled = (x − shift) / scale for each column; learned from the training part alone."""

    shift: NDArray[np.float64]
    """(n,), for each feature or each target"""
    scale: NDArray[np.float64]
    """(n,), never zero"""

    def apply(self, X: Array) -> Array:
        return (X - self.shift) / self.scale

    def undo(self, X: Array) -> Array:
        return X * self.scale + self.shift


@dataclass(frozen=True)
class InputColumn:
    """A column that the features are made from, with what was learned of it."""

    name: str
    words: tuple[str, ...] = ()
    """For a column of words, each of which is a feature; none for one of numbers."""
    fill: float = 0.0
    """What stands for a missing value: a number, or the place of a word."""
    order: tuple[str, ...] = ()
    """For words taken as numbers, low, medium, high: all that have one, as `order_of` numbers them.
    """

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the features that it becomes."""
        return tuple(f"{self.name}={word}" for word in self.words) or (self.name,)


@dataclass(frozen=True, eq=False)
class Recipe:
    """All that was learned of the data to make other examples ready as those of the training."""

    info: DataInfo
    inputs: tuple[InputColumn, ...]
    scaling: Scaling | None
    target_scaling: Scaling | None = None

    def in_units(self, Y: Array) -> Array:
        """Targets or predictions (m, n_y) in the target's own units, as people are told them."""
        return Y if self.target_scaling is None else self.target_scaling.undo(Y)


@dataclass(frozen=True, eq=False)
class Part:
    """Examples as rows: X (m, n_x) and Y (m, n_y), both as the network sees them, that is, scaled.

    Float64, C-contiguous, read-only.
    """

    X: NDArray[np.float64]
    Y: NDArray[np.float64]

    @property
    def m(self) -> int:
        return int(self.X.shape[0])


def evenly(m: int, most: int) -> NDArray[np.intp]:
    """Row numbers of at most so many of m examples, evenly spread over all of them."""
    return np.linspace(0, m - 1, min(m, most)).astype(np.intp)


@dataclass(frozen=True, eq=False)
class Dataset:
    """The training, validation and test parts; a part that was not asked for has no rows."""

    info: DataInfo
    train: Part
    validation: Part
    test: Part
    scaling: Scaling | None
    """None when the features are left as they are."""
    notices: tuple[Message, ...] = ()
    """What was decided on the way that the user should know, such as examples left out."""
    target_scaling: Scaling | None = None
    """Of the numbers to be predicted; None where the network sees them as they are."""
    inputs: tuple[InputColumn, ...] = ()
    """What the features are made from."""
    extent: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """By feature or target: from where to where views show at least."""

    @property
    def recipe(self) -> Recipe:
        return Recipe(self.info, self.inputs, self.scaling, self.target_scaling)

    def in_units(self, Y: Array) -> Array:
        """Targets or predictions (m, n_y) in the target's own units, as people are told them."""
        return self.recipe.in_units(Y)
