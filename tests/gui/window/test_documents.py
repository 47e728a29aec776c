"""Files and the questions around them: saving, opening, importing, exporting, dropping, closing."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton

from netbuilder.document.file import storage
from netbuilder.document.templates import first_start
from netbuilder.exchange.formats import FORMATS
from netbuilder.gui.window.import_dialog import ImportDialog
from netbuilder.gui.window.main_window import MainWindow

LEFT, KEY = Qt.MouseButton.LeftButton, Qt.Key
PETS = "weight,colour,species\n" + "".join(
    f"{3 + 4 * (i % 3) + (i % 5) / 10},{('black', 'white')[i % 2]},{animal}\n"
    for i, animal in enumerate(["cat", "dog", "pony"] * 20)
)


def answer(monkeypatch, method: str, path: Path | str, chosen: str = "") -> None:
    """What the user would have picked in the system's own file dialog."""
    monkeypatch.setattr(QFileDialog, method, staticmethod(lambda *a, **k: (str(path), chosen)))


def export(window, path: Path) -> bool:
    """Whether the network came to be in a file."""
    window.documents.exporting.export(path)
    window.documents.exporting.finish()
    return path.exists()


def press(dialog, words: str) -> None:
    (button,) = [b for b in dialog.findChildren(QPushButton) if words in b.text()]
    QTest.mouseClick(button, LEFT)


def edit(window, seed: int = 5) -> None:
    window.store.edit(lambda p: replace(p, seed=seed), "seed")


