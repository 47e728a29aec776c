"""The rota: while it trains the live panels look one after the other, not all at every frame."""

from __future__ import annotations

from time import perf_counter
from typing import Protocol

from PySide6.QtCore import QObject

from netbuilder.gui.cursor import Cursor

PAUSE = 0.1
"""Seconds between two looks of one panel: ten a second are as many as its numbers can be read."""


class Looking(Protocol):
    """A view that is kept up to date."""

    stale: bool
    """Whether there is something that it has not looked at."""

    waiting: bool
    """Whether it has asked for what is still being computed."""

    @property
    def seen(self) -> bool:
        """Whether any of it is on the screen."""
        ...

    @property
    def free_at(self) -> float:
        """When it may look again, in seconds of ``perf_counter``: a slow one rests for longer."""
        ...

    def look_now(self) -> None: ...


class Rota(QObject):
    """One panel a frame, the one that has waited longest; all of them when the training rests.

    Painting is most of what a window costs while it trains, and plots are the dearest to paint.
    """

    def __init__(self, cursor: Cursor) -> None:
        super().__init__(cursor)
        self._cursor = cursor
        self._panels: list[Looking] = []
        self._looked: dict[Looking, float] = {}
        self._last_frame = 0.0
        cursor.moved.connect(self._on_moved)

    def join(self, panel: Looking) -> None:
        """From now on the panel is told when to look."""
        self._panels.append(panel)
        self._looked[panel] = 0.0

    def _on_moved(self, _snapshot: object) -> None:
        for panel in self._panels:
            panel.stale = True
        now = perf_counter()
        rare, self._last_frame = now - self._last_frame > PAUSE, now
        seen = [panel for panel in self._panels if panel.seen]
        if not self._cursor.running:
            chosen = seen
        else:
            due = [p for p in seen if p.free_at <= now and self._looked[p] + PAUSE <= now]
            # Where frames are rare, as of a large network, each of them is for every panel.
            chosen = due if rare else sorted(due, key=lambda panel: self._looked[panel])[:1]
        # What one has waited for may be there now; to ask costs next to nothing.
        chosen = [*chosen, *(p for p in seen if p.waiting and p not in chosen)]
        for panel in chosen:
            self._looked[panel] = now
            panel.look_now()
