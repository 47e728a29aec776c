"""Weights and networks of other programs in the window: seen first, taken in one step, undone."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from safetensors.numpy import save_file

from netbuilder.document.model.project import DataChoice
from netbuilder.document.templates import new_project


@pytest.fixture
def iris(window, qtbot):
    window.store.replace(new_project(DataChoice("iris", scale="none"), "5 tanh, 3 softmax"))
    qtbot.waitUntil(lambda: window.bridge.last is not None)
    return window


def tensors(path, **shapes):
    rng = np.random.RandomState(0)
    save_file({name.replace("__", "."): rng.randn(*s) for name, s in shapes.items()}, path)
    return path


def shown(window, qtbot):
    networks = window.documents.networks
    qtbot.waitUntil(lambda: networks.dialog is not None)
    return networks.dialog


def imported(window, qtbot):
    dialog = shown(window, qtbot)
    QTest.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.documents.networks.work.busy)


def cells(dialog):
    table = dialog.table
    return [
        [table.item(row, k).text() for k in range(table.columnCount())]
        for row in range(table.rowCount())
    ]


def drop(window, path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entered = QDragEnterEvent(QPoint(300, 300), Qt.DropAction.CopyAction, data, buttons, keys)
    QApplication.sendEvent(window, entered)
    words = window.file_drop.target.text()
    event = QDropEvent(QPoint(300, 300), Qt.DropAction.CopyAction, data, buttons, keys)
    QApplication.sendEvent(window, event)
    return words


def test_a_network_that_is_dropped_is_one_step_that_undo_takes_back(iris, qtbot, tmp_path):
    path = tensors(
        tmp_path / "n.safetensors",
        fc1__weight=(7, 4),
        fc1__bias=(7,),
        fc2__weight=(3, 7),
    )
    before, seen = iris.store.project, iris.bridge.learned().weights
    assert drop(iris, path) == "Drop to import n.safetensors"
    dialog = shown(iris, qtbot)
    assert dialog.network.isChecked() and not dialog.weights.isEnabled()
    assert cells(dialog) == [
        ["fc1.weight", "7 × 4", "Dense 1 W", ""],
        ["fc1.bias", "7 × 1", "Dense 1 b", ""],
        ["fc2.weight", "3 × 7", "Dense 2 W", ""],
        ["–", "3 × 1", "Dense 2 b", "none in the file: as if it were not there"],
    ]
    assert "ReLU was taken" in dialog.told.text()
    assert iris.store.project is before, "nothing is changed before Import"
    imported(iris, qtbot)
    qtbot.waitUntil(lambda: iris.bridge.last.plan is iris.store.compiled.plan)
    assert iris.store.undo_label == "network of n.safetensors"
    assert set(iris.canvas.canvas.cards) == set(iris.store.project.network.by_id)
    np.testing.assert_allclose(
        iris.bridge.learned().weights["n1.W"], np.random.RandomState(0).randn(7, 4), rtol=1e-6
    )
    iris.actions_["undo"].trigger()
    assert iris.store.project is before
    for key, W in iris.bridge.learned().weights.items():
        np.testing.assert_array_equal(W, seen[key])
    iris.store.redo()
    qtbot.waitUntil(lambda: iris.bridge.learned().weights["n1.W"].shape == (7, 4))
    np.testing.assert_allclose(
        iris.bridge.learned().weights["n1.W"], np.random.RandomState(0).randn(7, 4), rtol=1e-6
    )


def test_what_has_no_array_keeps_what_it_has(iris, qtbot, tmp_path):
    path = tensors(tmp_path / "n.safetensors", a__weight=(5, 4), a__bias=(5,), b__weight=(2, 5))
    before = iris.bridge.learned().weights
    iris.documents.networks.start(path)
    dialog = shown(iris, qtbot)
    assert dialog.weights.isChecked() and not dialog.network.isEnabled()
    assert "2 of 4 arrays fit; 1 left over" in dialog.weights.text()
    assert cells(dialog)[2] == [
        "–",
        "3 × 5",
        "Dense 2 W",
        "missing: stays as it is. b.weight has the shape (2, 5).",
    ]
    assert cells(dialog)[4][0] == "b.weight" and cells(dialog)[4][3] == "left over"
    imported(iris, qtbot)
    after = iris.bridge.learned().weights
    assert not np.array_equal(after["n1.W"], before["n1.W"])
    np.testing.assert_array_equal(after["n2.W"], before["n2.W"])
    iris.store.undo()
    np.testing.assert_array_equal(iris.bridge.learned().weights["n1.W"], before["n1.W"])


def test_what_cannot_be_taken_is_told_and_changes_nothing(iris, qtbot, tmp_path):
    path = tmp_path / "n.onnx"
    path.write_bytes(b"\x08\x08")
    before = iris.store.project
    assert drop(iris, path) == "Drop to import n.onnx"
    qtbot.waitUntil(lambda: iris.strip.kind == "error")
    assert "it is no ONNX model" in iris.strip.text.text()
    assert iris.documents.networks.dialog is None and iris.store.project is before


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_choice_that_is_marked_can_be_seen(iris, qtbot, tmp_path, theme):
    iris.themes.choose(theme)
    path = tensors(tmp_path / "n.safetensors", a__weight=(5, 4), b__weight=(3, 5))
    iris.documents.networks.start(path)
    dialog = shown(iris, qtbot)
    accent = QColor(iris.themes.theme.accent)
    for button in (dialog.weights, dialog.network):
        button.click()
        picture = button.grab().toImage()
        found = {picture.pixelColor(x, picture.height() // 2).name() for x in range(20)}
        assert accent.name() in found
    dialog.reject()
