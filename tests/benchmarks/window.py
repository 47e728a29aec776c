"""The window while it trains: frames a second, lag of the event loop, and what training is left.

    python tests/benchmarks/window.py [SECONDS [ROUNDS [PART OF A NAME]]]

For each network the whole window and the headless trainer take turns in one process, the trainer
from the very state that the window has come to, and the table shows medians over the rounds. A
frame is a moment of the run that the views show; beside it stands how often the canvas was painted.
The lag is how late a timer of 5 ms is, which is what a click would wait. The gentle first seconds
of a run, whose updates are few on purpose, are not counted; they are in ``opening``: the longest
lag from the moment on at which the network comes into a window that is open, until it trains.

``GUI ms`` is the processor time that the window's thread takes for a frame; ``others`` is what
other processes took of the machine. A round in which that is more than a tenth of one core is
repeated, up to three times, and marked where it stays so.
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

from netbuilder.data.table import Table
from netbuilder.document.model.project import FILE, DataChoice, Project
from netbuilder.document.templates import first_start, new_project
from netbuilder.gui.store import Store
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.gui.window.app import SWITCH_INTERVAL, InputWatch, application
from netbuilder.gui.window.main_window import MainWindow
from netbuilder.runs.state import RunState
from netbuilder.training.trainer import Limit, Trainer

TICK = 0.005
WARM_UP = 5.0
DISTURBED = 0.1
"""Cores that others may take before a round does not count."""


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
        "784-256-128-10, mini-batch 128, Adam": drawn((28, 28), "256 relu, 128 relu, 10 softmax"),
        "50 layers of 4": new_project(DataChoice(), ", ".join(["4 tanh"] * 49 + ["1 sigmoid"])),
        "200 layers of 4": new_project(DataChoice(), ", ".join(["4 tanh"] * 199 + ["1 sigmoid"])),
        "20 layers of 32": new_project(DataChoice(), ", ".join(["32 tanh"] * 19 + ["1 sigmoid"])),
        "convolutions 128 + 64 on 3×64×64": drawn(
            (3, 64, 64),
            "reshape 3x64x64, conv 128 3x3 relu, conv 64 3x3 relu, flatten, 10 softmax",
            m=200,
            batch=20,
        ),
    }


def drawn(shape: tuple[int, ...], layers: str, m: int = 6000, batch: int = 128) -> Project:
    """A network for images that are made up, in ten classes."""
    random = np.random.RandomState(0)
    pixels = int(np.prod(shape))
    table = Table(
        np.column_stack([random.rand(m, pixels), np.arange(m) % 10]),
        (*(f"p{pixel}" for pixel in range(pixels)), "class"),
        {"class": tuple("0123456789")},
        ("class",),
        image_shape=(shape[0], shape[1]) if len(shape) == 2 else None,
    )
    project = new_project(DataChoice(FILE, table=table), layers)
    training = replace(project.training, batch_size=batch, optimizer="adam", learning_rate=1e-4)
    return replace(project, training=replace(training, dtype="float32"))


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
    headless: float
    """A second, from the same state on."""
    cpu: float
    """Seconds of the window's thread for a frame."""
    others: float
    """Cores that other processes took meanwhile."""


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


def headless(store: Store, state: RunState, seconds: float) -> float:
    """Updates a second of the plain loop, from the state that the window has come to."""
    plan, dataset = store.compiled.plan, store.dataset
    assert plan is not None and dataset is not None
    trainer = Trainer.from_state(plan, dataset, state)
    trainer.limit = Limit(seconds=0.1)
    start, updates = time.perf_counter(), 0
    for count in trainer.bursts():
        updates += count
        if time.perf_counter() >= start + seconds:
            break
    return updates / (time.perf_counter() - start)


def busy() -> float:
    """Seconds of processor time that other processes have taken; NaN where nobody tells."""
    try:
        with open("/proc/stat", encoding="ascii") as stat:
            user, nice, system, _idle, _wait, irq, soft, *_ = map(int, stat.readline().split()[1:])
    except OSError:
        return float("nan")
    return (user + nice + system + irq + soft) / os.sysconf("SC_CLK_TCK") - time.process_time()


