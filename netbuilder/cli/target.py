"""The file that a run is written to: held against others, and what they wrote is left as it is."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from netbuilder.cli.terminal import notices
from netbuilder.document.file.lock import COMMAND
from netbuilder.document.file.place import Changed, Place
from netbuilder.document.model.project import Project
from netbuilder.errors import UserError
from netbuilder.runs.recorder import Recorder
from netbuilder.runs.state import RunState
from netbuilder.runs.stored import sections_of
from netbuilder.training.trainer import Trainer


class Target:
    """Held from its making to the end of its block; raises Locked where another one holds it."""

    def __init__(self, path: Path) -> None:
        self._place = Place.taken(path, COMMAND)
        self.epoch: int | None = None
        """Of what was written; None where nothing was."""
        self.is_beside = False
        """Whether it was written beside the file, which another program has changed."""

    def __enter__(self) -> Target:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._place.release()

    @property
    def path(self) -> Path:
        return self._place.path

    def write(
        self,
        project: Project,
        sections: Mapping[str, bytes],
        state: RunState,
        trainer: Trainer,
        recorder: Recorder,
    ) -> None:
        """Writes a moment of the trainer's run; raises UserError when that fails."""
        state = dataclasses.replace(state, settings=project.training)
        run = sections_of(state, trainer.log, recorder)
        content = project, state.weights(trainer.plan), {**sections, **run}
        try:
            self._place = self._place.write(*content)
        except Changed:
            beside = Place.taken(_beside(self.path), COMMAND)
            self._place.release()
            self._place = beside
            self._place = self._place.write(*content)
            self.is_beside = True
        self.epoch = state.epoch


def _beside(path: Path) -> Path:
    """A name like it that no file has."""
    number, found = 2, path.with_stem(f"{path.stem}-trained")
    while found.exists():
        number, found = number + 1, path.with_stem(f"{path.stem}-trained-{number}")
    return found


class Checkpoints:
    """Writes the run every so many minutes, as long as it is a good one."""

    def __init__(
        self,
        minutes: float,
        target: Target,
        project: Project,
        sections: Mapping[str, bytes],
        trainer: Trainer,
        recorder: Recorder,
    ) -> None:
        self._seconds, self._target = 60 * minutes, target
        self._project, self._sections, self._trainer = project, sections, trainer
        self._recorder = recorder
        self._next = time.monotonic() + self._seconds
        self._waits = False
        self._written = trainer.step

    def look(self) -> None:
        """To be called after every burst."""
        if self._waits:
            # What a moment is worth shows only in the cost of the update that starts from it.
            self._waits = False
            self._write()
        elif time.monotonic() >= self._next:
            self._trainer.rest()
            self._waits = True

    def _write(self) -> None:
        self._next = time.monotonic() + self._seconds
        step = self._recorder.good(self._trainer.log, self._trainer.updates_per_epoch)
        states = [keyframe.state for keyframe in self._recorder.keyframes]
        for state in states:
            if state.step == step and step > self._written:
                try:
                    self._target.write(
                        self._project, self._sections, state, self._trainer, self._recorder
                    )
                except UserError as error:
                    notices([f"note: no checkpoint: {error}"])
                else:
                    self._written = step
