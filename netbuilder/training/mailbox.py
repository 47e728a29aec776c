"""The mailbox: how a snapshot gets from the thread that trains to the one that looks."""

from __future__ import annotations

import threading

from netbuilder.runs.snapshot import Snapshot


class Mailbox:
    """One slot between two threads: a new snapshot takes the place of one that nobody took."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._slot: Snapshot | None = None

    def put(self, snapshot: Snapshot) -> bool:
        """Leaves a snapshot; returns whether the slot was empty, so that there is news to tell."""
        with self._lock:
            was_empty = self._slot is None
            self._slot = snapshot
            return was_empty

    def take(self) -> Snapshot | None:
        """The latest snapshot, or None when it was taken already."""
        with self._lock:
            snapshot, self._slot = self._slot, None
            return snapshot
