"""A field to draw in with the mouse, and the small picture of what the network sees of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from netbuilder.data.drawing import Style, drawn
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.widgets.ink import inked

Floats = NDArray[np.float64]
_SEEN = 30
_SOFT = ((1.3, 0.12), (1.2, 0.2), (1.1, 0.35), (1.0, 1.0))
"""The breadths of a stroke's edge, as shares of its own, and how dense it is there."""


class DrawingField(QWidget):
    """Strokes of a soft brush, or an example of the data; a stroke over an example begins anew."""

    edited = Signal()
    """Something was drawn."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._style: Style | None = None
        self._strokes: list[list[tuple[float, float]]] = []
        self._example: Floats | None = None
        self.setMinimumSize(96, 96)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Field to draw in"))

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_style(self, style: Style) -> None:
        """How the data's images are drawn; of another shape, the field is emptied."""
        if self._style is None or self._style.shape != style.shape:
            self.clear()
        self._style = style
        self.update()

    @property
    def empty(self) -> bool:
        return self._example is None and not self._strokes

    def pixels(self) -> Floats:
        """(n_x,) in the data's own units, as a file would hold them."""
        assert self._style is not None
        if self._example is not None:
            return self._example
        return drawn([np.array(stroke) for stroke in self._strokes], self._style)

    def shares(self, pixels: Floats) -> Floats:
        """(height, width): how much ink that is, from 0 to 1."""
        assert self._style is not None
        return self._style.share(pixels)

    def show_example(self, pixels: Floats) -> None:
        self._strokes, self._example = [], pixels
        self.update()

    def clear(self) -> None:
        self._strokes, self._example = [], None
        self.update()

    # --- the mouse ---------------------------------------------------------------------------

    def _paper(self) -> QRectF:
        """The largest rectangle of the images' form, at the top of the field."""
        height, width = self._style.shape if self._style is not None else (1, 1)
        scale = min((self.width() - 2) / width, (self.height() - 2) / height)
        paper = QRectF(0, 0, scale * width, scale * height)
        paper.moveTopLeft(QPointF((self.width() - paper.width()) / 2, 1))
        return paper

    def _point(self, event: QMouseEvent) -> tuple[float, float]:
        paper = self._paper()
        x = (event.position().x() - paper.left()) / paper.width()
        y = (event.position().y() - paper.top()) / paper.height()
        return min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._style is None:
            return
        if self._example is not None:
            self.clear()
        self._strokes.append([self._point(event)])
        self.update()
        self.edited.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton and self._strokes:
            self._strokes[-1].append(self._point(event))
            self.update()
            self.edited.emit()

    # --- painting ----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, paper, style = self._theme, self._paper(), self._style
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.color("strong_line"), 1))
            painter.setBrush(theme.color("sunken", 0.6))
            painter.drawRoundedRect(paper, 6, 6)
            if style is None:
                return
            inside = paper.adjusted(1, 1, -1, -1)
            if self._example is not None:
                painter.drawImage(inside, inked(style.share(self._example), theme))
            elif not self._strokes:
                painter.setPen(theme.color("muted"))
                painter.drawText(paper, Qt.AlignmentFlag.AlignCenter, self.tr("Draw here"))
            else:
                painter.setClipRect(inside)
                breadth = 2 * style.radius * paper.height() / style.shape[0]
                for share, alpha in _SOFT:
                    painter.setPen(
                        QPen(
                            theme.color("text", alpha),
                            share * breadth,
                            Qt.PenStyle.SolidLine,
                            Qt.PenCapStyle.RoundCap,
                            Qt.PenJoinStyle.RoundJoin,
                        )
                    )
                    for stroke in self._strokes:
                        painter.drawPolyline(_line(stroke, paper))


class Seen(QWidget):
    """The pixels that the network is given."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._shares: Floats | None = None
        self.setFixedSize(_SEEN, _SEEN)
        self.setToolTip(
            self.tr(
                "What the network sees: your drawing, as large and in the same place as the images "
                "of the data."
            )
        )

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_shares(self, shares: Floats) -> None:
        if self._shares is None or not np.array_equal(shares, self._shares):
            self._shares = shares
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(_SEEN, _SEEN)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.setPen(QPen(self._theme.color("line"), 1))
            painter.setBrush(self._theme.color("sunken", 0.6))
            painter.drawRect(frame)
            if self._shares is not None:
                painter.drawImage(frame.adjusted(1, 1, -1, -1), inked(self._shares, self._theme))


def _line(stroke: list[tuple[float, float]], paper: QRectF) -> QPolygonF:
    points = [
        QPointF(paper.left() + x * paper.width(), paper.top() + y * paper.height())
        for x, y in stroke
    ]
    return QPolygonF(points if len(points) > 1 else [*points, points[0] + QPointF(0.01, 0)])
