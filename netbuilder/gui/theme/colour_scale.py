"""The colour scale: blue above zero, orange below, neutral at exactly zero, the same everywhere.

A number becomes one of 256 table entries, and an entry a colour. What lies beyond the scale is
held at its ends, infinity too; what is not a number paints nothing, so that the ground shows.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from netbuilder.gui.theme.colours import Theme

Array = NDArray[Any]

ZERO = 127
"""The table entry of exactly zero, the middle of 0 … 254."""
CLEAR = 255
"""The table entry that paints nothing: gaps, and what is not a number."""

SIDES = ("negative", "strong_line", "positive")
"""The theme's colours of lines that stand for numbers below, at and above zero: a line as pale as
the neutral colour could not be seen."""


# --- numbers to entries --------------------------------------------------------------------------


def entries(matrix: Array, scale: float) -> NDArray[np.uint8]:
    """Table entries: −scale is 0, zero is ZERO, +scale is 254; beyond is held at the ends."""
    with np.errstate(all="ignore"):
        # A factor beyond the range of floats would turn zero into what is not a number.
        held = matrix * matrix.dtype.type(ZERO / max(scale, 1e-30))
        np.rint(held, out=held)
        # Not np.clip, which asks more questions than it does work on so few numbers.
        np.minimum(held, ZERO, out=held)
        np.maximum(held, -ZERO, out=held)
        held += ZERO
    unknown = np.isnan(held)
    if unknown.any():
        held[unknown] = CLEAR
    return held.astype(np.uint8)


def largest(*matrices: Array | None) -> float:
    """The largest size of a finite number among them, 0 when there is none."""
    most = 0.0
    for matrix in matrices:
        if matrix is None or not matrix.size:
            continue
        size = float(max(matrix.max(), -matrix.min()))
        if not math.isfinite(size):
            finite = np.abs(matrix[np.isfinite(matrix)])
            size = float(finite.max()) if finite.size else 0.0
        most = max(most, size)
    return most


def round_scale(*matrices: Array | None) -> float:
    """A scale for all numbers in these matrices that holds still while they move a little.

    It is the next round number from the largest of them on; 1 where all are zero.
    """
    size = largest(*matrices)
    if size == 0.0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(size))
    for step in (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0):
        if size <= step * power * (1 + 1e-9):
            return step * power
    return 10.0 * power


# --- entries to colours --------------------------------------------------------------------------


@lru_cache(maxsize=32)
def table(
    theme: Theme,
    ends: tuple[str, str] | None = None,
    strength: float = 1.0,
    clear: str = "",
) -> NDArray[np.uint8]:
    """(256, 4) RGBA of all entries; not to be written into.

    ``ends`` are other colours than the theme's negative and positive one; with a ``strength`` below
    1 all are mixed with the panel's colour. ``clear`` is the role of the colour for CLEAR, without
    which that is transparent.
    """
    negative, positive = ends or (theme.negative, theme.positive)
    anchors = np.array([_rgb(color) for color in (negative, theme.zero, positive)], dtype=float)
    anchors = (1 - strength) * np.array(_rgb(theme.panel)) + strength * anchors
    at = np.linspace(-1.0, 1.0, 2 * ZERO + 1)
    made = np.full((256, 4), 255, dtype=np.uint8)
    for channel in range(3):
        made[:CLEAR, channel] = np.round(np.interp(at, [-1.0, 0.0, 1.0], anchors[:, channel]))
    made[CLEAR] = (*_rgb(getattr(theme, clear)), 255) if clear else 0
    made.setflags(write=False)
    return made


@lru_cache(maxsize=32)
def packed(theme: Theme, clear: str = "") -> tuple[int, ...]:
    """The 256 colours as an indexed QImage takes them; ``clear``: as for ``table``."""
    colors = table(theme, clear=clear).astype(np.uint32)
    argb = (colors[:, 3] << 24) | (colors[:, 0] << 16) | (colors[:, 1] << 8) | colors[:, 2]
    return tuple(int(color) for color in argb)


def rgb(values: Array, theme: Theme, clear: str) -> NDArray[np.uint8]:
    """(…, 3) colours on a scale as wide as the largest value; ``clear``: as for ``table``."""
    found = entries(values, largest(values) or 1.0)
    # Whole rows are taken many times faster than three numbers out of four.
    return np.take(table(theme, clear=clear), found, axis=0)[..., :3]


def _rgb(color: str) -> tuple[int, int, int]:
    parsed = QColor(color)
    return parsed.red(), parsed.green(), parsed.blue()
