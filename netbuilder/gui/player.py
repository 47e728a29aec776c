"""The player: moves the cursor through a run as a film, forwards or backwards."""

from __future__ import annotations

from time import perf_counter

from PySide6.QtCore import QObject, QTimer, Signal

from netbuilder.gui.cursor import Cursor
from netbuilder.runs.film import paced, share_of

SECONDS = 10.0
"""How long a whole run takes."""
_FRAME = 33
"""Milliseconds from one picture to the next, where the views are quick enough."""


class Player(QObject):
    """Plays until an end is reached, or until anything else moves the cursor."""

    changed = Signal()
    """It began, turned or stopped."""

    def __init__(self, cursor: Cursor) -> None:
        super().__init__(cursor)
        self._cursor = cursor
        self.direction = 0
        """1 forwards, −1 backwards, 0 at rest."""
        self._share = 0.0
        self._at = 0.0
        self._moves = False
        self._shown: object = None
        """The moment it has shown last."""
        self._timer = QTimer(self)
        self._timer.setInterval(_FRAME)
        self._timer.timeout.connect(self._on_time)
        cursor.moved.connect(self._on_moved)

    def play(self, direction: int) -> None:
        """Plays from the moment looked at, or from the far end; again, or the other way: stops."""
        recorder, moment = self._cursor.recorder, self._cursor.moment
        if direction == self.direction or recorder is None or moment is None:
            self.stop()
            return
        first, last = recorder.first, recorder.step
        if last <= first:
            return
        self._share = share_of(min(max(moment.step, first), last), first, last)
        if direction > 0 and (self._cursor.live or self._share >= 1.0):
            self._share = 0.0
        self.direction, self._at = direction, perf_counter()
        self._timer.start()
        self._show()
        self.changed.emit()

    def stop(self) -> None:
        """The exact moment follows where the film is left."""
        if not self.direction:
            return
        self.direction = 0
        self._timer.stop()
        moment = self._cursor.moment
        if moment is not None and not self._cursor.live and not moment.exact:
            self._cursor.go_to(moment.step)
        self.changed.emit()

    def _on_time(self) -> None:
        now = perf_counter()
        self._share += self.direction * (now - self._at) / SECONDS
        self._at = now
        self._show()
        if not 0.0 < self._share < 1.0:
            self.stop()

    def _show(self) -> None:
        recorder = self._cursor.recorder
        if recorder is None:
            self.stop()
            return
        self._share = min(max(self._share, 0.0), 1.0)
        step = paced(self._share, recorder.first, recorder.step)
        self._moves = True
        try:
            self._cursor.glance(step)
        finally:
            self._moves = False
        self._shown = self._cursor.moment

    def _on_moved(self, moment: object) -> None:
        if self.direction and not self._moves and moment is not self._shown:
            self.direction = 0
            self._timer.stop()
            self.changed.emit()
