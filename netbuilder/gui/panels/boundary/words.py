"""The words of the map: its legend, its axis, and the note beside the mouse."""

from __future__ import annotations

import html
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QPointF

from netbuilder import numbers
from netbuilder.data.dataset import DataInfo, Dataset
from netbuilder.gui.theme.colours import Theme
from netbuilder.lens.look import Look

Array = NDArray[Any]


def value_name(info: DataInfo) -> str:
    """Of the curve's upward axis."""
    if info.task == "regression":
        return ", ".join(info.target_names)
    if info.task == "binary":
        words = QCoreApplication.translate("BoundaryPanel", "probability of {name}")
        return words.format(name=info.class_names[1])
    return QCoreApplication.translate("BoundaryPanel", "probability")


def legend_of(dataset: Dataset, theme: Theme) -> str:
    """The classes in their colours, or what is predicted, as rich text."""
    info, parts = dataset.info, []
    for code, name in enumerate(info.class_names[:10]):
        color = theme.classes[code % len(theme.classes)]
        label = html.escape(name).replace(" ", "&nbsp;")
        parts.append(f'<span style="color:{color}">●</span>&nbsp;{label}')
    if dataset.validation.m:
        parts.append(QCoreApplication.translate("BoundaryPanel", "○&nbsp;validation"))
    if info.task != "regression":
        wrong = QCoreApplication.translate("BoundaryPanel", "wrong")
        parts.append(f'<span style="color:{theme.error}">◯</span>&nbsp;{wrong}')
    if info.task == "regression" and info.n_x > 1:
        target = html.escape(info.target_names[0])
        words = QCoreApplication.translate("BoundaryPanel", "predicted {target}")
        parts.insert(0, words.format(target=target))
    return "&nbsp; ".join(parts)


def told_at(at: QPointF, look: Look, values: Array, features: tuple[int, int], theme: Theme) -> str:
    """The place and the prediction there, as rich text, or "" outside of the map (n_y, h, w)."""
    bounds = look.bounds(features)
    size = values.shape[-1]
    column = int((at.x() - bounds.left) / (bounds.right - bounds.left) * size)
    row = int((bounds.top - at.y()) / (bounds.top - bounds.bottom) * size)
    if not (0 <= column < size and 0 <= row < size):
        return ""
    info = look.dataset.info
    x, y = (html.escape(info.feature_names[feature]) for feature in features)
    where = f"{x} = {numbers.number(at.x())}, {y} = {numbers.number(at.y())}"
    return f"{where}<br>{_said(look, values[:, row, column], theme)}"


def _said(look: Look, output: Array, theme: Theme) -> str:
    """The prediction in words."""
    info = look.dataset.info
    if info.task == "regression":
        target = html.escape(info.target_names[0])
        predicted = look.dataset.in_units(output[None])
        return f"{target} ≈ {numbers.number(float(predicted[0, 0]))}"
    chances = np.array([1 - output[0], output[0]]) if info.task == "binary" else output
    best = int(chances.argmax())
    color = theme.classes[best % len(theme.classes)]
    name = html.escape(info.class_names[best])
    return f'<span style="color:{color}">●</span> {name}, {numbers.percent(float(chances[best]))}'
