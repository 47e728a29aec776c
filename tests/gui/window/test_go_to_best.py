"""One click leads to the best moment of a run, exactly, while the training stays where it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from netbuilder.training.replay import Replay

LEFT = Qt.MouseButton.LeftButton


def test_a_click_shows_the_best_moment(window, qtbot, play):
    window.store.edit(lambda p: replace(p, data=replace(p.data, validation=0.4)), "validation")
    play(window)
    qtbot.waitUntil(lambda: window.bridge.last.epoch > 60, timeout=30_000)
    QTest.mouseClick(window.toolbar.play, LEFT)
    qtbot.waitUntil(lambda: not window.bridge.running)
    last = window.bridge.last
    evaluated = last.log.evaluations()
    place = int(np.nanargmin(evaluated["validation_cost"]))
    step = int(evaluated["step"][place])
    QTest.mouseClick(window.toolbar.buttons["best"], LEFT)
    qtbot.waitUntil(lambda: window.cursor_.moment.exact and window.cursor_.moment.step == step)
    assert window.bridge.last is last, "the training is where it was"
    state = Replay(last.recorder).state(step)
    for name, array in state.weights(last.plan).items():
        np.testing.assert_array_equal(window.cursor_.moment.weights[name], array)


def test_before_there_is_any_cost_it_leads_nowhere(window):
    QTest.mouseClick(window.toolbar.buttons["best"], LEFT)
    assert window.cursor_.live
