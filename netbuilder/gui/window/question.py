"""A question of the window: a box in the program's look, whose every button does something."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QAbstractButton, QMessageBox, QWidget

from netbuilder.gui.theme.manager import ThemeManager

Choices = Sequence[tuple[str | QMessageBox.StandardButton, Callable[[], None]]]
"""Of each button its words and what it does."""
_ROLES = QMessageBox.ButtonRole


def ask(
    window: QWidget,
    themes: ThemeManager,
    text: str,
    more: str,
    choices: Choices,
    otherwise: Callable[[], None],
) -> QMessageBox:
    """Asks, and does what is chosen; ``otherwise`` is for Cancel. The first choice is offered."""
    box = QMessageBox(window)
    box.setWindowTitle(QCoreApplication.translate("Documents", "netbuilder"))
    box.setIconPixmap(themes.pixmap("info", 40, "accent", window.devicePixelRatioF()))
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(text)
    box.setInformativeText(more)
    does: dict[QAbstractButton, Callable[[], None]] = {}
    for words, do in choices:
        if isinstance(words, str):
            role = _ROLES.DestructiveRole if does else _ROLES.AcceptRole
            button = box.addButton(words, role)
        else:
            button = box.addButton(words)
        if not does:
            box.setDefaultButton(button)
        does[button] = do
    box.addButton(QMessageBox.StandardButton.Cancel)
    box.finished.connect(lambda: does.get(box.clickedButton(), otherwise)())
    box.finished.connect(box.deleteLater)
    box.open()
    return box
