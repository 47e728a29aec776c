"""The published figures of an experiment on the cost curve: rings at their updates, and a line."""

from __future__ import annotations

import contextlib
import html
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QSizePolicy

from netbuilder import numbers
from netbuilder.document.model.project import Project
from netbuilder.gui.centre import Centre
from netbuilder.gui.panels.cost_curve.marker import Axes
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.theme.translation import tr_message, tr_text
from netbuilder.gui.widgets.fonts import tabular
from netbuilder.gui.widgets.plot import Plot
from netbuilder.lens.later import NotYet
from netbuilder.lens.look import Look
from netbuilder.runs.log import MetricLog
from netbuilder.runs.snapshot import Snapshot

if TYPE_CHECKING:
    from netbuilder.lab.matching import Matching, Point

translate = QCoreApplication.translate

_PEAK = 2.5
"""So many times as high as the highest figure."""
_MARGIN = 0.025
"""Of the axes, beyond the outermost rings."""


class Published:
    """Rings that are filled when a figure is met and red where it is missed, and a line of words.

    Nothing of it is there for a document that was not opened from the lab.
    """

    def __init__(self, plot: Plot, centre: Centre) -> None:
        self._store = centre.store
        self._theme = centre.themes.theme
        self.words = QLabel()
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self.words.setWordWrap(True)
        self.words.setFont(tabular(self.words.font(), 0.85))
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.words.setProperty("tone", "muted")
        self.words.linkActivated.connect(self._forget)
        self.words.hide()
        self.rings = pg.ScatterPlotItem(size=9, pxMode=True)
        self.rings.setZValue(4)
        self.rings.hide()
        plot.addItem(self.rings, ignoreBounds=True)
        self._of: Project | None = None
        self._log: MetricLog | None = None
        self._shown: object = None
        self._at: NDArray[np.float64] = np.empty((0, 2))
        self.matching: Matching | None = None
        self._differs = ""
        """Why the document is no longer the experiment that it was opened as."""

    def apply_theme(self, theme: Theme) -> None:
        self._theme, self._shown = theme, None
        self._tell(0.0)

    # --- following ---------------------------------------------------------------------------

    def follow(self, look: Look | None, moment: Snapshot | None) -> None:
        """Takes over what the run has come to."""
        project = self._store.project
        log = None if moment is None else moment.log
        if project is not self._of or log is not self._log:
            self._of, self._log = project, log
            self._judge(project, moment)
        if self.matching is not None and moment is not None:
            self.matching.follow(moment.log)
            if look is not None:
                self._see(self.matching, look, moment)
        self._tell(0.0 if moment is None else moment.epoch)

    def _judge(self, project: Project, moment: Snapshot | None) -> None:
        """Whether the document is an experiment, and which figures are to be met."""
        self.matching, self._differs = None, ""
        if not project.experiment:
            return
        # Imported late: only a document of the lab needs the lab.
        from netbuilder.lab.entries import LAB
        from netbuilder.lab.matching import Matching, differences

        if project.experiment not in LAB:
            return
        entry = LAB[project.experiment]
        found = differences(project, entry)
        if found:
            text = translate("CostCurvePanel", "No longer “{title}”: {why}.")
            why = ", ".join(tr_message(message) for message in found)
            self._differs = text.format(title=tr_text(entry.title), why=why)
        elif moment is not None:
            self.matching = Matching(entry, moment.updates_per_epoch)

    @staticmethod
    def _see(matching: Matching, look: Look, moment: Snapshot) -> None:
        def accuracy(part: str) -> float:
            return look.metrics(part)["accuracy"]

        with contextlib.suppress(NotYet):  # looked at anew as soon as it is known
            matching.see(moment, accuracy)

    def _forget(self, _link: str) -> None:
        """The document is one of its own from now on."""
        self._store.edit(
            lambda project: replace(project, experiment=""),
            translate("CostCurvePanel", "experiment of the network"),
        )

    # --- rings -------------------------------------------------------------------------------

    def _points(self, measure: str) -> tuple[Point, ...]:
        if self.matching is None:
            return ()
        points = self.matching.points()
        return tuple(p for p in points if (p.figure.what == "cost") == (measure == "cost"))

    def room(
        self, measure: str, axes: Axes, end: float, span: tuple[float, float]
    ) -> tuple[float, float]:
        """From where to where the axis of epochs reaches, so that the ring is seen that a run,
        which has come to ``end``, meets next, and none is cut off."""
        points = self._points(measure)
        if not points:
            return span
        low, high = span
        coming = (p.epoch for p in points if p.found is None and p.epoch > end)
        at = axes.put(min(coming, default=0.0), 1.0)
        high = high if at is None else max(high, at[0])
        margin = _MARGIN * (high - low)
        return low - margin, high + margin

    def most(self, measure: str) -> float:
        """Above it lie only peaks, as where weights begin ten times too large."""
        points = self._points(measure) if measure == "cost" else ()
        return _PEAK * max((point.value for point in points), default=np.inf)

    def draw(self, measure: str, axes: Axes, low: float, high: float) -> NDArray[np.float64]:
        """Draws the rings; returns where those lie, in y, that are seen from low to high in x."""
        points = self._points(measure)
        shown = (points, axes, self._theme)
        if shown != self._shown:
            self._shown = shown
            placed = [(axes.put(point.epoch, point.value), point) for point in points]
            spots = [{"pos": at, **self._dress(point)} for at, point in placed if at is not None]
            self.rings.setData(spots)
            self.rings.setVisible(bool(spots))
            self._at = np.array([at for at, _ in placed if at is not None]).reshape(-1, 2)
        seen = (self._at[:, 0] >= low) & (self._at[:, 0] <= high)
        ys = self._at[seen, 1]
        if not len(ys):
            return ys
        margin = 4 * _MARGIN * (np.ptp(ys) or abs(ys[0]))
        return np.concatenate([ys, [ys.min() - margin, ys.max() + margin]])

    def _dress(self, point: Point) -> dict[str, object]:
        theme = self._theme
        test = point.figure.what == "test accuracy"
        strong = QColor(theme.classes[3]) if test else theme.color("accent")
        ink = {None: theme.color("muted"), True: strong, False: theme.color("error")}[point.agrees]
        fill = strong if point.agrees else theme.color("panel")
        return {"pen": pg.mkPen(ink, width=1.6), "brush": pg.mkBrush(fill)}

    # --- words -------------------------------------------------------------------------------

    def _tell(self, epoch: float) -> None:
        text = self._text(epoch)
        if text != self.words.text():
            self.words.setText(text)
            entry = None if self.matching is None else self.matching.experiment
            tip = "" if entry is None else f"<p>{tr_text(entry.title)}<br>{tr_text(entry.source)}"
            if entry is not None and entry.rounding_from:
                tip += "<br>" + translate(
                    "CostCurvePanel",
                    "Where rounding decides, another order of the same rows gives another digit.",
                )
            self.words.setToolTip(tip)
        self.words.setVisible(bool(text))

    def _text(self, epoch: float) -> str:
        theme, matching = self._theme, self.matching
        if self._differs:
            link = translate("CostCurvePanel", "Forget it")
            return (
                f'<span style="color:{theme.warning}">{html.escape(self._differs)}</span> '
                f'<a href="forget" style="color:{theme.accent}">{link}</a>'
            )
        if matching is None:
            return ""
        if not matching.figures:
            return translate("CostCurvePanel", "Its figures are those of the gradient check.")
        tone = theme.error if matching.missed else theme.accent
        said = html.escape(tr_message(matching.said()))
        parts = [f'<b style="color:{tone}">{said}</b>']
        for figure, found in matching.missed[:1]:
            text = translate("CostCurvePanel", "{what} at {at} is {found}, published {published}")
            parts.append(
                text.format(
                    what=figure.what,
                    at=f"{figure.at:,}",
                    found=numbers.number(found, 6),
                    published=figure.published,
                )
            )
        if matching.bent_at is not None:
            text = translate(
                "CostCurvePanel", "settings changed at update {step}: no more compared"
            )
            parts.append(text.format(step=f"{matching.bent_at:,}"))
        rounding = matching.rounding(epoch)
        if rounding is not None:
            parts.append(html.escape(tr_message(rounding)))
        return " · ".join(parts)
