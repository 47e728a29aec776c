"""Check my homework: by menu or by a drop, off the window's thread, the first mistake named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from netbuilder.gui.window.homework_dialog import HomeworkDialog
from netbuilder.gui.window.import_dialog import ImportDialog
from netbuilder.gui.window.main_window import MainWindow
from netbuilder.lab.handed_in import is_homework
from netbuilder.lab.homework import case_of, steps
from netbuilder.lens.picture import Cell

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(standing_window: MainWindow, qtbot: Any) -> MainWindow:
    qtbot.waitUntil(lambda: standing_window.bridge.ready)
    return standing_window


@pytest.fixture
def dialog(window: MainWindow) -> Any:
    window.actions_["homework"].trigger()
    found = window.findChild(HomeworkDialog)
    assert found is not None and found.isVisible()
    yield found
    found.reject()


def arrays(window: MainWindow) -> dict[str, np.ndarray]:
    """All that is right at the weights in force."""
    plan, dataset = window.store.subject
    assert plan is not None and dataset is not None
    values: dict[str, np.ndarray] = {}
    for step in steps(case_of(window.store.project, plan, dataset)):
        values[step.name] = step.of(values)
    return values


def handed_in(path: Path, values: dict[str, np.ndarray]) -> Path:
    np.savez(path, **values)
    return path


def check(dialog: HomeworkDialog, path: Path) -> None:
    dialog.check(path)
    dialog._work._writer.finish()


def verdicts(dialog: HomeworkDialog) -> dict[str, str]:
    items = (dialog.rows.topLevelItem(k) for k in range(dialog.rows.topLevelItemCount()))
    return {item.text(0): item.text(3) for item in items if item is not None}


def test_right_homework_is_said_to_be_right(
    window: MainWindow, dialog: HomeworkDialog, monkeypatch: Any, tmp_path: Path
) -> None:
    path = handed_in(tmp_path / "mine.npz", arrays(window))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    QTest.mouseClick(dialog.choose, LEFT)
    dialog._work._writer.finish()
    assert "All of it is right, 25 of 25." in dialog.verdict.text()
    assert set(verdicts(dialog).values()) == {"right"}


def test_the_first_wrong_array_is_named_and_what_follows_is_grey(
    window: MainWindow, dialog: HomeworkDialog, tmp_path: Path
) -> None:
    values = arrays(window)
    m = window.store.dataset.train.m
    values["dW2"] = values["dW2"] * m
    rate = window.store.project.training.learning_rate
    values["W2_new"] = values["W2"] - rate * values["dW2"]
    check(dialog, handed_in(tmp_path / "mine.npz", values))
    QApplication.processEvents()
    assert "The first wrong array is dW2. The 1/m is missing" in dialog.verdict.text()
    assert f"m = {m} times" in dialog.verdict.text()
    found = verdicts(dialog)
    assert found["dW2"] == "the first wrong" and found["W2_new"] == "inherits the error"
    assert dialog.rows.currentItem().text(0) == "dW2" and dialog.map.isVisible()
    at = dialog.map.cell_rect(Cell(0, 1)).center()
    none = Qt.MouseButton.NoButton
    QApplication.sendEvent(
        dialog.map,
        QMouseEvent(
            QEvent.Type.MouseMove,
            at,
            dialog.map.mapToGlobal(at),
            none,
            none,
            Qt.KeyboardModifier.NoModifier,
        ),
    )
    assert dialog.read_out.text().startswith("dW2[1, 2]: yours ")
    red = dialog.map.grab().toImage()
    colors = {red.pixelColor(x, y).name() for x in range(30, 200, 7) for y in range(8, 60, 7)}
    assert len(colors) > 3, "the difference is not painted"


def test_a_wrong_shape_is_told(window: MainWindow, dialog: HomeworkDialog, tmp_path: Path) -> None:
    values = arrays(window)
    values["db1"] = values["db1"][:, 0]
    check(dialog, handed_in(tmp_path / "mine.npz", values))
    assert "expected (4, 1)" in dialog.verdict.text()
    assert "keepdims=True is missing" in dialog.verdict.text()


def test_the_exercise_may_begin_at_the_seed(
    window: MainWindow, dialog: HomeworkDialog, tmp_path: Path, qtbot: Any
) -> None:
    path = handed_in(tmp_path / "mine.npz", {"Z1": arrays(window)["Z1"]})
    window.bridge.step()
    qtbot.waitUntil(lambda: window.bridge.last is not None and window.bridge.last.step == 1)
    check(dialog, path)
    assert "The first wrong array is Z1" in dialog.verdict.text()
    QTest.mouseClick(dialog.start.chips["seed"], LEFT)
    dialog._work._writer.finish()
    assert "All of it is right, 1 of 1." in dialog.verdict.text()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.write_bytes(b"no arrays"), "cannot be read as arrays"),
        (lambda path: np.savez(path, nonsense=np.ones(3)), "no array to compare"),
    ],
)
def test_what_is_no_homework_is_told(
    dialog: HomeworkDialog, make: Callable[[Path], object], said: str, tmp_path: Path
) -> None:
    make(tmp_path / "mine.npz")
    check(dialog, tmp_path / "mine.npz")
    assert said in dialog.verdict.text()


def test_a_template_is_saved(dialog: HomeworkDialog, monkeypatch: Any, tmp_path: Path) -> None:
    path = tmp_path / "blank"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    QTest.mouseClick(dialog.template, LEFT)
    dialog._work._writer.finish()
    with np.load(tmp_path / "blank.npz") as written:
        assert written["W1"].shape == (4, 2) and np.isnan(written["dW1"]).all()
    assert "blank.npz has every array" in dialog.verdict.text()


def drop(target: QWidget, path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    at, copy, none = QPoint(300, 300), Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(target, QDragEnterEvent(at, copy, mime, LEFT, none))
    QApplication.sendEvent(target, QDropEvent(at, copy, mime, LEFT, none))


def test_homework_is_dropped_on_the_window_and_on_the_dialog(
    window: MainWindow, tmp_path: Path
) -> None:
    path = handed_in(tmp_path / "mine.npz", arrays(window))
    drop(window, path)
    window._looking.finish()
    dialog = window.findChild(HomeworkDialog)
    assert dialog is not None and dialog.isVisible()
    dialog._work._writer.finish()
    assert "All of it is right" in dialog.verdict.text()
    drop(dialog, handed_in(tmp_path / "other.npz", {"b1": np.ones((4, 1))}))
    dialog._work._writer.finish()
    assert "The first wrong array is b1" in dialog.verdict.text()
    dialog.reject()


def test_data_that_is_dropped_is_still_learned_from(
    window: MainWindow, imported: Callable[..., ImportDialog | None], tmp_path: Path
) -> None:
    path = handed_in(tmp_path / "data.npz", {"X": np.ones((8, 2)), "Y": np.arange(8) % 2})
    assert not is_homework(path) and not is_homework(tmp_path / "none.npz")
    drop(window, path)
    window._looking.finish()
    found = imported(window)
    assert found is not None
    found.reject()
