"""What a diverged, a stopped and a changed network say of themselves, and their way out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from netbuilder.document.model.network import COST
from netbuilder.engine.layers import Cost, Dense

LEFT = Qt.MouseButton.LeftButton


def diverge(window, qtbot, initializer, rate):
    """Linear, with a squared error, and steps that are too large."""

    def wild(project):
        network = project.network.set_layer(COST, Cost("mse"))
        network = network.set_layer("n1", Dense(4, "relu", initializer))
        project = project.with_network(network.set_layer("n2", Dense(1, "linear", "xavier")))
        return replace(project, training=replace(project.training, learning_rate=rate))

    window.store.edit(wild, "wild")
    QTest.mouseClick(window.toolbar.play, LEFT)
    qtbot.waitUntil(lambda: window.bridge.state == "diverged", timeout=20_000)
    return window


@pytest.fixture
def diverged(window, qtbot):
    return diverge(window, qtbot, "he", 3.0)


def test_a_diverged_run_is_back_where_it_was_good_and_offers_what_helps(diverged):
    window, last = diverged, diverged.bridge.last
    told = window.strip.text.text()
    assert "before the cost began to grow" in told
    assert last.parent is not None and last.parent.step == last.step
    costs = last.log.updates()["cost"]
    assert len(costs) == last.step
    assert all(np.isfinite(W).all() for W in last.weights.values())
    assert window.strip.helps, "buttons beside it"
    room = window.strip.rect()
    for button in window.strip.helps:
        assert button.isVisible() and room.contains(button.geometry())
        assert button.width() >= button.sizeHint().width(), "its words are not cut off"
    first = window.strip.helps[0].text()
    assert first.startswith("Learning rate ")
    assert f"to {first.split()[-1]}" in told, "the message names the number"


def test_a_smaller_rate_is_one_step_and_trains_on_from_there(diverged, qtbot):
    window, last = diverged, diverged.bridge.last
    rate = float(window.strip.helps[0].text().split()[-1])
    QTest.mouseClick(window.strip.helps[0], LEFT)
    assert window.store.project.training.learning_rate == rate
    assert not window.strip.isVisible() and not window.strip.helps
    qtbot.waitUntil(
        lambda: window.bridge.running and window.bridge.last.step > last.step + 200,
        timeout=20_000,
    )
    assert window.bridge.last.run == last.run, "it goes on in the same run"
    window.store.undo()
    assert window.store.project.training.learning_rate == 3.0


def test_suitable_initial_weights_begin_anew(window, qtbot):
    last = diverge(window, qtbot, "large", 0.05).bridge.last
    (button,) = (one for one in window.strip.helps if "initialised" in one.text())
    QTest.mouseClick(button, LEFT)
    assert window.store.project.network.node("n1").layer.initializer == "he"
    qtbot.waitUntil(
        lambda: window.bridge.last is not None and window.bridge.last.run > last.run,
        timeout=20_000,
    )
    qtbot.waitUntil(lambda: window.bridge.last.step > 0, timeout=20_000)
    assert window.bridge.last.parent is None, "it begins anew"
    window.store.undo()
    assert window.store.project.network.node("n1").layer.initializer == "large"


def test_the_buttons_go_with_their_message(diverged):
    window = diverged
    QTest.mouseClick(window.strip.close_button, LEFT)
    assert not window.strip.isVisible() and not window.strip.helps


def test_early_stopping_rests_at_the_best(window, qtbot):
    window.store.edit(
        lambda p: replace(
            p,
            data=replace(p.data, validation=0.5),
            training=replace(p.training, patience=6, learning_rate=1.2),
        ),
        "patience",
    )
    QTest.mouseClick(window.toolbar.play, LEFT)
    qtbot.waitUntil(lambda: window.bridge.state == "finished", timeout=60_000)
    told, last = window.strip.text.text(), window.bridge.last
    assert f"back at epoch {last.epoch:,}, the best" in told
    found = last.log.evaluations()
    assert found["step"][-1] == last.step
    assert found["validation_cost"][-1] == np.nanmin(found["validation_cost"])
    assert window.toolbar.epoch.value.text() == f"{last.epoch:,}"


def test_other_initial_weights_of_a_trained_layer_wait_for_the_next_reset(window, qtbot, play):
    play(window)
    QTest.mouseClick(window.toolbar.play, LEFT)
    qtbot.waitUntil(lambda: not window.bridge.running)
    window.store.select(["n1"])
    inspector = window.workspaces.panels["inspector"]
    assert not inspector.from_reset.isVisible()
    before = window.bridge.learned().weights["n1.W"].copy()
    field = inspector.form.fields["initializer"]
    was = window.store.project.network.node("n1").layer.initializer
    field.setCurrentIndex(field.findText("Zeros"))
    field.activated.emit(field.currentIndex())
    assert window.store.project.network.node("n1").layer.initializer == "zeros"
    qtbot.waitUntil(inspector.from_reset.isVisible)
    qtbot.waitUntil(lambda: window.bridge.last.plan == window.store.compiled.plan)
    np.testing.assert_array_equal(window.bridge.learned().weights["n1.W"], before)
    button = inspector.from_reset.findChild(type(window.strip.remedy))
    QTest.mouseClick(button, LEFT)
    assert not inspector.from_reset.isVisible()
    qtbot.waitUntil(lambda: not window.bridge.last.weights["n1.W"].any())
    window.store.undo()
    assert inspector.from_reset.isVisible(), "what was learned is there again"
    qtbot.waitUntil(lambda: window.bridge.last.weights["n1.W"].any())
    np.testing.assert_array_equal(window.bridge.learned().weights["n1.W"], before)
    window.store.undo()
    assert window.store.project.network.node("n1").layer.initializer == was
    assert not inspector.from_reset.isVisible()


def test_before_it_is_trained_a_layer_begins_as_its_field_says(window, qtbot):
    window.store.select(["n1"])
    inspector = window.workspaces.panels["inspector"]
    field = inspector.form.fields["initializer"]
    field.setCurrentIndex(field.findText("Zeros"))
    field.activated.emit(field.currentIndex())
    assert not inspector.from_reset.isVisible()
    qtbot.waitUntil(lambda: not window.bridge.last.weights["n1.W"].any())
