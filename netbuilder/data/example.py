"""One example as a person gives it: a value for each column, and what the network sees of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.data.dataset import Dataset, Part, Recipe, Scaling, evenly
from netbuilder.data.matching import features_for
from netbuilder.data.table import Table

Floats = NDArray[np.float64]
Value = float | str | None
"""A number, a word, or None where it is missing."""

_SAMPLE = 500
"""Examples that tell what is typical and how many decimals numbers have."""
_MOST_DECIMALS = 3
"""Of a column whose numbers have that many, or more, its range says how many are of use."""


@dataclass(frozen=True)
class Column:
    """What there is to know of a column to give a value for it; numbers are in its own units."""

    name: str
    words: tuple[str, ...]
    """None for a column of numbers."""
    low: float
    high: float
    """The range of its numbers in the training part."""
    decimals: int
    typical: Value
    """The median, or the most frequent word."""
    fill: Value
    """What stands for a missing value."""

    def rounded(self, value: float) -> float:
        """With no more decimals than tell its numbers apart."""
        return round(value, self.decimals) + 0.0  # never −0


def columns_of(dataset: Dataset) -> tuple[Column, ...]:
    """The columns that the features of a data set are made from, as its training part has them."""
    train = dataset.train
    low, high = (_raw(dataset.scaling, bound) for bound in (train.X.min(0), train.X.max(0)))
    sample = _raw(dataset.scaling, train.X[evenly(train.m, _SAMPLE)])
    medians, shares = np.median(sample, axis=0), sample.mean(axis=0)
    found = []
    at = 0
    for column in dataset.inputs:
        end = at + len(column.features)
        if column.words:
            typical = column.words[int(shares[at:end].argmax())]
            fill = column.words[int(column.fill)]
            found.append(Column(column.name, column.words, 0.0, 0.0, 0, typical, fill))
        else:
            decimals = _decimals(sample[:, at], float(high[at] - low[at]))
            bounds = _tidy(low[at]), _tidy(high[at])
            median = round(float(medians[at]), decimals) + 0.0
            found.append(Column(column.name, (), *bounds, decimals, median, column.fill))
        at = end
    return tuple(found)


def values_of(dataset: Dataset, part: Part, row: int) -> tuple[Value, ...]:
    """An example of a part, a value for each column; what was missing is there as it was filled."""
    features = _raw(dataset.scaling, part.X[row])
    values: list[Value] = []
    at = 0
    for column in dataset.inputs:
        end = at + len(column.features)
        if column.words:
            values.append(column.words[int(features[at:end].argmax())])
        else:
            values.append(_tidy(features[at]))
        at = end
    return tuple(values)


def input_of(values: Sequence[Value], recipe: Recipe) -> Floats:
    """(n_x,) what the network sees, scaled: made as it is of the rows of a file."""
    row, categories = np.empty((1, len(values))), {}
    for k, (column, value) in enumerate(zip(recipe.inputs, values, strict=True)):
        if column.words:
            categories[column.name] = column.words
        if isinstance(value, str):
            row[0, k] = column.words.index(value)
        else:
            row[0, k] = math.nan if value is None else value
    names = tuple(column.name for column in recipe.inputs)
    X, _ = features_for(Table(row, names, categories), recipe.inputs)
    x: Floats = X[0] if recipe.scaling is None else recipe.scaling.apply(X[0])
    return x


def _raw(scaling: Scaling | None, X: NDArray[Any]) -> Floats:
    found: Floats = X if scaling is None else scaling.undo(X)
    return found


def _tidy(value: float) -> float:
    """Without what scaling and its undoing leave in the last digits: 5.1, not 5.100000000000001."""
    return float(f"{value:.9g}")


def _decimals(values: Floats, span: float) -> int:
    """How many decimals a column's numbers have, or how many tell them apart."""
    largest = float(np.abs(values).max())
    for decimals in range(_MOST_DECIMALS):
        if np.abs(values - np.round(values, decimals)).max() <= 1e-9 * largest:
            return decimals
    return max(0, min(12, 3 - math.ceil(math.log10(span)))) if span > 0 else _MOST_DECIMALS
