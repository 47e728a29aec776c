"""The seeker: finds exact moments of recorded runs on a thread of its own; the newest wish wins."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Qt, Signal

from netbuilder.errors import Message, UserError
from netbuilder.runs.snapshot import Snapshot
from netbuilder.runs.state import RunState
from netbuilder.training.replay import Replay

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Wish:
    """A moment that is wanted exactly."""

    moment: Snapshot
    """Of the run and at the step that is meant."""
    then: Callable[[RunState], None] | None = None
    """What wants the state as well, to go on from it."""


@dataclass(frozen=True, eq=False)
class Find:
    """What became of a wish; nothing where the run no longer keeps that moment."""

    wish: Wish
    moment: Snapshot | None = None
    state: RunState | None = None
    trouble: Message | None = None


class Seeker(QObject):
    """Its thread lives as long as there is something to find. A new wish ends the search before."""

    found = Signal(object)
    """(Find,) in the thread that this object lives in."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._interrupt = threading.Event()
        self._latest: Wish | None = None
        # Guarded by the lock:
        self._wish: Wish | None = None
        self._thread: threading.Thread | None = None
        self._replay: Replay | None = None
        self._replays: object = None
        self._closed = False
        self._came.connect(self._on_came, Qt.ConnectionType.QueuedConnection)

    _came = Signal(object)

    def ask(self, wish: Wish) -> None:
        """Begins to look; the answer is ``found``, unless another wish comes before."""
        self._latest = wish
        with self._lock:
            if self._closed:
                return
            self._wish = wish
            self._interrupt.set()
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._work, name="netbuilder-seeking", daemon=True
                )
                self._thread.start()

    def stop(self) -> None:
        """Nothing is wanted any more."""
        self._latest = None
        with self._lock:
            self._wish = None
            self._interrupt.set()

    def forget(self) -> None:
        """Stops, and lets go what is kept to find the next moment sooner."""
        self.stop()
        with self._lock:
            self._replay = self._replays = None

    def close(self, timeout: float = 5.0) -> None:
        """Ends a search that is under way; none begins after this."""
        with self._lock:
            self._closed = True
            thread = self._thread
        self.forget()
        if thread is not None:
            thread.join(timeout)

    def _on_came(self, find: Find) -> None:
        # A later wish, or none at all, may have been made since this was sent.
        if find.wish is self._latest:
            self.found.emit(find)

    # --- the thread --------------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            with self._lock:
                wish, self._wish = self._wish, None
                if wish is None:
                    self._thread = None
                    return
                self._interrupt.clear()
                replay = self._replay_of(wish)
            find = self._sought(replay, wish)
            if not (self._closed or self._interrupt.is_set()):
                self._came.emit(find)

    def _replay_of(self, wish: Wish) -> Replay | None:
        """The one that was there before, where the same run is looked at: it may be near."""
        recorder = wish.moment.recorder
        if recorder is not self._replays or self._replay is None:
            self._replay = None if recorder is None else Replay(recorder, self._interrupt)
            self._replays = recorder
        return self._replay

    def _sought(self, replay: Replay | None, wish: Wish) -> Find:
        step = wish.moment.step
        try:
            moment = None if replay is None else replay.snapshot(step, wish.moment)
            if replay is None or moment is None:
                return Find(wish)
            state = None if wish.then is None else replay.state(step)
            return Find(wish, replace(moment, stretch=wish.moment.stretch), state)
        except UserError as error:
            return Find(wish, trouble=error.message)
        except MemoryError:
            return Find(
                wish, trouble=Message("There is not enough memory to bring this moment back.")
            )
        except Exception as error:
            _log.exception("a moment cannot be brought back")
            return Find(
                wish,
                trouble=Message(
                    "This moment cannot be brought back exactly, because of an error in the "
                    "program ({error}).",
                    error=f"{type(error).__name__}: {error}",
                ),
            )
