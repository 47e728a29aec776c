"""What is not saved yet is kept apart and offered after a crash; a crash is a lock let go."""

from __future__ import annotations

import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, QSettings, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from netbuilder.document.file import recovery, storage
from netbuilder.document.file.recovery import About, Slot, find
from netbuilder.document.templates import first_start
from netbuilder.engine.program import Program
from netbuilder.gui.store import Store
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.gui.window import keeper as keeper_module
from netbuilder.gui.window.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton
Open = Callable[[], MainWindow]


def press(widget: QWidget, words: str) -> None:
    (button,) = [b for b in widget.findChildren(QPushButton) if b.isVisible() and words in b.text()]
    QTest.mouseClick(button, LEFT)


def double_click(button: QPushButton) -> None:
    """As a mouse does it; QTest's has a press too many."""
    QTest.mouseClick(button, LEFT)
    at = QPointF(button.rect().center())
    for kind in (QEvent.Type.MouseButtonDblClick, QEvent.Type.MouseButtonRelease):
        held = LEFT if kind == QEvent.Type.MouseButtonDblClick else Qt.MouseButton.NoButton
        none = Qt.KeyboardModifier.NoModifier
        event = QMouseEvent(kind, at, button.mapToGlobal(at), LEFT, held, none)
        QApplication.sendEvent(button, event)


def edit(window: MainWindow, seed: int = 5) -> None:
    assert window.store.edit(lambda p: replace(p, seed=seed), "seed")


def crash(window: MainWindow) -> None:
    """Lets go of everything as the system does when a process dies; nothing is tidied up."""
    keeper = window.keeper
    keeper.blockSignals(True)
    keeper._writer.finish()
    if keeper._slot is not None:
        keeper._slot.close()
    keeper._slot = None
    keeper._timer.stop()
    window.documents.saving.take(None)
    window._may_close = True
    window.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "recovery"


