"""The track of an update: a mark for each stop, coloured by the way it belongs to."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from netbuilder.engine.stops import Stop
from netbuilder.gui.theme.colours import Theme

_ROLES = {"forward": "positive", "cost": "accent", "backward": "negative", "update": "muted"}


class StopTrack(QWidget):
    """One cell a stop, from the left to the right; a click goes to it."""

    chosen = Signal(int)
    """(number of the stop,)"""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._stops: tuple[Stop, ...] = ()
        self._at = 0
        self.setFixedHeight(20)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_stops(self, stops: tuple[Stop, ...], at: int) -> None:
        self._stops, self._at = stops, at
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, 20)

    def cell(self, number: int) -> QRectF:
        """Where a stop's mark is."""
        wide = self.width() / max(1, len(self._stops))
        return QRectF(number * wide, 0, wide, self.height())

    def _number_at(self, x: float) -> int | None:
        if not self._stops or not 0 <= x < self.width():
            return None
        return int(x * len(self._stops) / self.width())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self._number_at(event.position().x())
        if number is not None:
            self.chosen.emit(number)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            number = self._number_at(event.pos().x())
            text = "" if number is None else str(self._stops[number].result.name)
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            for number, stop in enumerate(self._stops):
                cell, now = self.cell(number), number == self._at
                gap = 1.0 if cell.width() > 4 else 0.0
                painter.setBrush(theme.color(_ROLES[stop.phase], 1.0 if now else 0.35))
                top = 2.0 if now else 6.0
                painter.drawRoundedRect(cell.adjusted(gap, top, -gap, -top), 2, 2)
