"""The colours of the light and the dark theme: every one by its role."""

from __future__ import annotations

from dataclasses import dataclass

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


def mixed(one: QColor, other: QColor, share: float) -> QColor:
    """A share of the other colour in the one."""
    return QColor.fromRgbF(
        (1 - share) * one.redF() + share * other.redF(),
        (1 - share) * one.greenF() + share * other.greenF(),
        (1 - share) * one.blueF() + share * other.blueF(),
    )


def ink_on(color: QColor) -> QColor:
    """Black or white, whichever reads better on a colour."""
    light = 0.299 * color.redF() + 0.587 * color.greenF() + 0.114 * color.blueF()
    return QColor("#10151b") if light > 0.55 else QColor("#ffffff")


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
