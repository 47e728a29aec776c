"""The gallery: examples as they are, images as images and others as rows with their columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea

from netbuilder import numbers
from netbuilder.data.dataset import Dataset, Part
from netbuilder.data.drawing import Style
from netbuilder.data.example import Value, values_of
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.widgets.focus_ring import FocusRing
from netbuilder.gui.widgets.fonts import tabular
from netbuilder.gui.widgets.ink import inked
from netbuilder.lens import cases
from netbuilder.lens.cases import Prediction

Rows = NDArray[np.intp]

_SIDE, _GAP = 46, 6
"""Pixels: of an image, and around it."""
_LONGEST = 90
"""Pixels that a column may take."""


@dataclass(frozen=True, eq=False)
class Items:
    """The examples of a part that are shown, in their order."""

    dataset: Dataset
    part: Part
    rows: Rows
    seen: Prediction
    losses: NDArray[np.floating]
    style: Style | None
    """How images are painted; None where the examples are none."""

    def place(self, row: int) -> int | None:
        """Where an example is among the predictions; None where it has none."""
        at = int(np.searchsorted(self.seen.rows, row))
        return at if at < self.seen.part.m and self.seen.rows[at] == row else None

    def classes(self, row: int) -> tuple[int, int | None]:
        """(true, predicted)"""
        at, Y = self.place(row), self.part.Y
        said = None if at is None else cases.class_of(self.dataset, self.seen.Y_hat[at])
        return cases.class_of(self.dataset, Y[row]), said

    def words(self, row: int) -> tuple[str, str, str]:
        """What is true, what is predicted, and L."""
        at, dataset = self.place(row), self.dataset
        loss = "–" if at is None else numbers.number(float(self.losses[at]))
        if dataset.info.task == "regression":
            true = cases.in_words(dataset, self.part.Y[row])
            if at is None:
                return true, "–", loss
            said = self.seen.Y_hat[at]  # in the target's own units already
            return true, ", ".join(numbers.number(float(v), 5) for v in said), loss
        true_, said_ = self.classes(row)
        names = dataset.info.class_names
        return names[true_], "–" if said_ is None else names[said_], loss


class Gallery(QAbstractScrollArea):
    """Paints only what is in sight, so that a part may have as many examples as it likes."""

    clicked = Signal(int)
    """(row,)"""
    pressed = Signal(object)
    """(QKeyEvent,) a key that may mean something for the chosen example."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.items: Items | None = None
        self.chosen: int | None = None
        self._widths: list[int] = []
        """Of the columns: they never get narrower, so that they stand still."""
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Examples"))
        self.setFont(tabular(self.font(), 0.88))
        self.setMinimumSize(120, 60)
        self.ring = FocusRing(self, themes)

    @property
    def _theme(self) -> Theme:
        return self._themes.theme

    def sizeHint(self) -> QSize:
        return QSize(280, 150)

    def show_items(self, items: Items, chosen: int | None) -> None:
        """Other examples, or other numbers; another chosen one is brought into sight."""
        new = chosen != self.chosen
        if self.items is None or items.dataset is not self.items.dataset:
            self._widths = []
        self.items, self.chosen = items, chosen
        self._measure()
        if new and chosen is not None:
            self._reveal(chosen)
        self.viewport().update()

    # --- geometry ----------------------------------------------------------------------------

    @property
    def _images(self) -> bool:
        return self.items is not None and self.items.dataset.info.image_shape is not None

    @property
    def _text(self) -> int:
        return QFontMetrics(self.font()).height()

    @property
    def columns(self) -> int:
        """How many stand side by side."""
        wide = self.viewport().width()
        return max(1, (wide - _GAP) // (_SIDE + _GAP)) if self._images else 1

    @property
    def _pitch(self) -> int:
        """From one line to the next."""
        return _SIDE + self._text + _GAP + 3 if self._images else self._text + 6

    @property
    def _head(self) -> int:
        """The height of the columns' names."""
        return 2 if self._images else self._text + 6

    def _measure(self) -> None:
        count = 0 if self.items is None else len(self.items.rows)
        lines = -(-count // self.columns)
        whole = self._head + lines * self._pitch
        bar, seen = self.verticalScrollBar(), self.viewport().height()
        bar.setRange(0, max(0, whole - seen))
        bar.setPageStep(seen)
        bar.setSingleStep(self._pitch)

    def place_of(self, number: int) -> QRectF:
        """Where the example of this number is painted, in the viewport."""
        line, column = divmod(number, self.columns)
        top = self._head + line * self._pitch - self.verticalScrollBar().value()
        if self._images:
            left = _GAP / 2 + column * (_SIDE + _GAP)
            return QRectF(left, top, _SIDE + _GAP, self._pitch)
        return QRectF(0, top, self.viewport().width(), self._pitch)

    def _reveal(self, row: int) -> None:
        assert self.items is not None
        found = np.flatnonzero(self.items.rows == row)
        if not len(found):
            return
        place, bar = self.place_of(int(found[0])), self.verticalScrollBar()
        if place.top() < self._head:
            bar.setValue(bar.value() + round(place.top()) - self._head)
        elif place.bottom() > self.viewport().height():
            bar.setValue(bar.value() + round(place.bottom()) - self.viewport().height())

    def row_at(self, at: QPointF) -> int | None:
        """The example under a place of the viewport."""
        if self.items is None or at.y() < self._head:
            return None
        line = int((at.y() - self._head + self.verticalScrollBar().value()) // self._pitch)
        column = int((at.x() - _GAP / 2) // (_SIDE + _GAP)) if self._images else 0
        number = line * self.columns + column
        if not 0 <= column < self.columns or number >= len(self.items.rows):
            return None
        return int(self.items.rows[number])

    # --- the mouse and the keys --------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self.row_at(event.position())
        if row is not None and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()
        self.pressed.emit(event)
        if not event.isAccepted():
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._measure()

    # --- painting ----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        items = self.items
        if items is None:
            return
        with QPainter(self.viewport()) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(self.font())
            first = max(0, self.verticalScrollBar().value() // self._pitch) * self.columns
            lines = self.viewport().height() // self._pitch + 2
            shown = range(first, min(len(items.rows), first + lines * self.columns))
            if self._images:
                for number in shown:
                    self._paint_image(painter, items, number)
            else:
                self._paint_table(painter, items, shown)

    def _paint_ground(self, painter: QPainter, place: QRectF) -> None:
        painter.setPen(QPen(self._theme.color("accent"), 1.4))
        painter.setBrush(self._theme.color("selection", 0.6))
        painter.drawRoundedRect(place.adjusted(1, 1, -1, -1), 5, 5)

    def _paint_image(self, painter: QPainter, items: Items, number: int) -> None:
        theme, row, place = self._theme, int(items.rows[number]), self.place_of(number)
        if row == self.chosen:
            self._paint_ground(painter, place)
        assert items.style is not None
        height, width = items.style.shape
        raw = items.part.X[row]
        if items.dataset.scaling is not None:
            raw = items.dataset.scaling.undo(raw)
        scale = _SIDE / max(height, width)
        body = QRectF(0, 0, width * scale, height * scale)
        body.moveCenter(QPointF(place.center().x(), place.top() + 2 + _SIDE / 2))
        # Few pixels are better seen one by one.
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < 1)
        painter.fillRect(body, theme.color("sunken", 0.6))
        painter.drawImage(body, inked(items.style.share(raw), theme))
        true, said, _ = items.words(row)
        codes = items.classes(row) if items.dataset.info.task != "regression" else (0, 0)
        words = true if codes[0] == codes[1] else f"{true} → {said}"
        painter.setPen(theme.color("text" if codes[0] == codes[1] else "error"))
        below = QRectF(place.left(), body.bottom() + 1, place.width(), self._text)
        elided = QFontMetrics(self.font()).elidedText(
            words, Qt.TextElideMode.ElideRight, int(place.width())
        )
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, elided)

    def _paint_table(self, painter: QPainter, items: Items, shown: range) -> None:
        theme, metrics = self._theme, QFontMetrics(self.font())
        table = [self._cells(items, int(items.rows[number])) for number in shown]
        fixed = self.tr("no."), self.tr("true"), self.tr("predicted"), "L"
        names = (*fixed, *(column.name for column in items.dataset.inputs))
        needed = [
            min(_LONGEST, max(map(metrics.horizontalAdvance, column))) + 12
            for column in zip(names, *table, strict=True)
        ]
        widths = self._widths = list(map(max, needed, self._widths or needed))
        for number, cells in zip(shown, table, strict=True):
            place, row = self.place_of(number), int(items.rows[number])
            if row == self.chosen:
                self._paint_ground(painter, place)
            inks = [theme.color("text")] * len(cells)
            inks[0] = theme.color("muted")
            if items.dataset.info.task != "regression":
                for at, code in enumerate(items.classes(row), 1):
                    if code is not None:
                        inks[at] = QColor(theme.classes[code % len(theme.classes)])
            self._paint_line(painter, cells, widths, place, inks)
        head = QRectF(0, 0, self.viewport().width(), self._head)
        painter.fillRect(head, theme.color("panel"))
        self._paint_line(painter, names, widths, head, [theme.color("muted")] * len(names))

    @staticmethod
    def _cells(items: Items, row: int) -> tuple[str, ...]:
        values = values_of(items.dataset, items.part, row)
        return (f"{row + 1:,}", *items.words(row), *map(_text_of, values))

    def _paint_line(
        self,
        painter: QPainter,
        cells: tuple[str, ...],
        widths: list[int],
        place: QRectF,
        inks: list[QColor],
    ) -> None:
        left, metrics = 2.0, QFontMetrics(self.font())
        for words, width, ink in zip(cells, widths, inks, strict=True):
            if left > place.width():
                break
            painter.setPen(ink)
            elided = metrics.elidedText(words, Qt.TextElideMode.ElideRight, width - 8)
            cell = QRectF(left + 4, place.top(), width - 6, place.height())
            painter.drawText(cell, Qt.AlignmentFlag.AlignVCenter, elided)
            left += width


def _text_of(value: Value) -> str:
    return numbers.number(value) if isinstance(value, float) else str(value or "–")
