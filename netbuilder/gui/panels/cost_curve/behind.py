"""The curves behind the run in front: drawn when something about them changes, not each frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QGraphicsItem

from netbuilder.gui.panels.cost_curve.marker import Axes, Line
from netbuilder.gui.panels.cost_curve.run_traces import RunTraces
from netbuilder.gui.panels.cost_curve.trace import Trace
from netbuilder.gui.widgets.plot import Curve, Plot, thin_pen

Array = NDArray[Any]
PARTS = ("train", "validation")


class Shown(NamedTuple):
    """A run whose curves are drawn behind."""

    number: int
    traces: RunTraces
    name: str
    color: QColor


class Behind:
    """Two curves a run, training and validation; re-used, whichever runs they are of."""

    def __init__(self, plot: Plot) -> None:
        self._plot = plot
        self.curves: list[Curve] = []
        self._drawn: list[tuple[object, Array]] = []
        """Of each curve what it was drawn from, and its values."""

    def lines(
        self, runs: Iterable[Shown], measure: str, smooth: Callable[[Trace], Trace]
    ) -> list[Line]:
        """What there is to draw."""
        found = []
        for place, (number, run, name, color) in enumerate(runs):
            for offset, part in enumerate(PARTS):
                trace = run.traces[f"{part}_{measure}"]
                if len(trace):
                    curve = self._curve(2 * place + offset)
                    line = Line(curve, smooth(trace), name, color, part, run.end, number)
                    found.append(line)
        return found

    def put(self, line: Line, edges: Array, axes: Axes) -> Array:
        """Draws a line where it is not drawn so already; returns what is drawn of it, (k,)."""
        place = self.curves.index(line.curve)
        view = (edges[0], edges[-1], len(edges), axes)
        key = (line.trace, len(line.trace), line.color.rgba(), view)
        if self._drawn[place][0] != key:
            validates = line.part == "validation"
            style = Qt.PenStyle.DashLine if validates else Qt.PenStyle.SolidLine
            line.curve.setPen(thin_pen(line.color, 1, style))
            self._drawn[place] = key, draw(line, edges, axes)
        elif not line.curve.isVisible():
            line.curve.show()
        return self._drawn[place][1]

    def _curve(self, place: int) -> Curve:
        while len(self.curves) <= place:
            curve = Curve(-4)
            # While the run in front grows over it, Qt has its picture.
            curve.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
            self._plot.addItem(curve, ignoreBounds=True)
            self.curves.append(curve)
            self._drawn.append((None, np.empty(0)))
        return self.curves[place]


def draw(line: Line, edges: Array, axes: Axes) -> Array:
    """Draws a line, and returns the values drawn, in the plot's own units."""
    return draw_trace(line.curve, line.trace, edges, axes)


def draw_trace(curve: pg.PlotCurveItem, trace: Trace, edges: Array, axes: Axes) -> Array:
    """Draws a trace with every peak at these pixels; see ``draw``."""
    xs, ys = trace.drawn(edges)
    keep = np.ones(len(xs), dtype=bool)
    if axes.log_x:
        keep &= xs > 0
    if axes.log_y:
        keep &= ys > 0
    if not keep.all():
        xs, ys = xs[keep], ys[keep]
    xs = np.log10(xs) if axes.log_x else xs
    ys = np.log10(ys) if axes.log_y else ys
    curve.setData(xs, ys)
    if not curve.isVisible():
        curve.show()
    return np.asarray(ys)
