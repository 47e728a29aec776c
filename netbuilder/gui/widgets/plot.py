"""Plots in the window's own look: thin axes, quiet grid, tabular figures, our colours."""

from __future__ import annotations

import html
import math
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen, QTransform

from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.widgets.axis import Axis
from netbuilder.gui.widgets.fonts import tabular


class Plot(pg.PlotWidget):
    """A plot without menus or buttons of its own; ``pointed`` tells where the mouse is."""

    pointed = Signal(object)
    """QPointF in data coordinates (logarithms on a log axis), or None when the mouse has left."""
    clicked = Signal(QPointF)
    """Where in this widget, in pixels, the left button was pressed."""
    double_clicked = Signal()

    def __init__(self) -> None:
        # Said from the start: pyqtgraph makes its menus even for a plot that then turns them off.
        super().__init__(
            axisItems={"left": Axis("left"), "bottom": Axis("bottom")}, enableMenu=False
        )
        item = self.plotItem
        item.hideButtons()
        for unseen in ("top", "right"):
            item.getAxis(unseen).unlinkFromView()  # else it follows every new range as well
        item.layout.setContentsMargins(0, 6, 18, 0)
        self.box: pg.ViewBox = item.getViewBox()
        self.box.disableAutoRange()
        self.box.setDefaultPadding(0.0)
        # Far beyond any data, but within what floats can tell apart.
        self.box.setLimits(xMin=-1e15, xMax=1e15, yMin=-1e30, yMax=1e30)
        self.setFrameShape(self.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # no key means anything here
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)

    def apply_theme(self, theme: Theme) -> None:
        self.setBackground(theme.color("panel"))
        font = tabular(self.font(), 0.85)
        for name in ("left", "bottom"):
            axis = self.plotItem.getAxis(name)
            axis.setTickFont(font)
            axis.setPen(pg.mkPen(None))
            axis.setTickPen(pg.mkPen(theme.color("line")))
            axis.setTextPen(pg.mkPen(theme.color("muted")))
            axis.setStyle(tickLength=0, tickTextOffset=7 if name == "left" else 5)
            axis.enableAutoSIPrefix(False)
            axis.label.setFont(font)
            axis.label.document().setDocumentMargin(2)
            axis.label.setDefaultTextColor(theme.color("muted"))

    def name_axis(self, side: str, text: str) -> None:
        """A label beside an axis, "" for none; not read as HTML."""
        axis = self.plotItem.getAxis(side)
        axis.setLabel(html.escape(text))
        axis.showLabel(bool(text))

    def settle(self) -> None:
        """Brings range and axes up to date now; left to painting, that would ask for another."""
        self.plotItem.scene().prepareForPaint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._point(event.position())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(event.position())

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.pointed.emit(None)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        super().mouseDoubleClickEvent(event)
        self.double_clicked.emit()

    def _point(self, at: QPointF) -> None:
        scene_at = self.mapToScene(at.toPoint())
        inside = self.box.sceneBoundingRect().contains(scene_at)
        self.pointed.emit(self.box.mapSceneToView(scene_at) if inside else None)

    def data_area(self) -> QRectF:
        """The rectangle inside the axes, in pixels of this widget."""
        return self.mapFromScene(self.box.sceneBoundingRect()).boundingRect().toRectF()


class Curve(pg.PlotCurveItem):
    """A line of one pixel, or a strong one of a pixel and a half, on a screen of any scale.

    A pen wider than a pixel of the screen takes Qt from 30 to 80 times as long: a thin one goes
    over it several times.
    """

    def __init__(self, z: float = 0.0, strong: bool = False, **options: Any) -> None:
        super().__init__(skipFiniteCheck=True, antialias=True, **options)
        self.strong = strong
        self.setZValue(z)

    def boundingRect(self) -> QRectF:
        """All of the view: measuring the data at every change would cost more than painting."""
        box = self.getViewBox()
        return QRectF() if box is None else box.viewRect()

    def paint(self, painter: QPainter, *options: Any) -> None:
        ratio = painter.device().devicePixelRatioF()
        wide = (1.5 if self.strong else 1.0) * ratio
        times = math.ceil(wide)
        super().paint(painter, *options)
        if times == 1:
            return
        place = painter.transform()
        painter.save()
        for time in range(1, times):
            below = time * (wide - 1) / (times - 1) / ratio
            painter.setTransform(place * QTransform.fromTranslate(0.0, below))
            super().paint(painter, *options)
        painter.restore()


def thin_pen(color: QColor, width: float = 1.0, style: Any = Qt.PenStyle.SolidLine) -> QPen:
    """A pen whose width is in pixels whatever the zoom."""
    return pg.mkPen(color, width=width, style=style, cosmetic=True)


def contour(values: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The lines where a grid crosses zero, in units of grid points: x, y of segment after segment.

    values: (h, w). Two entries a segment, for ``connect="pairs"``. Marching squares: on each cell's
    four sides the crossing is found by interpolation, and crossings are joined in pairs.
    """
    v = np.asarray(values, dtype=float)
    w = v.shape[1]
    inside = v > 0
    corners = [
        inside[:-1, :-1],
        inside[:-1, 1:],
        inside[1:, 1:],
        inside[1:, :-1],
    ]
    mixed = np.flatnonzero(
        ~((corners[0] == corners[1]) & (corners[1] == corners[2]) & (corners[2] == corners[3]))
    )
    row, column = np.divmod(mixed, w - 1)
    a, b = v[row, column], v[row, column + 1]
    c, d = v[row + 1, column + 1], v[row + 1, column]

    def share(p: NDArray[Any], q: NDArray[Any]) -> NDArray[Any]:
        crosses = (p > 0) != (q > 0)
        return np.where(crosses, p / np.where(crosses, p - q, 1.0), np.nan)

    # The crossings of the top, right, bottom and left side, in that order around the cell.
    x = np.stack(
        [column + share(a, b), column + 1.0 + 0 * a, column + share(d, c), column + 0.0 * a]
    )
    y = np.stack([row + 0.0 * a, row + share(b, c), row + 1.0 + 0 * a, row + share(a, d)])
    crossed = np.isfinite(x) & np.isfinite(y)
    xs, ys = x.T[crossed.T], y.T[crossed.T]
    return xs, ys
