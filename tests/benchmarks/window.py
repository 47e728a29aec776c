"""The window while it trains: frames a second, lag of the event loop, and what training is left.

    python tests/benchmarks/window.py [SECONDS [ROUNDS]]

For each network the headless trainer and the whole window take turns in one process, and the table
shows medians over the rounds. A frame is a moment of the run that the views show; beside it stands
how often the canvas was painted. The lag is how late a timer of 5 ms is, which is what a click
would wait. The gentle first seconds of a run, whose updates are few on purpose, are not counted.
Uses the display if there is one, else the offscreen platform.
"""

# ruff: noqa: E402 — the number of BLAS threads is settled before NumPy is loaded
from __future__ import annotations

import os
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))
if not ({"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys()):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from netbuilder.__main__ import leave_a_core

leave_a_core()

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QObject, QSettings, Qt, QTimer
from PySide6.QtGui import QGuiApplication

from netbuilder.document.model.project import DataChoice, Project
from netbuilder.document.templates import first_start, new_project
from netbuilder.gui.store import Store
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.gui.window.app import SWITCH_INTERVAL, InputWatch, application
from netbuilder.gui.window.main_window import MainWindow
from netbuilder.training.trainer import Limit, Trainer

TICK = 0.005
WARM_UP = 5.0


def cases() -> dict[str, Project]:
    small = first_start()
    mini = new_project(DataChoice(), "8 relu, 8 relu, 1 sigmoid")
    mini = replace(mini, training=replace(mini.training, batch_size=10, learning_rate=0.01))
    digits = new_project(DataChoice("digits", scale="minmax"), "128 relu, 64 relu, 10 softmax")
    digits = replace(
        digits,
        training=replace(digits.training, batch_size=64, optimizer="adam", learning_rate=1e-4),
    )
    return {
        "2-4-1, m=400 full batch (first start)": small,
        "2-8-8-1, mini-batch 10": mini,
        "64-128-64-10 digits, mini-batch 64, Adam": digits,
    }


@dataclass(frozen=True)
class Result:
    frames: float
    """A second."""
    paintings: float
    """A second."""
    lags: np.ndarray
    """Seconds."""
    updates: float
    """A second."""


class Watch(QObject):
    """Counts the paintings of one widget and measures how late a timer is."""

    def __init__(self, widget: QObject) -> None:
        super().__init__()
        self.paintings = 0
        self.ticks: list[float] = []
        self._widget = widget
        widget.installEventFilter(self)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(lambda: self.ticks.append(time.perf_counter()))
        self._timer.start(int(TICK * 1000))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.paintings += 1
        return False

    def stop(self) -> None:
        self._timer.stop()
        self._widget.removeEventFilter(self)


def wait(seconds: float) -> None:
    """Runs the event loop as the program does; QTest.qWait would keep the interpreter to itself."""
    loop = QEventLoop()
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec()


def headless(store: Store, seconds: float) -> float:
    """Updates a second of the plain loop."""
    project, plan, dataset = store.project, store.compiled.plan, store.dataset
    assert plan is not None and dataset is not None
    trainer = Trainer(plan, dataset, project.training, project.seed)
    trainer.limit = Limit(seconds=0.1)
    start, updates = time.perf_counter(), 0
    for count in trainer.bursts():
        updates += count
        if time.perf_counter() >= start + seconds:
            break
    return updates / (time.perf_counter() - start)


def windowed(window: MainWindow, seconds: float) -> Result:
    """The window playing, once it has warmed up."""
    bridge = window.bridge
    bridge.reset()
    bridge.play()
    wait(WARM_UP)
    frames: list[object] = []
    bridge.snapshot.connect(frames.append)
    first, watch = bridge.last, Watch(window.canvas.viewport())
    start = time.perf_counter()
    wait(seconds)
    watch.stop()
    taken, last = time.perf_counter() - start, bridge.last
    bridge.snapshot.disconnect(frames.append)
    shown = len(frames) / taken
    bridge.pause()
    wait(0.1)
    assert first is not None and last is not None
    assert last.state == "running", str(last.message)
    lags = np.maximum(np.diff(watch.ticks) - TICK, 0.0)
    return Result(shown, watch.paintings / taken, lags, (last.step - first.step) / taken)


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 4.0
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    app = application()
    sys.setswitchinterval(SWITCH_INTERVAL)
    themes = ThemeManager("light")
    themes.apply()
    print(f"platform {QGuiApplication.platformName()}, {rounds} rounds of {seconds:g} s")
    print(f"{'':42} frames/s paintings/s  lag ms p50   p99   max   updates/s  headless  share")
    for name, project in cases().items():
        with tempfile.TemporaryDirectory() as folder:
            settings = QSettings(f"{folder}/s.ini", QSettings.Format.IniFormat)
            store = Store(project)
            window = MainWindow(store, TrainingBridge(store), themes, settings)
            watch = InputWatch(window.bridge, app)
            window.resize(1440, 900)
            window.show()
            watch.watch(window.windowHandle())
            wait(1.5)
            alone, shown = [], []
            for _ in range(rounds):
                alone.append(headless(store, seconds / 2))
                shown.append(windowed(window, seconds))
            lags = np.concatenate([result.lags for result in shown]) * 1000
            updates = median(result.updates for result in shown)
            print(
                f"{name:42} {median(r.frames for r in shown):8.1f}"
                f"{median(r.paintings for r in shown):12.1f}"
                f"{np.percentile(lags, 50):12.1f} {np.percentile(lags, 99):5.1f} {lags.max():5.0f}"
                f"{updates:12,.0f} {median(alone):9,.0f} {updates / median(alone):6.0%}",
                flush=True,
            )
            window._may_close = True
            window.close()
            window.deleteLater()
            wait(0.1)


if __name__ == "__main__":
    main()
