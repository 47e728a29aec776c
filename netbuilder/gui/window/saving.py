"""Saving and opening, off the GUI thread: the document's file, held against other windows."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from PySide6.QtCore import QObject, Signal

from netbuilder.document.check.compile import compile_project
from netbuilder.document.file.place import Place, Version
from netbuilder.document.file.storage import Loaded, load
from netbuilder.document.model.datasets import dataset_of
from netbuilder.document.model.project import Project
from netbuilder.engine.program import Weights
from netbuilder.errors import UserError
from netbuilder.gui.window.writer import Writer
from netbuilder.runs.stored import of_run, step_of
from netbuilder.runs.stretch import Learned

_log = logging.getLogger(__name__)

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


class Opened(NamedTuple):
    """What was read, ready to be put in force; its place has to be taken, or given back."""

    place: Place
    loaded: Loaded
    learned: Learned | None


class Saving(QObject):
    """Holds the file that the document is in; reads and writes on a thread of its own."""

    changed = Signal()
    """Another file, or one that may be written or not, or is being read or written or not."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._writer = Writer(self)
        self.place: Place | None = None
        """Where the document is; None where it has no file yet."""
        self.name = ""
        """Of the file that is being read or written."""
        self.reads = False

    @property
    def busy(self) -> bool:
        """Whether something is being read or written, or waits to be."""
        return self._writer.busy

    def opening(self, path: Path, version: Version | None = None) -> Place:
        """The place of a file, to be handed to ``take`` or ``leave``."""
        old = self.place
        if old is not None and old.lock is not None and old.is_of(path):
            return replace(old, path=path, version=version or Version.of(path))
        return Place.of(path, version)

    def take(self, place: Place | None) -> None:
        """The document is in another file from now on."""
        old, self.place = self.place, place
        if old is not None:
            self.leave(old)
        self.changed.emit()

    def leave(self, place: Place) -> None:
        """Gives a place back that is not the document's."""
        if self.place is None or place.lock is not self.place.lock:
            place.release()

    def read(self, path: Path, then: Callable[[Opened | UserError], None]) -> None:
        """Reads a project file in its turn; ``then`` gets it, or why it cannot be had."""

        def read() -> Opened:
            place = self.opening(path)
            try:
                loaded = load(path)
                return Opened(place, loaded, learned_of(loaded))
            except BaseException:
                self.leave(place)
                raise

        self._do(path, True, read, lambda found, error: then(error or found))

    def _do(
        self,
        path: Path,
        reads: bool,
        do: Callable[[], Any],
        then: Callable[[Any, UserError | None], None],
    ) -> None:
        def done(result: Any, error: Exception | None) -> None:
            then(result, None if error is None else _in_words(path, error))
            self.changed.emit()

        self.name, self.reads = path.name, reads
        self._writer.put(do, done)
        self.changed.emit()

    def write(
        self,
        path: Path,
        content: Content,
        over: bool,
        then: Callable[[Learned | None, UserError | None], None],
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

        def written(result: Any, error: UserError | None) -> None:
            if error is None:
                place, learned = result
                self.take(place)
                then(learned, None)
            else:
                then(None, error)

        self._do(path, False, write, written)

    def close(self) -> None:
        """Writes what is still to be written, and lets go of the file."""
        self._writer.finish()
        self.take(None)


def _in_words(path: Path, error: Exception) -> UserError:
    if isinstance(error, UserError):
        return error
    if isinstance(error, MemoryError):
        return UserError("There is not enough memory for {file}.", file=path.name)
    _log.error("neither read nor written: %s", path, exc_info=error)
    return UserError(
        "Something went wrong in the program with {file} ({error}).",
        file=path.name,
        error=f"{type(error).__name__}: {error}",
    )


def learned_of(loaded: Loaded) -> Learned | None:
    """What a file says its network has learned; its run is read as far as that can be done."""
    run = of_run(loaded.sections)
    if loaded.weights is None and not run:
        return None
    learned = Learned(loaded.weights or {}, step=step_of(run), sections=run)
    # What is wrong with the run or the data is told by the store, which looks at both again.
    with contextlib.suppress(UserError):
        dataset = dataset_of(loaded.project.data)
        plan = compile_project(loaded.project, dataset.info).plan
        if plan is not None:
            return learned.read(plan, dataset)
    return learned
