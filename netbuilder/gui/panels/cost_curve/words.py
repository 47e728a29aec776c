"""What is written on the cost curve: the legend above it, and the numbers at the crosshair."""

from __future__ import annotations

from collections.abc import Iterable
from time import perf_counter

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QSizePolicy

from netbuilder import numbers
from netbuilder.gui.panels.cost_curve.run_traces import RunTraces
from netbuilder.gui.panels.cost_curve.trace import nearest
from netbuilder.gui.widgets.fonts import tabular

translate = QCoreApplication.translate

_PAUSE = 0.25
"""Seconds between two legends while it trains."""


def value_text(measure: str, value: float) -> str:
    """A cost or an accuracy."""
    return numbers.number(value, 4) if measure == "cost" else numbers.percent(value)


class Legend(QLabel):
    """Names the lines; its links, numbers of runs, ask to let a pinned run go."""

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
        pinned: Iterable[tuple[int, QColor]],
        muted: QColor,
    ) -> None:
        """lines: name, colour and value; pinned: numbers and colours of the runs behind."""
        parts = [f"{_swatch('━', color)}&nbsp;{name}&nbsp;{value}" for name, color, value in lines]
        for number, color in pinned:
            name = self.tr("run {number}").format(number=number).replace(" ", "&nbsp;")
            parts.append(
                f'{_swatch("━", color)}&nbsp;<a href="{number}" style="color:{muted.name()};'
                f'text-decoration:none">{name}&nbsp;×</a>'
            )
        self._written_at = perf_counter()
        text = "&nbsp; ".join(parts) or self.tr("Press play: the curve grows here.")
        if text != self.text():
            self.setText(text)


def told(run: RunTraces, epoch: float, parts: Iterable[tuple[str, str, QColor]]) -> list[str]:
    """What is known of an epoch; parts: a part of the data, its name and its line's colour."""
    rows = [
        translate("CostCurvePanel", "<b>epoch {epoch}</b> · update {step}").format(
            epoch=f"{epoch:,.0f}", step=f"{run.step_of(epoch):,}"
        )
    ]
    for part, name, color in parts:
        traces = [(what, run.traces[f"{part}_{what}"]) for what in ("cost", "accuracy")]
        said = [
            value_text(what, float(trace.y[nearest(trace.x, epoch)]))
            for what, trace in traces
            if len(trace)
        ]
        if said:
            rows.append(told_of(color, name, " · ".join(said)))
    return rows


def told_of(color: QColor, name: str, values: str) -> str:
    """One line of the read-out."""
    return f"{_swatch('●', color)} {name} {values}"


def _swatch(sign: str, color: QColor) -> str:
    return f'<span style="color:{color.name()}">{sign}</span>'
