"""A unit under the mouse takes over the map; leaving it brings the output back."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from netbuilder.document import templates
from netbuilder.document.model.network import DATA
from netbuilder.document.model.project import DataChoice
from netbuilder.gui.panels.boundary.panel import BoundaryPanel
from netbuilder.gui.units import Unit


@pytest.fixture
def panel(stage: Any) -> BoundaryPanel:
    """The output is 1 to the right; the second unit is high at the top, and has a bias."""
    at = stage(templates.new_project(DataChoice(source="gaussians"), "2 tanh, 1 sigmoid"))
    at.bridge.show_weights(
        n1_W=[[40.0, 0.0], [0.0, 40.0]], n1_b=[[0.0], [0.25]], n2_W=[[40.0, 0.0]]
    )
    return at.panel(BoundaryPanel)


def look_at(panel: BoundaryPanel, unit: Unit | None, qtbot: Any) -> str:
    panel.cursor_.units.point(unit)
    qtbot.waitUntil(lambda: not panel.stale)
    return re.sub("<[^>]*>", "", panel.legend.text())


def colors(panel: BoundaryPanel) -> list[bool]:
    """Whether the right, the upper and the left middle of the map are blue."""
    panel._points.hide()
    panel._hollow.hide()
    picture = panel.plot.viewport().grab().toImage()
    (left, right), (bottom, top) = panel.plot.box.viewRange()
    places = (0.9 * right, 0.5 * bottom), (0.1 * right, 0.9 * top), (0.9 * left, 0.5 * bottom)
    found = []
    for x, y in places:
        at = panel.plot.mapFromScene(panel.plot.box.mapViewToScene(QPointF(x, y)))
        color = picture.pixelColor(at)
        found.append(color.blue() > color.red())
    return found


def test_the_unit_takes_over_and_the_output_comes_back(panel: BoundaryPanel, qtbot: Any) -> None:
    before = panel.legend.text()
    assert colors(panel) == [True, True, False]
    assert look_at(panel, Unit("n1", 1), qtbot) == "Unit 2 of Dense 1 · b[1][2] = 0.250 · Tanh"
    assert colors(panel) == [False, True, False]
    assert len(panel._line.getData()[0]) == 0, "a unit decides nothing"
    assert look_at(panel, Unit(DATA, 0), qtbot) == "Feature x1"
    assert colors(panel) == [True, True, False]
    look_at(panel, None, qtbot)
    assert panel.legend.text() == before
    assert len(panel._line.getData()[0])


def test_what_is_not_there_at_this_moment_leaves_the_output(
    panel: BoundaryPanel, qtbot: Any
) -> None:
    before = panel.legend.text()
    for unit in (Unit("n1", 7), Unit("n9", 0), Unit("cost", 0)):
        panel.cursor_.units.pointed = unit
        panel.look_now()
        assert panel.legend.text() == before


def test_the_map_is_the_units_own(panel: BoundaryPanel) -> None:
    look = panel.cursor_.look()
    maps = look.maps(96)
    for unit in (0, 1):
        assert np.array_equal(look.unit_map("n1", unit), maps["n1"][unit])
