"""Fonts for numbers."""

from __future__ import annotations

from PySide6.QtGui import QFont


def tabular(font: QFont, scale: float = 1.0) -> QFont:
    """The font with figures of one width, and another size if asked."""
    font = QFont(font)
    font.setPointSizeF(font.pointSizeF() * scale)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font
