"""What goes wrong in front of a user is told beside its place, and the window lives on."""

from __future__ import annotations

import errno
import os
import struct
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from netbuilder import files
from netbuilder.document.check import memory
from netbuilder.document.file import storage
from netbuilder.document.model.network import COST, Edge
from netbuilder.document.model.project import DataChoice
from netbuilder.document.templates import first_start, new_project
from netbuilder.engine.layers import Cost, Dense
from netbuilder.gui.window.main_window import MainWindow

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
    assert window.canvas.editor is not None
    return window.canvas.editor


def append_dense(window: MainWindow) -> None:
    window.palette_.setCurrentRow(0)
    window.palette_.setFocus()
    QTest.keyClick(window.palette_, KEY.Key_Return)


def units(window: MainWindow, id: str = "n1") -> int:
    return window.store.project.network.node(id).layer.units


def press(dialog, words: str) -> None:
    (button,) = [b for b in dialog.findChildren(QPushButton) if words in b.text()]
    QTest.mouseClick(button, LEFT)


@pytest.fixture
def play(qtbot) -> Callable[[MainWindow], None]:
    """Presses play where it does not train, and waits until it has trained some."""

    def play_(window: MainWindow) -> None:
        start = window.bridge.last
        if not window.bridge.running:
            QTest.mouseClick(window.toolbar.play, LEFT)
        qtbot.waitUntil(
            lambda: (
                window.bridge.running
                and window.bridge.last is not start
                and window.bridge.last.step > 0
            ),
            timeout=20_000,
        )

    return play_


@pytest.fixture
def alive(qtbot, play) -> Callable[[MainWindow], None]:
    """Holds that the window still trains, shows it, and obeys."""

    def alive_(window: MainWindow) -> None:
        play(window)
        first = window.bridge.last
        qtbot.waitUntil(lambda: window.bridge.last.step > first.step, timeout=20_000)
        assert window.toolbar.state.text() == "Training"
        QTest.mouseClick(window.toolbar.play, LEFT)
        qtbot.waitUntil(lambda: not window.bridge.running, timeout=20_000)

    return alive_


