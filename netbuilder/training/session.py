"""The session: the thread that trains, its commands, and its taking turns with a window."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import replace
from functools import partial
from typing import TypeVar

from netbuilder.data.dataset import Dataset
from netbuilder.document.model.project import TrainingSettings
from netbuilder.engine.program import Plan, Weights
from netbuilder.errors import Message
from netbuilder.runs.log import MetricLog
from netbuilder.runs.recorder import Recorder
from netbuilder.runs.snapshot import Snapshot
from netbuilder.runs.state import RunState
from netbuilder.runs.stretch import Learned, Stretch
from netbuilder.training.mailbox import Mailbox
from netbuilder.training.run import Enter, Load, Run
from netbuilder.training.turns import Turns
from netbuilder.training.worker import Worker

T = TypeVar("T")

_log = logging.getLogger(__name__)


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
        # Guarded by _wake, as is setting and clearing _interrupt:
        self._commands: list[Callable[[], None]] = []
        self._closing = False
        self._turns = Turns(wants_turns)
        self._thread: threading.Thread | None = None
        self._state = "idle"
        self._last: Snapshot | None = None
        # Set while a burst is to end at its next step: all that a burst sees of other threads.
        self._interrupt = threading.Event()
        # The thread's own; other threads only name its methods in commands.
        self._worker = Worker(self._tell, self._interrupt)

    # --- commands, from any thread -----------------------------------------------------------

    @property
    def state(self) -> str:
        """One of STATES; follows a command as soon as the worker has obeyed it."""
        with self._wake:
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

        A run goes on: trained weights survive, with as little change of what they say as can be
        (see runs/growing.py), counters and log continue, the change is marked, and what was
        training still is. ``weights`` are laid over the initial ones instead.
        ``new_run`` begins with a new log, at rest.
        """
        run = Run(plan, dataset, settings, seed, weights)
        self._post(Load(self._worker.load, run, new_run))

    def enter(
        self,
        stretch: Stretch,
        plan: Plan,
        dataset: Dataset,
        settings: TrainingSettings,
        seed: int,
        *,
        leaves: Stretch | None = None,
        rests: bool = False,
        grows: bool = True,
    ) -> None:
        """Goes over to another stretch of training, of this or of another document.

        It goes on from what was learned in it, exactly where that is known; else it begins a run,
        or goes on with what its source had learned, as it says. What the stretch that it ``leaves``
        has come to is kept there first. What was training goes on training, unless it ``rests``.
        For ``grows`` see ``Run``.
        """
        run = Run(plan, dataset, settings, seed, grows=grows)
        self._post(Enter(self._worker.enter, run, stretch, leaves, rests))

    def fork(self, plan: Plan, dataset: Dataset, state: RunState, log: MetricLog) -> None:
        """A new run, at rest, that goes on from a moment of another one or from a file's.

        ``log`` is the other run's, of which what came later is left out. Where the state does not
        belong to plan and dataset the session fails with the sentence that says so.
        """
        self._post(Load(self._worker.load, Run.fork(plan, dataset, state, log), True))

    def settings(self, new: TrainingSettings) -> None:
        """Takes effect at the next update."""
        self._post(lambda: self._worker.settings(new))

    def play(self) -> None:
        """Trains until a stop condition is met; after one was met, for as long again."""
        self._post(self._worker.play)

    def pause(self) -> None:
        self._post(self._worker.pause)

    def step(self) -> None:
        """Makes exactly one update, then pauses."""
        self._post(self._worker.step)

    def epoch(self) -> None:
        """Trains to the end of the current epoch, then pauses."""
        self._post(self._worker.epoch)

    def reset(self, seed: int | None = None) -> None:
        """Back to the initial weights, the same ones unless there is a new seed; a new run."""
        self._post(lambda: self._worker.reset(seed))

    def limit(self, recorder: Recorder, budget: int) -> None:
        """So many bytes are enough for a run, unless it is the one that goes on."""
        self._post(lambda: self._worker.limit(recorder, budget))

    def weights(self, timeout: float = 2.0) -> Weights:
        """The current weights, copied at the worker's next step; the last snapshot's when late."""
        found = self._asked(self._worker.weights, timeout)
        if found is not None:
            return found
        with self._wake:
            return {} if self._last is None else self._last.weights

    def run_state(self, timeout: float = 2.0) -> RunState | None:
        """The state of this moment, taken at the worker's next step; None when it comes too late.

        None also where there is nothing that can train.
        """
        return self._asked(self._worker.run_state, timeout)

    def learned(self, stretch: Stretch) -> Callable[[float], Learned | None]:
        """Asks what a stretch has come to at the worker's next step.

        Whoever wants the answer waits for it by calling what is returned with the seconds that it
        may take; it gives None when it comes too late.
        """
        return self._ask(lambda: self._worker.learned_in(stretch))

    def _asked(self, question: Callable[[], T], timeout: float) -> T | None:
        return self._ask(question)(timeout)

    def _ask(self, question: Callable[[], T]) -> Callable[[float], T | None]:
        found: Future[T] = Future()

        def answer() -> None:
            try:
                found.set_result(question())
            except Exception as error:
                found.set_exception(error)

        asked = self._post(answer)

        def wait(timeout: float) -> T | None:
            if asked:
                with contextlib.suppress(FutureTimeoutError):
                    return found.result(timeout)
            return None

        return wait

    def taken(self) -> None:
        """Says that the last snapshot is painted: it is the worker's turn."""
        with self._wake:
            self._turns.taken(time.monotonic())
            self._wake.notify_all()

    def hold(self, seconds: float) -> None:
        """Asks the worker to stand still for so long from its next update on: a user's input."""
        with self._wake:
            if self._turns.hold(time.monotonic(), seconds):
                self._interrupt.set()

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
            self._interrupt.set()
            self._wake.notify_all()
            thread = self._thread
        if thread is None:
            return True
        thread.join(timeout)
        return not thread.is_alive()

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
            if isinstance(command, Load | Enter) and queued and command.overtakes(queued[-1]):
                queued.pop()
            self._commands.append(command)
            self._interrupt.set()
            self._wake.notify_all()
            return True

    # --- the thread --------------------------------------------------------------------------

    def _work(self) -> None:
        worker = self._worker
        while True:
            with self._wake:
                self._state = worker.state
                actions = self._next_actions(worker.state == "running")
            if not actions:
                worker.end()
                return
            for action in actions:
                try:
                    action()
                except Exception as error:
                    self._fail(error)

    def _fail(self, error: Exception) -> None:
        """Rests with the reason; where even that fails, with the last snapshot that there was."""
        try:
            self._worker.fail(error)
        except Exception as second:
            _log.error("telling of an error failed", exc_info=second)
            self._worker.state = "failed"
            message = Message(
                "Training was stopped by an error in the program ({error}), and what it has come "
                "to cannot be shown. Play tries to go on.",
                error=f"{type(error).__name__}: {error}",
            )
            last = self._last
            if last is not None:
                last = replace(last, state="failed", message=message, updates_per_second=0.0)
                with contextlib.suppress(Exception):  # it is in the log already
                    self._tell(last)

    def _next_actions(self, running: bool) -> list[Callable[[], None]]:
        """Waits for commands, or for the time of a burst; none at the end. ``_wake`` is held."""
        while not self._closing:
            if self._commands:
                commands, self._commands = self._commands, []
                return commands
            if not running:
                self._wake.wait()
                continue
            wait = self._turns.wait(time.monotonic())
            if wait <= 0.0:
                self._interrupt.clear()
                seconds = self._turns.burst if self._turns.taking else None
                return [partial(self._worker.burst, seconds)]
            self._wake.wait(wait)
        return []

    def _tell(self, snapshot: Snapshot) -> None:
        """Leaves a snapshot in the mailbox, and gives the turn away where turns are taken."""
        with self._wake:
            before = 0 if self._last is None else self._last.step
            self._state, self._last = snapshot.state, snapshot
            if snapshot.state == "running":
                self._turns.give(time.monotonic(), max(0, snapshot.step - before))
        if self.mailbox.put(snapshot):
            with self._news_lock:
                if self._on_news is not None:
                    self._on_news()
