"""The snapshot: one moment of a run, as the views get to see it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from netbuilder.document.check.problems import Fix
from netbuilder.engine.program import Plan, Weights
from netbuilder.errors import Message
from netbuilder.runs.log import MetricLog
from netbuilder.runs.recorder import Recorder
from netbuilder.runs.stretch import Branch, Stretch

STATES = ("idle", "running", "paused", "finished", "diverged", "failed")
"""idle: new or reset. finished: a stop condition was met. failed: an error stopped it."""


@dataclass(frozen=True, eq=False)
class Remedy:
    """What helps a run that diverged, in one click."""

    fix: Fix
    begins: bool = False
    """Whether training begins anew with it; else it goes on from where it is."""


@dataclass(frozen=True, eq=False)
class Snapshot:
    """One moment of a run. Its arrays are copies that nobody changes any more."""

    run: int
    """The number of its run; a run that is gone back to, and has not gone on since, keeps it."""
    plan: Plan
    epoch: int
    """Epochs done."""
    step: int
    """Updates done."""
    cost: float
    """The last cost J that was measured; NaN before there is one. The log has the exact ones."""
    weights: Weights
    gradients: Weights
    """dW and db of the last update; empty before the first one with this network."""
    updates_per_second: float
    """0 unless running; the time the window takes is counted in."""
    state: str
    """One of STATES."""
    log: MetricLog
    message: Message | None = None
    """Why training stopped, when it stopped by itself."""
    goal: int = 0
    """The epoch at which training will stop; 0 when it goes on for ever."""
    updates_per_epoch: int = 1
    before: Weights = field(default_factory=dict)
    """The weights before the last update; empty where they are not known (see Trainer.before)."""
    learning_rate: float = math.nan
    """In force at the next update: what the schedule has made of the setting."""
    recorder: Recorder | None = None
    """What is kept of the run; None where nobody asked for it."""
    stretch: Stretch | None = None
    """The part of a document's history that it belongs to."""
    parent: Branch | None = None
    """Where its run branched off from another one; None where it began by itself."""
    remedies: tuple[Remedy, ...] = ()
    """What helps a run that diverged, the best first."""
    exact: bool = True
    """Whether it is the moment itself, and not the film's nearest frame."""

    def sharing(self, last: Snapshot | None) -> Snapshot:
        """With the arrays of the last snapshot where nothing was learned since.

        After a mere change of settings they are the same objects, so that nobody looks twice.
        """
        if last is None or (last.run, last.step) != (self.run, self.step):
            return self
        pairs = [(getattr(self, name), getattr(last, name)) for name in _ARRAYS]
        if all(
            mine.keys() == other.keys()
            and all(np.array_equal(mine[key], other[key]) for key in mine)
            for mine, other in pairs
        ):
            return replace(self, **{name: getattr(last, name) for name in _ARRAYS})
        return self


_ARRAYS = ("weights", "gradients", "before")


def drawn_from(stretch: Stretch, last: Snapshot | None) -> dict[str, str]:
    """By node, the initialiser that its trained weights began with, where that is known.

    ``last`` is the last snapshot. What is not trained yet is left out, as it is drawn anew at once.
    """
    fresh = last is None or (last.step == 0 and last.stretch in (stretch, stretch.source))
    return {} if fresh or not stretch.touched else stretch.drawn
