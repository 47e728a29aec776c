"""A person at a real screen: mouse and keyboard through xdotool, eyes through the window itself.

The window runs its ordinary event loop; the person lives on a thread beside it, asks the window's
thread where things are, and moves the pointer there. Nothing reaches the program but X events.
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QCoreApplication, QObject, QPoint, QRect, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

T = TypeVar("T")

PATIENCE = 30.0
"""Seconds before a person gives up waiting."""


class _Eyes(QObject):
    """Runs a question on the window's thread."""

    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        app = QCoreApplication.instance()
        assert app is not None
        self.moveToThread(app.thread())
        self.asked.connect(self._answer, Qt.ConnectionType.BlockingQueuedConnection)

    @Slot(object)
    def _answer(self, question: Callable[[], None]) -> None:
        question()


class Person:
    """What a user can do: look, point, click, drag, type."""

    def __init__(self) -> None:
        self._eyes = _Eyes()

    # --- looking -----------------------------------------------------------------------------

    def see(self, question: Callable[[], T]) -> T:
        """The answer to a question about the window, asked on the window's thread."""
        answers: list[T] = []
        errors: list[BaseException] = []

        def ask() -> None:
            try:
                answers.append(question())
            except BaseException as error:
                errors.append(error)

        self._eyes.asked.emit(ask)
        if errors:
            raise errors[0]
        return answers[0]

    def wait_for(self, what: str, condition: Callable[[], T]) -> T:
        """Looks again and again until there is something to see; fails naming what is missing."""
        deadline = time.monotonic() + PATIENCE
        while True:
            found = self.see(condition)
            if found:
                return found
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {PATIENCE:.0f} s in vain for {what}")
            threading.Event().wait(0.05)

    def picture(self, path: str) -> None:
        """What is on the screen, as a file."""
        self.see(lambda: QGuiApplication.primaryScreen().grabWindow(0).save(path))

    # --- the mouse ---------------------------------------------------------------------------

    def click(self, at: QPoint, button: int = 1, times: int = 1) -> None:
        self._xdotool(
            ["mousemove", str(at.x()), str(at.y()), "sleep", "0.05"],
            ["click", "--repeat", str(times), "--delay", "60", str(button)],
        )

    def drag(self, start: QPoint, end: QPoint, steps: int = 12) -> None:
        """Press, move in small steps with pauses as a hand does, let go."""
        moves: list[list[str]] = []
        for step in range(1, steps + 1):
            x = start.x() + (end.x() - start.x()) * step // steps
            y = start.y() + (end.y() - start.y()) * step // steps
            moves.append(["mousemove", str(x), str(y), "sleep", "0.03"])
        self._xdotool(
            ["mousemove", str(start.x()), str(start.y()), "sleep", "0.1"],
            ["mousedown", "1", "sleep", "0.1"],
            *moves,
            ["sleep", "0.15", "mouseup", "1"],
        )

    # --- the keyboard ------------------------------------------------------------------------

    def press(self, *keys: str) -> None:
        self._xdotool(["key", "--clearmodifiers", "--delay", "40", *keys])

    def type(self, text: str) -> None:
        self._xdotool(["type", "--delay", "15", text])

    def _xdotool(self, *parts: list[str]) -> None:
        for part in parts:
            subprocess.run(["xdotool", *part], check=True, capture_output=True, timeout=20)


def middle(widget: QWidget, part: QRect | None = None) -> QPoint:
    """The screen position of the middle of a widget, or of a part of it."""
    return widget.mapToGlobal((part or widget.rect()).center())


def focus_without_window_manager() -> None:
    """On a bare X server nobody hands out the keyboard: give it to the window in front."""
    window = QApplication.activeModalWidget() or QApplication.activeWindow()
    if window is None:
        window = next(w for w in QApplication.topLevelWidgets() if w.isVisible())
    subprocess.run(["xdotool", "windowfocus", "--sync", str(int(window.winId()))], check=True)
