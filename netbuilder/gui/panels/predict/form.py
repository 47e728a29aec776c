"""The form of one example: for each column a slider with a field, or a choice of words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QWidget,
)

from netbuilder.data.example import Column, Value
from netbuilder.gui.widgets.fields import MOST_LETTERS
from netbuilder.gui.widgets.fonts import tabular
from netbuilder.gui.widgets.labels import tip
from netbuilder.gui.widgets.parsing import parse_number
from netbuilder.gui.widgets.slider import Slider

MOST_COLUMNS = 60
"""A form of more would be no help to anybody; the rest stays as it is."""
_AT_ONCE = 8
"""Rows that are made in one go: each takes a millisecond or two."""
_STOPS = 500
"""Places of a slider, at most."""
_FIELD, _LONGEST = 62, 160
"""Pixels: the width of a number's field, and of a name at most."""


class ExampleForm(QWidget):
    """Rows of a name and what its value is set with."""

    edited = Signal()
    """The user has changed a value."""

    def __init__(self) -> None:
        super().__init__()
        self.columns: tuple[Column, ...] = ()
        self.values: list[Value] = []
        """One for each column, None where it is missing."""
        self.rows: list[NumberRow | WordChoice] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 6, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._names: list[QLabel] = []
        self._growing = QTimer(self)
        self._growing.setSingleShot(True)
        self._growing.timeout.connect(self._add_rows)
        self._rest = ShortLabel("")
        self._rest.setProperty("tone", "muted")

    def show_columns(self, columns: tuple[Column, ...]) -> None:
        """Makes the rows anew where the columns are others; else values stay as they are."""
        same = [(c.name, c.words) for c in columns] == [(c.name, c.words) for c in self.columns]
        self.columns = columns
        if same:
            for row, column in zip(self.rows, columns, strict=False):
                row.column = column
            self.show_values(self.values)
            return
        for widget in (*self._names, *(part for row in self.rows for part in row.parts)):
            self._grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._grid.removeWidget(self._rest)
        self._grid.setRowStretch(self._grid.rowCount() - 1, 0)
        self._names, self.rows = [], []
        self.values = [column.typical for column in columns]
        others = len(columns) - MOST_COLUMNS
        self._rest.setVisible(others > 0)
        if others > 0:
            words = self.tr("{count} more columns stay as they are.").format(count=f"{others:,}")
            self._rest.setText(words)
            self._rest.setToolTip(words)
            self._grid.addWidget(self._rest, MOST_COLUMNS, 0, 1, 3)
        self._grid.setRowStretch(min(len(columns), MOST_COLUMNS) + 1, 1)
        self._add_rows()

    def _add_rows(self) -> None:
        """A few rows; the others come when the window has had its turn."""
        missing = self.columns[len(self.rows) : MOST_COLUMNS]
        for column in missing[:_AT_ONCE]:
            self._add_row(column)
        if len(missing) > _AT_ONCE:
            self._growing.start()

    def _add_row(self, column: Column) -> None:
        place = len(self.rows)
        name = ShortLabel(column.name)
        row = WordChoice(column) if column.words else NumberRow(column)
        row.show_value(self.values[place])
        name.setBuddy(row.parts[-1])
        self._grid.addWidget(name, place, 0)
        self._grid.setRowMinimumHeight(place, row.parts[-1].sizeHint().height())
        if isinstance(row, NumberRow):
            self._grid.addWidget(row.slider, place, 1)
            self._grid.addWidget(row.field, place, 2)
        else:
            self._grid.addWidget(row, place, 1, 1, 2)
        row.edited.connect(partial(self._take, place))
        self._names.append(name)
        self.rows.append(row)

    def show_values(self, values: Sequence[Value]) -> None:
        """Without telling anybody."""
        self.values = list(values)
        for row, value in zip(self.rows, self.values, strict=False):
            row.show_value(value)

    def _take(self, place: int, value: Value) -> None:
        self.values[place] = value
        self.edited.emit()


