"""The look: the colours of the light and the dark theme, and the manager that puts one in force."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt, QTemporaryDir, Signal
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from netbuilder import assets


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
CHOICES = ("system", "light", "dark")

_ICON_SIZES = (16, 20, 32, 40)
"""Pixels; sizes between them are scaled down by Qt."""


class ThemeManager(QObject):
    """Holds the theme in force, gives it to the application, and makes icons in its colours."""

    changed = Signal(object)
    """(Theme,)"""

    def __init__(self, choice: str = "system") -> None:
        super().__init__()
        self.choice = choice
        """One of CHOICES."""
        self.theme = self._wanted()
        self._icons: dict[tuple[str, str, str], QIcon] = {}
        self._folder = QTemporaryDir()
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._follow_system)

    def choose(self, choice: str) -> None:
        """Puts "light", "dark" or the system's theme in force."""
        if choice not in CHOICES:
            raise ValueError(f"unknown theme {choice!r}")
        self.choice = choice
        self._follow_system()

    def icon(self, name: str, role: str = "text") -> QIcon:
        """The icon resources/icons/{name}.svg in a colour of the theme; greyed when disabled."""
        key = (self.theme.name, name, role)
        if key not in self._icons:
            icon = QIcon()
            for mode, color in (
                (QIcon.Mode.Normal, self.theme.color(role)),
                (QIcon.Mode.Disabled, self.theme.color("muted", 0.45)),
            ):
                for size in _ICON_SIZES:
                    icon.addPixmap(tinted(name, color, size), mode)
            self._icons[key] = icon
        return self._icons[key]

    def pixmap(self, name: str, size: int, role: str = "text", ratio: float = 1.0) -> QPixmap:
        """An icon as a picture of ``size`` points."""
        return self.icon(name, role).pixmap(QSize(size, size), ratio)

    def apply(self) -> None:
        """Gives palette, style and style sheet of the theme in force to the application."""
        # Imported late: the style sheet is made of the themes here.
        from netbuilder.gui import style

        application = QApplication.instance()
        assert isinstance(application, QApplication)
        style.apply(application, self.theme, self._folder)

    def _wanted(self) -> Theme:
        if self.choice != "system":
            return THEMES[self.choice]
        scheme = QGuiApplication.styleHints().colorScheme()
        return DARK if scheme == Qt.ColorScheme.Dark else LIGHT

    def _follow_system(self) -> None:
        theme = self._wanted()
        if theme is not self.theme:
            self.theme = theme
            self.apply()
            self.changed.emit(theme)


def tinted(name: str, color: QColor, size: int, ratio: float = 1.0) -> QPixmap:
    """An icon drawn in one colour, ``size`` points wide and high."""
    pixmap = QPixmap(round(size * ratio), round(size * ratio))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setOpacity(color.alphaF())
    QSvgRenderer(tinted_svg(name, color)).render(painter, QRectF(pixmap.rect()))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def tinted_svg(name: str, color: QColor) -> QByteArray:
    """The icon's drawing with ``currentColor`` exchanged for a colour."""
    return QByteArray(_svg(name).replace("currentColor", color.name()).encode())


@cache
def _svg(name: str) -> str:
    return assets.path("icons", f"{name}.svg").read_text(encoding="utf-8")
