"""The program with its window: sets up Qt, opens what was asked for, and runs."""

from __future__ import annotations

import gc
import logging
import sys
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSettings, QStandardPaths, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QIcon, QPixmapCache, QWindow
from PySide6.QtWidgets import QApplication

from netbuilder import assets, machine
from netbuilder.document.file import storage
from netbuilder.document.file.place import Place
from netbuilder.document.templates import first_start
from netbuilder.errors import Message, UserError, reading
from netbuilder.gui.store import Store
from netbuilder.gui.theme import translation
from netbuilder.gui.theme.manager import CHOICES, ThemeManager
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.gui.window import accessibility, remembered, report
from netbuilder.gui.window.main_window import MainWindow
from netbuilder.gui.window.saving import learned_of
from netbuilder.gui.window.signals import Signals
from netbuilder.runs.stored import others

_log = logging.getLogger(__name__)

SWITCH_INTERVAL = 0.0005
"""Seconds after which the worker must offer the interpreter to the window."""

_PICTURES = 96 * 1024
"""Kilobytes of pictures, those of the canvas' cards above all, that Qt keeps."""

_INPUT = {
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseButtonRelease,
    QEvent.Type.MouseMove,
    QEvent.Type.Wheel,
    QEvent.Type.KeyPress,
    QEvent.Type.KeyRelease,
    QEvent.Type.TouchUpdate,
}


class InputWatch(QObject):
    """Lets the worker stand still while the user does something.

    It watches windows, not the application: a filter there would be called for every event of every
    widget, and every call would have to win the interpreter from the worker.
    """

    def __init__(self, bridge: TrainingBridge, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge

    def watch(self, window: QWindow | None) -> None:
        if window is not None:
            # Installing it again only moves it to the front.
            window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _INPUT:
            self._bridge.hold()
        return False


def application() -> QApplication:
    """The QApplication, with our name, icon and translations."""
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(
        Qt.HighDpiScaleFactorRoundingPolicy.PassThrough
    )
    app = QApplication(sys.argv[:1])
    QPixmapCache.setCacheLimit(_PICTURES)
    machine.give_back()
    app.setApplicationName("netbuilder")
    app.setApplicationDisplayName("netbuilder")
    app.setDesktopFileName("netbuilder")
    app.setStyle("Fusion")
    app.setWindowIcon(QIcon(str(assets.path("icons", "app.svg"))))
    translation.install(app)
    accessibility.install()
    return app


def run(path: str | Path | None = None) -> int:
    """Opens the window on a project file or on the first example; returns the exit code."""
    app = application()
    settings = remembered.open_settings()
    remembered.begin_start(settings)
    choice = str(settings.value("theme", "system"))
    themes = ThemeManager(choice if choice in CHOICES else "system")
    themes.apply()
    store, place, problems = _open(path)
    sys.setswitchinterval(SWITCH_INTERVAL)
    bridge = TrainingBridge(store)
    window = MainWindow(store, bridge, themes, settings, place, _data_folder() / "recovery")
    sys.excepthook = report.reporter(window.strip.tell)
    watch = InputWatch(bridge, app)
    app.focusWindowChanged.connect(watch.watch)
    window.show()
    QTimer.singleShot(0, window, lambda: _started(settings))
    watch.watch(window.windowHandle())
    for kind, message in problems:
        store.notify(kind, message)
    if window.keeper is not None:
        window.keeper.look()
    if path is None and not (window.keeper and window.keeper.found):
        window.hint.offer()
    signals = Signals(app)
    ended: list[int] = []
    signals.came.connect(ended.append)
    signals.came.connect(window.end)
    try:
        with report.log_file(_data_folder()):
            code = app.exec()
        return 128 + ended[0] if ended else code
    finally:
        signals.close()
        sys.excepthook = sys.__excepthook__
        bridge.close()


def _started(settings: QSettings) -> None:
    """The window is there."""
    remembered.end_start(settings)
    # What the start has made stays: going over all of it again would hold the window up.
    gc.freeze()
    gc.enable()


def _data_folder() -> Path:
    """The user's folder for what the program keeps by itself."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation))


def _open(path: str | Path | None) -> tuple[Store, Place | None, list[tuple[str, Message]]]:
    """The store on the file; where that fails, on the example, with what is to be said about it."""
    if path is None:
        return Store(first_start()), None, []
    path = Path(path)
    place = Place.of(path)
    try:
        # Whatever is in the file, there is a window that says so.
        with reading(path.name):
            loaded = storage.load(path)
            store = Store(loaded.project, path, learned_of(loaded), others(loaded.sections))
    except UserError as error:
        place.release()
        return Store(first_start()), None, [("error", error.message)]
    warnings = loaded.warnings + (() if store.run_error is None else (store.run_error,))
    return store, place, [("warning", message) for message in warnings]
