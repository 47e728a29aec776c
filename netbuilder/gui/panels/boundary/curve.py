"""The curve fit: what the network says along its only input, with the examples on it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from netbuilder.data.dataset import Dataset, Part, evenly
from netbuilder.gui.panels.boundary.points import Marks
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.widgets.plot import Curve, Plot, thin_pen
from netbuilder.lens.look import Look

Array = NDArray[Any]

_MOST_POINTS = 2000
"""Of a larger part, evenly chosen points are drawn."""
_MARGIN = 0.06


class CurveFit(Plot):
    """One line for each output, and points: filled to learn from, hollow to validate with.

    Numbers stand in their own units; of classes it is their probability, and an example of a class
    lies on the line of 1 of that class.
    """

    def __init__(self) -> None:
        super().__init__()
        self.box.setMouseEnabled(False, False)
        self._lines: list[Curve] = []
        self._points = pg.ScatterPlotItem(pxMode=True, size=6, antialias=True)
        self._hollow = pg.ScatterPlotItem(pxMode=True, size=6.5, antialias=True)
        for item in (self._points, self._hollow):
            self.addItem(item, ignoreBounds=True)
        self.marks = Marks(self)
        self._plotted: object = None
        self._theme: Theme | None = None
        self._reach = (0.0, 1.0)

    def apply_theme(self, theme: Theme) -> None:
        super().apply_theme(theme)
        self.marks.apply_theme(theme)
        self._theme, self._plotted = theme, None

    def show_look(self, look: Look, value_name: str) -> None:
        """``value_name`` is what the axis of the output is called."""
        x, Y = look.curve()
        self._show_lines(look.dataset, x, Y)
        if self._plotted is not look.dataset:
            self._plotted = look.dataset
            self.name_axis("bottom", look.dataset.info.feature_names[0])
            self.name_axis("left", value_name)
            self._show_points(look.dataset)
        low, high = self._reach
        margin = 0.0
        if look.dataset.info.target_names[0] not in look.dataset.extent:
            finite = Y[np.isfinite(Y)]
            low = min(low, float(finite.min(initial=low)))
            high = max(high, float(finite.max(initial=high)))
            margin = _MARGIN * ((high - low) or 1.0)
        self.box.setRange(
            xRange=(float(x[0]), float(x[-1])), yRange=(low - margin, high + margin), padding=0
        )
        self.settle()

    def show_nothing(self) -> None:
        """Neither line nor points."""
        self._plotted = None
        self._points.clear()
        self._hollow.clear()
        for line in self._lines:
            line.hide()

    def show_points(self, shown: bool) -> None:
        self._points.setVisible(shown)
        self._hollow.setVisible(shown)

    def _show_lines(self, dataset: Dataset, x: Array, Y: Array) -> None:
        while len(self._lines) < Y.shape[1]:
            self._lines.append(Curve(z=5.0, strong=True))
            self.addItem(self._lines[-1], ignoreBounds=True)
        for k, line in enumerate(self._lines):
            line.setVisible(k < Y.shape[1])
            if k < Y.shape[1]:
                finite = np.isfinite(Y[:, k])
                line.setPen(thin_pen(self._color(dataset, k, of_line=True)))
                line.setData(x[finite], Y[finite, k])

    def _show_points(self, dataset: Dataset) -> None:
        assert self._theme is not None
        low, high = 0.0, 1.0
        for item, part, filled in (
            (self._points, dataset.train, True),
            (self._hollow, dataset.validation, False),
        ):
            rows = evenly(part.m, _MOST_POINTS)
            x, y, colors = self._places(dataset, part, rows)
            self.marks.lay("train" if filled else "validation", x, y, np.resize(rows, len(x)))
            if filled and dataset.info.task == "regression":
                ends = dataset.extent.get(dataset.info.target_names[0], (y.min(), y.max()))
                low, high = min(ends[0], float(y.min())), max(ends[1], float(y.max()))
            pens = {c: thin_pen(QColor(c), 1.4) for c in set(colors)}
            rim, pale = thin_pen(self._theme.color("panel"), 1), self._theme.color("panel", 0.35)
            item.setData(
                x=x,
                y=y,
                brush=[pg.mkBrush(c) for c in colors] if filled else pg.mkBrush(pale),
                pen=rim if filled else [pens[c] for c in colors],
            )
        self._reach = low, high

    def _places(self, dataset: Dataset, part: Part, rows: Array) -> tuple[Array, Array, list[str]]:
        X, Y = part.X[rows], part.Y[rows]
        if dataset.scaling is not None:
            X = dataset.scaling.undo(X)
        x = X[:, 0]
        if dataset.info.task == "regression":
            Y = dataset.in_units(Y)
            outputs = Y.shape[1]
            colors = [self._color(dataset, k).name() for k in range(outputs) for _ in rows]
            return np.tile(x, outputs), Y.T.ravel(), colors
        if dataset.info.task == "binary":
            codes = (Y[:, 0] > 0.5).astype(int)
            return x, Y[:, 0], [self._class_color(code).name() for code in codes]
        return x, np.ones(len(x)), [self._class_color(code).name() for code in Y.argmax(axis=1)]

    def _color(self, dataset: Dataset, output: int, *, of_line: bool = False) -> QColor:
        assert self._theme is not None
        if dataset.info.task == "classes":
            return self._class_color(output)
        if dataset.info.task == "binary":
            return self._class_color(1)
        if dataset.info.n_y > 1:
            return self._class_color(output)
        return self._theme.color("text" if of_line else "accent")

    def _class_color(self, code: int) -> QColor:
        assert self._theme is not None
        return QColor(self._theme.classes[int(code) % len(self._theme.classes)])
