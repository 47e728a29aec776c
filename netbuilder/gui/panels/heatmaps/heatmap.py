"""The heatmap: one matrix with its indices, a bias column, a class band and a colour bar."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from netbuilder import numbers
from netbuilder.gui.panels.heatmaps.labels import fitting, spread
from netbuilder.gui.theme import colour_scale
from netbuilder.gui.theme.colours import Theme, ink_on
from netbuilder.gui.theme.translation import tr_message
from netbuilder.gui.widgets import matrix
from netbuilder.gui.widgets.fonts import tabular
from netbuilder.lens.picture import Cell, Picture

LARGEST_CELL = (96.0, 36.0)
"""Cells of a small matrix do not grow beyond this, in pixels."""
GAP = 8.0
BAND = 4.0
BAR = 8.0
NAMES = 0.25
"""Names of rows take no more than this share of the width."""
_FLAT = 0.2
"""A mosaic less high than this share of the room is wrapped."""


class Heatmap(QWidget):
    """Paints a Picture; ``pointed`` names the cell below the mouse."""

    pointed = Signal(object, QPoint)
    """(Cell or None, the mouse's place in this widget)"""
    clicked = Signal(object)
    """(Cell,)"""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setMouseTracking(True)
        self.setMinimumSize(120, 60)
        self.setFont(tabular(self.font(), 0.85))
        self._picture: Picture | None = None
        self._image = QImage()
        self._beside = QImage()
        self._cell: Cell | None = None
        self.row: int | None = None
        """The row that has a frame in the next picture."""
        self.scale = 1.0
        self.blocks = (1, 1)
        self.apply_theme(theme)

    def sizeHint(self) -> QSize:
        return QSize(280, 130)

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._colors = colour_scale.packed(theme)
        self._inks = [ink_on(QColor.fromRgba(color)) for color in self._colors]
        self._bar = matrix.image(
            np.arange(2 * colour_scale.ZERO, -1, -1).astype(np.uint8)[:, None], self._colors
        )
        if self._picture is not None:
            self.show_picture(self._picture)

    def show_picture(self, picture: Picture) -> None:
        """Takes over new numbers; painted at Qt's next turn."""
        self._picture = picture
        self._lay_out(picture)
        values = picture.values
        if picture.tile is None:
            room = self._field
            values, *self_blocks = matrix.block_means(
                values, max(1, int(room.height())), max(1, int(room.width()))
            )
            self.blocks = (self_blocks[0], self_blocks[1])
        else:
            self.blocks = (1, 1)
        self.scale = colour_scale.round_scale(values, picture.beside, picture.among)
        shown = colour_scale.entries(values, self.scale)
        if picture.tile is not None:
            shown = matrix.mosaic(shown, picture.tile, self._tile_columns)
        self._image = matrix.image(shown, self._colors)
        if picture.beside is not None:
            beside, *_ = matrix.block_means(picture.beside, max(1, int(self._field.height())), 1)
            self._beside = matrix.image(colour_scale.entries(beside, self.scale), self._colors)
        self.update()

    # --- geometry ----------------------------------------------------------------------------

    def _lay_out(self, picture: Picture) -> None:
        """Finds the places of the matrix, of the column beside it and of the colour bar."""
        metrics = QFontMetrics(self.font())
        text = metrics.height()
        rows, columns = picture.values.shape
        tiled, self._wrapped = picture.tile is not None, False
        names = picture.row_names or (str(rows),)
        longest = max(metrics.horizontalAdvance(name) for name in names)
        left = 0.0 if tiled else min(longest, NAMES * self.width()) + 6.0
        if picture.row_title:
            left += text + 3
        right = (
            BAR
            + 8.0
            + max(
                metrics.horizontalAdvance(numbers.number(sign * step, 2) + " ")
                for sign in (1, -1)
                for step in (
                    colour_scale.round_scale(picture.values, picture.beside, picture.among),
                )
            )
        )
        top = 2.0 + (BAND + 2.0 if picture.band else 0.0)
        bottom = 0.0 if tiled else text + 2.0
        if picture.column_title:
            bottom += text
        space = QRectF(left, top, self.width() - left - right - GAP, self.height() - top - bottom)
        if tiled:
            assert picture.tile is not None
            h, w = picture.tile
            c = self._tile_columns = picture.tile_columns or matrix.mosaic_columns(
                rows, (h, w), space.width(), space.height()
            )
            tall, wide, zoom = self._mosaic(picture, c, space)
            if not picture.band and zoom * tall < _FLAT * space.height():
                # Very many side by side are a strip in which nothing is seen: they are wrapped.
                wrapped = matrix.mosaic_columns(rows, (h, w), space.width(), space.height())
                if self._mosaic(picture, wrapped, space)[2] > zoom:
                    self._wrapped, self._tile_columns = True, wrapped
                    tall, wide, zoom = self._mosaic(picture, wrapped, space)
            self._field = QRectF(space.left(), space.top(), wide * zoom, tall * zoom)
            self._beside_field = QRectF()
        else:
            extra = columns + (0 if picture.beside is None else 1)
            gap = 0.0 if picture.beside is None else GAP
            widest = max(LARGEST_CELL[0], space.width() / 6)
            wide = min(widest, max(0.1, space.width() - gap) / extra)
            # The column beside a large matrix stays wide enough to be seen.
            beside = max(wide, 10.0) if picture.beside is not None else 0.0
            wide = min(wide, (space.width() - gap - beside) / columns)
            tall = min(max(LARGEST_CELL[1], space.height() / 4), space.height() / rows)
            self._field = QRectF(space.left(), space.top(), wide * columns, tall * rows)
            self._beside_field = QRectF(
                self._field.right() + gap, space.top(), beside, self._field.height()
            )
        end = max(self._field.right(), self._beside_field.right())
        bar_left = min(self.width() - right, end + GAP) + 2.0
        self._bar_field = QRectF(
            bar_left, top + text / 2, BAR, max(24.0, min(space.height(), 130.0) - text)
        )

    @staticmethod
    def _mosaic(picture: Picture, columns: int, space: QRectF) -> tuple[int, int, float]:
        """The height and the width of so many columns of images, in fields, and a field's size."""
        assert picture.tile is not None
        h, w = picture.tile
        rows = math.ceil(len(picture.values) / columns)
        tall, wide = rows * (h + 1) - 1, columns * (w + 1) - 1
        return tall, wide, min(space.width() / wide, space.height() / tall)

    def cell_rect(self, cell: Cell) -> QRectF:
        """Where a cell is painted, in this widget's pixels."""
        picture = self._picture
        assert picture is not None
        rows, columns = picture.values.shape
        if picture.tile is not None:
            h, w = picture.tile
            zoom = self._field.width() / (self._tile_columns * (w + 1) - 1)
            row, column = divmod(cell.row, self._tile_columns)
            y, x = divmod(cell.column, w)
            return QRectF(
                self._field.left() + (column * (w + 1) + x) * zoom,
                self._field.top() + (row * (h + 1) + y) * zoom,
                zoom,
                zoom,
            )
        field = self._beside_field if cell.column < 0 else self._field
        columns = 1 if cell.column < 0 else columns
        wide, tall = field.width() / columns, field.height() / rows
        return QRectF(
            field.left() + max(0, cell.column) * wide, field.top() + cell.row * tall, wide, tall
        )

    def cell_at(self, at: QPointF) -> Cell | None:
        picture = self._picture
        if picture is None:
            return None
        rows, columns = picture.values.shape
        if picture.beside is not None and self._beside_field.contains(at):
            share = (at.y() - self._beside_field.top()) / self._beside_field.height()
            return Cell(min(rows - 1, int(share * rows)), -1)
        if not self._field.contains(at):
            return None
        across = (at.x() - self._field.left()) / self._field.width()
        down = (at.y() - self._field.top()) / self._field.height()
        if picture.tile is None:
            return Cell(min(rows - 1, int(down * rows)), min(columns - 1, int(across * columns)))
        h, w = picture.tile
        grid_columns = self._tile_columns
        column, x = divmod(int(across * (grid_columns * (w + 1) - 1)), w + 1)
        row, y = divmod(int(down * (math.ceil(rows / grid_columns) * (h + 1) - 1)), h + 1)
        unit = row * grid_columns + column
        if unit >= rows or x >= w or y >= h:
            return None
        return Cell(unit, y * w + x)

    # --- the mouse ---------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point(self.cell_at(event.position()), event.position().toPoint())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(cell)

    def leaveEvent(self, event: QEvent) -> None:
        self._point(None, QPoint())

    def _point(self, cell: Cell | None, at: QPoint) -> None:
        if cell != self._cell:
            self._cell = cell
            self.update()
        self.pointed.emit(cell, at)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._picture is not None:
            self.show_picture(self._picture)

    # --- painting ----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        picture = self._picture
        if picture is None:
            return
        with QPainter(self) as painter:
            painter.drawImage(self._field, self._image)
            if picture.beside is not None:
                painter.drawImage(self._beside_field, self._beside)
            if picture.tile is None:
                self._paint_cells(painter, picture)
                self._paint_indices(painter, picture)
            self._paint_titles(painter, picture)
            self._paint_band(painter, picture)
            self._paint_bar(painter)
            if self.row is not None and self.row < picture.values.shape[0]:
                self._paint_row(painter, picture, self.row)
            if self._cell is not None and self._cell.row < picture.values.shape[0]:
                painter.setPen(QPen(self._theme.color("text"), 1))
                painter.drawRect(self.cell_rect(self._cell).adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_row(self, painter: QPainter, picture: Picture, row: int) -> None:
        """A frame around a row with what stands beside it, never too thin to be seen."""
        last = picture.values.shape[1] - 1
        place = self.cell_rect(Cell(row, 0)) | self.cell_rect(Cell(row, last))
        if picture.beside is not None:
            place |= self.cell_rect(Cell(row, -1))
        place = _at_least(place, 4.0).adjusted(-1, -1, 1, 1)
        painter.setPen(QPen(self._theme.color("accent"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(place)

    def _paint_cells(self, painter: QPainter, picture: Picture) -> None:
        """Lines between cells that are large enough, and their numbers where those fit."""
        rows, columns = picture.values.shape
        one = self.cell_rect(Cell(0, 0))
        fields = [(self._field, columns, picture.values)]
        if picture.beside is not None:
            fields.append((self._beside_field, 1, picture.beside))
        if min(one.width(), one.height()) >= 6.0:
            painter.setPen(QPen(self._theme.color("panel"), 1))
            for field, across, _ in fields:
                for line in range(1, across):
                    x = round(field.left() + field.width() * line / across) + 0.5
                    painter.drawLine(QPointF(x, field.top()), QPointF(x, field.bottom()))
                for line in range(1, rows):
                    y = round(field.top() + field.height() * line / rows) + 0.5
                    painter.drawLine(QPointF(field.left(), y), QPointF(field.right(), y))
        metrics = QFontMetrics(self.font())
        roomy = one.width() >= metrics.horizontalAdvance("−0.000") + 4
        if not (roomy and one.height() >= metrics.height() + 1):
            return
        for field, across, values in fields:
            wide, tall = field.width() / across, field.height() / rows
            entries = colour_scale.entries(values, self.scale)
            for (row, column), value in np.ndenumerate(values):
                text = fitting(float(value), metrics, wide - 6)
                painter.setPen(self._inks[entries[row, column]])
                place = QRectF(field.left() + column * wide, field.top() + row * tall, wide, tall)
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_indices(self, painter: QPainter, picture: Picture) -> None:
        metrics = QFontMetrics(self.font())
        text = metrics.height()
        rows, columns = picture.values.shape
        painter.setPen(self._theme.color("muted"))
        tall, wide = self._field.height() / rows, self._field.width() / columns
        names = picture.column_names or tuple(str(number + 1) for number in range(columns))
        left = text if picture.row_title else 0.0
        for row in spread(rows, tall, text):
            place = QRectF(
                left, self._field.top() + row * tall, self._field.left() - left - 4, tall
            )
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            name = picture.row_names[row] if picture.row_names else str(row + 1)
            name = metrics.elidedText(name, Qt.TextElideMode.ElideRight, int(place.width()) + 1)
            painter.drawText(_at_least(place, text), flags, name)
        widest = max(metrics.horizontalAdvance(name) for name in names[:200]) + 6
        in_order = all(name.replace(",", "").isdigit() for name in names)
        if widest > wide and not in_order:
            # Names that do not fit side by side give way to numbers; the read-out has the names.
            names = tuple(str(number + 1) for number in range(columns))
            widest = metrics.horizontalAdvance(str(columns)) + 6
        below = self._field.bottom() + 1
        for column in spread(columns, wide, widest):
            middle = self._field.left() + (column + 0.5) * wide
            place = QRectF(middle - widest / 2, below, widest, text)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, names[column])
        if picture.beside is not None:
            beside = QRectF(
                self._beside_field.left() - 10, below, self._beside_field.width() + 20, text
            )
            painter.drawText(beside, Qt.AlignmentFlag.AlignCenter, picture.beside_name)

    def _paint_titles(self, painter: QPainter, picture: Picture) -> None:
        metrics = QFontMetrics(self.font())
        text = metrics.height()
        painter.setPen(self._theme.color("muted"))
        below = self._field.bottom() + (1 if picture.tile else text)
        if self._wrapped:
            return  # rows and columns mean nothing any more; the read-out says what a cell is
        if picture.column_title:
            title = tr_message(picture.column_title)
            wide_title = metrics.horizontalAdvance(title) + 4
            x = max(0.0, self._field.center().x() - wide_title / 2)
            place = QRectF(x, below, wide_title, text)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, title)
        if picture.row_title:
            painter.save()
            painter.translate(0, self._field.center().y())
            painter.rotate(-90)
            title = tr_message(picture.row_title)
            half = max(self._field.height(), metrics.horizontalAdvance(title) + 4) / 2
            painter.drawText(QRectF(-half, 0, 2 * half, text), Qt.AlignmentFlag.AlignCenter, title)
            painter.restore()

    def _paint_band(self, painter: QPainter, picture: Picture) -> None:
        if not picture.band:
            return
        wide = self._field.width() / len(picture.band)
        classes = self._theme.classes
        top = self._field.top() - BAND - 2
        for column, code in enumerate(picture.band):
            place = QRectF(self._field.left() + column * wide, top, wide + 0.5, BAND)
            painter.fillRect(place, QColor(classes[code % len(classes)]))

    def _paint_bar(self, painter: QPainter) -> None:
        field = self._bar_field
        painter.drawImage(field, self._bar)
        painter.setPen(self._theme.color("muted"))
        text = QFontMetrics(self.font()).height()
        for share, value in ((0.0, self.scale), (0.5, 0.0), (1.0, -self.scale)):
            middle = field.top() + share * field.height()
            place = QRectF(field.right() + 5, middle - text / 2, self.width(), text)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, numbers.number(value, 2))


def _at_least(place: QRectF, height: float) -> QRectF:
    """The rectangle grown about its middle, for text larger than its cell."""
    if place.height() >= height:
        return place
    return QRectF(place.left(), place.center().y() - height / 2, place.width(), height)
