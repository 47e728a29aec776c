"""Ink: an image of the data as ink on paper, in the colours of the theme."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtGui import QImage

from netbuilder.gui.theme.colours import Theme


def inked(shares: Any, theme: Theme) -> QImage:
    """An image of ink on paper that is seen through, (height, width) of 0 to 1."""
    height, width = shares.shape
    ink = theme.color("text")
    pixels = np.empty((height, width, 4), np.uint8)
    pixels[..., :3] = (ink.red(), ink.green(), ink.blue())
    pixels[..., 3] = np.round(255 * shares)
    made = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
    # The copy lets go of NumPy's memory.
    return made.copy()
