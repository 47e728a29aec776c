"""Replay: any moment of a recorded run, exactly, by training on from the keyframe before it."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator

from netbuilder.runs.recorder import Keyframe, Passage, Recorder, Stretch
from netbuilder.runs.snapshot import Snapshot
from netbuilder.runs.state import RunState
from netbuilder.training.trainer import Limit, Trainer

_APART = 0.025
"""Seconds of training between two moments that are kept on the way."""
_MEMORY = 32 * 2**20
"""Bytes for them."""


class Replay:
    """Goes to and fro in a run that may go on meanwhile. Belongs to one thread at a time.

    Where keyframes are far apart it keeps some moments of the way from one of them, so that what is
    looked for next is found sooner where it is near; an interrupted search is not in vain either.

    Setting ``interrupt``, from any thread, ends the search that is under way, which then gives
    None; whoever asks next clears it before.
    """

    def __init__(self, recorder: Recorder, interrupt: threading.Event | None = None) -> None:
        self.interrupt = threading.Event() if interrupt is None else interrupt
        self._recorder = recorder
        self._trainer: Trainer | None = None
        self._stretch: Stretch | None = None
        self._changes = 0
        self._way: list[Keyframe] = []

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
        start, trainer = self._nearest(passage.start, latest), self._trainer
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

    def _nearest(self, start: Keyframe, latest: int) -> Keyframe:
        """The keyframe, or what is kept of the way from it."""
        first = start.state.step
        near = [
            point
            for point in self._way
            if point.stretch is start.stretch and first < point.state.step <= latest
        ]
        return max(near, key=lambda point: point.state.step, default=start)

    def _train(self, trainer: Trainer, step: int) -> bool:
        """To a step, through stop conditions as they were; False when interrupted on the way."""
        bursts: Iterator[int] = iter(())
        while trainer.step < step:
            if self.interrupt.is_set():
                self._keep(trainer)
                return False
            trainer.limit = Limit(seconds=_APART, updates=step - trainer.step)
            if next(bursts, None) is None:
                bursts = trainer.bursts()
            elif trainer.step < step:
                self._keep(trainer)
        return True

    def _keep(self, trainer: Trainer) -> None:
        """Keeps a moment of the way; where that becomes too much, each second one goes."""
        assert self._stretch is not None
        if any(point.state.step == trainer.step for point in self._way):
            return
        self._way.append(Keyframe(trainer.state(), self._stretch, self._changes))
        while sum(point.state.nbytes for point in self._way) > _MEMORY:
            del self._way[::2]
