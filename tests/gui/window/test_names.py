"""Every control says what it is to those who do not see it: the whole window, and each dialog."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QTabBar,
    QTextEdit,
    QWidget,
)

_CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
)


def controls(root: QWidget) -> Iterator[QWidget]:
    """What can be worked with, hidden panels included; not the parts that Qt makes for itself."""
    for widget in root.findChildren(QWidget):
        parts = widget.objectName().startswith("qt_") or widget.focusProxy() is not None
        popup = isinstance(widget.window(), QWidget) and widget.window() is not root.window()
        if parts or popup or isinstance(widget, (QScrollBar, QHeaderView)):
            continue
        is_button = isinstance(widget, QAbstractButton) and not widget.text()
        if is_button and not widget.isVisible() and widget.icon().isNull():
            continue  # as long as a bar has nothing to offer, its buttons have no words
        takes_tab = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        if isinstance(widget, _CONTROLS) or takes_tab:
            yield widget


def nameless(root: QWidget) -> list[str]:
    found = []
    for widget in controls(root):
        face = QAccessible.queryAccessibleInterface(widget)
        if not face.text(QAccessible.Text.Name).strip():
            parent = widget.parentWidget()
            found.append(f"{type(widget).__name__} of {type(parent).__name__}")
    return found


def test_every_control_of_the_window_has_a_name(standing_window):
    assert len(list(controls(standing_window))) > 100
    assert nameless(standing_window) == []


def test_the_play_button_says_what_it_would_do(standing_window):
    play = standing_window.toolbar.play
    assert play.accessibleName() == "Play"
    play.show_running(True)
    assert play.accessibleName() == "Pause"
    play.show_running(False)


DIALOGS = (
    "show_code",
    "show_lab",
    "check_gradients",
    "check_homework",
    "show_shortcuts",
    "show_about",
)


@pytest.mark.parametrize("name", DIALOGS)
def test_every_control_of_a_dialog_has_a_name(standing_window, name, qtbot):
    getattr(standing_window, name)()
    (dialog,) = (d for d in standing_window.findChildren(QDialog) if d.isVisible())
    assert list(controls(dialog))
    assert nameless(dialog) == []
    dialog.close()
    qtbot.waitUntil(lambda: not any(d.isVisible() for d in standing_window.findChildren(QDialog)))
    QApplication.processEvents()
