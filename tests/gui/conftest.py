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
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from netbuilder.document.model.project import Project
from netbuilder.document.templates import first_start
from netbuilder.gui.store import Store
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.gui.window.documents import Documents
from netbuilder.gui.window.import_dialog import ImportDialog
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


STYLED: list[ThemeManager] = []
"""The application keeps the last style, whose drawings are files of its manager."""
STANDING: list[MainWindow] = []
"""The window that a whole module of tests uses, while there is one."""


def forget_widgets(known: set[QWidget]) -> None:
    """pyqtgraph gives every plot menus of no window: left alone, they make each test slower."""
    for widget in QApplication.topLevelWidgets():
        if widget not in known:
            widget.deleteLater()
    settle()


def _window_of(timer: QTimer) -> QWidget | None:
    owner = timer.parent()
    while owner is not None and not isinstance(owner, QWidget):
        owner = owner.parent()
    return owner.window() if owner is not None else None


@pytest.fixture(autouse=True)
def nothing_left_behind(timers: weakref.WeakSet[QTimer], qapp: QApplication) -> Iterator[None]:
    """Fails a test that leaves a thread, a running timer or a window of its own.

    What belongs to a window that was there before, the ``standing_window``, may go on.
    """
    before = set(threading.enumerate())
    # The widgets themselves: Python gives the id of an object that is gone to another.
    windows = set(QApplication.topLevelWidgets())
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
        if widget not in windows and widget.isVisible()
    ]
    assert not left, f"windows left behind: {left}"
    running = [
        timer
        for timer in timers
        if shiboken6.isValid(timer) and timer.isActive() and _window_of(timer) not in windows
    ]
    assert not running, f"timers left running, of: {[timer.parent() for timer in running]}"
    # The plots of a window that stays keep their menus.
    if not STANDING:
        forget_widgets(windows)


@pytest.fixture
def themes(qapp: QApplication) -> ThemeManager:
    manager = ThemeManager("light")
    manager.apply()
    STYLED.append(manager)
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


def show(window: MainWindow, size: tuple[int, int]) -> None:
    """As at a first start, with everything painted."""
    window.resize(*size)
    window.workspaces.reset()
    window.show()
    assert QTest.qWaitForWindowExposed(window)
    # The pictures of the data sets come one by one.
    until(lambda: not window.workspaces.panels["data"].busy)


def until(true: Callable[[], bool]) -> None:
    """For fixtures that live longer than a qtbot."""
    for _ in range(2_000):
        if true():
            return
        QTest.qWait(5)
    pytest.fail("waited for ten seconds in vain")


def end(window: MainWindow) -> None:
    """Closes a window without a question."""
    if shiboken6.isValid(window):
        window._may_close = True
        window.close()
        window.deleteLater()


@pytest.fixture
def saved() -> Callable[[Documents], None]:
    """Waits until what is being saved is in its file, and what is being opened in force."""
    return lambda documents: until(lambda: not documents.saving.busy)


@pytest.fixture
def imported() -> Callable[..., ImportDialog | None]:
    """Imports a file; gives the dialog once it has read it and judged what there is to learn."""

    def wait(window: MainWindow, path: Path | None = None) -> ImportDialog | None:
        importing = window.documents.importing
        if path is not None:
            importing.start(path)
        until(lambda: not importing.work.busy)
        return importing.dialog

    return wait


@pytest.fixture
def open_window(
    qapp: QApplication, themes: ThemeManager, settings: QSettings
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
        show(window, size)
        return window

    yield open_one
    for window in opened:
        end(window)
    settle()


@pytest.fixture
def window(open_window: Callable[..., MainWindow]) -> MainWindow:
    return open_window()


@pytest.fixture(scope="module")
def _standing(
    qapp: QApplication, timers: object, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MainWindow]:
    known = set(QApplication.topLevelWidgets())
    themes = ThemeManager("light")
    themes.apply()
    place = tmp_path_factory.mktemp("settings") / "settings.ini"
    store = Store(first_start())
    settings = QSettings(str(place), QSettings.Format.IniFormat)
    window = MainWindow(store, TrainingBridge(store), themes, settings)
    show(window, (1280, 720))
    until(lambda: window.bridge.last is not None)  # its thread is there
    STANDING.append(window)
    yield window
    STANDING.clear()
    end(window)
    settle()
    forget_widgets(known)


@pytest.fixture
def standing_window(_standing: MainWindow) -> Iterator[MainWindow]:
    """One window for all tests of a module, each on the flower of the first start.

    Opening a window takes longer than most tests do, and a user keeps it open too. Tests that
    close it, arrange it anew or remember something in its settings want ``window`` instead.
    """
    window = _standing
    window.activateWindow()
    window.canvas.setFocus()
    arrangement = window.saveState()
    yield window
    for dialog in window.findChildren(QDialog):
        assert not dialog.isVisible(), f"{dialog.windowTitle()!r} is still open"
    window.bridge.pause()
    # The mouse goes away: a card it rests on has the bubble speak of that card.
    QApplication.sendEvent(window.canvas.viewport(), QEvent(QEvent.Type.Leave))
    window.store.replace(first_start())
    window.store.select([])
    window.strip.dismiss()
    # To lay all panels out and to paint them anew takes longer than most tests.
    if window.saveState() != arrangement:
        show(window, (1280, 720))
    until(
        lambda: (last := window.bridge.last) is not None and (last.state, last.step) == ("idle", 0)
    )
