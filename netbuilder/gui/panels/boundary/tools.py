"""The tools to draw points with: a colour for each class, or a value, and a rubber."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QLabel, QWidget

from netbuilder import numbers
from netbuilder.data import points
from netbuilder.data.dataset import Dataset
from netbuilder.data.table import Table
from netbuilder.gui.panels.boundary import shades
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.widgets.controls import Chip
from netbuilder.gui.widgets.fonts import tabular
from netbuilder.gui.widgets.slider import Slider

_STOPS = 100
"""Places of the slider."""


class Swatch(QAbstractButton):
    """A dot of the colour that is drawn with; ringed when it is the chosen one."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._color = QColor()
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_color(self, theme: Theme, color: QColor) -> None:
        self._theme, self._color = theme, color
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(20, 22)

    def minimumSizeHint(self) -> QSize:
        return QSize(18, 22)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            middle = QRectF(self.rect()).center()
            if self.isChecked() or self.hasFocus():
                ring = "text" if self.isChecked() else "accent"
                painter.setPen(QPen(self._theme.color(ring), 1.4))
                painter.drawEllipse(middle, 8.3, 8.3)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._color)
            size = 5.5 if self.isChecked() or not self.underMouse() else 6.5
            painter.drawEllipse(middle, size, size)


class DrawingTools(QWidget):
    """What is drawn with. It shows the tools that fit a table, and tells what is asked for."""

    wants_class = Signal()
    """One more class is asked for."""
    wants_nothing = Signal()
    """All points are to go."""
    chosen = Signal()
    """Another tool."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._table: Table | None = None
        self._dataset: Dataset | None = None
        self.swatches: list[Swatch] = []
        self._group = QButtonGroup(self)
        self.more = Chip("+", theme)
        self.more.setCheckable(False)
        self.more.setToolTip(self.tr("One more class"))
        self.more.setAccessibleName(self.more.toolTip())
        self.more.clicked.connect(lambda: self.wants_class.emit())
        self.value = Slider(self.tr("Value of the points"))
        self.value.setRange(0, _STOPS)
        self.value.setValue(round(0.8 * _STOPS))
        self.value.valueChanged.connect(self._show_value)
        self.number = QLabel()
        self.number.setFont(tabular(self.number.font(), 0.9))
        self.number.setMinimumWidth(self.number.fontMetrics().horizontalAdvance("−0.00"))
        self.rubber = Chip(self.tr("Rubber"), theme, "rubber")
        self.rubber.setToolTip(self.tr("Rubber: takes points away, as the right button does"))
        self.empty = Chip(self.tr("Erase all"), theme, "delete")
        self.empty.setCheckable(False)
        self.empty.setToolTip(self.tr("Erase all points"))
        self.empty.clicked.connect(lambda: self.wants_nothing.emit())
        self._group.addButton(self.rubber)
        self._group.buttonClicked.connect(lambda _button: self.chosen.emit())
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(2)
        for part in (self.more, self.value, self.number):
            self._row.addWidget(part)
        self._row.addSpacing(6)
        self._row.addWidget(self.rubber)
        self._row.addWidget(self.empty)
        self._row.addStretch(1)

    @property
    def erases(self) -> bool:
        return self.rubber.isChecked()

    @property
    def drawn_with(self) -> float:
        """The class or the number of the points to come."""
        if self._table is None or self._table.task == "class":
            return float(max(0, self._chosen))
        low, high = self._reach
        return low + (high - low) * self.value.value() / _STOPS

    @property
    def _chosen(self) -> int:
        chosen = self._group.checkedButton()
        return self.swatches.index(chosen) if chosen in self.swatches else -1

    @property
    def _reach(self) -> tuple[float, float]:
        if self._table is None:
            return points.PLANE
        return points.shown(self._table)[self._table.targets[0]]

    def choose(self, code: int) -> None:
        """Draws with this class, or with the pencil where there are none."""
        self.swatches[min(code, len(self.swatches) - 1)].setChecked(True)
        self.chosen.emit()

    def show_table(self, table: Table, dataset: Dataset | None) -> None:
        """The tools that fit it; the data set made of it knows the colours of its numbers."""
        self._table, self._dataset = table, dataset
        classes = table.categories.get(table.targets[0], ()) if table.task == "class" else ()
        count = len(classes) or 1
        while len(self.swatches) < count:
            swatch = Swatch(self._theme)
            self.swatches.append(swatch)
            self._group.addButton(swatch)
            self._row.insertWidget(len(self.swatches) - 1, swatch)
        while len(self.swatches) > count:
            swatch = self.swatches.pop()
            if swatch.isChecked():
                self.swatches[0].setChecked(True)
            self._group.removeButton(swatch)
            self._row.removeWidget(swatch)
            swatch.hide()
            swatch.deleteLater()
        for swatch, name in zip(self.swatches, classes or ("",), strict=True):
            words = self.tr("Draw points of class {name}").format(name=name)
            words = words if classes else self.tr("Draw points")
            swatch.setToolTip(words)
            swatch.setAccessibleName(words)
        if not self._group.checkedButton():
            self.swatches[0].setChecked(True)
        self.more.setVisible(0 < len(classes) < points.MOST_CLASSES)
        by_value = not classes and len(table.columns) == 3
        self.value.setVisible(by_value)
        self.number.setVisible(by_value)
        self.empty.setEnabled(table.m > 0)
        self.apply_theme(self._theme)

    def _show_value(self) -> None:
        self.apply_theme(self._theme)
        if not self.swatches[0].isChecked():
            self.choose(0)

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        for chip in (self.more, self.rubber, self.empty):
            chip.apply_theme(theme)
        for code, swatch in enumerate(self.swatches):
            swatch.show_color(theme, self._color(float(code)))
        if self.swatches and self.number.isVisibleTo(self):
            self.number.setText(numbers.number(round(self.drawn_with, 2)))
            self.swatches[0].show_color(theme, self._color(self.drawn_with))

    def _color(self, value: float) -> QColor:
        """Of points of this class, or with this number."""
        assert self._table is not None
        values = np.array([value])
        return QColor(*shades.of_targets(values, self._table, self._dataset, self._theme)[0])
