"""The bridge between the window and the training session: commands go down, snapshots come up."""

from __future__ import annotations

import random
from dataclasses import replace

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal

from netbuilder.document.model.project import Project
from netbuilder.engine.plan import Plan
from netbuilder.engine.program import Weights
from netbuilder.gui.store import Store
from netbuilder.runs.snapshot import Snapshot
from netbuilder.training.session import Session

_HOLD = 0.05
"""Seconds for which the worker stands still after the user has touched something."""
_AFTER_PAINTING = Qt.EventPriority.LowEventPriority.value - 1
"""Qt paints at low priority; what comes after that comes after the views have painted."""


class TrainingBridge(QObject):
    """Keeps the session in step with the document, and hands its news to the views."""

    snapshot = Signal(object)
    """(Snapshot,) the latest; older ones that nobody had time for are dropped."""
    state_changed = Signal(str)
    ready_changed = Signal(bool)
    """Whether there is a network that can train."""
    _news = Signal()

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self.last: Snapshot | None = None
        self.state = "idle"
        self._plan: Plan | None = None
        self._document = store.document
        self._resume = False
        self._other_examples = False
        self._painted = QEvent.Type(QEvent.registerEventType())
        # The worker sends no more than one empty signal; the snapshot itself waits in the mailbox.
        self._news.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._session = Session(self._news.emit)
        self._load(store.weights, new_run=True)
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
            self._session.step()

    def epoch(self) -> None:
        """Updates to the end of the epoch."""
        if self.ready:
            self._session.epoch()

    def reset(self) -> None:
        """Back to the initial weights of the project's seed."""
        self._resume = False
        if self.ready:
            self._session.reset()

    def new_seed(self) -> None:
        """Other initial weights: a new seed is an edit like any other, and can be undone."""
        seed = random.SystemRandom().randrange(1, 10_000)
        self._store.edit(
            lambda project: replace(project, seed=seed), self.tr("new seed of the network")
        )

    def hold(self) -> None:
        """Lets the user go first: the worker stands still for a moment."""
        if self.running:
            self._session.hold(_HOLD)

    def weights(self) -> Weights | None:
        """The weights of this moment; None where nothing was ever able to train."""
        return self._session.weights() or None

    def load_weights(self, weights: Weights) -> None:
        """Goes on from other weights, such as those of a file."""
        self._load(weights)

    def close(self) -> None:
        """Ends the worker; nothing trains after this. Closing twice does no harm."""
        self._session.close()

    # --- following the document ----------------------------------------------------------------

    def _follow(self, old: Project, new: Project) -> None:
        self._other_examples |= _examples(old) != _examples(new)
        if self._document != self._store.document:
            self._document = self._store.document
            self._plan, self.last, self._resume = None, None, False
            self._session.pause()
            self._load(self._store.weights, new_run=True)
        elif not self._store.compiled.ok:
            # Training goes on by itself as soon as the network is whole again.
            self._resume = self._resume or self.running
            self._session.pause()
            self._plan = None
            self.ready_changed.emit(False)
        elif self._other_examples:
            # What was learned of one data set means nothing to another: a new run, from the seed.
            self._resume = self._resume or self.running
            self._load(new_run=True)
        elif self._store.compiled.plan != self._plan or new.data is not old.data:
            self._load()
        elif new.seed != old.seed:
            self._session.reset(new.seed)
        elif new.training != old.training:
            self._session.settings(new.training)

    def _load(self, weights: Weights | None = None, new_run: bool = False) -> None:
        """Without weights, those of every layer that is as it was survive."""
        plan, dataset = self._store.compiled.plan, self._store.dataset
        if plan is not None and dataset is not None:
            self._plan = plan
            self._other_examples = False
            project = self._store.project
            self._session.load(
                plan, dataset, project.training, project.seed, weights, new_run=new_run
            )
            if self._resume:
                self._resume = False
                self._session.play()
        self.ready_changed.emit(self.ready)

    # --- news ----------------------------------------------------------------------------------

    def _take(self) -> None:
        snapshot = self._session.mailbox.take()
        if snapshot is None:
            return
        self.last = snapshot
        if snapshot.state != self.state:
            self.state = snapshot.state
            self.state_changed.emit(self.state)
        self.snapshot.emit(snapshot)
        QCoreApplication.postEvent(self, QEvent(self._painted), _AFTER_PAINTING)

    def event(self, event: QEvent) -> bool:
        if event.type() == self._painted:
            self._session.taken()
            return True
        return super().event(event)


def _examples(project: Project) -> tuple[object, ...]:
    """What tells one data set from another; its size, noise, split and scaling do not."""
    data = project.data
    return data.source, data.path, data.target, data.table
