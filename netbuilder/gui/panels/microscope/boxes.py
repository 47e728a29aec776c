"""Boxes: matrices between brackets, abridged to what there is room for, each number a target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from netbuilder.engine.stops import Box, Index, Quantity
from netbuilder.gui.theme.colours import Theme
from netbuilder.numbers import number, shape_text

ROW = 21.0
_PAD = 6.0
"""Between two numbers, and between numbers and brackets."""
_DOTS = 14.0
"""The width of "…" where columns are left out."""


@dataclass(frozen=True)
class Slot:
    """A place in a quantity that is shown at a place in a box."""

    rect: QRectF
    at: Index


class MatrixBox:
    """A quantity laid out around one of its numbers. Of images one channel of one example."""

    def __init__(
        self, part: Box, focus: Index, metrics: QFontMetricsF, most: tuple[int, int]
    ) -> None:
        """``focus`` is the number that must be in sight, ``most`` the rows and columns."""
        quantity, transposed = part.quantity, part.transposed
        self.quantity, self.latex = quantity, part.latex
        self.rect = QRectF()
        self._at = _slice(quantity, focus, transposed)
        rows, columns = _extent(quantity, transposed)
        row, column = (focus[-1], focus[0]) if transposed else (focus[-2], focus[-1])
        if len(quantity.shape) == 4:
            row, column = _plane(quantity, focus)
        self.rows = _window(rows, most[0], row)
        self.columns = _window(columns, most[1], column)
        self._left_out = self.columns.start > 0, self.columns.stop < columns
        self._above, self._below = self.rows.start > 0, self.rows.stop < rows
        self._texts = {
            (i, j): number(float(quantity.values[self._at(i, j)]))
            for i in self.rows
            for j in self.columns
        }
        self.cell = _PAD + max(map(metrics.horizontalAdvance, self._texts.values()), default=10.0)
        self.width = len(self.columns) * self.cell + 3 * _PAD + _DOTS * sum(self._left_out)
        self.height = ROW * (len(self.rows) + 0.6 * (self._above + self._below)) + 4
        shape = quantity.shape[::-1] if transposed and len(quantity.shape) == 2 else quantity.shape
        self.captions = [shape_text(shape), *_seen(quantity, focus)]
        self.slots: list[Slot] = []

    def place(self, left: float, middle: float) -> QRectF:
        """Stands here, its rows around a height; gives where."""
        self.rect = QRectF(left, middle - self.height / 2, self.width, self.height)
        top = self.rect.top() + 2 + (0.6 * ROW if self._above else 0)
        x = left + 1.5 * _PAD + (_DOTS if self._left_out[0] else 0)
        self.slots = [
            Slot(
                QRectF(x + b * self.cell, top + a * ROW, self.cell, ROW),
                self._at(i, j),
            )
            for a, i in enumerate(self.rows)
            for b, j in enumerate(self.columns)
        ]
        return self.rect

    def paint(self, painter: QPainter, theme: Theme, lit: set[Index], chosen: Index | None) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        for slot in self.slots:
            if slot.at in lit or slot.at == chosen:
                painter.setBrush(theme.color("accent" if slot.at == chosen else "selection"))
                painter.drawRoundedRect(slot.rect.adjusted(1, 1, -1, -1), 3, 3)
        for slot, text in zip(self.slots, self._texts.values(), strict=True):
            ink = theme.color("on_accent" if slot.at == chosen else "text")
            if text == "0" and slot.at != chosen:
                ink = theme.color("muted")
            painter.setPen(ink)
            inner = slot.rect.adjusted(0, 0, -_PAD / 2, 0)
            painter.drawText(
                inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text
            )
        self._paint_dots(painter, theme.color("muted"))
        self._paint_brackets(painter, theme.color("text"))

    def _paint_dots(self, painter: QPainter, ink: QColor) -> None:
        painter.setPen(ink)
        rect, centre = self.rect, Qt.AlignmentFlag.AlignCenter
        left, right = self._left_out
        if left:
            painter.drawText(
                QRectF(rect.left() + _PAD, rect.top(), _DOTS, rect.height()), centre, "…"
            )
        if right:
            place = QRectF(rect.right() - _PAD - _DOTS, rect.top(), _DOTS, rect.height())
            painter.drawText(place, centre, "…")
        if self._above:
            painter.drawText(QRectF(rect.left(), rect.top(), rect.width(), 0.7 * ROW), centre, "⋮")
        if self._below:
            place = QRectF(rect.left(), rect.bottom() - 0.7 * ROW, rect.width(), 0.7 * ROW)
            painter.drawText(place, centre, "⋮")

    def _paint_brackets(self, painter: QPainter, ink: QColor) -> None:
        painter.setPen(QPen(ink, 1.3))
        rect = self.rect
        for x, inward in ((rect.left() + 1, 4.0), (rect.right() - 1, -4.0)):
            painter.drawPolyline(
                [
                    QPointF(x + inward, rect.top()),
                    QPointF(x, rect.top()),
                    QPointF(x, rect.bottom()),
                    QPointF(x + inward, rect.bottom()),
                ]
            )


def _seen(quantity: Quantity, focus: Index) -> list[str]:
    """Which part of an array with four axes is shown."""
    if len(quantity.shape) != 4:
        return []
    if quantity.kernel:
        words = QCoreApplication.translate("Microscope", "filter {one}, channel {other}")
        return [words.format(one=focus[0] + 1, other=focus[1] + 1)]
    words = QCoreApplication.translate("Microscope", "channel {one}, example {other}")
    return [words.format(one=focus[0] + 1, other=focus[3] + 1)]


def _extent(quantity: Quantity, transposed: bool) -> tuple[int, int]:
    shape = quantity.shape
    if len(shape) == 4:
        return shape[2:] if quantity.kernel else shape[1:3]
    return (shape[1], shape[0]) if transposed else (shape[0], shape[1])


def _slice(quantity: Quantity, focus: Index, transposed: bool) -> Callable[[int, int], Index]:
    """From row and column of the box to the place in the quantity."""
    if len(quantity.shape) == 4:
        if quantity.kernel:
            return lambda i, j: (focus[0], focus[1], i, j)
        return lambda i, j: (focus[0], i, j, focus[3])
    return (lambda i, j: (j, i)) if transposed else (lambda i, j: (i, j))


def _plane(quantity: Quantity, focus: Index) -> tuple[int, int]:
    return (focus[2], focus[3]) if quantity.kernel else (focus[1], focus[2])


def _window(length: int, most: int, focus: int) -> range:
    """At most so many places around one."""
    start = max(0, min(focus - most // 2, length - most))
    return range(start, min(length, start + most))
