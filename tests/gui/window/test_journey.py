"""The whole job offscreen: watch the flower, drag in a layer, load a file, mend, train, export."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTabBar

from netbuilder.document.model.network import COST
from netbuilder.engine.program import Program
from netbuilder.gui.panels.layers.panel import layer_mime

LEFT = Qt.MouseButton.LeftButton


def drop(canvas, kind: str, at: QPointF) -> None:
    """What Qt delivers when a layer of the palette is dragged in and let go."""
    mime = layer_mime(kind)
    where = (at, Qt.DropAction.CopyAction, mime, LEFT, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(at.toPoint(), *where[1:])
    move = QDragMoveEvent(at.toPoint(), *where[1:])
    for event in (enter, move, QDropEvent(*where)):
        QApplication.sendEvent(canvas.viewport(), event)
        assert event.isAccepted()


def picture(widget) -> np.ndarray:
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1).copy()


def open_tab(window, title: str) -> None:
    for bar in window.findChildren(QTabBar):
        for index in range(bar.count()):
            if bar.tabText(index).casefold() == title.casefold():
                QTest.mouseClick(bar, LEFT, pos=bar.tabRect(index).center())
                return
    raise AssertionError(f"no tab {title}")


def accuracy(window) -> float:
    seen = window.bridge.last.log.epochs()["train_accuracy"]
    seen = seen[np.isfinite(seen)]
    return float(seen[-1]) if len(seen) else 0.0


def test_a_new_user_does_the_whole_job(
    window, qtbot, three_classes: Path, tmp_path: Path, imported
) -> None:
    store, bridge, canvas = window.store, window.bridge, window.canvas
    views = (
        window.workspaces.panels["cost_curve"],
        window.workspaces.panels["heatmaps"],
        window.workspaces.panels["boundary"],
        canvas.viewport(),
    )
    before = [picture(view) for view in views]

    # Play, and the flower is learned before one's eyes.
    QTest.mouseClick(window.toolbar.play, LEFT)
    qtbot.waitUntil(lambda: bridge.last is not None and bridge.last.cost < 0.3, timeout=30_000)
    for view, old in zip(views, before, strict=True):
        assert (picture(view) != old).any(), f"{view} shows nothing of the training"

    # A second hidden layer, dropped on a wire while it trains.
    first, second = (node.id for node in store.project.network.nodes if not node.fixed)
    ports = canvas.scene().cards
    middle = (ports[first].port_pos("out") + ports[second].port_pos("in")) / 2
    drop(canvas, "dense", QPointF(canvas.mapFromScene(middle)))
    network = store.project.network
    names = [network.node(id).name for id in network.order]
    assert names == ["Data", "Dense 1", "Dense 3", "Dense 2", "Cost"]
    qtbot.waitUntil(lambda: len(bridge.last.plan.parameters) == 6, timeout=10_000)
    assert bridge.running

    # A file of one's own: three classes, and the output fits them.
    dialog = imported(window, three_classes)
    QTest.mouseClick(dialog.accept_button, LEFT)
    assert store.dataset.info.class_names == ("oval", "round", "spiky")
    assert store.compiled.ok
    output = store.project.network.node(store.project.network.inputs(COST)[0]).layer
    assert (output.units, output.activation) == (3, "softmax")

    # It trains on by itself until it is done, and the confusion matrix tells how well.
    qtbot.waitUntil(lambda: bridge.last.state == "finished", timeout=30_000)
    assert accuracy(window) > 0.95
    open_tab(window, "Confusion matrix")
    qtbot.waitUntil(lambda: window.workspaces.panels["confusion"].table.isVisible())
    table = window.workspaces.panels["confusion"].table
    QTest.mouseMove(table, table.cell_rect(1, 1).center().toPoint() + QPoint(1, 1))
    qtbot.waitUntil(lambda: "round" in table.text_at_mouse)

    # Away with it: ONNX, raw columns in, the same probabilities and classes out.
    target = tmp_path / "network.onnx"
    window.documents.exporting.export(target)
    window.documents.exporting.finish()
    session = onnxruntime.InferenceSession(target)
    X = store.dataset.train.X
    raw = store.dataset.scaling.undo(X).astype(np.float32)
    fed = {column.name: raw[:, k : k + 1] for k, column in enumerate(session.get_inputs())}
    label, found = session.run(["label", "probabilities"], fed)
    expected = Program(store.compiled.plan, weights=bridge.learned().weights).predict(X)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    truth = np.array(store.dataset.info.class_names)[store.dataset.train.Y.argmax(axis=1)]
    assert (label == truth).mean() > 0.9