@pytest.fixture(autouse=True)
def nothing_on_stderr(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """No fault that is told in the window leaves a traceback or a warning on the console."""
    yield
    said = capfd.readouterr().err
    assert "Traceback" not in said and "Warning" not in said


# --- numbers that cannot be ----------------------------------------------------------------------

BAD_UNITS = ["0", "-4", "1000000000", "2.5", "four", "9" * 400]


@pytest.mark.parametrize("text", BAD_UNITS, ids=lambda text: text[:12])
def test_units_on_the_card_that_cannot_be(window, alive, text):
    editor = open_units(window)
    editor.selectAll()
    editor.insert(text)
    QTest.keyClick(editor, KEY.Key_Return)
    assert "1 to 1,000,000" in editor.message
    assert len(editor.message) < 140
    assert editor._wrong.geometry().top() >= editor.geometry().top(), "beside the field"
    assert units(window) == 4
    QTest.keyClick(editor, KEY.Key_Escape)
    assert window.canvas.editor is None
    alive(window)


@pytest.mark.parametrize("text", BAD_UNITS, ids=lambda text: text[:12])
def test_units_in_the_inspector_that_cannot_be(window, alive, text):
    window.store.select(["n1"])
    field = window.inspector.form.fields["units"]
    field.setFocus()
    field.selectAll()
    field.insert(text)
    field.setModified(True)
    QTest.keyClick(field, KEY.Key_Return)
    told = window.inspector.form.complaint("units")
    assert told.startswith("Units must be") and told.endswith("Still 4.")
    assert len(told) < 140
    assert units(window) == 4
    QTest.keyClick(field, KEY.Key_Escape)
    assert field.text() == "4" and window.inspector.form.complaint("units") == ""
    alive(window)


@pytest.mark.parametrize("text", ["1e30", "0", "-1", "fast", "nan", "inf"])
def test_a_learning_rate_that_cannot_be(window, alive, text):
    panel = window.training_panel.how
    put(window.toolbar.rate, text)
    assert window.toolbar.state.text().startswith("Learning rate must be")
    assert text.replace("1e30", "1e+30") in window.toolbar.state.text()
    assert "Still 1.2." in window.toolbar.state.text()
    put(panel.fields["learning_rate"], text)
    assert panel.complaint("learning_rate") == window.toolbar.state.text()
    assert window.store.project.training.learning_rate == 1.2
    QTest.keyClick(window.toolbar.rate, KEY.Key_Escape)
    assert window.toolbar.state.text() == "Ready"
    alive(window)


# --- data and files ------------------------------------------------------------------------------


def npy_header(shape: tuple[int, ...]) -> bytes:
    """An array of that shape as its header claims it, with no numbers behind."""
    words = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".encode()
    words += b" " * (-(len(words) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(words)) + words


def enormous(path: Path, **shapes: tuple[int, ...]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, shape in shapes.items():
            archive.writestr(f"{name}.npy", npy_header(shape))


BAD_DATA: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty.csv": (lambda p: p.write_text(""), "is empty; expected examples"),
    "header.csv": (lambda p: p.write_text("a,b\n"), "a header and nothing below it"),
    "ragged.csv": (lambda p: p.write_text("a,b\n1,2\n3\n"), "line 3: expected 2 cells"),
    "word.csv": (
        lambda p: p.write_text("a,b\n" + "1,2\n3,4\n" * 20 + "oops,1\n"),
        "line 42, column 'a': expected a number",
    ),
    "tag.csv": (
        lambda p: p.write_text("a,b\n" + "1,2\n3,4\n" * 20 + "<b>x</b>,1\n"),
        "found '<b>x</b>'",
    ),
    "objects.npz": (
        lambda p: np.savez(p, X=np.array([[{}]], dtype=object), Y=np.array([0])),
        "Python objects, which are never loaded",
    ),
    "shapes.npz": (
        lambda p: np.savez(p, X=np.zeros((5, 2)), Y=np.zeros(4)),
        "X has 5 examples and Y has 4",
    ),
    "enormous.npz": (
        lambda p: enormous(p, X=(10**9, 10**4), Y=(10**9,)),
        "claims the shape (1000000000, 10000)",
    ),
}


@pytest.mark.parametrize("name", BAD_DATA)
def test_data_that_cannot_be_read(window, alive, tmp_path, name):
    make, words = BAD_DATA[name]
    make(tmp_path / name)
    before = window.store.project
    window.documents.drop(tmp_path / name)
    assert window.strip.isVisible() and window.strip.kind == "error"
    assert name in window.strip.text.text() and words in window.strip.text.text()
    assert window.strip.text.textFormat() == Qt.TextFormat.PlainText
    assert window.store.project is before and window.documents.import_dialog is None
    alive(window)


def test_data_that_can_be_read_but_not_learned(window, qtbot, tmp_path):
    path = tmp_path / "same.csv"
    path.write_text("a,b\n" + "1,x\n2,x\n" * 10)
    window.documents.import_file(path)
    dialog = window.documents.import_dialog
    assert "'x' in every example" in dialog.verdict.text()
    assert not dialog.accept_button.isEnabled()
    accent = QColor(window.themes.theme.accent)
    shown = dialog.accept_button.grab().toImage().pixelColor(8, dialog.accept_button.height() // 2)
    assert shown != accent, "a button that cannot be pressed looks so"
    QTest.keyClick(dialog, KEY.Key_Return)
    assert window.store.project.data.source == "flower"
    QTest.keyClick(dialog, KEY.Key_Escape)


def test_weights_that_claim_an_enormous_shape(window, alive, tmp_path):
    path = tmp_path / "w.npz"
    enormous(path, W1=(10**9, 10**6), b1=(10**9, 1), W2=(1, 4), b2=(1, 1))
    window.documents.load_weights(path)
    assert "this network needs (4, 2)" in window.strip.text.text()
    alive(window)


def newer(path: Path) -> None:
    storage.save(path, first_start(), None)
    with zipfile.ZipFile(path) as archive:
        text = archive.read("project.json").replace(b'"schema": 1', b'"schema": 99')
    assert b"99" in text
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("project.json", text)


def truncated(path: Path) -> None:
    storage.save(path, first_start(), None)
    path.write_bytes(path.read_bytes()[:300])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (newer, "made by a newer netbuilder"),
        (truncated, "damaged or cut off"),
        (lambda p: p.write_text("hello"), "is no netbuilder project"),
        (lambda p: enormous(p, X=(1,)), "there is no project.json in it"),
        (lambda p: p.mkdir(), "is a folder"),
    ],
    ids=["newer", "truncated", "text", "npz", "folder"],
)
def test_projects_that_cannot_be_opened(window, alive, tmp_path, make, words):
    path = tmp_path / "other.netb"
    make(path)
    before = window.store.project
    window.documents.drop(path)
    assert window.strip.kind == "error"
    assert "other.netb" in window.strip.text.text() and words in window.strip.text.text()
    assert window.store.project is before and window.store.path is None
    assert path not in window.documents.recent
    alive(window)


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "the folder does not allow it")],
    ids=["full", "read-only"],
)
def test_a_disk_that_takes_nothing(window, alive, tmp_path, monkeypatch, number, words):
    path = tmp_path / "mine.netb"
    assert window.documents._save(path)
    kept = path.read_bytes()
    window.store.edit(lambda p: replace(p, seed=7), "seed")

    def fail(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(files.os, "fsync", fail)
        assert not window.documents.save()
        assert "mine.netb" in window.strip.text.text() and words in window.strip.text.text()
        for suffix in (".npz", ".safetensors", ".onnx"):
            assert not window.documents.export(tmp_path / f"w{suffix}")
            assert f"w{suffix}" in window.strip.text.text()
            assert words in window.strip.text.text()
    assert window.isWindowModified(), "it is still told that something is to be saved"
    assert path.read_bytes() == kept
    assert [p.name for p in tmp_path.iterdir() if p.suffix != ".ini"] == ["mine.netb"]
    alive(window)
    assert window.documents.save()


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
        put(window.inspector.form.fields["units"], "1000000")
    (problem,) = window.store.compiled.problems
    assert "Training this network would need" in str(problem.message)
    assert window.store.compiled.plan is None
    assert not window.toolbar.play.isEnabled()
    (box,) = window.inspector.problems
    QTest.mouseClick(box.button, LEFT)
    assert window.store.compiled.ok
    assert units(window) == units(window, "n3") == 512
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
    put(window.inspector.form.fields["units"], "5")
    QTest.mouseClick(window.toolbar.play, LEFT)
    qtbot.waitUntil(lambda: window.bridge.state == "failed")
    assert "RuntimeError: injected" in window.strip.text.text()
    assert window.toolbar.state.text() == "Failed"
    assert window.bridge.weights()
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
    assert all(np.isfinite(W).all() for W in window.bridge.weights().values())
    put(window.toolbar.rate, "0.00001")
    QTest.mouseClick(window.toolbar.buttons["reset"], LEFT)
    qtbot.waitUntil(lambda: window.bridge.state == "idle")
    alive(window)


@pytest.mark.parametrize("size", [1e38, 1e79, 1e300])
@pytest.mark.parametrize("source", ["flower", "iris"])
def test_weights_beyond_all_range_are_shown_without_a_warning(open_window, qtbot, source, size):
    project = new_project(DataChoice(source=source))
    project = replace(project, training=replace(project.training, dtype="float64"))
    window = open_window(project)
    qtbot.waitUntil(lambda: window.bridge.last is not None)
    rng = np.random.RandomState(0)
    weights = {key: size * rng.randn(*W.shape) for key, W in window.bridge.weights().items()}
    window.bridge.load_weights(weights)
    name = next(iter(weights))
    qtbot.waitUntil(lambda: np.array_equal(window.bridge.last.weights[name], weights[name]))
    for dock in ("confusion", "boundary"):
        window.docks[dock].raise_()
        panel = getattr(window, dock)
        qtbot.waitUntil(lambda panel=panel: panel.isVisible() and not panel.stale)
    qtbot.waitUntil(lambda: not window.heatmaps.stale)
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
    press(window.documents.question, "Stop and close")
    qtbot.waitUntil(lambda: not window.isVisible())
    assert time.monotonic() - start < 5.0


# --- things that users do in an unhappy order ----------------------------------------------------


def test_undo_and_delete_in_the_middle_of_a_drag(window, play, alive):
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


def test_another_project_is_opened_while_training(window, qtbot, play, alive, tmp_path):
    path = tmp_path / "iris.netb"
    storage.save(path, new_project(DataChoice(source="iris")), None)
    play(window)
    window.documents.drop(path)
    assert window.store.path == path
    qtbot.waitUntil(lambda: window.bridge.state == "idle" and window.bridge.last.step == 0)
    assert window.bridge.last.plan.loss == "cross_entropy"
    alive(window)


def test_data_is_switched_again_and_again_while_training(window, qtbot, play, alive):
    play(window)
    for name in ("moons", "iris", "digits", "xor", "iris", "spirals", "flower", "circles"):
        QTest.mouseClick(window.data_panel.buttons[name], LEFT)
        assert window.store.project.data.source == name
        assert window.store.compiled.ok == (name not in ("iris", "digits"))
    qtbot.waitUntil(lambda: window.bridge.running and window.bridge.last.step > 0)
    alive(window)


def test_units_change_all_the_time_while_training(window, qtbot, play, alive):
    play(window)
    window.store.select(["n1"])
    for number in np.random.RandomState(0).choice([1, 2, 4, 7, 33, 100, 500], 40):
        put(window.inspector.form.fields["units"], str(number))
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


def test_the_digits_through_two_hidden_layers(open_window, alive):
    window = open_window(new_project(DataChoice(source="digits"), "64 relu, 32 relu, 10 softmax"))
    alive(window)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "1 to 40 characters"),
        ("Dense 2", "There is a layer called Dense 2 already"),
        ("a.b", "dot"),
    ],
)
def test_names_that_cannot_be(window, alive, name, words):
    QTest.mouseDClick(window.canvas.viewport(), LEFT, NONE, at(window, "n1", "name"))
    editor = window.canvas.editor
    editor.selectAll()
    QTest.keyClick(editor, KEY.Key_Delete)
    QTest.keyClicks(editor, name)
    QTest.keyClick(editor, KEY.Key_Return)
    assert words in editor.message
    QTest.keyClick(editor, KEY.Key_Escape)
    window.store.select(["n1"])
    field = window.inspector.name
    field.setFocus()
    field.selectAll()
    QTest.keyClick(field, KEY.Key_Delete)
    QTest.keyClicks(field, name)
    QTest.keyClick(field, KEY.Key_Return)
    assert words in window.strip.text.text()
    assert field.text() == window.store.project.network.node("n1").name == "Dense 1"
    alive(window)


