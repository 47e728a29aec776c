"""Samples of a data set: the extent of its features, and few examples that stand for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.data.dataset import Dataset, Part, evenly

Array = NDArray[Any]

MARGIN = 0.08
"""How far the map of the input plane goes beyond the data, as a share of its extent."""


@dataclass(frozen=True)
class Bounds:
    """A rectangle of the input plane, in the features' own units."""

    left: float
    right: float
    bottom: float
    top: float


def raw(dataset: Dataset, part: Part) -> Array:
    """X of a part in the features' own units."""
    return part.X if dataset.scaling is None else dataset.scaling.undo(part.X)


def extent(dataset: Dataset) -> tuple[Array, Array]:
    """The bounds (n_x,), (n_x,) of a region that holds all examples, with a margin, raw.

    Where the data says what is to be shown at least, there is no margin, so that a plane that is
    drawn in does not move.
    """
    parts = (dataset.train, dataset.validation, dataset.test)
    X = np.concatenate([raw(dataset, part) for part in parts if part.m])
    low, high = X.min(axis=0), X.max(axis=0)
    names = dataset.info.feature_names
    if all(name in dataset.extent for name in names):
        least = np.array([dataset.extent[name] for name in names]).T
        return np.minimum(low, least[0]), np.maximum(high, least[1])
    span = np.where(high > low, high - low, np.maximum(1.0, np.abs(high)))
    return low - MARGIN * span, high + MARGIN * span


def spread(part: Part, most: int) -> Array:
    """So many examples X, evenly chosen."""
    rows = evenly(part.m, most)
    return np.ascontiguousarray(part.X[rows], dtype=np.float32)


def sample(part: Part, most: int) -> NDArray[np.intp]:
    """So many rows, evenly chosen, in the order of their targets."""
    codes = part.Y.argmax(axis=1) if part.Y.shape[1] > 1 else part.Y[:, 0]
    order = np.argsort(codes, kind="stable")
    at = np.unique(evenly(part.m, most))
    return order[at]
