"""Facts: what there is to know of a layer, in rows that are laid out anew only where need be."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from netbuilder.gui.widgets.caption import caption_font
from netbuilder.gui.widgets.fonts import tabular


class Facts(QWidget):
    """Pairs of a name and what it is, in two columns; a fact without a name stands as a formula.

    A name without a fact is a heading.
    """

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[tuple[str, str]] = []
        self._texts: list[QLabel] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 2, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(1, 1)

    def show_rows(self, rows: list[tuple[str, str]]) -> None:
        if rows == self._rows:
            return
        before, self._rows = self._rows, list(rows)
        if _kinds(rows) == _kinds(before):
            for text, (_, value) in zip(self._texts, rows, strict=True):
                if value:
                    text.setText(value)
            return
        self._texts = []
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for row, (name, value) in enumerate(rows):
            label, text = QLabel(name), QLabel(value)
            text.setTextFormat(Qt.TextFormat.PlainText)
            label.setProperty("tone", "muted")
            label.setAlignment(Qt.AlignmentFlag.AlignTop)
            self._texts.append(text)
            text.setFont(tabular(text.font()))
            text.setWordWrap(True)
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            if not value:
                label.setFont(caption_font(label.font(), 0.8, 0.6))
                label.setContentsMargins(0, 8, 0, 0)
                text.deleteLater()
                self._grid.addWidget(label, row, 0, 1, 2)
            elif name:
                self._grid.addWidget(label, row, 0)
                self._grid.addWidget(text, row, 1)
            else:
                label.deleteLater()
                self._grid.addWidget(text, row, 0, 1, 2)

    def text(self) -> str:
        """All facts, one a line; what a test or a screen reader reads."""
        return "\n".join(f"{name} {value}".strip() for name, value in self._rows)


def _kinds(rows: list[tuple[str, str]]) -> list[tuple[str, bool]]:
    """What decides how a list of facts is laid out."""
    return [(name, bool(value)) for name, value in rows]
