"""The heatmap is touched: the chosen unit's row is framed, a click types a number."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from netbuilder.gui.panels.heatmaps.panel import HeatmapsPanel
from netbuilder.gui.units import Unit
from netbuilder.lens.picture import Cell


@pytest.fixture
def panel(stage: Any) -> HeatmapsPanel:
    at = stage()
    at.bridge.show_weights(n1_W=np.arange(8).reshape(4, 2) / 8)
    at.store.select(["n1"])
    return at.panel(HeatmapsPanel, width=420, height=300)


def framed(panel: HeatmapsPanel, row: int) -> bool:
    """Whether the row has a frame on its left edge."""
    accent = panel.themes.theme.color("accent")
    picture = panel.map.grab().toImage()
    place = panel.map.cell_rect(Cell(row, 0))
    middle = QPoint(round(place.left()), round(place.center().y()))
    return any(picture.pixelColor(middle + QPoint(dx, 0)) == accent for dx in range(-3, 4))


def test_the_row_of_the_chosen_unit_is_framed(panel: HeatmapsPanel, qtbot: Any) -> None:
    assert [framed(panel, row) for row in range(4)] == [False] * 4
    panel.cursor_.units.choose(Unit("n1", 2))
    qtbot.waitUntil(lambda: not panel.stale)
    assert [framed(panel, row) for row in range(4)] == [False, False, True, False]
    panel.cursor_.units.choose(None)
    qtbot.waitUntil(lambda: not panel.stale)
    assert not framed(panel, 2)


@pytest.mark.parametrize(
    ("cell", "key", "at", "label"),
    [
        (Cell(2, 1), "n1.W", (2, 1), "set W[1][3, 2] to 0.400"),
        (Cell(3, -1), "n1.b", (3, 0), "set b[1][4] to 0.400"),
    ],
)
def test_a_click_on_a_cell_types_its_number(
    panel: HeatmapsPanel, cell: Cell, key: str, at: tuple[int, int], label: str
) -> None:
    before = dict(panel.cursor_.look().weights)
    QTest.mouseClick(panel.map, Qt.MouseButton.LeftButton, pos=place(panel, cell))
    assert panel.field is not None
    assert float(panel.field.text()) == before[key][at]
    QTest.keyClicks(panel.field, "twice")
    QTest.keyClick(panel.field, Qt.Key.Key_Return)
    assert panel.field is not None, "refused"
    assert "−1e9 to 1e9" in panel.read_out.text()
    panel.field.selectAll()
    QTest.keyClicks(panel.field, "0.4")
    QTest.keyClick(panel.field, Qt.Key.Key_Return)
    assert panel.field is None
    assert panel.store.undo_label == label
    (typed,) = panel.store.stretch.learned.typed
    assert (typed.key, typed.at, typed.value) == (key, at, 0.4)
    assert panel.store.stretch.weights[key][at] == pytest.approx(0.4)


def place(panel: HeatmapsPanel, cell: Cell) -> QPoint:
    return panel.map.cell_rect(cell).center().toPoint()


def test_activations_and_gradients_are_not_typed(panel: HeatmapsPanel, qtbot: Any) -> None:
    for name in ("A", "dW"):
        QTest.mouseClick(panel.quantities.chips[name], Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: not panel.stale)
        QTest.mouseClick(panel.map, Qt.MouseButton.LeftButton, pos=place(panel, Cell(0, 0)))
        assert panel.field is None


def test_esc_leaves_the_number(panel: HeatmapsPanel) -> None:
    QTest.mouseClick(panel.map, Qt.MouseButton.LeftButton, pos=place(panel, Cell(0, 0)))
    QTest.keyClicks(panel.field, "9")
    QTest.keyClick(panel.field, Qt.Key.Key_Escape)
    assert panel.field is None
    assert not panel.store.can_undo
