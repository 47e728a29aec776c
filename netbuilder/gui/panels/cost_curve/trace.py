"""A line that grows for hours: complete when drawn, whatever its length, and cheap to draw."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

BLOCK = 64
"""Rows that share one minimum and one maximum."""
WIDE = 4 * BLOCK
"""From this many rows a pixel on, the blocks are read in place of the rows."""


class Column:
    """Numbers in a row, with room to grow."""

    def __init__(self) -> None:
        self._room = np.empty(1024)
        self.count = 0

    def extend(self, values: Array) -> None:
        needed = self.count + len(values)
        if needed > len(self._room):
            room = np.empty(max(needed, 2 * len(self._room)))
            room[: self.count] = self._room[: self.count]
            self._room = room
        self._room[self.count : needed] = values
        self.count = needed

    @property
    def values(self) -> Array:
        """(count,) a view"""
        return self._room[: self.count]


class Trace:
    """Points (x, y) with x never falling; what is not finite is left out."""

    def __init__(self) -> None:
        self._x, self._y = Column(), Column()
        self._low, self._high = Column(), Column()
        self._smooth: tuple[float, Trace] | None = None

    def __len__(self) -> int:
        return self._x.count

    @property
    def x(self) -> Array:
        """(len,) a view"""
        return self._x.values

    @property
    def y(self) -> Array:
        """(len,) a view"""
        return self._y.values

    def extend(self, x: Array, y: Array) -> None:
        """Points more: x (k,), y (k,)."""
        finite = np.isfinite(x) & np.isfinite(y)
        if not finite.all():
            x, y = x[finite], y[finite]
        if not len(x):
            return
        start = self._x.count
        self._x.extend(x)
        self._y.extend(y)
        whole = self._y.count // BLOCK
        if whole > self._low.count:
            blocks = self.y[self._low.count * BLOCK : whole * BLOCK].reshape(-1, BLOCK)
            self._low.extend(blocks.min(axis=1))
            self._high.extend(blocks.max(axis=1))
        if self._smooth is not None:
            weight, smooth = self._smooth
            smooth.extend(x, moving_average(self.y[start:], weight, before=smooth.y[-1:]))

    def smoothed(self, weight: float) -> Trace:
        """The exponential moving average s := weight·s + (1 − weight)·y; it grows along."""
        if self._smooth is None or self._smooth[0] != weight:
            smooth = Trace()
            smooth.extend(self.x, moving_average(self.y, weight, before=self.y[:0]))
            self._smooth = (weight, smooth)
        return self._smooth[1]

    def drawn(self, edges: Array) -> tuple[Array, Array]:
        """The points to draw for pixels with these edges in x: every peak of every pixel.

        edges: (pixels + 1,) rising. Returns x and y of at most about four points a pixel.
        """
        at = np.searchsorted(self.x, edges)
        # One point beyond either side, so that the line runs on to the border.
        first, last = max(0, int(at[0]) - 1), min(len(self), int(at[-1]) + 1)
        if last - first <= 4 * len(edges):
            return self.x[first:last], self.y[first:last]
        rising = np.append(first, np.minimum(np.maximum(at, first), last - 1))
        starts = rising[np.append(True, rising[1:] != rising[:-1])]
        counts = np.diff(np.append(starts, last))
        wide = np.flatnonzero(counts >= WIDE)
        split = int(wide[0]) if len(wide) else len(starts)
        low, high = self._rows(starts[:split], int(starts[split]) if split < len(starts) else last)
        if split < len(starts):
            # A block that a border between pixels cuts counts for both of them.
            block_low, block_high = self._blocks(starts[split:] // BLOCK, last)
            low, high = np.concatenate([low, block_low]), np.concatenate([high, block_high])
        ends = np.append(starts[1:], last) - 1
        falls = self.y[starts] >= self.y[ends]
        x, y = np.repeat(self.x[starts], 2), np.empty(2 * len(starts))
        y[0::2], y[1::2] = np.where(falls, high, low), np.where(falls, low, high)
        return x, y

    def _rows(self, starts: Array, end: int) -> tuple[Array, Array]:
        if not len(starts):
            return np.empty(0), np.empty(0)
        rows = self.y[:end]
        return np.minimum.reduceat(rows, starts), np.maximum.reduceat(rows, starts)

    def _blocks(self, starts: Array, last: int) -> tuple[Array, Array]:
        """Extremes of runs of blocks; the last, begun block counts as one of its own."""
        whole = self._low.count
        low, high = self._low.values, self._high.values
        if whole * BLOCK < last:
            rest = self.y[whole * BLOCK : last]
            low, high = np.append(low, rest.min()), np.append(high, rest.max())
        end = -(-last // BLOCK)
        return np.minimum.reduceat(low[:end], starts), np.maximum.reduceat(high[:end], starts)


def moving_average(y: Array, weight: float, before: Array) -> Array:
    """s[i] = weight·s[i−1] + (1 − weight)·y[i], starting from ``before`` (or from y[0] when empty).

    The recursion is solved in blocks by a triangular matrix, and then over the blocks' ends.
    """
    if not len(y) or weight == 0.0:
        return np.array(y, dtype=float)
    start = float(before[0]) if len(before) else float(y[0])
    if len(y) <= BLOCK:
        lags = np.subtract.outer(np.arange(len(y)), np.arange(len(y)))
        kernel = np.where(lags >= 0, (1 - weight) * weight ** np.maximum(lags, 0), 0.0)
        return kernel @ y + start * weight ** np.arange(1, len(y) + 1)
    whole = len(y) // BLOCK
    powers = weight ** np.arange(1, BLOCK + 1)
    lags = np.subtract.outer(np.arange(BLOCK), np.arange(BLOCK))
    kernel = np.where(lags >= 0, (1 - weight) * weight ** np.maximum(lags, 0), 0.0)
    blocks = y[: whole * BLOCK].reshape(whole, BLOCK) @ kernel.T
    carried = np.empty(whole)
    for number, end in enumerate(blocks[:, -1]):
        carried[number] = start
        start = end + powers[-1] * start
    smooth = (blocks + carried[:, None] * powers).ravel()
    rest = moving_average(y[whole * BLOCK :], weight, np.array([start]))
    return np.concatenate([smooth, rest])


def nearest(rising: Array, value: float) -> int:
    """The index of the entry nearest to a value; the array is not empty."""
    right = int(np.searchsorted(rising, value))
    if right == 0:
        return 0
    if right == len(rising) or value - rising[right - 1] <= rising[right] - value:
        return right - 1
    return right
