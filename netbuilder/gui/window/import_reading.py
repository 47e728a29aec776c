"""How a file is read: what was guessed, on one line and changeable, and what must be asked."""

from __future__ import annotations

from dataclasses import fields, replace

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from netbuilder.data.reading import COMMENTS, ENCODINGS, NONE, Ambiguous, Reading, said
from netbuilder.gui.theme.translation import tr_message


class ReadingBar(QWidget):
    """A field each for sheet, encoding, delimiter, header, decimal mark and comments, as far as the
    file has such a thing, and a question."""

    edited = Signal(object)
    """(Reading,) what is said of the file from now on."""

    def __init__(self) -> None:
        super().__init__()
        self._said = Reading()
        self.fields: dict[str, QComboBox] = {}
        row = QHBoxLayout()
        row.setSpacing(6)
        label = QLabel(self.tr("Read as"))
        label.setProperty("tone", "muted")
        row.addWidget(label)
        for name, title, choices in self._choices():
            field = self.fields[name] = QComboBox()
            field.setAccessibleName(title)
            field.setToolTip(title)
            for value, words in choices:
                field.addItem(words, value)
            field.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            field.activated.connect(lambda _index, name=name: self._edit(name))
            row.addWidget(field)
        row.addStretch(1)
        self.question = QLabel()
        self.question.setWordWrap(True)
        self.question.setProperty("tone", "warning")
        self._answers = QHBoxLayout()
        self._answers.setSpacing(6)
        self.asking = QWidget()
        asking = QHBoxLayout(self.asking)
        asking.setContentsMargins(0, 0, 0, 0)
        asking.setSpacing(10)
        asking.addWidget(self.question, 1)
        asking.addLayout(self._answers)
        self.asking.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self.asking)

    def _choices(self) -> list[tuple[str, str, list[tuple[str, str]]]]:
        """(field of Reading, title, [(value, words)])"""
        encodings = {
            "utf-8": "UTF-8",
            "utf-16": "UTF-16",
            "cp1252": self.tr("Western (cp1252)"),
            "gb18030": "GB18030",
            "big5": "Big5",
        }
        return [
            ("sheet", self.tr("Which sheet of the workbook"), []),
            ("encoding", self.tr("Encoding"), [(name, encodings[name]) for name in ENCODINGS]),
            (
                "delimiter",
                self.tr("What parts the cells"),
                [
                    (",", self.tr("comma")),
                    (";", self.tr("semicolon")),
                    ("\t", self.tr("tab")),
                    ("|", self.tr("bar")),
                    (" ", self.tr("space")),
                ],
            ),
            (
                "header",
                self.tr("Whether the first line names the columns"),
                [("yes", self.tr("with header")), ("no", self.tr("no header"))],
            ),
            (
                "decimal",
                self.tr("How numbers are written"),
                [(".", "1,234.5"), (",", "1.234,5")],
            ),
            (
                "comment",
                self.tr("What lines begin with that are left out"),
                [
                    (NONE, self.tr("no comments")),
                    *((mark, self.tr("comments: {mark}").format(mark=mark)) for mark in COMMENTS),
                ],
            ),
        ]

    def show_reading(
        self,
        reading: Reading,
        stated: Reading,
        open_question: Ambiguous | None,
        sheets: tuple[str, ...],
    ) -> None:
        """Shows how the file was read, of which `stated` was said and the rest was guessed."""
        self._said = stated
        for name, field in self.fields.items():
            value = getattr(reading, name)
            # A workbook has no delimiter, and where it has one sheet there is nothing to choose.
            field.setVisible(bool(value) and (name != "sheet" or len(sheets) > 1))
            with QSignalBlocker(field):
                if name == "sheet":
                    field.clear()
                    for sheet in sheets:
                        field.addItem(sheet, sheet)
                if name == "encoding" and value.startswith(("utf-8", "utf-16")):
                    value = value[:6].rstrip("-")
                if value and field.findData(value) < 0:
                    field.addItem(value, value)
                field.setCurrentIndex(field.findData(value))
        self._ask(open_question)

    def _ask(self, asked: Ambiguous | None) -> None:
        while self._answers.count():
            item = self._answers.takeAt(0)
            assert item is not None
            button = item.widget()
            if button is not None:
                button.deleteLater()
        self.asking.setVisible(asked is not None)
        if asked is None:
            return
        self.question.setText(tr_message(asked.question))
        for choice in asked.choices:
            value = getattr(said(**{asked.option: choice}), asked.option)
            field = self.fields[asked.option]
            words = field.itemText(field.findData(value)) if field.findData(value) >= 0 else choice
            button = QPushButton(words)
            button.setObjectName("answer")
            button.clicked.connect(
                lambda _=False, value=value, option=asked.option: self._say(option, value)
            )
            self._answers.addWidget(button)

    def _edit(self, name: str) -> None:
        self._say(name, str(self.fields[name].currentData()))

    def _say(self, name: str, value: str) -> None:
        kept = {field.name: getattr(self._said, field.name) for field in fields(Reading)}
        if name in ("encoding", "delimiter", "comment", "sheet"):
            # The others were told from lines that may look quite different now.
            kept = {key: kept[key] for key in ("encoding", "delimiter", "comment", "sheet")}
        self._said = replace(Reading(**kept), **{name: value})
        self.edited.emit(self._said)
