"""The journey of a new user, on a real screen with a real mouse; run by test_desktop.py.

    python desktop.py FOLDER [--pictures]

FOLDER holds ``cells.csv`` and receives ``network.onnx`` and ``seen.npz`` (what the window
predicted), with ``--pictures`` also what the screen showed. The exit code is 0 when all went well.
"""

from __future__ import annotations

import sys
import threading
import traceback
from pathlib import Path

import numpy as np
from person import Person, focus_without_window_manager, middle
from PySide6.QtCore import QCoreApplication, QPoint, QRect
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFileDialog,
    QLineEdit,
    QMenu,
    QMessageBox,
    QPushButton,
)

from netbuilder.__main__ import main
from netbuilder.document.model.network import COST, Edge
from netbuilder.gui.window.main_window import MainWindow


class Journey:
    """One user's first ten minutes, step by step."""

    def __init__(self, folder: Path, pictures: bool) -> None:
        self.folder = folder
        self.pictures = pictures
        self.person = Person()
        self.window: MainWindow = self.person.wait_for("the window", _window)

    def walk(self) -> None:
        person = self.person
        person.see(focus_without_window_manager)
        self.watch_the_flower_learn()
        self.look_back_and_train_on()
        self.drag_in_a_layer_while_it_trains()
        self.load_a_file()
        self.see_that_it_fits()
        self.train_and_read_the_confusion_matrix()
        self.export_onnx()
        self.go_dark()
        self.leave()

    def picture(self, name: str) -> None:
        if self.pictures:
            self.person.picture(str(self.folder / f"{name}.png"))

    # --- the steps ---------------------------------------------------------------------------

    def watch_the_flower_learn(self) -> None:
        person, window = self.person, self.window
        self.picture("1_first_start")
        assert person.see(lambda: window.store.project.data.source) == "flower"
        person.click(person.see(lambda: middle(window.toolbar.play)))
        person.wait_for("a learned flower", lambda: self._cost() < 0.26)
        self.picture("2_flower")

    def look_back_and_train_on(self) -> None:
        person, window = self.person, self.window
        panel, cursor = window.workspaces.panels["timeline"], window.cursor_
        end = person.see(lambda: panel.track.mapToGlobal(QPoint(panel.track.width() - 9, 12)))
        person.drag(end, person.see(lambda: middle(panel.track)))
        person.wait_for("the exact moment", lambda: not cursor.live and cursor.moment.exact)
        assert person.see(lambda: window.bridge.running), "training goes on meanwhile"
        then, late = person.see(lambda: (cursor.moment.step, window.bridge.last))
        assert 0 < then < late.step
        person.click(person.see(lambda: middle(panel.train_on)))
        person.wait_for(
            "a fork that trains", lambda: cursor.live and window.bridge.last.run != late.run
        )
        assert person.see(lambda: window.store.undo_label) == f"train on from update {then:,}"
        self.picture("2b_fork")

    def drag_in_a_layer_while_it_trains(self) -> None:
        person, window = self.person, self.window
        layers = person.see(lambda: _chain(window))
        assert layers == ["Dense 1", "Dense 2"], layers
        start = person.see(self._palette_dense)
        person.drag(start, person.see(self._wire_between_the_layers))
        person.wait_for(
            "a second hidden layer", lambda: _chain(window) == ["Dense 1", "Dense 3", "Dense 2"]
        )
        running_with_it = lambda: (  # noqa: E731
            window.bridge.running and len(window.bridge.last.plan.parameters) == 6
        )
        person.wait_for("training that goes on with it", running_with_it)
        person.press("ctrl+z")
        person.wait_for("the layer gone again", lambda: len(_chain(window)) == 2)
        person.press("ctrl+y")
        person.wait_for("the layer back", lambda: len(_chain(window)) == 3)
        self.picture("3_dragged_in")

    def load_a_file(self) -> None:
        person, window = self.person, self.window
        person.click(person.see(lambda: middle(window.workspaces.panels["data"].buttons["file"])))
        self._fill_file_dialog(self.folder / "cells.csv")
        person.wait_for("the preview", lambda: isinstance(_modal(), QDialog) and _preview(_modal()))
        person.see(focus_without_window_manager)
        self.picture("4_preview")
        person.click(person.see(lambda: middle(_modal().accept_button)))
        person.wait_for("the data", lambda: window.store.dataset.info.task == "classes")
        assert person.see(lambda: window.store.compiled.ok), "it is fitted to the classes"

    def see_that_it_fits(self) -> None:
        person, window = self.person, self.window
        person.see(focus_without_window_manager)
        self.picture("5_fitted")
        output = person.see(lambda: _output(window))
        assert (output.layer.units, output.layer.activation) == (3, "softmax")
        assert person.see(lambda: window.store.project.network.node(COST).layer.loss) == (
            "cross_entropy"
        )

    def train_and_read_the_confusion_matrix(self) -> None:
        person, window = self.person, self.window
        if not person.see(lambda: window.bridge.running):
            person.click(person.see(lambda: middle(window.toolbar.play)))
        person.wait_for("a network that has learned", lambda: self._accuracy() > 0.95)
        tab = person.see(lambda: _tab(window, "Confusion matrix"))
        person.click(tab)
        person.wait_for(
            "the matrix", lambda: window.workspaces.panels["confusion"].table.isVisible()
        )
        self.picture("6_confusion")
        person.click(person.see(lambda: middle(window.toolbar.play)))
        person.wait_for("the pause", lambda: not window.bridge.running)

    def export_onnx(self) -> None:
        person, window = self.person, self.window
        person.press("ctrl+shift+e")
        target = self.folder / "network.onnx"
        self._fill_file_dialog(target)
        person.wait_for("the exported file", target.exists)
        np.savez(self.folder / "seen.npz", **person.see(lambda: _predictions(window)))

    def go_dark(self) -> None:
        person, window = self.person, self.window
        person.click(person.see(lambda: _menu_title(window, "View")))
        for entry in ("Theme", "Dark"):
            place = person.wait_for(f"the entry {entry}", lambda e=entry: _menu_entry(e))
            person.click(place)
        person.wait_for("the dark theme", lambda: window.themes.theme.name == "dark")
        person.wait_for("the menu to close", lambda: QApplication.activePopupWidget() is None)
        self.picture("7_dark")

    def leave(self) -> None:
        person = self.person
        person.see(focus_without_window_manager)
        person.press("ctrl+q")
        person.wait_for("the question", lambda: isinstance(_modal(), QMessageBox))
        self.picture("8_leaving")
        button = person.see(lambda: _button(_modal(), "Don't save"))
        person.click(person.see(lambda: middle(button)))

    # --- helpers -----------------------------------------------------------------------------

    def _cost(self) -> float:
        last = self.window.bridge.last
        return float("inf") if last is None else last.cost

    def _accuracy(self) -> float:
        last = self.window.bridge.last
        if last is None:
            return 0.0
        seen = last.log.epochs()["train_accuracy"]
        seen = seen[np.isfinite(seen)]
        return float(seen[-1]) if len(seen) else 0.0

    def _palette_dense(self) -> QPoint:
        palette = self.window.workspaces.panels["layers"]
        for row in range(palette.count()):
            if palette.item(row).text() == "Dense":
                return middle(palette.viewport(), palette.visualItemRect(palette.item(row)))
        raise AssertionError("no Dense in the palette")

    def _wire_between_the_layers(self) -> QPoint:
        canvas = self.window.canvas
        network = self.window.store.project.network
        first, second = (node.id for node in network.nodes if not node.fixed)
        assert Edge(first, second) in network.edges
        cards = canvas.scene().cards
        start, end = cards[first].port_pos("out"), cards[second].port_pos("in")
        return canvas.viewport().mapToGlobal(canvas.mapFromScene((start + end) / 2))

    def _fill_file_dialog(self, path: Path) -> None:
        person = self.person
        person.wait_for("a file dialog", lambda: isinstance(_modal(), QFileDialog))
        person.see(focus_without_window_manager)
        dialog = person.see(_modal)  # kept: nobody else in Python owns it
        name = person.see(lambda: dialog.findChild(QLineEdit))
        person.click(person.see(lambda: middle(name)))
        person.press("ctrl+a")
        person.type(str(path))
        person.wait_for("the whole name", lambda: name.text() == str(path))
        person.press("Return")
        person.wait_for("the dialog to close", lambda: not isinstance(_modal(), QFileDialog))


