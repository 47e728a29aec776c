"""Marks on the cost curve: thin lines where a setting was changed, named where there is room."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics

from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.widgets.fonts import tabular
from netbuilder.gui.widgets.plot import Plot, thin_pen

LABEL_WIDTH = 14.0
"""Pixels between two lines from which on both are named."""
NEAR = 5.0
"""Pixels from a line within which the mouse is on it."""


class SettingMarks:
    """Re-uses its lines, whatever it is to show."""

    def __init__(self, plot: Plot, theme: Theme) -> None:
        self._plot = plot
        self._theme = theme
        self.lines: list[pg.InfiniteLine] = []
        self._at: NDArray[np.float64] = np.empty(0)
        self._texts: Sequence[str] = ()

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        for line in self.lines:
            self._dress(line)

    def show(self, at: NDArray[np.float64], texts: Sequence[str]) -> None:
        """Places in x, rising and in the axis' own units, and what was changed there."""
        self._at, self._texts = at, texts
        while len(self.lines) < len(texts):
            self.lines.append(self._new_line())
        metrics = QFontMetrics(self._font())
        room = int(self._plot.box.height() * 0.9)
        apart = LABEL_WIDTH * self._pixel()
        for number, line in enumerate(self.lines):
            line.setVisible(number < len(texts))
            if number >= len(texts):
                continue
            line.setPos(float(at[number]))
            named = number + 1 == len(texts) or at[number + 1] - at[number] > apart
            text = texts[number] if named else ""
            # The new value stands at the end.
            text = metrics.elidedText(text, Qt.TextElideMode.ElideLeft, room)
            text = text.replace("{", "{{").replace("}", "}}")
            if line.label.format != text:
                line.label.setFormat(text)

    def near(self, x: float) -> list[str]:
        """What was changed within a few pixels of a place, the last three."""
        reach = NEAR * self._pixel()
        there = (abs(place - x) <= reach for place in self._at)
        return [text for text, near in zip(self._texts, there, strict=True) if near][-3:]

    def _pixel(self) -> float:
        low, high = self._plot.box.viewRange()[0]
        return float((high - low) / max(1.0, self._plot.box.width()))

    def _font(self) -> QFont:
        return tabular(self._plot.font(), 0.8)

    def _new_line(self) -> pg.InfiniteLine:
        options = {"position": 0.98, "rotateAxis": (1, 0), "anchors": [(1, 0), (1, 1)]}
        line = pg.InfiniteLine(angle=90, movable=False, label="", labelOpts=options)
        line.setZValue(-5)
        self._dress(line)
        self._plot.addItem(line, ignoreBounds=True)
        return line

    def _dress(self, line: pg.InfiniteLine) -> None:
        line.setPen(thin_pen(self._theme.color("strong_line"), 1, Qt.PenStyle.DotLine))
        line.label.setColor(self._theme.color("muted"))
        line.label.textItem.setFont(self._font())
