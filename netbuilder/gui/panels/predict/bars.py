"""The answer as bars: a line for each class with its probability, or for each number its range."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.widgets.fonts import tabular

_LINE, _CLOSE = 19, 14
"""Pixels from line to line, and where there are more than fit."""
_THICK = 7


@dataclass(frozen=True)
class Bar:
    """One line."""

    name: str
    text: str
    """The value as it is read."""
    share: float
    """How much of the line is filled, from 0 to 1."""
    color: int
    """The place of its colour among those of the classes; −1 for the accent."""
    chosen: bool = False
    """Whether it is the answer."""


class Bars(QWidget):
    """Lines in the order in which they are given; painted anew where one of them differs."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.bars: tuple[Bar, ...] = ()
        self.setFont(tabular(self.font(), 0.92))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_bars(self, bars: Iterable[Bar]) -> None:
        shown = tuple(bars)
        if shown == self.bars:
            return
        other = len(shown) != len(self.bars)
        self.bars = shown
        self.setAccessibleDescription(", ".join(f"{bar.name} {bar.text}" for bar in shown))
        if other:
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, _LINE * len(self.bars))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, _CLOSE * len(self.bars))

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.bars:
            return
        theme, metrics = self._theme, QFontMetrics(self.font())
        line = min(float(_LINE), self.height() / len(self.bars))
        longest = max(metrics.horizontalAdvance(bar.name) for bar in self.bars)
        name_room = min(longest + 2, int(0.42 * self.width()))
        text_room = max(metrics.horizontalAdvance(bar.text) for bar in self.bars)
        text_room = max(text_room, metrics.horizontalAdvance("100.0 %"))
        left, right = name_room + 8, self.width() - text_room - 8
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for number, bar in enumerate(self.bars):
                top = number * line
                ink = theme.color("text" if bar.chosen else "muted")
                name = metrics.elidedText(bar.name, Qt.TextElideMode.ElideRight, name_room)
                painter.setPen(ink)
                middle = Qt.AlignmentFlag.AlignVCenter
                painter.drawText(
                    QRectF(0, top, name_room + 2, line), middle | Qt.AlignmentFlag.AlignLeft, name
                )
                painter.drawText(
                    QRectF(right + 8, top, text_room, line),
                    middle | Qt.AlignmentFlag.AlignRight,
                    bar.text,
                )
                track = QRectF(left, top + (line - _THICK) / 2, right - left, _THICK)
                if track.width() < _THICK:
                    continue
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("sunken"))
                painter.drawRoundedRect(track, _THICK / 2, _THICK / 2)
                filled = min(1.0, bar.share) * track.width()
                if filled >= 1:
                    color = (
                        theme.color("accent")
                        if bar.color < 0
                        else QColor(theme.classes[bar.color % len(theme.classes)])
                    )
                    color.setAlphaF(1.0 if bar.chosen else 0.65)
                    painter.setBrush(color)
                    track.setWidth(filled)
                    painter.drawRoundedRect(track, _THICK / 2, _THICK / 2)
