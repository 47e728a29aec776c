"""The icons: drawings of our own in one colour, tinted when they are first seen."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from netbuilder import assets
from netbuilder.errors import UserError

_log = logging.getLogger(__name__)

_PLACEHOLDER = """
<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24">
  <g fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round">
    <rect x="4.5" y="4.5" width="15" height="15" rx="3"/>
    <path d="M9 9 L15 15 M15 9 L9 15"/>
  </g>
</svg>
"""
"""In place of a drawing that is missing."""


_CLONES: list[QIconEngine] = []
"""Qt owns these, but PySide would delete them with Python's last reference (seen in 6.11.3). They
come about only where a copied icon is changed, which the program never does."""


class LazyEngine(QIconEngine):
    """Has each size of the icon drawn when somebody first sees it."""

    def __init__(self, draw: Callable[[bool, int], QPixmap]) -> None:
        """``draw`` is asked for (whether it is disabled, pixels wide and high)."""
        super().__init__()
        self._draw = draw

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        side = min(rect.width(), rect.height())
        place = QRect(0, 0, side, side)
        place.moveCenter(rect.center())
        pixels = round(side * painter.device().devicePixelRatio())
        painter.drawPixmap(place, self._draw(mode == QIcon.Mode.Disabled, pixels))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self._draw(mode == QIcon.Mode.Disabled, min(size.width(), size.height()))

    def actualSize(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QSize:
        side = min(size.width(), size.height())
        return QSize(side, side)

    def clone(self) -> QIconEngine:
        _CLONES.append(LazyEngine(self._draw))
        return _CLONES[-1]


def lazy_icon(name: str, color: QColor, disabled: QColor) -> QIcon:
    """An icon in one colour, in another where it is disabled."""

    @cache
    def draw(off: bool, size: int) -> QPixmap:
        return tinted(name, disabled if off else color, size)

    return QIcon(LazyEngine(draw))


def tinted(name: str, color: QColor, size: int, ratio: float = 1.0) -> QPixmap:
    """An icon drawn in one colour, ``size`` points wide and high."""
    pixmap = QPixmap(round(size * ratio), round(size * ratio))
    pixmap.fill(Qt.GlobalColor.transparent)
    drawing = QSvgRenderer(tinted_svg(name, color))
    with QPainter(pixmap) as painter:
        painter.setOpacity(color.alphaF())
        drawing.render(painter, QRectF(pixmap.rect()))
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def tinted_svg(name: str, color: QColor) -> QByteArray:
    """The icon's drawing with ``currentColor`` exchanged for a colour."""
    return QByteArray(_svg(name).replace("currentColor", color.name()).encode())


@cache
def _svg(name: str) -> str:
    """An icon's drawing; where that cannot be read, a placeholder and a warning in the log."""
    try:
        return assets.path("icons", f"{name}.svg").read_text(encoding="utf-8")
    except (UserError, OSError, UnicodeDecodeError) as error:
        _log.warning("no icon %r: %s", name, error)
        return _PLACEHOLDER
