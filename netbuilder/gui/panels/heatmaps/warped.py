"""The warped plane: a grid that was straight in the input, as a layer bends it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.theme.translation import tr_message
from netbuilder.gui.widgets.fonts import tabular
from netbuilder.lens.warp import WarpView

_DOT = 2.8


class WarpedPlane(QWidget):
    """Paints a WarpView as large as there is room, both axes to one scale."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setMinimumSize(120, 60)
        self.setFont(tabular(self.font(), 0.85))
        self.setAccessibleName(self.tr("The input plane as the layer warps it"))
        self._view: WarpView | None = None
        self._theme = theme

    def sizeHint(self) -> QSize:
        return QSize(280, 130)

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_view(self, view: WarpView) -> None:
        self._view = view
        self.update()

    def places(self) -> NDArray[np.float64]:
        """(examples, 2) in this widget's pixels, for those who point at them."""
        assert self._view is not None
        scale, shift = self._fit(self._view)
        return self._view.points * scale + shift

    def _field(self) -> QRectF:
        text = QFontMetrics(self.font()).height()
        return QRectF(self.rect()).adjusted(text + 6, 6, -6, -text - 4)

    def _fit(self, view: WarpView) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What coordinates are multiplied by, and what is added; y points up."""
        everything = np.concatenate([*view.lines, view.points])
        low, high = everything.min(axis=0), everything.max(axis=0)
        span = np.maximum(high - low, 1e-9)
        field = self._field()
        zoom = min(field.width() / span[0], field.height() / span[1])
        scale = np.array([zoom, -zoom])
        center = field.center()
        return scale, np.array([center.x(), center.y()]) - (low + high) / 2 * scale

    def paintEvent(self, event: QPaintEvent) -> None:
        view, theme = self._view, self._theme
        if view is None:
            return
        scale, shift = self._fit(view)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.color("strong_line", 0.8), 1))
            for line in view.lines:
                painter.drawPolyline([QPointF(x, y) for x, y in (line * scale + shift).tolist()])
            painter.setPen(QPen(theme.color("panel"), 0.8))
            painter.setBrush(theme.color("accent"))
            for number, (x, y) in enumerate((view.points * scale + shift).tolist()):
                if view.classes:
                    code = view.classes[number] % len(theme.classes)
                    painter.setBrush(QColor(theme.classes[code]))
                painter.drawEllipse(QPointF(x, y), _DOT, _DOT)
            self._paint_axes(painter, view)

    def _paint_axes(self, painter: QPainter, view: WarpView) -> None:
        text, field = QFontMetrics(self.font()).height(), self._field()
        across, up = (tr_message(title) for title in view.axes)
        painter.setPen(self._theme.color("muted"))
        below = QRectF(0, self.height() - text, self.width(), text)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, across)
        painter.translate(0, field.center().y())
        painter.rotate(-90)
        half = self.height() / 2
        painter.drawText(QRectF(-half, 0, 2 * half, text), Qt.AlignmentFlag.AlignCenter, up)
