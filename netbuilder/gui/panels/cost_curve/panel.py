"""The cost curve: how cost and accuracy went, epoch by epoch, of this run and those beside it."""

from __future__ import annotations

import html

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider

from netbuilder.gui.centre import Centre
from netbuilder.gui.panels.cost_curve.behind import Behind, Shown, draw, draw_trace
from netbuilder.gui.panels.cost_curve.marker import Axes, Line, Marker
from netbuilder.gui.panels.cost_curve.published import Published
from netbuilder.gui.panels.cost_curve.run_traces import RunTraces
from netbuilder.gui.panels.cost_curve.setting_marks import SettingMarks
from netbuilder.gui.panels.cost_curve.trace import Trace, nearest
from netbuilder.gui.panels.cost_curve.words import Legend, told, told_of_others, value_text
from netbuilder.gui.panels.live import LivePanel
from netbuilder.gui.run_book import run_color
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.widgets.controls import Chip, ReadOut, Segments
from netbuilder.gui.widgets.fonts import tabular
from netbuilder.gui.widgets.plot import Curve, Plot, thin_pen
from netbuilder.lens.look import Look
from netbuilder.runs.kept import KeptRun
from netbuilder.runs.log import MetricLog
from netbuilder.runs.snapshot import Snapshot

AHEAD = 1.15
"""How far beyond its end the run in front has room while it grows, as curves behind it rest."""


