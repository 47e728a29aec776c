"""What goes wrong in front of a user is told beside its place, and the window lives on."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from netbuilder.document.check import memory
from netbuilder.document.file import storage
from netbuilder.document.model.network import COST, Edge
from netbuilder.document.model.project import DataChoice
from netbuilder.document.templates import first_start, new_project
from netbuilder.engine.layers import Cost, Dense
from netbuilder.gui.window.gradient_dialog import GradientDialog
from netbuilder.gui.window.main_window import MainWindow
from netbuilder.runs.stretch import Learned

pytestmark = pytest.mark.usefixtures("nothing_on_stderr")

LEFT, NONE, KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.Key
CONTROL = Qt.KeyboardModifier.ControlModifier


# --- hands ---------------------------------------------------------------------------------------


def put(field, text: str) -> None:
    """Types a text into a field in place of what is there, and Enter."""
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, KEY.Key_Return)


def at(window: MainWindow, id: str, part: str) -> QPoint:
    card = window.canvas.canvas.cards[id]
    return window.canvas.mapFromScene(card.pos() + card.parts()[part].center())


def open_units(window: MainWindow, id: str = "n1"):
    QTest.mouseClick(window.canvas.viewport(), LEFT, NONE, at(window, id, "units"))
    assert window.canvas.fields.editor is not None
    return window.canvas.fields.editor


def append_dense(window: MainWindow) -> None:
    window.workspaces.panels["layers"].setCurrentRow(0)
    window.workspaces.panels["layers"].setFocus()
    QTest.keyClick(window.workspaces.panels["layers"], KEY.Key_Return)


def units(window: MainWindow, id: str = "n1") -> int:
    return window.store.project.network.node(id).layer.units


def press(dialog, words: str) -> None:
    (button,) = [b for b in dialog.findChildren(QPushButton) if words in b.text()]
    QTest.mouseClick(button, LEFT)


@pytest.fixture
def window(standing_window: MainWindow) -> MainWindow:
    """One for all tests here; those that close it or arrange it anew open one of their own."""
    return standing_window


# --- networks that cannot run --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda n: n.disconnect([Edge("n1", "n2")]), "Dense 2 has no input"),
        (lambda n: n.disconnect([Edge("n2", COST)]), "Nothing reaches Cost"),
        (lambda n: n.set_layer(COST, Cost("cross_entropy")), "Binary cross-entropy fits"),
        (lambda n: n.remove({"n1", "n2"}), "Data goes straight into Cost"),
    ],
    ids=["loose", "no output", "loss", "no layers"],
)
def test_play_on_a_broken_network_says_why_and_the_remedy_mends_it(window, alive, change, words):
    window.store.edit(lambda p: p.with_network(change(p.network)), "break")
    assert not window.toolbar.play.isEnabled()
    assert window.toolbar.state.text() == "Cannot train yet"
    assert words in window.toolbar.state.toolTip()
    QTest.mouseClick(window.toolbar.play, LEFT)
    QTest.keyClick(window, KEY.Key_F5)
    assert not window.bridge.running
    assert words in str([str(problem.message) for problem in window.canvas.bubble.problems])
    # One remedy after another, until there is nothing left to mend.
    for _ in range(3):
        if window.store.compiled.ok:
            break
        button = window.canvas.bubble.findChildren(QPushButton, "remedy")[0]
        QTest.mouseClick(button, LEFT)
        QApplication.processEvents()
    assert window.store.compiled.ok
    alive(window)


def test_a_network_beyond_all_memory_is_refused_before_anything_is_allocated(
    window, monkeypatch, alive
):
    monkeypatch.setattr(memory, "available", lambda: 200 * 10**6)
    append_dense(window)
    for id in ("n1", "n3"):
        window.store.select([id])
        put(window.workspaces.panels["inspector"].form.fields["units"], "1000000")
    (problem,) = window.store.compiled.problems
    assert "Training this network would need" in str(problem.message)
    assert window.store.compiled.plan is None
    assert not window.toolbar.play.isEnabled()
    (box,) = window.workspaces.panels["inspector"].problems
    QTest.mouseClick(box.button, LEFT)
    assert window.store.compiled.ok
    assert units(window) == units(window, "n3") == 256
    alive(window)


# --- training that goes wrong --------------------------------------------------------------------


def test_an_error_in_the_worker_is_told_and_play_goes_on(window, qtbot, monkeypatch, alive, caplog):
    qtbot.waitUntil(lambda: window.bridge.last is not None)
    forward, calls = Dense.forward, iter(range(10**9))

    def break_once():
        if threading.current_thread().name == "netbuilder-training" and next(calls) == 40:
            raise RuntimeError("injected")

    monkeypatch.setattr(Dense, "forward", lambda layer, c: [*forward(layer, c), break_once])
    # The network is compiled anew, with the layer that breaks.
    window.store.select(["n1"])
    put(window.workspaces.panels["inspector"].form.fields["units"], "5")
    QTest.mouseClick(window.toolbar.play, LEFT)
    qtbot.waitUntil(lambda: window.bridge.state == "failed")
    assert "RuntimeError: injected" in window.strip.text.text()
    assert window.toolbar.state.text() == "Failed"
    assert window.bridge.learned().weights
    alive(window)
    assert not window.strip.isVisible()


def test_divergence_stops_at_the_last_finite_state_and_says_what_to_try(window, qtbot, alive):
    def wild(project):
        network = project.network.set_layer(COST, Cost("mse"))
        network = network.set_layer("n1", Dense(4, "relu", "large"))
        return project.with_network(network.set_layer("n2", Dense(1, "linear", "large")))

    window.store.edit(wild, "wild")
    put(window.toolbar.rate, "1000")
    QTest.mouseClick(window.toolbar.play, LEFT)
    qtbot.waitUntil(lambda: window.bridge.state == "diverged")
    told = window.strip.text.text()
    assert window.strip.kind == "error" and "diverged at update" in told
    assert "Dense 2" in told or "Dense 1" in told
    assert "Lower the learning rate from 1000 to 0.1" in told
    assert window.toolbar.state.text() == "Diverged"
    assert all(np.isfinite(W).all() for W in window.bridge.learned().weights.values())
    put(window.toolbar.rate, "0.00001")
    QTest.mouseClick(window.toolbar.buttons["reset"], LEFT)
    qtbot.waitUntil(lambda: window.bridge.state == "idle")
    alive(window)


@pytest.mark.parametrize("size", [1e38, 1e79, 1e300])
@pytest.mark.parametrize("source", ["flower", "iris"])
def test_weights_beyond_all_range_are_shown_without_a_warning(window, qtbot, source, size):
    project = new_project(DataChoice(source=source))
    project = replace(project, training=replace(project.training, dtype="float64"))
    window.store.replace(project)
    qtbot.waitUntil(lambda: window.bridge.last is not None)
    rng = np.random.RandomState(0)
    weights = {
        key: size * rng.randn(*W.shape) for key, W in window.bridge.learned().weights.items()
    }
    window.store.learn(Learned(weights), "weights")
    name = next(iter(weights))
    qtbot.waitUntil(lambda: np.array_equal(window.bridge.last.weights[name], weights[name]))
    for dock in ("confusion", "boundary"):
        window.workspaces.docks[dock].raise_()
        panel = window.workspaces.panels[dock]
        qtbot.waitUntil(lambda panel=panel: panel.isVisible() and not panel.stale)
    qtbot.waitUntil(lambda: not window.workspaces.panels["heatmaps"].stale)
    window.grab()
    # Warnings are errors here: Qt hands them over when the test ends.
    QTest.mouseClick(window.toolbar.buttons["step"], LEFT)
    qtbot.waitUntil(lambda: window.bridge.state in ("paused", "diverged"))


@pytest.mark.parametrize("busy", [False, True], ids=["small", "large"])
def test_closing_while_training_asks_and_ends_within_five_seconds(open_window, qtbot, play, busy):
    layers = "200 relu, 200 relu, 1 sigmoid" if busy else "4 tanh, 1 sigmoid"
    window = open_window(new_project(DataChoice(), layers))
    play(window)
    window.close()
    assert window.isVisible() and window.bridge.running
    start = time.monotonic()
    press(window.documents.question, "Don't save")
    qtbot.waitUntil(lambda: not window.isVisible())
    assert time.monotonic() - start < 5.0


# --- things that users do in an unhappy order ----------------------------------------------------


def test_undo_and_delete_in_the_middle_of_a_drag(open_window, play, alive):
    window = open_window()
    window.store.edit(lambda p: replace(p, seed=7), "seed")
    play(window)
    view, start = window.canvas.viewport(), at(window, "n1", "name") + QPoint(0, 16)
    QTest.mousePress(view, LEFT, NONE, start)
    for way in (5, 20, 60):
        QTest.mouseMove(view, start + QPoint(way, way))
        QApplication.processEvents()
    QTest.keyClick(window.canvas, KEY.Key_Z, CONTROL)
    QTest.keyClick(window.canvas, KEY.Key_Delete)
    QTest.mouseMove(view, start + QPoint(70, 70))
    QApplication.processEvents()
    QTest.mouseRelease(view, LEFT, NONE, start + QPoint(70, 70))
    project = window.store.project
    places = {id: (c.pos().x(), c.pos().y()) for id, c in window.canvas.canvas.cards.items()}
    assert places == {node.id: node.position for node in project.network.nodes}
    while window.store.can_undo:
        window.store.undo()
    assert window.store.project == first_start()
    alive(window)


def test_the_layer_that_is_being_trained_is_deleted_and_comes_back(window, qtbot, play, alive):
    play(window)
    window.store.select(["n1"])
    QTest.keyClick(window.canvas, KEY.Key_Delete)
    qtbot.waitUntil(lambda: "n1.W" not in window.bridge.last.weights)
    assert window.bridge.running, "the wire has healed, and training goes on"
    window.store.select(["n2"])
    QTest.keyClick(window.canvas, KEY.Key_Delete)
    qtbot.waitUntil(lambda: not window.bridge.running)
    window.store.undo()
    qtbot.waitUntil(lambda: window.bridge.running)
    window.store.undo()
    qtbot.waitUntil(lambda: "n1.W" in window.bridge.last.weights)
    alive(window)


def test_another_project_is_opened_while_training(window, qtbot, play, alive, tmp_path, saved):
    path = tmp_path / "iris.netb"
    storage.save(path, new_project(DataChoice(source="iris")), None)
    play(window)
    window.documents.drop(path)
    press(window.documents.question, "Don't save")
    saved(window.documents)
    assert window.store.path == path
    qtbot.waitUntil(lambda: window.bridge.state == "idle" and window.bridge.last.step == 0)
    assert window.bridge.last.plan.loss == "cross_entropy"
    alive(window)


def test_data_is_switched_again_and_again_while_training(window, qtbot, play, alive):
    put(window.workspaces.panels["training"].stops.fields["epochs"], "1000000")
    play(window)
    for name in ("moons", "iris", "digits", "xor", "iris", "spirals", "flower", "circles"):
        QTest.mouseClick(window.workspaces.panels["data"].buttons[name], LEFT)
        assert window.store.project.data.source == name
        assert window.store.compiled.ok
    qtbot.waitUntil(lambda: window.bridge.running and window.bridge.last.step > 0)
    alive(window)


def test_units_change_all_the_time_while_training(window, qtbot, play, alive):
    play(window)
    window.store.select(["n1"])
    for number in np.random.RandomState(0).choice([1, 2, 4, 7, 33, 100, 500], 20):
        put(window.workspaces.panels["inspector"].form.fields["units"], str(number))
        QApplication.processEvents()
    qtbot.waitUntil(lambda: window.bridge.last.plan.parameters["n1.W"] == (units(window), 2))
    assert window.bridge.running
    alive(window)


def test_fifty_layers_while_training(window, qtbot, play, alive):
    play(window)
    wide = window.minimumSizeHint().width()
    for _ in range(48):
        append_dense(window)
    assert len(window.store.compiled.plan.layer_numbers) == 50
    assert window.status_summary.text() == "2-4-4-4-…-4-4-1, 977 parameters"
    assert window.minimumSizeHint().width() <= wide, "the summary does not push the window wide"
    qtbot.waitUntil(lambda: len(window.bridge.last.plan.layer_numbers) == 50)
    alive(window)


def test_a_very_wide_layer_while_training(window, qtbot, play, alive):
    play(window)
    editor = open_units(window)
    editor.selectAll()
    QTest.keyClicks(editor, "2000")
    QTest.keyClick(editor, KEY.Key_Return)
    qtbot.waitUntil(lambda: window.bridge.last.plan.parameters["n1.W"] == (2000, 2))
    alive(window)


def test_the_digits_through_two_hidden_layers(window, alive):
    window.store.replace(new_project(DataChoice(source="digits"), "64 relu, 32 relu, 10 softmax"))
    alive(window)


def test_the_import_dialog_is_left_in_every_way_while_training(
    window, qtbot, play, alive, tmp_path, imported
):
    path = tmp_path / "good.csv"
    path.write_text("a,b\n" + "".join(f"{i},{i % 2}\n" for i in range(20)))
    play(window)
    before = window.store.project
    for leave in (
        lambda dialog: QTest.keyClick(dialog, KEY.Key_Escape),
        lambda dialog: dialog.close(),
        lambda dialog: press(dialog, "Cancel"),
    ):
        leave(imported(window, path))
        QApplication.processEvents()
    assert window.store.project is before and window.bridge.running
    alive(window)


def test_a_window_that_ends_during_a_gradient_check_ends_its_thread(open_window, qtbot):
    """As after a signal: the dialog is open, and its thread is at work."""
    window = open_window(new_project(DataChoice("flower"), "30 tanh, 30 tanh, 1 sigmoid"))
    qtbot.waitUntil(lambda: window.bridge.ready)
    window.actions_["gradient_check"].trigger()
    (dialog,) = window.findChildren(GradientDialog)
    assert dialog._work.busy
    window.end()
    assert not window.isVisible() and not dialog._work.busy
