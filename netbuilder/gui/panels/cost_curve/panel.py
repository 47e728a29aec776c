"""The cost curve: how cost and accuracy went, epoch by epoch, for this run and pinned ones."""

from __future__ import annotations

import html

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider

from netbuilder.gui.centre import Centre
from netbuilder.gui.panels.cost_curve.marker import Axes, Line, Marker
from netbuilder.gui.panels.cost_curve.run_traces import RunTraces
from netbuilder.gui.panels.cost_curve.setting_marks import SettingMarks
from netbuilder.gui.panels.cost_curve.trace import Trace, nearest
from netbuilder.gui.panels.cost_curve.words import Legend, told, told_of, value_text
from netbuilder.gui.panels.live import LivePanel
from netbuilder.gui.panels.registry import PANELS, Panel, Spot
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.theme.translation import QT_TRANSLATE_NOOP, tr_message
from netbuilder.gui.widgets.controls import Chip, ReadOut, Segments
from netbuilder.gui.widgets.fonts import tabular
from netbuilder.gui.widgets.plot import Curve, Plot, thin_pen
from netbuilder.lens.look import Look
from netbuilder.runs.snapshot import Snapshot

PINS = 4
"""So many earlier runs are remembered; pinning another lets the oldest go."""
MARKS = 60
"""So many of the latest changes of settings are marked."""


