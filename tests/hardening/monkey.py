"""The monkey: does what comes to its mind in a window that trains, and holds all parts together.

    python -m tests.hardening.monkey [MINUTES [SEED]]

After each deed the canvas must show the document, what is looked at must be of some network the
document had, runs must go forwards, and a saved file must hold what the window shows and open with
the weights that were saved. Any exception, in a slot, in a painter or in a thread, anything that
the program keeps in its log and any warning of Qt's end it, with the seed and the last deeds.
"""

from __future__ import annotations

import logging
import os
import random
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import (
    QPoint,
    QSettings,
    Qt,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from netbuilder.document.file import storage
from netbuilder.document.model.datasets import dataset_of
from netbuilder.document.model.project import DataChoice, Project, TrainingSettings
from netbuilder.document.templates import data_choice, first_start, new_project
from netbuilder.engine.layer import LAYERS
from netbuilder.gui.store import Store
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.gui.window.app import application
from netbuilder.gui.window.main_window import MainWindow
from netbuilder.runs.snapshot import Snapshot
from tests.hardening.deeds import Deeds, rest

TOYS = ("flower", "circles", "moons", "spirals", "xor", "gaussians", "iris")
NETWORKS = ("4 tanh, 1 sigmoid", "8 relu, 8 relu, 1 sigmoid", "3 tanh", "5 relu, 3 softmax")
ACTIONS = (
    *("play", "play", "play", "step", "epoch", "reset", "new_seed", "undo", "undo", "redo"),
    *("copy", "paste", "duplicate", "delete", "select_all", "arrange", "fit", "zoom_in"),
    *("zoom_out", "theme_light", "theme_dark", "train_on", "film", "film_back", "update_back"),
    *("update_on", "epoch_back", "epoch_on", "best", "live", "grows"),
)
NEWER = 0.35
"""The share of deeds that ``deeds.py`` has."""


class Monkey:
    """One window, and the deeds done to it."""

    def __init__(self, window: MainWindow, folder: Path, seed: int) -> None:
        self.window, self.folder = window, folder
        self.dice = random.Random(seed)
        self.done: Counter[str] = Counter()
        self.last: deque[str] = deque(maxlen=30)
        self.faults: list[str] = []
        self._before: Snapshot | None = None
        self._deeds: dict[str, Callable[[], object]] = {
            "action": self._action,
            "setting": self._setting,
            "layer": self._layer,
            "add": self._add,
            "wire": self._wire,
            "data": self._data,
            "scrub": self._scrub,
            "mouse": self._mouse,
            "select": self._select,
            "workspace": self._workspace,
            "runs": self._runs,
            "save": self._save,
            "reopen": self._reopen,
            "new": self._new,
        }
        self._newer = Deeds(window, folder, self.dice)

    def deed(self) -> None:
        """Does something, lets the window live for a moment, and looks whether all fits."""
        name = self.dice.choices(list(self._deeds), [8, 3, 3, 2, 2, 2, 4, 4, 2, 1, 3, 1, 1, 1])[0]
        do = self._deeds[name]
        if self.dice.random() < NEWER:
            name, do = self.dice.choice(list(self._newer.all.items()))
        self.done[name] += 1
        self.last.append(name)
        do()
        rest(self.dice.choice((0.0, 0.0, 0.005, 0.03)))
        self.check()

    # --- deeds -------------------------------------------------------------------------------

    def _action(self) -> None:
        id = self.dice.choice(ACTIONS)
        self.last[-1] = f"action {id}"
        action = self.window.actions_[id]
        if action.isEnabled():
            action.trigger()

    def _setting(self) -> None:
        chosen = self.dice.choice(
            (
                {"learning_rate": self.dice.choice((1e-3, 0.1, 1.2, 50.0))},
                {"optimizer": self.dice.choice(("gd", "momentum", "adam"))},
                {"batch_size": self.dice.choice((0, 1, 16, 10_000))},
                {"l2": self.dice.choice((0.0, 0.1))},
                {"patience": self.dice.choice((0, 3))},
                {"dtype": self.dice.choice(("float32", "float64"))},
                {"epochs": self.dice.choice((0, 5))},
            )
        )
        names = {setting.name for setting in TrainingSettings.settings()}
        assert set(chosen) <= names
        self._edit(lambda p: replace(p, training=replace(p.training, **chosen)))

    def _layer(self) -> None:
        free = [node for node in self.window.store.project.network.nodes if not node.fixed]
        if not free:
            return
        node = self.dice.choice(free)
        values: dict[str, Any] = {}
        for setting in node.layer.settings():
            if setting.choices:
                values = {setting.name: self.dice.choice(list(setting.choices))}
            elif setting.name == "units":
                values = {"units": self.dice.randint(1, 40)}
        if values:
            layer = node.layer.with_settings(**values)
            self._edit(lambda p: p.with_network(p.network.set_layer(node.id, layer)))

    def _add(self) -> None:
        kind = self.dice.choice([kind for kind, layer in LAYERS.items() if layer.in_palette])
        place = (self.dice.uniform(-300, 900), self.dice.uniform(-300, 300))
        self._edit(lambda p: p.with_network(p.network.add(LAYERS[kind](), place)[0]))

    def _wire(self) -> None:
        network = self.window.store.project.network
        if network.edges and self.dice.random() < 0.4:
            edge = self.dice.choice(network.edges)
            self._edit(lambda p: p.with_network(p.network.disconnect([edge])))
            return
        one, other = (self.dice.choice(network.nodes).id for _ in range(2))
        if network.refusal(one, other) is None:
            self._edit(lambda p: p.with_network(p.network.connect(one, other)))

    def _data(self) -> None:
        source = self.dice.choice((*TOYS, "", ""))
        self._edit(lambda p: replace(p, data=self._data_of(source)))

    def _data_of(self, source: str) -> DataChoice:
        """A ready data set, or a file of the user's, which changes from time to time."""
        if source:
            return DataChoice(source)
        path = self.folder / "mine.csv"
        names = self.dice.choice((("a", "b"), ("yes", "no", "perhaps")))
        rows = (f"{k / 7:.2f},{k % 5},{names[k % len(names)]}" for k in range(60))
        path.write_text("x,y,kind\n" + "\n".join(rows))
        return data_choice(str(path))

    def _scrub(self) -> None:
        last = self.window.bridge.last
        if last is not None:
            self.window.cursor_.go_to(self.dice.randint(0, max(0, last.step)))

    def _mouse(self) -> None:
        port = self.window.canvas.viewport()
        start, end = (
            QPoint(self.dice.randrange(port.width()), self.dice.randrange(port.height()))
            for _ in range(2)
        )
        button = self.dice.choice((Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton))
        QTest.mousePress(port, button, pos=start)
        for share in (0.3, 0.7, 1.0):
            QTest.mouseMove(port, start + (end - start) * share)
            if self.dice.random() < 0.1:
                self.dice.choice((self.window.store.undo, self.window.store.redo))()
        if self.dice.random() < 0.1:
            QTest.keyClick(self.window.canvas, Qt.Key.Key_Escape)
        QTest.mouseRelease(port, button, pos=end)
        menu = self.window.canvas.fields.menu
        if menu is not None:
            menu.close()
        self.window.canvas.fields.close_editor()

    def _select(self) -> None:
        ids = [node.id for node in self.window.store.project.network.nodes]
        self.window.store.select(self.dice.sample(ids, self.dice.randint(0, len(ids))))

    def _workspace(self) -> None:
        self.window.workspaces.show(self.dice.choice(("build", "watch", "understand", "inside")))

    def _runs(self) -> None:
        book = self.window.runs
        if not book.listed:
            return
        run = self.dice.choice(book.listed)
        number = run.number
        self.dice.choice(
            (
                lambda: book.show(number, self.dice.random() < 0.5),
                lambda: book.rename(number, self.dice.choice(("", "mine", "x" * 80))),
                lambda: book.pin(number),
                lambda: book.delete([number]),
            )
        )()

    def _save(self) -> None:
        path = self.folder / "monkey.netb"
        self.window.documents._save(path, over=True)
        project = self.window.store.project
        self._wait_for_writer()
        self._same(storage.load(path).project, project)

    def _reopen(self) -> None:
        path = self.folder / "monkey.netb"
        if not path.exists():
            return
        loaded = storage.load(path)
        self.window.documents._open(path)
        self._wait_for_writer()
        self._same(loaded.project, self.window.store.project)
        learned = self.window.bridge.learned()
        for name, W in (loaded.weights or {}).items():
            assert np.array_equal(learned.weights[name], W), f"{name} is not what was saved"

    def _same(self, saved: Project, shown: Project) -> None:
        """What a file holds is what the window shows."""
        for one, other in ((saved.network, shown.network), (saved.training, shown.training)):
            assert one == other, "the file holds another document"
        assert (saved.seed, saved.data.source) == (shown.seed, shown.data.source)
        assert dataset_of(saved.data).info == dataset_of(shown.data).info

    def _new(self) -> None:
        project = new_project(
            self._data_of(self.dice.choice((*TOYS, ""))), self.dice.choice(NETWORKS)
        )
        self.window.store.replace(project)

    def _edit(self, change: Callable[..., Any]) -> None:
        self.window.store.edit(change, "deed")

    def _wait_for_writer(self) -> None:
        self._newer.wait(lambda: self.window.documents.saving.busy, "saving")

    # --- what must hold ----------------------------------------------------------------------

    def check(self) -> None:
        window = self.window
        store, canvas = window.store, window.canvas.canvas
        network = store.project.network
        assert set(canvas.cards) == set(network.by_id), "cards are not the network's"
        assert set(canvas.wires) == set(network.edges), "wires are not the network's"
        for id, node in network.by_id.items():
            assert canvas.cards[id].node is node, "a card shows an old layer"
        assert store.selection <= set(network.by_id)
        moment = window.cursor_.moment
        if moment is not None:
            stored = moment.plan.stored
            for name, W in moment.weights.items():
                assert stored.get(name) == W.shape, f"{name} is of another network"
            recorder = window.cursor_.recorder
            if recorder is not None:
                steps = [keyframe.state.step for keyframe in recorder.keyframes]
                assert steps == sorted(steps), "keyframes go backwards"
            updates = moment.log.updates()["step"]
            assert (np.diff(updates) > 0).all(), "the log goes backwards"
        self._check_frozen()
        listed = window.runs.listed
        assert len({run.number for run in listed}) == len(listed), "two runs of one number"
        for run in listed:
            # Where batches become full at the end of an epoch, two rows have one step.
            steps = run.log.rows()["step"]
            assert (np.diff(steps) >= 0).all(), f"a run's log goes backwards: {steps[-20:]}"
        assert window.bridge.state in ("idle", "running", "paused", "finished", "diverged"), (
            f"{window.bridge.state}: {window.bridge.last and window.bridge.last.message}"
        )
        assert not self.faults, self.faults[0]

    def _check_frozen(self) -> None:
        """What is frozen does not change as long as nothing but training goes on."""
        last, before = self.window.bridge.last, self._before
        self._before = last
        if last is None or before is None:
            return
        if (last.plan, last.stretch) == (before.plan, before.stretch):
            for name in last.plan.frozen:
                # Another precision rounds them.
                W, V = (np.asarray(found.weights[name], np.float32) for found in (last, before))
                assert np.array_equal(W, V), f"{name} is frozen, and goes from {V} to {W}"


def play(window: MainWindow, folder: Path, seed: int, goes_on: Callable[[int], bool]) -> Monkey:
    """Lets a monkey at a window until ``goes_on`` says no; raises what it finds, with its seed."""
    monkey = Monkey(window, folder, seed)

    def note(kind: Any, error: Any, trace: Any) -> None:
        monkey.faults.append("".join(traceback.format_exception(kind, error, trace)))

    class Told(logging.Handler):
        """What the program keeps in its log is an error that it has caught."""

        def emit(self, record: logging.LogRecord) -> None:
            monkey.faults.append(self.format(record))

    def warned(kind: Any, context: Any, text: str) -> None:
        if "plugin does not support" not in text and kind != QtMsgType.QtDebugMsg:
            monkey.faults.append(f"Qt: {text}")

    told = Told(logging.ERROR)
    logging.getLogger("netbuilder").addHandler(told)
    before = qInstallMessageHandler(warned)
    hooks = sys.excepthook, threading.excepthook
    sys.excepthook = note
    threading.excepthook = lambda args: note(args.exc_type, args.exc_value, args.exc_traceback)
    count = 0
    try:
        while goes_on(count):
            monkey.deed()
            count += 1
    except BaseException as error:
        error.add_note(f"seed {seed}, deed {count}; the last ones: {', '.join(monkey.last)}")
        raise
    finally:
        sys.excepthook, threading.excepthook = hooks
        qInstallMessageHandler(before)
        logging.getLogger("netbuilder").removeHandler(told)
    return monkey


def main() -> None:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())
    application()
    themes = ThemeManager("light")
    themes.apply()
    end = time.monotonic() + 60 * minutes
    with tempfile.TemporaryDirectory() as folder:
        settings = QSettings(f"{folder}/s.ini", QSettings.Format.IniFormat)
        store = Store(first_start())
        window = MainWindow(store, TrainingBridge(store), themes, settings)
        window.resize(1280, 720)
        window.show()
        try:
            monkey = play(window, Path(folder), seed, lambda _: time.monotonic() < end)
        finally:
            window._may_close = True
            window.close()
            # Offscreen, Qt deletes what was copied only after Python has ended, and crashes on it.
            QGuiApplication.clipboard().clear()
    deeds = ", ".join(f"{count} {name}" for name, count in sorted(monkey.done.items()))
    print(f"seed {seed}: {sum(monkey.done.values()):,} deeds, nothing found ({deeds})")


if __name__ == "__main__":
    main()
