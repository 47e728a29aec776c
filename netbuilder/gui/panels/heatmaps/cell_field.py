"""A field laid over a cell of the heatmap, in which its number is typed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from netbuilder.errors import UserError
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.theme.translation import tr_message
from netbuilder.gui.widgets.fields import MOST_LETTERS
from netbuilder.gui.widgets.fonts import tabular

_WIDE, _TALL = 76, 22


class CellField(QLineEdit):
    """Return puts the number in force, Esc leaves it; a wrong one is refused, and the field stays.

    ``accept`` may raise UserError.
    """

    refused = Signal(str)
    """Why; "" when all is well again."""
    closed = Signal()

    def __init__(
        self, parent: QWidget, cell: QRect, text: str, theme: Theme, accept: Callable[[str], None]
    ) -> None:
        super().__init__(text, parent)
        self._accept, self._theme, self._closed = accept, theme, False
        self.setMaxLength(MOST_LETTERS)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setFont(tabular(self.font(), 0.9))
        self.setObjectName("cell_field")
        self.setAccessibleName(self.tr("Value"))
        place = QRect(0, 0, max(_WIDE, cell.width()), _TALL)
        place.moveCenter(cell.center())
        room = parent.rect()
        place.moveLeft(max(0, min(place.left(), room.right() - place.width())))
        place.moveTop(max(0, min(place.top(), room.bottom() - place.height())))
        self.setGeometry(place)
        self._show_state("accent")
        self.textEdited.connect(self._forgive)
        self.selectAll()
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_field(self) -> None:
        """Goes away without a change."""
        if not self._closed:
            self._closed = True
            self.hide()
            self.deleteLater()
            self.closed.emit()

    def commit(self) -> None:
        if self._closed:
            return
        try:
            if self.isModified():
                self._accept(self.text())
        except UserError as error:
            self._show_state("error")
            self.refused.emit(tr_message(error.message))
            return
        self.close_field()

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
        self._show_state("accent")
        self.refused.emit("")

    def _show_state(self, role: str) -> None:
        t = self._theme
        self.setStyleSheet(
            f"#cell_field {{ background: {t.card}; color: {t.text}; border: 1.5px solid"
            f" {t.color(role).name()}; border-radius: 5px; padding: 0 2px;"
            f" selection-background-color: {t.accent}; selection-color: {t.on_accent}; }}"
        )
