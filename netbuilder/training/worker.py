"""The worker: what is trained and how far, and how commands change it; one thread's own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from netbuilder.document.model.project import TrainingSettings
from netbuilder.engine.program import Weights
from netbuilder.errors import Message, UserError
from netbuilder.runs.recorder import Recorder
from netbuilder.runs.snapshot import Remedy, Snapshot
from netbuilder.runs.state import RunState
from netbuilder.runs.stretch import Learned, Stretch
from netbuilder.training.divergence import Diverged, exploded
from netbuilder.training.remedies import Illness, remedies
from netbuilder.training.run import Run
from netbuilder.training.stopping import stopped_early
from netbuilder.training.trainer import Limit, Trainer

_log = logging.getLogger(__name__)

GENTLE = 8
"""With a window a snapshot comes after one update, and one more for every so many before it."""
INTERVAL = 0.1
"""Seconds between two snapshots while nobody takes them."""
COPYING = 8
"""Copying a snapshot may take at most one part in so many of the time."""


class Worker:
    """Obeys and trains. All of it belongs to one thread; ``interrupt`` alone is for others.

    ``tell`` gets every snapshot as it is made.
    """

    def __init__(self, tell: Callable[[Snapshot], None], interrupt: threading.Event) -> None:
        self.state = "idle"
        """One of STATES."""
        self._tell = tell
        self._interrupt = interrupt
        self._message: Message | None = None
        self._helps: tuple[Remedy, ...] = ()
        self._run: Run | None = None
        self._numbers = 0
        self._trainer: Trainer | None = None
        self._bursts: Iterator[int] | None = None
        self._target_step: int | None = None
        self._target_epoch: int | None = None
        self._told_at = 0
        self._last: Snapshot | None = None
        self._next_snapshot = 0.0
        self._gentle = False
        self._rate, self._rate_count, self._rate_since = 0.0, 0, 0.0

    # --- training ----------------------------------------------------------------------------

    def burst(self, seconds: float | None) -> None:
        """Trains for so long, and tells of it when it is time to.

        None: nobody looks on, so that bursts are long and snapshots few.
        """
        trainer = self._made_trainer()
        if trainer is None:
            return
        if self._bursts is None:
            self._bursts = trainer.bursts()
        self._gentle = seconds is not None
        trainer.limit = Limit(
            seconds=INTERVAL if seconds is None else seconds,
            updates=self._updates(trainer),
            epochs=None if self._target_epoch is None else self._target_epoch - trainer.epoch,
        )
        try:
            self._rate_count += next(self._bursts)
        except Diverged as diverged:
            self._diverged(trainer, diverged)
            return
        if trainer.settled and self._reached(trainer):
            self._rest("paused")
        elif trainer.stopped is not None:
            self._finished(trainer, trainer.stopped)
        elif time.monotonic() >= self._next_snapshot or (
            self._gentle and trainer.step >= self._next_told
        ):
            self.publish()

    def _diverged(self, trainer: Trainer, diverged: Diverged) -> None:
        """Rests at the last good moment; the run that diverged ends where it is."""
        run = self._run
        assert run is not None
        good = run.good(trainer.updates_per_epoch)
        if good is None:
            self._rest("diverged", diverged.message)
            return
        illness = Illness(run.plan, run.dataset, run.settings, run.seed, good, trainer.step)
        found, advice = remedies(illness, self._interrupt)
        self._go_back(run, good)
        self._rest("diverged", diverged.back_at(good.step, good.epoch, advice), found)

    def _finished(self, trainer: Trainer, why: Message) -> None:
        """Rests where a stop condition was met; after early stopping, at the best moment."""
        run = self._run
        assert run is not None
        best = trainer.way_back
        grown = run.recorder.exploded(run.log, trainer.updates_per_epoch)
        if best is not None:
            why = stopped_early(trainer.epoch, best.epoch)
            trainer.rest()
            self._go_back(run, best)
        elif grown is not None:
            self._diverged(trainer, Diverged(trainer.plan.nodes[-1].id, exploded(*grown)))
            return
        self._rest("finished", why)

    def _go_back(self, run: Run, state: RunState) -> None:
        """Goes over to a fork of the run, which ends where it is."""
        fork = run.back_to(state)
        self._number(fork)
        self._run, self._trainer, self._bursts = fork, None, None
        self._made_trainer()

    @property
    def _next_told(self) -> int:
        """The update after which a window is shown the next snapshot, however busy the machine.

        Most of what there is to see happens early: the first updates are shown one by one, then
        ever more at a time.
        """
        return self._told_at + 1 + self._told_at // GENTLE

    def _updates(self, trainer: Trainer) -> int | None:
        """How many updates the next burst may make; None is no limit but its time."""
        if self._target_step is not None:
            return self._target_step - trainer.step
        return self._next_told - trainer.step if self._gentle else None

    def _reached(self, trainer: Trainer) -> bool:
        step, epoch = self._target_step, self._target_epoch
        return (step is not None and trainer.step >= step) or (
            epoch is not None and trainer.epoch >= epoch
        )

    def _made_trainer(self) -> Trainer | None:
        """The trainer; made again where making it failed before. None when nothing is loaded."""
        if self._trainer is None and self._run is not None:
            self._bursts = None
            self._trainer = self._run.trainer(self._interrupt)
        return self._trainer

    def weights(self) -> Weights:
        """Copies of the weights of this moment."""
        if self._trainer is not None:
            return self._trainer.weights()
        run = self._run
        if run is None:
            return {}
        return run.weights or {} if run.start is None else run.start.weights(run.plan)

    def run_state(self) -> RunState | None:
        """This moment with all that decides what comes next; None where nothing can train."""
        return None if self._trainer is None else self._trainer.state()

    def learned(self, exact: bool = True) -> Learned | None:
        """What was learned up to this moment; None where nothing was ever loaded.

        Where it need not be ``exact``, the weights do.
        """
        run, trainer = self._run, self._trainer
        if run is None:
            return None
        step, epoch = (run.step, run.epoch) if trainer is None else (trainer.step, trainer.epoch)
        state = None
        if exact:
            state = run.start if trainer is None else trainer.state()
        return Learned(
            self.weights() if state is None else state.weights(run.plan),
            run.plan,
            state,
            run.log,
            run.log.marks,
            step,
            epoch,
            fresh=not step and run.weights is None and run.start is None,
            run=run.number,
            recorder=run.recorder if state is not None else None,
            parent=run.parent,
        )

    def learned_in(self, stretch: Stretch) -> Learned | None:
        """What a stretch of training has come to, whether it is this one or was left before."""
        if self._run is None or self._run.stretch is not stretch:
            return stretch.learned
        try:
            return self.learned()
        except MemoryError:
            return self.learned(exact=False)

    # --- obeying -----------------------------------------------------------------------------

    def enter(self, new: Run, stretch: Stretch, leaves: Stretch | None, rests: bool) -> None:
        """Goes over to another stretch; what the one that is left has come to is kept in it."""
        for_ever = self._target_step is None and self._target_epoch is None
        plays = self.state == "running" and for_ever and not rests
        if self.state == "running" and self._trainer is not None:
            self._trainer.rest()  # so that the run that is left can be looked at where it ended
        if leaves is not None:
            self._leave(leaves)
        # Stretches that were never entered, as others came too soon after them, are passed over.
        begins, source = stretch.begins, stretch.source
        while source is not None and not source.entered and source.learned is None:
            begins, source = begins or source.begins, source.source
        first, forks = not stretch.entered, stretch.source is not None  # only a file's has none
        stretch.entered, stretch.source, stretch.lost = True, None, False
        new.stretch, learned, old = stretch, stretch.learned, self._run
        if learned is not None and (begins or not first):
            new.goes_back_to(learned, forks=first and forks)
        elif learned is not None:
            new.takes(learned, self.learned)
        if begins or not first or old is None:
            self._begin(new)
        elif source is None or source is old.stretch or source.learned is None:
            self.load(new, begins=False)
        else:
            # What it goes on from was left before: another one was undone in between.
            new.goes_on_after(source.learned)
            self._begin(new)
        if plays:
            self.play()

    def _leave(self, stretch: Stretch) -> None:
        if self._run is None or self._run.stretch is not stretch:
            return
        try:
            learned = self.learned()
        except MemoryError:
            stretch.drop()
        else:
            stretch.learned = None if learned is None or learned.fresh else learned

    def _number(self, run: Run) -> None:
        if not run.number:  # a new one: none is given twice
            self._numbers = run.number = self._numbers + 1

    def load(self, new: Run, begins: bool) -> None:
        old, trainer = self._run, self._trainer
        if old is None or begins:
            self._begin(new)
            return
        new.stretch = new.stretch or old.stretch
        if trainer is not None:
            old.step, old.epoch = trainer.step, trainer.epoch
            if new.weights is None and new.differs_only_in_words(old):
                old.plan = trainer.plan = new.plan
                old.stretch = new.stretch
                self.settings(new.settings)
                return
        learned = self.learned(exact=False)
        assert learned is not None  # as there is a run
        new.goes_on_from(old, learned)
        self._run, self._trainer, self._bursts = new, None, None
        self._made_trainer()
        if self.state == "running":
            self.publish()
        else:
            self._rest("paused" if new.step else "idle")

    def _begin(self, run: Run) -> None:
        if run.start is not None:  # refused before anything of the old run is let go
            run.start.check(run.plan, run.dataset)
        self._number(run)
        self._run, self._trainer, self._bursts = run, None, None
        self.state, self._message, self._helps = "idle", None, ()
        self._made_trainer()
        self._rest("paused" if run.step else "idle")

    def reset(self, seed: int | None) -> None:
        if self._run is not None:
            self._begin(self._run.reset(seed))

    def limit(self, recorder: Recorder, budget: int) -> None:
        if self._run is None or self._run.recorder is not recorder:
            recorder.limit(budget)

    def settings(self, new: TrainingSettings) -> None:
        if self._run is not None:
            self._run.settings = new
        if self._trainer is not None:
            self._trainer.settings = new
        if self.state != "running":
            self.publish()

    def play(self) -> None:
        self._go(None, None)

    def step(self) -> None:
        trainer = self._made_trainer()
        if trainer is not None:
            # Steps that were asked for faster than they are made add up.
            self._go((self._target_step or trainer.step) + 1, None)

    def epoch(self) -> None:
        trainer = self._made_trainer()
        if trainer is not None:
            self._go(None, trainer.epoch + 1)

    def _go(self, step: int | None, epoch: int | None) -> None:
        trainer = self._made_trainer()
        if trainer is None:
            return
        self._target_step, self._target_epoch = step, epoch
        if self.state == "running":
            return
        if trainer.stopped is not None:
            self._bursts = None
        self.state, self._message, self._helps = "running", None, ()
        self._rate, self._rate_count, self._rate_since = 0.0, 0, time.monotonic()
        self.publish()

    def pause(self) -> None:
        if self.state == "running":
            self._rest("paused")

    def _rest(
        self, state: str, message: Message | None = None, helps: tuple[Remedy, ...] = ()
    ) -> None:
        self._target_step = self._target_epoch = None
        if state == "diverged":
            self._bursts = None
        self.state, self._message, self._helps = state, message, helps
        if self._trainer is not None:
            self._trainer.rest()
        self.publish()

    def fail(self, error: Exception) -> None:
        """Rests in the state "failed", with the reason in words."""
        self._bursts = None
        if isinstance(error, UserError):
            message = error.message
        elif isinstance(error, MemoryError):
            message = Message(
                "There is not enough memory to train this network: make it, or the batch, smaller."
            )
        else:
            _log.error("training failed", exc_info=error)
            message = Message(
                "Training was stopped by an error in the program ({error}). "
                "Play goes on from here, reset starts again.",
                error=f"{type(error).__name__}: {error}",
            )
        try:
            self._rest("failed", message)
        except MemoryError:
            self.state = "failed"

    def end(self) -> None:
        """Gives the memory back; nothing is trained after this."""
        self._trainer = self._bursts = None

    # --- telling -----------------------------------------------------------------------------

    def publish(self) -> None:
        """Tells of this moment in a snapshot."""
        run, trainer = self._run, self._trainer
        if run is None:
            return
        start = time.monotonic()
        elapsed = start - self._rate_since
        if self._rate == 0.0 or elapsed > 0.5:
            self._rate = self._rate_count / elapsed if elapsed > 0.01 else 0.0
        if elapsed > 0.5:
            self._rate_count, self._rate_since = 0, start
        rate = self._rate if self.state == "running" else 0.0
        if trainer is not None:
            snapshot = trainer.snapshot(run.number, self.state, self._message, rate)
        else:
            snapshot = Snapshot(
                run=run.number,
                plan=run.plan,
                epoch=run.epoch,
                step=run.step,
                cost=float("nan"),
                weights=self.weights(),
                gradients={},
                updates_per_second=0.0,
                state=self.state,
                log=run.log,
                message=self._message,
                recorder=run.recorder,
            )
        snapshot = replace(snapshot, stretch=run.stretch, parent=run.parent, remedies=self._helps)
        self._last = snapshot = snapshot.sharing(self._last)
        end = time.monotonic()
        interval = 0.0 if self._gentle else INTERVAL
        self._next_snapshot = end + max(COPYING * (end - start), interval)
        self._told_at = snapshot.step
        self._tell(snapshot)