def drop(window, *paths: Path) -> bool:
    """Drops files on the window, as from a file manager; whether they are taken."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    at, copy = QPoint(300, 300), Qt.DropAction.CopyAction
    offered, none = copy | Qt.DropAction.MoveAction, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(at, offered, mime, LEFT, none)
    enter.setDropAction(Qt.DropAction.MoveAction)  # as a file manager proposes
    enter.ignore()
    QApplication.sendEvent(window, enter)
    assert enter.dropAction() == copy or not enter.isAccepted()
    target = window.file_drop.target
    assert target.isVisible() == enter.isAccepted()
    words = target.text()
    dropped = QDropEvent(at, offered, mime, LEFT, none)
    dropped.setDropAction(Qt.DropAction.MoveAction)
    QApplication.sendEvent(window, dropped)
    # Told of a move, a file manager deletes the file.
    assert dropped.isAccepted() and dropped.dropAction() == copy
    assert not target.isVisible()
    return "Drop to" in words


@pytest.fixture
def window(standing_window: MainWindow) -> MainWindow:
    """One for all tests here; those that close it or arrange it anew open one of their own."""
    return standing_window


@pytest.fixture
def pets(tmp_path):
    path = tmp_path / "pets.csv"
    path.write_text(PETS)
    return path


# --- save and open -------------------------------------------------------------------------------


def test_what_was_trained_is_saved_and_opened_again(
    open_window, qtbot, tmp_path, monkeypatch, saved
):
    window = open_window()
    window.bridge.play()
    qtbot.waitUntil(lambda: window.bridge.last is not None and window.bridge.last.step > 50)
    window.bridge.pause()
    qtbot.waitUntil(lambda: not window.bridge.running)
    trained = window.bridge.last.weights
    answer(monkeypatch, "getSaveFileName", tmp_path / "mine")
    window.actions_["save"].trigger()
    saved(window.documents)
    path = tmp_path / "mine.netb"
    assert storage.load(path).weights is not None
    assert window.store.path == path
    assert window.windowTitle() == "mine.netb[*] – netbuilder"
    assert not window.isWindowModified()

    window.store.replace(first_start())
    assert window.windowTitle() == "Untitled[*] – netbuilder"
    answer(monkeypatch, "getOpenFileName", path)
    window.actions_["open"].trigger()
    saved(window.documents)
    qtbot.waitUntil(lambda: window.bridge.last is not None)
    for key, W in window.bridge.learned().weights.items():
        np.testing.assert_array_equal(W, trained[key])
    assert window.documents.recent.paths == [path]
    recent = window._recent.actions()
    assert [action.text() for action in recent] == ["mine.netb"]


def test_an_untrained_network_is_saved_without_weights(window, tmp_path, monkeypatch, saved):
    answer(monkeypatch, "getSaveFileName", tmp_path / "a.netb")
    assert window.documents.save()
    saved(window.documents)
    assert storage.load(tmp_path / "a.netb").weights is None


def test_the_star_tells_of_edits_and_of_training_since(window, qtbot, tmp_path, monkeypatch, saved):
    assert not window.isWindowModified()
    edit(window)
    assert window.isWindowModified()
    window.store.undo()
    assert not window.isWindowModified()
    answer(monkeypatch, "getSaveFileName", tmp_path / "a.netb")
    window.documents.save()
    saved(window.documents)
    window.bridge.step()
    qtbot.waitUntil(window.isWindowModified)
    window.documents.save()
    saved(window.documents)
    assert not window.isWindowModified()


def test_what_cannot_be_saved_says_why_and_stays_unsaved(window, tmp_path, monkeypatch, saved):
    edit(window)
    answer(monkeypatch, "getSaveFileName", tmp_path / "nowhere" / "a.netb")
    window.actions_["save_as"].trigger()
    saved(window.documents)
    assert window.strip.isVisible()
    assert window.strip.kind == "error"
    assert "nowhere" in window.strip.text.text()
    assert window.isWindowModified()
    assert window.store.path is None


@pytest.mark.parametrize("content", [b"", b"not a zip", None])
def test_what_is_no_project_is_refused_and_nothing_is_lost(window, tmp_path, content, saved):
    path = tmp_path / "bad.netb"
    if content is None:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("other.txt", "x")
    else:
        path.write_bytes(content)
    before = window.store.project
    window.documents.open(path)
    saved(window.documents)
    assert window.store.project is before
    assert "bad.netb" in window.strip.text.text()


def test_cancelling_a_file_dialog_changes_nothing(window, monkeypatch):
    for method in ("getOpenFileName", "getSaveFileName"):
        answer(monkeypatch, method, "")
    before = window.store.project
    for id in ("open", "save_as", "import_data", "import_network", "export"):
        window.actions_[id].trigger()
    assert window.store.project is before
    assert not window.strip.isVisible()


def test_new_asks_when_something_would_be_lost(window, qtbot, tmp_path, monkeypatch, saved):
    edit(window)
    edited = window.store.project
    window.actions_["new"].trigger()
    press(window.documents.question, "Cancel")
    assert window.store.project is edited
    window.actions_["new"].trigger()
    press(window.documents.question, "Don't save")
    assert window.store.project is not edited
    assert window.store.compiled.ok
    assert not window.isWindowModified()
    edit(window)
    edited = window.store.project
    answer(monkeypatch, "getSaveFileName", tmp_path / "kept.netb")
    window.actions_["new"].trigger()
    press(window.documents.question, "Save")
    saved(window.documents)
    assert storage.load(tmp_path / "kept.netb").project == edited
    assert window.store.project is not edited


# --- closing -------------------------------------------------------------------------------------


def test_a_clean_window_closes_at_once(open_window, qtbot):
    window = open_window()
    window.close()
    assert not window.isVisible()
    assert window.documents.question is None


def test_closing_with_changes_asks(open_window, qtbot):
    window = open_window()
    edit(window)
    window.close()
    assert window.isVisible()
    press(window.documents.question, "Cancel")
    assert window.isVisible()
    window.close()
    press(window.documents.question, "Don't save")
    qtbot.waitUntil(lambda: not window.isVisible())


def test_closing_while_it_trains_asks_and_then_ends_in_time(open_window, qtbot):
    window = open_window()
    window.bridge.play()
    qtbot.waitUntil(lambda: window.bridge.running and window.bridge.last.step > 10)
    window.close()
    assert window.isVisible()
    press(window.documents.question, "Cancel")
    qtbot.waitUntil(lambda: window.documents.question is None)
    assert window.bridge.running
    window.close()
    press(window.documents.question, "Don't save")
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=5000)
    assert window.bridge._session._closing


def test_a_save_that_fails_keeps_the_window_open(window, tmp_path, monkeypatch, saved):
    edit(window)
    answer(monkeypatch, "getSaveFileName", tmp_path / "nowhere" / "a.netb")
    window.close()
    press(window.documents.question, "Save")
    saved(window.documents)
    assert window.isVisible()
    assert window.strip.kind == "error"


# --- data ----------------------------------------------------------------------------------------


def test_an_own_csv_is_previewed_and_used_and_the_network_fitted_to_it(
    window, qtbot, pets, imported
):
    assert drop(window, pets)
    dialog = imported(window)
    assert isinstance(dialog, ImportDialog)
    model = dialog.preview.model()
    assert (model.rowCount(), model.columnCount()) == (60, 3)
    cell = model.index(1, 2)
    assert model.data(cell) == "dog"
    assert dialog.target.currentText() == "species"
    assert dialog.scale.currentData() == "standard"
    assert "3 classes: cat, dog, pony" in dialog.verdict.text()
    press(dialog, "Use this data")
    data = window.store.project.data
    assert (data.roles.targets, data.scale, data.validation) == (("species",), "standard", 0.2)
    assert window.store.dataset.info.feature_names == ("weight", "colour=black", "colour=white")
    assert window.store.compiled.ok
    assert "an output of 3 units" in window.strip.text.text()
    window.bridge.play()
    qtbot.waitUntil(lambda: window.bridge.last.state == "finished")
    window.workspaces.docks["confusion"].raise_()
    qtbot.waitUntil(
        lambda: (
            not window.workspaces.panels["confusion"].stale
            and window.workspaces.panels["confusion"].isVisible()
        )
    )


def test_another_target_is_another_task(window, pets, imported):
    dialog = imported(window, pets)
    dialog.target.setFocus()
    QTest.keyClick(dialog.target, KEY.Key_Home)
    imported(window)
    assert "regression" in dialog.verdict.text()
    QTest.keyClick(dialog.target, KEY.Key_Down)
    imported(window)
    assert "Two classes: black, white." in dialog.verdict.text()
    dialog.reject()
    assert window.store.project.data.source == "flower"


def test_what_cannot_be_learned_cannot_be_accepted(window, pets, qtbot, imported):
    dialog = imported(window, pets)
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    for field in (dialog.validation, dialog.test):
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, "0.7")
        QTest.keyClick(field, KEY.Key_Tab)
    imported(window)
    assert not dialog.accept_button.isEnabled()
    assert dialog.verdict.property("tone") == "error"
    dialog.reject()


@pytest.mark.parametrize("text", ["", "a,b\n", "a,b\n1,2\n3\n", "a\n\x00\x01"])
def test_a_file_that_cannot_be_read_says_where_and_why(window, tmp_path, text, imported):
    path = tmp_path / "odd.csv"
    path.write_text(text)
    assert imported(window, path) is None
    assert window.strip.kind == "error"
    assert "odd.csv" in window.strip.text.text()


def test_only_files_that_can_be_used_may_be_dropped(window, tmp_path, pets, saved):
    picture = tmp_path / "a.png"
    picture.write_bytes(b"")
    assert not drop(window, picture)
    assert "a.png is neither a network (.netb) nor a table" in window.strip.text.text()
    assert not drop(window, pets, pets)
    assert "One file at a time: 2" in window.strip.text.text()
    path = tmp_path / "a.netb"
    storage.save(path, replace(first_start(), seed=77), None)
    assert drop(window, path)
    saved(window.documents)
    assert window.store.project.seed == 77


# --- weights -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMATS)
def test_the_network_is_exported_in_every_format(window, qtbot, tmp_path, monkeypatch, name):
    qtbot.waitUntil(lambda: window.bridge.last is not None)
    suffix, title = FORMATS[name].suffix, FORMATS[name].title
    answer(monkeypatch, "getSaveFileName", tmp_path / f"net{suffix}", f"{title} (*{suffix})")
    window.actions_["export"].trigger()
    window.documents.exporting.finish()
    written = tmp_path / ("net_1.csv" if suffix == ".csv" else f"net{suffix}")
    assert written.stat().st_size > 0
    assert (tmp_path / f"net{suffix}.check.json").stat().st_size > 0
    assert window.strip.kind == "info"
    assert f"Exported {title} to net{suffix}." in window.strip.text.text()
    window.documents.exporting.close()


def test_after_an_export_a_program_that_uses_the_file_can_be_copied(
    window, qtbot, tmp_path, monkeypatch
):
    qtbot.waitUntil(lambda: window.bridge.last is not None)
    answer(monkeypatch, "getSaveFileName", tmp_path / "net.onnx", "ONNX model (*.onnx)")
    window.actions_["export"].trigger()
    window.documents.exporting.finish()
    dialog = window.documents.exporting.shown
    assert dialog.isVisible() and not dialog.isModal()
    press(dialog, "Copy")
    text = QGuiApplication.clipboard().text()
    assert 'onnxruntime.InferenceSession("net.onnx"' in text
    press(dialog, "Close")
    assert window.documents.exporting.shown is None


def test_the_format_chosen_in_the_list_wins_over_the_name_that_was_offered(
    window, tmp_path, monkeypatch
):
    answer(monkeypatch, "getSaveFileName", tmp_path / "net.npz", "ONNX model (*.onnx)")
    window.actions_["export"].trigger()
    window.documents.exporting.close()
    assert (tmp_path / "net.onnx").exists()
    assert not (tmp_path / "net.npz").exists()


def test_code_is_exported_for_the_framework_chosen_in_the_list(window, tmp_path, monkeypatch):
    for chosen, words in (("NumPy", "L_model_forward"), ("Keras", "keras.Model")):
        answer(monkeypatch, "getSaveFileName", tmp_path / "net.npz", f"{chosen} code (*.py)")
        window.actions_["export"].trigger()
        window.documents.exporting.finish()
        assert words in (tmp_path / "net.py").read_text(encoding="utf-8")
        assert (tmp_path / "net_weights.npz").exists()


def taken(window, qtbot, *, network=False):
    """What the dialog offers of a file that is being read, is taken."""
    networks = window.documents.networks
    qtbot.waitUntil(lambda: networks.dialog is not None)
    (networks.dialog.network if network else networks.dialog.weights).click()
    QTest.mouseClick(networks.dialog.accept_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: networks.dialog is None and not networks.work.busy)


def test_exported_weights_are_loaded_again(window, qtbot, tmp_path, monkeypatch):
    path = tmp_path / "net.npz"
    window.bridge.play()
    qtbot.waitUntil(lambda: window.bridge.last is not None and window.bridge.last.step > 50)
    window.bridge.pause()
    qtbot.waitUntil(lambda: not window.bridge.running)
    trained = window.bridge.last.weights
    assert export(window, path)
    window.bridge.reset()
    qtbot.waitUntil(lambda: window.bridge.last.step == 0)
    answer(monkeypatch, "getOpenFileName", path)
    window.actions_["import_network"].trigger()
    taken(window, qtbot)
    for key, W in window.bridge.learned().weights.items():
        np.testing.assert_allclose(W, trained[key], atol=1e-6)


def test_weights_of_other_activations_are_taken_with_a_word(window, qtbot, tmp_path):
    path = tmp_path / "net.npz"
    assert export(window, path)
    window.documents.networks.start(path)
    taken(window, qtbot)
    assert window.strip.kind == "info"
    project = window.store.project
    hidden = project.network.node("n1").layer
    other = project.network.set_layer("n1", replace(hidden, activation="relu"))
    window.store.commit(project.with_network(other), "activation")
    window.documents.networks.start(path)
    taken(window, qtbot)
    assert window.strip.kind == "warning"


def test_weights_of_another_network_are_refused(window, qtbot, tmp_path):
    path = tmp_path / "other.npz"
    np.savez(path, W1=np.zeros((3, 2)), b1=np.zeros((3, 1)))
    before = window.bridge.learned().weights
    window.documents.networks.start(path)
    qtbot.waitUntil(lambda: window.strip.kind == "error")
    assert window.documents.networks.dialog is None
    for key, W in window.bridge.learned().weights.items():
        np.testing.assert_array_equal(W, before[key])


def test_an_export_that_cannot_be_written_says_so(window, tmp_path):
    assert not export(window, tmp_path / "nowhere" / "a.onnx")
    assert window.strip.kind == "error"
