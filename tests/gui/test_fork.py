"""Training on from a moment: as if it had never stopped, and undone as any edit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from netbuilder.document.model.network import COST, Edge
from netbuilder.document.model.project import DataChoice
from netbuilder.engine.layers import Dense
from netbuilder.gui.cursor import Cursor
from netbuilder.gui.fork import obstacle, train_on
from netbuilder.gui.store import Store
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.runs.state import RunState


@pytest.fixture
def cursor(store: Store, bridge: TrainingBridge, qtbot: Any) -> Iterator[Cursor]:
    cursor = Cursor(store, bridge)
    qtbot.waitUntil(lambda: bridge.last is not None)
    yield cursor
    cursor.close()


class Hands:
    """Trains, looks back, and trains on from there."""

    def __init__(self, store: Store, bridge: TrainingBridge, cursor: Cursor, qtbot: Any) -> None:
        self.store, self.bridge, self.cursor, self.qtbot = store, bridge, cursor, qtbot

    def rest(self) -> None:
        self.qtbot.waitUntil(
            lambda: (
                not self.bridge.running
                and self.bridge.last is not None
                and self.bridge.last.stretch is self.store.stretch
            )
        )

    def train(self, updates: int) -> None:
        self.rest()
        goal = self.bridge.last.step + updates
        for _ in range(updates):
            self.bridge.step()
        self.qtbot.waitUntil(lambda: self.bridge.last.step == goal and not self.bridge.running)

    def look_back(self, step: int) -> None:
        self.cursor.go_to(step)
        self.qtbot.waitUntil(lambda: self.cursor.moment.exact and not self.cursor.seeking)
        assert self.cursor.at == (self.bridge.last.run, step)

    def fork(self, step: int) -> None:
        """At rest afterwards, before its first update."""
        self.look_back(step)
        assert obstacle(self.store, self.cursor) == ""
        before = self.store.stretch
        train_on(self.store, self.bridge, self.cursor)
        self.qtbot.waitUntil(lambda: self.store.stretch is not before)
        self.bridge.pause()
        self.rest()
        assert self.cursor.live

    def state(self) -> RunState:
        learned = self.bridge.learned()
        assert learned is not None and learned.state is not None
        return learned.state


@pytest.fixture
def hands(store: Store, bridge: TrainingBridge, cursor: Cursor, qtbot: Any) -> Hands:
    return Hands(store, bridge, cursor, qtbot)


def same(one: RunState, other: RunState) -> None:
    for name in ("step", "epoch", "position", "updates", "random", "cost", "settings"):
        assert repr(getattr(one, name)) == repr(getattr(other, name)), name
    assert one.numbers.tobytes() == other.numbers.tobytes()


@pytest.mark.parametrize("batch_size, optimizer", [(0, "gd"), (37, "adam")])
def test_a_fork_goes_on_as_if_training_had_never_stopped(hands, store, batch_size, optimizer):
    store.edit(
        lambda p: replace(
            p, training=replace(p.training, batch_size=batch_size, optimizer=optimizer)
        ),
        "settings",
    )
    hands.train(40)
    end, log = hands.state(), hands.bridge.last.log.updates()["cost"].tolist()
    hands.fork(15)
    assert store.undo_label == "train on from update 15"
    begun = hands.bridge.last.step
    assert begun >= 15
    hands.train(40 - begun)
    same(hands.state(), end)
    assert hands.bridge.last.log.updates()["cost"].tolist() == log


def test_undo_brings_back_the_end_of_the_parent_and_redo_the_fork(hands, store):
    hands.train(30)
    end = hands.state()
    hands.fork(10)
    hands.train(5)
    fork = hands.state()
    store.undo()
    hands.rest()
    same(hands.state(), end)
    store.redo()
    hands.rest()
    same(hands.state(), fork)


def test_the_fork_can_be_looked_back_over_to_its_parents_beginning(hands, cursor):
    hands.train(20)
    hands.look_back(4)
    then = cursor.moment.weights
    hands.fork(12)
    hands.look_back(4)
    assert cursor.moment.weights["n1.W"].tobytes() == then["n1.W"].tobytes()
    assert [step for step, _ in cursor.moment.log.marks] == []


def test_the_settings_of_today_count_and_are_marked(hands, store):
    hands.train(20)
    store.edit(lambda p: replace(p, training=replace(p.training, learning_rate=0.1)), "rate")
    hands.fork(8)
    assert hands.state().settings.learning_rate == 0.1
    assert [(step, str(words)) for step, words in hands.bridge.last.log.marks] == [
        (8, "learning rate: 1.2 → 0.1")
    ]


def wider(p):
    return p.with_network(p.network.set_layer("n1", Dense(7, "tanh")))


def fewer(p):
    return replace(p, data=replace(p.data, examples=100))


@pytest.mark.parametrize("change", [wider, fewer], ids=["network", "data"])
def test_an_earlier_network_or_data_comes_back_in_the_same_step(hands, store, cursor, change):
    first = store.project
    hands.train(10)
    hands.look_back(6)
    seen = cursor.look().output_map()
    cursor.go_live()
    store.edit(change, "change")
    second = store.project
    # A network that is not whole shares the stretch of the one before: it is not what is put back.
    store.edit(lambda p: p.with_network(p.network.disconnect([Edge("n2", COST)])), "cut")
    store.undo()
    hands.train(10)
    end = hands.state()
    hands.look_back(6)
    np.testing.assert_array_equal(cursor.look().output_map(), seen)
    hands.fork(6)
    assert store.project == first
    assert hands.state().network == store.stretch.learned.state.network
    store.undo()
    hands.rest()
    assert store.project is second
    same(hands.state(), end)


def test_a_moment_of_another_document_has_an_obstacle(hands, store, cursor, notices):
    hands.train(6)
    hands.look_back(3)
    elsewhere = cursor.moment
    store.replace(replace(store.project, data=DataChoice(source="moons")))
    hands.rest()
    assert "Go back" in obstacle(store, cursor)
    cursor.rest_at(elsewhere)
    assert "no longer in the history" in obstacle(store, cursor)
    train_on(store, hands.bridge, cursor)
    assert not store.can_undo
    assert notices == [("info", obstacle(store, cursor))]


def test_a_moment_of_which_nothing_is_kept_has_an_obstacle(hands, store, cursor):
    hands.train(2)
    cursor.rest_at(replace(hands.bridge.last, recorder=None))
    assert "only the film" in obstacle(store, cursor)