def windowed(window: MainWindow, seconds: float) -> Result:
    """The window playing, then the plain loop."""
    bridge = window.bridge
    frames: list[object] = []
    bridge.play()
    wait(0.5)
    bridge.snapshot.connect(frames.append)
    first, watch = bridge.last, Watch(window.canvas.viewport())
    start, cpu, others = time.perf_counter(), time.thread_time(), busy()
    wait(seconds)
    watch.stop()
    taken, last = time.perf_counter() - start, bridge.last
    cpu = time.thread_time() - cpu
    bridge.snapshot.disconnect(frames.append)
    bridge.pause()
    while bridge.running:
        wait(0.05)
    assert first is not None and last is not None
    learned = bridge.learned()
    assert learned is not None and learned.state is not None, str(bridge.last)
    alone = headless(window.store, learned.state, seconds / 2)
    others = (busy() - others) / (time.perf_counter() - start)
    lags = np.maximum(np.diff(watch.ticks) - TICK, 0.0)
    return Result(
        len(frames) / taken,
        watch.paintings / taken,
        lags,
        (last.step - first.step) / taken,
        alone,
        cpu / max(1, len(frames)),
        others,
    )


def undisturbed(window: MainWindow, seconds: float) -> Result:
    """A round in which the machine was ours, if there is one among three."""
    for _ in range(3):
        result = windowed(window, seconds)
        if not result.others > DISTURBED:
            break
    return result


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 4.0
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    wanted = sys.argv[3] if len(sys.argv) > 3 else ""
    app = application()
    sys.setswitchinterval(SWITCH_INTERVAL)
    themes = ThemeManager("light")
    themes.apply()
    print(f"platform {QGuiApplication.platformName()}, {rounds} rounds of {seconds:g} s")
    print(
        f"{'':42} frames/s paintings/s  lag ms p50   p99   max  opening"
        "   updates/s  headless  share  GUI ms  others"
    )
    for name, project in cases().items():
        if wanted not in name:
            continue
        with tempfile.TemporaryDirectory() as folder:
            settings = QSettings(f"{folder}/s.ini", QSettings.Format.IniFormat)
            store = Store(first_start())
            window = MainWindow(store, TrainingBridge(store), themes, settings)
            watch = InputWatch(window.bridge, app)
            window.resize(1440, 900)
            window.show()
            watch.watch(window.windowHandle())
            wait(1.0)
            ticker = Watch(window.canvas.viewport())
            wait(0.1)
            # Nothing may stop by itself while it is measured.
            endless = replace(project.training, epochs=0, target_cost=0.0, patience=0)
            store.replace(replace(project, training=endless))
            wait(1.0)
            window.bridge.play()
            wait(WARM_UP)
            ticker.stop()
            opening = max(np.diff(ticker.ticks)) - TICK
            shown = [undisturbed(window, seconds) for _ in range(rounds)]
            lags = np.concatenate([result.lags for result in shown]) * 1000
            share = median(result.updates / result.headless for result in shown)
            others = max(result.others for result in shown)
            print(
                f"{name:42} {median(r.frames for r in shown):8.1f}"
                f"{median(r.paintings for r in shown):12.1f}"
                f"{np.percentile(lags, 50):12.1f} {np.percentile(lags, 99):5.1f} {lags.max():5.0f}"
                f"{opening * 1000:9.0f}"
                f"{median(r.updates for r in shown):12,.1f}"
                f" {median(r.headless for r in shown):9,.1f} {share:6.0%}"
                f"{median(r.cpu for r in shown) * 1000:8.2f}{others:8.2f}"
                f"{'  disturbed' if others > DISTURBED else ''}",
                flush=True,
            )
            window._may_close = True
            window.close()
            window.deleteLater()
            wait(0.1)


if __name__ == "__main__":
    main()
