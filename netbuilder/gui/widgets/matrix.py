"""Matrices as pictures: block means, mosaics of images, and table entries as an image."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from netbuilder.gui.theme.colour_scale import CLEAR

Array = NDArray[Any]


def image(table_entries: NDArray[np.uint8], colors: Sequence[int]) -> QImage:
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
