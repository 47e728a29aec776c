"""The picture on a card of the lab: the experiment's examples, its network, its published costs."""

from __future__ import annotations

import itertools
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from netbuilder.data.dataset import Dataset
from netbuilder.document.check.compile import compile_project
from netbuilder.document.check.widths import widths
from netbuilder.document.model.datasets import dataset_of
from netbuilder.engine.plan import Plan
from netbuilder.gui.theme import colour_scale
from netbuilder.gui.theme.colours import THEMES, Theme
from netbuilder.lab.experiment import LAB, Experiment

_POINTS = 260
"""Examples that are drawn; more make a card no clearer."""
_UNITS = 7
"""Units that are drawn of a layer; a wider one has a gap in its middle."""


@lru_cache(maxsize=128)
def lab_picture(name: str, width: int, height: int, ratio: float, theme: str) -> QImage:
    """The picture of an experiment, painted without a letter: any thread may make it."""
    entry, colors = LAB[name], THEMES[theme]
    project = entry.project()
    dataset = dataset_of(project.data)
    plan = compile_project(project, dataset.info).plan
    assert plan is not None, name
    image = QImage(QSize(width, height) * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left = QRectF(0, 0, height, height).adjusted(10, 10, -10, -10)
        if dataset.info.n_x == 2 and dataset.info.class_names:
            _points(painter, dataset, left, colors)
        else:
            _numbers(painter, dataset, left.adjusted(8, 8, -8, -8), colors)
        right = QRectF(height + 6, 12, width - height - 20, height - 24)
        costs = [float(f.published) for f in entry.figures if f.what == "cost"]
        upper = right.height() * (0.52 if len(costs) > 1 else 0.62)
        _network(
            painter,
            plan,
            QRectF(right.topLeft(), right.size()).adjusted(0, 0, 0, upper - right.height()),
            colors,
        )
        if len(costs) > 1:
            _costs(painter, costs, right.adjusted(0, upper + 14, 0, 0), colors)
    return image


def headline(entry: Experiment) -> str:
    """The accuracy that is published, where there is no curve to be drawn."""
    found = [figure for figure in entry.figures if figure.what == "train accuracy"]
    curve = sum(figure.what == "cost" for figure in entry.figures) > 1
    return "" if curve or not found else f"{found[-1].published} %"


def _points(painter: QPainter, dataset: Dataset, room: QRectF, theme: Theme) -> None:
    X, Y = dataset.train.X, dataset.train.Y
    codes = Y.argmax(axis=1) if Y.shape[1] > 1 else Y[:, 0].astype(int)
    low, high = X.min(axis=0), X.max(axis=0)
    shares = (X - low) / np.where(high > low, high - low, 1.0)
    painter.setPen(Qt.PenStyle.NoPen)
    for row in np.random.RandomState(0).permutation(len(X))[:_POINTS]:
        color = QColor(theme.classes[int(codes[row]) % len(theme.classes)])
        color.setAlphaF(0.85)
        painter.setBrush(color)
        x, y = shares[row]
        at = QPointF(room.left() + x * room.width(), room.bottom() - y * room.height())
        painter.drawEllipse(at, 1.7, 1.7)


def _numbers(painter: QPainter, dataset: Dataset, room: QRectF, theme: Theme) -> None:
    """X as a matrix, examples as columns."""
    X = dataset.train.X.T
    colors = colour_scale.rgb(X, theme, clear="panel")
    rows, columns = X.shape
    side = min(room.width() / columns, room.height() / rows, 26.0)
    left = room.center().x() - side * columns / 2
    top = room.center().y() - side * rows / 2
    painter.setPen(Qt.PenStyle.NoPen)
    for row, column in np.ndindex(rows, columns):
        red, green, blue = (int(part) for part in colors[row, column])
        painter.setBrush(QColor(red, green, blue))
        cell = QRectF(left + column * side, top + row * side, side, side)
        painter.drawRoundedRect(cell.adjusted(1, 1, -1, -1), 3, 3)


def _network(painter: QPainter, plan: Plan, room: QRectF, theme: Theme) -> None:
    """A column of dots a layer, and every wire between them."""
    counts = [int(text) for text in widths(plan)]
    across = room.width() / max(1, len(counts) - 1)
    columns: list[list[QPointF]] = []
    for place, count in enumerate(counts):
        shown = min(count, _UNITS)
        apart = min(13.0, room.height() / max(1, _UNITS - 1))
        top = room.center().y() - apart * (shown - 1) / 2
        x = room.left() + place * across if len(counts) > 1 else room.center().x()
        middle = shown // 2 if count > _UNITS else -1
        columns.append([QPointF(x, top + k * apart) for k in range(shown) if k != middle])
    painter.setPen(QPen(theme.color("muted", 0.3), 0.8))
    for before, after in itertools.pairwise(columns):
        for one in before:
            for other in after:
                painter.drawLine(one, other)
    painter.setPen(QPen(theme.color("accent"), 1.2))
    painter.setBrush(theme.color("card"))
    for points in columns:
        for point in points:
            painter.drawEllipse(point, 3.0, 3.0)


def _costs(painter: QPainter, costs: list[float], room: QRectF, theme: Theme) -> None:
    """The published costs as the rings that they are on the cost curve."""
    high = max(costs)
    span = high if min(costs) < 0.8 * high else 2 * high
    points = [
        QPointF(
            room.left() + room.width() * place / (len(costs) - 1),
            room.bottom() - room.height() * cost / span,
        )
        for place, cost in enumerate(costs)
    ]
    painter.setPen(QPen(theme.color("line"), 1))
    painter.drawLine(room.bottomLeft(), room.bottomRight())
    painter.setPen(QPen(theme.color("accent", 0.6), 1.2))
    painter.drawPolyline(QPolygonF(points))
    painter.setPen(QPen(theme.color("accent"), 1.1))
    painter.setBrush(theme.color("card"))
    for point in points:
        painter.drawEllipse(point, 2.2, 2.2)
