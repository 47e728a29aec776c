"""The look: both themes are readable, follow the system or the choice, and tint every icon."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QImage, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCompleter, QLineEdit

from netbuilder import assets
from netbuilder.engine.layer import LAYERS
from netbuilder.gui.theme.colours import DARK, LIGHT, THEMES
from netbuilder.gui.theme.icons import tinted
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.window.actions import ACTIONS

ICONS = sorted(path.stem for path in assets.path("icons").glob("*.svg"))


def luminance(color: str) -> float:
    channels = QColor(color)
    linear = [
        c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4
        for c in (channels.redF(), channels.greenF(), channels.blueF())
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def pixels(image: QImage) -> np.ndarray:
    """(h, w, 4) RGBA"""
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    flat = np.frombuffer(image.constBits(), np.uint8)
    rows = flat.reshape(image.height(), image.bytesPerLine() // 4, 4)
    return rows[:, : image.width()].copy()


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
@pytest.mark.parametrize("ground", ["window", "panel", "card", "sunken", "selection"])
def test_text_is_readable_on_every_ground(theme, ground):
    assert contrast(theme.text, getattr(theme, ground)) >= 7.0
    least = 4.0 if ground in ("sunken", "selection") else 4.5
    assert contrast(theme.muted, getattr(theme, ground)) >= least


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_buttons_and_warnings_are_readable(theme):
    assert contrast(theme.on_accent, theme.accent) >= 4.5
    assert contrast(theme.error, theme.panel) >= 4.5
    assert contrast(theme.accent, theme.panel) >= 4.5


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_positive_is_blue_and_negative_is_orange(theme):
    """Hues in degrees: everywhere in the program, and in both themes."""
    assert 200 < QColor(theme.positive).hue() < 230
    assert 20 < QColor(theme.negative).hue() < 40


def test_choosing_tells_and_gives_the_application_other_colours(themes, qtbot):
    with qtbot.waitSignal(themes.changed) as told:
        themes.choose("dark")
    assert told.args == [DARK]
    app = QApplication.instance()
    assert app.palette().color(QPalette.ColorRole.Window) == QColor(DARK.window)
    assert DARK.panel in app.styleSheet()
    assert "$" not in app.styleSheet()
    with qtbot.assertNotEmitted(themes.changed):
        themes.choose("dark")
    themes.choose("light")
    assert app.palette().color(QPalette.ColorRole.Window) == QColor(LIGHT.window)


def test_the_system_is_followed_only_when_that_is_chosen(qapp, monkeypatch):
    hints = QGuiApplication.styleHints()
    scheme = Qt.ColorScheme.Dark

    class Hints:
        colorSchemeChanged = hints.colorSchemeChanged

        def colorScheme(self):
            return scheme

    monkeypatch.setattr(QGuiApplication, "styleHints", staticmethod(Hints))
    manager = ThemeManager("system")
    assert manager.theme is DARK
    scheme = Qt.ColorScheme.Light
    hints.colorSchemeChanged.emit(scheme)
    assert manager.theme is LIGHT
    manager.choose("dark")
    hints.colorSchemeChanged.emit(scheme)
    assert manager.theme is DARK


def test_an_unknown_theme_is_a_mistake(themes):
    with pytest.raises(ValueError, match="pink"):
        themes.choose("pink")


@pytest.mark.parametrize("name", [name for name in ICONS if name != "app"])
def test_every_icon_is_drawn_in_the_colour_asked_for(qapp, name):
    image = pixels(tinted(name, QColor("#ff0000"), 24).toImage())
    drawn = image[image[..., 3] > 200]
    assert len(drawn) > 12
    assert (drawn[:, 0] > 240).all()
    assert (drawn[:, 1:3] < 16).all()


def test_icons_follow_the_theme_and_fade_when_disabled(themes):
    light = pixels(themes.icon("play").pixmap(20, 20).toImage())
    faded = pixels(themes.icon("play").pixmap(20, 20, QIcon.Mode.Disabled).toImage())
    assert faded[..., 3].max() < light[..., 3].max()
    themes.choose("dark")
    dark = pixels(themes.icon("play").pixmap(20, 20).toImage())
    assert (light != dark).any()
    assert themes.icon("play") is themes.icon("play")


def test_every_action_and_every_kind_of_layer_has_its_icon():
    wanted = {action.icon for action in ACTIONS if action.icon} | set(LAYERS)
    assert wanted <= set(ICONS)


def test_the_list_of_completions_of_a_field_is_readable(qtbot, themes):
    """It is a window of its own, on nothing: transparent it would be black on black."""
    themes.choose("dark")
    line = QLineEdit()
    qtbot.addWidget(line)
    completer = QCompleter(["alpha", "alabama"], line)
    line.setCompleter(completer)
    with qtbot.waitExposed(line):
        line.show()
    line.setFocus()
    QTest.keyClicks(line, "al")
    popup = completer.popup()
    qtbot.waitUntil(popup.isVisible)
    image = popup.grab().toImage()
    themes.choose("light")
    assert image.pixelColor(image.width() - 6, image.height() - 4) == DARK.color("card")
    popup.hide()
