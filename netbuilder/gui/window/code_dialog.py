"""The network as code in a window: to read, to copy, and to save with its weights."""

from __future__ import annotations

import keyword
import re

from PySide6.QtCore import QSize
from PySide6.QtGui import (
    QFont,
    QFontDatabase,
    QGuiApplication,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextDocument,
)
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from netbuilder.errors import UserError
from netbuilder.exchange.formats import FORMATS
from netbuilder.gui.store import Store
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.theme.translation import tr_message
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.gui.window.documents import Documents
from netbuilder.gui.window.trained_now import trained_now
from netbuilder.gui.window.writer import Writer

_TOKENS = re.compile(
    r"(?P<comment>#.*)"
    r"|(?P<text>[rf]?'(?:[^'\\]|\\.)*'|[rf]?\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<defined>(?<=def )\w+|(?<=class )\w+)"
    rf"|(?P<keyword>\b(?:{'|'.join((*keyword.kwlist, *keyword.softkwlist[1:]))})\b)"
    r"|(?P<number>\b\d[\d_.]*(?:e[+-]?\d+)?\b)"
)


class Highlighter(QSyntaxHighlighter):
    """Colours for Python, by line; a docstring goes on to the line that ends it."""

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        roles = {"comment": "muted", "text": "positive", "number": "negative"}
        self._formats: dict[str, QTextCharFormat] = {}
        for kind in ("comment", "text", "number", "keyword", "defined"):
            look = QTextCharFormat()
            look.setForeground(theme.color(roles.get(kind, "accent")))
            if kind == "defined":
                look.setForeground(theme.color("text"))
                look.setFontWeight(QFont.Weight.Bold)
            self._formats[kind] = look

    def highlightBlock(self, text: str) -> None:
        quotes = text.count('"""')
        inside = self.previousBlockState() == 1
        if inside or text.lstrip().startswith('"""'):
            self.setFormat(0, len(text), self._formats["text"])
            self.setCurrentBlockState(int(quotes % 2 == (0 if inside else 1)))
            return
        self.setCurrentBlockState(0)
        for found in _TOKENS.finditer(text):
            assert found.lastgroup is not None
            self.setFormat(found.start(), len(found[0]), self._formats[found.lastgroup])


class CodeDialog(QDialog):
    """The code of the document as it is now; which framework's is chosen above it."""

    def __init__(
        self,
        store: Store,
        bridge: TrainingBridge,
        themes: ThemeManager,
        documents: Documents,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Network as code"))
        self._documents, self._trained = documents, trained_now(store, bridge)
        self._stem = store.path.stem if store.path else "network"
        self._writer = Writer(self)
        self.frameworks = QComboBox()
        formats = [found for found in FORMATS.values() if found.source is not None]
        # What needs nothing but NumPy comes first.
        for found in sorted(formats, key=lambda found: found.variant != "numpy"):
            self.frameworks.addItem(found.title, found)
        self.frameworks.currentIndexChanged.connect(self._write)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSizeF(self.font().pointSizeF())
        self.text.setFont(font)
        self.text.setCornerWidget(QWidget())
        self.text.setAccessibleName(self.tr("Code"))
        self._highlighter = Highlighter(self.text.document(), themes.theme)
        self.said = QLabel()
        self.said.setProperty("tone", "muted")
        self.copy = QPushButton(self.tr("&Copy"))
        self.copy.clicked.connect(self._copy)
        self.save = QPushButton(self.tr("&Save with weights…"))
        self.save.clicked.connect(self._save)
        close = QPushButton(self.tr("Close"))
        close.clicked.connect(self.reject)
        above = QHBoxLayout()
        above.addWidget(self.frameworks)
        above.addWidget(self.said, 1)
        below = QHBoxLayout()
        below.addStretch(1)
        for button in (self.copy, self.save, close):
            below.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 14)
        column.setSpacing(12)
        column.addLayout(above)
        column.addWidget(self.text, 1)
        column.addLayout(below)
        self.resize(QSize(960, 620))
        self._write()

    @property
    def framework(self) -> str:
        """Whose functions the code calls."""
        return str(self.frameworks.currentData().variant)

    def _write(self) -> None:
        """Has the code of the chosen framework made on a thread, and shows it."""
        chosen = self.frameworks.currentData()
        self._enable(False)
        self.said.setText(self.tr("Writing…"))

        def make() -> str | None:
            trained = self._trained()
            return None if trained is None else chosen.source(trained, self._stem)

        def made(text: str | None, error: Exception | None) -> None:
            if chosen is self.frameworks.currentData():
                self._show(text, error)

        self._writer.put(make, made)

    def _show(self, text: str | None, error: Exception | None) -> None:
        self.text.setPlainText(text or "")
        self._enable(bool(text))
        if isinstance(error, UserError):
            self.said.setText(tr_message(error.message))
        elif error is not None:
            raise error
        else:
            self.said.setText(self.tr("{n} lines").format(n=(text or "").count("\n")))

    def _enable(self, ready: bool) -> None:
        self.copy.setEnabled(ready)
        self.save.setEnabled(ready)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.said.setText(self.tr("Copied. Its weights come with Save."))

    def _save(self) -> None:
        if self._documents.ask_export(self.frameworks.currentData().name):
            self.accept()

    def done(self, result: int) -> None:
        self._writer.finish()
        super().done(result)
