"""The bridge between the window and the training session: commands go down, snapshots come up."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal

from netbuilder.data.dataset import Dataset
from netbuilder.document.model.project import Project
from netbuilder.engine.plan import Plan
from netbuilder.errors import Message
from netbuilder.gui.store import Store
from netbuilder.runs.recorder import Recorder
from netbuilder.runs.snapshot import Snapshot
from netbuilder.runs.stretch import Learned, Stretch
from netbuilder.training.session import Session

_PATIENCE = 2.0
"""Seconds for which an export waits for the worker."""
_HOLD = 0.05
"""Seconds for which the worker stands still after the user has touched something."""
_AFTER_PAINTING = Qt.EventPriority.LowEventPriority.value - 1
"""Qt paints at low priority; what comes after that comes after the views have painted."""


class TrainingBridge(QObject):
    """Keeps the session in step with the document, and hands its news to the views."""

    snapshot = Signal(object)
    """(Snapshot,) the latest; older ones that nobody had time for are dropped."""
    state_changed = Signal(str)
    closed = Signal()
    """Nothing is trained any more, and nothing is to be seen."""
    ready_changed = Signal(bool)
    """Whether there is a network that can train."""
    _news = Signal()

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self.last: Snapshot | None = None
        self.state = "idle"
        self.grows = True
        """Whether an edit changes as little as possible of what the network has learned."""
        self._plan: Plan | None = None
        self._document = store.document
        self._resume = False
        self._entered: Stretch | None = None
        """What the session is on; another document's never."""
        self._painted = QEvent.Type(QEvent.registerEventType())
        # The worker sends no more than one empty signal; the snapshot itself waits in the mailbox.
        self._news.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._session = Session(self._news.emit)
        self._follow(store.project, store.project)
        store.changed.connect(self._follow)

    # --- commands ----------------------------------------------------------------------------

    @property
    def ready(self) -> bool:
        """Whether there is a network that can train."""
        return self._plan is not None

    @property
    def running(self) -> bool:
        return self.state == "running"

    def play(self) -> None:
        if self.ready:
            self._touch()
            self._session.play()

    def pause(self) -> None:
        self._resume = False
        self._session.pause()

    def toggle(self) -> None:
        if self.running:
            self.pause()
        else:
            self.play()

    def step(self) -> None:
        """One update."""
        if self.ready:
            self._touch()
            self._session.step()

    def epoch(self) -> None:
        """Updates to the end of the epoch."""
        if self.ready:
            self._touch()
            self._session.epoch()

    def reset(self) -> None:
        """Back to the initial weights of the project's seed; what was learned can be undone to."""
        self._resume = False
        if not self.ready:
            return
        self._session.pause()
        if self._store.stretch.touched:
            self._store.begin(self.tr("reset of the training"))
        else:
            self._session.reset()

    def new_seed(self) -> None:
        """Other initial weights: a new seed is an edit like any other, and can be undone."""
        seed = random.SystemRandom().randrange(1, 10_000)
        self._store.edit(
            lambda project: replace(project, seed=seed), self.tr("new seed of the network")
        )

    def toggle_growing(self) -> None:
        self.grows = not self.grows

    def limit(self, recorder: Recorder, budget: int) -> None:
        """Lets what is kept of a run at rest take no more than so many bytes."""
        self._session.limit(recorder, budget)

    def hold(self) -> None:
        """Lets the user go first: the worker stands still for a moment."""
        if self.running:
            self._session.hold(_HOLD)

    def learned(self) -> Learned | None:
        """What the document in force has learned, now; None where it never was able to train."""
        return self.asked()(_PATIENCE)

    def asked(self) -> Callable[[float], Learned | None]:
        """Asks what the document in force has learned, now, without waiting for the worker.

        Another thread may wait for it, by calling what is returned. Where the worker is busy for
        more than so many seconds, it gives the last that is known of this document.
        """
        stretch, last = self._store.stretch, self.last
        answer = self._session.learned(stretch) if self._entered is not None else None
        known = stretch.learned
        if last is not None and last.stretch is stretch:
            fresh = last.step == 0 and not stretch.touched
            known = Learned(last.weights, last.plan, step=last.step, epoch=last.epoch, fresh=fresh)

        def wait(seconds: float) -> Learned | None:
            found = answer(seconds) if answer is not None else None
            return known if found is None else found

        return wait

    def _touch(self) -> None:
        self._store.stretch.touched = True

    def close(self) -> None:
        """Ends the worker; nothing trains after this. Closing twice does no harm."""
        self._session.close()
        self.closed.emit()

    # --- following the document ----------------------------------------------------------------

    def _follow(self, old: Project, new: Project) -> None:
        store = self._store
        if self._document != store.document:
            self._document = store.document
            self._entered, self.last, self._resume = None, None, False
            self._session.pause()
        plan, dataset = store.compiled.plan, store.dataset
        if plan is None or dataset is None:
            # Training goes on by itself as soon as the network is whole again.
            self._resume = self._resume or self.running
            self._session.pause()
            self._plan = None
        elif self._entered is not store.stretch:
            self._enter(plan, dataset)
        elif plan != self._plan:
            self._session.load(plan, dataset, new.training, new.seed)
        elif new.training != old.training:
            self._session.settings(new.training)
        self._plan = plan if dataset is not None else None
        if self._plan is not None and self._resume:
            self._resume = False
            self._session.play()
        self.ready_changed.emit(self.ready)

    def _enter(self, plan: Plan, dataset: Dataset) -> None:
        """Goes over to the training that belongs to the document as it is now."""
        store, left = self._store, self._entered
        self._entered = stretch = store.stretch
        if stretch.lost:
            store.notify(
                "info",
                Message(
                    "What this network had learned then took too much memory to be kept; "
                    "it begins anew."
                ),
            )
        project = store.project
        keeps = left is not None and left.touched and store.holds(left)
        # After a reset, or with other initial weights, it is for the user to press play.
        anew = left is not None and left.data is stretch.data and left.plan == stretch.plan
        self._session.enter(
            stretch,
            plan,
            dataset,
            project.training,
            project.seed,
            leaves=left if keeps else None,
            rests=anew and stretch.begins,
            grows=self.grows,
        )

    # --- news ----------------------------------------------------------------------------------

    def _take(self) -> None:
        snapshot = self._session.mailbox.take()
        if snapshot is None:
            return
        # One that was made before the worker knew of an edit is no moment of this document.
        current = snapshot.stretch is self._entered
        if current:
            self.last = snapshot
        if snapshot.state != self.state:
            self.state = snapshot.state
            self.state_changed.emit(self.state)
        if current:
            self.snapshot.emit(snapshot)
        QCoreApplication.postEvent(self, QEvent(self._painted), _AFTER_PAINTING)

    def event(self, event: QEvent) -> bool:
        if event.type() == self._painted:
            self._session.taken()
            return True
        return super().event(event)
