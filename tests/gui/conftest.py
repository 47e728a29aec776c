"""What all tests of the window share: real parts, offscreen, and nothing left behind."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
import shiboken6
from PySide6.QtCore import QEvent, QSettings, QTimer
from PySide6.QtWidgets import QApplication

from netbuilder.document.model.project import Project
from netbuilder.document.templates import first_start
from netbuilder.gui.store import Store
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.gui.window.main_window import MainWindow


def settle() -> None:
    """Delivers what is waiting, deletions included."""
    for _ in range(3):
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture(scope="session")
def timers() -> Iterator[weakref.WeakSet[QTimer]]:
    """Every QTimer that Python has made and that is still there."""
    made: weakref.WeakSet[QTimer] = weakref.WeakSet()
    init = QTimer.__init__

    def __init__(self: QTimer, *arguments: Any, **options: Any) -> None:
        init(self, *arguments, **options)
        # Classes of their own, as pyqtgraph has, look after themselves.
        if type(self) is QTimer:
            made.add(self)

    QTimer.__init__ = __init__  # type: ignore[method-assign]
    yield made
    QTimer.__init__ = init  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def nothing_left_behind(timers: weakref.WeakSet[QTimer], qapp: QApplication) -> Iterator[None]:
    """Fails a test that leaves a thread, a running timer or a window of its own."""
    before = set(threading.enumerate())
    windows = set(map(id, QApplication.topLevelWidgets()))
    yield
    # Offscreen, Qt deletes what was copied only after Python has ended, and crashes over it.
    QApplication.clipboard().clear()
    settle()
    # The engine's pool is one for all, and idles until the process ends.
    threads = [
        t.name
        for t in threading.enumerate()
        if t not in before and t.is_alive() and not t.name.startswith("netbuilder-engine")
    ]
    assert not threads, f"threads left behind: {threads}"
    left = [
        widget
        for widget in QApplication.topLevelWidgets()
        if id(widget) not in windows and widget.isVisible()
    ]
    assert not left, f"windows left behind: {left}"
    running = [timer for timer in timers if shiboken6.isValid(timer) and timer.isActive()]
    assert not running, f"timers left running, of: {[timer.parent() for timer in running]}"
    # pyqtgraph gives every plot menus of no window: left alone, they make each test slower.
    for widget in QApplication.topLevelWidgets():
        if id(widget) not in windows:
            widget.deleteLater()
    settle()


@pytest.fixture
def themes(qapp: QApplication) -> ThemeManager:
    manager = ThemeManager("light")
    manager.apply()
    return manager


@pytest.fixture
def store(qapp: QApplication) -> Store:
    """On the flower of the first start."""
    return Store(first_start())


@pytest.fixture
def notices(store: Store) -> list[tuple[str, str]]:
    """What the store has told, as (kind, sentence)."""
    told: list[tuple[str, str]] = []
    store.notified.connect(lambda kind, message: told.append((kind, str(message))))
    return told


@pytest.fixture
def bridge(store: Store) -> Iterator[TrainingBridge]:
    bridge = TrainingBridge(store)
    yield bridge
    bridge.close()


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def open_window(
    qapp: QApplication, themes: ThemeManager, settings: QSettings, qtbot: Any
) -> Iterator[Callable[..., MainWindow]]:
    """Opens the whole window; at the end it is closed without a question."""
    opened: list[MainWindow] = []

    def open_one(
        project: Project | None = None,
        size: tuple[int, int] = (1280, 720),
        path: Path | None = None,
    ) -> MainWindow:
        store = Store(project or first_start(), path)
        window = MainWindow(store, TrainingBridge(store), themes, settings)
        opened.append(window)
        window.resize(*size)
        window.reset_layout()
        window.show()
        qtbot.waitExposed(window)
        # The pictures of the data sets come one by one.
        qtbot.waitUntil(lambda: not window.data_panel.busy)
        return window

    yield open_one
    for window in opened:
        if shiboken6.isValid(window):
            window._may_close = True
            window.close()
            window.deleteLater()
    settle()


@pytest.fixture
def window(open_window: Callable[..., MainWindow]) -> MainWindow:
    return open_window()
