"""The cursor: live it follows the training; at rest every view stays at the moment it rests on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from netbuilder.document.model.project import DataChoice
from netbuilder.document.templates import new_project
from netbuilder.gui.cursor import Cursor
from netbuilder.gui.store import Store
from netbuilder.gui.training_bridge import TrainingBridge


@pytest.fixture
def cursor(store: Store, bridge: TrainingBridge, qtbot: Any) -> Cursor:
    cursor = Cursor(store, bridge)
    qtbot.waitUntil(lambda: bridge.last is not None)
    return cursor


def test_live_it_follows_the_training(cursor: Cursor, bridge: TrainingBridge, qtbot: Any) -> None:
    with qtbot.waitSignal(cursor.moved, check_params_cb=lambda moment: moment.step == 1):
        bridge.step()
    assert cursor.live and cursor.moment is bridge.last
    assert cursor.at == (bridge.last.run, 1)


def test_at_rest_it_stays_while_training_goes_on(
    cursor: Cursor, bridge: TrainingBridge, qtbot: Any
) -> None:
    start = bridge.last
    with qtbot.waitSignal(cursor.moved):
        cursor.rest_at(start)
    moved: list[object] = []
    cursor.moved.connect(moved.append)
    bridge.step()
    qtbot.waitUntil(lambda: bridge.last.step == 1 and bridge.state == "paused")
    assert not moved and cursor.moment is start and not cursor.running
    np.testing.assert_array_equal(cursor.look().weights["n1.W"], start.weights["n1.W"])
    cursor.go_live()
    assert moved == [bridge.last]
    np.testing.assert_array_equal(cursor.look().weights["n1.W"], bridge.last.weights["n1.W"])


def test_a_moment_of_a_running_network_does_not_run_any_more(
    cursor: Cursor, bridge: TrainingBridge
) -> None:
    cursor.rest_at(replace(bridge.last, state="running", updates_per_second=7.0))
    assert (cursor.moment.state, cursor.moment.updates_per_second) == ("paused", 0.0)


def test_another_document_is_looked_at_live(
    cursor: Cursor, store: Store, bridge: TrainingBridge
) -> None:
    cursor.rest_at(bridge.last)
    store.replace(new_project(DataChoice(source="moons")))
    assert cursor.live


def test_with_a_problem_there_is_nothing_to_see(cursor: Cursor, store: Store) -> None:
    network = store.project.network
    store.commit(store.project.with_network(network.disconnect(network.edges[:1])), "cut")
    assert cursor.look() is None
    store.undo()
    assert cursor.look() is not None
