"""Labels of a heatmap: numbers as long as there is room, and only as many as fit."""

from __future__ import annotations

from PySide6.QtGui import QFontMetrics

from netbuilder import numbers


def fitting(value: float, metrics: QFontMetrics, room: float) -> str:
    """A number with as many digits as there is room for; "" where there is none for a single one.

    Of small numbers two digits are enough to tell them apart.
    """
    for digits in range(2 if abs(value) < 0.1 else 3, 0, -1):
        text = numbers.number(value, digits)
        if metrics.horizontalAdvance(text) <= room:
            return text
    return ""


def spread(count: int, size: float, needed: float) -> range:
    """Which of so many labels fit when each cell has a size: every 1st, 2nd, 5th, 10th, …"""
    stride, steps = 1, (2, 5, 10)
    power = 1
    while stride * size < needed and stride < count:
        for step in steps:
            stride = step * power
            if stride * size >= needed:
                break
        power *= 10
    return range(stride - 1 if stride > 1 else 0, count, stride)
