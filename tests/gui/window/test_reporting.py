"""The report from the File menu: of the document in force, written off the GUI thread."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from netbuilder.gui.theme.colours import LIGHT
from netbuilder.gui.window.main_window import MainWindow
from netbuilder.report import drawing, page


@pytest.mark.parametrize("name", ["r", "r.html"])
def test_the_menu_writes_a_page_about_what_is_learned(
    name, standing_window: MainWindow, qtbot, monkeypatch, tmp_path: Path
):
    window = standing_window
    window.bridge.play()
    qtbot.waitUntil(lambda: window.bridge.last is not None and window.bridge.last.step > 50)
    window.bridge.pause()
    qtbot.waitUntil(lambda: not window.bridge.running)
    threads = []
    write = page.write
    monkeypatch.setattr(
        page, "write", lambda *a: (threads.append(threading.current_thread()), write(*a))
    )
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / name), ""))
    window.actions_["report"].trigger()
    qtbot.waitUntil(lambda: not window.documents.exporting.busy)
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert f"<b>{window.bridge.last.epoch:,}</b>" in text and "<polyline" in text
    assert threads != [threading.main_thread()]
    assert window.strip.kind == "info" and "r.html" in window.strip.text.text()


def test_what_cannot_be_written_is_told(standing_window: MainWindow, qtbot, tmp_path: Path):
    window = standing_window
    window.documents.exporting.report(tmp_path / "none" / "r.html")
    qtbot.waitUntil(lambda: not window.documents.exporting.busy)
    assert window.strip.kind == "error" and "no folder" in window.strip.text.text()


def test_its_colours_are_those_of_the_light_window():
    assert LIGHT.classes == drawing.CLASSES
    for name in ("positive", "negative", "zero", "text", "muted", "line", "accent", "sunken"):
        assert getattr(drawing, name.upper()) == getattr(LIGHT, name)
    assert (LIGHT.strong_line, LIGHT.panel) == (drawing.STRONG_LINE, drawing.PANEL)
