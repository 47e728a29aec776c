"""The bridge: commands reach the session, its news reach the views, edits do not stop training."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtWidgets import QWidget

from netbuilder.document.model.network import COST, Edge, append
from netbuilder.document.model.project import DataChoice
from netbuilder.document.templates import new_project
from netbuilder.engine.layers import Dense
from netbuilder.engine.program import Program
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.runs.stretch import Learned


def test_the_first_snapshot_is_the_network_before_any_update(bridge, store, qtbot):
    qtbot.waitUntil(lambda: bridge.last is not None)
    assert (bridge.last.step, bridge.state) == (0, "idle")
    assert abs(bridge.last.cost - 0.693048) < 1e-6
    initial = Program(store.compiled.plan, dtype="float64", seed=2).weights()
    for key, W in bridge.last.weights.items():
        np.testing.assert_array_equal(W, initial[key])


def test_play_and_pause(bridge, qtbot):
    states = []
    bridge.state_changed.connect(states.append)
    bridge.toggle()
    qtbot.waitUntil(lambda: bridge.last is not None and bridge.last.step > 500)
    assert bridge.running
    bridge.toggle()
    qtbot.waitUntil(lambda: not bridge.running)
    assert states == ["running", "paused"]
    stopped = bridge.last
    assert stopped.cost < 0.6
    assert len(stopped.log.updates()["cost"]) == stopped.step


def test_step_epoch_and_reset(bridge, qtbot):
    bridge.step()
    qtbot.waitUntil(lambda: bridge.last is not None and bridge.last.step == 1)
    bridge.step()
    bridge.step()
    qtbot.waitUntil(lambda: bridge.last.step == 3 and not bridge.running)
    bridge.epoch()
    qtbot.waitUntil(lambda: bridge.last.epoch == 4 and not bridge.running)
    trained = bridge.last
    bridge.reset()
    qtbot.waitUntil(lambda: bridge.last.run > trained.run)
    assert (bridge.last.step, bridge.state) == (0, "idle")
    assert abs(bridge.last.cost - 0.693048) < 1e-6


def test_the_course_run_from_the_window(bridge, store, qtbot):
    store.edit(lambda p: replace(p, training=replace(p.training, epochs=1001)), "stop")
    bridge.play()
    qtbot.waitUntil(lambda: bridge.state == "finished", timeout=30_000)
    costs = bridge.last.log.updates()["cost"]
    assert len(costs) == 1001
    assert abs(costs[0] - 0.693048) < 1e-6
    assert abs(costs[1000] - 0.288083) < 1e-6


def test_a_new_seed_is_an_edit_that_starts_afresh(bridge, store, qtbot):
    bridge.step()
    qtbot.waitUntil(lambda: bridge.last is not None and bridge.last.step == 1)
    trained = bridge.last
    bridge.new_seed()
    assert store.project.seed != 2
    qtbot.waitUntil(lambda: bridge.last.run > trained.run)
    assert bridge.last.step == 0
    store.undo()
    qtbot.waitUntil(lambda: bridge.last.step == 1)
    assert bridge.last.cost == trained.cost


def test_an_edit_while_training_keeps_going_with_what_fits(bridge, store, qtbot):
    bridge.play()
    qtbot.waitUntil(lambda: bridge.last is not None and bridge.last.step > 50)

    def widen(project):
        network, _ = append(project.network, Dense(4, "tanh"))
        return project.with_network(network)

    before = bridge.last.step
    store.edit(widen, "add")
    qtbot.waitUntil(
        lambda: bridge.last.plan == store.compiled.plan and bridge.last.step > before + 50
    )
    assert bridge.running
    assert bridge.last.log.marks


def test_moving_a_card_or_renaming_it_does_not_touch_training(bridge, store, qtbot):
    bridge.step()
    qtbot.waitUntil(lambda: bridge.last is not None and bridge.last.step == 1)
    weights = bridge.last.weights
    store.edit(lambda p: p.with_network(p.network.move({"n1": (5.0, 5.0)})), "move")
    store.edit(lambda p: p.with_network(p.network.rename("n1", "Hidden")), "rename")
    qtbot.waitUntil(lambda: bridge.last.plan.node("n1").name == "Hidden")
    assert bridge.last.step == 1
    for key, W in bridge.last.weights.items():
        np.testing.assert_array_equal(W, weights[key])


def test_training_waits_while_the_network_is_broken_and_then_goes_on(bridge, store, qtbot):
    bridge.play()
    qtbot.waitUntil(lambda: bridge.last is not None and bridge.last.step > 50)
    wire = Edge("n2", COST)
    with qtbot.waitSignal(bridge.ready_changed) as ready:
        store.edit(lambda p: p.with_network(p.network.disconnect([wire])), "delete wire")
    assert ready.args == [False]
    qtbot.waitUntil(lambda: not bridge.running)
    stood = bridge.last
    bridge.play()
    bridge.step()
    assert not bridge.ready
    store.undo()
    qtbot.waitUntil(lambda: bridge.running and bridge.last.step > stood.step + 50)
    assert bridge.last.cost <= stood.cost + 1e-9


def test_pausing_a_broken_network_means_pausing(bridge, store, qtbot):
    bridge.play()
    qtbot.waitUntil(lambda: bridge.last is not None and bridge.last.step > 50)
    wire = Edge("n2", COST)
    store.edit(lambda p: p.with_network(p.network.disconnect([wire])), "delete wire")
    qtbot.waitUntil(lambda: not bridge.running)
    bridge.pause()
    stood = bridge.last.step
    store.undo()
    bridge.step()
    qtbot.waitUntil(lambda: bridge.last.step == stood + 1)
    assert not bridge.running


def test_settings_take_effect_while_it_runs_and_are_marked(bridge, store, qtbot):
    bridge.play()
    qtbot.waitUntil(lambda: bridge.last is not None and bridge.last.step > 50)
    store.edit(lambda p: replace(p, training=replace(p.training, learning_rate=0.3)), "rate")
    qtbot.waitUntil(lambda: len(bridge.last.log.marks) == 1)
    assert bridge.running


def test_divergence_is_told_with_the_layer_and_what_to_try(bridge, store, qtbot):
    store.edit(
        lambda p: replace(
            p,
            data=replace(p.data, source="gaussians", noise=10.0),
            training=replace(p.training, learning_rate=1e6, dtype="float32"),
            network=p.network.set_layer("n1", Dense(4, "relu", "large")),
        ),
        "wild",
    )
    store.edit(lambda p: p.with_network(p.network.set_layer("n2", Dense(1, "linear"))), "linear")
    store.edit(
        lambda p: p.with_network(
            p.network.set_layer(COST, replace(p.network.node(COST).layer, loss="mse"))
        ),
        "mse",
    )
    assert bridge.ready
    bridge.play()
    qtbot.waitUntil(lambda: bridge.state == "diverged", timeout=20_000)
    assert str(bridge.last.message)
    assert np.isfinite(bridge.last.cost)
    assert all(np.isfinite(W).all() for W in bridge.last.weights.values())


def test_another_document_is_another_run_at_rest(bridge, store, qtbot):
    bridge.play()
    qtbot.waitUntil(lambda: bridge.last is not None and bridge.last.step > 50)
    other = new_project(DataChoice(source="moons"), "3 relu, 1 sigmoid")
    store.replace(other)
    assert bridge.last is None
    qtbot.waitUntil(lambda: bridge.last is not None and bridge.last.plan == store.compiled.plan)
    assert (bridge.last.step, bridge.state) == (0, "idle")


def test_weights_that_came_with_the_document_are_in_force(store, qtbot):
    weights = {key: np.full(shape, 0.25) for key, shape in store.compiled.plan.parameters.items()}
    store.replace(store.project, learned=Learned(weights))
    bridge = TrainingBridge(store)
    qtbot.waitUntil(lambda: bridge.last is not None)
    for key, W in bridge.last.weights.items():
        np.testing.assert_array_equal(W, weights[key])
    bridge.close()


def test_weights_can_be_loaded_and_read_back(bridge, store, qtbot):
    weights = {key: np.full(shape, 0.5) for key, shape in store.compiled.plan.parameters.items()}
    store.learn(Learned(weights), "weights")
    now = bridge.learned().weights
    for key, W in weights.items():
        np.testing.assert_array_equal(now[key], W)


class Canvas(QWidget):
    """Notes when it is painted, after it was told of a snapshot."""

    def __init__(self, order):
        super().__init__()
        self.order = order

    def paintEvent(self, event):
        self.order.append("painted")


def test_the_worker_gets_its_turn_after_the_views_have_painted(bridge, qtbot, monkeypatch):
    order = []
    canvas = Canvas(order)
    qtbot.addWidget(canvas)
    canvas.show()
    qtbot.waitUntil(lambda: bridge.last is not None and "painted" in order)
    monkeypatch.setattr(bridge._session, "taken", lambda: order.append("taken"))
    bridge.snapshot.connect(lambda _: (order.append("snapshot"), canvas.update()))
    order.clear()
    bridge.step()
    qtbot.waitUntil(lambda: "taken" in order)
    assert order[:3] == ["snapshot", "painted", "taken"]


def test_closing_ends_the_thread_even_while_it_trains(bridge, qtbot):
    bridge.play()
    qtbot.waitUntil(lambda: bridge.last is not None and bridge.last.step > 10)
    bridge.close()
    bridge.close()
    assert bridge._session._thread is None or not bridge._session._thread.is_alive()


def test_an_error_in_the_worker_is_told_and_play_goes_on(bridge, qtbot, monkeypatch):
    qtbot.waitUntil(lambda: bridge.last is not None)
    broken = [True]
    update = Program.update

    def fail_once(self, *args, **kwargs):
        if broken and broken.pop():
            raise RuntimeError("boom")
        return update(self, *args, **kwargs)

    monkeypatch.setattr(Program, "update", fail_once)
    monkeypatch.setattr("netbuilder.training.worker._log.error", lambda *a, **k: None)
    bridge.play()
    qtbot.waitUntil(lambda: bridge.state == "failed")
    assert "boom" in str(bridge.last.message)
    bridge.play()
    qtbot.waitUntil(lambda: bridge.running and bridge.last.step > 10)
