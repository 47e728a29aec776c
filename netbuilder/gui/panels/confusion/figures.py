"""Figures: a row of numbers, each below its name; nothing moves while they change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from netbuilder.gui.widgets.fonts import tabular
from netbuilder.gui.widgets.labels import tip


class Figure(NamedTuple):
    """One number in words."""

    name: str
    text: str
    widest: str
    """What it has room for, so that its neighbours stand still."""
    tip: str


class Figures(QWidget):
    """Shows as many as it is given; the first is the one that matters most."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(7)
        self._grid.setVerticalSpacing(0)
        self._pairs: list[tuple[QLabel, QLabel]] = []

    @property
    def texts(self) -> dict[str, str]:
        """What is shown: name -> number."""
        shown = (pair for pair in self._pairs if not pair[0].isHidden())
        return {name.text(): value.text() for name, value in shown}

    def show_figures(self, figures: Sequence[Figure]) -> None:
        while len(self._pairs) < len(figures):
            self._add()
        for number, (name, value) in enumerate(self._pairs):
            seen = number < len(figures)
            self._grid.setColumnStretch(number, seen)
            for label in (name, value):
                label.setVisible(seen)
            if seen:
                figure = figures[number]
                name.setText(figure.name)
                # Of a fixed size, so that no new number asks for the window to be laid out.
                value.setText(figure.text)
                needed, metrics = value.sizeHint(), QFontMetrics(value.font())
                widest = metrics.horizontalAdvance(figure.widest)
                value.setFixedSize(max(needed.width(), widest), needed.height())
                value.setAccessibleName(figure.name)
                for label in (name, value):
                    label.setToolTip(tip(figure.tip))

    def _add(self) -> None:
        name, value = QLabel(), QLabel()
        name.setFont(tabular(name.font(), 0.78))
        name.setProperty("tone", "muted")
        font = tabular(value.font(), 0.9)
        if not self._pairs:
            font.setWeight(QFont.Weight.DemiBold)
        value.setFont(font)
        column = len(self._pairs)
        for row, label in enumerate((name, value)):
            self._grid.addWidget(label, row, column, Qt.AlignmentFlag.AlignLeft)
        self._pairs.append((name, value))
