"""How the selected layer is doing: the numbers of the engine's statistics, when somebody looks."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel

from netbuilder import numbers
from netbuilder.document import templates
from netbuilder.document.model.project import DataChoice
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.gui.panels.inspector import health as health_module
from netbuilder.gui.panels.inspector.health import EVERY, Health
from netbuilder.lens import look as look_module


@pytest.fixture
def shown(stage: Any, qtbot: Any) -> Any:
    """``shown(project)``: its stage and the widget beside it."""

    def make(project: Any = None) -> tuple[Any, Health]:
        at = stage(project)
        health = Health(at.store, at.cursor)
        qtbot.addWidget(health)
        health.show()
        return at, health

    return make


def told(health: Health) -> dict[str, str]:
    """The rows that are seen: {"‖W1‖": "31.8"}."""
    pairs = (
        (name.text(), value.text())
        for name, value in health._labels.values()
        if not name.isHidden()
    )
    return dict(pairs)


def test_nothing_is_told_unless_one_layer_is_selected(shown: Any) -> None:
    at, health = shown()
    at.bridge.train(3)
    assert told(health) == {}
    at.store.select(["n1"])
    assert "‖W1‖" in told(health)
    for selection in (["n1", "n2"], ["data"], ["cost"], []):
        at.store.select(selection)
        assert told(health) == {}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_sizes_are_those_of_the_last_update(shown: Any, optimizer: str) -> None:
    at, health = shown()
    at.store.select(["n1"])
    last = at.bridge.train(6, optimizer=optimizer, learning_rate=0.05)
    before = at.bridge.train(5, optimizer=optimizer, learning_rate=0.05)
    at.bridge.publish(last)
    W, change = last.weights["n1.W"], last.weights["n1.W"] - before.weights["n1.W"]
    assert list(told(health)) == ["A1", "saturated", "‖W1‖", "‖dW1‖", "‖ΔW1‖ / ‖W1‖"]
    size = numbers.number(np.linalg.norm(W))
    assert told(health)["‖W1‖"] == size and f"‖W1‖ {size}" in health.text()
    assert told(health)["‖dW1‖"] == numbers.number(np.linalg.norm(last.gradients["n1.W"]))
    ratio = np.linalg.norm(change) / np.linalg.norm(before.weights["n1.W"])
    assert told(health)["‖ΔW1‖ / ‖W1‖"] == numbers.number(ratio)
    assert all(label.toolTip().endswith(".") for label in health.findChildren(QLabel))


def test_before_the_first_update_there_are_only_the_weights(shown: Any) -> None:
    at, health = shown()
    at.store.select(["n1"])
    assert list(told(health)) == ["A1", "saturated", "‖W1‖"]


def test_dead_units_and_layers_without_weights(shown: Any) -> None:
    data = DataChoice("digits", scale="minmax")
    layers = "reshape 1x8x8, conv 4 3x3 relu, flatten, batch norm, tanh, 10 softmax"
    at, health = shown(templates.new_project(data, layers))
    ids = {type(node.layer).__name__: node.id for node in at.store.project.network.nodes}
    at.bridge.train(1, batch_size=64)
    at.store.select([ids["Conv2D"]])
    conv = told(health)
    snapshot = at.bridge.last
    bias = np.array([[-1e3], [0.0], [-1e3], [-1e3]], np.float32)
    weights = snapshot.weights | {f"{ids['Conv2D']}.b": bias}
    at.bridge.publish(dataclasses.replace(snapshot, weights=weights))
    assert told(health)["dead units"] == "75.0 %" and conv["dead units"] != "75.0 %"
    at.store.select([ids["BatchNorm"]])
    assert list(told(health)) == ["A1", "‖γ1‖", "‖dγ1‖", "‖Δγ1‖ / ‖γ1‖"]
    at.store.select([ids["Activation"]])
    assert list(told(health)) == ["A", "saturated"]


def test_while_it_trains_it_looks_now_and_then_and_only_when_seen(
    shown: Any, monkeypatch: Any
) -> None:
    now, looks = 100.0, []
    monkeypatch.setattr(health_module, "perf_counter", lambda: now)
    compute = look_module.layer_statistics
    monkeypatch.setattr(
        look_module, "layer_statistics", lambda *given: looks.append(1) or compute(*given)
    )
    at, health = shown()
    at.store.select(["n1"])
    snapshot = at.bridge.train(1)

    def other(state: str) -> Any:
        """Another moment: one with the very same weights would not be computed again."""
        return dataclasses.replace(snapshot, state=state, weights=dict(snapshot.weights))

    looks.clear()
    for _ in range(8):
        at.bridge.publish(other("running"))
        now += 0.4 * EVERY
    assert len(looks) == 2
    at.bridge.publish(other("paused"))
    assert len(looks) == 3
    health.hide()
    at.bridge.publish(other("paused"))
    assert len(looks) == 3
    health.show()
    assert len(looks) == 4


def test_a_network_that_cannot_run_has_no_numbers(shown: Any) -> None:
    at, health = shown()
    at.bridge.train(1)
    at.store.select(["n1"])
    edges = at.store.project.network.edges
    at.store.edit(
        lambda project: project.with_network(project.network.disconnect(edges)), "cut all wires"
    )
    assert told(health) == {}
