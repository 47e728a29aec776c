"""The session: the thread that trains, its commands, and its taking turns with a window."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError

from netbuilder.data.dataset import Dataset
from netbuilder.document.model.project import TrainingSettings
from netbuilder.engine.program import Plan, Weights
from netbuilder.errors import Message, UserError
from netbuilder.runs.snapshot import Snapshot
from netbuilder.training.divergence import Diverged
from netbuilder.training.mailbox import Mailbox
from netbuilder.training.run import Load, Run
from netbuilder.training.trainer import Limit, Trainer
from netbuilder.training.turns import Turns

_log = logging.getLogger(__name__)

GENTLE = 8
"""With a window a burst makes at most one update, and one for every so many before it."""
INTERVAL = 0.1
"""Seconds between two snapshots while nobody takes them."""
COPYING = 8
"""Copying a snapshot may take at most one part in so many of the time."""


class Session:
    """Trains on a thread of its own. All methods return at once and may be called from any thread.

    Snapshots are left in ``mailbox``; ``on_news`` is called from the worker when one lies in a
    mailbox that was empty. With ``wants_turns`` the worker then stands still until ``taken`` is
    called, so that a window can paint without fighting for the interpreter; when that takes longer
    than TURN, training goes on without turns until ``taken`` is called again.

    A command is obeyed after the update in progress, which for a very large network can take
    seconds. An error puts the session into the state "failed"; ``play``, ``reset`` and ``load`` go
    on from there.
    """

    def __init__(
        self, on_news: Callable[[], None] | None = None, *, wants_turns: bool = True
    ) -> None:
        self.mailbox = Mailbox()
        self._on_news = on_news
        self._news_lock = threading.Lock()
        self._wake = threading.Condition()
        # Guarded by _wake:
        self._commands: list[Callable[[], None]] = []
        self._closing = False
        self._turns = Turns(wants_turns)
        self._thread: threading.Thread | None = None
        # The worker's own:
        self._state = "idle"
        self._message: Message | None = None
        self._run: Run | None = None
        self._trainer: Trainer | None = None
        self._bursts: Iterator[int] | None = None
        self._target_step: int | None = None
        self._target_epoch: int | None = None
        self._next_snapshot = 0.0
        self._rate, self._rate_count, self._rate_since = 0.0, 0, 0.0
        self._last: Snapshot | None = None

    # --- commands, from any thread -----------------------------------------------------------

    @property
    def state(self) -> str:
        """One of STATES; follows a command as soon as the worker has obeyed it."""
        return self._state

    def load(
        self,
        plan: Plan,
        dataset: Dataset,
        settings: TrainingSettings,
        seed: int,
        weights: Weights | None = None,
        *,
        new_run: bool = False,
    ) -> None:
        """Takes another network or other data.

        A run goes on: trained weights survive where node, name and shape are the same, counters
        and log continue, the change is marked, and what was training still is. ``weights`` are
        laid over the initial ones instead. ``new_run`` begins with a new log, at rest.
        """
        run = Run(plan, dataset, settings, seed, weights)
        self._post(Load(self._do_load, run, new_run))

    def settings(self, new: TrainingSettings) -> None:
        """Takes effect at the next update."""
        self._post(lambda: self._do_settings(new))

    def play(self) -> None:
        """Trains until a stop condition is met; after one was met, for as long again."""
        self._post(self._do_play)

    def pause(self) -> None:
        self._post(self._do_pause)

    def step(self) -> None:
        """Makes exactly one update, then pauses."""
        self._post(self._do_step)

    def epoch(self) -> None:
        """Trains to the end of the current epoch, then pauses."""
        self._post(self._do_epoch)

    def reset(self, seed: int | None = None) -> None:
        """Back to the initial weights, the same ones unless there is a new seed; a new run."""
        self._post(lambda: self._do_reset(seed))

    def weights(self, timeout: float = 2.0) -> Weights:
        """The current weights, copied at the worker's next step; the last snapshot's when late."""
        found: Future[Weights] = Future()
        if self._post(lambda: found.set_result(self._current_weights())):
            try:
                return found.result(timeout)
            except FutureTimeoutError:
                pass
        return {} if self._last is None else self._last.weights

    def taken(self) -> None:
        """Says that the last snapshot is painted: it is the worker's turn."""
        with self._wake:
            self._turns.taken(time.monotonic())
            self._wake.notify_all()

    def hold(self, seconds: float) -> None:
        """Asks the worker to stand still for so long from its next update on: a user's input."""
        with self._wake:
            held = self._turns.hold(time.monotonic(), seconds)
            if held and self._trainer is not None:
                self._trainer.interrupted = True

    def close(self, timeout: float = 5.0) -> bool:
        """Ends the thread after the update in progress; nothing is told of after this returns.

        False when the update takes longer than the timeout: the thread, a daemon, is then left to
        itself. It ends after that update, or with the process.
        """
        with self._news_lock:
            self._on_news = None
        with self._wake:
            self._closing = True
            self._commands.clear()
            if self._trainer is not None:
                self._trainer.interrupted = True
            self._wake.notify_all()
        if self._thread is None:
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _post(self, command: Callable[[], None]) -> bool:
        with self._wake:
            if self._closing:
                return False
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._work, name="netbuilder-training", daemon=True
                )
                self._thread.start()
            queued = self._commands
            if isinstance(command, Load) and queued and command.overtakes(queued[-1]):
                queued.pop()
            self._commands.append(command)
            if self._trainer is not None:
                self._trainer.interrupted = True
            self._wake.notify_all()
            return True

    # --- the worker --------------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            with self._wake:
                commands = self._next_commands()
                if self._closing:
                    break
            for action in commands or [self._burst]:
                try:
                    action()
                except Exception as error:
                    self._fail(error)
        self._trainer = self._bursts = None

    def _next_commands(self) -> list[Callable[[], None]]:
        """Waits; returns commands, or none when a burst may run. ``_wake`` is held."""
        while not self._closing:
            if self._commands:
                commands, self._commands = self._commands, []
                return commands
            if self._state != "running":
                self._wake.wait()
                continue
            wait = self._turns.wait(time.monotonic())
            if wait <= 0.0:
                if self._trainer is not None:
                    self._trainer.interrupted = False
                return []
            self._wake.wait(wait)
        return []

    def _burst(self) -> None:
        trainer = self._made_trainer()
        if trainer is None:
            return
        if self._bursts is None:
            self._bursts = trainer.bursts()
        trainer.limit = Limit(
            seconds=self._turns.burst if self._turns.taking else INTERVAL,
            updates=self._updates(trainer),
            epochs=None if self._target_epoch is None else self._target_epoch - trainer.epoch,
        )
        try:
            self._rate_count += next(self._bursts)
        except Diverged as diverged:
            self._rest("diverged", diverged.message)
            return
        if trainer.settled and self._reached(trainer):
            self._rest("paused")
        elif trainer.stopped is not None:
            self._rest("finished", trainer.stopped)
        elif time.monotonic() >= self._next_snapshot:
            self._publish()

    def _updates(self, trainer: Trainer) -> int | None:
        """How many updates the next burst may make; None is no limit but its time."""
        if self._target_step is not None:
            return self._target_step - trainer.step
        # Most of what there is to see happens early: with a window the first updates are shown one
        # by one, then ever more at a time.
        return 1 + trainer.step // GENTLE if self._turns.taking else None

    def _reached(self, trainer: Trainer) -> bool:
        step, epoch = self._target_step, self._target_epoch
        return (step is not None and trainer.step >= step) or (
            epoch is not None and trainer.epoch >= epoch
        )

    def _made_trainer(self) -> Trainer | None:
        """The trainer; made again where making it failed before. None when nothing is loaded."""
        if self._trainer is None and self._run is not None:
            self._bursts = None
            self._trainer = self._run.trainer()
        return self._trainer

    def _current_weights(self) -> Weights:
        if self._trainer is not None:
            return self._trainer.weights()
        return {} if self._run is None else self._run.weights or {}

    # --- obeying -----------------------------------------------------------------------------

    def _do_load(self, new: Run, begins: bool) -> None:
        old, trainer = self._run, self._trainer
        if old is None or begins:
            new.number = 1 if old is None else old.number + 1
            self._begin(new)
            return
        if trainer is not None:
            old.step, old.epoch = trainer.step, trainer.epoch
            if new.weights is None and new.differs_only_in_words(old):
                old.plan = trainer.plan = new.plan
                self._do_settings(new.settings)
                return
        new.goes_on_from(old, self._current_weights())
        self._run, self._trainer, self._bursts = new, None, None
        self._made_trainer()
        if self._state == "running":
            self._publish()
        else:
            self._rest("paused" if new.step else "idle")

    def _begin(self, run: Run) -> None:
        self._run, self._trainer, self._bursts = run, None, None
        self._state, self._message = "idle", None
        self._made_trainer()
        self._rest("idle")

    def _do_reset(self, seed: int | None) -> None:
        if self._run is not None:
            self._begin(self._run.reset(seed))

    def _do_settings(self, new: TrainingSettings) -> None:
        if self._run is not None:
            self._run.settings = new
        if self._trainer is not None:
            self._trainer.settings = new
        if self._state != "running":
            self._publish()

    def _do_play(self) -> None:
        self._go(None, None)

    def _do_step(self) -> None:
        trainer = self._made_trainer()
        if trainer is not None:
            # Steps that were asked for faster than they are made add up.
            self._go((self._target_step or trainer.step) + 1, None)

    def _do_epoch(self) -> None:
        trainer = self._made_trainer()
        if trainer is not None:
            self._go(None, trainer.epoch + 1)

    def _go(self, step: int | None, epoch: int | None) -> None:
        trainer = self._made_trainer()
        if trainer is None:
            return
        self._target_step, self._target_epoch = step, epoch
        if self._state == "running":
            return
        if trainer.stopped is not None:
            self._bursts = None
        self._state, self._message = "running", None
        self._rate, self._rate_count, self._rate_since = 0.0, 0, time.monotonic()
        self._publish()

    def _do_pause(self) -> None:
        if self._state == "running":
            self._rest("paused")

    def _rest(self, state: str, message: Message | None = None) -> None:
        self._target_step = self._target_epoch = None
        if state == "diverged":
            self._bursts = None
        self._state, self._message = state, message
        self._publish()

    def _fail(self, error: Exception) -> None:
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
            self._state = "failed"

    # --- telling -----------------------------------------------------------------------------

    def _publish(self) -> None:
        """Leaves a snapshot in the mailbox, and gives the turn away where turns are taken."""
        run, trainer = self._run, self._trainer
        if run is None:
            return
        start = time.monotonic()
        elapsed = start - self._rate_since
        if self._rate == 0.0 or elapsed > 0.5:
            self._rate = self._rate_count / elapsed if elapsed > 0.01 else 0.0
        if elapsed > 0.5:
            self._rate_count, self._rate_since = 0, start
        running = self._state == "running"
        snapshot = Snapshot(
            run=run.number,
            plan=run.plan,
            epoch=run.epoch if trainer is None else trainer.epoch,
            step=run.step if trainer is None else trainer.step,
            cost=float("nan") if trainer is None else trainer.cost,
            weights=self._current_weights(),
            gradients={} if trainer is None else trainer.gradients(),
            before={} if trainer is None else trainer.before(),
            updates_per_second=self._rate if running else 0.0,
            state=self._state,
            log=run.log,
            message=self._message,
            goal=0 if trainer is None else trainer.goal,
            updates_per_epoch=1 if trainer is None else trainer.updates_per_epoch,
            learning_rate=float("nan") if trainer is None else trainer.learning_rate,
        ).sharing(self._last)
        end = time.monotonic()
        interval = 0.0 if self._turns.taking else INTERVAL
        self._next_snapshot = end + max(COPYING * (end - start), interval)
        self._last = snapshot
        if running:
            with self._wake:
                self._turns.give(end)
        if self.mailbox.put(snapshot):
            with self._news_lock:
                if self._on_news is not None:
                    self._on_news()
