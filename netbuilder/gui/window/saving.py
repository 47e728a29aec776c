"""Saving: puts the document into its file, which is held against other windows meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from PySide6.QtCore import QObject, Signal

from netbuilder.document.file.place import Place, Version
from netbuilder.document.file.storage import Loaded
from netbuilder.document.model.project import Project
from netbuilder.engine.program import Weights
from netbuilder.errors import UserError
from netbuilder.gui.window.writer import Writer
from netbuilder.runs.stored import RUN, step_of
from netbuilder.runs.stretch import Learned

PATIENCE = 10.0
"""Seconds that a save waits for the worker; then it takes what is known."""


class Content(NamedTuple):
    """What goes into a file; taken by the GUI thread, made and written by another."""

    project: Project
    asked: Callable[[float], Learned | None]
    sections: Mapping[str, bytes]

    def made(self, patience: float) -> tuple[Weights | None, Mapping[str, bytes], Learned | None]:
        """Weights and sections, and what was learned; what is the seed's alone is not kept."""
        learned = self.asked(patience)
        if learned is None or learned.fresh:
            return None, self.sections, learned
        return learned.weights, {**self.sections, **learned.stored()}, learned


class Saving(QObject):
    """Holds the file that the document is in, and writes it on a thread of its own."""

    changed = Signal()
    """Another file, or one that may be written or not, or is being written or not."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._writer = Writer(self)
        self.place: Place | None = None
        """Where the document is; None where it has no file yet."""
        self.name = ""
        """Of the file that is being written."""

    @property
    def busy(self) -> bool:
        """Whether something is being written, or waits to be."""
        return self._writer.busy

    def opening(self, path: Path, version: Version | None = None) -> Place:
        """The place of a file that is about to be read, to be handed to ``take``."""
        old = self.place
        if old is not None and old.lock is not None and old.is_of(path):
            return replace(old, path=path, version=version or Version.of(path))
        return Place.of(path, version)

    def take(self, place: Place | None) -> None:
        """The document is in another file from now on."""
        old, self.place = self.place, place
        if old is not None and (place is None or place.lock is not old.lock):
            old.release()
        self.changed.emit()

    def write(
        self,
        path: Path,
        content: Content,
        over: bool,
        then: Callable[[Learned | None, Exception | None], None],
    ) -> None:
        """Writes the file in its turn; ``then`` gets what was learned in it, or why it failed.

        Unless ``over``, what another program has written there meanwhile is left alone.
        """

        def write() -> tuple[Place, Learned | None]:
            # Nobody exchanges the place while something is being written.
            place = self.place
            known = place is not None and place.is_of(path)
            target = place if place is not None and known else Place(path, None, None)
            weights, sections, learned = content.made(PATIENCE)
            written = target.write(content.project, weights, sections, over=over or not known)
            return replace(written, path=path), learned

        def written(result: Any, error: Exception | None) -> None:
            if error is None:
                place, learned = result
                self.take(place)
                then(learned, None)
            else:
                then(None, _in_words(path, error))
            self.changed.emit()

        self.name = path.name
        self._writer.put(write, written)
        self.changed.emit()

    def close(self) -> None:
        """Writes what is still to be written, and lets go of the file."""
        self._writer.finish()
        self.take(None)


def _in_words(path: Path, error: Exception) -> Exception:
    if isinstance(error, MemoryError):
        return UserError(
            "{path} cannot be written: there is not enough memory for it.", path=str(path)
        )
    return error


def learned_of(loaded: Loaded) -> Learned | None:
    """What a file says its network has learned."""
    run = {name: data for name, data in loaded.sections.items() if name in RUN}
    if loaded.weights is None and not run:
        return None
    return Learned(loaded.weights or {}, step=step_of(run), sections=run)
