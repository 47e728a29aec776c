"""The confusion matrix, and for regression what was predicted against what is true."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel

from netbuilder.gui import numbers
from netbuilder.gui.confusion_table import ConfusionTable
from netbuilder.gui.controls import ReadOut, Segments
from netbuilder.gui.panels.live import LivePanel
from netbuilder.gui.plotting import Plot, thin_pen
from netbuilder.gui.probe import Look
from netbuilder.gui.store import Store
from netbuilder.gui.theme import Theme, ThemeManager
from netbuilder.training.snapshot import Snapshot

if TYPE_CHECKING:
    from netbuilder.gui.training_bridge import TrainingBridge

MOST_POINTS = 2000
"""Of more examples, evenly chosen ones are drawn as points."""


class ConfusionPanel(LivePanel):
    """Counts for classes, points for regression, of the training, validation or test part."""

    def __init__(self, store: Store, bridge: TrainingBridge, themes: ThemeManager) -> None:
        super().__init__(store, bridge, themes)
        theme = themes.theme
        self.part = Segments(
            (
                ("train", self.tr("Training")),
                ("validation", self.tr("Validation")),
                ("test", self.tr("Test")),
            ),
            theme,
        )
        self.verdict = QLabel()
        self.verdict.setFont(numbers.tabular(self.verdict.font(), 0.9))
        self.errors = QLabel()
        self.errors.setFont(self.verdict.font())
        head = QHBoxLayout()
        head.addWidget(self.part)
        head.addStretch(1)
        self.table = ConfusionTable(theme)
        self.plot = Plot()
        self.plot.box.setMouseEnabled(False, False)
        self._points = pg.ScatterPlotItem(pxMode=True, size=5, antialias=True)
        self._diagonal = pg.PlotCurveItem(antialias=True)
        for item in (self._diagonal, self._points):
            self.plot.addItem(item, ignoreBounds=True)
        self.plot.name_axis("bottom", self.tr("true"))
        self.plot.name_axis("left", self.tr("predicted"))
        self.plot.hide()
        self.body.addLayout(head)
        self.body.addWidget(self.verdict)
        self.body.addWidget(self.errors)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.plot, 1)
        self.read_out = ReadOut(self, theme)
        self._at = QPoint()
        self.part.chosen.connect(self.mark_stale)
        self.table.pointed.connect(self._on_pointed)
        self._take_theme(theme)

    def apply_theme(self, theme: Theme) -> None:
        for part in (self.part, self.table, self.plot, self.read_out):
            part.apply_theme(theme)
        self._points.setBrush(theme.color("accent", 0.7))
        self._points.setPen(thin_pen(theme.color("panel")))
        self._diagonal.setPen(thin_pen(theme.color("strong_line"), 1, Qt.PenStyle.DashLine))
        for label in (self.verdict, self.errors):
            palette = label.palette()
            palette.setColor(label.foregroundRole(), theme.color("muted"))
            label.setPalette(palette)

    def refresh(self, look: Look, snapshot: Snapshot | None) -> None:
        for name, chip in self.part.chips.items():
            chip.setEnabled(getattr(look.dataset, name).m > 0)
        if not self.part.chips[self.part.choice].isEnabled():
            self.part.choose("train")
        regression = look.dataset.info.task == "regression"
        self.table.setVisible(not regression)
        self.plot.setVisible(regression)
        self.errors.setVisible(regression)
        if regression:
            self._show_points(look)
        else:
            self._show_counts(look)
        self._tell()

    def _show_counts(self, look: Look) -> None:
        part = self.part.choice
        counts = look.confusion(part)
        accuracy = look.metrics(part)["accuracy"]
        self._say_verdict(look, numbers.percent(accuracy))
        self.table.show_counts(counts, look.dataset.info.class_names)

    def _show_points(self, look: Look) -> None:
        part = self.part.choice
        seen = look.prediction(part)
        true, predicted = seen.part.Y.ravel(), seen.Y_hat.ravel()
        measures = look.metrics(part)
        self._say_verdict(look, f"R² {numbers.number(measures['r2'])}")
        self.errors.setText(
            self.tr("MAE {mae} · RMSE {rmse}").format(
                mae=numbers.number(measures["mae"]), rmse=numbers.number(measures["rmse"])
            )
        )
        finite = np.isfinite(predicted)
        true, predicted = true[finite], predicted[finite]
        if len(true) > MOST_POINTS:
            rows = np.linspace(0, len(true) - 1, MOST_POINTS).astype(np.intp)
            true, predicted = true[rows], predicted[rows]
        low = float(min(true.min(initial=0.0), predicted.min(initial=0.0)))
        high = float(max(true.max(initial=0.0), predicted.max(initial=0.0)))
        margin = 0.05 * ((high - low) or 1.0)
        self._points.setData(x=true, y=predicted)
        self._diagonal.setData([low - margin, high + margin], [low - margin, high + margin])
        whole = (low - margin, high + margin)
        self.plot.box.setRange(xRange=whole, yRange=whole, padding=0)

    def _say_verdict(self, look: Look, said: str) -> None:
        """The one number of the whole part, and of how many examples it is."""
        seen = look.prediction(self.part.choice)
        if seen.complete:
            tip = self.tr("All {of} examples of this part.")
            text = self.tr("<b>{said}</b> of {m}")
        else:
            tip = self.tr("{m} of {of} examples, evenly chosen, while training goes on.")
            text = self.tr("<b>{said}</b> of a sample")
        values = {"said": said, "m": f"{seen.part.m:,}", "of": f"{seen.of:,}"}
        self.verdict.setText(text.format(**values))
        self.verdict.setToolTip(tip.format(**values))

    def _on_pointed(self, at: QPoint) -> None:
        self._at = at
        self._tell()

    def _tell(self) -> None:
        text = self.table.text_at_mouse if self.table.isVisible() else ""
        if text:
            self.read_out.show_at(self.table.mapTo(self, self._at), text)
        else:
            self.read_out.hide()
