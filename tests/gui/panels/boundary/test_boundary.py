"""The decision boundary: colours, the line at one half, the data, the choice of features."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from netbuilder.document import templates
from netbuilder.document.model.project import DataChoice, Project
from netbuilder.gui.panels.boundary.features import telling_features
from netbuilder.gui.panels.boundary.panel import BoundaryPanel


def place(panel: BoundaryPanel, x: float, y: float) -> QPoint:
    return panel.plot.mapFromScene(panel.plot.box.mapViewToScene(QPointF(x, y)))


def plain(html: str) -> str:
    return re.sub("<[^>]*>", "", html.replace("<br>", "\n"))


@pytest.fixture
def panel(stage: Any) -> BoundaryPanel:
    """One unit that says 1 to the right of x1 = 0."""
    at = stage(templates.new_project(DataChoice(source="gaussians"), "1 sigmoid"))
    at.bridge.show_weights(n1_W=[[40.0, 0.0]])
    return at.panel(BoundaryPanel)


def without_points(panel: BoundaryPanel) -> Any:
    """The painted map alone."""
    panel._points.hide()
    panel._hollow.hide()
    return panel.plot.viewport().grab().toImage()


def test_each_side_has_the_colour_of_its_class(panel: BoundaryPanel) -> None:
    picture = without_points(panel)
    (left, right), (bottom, top) = panel.plot.box.viewRange()
    y = 0.7 * top + 0.3 * bottom
    zero = picture.pixelColor(place(panel, 0.8 * left, y))
    one = picture.pixelColor(place(panel, 0.8 * right, y))
    assert zero.red() > zero.blue() + 60, "class 0 is orange"
    assert one.blue() > one.red() + 60, "class 1 is blue"


def test_the_upper_half_is_at_the_top(stage: Any) -> None:
    at = stage(templates.new_project(DataChoice(source="gaussians"), "1 sigmoid"))
    at.bridge.show_weights(n1_W=[[0.0, 40.0]])
    panel = at.panel(BoundaryPanel)
    picture = without_points(panel)
    (left, right), (bottom, top) = panel.plot.box.viewRange()
    x = (left + right) / 2
    above = picture.pixelColor(place(panel, x, 0.8 * top))
    below = picture.pixelColor(place(panel, x, 0.8 * bottom))
    assert above.blue() > above.red() > 0
    assert below.red() > below.blue()


def test_the_line_lies_at_one_half(panel: BoundaryPanel) -> None:
    xs, ys = panel._line.getData()
    (left, right), (bottom, top) = panel.plot.box.viewRange()
    assert np.abs(xs).max() < (right - left) / 96
    assert ys.max() - ys.min() > 0.9 * (top - bottom)
    picture = without_points(panel)
    on_line = picture.pixelColor(place(panel, 0.0, top * 0.5))
    beside = picture.pixelColor(place(panel, right * 0.5, top * 0.5))
    assert on_line.lightness() < beside.lightness() - 40


def test_training_points_are_filled_and_validation_points_hollow(stage: Any) -> None:
    choice = DataChoice(source="gaussians", validation=0.4, examples=30)
    at = stage(templates.new_project(choice, "1 sigmoid"))
    panel = at.panel(BoundaryPanel)
    picture = panel.plot.viewport().grab().toImage()
    dataset = at.store.dataset
    classes = [QColor(color) for color in at.themes.theme.classes]

    def distance(point: np.ndarray, code: int) -> int:
        seen, wanted = picture.pixelColor(place(panel, *point)), classes[code]
        return max(
            abs(seen.red() - wanted.red()),
            abs(seen.green() - wanted.green()),
            abs(seen.blue() - wanted.blue()),
        )

    # A point that another one covers shows the other's colour: most must match, not all.
    train = [
        distance(x, int(y[0])) < 40 for x, y in zip(dataset.train.X, dataset.train.Y, strict=True)
    ]
    hollow = [
        distance(x, int(y[0])) > 60
        for x, y in zip(dataset.validation.X, dataset.validation.Y, strict=True)
    ]
    assert np.mean(train) > 0.6
    assert np.mean(hollow) > 0.6


def test_hover_tells_the_place_and_the_prediction(qtbot: Any, panel: BoundaryPanel) -> None:
    right = panel.plot.box.viewRange()[0][1]
    qtbot.mouseMove(panel.plot.viewport(), place(panel, 0.8 * right, 0.1))
    said = plain(panel.read_out.text())
    names = panel.store.dataset.info
    assert said.startswith(f"{names.feature_names[0]} = ")
    assert f"{names.class_names[1]}, 100.0 %" in said
    assert panel.rect().contains(panel.read_out.geometry())


def test_two_features_need_no_choice(panel: BoundaryPanel) -> None:
    assert not panel.across.isVisible()


def test_more_features_are_chosen_and_the_others_held_at_their_mean(
    qtbot: Any, stage: Any, iris: Project
) -> None:
    at = stage(iris)
    at.bridge.train(30, learning_rate=0.5)
    panel = at.panel(BoundaryPanel)
    info = at.store.dataset.info
    assert panel.across.isVisible()
    assert {panel.across.currentText(), panel.up.currentText()} == set(info.feature_names[2:])
    QTest.keyClick(panel.across, Qt.Key.Key_Home)
    assert panel.across.currentIndex() == 0
    qtbot.waitUntil(lambda: not panel.stale)
    look = at.cursor.look()
    up = panel.up.currentIndex()
    bounds, size = look.bounds((0, up)), panel._map.shape[-1]
    x = look.dataset.scaling.undo(look.dataset.train.X).mean(axis=0)
    x[0] = bounds.left + (bounds.right - bounds.left) / size / 2
    x[up] = bounds.top - (bounds.top - bounds.bottom) / size / 2
    expected = look._program().predict(look.dataset.scaling.apply(x)[None].astype("f4"))[0]
    assert panel._map[:, 0, 0] == pytest.approx(expected, abs=1e-5)


def test_one_feature_twice_swaps_the_axes(qtbot: Any, stage: Any, iris: Project) -> None:
    panel = stage(iris).panel(BoundaryPanel)
    across, up = panel.across.currentIndex(), panel.up.currentIndex()
    QTest.keyClick(panel.up, Qt.Key.Key_Up)
    assert (panel.across.currentIndex(), panel.up.currentIndex()) == (up, across)


def test_telling_features_leave_noise_aside(iris: Project, stage: Any) -> None:
    assert telling_features(stage(iris).store.dataset.train) == (2, 3)


def test_regression_is_a_map_of_values(qtbot: Any, stage: Any, plane: Project) -> None:
    at = stage(plane)
    at.bridge.train(300, learning_rate=0.1)
    panel = at.panel(BoundaryPanel)
    picture = without_points(panel)
    high = picture.pixelColor(place(panel, 0.9, -0.9))
    low = picture.pixelColor(place(panel, -0.9, 0.9))
    assert high.blue() > high.red() + 40
    assert low.red() > low.blue() + 40
    qtbot.mouseMove(panel.plot.viewport(), place(panel, 0.8, -0.8))
    assert "y ≈ 1." in plain(panel.read_out.text())


def test_a_map_of_values_is_blue_above_zero_and_orange_below(stage: Any, plane: Project) -> None:
    at = stage(plane)
    first, last = np.zeros((4, 2)), np.zeros((1, 4))
    first[0, 0] = last[0, 0] = 1.0  # tanh(x1)
    at.bridge.show_weights(n1_W=first, n2_W=last)
    panel = at.panel(BoundaryPanel)
    picture = without_points(panel)
    (left, right), (bottom, top) = panel.plot.box.viewRange()
    y = 0.7 * top + 0.3 * bottom
    below = picture.pixelColor(place(panel, 0.8 * left, y))
    above = picture.pixelColor(place(panel, 0.8 * right, y))
    assert above.blue() > above.red() + 20
    assert below.red() > below.blue() + 20


def test_points_are_plotted_anew_only_with_new_data(panel: BoundaryPanel, monkeypatch: Any) -> None:
    plotted: list[object] = []
    monkeypatch.setattr(panel._points, "setData", lambda **kw: plotted.append(kw))
    panel.bridge.train(2)
    panel.bridge.train(3)
    assert not plotted
    panel.themes.choose("dark")
    panel.refresh(panel.cursor_.look(), panel.bridge.last)
    assert len(plotted) == 1
