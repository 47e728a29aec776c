"""A run: what is being trained and how far it has come, and how it goes on with another network."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from netbuilder import numbers, threads
from netbuilder.data.dataset import Dataset
from netbuilder.document.model.project import TrainingSettings
from netbuilder.engine.program import Plan, Weights
from netbuilder.errors import Message
from netbuilder.runs.growing import grown
from netbuilder.runs.log import MetricLog
from netbuilder.runs.recorder import BUDGET, Recorder
from netbuilder.runs.state import RunState
from netbuilder.runs.stretch import Branch, Learned, Stretch, Typed, same_network
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
    number: int = 0
    """0 until it is given one."""
    log: MetricLog = field(default_factory=lambda: MetricLog(bounded=True))
    recorder: Recorder = field(default_factory=Recorder)
    step: int = 0
    epoch: int = 0
    start: RunState | None = None
    """The moment it goes on from, exactly, when it is a fork of another run or from a file."""
    stretch: Stretch | None = None
    """The part of a document's history that it belongs to."""
    parent: Branch | None = None
    """Where it branched off from another run."""
    grows: bool = True
    """Whether an edit of the network changes as little as possible of what it says."""
    typed: tuple[Typed, ...] = ()
    """Numbers in the start, or in the weights, that no training has come to."""

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

    def good(self, window: int) -> RunState | None:
        """The last moment before the cost grew without bound, see ``Recorder.good``."""
        step = self.recorder.good(self.log, window)
        kept = reversed(self.recorder.keyframes)
        return next((frame.state for frame in kept if frame.state.step == step), None)

    def back_to(self, state: RunState) -> Run:
        """A run of its own from an earlier moment of this one, with the settings as they are now.

        This one, with its log and its recorder, stays as it is.
        """
        found = Run.fork(self.plan, self.dataset, state, self.log)
        found.settings, found.stretch = self.settings, self.stretch
        found.parent = Branch(self.number, state.step)
        found.recorder = self.recorder.until(state, found.log)
        return found

    def trainer(self, interrupt: threading.Event) -> Trainer:
        """Raises UserError or MemoryError when there can be none."""
        # It is the window's, and one core is for painting.
        batch = min(self.settings.batch_size or self.dataset.train.m, self.dataset.train.m)
        most = max(1, threads.cores() - 1)
        threads.use(threads.worth(self.plan.largest_product * batch, most))
        if self.start is not None:
            trainer = Trainer.from_state(
                self.plan, self.dataset, self.start, log=self.log, interrupt=interrupt
            )
            if self.typed:
                trainer.measure()
            trainer.record(self.recorder, goes_on=not self.typed)
            trainer.settings = self.settings
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
        return Run(
            self.plan,
            self.dataset,
            self.settings,
            seed,
            stretch=self.stretch,
        )

    def differs_only_in_words(self, other: Run) -> bool:
        """Whether it is the same but for the layers' names and the settings."""
        return (
            self.dataset is other.dataset
            and self.seed == other.seed
            and same_network(self.plan, other.plan)
        )

    def goes_back_to(self, learned: Learned, forks: bool) -> None:
        """Goes on from a moment exactly where that can be, else from the weights that fit.

        It is the same run as then, unless that has gone on since, or it ``forks``.
        """
        self.start = learned.goes_on(self.plan, self.dataset, self.seed)
        if self.start is None:
            self.weights = learned.surviving(self.plan)
            return
        self._take_over(learned, forks)
        self.step, self.epoch = self.start.step, self.start.epoch

    def _take_over(self, learned: Learned, forks: bool = False) -> None:
        """Number, log and recorder of the run that a moment is of; a fork has its own."""
        log = learned.log
        if log is not None and learned.is_last and not forks:
            log.marks = learned.marks
            self.log, self.number, self.parent = log, learned.run, learned.parent
            if learned.recorder is not None:
                self.recorder = learned.recorder
                self.recorder.limit(BUDGET)  # at rest it may have been given less
            return
        self.log = learned.log_until_then() or self.log
        if learned.recorder is not None and learned.state is not None:
            self.recorder = learned.recorder.until(learned.state, self.log)
        if learned.run:
            self.parent = Branch(learned.run, learned.step)

    def takes(self, learned: Learned, now: Callable[[], Learned | None]) -> None:
        """Weights that it is to go on with; numbers that were typed are put into those of now.

        There the optimiser's moments stay, and so does the place in the epoch.
        """
        found = now() if learned.typed else None
        if found is None:
            self.weights = learned.surviving(self.plan)
            return
        self.typed, state = learned.typed, found.goes_on(self.plan, self.dataset, self.seed)
        self.weights = found.surviving(self.plan)
        if state is not None:
            self.start = state.with_typed(self.plan, (typed[:3] for typed in self.typed))
            self.weights = self.start.weights(self.plan)
            return
        for key, at, value, _ in self.typed:
            self.weights[key] = self.weights[key].copy()
            self.weights[key][at] = value

    def goes_on_from(self, old: Run, learned: Learned) -> None:
        """Takes over counters and log, and those of the weights, the old run's, that still fit."""
        brought = self.weights is not None
        self.number, self.recorder, self.parent = old.number, old.recorder, old.parent
        self.log = old.log
        self._follow(learned)
        if self.step:
            if self.typed:
                place, value = self.typed[-1].place, self.typed[-1].value
                what = Message("{place} = {value}", place=place, value=numbers.number(value))
            elif brought:
                what = Message("weights loaded")
            elif same_network(self.plan, old.plan):
                what = Message("data changed")
            else:
                what = Message("network changed")
            self.log.mark(self.step, what)

    def goes_on_after(self, learned: Learned) -> None:
        """As ``goes_on_from``, but from a moment whose run is not at hand any more."""
        self._take_over(learned)
        self._follow(learned)
        if self.step:
            self.log.mark(self.step, Message("network changed"))

    def _follow(self, learned: Learned) -> None:
        if self.weights is None and not learned.fresh:
            old = learned.plan if self.grows else None
            if old is None:
                self.weights = learned.surviving(self.plan)
            else:
                self.weights = grown(learned.weights, old, self.plan, self.seed)
        self.step, self.epoch = learned.step, learned.epoch


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


@dataclass(eq=False)
class Enter:
    """The command to go over to another stretch of training."""

    obey: Callable[[Run, Stretch, Stretch | None, bool], None]
    run: Run
    stretch: Stretch
    leaves: Stretch | None
    """The stretch whose training is to be kept."""
    rests: bool

    def __call__(self) -> None:
        self.obey(self.run, self.stretch, self.leaves, self.rests)

    def overtakes(self, earlier: Callable[[], None]) -> bool:
        """Whether an earlier command that was not obeyed yet no longer matters."""
        return isinstance(earlier, Enter) and self.leaves is None and earlier.leaves is None
