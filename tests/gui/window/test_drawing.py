"""Drawing in the whole window: the run goes on, sliders redraw a set, the points become a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QStyle, QStyleOptionSlider

from netbuilder.data.files import read_table
from netbuilder.document.model.datasets import table_of
from netbuilder.gui.widgets.slider import Slider
from netbuilder.gui.window.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton


def click_at(window: MainWindow, x: float, y: float) -> None:
    plot = window.workspaces.panels["boundary"].plot
    at = plot.mapFromScene(plot.box.mapViewToScene(QPointF(x, y)))
    QTest.mouseClick(plot.viewport(), LEFT, pos=at)


def drag(slider: Slider, *shares: float) -> None:
    """From where it stands to these shares of its way, one after the other."""
    option = QStyleOptionSlider()
    slider.initStyleOption(option)
    control, part = QStyle.ComplexControl.CC_Slider, QStyle.SubControl.SC_SliderHandle
    handle = slider.style().subControlRect(control, option, part, slider).center()
    QTest.mousePress(slider, LEFT, pos=handle)
    for share in shares:
        handle.setX(round(share * slider.width()))
        QTest.mouseMove(slider, handle)
    QTest.mouseRelease(slider, LEFT, pos=handle)


def test_a_point_is_learned_by_the_run_that_goes_on(standing_window: MainWindow, qtbot: Any):
    window = standing_window
    store, bridge, panel = window.store, window.bridge, window.workspaces.panels["boundary"]
    bridge.play()
    qtbot.waitUntil(lambda: bridge.last is not None and bridge.last.step > 100)
    bridge.pause()
    qtbot.waitUntil(lambda: not bridge.running)
    before = bridge.last
    panel.draw.setChecked(True)
    click_at(window, 3.9, 3.9)
    assert store.dataset.info.m == 401
    qtbot.waitUntil(lambda: bridge.last.stretch is store.stretch)
    assert (bridge.last.run, bridge.last.step) == (before.run, before.step)
    for name, weights in before.weights.items():
        assert np.array_equal(bridge.last.weights[name], weights)
    bridge.play()
    qtbot.waitUntil(lambda: bridge.last.step > before.step + 50)
    click_at(window, 3.0, 3.9)
    assert bridge.running and store.dataset.info.m == 402
    store.undo()
    store.undo()
    assert store.dataset.info.m == 400
    panel.draw.setChecked(False)


def test_an_empty_plane_comes_to_the_front_with_the_pencil_in_hand(
    standing_window: MainWindow, qtbot: Any
):
    window = standing_window
    panel = window.workspaces.panels["boundary"]
    window.workspaces.bring("confusion")
    QTest.mouseClick(window.workspaces.panels["data"].buttons["drawing"], LEFT)
    assert panel.draw.isChecked() and panel.seen
    qtbot.waitUntil(lambda: panel.hint.isVisible())
    assert not window.bridge.ready
    click_at(window, 1, 1)
    assert window.bridge.ready and not panel.hint.isVisible()
    panel.draw.setChecked(False)


def test_a_slider_redraws_the_set_in_one_step(standing_window: MainWindow):
    window = standing_window
    store, form = window.store, window.workspaces.panels["data"].form
    drag(form.sliders["noise"], 0.4, 0.5, 0.6)
    assert 1.2 < store.project.data.noise < 2.2
    assert float(form.fields["noise"].text()) == store.project.data.noise
    assert store.undo_label == "noise of the data"
    drag(form.sliders["noise"], 0.8)
    store.undo()
    assert 1.2 < store.project.data.noise < 2.2, "another drag is another step"
    store.undo()
    assert (store.project.data.noise, store.can_undo) == (1.0, False)
    assert form.sliders["noise"].value() == 10


def test_a_key_steps_the_slider(standing_window: MainWindow):
    window = standing_window
    form = window.workspaces.panels["data"].form
    QTest.keyClick(form.sliders["examples"], Qt.Key.Key_Right)
    assert window.store.dataset.info.m == 420


def test_the_data_is_saved_as_csv(
    standing_window: MainWindow, qtbot: Any, monkeypatch: Any, tmp_path: Path
):
    window = standing_window
    panel = window.workspaces.panels["boundary"]
    panel.draw.setChecked(True)
    click_at(window, 2.0, 3.9)
    panel.draw.setChecked(False)
    name = str(tmp_path / "points")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (name, ""))
    window.actions_["export_data"].trigger()
    qtbot.waitUntil(lambda: not window.documents.exporting.busy)
    table, back = table_of(window.store.project.data), read_table(tmp_path / "points.csv")
    assert back.columns == table.columns and back.m == 401
    assert np.array_equal(back.values[:, :2], table.values[:, :2])
    assert "401" in window.strip.text.text()
