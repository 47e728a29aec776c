"""Fields: what can be typed, stepped and refused, with the keys and the wheel a user has."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QStyle, QStyleOptionComboBox

from netbuilder.document.model.project import DataChoice, TrainingSettings
from netbuilder.engine.layers import Dense
from netbuilder.gui.widgets.fields import ChoiceField, NumberField
from netbuilder.gui.widgets.form import SettingsForm

SETTINGS = {
    setting.name: setting
    for record in (TrainingSettings, DataChoice, Dense)
    for setting in record.settings()
}
KEY = Qt.Key


@pytest.fixture
def field(qtbot):
    def make(name: str, special: str = "") -> NumberField:
        field = NumberField(SETTINGS[name], special)
        qtbot.addWidget(field)
        field.show()
        field.activateWindow()
        field.setFocus()
        qtbot.waitUntil(field.hasFocus)
        field.heard = []
        field.edited.connect(field.heard.append)
        return field

    return make


def enter(field: NumberField, text: str) -> None:
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, KEY.Key_Return)


def wheel(field, turn: int) -> QWheelEvent:
    event = QWheelEvent(
        QPointF(5, 5),
        QPointF(field.mapToGlobal(QPoint(5, 5))),
        QPoint(),
        QPoint(0, turn),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(field, event)
    return event


@pytest.mark.parametrize(
    ("name", "text", "value", "shown"),
    [
        ("learning_rate", "0.03", 0.03, "0.03"),
        ("learning_rate", "1e-3", 0.001, "0.001"),
        ("learning_rate", "0,5", 0.5, "0.5"),
        ("learning_rate", " 1,000 ", 1000.0, "1000"),
        ("learning_rate", "3e-7", 3e-7, "3e-7"),
        ("units", "12", 12, "12"),
        ("units", "1,000", 1000, "1000"),
        ("units", "8.0", 8, "8"),
        ("units", "1e3", 1000, "1000"),
        ("batch_size", "0", 0, "all"),
        ("batch_size", "ALL", 0, "all"),
        ("validation", "0.25", 0.25, "0.25"),
    ],
)
def test_what_is_typed_is_put_in_force(field, name, text, value, shown):
    number = field(name, "all" if name == "batch_size" else "")
    if name == "batch_size":
        enter(number, "32")
        number.heard.clear()
    enter(number, text)
    assert number.heard == [value]
    assert type(number.heard[0]) is type(value)
    assert number.text() == shown
    assert number.problem == ""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("learning_rate", "0"),
        ("learning_rate", "-1"),
        ("learning_rate", "1e30"),
        ("learning_rate", "nan"),
        ("learning_rate", "inf"),
        ("learning_rate", "fast"),
        ("units", "0"),
        ("units", "-4"),
        ("units", "1000000000"),
        ("units", "2.5"),
        ("units", "four"),
        ("units", "1e400"),
        ("validation", "0.95"),
    ],
)
def test_what_cannot_be_is_refused_beside_the_field_and_the_old_value_stays(field, name, text):
    number = field(name)
    before = number.value
    enter(number, text)
    assert number.heard == []
    assert number.value == before
    assert SETTINGS[name].range_text in number.problem or "number" in number.problem
    assert number.problem.endswith(f"Still {number._text(before)}.")
    # The model says the same value again, as it does many times a second: what was typed stays.
    number.show_value(before)
    assert number.text() == text
    QTest.keyClick(number, KEY.Key_Escape)
    assert number.problem == ""
    assert number.text() == number._text(before)


def test_an_empty_field_is_refused(field):
    number = field("units")
    number.selectAll()
    QTest.keyClick(number, KEY.Key_Delete)
    QTest.keyClick(number, KEY.Key_Return)
    assert number.problem
    assert number.value == 4


def test_the_learning_rate_steps_on_a_ladder(field):
    number = field("learning_rate")
    enter(number, "0.02")
    number.heard.clear()
    for _ in range(4):
        QTest.keyClick(number, KEY.Key_Up)
    assert number.heard == [0.03, 0.1, 0.3, 1.0]
    number.heard.clear()
    for _ in range(6):
        QTest.keyClick(number, KEY.Key_Down)
    assert number.heard == [0.3, 0.1, 0.03, 0.01, 0.003, 0.001]


@pytest.mark.parametrize(
    ("name", "ups"),
    [
        ("batch_size", [1, 2, 4, 8]),
        ("epochs", [100, 300, 1000]),
        ("units", [5, 6]),
        ("validation", [0.05, 0.1]),
        ("noise", [1.1, 1.2]),
        ("examples", [450, 500]),
        ("l2", [0.001, 0.003]),
        ("beta", [0.95, 0.95]),
    ],
)
def test_up_and_down_step_and_come_back(field, name, ups):
    number = field(name)
    start = number.value
    for _ in ups:
        QTest.keyClick(number, KEY.Key_Up)
    assert number.heard == [up for up, last in zip(ups, [None, *ups], strict=False) if up != last]
    for _ in number.heard[:]:
        QTest.keyClick(number, KEY.Key_Down)
    assert number.value == pytest.approx(start)


def test_steps_end_at_the_range(field):
    number = field("units")
    enter(number, "1")
    number.heard.clear()
    QTest.keyClick(number, KEY.Key_Down)
    assert number.heard == []
    assert number.value == 1


def test_the_wheel_counts_only_with_the_focus(field, qtbot):
    number = field("units")
    assert wheel(number, 120).isAccepted()
    assert number.value == 5
    wheel(number, -120)
    assert number.value == 4
    number.clearFocus()
    assert not wheel(number, 120).isAccepted()
    assert number.value == 4


def test_the_model_writes_without_an_echo(field):
    number = field("units")
    number.show_value(9)
    assert (number.text(), number.heard) == ("9", [])
    QTest.keyClicks(number, "9")
    number.show_value(9)
    assert number.text() == "99"
    number.show_value(3)
    assert number.text() == "3"


def test_leaving_the_field_puts_the_value_in_force(qtbot):
    form = SettingsForm(Dense.settings())
    qtbot.addWidget(form)
    form.show()
    form.activateWindow()
    heard = []
    form.edited.connect(lambda name, value: heard.append((name, value)))
    number = form.fields["units"]
    number.setFocus()
    qtbot.waitUntil(number.hasFocus)
    number.selectAll()
    QTest.keyClicks(number, "7")
    assert heard == []
    QTest.keyClick(number, KEY.Key_Tab)
    assert heard == [("units", 7)]


def test_a_choice_tells_the_name_and_shows_the_title(qtbot):
    choice = ChoiceField(SETTINGS["activation"])
    qtbot.addWidget(choice)
    choice.show()
    heard = []
    choice.edited.connect(heard.append)
    choice.show_value("leaky_relu")
    assert heard == []
    assert choice.currentText() == "Leaky ReLU"
    choice.setFocus()
    QTest.keyClick(choice, KEY.Key_Home)
    assert heard == ["linear"]
    assert not wheel(choice, -120).isAccepted()
    assert heard == ["linear"]


def test_a_form_shows_a_record_and_tells_what_was_changed(qtbot):
    form = SettingsForm(Dense.settings())
    qtbot.addWidget(form)
    form.show()
    heard = []
    form.edited.connect(lambda name, value: heard.append((name, value)))
    form.show_values(replace(Dense(), units=7, activation="tanh"))
    assert form.fields["units"].text() == "7"
    enter(form.fields["units"], "8")
    assert heard == [("units", 8)]
    enter(form.fields["units"], "0")
    assert form.complaint("units").startswith("Units must be")
    assert form.complaint("units").endswith("Still 8.")
    form.show_values(replace(Dense(), units=9))
    assert form.complaint("units") == ""


@pytest.mark.parametrize("width", [60, 90, 110, 140])
def test_a_long_title_is_drawn_whole_or_elided(qtbot, themes, width):
    """In any font: nothing of it may be cut off in the middle of a letter."""
    settings = {setting.name: setting for setting in TrainingSettings.settings()}
    field = ChoiceField(settings["optimizer"])
    qtbot.addWidget(field)
    field.show_value("gd")
    field.resize(width, 26)
    image = field.grab().toImage()
    option = QStyleOptionComboBox()
    field.initStyleOption(option)
    room = field.style().subControlRect(
        QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, field
    )
    ground = image.pixelColor(room.right() + 1, 5)
    for y in range(4, 22):
        assert image.pixelColor(room.right(), y) == ground
