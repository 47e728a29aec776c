"""Evaluation: accuracy and validation cost of the weights as they are, block by block."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from typing import Any, NamedTuple

from numpy.typing import NDArray

from netbuilder.data.dataset import Dataset
from netbuilder.engine import metrics
from netbuilder.engine.program import Program
from netbuilder.training.converted import converted

Array = NDArray[Any]


class Evaluation(NamedTuple):
    """What was found; NaN for what the data does not have."""

    validation_cost: float
    train_accuracy: float
    validation_accuracy: float


def says_anything(dataset: Dataset) -> bool:
    """Whether there is anything to look at beside the cost: classes, or a validation part."""
    return dataset.info.task != "regression" or dataset.validation.m > 0


def evaluate(program: Program, dataset: Dataset, dtype: str) -> Generator[None, None, Evaluation]:
    """Looks at all examples; between two blocks of them it yields, so that a burst may end.

    ``dtype`` is the program's, by name: NumPy takes a microsecond to find that.
    """
    train, validation, task = dataset.train, dataset.validation, dataset.info.task

    def accuracy(X: Array, Y: Array) -> float:
        return metrics.accuracy(program.predict(X), Y, task)

    train_accuracy = validation_cost = validation_accuracy = math.nan
    if task != "regression":
        train_accuracy = yield from _mean(program, converted(train, dtype), accuracy)
    if validation.m:
        validation_cost = yield from _mean(program, converted(validation, dtype), program.cost)
        if task != "regression":
            validation_accuracy = yield from _mean(program, converted(validation, dtype), accuracy)
    if not math.isfinite(validation_cost):
        validation_cost = math.nan
    return Evaluation(validation_cost, train_accuracy, validation_accuracy)


def _mean(
    program: Program, examples: tuple[Array, Array], measure: Callable[[Array, Array], float]
) -> Generator[None, None, float]:
    """A measure of all examples of a part."""
    X, Y = examples
    m, rows, total = len(X), program.plan.inference_rows, 0.0
    for start in range(0, m, rows):
        if start:
            yield
        block = slice(start, min(start + rows, m))
        total += measure(X[block], Y[block]) * (block.stop - start)
    return total / m
