"""The biases of a card's neurons: a small mark at each, whose colour and size tell it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap
from PySide6.QtWidgets import QGraphicsItem, QGraphicsPixmapItem

from netbuilder.gui.canvas.geometry import Tiles
from netbuilder.gui.canvas.weights import BUCKETS, NOT_A_NUMBER, levels_of
from netbuilder.gui.theme import colour_scale
from netbuilder.gui.theme.colours import Theme

Array = NDArray[Any]

_MARGIN = 6.0
"""How far marks may stand out of the tiles."""


class BiasesItem(QGraphicsPixmapItem):
    """One picture of all marks, painted anew only where one of them looks otherwise."""

    def __init__(self, parent: QGraphicsItem) -> None:
        super().__init__(parent)
        self._last: Array | None = None
        self._painted: tuple[object, ...] = ()
        self._levels: NDArray[np.int8] | None = None
        self.setTransformationMode(Qt.TransformationMode.SmoothTransformation)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def render(self, b: Array | None, tiles: Tiles, units: int, theme: Theme, ratio: float) -> None:
        """Paints other biases b (units, 1); of None those seen last, where they still fit."""
        b = self._last if b is None else b
        if b is not None and b.size != units:
            b = None
        painted = tiles, theme, ratio
        if b is self._last and painted == self._painted:
            return
        shown = len(tiles.centers)
        levels = None if b is None else levels_of(b.ravel()[:shown], (shown, 1))
        same = painted == self._painted and np.array_equal(levels, self._levels)  # type: ignore[arg-type]
        self._last, self._painted, self._levels = b, painted, levels
        if not same:
            self.setPixmap(QPixmap() if levels is None else _picture(levels, *painted))
            self.setPos(-_MARGIN, -_MARGIN)


def mark_of(tiles: Tiles, unit: int) -> QPointF:
    """Where the mark of a unit's bias stands on its card: at the lower left of its tile."""
    inset = tiles.size * 0.06
    half = tiles.size / 2 - inset
    return tiles.centers[unit] + QPointF(-half, half)


def _picture(levels: NDArray[np.int8], tiles: Tiles, theme: Theme, ratio: float) -> QPixmap:
    rect = tiles.rect.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)
    pixmap = QPixmap(round(rect.width() * ratio), round(rect.height() * ratio))
    pixmap.fill(Qt.GlobalColor.transparent)
    pixmap.setDevicePixelRatio(ratio)
    size = min(1.0, max(0.6, tiles.size / 31))
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(_MARGIN, _MARGIN)
        painter.translate(-tiles.rect.topLeft())
        painter.setPen(QPen(theme.color("card"), 1.2))
        for unit, level in enumerate(levels):
            if level == NOT_A_NUMBER:
                continue
            bucket, side = divmod(int(level), 3)
            radius = (3.2 + 3.0 * bucket / (BUCKETS - 1)) * size
            painter.setBrush(theme.color(colour_scale.SIDES[side]))
            painter.drawEllipse(mark_of(tiles, unit), radius, radius)
    return pixmap
