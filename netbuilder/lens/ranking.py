"""Rankings: how well outputs tell a class from the rest, wherever they are cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.engine import metrics
from netbuilder.lens.cases import Prediction

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Ranking:
    """One class against the rest; from the highest threshold, where nothing is taken for it.

    Every array is (k,), of k − 1 thresholds, one at each different output, and the start.
    """

    code: int
    false_rate: Array
    """Which share of the others is taken for the class."""
    recall: Array
    """Which share of the class is found: the true positive rate."""
    precision: Array
    """Which share of those taken is right; 1 where nothing is taken."""
    at_half: tuple[float, float, float]
    """The same three where an output above ½ is taken, as a binary task does."""

    @property
    def area(self) -> float:
        """Under recall over false_rate, the ROC curve; ½ is chance."""
        return float(np.trapezoid(self.recall, self.false_rate))

    @property
    def average_precision(self) -> float:
        """Σ (Rₙ − Rₙ₋₁) Pₙ"""
        return float(np.sum(np.diff(self.recall) * self.precision[1:]))


def rankings(Y_hat: Array, Y: Array, task: str) -> tuple[Ranking, ...]:
    """Of outputs and targets (m, n_y): of class 1 of a binary task, else of each class.

    A class that does not occur, or without which there is none, has no ranking; and there are none
    where an output is not a number.
    """
    known = metrics.classes(Y, task)
    columns = {1: 0} if task == "binary" else {k: k for k in range(Y.shape[1])}
    found = []
    for code, column in columns.items():
        of_class = known == code
        if of_class.any() and not of_class.all() and np.isfinite(Y_hat[:, column]).all():
            found.append(_ranking(code, Y_hat[:, column], of_class))
    return tuple(found)


def rankings_of(seen: Prediction, task: str) -> tuple[Ranking, ...]:
    """Of what a network says of a part of the data."""
    return rankings(seen.Y_hat, seen.part.Y, task)


def _ranking(code: int, scores: Array, of_class: Array) -> Ranking:
    order = np.argsort(-scores, kind="stable")
    falling, right = scores[order], of_class[order]
    # Those with the same output are taken together.
    last = np.append(np.flatnonzero(np.diff(falling)), len(falling) - 1)
    hits = np.concatenate([[0], np.cumsum(right)[last]])
    taken = np.concatenate([[0], last + 1])
    precision = np.where(taken > 0, hits / np.maximum(taken, 1), 1.0)
    false_rate = (taken - hits) / np.count_nonzero(~of_class)
    recall = hits / np.count_nonzero(of_class)
    half = int(np.searchsorted(-falling[last], -0.5, "left"))
    at_half = float(false_rate[half]), float(recall[half]), float(precision[half])
    return Ranking(code, false_rate, recall, precision, at_half)
