"""What is written on the cost curve: the legend above it, and the numbers at the crosshair."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from time import perf_counter

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QSizePolicy

from netbuilder import numbers
from netbuilder.gui.panels.cost_curve.marker import Line
from netbuilder.gui.panels.cost_curve.run_traces import RunTraces
from netbuilder.gui.panels.cost_curve.trace import nearest
from netbuilder.gui.widgets.fonts import tabular

NAMED = 4
"""So many of the runs behind are named in the legend."""
LONGEST = 28
"""Characters of a name that the legend has."""

translate = QCoreApplication.translate

_PAUSE = 0.25
"""Seconds between two legends while it trains."""


def value_text(measure: str, value: float) -> str:
    """A cost or an accuracy."""
    return numbers.number(value, 4) if measure == "cost" else numbers.percent(value)


class Legend(QLabel):
    """Names the lines; its links, numbers of runs, ask to hide a run behind."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setFont(tabular(self.font(), 0.85))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._written_at = 0.0

    @property
    def due(self) -> bool:
        """Whether it is time for other words while it trains: rich text is dear to write."""
        return perf_counter() >= self._written_at + _PAUSE

    def show_lines(
        self,
        lines: Iterable[tuple[str, QColor, str]],
        behind: Sequence[tuple[int, str, QColor]],
        muted: QColor,
    ) -> None:
        """lines: name, colour and value; behind: numbers, names and colours of other runs."""
        parts = [
            f"{_swatch('━', color)}&nbsp;{_whole(shortened(name))}&nbsp;<b>{value}</b>"
            for name, color, value in lines
        ]
        for number, words, color in behind[-NAMED:]:
            name = _whole(shortened(words))
            parts.append(
                f'{_swatch("━", color)}&nbsp;<a href="{number}" style="color:{muted.name()};'
                f'text-decoration:none">{name}&nbsp;×</a>'
            )
        if len(behind) > NAMED:
            parts.append(self.tr("+ {count} more").format(count=len(behind) - NAMED))
        self._written_at = perf_counter()
        text = "&nbsp; ".join(parts) or self.tr("Press play: the curve grows here.")
        if text != self.text():
            self.setText(text)


def shortened(name: str) -> str:
    """A run's name, no longer than a legend has room for."""
    return name if len(name) <= LONGEST else name[: LONGEST - 1].rstrip() + "…"


def told(run: RunTraces | None, epoch: float, colors: tuple[QColor, QColor]) -> list[str]:
    """What is known of an epoch of the run in front; colors: of training and validation.

    Without a run, as where it did not come so far, only which epoch it is.
    """
    number = f"{epoch:,.0f}"
    if run is None:
        return [translate("CostCurvePanel", "<b>epoch {epoch}</b>").format(epoch=number)]
    rows = [
        translate("CostCurvePanel", "<b>epoch {epoch}</b> · update {step}").format(
            epoch=number, step=f"{run.step_of(epoch):,}"
        )
    ]
    names = translate("CostCurvePanel", "training"), translate("CostCurvePanel", "validation")
    for part, name, color in zip(("train", "validation"), names, colors, strict=True):
        traces = [(what, run.traces[f"{part}_{what}"]) for what in ("cost", "accuracy")]
        said = [
            value_text(what, float(trace.y[nearest(trace.x, epoch)]))
            for what, trace in traces
            if len(trace)
        ]
        if said:
            rows.append(_told_of(color, name, " · ".join(said)))
    return rows


def told_of_others(lines: Iterable[Line], epoch: float, measure: str) -> list[str]:
    """What is known of an epoch of the runs behind."""
    rows = []
    for line in lines:
        if line.run:
            name = html.escape(shortened(line.label))
            if line.part == "validation":
                name = translate("CostCurvePanel", "{run} validation").format(run=name)
            value = float(line.trace.y[nearest(line.trace.x, epoch)])
            rows.append(_told_of(line.color, name, value_text(measure, value)))
    return rows


def _told_of(color: QColor, name: str, values: str) -> str:
    """One line of the read-out."""
    return f"{_swatch('●', color)} {name} {values}"


def _whole(text: str) -> str:
    """Not broken between lines, and not read as HTML."""
    return html.escape(text).replace(" ", "&nbsp;")


def _swatch(sign: str, color: QColor) -> str:
    return f'<span style="color:{color.name()}">{sign}</span>'
