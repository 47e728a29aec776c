"""Small pictures of data sets, painted from their real examples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap

from netbuilder.data.prepare import prepare
from netbuilder.data.sources import SOURCES
from netbuilder.data.table import Table
from netbuilder.gui.theme.colours import Theme

_POINTS = 130
_EXAMPLES = 400
_FEW = 10
"""Different values; a feature with no more is hardly a direction in a picture."""


def table_of(source: str) -> Table:
    """A set as it is with its usual settings."""
    return SOURCES[source].make(_EXAMPLES, 1.0, 1)


def thumbnail(table: Table, size: QSize, ratio: float, theme: Theme) -> QPixmap:
    """A scatter of two features coloured by class or by the number, or some of the images."""
    pixmap = QPixmap(size * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if table.image_shape is not None:
            _paint_images(painter, table, QRectF(0, 0, size.width(), size.height()), theme)
        else:
            _paint_points(painter, table, QRectF(0, 0, size.width(), size.height()), theme)
    return pixmap


def _paint_points(painter: QPainter, table: Table, room: QRectF, theme: Theme) -> None:
    dataset = prepare(table, "none", 0.0, 0.0, 1)
    X, Y = dataset.train.X, dataset.train.Y
    # Where there are words among the features, those that spread over the picture.
    spread = [k for k in range(X.shape[1]) if len(np.unique(X[:_POINTS, k])) > _FEW]
    X = X[:, spread[-2:] if len(spread) > 1 else slice(-2, None)]
    if X.shape[1] == 1:
        X = np.column_stack([X, Y[:, 0]])
    if dataset.info.task == "regression":
        colors = _by_number(Y[:, 0], theme)
    else:
        codes = Y.argmax(axis=1) if Y.shape[1] > 1 else Y[:, 0].astype(int)
        colors = [QColor(theme.classes[int(code) % len(theme.classes)]) for code in codes]
    low, high = X.min(axis=0), X.max(axis=0)
    inside = room.adjusted(5, 5, -5, -5)
    rows = np.random.RandomState(0).permutation(len(X))[:_POINTS]
    painter.setPen(Qt.PenStyle.NoPen)
    for row in rows:
        share = (X[row] - low) / np.where(high > low, high - low, 1.0)
        painter.setBrush(colors[row])
        painter.drawEllipse(
            QPointF(
                inside.left() + share[0] * inside.width(),
                inside.bottom() - share[1] * inside.height(),
            ),
            1.25,
            1.25,
        )


def _by_number(values: NDArray[np.float64], theme: Theme) -> list[QColor]:
    """From the first class's colour for the smallest number to the second's for the largest."""
    first, second = (np.array(QColor(name).getRgb()) for name in theme.classes[:2])
    ranks = values.argsort().argsort() / max(1, len(values) - 1)
    mixed = np.round(first + ranks[:, None] * (second - first)).astype(int)
    return [QColor(*color) for color in mixed.tolist()]


def _paint_images(painter: QPainter, table: Table, room: QRectF, theme: Theme) -> None:
    assert table.image_shape is not None
    height, width = table.image_shape
    ink = QColor(theme.text)
    side = min(room.width() / 3, room.height() / 2) - 3
    left = room.center().x() - 1.5 * (side + 2)
    top = room.center().y() - (side + 2)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    for place in range(6):
        values = table.values[place + 1, : height * width].reshape(height, width)
        alpha = np.round(255 * values / max(1e-9, float(values.max()))).astype(np.uint8)
        pixels = np.zeros((height, width, 4), dtype=np.uint8)
        pixels[..., :3] = (ink.red(), ink.green(), ink.blue())
        pixels[..., 3] = alpha
        image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
        row, column = divmod(place, 3)
        target = QRectF(left + column * (side + 2), top + row * (side + 2), side, side)
        painter.drawImage(target, image)
