"""What edits and gestures cost the window: 10, 50 and 200 layers, and how it grows with them.

    python tests/benchmarks/canvas.py [ROUNDS]

For each edit the table shows two medians in milliseconds of the GUI thread: what the edit itself
takes, which is what a click or a key waits for, and what it takes with all that follows from it,
painting and the look at the run's next snapshot included. The last columns are the times of 200
layers as multiples of those of 10 layers: an edit that costs what it touches has 1. Time of the
processor is measured, not of the clock, so that a busy machine tells the same; everything runs on
the offscreen platform.

Below stands how many paintings a second a gesture of the mouse gets, at rest and while it trains:
one over the median time, by the clock, from a movement to the painting that shows it. ``release``
is the longest time of the GUI thread that letting go of a dragged card takes, in milliseconds.
"""

# ruff: noqa: E402 — the number of BLAS threads is settled before NumPy is loaded
from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ["QT_QPA_PLATFORM"] = "offscreen"

from netbuilder.__main__ import leave_a_core

leave_a_core()

from PySide6.QtCore import QEvent, QEventLoop, QObject, QPoint, QPointF, QSettings, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from netbuilder.document.model.project import DataChoice, Project
from netbuilder.document.templates import new_project
from netbuilder.gui.store import Store
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.gui.window.app import SWITCH_INTERVAL, InputWatch, application
from netbuilder.gui.window.main_window import MainWindow

LAYERS = (10, 50, 200)
SETTLES = 0.6
"""Seconds in which all that follows from an edit has come."""
Times = dict[str, list[tuple[float, float]]]
"""Edit -> (seconds of the edit, seconds until all is shown) of each round."""


def settle() -> None:
    """Works through all that follows, the run's snapshot included."""
    end = time.monotonic() + SETTLES
    while time.monotonic() < end:
        rest(0.02)
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def rest(seconds: float) -> None:
    """Runs the event loop for a while."""
    loop = QEventLoop()
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec()


def timed(act: Callable[[], object]) -> tuple[float, float]:
    start = time.thread_time()
    act()
    edited = time.thread_time()
    settle()
    return edited - start, time.thread_time() - start


def edits(window: MainWindow, layers: int, round: int) -> dict[str, Callable[[], object]]:
    """The edits of one round by name, each on a layer in the middle."""
    store = window.store
    id = f"n{layers // 2}"

    def edit(change: Callable[[Project], Project]) -> Callable[[], object]:
        return lambda: store.edit(change, "edit")

    def rate(project: Project) -> Project:
        rate = 0.01 * (1 + round)
        return replace(project, training=replace(project.training, learning_rate=rate))

    def units(project: Project) -> Project:
        layer = project.network.node(id).layer
        return project.with_network(
            project.network.set_layer(id, replace(layer, units=layer.units + 1))
        )

    def move(project: Project) -> Project:
        x, y = project.network.node(id).position
        return project.with_network(project.network.move({id: (x, y + 20.0)}))

    def rename(project: Project) -> Project:
        return project.with_network(project.network.rename(id, f"Round {round}"))

    return {
        "learning rate": edit(rate),
        "units + 1": edit(units),
        "move a card": edit(move),
        "rename": edit(rename),
        "undo (of rename)": store.undo,
    }


def measure(layers: int, rounds: int, themes: ThemeManager) -> Times:
    project = new_project(DataChoice(), ", ".join(["4 tanh"] * layers + ["1 sigmoid"]))
    times: Times = {}
    with tempfile.TemporaryDirectory() as folder:
        settings = QSettings(f"{folder}/s.ini", QSettings.Format.IniFormat)
        start = time.thread_time()
        store = Store(project)
        window = MainWindow(store, TrainingBridge(store), themes, settings)
        window.resize(1440, 900)
        window.show()
        edited = time.thread_time()
        settle()
        times["open"] = [(edited - start, time.thread_time() - start)]
        rest(1.0)
        for round in range(rounds):
            for name, act in edits(window, layers, round).items():
                times.setdefault(name, []).append(timed(act))
            window._may_close = True
        window.close()
        window.deleteLater()
        rest(0.1)
    return times


def large() -> dict[str, Project]:
    networks = {f"{n} layers of 4": ["4 tanh"] * n for n in LAYERS} | {
        "20 layers of 32": ["32 tanh"] * 20
    }
    return {
        name: new_project(DataChoice(), ", ".join([*layers, "1 sigmoid"]))
        for name, layers in networks.items()
    }


