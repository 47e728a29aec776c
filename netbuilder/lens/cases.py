"""Cases: single examples of the data with their numbers all through the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netbuilder import numbers
from netbuilder.data.dataset import Dataset, Part, evenly
from netbuilder.engine import metrics

Array = NDArray[Any]
PARTS = ("train", "validation", "test")


class Example(NamedTuple):
    """One example of the data."""

    part: str
    """One of PARTS."""
    row: int
    """Counted from zero."""


@dataclass(frozen=True, eq=False)
class Case:
    """What the network makes of one example at one moment."""

    example: Example
    x: Array
    """(n_x,), scaled, as the network sees it"""
    y: Array
    """(n_y,), as the network sees it"""
    A: Mapping[str, Array]
    """Of every node that has an output, the data included: id -> (n,) or (channels, h, w)."""
    Y_hat: Array
    """(n_y,), the A of the output"""
    loss: float
    """L(Ŷ, Y), summed over the outputs."""


@dataclass(frozen=True, eq=False)
class Prediction:
    """What the network says of examples of one part of the data."""

    part: Part
    """Only those examples that were looked at, X scaled, Y in the targets' own units."""
    Y_hat: Array
    """(m, n_y), in the targets' own units"""
    of: int
    """How many examples the whole part has."""

    @property
    def complete(self) -> bool:
        return self.part.m == self.of

    @property
    def rows(self) -> NDArray[np.intp]:
        """Which of the whole part's they are."""
        return evenly(self.of, self.part.m)


def in_words(dataset: Dataset, y: Array) -> str:
    """The class that (n_y,) targets or outputs stand for, or their numbers in their own units."""
    info = dataset.info
    if info.task == "regression":
        return ", ".join(numbers.number(float(v), 5) for v in dataset.in_units(y[None])[0])
    return info.class_names[class_of(dataset, y)]


def class_of(dataset: Dataset, y: Array) -> int:
    """The code of the class that (n_y,) targets or outputs stand for."""
    return int(metrics.classes(y[None], dataset.info.task)[0])


def chances(dataset: Dataset, y_hat: Array) -> Array:
    """(classes,) what outputs (n_y,) say of every class, where they are probabilities."""
    if dataset.info.task == "binary":
        return np.array([1.0 - float(y_hat[0]), float(y_hat[0])])
    return np.asarray(y_hat, float)


def likelihood(dataset: Dataset, case: Case) -> float:
    """How likely the network takes what is true: the probability that it gives the true class."""
    return float(chances(dataset, case.Y_hat)[class_of(dataset, case.y)])
