"""The points of the boundary: rings around those that are wrong and the one chosen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF

from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.widgets.plot import Plot, thin_pen
from netbuilder.lens.cases import Example
from netbuilder.lens.look import Look
from netbuilder.lens.mistakes import wrong_rows

Array = NDArray[Any]

_REACH = 9.0
"""How near to a point, in pixels, a click has to be."""


class Marks:
    """Knows where the points of each part lie, and rings them."""

    def __init__(self, plot: Plot) -> None:
        self._plot = plot
        self._places: dict[str, tuple[Array, Array, Array]] = {}
        self.wrong = pg.ScatterPlotItem(pxMode=True, size=10.5, antialias=True)
        self.chosen = pg.ScatterPlotItem(pxMode=True, size=17, antialias=True)
        for item in (self.wrong, self.chosen):
            item.setBrush(pg.mkBrush(None))
            plot.addItem(item, ignoreBounds=True)
        self._ringed: tuple[Array, Array] = np.empty(0), np.empty(0)

    def apply_theme(self, theme: Theme) -> None:
        self.wrong.setPen(thin_pen(theme.color("error"), 1.2))
        self.chosen.setPen(thin_pen(theme.color("text"), 2.4))

    def lay(self, part: str, x: Array, y: Array, rows: Array) -> None:
        """Where these examples of a part are drawn; those that have several points come again."""
        self._places[part] = x, y, rows

    def show(self, look: Look, example: Example | None) -> None:
        """Rings what is seen to be wrong now, and the example; raises NotYet."""
        self._show_chosen(example)
        found = []
        for part, (x, y, rows) in self._places.items():
            at = np.isin(rows, wrong_rows(look, part))
            found.append((x[at], y[at]))
        xs, ys = (np.concatenate(axis) for axis in zip(*found, strict=True))
        before, self._ringed = self._ringed, (xs, ys)
        # To lay out rings costs more than to see that they are the same.
        if len(before[0]) != len(xs) or not (before[0] == xs).all() or not (before[1] == ys).all():
            self.wrong.setData(x=xs, y=ys)

    def _show_chosen(self, example: Example | None) -> None:
        x, y, rows = self._places.get(example.part if example else "", (np.empty(0),) * 3)
        at = np.flatnonzero(rows == example.row) if example is not None else np.empty(0, int)
        self.chosen.setData(x=x[at], y=y[at])

    def at(self, place: QPointF) -> Example | None:
        """The example whose point lies nearest to a place in the plot, in its pixels."""
        scene = self._plot.mapToScene(place.toPoint())
        # Pixels are not as wide as high in the data's units.
        here, unit = self._plot.box.mapSceneToView(scene), self._plot.box.viewPixelSize()
        best: tuple[float, Example] | None = None
        for part, (x, y, rows) in self._places.items():
            if not len(rows):
                continue
            away = np.hypot((x - here.x()) / unit[0], (y - here.y()) / unit[1])
            nearest = int(away.argmin())
            if away[nearest] <= _REACH and (best is None or away[nearest] < best[0]):
                best = float(away[nearest]), Example(part, int(rows[nearest]))
        return None if best is None else best[1]