def kept(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.netb")) if folder.exists() else []


@pytest.fixture
def start(
    qapp: QApplication, themes: ThemeManager, settings: QSettings, folder: Path, qtbot, monkeypatch
) -> Iterator[Open]:
    """Opens windows that keep their work, as the program does when it starts; an edit at once."""
    monkeypatch.setattr(keeper_module, "_EDIT", 10)
    opened: list[MainWindow] = []

    def open_one() -> MainWindow:
        store = Store(first_start())
        window = MainWindow(store, TrainingBridge(store), themes, settings, kept_in=folder)
        opened.append(window)
        window.resize(1280, 720)
        window.show()
        assert QTest.qWaitForWindowExposed(window)
        window.keeper.look()
        qtbot.waitUntil(lambda: window.bridge.last is not None)
        qtbot.waitUntil(lambda: not window.workspaces.panels["data"].busy)
        return window

    yield open_one
    for window in opened:
        window._may_close = True
        window.close()
        window.deleteLater()
    assert not list(folder.glob("*.tmp"))


def train(window: MainWindow, qtbot, updates: int = 12) -> None:
    goal = window.bridge.last.step + updates
    for _ in range(updates):
        window.bridge.step()
    qtbot.waitUntil(lambda: window.bridge.last.step == goal and not window.bridge.running)


def epochs_kept(folder: Path) -> int:
    for path in kept(folder):
        return recovery._about(path).epoch
    return 0


# --- keeping -------------------------------------------------------------------------------------


def test_an_edit_is_kept_and_forgotten_again(start: Open, folder, tmp_path, qtbot, saved) -> None:
    window = start()
    assert kept(folder) == []
    edit(window)
    qtbot.waitUntil(lambda: len(kept(folder)) == 1)
    assert storage.load(kept(folder)[0]).project.seed == 5
    window.store.undo()
    qtbot.waitUntil(lambda: kept(folder) == [])
    edit(window, 6)
    qtbot.waitUntil(lambda: len(kept(folder)) == 1)
    window.documents._save(tmp_path / "mine.netb")
    saved(window.documents)
    qtbot.waitUntil(lambda: kept(folder) == [])
    # The user's own file is left alone.
    before = (tmp_path / "mine.netb").read_bytes()
    edit(window, 7)
    qtbot.waitUntil(lambda: len(kept(folder)) == 1)
    assert (tmp_path / "mine.netb").read_bytes() == before
    window.close()
    press(window.documents.question, "Don't save")
    assert list(folder.iterdir()) == []


def test_what_is_being_learned_is_kept_now_and_then(start: Open, folder, qtbot, monkeypatch):
    monkeypatch.setattr(keeper_module, "_TRAINING", 50)
    window = start()
    window.bridge.play()
    qtbot.waitUntil(lambda: epochs_kept(folder) > 0, timeout=20_000)
    first = epochs_kept(folder)
    qtbot.waitUntil(lambda: epochs_kept(folder) > first, timeout=20_000)
    assert window.bridge.running
    window.bridge.pause()
    qtbot.waitUntil(lambda: not window.bridge.running)
    qtbot.waitUntil(lambda: epochs_kept(folder) == window.bridge.last.epoch)


def test_what_cannot_be_kept_is_told_once(start: Open, folder, qtbot) -> None:
    window = start()
    folder.parent.mkdir(exist_ok=True)
    folder.write_bytes(b"in the way")
    edit(window)
    qtbot.waitUntil(lambda: "not kept" in window.strip.text.text())
    window.strip.dismiss()
    edit(window, 6)
    qtbot.waitUntil(lambda: not window.keeper._timer.isActive())
    qtbot.waitUntil(lambda: not window.keeper._writer.busy)
    assert not window.strip.isVisible()
    folder.unlink()


def test_the_window_does_not_wait_for_the_worker(start: Open, folder, qtbot, monkeypatch) -> None:
    window = start()
    entered, may_end, update = threading.Event(), threading.Event(), Program.update

    def endless(self, *args, **kwargs):
        entered.set()
        assert may_end.wait(60)
        return update(self, *args, **kwargs)

    train(window, qtbot, 3)
    monkeypatch.setattr(Program, "update", endless)
    monkeypatch.setattr(keeper_module, "_PATIENCE", 0.01)
    window.bridge.play()
    qtbot.waitUntil(entered.is_set)
    # As when a signal comes: what is known is kept, though the worker does not answer.
    window.keeper.keep(lambda: None, 0.01)
    qtbot.waitUntil(lambda: len(kept(folder)) == 1)
    assert epochs_kept(folder) == 3
    may_end.set()


# --- recovery ------------------------------------------------------------------------------------


def test_after_a_crash_it_is_offered_and_goes_on_without_a_seam(start: Open, folder, qtbot):
    window = start()
    train(window, qtbot, 20)
    qtbot.waitUntil(lambda: epochs_kept(folder) == 20)
    train(window, qtbot, 5)
    straight = window.bridge.learned()
    qtbot.waitUntil(lambda: epochs_kept(folder) == 25)
    crash(window)
    again = start()
    words = again.recovery_bar.text.text()
    assert "did not end properly" in words and "Untitled" in words and "25 epochs" in words
    assert not again.isWindowModified()
    other = start()
    assert not other.recovery_bar.isVisible(), "it is offered once"
    press(again.recovery_bar, "Recover")
    qtbot.waitUntil(lambda: not again.recovery_bar.isVisible())
    assert again.isWindowModified() and again.windowTitle().startswith("Untitled")
    qtbot.waitUntil(lambda: again.bridge.last is not None and again.bridge.last.step == 25)
    same = again.bridge.learned()
    np.testing.assert_array_equal(same.state.numbers, straight.state.numbers)
    assert len(again.bridge.last.log.updates()["cost"]) == 25
    # It stays kept as long as it is not saved.
    crash(again)
    third = start()
    assert "25 epochs" in third.recovery_bar.text.text()
    train(third, qtbot, 3)
    press(third.recovery_bar, "Recover")
    press(third.documents.question, "Cancel")
    assert third.recovery_bar.isVisible()
    press(third.recovery_bar, "Recover")
    press(third.documents.question, "Don't save")
    qtbot.waitUntil(lambda: third.bridge.last is not None and third.bridge.last.step == 25)
    assert len(kept(folder)) == 1


def test_a_file_that_was_edited_is_recovered_as_that_file(
    start: Open, folder, tmp_path, qtbot, saved
):
    path = tmp_path / "mine.netb"
    storage.save(path, first_start(), None)
    window = start()
    window.documents.open(path)
    saved(window.documents)
    edit(window)
    qtbot.waitUntil(lambda: len(kept(folder)) == 1)
    crash(window)
    again = start()
    assert "mine.netb, not trained" in again.recovery_bar.text.text()
    press(again.recovery_bar, "Recover")
    qtbot.waitUntil(lambda: again.store.path == path)
    assert again.isWindowModified()
    again.documents.save()
    qtbot.waitUntil(lambda: not again.isWindowModified())
    assert storage.load(path).project.seed == 5
    qtbot.waitUntil(lambda: kept(folder) == [])


def test_a_file_that_another_program_wrote_after_the_crash_is_asked_about(
    start: Open, folder, tmp_path, qtbot, saved
) -> None:
    path = tmp_path / "mine.netb"
    storage.save(path, first_start(), None)
    window = start()
    window.documents.open(path)
    saved(window.documents)
    edit(window)
    qtbot.waitUntil(lambda: len(kept(folder)) == 1)
    crash(window)
    storage.save(path, replace(first_start(), seed=1234), None)
    again = start()
    press(again.recovery_bar, "Recover")
    qtbot.waitUntil(lambda: again.store.path == path)
    again.documents.save()
    saved(again.documents)
    press(again.documents.question, "Cancel")
    assert storage.load(path).project.seed == 1234


def test_what_several_windows_have_left_is_offered_one_by_one(start: Open, folder, qtbot) -> None:
    for at, seed in ((1.0, 11), (2.0, 12), (3.0, 13)):
        slot = Slot.new(folder)
        slot.write(About(at=at, epoch=seed), replace(first_start(), seed=seed), None, {})
        slot.close()
    window = start()
    assert "13 epochs (and 2 more)" in window.recovery_bar.text.text()
    (discard,) = [b for b in window.recovery_bar._buttons if b.text() == "Discard"]
    double_click(discard)  # of which one is not discarded unseen
    assert "12 epochs (and 1 more)" in window.recovery_bar.text.text()
    press(window.recovery_bar, "Recover")
    qtbot.waitUntil(lambda: window.store.project.seed == 12)
    assert "11 epochs" in window.recovery_bar.text.text()
    QTest.mouseClick(window.recovery_bar.close_button, LEFT)
    assert not window.recovery_bar.isVisible()
    window.close()
    press(window.documents.question, "Don't save")
    (left,), _ = find(folder)  # what was not answered is offered at the next start
    assert left.about.epoch == 11
    left.slot.close()


def test_damaged_work_is_set_aside_with_a_sentence(start: Open, folder, qtbot) -> None:
    folder.mkdir(parents=True)
    (folder / "abc.netb").write_bytes(b"PK\x03\x04 and then nothing")
    window = start()
    assert "set aside" in window.strip.text.text()
    assert not window.recovery_bar.isVisible()
    slot = Slot.new(folder)
    slot.write(About(at=1.0), first_start(), None, {})
    slot.close()
    with zipfile.ZipFile(slot.path, "w") as archive:
        archive.writestr(recovery.ABOUT, b"{}")
    later = start()
    before = later.store.project
    press(later.recovery_bar, "Recover")
    qtbot.waitUntil(lambda: later.strip.kind == "error")
    assert "set aside" in later.strip.text.text()
    assert later.store.project is before and not later.recovery_bar.isVisible()
    assert {path.suffix for path in folder.iterdir()} == {".damaged"}


def test_told_to_end_it_keeps_the_work_and_asks_nothing(start: Open, folder, qtbot) -> None:
    window = start()
    train(window, qtbot, 4)
    window.bridge.play()
    qtbot.waitUntil(lambda: window.bridge.running)
    window.end()
    qtbot.waitUntil(lambda: not window.isVisible())
    assert window.documents.question is None
    assert epochs_kept(folder) >= 4
    again = start()
    assert again.recovery_bar.isVisible()
    again.end()
    assert not again.isVisible()
    assert len(kept(folder)) == 1, "nor is what was not answered lost"


def test_an_edit_while_it_is_being_recovered_is_asked_about(
    start: Open, folder, qtbot, monkeypatch
) -> None:
    slot = Slot.new(folder)
    slot.write(About(at=1.0), replace(first_start(), seed=12), None, {})
    slot.close()
    gate, load = threading.Event(), Slot.load
    monkeypatch.setattr(Slot, "load", lambda self: load(self) if gate.wait(60) else None)
    window = start()
    press(window.recovery_bar, "Recover")
    edit(window)
    gate.set()
    qtbot.waitUntil(lambda: window.documents.question is not None)
    press(window.documents.question, "Don't save")
    qtbot.waitUntil(lambda: window.store.project.seed == 12)


def test_what_is_closed_while_it_is_first_kept_is_forgotten(
    start: Open, folder, qtbot, monkeypatch
) -> None:
    gate, new = threading.Event(), Slot.new
    monkeypatch.setattr(Slot, "new", lambda folder: new(folder) if gate.wait(60) else None)
    window = start()
    edit(window)
    qtbot.waitUntil(lambda: window.keeper._writer.busy)
    window.store.undo()
    gate.set()
    qtbot.waitUntil(lambda: not window.keeper._writer.busy)
    assert kept(folder) == []
    gate.clear()
    window.keeper._slot.close()
    window.keeper._slot, window.keeper._took = None, 0
    edit(window)
    qtbot.waitUntil(lambda: window.keeper._writer.busy)
    threading.Timer(0.05, gate.set).start()
    window.close()
    press(window.documents.question, "Don't save")
    assert list(folder.iterdir()) == []
