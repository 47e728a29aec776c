"""Fields for settings: numbers that say what they accept, and choices; built from a Setting."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetrics,
    QFontMetricsF,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QComboBox,
    QLineEdit,
    QStyle,
    QStyleOptionComboBox,
    QWidget,
)

from netbuilder.engine.settings import Setting, SettingError
from netbuilder.gui.theme.translation import tr_message
from netbuilder.gui.widgets.fonts import tabular
from netbuilder.gui.widgets.labels import choice_title
from netbuilder.gui.widgets.parsing import parse_setting

MOST_LETTERS = 60
"""No number and no name is longer; more would come from a slip of the clipboard."""

_LEAST_POINTS = 7.0
"""Smaller letters cannot be read."""


class NumberField(QLineEdit):
    """A number that is typed, or stepped with Up, Down and (when it has the focus) the wheel.

    What cannot be used is refused with the allowed range, and the old value stays in force; Esc
    brings it back.
    """

    edited = Signal(object)
    """(int or float,) a new value that the user has put in force."""
    refused = Signal(str)
    """The sentence that belongs beside the field; "" when all is well again."""

    def __init__(self, setting: Setting, special: str = "", parent: QWidget | None = None) -> None:
        """``special`` is what stands for 0, such as "never"."""
        super().__init__(parent)
        self.setAcceptDrops(False)  # a file that is dropped here belongs to the window
        self.setting = setting
        self._special = special
        self._value: float = setting.default
        self.problem = ""
        self.setFont(tabular(self.font()))
        self.setAccessibleName(setting.label)
        self.setMinimumWidth(40)
        self.setMaxLength(MOST_LETTERS)
        self.editingFinished.connect(self._finish)
        self._write()

    @property
    def value(self) -> float:
        """The value in force."""
        return self._value

    def show_value(self, value: float) -> None:
        """Shows the model's value without telling anybody; what is typed or selected stays."""
        if value == self._value:
            return
        self._value = value
        self._write()

    def _write(self) -> None:
        with QSignalBlocker(self):
            self.setText(self._text(self._value))
            self.setModified(False)
        self._say("")

    def _text(self, value: float) -> str:
        if self._special and value == 0:
            return self._special
        if self.setting.type is int:
            return str(value)
        text = f"{value:.10g}"
        return text.replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")

    def _parse(self, text: str) -> float:
        """Raises SettingError."""
        if self._special and text.strip().casefold() == self._special.casefold():
            return 0
        value: float = parse_setting(self.setting, text)
        return value

    def _finish(self) -> None:
        if not self.isModified():
            return
        try:
            value = self._parse(self.text())
        except SettingError as error:
            self._refuse(error)
            return
        self._put(value)

    def _put(self, value: float) -> None:
        changes = value != self._value
        self._value = value
        self._write()
        if changes:
            self.edited.emit(value)

    def _refuse(self, error: SettingError) -> None:
        sentence = tr_message(error.message)
        self._say(
            self.tr("{sentence}. Still {value}.").format(
                sentence=sentence[:1].upper() + sentence[1:], value=self._text(self._value)
            )
        )

    def _say(self, sentence: str) -> None:
        if sentence == self.problem:
            return
        self.problem = sentence
        self.setProperty("invalid", bool(sentence))
        self.style().polish(self)
        self.refused.emit(sentence)

    # --- keys and wheel ------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and not self.isReadOnly():
            self._finish()
            self._put(self.setting.further(self._value, 1 if key == Qt.Key.Key_Up else -1))
            self.selectAll()
        elif key == Qt.Key.Key_Escape and (self.isModified() or self.problem):
            self._write()
            self.selectAll()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        # Without the focus the wheel belongs to the panel that is being scrolled.
        if not self.hasFocus():
            event.ignore()
            return
        turn = event.angleDelta().y()
        if turn:
            self._put(self.setting.further(self._value, 1 if turn > 0 else -1))
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.selectAll()


class ChoiceField(QComboBox):
    """A choice among names, shown by their titles."""

    edited = Signal(object)
    """(str,) the name that the user has chosen."""

    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setting = setting
        self.setAccessibleName(setting.label)
        self.setSizeAdjustPolicy(self.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.setMaxVisibleItems(20)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        for name in setting.choices:
            self.addItem(choice_title(setting, name), name)
        self.activated.connect(lambda _index: self.edited.emit(self.currentData()))

    def show_value(self, value: str) -> None:
        """Shows the model's value without telling anybody."""
        with QSignalBlocker(self):
            self.setCurrentIndex(self.findData(value))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The style cuts off what has no room: a long title is drawn smaller, then elided."""
        option, title = QStyleOptionComboBox(), self.currentText()
        self.initStyleOption(option)
        style, box = self.style(), QStyle.ComplexControl.CC_ComboBox
        part = QStyle.SubControl.SC_ComboBoxEditField
        room = style.subControlRect(box, option, part, self).width() - 2
        font = self.font()
        while (
            QFontMetricsF(font).horizontalAdvance(title) > room
            and font.pointSizeF() > _LEAST_POINTS
        ):
            font.setPointSizeF(font.pointSizeF() - 0.5)
        if font == self.font():
            super().paintEvent(event)
            return
        option.fontMetrics = QFontMetrics(font)
        option.currentText = option.fontMetrics.elidedText(title, Qt.TextElideMode.ElideRight, room)
        with QPainter(self) as painter:
            style.drawComplexControl(box, option, painter, self)
            painter.setFont(font)
            style.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option, painter, self)

    def wheelEvent(self, event: QWheelEvent) -> None:
        # A wheel that passes over a panel must not change what it passes.
        event.ignore()
