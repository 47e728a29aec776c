"""Icons: one that is not there is a placeholder and a warning; painting that fails ends cleanly."""

from __future__ import annotations

import gc
import os
import subprocess
import sys

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QPixmap

from netbuilder.gui.theme import icons
from netbuilder.gui.theme.manager import ThemeManager

MISSING = """
from PySide6.QtWidgets import QApplication, QPushButton

from netbuilder.gui.theme.icons import tinted
from netbuilder.gui.theme.manager import ThemeManager

application = QApplication([])
themes = ThemeManager("light")
themes.apply()
button = QPushButton(themes.icon("no-such-icon"), "Go")
button.show()
button.grab()
image = tinted("no-such-icon", themes.theme.color("text"), 24).toImage()
drawn = [image.pixelColor(x, y).alpha() > 100 for x in range(24) for y in range(24)]
print("drawn", sum(drawn))
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    )


def test_an_icon_that_is_not_there_is_a_placeholder_and_a_warning() -> None:
    done = run(MISSING)
    assert done.returncode == 0, done.stderr
    word, count = done.stdout.split()
    assert word == "drawn" and int(count) > 12
    warnings = [line for line in done.stderr.splitlines() if "no-such-icon" in line]
    assert len(warnings) == 1


def test_icons_are_drawn_when_they_are_first_seen(
    themes: ThemeManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    draw = icons.tinted

    def counted(name: str, color: QColor, size: int, ratio: float = 1.0) -> QPixmap:
        drawn.append(name)
        return draw(name, color, size, ratio)

    monkeypatch.setattr(icons, "tinted", counted)
    icon = themes.icon("play")
    assert not icon.isNull() and drawn == []
    icon.pixmap(20, 20)
    assert drawn == ["play"]
    icon.pixmap(20, 20, QIcon.Mode.Disabled)
    assert drawn == ["play"] * 2
    themes.icon("play").pixmap(20, 20)
    assert drawn == ["play"] * 2, "each once"


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_an_icon_is_as_large_as_it_is_asked_for(themes: ThemeManager, ratio: float) -> None:
    pixmap = themes.icon("play").pixmap(QSize(16, 16), ratio)
    assert pixmap.size() == QSize(16, 16) * ratio and pixmap.devicePixelRatio() == ratio


def test_a_copied_icon_that_is_changed_lives_on_by_itself(themes: ThemeManager) -> None:
    copied = QIcon(themes.icon("play"))
    copied.addPixmap(QPixmap(8, 8))  # makes Qt clone what draws it
    gc.collect()
    assert copied.pixmap(20, 20).size() == QSize(20, 20)
