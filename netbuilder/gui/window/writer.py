"""The writer: does what takes its time, such as writing a file, off the GUI thread."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

from PySide6.QtCore import QObject, Qt, Signal


class _Job(NamedTuple):
    do: Callable[[], Any]
    then: Callable[[Any, Exception | None], None]


class Writer(QObject):
    """Does one job after another, each on a thread that ends with it."""

    _done = Signal(object)
    """(Thread,) that has come to its end."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs: deque[_Job] = deque()
        self._thread: threading.Thread | None = None
        self._outcome: tuple[Any, Exception | None] = None, None
        self._done.connect(self._next, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        """Whether a job is being done or waits to be."""
        return bool(self._jobs)

    def put(self, do: Callable[[], Any], then: Callable[[Any, Exception | None], None]) -> None:
        """Has something done; ``then`` gets its result or its exception, on the GUI thread."""
        self._jobs.append(_Job(do, then))
        if len(self._jobs) == 1:
            self._start()

    def finish(self) -> None:
        """Waits until everything is done."""
        while self._thread is not None:
            self._next(self._thread)

    def _start(self) -> None:
        # No daemon: what is being written is written to its end before the process ends.
        self._thread = threading.Thread(target=self._work, name="netbuilder-writing")
        self._thread.start()

    def _work(self) -> None:
        try:
            self._outcome = self._jobs[0].do(), None
        except Exception as error:
            self._outcome = None, error
        self._done.emit(threading.current_thread())

    def _next(self, thread: threading.Thread) -> None:
        if thread is not self._thread:
            return  # ``finish`` was faster than the signal
        thread.join()
        self._thread = None
        (result, error), self._outcome = self._outcome, (None, None)
        job = self._jobs.popleft()
        try:
            job.then(result, error)
        finally:
            if self._jobs and self._thread is None:
                self._start()
