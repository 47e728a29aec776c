"""From rows of a table to what a network takes: generated code holds slices of this file."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netbuilder.data.cells import MISSING_AMONG_NUMBERS

Array = NDArray[Any]


class Column(NamedTuple):
    """What was learned of a column of the table, from the training examples alone."""

    fill: Any
    """What stands for a gap, and for a word that was never seen."""
    words: Sequence[str] = ()
    """Each of them is a feature; a column of numbers has none."""
    order: Mapping[str, float] | None = None
    """The numbers of words that have an order, as low, medium and high, in small letters."""
    shift: Sequence[float] = (0.0,)
    """Of each feature: it is scaled to (x - shift) / scale."""
    scale: Sequence[float] = (1.0,)


COLUMNS: dict[str, Column] = {}


def word(value: Any) -> str:
    """A cell's word; a number in place of one is written as people do, 3 and not 3.0."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()


def word_features(column: Column, cells: Sequence[Any]) -> Array:
    """(m, words): 1 for the word that stands in the cell, else 0."""
    words = [word(cell) for cell in cells]
    words = [found if found in column.words else column.fill for found in words]
    return np.array([[float(found == known) for known in column.words] for found in words])


def number(column: Column, cell: Any) -> float:
    """A cell's number, or that of a word which has an order."""
    text = word(cell).casefold()
    if column.order is not None:
        return column.order.get(text, column.fill)
    return float(column.fill if text in MISSING_AMONG_NUMBERS else text)


def number_features(column: Column, cells: Sequence[Any]) -> Array:
    """(m, 1): the numbers of the cells."""
    return np.array([[number(column, cell)] for cell in cells])


def prepare(rows: Sequence[Mapping[str, Any]]) -> Array:
    """X (m, n_x), scaled, from rows by column name; None, NaN and "" are gaps."""
    features = []
    for name, column in COLUMNS.items():
        made = word_features if column.words else number_features
        X = made(column, [row[name] for row in rows])
        features.append((X - np.array(column.shift)) / np.array(column.scale))
    return np.concatenate(features, axis=1)


def read_rows(path: str | Path) -> list[dict[str, str]]:
    """The rows of a CSV file, whose first line names the columns."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


CLASSES: list[str] = []
TARGETS: list[str] = []
TARGET_SHIFT: list[float] = []
TARGET_SCALE: list[float] = []


def binary_answers(Y_hat: Array) -> list[str]:
    """The class of each row, from the probability of the second one."""
    return [CLASSES[int(p > 0.5)] for p in Y_hat[:, 0]]


def classes_answers(Y_hat: Array) -> list[str]:
    """The class of each row, whose output is the largest."""
    return [CLASSES[k] for k in Y_hat.argmax(axis=1)]


def regression_answers(Y_hat: Array) -> list[dict[str, float]]:
    """The numbers of each row by name, in the units of the table."""
    Y = Y_hat * np.array(TARGET_SCALE) + np.array(TARGET_SHIFT)
    return [dict(zip(TARGETS, y.tolist(), strict=True)) for y in Y]


def binary_targets(rows: Sequence[Mapping[str, Any]]) -> Array:
    """Y (m, 1): 1 for the second class, 0 for the first."""
    return np.array([[float(CLASSES.index(word(row[TARGETS[0]])))] for row in rows])


def classes_targets(rows: Sequence[Mapping[str, Any]]) -> Array:
    """Y (m, classes): 1 for the class of the row, else 0."""
    return np.eye(len(CLASSES))[[CLASSES.index(word(row[TARGETS[0]])) for row in rows]]


def regression_targets(rows: Sequence[Mapping[str, Any]]) -> Array:
    """Y (m, targets), scaled as the network has learned them."""
    Y = np.array([[float(row[name]) for name in TARGETS] for row in rows])
    return np.asarray((Y - np.array(TARGET_SHIFT)) / np.array(TARGET_SCALE))
