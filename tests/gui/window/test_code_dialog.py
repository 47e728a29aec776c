"""The network as code in a window: what is read there is what is copied and what is saved."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from netbuilder.gui.window.code_dialog import CodeDialog
from netbuilder.gui.window.main_window import MainWindow

LEFT, DOWN = Qt.MouseButton.LeftButton, Qt.Key.Key_Down


@pytest.fixture
def dialog(standing_window: MainWindow, qtbot):
    """Opened by the menu."""
    window = standing_window
    qtbot.waitUntil(lambda: window.actions_["show_code"].isEnabled())
    window.actions_["show_code"].trigger()
    (found,) = window.findChildren(CodeDialog)
    qtbot.waitUntil(found.copy.isEnabled)
    yield found
    for left in window.findChildren(CodeDialog):
        left.reject()
    qtbot.waitUntil(lambda: not window.findChildren(CodeDialog))


def test_the_courses_functions_are_shown_in_colour_and_copied(dialog):
    text = dialog.text.toPlainText()
    assert "def L_model_backward(" in text and 'LAYER_ACTIVATIONS = ["tanh", "sigmoid"]' in text
    assert f"{text.count(chr(10))} lines" in dialog.said.text()
    looks = {
        look.format.foreground().color().name()
        for block in (dialog.text.document().findBlockByNumber(k) for k in range(60))
        for look in block.layout().formats()
    }
    assert len(looks) >= 3
    QTest.mouseClick(dialog.copy, LEFT)
    assert QGuiApplication.clipboard().text() == text


def test_another_framework_is_chosen_and_saved_with_its_weights(
    dialog, qtbot, monkeypatch, tmp_path
):
    QTest.keyClick(dialog.frameworks, DOWN)
    first = dialog.framework
    QTest.keyClick(dialog.frameworks, DOWN)
    assert {first, dialog.framework} == {"torch", "keras"}
    qtbot.waitUntil(lambda: "import torch" in dialog.text.toPlainText())
    asked = []

    def answer(*arguments: object) -> tuple[str, str]:
        asked.append(arguments[3])
        return str(tmp_path / "mine"), str(arguments[3])

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    QTest.mouseClick(dialog.save, LEFT)
    assert asked == ["PyTorch code (*.py)"]
    check = tmp_path / "mine.py.check.json"
    qtbot.waitUntil(check.exists)
    written = sorted(path.name for path in tmp_path.iterdir())
    assert written == ["mine.py", check.name, "mine_weights.safetensors"]
    assert "class Network(nn.Sequential)" in (tmp_path / "mine.py").read_text(encoding="utf-8")
