"""A form that builds itself from settings: label, field, and a sentence for a refused value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from netbuilder.engine.settings import Setting
from netbuilder.gui.theme.translation import tr_text
from netbuilder.gui.widgets.fields import ChoiceField, NumberField
from netbuilder.gui.widgets.slider import Slider

Field = NumberField | ChoiceField
_SLIDING = 80
"""Milliseconds between two values that a slider tells while it is dragged."""
_FIELD = 58
"""Pixels of a field beside its slider."""
_LINES = 3
"""Of a setting: the field, what is complained of, and what is noted."""


class SettingSlider(Slider):
    """Stops at the usual values of a setting; it tells them a few times a second."""

    edited = Signal(object)
    """(int or float,) the value that it stands at."""
    settled = Signal()
    """It was let go."""

    def __init__(self, setting: Setting, low: float, high: float, step: float) -> None:
        super().__init__(tr_text(setting.label))
        self._setting, self._low, self._step = setting, low, step
        self.setRange(0, round((high - low) / step))
        self.setPageStep(max(1, self.maximum() // 10))
        self._told: float | None = None
        self._telling = QTimer(self)
        self._telling.setSingleShot(True)
        self._telling.setInterval(_SLIDING)
        self._telling.timeout.connect(self._tell)
        self.valueChanged.connect(self._slid)
        self.sliderReleased.connect(self._settle)

    def show_value(self, value: float) -> None:
        """Shows the model's value without telling anybody; while it is dragged, the hand's."""
        if not self.isSliderDown():
            with QSignalBlocker(self):
                self.setValue(round((value - self._low) / self._step))
            self._told = value

    def _slid(self) -> None:
        if not self.isSliderDown():  # a key, or a click beside the handle
            self._tell()
        elif not self._telling.isActive():
            self._tell()
            self._telling.start()

    def _tell(self) -> None:
        value = round(self._low + self.value() * self._step, 6)
        value = int(value) if self._setting.type is int else value
        if value != self._told:
            self._told = value
            self.edited.emit(value)

    def _settle(self) -> None:
        self._telling.stop()
        self._tell()
        self.settled.emit()


class SettingsForm(QWidget):
    """One row a setting. It shows a record's values and tells what the user changed."""

    edited = Signal(str, object)
    """(setting's name, new value); the value has been checked."""
    settled = Signal()
    """A slider was let go: what was told of it is one gesture."""

    def __init__(
        self,
        settings: Iterable[Setting],
        specials: Mapping[str, str] | None = None,
        letters: int = 0,
    ) -> None:
        """``specials`` are words that stand for 0, by setting, where the setting has none of its
        own; ``letters`` is how many a label has room for at least, so that the fields of several
        forms stand in one line."""
        super().__init__()
        self.fields: dict[str, Field] = {}
        self._rows: dict[str, tuple[QLabel, Field, QLabel]] = {}
        self.sliders: dict[str, SettingSlider] = {}
        self._grid = grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        grid.setColumnMinimumWidth(0, self.fontMetrics().horizontalAdvance("n") * letters)
        grid.setColumnStretch(1, 1)
        for row, setting in enumerate(settings):
            self._add(row, setting, (specials or {}).get(setting.name, tr_text(setting.zero)))

    def _add(self, row: int, setting: Setting, special: str) -> None:
        label = QLabel(tr_text(setting.label))
        field = ChoiceField(setting) if setting.choices else NumberField(setting, special)
        field.setToolTip(tr_text(setting.help))
        label.setToolTip(tr_text(setting.help))
        label.setBuddy(field)
        field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        complaint = QLabel()
        complaint.setTextFormat(Qt.TextFormat.PlainText)
        complaint.setWordWrap(True)
        complaint.setProperty("tone", "error")
        complaint.hide()
        self._grid.addWidget(label, _LINES * row, 0, Qt.AlignmentFlag.AlignVCenter)
        self._grid.addWidget(field, _LINES * row, 1)
        self._grid.addWidget(complaint, _LINES * row + 1, 0, 1, 2)
        if isinstance(field, NumberField):
            field.refused.connect(lambda sentence: self._complain(complaint, sentence))
        field.edited.connect(lambda value, name=setting.name: self.edited.emit(name, value))
        self.fields[setting.name] = field
        self._rows[setting.name] = (label, field, complaint)

    @staticmethod
    def _complain(label: QLabel, sentence: str) -> None:
        label.setText(sentence)
        label.setVisible(bool(sentence))

    def add_note(self, name: str, words: str, act: str, do: Callable[[], object]) -> QWidget:
        """A sentence under a field with a button that does something about it; hidden at first."""
        note = QWidget()
        row = QHBoxLayout(note)
        row.setContentsMargins(0, 0, 0, 4)
        row.setSpacing(8)
        text = QLabel(words)
        text.setWordWrap(True)
        text.setProperty("tone", "muted")
        button = QPushButton(act)
        button.clicked.connect(lambda: do())
        row.addWidget(text, 1)
        row.addWidget(button)
        note.hide()
        self._grid.addWidget(note, _LINES * list(self._rows).index(name) + 2, 0, 1, 2)
        return note

    def add_slider(self, name: str, low: float, high: float, step: float) -> None:
        """A slider before a number's field, for the values that are asked for most."""
        label, field, _ = self._rows[name]
        assert isinstance(field, NumberField)
        slider = self.sliders[name] = SettingSlider(field.setting, low, high, step)
        slider.setToolTip(label.toolTip())
        slider.edited.connect(lambda value: self.edited.emit(name, value))
        slider.settled.connect(self.settled)
        row = _LINES * list(self._rows).index(name)
        self._grid.removeWidget(field)
        field.setFixedWidth(_FIELD)
        both = QHBoxLayout()
        both.setSpacing(6)
        both.addWidget(slider, 1)
        both.addWidget(field)
        self._grid.addLayout(both, row, 1)

    def show_values(self, record: object) -> None:
        """Writes the record's values into the fields without telling anybody."""
        for name, field in self.fields.items():
            field.show_value(getattr(record, name))
        for name, slider in self.sliders.items():
            slider.show_value(getattr(record, name))

    def set_row_visible(self, name: str, visible: bool) -> None:
        label, field, complaint = self._rows[name]
        label.setVisible(visible)
        field.setVisible(visible)
        if name in self.sliders:
            self.sliders[name].setVisible(visible)
        complaint.setVisible(visible and bool(complaint.text()))

    def complaint(self, name: str) -> str:
        """The sentence beside a field; "" when its value is in force."""
        return self._rows[name][2].text()
