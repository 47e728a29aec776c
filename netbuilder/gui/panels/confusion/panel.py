"""The confusion matrix, for regression predicted against true, and the metrics of either."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel

from netbuilder import numbers
from netbuilder.data.dataset import evenly
from netbuilder.gui.centre import Centre
from netbuilder.gui.panels.confusion.figures import Figure, Figures
from netbuilder.gui.panels.confusion.ranking import RankingPlot
from netbuilder.gui.panels.confusion.table import ConfusionTable
from netbuilder.gui.panels.live import LivePanel
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.widgets.controls import ReadOut, Segments
from netbuilder.gui.widgets.fonts import tabular
from netbuilder.gui.widgets.plot import Plot, thin_pen
from netbuilder.lens.cases import Example, class_of
from netbuilder.lens.later import NotYet
from netbuilder.lens.look import Look
from netbuilder.lens.mistakes import Sight, rows_of
from netbuilder.runs.snapshot import Snapshot

MOST_POINTS = 2000
"""Of more examples, evenly chosen ones are drawn as points."""
ROOMY = 310
"""Pixels of width from which shares have a decimal."""


class ConfusionPanel(LivePanel):
    """Counts for classes, points for regression, of the training, validation or test part."""

    def __init__(self, centre: Centre) -> None:
        super().__init__(centre)
        theme = self.themes.theme
        self.part = Segments(
            (
                ("train", self.tr("Training")),
                ("validation", self.tr("Validation")),
                ("test", self.tr("Test")),
            ),
            theme,
        )
        self.count = QLabel()
        self.count.setFont(tabular(self.count.font(), 0.9))
        self.count.setProperty("tone", "muted")
        self.figures = Figures()
        self.setMinimumWidth(0)  # as wide as the figures need
        head = QHBoxLayout()
        head.addWidget(self.part)
        head.addStretch(1)
        head.addWidget(self.count)
        self.table = ConfusionTable(theme)
        self.plot = Plot()
        self.plot.box.setMouseEnabled(False, False)
        self._points = pg.ScatterPlotItem(pxMode=True, size=5, antialias=True)
        self._diagonal = pg.PlotCurveItem(antialias=True)
        for item in (self._diagonal, self._points):
            self.plot.addItem(item, ignoreBounds=True)
        self.plot.hide()
        self.shown = Segments(
            (("predicted", self.tr("Predicted")), ("residuals", self.tr("Residuals"))), theme
        )
        self.shown.setToolTip(self.tr("A residual is what is true less what is predicted."))
        self.shown.hide()
        self.shown.chosen.connect(self.mark_stale)
        self.kind = Segments(
            (
                ("counts", self.tr("Counts")),
                ("roc", "ROC"),
                ("precision", self.tr("Precision–recall")),
            ),
            theme,
        )
        self.kind.setToolTip(
            self.tr("How well the outputs tell each class from the rest, wherever they are cut.")
        )
        self.kind.chosen.connect(self.mark_stale)
        self.curves = RankingPlot()
        self.curves.hide()
        self.curves.told.connect(self._on_curve)
        self.body.addLayout(head)
        self.body.addWidget(self.figures)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.plot, 1)
        self.body.addWidget(self.curves, 1)
        self.body.addWidget(self.kind, 0, Qt.AlignmentFlag.AlignHCenter)
        self.body.addWidget(self.shown, 0, Qt.AlignmentFlag.AlignHCenter)
        self.read_out = ReadOut(self, theme)
        self._at = QPoint()
        self.part.chosen.connect(self.mark_stale)
        self.table.pointed.connect(self._on_pointed)
        self.table.clicked.connect(self._on_clicked)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # after a click it has the arrow keys
        self.cursor_.examples.changed.connect(self.mark_stale)
        self._take_theme(theme)

    def apply_theme(self, theme: Theme) -> None:
        for part in (
            *(self.part, self.shown, self.kind),
            *(self.table, self.plot, self.curves, self.read_out),
        ):
            part.apply_theme(theme)
        self._points.setBrush(theme.color("accent", 0.7))
        self._points.setPen(thin_pen(theme.color("panel")))
        self._diagonal.setPen(thin_pen(theme.color("strong_line"), 1, Qt.PenStyle.DashLine))

    def refresh(self, look: Look, snapshot: Snapshot | None) -> None:
        for name, chip in self.part.chips.items():
            chip.setEnabled(getattr(look.dataset, name).m > 0)
        if not self.part.chips[self.part.choice].isEnabled():
            self.part.choose("train")
        regression = look.dataset.info.task == "regression"
        tabled = self.kind.choice == "counts"
        self.table.setVisible(not regression and tabled)
        self.curves.setVisible(not regression and not tabled)
        self.kind.setVisible(not regression)
        self.plot.setVisible(regression)
        self.shown.setVisible(regression)
        self._show_count(look)
        if regression:
            self.figures.show_figures(self._errors(look))
            self._show_points(look)
        else:
            self.figures.show_figures(self._scores(look))
            self._show_classes(look, tabled)
        self._tell()

    def _show_classes(self, look: Look, tabled: bool) -> None:
        """The table, or a curve for each class."""
        part, names = self.part.choice, look.dataset.info.class_names
        if tabled:
            self.table.marked = self._cell_of_chosen(look)
            self.table.show_counts(look.confusion(part), names)
        else:
            self.curves.show_rankings(look.rankings(part), self.kind.choice, names)

    def _scores(self, look: Look) -> list[Figure]:
        """The metrics of classes."""
        values = look.metrics(self.part.choice)
        accuracy = numbers.percent(values["accuracy"])
        digits = 1 if self.width() >= ROOMY else 0
        whole = numbers.percent(1.0, digits)
        precision, recall = (
            numbers.percent(values[name], digits) for name in ("precision", "recall")
        )
        f1, area = (_share(values[name]) for name in ("f1", "roc_auc"))
        if look.dataset.info.task == "binary":
            of = self.tr("Of class {name}.").format(name=look.dataset.info.class_names[1])
        else:
            of = self.tr("The mean over all classes.")
        right = self.tr("The share of examples whose class is predicted right.")
        taken = self.tr("The share of right ones among those that are taken for a class.")
        found = self.tr("The share of a class that is recognised.")
        mean = self.tr("The harmonic mean of precision and recall.")
        ranked = self.tr(
            "The area under the ROC curve: how often an example of a class gets a higher output "
            "for it than an example of another; 0.5 is chance."
        )
        return [
            Figure(self.tr("accuracy"), accuracy, "100.0 %", right),
            Figure(self.tr("precision"), precision, whole, f"{taken} {of}"),
            Figure(self.tr("recall"), recall, whole, f"{found} {of}"),
            Figure("F1", f1, "0.000", f"{mean} {of}"),
            Figure("AUC", area, "0.000", f"{ranked} {of}"),
        ]

    def _errors(self, look: Look) -> list[Figure]:
        """The metrics of a regression."""
        values = look.metrics(self.part.choice)
        r2, mae, rmse = (numbers.number(values[name]) for name in ("r2", "mae", "rmse"))
        explained = self.tr("The share of the target's variance that is explained; 1 is perfect.")
        mean = self.tr("The mean absolute error, in the target's units.")
        root = self.tr("The root of the mean squared error, in the target's units.")
        return [
            Figure("R²", r2, "−8.88·10⁻⁸", explained),
            Figure("MAE", mae, "8.88·10⁻⁸", mean),
            Figure("RMSE", rmse, "8.88·10⁻⁸", root),
        ]

    def _show_points(self, look: Look) -> None:
        seen = look.prediction(self.part.choice)
        true, predicted = seen.part.Y.ravel(), seen.Y_hat.ravel()
        finite = np.isfinite(predicted)
        true, predicted = true[finite], predicted[finite]
        if len(true) > MOST_POINTS:
            rows = evenly(len(true), MOST_POINTS)
            true, predicted = true[rows], predicted[rows]
        target = ", ".join(look.dataset.info.target_names)
        told = self.tr("predicted {target}").format(target=target)
        if self.shown.choice == "residuals":
            self.plot.name_axis("bottom", told)
            self.plot.name_axis("left", self.tr("residual"))
            across, up = predicted, true - predicted
            xs = _with_margin(across)
            # Around zero, so that one sees at once on which side most of them lie.
            size = float(np.abs(up).max(initial=0.0)) or 1.0
            ys, line = _with_margin(np.array([-size, size])), (0.0, 0.0)
        else:
            self.plot.name_axis("bottom", self.tr("true {target}").format(target=target))
            self.plot.name_axis("left", told)
            across, up = true, predicted
            xs = ys = line = _with_margin(np.concatenate([true, predicted]))
        self._points.setData(x=across, y=up)
        self._diagonal.setData(list(xs), list(line))
        self.plot.box.setRange(xRange=xs, yRange=ys, padding=0)

    def _show_count(self, look: Look) -> None:
        """Of how many examples all this is."""
        seen = look.prediction(self.part.choice)
        if seen.complete:
            text, tip = f"m = {seen.of:,}", self.tr("All {of} examples of this part.")
        else:
            text = self.tr("a sample")
            tip = self.tr("{m} of {of} examples, evenly chosen, while training goes on.")
        self.count.setText(text)
        self.count.setToolTip(tip.format(m=f"{seen.part.m:,}", of=f"{seen.of:,}"))

    def _cell_of_chosen(self, look: Look) -> tuple[int, int] | None:
        case = self.cursor_.examples.case(look)
        if case is None or case.example.part != self.part.choice:
            return None
        return class_of(look.dataset, case.y), class_of(look.dataset, case.Y_hat)

    def _on_clicked(self, true: int, said: int) -> None:
        """Brings the examples of a cell, and looks at the dearest of them."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        look, sight = self.cursor_.look(), Sight(self.part.choice, cell=(true, said))
        if look is None:
            return
        self.cursor_.examples.bring(sight)
        try:
            rows = rows_of(look, sight)
        except NotYet:
            return  # they are shown when they are known
        if len(rows):
            example = Example(sight.part, int(rows[0]))
            self.cursor_.examples.hold(example, look.dataset, rows)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.cursor_.examples.press(event):
            super().keyPressEvent(event)

    def _on_pointed(self, at: QPoint) -> None:
        self._at = at
        self._tell()

    def _on_curve(self, words: str, at: QPoint) -> None:
        if words:
            self.read_out.show_at(self.curves.mapTo(self, at), words)
        else:
            self.read_out.hide()

    def _tell(self) -> None:
        if self.curves.isVisible():
            return
        text = self.table.text_at_mouse if self.table.isVisible() else ""
        if text:
            self.read_out.show_at(self.table.mapTo(self, self._at), text)
        else:
            self.read_out.hide()


def _with_margin(values: NDArray[Any]) -> tuple[float, float]:
    """From a little below the smallest to a little above the largest."""
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    margin = 0.05 * ((high - low) or abs(high) or 1.0)
    return low - margin, high + margin


def _share(value: float) -> str:
    """Three decimals, as is usual of F1 and areas: 0.967."""
    return "–" if np.isnan(value) else f"{value:.3f}"
