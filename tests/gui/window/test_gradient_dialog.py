"""The gradient check in the window: off its thread, on a copy, mistakes planted and caught."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from netbuilder.engine import gradient_check
from netbuilder.gui.window.gradient_dialog import GradientDialog
from netbuilder.gui.window.lab_gallery import open_experiment
from netbuilder.gui.window.main_window import MainWindow
from netbuilder.lab.checking import placed
from netbuilder.lab.entries import LAB
from netbuilder.lens.picture import Cell

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(standing_window: MainWindow, qtbot: Any) -> MainWindow:
    open_experiment(LAB["gradient-check"], standing_window.store, standing_window.documents)
    qtbot.waitUntil(lambda: standing_window.bridge.ready)
    return standing_window


@pytest.fixture
def dialog(window: MainWindow) -> Iterator[GradientDialog]:
    window.actions_["gradient_check"].trigger()
    found = window.findChild(GradientDialog)
    assert found is not None and found.isVisible() and found.progress.isVisible()
    finish(found)
    yield found
    found.reject()


def finish(dialog: GradientDialog) -> None:
    dialog._work._writer.finish()


def plant(dialog: GradientDialog, layer: str, fault: str) -> None:
    dialog.layer.setCurrentIndex(dialog.layer.findData(layer))
    dialog.fault.setCurrentIndex(dialog.fault.findData(fault))
    QTest.mouseClick(dialog.plant, LEFT)
    finish(dialog)


def verdicts(dialog: GradientDialog) -> dict[str, str]:
    items = (dialog.rows.topLevelItem(k) for k in range(dialog.rows.topLevelItemCount()))
    return {item.text(0): item.text(3) for item in items if item is not None}


def test_right_gradients_agree_and_nothing_is_coloured(dialog: GradientDialog) -> None:
    names = ["dW1", "db1", "dW2", "db2", "dW3", "db3"]
    assert verdicts(dialog) == dict.fromkeys(names, "agrees")
    assert "agrees with the differences" in dialog.verdict.text()
    assert not dialog.progress.isVisible() and not dialog.mend.isEnabled()
    dialog.grab()  # lays it out
    for name, coloured in (("exact", True), ("difference", False)):
        map = dialog.maps[name]
        cell = map.cell_rect(Cell(0, 1)).toRect()
        color = map.grab().toImage().pixelColor(cell.left() + 4, cell.top() + 4)
        zero = dialog._themes.theme.color("zero")
        assert (abs(color.blue() - zero.blue()) > 30) == coloured, name


def test_the_courses_mistakes_are_caught_with_its_number(dialog: GradientDialog) -> None:
    dialog.epsilon.setCurrentIndex(dialog.epsilon.findData(1e-7))
    plant(dialog, "n2", "double")
    assert "Caught: dW2 ·" in dialog.verdict.text()
    assert dialog.rows.currentItem().text(0) == "dW2"
    plant(dialog, "n1", "four")
    assert "Caught: db1, dW2 · overall difference 0.2851" in dialog.verdict.text()
    assert dialog._themes.theme.error in dialog.verdict.text()
    assert "dW counted twice (Dense 2); db with 4/m" in dialog.more.text()
    assert {name for name, said in verdicts(dialog).items() if said == "wrong"} == {"db1", "dW2"}
    QTest.mouseClick(dialog.mend, LEFT)
    finish(dialog)
    assert "agrees with the differences" in dialog.verdict.text() and dialog.planted == []


def test_only_mistakes_that_a_layer_can_have_are_offered(dialog: GradientDialog) -> None:
    dialog.layer.setCurrentIndex(dialog.layer.findData("n1"))
    assert dialog.fault.findData("slope") >= 0
    dialog.layer.setCurrentIndex(dialog.layer.findData("n3"))
    assert dialog.fault.findData("slope") < 0, "its dZ comes from the loss"


def test_it_can_be_stopped(window: MainWindow, monkeypatch: Any) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slope(*_: object) -> float:
        begun.set()
        assert go_on.wait(10)
        return 0.0

    monkeypatch.setattr(gradient_check._Differences, "slope", slope)
    window.actions_["gradient_check"].trigger()
    dialog = window.findChild(GradientDialog)
    assert dialog is not None and begun.wait(10)
    QTest.mouseClick(dialog.stop, LEFT)
    go_on.set()
    finish(dialog)
    assert "Stopped." in dialog.verdict.text() and not dialog.progress.isVisible()
    assert dialog.rows.topLevelItemCount() == 0
    dialog.reject()


def test_the_network_itself_is_left_alone(window: MainWindow, dialog: GradientDialog) -> None:
    before = {key: W.copy() for key, W in window.bridge.last.weights.items()}
    plant(dialog, "n1", "sign")
    for key, W in window.bridge.last.weights.items():
        np.testing.assert_array_equal(W, before[key])
    assert window.store.clean


def test_some_entries_of_a_large_parameter_stand_in_rows_of_ten() -> None:
    exact = np.arange(95.0)
    large = gradient_check.LayerCheck(
        "n1", "Dense 1", "W", 0.0, "good", exact, exact, np.arange(95), (30, 40)
    )
    rows = placed(large, exact)
    assert rows.shape == (10, 10) and rows[9, 4] == 94 and np.isnan(rows[9, 5:]).all()
    small = gradient_check.LayerCheck(
        "n1", "Dense 1", "W", 0.0, "good", exact[:3], exact[:3], np.array([0, 2, 5]), (3, 2)
    )
    np.testing.assert_array_equal(placed(small, exact[:3]), [[0, np.nan], [1, np.nan], [np.nan, 2]])
