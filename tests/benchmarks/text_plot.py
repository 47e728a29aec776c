"""A plot in the terminal: marks on two logarithmic axes, with labels."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

WIDTH, HEIGHT = 76, 19
MARGIN = 10
"""Columns left of the axis, for its labels."""
BOTH = "*"
"""Where two series meet."""

Points = Sequence[tuple[float, float]]


def log_log(x_label: str, y_label: str, series: Mapping[str, Points]) -> str:
    """The series as text at most 100 columns wide; the first letter of its name marks each.

    All values must be positive, with two different ones of x at least.
    """
    xs = sorted({x for points in series.values() for x, _ in points})
    ys = [y for points in series.values() for _, y in points]
    bottom, top = math.floor(math.log10(min(ys))), math.ceil(math.log10(max(ys)))
    top = max(top, bottom + 1)

    def column(x: float) -> int:
        return round(math.log(x / xs[0]) / math.log(xs[-1] / xs[0]) * (WIDTH - 1))

    def row(y: float) -> int:
        return round((top - math.log10(y)) / (top - bottom) * (HEIGHT - 1))

    grid = [[" "] * WIDTH for _ in range(HEIGHT)]
    labels = [""] * HEIGHT
    for power in range(bottom, top + 1):
        labels[row(10.0**power)] = f"{10.0**power:,.10g}"
        grid[row(10.0**power)] = ["·"] * WIDTH
    for name, points in series.items():
        for x, y in points:
            line, place = grid[row(y)], column(x)
            line[place] = name[0] if line[place] in " ·" else BOTH
    ticks = [" "] * (WIDTH + MARGIN)
    for x in xs:
        text = f"{x:g}"
        start = column(x) - len(text) // 2
        ticks[start + MARGIN : start + MARGIN + len(text)] = text
    legend = ", ".join(f"{name[0]} {name}" for name in series)
    return "\n".join(
        [
            f"{y_label}   ({legend}, {BOTH} both)",
            *(
                f"{label:>{MARGIN - 2}} ┤{''.join(line)}"
                for label, line in zip(labels, grid, strict=True)
            ),
            f"{'':{MARGIN - 1}}└{'─' * WIDTH}",
            "".join(ticks).rstrip() + f"   {x_label}",
        ]
    )
