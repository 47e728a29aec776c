"""The trainer: a generator that trains a network in bursts; not calling ``next`` is the pause."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

import numpy as np

from netbuilder.data.dataset import Dataset
from netbuilder.document.model.project import TrainingSettings
from netbuilder.engine.buffers import cut
from netbuilder.engine.program import Plan, Program, Weights
from netbuilder.errors import Message, UserError
from netbuilder.runs.log import MetricLog
from netbuilder.runs.recorder import Recorder
from netbuilder.runs.snapshot import Snapshot
from netbuilder.runs.state import RunState
from netbuilder.training.evaluation import evaluate, says_anything
from netbuilder.training.learner import Learner
from netbuilder.training.pending import Pending, mark_changes
from netbuilder.training.recording import Recording
from netbuilder.training.stopping import StopConditions


@dataclass(frozen=True)
class Limit:
    """Where a burst ends, whichever comes first; None is no limit."""

    seconds: float | None = 0.1
    updates: int | None = None
    epochs: int | None = None


class Trainer:
    """Trains one plan on one dataset. Belongs to one thread; only ``interrupt`` is for others.

    The same plan, dataset, settings and seed give the same weights after so many updates, bit by
    bit, however the bursts are cut.

    ``step`` and ``epoch`` count on from the given numbers, and ``log`` is added to: so goes on a
    run whose network was edited.
    """

    def __init__(
        self,
        plan: Plan,
        dataset: Dataset,
        settings: TrainingSettings,
        seed: int,
        weights: Weights | None = None,
        *,
        log: MetricLog | None = None,
        step: int = 0,
        epoch: int = 0,
        interrupt: threading.Event | None = None,
    ) -> None:
        if dataset.train.m == 0:
            raise UserError("There are no examples to train on: make the training part larger.")
        self.plan = plan
        self.dataset = dataset
        self.seed = seed
        self.log = MetricLog() if log is None else log
        self.step = step
        """Updates done."""
        self.epoch = epoch
        """Epochs done."""
        self.cost = math.nan
        """Of the last update with a full batch, else the mean of the last epoch, or so far."""
        self.limit = Limit()
        """Of the bursts to come; may be exchanged between two bursts."""
        self.interrupt = threading.Event() if interrupt is None else interrupt
        """While it is set, a burst ends at its next step. Any thread may set it."""
        self.settled = True
        """False in the middle of an evaluation that belongs to the last or to the next update."""
        self._settings = settings
        self._stopping = StopConditions(settings, epoch)
        self._evaluated = -1
        self._owes_end = False
        self._recording = Recording()
        self._learner = Learner(plan, dataset, settings, seed, weights)
        self._pending = Pending(self.log, step)
        self._sum = 0.0

    @classmethod
    def from_state(
        cls,
        plan: Plan,
        dataset: Dataset,
        state: RunState,
        *,
        log: MetricLog | None = None,
        interrupt: threading.Event | None = None,
    ) -> Trainer:
        """Goes on from a state as if training had never stopped.

        Raises UserError for a plan or a dataset that the state does not belong to.
        """
        state.check(plan, dataset)
        trainer = cls(
            plan,
            dataset,
            state.settings,
            state.seed,
            state.weights(plan),
            log=log,
            step=state.step,
            epoch=state.epoch,
            interrupt=interrupt,
        )
        trainer._restore(state)
        return trainer

    def _restore(self, state: RunState) -> None:
        self.cost, self._sum = state.cost, state.total
        self._evaluated, self._owes_end = state.evaluated, state.owes_end
        self._stopping.restore(state)
        self._learner.restore(state)

    def state(self) -> RunState:
        """This moment, with all that decides what comes next. Best taken between two bursts.

        In the middle of an evaluation it is the moment at which that began.
        """
        learner = self._learner
        return RunState(
            network=learner.network,
            data=learner.data,
            settings=self._settings,
            seed=self.seed,
            step=self.step,
            epoch=self.epoch,
            position=learner.batches.position,
            total=self._sum,
            cost=self.cost,
            evaluated=self._evaluated,
            owes_end=self._owes_end,
            stopping=self._stopping.state(),
            random=learner.random,
            updates=learner.optimizer.updates,
            stored=self.plan.stored_count,
            learned=self.plan.parameter_count,
            numbers=learner.numbers(),
        )

    def record(self, recorder: Recorder, goes_on: bool = False) -> None:
        """From now on the recorder keeps what happens; it ``goes_on`` where its run was left."""
        _ = self._learner.network, self._learner.data  # found once: no part of what a moment costs
        self._recording.begin(recorder, self, goes_on)

    def rest(self) -> None:
        """Lets the recorder keep this moment: the last one for a while."""
        self._recording.rest(self)

    # --- settings ----------------------------------------------------------------------------

    @property
    def settings(self) -> TrainingSettings:
        """May be replaced between two bursts; the next update follows the new ones.

        Another optimiser starts with new moments, another precision also with a new epoch; every
        other change keeps them. Changes that bend the curve are marked in the log.
        """
        return self._settings

    @settings.setter
    def settings(self, new: TrainingSettings) -> None:
        old = self._settings
        self._recording.change(self, old, new)
        if new.dtype != old.dtype:
            weights = self.program.weights()
            self._learner = Learner(self.plan, self.dataset, new, self.seed, weights)
            self._sum = 0.0
        else:
            self._learner.follow(new)
        self._settings = self._stopping.settings = new
        if new.patience != old.patience:
            self._stopping.forget_best(self.epoch)
        if self.step:
            mark_changes(self.log, self.step, old, new)

    @property
    def learning_rate(self) -> float:
        """In force at the next update: what the schedule makes of the setting at this time."""
        return self._learner.learning_rate(self.epoch)

    @property
    def penalties(self) -> tuple[float, float]:
        """λ and λ₁ as they stand in J: L2 that is decoupled is no part of it."""
        return self._learner.penalties

    # --- looking on --------------------------------------------------------------------------

    @property
    def program(self) -> Program:
        """What is trained; another precision needs another one."""
        return self._learner.program

    def weights(self) -> Weights:
        """Copies of all parameters."""
        return self.program.weights()

    def gradients(self) -> Weights:
        """Copies of dW and db of the last update; empty before the first one."""
        return self.program.gradients() if self._learner.updated else {}

    def before(self) -> Weights:
        """Copies of all parameters before the last update; empty where they are not known.

        They are not known before the first update, and of more than 65,536 parameters.
        """
        learner = self._learner
        vector = learner.guard.before_last_update() if learner.updated else None
        return {} if vector is None else cut(vector, self.plan, self.plan.stored)

    def snapshot(
        self, run: int, state: str, message: Message | None = None, rate: float = 0.0
    ) -> Snapshot:
        """This moment as views get to see it; ``rate`` is updates a second."""
        return Snapshot(
            run=run,
            plan=self.plan,
            epoch=self.epoch,
            step=self.step,
            cost=self.cost,
            weights=self.weights(),
            gradients=self.gradients(),
            before=self.before(),
            updates_per_second=rate,
            state=state,
            log=self.log,
            message=message,
            goal=self.goal,
            updates_per_epoch=self.updates_per_epoch,
            learning_rate=self.learning_rate,
            recorder=self._recording.recorder,
        )

    @property
    def goal(self) -> int:
        """The epoch at which training will stop; 0 when it goes on for ever."""
        return self._stopping.goal

    @property
    def stopped(self) -> Message | None:
        """Why the bursts came to their end: which stop condition was met."""
        return self._stopping.message(self.epoch, self.cost)

    @property
    def way_back(self) -> RunState | None:
        """Where patience has ended the bursts, the moment with the best validation cost.

        None where it is not known, as that of a run which was saved after it.
        """
        return self._stopping.way_back(self.epoch)

    @property
    def updates_per_epoch(self) -> int:
        size, m = self._settings.batch_size, self.dataset.train.m
        return -(-m // size) if size else 1

    def measure(self) -> None:
        """Finds the cost of the weights as they are, where that takes no noticeable time."""
        if (cost := self._learner.cost()) is not None:
            self.cost = cost

    # --- training ----------------------------------------------------------------------------

    def bursts(self) -> Iterator[int]:
        """Trains until a stop condition is met; yields after every burst its number of updates.

        Called again after that, it trains for as long again. Raises Diverged when the cost is no
        longer finite; the trainer then is at a finite state and can go on with other settings.
        """
        if self._stopping.met:
            self._stopping.begin_again(self.epoch)
        pieces = self._pieces()
        while not self._stopping.met:
            yield self._burst(pieces)

    def _burst(self, pieces: Iterator[None]) -> int:
        limit, first = self.limit, self.step
        ends = math.inf if limit.seconds is None else time.perf_counter() + limit.seconds
        last_step = math.inf if limit.updates is None else self.step + limit.updates
        last_epoch = math.inf if limit.epochs is None else self.epoch + limit.epochs
        clock, interrupted, stopping = time.perf_counter, self.interrupt.is_set, self._stopping
        recording = self._recording
        # The next step at which there may be more to do than to go on: one look, not three.
        watched = min(recording.next, last_step)
        try:
            with np.errstate(all="ignore"):
                for _ in pieces:
                    if self.step >= watched and self.settled:
                        if self.step >= recording.next:
                            recording.keep(self)
                            watched = min(recording.next, last_step)
                        if self.step >= last_step:
                            break
                    if interrupted() or stopping.met or clock() >= ends:
                        break
                    if self.epoch >= last_epoch and self.settled:
                        break
        finally:
            best = self._pending.write()
            recording.reached(self.step, None if self.dataset.validation.m else best)
        if not self._learner.guard.parameters_are_finite():
            self._diverged()
        return self.step - first

    def _pieces(self) -> Iterator[None]:
        """Training in its smallest pieces: an update, or a look at a block of examples.

        One flat loop, as generators within generators would cost a small network noticeable time.
        """
        if self._owes_end:  # gone on from the middle of an evaluation
            yield from self._end_epoch()
            yield
        while True:
            learner = self._learner
            batches = learner.batches
            full = batches.is_full(self._settings.batch_size)
            if full and self._evaluated != self.step and self._due(self.epoch):
                # The row is about the weights that the update starts from.
                yield from self._evaluate()
                self._stopping.keep(self.state)
                if self._stopping.met:
                    yield
                continue
            first = batches.position
            cost = learner.update(self.epoch)
            if not math.isfinite(cost):
                self._diverged()
            self._pending.add_update(cost)
            if full:
                self.cost = cost
                self._pending.add_row(self.epoch, self.step, cost)
                self.step += 1
                self.epoch += 1
                self._stopping.consider(self.epoch, cost)
            else:
                self.step += 1
                dealt = batches.position or batches.m
                self._sum += cost * (dealt - first)
                if self.epoch == 0:
                    self.cost = self._sum / dealt
                if batches.position == 0:
                    self.epoch += 1
                    self.cost = self._sum / batches.m
                    self._sum = 0.0
                    self._pending.add_row(self.epoch, self.step, self.cost)
                    self._owes_end = True
                    yield from self._end_epoch()
            yield

    def _end_epoch(self) -> Iterator[None]:
        """Of mini-batches: the evaluation is about the weights that the epoch led to."""
        if self._due(self.epoch) or self.epoch == 1:
            yield from self._evaluate()
        self._owes_end = False
        self._stopping.consider(self.epoch, self.cost)
        self._stopping.keep(self.state)

    def _diverged(self) -> NoReturn:
        diverged = self._learner.go_back(self.step)
        self._sum, self._owes_end = 0.0, False
        self._stopping.forget_best(self.epoch)
        self._recording.leap(self)
        raise diverged

    # --- looking at accuracy and at the validation part --------------------------------------

    def _due(self, epoch: int) -> bool:
        # Early stopping counts epochs, so it looks at every one of them.
        settings = self._settings
        early = settings.patience and self.dataset.validation.m
        return epoch % settings.evaluate_every == 0 or bool(early)

    def _evaluate(self) -> Iterator[None]:
        """Adds an evaluation of the present weights to the log."""
        if not says_anything(self.dataset):
            self._evaluated = self.step
            return
        self.settled = False
        try:
            found = yield from evaluate(self.program, self.dataset, self._settings.dtype)
        finally:
            self.settled = True
        self._evaluated = self.step
        self.log.add_evaluation(self.epoch, self.step, *found)
        self._stopping.consider_validation(self.epoch, found.validation_cost)
        if math.isfinite(found.validation_cost):
            self._recording.reached(self.step, (self.step, found.validation_cost))
