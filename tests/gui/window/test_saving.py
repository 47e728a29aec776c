"""Saving beside the work: the window goes on, and nobody's file is overwritten unasked."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QPushButton, QWidget

from netbuilder.document.file import place as place_module
from netbuilder.document.file import storage
from netbuilder.document.file.lock import COMMAND, Lock, Locked
from netbuilder.document.file.place import Place
from netbuilder.document.templates import data_choice, first_start, new_project
from netbuilder.engine.program import Program
from netbuilder.gui.window import saving
from netbuilder.gui.window.main_window import MainWindow

LEFT, KEY = Qt.MouseButton.LeftButton, Qt.Key
CONTROL = Qt.KeyboardModifier.ControlModifier


def press(widget: QWidget, words: str) -> None:
    (button,) = [b for b in widget.findChildren(QPushButton) if b.isVisible() and words in b.text()]
    QTest.mouseClick(button, LEFT)


def edit(window: MainWindow, seed: int = 5) -> None:
    assert window.store.edit(lambda p: replace(p, seed=seed), "seed")


def seed_in(path: Path) -> int:
    return storage.load(path).project.seed


def says(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """What the user would have picked in the system's own dialog."""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "mine.netb"
    storage.save(path, first_start(), None)
    return path


@pytest.fixture
def window(standing_window: MainWindow, path: Path, saved) -> MainWindow:
    standing_window.documents.open(path)
    saved(standing_window.documents)
    return standing_window


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Nothing is written before it is set."""
    gate, save = threading.Event(), storage.save

    def slow(*arguments: object) -> None:
        assert gate.wait(60)
        save(*arguments)

    monkeypatch.setattr(place_module, "save", slow)
    yield gate
    gate.set()


# --- while it is saved ---------------------------------------------------------------------------


def test_what_is_done_meanwhile_stays_to_be_saved(window, path, gate, saved) -> None:
    edit(window)
    QTest.keyClick(window, KEY.Key_S, CONTROL)
    assert window.isWindowModified(), "it is not in its file yet"
    edit(window, 6)
    gate.set()
    saved(window.documents)
    assert seed_in(path) == 5
    assert window.isWindowModified()
    window.store.undo()
    assert not window.isWindowModified()
    window.store.undo()
    assert window.isWindowModified()


def test_a_drag_that_goes_on_meanwhile_does_not_take_what_is_saved_out_of_the_history(
    window, path, gate, saved
) -> None:
    for seed in (5, 6):
        window.store.edit(lambda p, seed=seed: replace(p, seed=seed), "seed", "drag")
    window.documents.save()
    window.store.edit(lambda p: replace(p, seed=7), "seed", "drag")
    gate.set()
    saved(window.documents)
    window.store.undo()
    assert (window.store.project.seed, window.isWindowModified()) == (6, False)


def test_two_saves_follow_one_another(window, path, gate, saved) -> None:
    for seed in (5, 6):
        edit(window, seed)
        window.documents.save()
    gate.set()
    saved(window.documents)
    assert seed_in(path) == 6
    assert not window.isWindowModified()


def test_it_is_told_when_saving_takes_long(window, gate, qtbot, saved) -> None:
    edit(window)
    window.documents.save()
    assert not window.file_bar.isVisible()
    qtbot.waitUntil(window.file_bar.isVisible)
    assert window.file_bar.text.text() == "Saving mine.netb…"
    gate.set()
    saved(window.documents)
    assert not window.file_bar.isVisible()


def test_saving_waits_for_a_busy_worker_and_the_window_for_neither(
    window, path, qtbot, saved, monkeypatch
) -> None:
    entered, may_end, update = threading.Event(), threading.Event(), Program.update

    def endless(self, *args, **kwargs):
        entered.set()
        assert may_end.wait(60)
        return update(self, *args, **kwargs)

    qtbot.waitUntil(lambda: window.bridge.last is not None)
    monkeypatch.setattr(Program, "update", endless)
    window.bridge.step()
    qtbot.waitUntil(entered.is_set)
    window.documents.save()
    edit(window)  # the window goes on
    assert window.documents.saving.busy
    may_end.set()
    saved(window.documents)
    assert "run.npz" in storage.load(path).sections, "the run goes on exactly from there"
    assert storage.load(path).project.seed == first_start().seed


# --- closing -------------------------------------------------------------------------------------


def test_closing_waits_visibly_for_what_is_being_saved(
    open_window, path, gate, qtbot, saved
) -> None:
    window = open_window()
    window.documents.open(path)
    saved(window.documents)
    edit(window)
    window.documents.save()
    window.close()
    assert window.isVisible() and window.documents.question is None
    assert "Saving mine.netb" in window.file_bar.text.text()
    press(window.file_bar, "Stay here")
    gate.set()
    saved(window.documents)
    assert window.isVisible() and not window.isWindowModified()
    gate.clear()
    edit(window, 6)
    window.close()
    press(window.documents.question, "Save")
    assert window.file_bar.isVisible() and window.isVisible()
    gate.set()
    qtbot.waitUntil(lambda: not window.isVisible())
    assert seed_in(path) == 6
    Lock.take(path).release()


def test_what_is_edited_while_closing_waits_is_asked_about(open_window, path, gate, saved) -> None:
    window = open_window()
    window.documents.open(path)
    saved(window.documents)
    edit(window)
    window.close()
    press(window.documents.question, "Save")
    edit(window, 6)
    gate.set()
    saved(window.documents)
    assert window.isVisible()
    press(window.documents.question, "Don't save")
    assert not window.isVisible()
    assert seed_in(path) == 5


def test_a_save_that_fails_keeps_what_waits_for_it_from_being_done(
    window, tmp_path, monkeypatch, saved
) -> None:
    edit(window)
    edited = window.store.project
    says(monkeypatch, tmp_path / "nowhere" / "a.netb")
    window.documents.new()
    window.store.path = None
    press(window.documents.question, "Save")
    saved(window.documents)
    assert window.store.project is edited
    assert not window.documents.waiting
    # The way out is in the strip that says why.
    assert window.strip.kind == "error" and window.strip.remedy.text() == "Save as…"
    says(monkeypatch, tmp_path / "there.netb")
    QTest.mouseClick(window.strip.remedy, LEFT)
    saved(window.documents)
    assert storage.load(tmp_path / "there.netb").project == edited
    assert not window.isWindowModified() and not window.strip.isVisible()


# --- opening -------------------------------------------------------------------------------------


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Nothing is read before it is set."""
    gate, load = threading.Event(), storage.load

    def read(path: Path) -> storage.Loaded:
        assert gate.wait(60)
        return load(path)

    monkeypatch.setattr(saving, "load", read)
    yield gate
    gate.set()


