"""The keeper: writes what is not saved yet apart from the user's files, for the day of a crash."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from netbuilder.document.file.lock import when
from netbuilder.document.file.recovery import About, Found, Slot, find
from netbuilder.document.file.storage import Loaded
from netbuilder.errors import Message, UserError
from netbuilder.gui.store import Store
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.gui.window.documents import Documents
from netbuilder.gui.window.saving import learned_of
from netbuilder.gui.window.writer import Writer
from netbuilder.runs.stretch import Learned

_EDIT, _TRAINING = 700, 30_000
"""Milliseconds after which an edit is kept, and what is being learned."""
_SHARE = 4
"""The next keeping begins no sooner than so many times what the last one took."""
_PATIENCE = 4.0
"""Seconds that it waits for the worker; then it takes what is known."""
_LAST = 2.0
"""As long when the program is told to end."""


class Keeper(QObject):
    """Keeps the document while it is modified, and offers what other windows have left."""

    found_changed = Signal()

    def __init__(
        self, store: Store, bridge: TrainingBridge, documents: Documents, folder: Path
    ) -> None:
        super().__init__(documents)
        self._store, self._bridge, self._documents = store, bridge, documents
        self._folder = folder
        self._writer = Writer(self)
        self._slot: Slot | None = None
        self._took = 0
        """Milliseconds that the last keeping took."""
        self._complained = False
        self.found: list[Found] = []
        """What is offered, the latest first."""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._keep)
        store.changed.connect(self._on_changed)
        bridge.snapshot.connect(self._on_snapshot)
        documents.modified_changed.connect(self._on_modified)

    # --- keeping -------------------------------------------------------------------------------

    def _on_changed(self, *_: object) -> None:
        self._soon(_EDIT)

    def _on_snapshot(self, _: object) -> None:
        if not self._bridge.running:
            self._soon(_EDIT)
        elif not self._timer.isActive():
            self._soon(_TRAINING)

    def _on_modified(self, *_: object) -> None:
        if not self._documents.modified:
            self._timer.stop()
            self._forget()

    def _soon(self, milliseconds: int) -> None:
        milliseconds = max(milliseconds, _SHARE * self._took)
        if not self._timer.isActive() or self._timer.remainingTime() > milliseconds:
            self._timer.start(milliseconds)

    def _keep(self) -> None:
        documents = self._documents
        if self._writer.busy:
            self._soon(_EDIT)
        elif documents.modified:
            self.keep(lambda: None, _PATIENCE)

    def keep(self, then: Callable[[], None], patience: float = _LAST) -> None:
        """Keeps the document as it is now, and goes on when that is done."""
        content, place, path = self._documents.content(), self._documents.saving.place, ""
        if self._store.path is not None:
            path = str(self._store.path.absolute())
        version = None if place is None else place.version

        def write() -> None:
            start = time.perf_counter()
            if self._slot is None:
                self._slot = Slot.new(self._folder)
            weights, sections, learned = content.made(patience)
            epoch = 0 if learned is None else learned.epoch
            about = About(path, version, time.time(), epoch)
            self._slot.write(about, content.project, weights, sections)
            self._took = int(1000 * (time.perf_counter() - start))

        def written(_: object, error: Exception | None) -> None:
            then()
            if error is None:
                self._complained = False
            elif not isinstance(error, UserError | MemoryError):
                raise error
            elif not self._complained:
                self._complained = True
                text = "What you do is not kept for the case of a crash: {reason}"
                short = Message("there is not enough memory.")
                reason = error.message if isinstance(error, UserError) else short
                self._store.notify("warning", Message(text, reason=reason))

        self._writer.put(write, written)

    def _forget(self) -> None:
        if self._slot is not None or self._writer.busy:  # which may just be making it
            self._writer.put(self._clear, lambda *_: None)

    def _clear(self) -> None:
        if self._slot is not None:
            self._slot.clear()

    def close(self, keeps: bool) -> None:
        """Ends keeping; what was kept is left for the next start, or forgotten."""
        self._timer.stop()
        if not keeps:
            self._forget()
        found, self.found = self.found, []
        self._writer.finish()
        for slot in (self._slot, *(one.slot for one in found)):
            if slot is not None:
                slot.close()
        self._slot = None

    # --- recovery ------------------------------------------------------------------------------

    def look(self) -> None:
        """Looks for what windows have left that did not end properly."""
        self.found, told = find(self._folder)
        for message in told:
            self._store.notify("warning", message)
        self.found_changed.emit()

    def recover(self) -> None:
        """Puts the latest of what was found in force, once what is there is safe."""
        self._documents.when_safe(self._load)

    def _load(self) -> None:
        found, moment = self.found[0], self._store.moment

        def load() -> tuple[Loaded, Learned | None]:
            loaded = found.slot.load()
            return loaded, learned_of(loaded)

        def loaded(result: Any, error: Exception | None) -> None:
            if found not in self.found:
                return  # it was discarded meanwhile
            if self._store.moment is not moment:  # something else was done
                self.recover()
            else:
                self._recover(found, result, error)

        self._writer.put(load, loaded)

    def _recover(self, found: Found, result: Any, error: Exception | None) -> None:
        self.found.remove(found)
        if error is not None:
            found.slot.close()
            if not isinstance(error, UserError):
                raise error
            self._store.notify("error", error.message)
        else:
            (loaded, learned), saving = result, self._documents.saving
            path = Path(found.about.path) if found.about.path else None
            saving.take(None if path is None else saving.opening(path, found.about.version))
            self._documents.put(loaded, path, learned, saved=False)
            self._clear()
            if self._slot is not None:
                self._slot.close()
            # It is kept where it was found, until it is saved or something else is in force.
            self._slot = found.slot
            text = "This is your work as it was at {time}. Save it to keep it for good."
            self._store.notify("info", Message(text, time=when(found.about.at)))
        self.found_changed.emit()

    def discard(self) -> None:
        """Forgets the latest of what was found."""
        found = self.found.pop(0)
        found.slot.clear()
        found.slot.close()
        self.found_changed.emit()
