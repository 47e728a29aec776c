"""The painted table of a confusion matrix, with recall at the right and precision below."""

from __future__ import annotations

import html
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from netbuilder import numbers
from netbuilder.gui.theme.colours import Theme, ink_on, mixed
from netbuilder.gui.widgets.fonts import tabular

LARGEST_CELL = (96.0, 46.0)


class ConfusionTable(QWidget):
    """Rows are the true classes, columns the predicted ones; ``pointed`` follows the mouse."""

    pointed = Signal(QPoint)
    clicked = Signal(int, int)
    """(true class, predicted class) of a cell with examples."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setMouseTracking(True)
        self.setMinimumSize(140, 80)
        self.setFont(tabular(self.font(), 0.9))
        self._theme = theme
        self._counts: NDArray[Any] = np.zeros((0, 0), dtype=int)
        self._names: tuple[str, ...] = ()
        self._labels: list[str] = []
        self._cell: tuple[int, int] | None = None
        self.marked: tuple[int, int] | None = None
        """The cell of the example that is chosen."""

    def sizeHint(self) -> QSize:
        return QSize(280, 150)

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_counts(self, counts: NDArray[Any], names: tuple[str, ...]) -> None:
        """counts: (classes, classes)."""
        self._counts, self._names = counts, names
        self.update()

    # --- geometry ----------------------------------------------------------------------------

    def _frame(self) -> tuple[QRectF, float, float]:
        """The field of the counts, and the width and height of a cell."""
        metrics = QFontMetrics(self.font())
        k = max(1, len(self._names))
        text = metrics.height()
        self._labels = list(self._names)
        names = max((metrics.horizontalAdvance(name) for name in self._names), default=0) + 8
        left = text + 2 + min(names, 0.3 * self.width())
        right = metrics.horizontalAdvance(self._widest_share) + 12.0
        if self.width() >= 290:
            right = max(right, metrics.horizontalAdvance(self.tr("precision")) + 8.0)
        wide = min(LARGEST_CELL[0], (self.width() - left - right) / k)
        if names - 8 > max(wide - 2, metrics.horizontalAdvance(str(k))):
            # Names that do not fit above their columns are numbered, and numbers stand there.
            self._labels = [f"{number} {name}" for number, name in enumerate(self._names, 1)]
            names = max(metrics.horizontalAdvance(label) for label in self._labels) + 8
            left = text + 2 + min(names, 0.4 * self.width())
            wide = min(LARGEST_CELL[0], (self.width() - left - right) / k)
        top = 2.0 * text + 4
        bottom = text + 6.0 if self._names_precision(wide) else 2.0
        tall = min(LARGEST_CELL[1], (self.height() - top - bottom) / k)
        return QRectF(left, top, wide * k, tall * k), wide, tall

    @property
    def _widest_share(self) -> str:
        """Shares beside and below the counts have a decimal only where there is room for it."""
        return "100.0 %" if self.width() >= 290 else "100 %"

    def _share(self, share: float) -> str:
        return numbers.percent(share, 1 if "." in self._widest_share else 0)

    def _names_precision(self, wide: float) -> bool:
        """Whether the columns are wide enough for their precision."""
        return wide >= QFontMetrics(self.font()).horizontalAdvance("100 %")

    def cell_rect(self, row: int, column: int) -> QRectF:
        """Where a count is painted, in this widget's pixels."""
        field, wide, tall = self._frame()
        return QRectF(field.left() + column * wide, field.top() + row * tall, wide, tall)

    def _cell_at(self, at: QPointF) -> tuple[int, int] | None:
        field, wide, tall = self._frame()
        k = len(self._names)
        if not k or not field.contains(at):
            return None
        row, column = int((at.y() - field.top()) / tall), int((at.x() - field.left()) / wide)
        return min(k - 1, row), min(k - 1, column)

    # --- the mouse ---------------------------------------------------------------------------

    @property
    def text_at_mouse(self) -> str:
        """The cell below the mouse in words, as rich text, or ""."""
        if self._cell is None or self._cell[0] >= len(self._counts):
            return ""
        row, column = self._cell
        count, total = int(self._counts[row, column]), int(self._counts[row].sum())
        share = numbers.percent(count / total if total else float("nan"))
        true, predicted = html.escape(self._names[row]), html.escape(self._names[column])
        if row == column:
            text = self.tr(
                "{count} of {total} examples of <b>{true}</b> are recognised: recall {share}, "
                "precision {precision}"
            )
        else:
            text = self.tr(
                "{count} of {total} examples of <b>{true}</b> are taken for "
                "<b>{predicted}</b>: {share}"
            )
        called = int(self._counts[:, column].sum())
        return text.format(
            count=f"{count:,}",
            total=f"{total:,}",
            true=true,
            predicted=predicted,
            share=share,
            precision=numbers.percent(count / called if called else float("nan")),
        )

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        cell = self._cell_at(event.position())
        if cell != self._cell:
            self._cell = cell
            self.update()
            there = cell is not None and cell[0] < len(self._counts) and self._counts[cell]
            shape = Qt.CursorShape.PointingHandCursor if there else Qt.CursorShape.ArrowCursor
            self.setCursor(shape)
        self.pointed.emit(event.position().toPoint())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self._cell_at(event.position())
        left = event.button() == Qt.MouseButton.LeftButton
        if left and cell is not None and cell[0] < len(self._counts) and self._counts[cell]:
            self.clicked.emit(*cell)

    def leaveEvent(self, event: QEvent) -> None:
        self._cell = None
        self.update()
        self.pointed.emit(QPoint())

    # --- painting ----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        k = len(self._names)
        if not k:
            return
        with QPainter(self) as painter:
            field, wide, tall = self._frame()
            self._paint_cells(painter, wide, tall)
            self._paint_names(painter, field, wide, tall)
            self._paint_rates(painter, field, wide, tall)
            if self._cell is not None and max(self._cell) < k:
                painter.setPen(QPen(self._theme.color("text"), 1))
                painter.drawRect(self.cell_rect(*self._cell).adjusted(0.5, 0.5, -1.5, -1.5))
            if self.marked is not None and max(self.marked) < k:
                painter.setPen(QPen(self._theme.color("text"), 2))
                painter.drawRect(self.cell_rect(*self.marked).adjusted(1, 1, -2.5, -2.5))

    def _paint_cells(self, painter: QPainter, wide: float, tall: float) -> None:
        theme, counts = self._theme, self._counts
        longest = f"{int(counts.max()):,}"
        font = self.font()
        for scale in (1.0, 0.9, 0.8):
            smaller = tabular(font, scale)
            metrics = QFontMetrics(smaller)
            written = wide >= metrics.horizontalAdvance(longest) + 2
            written = written and tall >= metrics.height() - 2
            if written:
                painter.setFont(smaller)
                break
        both = tall >= 2 * metrics.height() and wide >= metrics.horizontalAdvance("100.0 %") + 4
        totals = np.maximum(1, counts.sum(axis=1))
        gap = 1.5 if min(wide, tall) > 8 else 0.0
        for (row, column), count in np.ndenumerate(counts):
            place = self.cell_rect(row, column)
            share = float(count / totals[row])
            body = place.adjusted(0, 0, -gap, -gap)
            color = self._cell_color(row == column, share)
            painter.fillRect(body, color)
            if not written:
                continue
            ink = ink_on(color)
            painter.setPen(ink if count else theme.color("muted"))
            text = f"{int(count):,}"
            if both:
                half = QRectF(body.left(), body.top() + 2, body.width(), body.height() / 2 - 1)
                painter.drawText(half, Qt.AlignmentFlag.AlignCenter, text)
                half.moveTop(body.top() + body.height() / 2 - 2)
                ink.setAlphaF(0.75)
                painter.setPen(ink if count else theme.color("muted"))
                painter.drawText(half, Qt.AlignmentFlag.AlignCenter, numbers.percent(share))
            else:
                painter.drawText(body, Qt.AlignmentFlag.AlignCenter, text)

        painter.setFont(font)

    def _cell_color(self, right: bool, share: float) -> QColor:
        """From the quiet ground to blue for what is right and to orange for what is not."""
        ground = self._theme.color("sunken")
        if not share:
            return ground
        full = self._theme.color("positive" if right else "negative")
        return mixed(ground, full, 0.15 + 0.85 * share)

    def _paint_names(self, painter: QPainter, field: QRectF, wide: float, tall: float) -> None:
        metrics = QFontMetrics(self.font())
        text = metrics.height()
        k = len(self._names)
        painter.setPen(self._theme.color("text"))
        stride_across = max(1, int(np.ceil(12 / max(wide, 0.1))))
        stride_down = max(1, int(np.ceil((text - 2) / max(tall, 0.1))))
        elide = Qt.TextElideMode.ElideRight
        for row in range(0, k, stride_down):
            width = field.left() - text - 8
            name = metrics.elidedText(self._labels[row], elide, int(width))
            place = QRectF(text + 2, field.top() + (row + 0.5) * tall - text / 2, width, text)
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(place, flags, name)
        for column in range(0, k, stride_across):
            width = wide * stride_across
            numbered = self._labels[column] != self._names[column]
            name = str(column + 1) if numbered else self._names[column]
            place = QRectF(field.left() + column * wide, field.top() - text - 2, width - 1.5, text)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, name)
        painter.setPen(self._theme.color("muted"))
        above = QRectF(field.left(), 0, max(field.width(), 70.0), text)
        painter.drawText(above, Qt.AlignmentFlag.AlignHCenter, self.tr("predicted"))
        painter.save()
        painter.translate(0, field.center().y())
        painter.rotate(-90)
        half = max(field.height(), 60.0) / 2
        place = QRectF(-half, 0, 2 * half, text)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, self.tr("true"))
        painter.restore()

    def _paint_rates(self, painter: QPainter, field: QRectF, wide: float, tall: float) -> None:
        """Recall beside each row, precision below each column."""
        metrics = QFontMetrics(self.font())
        text = metrics.height()
        counts = self._counts
        right = np.diag(counts).astype(float)
        with np.errstate(divide="ignore", invalid="ignore"):
            recall = right / counts.sum(axis=1)
            precision = right / counts.sum(axis=0)
        painter.setPen(self._theme.color("muted"))
        x = field.right() + 6
        rest = self.width() - x
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        column_width = min(rest, float(metrics.horizontalAdvance(self._widest_share) + 4))
        head = QRectF(x, field.top() - text - 2, column_width, text)
        painter.drawText(head, flags, self.tr("recall"))
        stride = max(1, int(np.ceil((text - 2) / max(tall, 0.1))))
        for row in range(0, len(recall), stride):
            place = QRectF(x, field.top() + (row + 0.5) * tall - text / 2, column_width, text)
            painter.drawText(place, flags, self._share(float(recall[row])))
        below = field.bottom() + 3
        digits = 1 if wide >= metrics.horizontalAdvance("100.0 %") else 0
        if self._names_precision(wide):
            for column, share in enumerate(precision):
                place = QRectF(field.left() + column * wide, below, wide - 1.5, text)
                value = numbers.percent(float(share), digits)
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, value)
            name = QRectF(x, below, rest, text)
            flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            if metrics.horizontalAdvance(self.tr("precision")) <= rest:
                painter.drawText(name, flags, self.tr("precision"))
