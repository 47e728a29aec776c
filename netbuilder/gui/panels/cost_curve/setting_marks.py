"""Marks on the cost curve: thin lines where a setting was changed, named where there is room."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPixmap
from PySide6.QtWidgets import QGraphicsItem

from netbuilder.gui.panels.cost_curve.run_traces import RunTraces
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.theme.translation import tr_message
from netbuilder.gui.widgets.fonts import tabular
from netbuilder.gui.widgets.plot import Plot, thin_pen

LABEL_WIDTH = 14.0
"""Pixels between two lines from which on both are named."""
MARKS = 60
"""So many of the latest changes of settings are marked."""
NEAR = 5.0
"""Pixels from a line within which the mouse is on it."""
_LINE_WIDTH = 3.0
"""Pixels between two lines from which on both are drawn."""
_TOP = 0.02
"""The share of the height that is left free above a name."""


class SettingMarks(QGraphicsItem):
    """One item for all of them, in pixels of the plot's box.

    A line and a label of pyqtgraph each would cost a tenth of a millisecond a frame; here names are
    pictures that are drawn once.
    """

    def __init__(self, plot: Plot, theme: Theme) -> None:
        super().__init__(plot.box)
        self._plot = plot
        self._theme = theme
        self._at: NDArray[np.float64] = np.empty(0)
        self._texts: Sequence[str] = ()
        self._pictures: dict[tuple[str, int], QPixmap] = {}
        self._rect = QRectF()
        self.setZValue(-5)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._pictures.clear()
        self.update()

    def show_of(self, run: RunTraces | None, log_x: bool) -> None:
        """Where the settings of a run were changed."""
        marks = [] if run is None else list(run.log.marks)[-MARKS:]
        at = np.empty(0)
        if run is not None:
            at = run.epoch_of(np.array([step for step, _ in marks], dtype=float))
        at = np.log10(np.maximum(at, 0.1)) if log_x else at
        self.put(at, [tr_message(message) for _, message in marks])

    def put(self, at: NDArray[np.float64], texts: Sequence[str]) -> None:
        """Places in x, rising and in the axis' own units, and what was changed there."""
        if not len(texts) and not len(self._texts):
            return
        self._at, self._texts = at, texts
        if self._rect != self._plot.box.rect():
            self.prepareGeometryChange()
            self._rect = self._plot.box.rect()
        self.update()

    def near(self, x: float) -> list[str]:
        """What was changed within a few pixels of a place, the last three."""
        pixels, at = self._pixels(np.append(self._at, x)), len(self._at)
        there = np.abs(pixels[:at] - pixels[at]) <= NEAR
        return [text for text, near in zip(self._texts, there, strict=True) if near][-3:]

    def placed(self) -> list[tuple[float, str]]:
        """The lines that are drawn, from left to right: where, in pixels, and their name or ""."""
        pixels, width = self._pixels(self._at), self._plot.box.width()
        found: list[tuple[float, str]] = []
        following = np.inf
        # Of several in one place the last one is what has come of them.
        for x, text in zip(pixels[::-1], reversed(self._texts), strict=True):
            if 0.0 <= x <= width and following - x >= _LINE_WIDTH:
                found.append((float(x), text if following - x > LABEL_WIDTH else ""))
                following = x
        return found[::-1]

    def _pixels(self, at: NDArray[np.float64]) -> NDArray[np.float64]:
        low, high = self._plot.box.viewRange()[0]
        pixels: NDArray[np.float64] = (at - low) * (self._plot.box.width() / (high - low))
        return pixels

    # --- painting ----------------------------------------------------------------------------

    def boundingRect(self) -> QRectF:
        return self._rect

    def paint(self, painter: QPainter, *_: object) -> None:
        placed = self.placed()
        height = self._plot.box.height()
        painter.setPen(thin_pen(self._theme.color("strong_line"), 1, Qt.PenStyle.DotLine))
        painter.drawLines([QLineF(round(x), 0.0, round(x), height) for x, _ in placed])
        room = int(height * (1.0 - 5 * _TOP))
        for x, text in placed:
            if text:
                picture = self._picture(text, room)
                painter.drawPixmap(QPointF(round(x) + 1.0, round(_TOP * height)), picture)
        if len(self._pictures) > 4 * (len(self._texts) + 16):
            self._pictures.clear()

    def _picture(self, text: str, room: int) -> QPixmap:
        """A name that reads upwards, as far as it has room: the new value stands at the end."""
        if (text, room) not in self._pictures:
            font = tabular(self._plot.font(), 0.8)
            metrics = QFontMetrics(font)
            told = metrics.elidedText(text, Qt.TextElideMode.ElideLeft, room)
            ratio = self._plot.devicePixelRatioF()
            width, height = metrics.horizontalAdvance(told) + 2, metrics.height()
            picture = QPixmap(round(height * ratio), round(max(1, width) * ratio))
            picture.setDevicePixelRatio(ratio)
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            painter.setFont(font)
            painter.setPen(self._theme.color("muted"))
            painter.translate(0.0, width)
            painter.rotate(-90.0)
            painter.drawText(QPointF(0.0, metrics.ascent()), told)
            painter.end()
            self._pictures[text, room] = picture
        return self._pictures[text, room]
