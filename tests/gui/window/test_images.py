"""A convolution network for the digits, built and trained in the whole window with the mouse."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QPushButton

from netbuilder.document.file.storage import load
from netbuilder.document.model.network import COST, DATA
from netbuilder.engine.layer import LAYERS
from netbuilder.engine.layers import Conv2D
from netbuilder.engine.program import Program
from netbuilder.gui.panels.heatmaps.heatmap import Cell

LEFT, KEY = Qt.MouseButton.LeftButton, Qt.Key


def click(widget) -> None:
    QTest.mouseClick(widget, LEFT)


def double_click(window, kind: str) -> None:
    palette = window.workspaces.panels["layers"]
    (item,) = palette.findItems(LAYERS[kind].title, Qt.MatchFlag.MatchExactly)
    palette.scrollToItem(item)
    at = palette.visualItemRect(item).center()
    QTest.mouseClick(palette.viewport(), LEFT, pos=at)
    QTest.mouseDClick(palette.viewport(), LEFT, pos=at)


def press_remedy(window, qtbot, words: str) -> None:
    bubble = window.canvas.bubble
    qtbot.waitUntil(lambda: bubble.isVisible())
    (button,) = bubble.findChildren(QPushButton, "remedy")
    assert words in button.accessibleName()
    click(button)


def enter(field, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, KEY.Key_Return)


def validation_accuracy(window) -> float:
    log = window.bridge.last.log.epochs()["validation_accuracy"]
    log = log[np.isfinite(log)]
    return float(log[-1]) if len(log) else 0.0


def test_a_user_builds_a_convolution_network(
    window, qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, saved
) -> None:
    store, bridge, how = window.store, window.bridge, window.workspaces.panels["training"].how

    # The digits instead of the flower, and an output that fits them.
    click(window.workspaces.panels["data"].buttons["digits"])
    assert window.status_summary.text() == "64-64-10, 4,810 parameters"
    store.select(["n1"])
    enter(window.workspaces.panels["inspector"].form.fields["units"], "4")
    enter(window.workspaces.panels["data"].form.fields["validation"], "0.2")

    # Four double-clicks; the last remedy is offered where the images meet a Dense layer.
    for kind in ("reshape", "conv2d", "max_pool2d"):
        double_click(window, kind)
    assert window.toolbar.state.text() == "Cannot train yet"
    press_remedy(window, qtbot, "Put a Flatten before Dense 1")
    network = store.project.network
    kinds = [network.node(id).layer.kind for id in network.order if id not in (DATA, COST)]
    assert kinds == ["reshape", "conv2d", "max_pool2d", "flatten", "dense", "dense"]
    assert window.status_summary.text() == "64-8×6×6-4-10, 422 parameters"

    # More units, small batches and Adam, from the keyboard.
    window.store.select(["n1"])
    enter(window.workspaces.panels["inspector"].form.fields["units"], "32")
    field = how.fields["optimizer"]
    field.setFocus()
    QTest.keyClick(field, KEY.Key_Home)
    while field.currentData() != "adam":
        QTest.keyClick(field, KEY.Key_Down)
    enter(how.fields["learning_rate"], "0.01")
    enter(how.fields["batch_size"], "64")

    click(window.toolbar.play)
    conv = next(node.id for node in store.project.network.nodes if node.layer.kind == "conv2d")
    tiles = window.canvas.canvas.neurons[conv]
    before = tiles.pixmap().toImage()
    qtbot.waitUntil(lambda: validation_accuracy(window) > 0.9, timeout=30_000)
    # The feature maps follow; costly ones are made less often than snapshots come.
    qtbot.waitUntil(lambda: tiles.pixmap().toImage() != before)

    # The convolution is changed while it trains, and seen from all sides.
    store.select([conv])
    enter(window.workspaces.panels["inspector"].form.fields["filters"], "12")
    qtbot.waitUntil(lambda: bridge.last.plan.parameters[f"{conv}.W"] == (12, 1, 3, 3))
    click(window.toolbar.play)
    qtbot.waitUntil(lambda: not bridge.running)
    heatmaps = window.workspaces.panels["heatmaps"]
    qtbot.waitUntil(lambda: heatmaps.title.toolTip().endswith("(12, 1, 3, 3)"))
    for quantity, words in (("W", "filter 12, channel 1"), ("A", "channel 12, pixel")):
        click(heatmaps.quantities.chips[quantity])
        qtbot.waitUntil(lambda: not heatmaps.stale)
        last = 11 if quantity == "W" else 11 * 10
        at = heatmaps.map.cell_rect(Cell(last, 7)).center().toPoint()
        QTest.mouseMove(heatmaps.map, at)
        qtbot.waitUntil(lambda words=words: words in heatmaps.read_out.text())

    # Saved, and read again with the same predictions.
    path = tmp_path / "digits.netb"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    window.actions_["save"].trigger()
    saved(window.documents)
    loaded = load(path)
    layer = loaded.project.network.node(conv).layer
    assert isinstance(layer, Conv2D) and layer.filters == 12
    X = store.dataset.validation.X
    again = Program(store.compiled.plan, weights=loaded.weights).predict(X)
    now = Program(store.compiled.plan, weights=bridge.learned().weights).predict(X)
    np.testing.assert_allclose(again, now, atol=1e-6)


@pytest.mark.parametrize("size", [(1280, 720), (1440, 900)])
def test_every_kind_of_layer_can_be_reached_in_the_palette(open_window, size) -> None:
    window = open_window(size=size)
    palette = window.workspaces.panels["layers"]
    kinds = [layer.title for layer in LAYERS.values() if layer.in_palette]
    for title in kinds:
        (item,) = palette.findItems(title, Qt.MatchFlag.MatchExactly)
        palette.scrollToItem(item)
        rect = palette.visualItemRect(item)
        assert palette.viewport().rect().contains(rect)
        assert palette.fontMetrics().horizontalAdvance(title) + 44 < rect.width()
    assert window.workspaces.docks["data"].height() > 200, "the data sets keep their room"
