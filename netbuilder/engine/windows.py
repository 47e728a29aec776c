"""Windows that move over images: their number, their pixels, and what to say where none fits."""

from __future__ import annotations

import numpy as np

from netbuilder.engine.layer import Array, Shape, ShapeError


def image(shape: Shape, title: str) -> tuple[int, int, int]:
    """(channels, height, width) of an image; raises ShapeError for any other shape."""
    if len(shape) != 3:
        raise ShapeError(
            "{title} takes images, shape (channels, height, width), but its input has shape"
            " {shape}. Put a Reshape before it.",
            title=title,
            shape=str(shape),
        )
    channels, height, width = shape
    return channels, height, width


def positions(shape: Shape, size: int, stride: int) -> tuple[int, int]:
    """How many windows of size × size fit below each other and side by side; 0 where none does.

    A rest at the lower and the right edge that no window covers is left out.
    """
    _, height, width = shape
    return max(0, (height - size) // stride + 1), max(0, (width - size) // stride + 1)


def windows(A: Array, size: int, stride: int) -> Array:
    """The pixels of all windows over images A (channels, height, width, m), in A's own memory.

    ``windows(A, size, stride)[:, i, j]`` is the pixel (i, j) of every window, of shape
    (channels, rows, columns, m): within one such array no pixel of A comes twice.
    """
    found = np.lib.stride_tricks.sliding_window_view(A, (size, size), (1, 2), writeable=True)
    return found[:, ::stride, ::stride].transpose(0, 4, 5, 1, 2, 3)
