"""The curves in a file: those that are shown, under the names they have."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from netbuilder.gui.window.curves_export import CurvesExport
from netbuilder.gui.window.main_window import MainWindow


@pytest.mark.parametrize("name, words", [("c", "<polyline"), ("c.csv", "first run,0,")])
def test_the_menu_exports_the_runs_that_are_shown(
    name, words, standing_window: MainWindow, qtbot, monkeypatch, tmp_path: Path
):
    window = standing_window
    window.bridge.play()
    qtbot.waitUntil(lambda: window.bridge.last is not None and window.bridge.last.step > 50)
    window.bridge.pause()
    qtbot.waitUntil(lambda: not window.bridge.running)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / name), ""))
    window.actions_["export_curves"].trigger()
    qtbot.waitUntil(lambda: window.findChild(CurvesExport) is None)
    (made,) = tmp_path.iterdir()
    assert made.name == (name if "." in name else "c.svg")
    text = made.read_text(encoding="utf-8")
    assert words in text and "first run" in text
    assert window.strip.kind == "info" and made.name in window.strip.text.text()
