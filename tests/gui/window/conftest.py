"""Hands that press play, and a console on which nothing is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from netbuilder.gui.window.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def play(qtbot) -> Callable[[MainWindow], None]:
    """Presses play where it does not train, and waits until it has trained some."""

    def play_(window: MainWindow) -> None:
        start = window.bridge.last
        if not window.bridge.running:
            QTest.mouseClick(window.toolbar.play, LEFT)
        qtbot.waitUntil(
            lambda: (
                window.bridge.running
                and window.bridge.last is not start
                and window.bridge.last.step > 0
            ),
            timeout=20_000,
        )

    return play_


@pytest.fixture
def alive(qtbot, play) -> Callable[[MainWindow], None]:
    """Holds that the window still trains, shows it, and obeys."""

    def alive_(window: MainWindow) -> None:
        play(window)
        first = window.bridge.last
        qtbot.waitUntil(lambda: window.bridge.last.step > first.step, timeout=20_000)
        assert window.toolbar.state.text() == "Training"
        QTest.mouseClick(window.toolbar.play, LEFT)
        qtbot.waitUntil(lambda: not window.bridge.running, timeout=20_000)

    return alive_


@pytest.fixture
def nothing_on_stderr(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """No fault that is told in the window leaves a traceback or a warning on the console."""
    yield
    said = capfd.readouterr().err
    assert "Traceback" not in said and "Warning" not in said