def test_the_window_goes_on_while_a_file_is_read(standing_window, path, slow, qtbot, saved) -> None:
    window = standing_window
    window.documents.open(path)
    edit(window)
    qtbot.waitUntil(window.file_bar.isVisible)
    assert window.file_bar.text.text() == "Opening mine.netb…"
    slow.set()
    qtbot.waitUntil(lambda: window.documents.question is not None)
    assert window.store.path is None, "the edit is asked about first"
    press(window.documents.question, "Don't save")
    saved(window.documents)
    assert window.store.path == path and not window.file_bar.isVisible()


def test_of_two_files_that_are_opened_at_once_the_later_one_is_in_force(
    standing_window, path, tmp_path, slow, saved
) -> None:
    window, other = standing_window, tmp_path / "other.netb"
    storage.save(other, first_start(), None)
    window.documents.open(path)
    window.documents.open(other)
    slow.set()
    saved(window.documents)
    assert window.store.path == other
    Lock.take(path).release()


def test_closing_waits_for_what_is_being_read(open_window, path, slow, qtbot) -> None:
    window = open_window()
    window.documents.open(path)
    window.close()
    assert window.isVisible() and "Opening mine.netb" in window.file_bar.text.text()
    slow.set()
    qtbot.waitUntil(lambda: not window.isVisible())


# --- another window ------------------------------------------------------------------------------


def test_a_file_that_is_open_in_one_window_is_read_only_in_a_second(
    window, open_window, path, tmp_path, monkeypatch, saved
) -> None:
    second = open_window()
    second.documents.open(path)
    saved(second.documents)
    assert not window.file_bar.isVisible()
    assert "mine.netb is read-only here" in second.file_bar.text.text()
    assert "it is open in another window" in second.file_bar.text.text()
    edit(second, 8)
    second.documents.save()
    saved(second.documents)
    assert seed_in(path) == first_start().seed
    assert "read-only" in second.strip.text.text() and second.isWindowModified()
    strip, bar = (
        widget.rect().translated(widget.mapTo(second, QPoint()))
        for widget in (second.strip, second.file_bar)
    )
    assert not strip.intersects(bar)
    says(monkeypatch, tmp_path / "other.netb")
    press(second.file_bar, "Save as…")
    saved(second.documents)
    assert seed_in(tmp_path / "other.netb") == 8
    assert not second.file_bar.isVisible() and not second.isWindowModified()
    # Nor may it take the other one's file by saving over it.
    says(monkeypatch, path)
    second.documents.save_as()
    saved(second.documents)
    assert seed_in(path) == first_start().seed and second.store.path.name == "other.netb"


