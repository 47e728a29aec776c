"""The lesson: how a network came to be trained, for code that trains it anew."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from netbuilder.data.dataset import Dataset, Part
from netbuilder.document.model.project import Project, TrainingSettings
from netbuilder.engine.plan import Plan
from netbuilder.engine.program import Program, Weights
from netbuilder.errors import UserError
from netbuilder.runs.log import MetricLog
from netbuilder.runs.recorder import Recorder

_COSTS = 10
"""Of a run about so many costs are told, and the last one."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """The settings, the examples and what is known of the run; the rest is found when asked for."""

    project: Project
    plan: Plan
    dataset: Dataset
    log: MetricLog | None = None
    recorder: Recorder | None = None

    @property
    def settings(self) -> TrainingSettings:
        return self.project.training

    @property
    def seed(self) -> int:
        return self.project.seed

    @property
    def train(self) -> Part:
        return self.dataset.train

    @cached_property
    def initial(self) -> Weights:
        """The weights that the run began with; those of the seed where there is no run."""
        keyframes = [] if self.recorder is None else self.recorder.keyframes
        first = keyframes[0].state if keyframes else None
        if first is not None and first.step == 0:
            with contextlib.suppress(UserError):  # of another network, which was edited since
                first.check(self.plan, self.dataset)
                return first.weights(self.plan)
        return Program(self.plan, dtype=self.settings.dtype, seed=self.seed).weights()

    @cached_property
    def costs(self) -> Mapping[int, float]:
        """Some of the run's by epoch, as its log has them; none where there is no run."""
        return _costs(self.log)


def _costs(log: MetricLog | None) -> dict[int, float]:
    rows = {} if log is None else log.rows()
    if not rows or not len(rows["epoch"]):
        return {}
    epochs, costs = rows["epoch"].tolist(), rows["train_cost"].tolist()
    every = next(
        step
        for power in range(10)
        for step in (10**power, 2 * 10**power, 5 * 10**power)
        if step * _COSTS >= epochs[-1]
    )
    pairs = list(zip(epochs, costs, strict=True))
    return dict([pair for pair in pairs if pair[0] % every == 0] + pairs[-1:])
