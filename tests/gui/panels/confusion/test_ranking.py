"""ROC and precision-recall in the panel: the curves, the point at one half, words at the mouse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from netbuilder.document.model.project import Project
from netbuilder.gui.panels.confusion.panel import ConfusionPanel

LEFT = Qt.MouseButton.LeftButton


def choose(panel: ConfusionPanel, kind: str) -> None:
    QTest.mouseClick(panel.kind.chips[kind], LEFT)
    panel.look_now()


def test_the_roc_of_two_classes_has_its_point_at_one_half(stage: Any) -> None:
    at = stage()
    at.bridge.train(150)
    panel = at.panel(ConfusionPanel, 360, 300)
    assert panel.table.isVisible() and not panel.curves.isVisible()
    choose(panel, "roc")
    assert panel.curves.isVisible() and not panel.table.isVisible()
    look = at.cursor.look()
    (ranking,) = look.rankings()
    x, y = panel.curves._lines[0].getData()
    assert (x[0], y[0], x[-1], y[-1]) == (0, 0, 1, 1)
    assert float(np.trapezoid(y, x)) == pytest.approx(ranking.area, abs=0.005)
    counts = look.confusion()
    rates = counts[0, 1] / counts[0].sum(), counts[1, 1] / counts[1].sum()
    np.testing.assert_allclose(np.ravel(panel.curves.at_half.getData()), rates)
    plot, theme = panel.curves, at.themes.theme
    place = plot.mapFromScene(plot.box.mapViewToScene(QPointF(*rates)))
    seen = plot.viewport().grab().toImage().pixelColor(place)
    assert seen == QColor(theme.classes[1])
    QTest.mouseMove(plot.viewport(), place)
    assert panel.read_out.isVisible()
    assert f"AUC {ranking.area:.3f}" in panel.read_out.text()
    choose(panel, "precision")
    precision = counts[1, 1] / counts[:, 1].sum()
    np.testing.assert_allclose(np.ravel(plot.at_half.getData()), (rates[1], precision))


def test_of_several_classes_each_has_a_curve(stage: Any, iris: Project) -> None:
    at = stage(iris)
    at.bridge.train(5)
    panel = at.panel(ConfusionPanel, 360, 300)
    choose(panel, "precision")
    lines = [line for line in panel.curves._lines if line.isVisible()]
    assert len(lines) == 3
    colors = [line.opts["pen"].color().name() for line in lines]
    assert colors == [QColor(color).name() for color in at.themes.theme.classes[:3]]
    assert not len(panel.curves.at_half.data), "there is no one threshold"
    choose(panel, "counts")
    assert panel.table.isVisible()


def test_numbers_have_no_such_curves(stage: Any, plane: Project) -> None:
    panel = stage(plane).panel(ConfusionPanel)
    assert not panel.kind.isVisible() and not panel.curves.isVisible()
