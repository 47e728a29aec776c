"""The picture of one example's loss: the curve of L over ŷ, with the point where it is now."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from netbuilder import numbers
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.widgets.fonts import tabular
from netbuilder.lens.loss_curve import LossCurve


class LikelihoodView(QWidget):
    """ŷ, the likelihood and the cost of an example together."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setFont(tabular(self.font(), 0.85))
        self.setMinimumSize(170, 110)
        self.curve: LossCurve | None = None
        self.words = ""
        """What is said above the picture."""

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_curve(self, curve: LossCurve) -> None:
        loss, said = numbers.number(curve.loss), numbers.number(curve.at)
        if curve.likelihood is not None:
            self.words = self.tr("likelihood {said}, −log {said} = {loss}")
        else:
            self.words = self.tr("ŷ = {said}, y = {true}, L = {loss}")
        self.words = self.words.format(said=said, loss=loss, true=numbers.number(curve.true))
        self.curve = curve
        self.setAccessibleName(self.words)
        self.update()

    def place(self, x: float, L: float) -> QPointF:
        """Where a point of the curve lies, in pixels; what goes beyond is held at the edge."""
        curve, field = self.curve, self._field
        assert curve is not None
        low, high = self._span
        across = (min(max(x, low), high) - low) / (high - low)
        up = min(max(L / self._highest, 0.0), 1.0)
        return QPointF(field.left() + across * field.width(), field.bottom() - up * field.height())

    @property
    def _span(self) -> tuple[float, float]:
        assert self.curve is not None
        if self.curve.likelihood is not None:
            return 0.0, 1.0
        return float(self.curve.x[0]), float(self.curve.x[-1])

    @property
    def _highest(self) -> float:
        assert self.curve is not None
        return float(self.curve.L.max()) or 1.0

    @property
    def _field(self) -> QRectF:
        text = QFontMetrics(self.font()).height()
        left = QFontMetrics(self.font()).horizontalAdvance("88.8") + 6.0
        return QRectF(self.rect()).adjusted(left, text + 8, -10, -2.0 * text - 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        curve, theme = self.curve, self._theme
        if curve is None:
            return
        metrics, field = QFontMetrics(self.font()), self._field
        text, low, high = metrics.height(), *self._span
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(theme.color("text"))
            head = QRectF(0, 0, self.width(), text + 2)
            words = metrics.elidedText(self.words, Qt.TextElideMode.ElideRight, self.width())
            painter.drawText(head, Qt.AlignmentFlag.AlignCenter, words)
            self._paint_axes(painter, field, low, high)
            painter.setPen(QPen(theme.color("muted"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            points = zip(curve.x.tolist(), curve.L.tolist(), strict=True)
            painter.drawPolyline(QPolygonF([self.place(x, L) for x, L in points]))
            if not math.isfinite(curve.at):
                return
            at = self.place(curve.at, curve.loss)
            painter.setPen(QPen(theme.color("accent"), 1.2, Qt.PenStyle.DashLine))
            painter.drawLine(at, QPointF(at.x(), field.bottom()))
            painter.drawLine(at, QPointF(field.left(), at.y()))
            painter.setPen(QPen(theme.color("panel"), 1.5))
            painter.setBrush(theme.color("accent"))
            painter.drawEllipse(at, 5.5, 5.5)

    def _paint_axes(self, painter: QPainter, field: QRectF, low: float, high: float) -> None:
        theme, text = self._theme, QFontMetrics(self.font()).height()
        step = _step(self._highest, max(2, int(field.height() / (2.2 * text))))
        for L in np.arange(0.0, self._highest + 1e-9, step):
            y = self.place(low, float(L)).y()
            painter.setPen(QPen(theme.color("line"), 1))
            painter.drawLine(QPointF(field.left(), y), QPointF(field.right(), y))
            painter.setPen(theme.color("muted"))
            label = QRectF(0, y - text / 2, field.left() - 5, text)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(label, right, numbers.tick(float(L), step))
        painter.setPen(theme.color("muted"))
        for x in (low, (low + high) / 2, high):
            middle = self.place(x, 0.0).x()
            place = QRectF(middle - 30, field.bottom() + 2, 60, text)
            if x == high:
                place.moveRight(self.width())
            side = Qt.AlignmentFlag.AlignRight if x == high else Qt.AlignmentFlag.AlignHCenter
            painter.drawText(place, side, numbers.tick(x, (high - low) / 2 / 10))
        assert self.curve is not None
        name = self.tr("ŷ") if self.curve.likelihood is None else self.tr("ŷ of the true class")
        below = QRectF(field.left(), field.bottom() + 1 + text, field.width(), text)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, name)


def _step(highest: float, most: int) -> float:
    """The round distance of at most so many ticks."""
    power = 10.0 ** math.floor(math.log10(highest / most))
    return next(f * power for f in (1.0, 2.0, 5.0, 10.0, 20.0) if highest / (f * power) <= most)
