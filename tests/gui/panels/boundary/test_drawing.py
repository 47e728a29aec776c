"""Drawing with the mouse: points appear, go, move, and a stroke is one step of undo."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from netbuilder.data import points
from netbuilder.document.model.datasets import table_of
from netbuilder.document.model.project import DataChoice
from netbuilder.document.templates import new_project
from netbuilder.gui.panels.boundary.panel import BoundaryPanel
from netbuilder.gui.widgets.plot import Plot

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NONE = Qt.KeyboardModifier.NoModifier


def place(plot: Plot, x: float, y: float) -> QPoint:
    return plot.mapFromScene(plot.box.mapViewToScene(QPointF(x, y)))


def moves(plot: Plot, x: float, y: float, button: Qt.MouseButton) -> None:
    to, view = QPointF(place(plot, x, y)), plot.viewport()
    kind, none = QEvent.Type.MouseMove, Qt.MouseButton.NoButton
    QApplication.sendEvent(view, QMouseEvent(kind, to, view.mapToGlobal(to), none, button, NONE))


def drag(plot: Plot, *path: tuple[float, float], button: Qt.MouseButton = LEFT) -> None:
    QTest.mousePress(plot.viewport(), button, NONE, place(plot, *path[0]))
    for at in path[1:]:
        moves(plot, *at, button)
    QTest.mouseRelease(plot.viewport(), button, NONE, place(plot, *path[-1]))


def on(stage: Any, source: str) -> tuple[Any, BoundaryPanel]:
    at = stage(new_project(DataChoice(source=source)))
    panel = at.panel(BoundaryPanel)
    if not panel.draw.isChecked():  # in an empty plane it is on already
        panel.draw.click()
    return at, panel


def values(at: Any) -> np.ndarray:
    return table_of(at.store.project.data).values


def test_an_empty_plane_is_drawn_in(stage: Any) -> None:
    at, panel = on(stage, "drawing")
    assert panel.sentence == "" and panel.plot.isVisible()
    assert panel.plot.box.viewRange() == [[-5, 5], [-5, 5]]
    drag(panel.plot, (-3, 2), (3, 2))
    found = values(at)
    assert len(found) > 5
    assert found[0, 0] == pytest.approx(-3, abs=0.1) and found[:, 1] == pytest.approx(2, abs=0.1)
    assert set(found[:, 2]) == {0}
    QTest.mouseClick(panel.tools.swatches[1], LEFT)
    QTest.mouseClick(panel.plot.viewport(), LEFT, NONE, place(panel.plot, 0, -3))
    assert values(at)[-1, 2] == 1
    assert at.store.dataset.info.m == len(found) + 1
    assert (at.store.undo_label, at.store.compiled.ok) == ("draw points", True)
    at.store.undo()
    assert len(values(at)) == len(found)
    at.store.undo()
    assert len(values(at)) == 0, "the whole stroke is one step"


def test_what_is_drawn_is_seen_at_once(stage: Any) -> None:
    at, panel = on(stage, "drawing")
    panel.tools.choose(1)
    QTest.mousePress(panel.plot.viewport(), LEFT, NONE, place(panel.plot, 1, 1))
    where = place(panel.plot, 1, 1)
    seen = panel.plot.viewport().grab().toImage().pixelColor(where)
    assert seen == QColor(at.themes.theme.classes[1])
    QTest.mouseRelease(panel.plot.viewport(), LEFT, NONE, where)


def test_a_stroke_tells_the_document_now_and_then_alone(stage: Any) -> None:
    at, panel = on(stage, "drawing")
    told: list[object] = []
    at.store.changed.connect(lambda old, new: told.append(new))
    drag(panel.plot, *((x / 10, 0.0) for x in range(-40, 41)))
    # The first point, so that there is something to train on; the end; and what time has passed.
    assert 2 <= len(told) <= 6
    assert len(values(at)) > 8


def test_the_right_button_and_the_rubber_erase(stage: Any) -> None:
    at, panel = on(stage, "drawing")
    drag(panel.plot, (-3, 2), (3, 2))
    drag(panel.plot, (-3, -2), (3, -2))
    drag(panel.plot, (-4, 2), (4, 2), button=RIGHT)
    assert (values(at)[:, 1] < 0).all() and len(values(at)) > 5
    assert at.store.undo_label == "erase points"
    QTest.mouseClick(panel.tools.rubber, LEFT)
    drag(panel.plot, (-4, -2), (4, -2))
    assert len(values(at)) == 0
    at.store.undo()
    at.store.undo()
    assert {round(y) for y in values(at)[:, 1]} == {-2, 2}


def test_a_point_is_taken_along(stage: Any) -> None:
    at, panel = on(stage, "drawing")
    QTest.mouseClick(panel.plot.viewport(), LEFT, NONE, place(panel.plot, 0, 0))
    drag(panel.plot, (0, 0), (1, 1), (3, 2))
    assert values(at).tolist() == [pytest.approx([3, 2, 0], abs=0.15)]
    assert at.store.undo_label == "move a point"


def test_on_a_toy_set_the_plane_stays_and_its_network_too(stage: Any) -> None:
    at, panel = on(stage, "moons")
    seen, network = panel.plot.box.viewRange(), at.store.project.network
    drag(panel.plot, (-1, -2), (1, -2))
    assert len(values(at)) > 400
    at.bridge.train(1)
    at.qtbot.waitUntil(lambda: not panel.stale)
    assert np.allclose(panel.plot.box.viewRange(), seen)
    assert at.store.project.network is network
    assert panel._points.isVisible() and not panel.pencil.busy


def test_one_more_class(stage: Any) -> None:
    at, panel = on(stage, "moons")
    QTest.mouseClick(panel.tools.more, LEFT)
    assert (at.store.dataset.info.n_y, at.store.undo_label) == (3, "add class 2")
    assert at.store.compiled.ok
    QTest.mouseClick(panel.plot.viewport(), LEFT, NONE, place(panel.plot, 0.0, 2.9))
    assert values(at)[-1, 2] == 2


def test_a_curve_is_drawn(stage: Any) -> None:
    at, panel = on(stage, "drawn_curve")
    assert panel.curve.isVisible() and not panel.tools.value.isVisible()
    drag(panel.curve, (-3, -2), (0, 1), (3, 2))
    found = values(at)
    assert found[0] == pytest.approx([-3, -2], abs=0.15)
    assert (np.diff(found[:, 0]) > 0).all()
    assert at.store.dataset.info.task == "regression"
    at.bridge.train(1)
    at.qtbot.waitUntil(lambda: not panel.stale)
    assert panel.curve.box.viewRange() == [[-5, 5], [-5, 5]]


def test_values_come_from_the_slider(stage: Any) -> None:
    at, panel = on(stage, "drawn_values")
    panel.tools.value.setValue(0)
    QTest.mouseClick(panel.plot.viewport(), LEFT, NONE, place(panel.plot, 1, 1))
    panel.tools.value.setValue(panel.tools.value.maximum())
    QTest.mouseClick(panel.plot.viewport(), LEFT, NONE, place(panel.plot, -1, 1))
    assert values(at)[:, 2].tolist() == [-5, 5]


def test_erasing_all_is_one_step(stage: Any) -> None:
    at, panel = on(stage, "moons")
    QTest.mouseClick(panel.tools.empty, LEFT)
    assert len(values(at)) == 0 and at.store.dataset is None
    assert panel.sentence == ""
    at.store.undo()
    assert len(values(at)) == 400


def test_undo_in_the_middle_of_a_stroke_ends_it(stage: Any) -> None:
    at, panel = on(stage, "drawing")
    QTest.mousePress(panel.plot.viewport(), LEFT, NONE, place(panel.plot, 0, 0))
    at.store.undo()
    moves(panel.plot, 3, 3, LEFT)
    QTest.mouseRelease(panel.plot.viewport(), LEFT, NONE, place(panel.plot, 3, 3))
    assert len(values(at)) == 0


def test_without_the_pencil_the_mouse_only_points(stage: Any) -> None:
    at, panel = on(stage, "moons")
    panel.draw.click()
    drag(panel.plot, (-1, -2), (1, -2))
    assert at.store.project.data.table is None
    assert panel.legend.isVisible() and not panel.tools.isVisible()


def test_data_that_is_no_drawing_has_no_pencil(stage: Any, iris: Any) -> None:
    panel = stage(iris).panel(BoundaryPanel)
    assert not panel.draw.isVisible()


def test_a_full_drawing_takes_no_more(stage: Any) -> None:
    at, panel = on(stage, "drawing")
    table = points.added(table_of(at.store.project.data), np.zeros((points.MOST, 2)), 0)
    from netbuilder.document.check.drawing import drawn

    at.store.commit(drawn(at.store.project, table), "draw points")
    QTest.mouseClick(panel.plot.viewport(), LEFT, NONE, place(panel.plot, 3, 3))
    assert len(values(at)) == points.MOST
