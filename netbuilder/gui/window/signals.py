"""Signals of the system: Ctrl-C, a closed terminal and a shutdown reach the window as events."""

from __future__ import annotations

import contextlib
import signal
import socket
from typing import Any

from PySide6.QtCore import QObject, QSocketNotifier, Signal

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
"""Not every system has them all."""


class Signals(QObject):
    """Hears the first signal, whatever the program is busy with; a second one ends it at once."""

    came = Signal(int)
    """(number,) of the signal."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        # Python's own handlers wait for the interpreter, which an idle event loop does not call.
        self._heard, self._written = socket.socketpair()
        for end in (self._heard, self._written):
            end.setblocking(False)
        self._notifier = QSocketNotifier(self._heard.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._hear)
        numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
        before: dict[int, Any] = {number: signal.getsignal(number) for number in numbers}
        # What was started to live on without its terminal goes on doing so.
        self._before = {n: was for n, was in before.items() if was != signal.SIG_IGN}
        self._old_descriptor = signal.set_wakeup_fd(
            self._written.fileno(), warn_on_full_buffer=False
        )
        for number in self._before:
            signal.signal(number, _nothing)

    def _hear(self, *_: object) -> None:
        with contextlib.suppress(BlockingIOError):
            numbers = [n for n in self._heard.recv(64) if n in self._before]
            if numbers:
                for number in self._before:
                    signal.signal(number, signal.SIG_DFL)
                self.came.emit(numbers[0])

    def close(self) -> None:
        """Gives the signals back."""
        for number, was in self._before.items():
            signal.signal(number, was)
        signal.set_wakeup_fd(self._old_descriptor)
        self._notifier.setEnabled(False)
        self._heard.close()
        self._written.close()


def _nothing(number: int, frame: object) -> None:
    """The byte that is written for a signal says all."""
