"""A run: what is being trained and how far it has come, and how it goes on with another network."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from netbuilder.data.dataset import Dataset
from netbuilder.document.check.compile import surviving
from netbuilder.document.model.project import TrainingSettings
from netbuilder.engine.program import Plan, Weights
from netbuilder.errors import Message
from netbuilder.runs.log import MetricLog
from netbuilder.runs.recorder import Recorder
from netbuilder.runs.state import RunState
from netbuilder.training.trainer import Trainer


@dataclass(eq=False)
class Run:
    """Enough to make its trainer, and to make it again when that failed."""

    plan: Plan
    dataset: Dataset
    settings: TrainingSettings
    seed: int
    weights: Weights | None = None
    """What the trainer starts from, when that is not the seed's initial weights."""
    number: int = 1
    log: MetricLog = field(default_factory=lambda: MetricLog(bounded=True))
    recorder: Recorder = field(default_factory=Recorder)
    step: int = 0
    epoch: int = 0
    start: RunState | None = None
    """The moment it goes on from, exactly, when it is a fork of another run or from a file."""

    @classmethod
    def fork(cls, plan: Plan, dataset: Dataset, state: RunState, log: MetricLog) -> Run:
        """A run that goes on from a moment of another one, which had this log until then."""
        return cls(
            plan,
            dataset,
            state.settings,
            state.seed,
            log=log.until(state),
            step=state.step,
            epoch=state.epoch,
            start=state,
        )

    def trainer(self, interrupt: threading.Event) -> Trainer:
        """Raises UserError or MemoryError when there can be none."""
        if self.start is not None:
            trainer = Trainer.from_state(
                self.plan, self.dataset, self.start, log=self.log, interrupt=interrupt
            )
            trainer.settings = self.settings
            trainer.record(self.recorder)
            return trainer
        trainer = Trainer(
            self.plan,
            self.dataset,
            self.settings,
            self.seed,
            self.weights,
            log=self.log,
            step=self.step,
            epoch=self.epoch,
            interrupt=interrupt,
        )
        trainer.measure()
        trainer.record(self.recorder)
        return trainer

    def reset(self, seed: int | None) -> Run:
        """From the start again, with the seed's initial weights and a new log."""
        seed = self.seed if seed is None else seed
        return Run(self.plan, self.dataset, self.settings, seed, number=self.number + 1)

    def differs_only_in_words(self, other: Run) -> bool:
        """Whether it is the same but for the layers' names and the settings."""
        return (
            self.dataset is other.dataset
            and self.seed == other.seed
            and _without_names(self.plan) == _without_names(other.plan)
        )

    def goes_on_from(self, old: Run, weights: Weights) -> None:
        """Takes over counters and log, and those of the weights, the old run's, that still fit."""
        if self.weights is None and (old.step or old.weights is not None):
            self.weights = surviving(weights, old.plan, self.plan)
        self.number, self.log, self.recorder = old.number, old.log, old.recorder
        self.step, self.epoch = old.step, old.epoch
        if old.step:
            same_network = _without_names(self.plan) == _without_names(old.plan)
            what = Message("data changed") if same_network else Message("network changed")
            self.log.mark(self.step, what)


def _without_names(plan: Plan) -> Plan:
    """A plan for comparing: what the user calls a layer is no part of what it computes."""
    nodes = tuple(dataclasses.replace(node, name="") for node in plan.nodes)
    return dataclasses.replace(plan, nodes=nodes)


@dataclass(eq=False)
class Load:
    """The command to go on with another run's network and data, or to begin that run."""

    obey: Callable[[Run, bool], None]
    run: Run
    begins: bool

    def __call__(self) -> None:
        self.obey(self.run, self.begins)

    def overtakes(self, earlier: Callable[[], None]) -> bool:
        """Whether an earlier command that was not obeyed yet no longer matters."""
        if not isinstance(earlier, Load):
            return False
        brings_weights = earlier.run.weights is not None and self.run.weights is None
        return self.begins or not (earlier.begins or brings_weights)
