"""How good the network is: metrics of every part, the confusion matrix, predicted against true."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder import numbers
from netbuilder.data.dataset import evenly
from netbuilder.errors import Message
from netbuilder.report.drawing import ACCENT, LINE, POSITIVE, TEXT, line, short, svg, text
from netbuilder.report.subject import PARTS, Subject

Array = NDArray[Any]

METRICS = {
    "cost": Message("cost J"),
    "accuracy": Message("accuracy"),
    "precision": Message("precision"),
    "recall": Message("recall"),
    "f1": Message("F1"),
    "roc_auc": Message("AUC"),
    "mae": Message("MAE"),
    "rmse": Message("RMSE"),
    "r2": Message("R²"),
}
_SHARES = ("accuracy", "precision", "recall", "f1")
MOST_CLASSES = 24
"""A confusion matrix of more is told by its most frequent mistakes."""
_POINTS = 1500
_SIDE = 300.0
"""Of the picture of one target."""
_MOST_TARGETS = 6


def metric_text(name: str, value: float) -> str:
    if math.isnan(value):
        return "–"
    if name in _SHARES:
        return numbers.percent(value)
    return numbers.cost(value) if name == "cost" else numbers.number(value, 4)


def confidence(share: float, m: int) -> tuple[float, float]:
    """Between which shares the true one lies with 95 %, of so many examples (Wilson, 1927)."""
    z = 1.96
    centre = (share + z * z / (2 * m)) / (1 + z * z / m)
    half = z / (1 + z * z / m) * math.sqrt(share * (1 - share) / m + z * z / (4 * m * m))
    return max(0.0, centre - half), min(1.0, centre + half)


def metrics_rows(subject: Subject) -> list[list[str]]:
    """A head and a row for each part."""
    found = subject.metrics
    names = list(next(iter(found.values()), {}))
    say = subject.say
    rows = [["", say(Message("examples")), *(say(METRICS[name]) for name in names)]]
    for part, values in found.items():
        cells = [metric_text(name, values[name]) for name in names]
        rows.append([say(PARTS[part]), f"{subject.parts[part].m:,}", *cells])
    return rows


def confusions(subject: Subject) -> list[tuple[str, str, int]]:
    """(true, predicted, how often), the most frequent mistakes first."""
    matrix, names = np.array(subject.confusion), subject.recipe.info.class_names
    np.fill_diagonal(matrix, 0)
    order = np.argsort(-matrix, axis=None, kind="stable")[:12]
    places = zip(*np.unravel_index(order, matrix.shape), strict=True)
    return [(names[i], names[j], int(matrix[i, j])) for i, j in places if matrix[i, j]]


def scatters(subject: Subject) -> list[str]:
    """Of every target, what was predicted against what is true, in the part that is judged by."""
    look, say = subject.look, subject.say
    assert look is not None
    found = look.prediction(subject.judged)
    rows = evenly(found.part.m, _POINTS)
    pictures = []
    for k, name in enumerate(subject.recipe.info.target_names[:_MOST_TARGETS]):
        true, predicted = found.part.Y[rows, k], found.Y_hat[rows, k]
        pictures.append(
            _scatter(name, true, predicted, say(Message("true")), say(Message("predicted")))
        )
    return pictures


def _scatter(name: str, true: Array, predicted: Array, below: str, beside: str) -> str:
    both = np.concatenate([true, predicted])
    both = both[np.isfinite(both)]
    low, high = (float(both.min()), float(both.max())) if both.size else (0.0, 1.0)
    margin = 0.05 * (high - low) or 1.0
    low, high = low - margin, high + margin
    left, top, side = 58.0, 26.0, _SIDE

    def place(value: float) -> float:
        return (value - low) / (high - low) * side

    def tall(value: float) -> float:
        return top + side - place(value)

    parts = [text(left, 14, short(name, 40), "start", 12, TEXT, ' class="strong"')]
    step = _step(high - low)
    for number in range(math.ceil(low / step), math.floor(high / step) + 1):
        at, words = number * step, numbers.tick(number * step, step)
        parts += [
            line(left, tall(at), left + side, tall(at), LINE),
            line(left + place(at), top, left + place(at), top + side, LINE),
            text(left - 6, tall(at) + 3.5, words, "end", 9.5),
            text(left + place(at), top + side + 14, words, size=9.5),
        ]
    dash = ' stroke-dasharray="5 4"'
    parts.append(line(left, tall(low), left + side, tall(high), ACCENT, 1.4, dash))
    size = 3.2 if len(true) <= 200 else 2.0
    for x, y in zip(true, predicted, strict=True):
        if math.isfinite(x) and math.isfinite(y):
            spot = f'cx="{left + place(x):.1f}" cy="{tall(y):.1f}" r="{size}"'
            parts.append(f'<circle {spot} fill="{POSITIVE}" fill-opacity="0.5"/>')
    parts.append(text(left + side / 2, top + side + 30, below, size=10.5))
    turn = f' transform="rotate(-90 12 {top + side / 2:g})"'
    parts.append(text(12, top + side / 2, beside, size=10.5, more=turn))
    return svg(left + side + 12, top + side + 38, parts, label=name)


def _step(span: float) -> float:
    """A round number of which some four to eight are in the span."""
    power = 10.0 ** math.floor(math.log10(span / 4))
    return next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor * 7 >= span)
