"""The recorder: keeps a run within a budget, so that any of its moments can be had again."""

from __future__ import annotations

import bisect
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from netbuilder.data.dataset import Dataset
from netbuilder.document.check.memory import RECORDED
from netbuilder.document.model.project import TrainingSettings
from netbuilder.engine.buffers import cut
from netbuilder.engine.plan import Plan
from netbuilder.engine.program import Weights
from netbuilder.runs.log import MetricLog
from netbuilder.runs.shelf import Shelf
from netbuilder.runs.state import RunState

Array = NDArray[Any]

BUDGET = RECORDED
"""Bytes for a run, unless told otherwise."""
_FRAME_OVERHEAD = 400
"""Bytes that a frame of the film takes beside its numbers, found with tracemalloc."""
_LARGEST = 65504.0
"""Of float16: weights beyond it are shown as this."""
_GOOD = 2.0
"""A cost up to so many times the lowest so far is a good one."""
_IN_COST = ("l2", "l1", "class_weights")
"""Settings with which costs cannot be compared to those before."""
_EXPLODED = 100.0
"""A cost of so many times what it was at first, or of so much where that was below 1."""
_SMOOTH = 50
"""The costs of mini-batches are averaged over an epoch, but over no more updates than this."""


@dataclass(frozen=True, eq=False)
class Stretch:
    """A part of a run without a leap: one network, the same examples, training all the way."""

    plan: Plan
    dataset: Dataset
    number: int


def _bends(old: TrainingSettings, new: TrainingSettings) -> bool:
    """Whether costs cannot be compared across this change."""
    return any(getattr(old, name) != getattr(new, name) for name in _IN_COST)


def _still() -> float:
    return 0.0


class Keyframe(NamedTuple):
    """A moment that is kept exactly."""

    state: RunState
    stretch: Stretch
    changes: int
    """How many of the run's changes are in it."""


class Frame(NamedTuple):
    """A moment of the film: its weights in float16, for a quick look."""

    step: int
    stretch: Stretch
    parameters: Array

    def weights(self) -> Weights:
        """By name, in float32."""
        plan = self.stretch.plan
        return cut(self.parameters.astype(np.float32), plan, plan.stored)


class Change(NamedTuple):
    """Settings that were exchanged; the first update with the new ones has this number."""

    step: int
    old: TrainingSettings
    new: TrainingSettings


class Passage(NamedTuple):
    """The way to a moment: from a keyframe's state through the changes that follow it."""

    start: Keyframe
    changes: tuple[Change, ...]


