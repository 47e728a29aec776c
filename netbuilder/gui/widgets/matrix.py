"""Matrices as pictures: numbers to table entries, block means, mosaics of images."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

from netbuilder.gui.theme.colours import Theme

Array = NDArray[Any]

ZERO = 127
"""The table entry of exactly zero, the middle of 0 … 254."""
CLEAR = 255
"""The table entry that paints nothing: gaps, and what is not a number."""


def color_table(theme: Theme) -> list[int]:
    """256 colours for QImage: negative … zero … positive in 0 … 254, then nothing."""
    table = theme.diverging(2 * ZERO + 1).astype(np.uint32)
    packed = (0xFF << 24) | (table[:, 0] << 16) | (table[:, 1] << 8) | table[:, 2]
    return [*(int(color) for color in packed), 0]


def ink_on(color: QColor) -> QColor:
    """Black or white, whichever reads better on a colour."""
    light = 0.299 * color.redF() + 0.587 * color.greenF() + 0.114 * color.blueF()
    return QColor("#10151b") if light > 0.55 else QColor("#ffffff")


def mixed(one: QColor, other: QColor, share: float) -> QColor:
    """A share of the other colour in the one."""
    return QColor.fromRgbF(
        (1 - share) * one.redF() + share * other.redF(),
        (1 - share) * one.greenF() + share * other.greenF(),
        (1 - share) * one.blueF() + share * other.blueF(),
    )


def entries(matrix: Array, scale: float) -> NDArray[np.uint8]:
    """Table entries: −scale is 0, zero is ZERO, +scale is 254; beyond is held at the ends."""
    with np.errstate(all="ignore"):
        rounded = np.rint(matrix * matrix.dtype.type(ZERO / scale))
        held = np.clip(rounded, -ZERO, ZERO) + ZERO
    finite = np.isfinite(held)
    if not finite.all():
        held = np.where(finite, held, CLEAR)
    return held.astype(np.uint8)


def image(table_entries: NDArray[np.uint8], colors: list[int]) -> QImage:
    """An indexed image that owns its pixels."""
    pixels = np.ascontiguousarray(table_entries)
    h, w = pixels.shape
    made = QImage(pixels.data, w, h, w, QImage.Format.Format_Indexed8)
    made.setColorTable(colors)
    # The copy lets go of NumPy's memory.
    return made.copy()


def block_means(matrix: Array, rows: int, columns: int) -> tuple[Array, int, int]:
    """At most (rows, columns) means of equal blocks, and the blocks' height and width.

    The last block of a row or column may be smaller.
    """
    h, w = matrix.shape
    tall, wide = math.ceil(h / max(1, rows)), math.ceil(w / max(1, columns))
    if tall > 1:
        starts = np.arange(0, h, tall)
        sums = np.add.reduceat(matrix, starts, axis=0)
        matrix = sums / np.diff(np.append(starts, h))[:, None]
    if wide > 1:
        starts = np.arange(0, w, wide)
        sums = np.add.reduceat(matrix, starts, axis=1)
        matrix = sums / np.diff(np.append(starts, w))[None, :]
    return matrix, tall, wide


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


def mosaic_columns(count: int, shape: tuple[int, int], width: float, height: float) -> int:
    """How many columns of tiles make the tiles largest in a space."""
    h, w = shape
    best, columns = 0.0, 1
    for tried in range(1, count + 1):
        size = min(width / (tried * (w + 1)), height / (math.ceil(count / tried) * (h + 1)))
        if size > best:
            best, columns = size, tried
    return columns


def mosaic(
    table_entries: NDArray[np.uint8], shape: tuple[int, int], columns: int
) -> NDArray[np.uint8]:
    """Rows (n, h·w) as n images side by side, with a clear line between them."""
    h, w = shape
    n = len(table_entries)
    rows = math.ceil(n / columns)
    tiles = np.full((rows * columns, h + 1, w + 1), CLEAR, dtype=np.uint8)
    tiles[:n, :h, :w] = table_entries.reshape(n, h, w)
    grid = tiles.reshape(rows, columns, h + 1, w + 1).transpose(0, 2, 1, 3)
    return grid.reshape(rows * (h + 1), columns * (w + 1))[:-1, :-1]
