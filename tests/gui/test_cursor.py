"""The cursor: live it follows the training; at rest every view stays at the moment it rests on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from netbuilder.document.model.project import DataChoice
from netbuilder.document.templates import new_project
from netbuilder.gui.cursor import Cursor
from netbuilder.gui.store import Store
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.runs.recorder import Recorder
from netbuilder.training.replay import Replay


@pytest.fixture
def cursor(store: Store, bridge: TrainingBridge, qtbot: Any) -> Cursor:
    cursor = Cursor(store, bridge)
    qtbot.waitUntil(lambda: bridge.last is not None)
    return cursor


@pytest.fixture
def trained(cursor: Cursor, bridge: TrainingBridge, qtbot: Any) -> Cursor:
    """After ten updates."""
    for _ in range(10):
        bridge.step()
    qtbot.waitUntil(lambda: bridge.last.step == 10 and not bridge.running)
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


# --- any step of the run -------------------------------------------------------------------------


def test_a_step_is_seen_at_once_and_then_exactly(trained: Cursor, qtbot: Any) -> None:
    seen: list[tuple[int, bool]] = []
    trained.moved.connect(lambda moment: seen.append((moment.step, moment.exact)))
    trained.go_to(4)
    assert seen == [(4, False)] and trained.seeking
    with qtbot.waitSignal(trained.sought):
        pass
    assert seen == [(4, False), (4, True)] and not trained.seeking
    again = Replay(trained.recorder).snapshot(4, trained.moment)
    for name, W in again.weights.items():
        assert trained.moment.weights[name].tobytes() == W.tobytes()
    trained.go_by_update(-50)
    assert trained.moment.step == 0
    trained.go_by_update(50)
    assert trained.live


def test_a_find_that_comes_too_late_moves_nothing(
    trained: Cursor, bridge: TrainingBridge, qtbot: Any
) -> None:
    """The search is over, but its signal still waits, when another moment is wanted."""
    trained.go_to(4)
    thread = trained._seeker._thread
    if thread is not None:
        thread.join()
    early = replace(bridge.last, step=0)
    trained.rest_at(early)
    trained.go_to(7)
    with qtbot.waitSignal(trained.sought):
        pass
    assert trained.at == (bridge.last.run, 7)
    trained.go_to(4)
    trained.go_live()
    QApplication.processEvents()
    assert trained.live


@pytest.mark.parametrize(
    "error, words",
    [(RuntimeError("boom"), "RuntimeError: boom"), (MemoryError(), "not enough memory")],
)
def test_a_search_that_fails_says_so_and_the_film_stays(
    trained: Cursor,
    notices: list[tuple[str, str]],
    qtbot: Any,
    monkeypatch: Any,
    error: Exception,
    words: str,
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(Replay, "snapshot", fail)
    monkeypatch.setattr("netbuilder.gui.seeker._log.exception", lambda *_: None)
    with qtbot.waitSignal(trained.sought):
        trained.go_to(4)
    ((kind, said),) = notices
    assert kind == "error" and words in said
    assert trained.moment.step == 4 and not trained.moment.exact


def test_what_is_only_in_the_film_stays_approximate(
    trained: Cursor, notices: list[object], qtbot: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(Recorder, "passage", lambda *_: None)
    with qtbot.waitSignal(trained.sought):
        trained.go_to(4)
    assert trained.moment.step == 4 and not trained.moment.exact and not notices


def test_without_a_recorder_there_is_nowhere_to_go(trained: Cursor, bridge: TrainingBridge) -> None:
    alone = replace(bridge.last, recorder=None)
    trained.rest_at(alone)
    trained.go_to(3)
    trained.go_by_epoch(-1)
    assert trained.moment is alone