def test_it_may_be_saved_once_the_other_window_has_let_go(window, open_window, path, saved) -> None:
    second = open_window()
    second.documents.open(path)
    saved(second.documents)
    window.documents.new()
    edit(second, 8)
    second.documents.save()
    saved(second.documents)
    assert seed_in(path) == 8
    assert not second.file_bar.isVisible()
    with pytest.raises(Locked):
        Lock.take(path)


def test_a_file_that_a_command_trains_is_read_only(standing_window, path, saved) -> None:
    place = Place.taken(path, COMMAND)
    standing_window.documents.open(path)
    saved(standing_window.documents)
    assert "a command is training it" in standing_window.file_bar.text.text()
    place.release()


def test_another_document_lets_go_of_the_file(window, path, tmp_path, saved) -> None:
    other = tmp_path / "other.netb"
    storage.save(other, first_start(), None)
    window.documents.open(path)  # again
    saved(window.documents)
    window.documents.open(tmp_path / "none.netb")  # which is not there
    saved(window.documents)
    with pytest.raises(Locked):
        Lock.take(path)
    window.documents.open(other)
    saved(window.documents)
    Lock.take(path).release()
    window.documents.new()
    Lock.take(other).release()


# --- another program -----------------------------------------------------------------------------


@pytest.fixture
def changed(window: MainWindow, path: Path, saved: Callable) -> Path:
    """Another program has written the file that is edited, and it is to be saved."""
    edit(window, 5)
    storage.save(path, replace(first_start(), seed=99), None)
    os.utime(path, ns=(1, 1))
    window.documents.save()
    saved(window.documents)
    assert seed_in(path) == 99
    assert "changed by another program" in window.documents.question.text()
    return path


def test_what_another_program_has_written_stays_unless_it_is_said(window, changed, saved) -> None:
    press(window.documents.question, "Cancel")
    assert (seed_in(changed), window.isWindowModified()) == (99, True)
    window.documents.save()
    saved(window.documents)
    press(window.documents.question, "Overwrite")
    saved(window.documents)
    assert (seed_in(changed), window.isWindowModified()) == (5, False)
    edit(window, 6)
    window.documents.save()
    saved(window.documents)
    assert seed_in(changed) == 6, "and from then on it is known"


def test_or_it_is_reloaded(window, changed, saved) -> None:
    press(window.documents.question, "Reload")
    saved(window.documents)
    assert window.store.project.seed == 99
    assert not window.isWindowModified() and not window.file_bar.isVisible()


def test_or_saved_by_another_name(window, changed, tmp_path, monkeypatch, saved) -> None:
    says(monkeypatch, tmp_path / "other.netb")
    press(window.documents.question, "Save as…")
    saved(window.documents)
    assert seed_in(changed) == 99 and seed_in(tmp_path / "other.netb") == 5


def test_closing_is_forgotten_where_the_question_is_cancelled(window, path, saved) -> None:
    edit(window, 5)
    path.write_bytes(b"something else")
    window.documents.new()
    press(window.documents.question, "Save")
    saved(window.documents)
    assert window.documents.waiting
    press(window.documents.question, "Cancel")
    assert not window.documents.waiting and window.store.project.seed == 5


def test_a_project_that_names_a_place_of_its_users_data_says_so_once(
    window: MainWindow, tmp_path: Path, monkeypatch, saved
) -> None:
    path, csv = tmp_path / "nets" / "mine" / "a.netb", tmp_path / "d.csv"
    path.parent.mkdir(parents=True)
    csv.write_text("x,y\n" + "".join(f"{k},{k * k}\n" for k in range(60)))
    window.store.replace(new_project(data_choice(str(csv))))
    monkeypatch.setattr(storage, "LARGEST_TABLE", 100)
    says(monkeypatch, path)
    told: list[str] = []
    window.store.notified.connect(lambda kind, message: told.append(str(message)))
    for _ in range(2):
        window.documents.save_as()
        saved(window.documents)
    (sentence,) = [text for text in told if "names the place" in text]
    assert str(csv) in sentence
