"""The film in a file: painted while the window goes on, cancelled without a trace."""

from __future__ import annotations

import importlib.util
import itertools
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QPushButton

from netbuilder.gui.window import film_export
from netbuilder.gui.window.film_export import FilmExport
from netbuilder.gui.window.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(standing_window: MainWindow, qtbot, monkeypatch) -> MainWindow:
    """With a trained network; films have few pictures."""
    monkeypatch.setattr(film_export, "PICTURES", 6)
    window = standing_window
    window.bridge.play()
    qtbot.waitUntil(lambda: window.bridge.last is not None and window.bridge.last.step > 400)
    window.bridge.pause()
    qtbot.waitUntil(lambda: not window.bridge.running)
    return window


@pytest.fixture
def told(window):
    found = []

    def tell(kind: str, message: object) -> None:
        found.append((kind, str(message)))

    window.store.notified.connect(tell)
    yield found
    window.store.notified.disconnect(tell)


def export(window, monkeypatch, path: Path) -> FilmExport | None:
    """By the menu, with this answer to the question for a file."""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    window.actions_["export_film"].trigger()
    return window.findChild(FilmExport)


def over(window, qtbot) -> None:
    qtbot.waitUntil(lambda: window.findChild(FilmExport) is None, timeout=20_000)


def test_the_menu_exports_the_canvas_and_the_cost_so_far(
    window, told, qtbot, monkeypatch, tmp_path
):
    image = pytest.importorskip("PIL.Image")
    path, before = tmp_path / "film.gif", window.cursor_.moment
    assert export(window, monkeypatch, tmp_path / "film").progress.isVisible()
    over(window, qtbot)
    assert told == [("info", f"The film is in {path}.")]
    assert window.cursor_.live and window.cursor_.moment is before, "the window looked elsewhere"
    with image.open(path) as read:
        assert read.n_frames == 6
        pictures = []
        for number in range(6):
            read.seek(number)
            pictures.append(np.asarray(read.convert("RGB")).astype(int))
    canvas, curve = (slice(0, 460), slice(460, 600))
    for one, other in itertools.pairwise(pictures):
        assert np.abs(one[canvas] - other[canvas]).max() > 20, "cards and wires learn"
        assert np.abs(one[curve] - other[curve]).max() > 20, "the curve grows"


def test_cancel_leaves_no_file_and_no_thread(window, told, qtbot, monkeypatch, tmp_path):
    pytest.importorskip("PIL")
    monkeypatch.setattr(film_export, "PICTURES", 10_000)
    made = export(window, monkeypatch, tmp_path / "film.gif")
    qtbot.waitUntil(lambda: made.progress.value() >= 2)
    QTest.mouseClick(made.progress.findChild(QPushButton), LEFT)
    over(window, qtbot)
    assert not told and not list(tmp_path.iterdir())


def test_what_cannot_be_is_told(window, told, qtbot, monkeypatch, tmp_path):
    export(window, monkeypatch, tmp_path / "no" / "film.gif")
    over(window, qtbot)
    ((kind, words),) = told
    assert kind == "error" and "there is no folder" in words
    told.clear()
    export(window, monkeypatch, tmp_path / "film.avi")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    export(window, monkeypatch, tmp_path / "film.mp4")
    over(window, qtbot)
    assert ".gif, .mp4" in told[0][1] and "netbuilder[film]" in told[1][1]


def test_nothing_is_asked_where_nothing_was_chosen(window, qtbot, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    window.actions_["export_film"].trigger()
    over(window, qtbot)
