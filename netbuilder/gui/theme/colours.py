"""The colours of the light and the dark theme: every one by its role, and the scale around zero."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor


@dataclass(frozen=True)
class Theme:
    """Every colour a widget may use, by its role."""

    name: str
    window: str
    panel: str
    sunken: str
    card: str
    line: str
    strong_line: str
    text: str
    muted: str
    accent: str
    on_accent: str
    selection: str
    positive: str
    negative: str
    zero: str
    warning: str
    error: str
    classes: tuple[str, ...]

    def color(self, role: str, alpha: float = 1.0) -> QColor:
        """A role's colour with an opacity from 0 to 1."""
        color = QColor(getattr(self, role))
        color.setAlphaF(alpha)
        return color

    def diverging(self, n: int = 256) -> NDArray[np.uint8]:
        """(n, 4) RGBA from negative over zero to positive, for lookup tables."""
        anchors = [QColor(c) for c in (self.negative, self.zero, self.positive)]
        rgb = np.array([[c.red(), c.green(), c.blue()] for c in anchors], dtype=float)
        at = np.linspace(-1.0, 1.0, n)
        table = np.full((n, 4), 255, dtype=np.uint8)
        for channel in range(3):
            table[:, channel] = np.round(np.interp(at, [-1.0, 0.0, 1.0], rgb[:, channel]))
        return table


LIGHT = Theme(
    name="light",
    window="#f3f5f7",
    panel="#ffffff",
    sunken="#eceff2",
    card="#ffffff",
    line="#dde2e8",
    strong_line="#b8c1cc",
    text="#18212c",
    muted="#5f6b7a",
    accent="#0b8276",
    on_accent="#ffffff",
    selection="#d5efeb",
    positive="#2474d4",
    negative="#e8791c",
    zero="#f7f7f5",
    warning="#b7791f",
    error="#c93a3a",
    classes=(
        "#e8791c",
        "#2474d4",
        "#3a9d5d",
        "#9355c9",
        "#c93a64",
        "#8a7a1f",
        "#1f97a8",
        "#6b7686",
        "#a8562f",
        "#4a4fc4",
    ),
)
DARK = Theme(
    name="dark",
    window="#14181e",
    panel="#1b2028",
    sunken="#11151a",
    card="#232a34",
    line="#2e3641",
    strong_line="#4a5563",
    text="#e7ebf0",
    muted="#97a3b3",
    accent="#2cc4b3",
    on_accent="#08221f",
    selection="#1d4743",
    positive="#4f9df2",
    negative="#f29440",
    zero="#262c35",
    warning="#dba54a",
    error="#ec6a6a",
    classes=(
        "#f29440",
        "#4f9df2",
        "#62c486",
        "#b68be6",
        "#ec6a8e",
        "#c9b64f",
        "#4cc2d3",
        "#9aa5b5",
        "#d18a63",
        "#8b90f0",
    ),
)

THEMES = {theme.name: theme for theme in (LIGHT, DARK)}
