"""The pencil: gestures of the mouse in a plot that put points in, take them out and move them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QCursor, QMouseEvent, QPainter, QPen, QPixmap

from netbuilder.data import points
from netbuilder.data.dataset import Dataset
from netbuilder.data.table import Table
from netbuilder.document.check.drawing import drawn
from netbuilder.document.model.datasets import table_of
from netbuilder.document.model.project import FILE, DataChoice, Project
from netbuilder.gui.centre import Centre
from netbuilder.gui.panels.boundary.tools import DrawingTools
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.widgets.plot import Plot, thin_pen

Floats = NDArray[np.float64]

_GAP, _GRIP, _RUBBER = 9.0, 6.0, 12.0
"""Pixels: between two points of a stroke, how near a point is taken hold of, and the rubber's
radius."""
_FRAME = 16
"""Milliseconds between two paintings of what is being drawn."""
_TELL = 250
"""Milliseconds between two edits of the document within a stroke: each makes the run go over to
other data."""


def table_to_draw_on(data: DataChoice) -> Table | None:
    """The points in force, where the mouse may change them."""
    if data.source == FILE or data.roles.targets:
        return None
    table = table_of(data)
    return table if points.can_be_drawn_on(table) else None


class Stroke:
    """Puts points along the way of the mouse."""

    def __init__(self, table: Table, at: Floats, value: float) -> None:
        self._began, self._value, self._last = table, value, at
        self._drawn = [at]
        self.table = points.added(table, np.array([at]), value)

    @property
    def news(self) -> Table:
        """What has been drawn alone: the other points are seen as they are."""
        return points.without(self.table, np.arange(self.table.m) < self._began.m)

    def move(self, at: Floats, pixel: Floats) -> None:
        way = (at - self._last) / pixel
        steps = int(np.hypot(*way) / _GAP)
        if not steps:
            return
        step = (at - self._last) * _GAP / np.hypot(*way)
        self._drawn += [self._last + step * (k + 1) for k in range(steps)]
        self._last = self._drawn[-1]
        self.table = points.added(self._began, np.array(self._drawn), self._value)


class Rub:
    """Takes away the points that the mouse passes."""

    def __init__(self, table: Table, at: Floats, pixel: Floats) -> None:
        self.table, self._last = table, at
        self.move(at, pixel)

    def move(self, at: Floats, pixel: Floats) -> None:
        near = distances(points.places(self.table), self._last, at, pixel) <= _RUBBER
        self._last = at
        if near.any():
            self.table = points.without(self.table, near)


class Carry:
    """Takes one point along."""

    def __init__(self, table: Table, row: int, at: Floats) -> None:
        self.table, self._row = table, row
        self._offset = points.places(table)[row] - at

    def move(self, at: Floats, pixel: Floats) -> None:
        x, y = at + self._offset
        self.table = points.moved(self.table, self._row, (float(x), float(y)))


class Pencil(QObject):
    """While it is on, the mouse draws in the plots; a stroke is one step of undo.

    What is drawn is painted at once, and told to the document a few times a second.
    """

    begun = Signal(bool)
    """A stroke begins; until it has ``settled``, the pencil shows what is new, or (True) all."""
    settled = Signal()

    def __init__(
        self,
        centre: Centre,
        tools: DrawingTools,
        plots: tuple[Plot, ...],
        colors: Callable[[Table], list[tuple[int, ...]]],
    ) -> None:
        """``colors`` gives those of a table's points."""
        super().__init__()
        self._centre, self._store, self._tools = centre, centre.store, tools
        self._colors = colors
        self._on = False
        self._gesture: Stroke | Rub | Carry | None = None
        self._plot = plots[0]
        self._strokes = 0
        self._told: Table | None = None
        self._telling = False
        self._previews: dict[Plot, Any] = {}
        for plot in plots:
            preview = self._previews[plot] = pg.ScatterPlotItem(pxMode=True, size=6, antialias=True)
            preview.setZValue(8)
            preview.hide()
            plot.addItem(preview, ignoreBounds=True)
            plot.viewport().installEventFilter(self)
        self._painting, self._sending = QTimer(self), QTimer(self)
        for timer, wait, act in (
            (self._painting, _FRAME, self._paint),
            (self._sending, _TELL, self._send),
        ):
            timer.setSingleShot(True)
            timer.setInterval(wait)
            timer.timeout.connect(act)
        self._ring: QCursor | None = None
        self._theme = centre.themes.theme
        tools.wants_class.connect(self._add_class)
        tools.wants_nothing.connect(self._erase_all)
        self._store.changed.connect(self._on_changed)

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._ring = None

    @property
    def on(self) -> bool:
        return self._on

    def turn(self, on: bool) -> None:
        """Whether the mouse draws."""
        self._on = on
        if not on:
            self._end()
            for plot in self._previews:
                plot.viewport().unsetCursor()

    @property
    def busy(self) -> bool:
        """Whether something is being drawn."""
        return self._gesture is not None

    def settle(self, dataset: Dataset | None) -> None:
        """The plot shows this: where it is what was drawn, the pencil need not."""
        if self._gesture is not None or dataset is not self._store.dataset:
            return
        if self._previews[self._plot].isVisible():
            self._previews[self._plot].hide()
            self.settled.emit()

    # --- the mouse ---------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not self._on or not isinstance(event, QMouseEvent):
            return False
        plot = next((p for p in self._previews if p.viewport() is watched), None)
        if plot is None:
            return False
        kind = event.type()
        if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            return self._press(plot, event)
        if kind == QEvent.Type.MouseMove:
            if self._gesture is not None:
                self._move(event.position())
                return True
            self._show_cursor(plot, event.position())
        elif kind == QEvent.Type.MouseButtonRelease and self._gesture is not None:
            self._end()
            return True
        return False

    def _press(self, plot: Plot, event: QMouseEvent) -> bool:
        table = table_to_draw_on(self._store.project.data)
        erases = event.button() == Qt.MouseButton.RightButton
        wanted = erases or event.button() == Qt.MouseButton.LeftButton
        inside = plot.data_area().contains(event.position())
        if table is None or not wanted or not inside or self._gesture is not None:
            return inside
        self._centre.cursor.go_live()
        self._plot, self._told = plot, table
        table = points.kept_in_view(table, self._view(plot, table))
        at, pixel = self._at(event.position()), self._pixel
        row = self._row_at(table, at)
        self._strokes += 1
        if erases or self._tools.erases:
            self._gesture = Rub(table, at, pixel)
            if self._gesture.table is table:
                self._told = table  # nothing was hit as yet
        elif row is not None:
            self._gesture, self._told = Carry(table, row, at), table
        else:
            self._gesture = Stroke(table, at, self._tools.drawn_with)
        self._paint()
        self.begun.emit(not isinstance(self._gesture, Stroke))
        self._send()
        return True

    def _move(self, to: QPointF) -> None:
        assert self._gesture is not None
        before = self._gesture.table
        self._gesture.move(self._at(to), self._pixel)
        if self._gesture.table is not before:
            for timer in (self._painting, self._sending):
                if not timer.isActive():
                    timer.start()

    def _end(self) -> None:
        """The gesture is over: what it came to is put in force."""
        if self._gesture is None:
            return
        self._send()
        self._paint()
        self._gesture = None
        self._painting.stop()
        self._sending.stop()
        self._store.seal()

    # --- telling -----------------------------------------------------------------------------

    def _send(self) -> None:
        """Puts in force what has been drawn so far; the stroke's edits are one step."""
        gesture = self._gesture
        if gesture is None or gesture.table is self._told:
            return
        words = (
            self.tr("erase points")
            if isinstance(gesture, Rub)
            else self.tr("move a point")
            if isinstance(gesture, Carry)
            else self.tr("draw points")
        )
        self._put(gesture.table, words, f"drawing {self._strokes}")

    def _put(self, table: Table, label: str, merge_key: str | None = None) -> None:
        self._told, self._telling = table, True
        try:
            self._store.commit(drawn(self._store.project, table), label, merge_key)
        finally:
            self._telling = False

    def _on_changed(self, old: Project, new: Project) -> None:
        """Whoever else changes the data while something is drawn ends that."""
        if self._gesture is not None and not self._telling and new.data is not old.data:
            self._gesture = None
            self._painting.stop()
            self._sending.stop()

    def _add_class(self) -> None:
        table = table_to_draw_on(self._store.project.data)
        if table is not None:
            table = points.with_one_more_class(table)
            words = table.categories[table.targets[0]]
            self._put(table, self.tr("add class {name}").format(name=words[-1]))
            self._tools.choose(len(words) - 1)

    def _erase_all(self) -> None:
        table = table_to_draw_on(self._store.project.data)
        if table is not None and table.m:
            plot = next((plot for plot in self._previews if plot.isVisible()), self._plot)
            table = points.kept_in_view(table, self._view(plot, table))
            self._put(
                points.without(table, np.ones(table.m, dtype=bool)), self.tr("erase all points")
            )

    # --- seeing ------------------------------------------------------------------------------

    def _paint(self) -> None:
        gesture, preview = self._gesture, self._previews[self._plot]
        if gesture is None:
            return
        table = gesture.news if isinstance(gesture, Stroke) else gesture.table
        at = points.places(table)
        colors = self._colors(table)
        brushes = {rgb: pg.mkBrush(QColor(*rgb)) for rgb in set(colors)}
        preview.setData(
            x=at[:, 0],
            y=at[:, 1],
            brush=[brushes[rgb] for rgb in colors],
            pen=thin_pen(self._theme.color("panel"), 1),
        )
        preview.show()

    def _view(self, plot: Plot, table: Table) -> dict[str, tuple[float, float]]:
        """What is seen of each column."""
        found = dict(points.shown(table))
        for name, (low, high) in zip(points.axes_of(table), plot.box.viewRange(), strict=True):
            found[name] = float(low), float(high)
        return found

    def _at(self, position: QPointF) -> Floats:
        """(2,) in the plot's units, within what is seen."""
        box = self._plot.box
        found = box.mapSceneToView(self._plot.mapToScene(position.toPoint()))
        ends = np.array(box.viewRange())
        return np.clip([found.x(), found.y()], ends[:, 0], ends[:, 1])

    @property
    def _pixel(self) -> Floats:
        """(2,): how wide and how high a pixel is, in the plot's units."""
        area, ends = self._plot.data_area(), np.array(self._plot.box.viewRange())
        return (ends[:, 1] - ends[:, 0]) / (max(1.0, area.width()), max(1.0, area.height()))

    def _row_at(self, table: Table, at: Floats) -> int | None:
        """The point that would be taken hold of there."""
        if not table.m:
            return None
        away = distances(points.places(table), at, at, self._pixel)
        row = int(away.argmin())
        return row if away[row] <= _GRIP else None

    def _show_cursor(self, plot: Plot, position: QPointF) -> None:
        table = table_to_draw_on(self._store.project.data)
        if table is None or not plot.data_area().contains(position):
            plot.viewport().unsetCursor()
            return
        self._plot = plot
        if self._tools.erases:
            plot.viewport().setCursor(self._rubber_cursor())
        elif self._row_at(table, self._at(position)) is not None:
            plot.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            plot.viewport().setCursor(Qt.CursorShape.CrossCursor)

    def _rubber_cursor(self) -> QCursor:
        """A ring as large as the rubber is."""
        if self._ring is None:
            side = int(2 * _RUBBER + 3)
            picture = QPixmap(side, side)
            picture.fill(Qt.GlobalColor.transparent)
            with QPainter(picture) as painter:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(QPen(self._theme.color("text"), 1.4))
                painter.drawEllipse(QPointF(side / 2, side / 2), _RUBBER, _RUBBER)
            self._ring = QCursor(picture)
        return self._ring


def distances(at: Floats, start: Floats, end: Floats, pixel: Floats) -> Floats:
    """(m,): how far points (m, 2) are from a line, in pixels."""
    way, to = (end - start) / pixel, (at - start) / pixel
    length = float(way @ way)
    share = np.clip(to @ way / length, 0.0, 1.0) if length > 0 else np.zeros(len(at))
    found: Floats = np.hypot(*(to - share[:, None] * way).T)
    return found
