"""The costs of runs side by side: as a table for a spreadsheet, or as a picture for a page."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from netbuilder import numbers
from netbuilder.errors import UserError
from netbuilder.exchange.csv_files import save_logs
from netbuilder.files import replacing
from netbuilder.runs.log import MetricLog

Array = NDArray[Any]

SUFFIXES = (".svg", ".csv")
_WIDTH, _HEIGHT = 900, 520
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 20, 36, 50
_ROW = 20
"""Of the legend, below the picture."""
_POINTS = 800
"""A longer curve is drawn by the extremes of so many stretches."""
_STEEP = 200.0
"""From this ratio of the highest to the lowest cost on the axis counts powers of ten."""


class Run(NamedTuple):
    """A run by its name, and in a picture by its colour."""

    name: str
    log: MetricLog
    color: str = "#0b8276"


def save(path: Path, runs: Sequence[Run]) -> None:
    """Writes the runs as the suffix asks for; raises UserError for any other, or without costs."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UserError(
            "{path} is no name for curves: expected one that ends in {suffixes}.",
            path=str(path),
            suffixes=", ".join(SUFFIXES),
        )
    if suffix == ".csv":
        save_logs(path, [(run.name, run.log) for run in runs])
        return
    picture = svg(runs).encode()
    with replacing(path) as handle:
        handle.write(picture)


def svg(runs: Sequence[Run]) -> str:
    """Cost by epoch: what is trained on as a line, what is watched as a dashed one.

    Raises UserError where no run has a cost yet.
    """
    traces: list[tuple[Run, bool, Array, Array]] = []
    for run in runs:
        columns = run.log.epochs()
        for watched, name in ((False, "train_cost"), (True, "validation_cost")):
            there = np.isfinite(columns[name])
            if there.any():
                epochs, costs = columns["epoch"][there], columns[name][there]
                traces.append((run, watched, *_thinned(epochs, costs)))
    if not traces:
        raise UserError("There is no cost to draw yet: train the network first.")
    last = max(float(epochs.max()) for _, _, epochs, _ in traces) or 1.0
    low = min(float(costs.min()) for _, _, _, costs in traces)
    high = max(float(costs.max()) for _, _, _, costs in traces)
    powers = low > 0 and high > _STEEP * low
    scaled = np.log10 if powers else np.asarray
    # Where little is missing to zero, the axis begins there.
    rows = _powers(low, high) if powers else _steps(min(low, 0.0) if low < high / 2 else low, high)
    bottom, top = float(scaled(rows[0])), float(scaled(rows[-1]))

    def x(epoch: Any) -> Any:
        return _LEFT + epoch / last * (_WIDTH - _LEFT - _RIGHT)

    def y(cost: Any) -> Any:
        return (
            _HEIGHT
            - _BOTTOM
            - (scaled(cost) - bottom) / (top - bottom or 1) * (_HEIGHT - _TOP - _BOTTOM)
        )

    parts = [_line(_LEFT, y(row), _WIDTH - _RIGHT, y(row)) for row in rows]
    gap = rows[1] - rows[0]
    for row in rows:
        words = numbers.tick(row, row if powers else gap)
        parts.append(_text(_LEFT - 8, y(row) + 4, words, "end"))
    below = [
        epoch for epoch in _steps(0.0, last) if epoch <= 1.001 * last and epoch == round(epoch)
    ]
    parts += [_text(x(epoch), _HEIGHT - _BOTTOM + 18, f"{epoch:,.0f}") for epoch in below]
    parts.append(_text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 10, "epoch"))
    parts.append(_text(_LEFT, _TOP - 8, "cost J", "start"))
    for run, watched, epochs, costs in traces:
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x(epochs), y(costs), strict=True))
        dash = ' stroke-dasharray="5 4"' if watched else ""
        look = f'fill="none" stroke="{run.color}" stroke-width="1.6"{dash}'
        parts.append(f'<polyline points="{points}" {look}/>')
    height = _HEIGHT + _ROW * len(runs) + 10
    for place, run in enumerate(runs):
        middle = _HEIGHT + _ROW * place + 4
        parts.append(_line(_LEFT, middle, _LEFT + 24, middle, run.color, 2))
        parts.append(_text(_LEFT + 32, middle + 4, _legend(run, traces), "start"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" height="{height}" font-family="sans-serif" font-size="12">\n'
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _legend(run: Run, traces: Iterable[tuple[Run, bool, Array, Array]]) -> str:
    """Its name, and its last costs."""
    found = [
        f"{'validation ' if watched else ''}cost {numbers.cost(float(costs[-1]))}"
        for other, watched, _, costs in traces
        if other is run
    ]
    return ": ".join(filter(None, (run.name, ", ".join(found))))


def _thinned(epochs: Array, costs: Array) -> tuple[Array, Array]:
    """The same curve of fewer points: the lowest and the highest of each stretch."""
    if len(epochs) <= 2 * _POINTS:
        return epochs, costs
    edges = np.linspace(0, len(epochs), _POINTS + 1).astype(int)
    kept = {0, len(epochs) - 1}
    for first, end in itertools.pairwise(edges):
        part = costs[first:end]
        kept |= {int(first + part.argmin()), int(first + part.argmax())}
    places = np.array(sorted(kept))
    return epochs[places], costs[places]


def _steps(low: float, high: float) -> list[float]:
    """Round numbers from below the low one to above the high one, some five of them."""
    span = (high - low) or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(span / 5))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor * 5 >= span)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [step * place for place in range(first, max(last, first + 1) + 1)]


def _powers(low: float, high: float) -> list[float]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    return [10.0**power for power in range(first, last + 1)]


def _line(
    x1: float, y1: float, x2: float, y2: float, color: str = "#dde2e8", width: float = 1
) -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{color}" '
        f'stroke-width="{width}"/>'
    )


def _text(x: float, y: float, words: str, anchor: str = "middle") -> str:
    # What is no letter, such as a control character, no reader of XML takes.
    safe = escape("".join(letter for letter in words if letter.isprintable()))
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#5f6b7a">{safe}</text>'
