"""Later: computes what would keep a window waiting, on a thread of its own.

The thread lives as long as there is something to compute. Where somebody rests on a moment, what
was wanted of other moments is given up; while training goes on it is finished, so that something
comes to be seen.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from netbuilder.errors import UserError


class NotYet(Exception):
    """What was asked for is being computed: keep what is shown, and ask again when told to."""


class GivenUp(Exception):
    """Nobody wants it any more."""


@dataclass(eq=False)
class _Job:
    owner: object
    key: Hashable
    compute: Callable[[], None]
    given_up: threading.Event = field(default_factory=threading.Event)


class Later:
    """Jobs of owners, one at a time and in order; ``tell`` is called on its thread after each."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        # Guarded by _lock:
        self._jobs: list[_Job] = []
        self._running: _Job | None = None
        self._thread: threading.Thread | None = None
        self._stopped = False

    @property
    def inside(self) -> bool:
        """Whether this is the thread that computes."""
        return threading.current_thread() is self._thread

    def is_busy_with(self, owner: object) -> bool:
        """Whether something of this owner is still to come."""
        with self._lock:
            return any(job.owner is owner for job in self._all())

    def want(self, owner: object, key: Hashable, compute: Callable[[], None], alone: bool) -> None:
        """Computes it soon, once; ``alone``: what is of other owners is given up."""
        with self._lock:
            if self._stopped:
                return
            if alone:
                self._give_up(lambda job: job.owner is not owner)
            if any(job.owner is owner and job.key == key for job in self._all()):
                return
            self._jobs.append(_Job(owner, key, compute))
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._work, name="netbuilder-lens", daemon=True
                )
                self._thread.start()

    def check(self) -> None:
        """To be called now and then while computing; raises GivenUp."""
        job = self._running
        if job is not None and job.given_up.is_set():
            raise GivenUp

    def stop(self, timeout: float = 5.0) -> None:
        """Gives everything up, for good."""
        with self._lock:
            self._stopped = True
            self._give_up(lambda job: True)
            thread = self._thread
        if thread is not None:
            thread.join(timeout)

    def _all(self) -> list[_Job]:
        """Those that still count; the lock is held."""
        running = self._running
        alive = [running] if running is not None and not running.given_up.is_set() else []
        return [*alive, *self._jobs]

    def _give_up(self, which: Callable[[_Job], bool]) -> None:
        self._jobs = [job for job in self._jobs if not which(job)]
        if self._running is not None and which(self._running):
            self._running.given_up.set()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._jobs:
                    self._running = self._thread = None
                    return
                job = self._running = self._jobs.pop(0)
            try:
                job.compute()
            except GivenUp:
                continue
            with self._lock:
                self._running = None
                if self._stopped:
                    continue
            self._tell()


def in_words(error: Exception) -> UserError:
    """Why something cannot be shown."""
    if isinstance(error, UserError):
        return error
    if isinstance(error, MemoryError):
        return UserError("There is not enough memory to show this of so large a network.")
    name = f"{type(error).__name__}: {error}"
    return UserError("This cannot be shown ({error}).", error=name)
