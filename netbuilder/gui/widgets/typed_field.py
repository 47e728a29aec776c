"""A field laid over what it changes: Return hands the text over, Esc leaves all as it is."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from netbuilder.errors import UserError
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.theme.translation import tr_message
from netbuilder.gui.widgets.fields import MOST_LETTERS


class TypedField(QLineEdit):
    """A wrong value is refused, and the field stays open; subclasses say why, and open it.

    ``accept`` may raise UserError.
    """

    closed = Signal()

    def __init__(
        self, parent: QWidget, text: str, theme: Theme, accept: Callable[[str], None]
    ) -> None:
        super().__init__(text, parent)
        self._accept, self._theme, self._closed = accept, theme, False
        self.setMaxLength(MOST_LETTERS)
        self.setObjectName("typed_field")
        self._show_state("accent")
        self.textEdited.connect(self._forgive)

    def open(self) -> None:
        """Comes into sight with all of its text selected, and takes the keyboard."""
        self.selectAll()
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_field(self) -> None:
        """Goes away without a change."""
        if not self._closed:
            self._closed = True
            self._leave()
            self.hide()
            self.deleteLater()
            self.closed.emit()

    def commit(self) -> bool:
        """Hands the text over; False when it was refused, and the field stays."""
        if self._closed:
            return True
        try:
            if self.isModified():
                self._accept(self.text())
        except UserError as error:
            self._show_state("error")
            self._refuse(tr_message(error.message))
            return False
        self.close_field()
        return True

    # --- for subclasses ----------------------------------------------------------------------

    def _refuse(self, why: str) -> None:
        """Says why the value is wrong; "" when all is well again."""
        raise NotImplementedError

    def _leave(self) -> None:
        """What is to be done before it hides."""

    # --- keys and looks ----------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_field()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.commit()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        # Otherwise a shortcut of the window, such as Delete, would take the key away.
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.commit()

    def _forgive(self) -> None:
        self._refuse("")
        self._show_state("accent")

    def _show_state(self, role: str) -> None:
        t = self._theme
        self.setStyleSheet(
            f"#typed_field {{ background: {t.card}; color: {t.text}; border: 1.5px solid"
            f" {t.color(role).name()}; border-radius: 5px; padding: 0 2px;"
            f" selection-background-color: {t.accent}; selection-color: {t.on_accent}; }}"
        )
