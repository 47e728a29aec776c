"""Small networks and data, and a session that tests wait for by condition, never by sleeping."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from netbuilder.data.dataset import DataInfo, Dataset, Part
from netbuilder.document.model.project import TrainingSettings
from netbuilder.engine.layers import Dense, Dropout
from netbuilder.engine.plan import Plan, chain
from netbuilder.engine.program import Weights
from netbuilder.runs.snapshot import Snapshot
from netbuilder.training.session import Session

PATIENCE = 60.0
"""Seconds after which a test gives up waiting; on a sound program it never comes to that."""


class Kit:
    """Makes plans, data and settings; the defaults are small and smooth."""

    def plan(
        self, *units: int, activation: str = "tanh", dropout: float = 0.0, n_x: int = 2
    ) -> Plan:
        """Dense layers n_x → units → 1 sigmoid, each behind a dropout if there is one."""
        layers: list[Any] = []
        for n in units or (4,):
            layers.append(Dense(n, activation, "xavier"))
            if dropout:
                layers.append(Dropout(dropout))
        return chain(n_x, [*layers, Dense(1, "sigmoid", "xavier")], "binary_cross_entropy")

    def line(self) -> Plan:
        """One linear unit with squared error: easily made to diverge."""
        return chain(2, [Dense(3, "linear", "xavier"), Dense(1, "linear", "xavier")], "mse")

    def data(
        self, m: int = 30, validation: int = 0, *, task: str = "binary", scale: float = 1.0
    ) -> Dataset:
        def part(count: int, seed: int) -> Part:
            rng = np.random.default_rng(seed)
            X = rng.standard_normal((count, 2)) * scale
            label = ((X[:, :1] > 0) == (X[:, 1:] > 0)).astype(float)
            return Part(X, label if task == "binary" else X[:, :1] * 2 - X[:, 1:])

        names = ("0", "1") if task == "binary" else ()
        info = DataInfo("test", m + validation, ("x1", "x2"), ("y",), task, names)
        return Dataset(info, part(m, 1), part(validation, 2), part(0, 3), None)

    def settings(self, **changes: Any) -> TrainingSettings:
        return TrainingSettings(**{"learning_rate": 0.3, **changes})


@pytest.fixture(scope="session")
def kit() -> Kit:
    return Kit()


def assert_same(actual: Weights, expected: Weights) -> None:
    """Bit by bit."""
    assert actual.keys() == expected.keys()
    for key, array in expected.items():
        assert actual[key].dtype == array.dtype
        assert actual[key].tobytes() == array.tobytes(), key


@pytest.fixture(scope="session")
def same() -> Callable[[Weights, Weights], None]:
    return assert_same


class Watched:
    """A session with someone who takes every snapshot at once, as a quick window would."""

    def __init__(self, takes: bool = True, wants_turns: bool = True) -> None:
        self.takes = takes
        self.news = 0
        self.seen: list[Snapshot] = []
        self._arrived = threading.Condition()
        self.session = Session(self._on_news, wants_turns=wants_turns)

    def _on_news(self) -> None:
        with self._arrived:
            self.news += 1
            if self.takes:
                self._take()
            self._arrived.notify_all()
        if self.takes:
            self.session.taken()

    def _take(self) -> None:
        snapshot = self.session.mailbox.take()
        assert snapshot is not None
        self.seen.append(snapshot)

    @property
    def last(self) -> Snapshot:
        return self.seen[-1]

    def until(self, wanted: Callable[[Snapshot], bool]) -> Snapshot:
        """Waits for a snapshot; those before it stay in ``seen``."""
        looked = 0
        with self._arrived:
            while True:
                for snapshot in self.seen[looked:]:
                    if wanted(snapshot):
                        return snapshot
                looked = len(self.seen)
                assert self._arrived.wait(PATIENCE), f"waited in vain after {self.seen[-1:]}"

    def forget(self) -> None:
        with self._arrived:
            self.seen.clear()

    def rest(self, state: str) -> Snapshot:
        return self.until(lambda snapshot: snapshot.state == state)


@pytest.fixture
def watched() -> Iterator[Callable[..., Watched]]:
    """Makes watched sessions, closes them, and sees that no thread is left behind."""
    before = set(threading.enumerate())
    made: list[Watched] = []

    def make(**options: Any) -> Watched:
        made.append(Watched(**options))
        return made[-1]

    yield make
    for one in made:
        assert one.session.close(PATIENCE)
    assert not {
        thread
        for thread in set(threading.enumerate()) - before
        if thread.name.startswith("netbuilder-training")
    }