@pytest.mark.parametrize(
    "text",
    ["", "junk", "{}", '{"netbuilder": 1}', "[" * 100_000, "x" * 5_000_000],
    ids=lambda text: text[:12],
)
def test_junk_is_pasted(window, alive, text):
    before = window.store.project
    QApplication.clipboard().setText(text)
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, KEY.Key_V, CONTROL)
    assert window.store.project is before
    assert "clipboard" in window.strip.text.text()
    alive(window)


def test_the_import_dialog_is_left_in_every_way_while_training(
    window, qtbot, play, alive, tmp_path
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
        window.documents.import_file(path)
        leave(window.documents.import_dialog)
        QApplication.processEvents()
    assert window.store.project is before and window.bridge.running
    alive(window)


def test_what_looks_like_html_is_shown_as_it_is(window, qtbot):
    window.store.edit(
        lambda p: p.with_network(p.network.rename("n2", "<b>x</b>").disconnect([Edge("n1", "n2")])),
        "break",
    )
    QApplication.processEvents()
    shown = [
        label
        for parent in (window.inspector, window.canvas.bubble, window.heatmaps)
        for label in parent.findChildren(QLabel)
        if "<b>x</b> has no input" in label.text()
    ]
    assert len(shown) == 3
    assert {label.textFormat() for label in shown} == {Qt.TextFormat.PlainText}
