"""The numbers of a card's neurons for one example, written on them where there is room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QGraphicsItem, QGraphicsPixmapItem

from netbuilder import numbers
from netbuilder.gui.canvas import painting
from netbuilder.gui.canvas.geometry import ROWS, Tiles
from netbuilder.gui.theme.colours import Theme, ink_on

Array = NDArray[Any]

_MARGIN = 16.0
"""How far a number may stand out of the tiles."""
_WIDE = 31.0
"""Tiles from this size on have room for three digits."""


class SpokenItem(QGraphicsPixmapItem):
    """One picture of all numbers, painted anew only where one of them reads otherwise."""

    def __init__(self, parent: QGraphicsItem) -> None:
        super().__init__(parent)
        self.texts: tuple[str, ...] = ()
        """What is written, unit by unit."""
        self._painted: tuple[object, ...] = ()
        self.setTransformationMode(Qt.TransformationMode.SmoothTransformation)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def render(
        self, values: Array | None, colors: Sequence[int], tiles: Tiles, theme: Theme, ratio: float
    ) -> None:
        """Writes other values (n,); of None, or of more than stand in one column, none.

        ``colors`` are those of the tiles, as ARGB.
        """
        shown = len(tiles.centers)
        if values is None or values.ndim != 1 or shown > ROWS:
            texts: tuple[str, ...] = ()
        else:
            digits = 3 if tiles.size >= _WIDE else 2
            texts = tuple(numbers.number(float(value), digits) for value in values[:shown])
        painted = texts, tuple(colors), tiles, theme, ratio
        if painted != self._painted:
            self.texts, self._painted = texts, painted
            self.setPixmap(_picture(texts, colors, tiles, theme, ratio) if texts else QPixmap())
            self.setPos(-_MARGIN, -_MARGIN)


def _picture(
    texts: tuple[str, ...], colors: Sequence[int], tiles: Tiles, theme: Theme, ratio: float
) -> QPixmap:
    rect = tiles.rect.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)
    pixmap = QPixmap(round(rect.width() * ratio), round(rect.height() * ratio))
    pixmap.fill(Qt.GlobalColor.transparent)
    pixmap.setDevicePixelRatio(ratio)
    size = 11.0 if tiles.size >= _WIDE else 10.0
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(_MARGIN, _MARGIN)
        painter.translate(-tiles.rect.topLeft())
        for text, color, center in zip(texts, colors, tiles.centers, strict=True):
            width = painting.width_of(text, size, bold=True) + 7
            pill = QRectF(QPointF(0, 0), QPointF(width, size + 3))
            pill.moveCenter(center)
            # In the colour of the tile, which a number longer than it hides.
            ground = QColor.fromRgba(color) if color >> 24 else theme.color("sunken")
            if width > tiles.size:
                painter.setPen(QPen(theme.color("strong_line"), 1))
                painter.setBrush(ground)
                painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
            ink = ink_on(ground)
            painting.text(painter, pill, text, ink, size, bold=True, center=True, least=size)
    return pixmap