class Mouse(QObject):
    """A mouse over the canvas, and how long each of its movements takes to be seen."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self._view, self._paintings = window.canvas, 0
        self._view.viewport().installEventFilter(self)
        self._place = self._view.viewport().rect().center()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self._paintings += event.type() == QEvent.Type.Paint
        return False

    def drag(self, button: Qt.MouseButton, start: QPoint, steps: int = 40) -> tuple[float, float]:
        """Paintings a second, and the seconds of letting go."""
        port = self._view.viewport()
        QTest.mousePress(port, button, pos=start)
        times = []
        for step in range(1, steps + 1):
            at = start + QPoint(3 * step % 61, 2 * step % 41)
            times.append(self._seen(lambda at=at: QTest.mouseMove(port, at)))
        begin = time.thread_time()
        QTest.mouseRelease(port, button, pos=at)
        QApplication.processEvents()
        return 1 / median(times), time.thread_time() - begin

    def zoom(self, steps: int = 20) -> float:
        """Paintings a second."""
        camera, times = self._view.camera, []
        for step in range(steps):
            factor = 1.1 if step % 4 < 2 else 1 / 1.1
            act = partial(camera.set_zoom, camera.zoom * factor, self._place)
            times.append(self._seen(act))
        return 1 / median(times)

    def _seen(self, act: Callable[[], object]) -> float:
        start = time.perf_counter()
        act()
        painted = self._paintings
        while self._paintings == painted and time.perf_counter() < start + 1.0:
            QApplication.processEvents()
        return time.perf_counter() - start


def gestures(project: Project, trains: bool, themes: ThemeManager) -> list[float]:
    """Paintings a second of panning, zooming and dragging; then the release in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        settings = QSettings(f"{folder}/s.ini", QSettings.Format.IniFormat)
        store = Store(project)
        window = MainWindow(store, TrainingBridge(store), themes, settings)
        watch = InputWatch(window.bridge, QApplication.instance())
        window.resize(1440, 900)
        window.show()
        watch.watch(window.windowHandle())
        rest(1.5)
        if trains:
            window.bridge.play()
            rest(3.0)
        view, mouse = window.canvas, Mouse(window)
        pan, _ = mouse.drag(Qt.MouseButton.MiddleButton, view.viewport().rect().center())
        zoom = mouse.zoom()
        card = view.canvas.cards[f"n{len(view.canvas.cards) // 2}"]
        view.camera.set_zoom(1.0, QPoint(0, 0))
        view.centerOn(card.scene_rect().center())
        rest(0.3)
        ground = view.mapFromScene(card.scene_rect().bottomLeft() + QPointF(8, -6))
        before = store.project
        drag, release = mouse.drag(Qt.MouseButton.LeftButton, ground)
        assert store.project is not before, "no card was dragged"
        window.bridge.pause()
        rest(0.2)
        window._may_close = True
        window.close()
        window.deleteLater()
        rest(0.1)
    return [pan, zoom, drag, release * 1000]


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    app = application()
    themes = ThemeManager("light")
    themes.apply()
    found = {layers: measure(layers, rounds, themes) for layers in LAYERS}
    first, last = LAYERS[0], LAYERS[-1]
    print(f"{app.platformName()}, medians of {rounds} rounds, milliseconds: edit / all shown")
    print(f"{'':18}" + "".join(f"{f'{n} layers':>16}" for n in LAYERS) + f"{last:>11} : {first}")
    for name in found[first]:
        middle = {
            n: [median(pair[at] for pair in found[n][name]) * 1000 for at in (0, 1)] for n in LAYERS
        }
        cells = "".join(f"{middle[n][0]:8.1f} /{middle[n][1]:6.1f}" for n in LAYERS)
        ratios = [middle[last][at] / middle[first][at] for at in (0, 1)]
        print(f"{name:18}{cells}{ratios[0]:9.1f} /{ratios[1]:5.1f}")
    sys.setswitchinterval(SWITCH_INTERVAL)
    print(f"\n{'paintings a second':26}{'pan':>10}{'zoom':>10}{'drag':>10}{'release ms':>12}")
    for name, project in large().items():
        for trains in (False, True):
            *rates, release = gestures(project, trains, themes)
            cells = "".join(f"{rate:10.0f}" for rate in rates)
            words = f"{name}, training" if trains else name
            print(f"{words:26}{cells}{release:12.1f}", flush=True)


if __name__ == "__main__":
    main()
