"""A run that stands still: real training, but snapshots come only when a test says so."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget

from netbuilder.data.table import Table
from netbuilder.document import templates
from netbuilder.document.model.project import FILE, DataChoice, Project
from netbuilder.gui.centre import Centre
from netbuilder.gui.cursor import Cursor
from netbuilder.gui.run_book import RunBook
from netbuilder.gui.store import Store
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.runs.snapshot import Snapshot
from netbuilder.training.trainer import Limit, Trainer


class StillBridge(QObject):
    """What a view needs of the training bridge, without the thread."""

    snapshot = Signal(object)
    closed = Signal()

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store = store
        self.last: Snapshot | None = None
        self.runs = 0

    @property
    def running(self) -> bool:
        return self.last is not None and self.last.state == "running"

    def publish(self, snapshot: Snapshot) -> None:
        self.last = snapshot
        self.snapshot.emit(snapshot)

    def train(self, epochs: int, **settings: Any) -> Snapshot:
        """Trains afresh with the project's settings, or others, and publishes the end."""
        store = self.store
        assert store.compiled.plan is not None
        assert store.dataset is not None
        training = dataclasses.replace(store.project.training, **settings)
        trainer = Trainer(store.compiled.plan, store.dataset, training, store.project.seed)
        trainer.limit = Limit(seconds=None, epochs=epochs)
        next(trainer.bursts())
        self.runs += 1
        snapshot = Snapshot(
            run=self.runs,
            plan=trainer.plan,
            epoch=trainer.epoch,
            step=trainer.step,
            cost=trainer.cost,
            weights=trainer.weights(),
            gradients=trainer.gradients(),
            before=trainer.before(),
            updates_per_second=0.0,
            state="paused",
            log=trainer.log,
        )
        self.publish(snapshot)
        return snapshot

    def show_weights(self, **weights: np.ndarray) -> Snapshot:
        """Publishes a snapshot of the plan with these weights: ``n1_W=…``; the others are zero."""
        plan = self.store.compiled.plan
        assert plan is not None
        given = {name.replace("_", "."): np.asarray(W, float) for name, W in weights.items()}
        arrays = {name: given.get(name, np.zeros(shape)) for name, shape in plan.parameters.items()}
        assert all(arrays[name].shape == shape for name, shape in plan.parameters.items())
        snapshot = dataclasses.replace(self.train(1), weights=arrays)
        self.publish(snapshot)
        return snapshot


@dataclasses.dataclass
class Stage:
    """A store, a bridge and themes for one panel."""

    store: Store
    bridge: StillBridge
    cursor: Cursor
    themes: ThemeManager
    qtbot: Any
    runs: RunBook
    asked: list[str] = dataclasses.field(default_factory=list)
    """The actions that the panel wanted performed."""

    @property
    def centre(self) -> Centre:
        return Centre(
            self.store, self.bridge, self.cursor, self.runs, self.themes, self.asked.append
        )

    def panel(self, kind: Callable[..., QWidget], width: int = 330, height: int = 206) -> Any:
        """The panel, shown at the size it has at the bottom of a small window."""
        panel = kind(self.centre)
        panel.bridge = self.bridge  # for the hands of a test
        self.qtbot.addWidget(panel)
        panel.resize(width, height)
        panel.show()
        self.qtbot.waitUntil(lambda: not panel.stale)
        # The first refresh may change the sizes of the panel's parts.
        QApplication.processEvents()
        return panel


@pytest.fixture
def stage(themes: ThemeManager, qtbot: Any) -> Callable[..., Stage]:
    """Makes a stage for a project; without one, for the flower of the first start."""

    def make(project: Project | None = None) -> Stage:
        store = Store(project or templates.first_start())
        bridge = StillBridge(store)
        runs = RunBook(store, bridge)
        return Stage(store, bridge, Cursor(store, bridge), themes, qtbot, runs)

    return make


def regression(features: int = 2) -> Project:
    """y = x1 − x2 on 60 points."""
    X = np.random.RandomState(3).uniform(-1, 1, (60, features))
    y = X[:, 0] - X[:, 1]
    names = tuple(f"x{number + 1}" for number in range(features))
    table = Table(np.column_stack([X, y]), (*names, "y"), targets=("y",), name="plane")
    choice = DataChoice(source=FILE, path="plane.npz", table=table, validation=0.2)
    return templates.new_project(choice, "4 tanh, 1 linear")


@pytest.fixture
def iris() -> Project:
    return templates.new_project(
        DataChoice(source="iris", validation=0.2, scale="standard"), "5 tanh, 3 softmax"
    )


@pytest.fixture
def plane() -> Project:
    return regression()
