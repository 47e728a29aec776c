"""A dialog with lines that use what was made, to copy."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from netbuilder.gui.widgets.caption import caption


class LinesDialog(QDialog):
    """A heading, a sentence, and the lines below a caption."""

    def __init__(
        self, title: str, heading: str, sentence: str, above: str, lines: str, window: QWidget
    ) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        name = QLabel(heading)
        name.setTextFormat(Qt.TextFormat.PlainText)
        font = name.font()
        font.setPointSizeF(font.pointSizeF() * 1.4)
        name.setFont(font)
        words = QLabel(sentence)
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setWordWrap(True)
        words.setProperty("tone", "muted")
        self.script = QPlainTextEdit(lines)
        self.script.setReadOnly(True)
        self.script.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.script.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.script.setAccessibleName(above)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.copy = QPushButton(self.tr("Copy"))
        self.copy.setDefault(True)
        self.copy.clicked.connect(self._copy)
        buttons.addButton(self.copy, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 16)
        column.setSpacing(10)
        for widget in (name, words):
            column.addWidget(widget)
        column.addSpacing(6)
        column.addWidget(caption(above))
        column.addWidget(self.script)
        column.addSpacing(6)
        column.addWidget(buttons)
        self.ensurePolished()
        self.script.ensurePolished()
        # As high as its lines, and a bar below them; longer ones are scrolled.
        count = min(lines.count("\n") + 1, 24)
        self.script.setFixedHeight(count * self.script.fontMetrics().lineSpacing() + 36)
        self.resize(760, self.sizeHint().height())
        self.copy.setFocus()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.script.toPlainText())
        self.copy.setText(self.tr("Copied"))
