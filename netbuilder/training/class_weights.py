"""Class weights: how much an example of each class counts in the cost J."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.document.model.project import TrainingSettings
from netbuilder.engine import metrics

Array = NDArray[Any]


def class_weights(settings: TrainingSettings, Y: Array, task: str) -> tuple[float, ...]:
    """What the settings ask for; () where all examples count alike."""
    if settings.class_weights == "none" or task == "regression":
        return ()
    return balanced(Y, task)


def balanced(Y: Array, task: str) -> tuple[float, ...]:
    """m/(k·count) for each class, k being the number of classes that occur among the m examples.

    So all classes that occur weigh alike, and the mean of the examples' weights is 1. A class that
    does not occur has 1. Y is (m, n_y) of a task with classes.
    """
    counts = np.bincount(metrics.classes(Y, task), minlength=max(2, Y.shape[1]))
    occur = counts > 0
    weights = np.where(occur, len(Y) / (occur.sum() * np.maximum(1, counts)), 1.0)
    return tuple(weights.tolist())