class Recorder:
    """Three quarters of the budget are for keyframes, one for the film.

    The thread that trains writes; every thread may read at any time, and finds what belongs
    together. A run keeps one recorder, whatever is exchanged in it.
    """

    def __init__(
        self, budget: int = BUDGET, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._keyframes: Shelf[Keyframe] = Shelf(budget * 3 // 4, clock)
        self._film: Shelf[Frame] = Shelf(budget // 4, clock)
        self.next: float = math.inf
        """The step from which on ``record`` wants to be called."""
        self.step = 0
        """How far the run has come."""
        self.changes: tuple[Change, ...] = ()
        """All changes of settings, in order."""
        self.leaps: tuple[int, ...] = ()
        """The steps at which stretches begin; the first is where the run does."""
        self.best: tuple[int, float] | None = None
        """Step and cost of the best moment: by validation cost where there is one, else by the
        training cost. None before there is any cost, and again with another network or data."""
        self._stretch: Stretch | None = None
        self._comparable_from = 0

    @classmethod
    def of(
        cls, keyframes: Sequence[Keyframe], changes: tuple[Change, ...], step: int, log: MetricLog
    ) -> Recorder:
        """Of a run that has come so far, of which there are these keyframes, all of one network.

        ``changes`` are those since the first of them, and ``log`` is the run's.
        """
        found, first = cls(), keyframes[0]
        found.changes, found.leaps, found.step = changes, (first.state.step,), step
        spared = {change.step for change in changes}
        for keyframe in keyframes:
            state = keyframe.state
            found._stretch = keyframe.stretch
            found._keyframes.add(state.step, keyframe, state.nbytes, state.step in spared)
            found._film.add(state.step, *found._frame(state.step, state.parameters))
        bent = (change.step for change in changes if _bends(change.old, change.new))
        found._comparable_from = max(bent, default=first.state.step)
        found.best = log.best(first.state.step)
        found._keyframes.best = -1 if found.best is None else found.best[0]
        return found

    # --- reading, from any thread ------------------------------------------------------------

    @property
    def nbytes(self) -> int:
        return self._keyframes.nbytes + self._film.nbytes

    @property
    def first(self) -> int:
        """The step from which on anything is kept."""
        leaps = self.leaps
        return leaps[0] if leaps else self.step

    @property
    def keyframes(self) -> list[Keyframe]:
        """All that are kept, in order."""
        return [keyframe for _, keyframe in self._keyframes.items()]

    @property
    def frames(self) -> list[int]:
        """The steps of all frames of the film, in order."""
        return self._film.steps

    def frame(self, step: int) -> Frame | None:
        """The nearest frame of the film, at once; of the network that this step had."""
        before, after = self._film.at(step), self._film.after(step)
        if before is None or after is None:
            return before or after
        nearer = after.step - step < step - before.step
        return after if nearer and after.stretch.number == self._number(step) else before

    def passage(self, step: int, updates: int = 0) -> Passage | None:
        """The way to a step that makes at least so many updates; fewer where a stretch begins.

        None for a step that the run has not come to, or whose stretch is no longer kept.
        """
        number = self._number(step)
        for wanted in (step - updates, step) if updates else (step,):
            start = self._keyframes.at(wanted)
            # A stretch that begins at this moment has its keyframe before it is a leap.
            if step <= self.step and start is not None and start.stretch.number >= number:
                later = self.changes[start.changes :]
                return Passage(start, tuple(change for change in later if change.step <= step))
        return None

    def _number(self, step: int) -> int:
        """Of the stretch that a step belongs to; where two meet, of the second."""
        return bisect.bisect_right(self.leaps, step) - 1

    def good(self, log: MetricLog, window: int = 1) -> int | None:
        """The step of the last keyframe before the cost began to grow without bound.

        It is the last one whose cost is finite and at most 2 times the lowest one so far, since
        network and data are what they are. Its cost is that of the update which starts from it,
        averaged with those before it over ``window`` updates, but no more than 50: as many as make
        an epoch, for the cost of a mini-batch says little.
        """
        steps, means = self._smooth(log, window)
        with np.errstate(all="ignore"):
            fine = np.isfinite(means) & (means <= _GOOD * np.fmin.accumulate(means))
        for step in reversed(self._keyframes.steps):
            place = int(np.searchsorted(steps, step))
            # Of what was long ago the log has but the extremes: those on both sides stand for it.
            if place < len(steps) and fine[place] and (steps[place] == step or fine[place - 1]):
                return step
        return None

    def exploded(self, log: MetricLog, window: int = 1) -> tuple[float, float] | None:
        """The cost now and at first, where it has grown without bound though it is finite.

        Averaged over ``window`` updates as in ``good``. None where it has not grown so: a run that
        learns badly is no such run.
        """
        _, means = self._smooth(log, window)
        if len(means) == 0 or means[-1] <= _EXPLODED * max(means[0], 1.0):
            return None
        return float(means[-1]), float(means[0])

    def _smooth(self, log: MetricLog, window: int) -> tuple[Array, Array]:
        """Steps and mean costs of the updates since these can be compared."""
        columns = log.updates()
        first = int(np.searchsorted(columns["step"], self._comparable_from))
        steps, costs = columns["step"][first:], columns["cost"][first:]
        window = max(1, min(window, _SMOOTH))
        if window == 1 or len(costs) == 0:
            return steps, costs
        with np.errstate(all="ignore"):
            padded = np.concatenate([np.full(window - 1, costs[0]), costs])
            return steps, sliding_window_view(padded, window).mean(axis=1)

    def ends_at(self, state: RunState) -> bool:
        """Whether what is kept leads to this moment, so that training can go on without a leap."""
        newest = self._keyframes.at(self.step)
        return (
            self.step == state.step
            and newest is not None
            and newest.stretch is self._stretch
            and (newest.state.network, newest.state.data) == (state.network, state.data)
        )

    # --- writing, by the thread that trains --------------------------------------------------

    def begin(
        self,
        plan: Plan,
        dataset: Dataset,
        step: int,
        take: Callable[[], RunState],
        parameters: Array,
    ) -> None:
        """A network with its examples: what follows goes on from this moment."""
        self.best, self._comparable_from = None, step
        self._keyframes.best = -1
        self._stretch = Stretch(plan, dataset, len(self.leaps))
        self._leap(step, take, parameters)

    def until(self, state: RunState, log: MetricLog) -> Recorder:
        """A recorder for a run that forks off at a moment of this one's last stretch.

        It has the way to there. ``log`` is the fork's: as this run's was then. For the thread that
        trains.
        """
        found, stretch, step = Recorder(), self._stretch, state.step
        if stretch is None or step < self.leaps[-1]:
            return found
        changes = [change for change in self.changes if change.step < step]
        at_once = [change for change in self.changes if change.step == step]
        while at_once and at_once[-1].new != state.settings:
            at_once.pop()
        changes += at_once
        # A keyframe of this very step may have been made after a change that is not in the state.
        last = step
        while (newest := self._keyframes.at(last)) is not None and newest.changes > len(changes):
            last = newest.state.step - 1
        found._keyframes, found._film = self._keyframes.until(last), self._film.until(step)
        found.changes, found.leaps, found.step = tuple(changes), self.leaps, step
        found._stretch, found._comparable_from = stretch, self._comparable_from
        if self.best is not None and self.best[0] <= step:
            found.best = self.best
        else:
            found.best = log.best(self.leaps[-1])
        found._keyframes.best = -1 if found.best is None else found.best[0]
        return found

    def leap(self, step: int, take: Callable[[], RunState], parameters: Array) -> None:
        """What follows goes on from this moment, and not from the one before it."""
        old = self._stretch
        assert old is not None
        self._stretch = Stretch(old.plan, old.dataset, len(self.leaps))
        self._leap(step, take, parameters)

    def _leap(self, step: int, take: Callable[[], RunState], parameters: Array) -> None:
        self.step = step
        try:
            self._keyframes.offer(step, lambda: self._keyframe(take()), spared=True, must=True)
            self._film.offer(step, lambda: self._frame(step, parameters), spared=True, must=True)
        finally:
            # Last, so that nobody looks for what is not there yet.
            self.leaps = (*self.leaps, step)
            self._plan_ahead()

    def record(self, step: int, take: Callable[[], RunState], parameters: Array) -> None:
        """Keeps of this moment what is due; ``take`` gives its state, dear for a large network."""
        if step >= self._keyframes.next:
            self._keyframes.offer(step, lambda: self._keyframe(take()))
        if step >= self._film.next:
            self._film.offer(step, lambda: self._frame(step, parameters))
        self.step = max(self.step, step)
        self._plan_ahead()

    def change(
        self,
        step: int,
        take: Callable[[], RunState],
        old: TrainingSettings,
        new: TrainingSettings,
    ) -> None:
        """Other settings are about to take effect."""
        if _bends(old, new):
            self._comparable_from = step
        newest = self._keyframes.at(step)
        try:
            if newest is not None and newest.state.step == step:
                self._keyframes.spare_newest()
            else:
                self._keyframes.offer(step, lambda: self._keyframe(take()), spared=True)
        finally:  # with or without the memory for a keyframe
            self.step = step
            self.changes = (*self.changes, Change(step, old, new))
            self._plan_ahead()

    def rest(self, state: RunState, parameters: Array) -> None:
        """Training rests: this moment is the last one, until there is a later one."""
        newest = self._keyframes.at(state.step)
        if newest is None or newest.state.step < state.step:
            self._keyframes.add(state.step, *self._keyframe(state))
            self._film.add(state.step, *self._frame(state.step, parameters))
        self.step = state.step
        self._plan_ahead()

    def reached(self, step: int, best: tuple[int, float] | None) -> None:
        """How far training has come, and the lowest cost on the way there with its step."""
        self.step = step
        if best is not None and (self.best is None or best[1] < self.best[1]):
            self.best = best
            self._keyframes.best = best[0]

    def unhurried(self, budget: int) -> Recorder:
        """With another budget, and without a thought of the time that keeping moments takes.

        So the same training keeps the same moments, which is worth a small budget.
        """
        self.limit(budget)
        self._keyframes.clock = self._film.clock = _still
        return self

    def limit(self, budget: int) -> None:
        """Another budget from now on."""
        self._keyframes.budget, self._film.budget = budget * 3 // 4, budget // 4
        self._keyframes.fit()
        self._film.fit()

    def _keyframe(self, state: RunState) -> tuple[Keyframe, int]:
        assert self._stretch is not None
        return Keyframe(state, self._stretch, len(self.changes)), state.nbytes

    def _frame(self, step: int, parameters: Array) -> tuple[Frame, int]:
        assert self._stretch is not None
        small = np.clip(parameters, -_LARGEST, _LARGEST).astype(np.float16)
        return Frame(step, self._stretch, small), small.nbytes + _FRAME_OVERHEAD

    def _plan_ahead(self) -> None:
        self.next = min(self._keyframes.next, self._film.next)
