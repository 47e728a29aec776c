"""What the monkey does with newer parts: numbers, experiments, homework, other files."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QEventLoop, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QWidget

from netbuilder.errors import UserError
from netbuilder.exchange.formats import FORMATS
from netbuilder.exchange.trained import Trained
from netbuilder.gui.typed import type_number, value_of
from netbuilder.gui.units import Unit
from netbuilder.gui.window.gradient_dialog import GradientDialog
from netbuilder.gui.window.homework_dialog import HomeworkDialog
from netbuilder.gui.window.lab_gallery import LabGallery
from netbuilder.gui.window.main_window import MainWindow
from netbuilder.lab import handed_in
from netbuilder.lab.homework import case_of

LEFT = Qt.MouseButton.LeftButton


def rest(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec()


class Deeds:
    """By name; each leaves the window without a dialog of its own, and waits for its threads."""

    def __init__(self, window: MainWindow, folder: Path, dice: random.Random) -> None:
        self.window, self.folder, self.dice = window, folder, dice
        self.all: dict[str, Callable[[], object]] = {
            "type a number": self._type,
            "freeze": self._freeze,
            "choose a unit": self._unit,
            "predict": self._predict,
            "predict a file": self._predict_file,
            "experiment": self._experiment,
            "gradient check": self._gradients,
            "homework": self._homework,
            "microscope": self._microscope,
            "test file": self._test_file,
            "change the file": self._change_file,
            "export": self._export,
            "drop": self._drop,
        }

    def wait(self, busy: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + 60
        while busy():
            assert time.monotonic() < end, f"{what} takes for ever"
            rest(0.005)

    # --- touching ----------------------------------------------------------------------------

    def _type(self) -> None:
        """A number somewhere in the network that is seen; it may be refused in a sentence."""
        window = self.window
        look = window.cursor_.look()
        if look is None:
            return
        key = self.dice.choice(sorted(look.weights))
        index = tuple(self.dice.randrange(n) for n in look.weights[key].shape)
        text = self.dice.choice(("0", "-2.5", "1e9", "1e-30", "nan", "seven", "1e400"))
        rests = window.bridge.state in ("idle", "paused")
        try:
            type_number(window.store, window.cursor_, key, index, text)
        except UserError:
            return
        assert text in ("0", "-2.5", "1e9", "1e-30"), f"{text} is taken for a number"
        if rests:
            store, bridge = window.store, window.bridge
            self.wait(
                lambda: bridge.last is None or bridge.last.stretch is not store.stretch, "typing"
            )
            found, value = value_of(window.cursor_, key, index), np.float32(text)
            assert found is not None and np.float32(found) == value, f"{found} for {text}"

    def _freeze(self) -> None:
        network = self.window.store.project.network
        nodes = [node for node in network.nodes if hasattr(node.layer, "frozen")]
        if nodes:
            node = self.dice.choice(nodes)
            (setting,) = (s for s in node.layer.settings() if s.name == "frozen")
            layer = node.layer.with_settings(frozen=self.dice.choice(list(setting.choices)))
            self.window.store.edit(
                lambda p: p.with_network(p.network.set_layer(node.id, layer)), "frozen"
            )

    def _unit(self) -> None:
        units = self.window.cursor_.units
        ids = [node.id for node in self.window.store.project.network.nodes]
        unit = Unit(self.dice.choice(ids), self.dice.randrange(4))
        self.dice.choice((units.choose, units.point))(self.dice.choice((unit, unit, None)))

    # --- predicting --------------------------------------------------------------------------

    def _predict(self) -> None:
        panel = self.window.workspaces.panels["predict"]
        self.window.workspaces.docks["predict"].raise_()
        rest(0.01)
        chips = [c for c in (panel.typical, panel.example, panel.clear) if c.isVisible()]
        if chips and self.dice.random() < 0.5:
            self.dice.choice(chips).click()
        elif panel.drawing.isVisible():
            self._drag(panel.drawing)
        elif panel.form.rows:
            row = self.dice.choice(panel.form.rows)
            if hasattr(row, "field"):
                row.field.clear()
                QTest.keyClicks(
                    row.field, self.dice.choice(("", "-1.5", "1e308", "x", "-", "1e999"))
                )
            else:
                row.setCurrentIndex(self.dice.randrange(-1, row.count()))
        rest(0.01)

    def _drag(self, field: QWidget) -> None:
        spots = [
            QPoint(self.dice.randrange(field.width()), self.dice.randrange(field.height()))
            for _ in range(4)
        ]
        QTest.mousePress(field, LEFT, pos=spots[0])
        for spot in spots:
            QTest.mouseMove(field, spot)
        QTest.mouseRelease(field, LEFT, pos=spots[-1])

    def _predict_file(self) -> None:
        window = self.window
        look, file = window.cursor_.look(), window.workspaces.panels["predict"].file
        if look is None or file.busy:
            return
        project = window.store.project
        try:
            trained = Trained.of(look.plan, look.weights, look.dataset)
        except UserError:
            return
        out = self.folder / "predicted.csv"
        out.unlink(missing_ok=True)
        file.begin(self.data_file(), out, trained, project.training.dtype, project.data.reading)
        if self.dice.random() < 0.2:
            file.cancel()
        self.wait(lambda: file.busy, "predicting a file")
        told = file.told.text()
        assert "error in the program" not in told, told
        assert ("predictions are in" in told) == out.exists(), told

    # --- the course --------------------------------------------------------------------------

    def _experiment(self) -> None:
        self.window.show_lab()
        gallery = self._dialog(LabGallery)
        if self.dice.random() < 0.3:
            gallery.reject()
            return
        name = self.dice.choice(list(gallery.cards))
        gallery.cards[name].click()
        self._answer()
        assert self.window.store.project.experiment == name, f"{name} was not opened"

    def _answer(self) -> None:
        """What is asked before the document goes is answered: let it go."""
        box = self.window.documents.question
        if box is not None:
            (button,) = (b for b in box.buttons() if b.text() == "Don't save")
            button.click()

    def _gradients(self) -> None:
        action = self.window.actions_["gradient_check"]
        plan = self.window.store.compiled.plan
        if not action.isEnabled() or plan is None or plan.parameter_count > 2_000:
            return
        action.trigger()
        dialog = self._dialog(GradientDialog)
        for _ in range(self.dice.randrange(3)):
            dialog.fault.setCurrentIndex(self.dice.randrange(-1, max(1, dialog.fault.count())))
            self.dice.choice((dialog.plant, dialog.mend, dialog.stop)).click()
            rest(0.02)
        if self.dice.random() < 0.5:
            self.wait(lambda: dialog._work.busy, "the gradient check")
            if dialog.found and not dialog.planted:
                wrong = [one.name for one in dialog.found if one.verdict == "wrong"]
                assert not wrong, f"the gradient of {', '.join(wrong)} is wrong"
        dialog.reject()

    def _homework(self) -> None:
        """A template of the exercise is right as far as it goes."""
        window, path = self.window, self.folder / "homework.npz"
        plan, dataset = window.store.subject
        if plan is None or dataset is None or not window.actions_["homework"].isEnabled():
            return
        if plan.parameter_count > 10_000:
            return
        # Of what is no exercise of the course there is none; the old file will do.
        with contextlib.suppress(UserError):
            handed_in.save_template(path, case_of(window.store.project, plan, dataset))
        if path.exists():
            window.check_homework(path)
            dialog = self._dialog(HomeworkDialog)
            if self.dice.random() < 0.5:
                self.wait(lambda: dialog._work.busy, "homework")
                for k in range(dialog.rows.topLevelItemCount()):
                    dialog.rows.setCurrentItem(dialog.rows.topLevelItem(k))
            dialog.reject()

    def _dialog(self, kind: type[Any]) -> Any:
        found = [d for d in self.window.findChildren(kind) if d.isVisible()]
        assert len(found) == 1, f"{len(found)} of {kind.__name__}"
        return found[0]

    def _microscope(self) -> None:
        window = self.window
        window.workspaces.show("inside")
        window.bridge.pause()
        panel = window.workspaces.panels["microscope"]
        rest(0.05)
        for _ in range(self.dice.randrange(1, 6)):
            panel._press(self.dice.choice(("first", "back", "on", "on", "on", "last", "return")))
            page = panel.page
            if page.isVisible() and self.dice.random() < 0.5:
                spot = QPoint(self.dice.randrange(page.width()), self.dice.randrange(page.height()))
                QTest.mouseClick(page, LEFT, pos=spot)
            rest(0.005)

    # --- files -------------------------------------------------------------------------------

    def data_file(self, words: tuple[str, ...] = ("a", "b")) -> Path:
        """A file with the columns of the one that the monkey learns from, in another order."""
        path = self.folder / "test.csv"
        rows = (f"{self.dice.choice(words)},{k % 5},{k / 9:.2f},z" for k in range(20))
        path.write_text("kind,y,x,more\n" + "\n".join(rows))
        return path

    def _test_file(self) -> None:
        """Another file's examples as test part; refused where the columns are others."""
        window = self.window
        words = self.dice.choice((("a", "b"), ("yes", "no"), ("never", "seen")))
        window.documents.importing.start_test(self.data_file(words))
        if self.dice.random() < 0.7:
            self.wait(lambda: window.documents.importing.work.busy, "reading a test file")

    def _change_file(self) -> None:
        """The data's file is another one, or gone; what was read of it is read anew, or is not."""
        window, path = self.window, self.folder / "mine.csv"
        kind = self.dice.randrange(4)
        if kind == 0:
            path.unlink(missing_ok=True)
        elif kind == 1:
            path.write_bytes(self.dice.randbytes(100))
        else:
            names = self.dice.choice(("x,y,kind", "x,z,kind", "kind,y,x"))
            rows = (f"{k % 7},{k / 3:.1f},{'ab'[k % 2]}" for k in range(self.dice.randrange(1, 50)))
            path.write_text(f"{names}\n" + "\n".join(rows))
        if window.store.project.data.path and self.dice.random() < 0.6:
            window.documents.importing.read_anew()
            self.wait(lambda: window.documents.importing.work.busy, "reading anew")

    def _export(self) -> None:
        window = self.window
        plan = window.store.compiled.plan
        if plan is None or plan.parameter_count > 10_000:
            return
        found = self.dice.choice(list(FORMATS.values()))
        path = self.folder / f"out{found.suffix}"
        for old in self.folder.glob("out*"):
            old.unlink()
        window.documents.exporting.export(path, found.variant)
        self.wait(lambda: window.documents.exporting.busy, f"exporting {found.suffix}")

    def _drop(self) -> None:
        """A file on the window: data, homework, or what is neither."""
        window = self.window
        path = self.dice.choice((self.data_file(), self.folder / "homework.npz"))
        if not path.exists():
            return
        window._drop(path)
        self.wait(lambda: window._looking.busy, "looking into a file")
        importing = window.documents.importing
        self.wait(lambda: importing.work.busy, "importing")
        if importing.dialog is not None:
            dialog: QDialog = importing.dialog
            self.dice.choice((dialog.accept, dialog.reject))()
        for homework in window.findChildren(HomeworkDialog):
            homework.reject()
