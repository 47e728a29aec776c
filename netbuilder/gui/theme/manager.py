"""The manager of the look: puts a theme in force, follows the system, and makes icons."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QIcon, QPixmap
from PySide6.QtWidgets import QApplication

from netbuilder.gui.theme import style
from netbuilder.gui.theme.colours import DARK, LIGHT, THEMES, Theme
from netbuilder.gui.theme.icons import lazy_icon
from netbuilder.gui.theme.scratch import scratch_folder

CHOICES = ("system", "light", "dark")


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
        self._folder = scratch_folder()
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
            disabled = self.theme.color("muted", 0.45)
            self._icons[key] = lazy_icon(name, self.theme.color(role), disabled)
        return self._icons[key]

    def pixmap(self, name: str, size: int, role: str = "text", ratio: float = 1.0) -> QPixmap:
        """An icon as a picture of ``size`` points."""
        return self.icon(name, role).pixmap(QSize(size, size), ratio)

    def apply(self) -> None:
        """Gives palette, style and style sheet of the theme in force to the application."""
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
