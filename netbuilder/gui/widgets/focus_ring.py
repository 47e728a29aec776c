"""The ring around a view that Tab has come to, where the view itself shows nothing of that."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QFrame, QWidget

from netbuilder.gui.theme.manager import ThemeManager

_BY_KEY = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)


class FocusRing(QFrame):
    """Lies over its parent; a click does not bring it up."""

    def __init__(self, parent: QWidget, themes: ThemeManager) -> None:
        super().__init__(parent)
        self._themes = themes
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        parent.installEventFilter(self)
        themes.changed.connect(self._dress)
        self._dress()

    def _dress(self, *_: object) -> None:
        self.setStyleSheet(
            f"border: 2px solid {self._themes.theme.accent}; background: transparent;"
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QFocusEvent):
            self.setVisible(event.gotFocus() and event.reason() in _BY_KEY)
            self.raise_()
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.Resize):
            parent = self.parentWidget()
            assert parent is not None
            self.setGeometry(parent.rect())
        return super().eventFilter(watched, event)
