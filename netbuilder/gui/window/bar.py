"""A bar above the canvas: one sentence that stays as long as it is true, with its buttons."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from netbuilder.gui.theme.manager import ThemeManager

_ROLES = {"info": "accent", "warning": "warning"}
_MOST = 2
"""Buttons in a bar."""


class _Button(QPushButton):
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """One click, one answer: by the second one the bar may already ask something else."""


class Bar(QFrame):
    """Hidden until it is told something."""

    def __init__(self, parent: QWidget, themes: ThemeManager) -> None:
        super().__init__(parent)
        self._themes = themes
        self._kind = "info"
        self.setObjectName("bar")
        self._icon = QLabel()
        self.text = QLabel()
        # Names of files may look like HTML.
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setWordWrap(True)
        self._buttons = [_Button() for _ in range(_MOST)]
        self._does: list[Callable[[], object]] = []
        self.close_button = QToolButton()
        self.close_button.setIconSize(QSize(14, 14))
        self.close_button.setToolTip(self.tr("Close"))
        self.close_button.setAccessibleName(self.tr("Close"))
        self.close_button.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 6, 8, 6)
        row.setSpacing(10)
        row.addWidget(self._icon)
        row.addWidget(self.text, 1)
        for place, button in enumerate(self._buttons):
            button.setProperty("primary", place == 0)
            button.clicked.connect(lambda _=False, place=place: self._does[place]())
            row.addWidget(button)
        row.addWidget(self.close_button)
        themes.changed.connect(self._paint)
        self._paint()
        self.hide()

    def tell(
        self,
        kind: str,
        words: str,
        buttons: Sequence[tuple[str, Callable[[], object]]] = (),
        *,
        closable: bool = False,
    ) -> None:
        """Shows a sentence and its buttons, the first of which is the one that is offered."""
        self._kind = kind
        self.text.setText(words)
        self._does = [do for _, do in buttons]
        for place, button in enumerate(self._buttons):
            button.setVisible(place < len(buttons))
            button.setText(buttons[place][0] if place < len(buttons) else "")
        self.close_button.setVisible(closable)
        self._paint()
        self.show()

    def _paint(self, *_: object) -> None:
        theme, role = self._themes.theme, _ROLES[self._kind]
        self._icon.setPixmap(self._themes.pixmap(self._kind, 18, role, self.devicePixelRatioF()))
        self.close_button.setIcon(self._themes.icon("close", "muted"))
        self.setStyleSheet(
            f"#bar {{ background: {theme.card}; border: none;"
            f" border-bottom: 1px solid {theme.line};"
            f" border-left: 3px solid {theme.color(role).name()}; }}"
        )