class CostCurvePanel(LivePanel):
    """Follows the run until the user zooms; "Fit" follows again."""

    def __init__(self, centre: Centre) -> None:
        super().__init__(centre)
        theme = self.themes.theme
        self.run: RunTraces | None = None
        self.book = centre.runs
        self._known: dict[MetricLog, RunTraces] = {}
        self._ahead = 0.0
        self.measure = Segments(
            (("cost", self.tr("Cost")), ("accuracy", self.tr("Accuracy"))), theme
        )
        self.log = QLabel(self.tr("log"))
        self.log.setFont(tabular(self.log.font(), 0.9))
        self.log_x, self.log_y = Chip("x", theme), Chip("y", theme)
        self.log_x.setToolTip(self.tr("Epochs on a logarithmic axis."))
        self.log_y.setToolTip(self.tr("Values on a logarithmic axis."))
        self.pin = Chip(self.tr("Pin"), theme, "pin")
        self.pin.setToolTip(self.tr("Keeps this run and its curve behind those of later runs."))
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
        self.published = Published(self.plot, centre)
        self.body.addWidget(self.published.words)
        self.body.addWidget(self.plot, 1)
        self.read_out = ReadOut(self, theme)
        self._pointed: QPointF | None = None
        self._updates = self._curve(-3)
        self._raw = [self._curve(-2), self._curve(-2)]
        self.behind = Behind(self.plot)
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
        self.legend.linkActivated.connect(self._on_hide)
        self.book.changed.connect(self.mark_stale)
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
        self.published.apply_theme(theme)
        self.plot.plotItem.getAxis("left").setGrid(255)
        self._dress()
        self.crosshair.set_color(theme.color("strong_line"))
        self.moment_mark.set_color(theme.color("accent"))
        for label in (self.legend, self.log):
            palette = label.palette()
            palette.setColor(label.foregroundRole(), theme.color("muted"))
            label.setPalette(palette)

    def _dress(self) -> None:
        """The curves in front in the colours of their run."""
        self._dressed = colors = self._colors
        for curve, raw, color in zip(self._main, self._raw, colors, strict=True):
            curve.setPen(thin_pen(color))
            pale = QColor(color)
            pale.setAlphaF(0.3)
            raw.setPen(thin_pen(pale))
        pale = QColor(colors[0])
        pale.setAlphaF(0.22)
        self._updates.setPen(thin_pen(pale))

    @property
    def _colors(self) -> tuple[QColor, QColor]:
        """Training, in the run's own colour, and validation. Others are for signs and classes."""
        theme, run = self.themes.theme, self._kept
        return run_color(theme, run.number if run else 1), QColor(theme.classes[3])

    @property
    def _kept(self) -> KeptRun | None:
        """The run in front, as the book has it."""
        return None if self.run is None else self.book.runs.find(self.run.log)

    # --- following the run -------------------------------------------------------------------

    def refresh(self, look: Look, snapshot: Snapshot | None) -> None:
        has_classes = look.dataset.info.task != "regression"
        self.measure.chips["accuracy"].setEnabled(has_classes)
        if not has_classes and self.measure.choice == "accuracy":
            self.measure.choose("cost")
        self.published.follow(look, snapshot)
        self._follow(snapshot)

    def refresh_without_network(self, snapshot: Snapshot | None) -> bool:
        """What was, stays in view while the network is being edited."""
        self.published.follow(None, snapshot)
        if self.run is not None:
            self._follow(snapshot)
        return self.run is not None

    def _follow(self, snapshot: Snapshot | None) -> None:
        if snapshot is not None and (self.run is None or self.run.log is not snapshot.log):
            self.run = self._traces(snapshot.log)
            self._ahead = 0.0
        left = self.plot.plotItem.getAxis("left")
        left.percent = self.measure.choice == "accuracy"
        if self.run is not None:
            self.run.follow()
        kept = self._kept
        self.pin.setEnabled(kept is not None and kept.has_trained)
        self.pin.setChecked(kept is not None and kept.number in self.book.marks.pinned)
        if self._colors != self._dressed:
            self._dress()
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
            put = self.behind.put if line.run else draw
            extremes.append(put(line, edges, self._axes))
            drawn.add(line.curve)
        drawn |= self._draw_pale(edges)
        extremes.append(self.published.draw(self.measure.choice, self._axes, low, high))
        for curve in (*self._main, *self._raw, *self.behind.curves, self._updates):
            if curve not in drawn and curve.isVisible():
                curve.hide()
        if self.fit.isChecked():
            what = self.measure.choice
            most = self.published.most(what)
            bottom, top = self._axes.y_range(extremes, most, shares=what == "accuracy")
            self.plot.box.setRange(xRange=(low, high), yRange=(bottom, top), padding=0)
        self.marks.show_of(self.run, self.log_x.isChecked())
        self._mark_moment()
        if self.legend.due or not self.cursor_.running:
            self._write_legend()
        self._tell()
        self.plot.settle()

    def _choose_lines(self) -> list[Line]:
        """What is drawn strong: the two lines of the run in front, and those of others behind."""
        what = self.measure.choice
        train, validation = self._colors
        shown = [run for run in self.book.shown if self.run is None or run.log is not self.run.log]
        lines: list[Line] = []
        if self.run is not None:
            kept = self._kept
            name = self.book.title(kept) if shown and kept is not None else self.tr("training")
            for curve, part, label, color in (
                (self._main[0], "train", name, train),
                (self._main[1], "validation", self.tr("validation"), validation),
            ):
                trace = self.run.traces[f"{part}_{what}"]
                if len(trace):
                    lines.append(Line(curve, self._smooth(trace), label, color, part, self.run.end))
        behind = []
        for run in shown:
            traces = self._traces(run.log)
            traces.follow()
            color = run_color(self.themes.theme, run.number)
            behind.append(Shown(run.number, traces, self.book.title(run), color))
        kept_logs = {run.log for run in shown} | ({self.run.log} if self.run else set())
        self._known = {log: self._known[log] for log in self._known if log in kept_logs}
        return lines + self.behind.lines(behind, what, self._smooth)

    def _traces(self, log: MetricLog) -> RunTraces:
        """Of a run; of one at rest they are read once."""
        if log not in self._known:
            self._known[log] = RunTraces(log)
        return self._known[log]

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
                    draw_trace(curve, self.run.traces[f"{part}_{what}"], edges, self._axes)
                    drawn.add(curve)
        if what == "cost" and len(self.run.updates):
            draw_trace(self._updates, self.run.updates, edges, self._axes)
            drawn.add(self._updates)
        return drawn

    def _x_range(self) -> tuple[float, float]:
        """In the axis' own units: logarithms on a log axis."""
        if not self.fit.isChecked():
            low, high = self.plot.box.viewRange()[0]
            return float(low), float(high)
        span = self._axes.x_range(self._lines, self._room_ahead())
        end = 0.0 if self.run is None else self.run.end
        return self.published.room(self.measure.choice, self._axes, end, span)

    def _room_ahead(self) -> float:
        """An epoch to which the axis reaches at least: curves at rest are drawn as it grows."""
        if not (self._lines and self._lines[-1].run and self.cursor_.running):
            return 0.0
        high = max(line.until for line in self._lines)
        if not high <= self._ahead <= AHEAD**2 * high:
            self._ahead = AHEAD * high
        return self._ahead if self._lines[0].until == high else 0.0

    @property
    def _axes(self) -> Axes:
        return Axes(self.log_x.isChecked(), self.log_y.isChecked())

    # --- what is written ---------------------------------------------------------------------

    def _write_legend(self) -> None:
        lines = [line for line in self._lines if not line.run]
        values = [line.trace.y[self._now(line.trace)] for line in lines]
        self.legend.show_lines(
            [
                (line.label, line.color, value_text(self.measure.choice, value))
                for line, value in zip(lines, values, strict=True)
            ],
            [
                (line.run, line.label, line.color)
                for line in self._lines
                if line.run and line.part == "train"
            ],
            self.themes.theme.color("muted"),
        )

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
        lines = [line for line in self._lines if not line.run]
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
        # The run in front tells the epochs, as far as it goes.
        lead = next((line for line in lines if line.until >= wanted), None)
        lead = lead or max(lines, key=lambda line: line.until)
        epoch = float(lead.trace.x[nearest(lead.trace.x, wanted)])
        there = [line for line in lines if line.until >= epoch]
        places = [(line, nearest(line.trace.x, epoch)) for line in there]
        self.crosshair.show(epoch, places, self._axes)
        corner = self.plot.mapFromScene(self.plot.box.mapViewToScene(self._pointed))
        self.read_out.show_at(
            self.plot.mapTo(self, QPoint(corner)), self._read_out_text(self.run, epoch, there)
        )

    def _read_out_text(self, run: RunTraces, epoch: float, there: list[Line]) -> str:
        in_front = not all(line.run for line in there)
        rows = told(run if in_front else None, epoch, self._colors)
        rows += told_of_others(there, epoch, self.measure.choice)
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
        kept = self._kept
        if kept is not None:
            self.book.pin(kept.number)

    def _on_hide(self, number: str) -> None:
        self.book.show(int(number), False)
