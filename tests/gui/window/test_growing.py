"""One more unit in the window: the curve hardly moves, undo brings the old weights back."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from netbuilder.gui.window.main_window import MainWindow


@pytest.fixture
def trained(standing_window: MainWindow, qtbot) -> MainWindow:
    window = standing_window
    for _ in range(60):
        window.bridge.step()
    qtbot.waitUntil(lambda: window.bridge.last.step == 60 and not window.bridge.running)
    return window


def press_plus(window: MainWindow, qtbot) -> None:
    canvas = window.canvas
    card = canvas.canvas.cards["n1"]
    place = canvas.mapFromScene(card.pos() + card.parts()["units+"].center())
    QTest.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: window.bridge.last.stretch is window.store.stretch)


def test_plus_keeps_the_cost_and_undo_the_weights(trained: MainWindow, qtbot) -> None:
    window = trained
    before = window.bridge.last
    press_plus(window, qtbot)
    grown = window.bridge.last
    assert grown.weights["n1.W"].shape == (5, 2)
    costs = before.log.updates()["cost"]
    window.bridge.step()
    qtbot.waitUntil(lambda: window.bridge.last.step == 61 and not window.bridge.running)
    after = window.bridge.last.log.updates()["cost"][-1]
    assert after == pytest.approx(costs[-1], rel=0.01), "the curve hardly moves"
    window.store.undo()
    qtbot.waitUntil(lambda: window.bridge.last.stretch is window.store.stretch)
    for key, W in before.weights.items():
        assert np.array_equal(window.bridge.last.weights[key], W)


def test_the_menu_turns_it_off(trained: MainWindow, qtbot) -> None:
    window = trained
    action = window.actions_["grows"]
    assert action.isChecked()
    W = window.bridge.last.weights["n1.W"]
    action.trigger()
    try:
        assert not action.isChecked()
        press_plus(window, qtbot)
        assert not np.array_equal(window.bridge.last.weights["n1.W"][:4], W)
    finally:
        action.trigger()
    assert window.bridge.grows
