"""Metrics: how good predictions are, in numbers that people know. Arrays are (m, n_y)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def classes(Y: Array, task: str) -> NDArray[np.intp]:
    """The class of every example (m,): the largest output; for a binary task, above 0.5 or not."""
    if task == "binary":
        return (Y[:, 0] > 0.5).astype(np.intp)
    if task == "classes":
        return np.asarray(Y.argmax(axis=1))
    raise ValueError(f"a {task} task has no classes")


def accuracy(Y_hat: Array, Y: Array, task: str) -> float:
    """The share of examples whose class is predicted right, 0 to 1; NaN without examples."""
    if len(Y) == 0:
        return float("nan")
    return float(np.mean(classes(Y_hat, task) == classes(Y, task)))


def confusion_matrix(Y_hat: Array, Y: Array, task: str) -> NDArray[np.intp]:
    """(k, k) counts, rows the true class, columns the predicted one; a binary task has k = 2."""
    k = 2 if task == "binary" else Y.shape[1]
    cells = classes(Y, task) * k + classes(Y_hat, task)
    return np.bincount(cells, minlength=k * k).reshape(k, k)


def mae(Y_hat: Array, Y: Array) -> float:
    """The mean absolute error over examples and outputs; NaN without examples."""
    return float(np.mean(np.abs(Y_hat - Y))) if Y.size else float("nan")


def rmse(Y_hat: Array, Y: Array) -> float:
    """The root of the mean squared error over examples and outputs; NaN without examples."""
    return float(np.sqrt(np.mean((Y_hat - Y) ** 2))) if Y.size else float("nan")


def r2(Y_hat: Array, Y: Array) -> float:
    """1 − Σ(Ŷ − Y)² / Σ(Y − mean)², averaged over the outputs; 1 is perfect, 0 the mean's.

    A target that never varies counts 1 when it is hit exactly, else 0. NaN without examples.
    """
    if not Y.size:
        return float("nan")
    error = np.sum((Y_hat - Y) ** 2, axis=0)
    spread = np.sum((Y - Y.mean(axis=0)) ** 2, axis=0)
    constant = np.where(error == 0, 1.0, 0.0)
    score = np.where(spread > 0, 1.0 - error / np.where(spread > 0, spread, 1.0), constant)
    return float(score.mean())


def evaluate(Y_hat: Array, Y: Array, task: str) -> dict[str, float]:
    """The metrics that fit the task: accuracy for classes; mae, rmse and r2 for regression."""
    with np.errstate(all="ignore"):
        if task == "regression":
            return {"mae": mae(Y_hat, Y), "rmse": rmse(Y_hat, Y), "r2": r2(Y_hat, Y)}
        return {"accuracy": accuracy(Y_hat, Y, task)}