class ShortLabel(QLabel):
    """A name that is cut short where there is no room for it; all of it is in its hint."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setToolTip(tip(text))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(min(hint.width(), _LONGEST), hint.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(24, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        room = self.contentsRect()
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        with QPainter(self) as painter:
            painter.setPen(self.palette().color(self.foregroundRole()))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)


class NumberRow(QObject):
    """A slider over the range of the training part, and a field for any number, or for none."""

    edited = Signal(object)
    """(float or None,) the new value."""

    def __init__(self, column: Column) -> None:
        super().__init__()
        self.column = column
        self.slider = Slider(column.name)
        self.field = NumberEdit(column)
        self.parts: tuple[QWidget, ...] = (self.slider, self.field)
        self.slider.valueChanged.connect(self._slid)
        self.field.edited.connect(self._typed)
        self.show_value(column.typical)

    def show_value(self, value: Value) -> None:
        number = value if isinstance(value, float) else None
        self.field.column = self.column
        self.field.show_value(number)
        self._slide_to(number)

    def _slide_to(self, number: float | None) -> None:
        column = self.column
        span = column.high - column.low
        # A whole number's slider stops at whole numbers, and so with decimals.
        stops = max(1, min(_STOPS, round(span * 10**column.decimals)))
        if number is None:
            number = column.fill if isinstance(column.fill, float) else column.low
        share = (number - column.low) / span if span > 0 else 0.0
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, stops)
            self.slider.setPageStep(max(1, stops // 10))
            self.slider.setValue(round(min(max(share, 0.0), 1.0) * stops))
            self.slider.setEnabled(span > 0)

    def _slid(self, stop: int) -> None:
        column = self.column
        share = stop / self.slider.maximum()
        value = column.rounded(column.low + share * (column.high - column.low))
        self.field.show_value(value)
        self.edited.emit(value)

    def _typed(self, value: float | None) -> None:
        self._slide_to(value)
        self.edited.emit(value)


class NumberEdit(QLineEdit):
    """A number that is typed or stepped; empty where it is missing. What is no number is marked,
    and the last one stays."""

    edited = Signal(object)
    """(float or None,) at every letter that makes another number."""

    def __init__(self, column: Column) -> None:
        super().__init__()
        self.column = column
        self.value: float | None = None
        self.setFont(tabular(self.font(), 0.95))
        self.setFixedWidth(_FIELD)
        self.setAcceptDrops(False)  # a file that is dropped here belongs to the window
        self.setMaxLength(MOST_LETTERS)
        self.setAccessibleName(column.name)
        self.setPlaceholderText(self.tr("missing"))
        self.setToolTip(
            self.tr("Left empty, it is missing and taken as {fill}.").format(
                fill=f"{column.fill:.6g}"
            )
        )
        self.textEdited.connect(self._read)

    def show_value(self, value: float | None) -> None:
        self.value = value
        self._mark(False)
        text = "" if value is None else self._text(value)
        if text != self.text():
            self.setText(text)
            self.setCursorPosition(0)

    def _text(self, value: float) -> str:
        places = self.column.decimals
        as_the_data = value == self.column.rounded(value) and abs(value) < 1e9
        text = f"{value:.{places}f}" if as_the_data else f"{value:.7g}"
        return text.replace("-", "−")

    def _read(self, text: str) -> None:
        number = parse_number(text) if text.strip() else None
        wrong = number is None and bool(text.strip())
        self._mark(wrong)
        value = None if number is None else float(number)
        if not wrong and value != self.value:
            self.value = value
            self.edited.emit(value)

    def _mark(self, wrong: bool) -> None:
        if bool(self.property("invalid")) != wrong:
            self.setProperty("invalid", wrong)
            self.style().polish(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self.value is not None:
            step = 10.0**-self.column.decimals * (1 if key == Qt.Key.Key_Up else -1)
            self.show_value(self.column.rounded(self.value + step))
            self.selectAll()
            self.edited.emit(self.value)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.show_value(self.value)


class WordChoice(QComboBox):
    """The words of a column, and that there is none."""

    edited = Signal(object)
    """(str or None,) the new word."""

    def __init__(self, column: Column) -> None:
        super().__init__()
        self.column = column
        self.parts: tuple[QWidget, ...] = (self,)
        self.setAccessibleName(column.name)
        self.setSizeAdjustPolicy(self.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(5)
        self.setMaxVisibleItems(20)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        for word in column.words:
            self.addItem(word, word)
        self.insertSeparator(self.count())
        self.addItem(self.tr("missing (taken as {fill})").format(fill=column.fill), None)
        self.activated.connect(lambda _index: self.edited.emit(self.currentData()))

    def show_value(self, value: Value) -> None:
        with QSignalBlocker(self):
            last = self.count() - 1
            self.setCurrentIndex(last if value is None else self.findData(value))

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # it belongs to the form that is being scrolled