def _window() -> MainWindow | None:
    return next(
        (w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow) and w.isVisible()),
        None,
    )


def _modal() -> QDialog | None:
    return QApplication.activeModalWidget()  # type: ignore[return-value]


def _preview(dialog: object) -> bool:
    return hasattr(dialog, "accept_button")


def _chain(window: MainWindow) -> list[str]:
    network = window.store.project.network
    return [network.node(id).name for id in network.order if not network.node(id).fixed]


def _output(window: MainWindow):  # type: ignore[no-untyped-def]
    network = window.store.project.network
    return network.node(network.inputs(COST)[0])


def _tab(window: MainWindow, title: str) -> QPoint:
    from PySide6.QtWidgets import QTabBar

    for bar in window.findChildren(QTabBar):
        for index in range(bar.count()):
            if bar.isVisible() and bar.tabText(index).lower() == title.lower():
                return middle(bar, bar.tabRect(index))
    raise AssertionError(f"no tab {title}")


def _menu_title(window: MainWindow, title: str) -> QPoint:
    bar = window.menuBar()
    for action in bar.actions():
        if action.text().replace("&", "") == title:
            return middle(bar, bar.actionGeometry(action))
    raise AssertionError(f"no menu {title}")


def _menu_entry(title: str) -> QPoint | None:
    """Where an entry of the open menu, or submenu, is."""
    menu = QApplication.activePopupWidget()
    for action in menu.actions() if isinstance(menu, QMenu) else []:
        if action.text().replace("&", "") == title:
            rect: QRect = menu.actionGeometry(action)
            return middle(menu, rect)
    return None


def _button(box: QDialog, text: str) -> QPushButton:
    return next(b for b in box.findChildren(QPushButton) if b.text().replace("&", "") == text)


def _predictions(window: MainWindow) -> dict[str, np.ndarray]:
    """What the window's own network says of the training part, and the features as in the file."""
    from netbuilder.engine.program import Program

    dataset = window.store.dataset
    program = Program(window.store.compiled.plan, weights=window.bridge.learned().weights)
    X = dataset.train.X
    raw = X if dataset.scaling is None else dataset.scaling.undo(X)
    return {"X": raw, "Y_hat": program.predict(X), "Y": dataset.train.Y}


def _travel(folder: Path, pictures: bool, failures: list[str]) -> None:
    while QCoreApplication.instance() is None:
        threading.Event().wait(0.05)
    try:
        Journey(folder, pictures).walk()
    except BaseException:
        failures.append(traceback.format_exc())
        if pictures:
            Person().picture(str(folder / "failed.png"))
        # The window may be in any state: there is no polite way left.
        sys.stderr.write(failures[0])
        sys.stderr.flush()
        import os

        os._exit(1)


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if argument != "--pictures"]
    failures: list[str] = []
    traveller = threading.Thread(
        target=_travel, args=(Path(arguments[0]), "--pictures" in sys.argv, failures), daemon=True
    )
    traveller.start()
    code = main([])
    traveller.join(timeout=10)
    sys.exit(code)
