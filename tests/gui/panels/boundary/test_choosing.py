"""Points of the boundary and of the curve: wrong ones are ringed, and a click chooses one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from netbuilder.data.table import Table
from netbuilder.document import templates
from netbuilder.document.model.project import FILE, DataChoice
from netbuilder.gui.panels.boundary.panel import BoundaryPanel
from netbuilder.gui.widgets.plot import Plot
from netbuilder.lens.cases import Example

LEFT = Qt.MouseButton.LeftButton


def place(plot: Plot, x: float, y: float) -> QPoint:
    return plot.mapFromScene(plot.box.mapViewToScene(QPointF(x, y)))


@pytest.fixture
def panel(stage: Any) -> BoundaryPanel:
    """One unit that says 1 to the right of x1 = 0, though the clouds do not lie quite so."""
    choice = DataChoice(source="gaussians", examples=40, validation=0.2, noise=2.0)
    at = stage(templates.new_project(choice, "1 sigmoid"))
    at.bridge.show_weights(n1_W=[[40.0, 0.0]])
    return at.panel(BoundaryPanel)


def apart(dataset: Any) -> int:
    """The training example farthest from all others."""
    X = dataset.train.X
    away = np.linalg.norm(X[:, None] - X, axis=2) + 99 * np.eye(len(X))
    return int(away.min(axis=1).argmax())


def test_wrong_points_are_ringed(panel: BoundaryPanel) -> None:
    dataset = panel.store.dataset
    wrong = [
        tuple(np.round(x, 6))
        for part in (dataset.train, dataset.validation)
        for x, y in zip(part.X, part.Y, strict=True)
        if (x[0] > 0) != (y[0] > 0.5)
    ]
    xs, ys = panel.marks.wrong.getData()
    assert wrong and {tuple(np.round(at, 6)) for at in zip(xs, ys, strict=True)} == set(wrong)
    picture = panel.plot.viewport().grab().toImage()
    at, color = place(panel.plot, xs[0], ys[0]), panel.themes.theme.color("error")
    near = [picture.pixelColor(at.x() + dx, at.y() + dy) for dx in (-5, 5) for dy in range(-3, 4)]
    assert any(abs(c.red() - color.red()) + abs(c.blue() - color.blue()) < 90 for c in near)
    assert "wrong" in panel.legend.text()


def test_rings_follow_the_training(panel: BoundaryPanel, stage: Any) -> None:
    before = len(panel.marks.wrong.data)
    panel.bridge.show_weights(n1_W=[[-40.0, 0.0]])
    dataset = panel.store.dataset
    assert len(panel.marks.wrong.data) == dataset.train.m + dataset.validation.m - before


def test_a_click_chooses_a_point_and_a_second_one_lets_go(panel: BoundaryPanel) -> None:
    dataset, examples = panel.store.dataset, panel.cursor_.examples
    row = apart(dataset)
    at = place(panel.plot, *dataset.train.X[row])
    before = panel.plot.viewport().grab().toImage()
    QTest.mouseClick(panel.plot.viewport(), LEFT, pos=at + QPoint(3, 2))
    assert examples.chosen == Example("train", row)
    panel.look_now()
    np.testing.assert_allclose(np.ravel(panel.marks.chosen.getData()), dataset.train.X[row])
    ring = panel.plot.viewport().grab().toImage()
    around = [at + QPoint(8, 0), at - QPoint(8, 0), at + QPoint(0, 8), at - QPoint(0, 8)]
    assert any(
        ring.pixelColor(p).lightness() < before.pixelColor(p).lightness() - 60 for p in around
    )
    QTest.mouseClick(panel.plot.viewport(), LEFT, pos=at)
    panel.look_now()
    assert examples.chosen is None and not len(panel.marks.chosen.data)


def test_a_click_beside_all_points_chooses_nothing(panel: BoundaryPanel) -> None:
    (left, _), (bottom, _) = panel.plot.box.viewRange()
    QTest.mouseClick(panel.plot.viewport(), LEFT, pos=place(panel.plot, left, bottom))
    assert panel.cursor_.examples.chosen is None


def test_after_a_click_the_panel_has_the_keys(panel: BoundaryPanel) -> None:
    dataset, examples = panel.store.dataset, panel.cursor_.examples
    row = apart(dataset)
    QTest.mouseClick(panel.plot.viewport(), LEFT, pos=place(panel.plot, *dataset.train.X[row]))
    assert panel.hasFocus()
    QTest.keyClick(panel, Qt.Key.Key_Right)
    assert examples.chosen == Example("train", (row + 1) % dataset.train.m)
    QTest.keyClick(panel, Qt.Key.Key_Escape)
    assert examples.chosen is None


def test_a_point_of_the_curve_is_chosen_too(stage: Any) -> None:
    x = np.linspace(-1, 1, 20)[:, None]
    table = Table(np.hstack([x, x**2]), ("x", "y"), targets=("y",), name="square")
    choice = DataChoice(source=FILE, path="square.npz", table=table)
    panel = stage(templates.new_project(choice, "2 tanh, 1 linear")).panel(BoundaryPanel)
    dataset = panel.store.dataset
    y = dataset.in_units(dataset.train.Y)[4, 0]
    raw = (
        dataset.train.X[4] if dataset.scaling is None else dataset.scaling.undo(dataset.train.X)[4]
    )
    at = place(panel.curve, raw[0], y)
    QTest.mouseClick(panel.curve.viewport(), LEFT, pos=at)
    assert panel.cursor_.examples.chosen == Example("train", 4)
    assert not len(panel.curve.marks.wrong.data), "of numbers none is wrong"
