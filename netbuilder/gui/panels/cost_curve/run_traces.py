"""The traces of one run, fed from its log by only what is new."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.gui.panels.cost_curve.trace import Trace, nearest
from netbuilder.runs.log import MetricLog
from netbuilder.runs.snapshot import Snapshot

_EVALUATED = ("validation_cost", "train_accuracy", "validation_accuracy")


class RunTraces:
    """Costs and accuracies over the epochs, and the cost of every update where those are more."""

    def __init__(self, log: MetricLog) -> None:
        self.log = log
        self._forget()

    def _forget(self) -> None:
        self.traces = {name: Trace() for name in ("train_cost", *_EVALUATED)}
        self.updates = Trace()
        """Empty when an epoch is one update: then it would repeat the training cost."""
        self._rows = self._evaluations = self._updates = 0
        self._epoch: NDArray[Any] = np.empty(0)
        self._step: NDArray[Any] = np.empty(0)

    def follow(self) -> None:
        """Takes over what came since the last time."""
        rows, evaluations = self.log.rows(), self.log.evaluations()
        updates = self.log.updates()
        if len(rows["step"]) < self._rows or len(updates["step"]) < self._updates:
            # A very long log thins its older rows now and then; so it is read anew.
            self._forget()
        self._epoch, self._step = rows["epoch"], rows["step"]
        new = slice(self._rows, len(self._step))
        self.traces["train_cost"].extend(self._epoch[new], rows["train_cost"][new])
        self._rows = len(self._step)
        new = slice(self._evaluations, len(evaluations["step"]))
        for name in _EVALUATED:
            self.traces[name].extend(evaluations["epoch"][new], evaluations[name][new])
        self._evaluations = len(evaluations["step"])
        if len(updates["step"]) > self._rows + 1:
            # An update's place between two epochs is known once the later epoch is over.
            known = int(np.searchsorted(updates["step"], self._step[-1:].sum(), side="right"))
            new = slice(self._updates, known)
            self.updates.extend(self.epoch_of(updates["step"][new]), updates["cost"][new])
            self._updates = known

    @property
    def end(self) -> float:
        """The last epoch that anything is known of."""
        return max((float(t.x[-1]) for t in self.traces.values() if len(t)), default=0.0)

    def epoch_of(self, steps: NDArray[Any]) -> NDArray[Any]:
        """Where updates lie on the axis of epochs, a mini-batch's between two whole ones.

        steps: rising numbers of updates.
        """
        if not len(self._step) or not len(steps):
            return np.zeros(len(steps))
        first = max(0, int(np.searchsorted(self._step, steps[0])) - 1)
        last = int(np.searchsorted(self._step, steps[-1])) + 1
        known_steps, epochs = self._step[first:last], self._epoch[first:last]
        if first == 0 and known_steps[0] > 0:
            known_steps, epochs = np.append(0, known_steps), np.append(0, epochs)
        return np.interp(steps, known_steps, epochs)

    def reached(self, moment: Snapshot) -> float:
        """The epoch of the last row that there was at a moment of this run.

        A row of a full batch is about the weights that its update starts from, so the update that
        is still to come has none yet; a row of mini-batches is about an epoch that is over.
        """
        step = moment.step - 1 if moment.updates_per_epoch == 1 else moment.step
        return float(self.epoch_of(np.array([max(0, step)]))[0])

    def step_of(self, epoch: float) -> int:
        """The number of updates in the row nearest to an epoch."""
        return int(self._step[nearest(self._epoch, epoch)])
