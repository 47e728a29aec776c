"""A marker on the cost curve: a thin line at one epoch, and a dot on every line there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor

from netbuilder.gui.panels.cost_curve.trace import Trace
from netbuilder.gui.widgets.plot import Plot, thin_pen


@dataclass(frozen=True, eq=False)
class Line:
    """One line of the plot."""

    curve: pg.PlotCurveItem
    trace: Trace
    label: str
    color: QColor
    part: str
    """ "train" or "validation"."""
    until: float
    """The epoch that its run has come to."""
    run: int = 0
    """The number of its run, where that is not the one in front."""


@dataclass(frozen=True)
class Axes:
    """Which of the axes are logarithmic."""

    log_x: bool = False
    log_y: bool = False

    def put(self, x: float, y: float) -> tuple[float, float] | None:
        """A point in the plot's own units; None where a logarithmic axis has no place for it."""
        if (self.log_x and x <= 0) or (self.log_y and y <= 0):
            return None
        return (
            float(np.log10(x)) if self.log_x else x,
            float(np.log10(y)) if self.log_y else y,
        )

    def x_range(self, lines: Sequence[Line], least: float = 0.0) -> tuple[float, float]:
        """From the first epoch to the last, in the plot's own units; to ``least`` at least."""
        low = min((float(line.trace.x[0]) for line in lines), default=0.0)
        high = max([float(line.trace.x[-1]) for line in lines] + [least])
        if self.log_x:
            return float(np.log10(max(low, 1.0))), float(np.log10(max(high, 10.0)))
        return low, max(high, low + 10.0)

    def y_range(
        self, drawn: Sequence[np.ndarray], most: float = np.inf, shares: bool = False
    ) -> tuple[float, float]:
        """What shows all that is drawn but for peaks, in the plot's own units: from 0 if near.

        What lies above ``most`` is a peak, too, on an axis that is not logarithmic; of shares,
        which end at 1, nothing is.
        """
        filled = [ys for ys in drawn if len(ys)]
        if not filled:
            return (-2.0, 0.0) if self.log_y else (0.0, 1.0)
        low, high = min(ys.min() for ys in filled), max(ys.max() for ys in filled)
        if not self.log_y:
            if not shares:
                high = min(high, _ceiling(filled, low), max(most, low))
            if 0 <= low < 0.4 * high:
                low = 0.0
        # A curve that only trembles is a flat line, not a band of noise.
        least = _LEAST_DECADES if self.log_y else max(abs(high) * _LEAST_SHARE, 1e-9)
        if high - low < least:
            middle = (high + low) / 2
            low, high = middle - least / 2, middle + least / 2
        span = high - low
        return float(low - (0.04 * span if low else 0.0)), float(high + 0.06 * span)


def _ceiling(drawn: Sequence[np.ndarray], low: float) -> float:
    """Beyond it lie only peaks, which would flatten the rest; every line's start lies below."""
    start = max(ys[:2].max() for ys in drawn)
    peak = low + _PEAK * (np.median(np.concatenate(drawn)) - low)
    # What rises for most of the width lifts the median with it; the lower quarter stays.
    risen = max(float(ys.min() + _PEAK * (np.quantile(ys, 0.25) - ys.min())) for ys in drawn)
    return float(max(start, min(peak, max(2 * start, risen))))


_PEAK = 8.0
"""So many times as high above the lowest point as the median: a peak."""
_LEAST_SHARE, _LEAST_DECADES = 0.02, 0.02
"""The least span of the cost axis, as a share of the cost; and of a logarithmic one."""


class Marker:
    """One for the mouse, and one for a moment that is looked at after it has gone by."""

    def __init__(self, plot: Plot) -> None:
        self.line = pg.InfiniteLine(angle=90, movable=False)
        self.dots = pg.ScatterPlotItem(size=7, pxMode=True)
        for item in (self.line, self.dots):
            item.setZValue(5)
            item.hide()
            plot.addItem(item, ignoreBounds=True)

    def set_color(self, color: QColor) -> None:
        self.line.setPen(thin_pen(color))

    def show(self, epoch: float, places: Iterable[tuple[Line, int]], axes: Axes) -> None:
        """places: lines of the plot, each with the index of its point that gets a dot."""
        self.line.setPos(float(np.log10(epoch)) if axes.log_x and epoch > 0 else epoch)
        spots = []
        for line, index in places:
            at = axes.put(float(line.trace.x[index]), float(line.trace.y[index]))
            if at is not None:
                spots.append({"pos": at, "brush": line.color, "pen": None})
        self.dots.setData(spots)
        self._set_visible(True)

    def hide(self) -> None:
        self._set_visible(False)

    def _set_visible(self, visible: bool) -> None:
        for item in (self.line, self.dots):
            item.setVisible(visible)
