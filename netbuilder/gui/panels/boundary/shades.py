"""Shades: the colours of the map, of the points on it, and the lines where classes meet."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from netbuilder.data import points
from netbuilder.data.dataset import Dataset
from netbuilder.data.table import Table
from netbuilder.gui.theme import colour_scale
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.widgets.plot import contour

Array = NDArray[Any]


def value_scale(dataset: Dataset | None) -> float:
    """For numbers: what the strongest colour stands for, as the network sees them.

    Where points are drawn it stays as it is whatever is drawn.
    """
    if dataset is None:
        return max(map(abs, points.PLANE))
    ends = dataset.extent.get(dataset.info.target_names[0])
    if ends is not None and dataset.target_scaling is None:
        return max(map(abs, ends))
    return colour_scale.round_scale(dataset.train.Y[:, :1])


def of_rows(dataset: Dataset, Y: Array, theme: Theme) -> list[tuple[int, ...]]:
    """Of examples, by their targets (m, n_y)."""
    if dataset.info.task == "regression":
        return of_numbers(Y[:, 0], dataset, theme)
    return of_classes(Y.argmax(axis=1) if Y.shape[1] > 1 else (Y[:, 0] > 0.5).astype(int), theme)


def of_numbers(values: Array, dataset: Dataset | None, theme: Theme) -> list[tuple[int, ...]]:
    """Of numbers (m,) as the network sees them."""
    entries = colour_scale.entries(np.asarray(values), value_scale(dataset))
    return [tuple(int(v) for v in rgba) for rgba in colour_scale.table(theme)[entries]]


def of_table(table: Table, dataset: Dataset | None, theme: Theme) -> list[tuple[int, ...]]:
    """Of a table's points, as they will be once the data set is made of it."""
    return of_targets(table.column(table.targets[0]), table, dataset, theme)


def of_targets(
    values: Array, table: Table, dataset: Dataset | None, theme: Theme
) -> list[tuple[int, ...]]:
    """Of classes or numbers (m,) as the table has them."""
    if table.task == "class":
        return of_classes(values, theme)
    if len(table.columns) == 2:
        return [rgb(theme.accent)] * len(values)
    if dataset is not None and dataset.target_scaling is not None:
        values = dataset.target_scaling.apply(values[:, None])[:, 0]
    return of_numbers(values, dataset, theme)


def of_classes(codes: Array, theme: Theme) -> list[tuple[int, ...]]:
    """Of classes (m,), by their codes."""
    known = [rgb(color) for color in theme.classes]
    return [known[int(code) % len(known)] for code in codes]


def blend(probabilities: Array, theme: Theme, strength: float) -> NDArray[np.uint8]:
    """(k, h, w) to (h, w, 3): the classes' colours mixed by probability, pale where unsure."""
    k = probabilities.shape[0]
    colors = np.array([rgb(theme.classes[c % len(theme.classes)]) for c in range(k)])
    base = np.array(rgb(theme.panel))
    p = np.clip(np.nan_to_num(probabilities), 0.0, 1.0)
    strong = strength * np.sqrt(p.max(axis=0))
    # The cube keeps many small chances from turning everything to mud.
    share = p**3 / np.maximum((p**3).sum(axis=0, keepdims=True), 1e-12) * strong
    mixed = np.tensordot(share, (colors - base).astype(np.float32), axes=(0, 0)) + base
    return mixed.astype(np.uint8)


def borders(values: Array) -> tuple[Array, Array]:
    """x and y, in units of grid points and in pairs, of where another class becomes likelier.

    values: (1, h, w) of the second of two classes, or (k, h, w); each border is told once.
    """
    if values.shape[0] == 1:
        return contour(values[0] - 0.5)
    order = np.sort(values, axis=0)
    best = values.argmax(axis=0)
    segments = [
        contour(np.where(best == code, values[code] - order[-2], values[code] - order[-1]))
        for code in np.unique(best)[1:]
    ]
    if not segments:
        return np.empty(0), np.empty(0)
    return np.concatenate([x for x, _ in segments]), np.concatenate([y for _, y in segments])


def rgb(color: str) -> tuple[int, int, int]:
    parsed = QColor(color)
    return parsed.red(), parsed.green(), parsed.blue()