class CostCurvePanel(LivePanel):
    """Follows the run until the user zooms; "Fit" follows again."""

    def __init__(self, centre: Centre) -> None:
        super().__init__(centre)
        theme = self.themes.theme
        self.run: RunTraces | None = None
        self.pinned: list[RunTraces] = []
        self.measure = Segments(
            (("cost", self.tr("Cost")), ("accuracy", self.tr("Accuracy"))), theme
        )
        self.log = QLabel(self.tr("log"))
        self.log.setFont(tabular(self.log.font(), 0.9))
        self.log_x, self.log_y = Chip("x", theme), Chip("y", theme)
        self.log_x.setToolTip(self.tr("Epochs on a logarithmic axis."))
        self.log_y.setToolTip(self.tr("Values on a logarithmic axis."))
        self.pin = Chip(self.tr("Pin"), theme, "pin")
        self.pin.setToolTip(self.tr("Keeps this run's curves behind those of later runs."))
        self.fit = Chip(self.tr("Fit"), theme, "fit")
        self.fit.setToolTip(
            self.tr("Shows the whole run and follows it; zooming by hand stops that.")
        )
        self.fit.setChecked(True)
        head = QHBoxLayout()
        head.setSpacing(2)
        head.addWidget(self.measure)
        head.addStretch(1)
        for part in (self.log, self.log_x, self.log_y):
            head.addWidget(part)
        head.addSpacing(4)
        head.addWidget(self.pin)
        head.addWidget(self.fit)
        self.legend = Legend()
        self.smoothing = QSlider(Qt.Orientation.Horizontal)
        self.smoothing.setRange(0, 100)
        self.smoothing.setFixedWidth(64)
        self.smoothing.setToolTip(
            self.tr("Smoothing: the raw line stays pale behind the smooth one.")
        )
        self.smoothing.setAccessibleName(self.tr("Smoothing"))
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(self.legend, 1)
        below.addWidget(self.smoothing)
        self.plot = Plot()
        self.body.addLayout(head)
        self.body.addLayout(below)
        self.body.addWidget(self.plot, 1)
        self.read_out = ReadOut(self, theme)
        self._pointed: QPointF | None = None
        self._updates = self._curve(-3)
        self._raw = [self._curve(-2), self._curve(-2)]
        self._pin_curves = [self._curve(-4) for _ in range(2 * PINS)]
        self._main = [self._curve(1, strong=True), self._curve(0, strong=True)]
        self._lines: list[Line] = []
        self.crosshair, self.moment_mark = Marker(self.plot), Marker(self.plot)
        self.marks = SettingMarks(self.plot, theme)
        self.plot.setToolTip("")
        self.plot.box.setMouseMode(pg.ViewBox.PanMode)
        self.plot.box.sigRangeChangedManually.connect(self._on_zoomed)
        self.plot.box.sigResized.connect(self.mark_stale)
        self.plot.pointed.connect(self._on_pointed)
        self.plot.double_clicked.connect(self._fit)
        self.fit.clicked.connect(self._fit)
        self.pin.clicked.connect(self._on_pin)
        self.legend.linkActivated.connect(self._on_unpin)
        self.measure.chosen.connect(self._fit)
        for chip in (self.log_x, self.log_y):
            chip.clicked.connect(self._on_axes)
        self.smoothing.valueChanged.connect(self.mark_stale)
        self.plot.name_axis("bottom", self.tr("epoch"))
        self._take_theme(theme)

    def _curve(self, z: float, strong: bool = False) -> Curve:
        curve = Curve(z, strong)
        self.plot.addItem(curve, ignoreBounds=True)
        return curve

    def apply_theme(self, theme: Theme) -> None:
        for part in (self.measure, self.log_x, self.log_y, self.pin, self.fit, self.read_out):
            part.apply_theme(theme)
        self.plot.apply_theme(theme)
        self.marks.apply_theme(theme)
        self.plot.plotItem.getAxis("left").setGrid(255)
        colors = self._colors(theme)
        for number, color in enumerate(colors):
            self._main[number].setPen(thin_pen(color))
            pale = QColor(color)
            pale.setAlphaF(0.3)
            self._raw[number].setPen(thin_pen(pale))
        pale = QColor(colors[0])
        pale.setAlphaF(0.22)
        self._updates.setPen(thin_pen(pale))
        for number, curve in enumerate(self._pin_curves):
            style = Qt.PenStyle.DashLine if number % 2 else Qt.PenStyle.SolidLine
            curve.setPen(thin_pen(self._pin_color(number // 2), 1, style))
        self.crosshair.set_color(theme.color("strong_line"))
        self.moment_mark.set_color(theme.color("accent"))
        for label in (self.legend, self.log):
            palette = label.palette()
            palette.setColor(label.foregroundRole(), theme.color("muted"))
            label.setPalette(palette)

    def _colors(self, theme: Theme) -> tuple[QColor, QColor]:
        """Training and validation. Blue and orange are left to signs and classes."""
        return theme.color("accent"), QColor(theme.classes[3])

    def _pin_color(self, number: int) -> QColor:
        theme = self.themes.theme
        return theme.color("muted", (0.85, 0.65, 0.5, 0.4)[number])

    # --- following the run -------------------------------------------------------------------

    def refresh(self, look: Look, snapshot: Snapshot | None) -> None:
        has_classes = look.dataset.info.task != "regression"
        self.measure.chips["accuracy"].setEnabled(has_classes)
        if not has_classes and self.measure.choice == "accuracy":
            self.measure.choose("cost")
        self._follow(snapshot)

    def refresh_without_network(self, snapshot: Snapshot | None) -> bool:
        """What was, stays in view while the network is being edited."""
        if self.run is not None:
            self._follow(snapshot)
        return self.run is not None

    def _follow(self, snapshot: Snapshot | None) -> None:
        if snapshot is not None and (self.run is None or self.run.log is not snapshot.log):
            pinned = (run for run in self.pinned if run.log is snapshot.log)
            self.run = next(pinned, None) or RunTraces(snapshot.run, snapshot.log)
        left = self.plot.plotItem.getAxis("left")
        left.percent = self.measure.choice == "accuracy"
        if self.run is not None:
            self.run.follow()
        self.pin.setEnabled(self.run is not None and len(self.run.traces["train_cost"]) > 0)
        self.pin.setChecked(self.run is not None and self.run in self.pinned)
        self._draw()

    def _draw(self) -> None:
        self._lines = self._choose_lines()
        low, high = self._x_range()
        pixels = max(64, int(self.plot.box.width()))
        edges = np.linspace(low, high, pixels + 1)
        edges = 10.0 ** np.clip(edges, -300, 300) if self.log_x.isChecked() else edges
        extremes: list[np.ndarray] = []
        drawn: set[pg.PlotCurveItem] = set()
        for line in self._lines:
            _, ys = self._put(line.curve, line.trace, edges)
            extremes.append(ys)
            drawn.add(line.curve)
        drawn |= self._draw_pale(edges)
        for curve in (*self._main, *self._raw, *self._pin_curves, self._updates):
            if curve not in drawn and curve.isVisible():
                curve.hide()
        if self.fit.isChecked():
            bottom, top = self._axes.y_range(extremes)
            self.plot.box.setRange(xRange=(low, high), yRange=(bottom, top), padding=0)
        self._draw_marks()
        self._mark_moment()
        if self.legend.due or not self.cursor_.running:
            self._write_legend()
        self._tell()
        self.plot.settle()

    def _choose_lines(self) -> list[Line]:
        """What is drawn strong: this run's two lines, and the pinned runs' behind."""
        what = self.measure.choice
        names = self.tr("training"), self.tr("validation")
        lines: list[Line] = []
        if self.run is not None:
            for curve, part, label, color in zip(
                self._main,
                ("train", "validation"),
                names,
                self._colors(self.themes.theme),
                strict=True,
            ):
                trace = self.run.traces[f"{part}_{what}"]
                if len(trace):
                    lines.append(Line(curve, self._smooth(trace), label, color))
        for number, run in enumerate(self.pinned):
            if run is self.run:
                continue
            name = self.tr("run {number}").format(number=run.number)
            for offset, part in enumerate(("train", "validation")):
                trace = run.traces[f"{part}_{what}"]
                if len(trace):
                    label = name if not offset else self.tr("{run} validation").format(run=name)
                    curve = self._pin_curves[2 * number + offset]
                    lines.append(Line(curve, self._smooth(trace), label, self._pin_color(number)))
        return lines

    def _smooth(self, trace: Trace) -> Trace:
        share = self.smoothing.value() / 100
        # The slider's right half would otherwise do all the work: 0.5 -> 0.94, 1 -> 0.996.
        return trace.smoothed(1 - (1 - share) ** 4 * 0.996 - 0.004) if share else trace

    def _draw_pale(self, edges: np.ndarray) -> set[pg.PlotCurveItem]:
        """The raw lines behind the smooth ones, and the single updates behind the epochs' means."""
        drawn: set[pg.PlotCurveItem] = set()
        if self.run is None:
            return drawn
        what = self.measure.choice
        if self.smoothing.value():
            for curve, part in zip(self._raw, ("train", "validation"), strict=True):
                if len(self.run.traces[f"{part}_{what}"]):
                    self._put(curve, self.run.traces[f"{part}_{what}"], edges)
                    drawn.add(curve)
        if what == "cost" and len(self.run.updates):
            self._put(self._updates, self.run.updates, edges)
            drawn.add(self._updates)
        return drawn

    def _put(
        self, curve: pg.PlotCurveItem, trace: Trace, edges: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        xs, ys = trace.drawn(edges)
        keep = np.ones(len(xs), dtype=bool)
        if self.log_x.isChecked():
            keep &= xs > 0
        if self.log_y.isChecked():
            keep &= ys > 0
        if not keep.all():
            xs, ys = xs[keep], ys[keep]
        xs = np.log10(xs) if self.log_x.isChecked() else xs
        ys = np.log10(ys) if self.log_y.isChecked() else ys
        curve.setData(xs, ys)
        if not curve.isVisible():
            curve.show()
        return xs, ys

    def _x_range(self) -> tuple[float, float]:
        """In the axis' own units: logarithms on a log axis."""
        if not self.fit.isChecked():
            low, high = self.plot.box.viewRange()[0]
            return float(low), float(high)
        return self._axes.x_range(self._lines)

    @property
    def _axes(self) -> Axes:
        return Axes(self.log_x.isChecked(), self.log_y.isChecked())

    # --- what is written ---------------------------------------------------------------------

    def _write_legend(self) -> None:
        lines = [line for line in self._lines if line.curve in self._main]
        values = [line.trace.y[self._now(line.trace)] for line in lines]
        self.legend.show_lines(
            [
                (line.label, line.color, value_text(self.measure.choice, value))
                for line, value in zip(lines, values, strict=True)
            ],
            [
                (run.number, self._pin_color(number))
                for number, run in enumerate(self.pinned)
                if run is not self.run
            ],
            self.themes.theme.color("muted"),
        )

    def _draw_marks(self) -> None:
        marks = [] if self.run is None else list(self.run.log.marks)[-MARKS:]
        at = np.empty(0)
        if self.run is not None:
            at = self.run.epoch_of(np.array([step for step, _ in marks], dtype=float))
        at = np.log10(np.maximum(at, 0.1)) if self.log_x.isChecked() else at
        self.marks.show(at, [tr_message(message) for _, message in marks])

    def _now(self, trace: Trace) -> int:
        """The index of a trace's last point at the moment looked at."""
        moment = self.cursor_.moment
        if moment is None or self.run is None or self.cursor_.live:
            return len(trace) - 1
        return max(0, int(np.searchsorted(trace.x, self.run.reached(moment), side="right")) - 1)

    def _mark_moment(self) -> None:
        """Where the moment lies, when it is not the end of what is drawn."""
        moment = self.cursor_.moment
        if moment is None or self.run is None or self.cursor_.live:
            self.moment_mark.hide()
            return
        lines = [line for line in self._lines if line.curve in self._main]
        places = [(line, self._now(line.trace)) for line in lines]
        self.moment_mark.show(self.run.reached(moment), places, self._axes)

    # --- the mouse and the buttons -----------------------------------------------------------

    def _on_pointed(self, at: QPointF | None) -> None:
        self._pointed = at
        self._tell()

    def _tell(self) -> None:
        """The crosshair and its numbers, for where the mouse is."""
        lines = [line for line in self._lines if len(line.trace)]
        if self._pointed is None or not lines or self.run is None:
            self.crosshair.hide()
            self.read_out.hide()
            return
        x = self._pointed.x()
        wanted = 10.0 ** min(x, 300.0) if self.log_x.isChecked() else x
        first = lines[0].trace
        epoch = float(first.x[nearest(first.x, wanted)])
        places = [(line, nearest(line.trace.x, epoch)) for line in lines]
        self.crosshair.show(epoch, places, self._axes)
        corner = self.plot.mapFromScene(self.plot.box.mapViewToScene(self._pointed))
        self.read_out.show_at(
            self.plot.mapTo(self, QPoint(corner)), self._read_out_text(self.run, epoch)
        )

    def _read_out_text(self, run: RunTraces, epoch: float) -> str:
        train, validation = self._colors(self.themes.theme)
        rows = told(
            run,
            epoch,
            (
                ("train", self.tr("training"), train),
                ("validation", self.tr("validation"), validation),
            ),
        )
        for line in self._lines:
            if line.curve in self._pin_curves:
                value = float(line.trace.y[nearest(line.trace.x, epoch)])
                rows.append(told_of(line.color, line.label, value_text(self.measure.choice, value)))
        at = np.log10(max(epoch, 0.1)) if self.log_x.isChecked() else epoch
        rows += [html.escape(text) for text in self.marks.near(float(at))]
        return "<br>".join(rows)

    def _on_zoomed(self, *_: object) -> None:
        self.fit.setChecked(False)
        self.mark_stale()

    def _fit(self, *_: object) -> None:
        self.fit.setChecked(True)
        self.mark_stale()

    def _on_axes(self) -> None:
        self.plot.plotItem.getAxis("bottom").setLogMode(self.log_x.isChecked())
        self.plot.plotItem.getAxis("left").setLogMode(self.log_y.isChecked())
        self.fit.setChecked(True)
        # At once: a range that was linear means nothing on a logarithmic axis.
        self._draw()

    def _on_pin(self) -> None:
        if self.run is None:
            return
        if self.run in self.pinned:
            self.pinned.remove(self.run)
        else:
            self.pinned = [*self.pinned, self.run][-PINS:]
        self.mark_stale()

    def _on_unpin(self, number: str) -> None:
        self.pinned = [run for run in self.pinned if str(run.number) != number]
        self.mark_stale()


PANELS.add(
    "cost_curve",
    Panel(
        QT_TRANSLATE_NOOP("Panels", "Cost curve"),
        CostCurvePanel,
        {"build": Spot("bottom", 1), "watch": Spot("bottom", 1, 1.4)},
    ),
)
