"""Replay: any moment of a recorded run, exactly, by training on from the keyframe before it."""

from __future__ import annotations

import dataclasses
import threading

from netbuilder.runs.recorder import Passage, Recorder, Stretch
from netbuilder.runs.snapshot import Snapshot
from netbuilder.runs.state import RunState
from netbuilder.training.trainer import Limit, Trainer


class Replay:
    """Goes to and fro in a run that may go on meanwhile. Belongs to one thread.

    Setting ``interrupt``, from any thread, ends the search that is under way, which then gives
    None; whoever asks next clears it before.
    """

    def __init__(self, recorder: Recorder, interrupt: threading.Event | None = None) -> None:
        self.interrupt = threading.Event() if interrupt is None else interrupt
        self._recorder = recorder
        self._trainer: Trainer | None = None
        self._stretch: Stretch | None = None
        self._changes = 0

    def state(self, step: int) -> RunState | None:
        """The state after so many updates, with the changes of settings made there.

        None for a step that the run has not come to, or that is no longer kept.
        """
        trainer = self._to(step, updates=0)
        return None if trainer is None else trainer.state()

    def snapshot(self, step: int, live: Snapshot) -> Snapshot | None:
        """That moment as views get to see it; ``live`` is a snapshot of the same run.

        Gradients and the weights before the last update are there as they were.
        """
        trainer = self._to(step, updates=1)
        if trainer is None:
            return None
        return dataclasses.replace(
            trainer.snapshot(live.run, "paused"), log=live.log, recorder=live.recorder
        )

    def _to(self, step: int, updates: int) -> Trainer | None:
        passage = self._recorder.passage(step, updates)
        if passage is None:
            return None
        trainer = self._beginning(passage, step - updates)
        start = passage.start.changes
        for number, change in enumerate(passage.changes, start):
            if number >= self._changes:
                if not self._train(trainer, change.step):
                    return None
                trainer.settings = change.new
                self._changes = number + 1
        return trainer if self._train(trainer, step) else None

    def _beginning(self, passage: Passage, latest: int) -> Trainer:
        """The trainer to go on with: the last one, where it is on the way, as in a film."""
        start, trainer = passage.start, self._trainer
        if (
            trainer is None
            or self._stretch is not start.stretch
            or not start.state.step <= trainer.step <= latest
            or self._changes < start.changes
        ):
            trainer = Trainer.from_state(
                start.stretch.plan, start.stretch.dataset, start.state, interrupt=self.interrupt
            )
            self._trainer, self._stretch = trainer, start.stretch
            self._changes = start.changes
        return trainer

    def _train(self, trainer: Trainer, step: int) -> bool:
        """To a step, through stop conditions as they were; False when interrupted on the way."""
        while trainer.step < step:
            if self.interrupt.is_set():
                return False
            trainer.limit = Limit(seconds=None, updates=step - trainer.step)
            next(trainer.bursts())
        return True
