"""Axes of plots: our numbers on a quiet grid, painted fast."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPen, QStaticText, QTransform

from netbuilder import numbers

_LABELS = 256
"""So many labels are kept laid out."""


class Axis(pg.AxisItem):
    """An axis with our numbers: a true minus, thousands, whole decades when logarithmic.

    It is given its font with ``setTickFont`` before it is painted.
    """

    percent = False
    """Shares are written as percentages."""

    picture: _Drawn | None
    """What is painted; pyqtgraph forgets it whenever something changes."""

    def boundingRect(self) -> QRectF:
        # A label at the very end of an axis may reach beyond it, also where there is a grid.
        rect: QRectF = super().boundingRect()
        if self.orientation == "left":
            return rect.adjusted(0, -8, 0, 8)
        return rect.adjusted(-20, 0, 20, 0)

    def resizeEvent(self, event: Any = None) -> None:
        """Puts the label at the outer edge, whole: pyqtgraph lets it hang out by some pixels."""
        self.picture = None
        if self.label is None:
            return
        size, label = self.size(), self.label.boundingRect()
        if self.orientation == "left":
            self.label.setPos(-1.0, round(size.height() / 2 + label.width() / 2))
        else:
            across = round(size.width() / 2 - label.width() / 2)
            self.label.setPos(across, round(size.height() - label.height() + 1))

    def updateAutoSIPrefix(self) -> None:
        """There are none, so a new range leaves the label's rich text as it is."""
        self.picture = None
        self.update()

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        if self.logMode:
            powers = [10.0 ** min(max(value, -300.0), 300.0) for value in values]
            return [numbers.tick(power, power) for power in powers]
        if self.percent:
            return [f"{numbers.tick(100 * value, 100 * spacing)} %" for value in values]
        return [numbers.tick(value, spacing) for value in values]

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[Any, list[float]]]:
        if not self.logMode:
            # Two levels of labels crowd a small plot: the coarser one is enough when it has three.
            levels = super().tickValues(low, high, size)
            values: list[float] = []
            for spacing, more in levels:
                values = sorted([*values, *more])
                if len(values) >= 3:
                    return [(spacing, values)]
            return levels[:1]
        # Beyond these decades there are no floats; an error in painting would end the program.
        low, high = max(low, -300.0), min(high, 300.0)
        if not high - low > 1e-9:
            return []
        decades = np.arange(np.ceil(low - 1e-9), np.floor(high + 1e-9) + 1)
        if len(decades) >= 2:
            stride = max(1, round(len(decades) * 40 / max(size, 1.0)))
            return [(1.0, list(decades[::stride]))]
        # Within one decade only 1, 2 and 5 of each are named.
        power = np.floor(low)
        names = [power + k + np.log10(step) for k in (0, 1) for step in (1, 2, 5)]
        inside = [value for value in names if low <= value <= high]
        if len(inside) < 2:
            inside = list(np.log10(_round_values(10.0**low, 10.0**high)))
        return [(1.0, inside)]

    # --- painting ----------------------------------------------------------------------------

    def paint(self, painter: QPainter, *options: Any) -> None:
        """In place of pyqtgraph's way, which measures every label anew at every new range."""
        if self.picture is None:
            self.picture = self._laid_out()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(self.picture.pen)
        painter.drawLines(self.picture.lines)
        painter.setPen(self.textPen())
        painter.setFont(self.style["tickFont"])
        for place, text in self.picture.labels:
            painter.drawStaticText(place, text)

    def _laid_out(self) -> _Drawn:
        """Where grid lines and labels lie in this range."""
        pen, view = QPen(self.tickPen()), self.linkedView()
        drawn = _Drawn(pen, [], [])
        bounds = self.mapRectFromParent(self.geometry())
        upright = self.orientation == "left"
        length = bounds.height() if upright else bounds.width()
        low, high = self.range
        if length <= 0 or high == low:
            return drawn
        grid = None
        if view is not None and self.grid is not False:
            grid = view.mapRectToItem(self, view.boundingRect())
            color = pen.color()
            color.setAlphaF(color.alphaF() * self.grid / 255)
            pen.setColor(color)
        offset = self.style["tickTextOffset"][0 if upright else 1]
        room, widest = self.boundingRect(), 0.0
        for spacing, values in self.tickValues(low, high, length):
            for value, string in zip(values, self.tickStrings(values, 1.0, spacing), strict=True):
                at = (value - low) / (high - low) * length
                if not 0.0 <= at <= length:
                    continue
                text = self._label(string)
                size = text.size()
                if upright:
                    at = bounds.bottom() - at
                    place = QPointF(bounds.right() - offset - size.width(), at - size.height() / 2)
                    if grid is not None:
                        drawn.lines.append(QLineF(grid.right(), at, bounds.right(), at))
                else:
                    at = bounds.left() + at
                    place = QPointF(at - size.width() / 2, bounds.top() + offset)
                    if grid is not None:
                        drawn.lines.append(QLineF(at, grid.top(), at, bounds.top()))
                widest = max(widest, size.width() if upright else size.height())
                # Beside it there may be another plot, or nothing: only whole labels are written.
                across = place.x() >= room.left() and place.x() + size.width() <= room.right()
                if across or upright:
                    drawn.labels.append((place, text))
        self._updateMaxTextSize(widest)
        return drawn

    def setTickFont(self, font: QFont) -> None:
        self._labels: dict[str, QStaticText] = {}
        super().setTickFont(font)

    def _label(self, string: str) -> QStaticText:
        """Laid out once: most labels stay while the range moves."""
        found = self._labels.get(string)
        if found is None:
            if len(self._labels) >= _LABELS:
                self._labels.clear()
            found = self._labels[string] = QStaticText(string)
            found.setTextFormat(Qt.TextFormat.PlainText)
            found.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
            found.prepare(QTransform(), self.style["tickFont"])
        return found


class _Drawn(NamedTuple):
    """The pen and the lines of the grid; the labels with their top left corners."""

    pen: QPen
    lines: list[QLineF]
    labels: list[tuple[QPointF, QStaticText]]


def _round_values(low: float, high: float) -> NDArray[np.float64]:
    """Two to five round numbers between two close positive ones."""
    power = 10.0 ** np.floor(np.log10(high - low))
    for step in (power, power / 2, power / 5):
        values = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
        if len(values) >= 2:
            break
    return np.asarray(values)
