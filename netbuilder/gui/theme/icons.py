"""The icons: drawings of our own in one colour, tinted when they are painted."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from netbuilder import assets


def tinted(name: str, color: QColor, size: int, ratio: float = 1.0) -> QPixmap:
    """An icon drawn in one colour, ``size`` points wide and high."""
    pixmap = QPixmap(round(size * ratio), round(size * ratio))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setOpacity(color.alphaF())
    QSvgRenderer(tinted_svg(name, color)).render(painter, QRectF(pixmap.rect()))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def tinted_svg(name: str, color: QColor) -> QByteArray:
    """The icon's drawing with ``currentColor`` exchanged for a colour."""
    return QByteArray(_svg(name).replace("currentColor", color.name()).encode())


@cache
def _svg(name: str) -> str:
    return assets.path("icons", f"{name}.svg").read_text(encoding="utf-8")
