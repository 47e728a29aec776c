"""The plot of rankings: ROC or precision over recall, a curve for each class."""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QColor

from netbuilder.data.dataset import Array, evenly
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.widgets.plot import Curve, Plot, thin_pen
from netbuilder.lens.ranking import Ranking

_POINTS = 400
"""So many of a curve's points are drawn, evenly chosen."""
_NEAR = 0.08
"""How near to a curve, as a share of the axis, the mouse has to be."""


class RankingPlot(Plot):
    """Of a binary task the point where the threshold is one half is marked."""

    told = Signal(str, QPoint)
    """(rich text, where in this widget) of the curve under the mouse; "" for none."""

    def __init__(self) -> None:
        super().__init__()
        self.box.setMouseEnabled(False, False)
        self._lines: list[Curve] = []
        self._chance = pg.PlotCurveItem(antialias=True)
        self.at_half = pg.ScatterPlotItem(pxMode=True, size=10, antialias=True)
        self.at_half.setZValue(10)
        for item in (self._chance, self.at_half):
            self.addItem(item, ignoreBounds=True)
        self._theme: Theme | None = None
        self._shown: tuple[tuple[Ranking, ...], str, Sequence[str]] = (), "roc", ()
        self.box.setRange(xRange=(-0.02, 1.02), yRange=(-0.02, 1.04), padding=0)
        self.pointed.connect(self._on_pointed)

    def apply_theme(self, theme: Theme) -> None:
        super().apply_theme(theme)
        self._theme = theme
        self._chance.setPen(thin_pen(theme.color("strong_line"), 1, Qt.PenStyle.DashLine))
        self.at_half.setPen(thin_pen(theme.color("panel"), 1.5))
        self._draw()

    def show_rankings(self, found: tuple[Ranking, ...], kind: str, names: Sequence[str]) -> None:
        """``kind`` is "roc" or "precision"."""
        roc = kind == "roc"
        if kind != self._shown[1] or not self._shown[2]:
            across, up = self.tr("false positive rate"), self.tr("true positive rate")
            if not roc:
                across, up = self.tr("recall"), self.tr("precision")
            self.name_axis("bottom", across)
            self.name_axis("left", up)
        self._shown = found, kind, names
        self._draw()
        self.settle()

    def _draw(self) -> None:
        (found, kind, _), theme = self._shown, self._theme
        assert theme is not None
        while len(self._lines) < len(found):
            self._lines.append(Curve(z=5.0, strong=True))
            self.addItem(self._lines[-1], ignoreBounds=True)
        for number, line in enumerate(self._lines):
            line.setVisible(number < len(found))
            if number < len(found):
                x, y = _curve(found[number], kind)
                rows = evenly(len(x), _POINTS)
                line.setPen(thin_pen(_color(theme, found[number])))
                line.setData(x[rows], y[rows])
        roc = kind == "roc"
        self._chance.setData([0, 1] if roc else [], [0, 1] if roc else [])
        binary = len(found) == 1
        false_rate, recall, precision = found[0].at_half if binary else (np.nan,) * 3
        at = (false_rate, recall) if roc else (recall, precision)
        self.at_half.setData(x=[at[0]] if binary else [], y=[at[1]] if binary else [])
        if binary:
            self.at_half.setBrush(_color(theme, found[0]))

    def _on_pointed(self, at: QPointF | None) -> None:
        found, kind, names = self._shown
        best: tuple[float, Ranking] | None = None
        for ranking in found if at is not None else ():
            assert at is not None
            x, y = _curve(ranking, kind)
            away = float(np.hypot(x - at.x(), y - at.y()).min())
            if away <= _NEAR and (best is None or away < best[0]):
                best = away, ranking
        if best is None or at is None or self._theme is None:
            self.told.emit("", QPoint())
            return
        ranking, color = best[1], _color(self._theme, best[1]).name()
        what, value = "AUC", ranking.area
        if kind != "roc":
            what, value = self.tr("average precision"), ranking.average_precision
        name = html.escape(names[ranking.code])
        words = f'<span style="color:{color}">●</span> {name}: {what} {value:.3f}'
        self.told.emit(words, self.mapFromScene(self.box.mapViewToScene(at)))


def _curve(ranking: Ranking, kind: str) -> tuple[Array, Array]:
    """x and y of its points."""
    if kind == "roc":
        return ranking.false_rate, ranking.recall
    return ranking.recall, ranking.precision


def _color(theme: Theme, ranking: Ranking) -> QColor:
    return QColor(theme.classes[ranking.code % len(theme.classes)])
