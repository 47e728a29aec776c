"""Metrics: how good predictions are, in numbers that people know. Arrays are (m, n_y)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.engine.losses import LOSSES

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


def precision_recall_f1(Y_hat: Array, Y: Array, task: str) -> tuple[float, float, float]:
    """Precision, recall and F1, 0 to 1: of class 1 of a binary task, else the mean over classes.

    Precision is the share of right ones among those taken for a class, recall the share of a class
    that is recognised, F1 their harmonic mean 2 TP / (taken + there). A share of nothing counts 0,
    and a class that neither occurs nor is predicted is left out of the mean; so does scikit-learn
    with ``zero_division=0``. NaN without examples.
    """
    if len(Y) == 0:
        return float("nan"), float("nan"), float("nan")
    counts = confusion_matrix(Y_hat, Y, task)
    right, there, taken = counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0)
    chosen = np.array([1]) if task == "binary" else np.flatnonzero(there + taken)
    of = (taken, there, (taken + there) / 2)
    precision, recall, f1 = (
        float(np.mean(right[chosen] / np.maximum(whole[chosen], 0.5))) for whole in of
    )
    return precision, recall, f1


def roc_auc(Y_hat: Array, Y: Array, task: str) -> float:
    """The area under the ROC curve, 0 to 1: how well the outputs rank the examples; ½ is chance.

    It is the share of pairs, one example of the class and one of another, in which the first has
    the higher output, ties counting half (Mann and Whitney's U). Of class 1 of a binary task, else
    the mean over those classes that occur, each against the rest. NaN where only one class
    occurs, and where outputs are not numbers.
    """
    known = classes(Y, task)
    columns = {1: 0} if task == "binary" else {k: k for k in np.unique(known)}
    areas = [_area(Y_hat[known == k, c], Y_hat[known != k, c]) for k, c in columns.items()]
    return float(np.mean(areas)) if areas else float("nan")


def _area(of_class: Array, of_others: Array) -> float:
    """The share of pairs that are ranked right."""
    pairs = of_class.size * of_others.size
    if pairs == 0 or np.isnan(of_class).any() or np.isnan(of_others).any():
        return float("nan")
    # Sorted both, so that one search walks through memory in one direction.
    higher, lower = np.sort(of_class), np.sort(of_others)
    beaten = np.searchsorted(lower, higher, "left").sum(dtype=np.int64)
    reached = np.searchsorted(lower, higher, "right").sum(dtype=np.int64)
    return float(beaten + reached) / (2 * pairs)


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


def regression_cost(Y_hat: Array, Y: Array, loss: str) -> float:
    """J of predictions in whatever units they are, without penalties; NaN without examples."""
    if not Y.size:
        return float("nan")
    found = np.empty(Y.T.shape)
    with np.errstate(all="ignore"):
        LOSSES[loss].value(np.asarray(Y_hat.T, np.float64), np.asarray(Y.T, np.float64), found)
        return float(found.sum() / len(Y))


def evaluate(Y_hat: Array, Y: Array, task: str) -> dict[str, float]:
    """The metrics that fit the task, by name.

    For classes accuracy, precision, recall, f1 and roc_auc; for regression mae, rmse and r2.
    """
    with np.errstate(all="ignore"):
        if task == "regression":
            return {"mae": mae(Y_hat, Y), "rmse": rmse(Y_hat, Y), "r2": r2(Y_hat, Y)}
        precision, recall, f1 = precision_recall_f1(Y_hat, Y, task)
        return {
            "accuracy": accuracy(Y_hat, Y, task),
            "precision": precision,
            "recall": recall,
            "f1": f1,
            "roc_auc": roc_auc(Y_hat, Y, task),
        }
