"""Recording: what a trainer tells its recorder; without one, and without memory, nothing."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

from netbuilder.data.dataset import Dataset
from netbuilder.document.model.project import TrainingSettings
from netbuilder.engine.plan import Plan
from netbuilder.engine.program import Program
from netbuilder.runs.recorder import Recorder
from netbuilder.runs.state import RunState


class Recorded(Protocol):
    """What is asked of a trainer. It is given with every call: kept, the two would form a ring."""

    plan: Plan
    dataset: Dataset
    step: int

    @property
    def program(self) -> Program: ...

    def state(self) -> RunState: ...


class Recording:
    """Where there is no memory for a moment, training goes on, and that moment is not kept."""

    def __init__(self) -> None:
        self.recorder: Recorder | None = None
        self.next: float = math.inf
        """The step from which on ``keep`` wants to be called."""

    def begin(self, recorder: Recorder, of: Recorded, goes_on: bool) -> None:
        """``goes_on``: with what is kept already, where that leads to this very moment."""
        self.recorder = recorder
        if goes_on and recorder.ends_at(of.state()):
            self.next = recorder.next
            return
        vector = of.program.flat_parameters
        self._tell(of, lambda to: to.begin(of.plan, of.dataset, of.step, of.state, vector))

    def keep(self, of: Recorded) -> None:
        self._tell(of, lambda to: to.record(of.step, of.state, of.program.flat_parameters))

    def rest(self, of: Recorded) -> None:
        self._tell(of, lambda to: to.rest(of.state(), of.program.flat_parameters))

    def leap(self, of: Recorded) -> None:
        self._tell(of, lambda to: to.leap(of.step, of.state, of.program.flat_parameters))

    def change(self, of: Recorded, old: TrainingSettings, new: TrainingSettings) -> None:
        if new != old:
            self._tell(of, lambda to: to.change(of.step, of.state, old, new))

    def reached(self, step: int, best: tuple[int, float] | None) -> None:
        if self.recorder is not None:
            self.recorder.reached(step, best)

    def _tell(self, of: Recorded, say: Callable[[Recorder], None]) -> None:
        if self.recorder is None:
            return
        try:
            say(self.recorder)
            self.next = self.recorder.next
        except MemoryError:
            self.next = 2 * of.step + 1
