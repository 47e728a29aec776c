"""Captions: the quiet words over panels and groups, in capitals with some air between them."""

from __future__ import annotations

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel


def caption_font(font: QFont, scale: float = 0.84, spacing: float = 0.8) -> QFont:
    """Small, spaced capitals."""
    font = QFont(font)
    font.setPointSizeF(font.pointSizeF() * scale)
    font.setCapitalization(QFont.Capitalization.AllUppercase)
    font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, spacing)
    font.setWeight(QFont.Weight.DemiBold)
    return font


def caption(text: str) -> QLabel:
    label = QLabel(text)
    label.setFont(caption_font(label.font()))
    label.setProperty("tone", "muted")
    return label
